"""Mints an enrollment token with the client that openapi-python-client makes of openapi.yaml.

The client sends one request and judges nothing. Whether to send another is said by ../../python/mint.py.
Ends with 0 if it was created, 1 if not, 2 if that is unknown.
"""

import os
import sys
from uuid import UUID

import httpx
from enrollment_gateway_client import AuthenticatedClient
from enrollment_gateway_client.api.enrollment_token import create_token
from enrollment_gateway_client.models import MintedToken, Problem, TokenRequest

# Longer than the 25 s that the gateway takes at most (its GRAPH_DEADLINE); the client's own limit of 5 s is too short.
TIMEOUT = httpx.Timeout(40)

client = AuthenticatedClient(
    base_url=os.environ["GATEWAY_URL"],
    token=os.environ["GATEWAY_API_KEY"],
    prefix="",
    auth_header_name="X-API-Key",
    timeout=TIMEOUT,
)
with client:
    try:
        answer = create_token.sync(
            UUID(os.environ["PROFILE_ID"]),
            client=client,
            body=TokenRequest(token_validity_in_seconds=3600),
            prefer="return=representation",
        )
    except httpx.ConnectError as error:
        sys.exit(f"not created: unreachable: {error}")
    except (httpx.HTTPError, ValueError) as error:
        # No answer, or one that openapi.yaml does not know, such as a proxy's.
        print(f"unknown: {type(error).__name__}; look at the profile before you mint again", file=sys.stderr)
        sys.exit(2)

if isinstance(answer, MintedToken):
    print("created", answer.to_dict()["expiresAt"])
    # Where the profile was slow there is none; and a client of an older openapi.yaml has it among what it does not know.
    if value := answer.to_dict().get("value"):
        print(value)
elif isinstance(answer, Problem) and answer.to_dict().get("outcome") != "unknown":
    sys.exit(f"not created: {answer.code}: {answer.detail}")
else:
    print("unknown: look at the profile before you mint again", file=sys.stderr)
    sys.exit(2)
