"""What it costs to tell: nothing told, metrics and a line for each request, and traces of one request in a hundred."""

from . import peers, steady
from .collector import Collector
from .failure import Failure
from .variants import CONNECTIONS, Variant, drive, ratios, short_rounds, spread

SHARE = 0.01


def measure(place, rounds=steady.ROUNDS, seconds=steady.SECONDS):
    """In so many rounds of so many seconds as the others, cut into shorter ones."""
    with Collector() as collector:
        told = {"METRICS": "on", "LOG_LEVEL": "info"}
        nothing = Variant("nothing", 8101, METRICS="off", LOG_LEVEL="warning", OTEL_PROPAGATORS="none")
        lines = Variant("metrics and log", 8102, **told, OTEL_PROPAGATORS="none")
        traces = Variant(
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
            runs = drive(place, all_told, processes, short_rounds(rounds, seconds))
        requests = sum(run.requests for run in runs[traces])
        if not collector.spans:
            raise Failure("no span came to the collector")
    spans = f"{collector.spans:,} spans came of {requests:,} measured requests and those of the warm-up."
    return [_costs(runs, nothing, lines, traces), _numbers(runs, spans)]


def _costs(runs, nothing, lines, traces):
    rows = []
    for told, base, goal in ((lines, nothing, "0.95"), (traces, lines, "0.97")):
        for count in CONNECTIONS:
            rate = ratios(runs, told, base, count, lambda run: run.per_second)
            cpu = ratios(runs, told, base, count, lambda run: run.cpu_microseconds)
            rows.append([told.peer.name, base.peer.name, count, goal, spread(rate), spread(cpu)])
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
