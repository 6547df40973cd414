"""Gateways that differ in one setting, driven in turn in many short rounds: for what is less than one run differs from the next by."""

import contextlib
import statistics
import time

from . import load, peers, steady
from .process import Process

CONNECTIONS = [1, 32, 128]
SECONDS = 2
SHORT_ROUNDS = 4
WARM_SECONDS = 12
# The profiles that are known are used in turn, so that one half rests while the other one is used.
PARTS = 2
PART = steady.WARM_PROFILES // PARTS


class Variant:
    """A gateway with these settings, and what goes on beside it while it is driven."""

    def __init__(self, name, port, beside=contextlib.nullcontext, **settings):
        self.beside = beside
        self.settings = settings
        self.peer = peers.Peer(name, port, 201, self._start)

    @property
    def management_port(self):
        return self.peer.port + 50

    def _start(self, place):
        environment = peers.gateway_environment(
            place, HTTP_PORT=str(self.peer.port), MANAGEMENT_PORT=str(self.management_port), **self.settings
        )
        return Process([peers.gateway_path(), "serve"], place.folder, environment, log=f"variant-{self.peer.port}.log")


def short_rounds(rounds, seconds):
    """As many short rounds as take as long as so many of so many seconds."""
    return max(1, rounds * SHORT_ROUNDS * seconds // steady.SECONDS)


def drive(place, variants, processes, rounds):
    runs = {variant: [] for variant in variants}
    rested = {}
    for variant in variants:
        steady.warm(variant.peer, processes[variant.peer], place, WARM_SECONDS)
        for part in range(PARTS):
            rested[variant, part] = time.monotonic() + steady.PROFILE_REST
    validity = steady.WARM_VALIDITY
    for number in range(rounds):
        for count in CONNECTIONS:
            # A B C, B C A, C A B, and each of them backwards: neither a place nor a neighbour is an advantage.
            turn = number % len(variants)
            part = (number * len(CONNECTIONS) + CONNECTIONS.index(count)) % PARTS
            order = variants[turn:] + variants[:turn]
            for variant in order if number % 2 == 0 else reversed(order):
                time.sleep(max(0, rested[variant, part] - time.monotonic()))
                validity += steady.VALIDITY_STEP
                run = _run(variant, processes[variant.peer], place, count, validity, part * PART)
                rested[variant, part] = time.monotonic() + steady.PROFILE_REST
                runs[variant].append(run)
                print(
                    f"  round {number + 1}  {count:4} connections  {variant.peer.name:28} {run.per_second:8.0f}/s"
                    f"  CPU {run.cpu_microseconds:6.1f} µs  p50 {run.p50 / 1000:7.2f} ms  p99 {run.p99 / 1000:7.2f} ms",
                    flush=True,
                )
    return runs


def _run(variant, process, place, connections, validity, first):
    """If it came further than the warm-up had, it is done again: then the profiles are known."""

    def run(validity):
        with variant.beside():
            return load.drive(variant.peer, process, place, connections, SECONDS, validity, first=first)

    found = run(validity)
    if found.surplus and not found.failed:
        time.sleep(steady.PROFILE_REST)
        found = run(validity + steady.VALIDITY_STEP // 2)
    found.check(variant.peer.name, strictly=True)
    return found


def ratios(runs, variant, base, count, value):
    mine, its = ([value(run) for run in runs[one] if run.connections == count] for one in (variant, base))
    return sorted(own / other for own, other in zip(mine, its))


def spread(ratios):
    low, high = ratios[len(ratios) // 4], ratios[(len(ratios) * 3 - 1) // 4]
    return f"{statistics.median(ratios):.3f} ({low:.3f} to {high:.3f})"
