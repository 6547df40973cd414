"""A program under measurement: started, asked what it used, and ended."""

import os
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    def __init__(self, arguments, folder, environment=None, log="log"):
        self.log_path = os.path.join(folder, log)
        self.log = open(self.log_path, "wb")
        self.started_at = time.monotonic()
        self.child = subprocess.Popen(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def pids(self):
        """The program's processes: nginx has workers."""
        found = [self.child.pid]
        for pid in found:
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as children:
                        found += [int(child) for child in children.read().split()]
            except FileNotFoundError:
                continue
        return found

    def cpu_seconds(self):
        """User and system time of all its processes, those that have ended included, as the kernel counts it."""
        ticks = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except FileNotFoundError:
                continue
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / TICKS

    def resident_megabytes(self):
        kilobytes = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status") as status:
                for line in status:
                    if line.startswith("VmRSS:"):
                        kilobytes += int(line.split()[1])
        return kilobytes / 1024

    def log_text(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def is_running(self):
        return self.child.poll() is None

    def stop(self):
        if self.is_running():
            self.child.terminate()
            try:
                self.child.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
