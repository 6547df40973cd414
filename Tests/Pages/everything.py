"""All the pages, of a gateway that has something to show on each."""

import re

from service import DEDICATED, EVERY_RIGHT, KIOSKS, SCANNERS, ask

LANGUAGES = {"en": "en", "zh-Hans": "zh-Hans"}
DOCS = ["/docs", "/docs/reference", "/docs/codes", "/docs/examples"]


def make_keys(service):
    """Of callers of all kinds; the one that asks for most is returned."""
    portal = service.key("portal-eu", EVERY_RIGHT, "--comment", "the portal in Europe")
    service.key("kiosk-lab", EVERY_RIGHT, "--rate", "6/1s", "--expires", "24h")
    service.key("signage", ["token:read", "profile:read"], "--expires", "7d")
    service.key("warehouse", ["token:create"], profile=SCANNERS)
    return portal


def make_life(service, key):
    """Requests that went well, that went wrong, and whose answer was lost."""
    answers = []
    for profile, query in [(SCANNERS, ""), (KIOSKS, ""), (DEDICATED, "?kind=device-owner")]:
        path = f"/profiles/{profile}/token"
        answers.append(
            service.call("POST", path + query, key, {"tokenValidityInSeconds": 3600}, Idempotency_Key=f"wish-{profile}")
        )
        answers.append(service.call("GET", path + query, key))
        answers.append(service.call("GET", f"{path}/qr-code{query}", key))
    service.make_fail("createToken", "reset", at="after-acting")
    answers.append(service.call("POST", f"/profiles/{SCANNERS}/token", key, {"tokenValidityInSeconds": 7200}))
    service.make_fail("get", status=503, next=3)
    answers.append(service.call("GET", f"/profiles/{KIOSKS}/token", key))
    answers.append(service.call("POST", f"/profiles/{KIOSKS}/token", key, {"tokenValidityInSeconds": 1}))
    answers.append(service.call("GET", "/profiles", "egk_aaaaaaaa_" + "0" * 32))
    answers.append(service.call("DELETE", f"/profiles/{KIOSKS}/token", key))
    answers.append(service.call("GET", f"/profiles/{KIOSKS}/token", key))
    service.heal()
    return [answer.status for answer in answers]


def addresses(service):
    """Of all pages: the host, the path and the status of each; of requests the newest and the oldest."""
    requests = re.findall(r'href="(/requests/[^"?]+)', ask(service.management, "GET", "/").text)
    console = [("/", 200), *((path, 200) for path in sorted({*requests[:1], *requests[-1:]})), ("/requests/999999", 404)]
    return [(service.management, *one) for one in console] + [(service.callers, path, 200) for path in DOCS]
