#!/usr/bin/env python3
"""Mints an enrollment token through the gateway and prints when it ends and what it is.

    python3 mint.py [VALIDITY_SECONDS [KIND]]

GATEWAY_URL, GATEWAY_API_KEY and PROFILE_ID come from the environment: a key on a command line is shown to everybody who
lists the processes. Ends with 0 if it was created, 1 if not, 2 if that is unknown, 64 if it was called wrongly.
"""

import http.client
import json
import os
import random
import re
import sys
import time
import uuid
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

MAX_TRIES = 4  # of one wish
MAX_READS = 5  # of the value, where the profile is slow to show it
MAX_SECONDS = 120  # for all of it, waits included
TIMEOUT = 40  # for one request; longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE)
SAME_TOKEN = 5  # seconds by which two accounts of one token's end may differ


class NotSent(Exception):
    """There was no connection: the gateway has seen nothing."""


class Lost(Exception):
    """The connection ended before the whole answer was here."""


class Failure(Exception):
    """What to say, and how to end."""

    def __init__(self, text, exit_code):
        super().__init__(text)
        self.exit_code = exit_code


class Gateway:
    def __init__(self, url, api_key, profile_id, kind=None):
        self.url = urlsplit(url)
        self.api_key = api_key
        self.path = f"{self.url.path.rstrip('/')}/profiles/{quote(profile_id, safe='')}/token"
        if kind:
            self.path += "?" + urlencode({"kind": kind})
        self.give_up = time.monotonic() + MAX_SECONDS

    def ask(self, method, body=None, headers=None):
        """The status, `Retry-After` in seconds or None, and the members of the answer."""
        secure = self.url.scheme == "https"
        connection_type = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connection_type(self.url.netloc, timeout=TIMEOUT)
        try:
            # A step of its own: what fails here was not sent, and may be repeated whatever it was.
            connection.connect()
        except OSError as error:
            raise NotSent(str(error)) from error
        try:
            connection.request(method, self.path, body, {"X-API-Key": self.api_key, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost(f"the connection ended without an answer ({type(error).__name__})") from error
        finally:
            connection.close()
        retry_after = answer.headers.get("Retry-After", "")
        return answer.status, int(retry_after) if retry_after.isdecimal() else None, members(text)

    def wait(self, seconds):
        """False if there is no time for that. Some more than asked for: others were told the same number."""
        seconds += random.random()
        if time.monotonic() + seconds > self.give_up:
            return False
        time.sleep(seconds)
        return True

    def mint(self, validity=None):
        """What the gateway says of the new token."""
        body = json.dumps({"tokenValidityInSeconds": validity} if validity else {})
        key = str(uuid.uuid4())  # one for this wish, the same each time that it is sent
        unknown = None  # what became of an earlier request, if that is not known
        tries = 1
        while True:
            headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
            if key:
                headers["Idempotency-Key"] = key
            running = False
            try:
                status, retry_after, answer = self.ask("POST", body, headers)
            except NotSent as error:
                failure, repeatable, retry_after = f"unreachable: {error}", True, None
            except Lost as error:
                # With the key it is safe to ask again: the gateway then answers as it did, or would have done.
                unknown, repeatable, retry_after = str(error), key, None
            else:
                if status == 201 and "expiresAt" in answer:
                    return answer
                code, outcome = answer.get("code", f"http-{status}"), answer.get("outcome")
                if code == "idempotency-unavailable" and key and not unknown:
                    key = None  # This gateway remembers nothing. It did nothing either: once more, without the key.
                    continue
                failure = f"{code}: {answer.get('detail', 'this is no answer of the gateway')}"
                running = code == "idempotency-in-progress"  # The first request still runs: waiting for it is no try.
                if outcome == "not-created" or (400 <= status < 500 and outcome != "unknown"):
                    repeatable = running or status in (429, 503)
                else:
                    unknown, repeatable = failure, key
            # A refusal says nothing of an earlier request that was lost, so that one stays unknown.
            wait = 2 ** (tries - 1) if retry_after is None else retry_after
            if not repeatable or (tries == MAX_TRIES and not running) or not self.wait(wait):
                if unknown:
                    raise Failure(f"unknown: {unknown}; look at the profile before you mint again", 2)
                raise Failure(f"not created: {failure}", 1)
            tries += not running

    def read_value(self, expires_at):
        """The value of the token that ends then, or None while the profile still shows another."""
        wait = 1
        for _ in range(MAX_READS):
            if not self.wait(wait):
                return None
            try:
                status, retry_after, answer = self.ask("GET")
            except (NotSent, Lost):
                continue
            wait = 1 if retry_after is None else retry_after
            if status == 200 and "value" in answer:
                if abs((moment(answer["expiresAt"]) - moment(expires_at)).total_seconds()) <= SAME_TOKEN:
                    return answer["value"]
            elif 400 <= status < 500 and status != 429:
                return None  # This key may not read, or this gateway cannot.
        return None


def members(text):
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def main():
    names = ["GATEWAY_URL", "GATEWAY_API_KEY", "PROFILE_ID"]
    url, api_key, profile_id = [os.environ.get(name, "").strip() for name in names]
    arguments = sys.argv[1:]
    # What cannot be a header would be shown in an exception's text.
    if not (url and profile_id and re.fullmatch(r"[!-~]+", api_key)):
        raise Failure(f"{', '.join(names)} must be set", 64)
    if len(arguments) > 2 or (arguments and not arguments[0].isdecimal()):
        raise Failure("usage: python3 mint.py [VALIDITY_SECONDS [KIND]]", 64)
    gateway = Gateway(url, api_key, profile_id, *arguments[1:])
    token = gateway.mint(*map(int, arguments[:1]))
    print("created", token["expiresAt"], flush=True)
    value = token.get("value") or gateway.read_value(token["expiresAt"])
    print(value if value else "no value yet: look at the profile", file=sys.stdout if value else sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.exit_code)
