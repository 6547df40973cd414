"""Measures the gateway beside Envoy and nginx, doing the same job. See ../README.md."""

import argparse
import os
import sys
import time

from . import edges, machine, peers, report, startup, steady
from .failure import Failure
from .place import HERE, Place


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--all", action="store_true", help="measure the edges too")
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
    with Place() as place, peers.upstream(place), peers.identity(place):
        peers.wait_until_listening()
        print("Starting each five times", flush=True)
        starts = startup.measure(place, peers.ALL)
        print("Measuring the peers in turn", flush=True)
        with peers.running(place, peers.ALL) as processes:
            results = steady.measure(place, processes, rounds=options.rounds, seconds=options.seconds)
        text = report.core(starts, results, list(machine.lines()), options)
        _write(os.path.join(options.folder, "results.md"), text)
        _write(os.path.join(options.folder, "results.svg"), report.picture(results))
        print(text, flush=True)
        if options.all:
            text = report.edges(edges.measure(place), list(machine.lines()))
            _write(os.path.join(options.folder, "edges.md"), text)
            print(text)
    print(f"Took {round((time.monotonic() - began) / 60, 1)} minutes.")


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


main()
