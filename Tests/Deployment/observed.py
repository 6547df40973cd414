"""A gateway with its sandbox under way, callers of all kinds, and a Prometheus that watches: what the dashboard is tried on."""

import contextlib
import datetime
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import yaml
from repository import write_certificate

PROFILES = [f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in (1, 2, 3)]
TENANT, CLIENT, SECRET = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "sandbox-only-secret"
MOST_CONNECTIONS = 40

REQUESTS = [
    ("POST", "/profiles/{profile}/token", '{"tokenValidityInSeconds": 3600}'),
    ("GET", "/profiles/{profile}/token", None),
    ("GET", "/profiles/{profile}/token/qr-code", None),
    ("GET", "/profiles", None),
    ("DELETE", "/profiles/{profile}/token", None),
    # The last two are mistakes.
    ("POST", "/profiles/{profile}/token", '{"tokenValidityInSeconds": 1}'),
    ("GET", "/profiles/bbbbbbbb-0000-4000-8000-000000000009", None),
]
# How often a caller asks for each of them; one that may only read tries more than that now and then.
EVERYTHING, READER = [8, 45, 22, 22, 2, 0.5, 0.5], [0.5, 40, 30, 28, 0, 0, 1]


class Observed:
    """Everything, started in a folder; it ends with the block.

    Prometheus looks every second, so that rates over a few seconds mean something.
    """

    def __init__(self, programs, access_token_lifetime=3600):
        self.programs, self.access_token_lifetime = pathlib.Path(programs), access_token_lifetime
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.collector = stack.enter_context(running_server())
            self.sandbox = self.start_sandbox(stack)
            self.keys = self.write_keys()
            self.callers, self.management = self.start_gateway(stack)
            self.prometheus = self.start_prometheus(stack)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        return self.stack.__exit__(*failure)

    def start(self, stack, command, environment=None, **options):
        process = subprocess.Popen(command, env={"PATH": os.environ["PATH"], **(environment or {})}, **options)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        return process

    def start_sandbox(self, stack):
        (self.folder / "secret").write_text(SECRET)
        command = [self.programs / "graph-sandbox", "--port", "0", "--secret-file", self.folder / "secret"]
        process = self.start(stack, command, stdout=subprocess.PIPE, text=True)
        url = re.search(r"Entra (\S+)", process.stdout.readline()).group(1)
        post(f"{url}/_sandbox/tenant", {"accessTokenLifetimeSeconds": self.access_token_lifetime})
        return url

    def write_keys(self):
        """Of four callers: one may only read, and its key ends soon; one may not ask often."""
        every = ["token:create", "token:read", "token:revoke", "profile:read"]
        return {
            "portal-eu": self.write_key("portal-eu", every),
            "portal-us": self.write_key("portal-us", every),
            "signage": self.write_key("signage", ["token:read", "profile:read"], "--expires", "7d"),
            "kiosk-lab": self.write_key("kiosk-lab", every, "--rate", "6/1s"),
        }

    def write_key(self, caller, rights, *options):
        rights = [argument for right in rights for argument in ("--right", right)]
        command = [self.programs / "enrollment-gateway", "keys", "new", "--caller", caller, *rights, "--profile", "*", *options]
        environment = {"API_KEYS_PATH": str(self.folder / "api-keys.json")}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def start_gateway(self, stack):
        write_certificate(self.folder / "tls.crt", self.folder / "tls.key")
        ends = datetime.date.today() + datetime.timedelta(days=200)
        log = stack.enter_context(open(self.folder / "log", "w+"))
        environment = {
            "HTTP_PORT": "0",
            "MANAGEMENT_PORT": "0",
            "HTTP_TLS_CERTIFICATE_PATH": f"{self.folder}/tls.crt",
            "HTTP_TLS_PRIVATE_KEY_PATH": f"{self.folder}/tls.key",
            "HTTP_MAX_CONNECTIONS": str(MOST_CONNECTIONS),
            "API_KEYS_PATH": f"{self.folder}/api-keys.json",
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET_FILE": f"{self.folder}/secret",
            "AZURE_CLIENT_SECRET_EXPIRES_ON": ends.isoformat(),
            "AZURE_AUTHORITY_HOST": self.sandbox,
            "GRAPH_BASE_URL": f"{self.sandbox}/beta",
            "GRAPH_DEADLINE": "10s",
            "LEDGER_URL": f"sqlite:{self.folder}/ledger.sqlite",
            "AUDIT_LOG_PATH": f"{self.folder}/audit.jsonl",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector,
            "OTEL_BSP_SCHEDULE_DELAY": "1000",
        }
        process = self.start(stack, [self.programs / "enrollment-gateway", "serve"], environment, stdout=log, stderr=log)
        ports = [self.logged(process, f"{name}.port") for name in ("http", "management")]
        return tuple(f"127.0.0.1:{port}" for port in ports)

    def logged(self, process, member):
        """What a line of the gateway's log says under this name."""
        return awaited(
            lambda: re.search(rf'"{re.escape(member)}":"(\d+)"', (self.folder / "log").read_text()),
            lambda: process.poll() is not None and (self.folder / "log").read_text(),
        ).group(1)

    def start_prometheus(self, stack):
        configuration = {
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "enrollment-gateway", "static_configs": [{"targets": [self.management]}]}],
        }
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        port = free_port()
        command = [
            "prometheus",
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
        self.start(stack, command)
        address = f"http://127.0.0.1:{port}"
        awaited(lambda: ask(f"{address}/-/ready") is not None)
        awaited(lambda: b'"value"' in (ask(f"{address}/api/v1/query?query=gateway_ready") or b""))
        return address

    def query(self, expression, start, end, step):
        """The series that Prometheus answers with, each with its points."""
        values = urllib.parse.urlencode({"query": expression, "start": start, "end": end, "step": step})
        answer = ask(f"{self.prometheus}/api/v1/query_range?{values}")
        if answer is None:
            raise ValueError(f"Prometheus does not take {expression}")
        return json.loads(answer)["data"]["result"]

    def make_fail(self, operation, effect="answer", **members):
        """Has the sandbox fail the next request of the kind, or as many as `next` says."""
        post(f"{self.sandbox}/_sandbox/faults", {"operation": operation, "effect": effect, **members})

    def callers_at_work(self, weight=1.0):
        return Callers(self, weight)


class Callers:
    """Callers of all kinds, at work on threads of their own until the end of the block."""

    def __init__(self, observed, weight):
        self.observed, self.weight, self.ended = observed, weight, threading.Event()
        keys = observed.keys.items()
        self.threads = [threading.Thread(target=self.work, args=(*caller, turn)) for caller in keys for turn in range(2)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failure):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def work(self, caller, key, turn):
        draw, connection = random.Random(f"{caller} {turn}"), None
        while not self.ended.wait(draw.expovariate(6 * self.weight)):
            connection = connection or connect(self.observed.callers)
            try:
                ask_something(connection, draw, key, READER if caller == "signage" else EVERYTHING)
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
        if connection:
            connection.close()


def connect(address):
    """Nobody checks who answers, on one machine in a test."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(address, timeout=30, context=trust)


def ask_something(connection, draw, key, weights):
    """One request: most are in order."""
    method, path, body = draw.choices(REQUESTS, weights)[0]
    wrong = draw.random() < 0.02
    headers = {"X-API-Key": key[::-1] if wrong else key, "Content-Type": "application/json"}
    if method == "POST":
        headers["Idempotency-Key"] = f"wish-{draw.getrandbits(64):x}"
    connection.request(method, path.format(profile=draw.choice(PROFILES)), body, headers)
    connection.getresponse().read()


def crowd(address, count):
    """Opens more connections than are let in, and closes them."""
    sockets = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            sockets.append(socket.create_connection(address.split(":"), timeout=2))
    time.sleep(0.5)
    for one in sockets:
        one.close()


@contextlib.contextmanager
def running_server():
    """The URL of a collector that takes all spans."""

    class Collector(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def post(url, members):
    urllib.request.urlopen(url, json.dumps(members).encode()).read()


def ask(url):
    """The body of a good answer."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read()
    except OSError:
        return None


def awaited(find, failed=lambda: None):
    """What `find` finds, within two minutes."""
    end = time.monotonic() + 120
    while True:
        is_late = time.monotonic() > end
        if found := find():
            return found
        if reason := failed():
            raise RuntimeError(reason)
        if is_late:
            raise TimeoutError("it does not come up")
        time.sleep(0.05)


def free_port():
    """Below those that the system gives to connections and to servers that let it choose: nobody else comes to have it."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as one:
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                return port
