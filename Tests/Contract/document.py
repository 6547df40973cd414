"""openapi.yaml: whether it is sound in itself, and what it says of an answer.

As a program it looks at the document alone: it has to be valid OpenAPI, and each of its examples has to fit its schema.
"""

import copy
import json
import pathlib
import sys

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PATH = pathlib.Path(__file__).resolve().parents[2] / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PROBLEM = "application/problem+json"
_NAME = "urn:contract"


class Document:
    """The contract, with its references followed."""

    def __init__(self, text):
        self.text = text
        self.content = yaml.safe_load(text)
        strict = copy.deepcopy(self.content)
        _close(strict["components"]["schemas"])
        self._registry = Registry().with_resource(_NAME, Resource(contents=strict, specification=DRAFT202012))

    @classmethod
    def of_project(cls):
        return cls(PATH.read_text(encoding="utf-8"))

    def resolved(self, node):
        """What a reference stands for; anything else as it is."""
        while isinstance(node, dict) and "$ref" in node:
            target = self.content
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operations(self):
        """Each operation, with its parameters and those of its path."""
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    yield Operation(self, path, method, item)

    def faults(self, value, schema):
        """Why the value does not fit the schema. A member that the schema does not name is a fault: the contract has to
        say all that is answered."""
        validator = Draft202012Validator(_absolute(schema), registry=self._registry, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def examples(self, holder):
        """The examples of a parameter, a header or a media type, by name."""
        if "example" in holder:
            return {"example": holder["example"]}
        return {name: self.resolved(example)["value"] for name, example in holder.get("examples", {}).items()}


class Operation:
    def __init__(self, document, path, method, item):
        self.document = document
        self.path = path
        self.method = method
        self.content = item[method]
        self.id = self.content["operationId"]
        listed = item.get("parameters", []) + self.content.get("parameters", [])
        self.parameters = [document.resolved(parameter) for parameter in listed]
        self.responses = {status: document.resolved(answer) for status, answer in self.content["responses"].items()}
        self.needs_key = self.content.get("security", document.content["security"]) != []

    def __str__(self):
        return f"{self.method.upper()} {self.path}"

    @property
    def body(self):
        """The media type of its body, where it has one."""
        return self.content.get("requestBody", {}).get("content", {}).get("application/json")

    def faults(self, status, headers, body):
        """In what an answer differs from what the document says.

        Headers are a mapping that does not care for case, and the body is bytes.
        """
        answer = self.responses.get(str(status))
        if answer is None:
            return [f"the status {status} is not described"]
        faults = []
        for name, header in answer.get("headers", {}).items():
            header = self.document.resolved(header)
            value = headers.get(name)
            if value is not None:
                typed = int(value) if header["schema"]["type"] == "integer" and value.isdecimal() else value
                faults += [f"{name}: {fault}" for fault in self.document.faults(typed, header["schema"])]
            elif header.get("required"):
                faults.append(f"the header {name} is missing")
        return faults + self._body_faults(answer.get("content", {}), headers.get("Content-Type"), body)

    def _body_faults(self, content, media_type, body):
        if not content:
            return [f"a body that is not described: {body[:200]}"] if body else []
        if media_type not in content:
            return [f"the media type {media_type} is not described"]
        if not media_type.endswith("json"):
            return [] if body else ["the body is empty"]
        try:
            return self.document.faults(json.loads(body), content[media_type]["schema"])
        except ValueError as error:
            return [f"the body is no JSON: {error}"]


def _close(node):
    """Has objects with a list of properties take no others."""
    if isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            node.setdefault("additionalProperties", False)
        for value in node.values():
            _close(value)
    elif isinstance(node, list):
        for value in node:
            _close(value)


def _absolute(node):
    """The same schema with its references to the document's name, so that it can stand anywhere."""
    if isinstance(node, dict):
        return {
            key: _NAME + value if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in node.items()
        }
    return [_absolute(value) for value in node] if isinstance(node, list) else node


def _example_faults(document):
    """Where an example of the document does not fit its schema, and where one is missing."""
    count = 0

    def check(place, holder, is_wanted=True):
        nonlocal count
        examples = document.examples(holder)
        if is_wanted and not examples:
            yield f"{place}: there is no example"
        for name, value in examples.items():
            count += 1
            for fault in document.faults(value, holder["schema"]):
                yield f"{place}, {name}: {fault}"

    for operation in document.operations():
        for parameter in operation.parameters:
            yield from check(f"{operation} {parameter['name']}", parameter, is_wanted=False)
        if operation.body:
            yield from check(f"{operation} body", operation.body)
        for status, answer in operation.responses.items():
            for name, header in answer.get("headers", {}).items():
                yield from check(f"{operation} {status} {name}", document.resolved(header))
            for media_type, content in answer.get("content", {}).items():
                yield from check(f"{operation} {status} {media_type}", content, is_wanted=media_type != "image/png")
    if count < 100:
        yield f"only {count} examples were found"


def main():
    document = Document.of_project()
    validate(document.content)
    faults = list(_example_faults(document))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
