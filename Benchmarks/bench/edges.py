"""What nobody publishes: the moment an access token runs out, a token endpoint that is down, bad keys, and long runs."""

import json
import os
import subprocess
import threading
import time

from . import load, peers, steady
from .failure import Failure
from .identity import Identity
from .process import Process

CALLERS = 512
EDGE_SECONDS = 30
EDGE_LIFETIME = 12
DOWN_SECONDS = 30
DOWN_LIFETIME = 20
KEY_SECONDS = 5
MILLION = 1_000_000


def measure(place):
    found = []
    with Identity(place.token) as identity:
        for part in (expiry, outage, bad_keys, bad_keys_flat, lookups, read_first, flat):
            print(f"Measuring: {part.__doc__}", flush=True)
            found.append(part(place, identity))
    return found


def _gateway(place, identity, **settings):
    environment = peers.gateway_environment(place) | settings
    environment["AZURE_AUTHORITY_HOST"] = f"http://127.0.0.1:{identity.port}"
    return Process([peers.gateway_path(), "serve"], place.folder, environment, log="gateway-edge.log")


def _envoy(place, identity, **_):
    with open(place.path("envoy.yaml")) as file:
        text = file.read()
    path = place.path("envoy-edge.yaml")
    with open(path, "w") as file:
        file.write(text.replace(str(peers.IDENTITY_PORT), str(identity.port)))
    return Process(
        [peers.envoy_path(), "-c", path, "--concurrency", "2", "-l", "warning", "--use-dynamic-base-id"],
        place.folder,
        log="envoy-edge.log",
    )


class _Started:
    """A peer, started anew and minting."""

    def __init__(self, peer, place, identity, **settings):
        self.peer = peer
        self.place = place
        self.process = (_gateway if peer is peers.GATEWAY else _envoy)(place, identity, **settings)

    def __enter__(self):
        peers.wait_until_minting(self.peer, self.process, self.place, 0xF2000000)
        return self

    def drive(self, connections, seconds, first=0, **more):
        return load.drive(self.peer, self.process, self.place, connections, seconds, 90_000, first=first, **more)

    def __exit__(self, *_):
        self.process.stop()


BOTH = (peers.GATEWAY, peers.ENVOY)


def expiry(place, identity):
    """512 callers while access tokens run out."""
    rows = []
    for peer in BOTH:
        identity.lifetime = 3599
        with _Started(peer, place, identity) as started:
            calm = started.drive(CALLERS, EDGE_SECONDS)
        identity.lifetime = EDGE_LIFETIME
        with _Started(peer, place, identity) as started:
            before = len(identity.calls)
            run = started.drive(CALLERS, EDGE_SECONDS)
            calls = len(identity.calls) - before
        rows.append(
            [
                peer.name, calls, f"{run.requests:,}", run.status_errors + run.socket_errors,
                f"{calm.p99 / 1000:.1f} ms", f"{run.p99 / 1000:.1f} ms", f"{run.p99 / calm.p99:.2f}",
            ]
        )
    identity.lifetime = 3599
    return (
        "When access tokens run out",
        f"{CALLERS} connections for {EDGE_SECONDS} s, while each access token lives {EDGE_LIFETIME} s. The token endpoint"
        " counts how often it is asked; the ratio compares with a run in which one token lasts.",
        ["peer", "token calls", "requests", "failed", "p99 with one token", "p99 with the edges", "ratio"],
        rows,
    )


def outage(place, identity):
    """A token endpoint that is down for 30 s."""
    rows = []
    for peer in BOTH:
        identity.lifetime = DOWN_LIFETIME
        with _Started(peer, place, identity) as started:
            identity.is_down = True
            down_from = time.monotonic()
            before = len(identity.calls)
            up = threading.Timer(DOWN_SECONDS, lambda: setattr(identity, "is_down", False))
            up.start()
            failed_from = _wait_for(started, lambda status: status != peer.created, DOWN_SECONDS)
            served_again = None
            if failed_from:
                served_again = _wait_for(started, lambda status: status == peer.created, DOWN_SECONDS + 60)
            up.join()
            calls = len(identity.calls) - before
        rows.append(
            [
                peer.name, f"{(failed_from - down_from):.0f} s" if failed_from else "to the end", calls,
                f"{max(0.0, served_again - down_from - DOWN_SECONDS):.1f} s" if served_again else "–",
            ]
        )
    identity.lifetime = 3599
    return (
        "A token endpoint that is down",
        f"It answers 503 for {DOWN_SECONDS} s, from the moment a token was fetched that lives {DOWN_LIFETIME} s."
        " A caller asks ten times a second.",
        ["peer", "served after the outage began for", "token calls meanwhile", "served again after its end within"],
        rows,
    )


def _wait_for(started, is_so, seconds):
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        if is_so(peers.mint(started.peer, started.place, 0xF4000000 + number)):
            return time.monotonic()
        time.sleep(0.1)
    return None


def bad_keys(place, identity):
    """Callers with a wrong key."""
    rows = []
    for peer in (*BOTH, peers.NGINX):
        process = peer.start(place) if peer is peers.NGINX else None
        if process:
            peers.wait_until_minting(peer, process, place, 0xF2000000)
            run = load.drive(peer, process, place, 32, KEY_SECONDS, 90_000, key="wrong-" + place.key)
            process.stop()
        else:
            with _Started(peer, place, identity, HTTP_MAX_BAD_KEYS="off") as started:
                run = started.drive(32, KEY_SECONDS, key="wrong-" + place.key)
        rows.append(
            [
                peer.name, f"{run.per_second:,.0f}", f"{run.cpu_microseconds:.0f} µs", f"{run.p99 / 1000:.2f} ms",
                f"{run.requests - run.status_errors}", run.upstream_requests,
            ]
        )
    return (
        "Callers with a wrong key",
        f"32 connections for {KEY_SECONDS} s, and no limit for wrong keys. Nothing of it may reach the upstream.",
        ["peer", "refused per second", "CPU per refusal", "p99", "let through", "requests upstream"],
        rows,
    )


def bad_keys_flat(place, identity):
    """Memory over a million wrong keys."""
    rows = []
    with _Started(peers.GATEWAY, place, identity) as started:
        run = started.drive(32, KEY_SECONDS, key="wrong-" + place.key)
        rows.append([f"after the first {run.requests:,}", f"{run.megabytes:.1f} MB"])
        done = 0
        while done < MILLION:
            run = started.drive(32, 15, key="wrong-" + place.key)
            done += run.requests
            rows.append([f"after {done:,} more", f"{run.megabytes:.1f} MB"])
    return (
        "Memory over a million wrong keys",
        "The gateway's resident memory at 32 connections. Above its limit for wrong keys it answers 429.",
        ["when", "resident"],
        rows,
    )


def lookups(place, identity):
    """How long it takes to know a key."""
    path = os.path.join(os.path.dirname(peers.gateway_path()), "key-ring-bench")
    if not os.path.exists(path):
        raise Failure(f"{path} is not there")
    rings = json.loads(subprocess.run([path], check=True, capture_output=True, text=True).stdout)
    kinds = list(rings[0]["nanoseconds"])
    rows = []
    for ring in rings:
        rows.append([f"{ring['keys']:,}"] + [f"{ring['nanoseconds'][kind]:,.0f} ns" for kind in kinds])
        for name in ("wrongMinusUnknown", "unknownMinusUnknown"):
            gap = ring[name]
            rows[-1].append(
                f"{gap['median']:+.1f} ns ({gap['low']:+.1f} to {gap['high']:+.1f}), {gap['longer']} of {gap['pairs']}"
            )
    return (
        "How long it takes to know a key",
        "One thread; medians of blocks of 500 keys that were never presented before, the kinds in turn and in another order each"
        " time. The last two columns compare blocks: a known id with a wrong secret with an unknown id, and for control unknown"
        " ids with others; the median difference of a lookup, its middle half, and how often the former took longer, which is"
        " half of the times where nothing can be learned from it.",
        ["keys in the ring"] + kinds + ["wrong secret − unknown id", "unknown id − unknown id"],
        rows,
    )


def read_first(place, identity):
    """Creations before which the profile has to be read."""
    with _Started(peers.GATEWAY, place, identity) as started:
        run = started.drive(32, KEY_SECONDS)
    return (
        "Creations before which the profile has to be read",
        "32 connections, each request for a profile that this process has not minted on yet: the gateway reads it first, so"
        " that a lost answer can be told from another's token. Two requests upstream for each.",
        ["peer", "requests/s", "CPU per request", "p99", "requests upstream for each"],
        [
            [
                "gateway", f"{run.per_second:,.0f}", f"{run.cpu_microseconds:.0f} µs", f"{run.p99 / 1000:.2f} ms",
                f"{run.upstream_requests / run.requests:.2f}",
            ]
        ],
    )


def flat(place, identity):
    """Memory over a million requests."""
    rows = []
    with _Started(peers.GATEWAY, place, identity) as started:
        # What it remembers of profiles grows to its bound first.
        steady.warm(peers.GATEWAY, started.process, place)
        rows.append(["after the warm-up", f"{started.process.resident_megabytes():.1f} MB"])
        done, step = 0, 0
        while done < MILLION:
            run = started.drive(32, 15)
            done += run.requests
            step += 1
            if done >= MILLION or step % 3 == 0:
                rows.append([f"after {done:,} more", f"{run.megabytes:.1f} MB"])
    return (
        "Memory over a million requests",
        "The gateway's resident memory at 32 connections.",
        ["when", "resident"],
        rows,
    )
