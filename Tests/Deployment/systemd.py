"""The unit is in order, closed, and stops late enough; its example of an environment is one that the gateway takes.

    systemd.py FOLDER-OF-THE-PROGRAMS
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from repository import ROOT, Findings, check_settings, seconds, settings, time_to_stop, write_certificate, write_key_ring

FOLDER = ROOT / "deploy/systemd"
UNIT = FOLDER / "enrollment-gateway.service"
# In tenths: below 2.0 of 10.
MOST_EXPOSED = "19"
# There are three pools with a thread for each core, and a few dozen threads besides.
MOST_THREADS = 3 * 256 + 64
PLACE = "/etc/enrollment-gateway"


def run(*command):
    """What it says, or nothing if it has ended well and in silence."""
    ended = subprocess.run(command, capture_output=True, text=True)
    output = (ended.stdout + ended.stderr).strip()
    return output or ("" if ended.returncode == 0 else f"{command[0]} ended with {ended.returncode}")


def directives(text):
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def check_unit(programs, findings):
    exposure = ["systemd-analyze", "security", "--offline=yes", "--no-pager"]
    if subprocess.run([*exposure, f"--threshold={MOST_EXPOSED}", UNIT], capture_output=True).returncode != 0:
        findings.add(UNIT.name, "is too open:\n" + run(*exposure, UNIT))
    text = UNIT.read_text()
    with tempfile.TemporaryDirectory() as folder:
        # There is a program in the unit's place only where somebody has installed it.
        copy = pathlib.Path(folder) / UNIT.name
        copy.write_text(text.replace("/usr/local/bin/", f"{pathlib.Path(programs).resolve()}/"))
        findings.add(UNIT.name, run("systemd-analyze", "verify", "--man=no", copy))
    return directives(text)


def check_crashes_and_threads(unit, findings):
    """Nothing that a crash leaves behind has memory in it, and a large machine's threads have room."""
    findings.expect(unit.get("Environment") == "SWIFT_BACKTRACE=enable=no", UNIT.name, "lets Swift report crashes with memory")
    findings.expect(unit.get("LimitCORE") == "0", UNIT.name, "lets the kernel write core files")
    findings.expect(int(unit["TasksMax"]) >= MOST_THREADS, UNIT.name, f"has no room for {MOST_THREADS} threads")


def check_accounts(unit, findings):
    """The user is made, and the folders of the unit are there."""
    users, files = FOLDER / "enrollment-gateway.sysusers", FOLDER / "enrollment-gateway.tmpfiles"
    with tempfile.TemporaryDirectory() as root:
        (pathlib.Path(root) / "etc").mkdir()
        findings.add(users.name, re.sub(r"Creating (user|group) .*\n?", "", run("systemd-sysusers", f"--root={root}", users)))
        made = (pathlib.Path(root) / "etc/passwd").read_text()
        findings.expect(f"{unit['User']}:" in made, users.name, f"does not make the user {unit['User']}")
        if os.geteuid() == 0:
            findings.add(files.name, run("systemd-tmpfiles", "--create", f"--root={root}", files))
            folder = pathlib.Path(root + unit["LoadCredential"].split(":")[1])
            findings.expect(folder.is_dir() and folder.stat().st_mode & 0o77 == 0, files.name, "no folder for secrets, or an open one")


def check_environment(programs, unit, findings):
    text = (FOLDER / "environment.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    known = settings()
    findings.expect(named <= known.keys(), "environment.example", f"the README does not know {sorted(named - known.keys())}")
    environment = directives(text)
    stop = time_to_stop(environment)
    findings.expect(seconds(unit["TimeoutStopSec"]) > stop, UNIT.name, f"is killed before its {stop} s are over")
    state = f"/var/lib/{unit['StateDirectory']}"
    findings.expect(environment["LEDGER_URL"].startswith(f"sqlite:{state}/"), "environment.example", f"the ledger is not in {state}")
    with tempfile.TemporaryDirectory() as folder:
        write_secrets(programs, pathlib.Path(folder))
        mapped = {name: value.replace(PLACE, folder).replace(state, folder) for name, value in environment.items()}
        findings.add("environment.example", check_settings(programs, mapped))


def write_secrets(programs, folder):
    """What the example says to be there."""
    live = folder / "live"
    live.mkdir()
    write_certificate(live / "certificate", live / "key")
    (live / "credential.pem").write_text((live / "key").read_text() + (live / "certificate").read_text())
    write_key_ring(programs, live / "api-keys.json")


def main(programs):
    findings = Findings()
    unit = check_unit(programs, findings)
    check_crashes_and_threads(unit, findings)
    check_accounts(unit, findings)
    check_environment(programs, unit, findings)
    sys.exit(findings.report("the unit"))


main(sys.argv[1])
