"""What the checks of the deployment have in common: the repository's files, and a list of what is wrong with them."""

import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def document(path):
    """The one YAML document of a file of the repository."""
    return yaml.safe_load((ROOT / path).read_text())


class Findings:
    """What is wrong. A check goes on after the first, so that all are seen together."""

    def __init__(self):
        self.lines = []

    def add(self, where, what):
        """Nothing is added where `what` is empty."""
        if what:
            self.lines.append(f"{where}: {what}")

    def report(self, checked):
        """Prints them, and is the exit code."""
        print("\n".join(self.lines) if self.lines else f"{checked}: in order")
        return 1 if self.lines else 0
