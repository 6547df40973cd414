"""Sends the contract's own examples of requests to a gateway, and holds the answers against the contract.

CONTRACT_URL says where it is, CONTRACT_API_KEY opens it, and it has to have the profile that the examples name, and more than a
hundred others. Each example has to be served, and each answer of success that the contract describes has to be seen.
"""

import itertools
import os
import sys
import urllib.parse

import requests

from document import Document
from keys import own_key

URL = os.environ["CONTRACT_URL"]
KEY = {"X-API-Key": os.environ["CONTRACT_API_KEY"]}
# A list that is longer does not end.
MOST_PROFILES = 1000


class Example:
    """A request made of examples."""

    def __init__(self, operation, parameters, body, media_type):
        self.operation = operation
        self.parameters = parameters
        self.body = body
        self.media_type = media_type

    def __str__(self):
        parts = [f"{parameter['name']}={value}" for parameter, value in self.parameters]
        return f"{self.operation} {' '.join(parts)} {self.body or ''} {self.media_type or ''}"

    def send(self):
        path, query = self.operation.path, {}
        headers = dict(KEY) if self.operation.needs_key else {}
        if self.media_type:
            headers["Accept"] = self.media_type
        for parameter, value in self.parameters:
            match parameter["in"]:
                case "path":
                    path = path.replace("{" + parameter["name"] + "}", urllib.parse.quote(value, safe=""))
                case "query":
                    query[parameter["name"]] = value
                case "header":
                    headers[parameter["name"]] = value
        if key := headers.get("Idempotency-Key"):
            headers["Idempotency-Key"] = own_key(key, str(self))
        return requests.request(
            self.operation.method, URL + path, params=query, headers=headers, json=self.body, timeout=30
        )


def examples(operation):
    """Its requests: with each of its bodies or none, with all of its parameters, each alone, or the required ones alone, and
    for each media type that it answers in."""
    required = [parameter for parameter in operation.parameters if parameter.get("required")]
    optional = [parameter for parameter in operation.parameters if not parameter.get("required")]
    valued = [
        [(parameter, value) for value in operation.document.examples(parameter).values()]
        for parameter in optional
        if operation.document.examples(parameter)
    ]
    must = [(parameter, next(iter(operation.document.examples(parameter).values()))) for parameter in required]
    choices = [[], *([pair] for pairs in valued for pair in pairs), *map(list, itertools.product(*valued))]
    bodies = [None, *operation.document.examples(operation.body).values()] if operation.body else [None]
    types = {
        media_type
        for status, answer in operation.responses.items()
        if status.startswith("2")
        for media_type in answer.get("content", {})
    }
    for choice, body, media_type in itertools.product(choices, bodies, [None, *sorted(types)]):
        yield Example(operation, must + choice, body, media_type)


def success_answers(operation):
    """Each status of success, with each media type that it may have."""
    for status, answer in operation.responses.items():
        if status.startswith("2"):
            yield from ((status, media_type) for media_type in answer.get("content", {None: {}}))


def pages(document):
    """Reads a list to its end in large pages and in small ones: both have the same profiles, in the order of their ids."""
    operation = next(operation for operation in document.operations() if operation.id == "listProfiles")

    def ids(limit):
        found, cursor = [], {}
        while True:
            query = {"limit": limit, **cursor}
            answer = requests.get(URL + operation.path, params=query, headers=KEY, timeout=30)
            yield from operation.faults(answer.status_code, answer.headers, answer.content)
            page = answer.json()
            found += [profile["id"] for profile in page.get("profiles", [])]
            if "nextCursor" not in page or len(found) > MOST_PROFILES:
                return found
            cursor = {"cursor": page["nextCursor"]}

    large = yield from ids(100)
    small = yield from ids(7)
    if len(large) <= 100 or large != small or large != sorted(set(large)):
        yield f"the pages have the profiles {small}, and larger ones {large}"


def main():
    document = Document.of_project()
    faults, count = [], 0
    operations = {operation.id: operation for operation in document.operations()}
    make = next(examples(operations["createToken"]))
    for operation in operations.values():
        missing = set(success_answers(operation))
        for example in examples(operation):
            # What an example reads or draws has to be there, whatever the one before has revoked.
            if operation.method != "post" and operation.needs_key:
                make.send()
            answer = example.send()
            count += 1
            found = operation.faults(answer.status_code, answer.headers, answer.content)
            if answer.status_code >= 400:
                found.append(f"it is refused: {answer.status_code} {answer.text}")
            faults += [f"{example}: {fault}" for fault in found]
            missing.discard((str(answer.status_code), answer.headers.get("Content-Type")))
        faults += [f"{operation}: no example is answered {answer}" for answer in sorted(missing, key=str)]
    faults += [f"GET /profiles: {fault}" for fault in pages(document)]
    for fault in faults:
        print(fault)
    print(f"{count} examples were sent.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
