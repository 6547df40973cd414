"""Measures the gateway beside Envoy and nginx, doing the same job. See ../README.md."""

import argparse
import os
import sys
import time

from . import console, edges, ledger, machine, peers, report, slow, startup, steady, telemetry
from .failure import Failure
from .place import HERE, Place


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--all", action="store_true", help="measure the edges, the ledger, what it costs to tell, and the console, too")
    parser.add_argument("--ledger", action="store_true", help="measure the ledger alone")
    parser.add_argument("--telemetry", action="store_true", help="measure what metrics, log and traces cost alone")
    parser.add_argument("--console", action="store_true", help="measure the operator's console alone")
    parser.add_argument("--slow", action="store_true", help="measure good callers beside slow ones alone")
    parser.add_argument("--records", type=int, default=ledger.MANY, help="in the ledgers of many records")
    parser.add_argument("--rounds", type=int, default=steady.ROUNDS)
    parser.add_argument("--seconds", type=int, default=steady.SECONDS, help="of each run")
    parser.add_argument("--folder", default=HERE, help="where the table and the picture go")
    options = parser.parse_args()
    try:
        measure(options)
    except Failure as failure:
        sys.exit(f"The measurement stopped: {failure}")


def measure(options):
    began = time.monotonic()
    with Place() as place, peers.upstream(place) as upstream, peers.identity(place):
        peers.wait_until_listening()
        if not (options.ledger or options.telemetry or options.console or options.slow):
            measure_peers(place, options)
        if options.all:
            write_sections(options, "edges.md", "The edges", edges.measure(place))
        if options.all or options.ledger:
            found = ledger.measure(place, upstream, options.rounds, options.seconds, options.records, options.records)
            write_sections(options, "ledger.md", "What the ledger costs", found)
        if options.all or options.telemetry:
            found = telemetry.measure(place, options.rounds, options.seconds)
            write_sections(options, "telemetry.md", "What metrics, log and traces cost", found)
        if options.all or options.console:
            found = console.measure(place, options.rounds, options.seconds)
            write_sections(options, "console.md", "The operator's console", found)
        if options.all or options.slow:
            found = [slow.measure(place, options.rounds, options.seconds)]
            write_sections(options, "slow.md", "Slow callers", found)
    print(f"Took {round((time.monotonic() - began) / 60, 1)} minutes.")


def measure_peers(place, options):
    print("Starting each five times", flush=True)
    starts = startup.measure(place, peers.ALL)
    print("Measuring the peers in turn", flush=True)
    with peers.running(place, peers.ALL) as processes:
        results = steady.measure(place, processes, rounds=options.rounds, seconds=options.seconds)
    text = report.core(starts, results, list(machine.lines()), options)
    _write(os.path.join(options.folder, "results.md"), text)
    _write(os.path.join(options.folder, "results.svg"), report.picture(results))
    print(text, flush=True)


def write_sections(options, name, title, found):
    text = report.sections(title, found, list(machine.lines()))
    _write(os.path.join(options.folder, name), text)
    print(text, flush=True)


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


main()
