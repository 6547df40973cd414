"""Good callers beside thousands of connections that are slow on purpose."""

import http.client
import shutil
import statistics
import subprocess
import time

from . import load, peers, steady
from .failure import Failure
from .process import Process

SLOW_CONNECTIONS = 2000
GOOD_CALLERS = 16
# slowhttptest's own names: a head that never ends, a body that never ends, an answer that is read a few bytes at a time.
KINDS = {
    "heads": ["-H", "-i", "3", "-t", "POST"],
    "bodies": ["-B", "-i", "3", "-s", "60", "-f", "application/json"],
    "readers": ["-X", "-k", "8", "-n", "5", "-w", "64", "-y", "128", "-z", "8"],
}
# So long slowhttptest may take until all of its connections are there.
GATHERING = 20


def measure(place, rounds, seconds):
    """Good callers beside slow ones."""
    rows = []
    for kind, options in KINDS.items():
        with _gateway(place) as process:
            peers.wait_until_minting(peers.GATEWAY, process, place, 0xF3000000)
            steady.warm(peers.GATEWAY, process, place)
            calm, beside, held, megabytes = [], [], [], []
            for turn in range(rounds):
                calm.append(_drive(process, place, seconds, 2 * turn))
                with _Slow(options) as slow:
                    held.append(slow.wait())
                    beside.append(_drive(process, place, seconds, 2 * turn + 1))
                    megabytes.append(process.resident_megabytes())
                    slow.check()
        rows.append(
            [
                f"{min(held):,} slow {kind}",
                f"{_median(calm, 'p50'):.2f} ms", f"{_median(beside, 'p50'):.2f} ms",
                f"{_median(calm, 'p99'):.2f} ms", f"{_median(beside, 'p99'):.2f} ms",
                f"{_median(beside, 'p99') / _median(calm, 'p99'):.2f}",
                f"{sum(run.failed for run in beside)} of {sum(run.requests for run in beside):,}",
                f"{max(megabytes):.0f} MB",
            ]
        )
    return (
        "Good callers beside slow ones",
        f"{GOOD_CALLERS} callers mint as fast as they can for {seconds} s, by themselves and beside connections of slowhttptest"
        f" that are slow on purpose, in turn, {rounds} times; medians. As delivered the gateway takes"
        " 512 connections of one address and 1024 in all; here the first limit is off and the second 4096, so that all of them are held."
        " The other limits are as delivered. The goal: p99 at most 1.20 times as long.",
        ["beside", "p50 alone", "p50 beside", "p99 alone", "p99 beside", "ratio", "failed", "memory at most"],
        rows,
    )


def _gateway(place):
    environment = peers.gateway_environment(place, HTTP_MAX_CONNECTIONS="4096")
    return Process([peers.gateway_path(), "serve"], place.folder, environment, log="gateway-slow.log")


def _median(runs, name):
    return statistics.median(getattr(run, name) for run in runs) / 1000


def _drive(process, place, seconds, turn):
    # The profiles of the run before have to rest: see steady.
    time.sleep(steady.PROFILE_REST)
    run = load.drive(
        peers.GATEWAY, process, place, GOOD_CALLERS, seconds, steady.WARM_VALIDITY + steady.VALIDITY_STEP * (turn + 1),
        profiles=steady.WARM_PROFILES,
    )
    run.check("gateway", strictly=False)
    return run


def connections():
    """How many callers' connections the gateway has, by its own count."""
    asked = http.client.HTTPConnection("127.0.0.1", 8084, timeout=10)
    asked.request("GET", "/metrics")
    text = asked.getresponse().read().decode()
    asked.close()
    for line in text.splitlines():
        if line.startswith("gateway_connections "):
            return int(line.split()[1])
    raise Failure("the gateway shows no gateway_connections")


class _Slow:
    """slowhttptest at work, begun anew when the gateway has thrown its connections out."""

    def __init__(self, options):
        tool = shutil.which("slowhttptest")
        if not tool:
            raise Failure("slowhttptest is not installed. Run: make bench-deps")
        self.command = [
            tool, "-c", str(SLOW_CONNECTIONS), "-r", "1000", "-l", "600", "-x", "8", "-p", "30", *options,
            "-u", "http://127.0.0.1:8083/profiles/aaaaaaaa-0000-4000-8000-000000000001/token",
        ]

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def wait(self):
        """Returns how many connections there are once most of them are."""
        began = time.monotonic()
        most = 0
        while time.monotonic() - began < GATHERING:
            most = max(most, connections())
            if most >= SLOW_CONNECTIONS * 0.95:
                return most
            time.sleep(0.1)
        raise Failure(f"slowhttptest has {most} connections after {GATHERING} s, and not {SLOW_CONNECTIONS}")

    def check(self):
        if self.child.poll() not in (None, 0):
            raise Failure(f"slowhttptest ended with {self.child.returncode}")

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        # What the gateway still holds of it must not count as calm.
        began = time.monotonic()
        while connections() > 10 and time.monotonic() - began < 60:
            time.sleep(0.2)
