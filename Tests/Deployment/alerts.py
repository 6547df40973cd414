"""The alerts fire when they should and not before, and the runbook has each of them.

With UPDATE_ALERTS=1 it writes the alerts as Kubernetes' operator takes them.
"""

import os
import re
import subprocess
import sys
import tempfile

import labels
import yaml
from repository import Findings, ROOT, document

RULES = "deploy/observability/alerts.yaml"
OPERATOR_RULES = "deploy/kubernetes/base/prometheusrule.yaml"
RUNBOOK = "docs/runbook.md"
CASES = "Tests/Deployment/alerts.yaml"


def promtool(*arguments):
    """What it says of them, or nothing if they are in order."""
    ended = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def tests(alert, cases):
    """As promtool has them: how many alerts of the name fire at each of the times."""
    query = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)'
    for case in cases:
        times = [(time, 0) for time in case.get("quiet", [])] + [(time, 1) for time in case.get("fires", [])]
        yield {
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in case["samples"].items()],
            "promql_expr_test": [
                {"expr": query, "eval_time": time, "exp_samples": [{"labels": "{}", "value": count}]} for time, count in times
            ],
        }


def check_firing(alerts, findings):
    cases = document(CASES)
    for alert in alerts.keys() ^ cases.keys():
        findings.add(alert, f"is not in both of {RULES} and {CASES}")
    for alert, of_alert in cases.items():
        for times in ("quiet", "fires"):
            if not any(case.get(times) for case in of_alert):
                findings.add(alert, f"has no case of times at which it {times}")
        for series, values in [samples for case in of_alert for samples in case["samples"].items()]:
            findings.expect(isinstance(values, str), alert, f"{series} has the number {values} in the place of samples")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        every = [test for alert, of_alert in cases.items() for test in tests(alert, of_alert)]
        yaml.safe_dump({"rule_files": [str(ROOT / RULES)], "evaluation_interval": "1m", "tests": every}, file)
        file.flush()
        findings.add("promtool test rules", promtool("test", "rules", file.name))


def check_runbook(alerts, findings):
    """Each alert has its heading there, with what is to be said of it, and no heading is of an alert that is gone."""
    parts = re.split(r"^### ", (ROOT / RUNBOOK).read_text(), flags=re.MULTILINE)[1:]
    sections = {part.splitlines()[0].strip(): part for part in parts}
    for alert in alerts.keys() ^ sections.keys():
        findings.add(alert, f"is not in both of {RULES} and {RUNBOOK}")
    for alert, rule in alerts.items():
        if rule["annotations"]["runbook_url"] != f"{RUNBOOK}#{alert.lower()}":
            findings.add(alert, "has not its own place in the runbook as its runbook_url")
        for need in ("**Means**", "**Who acts**", "**Look at**", "**Do**"):
            if need not in sections.get(alert, ""):
                findings.add(alert, f"{RUNBOOK} does not say: {need}")
        if rule["labels"].get("severity") not in ("critical", "warning", "info"):
            findings.add(alert, "has no severity that is known")
        if not {"summary", "description"} <= rule["annotations"].keys():
            findings.add(alert, "says no summary or no description")


def check_metrics(alerts, findings):
    """What they ask for is measured, and so is what they are tested with."""
    for alert, rule in alerts.items():
        labels.check(alert, rule["expr"], findings)
    for alert, of_alert in document(CASES).items():
        for series in [series for case in of_alert for series in case["samples"]]:
            labels.check(f"{CASES}: {alert}", series, findings)


def operator_rules():
    """The alerts as the Prometheus operator takes them."""
    head, _, body = (ROOT / RULES).read_text().partition("groups:\n")
    return (
        "# Written by `make alerts` of deploy/observability/alerts.yaml, which says what they are.\n"
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: enrollment-gateway\n"
        "  labels:\n    app.kubernetes.io/name: enrollment-gateway\n"
        "spec:\n  groups:\n" + "".join(f"  {line}" if line.strip() else line for line in body.splitlines(keepends=True))
    )


def main():
    findings = Findings()
    alerts = {rule["alert"]: rule for group in document(RULES)["groups"] for rule in group["rules"]}
    findings.add("promtool check rules", promtool("check", "rules", str(ROOT / RULES)))
    check_firing(alerts, findings)
    check_runbook(alerts, findings)
    check_metrics(alerts, findings)
    if os.environ.get("UPDATE_ALERTS"):
        (ROOT / OPERATOR_RULES).write_text(operator_rules())
    if not (ROOT / OPERATOR_RULES).exists() or (ROOT / OPERATOR_RULES).read_text() != operator_rules():
        findings.add(OPERATOR_RULES, f"has not the alerts of {RULES}: run make alerts")
    sys.exit(findings.report(f"{len(alerts)} alerts"))


main()
