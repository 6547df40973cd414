"""What nobody publishes: the moment an access token runs out, a token endpoint that is down, bad keys, and long runs."""

import threading
import time

from . import load, peers, steady
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
        for part in (expiry, outage, bad_keys, read_first, flat):
            print(f"Measuring: {part.__doc__}", flush=True)
            found.append(part(place, identity))
    return found


def _gateway(place, identity):
    environment = peers.gateway_environment(place)
    environment["AZURE_AUTHORITY_HOST"] = f"http://127.0.0.1:{identity.port}"
    return Process([peers.gateway_path(), "serve"], place.folder, environment, log="gateway-edge.log")


def _envoy(place, identity):
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

    def __init__(self, peer, place, identity):
        self.peer = peer
        self.place = place
        self.process = (_gateway if peer is peers.GATEWAY else _envoy)(place, identity)

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
            with _Started(peer, place, identity) as started:
                run = started.drive(32, KEY_SECONDS, key="wrong-" + place.key)
        rows.append(
            [
                peer.name, f"{run.per_second:,.0f}", f"{run.cpu_microseconds:.0f} µs", f"{run.p99 / 1000:.2f} ms",
                f"{run.requests - run.status_errors}", run.upstream_requests,
            ]
        )
    return (
        "Callers with a wrong key",
        f"32 connections for {KEY_SECONDS} s. Nothing of it may reach the upstream.",
        ["peer", "refused per second", "CPU per refusal", "p99", "let through", "requests upstream"],
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
