"""What a record of each request costs: no ledger, SQLite and PostgreSQL in turn, empty and with millions of records."""

import os
import resource
import statistics
import time

from . import filling, load, peers, steady
from .disk import DiskFolder, FlushTimes
from .failure import Failure
from .postgres import PostgreSQL
from .process import Process

CONNECTIONS = [1, 32, 128]
ROUNDS = 5
SECONDS = 4
# Each profile that the runs use is minted on before; see steady.py.
WARM_SECONDS = 12
MANY = 5_000_000
# What PostgreSQL takes in some minutes.
MANY_SHARED = 5_000_000


class Kept:
    """A gateway with its own ledger, or with none."""

    def __init__(self, name, port, url):
        self.url = url
        self.peer = peers.Peer(name, port, 201, self._start)

    def _start(self, place):
        environment = peers.gateway_environment(
            place, HTTP_PORT=str(self.peer.port), MANAGEMENT_PORT=str(self.peer.port + 50), LEDGER_URL=self.url
        )
        return Process([peers.gateway_path(), "serve"], place.folder, environment, log=f"ledger-{self.peer.port}.log")


class Ledgers:
    """All that are measured side by side."""

    def __init__(self, folder, server, many, many_shared):
        server.run_all(["CREATE DATABASE empty", "CREATE DATABASE filled", "CREATE DATABASE shared"])
        self.folder, self.server = folder, server
        self.many, self.many_shared = many, many_shared
        self.none = Kept("none", 8091, "none")
        self.sqlite = Kept("SQLite", 8092, f"sqlite:{folder.path('empty.sqlite')}")
        self.sqlite_filled = Kept(f"SQLite with {_count(many)}", 8093, f"sqlite:{folder.path('filled.sqlite')}")
        self.postgresql = Kept("PostgreSQL", 8094, server.url("empty"))
        self.postgresql_filled = Kept(f"PostgreSQL with {_count(many_shared)}", 8095, server.url("filled"))
        self.all = [self.none, self.sqlite, self.sqlite_filled, self.postgresql, self.postgresql_filled]

    def fill(self, place):
        for kept in (self.sqlite_filled, self.postgresql_filled):
            with kept.peer.start(place) as process:
                peers.wait_until_minting(kept.peer, process, place, 0xF1000000)
        began = time.monotonic()
        filling.fill_sqlite(self.folder.path("filled.sqlite"), self.many)
        print(f"  SQLite took {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        filling.fill_postgresql(self.server, "filled", self.many_shared)
        print(f"  PostgreSQL took {time.monotonic() - began:.0f} s", flush=True)
        filling.settle_disk()


class Shares:
    """Which part of the processors' time each program has while something runs."""

    def __init__(self, programs):
        self.programs = programs

    def __enter__(self):
        self.began = time.monotonic()
        self.before = self._seconds()
        return self

    def __exit__(self, *_):
        all_seconds = (time.monotonic() - self.began) * os.cpu_count()
        self.parts = {name: (after - self.before[name]) / all_seconds for name, after in self._seconds().items()}

    def _seconds(self):
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = {name: sum(process.cpu_seconds() for process in all) for name, all in self.programs.items()}
        return seconds | {"wrk": ended.ru_utime + ended.ru_stime}


def measure(place, upstream, rounds=ROUNDS, seconds=SECONDS, many=MANY, many_shared=MANY_SHARED):
    with DiskFolder() as folder, PostgreSQL(folder) as server:
        flushes = FlushTimes(folder)
        ledgers = Ledgers(folder, server, many, many_shared)
        print("Filling two ledgers", flush=True)
        ledgers.fill(place)
        sizes = _sizes(ledgers)
        machine = {"PostgreSQL": [server.process], "upstream": [upstream]}
        by_peer = {kept.peer: kept for kept in ledgers.all}
        with peers.running(place, list(by_peer)) as processes:
            print("Measuring the ledgers in turn", flush=True)
            results = _in_turn(place, processes, machine, flushes, rounds, seconds)
            print("Measuring: requests with an Idempotency-Key", flush=True)
            keys = _keys(place, ledgers, processes, rounds, seconds)
        print("Measuring: profiles that the process has not minted on", flush=True)
        first = _first_touches(place, ledgers, min(3, rounds), seconds)
        print("Measuring: two gateways", flush=True)
        pairs = _gateways(place, ledgers, machine, flushes, min(3, rounds), seconds)
    results = {kept: results[kept.peer] for kept in ledgers.all}
    return [
        _disk(flushes), _creations(ledgers, results), _alone(ledgers, results, flushes), _cpu(ledgers, results),
        pairs, _filled(ledgers, results), first, keys, sizes,
    ]


def _in_turn(place, processes, machine, flushes, rounds, seconds):
    """As in steady.py, for gateways alone: each rests for itself."""
    runs = {peer: [] for peer in processes}
    rested = {}
    for peer, process in processes.items():
        steady.warm(peer, process, place, max(2, WARM_SECONDS * seconds // SECONDS))
        rested[peer] = time.monotonic() + steady.PROFILE_REST
    validity = steady.WARM_VALIDITY
    for number in range(rounds):
        for count in CONNECTIONS:
            flushes.take()
            order = list(processes) if number % 2 == 0 else list(reversed(processes))
            for peer in order:
                time.sleep(max(0, rested[peer] - time.monotonic()))
                validity += steady.VALIDITY_STEP
                run = _on_known(peer, processes[peer], place, machine, count, seconds, validity)
                rested[peer] = time.monotonic() + steady.PROFILE_REST
                runs[peer].append(run)
                _say(number, count, peer, run)
    return {peer: steady.Steady(list) for peer, list in runs.items()}


def _on_known(peer, process, place, machine, connections, seconds, validity, **more):
    """A run on profiles that the gateway has minted on before. If it came further than the warm-up had, it is done again."""
    for is_last in (False, True):
        with Shares({"gateway": [process]} | machine) as shares:
            run = load.drive(peer, process, place, connections, seconds, validity, **more)
        if run.failed or not run.surplus or is_last:
            break
        time.sleep(steady.PROFILE_REST)
        validity += steady.VALIDITY_STEP // 2
        more = {name: value + "again-" if name == "keys" else value for name, value in more.items()}
    run.check(peer.name, strictly=True)
    run.shares = shares.parts
    return run


def _say(number, count, peer, run):
    print(
        f"  round {number + 1}  {count:4} connections  {peer.name:24} {run.per_second:8.0f}/s"
        f"  CPU {run.cpu_microseconds:6.1f} µs  p50 {run.p50 / 1000:7.2f} ms  p99 {run.p99 / 1000:7.2f} ms",
        flush=True,
    )


def _paired(results, kept, base, count, value):
    """What the value is of one and of the other in each round."""
    mine, its = ([value(run) for run in results[one].runs if run.connections == count] for one in (kept, base))
    return list(zip(mine, its))


def _ratios(results, kept, base, count, value):
    return [mine / its for mine, its in _paired(results, kept, base, count, value)]


def _disk(flushes):
    times = sorted(flushes.microseconds)
    low, high = times[len(times) // 4], times[len(times) * 3 // 4]
    return (
        "The disk",
        "An append of 4 to 32 KB and `fdatasync`, in a file beside the ledgers, between the runs.",
        ["", "median", "middle half", "appends"],
        [["append and flush", _ms(flushes.median), f"{_ms(low)} to {_ms(high)}", len(times)]],
    )


def _creations(ledgers, results):
    rows = []
    for count in CONNECTIONS:
        for kept in (ledgers.none, ledgers.sqlite, ledgers.postgresql):
            result = results[kept]
            ratio = statistics.median(_ratios(results, kept, ledgers.none, count, lambda run: run.per_second))
            rows.append(
                [
                    count, kept.peer.name, f"{result.throughput(count):,.0f}", f"{ratio:.2f}", f"{result.cpu(count):.0f} µs",
                    _ms(result.p50(count)), _ms(result.p99(count)),
                ]
            )
    return (
        "Creations with a ledger and without one",
        "Medians; the ratio is the median of the rounds' ratios. The CPU time is the gateway's alone.",
        ["connections", "ledger", "requests/s", "of none's", "CPU per request", "p50", "p99"],
        rows,
    )


def _alone(ledgers, results, flushes):
    rows = []
    for kept in (ledgers.sqlite, ledgers.postgresql):
        pairs = _paired(results, kept, ledgers.none, 1, lambda run: run.p50)
        added = statistics.median(mine - its for mine, its in pairs)
        rows.append([kept.peer.name, _ms(added), f"{added / flushes.median:.2f}"])
    return (
        "What one caller waits longer",
        "At one connection: the median of the rounds' differences to no ledger, and how many of the disk's flushes that is.",
        ["ledger", "added to p50", "flushes"],
        rows,
    )


def _cpu(ledgers, results):
    rows = []
    for kept in (ledgers.none, ledgers.sqlite, ledgers.postgresql):
        runs = [run for run in results[kept].runs if run.connections == CONNECTIONS[-1]]
        rows.append([kept.peer.name, *_parts(run.shares for run in runs)])
    return (
        f"Where the processors' time goes at {CONNECTIONS[-1]} connections",
        f"Of {os.cpu_count()} processors, which all share; what is left is idle, or somebody else's.",
        ["ledger", "gateway", "PostgreSQL", "upstream", "wrk"],
        rows,
    )


def _parts(shares):
    shares = list(shares)
    return [f"{statistics.median(part[name] for part in shares):.0%}" for name in ("gateway", "PostgreSQL", "upstream", "wrk")]


def _filled(ledgers, results):
    rows = []
    for kept, base in ((ledgers.sqlite_filled, ledgers.sqlite), (ledgers.postgresql_filled, ledgers.postgresql)):
        for count in CONNECTIONS:
            row = [kept.peer.name, count]
            for value in (lambda run: run.per_second, lambda run: run.p50, lambda run: run.p99):
                ratios = sorted(_ratios(results, kept, base, count, value))
                row.append(f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
            row.append(f"± {_noise(results[base], count):.0%}")
            rows.append(row)
    return (
        "A ledger of many records beside an empty one",
        "Ratios, many to few: the median of the rounds' and all they came to. For comparison, how much the throughput with the empty"
        " one changes from one round to the next.",
        ["ledger", "connections", "requests/s", "p50", "p99", "the empty one, round to round"],
        rows,
    )


def _noise(result, count):
    rates = [run.per_second for run in result.runs if run.connections == count]
    return statistics.median([abs(later / earlier - 1) for earlier, later in zip(rates, rates[1:])] or [0])


def _first_touches(place, ledgers, rounds, seconds):
    """Each started anew for each run, so that it knows nothing of the profiles but what the ledger says."""
    runs = {kept: [] for kept in ledgers.all}
    for number in range(rounds):
        order = ledgers.all if number % 2 == 0 else list(reversed(ledgers.all))
        for kept in order:
            with kept.peer.start(place) as process:
                peers.wait_until_minting(kept.peer, process, place, 0xF1000000 + number)
                run = load.drive(kept.peer, process, place, 32, seconds, steady.WARM_VALIDITY)
            _check_answers(kept, run)
            runs[kept].append(run)
            _say(number, 32, kept.peer, run)
    results = {kept: steady.Steady(list) for kept, list in runs.items()}
    rows = []
    for kept, result in results.items():
        ratio = statistics.median(_ratios(results, kept, ledgers.none, 32, lambda run: run.per_second))
        reads = statistics.median(run.upstream_requests / run.requests for run in result.runs)
        rows.append(
            [
                kept.peer.name, f"{result.throughput(32):,.0f}", f"{ratio:.2f}", _ms(result.p50(32)), _ms(result.p99(32)),
                f"{reads:.2f}",
            ]
        )
    return (
        "Profiles that the process has not minted on",
        "After a start, at 32 connections, each request for another profile: the gateway looks into the ledger for what was done to"
        " it, and reads the profile first. Where there are many records, each of these profiles has some fifty.",
        ["ledger", "requests/s", "of none's", "p50", "p99", "requests upstream for each"],
        rows,
    )


def _check_answers(kept, run):
    if not run.requests or run.failed:
        raise Failure(f"{kept.peer.name}: {run.failed} of {run.requests} answers were no successes")


def _keys(place, ledgers, processes, rounds, seconds):
    kinds = ["no key", "a key of its own", "one key, replayed"]
    runs = {(kept, kind): [] for kept in (ledgers.sqlite, ledgers.postgresql) for kind in kinds}
    validity = 2 * steady.WARM_VALIDITY
    replayed = f"replayed-{os.urandom(4).hex()}"
    for kept in (ledgers.sqlite, ledgers.postgresql):
        fields = {"Idempotency-Key": replayed}
        if peers.mint(kept.peer, place, 0xF3000000, steady.WARM_VALIDITY, fields=fields) != 201:
            raise Failure(f"{kept.peer.name} minted nothing with an Idempotency-Key")
    rested = time.monotonic() + steady.PROFILE_REST
    for number in range(rounds):
        for kind in kinds:
            if kind != kinds[2]:
                time.sleep(max(0, rested - time.monotonic()))
            for kept in (ledgers.sqlite, ledgers.postgresql):
                validity += steady.VALIDITY_STEP
                more = {}
                if kind == kinds[1]:
                    more = {"keys": f"{os.urandom(8).hex()}-"}
                if kind == kinds[2]:
                    more = {"keys": replayed, "is_replay": True, "first": 0xF3000000, "profiles": 1}
                if kind == kinds[2]:
                    run = load.drive(kept.peer, processes[kept.peer], place, 32, seconds, steady.WARM_VALIDITY, **more)
                    _check_answers(kept, run)
                    if run.upstream_requests:
                        raise Failure(f"{kept.peer.name} asked the upstream {run.upstream_requests} times for replays")
                else:
                    run = _on_known(kept.peer, processes[kept.peer], place, {}, 32, seconds, validity, **more)
                runs[kept, kind].append(run)
                _say(number, 32, kept.peer, run)
            if kind != kinds[2]:
                rested = time.monotonic() + steady.PROFILE_REST
    rows = []
    for (kept, kind), list in runs.items():
        result = steady.Steady(list)
        rows.append(
            [
                kept.peer.name, kind, f"{result.throughput(32):,.0f}", f"{result.cpu(32):.0f} µs", _ms(result.p50(32)),
                _ms(result.p99(32)),
            ]
        )
    return (
        "Requests with an Idempotency-Key",
        "At 32 connections. Replays come to one request upstream in all, the first.",
        ["ledger", "requests have", "requests/s", "CPU per request", "p50", "p99"],
        rows,
    )


def _gateways(place, ledgers, machine, flushes, rounds, seconds):
    """One gateway on a database, and two."""
    url = ledgers.server.url("shared")
    one, other = Kept("first", 8096, url).peer, Kept("second", 8097, url).peer
    kinds = ["one", "two, each with profiles of its own", "two, each with what was the other's last"]
    runs = {kind: [] for kind in kinds}
    with peers.running(place, [one, other]) as processes:
        for peer, first in ((one, 0), (other, 50_000)):
            load.drive(peer, processes[peer], place, 64, max(2, WARM_SECONDS * seconds // SECONDS), 90_000, first=first)
        validity = steady.WARM_VALIDITY
        # The last kind has a round that is not counted, after which the profiles are somebody's.
        for number in range(-1, rounds):
            for kind in kinds if number >= 0 else kinds[2:]:
                flushes.take()
                time.sleep(steady.PROFILE_REST)
                validity += steady.VALIDITY_STEP
                loads = [(one, 0, 128)] if kind == kinds[0] else [(one, 0, 64), (other, 50_000, 64)]
                if kind == kinds[2]:
                    windows = (200_000, 250_000) if number % 2 == 0 else (250_000, 200_000)
                    loads = [(one, windows[0], 64), (other, windows[1], 64)]
                run = _together(place, ledgers.server, loads, processes, machine, seconds, validity)
                if number >= 0:
                    runs[kind].append(run)
                    print(f"  round {number + 1}  {kind}: {run['per_second']:.0f}/s", flush=True)
    rows = []
    for kind, list in runs.items():
        median = {name: statistics.median(run[name] for run in list) for name in list[0] if name != "shares"}
        rows.append(
            [
                kind, f"{median['per_second']:,.0f}", _ms(median["p50"]), _ms(median["p99"]), f"{median['commits']:,.0f}",
                f"{median['reads']:.2f}", *_parts(run["shares"] for run in list),
            ]
        )
    return (
        "Gateways on one PostgreSQL",
        "128 connections in all, over loopback; transactions are those that change something. The last four columns are parts of the"
        f" {os.cpu_count()} processors' time.",
        [
            "gateways", "requests/s", "p50", "p99", "transactions/s", "requests upstream for each", "gateways' CPU",
            "PostgreSQL's", "the upstream's", "wrk's",
        ],
        rows,
    )


def _together(place, server, loads, processes, machine, seconds, validity):
    upstream, transactions = peers.upstream_count(), server.transactions()
    with Shares({"gateway": list(processes.values())} | machine) as shares:
        started = [
            (peer, load.start(peer, place, connections, seconds, validity, first=first)) for peer, first, connections in loads
        ]
        answers = [load.finish(wrk, peer) for peer, wrk in started]
    requests = sum(answer["requests"] for answer in answers)
    errors = sum(answer["status_errors"] + answer["socket_errors"] for answer in answers)
    if errors or not requests:
        raise Failure(f"gateways on one PostgreSQL: {errors} of {requests} answers were no successes")
    longest = max(answer["microseconds"] for answer in answers) / 1e6
    return {
        "per_second": requests / longest,
        # They are alike, and have as many connections each.
        "p50": statistics.mean(answer["p50"] for answer in answers),
        "p99": max(answer["p99"] for answer in answers),
        "commits": (server.transactions() - transactions) / longest,
        "reads": (peers.upstream_count() - upstream) / requests,
        "shares": shares.parts,
    }


def _sizes(ledgers):
    rows = [
        ["SQLite", f"{ledgers.many:,}", f"{filling.bytes_per_record_sqlite(ledgers.folder.path('filled.sqlite')):.0f}"],
        [
            "PostgreSQL", f"{ledgers.many_shared:,}",
            filling.bytes_per_record_postgresql(ledgers.server, "filled"),
        ],
    ]
    return "What a record takes", "With its places in the indexes, on the disk.", ["ledger", "records", "bytes each"], rows


def _count(number):
    return f"{number / 1e6:g} million records" if number >= 1e6 else f"{number:,} records"


def _ms(microseconds):
    return f"{microseconds / 1000:.2f} ms"
