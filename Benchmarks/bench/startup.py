"""How long a peer takes from its start to its first minted token."""

import statistics

from . import peers

STARTS = 5


def measure(place, all_peers, starts=STARTS):
    seconds = {peer: [] for peer in all_peers}
    for number in range(starts):
        for peer in all_peers:
            with peer.start(place) as process:
                seconds[peer].append(peers.wait_until_minting(peer, process, place, 0xF0000000 + number))
    return {peer: statistics.median(list) for peer, list in seconds.items()}
