"""The tables, in Markdown."""

import datetime

from . import chart, peers

GATEWAY, ENVOY, NGINX = peers.GATEWAY, peers.ENVOY, peers.NGINX


def picture(results):
    return chart.draw(results, _connections(results))


def core(starts, results, machine, options):
    out = [
        "# The gateway beside Envoy and nginx",
        "",
        f"Written by `make bench` on {datetime.date.today()}. Medians of {options.rounds} runs of {options.seconds} s each,"
        " the peers in turn. What is measured, and how: [README.md](README.md).",
        "",
        *[f"- {line}" for line in machine],
        "",
        "![Requests per second and CPU time per request](results.svg)",
        "",
        "| connections | peer | requests/s | CPU per request | p50 | p99 | memory | failed | surplus |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for count in _connections(results):
        for peer, result in results.items():
            out.append(
                f"| {count} | {peer.name} | {result.throughput(count):,.0f} | {result.cpu(count):.0f} µs"
                f" | {_milliseconds(result.p50(count))} | {_milliseconds(result.p99(count))}"
                f" | {result.megabytes(count):.0f} MB | {result.failed(count)} | {result.surplus(count)} |"
            )
    out += ["", "## The gateway's ratios", "", "| connections | to | throughput | CPU per request | p99 |", "|--:|---|--:|--:|--:|"]
    for count in _connections(results):
        for other in (ENVOY, NGINX):
            mine, its = results[GATEWAY], results[other]
            out.append(
                f"| {count} | {other.name} | {mine.throughput(count) / its.throughput(count):.2f}"
                f" | {mine.cpu(count) / its.cpu(count):.2f} | {mine.p99(count) / its.p99(count):.2f} |"
            )
    out += ["", "## From start to the first enrollment token", "", "| peer | median |", "|---|--:|"]
    out += [f"| {peer.name} | {seconds * 1000:.0f} ms |" for peer, seconds in starts.items()]
    requests = sum(run.requests for result in results.values() for run in result.runs)
    out += [
        "",
        f"Of {requests:,} answers all that are not counted as failed were successes. *Surplus* are requests that the upstream had"
        " beyond those that were answered or under way when a run ended. For the gateway both have to be 0, or nothing is written"
        " here; what the others' are has not been looked into.",
        "",
    ]
    return "\n".join(out)


def sections(title, found, machine):
    out = [
        f"# {title}",
        "",
        f"Written by `make bench-all` on {datetime.date.today()}. What is measured, and how: [README.md](README.md).",
        "",
        *[f"- {line}" for line in machine],
        "",
    ]
    for title, prose, header, rows in found:
        out += [f"## {title}", "", prose, "", "| " + " | ".join(header) + " |", "|" + "---|" + "--:|" * (len(header) - 1)]
        out += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
        out.append("")
    return "\n".join(out)


def _connections(results):
    return sorted({run.connections for result in results.values() for run in result.runs})


def _milliseconds(microseconds):
    return f"{microseconds / 1000:.2f} ms"
