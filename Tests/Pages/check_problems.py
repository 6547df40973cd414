"""Whatever goes wrong, the try-it page says what it means and what to do, and never makes one enrollment token too many.

    check_problems.py FOLDER-OF-THE-PROGRAMS
"""

import re

from browser import Browser
from checking import awaited, expect, run
from relay import Relay
from service import DEDICATED, KIOSKS, SCANNERS, Service
from tryit import TryItPage

# Shorter than people would have it, so that an outcome that nobody can find out is shown soon; long enough for a busy machine.
SETTINGS = {"GRAPH_DEADLINE": "15s", "SHUTDOWN_LIMIT": "16s"}


def check(programs, findings):
    with Service(programs, SETTINGS) as service:
        portal = service.key("portal")
        narrow = service.key("narrow", ["token:create"], profile=SCANNERS)
        hasty = service.key("hasty", ["profile:read"], "--rate", "1/20s")
        service.make_fail("token", status=503, untilReset=True)
        service.start_gateway()
        with Browser() as browser:
            parts = [
                (check_outage, portal, (401, 502, 503)),
                (check_wrong_key, "egk_aaaaaaaa_" + "0" * 32, (401,)),
                (check_few_rights, narrow, (403,)),
                (check_half_a_list, portal, (502,)),
                (check_lost_answer_of_graph, portal, ()),
                (check_one_before, portal, ()),
                (check_replaced, portal, ()),
                (check_unknown_outcome, portal, (504,)),
                (check_rate, hasty, (429,)),
            ]
            for part, key, answers in parts:
                part(service, browser, key, findings)
                browser.check_quiet(findings, part.__name__, service.callers, answers)
            with Relay(service.callers) as relay:
                check_lost_answer(service, relay, browser, portal, findings)
                check_redirection(relay, browser, portal, findings)


def check_outage(service, browser, key, findings):
    """Without an access token, Entra out of order: it says so, and whose matter it is."""
    page = TryItPage(browser).open(service.callers, key)
    browser.click("#load-profiles")
    page.problem("credential-unavailable")
    for scheme in ("light", "dark"):
        browser.look(scheme=scheme)
        for found in browser.axe():
            findings.add(f"/docs with a problem, {scheme}", found)
    browser.look()
    service.heal()
    awaited("the gateway does not get ready again", lambda: service.call("GET", "/profiles", key).status == 200, 60)
    # The same page, once more.
    page.load_profiles()
    expect(not browser.shown("#problem"), f"the problem stays after it is over: {browser.text('#problem')!r}")


def check_wrong_key(service, browser, key, findings):
    page = TryItPage(browser).open(service.callers, key)
    browser.click("#load-profiles")
    page.problem("api-key-invalid")
    expect(
        browser.run("return document.querySelector('#problem').contains(document.activeElement)"),
        "after a failure the focus is not at the problem",
    )


def check_few_rights(service, browser, key, findings):
    """Who may not list the profiles types the id of one."""
    page = TryItPage(browser).open(service.callers, key)
    browser.click("#load-profiles")
    browser.read("#profiles-said", "profile:read")
    browser.fill("#profile-id", SCANNERS)
    page.mint(3600)
    browser.see("#result")
    awaited("no enrollment token was made", lambda: service.profile(SCANNERS)["tokensCreated"] == 1)
    browser.fill("#profile-id", KIOSKS)
    page.mint(3600)
    page.problem("permission-denied")


def check_half_a_list(service, browser, key, findings):
    """The profiles of one kind come and those of the other do not: nobody takes the list for all there is."""
    page = TryItPage(browser).open(service.callers, key)
    service.make_fail("list", status=403, nth=2)
    page.load_profiles()
    page.problem("graph-forbidden")
    browser.read("#profiles-said", re.compile(r"\d.*incomplete.*graph-forbidden"))
    service.heal()


def check_lost_answer_of_graph(service, browser, key, findings):
    """The gateway reads back what Graph has made: nothing that a portal's author would have to know of."""
    page = TryItPage(browser).open(service.callers, key)
    page.load_profiles()
    page.choose(KIOSKS)
    service.make_fail("createToken", "reset", at="after-acting")
    page.mint(3600)
    awaited("no enrollment token was made", lambda: service.profile(KIOSKS)["tokenValue"])
    browser.read("#token", service.profile(KIOSKS)["tokenValue"])
    page.check_qr_code(service.profile(KIOSKS)["qrCodeContent"])
    expect(service.profile(KIOSKS)["tokensCreated"] == 1, "two enrollment tokens were made")


def check_replaced(service, browser, key, findings):
    """Somebody makes another token before the profile has shown this one: it never will."""
    page = TryItPage(browser).open(service.callers, key)
    page.load_profiles()
    page.choose(DEDICATED)
    service.control("POST", "tenant", {"readLagSeconds": 300})
    page.mint(7200)
    browser.read("#result-note", "does not show its value yet", 40)
    # It ends before the first one does, and was made later all the same.
    other = service.call("POST", f"/profiles/{DEDICATED}/token?kind=device-owner", key, {"tokenValidityInSeconds": 3600})
    expect(other.status == 201, f"no other token was made: {other.text}")
    service.control("POST", "tenant", {"readLagSeconds": 0})
    page.state("replaced")
    browser.read("#result-note", "another one was made since")
    expect(not browser.shown("#revoke"), "what is not the profile's can be revoked")


# The next answers to reads of a token, as a gateway gives them that knows nothing of the creation yet.
SHOW_THE_ONE_BEFORE = """
const real = window.fetch;
window.reads = 0;
window.fetch = async (path, init) => {
  const answer = await real(path, init);
  if (init.method !== 'GET' || !path.includes('/token')) return answer;
  window.reads += 1;
  const token = {value: 'canary-before', status: 'active', expiresAt: new Date(Date.now() + 86400000).toISOString()};
  return new Response(JSON.stringify(token), {headers: {'Content-Type': 'application/json'}});
};
"""


def check_one_before(service, browser, key, findings):
    """The profile shows the token before, which ends later: the new one is not taken for replaced, nor that one's value for its."""
    page = TryItPage(browser).open(service.callers, key)
    page.load_profiles()
    page.choose(KIOSKS)
    service.control("POST", "tenant", {"readLagSeconds": 300})
    browser.run(SHOW_THE_ONE_BEFORE)
    page.mint(3600)
    awaited("the token is not read again", lambda: browser.run("return window.reads") >= 2, 60)
    browser.read("#result-note", "it cannot be told that it is this token's", 60)
    expect(not browser.shown("#token"), "the value of another token is shown as this one's")
    expect(browser.shown("#revoke"), "a token in force cannot be revoked")
    service.control("POST", "tenant", {"readLagSeconds": 0})


def check_unknown_outcome(service, browser, key, findings):
    before = service.profile(DEDICATED)["tokensCreated"]
    page = TryItPage(browser).open(service.callers, key)
    page.load_profiles()
    page.choose(DEDICATED)
    service.make_fail("createToken", "reset", at="after-acting")
    # The profile is read once before, and then to find out.
    for number in range(2, 20):
        service.make_fail("get", "reset", nth=number)
    page.mint(3600)
    page.problem("outcome-unknown", 60)
    service.heal()
    made = service.profile(DEDICATED)["tokensCreated"] - before
    expect(made == 1, f"{made} enrollment tokens were made")


def check_rate(service, browser, key, findings):
    """How long to wait is counted down."""
    page = TryItPage(browser).open(service.callers, key)
    page.load_profiles()
    browser.click("#load-profiles")
    page.problem("rate-limited")

    def seconds():
        return [int(number) for number in re.findall(r"\d+", browser.text("#wait"))]

    first = awaited(lambda: f"it does not say when to ask again: {browser.text('#problem')!r}", seconds)
    awaited(lambda: f"the time to wait stays at {first}", lambda: seconds() and seconds() < first, 5)


def check_lost_answer(service, relay, browser, key, findings):
    """Between browser and gateway: asked again, the request is answered again, and not done again."""
    before = service.profile(SCANNERS)["tokensCreated"]
    page = TryItPage(browser).open(relay.address, key)
    page.load_profiles()
    page.choose(SCANNERS)
    relay.lose_answers("POST")
    page.mint(7200)
    browser.see("#problem")
    awaited("no enrollment token was made", lambda: service.profile(SCANNERS)["tokensCreated"] == before + 1)
    relay.lose_answers(None)
    browser.click("#ask-again")
    browser.read("#token", service.profile(SCANNERS)["tokenValue"])
    page.check_qr_code(service.profile(SCANNERS)["qrCodeContent"])
    made = service.profile(SCANNERS)["tokensCreated"] - before
    expect(made == 1, f"{made} enrollment tokens were made of one wish")
    lost = [line for line in browser.complaints() if "ERR_CONNECTION_RESET" not in line and "ERR_EMPTY_RESPONSE" not in line]
    findings.expect(not lost, "a lost answer", f"the browser's log has errors: {lost}")


def check_redirection(relay, browser, key, findings):
    """What answers in the gateway's place is not listed as if the gateway had."""
    page = TryItPage(browser).open(relay.address, key)
    page.load_profiles()
    relay.redirect(True)
    browser.click("#load-profiles")
    browser.see("#problem")
    shown = browser.run("return document.querySelector('#problem').dataset.code")
    expect(shown == "foreign", f"a redirection is a problem {shown}")
    line = "return document.querySelector('#calls > li > p:nth-child(3)').className"
    expect(browser.run(line) == "bad", "a redirection has the colour of what went well")


if __name__ == "__main__":
    run(check)
