"""How a check says what is wrong, and how it waits."""

import pathlib
import signal
import sys
import time
import traceback


class Failed(Exception):
    """What was seen, and what should have been."""


class Overdue(Exception):
    """The check does not come to its end."""


class Findings:
    """What is wrong. A check goes on after the first where it can, so that all are seen together."""

    def __init__(self):
        self.lines = []

    def add(self, where, what):
        self.lines.append(f"{where}: {what}")

    def expect(self, condition, where, what):
        if not condition:
            self.add(where, what)


def expect(condition, what):
    """For what the rest of a check is built on."""
    if not condition:
        raise Failed(what)


def awaited(what, find, seconds=20):
    """What `find` finds as soon as it is something; `what` is what was waited for, or says it when it is over.

    It is looked for once more when the time is over: between two looks may be long on a busy machine.
    """
    end = time.monotonic() + seconds
    while True:
        is_late = time.monotonic() > end
        if found := find():
            return found
        if is_late:
            raise Failed(f"after {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)


# A check takes a minute or two. What does not answer would hold it up for ever.
LONGEST = 480


def end(number, frame):
    """In the middle of what is being waited for, so that it is told, and that all that was started ends."""
    raise Overdue(signal.Signals(number).name)


def run(check):
    """Runs it for the folder of the programs that the command line names. What it found is printed, and is the exit code."""
    findings = Findings()
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, end)
    signal.alarm(LONGEST)
    try:
        check(pathlib.Path(sys.argv[1]), findings)
    except Failed as failure:
        findings.lines.append(str(failure))
    except Exception:
        findings.lines.append(traceback.format_exc())
    print("\n".join(findings.lines) or "in order")
    sys.exit(1 if findings.lines else 0)
