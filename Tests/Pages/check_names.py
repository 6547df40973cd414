"""Names that somebody has chosen to do harm are shown as they are, and do none: markup, marks of direction, great length.

    check_names.py FOLDER-OF-THE-PROGRAMS
"""

import re

import everything
from browser import PHONE, Browser
from checking import awaited, expect, run
from service import SCANNERS, Service
from tryit import TryItPage

MARKUP = '<script>alert(1)</script><img src=x onerror="alert(2)">\'"&amp;<!--</option></select><h1>'
NAMES = {
    SCANNERS: MARKUP,
    "aaaaaaaa-0000-4000-8000-000000000002": "Kiosks \u202egnihtemos\u2066 \u200f of the lobby",
    "aaaaaaaa-0000-4000-8000-000000000003": "W" * 300,
    "aaaaaaaa-0000-4000-8000-000000000004": "长" * 300,
}
MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
LONGEST = "x" + "-W" * 31 + "."
# What a name that got through would have made.
MADE = "return [...document.querySelectorAll('script:not([src]), [onerror], img:not(#qr), main h1 h1')].map(one => one.outerHTML)"


def check(programs, findings):
    options = [option for name in NAMES.items() for option in ("--profile", "android-for-work:%s:%s" % name)]
    with Service(programs, sandbox_options=options) as service:
        key = service.key(LONGEST, ["token:create", "token:read", "token:revoke", "profile:read"], "--comment", MARKUP * 6)
        service.start_gateway()
        statuses = everything.make_life(service, key)
        expect(201 in statuses, f"nothing was made: {statuses}")
        for language in everything.LANGUAGES:
            with Browser(language) as browser:
                browser.look(PHONE)
                check_try_it(service, browser, key, language, findings)
                for host, path, status in everything.addresses(service):
                    browser.open(f"http://{host}{path}")
                    check_page(browser, f"{path} in {language}", findings)
                    if path == "/":
                        findings.expect(LONGEST in browser.text("#keys"), path, "does not show the caller's name")


def check_try_it(service, browser, key, language, findings):
    page = TryItPage(browser).open(service.callers, key)
    names = page.load_profiles()
    for identifier, name in NAMES.items():
        # The list has no marks of direction, and no room for more than a beginning.
        listed, plain = names.get(identifier, "").strip("\u2068\u2069"), MARKS.sub("", name)
        is_cut = listed.endswith("…") and len(listed) > 40 and plain.startswith(listed[:-1])
        findings.expect(listed == plain or is_cut, "#profile", f"shows {listed!r} for {name!r}")
    for identifier, name in NAMES.items():
        page.choose(identifier)
        chosen = browser.run("return document.querySelector('#profile-facts').textContent")
        findings.expect(name in chosen, "#profile-facts", f"says {chosen!r} for {name!r}")
        page.mint(3600)
        awaited(
            lambda: f"{browser.text('#token')!r} is shown for {service.profile(identifier)}",
            lambda: browser.text("#token").strip() == service.profile(identifier)["tokenValue"],
        )
        page.check_qr_code(service.profile(identifier)["qrCodeContent"])
        shown = browser.run("return document.querySelector('#facts').textContent")
        findings.expect(name in shown, "#facts", f"says {shown!r} for {name!r}")
        check_page(browser, f"/docs with {name[:20]!r} in {language}", findings)


def check_page(browser, where, findings):
    made = browser.run(MADE)
    findings.expect(not made, where, f"a name has become markup: {made}")
    width, window = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
    findings.expect(width <= window <= PHONE, where, f"is {width} pixels wide in a window of {window}")
    findings.expect(not browser.violations(), where, f"the Content-Security-Policy has refused something: {browser.violations()}")


if __name__ == "__main__":
    run(check)
