"""Idempotency-Keys for requests that are made up: another request with the same key would be refused."""

import hashlib
import json

# Without quotes.
LONGEST = 255


def own_key(key, *request):
    """The key of just this request, in the form that `key` has: bare, or as a quoted string."""
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=repr).encode()).hexdigest()
    quote = '"' if key.startswith('"') else ""
    rest = key.replace('"', "").replace("\\", "")[: LONGEST - len(digest)]
    return f"{quote}{digest}{rest}{quote}"
