"""What `kubectl kustomize` makes of a folder, as far as deploy/kubernetes needs it; and where it is installed, whether it does."""

import copy
import os
import posixpath
import shutil
import subprocess
import tempfile

import yaml
from repository import ROOT, documents

# By what the elements of lists are told apart, as Kubernetes' strategic merge has it.
MERGE_KEYS = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath", "ports": "port"}


def merge(object, patch):
    """The strategic merge of a patch into an object. A null takes a member away."""
    for key, value in patch.items():
        if value is None:
            object.pop(key, None)
        elif isinstance(value, dict) and isinstance(object.get(key), dict):
            merge(object[key], value)
        elif isinstance(value, list) and key in MERGE_KEYS and key in object:
            merge_list(object[key], value, MERGE_KEYS[key])
        else:
            object[key] = copy.deepcopy(value)


def merge_list(elements, patches, key):
    for patch in patches:
        own = [element for element in elements if element[key] == patch[key]]
        if patch.get("$patch") == "delete":
            if not own:
                raise ValueError(f"nothing to delete: {patch}")
            elements.remove(own[0])
        elif own:
            merge(own[0], patch)
        else:
            elements.append(copy.deepcopy(patch))


def identity(object):
    return object["kind"], object["metadata"]["name"]


def is_within(place, folder):
    """A folder is within itself."""
    return f"{place}/".startswith(f"{folder}/")


def place_of(resource, folder, above):
    """Where a resource of a folder is. kustomize refuses a folder that it is at work in, and files of other folders."""
    place = posixpath.normpath(f"{folder}/{resource}")
    if (ROOT / place).is_dir():
        for visited in (*above, folder):
            if is_within(visited, place):
                raise ValueError(f"{folder}/kustomization.yaml: {resource} is {visited}, or above it: a cycle")
    elif not is_within(place, folder):
        raise ValueError(f"{folder}/kustomization.yaml: {resource} is a file of another folder")
    return place


def build(folder, components=(), above=()):
    """The objects of a folder, with components in addition; and the files that they are made of.

    `above` are the folders whose resource it is.
    """
    path = f"{folder}/kustomization.yaml"
    (kustomization,) = documents(path)
    known = {"apiVersion", "kind", "namespace", "resources", "patches"}
    if unknown := kustomization.keys() - known:
        raise ValueError(f"{path}: {unknown} is not understood here")
    objects, files = [], [path]
    for resource in kustomization.get("resources", []):
        place = place_of(resource, folder, above)
        if (ROOT / place).is_dir():
            found, read = build(place, above=(*above, folder))
        else:
            found, read = documents(place), [place]
        objects += found
        files += read
    files += patch(objects, kustomization, folder)
    for component in components:
        (of_component,) = documents(f"{component}/kustomization.yaml")
        files += [f"{component}/kustomization.yaml"] + patch(objects, of_component, component)
    for object in objects:
        if "namespace" in kustomization and object["kind"] != "Namespace":
            object["metadata"]["namespace"] = kustomization["namespace"]
    return objects, files


def patch(objects, kustomization, folder):
    """Carries out the patches of a kustomization, and returns their files."""
    files = [place_of(patch["path"], folder, ()) for patch in kustomization.get("patches", [])]
    for file in files:
        (change,) = documents(file)
        (target,) = [object for object in objects if identity(object) == identity(change)]
        if change.get("$patch") == "delete":
            objects.remove(target)
        else:
            merge(target, change)
    return files


def in_order(value, key=None):
    """With elements of lists that are told apart by a member in the order of that, since it is all one."""
    if isinstance(value, dict):
        return {name: in_order(member, name) for name, member in value.items()}
    if not isinstance(value, list):
        return value
    elements = [in_order(element) for element in value]
    member = MERGE_KEYS.get(key)
    if member and all(isinstance(element, dict) and member in element for element in elements):
        return sorted(elements, key=lambda element: str(element[member]))
    return elements


def is_installed():
    return shutil.which("kubectl") is not None


def run(kustomization):
    """The objects of a kustomization's text, in which ROOT stands for the repository."""
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.relpath(ROOT, os.path.realpath(folder))
        with open(f"{folder}/kustomization.yaml", "w") as file:
            file.write(kustomization.replace("ROOT", root))
        ended = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    if ended.returncode != 0:
        raise ValueError(ended.stderr.strip())
    return list(yaml.safe_load_all(ended.stdout))


def differences(objects, folder, components=()):
    """The objects that `kubectl kustomize` makes otherwise, or the reason for which it makes none."""
    places = {"resources": [f"ROOT/{folder}"], "components": [f"ROOT/{component}" for component in components]}
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    try:
        others = run(yaml.safe_dump({**head, **places}))
    except ValueError as error:
        return [str(error)]
    ours, theirs = ({identity(object): in_order(object) for object in each} for each in (objects, others))
    differing = [which for which in ours.keys() | theirs.keys() if ours.get(which) != theirs.get(which)]
    return [f"{' '.join(which)} is not as kubectl makes it" for which in differing]
