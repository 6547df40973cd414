"""The objects of deploy/kubernetes fit the schemas of Kubernetes, each other, and the gateway.

    kubernetes.py FOLDER-OF-THE-PROGRAMS
"""

import pathlib
import re
import sys
import tempfile

import jsonschema
import kubernetes_validate
import kustomize
from repository import ROOT, Findings, check_settings, document, settings, time_to_stop, write_certificate, write_key_ring

FOLDER = "deploy/kubernetes"
# The oldest that the README names, and the newest that there is a schema of.
VERSIONS = ["1.29", "1.37"]
LABELS = {"app.kubernetes.io/name": "enrollment-gateway"}
# What the webhook of workload identity adds to a pod.
WEBHOOK = {
    "AZURE_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
    "AZURE_TENANT_ID": "22222222-2222-2222-2222-222222222222",
    "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
}
PLACE = "/etc/enrollment-gateway"
# So many seconds a loop owes its turn before /livez calls it stuck.
STUCK = 10


def one(objects, kind, name="enrollment-gateway"):
    (object,) = [object for object in objects if kustomize.identity(object) == (kind, name)]
    return object


def kinds(objects):
    return [object["kind"] for object in objects]


def includes(labels, wanted):
    return wanted.items() <= labels.items()


def check_schemas(where, objects, findings):
    """kubernetes-validate has those of Kubernetes; those of the Prometheus operator are written down here as far as they are used."""
    operator = document("Tests/Deployment/prometheus-operator.yaml")
    for object in objects:
        name = f"{where}: {object['kind']} {object['metadata']['name']}"
        try:
            if object["kind"] in operator:
                jsonschema.validate(object, operator[object["kind"]])
            else:
                for version in VERSIONS:
                    kubernetes_validate.validate(object, version, strict=True)
        except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
            findings.add(name, f"{error.message} at {'/'.join(map(str, error.path))}")
        findings.expect(includes(object["metadata"]["labels"], LABELS), name, "has not the common label")


def check_pod(where, deployment, findings):
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    stop = time_to_stop(environment)
    findings.expect(spec["terminationGracePeriodSeconds"] > stop, where, f"is killed before its {stop} s are over")
    unknown = environment.keys() - settings().keys()
    findings.expect(not unknown, where, f"the README does not know the settings {sorted(unknown)}")
    findings.expect(container["image"] == "enrollment-gateway:VERSION", where, "names an image of somebody's")

    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    findings.expect(mounts.keys() == {volume["name"] for volume in spec["volumes"]}, where, "mounts other volumes than it has")
    for name, value in environment.items():
        if name.endswith(("_PATH", "_FILE")):
            findings.expect(str(pathlib.PurePath(value).parent) in mounts.values(), where, f"{name} is in no volume")

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    findings.expect(ports == {"http": 8080, "management": 9090}, where, "has not the gateway's ports")
    # The kubelet comes from outside of the pod.
    is_closed = environment["MANAGEMENT_HOST"] == "127.0.0.1"
    for probe, path in [("startupProbe", "/livez"), ("readinessProbe", "/readyz"), ("livenessProbe", "/livez")]:
        program = ["enrollment-gateway", "health"] + (["--ready"] if path == "/readyz" else [])
        wanted = {"exec": {"command": program}} if is_closed else {"httpGet": {"path": path, "port": "management"}}
        asked = {way: container[probe][way] for way in ("exec", "httpGet", "tcpSocket", "grpc") if way in container[probe]}
        findings.expect(asked == wanted, where, f"{probe} asks for another thing")
        # On a machine that has too much to do an answer takes its time; Kubernetes waits for 1 s unless it is told.
        findings.expect(container[probe].get("timeoutSeconds", 1) >= 5, where, f"{probe} does not wait for a busy gateway")
    liveness = container["livenessProbe"]
    until = liveness["periodSeconds"] * liveness["failureThreshold"]
    findings.expect(until > STUCK, where, "is killed before it can say that a loop is stuck")
    # What the level `restricted` of the standards for pods wants, and a root that cannot be written.
    own = container["securityContext"]
    findings.expect(
        spec["securityContext"]["runAsNonRoot"]
        and spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        and own.get("capabilities") == {"drop": ["ALL"]}
        and own.get("allowPrivilegeEscalation") is False
        and own.get("readOnlyRootFilesystem"),
        where,
        "may more than it needs",
    )
    findings.expect({"requests", "limits"} <= container["resources"].keys(), where, "has no resources")
    return environment


def check_replicas(where, objects, environment, findings):
    deployment = one(objects, "Deployment")["spec"]
    if environment.get("LEDGER_URL", "").startswith("sqlite:"):
        findings.expect(deployment["replicas"] == 1, where, "a file belongs to one gateway alone")
        findings.expect(deployment["strategy"] == {"type": "Recreate"}, where, "the next one starts while the file is in use")
        claim = one(objects, "PersistentVolumeClaim")["spec"]
        findings.expect(claim["accessModes"] == ["ReadWriteOncePod"], where, "more than one pod may have the volume")
        path = pathlib.PurePath(environment["LEDGER_URL"].removeprefix("sqlite:"))
        mounts = deployment["template"]["spec"]["containers"][0]["volumeMounts"]
        findings.expect(str(path.parent) in [mount["mountPath"] for mount in mounts], where, "the ledger is in no volume")
        findings.expect("PodDisruptionBudget" not in kinds(objects), where, "a budget for one pod")
    else:
        findings.expect(deployment["replicas"] >= 2, where, "one gateway does not survive the loss of a node")
        findings.expect("topologySpreadConstraints" in deployment["template"]["spec"], where, "may have all on one node")
        findings.expect(one(objects, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1, where, "no budget")


def check_selectors(where, objects, findings):
    """Each object finds what it is for."""
    deployment = one(objects, "Deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    container = deployment["template"]["spec"]["containers"][0]
    names = {port["name"] for port in container["ports"]}
    account = one(objects, "ServiceAccount", deployment["template"]["spec"]["serviceAccountName"])
    findings.expect("azure.workload.identity/client-id" in account["metadata"]["annotations"], where, "no client id")
    findings.expect(labels["azure.workload.identity/use"] == "true", where, "no workload identity")
    services = [object for object in objects if object["kind"] == "Service"]
    for service in services:
        name = f"{where}: Service {service['metadata']['name']}"
        findings.expect(includes(labels, service["spec"]["selector"]), name, "selects no pod")
        findings.expect({port["targetPort"] for port in service["spec"]["ports"]} <= names, name, "targets no port of the pod")
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        for object in [object for object in objects if object["kind"] == kind]:
            spec = object["spec"]
            wanted = (spec.get("selector") or spec["podSelector"])["matchLabels"]
            findings.expect(includes(labels, wanted), f"{where}: {kind}", "selects no pod")
    policy = one(objects, "NetworkPolicy")["spec"]
    opened = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
    findings.expect(opened == names, where, f"the policy lets in at {opened}")
    findings.expect(all(rule["from"] for rule in policy["ingress"]), where, "the policy lets everybody in")

    monitor = one(objects, "ServiceMonitor")["spec"]
    (scraped,) = [service for service in services if includes(service["metadata"]["labels"], monitor["selector"]["matchLabels"])]
    (endpoint,) = monitor["endpoints"]
    findings.expect(endpoint["port"] in [port["name"] for port in scraped["spec"]["ports"]], where, "scrapes no port")
    job = scraped["metadata"]["labels"].get(monitor["jobLabel"])
    findings.expect(job == "enrollment-gateway", where, f"the alerts know no job {job}")


def write_secrets(programs, folder):
    """What the Secrets hold, and the token that the webhook mounts."""
    place = pathlib.Path(folder)
    for name in ("keys", "ledger", "tls"):
        (place / name).mkdir()
    (place / "ledger/url").write_text("postgresql://gateway:password@db.example.com/gateway")
    (place / "token").write_text("token")
    write_key_ring(programs, place / "keys/api-keys.json")
    write_certificate(place / "tls/tls.crt", place / "tls/tls.key")


def check_configuration(where, programs, environment, findings):
    """The gateway itself takes these settings, with what is in the Secrets and what the webhook adds."""
    with tempfile.TemporaryDirectory() as folder:
        write_secrets(programs, folder)
        mapped = {name: value.replace(PLACE, folder) for name, value in environment.items()}
        findings.add(where, check_settings(programs, {**mapped, **WEBHOOK, "AZURE_FEDERATED_TOKEN_FILE": f"{folder}/token"}))


def check_example(findings):
    """The kustomization of the README names what there is, and is one that kubectl takes."""
    (example,) = re.findall(r"^```yaml\n(apiVersion: kustomize.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    elsewhere = "../enrollment-gateway"
    for place in re.findall(rf"{elsewhere}/(\S+)", example):
        findings.expect((ROOT / place / "kustomization.yaml").exists(), "README.md", f"there is no kustomization in {place}")
    if not kustomize.is_installed():
        return
    for folder in (FOLDER, f"{FOLDER}/single"):
        try:
            objects = kustomize.run(re.sub(rf"{FOLDER} ", f"{folder} ", example).replace(elsewhere, "ROOT"))
        except ValueError as error:
            findings.add("README.md", error)
            continue
        (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
        findings.expect(container["image"] == "registry.example.com/enrollment-gateway:1.2.3", "README.md", "does not set the image")
        id = one(objects, "ServiceAccount")["metadata"]["annotations"]["azure.workload.identity/client-id"]
        findings.expect("application" in id, "README.md", "does not set the application")


def main(programs):
    findings, used = Findings(), set()
    variants = {
        "replicas": (FOLDER, []),
        "single": (f"{FOLDER}/single", []),
        "replicas with tls": (FOLDER, [f"{FOLDER}/tls"]),
        "single with tls": (f"{FOLDER}/single", [f"{FOLDER}/tls"]),
        "replicas with the console": (FOLDER, [f"{FOLDER}/console"]),
        "single with tls and the console": (f"{FOLDER}/single", [f"{FOLDER}/tls", f"{FOLDER}/console"]),
    }
    for where, (folder, components) in variants.items():
        objects, files = kustomize.build(folder, components)
        used.update(files)
        identities = [kustomize.identity(object) for object in objects]
        findings.expect(len(identities) == len(set(identities)), where, "an object is there twice")
        check_schemas(where, objects, findings)
        environment = check_pod(where, one(objects, "Deployment"), findings)
        check_replicas(where, objects, environment, findings)
        check_selectors(where, objects, findings)
        check_configuration(where, programs, environment, findings)
        for difference in kustomize.differences(objects, folder, components) if kustomize.is_installed() else []:
            findings.add(where, difference)
    check_example(findings)
    there = {str(path.relative_to(ROOT)) for path in (ROOT / FOLDER).rglob("*.yaml")}
    findings.expect(there == used, FOLDER, f"no kustomization has {sorted(there - used)}")
    sys.exit(findings.report(f"{len(used)} files of {FOLDER}"))


main(sys.argv[1])
