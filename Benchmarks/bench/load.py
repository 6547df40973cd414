"""One measured run: wrk drives, the kernel tells what it cost, the upstream counts along."""

import json
import os
import subprocess

from . import peers
from .failure import Failure
from .place import HERE


class Run:
    def __init__(self, wrk, cpu_seconds, upstream_requests, connections, megabytes):
        self.connections = connections
        self.requests = wrk["requests"]
        self.seconds = wrk["microseconds"] / 1e6
        self.p50 = wrk["p50"]
        self.p99 = wrk["p99"]
        self.per_second = self.requests / self.seconds
        self.cpu_microseconds = cpu_seconds * 1e6 / max(1, self.requests)
        self.upstream_requests = upstream_requests
        self.socket_errors = wrk["socket_errors"]
        self.status_errors = wrk["status_errors"]
        self.megabytes = megabytes

    @property
    def failed(self):
        return self.status_errors + self.socket_errors

    @property
    def surplus(self):
        """Requests that the upstream had beyond those that were answered, and those that may have been under way at the end."""
        return max(0, self.upstream_requests - self.requests - self.connections)

    def check(self, name, strictly):
        """There were answers, and strictly: each a success, and the upstream counted as many requests.

        What is under way when wrk stops is counted by the upstream alone: at most one request for each connection.
        """
        if not self.requests or (self.failed and strictly):
            raise Failure(
                f"{name} at {self.connections} connections: {self.requests} answers, {self.status_errors} of them"
                f" errors, {self.socket_errors} failures of a connection"
            )
        if self.upstream_requests < self.requests - self.failed or (self.surplus and strictly):
            raise Failure(
                f"{name} at {self.connections} connections: {self.requests} answers, but the upstream had"
                f" {self.upstream_requests} requests"
            )


# As many as there are ids for.
MOST_PROFILES = 1 << 32


def drive(peer, process, place, connections, seconds, validity, **more):
    before = peers.quiet_upstream_count()
    cpu = process.cpu_seconds()
    wrk = start(peer, place, connections, seconds, validity, **more)
    answers = finish(wrk, peer)
    used = process.cpu_seconds() - cpu
    counted = peers.upstream_count() - before
    return Run(answers, used, counted, connections, process.resident_megabytes())


def start(
    peer, place, connections, seconds, validity, first=0, key=None, profiles=MOST_PROFILES, keys=None, is_replay=False
):
    """wrk at work.

    keys: what the requests' Idempotency-Keys begin with, or with is_replay the one that all have.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "BENCH_KEY": key or place.key,
        "BENCH_VALIDITY": str(validity),
        "BENCH_FIRST": str(first),
        "BENCH_PROFILES": str(profiles),
    }
    if keys:
        environment["BENCH_KEYS"] = keys
    if is_replay:
        environment["BENCH_REPLAY"] = "1"
    return subprocess.Popen(
        [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
            "-s", os.path.join(HERE, "load", "create.lua"), f"http://127.0.0.1:{peer.port}",
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(wrk, peer):
    """What it says once it is done."""
    output, errors = wrk.communicate()
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise Failure(f"wrk said nothing of {peer.name}: {output} {errors}")
    return json.loads(lines[-1])
