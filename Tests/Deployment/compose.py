"""docker-compose.yml and what its services are configured with fit the specification of Compose, each other, and the gateway.

    compose.py FOLDER-OF-THE-PROGRAMS
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from compose_spec import PyCompose
from repository import ROOT, Findings, check_settings, document, seconds, settings, time_to_stop, write_certificate

OBSERVABILITY = "deploy/observability"


def check_services(services, volumes, findings):
    for name, service in services.items():
        findings.expect(service.get("cap_drop") == ["ALL"] or name == "postgres", name, "keeps capabilities")
        for port in service.get("ports", []):
            findings.expect(port.startswith("127.0.0.1:"), name, f"is open to the network: {port}")
        for other in service.get("depends_on", []):
            with_it = not services[other].get("profiles") or services[other].get("profiles") == service.get("profiles")
            findings.expect(with_it, name, f"needs {other}, which is not started with it")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = (ROOT / source).exists() if source.startswith("./") else source in volumes
            findings.expect(there, name, f"there is no {source}")
    published = [port.rsplit(":", 1)[0] for service in services.values() for port in service.get("ports", [])]
    findings.expect(len(published) == len(set(published)), "docker-compose.yml", "publishes a port twice")


def check_gateway(programs, name, service, findings):
    """The gateway takes these settings, and has time to stop."""
    environment, known = service["environment"], settings()
    findings.expect(environment.keys() <= known.keys(), name, f"the README does not know {sorted(environment.keys() - known.keys())}")
    stop = time_to_stop(environment)
    findings.expect(seconds(service["stop_grace_period"]) > stop, name, f"is killed before its {stop} s are over")
    with tempfile.TemporaryDirectory() as folder:
        write_certificate(f"{folder}/ca.pem", f"{folder}/key.pem")
        places = dict(volume.split(":")[1::-1] for volume in service["volumes"])
        mapped = {}
        for setting, value in environment.items():
            for place, source in places.items():
                value = value.replace(place, str(ROOT / source) if source.startswith("./") else folder)
            mapped[setting] = value
        findings.add(name, check_settings(programs, mapped))


def check_prometheus(services, findings):
    path = ROOT / OBSERVABILITY / "prometheus.yml"
    ended = subprocess.run(["promtool", "check", "config", path], capture_output=True, text=True)
    findings.expect(ended.returncode == 0, path.name, ended.stdout + ended.stderr)
    (job,) = document(f"{OBSERVABILITY}/prometheus.yml")["scrape_configs"]
    findings.expect(job["job_name"] == "enrollment-gateway", path.name, "the alerts know no such job")
    for target in job["static_configs"][0]["targets"]:
        name, port = target.split(":")
        environment = services[name]["environment"]
        reachable = (environment.get("MANAGEMENT_HOST"), environment.get("MANAGEMENT_PORT", "9090")) == ("0.0.0.0", port)
        findings.expect(reachable, path.name, f"does not reach {target}")


def check_collector(services, findings):
    """Each part of a pipeline is there, each part is in a pipeline, and the gateway sends to its receiver."""
    path = f"{OBSERVABILITY}/otel-collector.yaml"
    configuration = document(path)
    kinds = ("receivers", "processors", "exporters")
    findings.expect(configuration.keys() == {*kinds, "service"}, path, "has other parts than a collector has")
    pipelines = configuration["service"]["pipelines"].values()
    for kind in kinds:
        used = {part for pipeline in pipelines for part in pipeline[kind]}
        findings.expect(used == configuration[kind].keys(), path, f"{kind}: has {list(configuration[kind])}, uses {sorted(used)}")
    port = configuration["receivers"]["otlp"]["protocols"]["http"]["endpoint"].split(":")[1]
    endpoint = services["gateway-observed"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    findings.expect(endpoint == f"http://otel-collector:{port}", path, f"the gateway sends to {endpoint}")


def check_grafana(services, findings):
    folder = f"{OBSERVABILITY}/grafana"
    mounts = dict(volume.split(":")[:2] for volume in services["grafana"]["volumes"])
    (source,) = document(f"{folder}/provisioning/datasources/prometheus.yaml")["datasources"]
    findings.expect(source["url"] == "http://prometheus:9090", folder, f"asks {source['url']}")
    interval = document(f"{OBSERVABILITY}/prometheus.yml")["global"]["scrape_interval"]
    findings.expect(source["jsonData"]["timeInterval"] == interval, folder, "has another interval than Prometheus")
    (provider,) = document(f"{folder}/provisioning/dashboards/enrollment-gateway.yaml")["providers"]
    findings.expect(provider["options"]["path"] == mounts[f"./{folder}/dashboards"], folder, "looks for its dashboards elsewhere")
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    dashboard = ROOT / folder / "dashboards" / pathlib.PurePath(home).name
    findings.expect(dashboard.exists() and json.loads(dashboard.read_text()), folder, f"has no {home}")


def main(programs):
    findings = Findings()
    compose = document("docker-compose.yml")
    try:
        PyCompose.from_json(json.dumps(compose)).to_spec()
    except ValueError as error:
        findings.add("docker-compose.yml", str(error))
    services = compose["services"]
    check_services(services, compose["volumes"], findings)
    for name, service in services.items():
        if service["image"] == "enrollment-gateway" and "entrypoint" not in service:
            check_gateway(programs, name, service, findings)
    check_prometheus(services, findings)
    check_collector(services, findings)
    check_grafana(services, findings)
    sys.exit(findings.report(f"{len(services)} services"))


main(sys.argv[1])
