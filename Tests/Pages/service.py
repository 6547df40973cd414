"""A gateway and the sandbox that is its tenant, each a process of its own, for pages to be looked at."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile

from checking import awaited

TENANT, CLIENT, SECRET = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "sandbox-only-secret"
SCANNERS = "aaaaaaaa-0000-4000-8000-000000000001"
KIOSKS = "aaaaaaaa-0000-4000-8000-000000000002"
DEDICATED = "dddddddd-0000-4000-8000-000000000001"
EVERY_RIGHT = ["token:create", "token:read", "token:revoke", "profile:read"]


class Service:
    """Both, in a folder; they end with the block. The gateway has to be started, after the keys are made.

    - settings: of the gateway, beside those that every one of them has; `None` takes one of these away.
    - sandbox_options: flags of the sandbox.
    """

    def __init__(self, programs, settings=None, sandbox_options=()):
        self.programs, self.settings, self.sandbox_options = programs, settings or {}, sandbox_options
        self.stack, self.gateway, self.starts = contextlib.ExitStack(), None, 0

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.sandbox = self.start_sandbox(stack)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        return self.stack.__exit__(*failure)

    def start_sandbox(self, stack):
        self.write_secret(SECRET)
        command = [self.programs / "graph-sandbox", "--port", "0", *self.sandbox_options]
        process = start(stack, command, stdout=subprocess.PIPE, text=True)
        stack.callback(process.stdout.close)
        return re.search(r"Entra http://(\S+)", process.stdout.readline()).group(1)

    def write_secret(self, secret):
        """The client secret that the gateway shows Entra, which knows one alone."""
        (self.folder / "secret").write_text(secret)

    def start_gateway(self):
        """Starts it, or another one in its place; at once, with or without an access token."""
        self.starts += 1
        environment = {
            "HTTP_PORT": "0",
            "MANAGEMENT_PORT": "0",
            "DOCS": "on",
            "API_KEYS_PATH": f"{self.folder}/api-keys.json",
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET_FILE": f"{self.folder}/secret",
            "AZURE_AUTHORITY_HOST": f"http://{self.sandbox}",
            "GRAPH_BASE_URL": f"http://{self.sandbox}/beta",
            "LEDGER_URL": f"sqlite:{self.folder}/ledger.sqlite",
            "STARTUP_LIMIT": "0s",
            **self.settings,
        }
        environment = {name: value for name, value in environment.items() if value is not None}
        command = [self.programs / "enrollment-gateway", "serve"]
        log = self.folder / f"log-{self.starts}"
        self.gateway, self.callers, self.management = start_gateway(self.stack, command, environment, log)

    def end_gateway(self):
        self.gateway.kill()
        self.gateway.wait()

    def key(self, caller, rights=EVERY_RIGHT, *options, profile="*"):
        """A new key of the gateway's key ring."""
        rights = [argument for right in rights for argument in ("--right", right)]
        command = [
            self.programs / "enrollment-gateway",
            "keys",
            "new",
            "--caller",
            caller,
            *rights,
            "--profile",
            profile,
            *options,
        ]
        environment = {"API_KEYS_PATH": str(self.folder / "api-keys.json")}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def change_key(self, key, **members):
        """Writes into the key ring what no command writes, such as an end in the past."""
        path = self.folder / "api-keys.json"
        ring = json.loads(path.read_text())
        (found,) = [one for one in ring["keys"] if one["id"] == id_of(key)]
        found.update(members)
        path.write_text(json.dumps(ring))

    def call(self, method, path, key=None, body=None, **fields):
        """What the gateway answers to a caller."""
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if key is not None:
            fields["X-API-Key"] = key
        if body is not None:
            fields["Content-Type"] = "application/json"
        return ask(self.callers, method, path, body if body is None else json.dumps(body), fields)

    def control(self, method, what, body=None):
        """What the sandbox's control endpoint answers."""
        answer = ask(self.sandbox, method, f"/_sandbox/{what}", body if body is None else json.dumps(body))
        if answer.status >= 300:
            raise ValueError(answer.text)
        return json.loads(answer.text) if answer.text else None

    def make_fail(self, operation, effect="answer", **members):
        """Has the sandbox fail the next request of the kind, or as many as `next` says."""
        self.control("POST", "faults", {"operation": operation, "effect": effect, **members})

    def heal(self):
        self.control("DELETE", "faults")

    def profile(self, identifier):
        """What the sandbox knows of a profile."""
        (found,) = [one for one in self.control("GET", "profiles")["profiles"] if one["id"] == identifier]
        return found


class Sandboxed:
    """A gateway that has brought its own sandbox, without any other set-up; it ends with the block."""

    def __init__(self, programs):
        self.programs, self.stack = programs, contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            command = [self.programs / "enrollment-gateway", "serve", "--sandbox", "--http-port", "0", "--management-port", "0"]
            _, self.callers, self.management = start_gateway(stack, command, {"TMPDIR": str(folder)}, folder / "log")
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        return self.stack.__exit__(*failure)


def start(stack, command, environment=None, **options):
    """A program that ends with the stack."""
    environment = {"PATH": os.environ["PATH"], "SWIFT_BACKTRACE": "enable=no", **(environment or {})}
    process = subprocess.Popen(command, env=environment, **options)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def start_gateway(stack, command, environment, log):
    """The process, and the addresses at which it serves callers and management: as its log has them."""
    with open(log, "w") as file:
        process = start(stack, command, environment, stdout=file, stderr=file)

    def address(name):
        def port():
            if process.poll() is not None:
                raise RuntimeError(f"the gateway has ended: {log.read_text()}")
            return re.search(rf'"{name}.port":"(\d+)"', log.read_text())

        return f"127.0.0.1:{awaited(f'the gateway does not serve {name}', port, 60).group(1)}"

    return process, address("http"), address("management")


class Answer:
    def __init__(self, status, fields, text):
        self.status, self.fields, self.text = status, fields, text

    @property
    def document(self):
        return json.loads(self.text)


def ask(address, method, path, body=None, fields=None):
    with contextlib.closing(http.client.HTTPConnection(address, timeout=60)) as connection:
        connection.request(method, path, body, fields or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


def id_of(key):
    """The part of a key that logs and pages name it by."""
    return key.split("_")[1]
