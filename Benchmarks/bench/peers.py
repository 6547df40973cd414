"""What is measured, and what stands in for Entra and Graph."""

import contextlib
import glob
import http.client
import os
import shutil
import socket
import time

from .failure import Failure
from .place import ROOT
from .process import Process

UPSTREAM_PORT = 9443
COUNT_PORT = 9444
IDENTITY_PORT = 9081


class Peer:
    """A program that does the job: its name, its port, what it answers when it has minted, and how it is started."""

    def __init__(self, name, port, created, start):
        self.name = name
        self.port = port
        self.created = created
        self.start = start


def nginx():
    return _tool("nginx", "/usr/sbin/nginx")


def _tool(name, *places):
    for place in (shutil.which(name), *places):
        if place and os.access(place, os.X_OK):
            return place
    raise Failure(f"{name} is not installed. Run: make bench-deps")


def _nginx_peer(place):
    return Process([nginx(), "-p", place.folder, "-c", place.path("nginx.conf")], place.folder, log="nginx.log")


def _envoy(place):
    return Process(
        [envoy_path(), "-c", place.path("envoy.yaml"), "--concurrency", "2", "-l", "warning", "--use-dynamic-base-id"],
        place.folder,
        log="envoy.log",
    )


def envoy_path():
    """The program itself, not the script in front of it."""
    for path in glob.glob(os.path.join(ROOT, ".build", "bench", "lib", "*", "site-packages", "envoy", "_bin", "envoy")):
        if os.access(path, os.X_OK):
            return path
    raise Failure("Envoy is not installed. Run: make bench-deps")


def gateway_path():
    return os.environ.get("BENCH_GATEWAY") or os.path.join(ROOT, ".build", "release", "enrollment-gateway")


def gateway_environment(place, **more):
    return {
        "PATH": os.environ["PATH"],
        "HTTP_PORT": "8083",
        "MANAGEMENT_PORT": "8084",
        "API_KEY": place.key,
        "AZURE_TENANT_ID": "11111111-1111-4111-8111-111111111111",
        "AZURE_CLIENT_ID": "22222222-2222-4222-8222-222222222222",
        "AZURE_CLIENT_SECRET": place.secret,
        "AZURE_AUTHORITY_HOST": f"http://127.0.0.1:{IDENTITY_PORT}",
        "GRAPH_BASE_URL": f"https://127.0.0.1:{UPSTREAM_PORT}/beta",
        "UPSTREAM_CA_PATH": place.path("certificate.pem"),
        # The others keep no log of requests and know no limit of Graph's either.
        "LOG_LEVEL": "warning",
        "GRAPH_WRITE_LIMIT": "off",
        "HTTP_MAX_IN_FLIGHT": "1024",
        "HTTP_MAX_CONNECTIONS_PER_ADDRESS": "off",
        # Nor do they keep a record of what was asked; what that costs is in ledger.md.
        "LEDGER_URL": "none",
        **more,
    }


def _gateway(place):
    return Process([gateway_path(), "serve"], place.folder, gateway_environment(place), log="gateway.log")


GATEWAY = Peer("gateway", 8083, 201, _gateway)
ENVOY = Peer("Envoy", 8082, 204, _envoy)
NGINX = Peer("nginx", 8081, 204, _nginx_peer)
ALL = [GATEWAY, ENVOY, NGINX]


def upstream(place):
    return Process([nginx(), "-p", place.folder, "-c", place.path("upstream.conf")], place.folder, log="upstream.log")


def identity(place):
    return Process([nginx(), "-p", place.folder, "-c", place.path("identity.conf")], place.folder, log="identity.log")


def upstream_count():
    """How many requests the stand-in for Graph has had, this question not included."""
    connection = http.client.HTTPConnection("127.0.0.1", COUNT_PORT, timeout=5)
    connection.request("GET", "/")
    text = connection.getresponse().read().decode()
    connection.close()
    # Third line: accepts, handled, requests. The question counts itself, and each one before it.
    requests = int(text.splitlines()[2].split()[2])
    upstream_count.asked += 1
    return requests - upstream_count.asked


upstream_count.asked = 0


def quiet_upstream_count(pause=0.1):
    """The same once nothing comes any more of what was under way when a run ended."""
    count = upstream_count()
    while True:
        time.sleep(pause)
        before, count = count, upstream_count()
        if count == before:
            return count


def mint(peer, place, profile, validity=3600, key=None, fields=None):
    """One call as a caller makes it; the status of its answer, or None when nothing listens yet."""
    body = f'{{"tokenValidityInSeconds":{validity}}}'
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=10)
    try:
        connection.request(
            "POST",
            f"/profiles/{profile:08x}-0000-4000-8000-000000000000/token",
            body,
            {"X-API-Key": key or place.key, "Content-Type": "application/json"} | (fields or {}),
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except ConnectionError:
        return None
    finally:
        connection.close()


def wait_until_minting(peer, process, place, profile, limit=20):
    """Seconds from the program's start to its first minted token."""
    while True:
        status = mint(peer, place, profile)
        now = time.monotonic()
        if status == peer.created:
            return now - process.started_at
        if not process.is_running():
            raise Failure(f"{peer.name} ended: {process.log_text()[-2000:]}")
        if now - process.started_at > limit:
            raise Failure(f"{peer.name} minted nothing in {limit} s (status {status}): {process.log_text()[-2000:]}")
        time.sleep(0.001)


def wait_until_listening(limit=5):
    """The stand-ins are up."""
    for port in (UPSTREAM_PORT, COUNT_PORT, IDENTITY_PORT):
        began = time.monotonic()
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError as error:
                if time.monotonic() - began > limit:
                    raise Failure(f"nothing listens on 127.0.0.1:{port}: {error}") from error
                time.sleep(0.01)


@contextlib.contextmanager
def running(place, all_peers):
    """Starts the peers side by side, each minting, and ends them."""
    processes = {}
    try:
        for peer in all_peers:
            processes[peer] = peer.start(place)
            wait_until_minting(peer, processes[peer], place, 0xF1000000)
        yield processes
    finally:
        for process in processes.values():
            process.stop()
