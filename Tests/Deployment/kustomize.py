"""What `kubectl kustomize` makes of a folder, as far as deploy/kubernetes needs it."""

import copy
import posixpath

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


def build(folder, components=()):
    """The objects of a folder, with components in addition; and the files that they are made of."""
    path = f"{folder}/kustomization.yaml"
    (kustomization,) = documents(path)
    known = {"apiVersion", "kind", "namespace", "resources", "patches"}
    if unknown := kustomization.keys() - known:
        raise ValueError(f"{path}: {unknown} is not understood here")
    objects, files = [], [path]
    for resource in kustomization.get("resources", []):
        place = posixpath.normpath(f"{folder}/{resource}")
        if (ROOT / place).is_dir():
            found, read = build(place)
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
    files = [f"{folder}/{patch['path']}" for patch in kustomization.get("patches", [])]
    for file in files:
        (change,) = documents(file)
        (target,) = [object for object in objects if identity(object) == identity(change)]
        if change.get("$patch") == "delete":
            objects.remove(target)
        else:
            merge(target, change)
    return files
