"""The disk that the checkout is on: a folder on it, and how long it takes to have something there."""

import os
import random
import shutil
import statistics
import tempfile
import time

from .place import ROOT

SIZES = range(4096, 32768 + 1, 4096)


class DiskFolder:
    """A folder on the checkout's disk, which may not be that of the system's temporary files. It goes with what is in it."""

    def __enter__(self):
        build = os.path.join(ROOT, ".build")
        os.makedirs(build, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix="bench-ledger-", dir=build)
        # PostgreSQL's user has to get through.
        os.chmod(self.folder, 0o755)
        return self

    def path(self, name):
        return os.path.join(self.folder, name)

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


class FlushTimes:
    """How long an append and the flush (fdatasync) after it take, in a file beside the ledger."""

    def __init__(self, folder):
        self.file = os.open(folder.path("appended"), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self.microseconds = []

    @property
    def median(self):
        return statistics.median(self.microseconds)

    def take(self, count=14):
        for _ in range(count):
            block = os.urandom(random.choice(SIZES))
            began = time.perf_counter()
            os.write(self.file, block)
            os.fdatasync(self.file)
            self.microseconds.append((time.perf_counter() - began) * 1e6)
