"""The operator's console of a gateway with 10,000 keys and a million records: how long it takes to come, how large it is, and what it
costs those who mint meanwhile."""

import contextlib
import datetime
import hashlib
import http.client
import json
import statistics
import threading
import time
import zlib

from . import filling, peers, steady
from .disk import DiskFolder
from .failure import Failure
from .variants import CONNECTIONS, Variant, drive, ratios, short_rounds, spread

KEYS = 10_000
RECORDS = 1_000_000
READS = 100
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PROFILE = "aaaaaaaa-0000-4000-8000-000000000001"
# The goals.
FIRST_BYTE = 50
PAGE = 200_000
# As many consoles as a team has open, each of which reads itself anew after so many seconds. Each looks at another page of the key
# ring's, so that none is shown what was drawn for another one.
CONSOLES = 5
REFRESH = 5


def measure(place, rounds=steady.ROUNDS, seconds=steady.SECONDS):
    with DiskFolder() as folder:
        ring = place.path("api-keys.json")
        keys = _write_ring(ring)
        full = {"API_KEYS_PATH": ring, "LOG_LEVEL": "info"}
        none = Variant("no console", 8111, MANAGEMENT_HOST="0.0.0.0", **full)
        closed = Variant("a console that nobody looks at", 8112, **full)
        opened = Variant("an open console", 8113, **full)
        opened.beside = lambda: _consoles(opened.management_port, 1)
        team = Variant(f"{CONSOLES} open consoles", 8114, **full)
        team.beside = lambda: _consoles(team.management_port, CONSOLES)
        filled = Variant("many keys and records", 8115, LEDGER_URL=f"sqlite:{folder.path('filled.sqlite')}", **full)
        variants = [none, closed, opened, team]
        print("Filling a ledger", flush=True)
        with filled.peer.start(place) as process:
            peers.wait_until_minting(filled.peer, process, place, 0xF4000000)
        filling.fill_sqlite(folder.path("filled.sqlite"), RECORDS)
        with peers.running(place, [filled.peer]) as processes:
            _use(filled.peer.port, keys)
            steady.warm(filled.peer, processes[filled.peer], place, 2)
            pages = _pages(filled.management_port)
        with peers.running(place, [variant.peer for variant in variants]) as processes:
            for variant in variants:
                _use(variant.peer.port, keys)
            print("Measuring what an open console costs, in turn", flush=True)
            runs = drive(place, variants, processes, short_rounds(rounds, seconds))
    return [pages, _costs(runs, [(closed, none), (opened, closed), (team, closed)])]


def _write_ring(path):
    """Keys of many callers, and the texts of the keys; the load has a key of its own."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    now = datetime.datetime.now(datetime.timezone.utc)
    keys, texts = [], []
    for number in range(KEYS):
        digits, rest = "", number
        for _ in range(8):
            digits, rest = letters[rest % 32] + digits, rest // 32
        texts.append(_key(digits))
        keys.append(
            {
                "id": digits,
                "caller": f"portal-{number:05}.department-{number % 97:02}.example",
                "digest": "sha256:" + hashlib.sha256(texts[-1].encode()).hexdigest(),
                "rights": ["token:create", "token:read", "profile:read"],
                "profiles": [f"bbbbbbbb-0000-4000-8000-{number * 8 + each:012}" for each in range(1 + number % 5)],
                "createdAt": (now - datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "expiresAt": (now + datetime.timedelta(days=1 + number % 400)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "comment": "For the enrollment stations of a building, number " + digits,
            }
        )
    with open(path, "w") as file:
        json.dump({"version": 1, "keys": keys}, file)
    return texts


def _key(id):
    """A whole key of that id, which is as good as random for who does not know how it was made."""
    text = f"egk_{id}_" + _base62(int.from_bytes(hashlib.sha256(id.encode()).digest()), 43)
    return text + _base62(zlib.crc32(text.encode()), 6)


def _base62(number, length):
    text = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text


def _use(port, keys):
    """One request with each key, so that there is something to show of it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for key in keys:
        # Not allowed to it, so that nothing is asked of Graph; it counts as a use all the same.
        connection.request("DELETE", f"/profiles/{PROFILE}/token", headers={"X-API-Key": key})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 403:
            raise Failure(f"a key of the ring was answered {answer.status}")
    connection.close()


def _read(port, path):
    """Milliseconds to the first byte and to the last one, and the number of bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    began = time.monotonic()
    connection.request("GET", path)
    answer = connection.getresponse()
    first = time.monotonic() - began
    body = answer.read()
    last = time.monotonic() - began
    connection.close()
    if answer.status != 200:
        raise Failure(f"the console answered {answer.status} to {path}")
    return first * 1000, last * 1000, len(body)


def _pages(port):
    rows = []
    for name, path in (("the console", "/?page={}"), ("the same in Chinese", "/?lang=zh-Hans&page={}")):
        # Each time a page that was not drawn before.
        reads = [_read(port, path.format(number + 1)) for number in range(READS)]
        firsts, lasts, sizes = zip(*reads)
        rows.append(
            [
                name, f"{FIRST_BYTE} ms", f"{statistics.median(firsts):.1f} ms", f"{max(firsts):.1f} ms",
                f"{statistics.median(lasts):.1f} ms", f"{PAGE / 1000:.0f} kB", f"{max(sizes) / 1000:.1f} kB",
            ]
        )
    return (
        f"The console with {KEYS:,} keys and {RECORDS:,} records",
        f"{READS} reads of each, each on a connection of its own and of another part of the key ring, after each key was used and a load has filled"
        " the tables and charts. Nothing else runs.",
        ["page", "goal", "first byte", "at most", "last byte", "goal", "size at most"],
        rows,
    )


@contextlib.contextmanager
def _consoles(port, count):
    """So many consoles, each at its own moment of the clock's: a run is shorter than the time between two of its reads."""
    end = threading.Event()
    failures = []

    def look(number):
        while not end.wait((REFRESH * number / count - time.monotonic()) % REFRESH):
            try:
                _read(port, f"/?page={number + 1}")
            except (OSError, http.client.HTTPException, Failure) as error:
                failures.append(error)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()
    if failures:
        raise Failure(f"an open console was not answered: {failures[0]!r}")


def _costs(runs, pairs):
    rows = []
    for variant, base in pairs:
        for count in CONNECTIONS:
            rate = ratios(runs, variant, base, count, lambda run: run.per_second)
            cpu = ratios(runs, variant, base, count, lambda run: run.cpu_microseconds)
            p99 = ratios(runs, variant, base, count, lambda run: run.p99)
            rows.append([variant.peer.name, base.peer.name, count, spread(rate), spread(cpu), spread(p99)])
    return (
        "What the console costs those who mint",
        f"All with {KEYS:,} keys that were used. Without a console nothing is kept for it; with one that nobody looks at, the last requests and the last"
        f" hour are. An open one reads itself anew every {REFRESH} s; of {CONSOLES} each looks at another part of the key ring, so that none is"
        " shown what was drawn for another one. The median of the"
        " rounds' ratios and the middle half of them; the goal is that nothing can be measured.",
        ["gateway", "beside", "connections", "requests/s", "CPU per request", "p99"],
        rows,
    )
