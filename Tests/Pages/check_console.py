"""The operator looks at the console: is the gateway well, whose turn is it, and what has come of the last requests?

    check_console.py FOLDER-OF-THE-PROGRAMS
"""

import datetime
import re
import time

from browser import Browser
from checking import awaited, expect, run
from service import KIOSKS, SCANNERS, SECRET, Service, id_of

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# It reads itself anew every few seconds, and on a busy machine after a minute still.
SOON = 60
# Whoever reads the page: what is focused, how far the page is scrolled, and what is open.
READER = """
const focused = document.activeElement;
return {
    focus: focused.closest("[data-number]")?.dataset.number,
    scrolled: Math.round(scrollY),
    open: [...document.querySelectorAll("details[open]")].map(one => one.id || one.textContent),
};
"""


def check(programs, findings):
    with Service(programs) as service:
        keys = make_keys(service)
        service.write_secret("one of another app")
        service.start_gateway()
        with Browser() as browser:
            browser.open(f"http://{service.management}/")
            # Gone as soon as the page is loaded anew.
            browser.run("window.mark = true")
            check_refused_credential(service, browser, findings)
            check_keys(browser, keys, findings)
            check_requests(service, browser, keys["portal"])
            check_reader(service, browser, keys["portal"], findings)
            check_pause(service, browser, keys["portal"])
            check_failures(service, browser, keys["portal"])
            expect(browser.run("return window.mark"), "the page was loaded anew, and not only what is in it")
            check_request(service, browser, findings)
            browser.check_quiet(findings, "the console", service.management)
            check_end(service, browser)


def make_keys(service):
    """One in order, one near its end, and one after it."""
    keys = {
        "portal": service.key("portal"),
        "ending": service.key("kiosk", ["token:read"], "--expires", "24h"),
        "expired": service.key("signage", ["token:read"], "--expires", "24h"),
    }
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    service.change_key(
        keys["expired"],
        createdAt=(now - datetime.timedelta(days=30)).isoformat(),
        expiresAt=(now - datetime.timedelta(days=1)).isoformat(),
    )
    return keys


def status(browser, wanted, seconds=SOON):
    """Waits for it in the banner, whose text it is."""
    awaited(
        lambda: f"the banner is not {wanted}: {browser.text('#status')!r}",
        lambda: browser.all(f"#status[data-status='{wanted}']"),
        seconds,
    )
    return browser.text("#status")


def check_refused_credential(service, browser, findings):
    """Entra does not know the client secret: the banner says so, who must act and how; it is well again by itself."""
    status(browser, "not-ready", 60)
    browser.read("#status .remedy", re.compile(r"(?i)secret"), SOON)
    findings.expect(
        re.search("(?i)entra administrator|operator", browser.text("#status")), "#status", "does not say who must act"
    )
    findings.expect("bad" in browser.see("#status").get_attribute("class").split(), "#status", "is not of the class bad")
    browser.read("#access-token", "AADSTS7000215", SOON)
    for scheme in ("light", "dark"):
        browser.look(scheme=scheme)
        for found in browser.axe():
            findings.add(f"the console of a gateway that is not ready, {scheme}", found)
    browser.look()
    service.write_secret(SECRET)
    status(browser, "ready", 90)
    findings.expect(not browser.shown("#status .remedy"), "#status", "has a remedy where all is well")


def check_keys(browser, keys, findings):
    """What needs somebody's care is seen, and comes first."""
    rows = browser.run(
        "return [...document.querySelectorAll('#keys [data-key]')].map(row => [row.dataset.key, row.dataset.state])"
    )
    states = {identifier: state for identifier, state in rows}
    wanted = {"portal": "live", "ending": "ending", "expired": "expired"}
    for name, state in wanted.items():
        seen = states.get(id_of(keys[name]))
        findings.expect(seen == state, "#keys", f"the key {name} is {seen}")
    ids = [identifier for identifier, _ in rows]
    findings.expect(ids[0] == id_of(keys["ending"]), "#keys", f"does not begin with the key that ends soon: {rows}")
    # In words as well, for who does not see colours.
    texts = {name: browser.text(f"#keys [data-key='{id_of(key)}']") for name, key in keys.items()}
    findings.expect(re.search("(?i)ends? (soon|in)|ending", texts["ending"]), "#keys", f"does not say what ends soon: {texts}")
    findings.expect(re.search("(?i)expired|ended", texts["expired"]), "#keys", f"does not say what has expired: {texts}")


def numbers(browser):
    return browser.run("return [...document.querySelectorAll('#requests [data-number]')].map(row => Number(row.dataset.number))")


def check_requests(service, browser, key):
    """They come into the table without a reload."""
    answers = [service.call("POST", f"/profiles/{SCANNERS}/token", key, {"tokenValidityInSeconds": 3600})]
    service.make_fail("createToken", "reset", at="after-acting")
    answers.append(service.call("POST", f"/profiles/{KIOSKS}/token", key, {"tokenValidityInSeconds": 3600}))
    expect([answer.status for answer in answers] == [201, 201], f"{[answer.text for answer in answers]}")
    awaited("requests do not appear by themselves", lambda: len(numbers(browser)) >= 2, SOON)
    for part in ("portal", SCANNERS, KIOSKS, "201"):
        expect(part in browser.text("#requests tbody"), f"the requests do not say {part}: {browser.text('#requests tbody')!r}")
    listed = numbers(browser)
    expect(listed == sorted(listed, reverse=True), f"the requests are not the newest first: {listed}")


def check_reader(service, browser, key, findings):
    """When the page reads itself anew, what is focused or open stays so, and does not move."""
    browser.run("document.querySelector('#charts details').open = true")
    browser.run("document.querySelector('#requests [data-number] a[href]').focus()")
    before = browser.run(READER)
    listed = numbers(browser)
    service.call("GET", f"/profiles/{SCANNERS}", key)
    awaited("a request does not appear by itself", lambda: numbers(browser) != listed, SOON)
    after = browser.run(READER)
    findings.expect(after == before, "the console, read anew", f"was {before}, and is {after}")
    browser.run("document.querySelector('#charts details').open = false")


def check_pause(service, browser, key):
    """Who reads something is not disturbed."""
    browser.click("#pause")
    before = numbers(browser)
    service.call("GET", f"/profiles/{SCANNERS}", key)
    # There is nothing to wait for: it would come after five.
    time.sleep(8)
    expect(numbers(browser) == before, "a paused page reads itself anew")
    browser.click("#pause")
    awaited("the page does not go on after the pause", lambda: numbers(browser) != before, SOON)


def check_failures(service, browser, key):
    """What went wrong is named by its code."""
    service.make_fail("createToken", status=503, next=1)
    service.call("POST", f"/profiles/{SCANNERS}/token", key, {"tokenValidityInSeconds": 3600})
    service.call("GET", f"/profiles/{SCANNERS}", "egk_aaaaaaaa_" + "0" * 32)
    browser.read("#requests", "graph-failed", SOON)
    browser.read("#requests", "api-key-invalid", SOON)


def check_request(service, browser, findings):
    """The one whose answer was lost: all that was sent to Graph, in order, and what Graph calls it."""
    link = browser.run(
        "return [...document.querySelectorAll('#requests [data-number]')]"
        ".find(row => row.textContent.includes(arguments[0])).querySelector('a[href]')",
        KIOSKS,
    )
    address = link.get_attribute("href")
    browser.driver.get(address)
    steps = browser.see("#steps").text
    findings.expect(len(GUID.findall(steps)) >= 2, "#steps", f"has few request ids: {steps!r}")
    findings.expect("no answer" in steps, "#steps", f"does not say that there was no answer: {steps!r}")
    browser.see("#meaning")
    counters = service.control("GET", "counters")
    findings.expect(counters["createToken"]["broken"] == 1, "the sandbox", f"has lost no answer: {counters['createToken']}")
    for part in (KIOSKS, "portal", "201"):
        findings.expect(part in browser.text("main"), address, f"does not say {part}")
    for scheme in ("light", "dark"):
        browser.look(scheme=scheme)
        for found in browser.axe():
            findings.add(f"{address}, {scheme}", found)
    browser.look()
    browser.driver.back()
    browser.see("#requests")


def check_end(service, browser):
    """A page whose gateway is gone does not go on saying that all is well."""
    service.end_gateway()
    browser.see("#stale", SOON)
    browser.read("#stale", re.compile(r"\d"))


if __name__ == "__main__":
    run(check)
