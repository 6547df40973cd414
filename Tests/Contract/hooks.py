"""What schemathesis cannot know of the contract, and what the contract says beyond its schemas."""

import json

import schemathesis
from schemathesis.openapi.checks import UseAfterFree

from document import Document, PROBLEM
from keys import own_key

DOCUMENT = Document.of_project()
OPERATIONS = {(operation.method, operation.path): operation for operation in DOCUMENT.operations()}

# What a failure says came of a request, by its method. What could not be read, or has no such path or method, is not here.
OUTCOMES = {
    "GET": {None},
    "POST": {"not-created", "unknown"},
    "DELETE": {"not-revoked", "unknown"},
}
UNREAD = {"request-timeout", "url-too-long", "headers-too-large", "not-found", "method-not-allowed"}


# Each cursor that the gateway gave out, and for which kind.
CURSORS = {}


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.label == "GET /profiles" and response.status_code == 200:
        CURSORS[response.json().get("nextCursor")] = _kind(case)


def _kind(case):
    return (case.query or {}).get("kind", "android-for-work")


@schemathesis.hook
def map_case(context, case):
    """Spares a good request cursors that are made up, and fractions.

    JSON Schema takes 60.0 for an integer; the contract asks in words for numbers without a fraction.
    """
    if case.meta is not None and case.meta.generation.mode.is_positive:
        if case.query and CURSORS.get(case.query.get("cursor")) != _kind(case):
            case.query.pop("cursor", None)
        if isinstance(case.body, dict):
            case.body = {name: int(value) if isinstance(value, float) else value for name, value in case.body.items()}
    return case


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives a good request a key of its own."""
    key = (case.headers or {}).get("Idempotency-Key")
    if key is not None and (case.meta is None or case.meta.generation.mode.is_positive):
        case.headers["Idempotency-Key"] = own_key(key, case.method, case.path_parameters, case.query, repr(case.body))


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A profile that shows that it has no enrollment token is no use of one that was revoked."""
    return not (isinstance(failure, UseAfterFree) and response.json().get("status") == "none")


@schemathesis.check
def described_answer(context, response, case):
    """The answer is in all of its members as the contract says."""
    operation = OPERATIONS.get((case.method.lower(), case.path))
    if operation is None or str(response.status_code) not in operation.responses:
        return
    faults = operation.faults(response.status_code, _Fields(response.headers), response.content)
    assert not faults, "; ".join(faults)


@schemathesis.check
def consistent_problem(context, response, case):
    """A problem says the same in its body, its status and its fields, and what came of the request."""
    fields = _Fields(response.headers)
    if response.status_code < 400:
        return
    assert fields.get("Content-Type") == PROBLEM, f"an error of the type {fields.get('Content-Type')}"
    if case.method == "HEAD":
        return
    problem = json.loads(response.content)
    assert not (faults := DOCUMENT.faults(problem, {"$ref": "#/components/schemas/Problem"})), "; ".join(faults)
    assert problem["status"] == response.status_code, "the body has another status"
    assert problem["type"].endswith(":" + problem["code"]), "the type is of another code"
    assert problem["requestId"] == fields.get("X-Request-ID"), "the body has another request id"
    assert problem["instance"].endswith(":" + problem["requestId"]), "the instance is of another request"
    wait = problem.get("retryAfter")
    assert (None if wait is None else str(wait)) == fields.get("Retry-After"), "retryAfter is not Retry-After"
    if problem["code"] not in UNREAD and case.method in OUTCOMES:
        outcome = problem.get("outcome")
        assert outcome in OUTCOMES[case.method], f"the outcome {outcome} of {case.method}"


class _Fields:
    """Header fields by their names, in upper or lower case; those of schemathesis are lists."""

    def __init__(self, headers):
        self._values = {
            name.lower(): value if isinstance(value, str) else ", ".join(value) for name, value in headers.items()
        }

    def get(self, name):
        return self._values.get(name.lower())
