"""The core table: the peers in turn, over and over, at each number of connections."""

import statistics
import sys
import time

from . import load, peers
from .failure import Failure

CONNECTIONS = [1, 8, 32, 128, 512]
ROUNDS = 5
SECONDS = 4
# The gateway reads a profile before it creates a token there again within 15 s: so that one call is one request for all
# peers, a profile comes up again only after longer (see README.md).
PROFILE_REST = 16
WARM_VALIDITY = 90_000
# More than a run of a few seconds uses, and fewer than the gateway remembers at a time (100,000).
WARM_PROFILES = 90_000
VALIDITY_STEP = 1_000


class Steady:
    """All runs of one peer, and what is quoted of them: medians."""

    def __init__(self, runs):
        self.runs = runs

    def median(self, connections, value):
        return statistics.median(value(run) for run in self.runs if run.connections == connections)

    def throughput(self, connections):
        return self.median(connections, lambda run: run.per_second)

    def cpu(self, connections):
        return self.median(connections, lambda run: run.cpu_microseconds)

    def failed(self, connections):
        return sum(run.failed for run in self.runs if run.connections == connections)

    def surplus(self, connections):
        return sum(run.surplus for run in self.runs if run.connections == connections)

    def p50(self, connections):
        return self.median(connections, lambda run: run.p50)

    def p99(self, connections):
        return self.median(connections, lambda run: run.p99)

    def megabytes(self, connections):
        return max(run.megabytes for run in self.runs if run.connections == connections)


def warm(peer, process, place, seconds=10):
    """Each profile that the runs will use is minted on once; the first time costs the gateway a read."""
    run = load.drive(peer, process, place, 64, seconds, WARM_VALIDITY, profiles=WARM_PROFILES)
    if run.status_errors or run.socket_errors:
        raise Failure(f"{peer.name} failed while it was warmed up: {run.status_errors} errors")
    return run


def measure(place, processes, connections=None, rounds=ROUNDS, seconds=SECONDS, say=print):
    runs = {peer: [] for peer in processes}
    for peer, process in processes.items():
        warm(peer, process, place)
    rested = time.monotonic() + PROFILE_REST
    validity = WARM_VALIDITY
    for number in range(rounds):
        for count in connections or CONNECTIONS:
            # A B C, then C B A: who comes first is no advantage.
            order = list(processes) if number % 2 == 0 else list(reversed(processes))
            for peer in order:
                if peer is peers.GATEWAY:
                    time.sleep(max(0, rested - time.monotonic()))
                validity += VALIDITY_STEP
                run = load.drive(peer, processes[peer], place, count, seconds, validity)
                run.check(peer.name, strictly=peer is peers.GATEWAY)
                if peer is peers.GATEWAY:
                    rested = time.monotonic() + PROFILE_REST
                runs[peer].append(run)
                say(
                    f"  round {number + 1}  {count:4} connections  {peer.name:8} {run.per_second:8.0f}/s"
                    f"  CPU {run.cpu_microseconds:6.1f} µs  p50 {run.p50 / 1000:7.2f} ms  p99 {run.p99 / 1000:7.2f} ms"
                )
                sys.stdout.flush()
    return {peer: Steady(list) for peer, list in runs.items()}
