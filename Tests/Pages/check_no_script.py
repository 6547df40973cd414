"""Without JavaScript: the console tells the truth and is read anew, the try-it page says what it lacks, the others read well.

    check_no_script.py FOLDER-OF-THE-PROGRAMS
"""

from selenium.common.exceptions import WebDriverException

import everything
from browser import PHONE, Browser
from checking import awaited, run
from service import SCANNERS, Service, id_of

# What has the page loaded anew.
REFRESH = "noscript meta[http-equiv=refresh], meta[http-equiv=refresh]"
# Of the elements, all at once, when all of the page is there.
DATA = "return document.readyState === 'complete' && [[...document.querySelectorAll(arguments[0])].map(one => one.%s).join()]"


def check(programs, findings):
    with Service(programs) as service:
        key = service.key("portal")
        ending = service.key("kiosk", ["token:read"], "--expires", "24h")
        service.make_fail("token", status=503, untilReset=True)
        service.start_gateway()
        with Browser(scripts=False) as browser:
            check_console(service, browser, key, ending, findings)
            check_docs(service, browser, findings)
            for host, path, status in everything.addresses(service):
                browser.open("about:blank")
                browser.foreign("")
                browser.open(f"http://{host}{path}")
                foreign = browser.foreign(host)
                findings.expect(not foreign, path, f"asks for something of another origin: {foreign}")
            complaints = browser.complaints(answers=(404,))
            findings.expect(not complaints, "the browser's log", f"has errors: {complaints}")


def check_console(service, browser, key, ending, findings):
    """What is said in the banner becomes another without anybody's doing."""
    browser.open(f"http://{service.management}/")
    findings.expect(data(browser, REFRESH, "content"), "/", "is not read anew")
    findings.expect("true" not in data(browser, "#pause", "checkVisibility()"), "/", "shows a button that does nothing")
    await_status(browser, "not-ready")
    await_text(browser, "#status", "Entra has a fault of its own", 60)
    remedy = data(browser, "#status .remedy", "textContent")
    findings.expect("asked again" in remedy, "#status .remedy", f"does not say what to do: {remedy!r}")
    states = data(browser, f"#keys [data-key='{id_of(ending)}']", "dataset.state")
    findings.expect(states == "ending", "#keys", f"a key that ends soon is {states!r}")
    service.heal()
    await_status(browser, "ready")
    service.call("POST", f"/profiles/{SCANNERS}/token", key, {"tokenValidityInSeconds": 3600})
    await_text(browser, "#requests", SCANNERS, 60)
    # A page to read at one's ease.
    browser.open(f"http://{service.management}/?refresh=off")
    findings.expect(not browser.all(REFRESH), "/?refresh=off", "is read anew")
    address = browser.all("#requests [data-number] a[href]")[0].get_attribute("href")
    browser.open(address)
    browser.read("#steps", "Create the enrollment token")
    browser.see("#meaning")


def data(browser, selector, member):
    """Of the elements: the page may go at any moment, and whoever looks at it then finds nothing, or is told so by any error."""

    def seen():
        try:
            return browser.run(DATA % member, selector)
        except WebDriverException:
            return None

    return awaited("the page does not stay for a moment", seen)[0]


def await_text(browser, selector, wanted, seconds):
    awaited(
        lambda: f"{selector} does not say {wanted!r} but {data(browser, selector, 'textContent')!r}",
        lambda: wanted in data(browser, selector, "textContent"),
        seconds,
    )


def await_status(browser, wanted):
    awaited(
        lambda: f"the banner is not {wanted}: {data(browser, '#status', 'textContent')!r}",
        lambda: data(browser, "#status", "dataset.status") == wanted,
        90,
    )


def check_docs(service, browser, findings):
    browser.open(f"http://{service.callers}/docs")
    browser.read("main", "JavaScript")
    findings.expect(not browser.shown("#mint"), "/docs", "shows a button that does nothing")
    browser.open(f"http://{service.callers}/docs/reference")
    browser.read("main", "/profiles/{profileId}/token")
    browser.open(f"http://{service.callers}/docs/codes")
    browser.read("main", "outcome-unknown")
    browser.open(f"http://{service.callers}/docs/examples")
    browser.read("main", "PowerShell")
    for path in everything.DOCS:
        browser.look(PHONE)
        browser.open(f"http://{service.callers}{path}")
        buttons = [button.text for button in browser.shown("main button")]
        findings.expect(not buttons, path, f"shows buttons that do nothing: {buttons}")
    browser.look()


if __name__ == "__main__":
    run(check)
