"""What the checks of the deployment have in common: the repository's files, the gateway's settings, and a list of what is wrong."""

import os
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class StrictLoader(yaml.SafeLoader):
    """YAML as PyYAML has it, which lets the last of two equal keys win: here they are a mistake."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def documents(path):
    """The YAML documents of a file of the repository."""
    return list(yaml.load_all((ROOT / path).read_text(), StrictLoader))


def document(path):
    """The one YAML document of a file of the repository."""
    (only,) = documents(path)
    return only


def settings():
    """The settings in the tables of the documents, with their defaults; a secret may be given as the name of a file."""
    found = {}
    tables = "".join((ROOT / path).read_text() for path in ("README.md", "docs/traces.md"))
    for names, defaults, text in re.findall(r"^\| (`[A-Z].*?) \| (.*?) \| (.*) \|$", tables, re.MULTILINE):
        names = re.findall(r"`([A-Z][A-Z0-9_\[\]]+)`", names)
        defaults = re.findall(r"`(.*?)`", defaults)
        for name, default in zip(names, defaults if len(defaults) == len(names) else [None] * len(names)):
            # `OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT` is two of them.
            for part in ("", "TRACES_") if "[TRACES_]" in name else ("",):
                found[name.replace("[TRACES_]", part)] = default
                if "**secret**" in text:
                    found[name.replace("[TRACES_]", part) + "_FILE"] = None
    return found


def check_settings(programs, environment):
    """What `enrollment-gateway check` has to say of the settings; nothing if it takes them."""
    program = pathlib.Path(programs) / "enrollment-gateway"
    environment = {"PATH": os.environ["PATH"], **environment}
    ended = subprocess.run([program, "check"], env=environment, capture_output=True, text=True)
    return "" if ended.returncode == 0 else ended.stderr or ended.stdout or f"exit code {ended.returncode}"


def write_key_ring(programs, path):
    """A key ring with one key."""
    program = pathlib.Path(programs) / "enrollment-gateway"
    command = [program, *"keys new --caller portal --right token:create --profile *".split()]
    subprocess.run(command, env={"API_KEYS_PATH": str(path)}, check=True, capture_output=True)


def write_certificate(certificate, key):
    """A certificate that has signed itself, as PEM."""
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*request, *names, "-out", certificate, "-keyout", key], check=True, capture_output=True)


def seconds(duration):
    """Of a setting such as 35s."""
    number, unit = re.fullmatch(r"(\d+)(s|m)", duration).groups()
    return int(number) * (60 if unit == "m" else 1)


def time_to_stop(environment):
    """How many seconds a gateway with these settings takes at most from SIGTERM to its end."""
    known = settings()
    return 1 + sum(seconds(environment.get(name, known[name])) for name in ("SHUTDOWN_GRACE", "SHUTDOWN_LIMIT"))


class Findings:
    """What is wrong. A check goes on after the first, so that all are seen together."""

    def __init__(self):
        self.lines = []

    def add(self, where, what):
        """Nothing is added where `what` is empty."""
        if what:
            self.lines.append(f"{where}: {what}")

    def expect(self, condition, where, what):
        if not condition:
            self.add(where, what)

    def report(self, checked):
        """Prints them, and is the exit code."""
        print("\n".join(self.lines) if self.lines else f"{checked}: in order")
        return 1 if self.lines else 0
