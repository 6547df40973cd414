"""A PostgreSQL server of the measurement's own, with its settings as they come: it waits for its disk."""

import glob
import os
import shutil
import subprocess
import time

from .failure import Failure
from .process import Process

PORT = 9432


class PostgreSQL:
    def __init__(self, folder):
        self.programs = _programs()
        self.home = folder.path("postgresql")
        os.mkdir(self.home)
        if os.geteuid() == 0:
            shutil.chown(self.home, "nobody")
        self.data = os.path.join(self.home, "data")
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        # Its connections are those of some gateways and of a psql.
        options = ["-D", self.data, "-p", str(PORT), "-k", self.home, "-c", "listen_addresses=127.0.0.1"]
        self.process = Process(self._command("postgres", *options), folder.folder, os.environ, log="postgresql.log")
        self._wait()

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{PORT}/{database}"

    def run(self, sql, database="postgres"):
        """What psql prints: the rows as lines, with bars between the columns."""
        return self.run_all([sql], database)

    def run_all(self, statements, database="postgres"):
        arguments = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres"]
        for sql in statements:
            arguments += ["-c", sql]
        return self._run("psql", *arguments, "-d", database).strip()

    def transactions(self):
        """How many that changed something have begun."""
        return int(self.run("SELECT pg_snapshot_xmax(pg_current_snapshot())"))

    def _wait(self, limit=30):
        end = time.monotonic() + limit
        while time.monotonic() < end and self.process.is_running():
            try:
                self.run("SELECT 1")
                return
            except Failure:
                time.sleep(0.05)
        raise Failure(f"PostgreSQL did not start: {self.process.log_text()[-2000:]}")

    def _command(self, program, *arguments):
        command = [os.path.join(self.programs, program), *arguments]
        if os.geteuid() != 0:
            return command
        # PostgreSQL does not run as root.
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]

    def _run(self, program, *arguments):
        done = subprocess.run(self._command(program, *arguments), cwd=self.home, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{program} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()


def program(name):
    return os.path.join(_programs(), name)


def _programs():
    """Debian's are not on the path."""
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda place: int(place.split("/")[4]), reverse=True)
    places.append(os.path.dirname(shutil.which("initdb") or ""))
    for place in places:
        if all(os.access(os.path.join(place, name), os.X_OK) for name in ("initdb", "postgres", "psql")):
            return place
    raise Failure("PostgreSQL is not installed. Run: make bench-deps")
