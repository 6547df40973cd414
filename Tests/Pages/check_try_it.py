"""Somebody who writes a portal tries the API: profiles, an enrollment token for an hour, its QR code, and its end.

    check_try_it.py FOLDER-OF-THE-PROGRAMS
"""

from browser import PHONE, WIDE, Browser
from checking import awaited, expect, run
from service import KIOSKS, SCANNERS, Sandboxed, Service
from tryit import TryItPage

COPIED = "const done = arguments[0]; navigator.clipboard.readText().then(done, error => done(String(error)))"


def check(programs, findings):
    with Service(programs) as service:
        key = service.key("portal")
        service.start_gateway()
        with Browser() as browser:
            page = TryItPage(browser).open(service.callers, key)
            names = page.load_profiles()
            expect("Shop floor kiosks" in str(names), f"the sandbox's profiles are not in the list: {names}")
            page.choose(KIOSKS)
            page.mint(3600)
            token = check_shown(service, key, browser, page)
            check_accessibility(browser, findings)
            check_copy(browser, token["value"])
            check_revocation(service, browser, page, token)
            check_course(service, key, browser)
            browser.check_quiet(findings, "/docs", service.callers)
            expect(
                key not in browser.run("return location.href + document.documentElement.outerHTML"), "the API key is in the page"
            )
            check_examples(service, browser)
        with Browser() as browser:
            check_without_setup(programs, browser)


def check_without_setup(programs, browser):
    """`serve --sandbox` and nothing else: the page is there, and gives the key away."""
    with Sandboxed(programs) as service:
        browser.open(f"http://{service.callers}/docs")
        browser.click("#use-sandbox-key")
        page = TryItPage(browser)
        awaited("no profiles in the list", page.profiles)
        page.choose(KIOSKS)
        page.mint(3600)
        page.see_qr_code()
        expect(browser.qr_codes(), "the QR code cannot be scanned")


def check_course(service, key, browser):
    """The present token, as time goes by: in force, near its end, ended."""
    page = TryItPage(browser).open(service.callers, key)
    page.load_profiles()
    page.choose(SCANNERS)
    page.mint(3600)
    page.see_qr_code()
    browser.click("#show-token")
    browser.read("#result-heading", "present")
    page.see_qr_code()
    page.state("active")
    page.pass_time(3600 - 300)
    page.state("expiring")
    token = service.profile(SCANNERS)
    browser.run("document.querySelector('#copy').focus()")
    page.pass_time(300)
    page.state("expired")
    awaited(
        "who was at the copy button when it went is nowhere",
        lambda: browser.run("return document.activeElement.id") == "result-heading",
        3,
    )
    page.check_gone(token["tokenValue"], token["qrCodeContent"])


def check_examples(service, browser):
    """A program is copied whole."""
    browser.open(f"http://{service.callers}/docs/examples")
    details = browser.all("main details")[0]
    browser.run("arguments[0].open = true", details)
    browser.shown("main details[open] button")[0].click()
    shown = browser.run("return arguments[0].querySelector('pre').textContent", details)
    expect(len(shown) > 100, f"the example is only {shown!r}")
    check_clipboard(browser, shown)


def check_shown(service, key, browser, page):
    """The page, the API and the sandbox are of one mind."""
    browser.see("#result")
    token, known = service.call("GET", f"/profiles/{KIOSKS}/token", key).document, service.profile(KIOSKS)
    expect(known["tokensCreated"] == 1, f"{known['tokensCreated']} enrollment tokens were made")
    expect(token["value"] == known["tokenValue"], "the API's value is not the sandbox's")
    awaited(
        lambda: f"the value shown is {browser.text('#token')!r}", lambda: browser.text("#token").strip() == known["tokenValue"]
    )
    expect(token["qrCodeContent"] == known["qrCodeContent"], "the API's QR code is not the sandbox's")
    page.check_qr_code(known["qrCodeContent"])
    page.check_counting()
    return token


def check_accessibility(browser, findings):
    """With a QR code on it, in both schemes; the code can be scanned in the dark, and at a phone's width."""
    for scheme in ("light", "dark"):
        browser.look(scheme=scheme)
        for found in browser.axe():
            findings.add(f"/docs with a QR code, {scheme}", found)
    content = browser.qr_codes()
    findings.expect(content, "/docs, dark", "the QR code cannot be scanned")
    browser.look(PHONE, "dark")
    browser.run("document.querySelector('#qr').scrollIntoView({block: 'center', behavior: 'instant'})")
    findings.expect(browser.qr_codes() == content, f"/docs, dark, {PHONE} pixels wide", "the QR code cannot be scanned")
    browser.look(WIDE, "light")


def check_copy(browser, value):
    browser.click("#copy")
    check_clipboard(browser, value)


def check_clipboard(browser, text):
    # Which the page itself may not, and must not need.
    browser.command("Browser.grantPermissions", permissions=["clipboardReadWrite"])
    awaited(
        lambda: f"the clipboard has {browser.driver.execute_async_script(COPIED)[:200]!r}",
        lambda: browser.driver.execute_async_script(COPIED) == text,
        5,
    )
    # Else all that was not granted is refused.
    browser.command("Browser.resetPermissions")


def check_revocation(service, browser, page, token):
    """Only who says so twice takes the enrollment token away; then nothing of it is left."""
    browser.click("#revoke")
    browser.see("#revoke-confirm")
    expect(service.profile(KIOSKS)["tokenValue"] == token["value"], "it is revoked before anybody has confirmed it")
    browser.click("#revoke-confirm")
    awaited("the sandbox still has the enrollment token", lambda: service.profile(KIOSKS)["tokenValue"] is None)
    page.check_gone(token["value"], token["qrCodeContent"])


if __name__ == "__main__":
    run(check)
