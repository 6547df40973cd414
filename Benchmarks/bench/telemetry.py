"""What it costs to tell: nothing told, metrics and a line for each request, and traces of one request in a hundred."""

import statistics
import time

from . import load, peers, steady
from .collector import Collector
from .failure import Failure
from .process import Process

CONNECTIONS = [1, 32, 128]
# What is looked for is less than what one run differs from the next by, so there are many short ones.
SECONDS = 2
SHORT_ROUNDS = 4
WARM_SECONDS = 12
# The profiles that are known are used in turn, so that one half rests while the other one is used.
PARTS = 2
PART = steady.WARM_PROFILES // PARTS
SHARE = 0.01


class Told:
    """A gateway that tells so much."""

    def __init__(self, name, port, **settings):
        self.settings = settings
        self.peer = peers.Peer(name, port, 201, self._start)

    def _start(self, place):
        environment = peers.gateway_environment(
            place, HTTP_PORT=str(self.peer.port), MANAGEMENT_PORT=str(self.peer.port + 50), **self.settings
        )
        log = f"telemetry-{self.peer.port}.log"
        return Process([peers.gateway_path(), "serve"], place.folder, environment, log=log)


def measure(place, rounds=steady.ROUNDS, seconds=steady.SECONDS):
    """In so many rounds of so many seconds as the others, cut into shorter ones."""
    rounds, seconds = max(1, rounds * SHORT_ROUNDS * seconds // steady.SECONDS), SECONDS
    with Collector() as collector:
        told = {"METRICS": "on", "LOG_LEVEL": "info"}
        nothing = Told("nothing", 8101, METRICS="off", LOG_LEVEL="warning", OTEL_PROPAGATORS="none")
        lines = Told("metrics and log", 8102, **told, OTEL_PROPAGATORS="none")
        traces = Told(
            f"the same, and traces at {SHARE:.0%}",
            8103,
            **told,
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_TRACES_SAMPLER="parentbased_traceidratio",
            OTEL_TRACES_SAMPLER_ARG=str(SHARE),
        )
        all_told = [nothing, lines, traces]
        with peers.running(place, [told.peer for told in all_told]) as processes:
            print("Measuring what it costs to tell, in turn", flush=True)
            runs = _in_turn(place, all_told, processes, rounds, seconds)
        requests = sum(run.requests for run in runs[traces])
        if not collector.spans:
            raise Failure("no span came to the collector")
    spans = f"{collector.spans:,} spans came of {requests:,} measured requests and those of the warm-up."
    return [_costs(runs, nothing, lines, traces), _numbers(runs, spans)]


def _in_turn(place, all_told, processes, rounds, seconds):
    runs = {told: [] for told in all_told}
    rested = {}
    for told in all_told:
        steady.warm(told.peer, processes[told.peer], place, WARM_SECONDS)
        for part in range(PARTS):
            rested[told, part] = time.monotonic() + steady.PROFILE_REST
    validity = steady.WARM_VALIDITY
    for number in range(rounds):
        for count in CONNECTIONS:
            # A B C, B C A, C A B, and each of them backwards: neither a place nor a neighbour is an advantage.
            turn = number % len(all_told)
            part = (number * len(CONNECTIONS) + CONNECTIONS.index(count)) % PARTS
            order = all_told[turn:] + all_told[:turn]
            for told in order if number % 2 == 0 else reversed(order):
                time.sleep(max(0, rested[told, part] - time.monotonic()))
                validity += steady.VALIDITY_STEP
                run = _run(told, processes[told.peer], place, count, seconds, validity, part * PART)
                rested[told, part] = time.monotonic() + steady.PROFILE_REST
                runs[told].append(run)
                print(
                    f"  round {number + 1}  {count:4} connections  {told.peer.name:28} {run.per_second:8.0f}/s"
                    f"  CPU {run.cpu_microseconds:6.1f} µs  p50 {run.p50 / 1000:7.2f} ms  p99 {run.p99 / 1000:7.2f} ms",
                    flush=True,
                )
    return runs


def _run(told, process, place, connections, seconds, validity, first):
    """If it came further than the warm-up had, it is done again: then the profiles are known."""
    run = load.drive(told.peer, process, place, connections, seconds, validity, first=first)
    if run.surplus and not run.failed:
        time.sleep(steady.PROFILE_REST)
        again = validity + steady.VALIDITY_STEP // 2
        run = load.drive(told.peer, process, place, connections, seconds, again, first=first)
    run.check(told.peer.name, strictly=True)
    return run


def _costs(runs, nothing, lines, traces):
    rows = []
    for told, base, goal in ((lines, nothing, "0.95"), (traces, lines, "0.97")):
        for count in CONNECTIONS:
            rate = _ratios(runs, told, base, count, lambda run: run.per_second)
            cpu = _ratios(runs, told, base, count, lambda run: run.cpu_microseconds)
            rows.append([told.peer.name, base.peer.name, count, goal, _spread(rate), _spread(cpu)])
    return (
        "What it costs to tell",
        "One gateway's numbers to another's: the median of the rounds' ratios and the middle half of them. The goals are for the"
        " throughput: metrics and a line for each request cost 5 % at most, traces of one request in a hundred 3 % more.",
        ["told", "beside", "connections", "goal", "requests/s", "CPU per request"],
        rows,
    )


def _numbers(runs, spans):
    rows = []
    for count in CONNECTIONS:
        for told, list in runs.items():
            result = steady.Steady(list)
            rows.append(
                [
                    count, told.peer.name, f"{result.throughput(count):,.0f}", f"{result.cpu(count):.0f} µs",
                    f"{result.p50(count) / 1000:.2f} ms", f"{result.p99(count) / 1000:.2f} ms",
                    f"{result.megabytes(count):.0f} MB",
                ]
            )
    return (
        "The numbers behind it",
        "Medians; the memory is the greatest. " + spans,
        ["connections", "told", "requests/s", "CPU per request", "p50", "p99", "memory"],
        rows,
    )


def _ratios(runs, told, base, count, value):
    mine, its = ([value(run) for run in runs[one] if run.connections == count] for one in (told, base))
    return sorted(own / other for own, other in zip(mine, its))


def _spread(ratios):
    low, high = ratios[len(ratios) // 4], ratios[(len(ratios) * 3 - 1) // 4]
    return f"{statistics.median(ratios):.3f} ({low:.3f} to {high:.3f})"
