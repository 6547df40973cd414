"""What a table's reader has to know of the machine."""

import os
import platform
import subprocess

from . import peers, postgres


def lines():
    yield f"{_processor()}, {os.cpu_count()} cores, {_memory()} of memory, Linux {platform.release().split('-')[0]}"
    yield f"gateway: {_git()}, glibc {_first(['ldd', '--version']).split()[-1]}"
    yield f"libcurl {_first(['curl-config', '--version']).split()[-1]}, {_first(['openssl', 'version']).split(' (')[0]}"
    yield f"SQLite {_sqlite()}, PostgreSQL {_first([postgres.program('postgres'), '--version']).split()[2]}"
    yield f"Envoy {_envoy()}, nginx {_nginx_version()}, wrk {_wrk()}"


def _output(arguments):
    try:
        return subprocess.run(arguments, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return "unknown"


def _first(arguments):
    return (_output(arguments) or "unknown").splitlines()[0]


def _processor():
    with open("/proc/cpuinfo") as text:
        for line in text:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.machine()


def _memory():
    with open("/proc/meminfo") as text:
        return f"{round(int(text.readline().split()[1]) / 1024 / 1024)} GiB"


def _git():
    return "commit " + (_output(["git", "-C", peers.ROOT, "rev-parse", "--short", "HEAD"]) or "unknown")


def _sqlite():
    return _first(["pkg-config", "--modversion", "sqlite3"])


def _nginx_version():
    done = subprocess.run([peers.nginx(), "-v"], capture_output=True, text=True)
    return done.stderr.strip().split("/")[-1]


def _wrk():
    done = subprocess.run(["wrk", "--version"], capture_output=True, text=True)
    return (done.stdout or done.stderr).split()[1].replace("debian/", "")


def _envoy():
    # …/envoy  version: <commit>/<version>/Clean/RELEASE/BoringSSL
    words = _output([peers.envoy_path(), "--version"]).split()
    return words[-1].split("/")[1] if words and "/" in words[-1] else "unknown"
