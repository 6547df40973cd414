"""The labels of the metrics and their values, as docs/metrics.md has them, and what is asked for of them."""

import re

from repository import ROOT

METRICS = "docs/metrics.md"
# Of these not each value is there before it has come once.
SELDOM = {"gateway_credential_expiry_seconds", "gateway_retries_total"}
# Prometheus itself says where a sample is from.
ORIGIN = {"job", "instance", "namespace"}


def names(text):
    return set(re.findall(r"`([^`]+)`", text))


def known_metrics():
    """Each with its labels."""
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| (.*?) \|", (ROOT / METRICS).read_text(), re.MULTILINE)
    return {name: names(labels) for name, labels in rows}


def known_values():
    """By metric and label, where they are listed. The bounds, `le`, are those of every histogram: the metric is empty there."""
    _, _, answers = (ROOT / "docs/errors.md").read_text().partition("## The gateway's answers\n")
    codes = set(re.findall(r"^\| `([\w-]+)` \|", answers.partition("\n## ")[0], re.MULTILINE))
    known = {}
    for label, metrics, values in re.findall(r"^\| `(\w+)` of (.*?) \| (.*) \|$", (ROOT / METRICS).read_text(), re.MULTILINE):
        for metric in names(metrics) or {""}:
            known[metric, label] = codes if label == "code" else names(values)
    return known


def family(name):
    """The metric to which a series belongs, which has another name where it is part of a histogram."""
    return re.sub(r"_(bucket|count|sum)$", "", name)


def selectors(expression):
    """The metrics that are asked for, each with the labels and the values by which one chooses: `None` for a pattern."""
    expression = re.sub(r"\b(by|on) \(.*?\)", "", expression)
    for name, selector in re.findall(r"\b((?:gateway|http|process|metrics)_\w+)(?:{(.*?)})?", expression):
        chosen = {}
        for label, operator, value in re.findall(r'(\w+)(=~|!=|!~|=)"(.*?)"', selector):
            values = value.split("|") if "~" in operator else [value]
            plain = all(re.fullmatch(r"[\w-]+", value) for value in values)
            chosen[label] = values if "~" not in operator or plain else None
        yield family(name), chosen


def check(where, expression, findings):
    """There is what the expression asks for."""
    metrics, values = known_metrics(), known_values()
    for name, chosen in selectors(expression):
        findings.expect(name in metrics, where, f"{METRICS} has no {name}")
        labels = chosen.keys() - ORIGIN - {"le"}
        findings.expect(labels <= metrics.get(name, labels), where, f"{METRICS} has no {labels} of {name}")
        for label, wanted in chosen.items():
            known = values.get(("" if label == "le" else name, label))
            if known is not None and wanted is not None:
                findings.expect(set(wanted) <= known, where, f"{METRICS} has no {label} {wanted} of {name}")


def check_shown(text, findings):
    """docs/metrics.md lists the values that a gateway shows which has done everything."""
    shown = {}
    for series, labels in re.findall(r"^(\w+){(.*)} ", text, re.MULTILINE):
        for label, value in re.findall(r'(\w+)="(.*?)"', labels):
            shown.setdefault(("" if label == "le" else family(series), label), set()).add(value)
    for (metric, label), listed in known_values().items():
        seen = shown.get((metric, label), set())
        seen |= listed if metric in SELDOM and seen <= listed else set()
        findings.expect(seen == listed, METRICS, f"{label} of {metric or 'histograms'}: {sorted(seen ^ listed)} is on one side alone")
