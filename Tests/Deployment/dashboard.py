"""Grafana's dashboard is in order, and a real Prometheus that watches a real gateway answers each of its queries with data.

    dashboard.py FOLDER-OF-THE-PROGRAMS
"""

import json
import math
import sys
import time

import labels
from observed import MOST_CONNECTIONS, Observed, ask, awaited, crowd
from repository import ROOT, Findings

PATH = "deploy/observability/grafana/dashboards/enrollment-gateway.json"
# Rates are over this long here, of a scrape each second.
RATE = "5s"


def document():
    return json.loads((ROOT / PATH).read_text())


def panels():
    return [panel for panel in document()["panels"] if panel["type"] != "row"]


def expression(query, instance, seconds, rate=RATE):
    """A query with Grafana's variables filled in."""
    names = {"$__rate_interval": rate, "$__range": f"{seconds}s", "$job": "enrollment-gateway", "$instance": instance}
    for name, value in names.items():
        query = query.replace(name, value)
    return query


def check_document(findings):
    """Each panel has its own number and place, says what it shows, and asks the data source of the variable."""
    dashboard = document()
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    findings.expect(variables == {"datasource", "job", "instance"}, PATH, f"has the variables {variables}")
    numbers = [panel["id"] for panel in dashboard["panels"]]
    findings.expect(len(numbers) == len(set(numbers)), PATH, "two panels have one number")
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        findings.expect(place["x"] + place["w"] <= 24, panel["title"], "does not fit into the page")
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                findings.expect(other == panel["title"], panel["title"], f"lies over {other}")
    for panel in panels():
        findings.expect(panel.get("description"), panel["title"], "does not say what it shows")
        for target in panel["targets"]:
            findings.expect(target["datasource"]["uid"] == "${datasource}", panel["title"], "asks a data source of its own")
            selected = target["expr"].count('job="$job",instance=~"$instance"') == target["expr"].count("{")
            findings.expect(selected, panel["title"], f"does not keep to the chosen gateways: {target['expr']}")
            labels.check(panel["title"], target["expr"], findings)


def make_everything_happen(observed):
    """What the panels show: also what seldom is."""
    before = retries(observed)
    # Of two that would strike the same call only one does.
    observed.make_fail("createToken", status=429, headers={"Retry-After": "1"}, nth=1)
    for number in (2, 3):
        observed.make_fail("createToken", "reset", at="after-acting", nth=number)
    observed.make_fail("revokeToken", status=503, next=1)
    crowd(observed.callers, MOST_CONNECTIONS + 20)
    awaited(lambda: retries(observed) > before)


def retries(observed):
    """How often a creation was sent again, so far."""
    lines = (ask(f"http://{observed.management}/metrics") or b"").decode().splitlines()
    counts = [line.split()[-1] for line in lines if line.startswith("gateway_retries_total{") and "create-token" in line]
    return sum(map(float, counts))


def has_data(series):
    return any(not math.isnan(float(value)) for one in series for _, value in one["values"])


def main(programs):
    findings = Findings()
    check_document(findings)
    with Observed(programs) as observed, observed.callers_at_work():
        begun = time.time()
        # A counter that comes with its first rise is seen to rise at its second.
        for _ in range(3):
            make_everything_happen(observed)
            time.sleep(4)
        ended = time.time()
        seconds = math.ceil(ended - begun)
        for panel in panels():
            for target in panel["targets"]:
                query = expression(target["expr"], observed.management, seconds)
                findings.expect(has_data(observed.query(query, begun, ended, 1)), panel["title"], f"no data for {query}")
        labels.check_shown(ask(f"http://{observed.management}/metrics").decode(), findings)
    sys.exit(findings.report(f"{len(panels())} panels"))


if __name__ == "__main__":
    main(sys.argv[1])
