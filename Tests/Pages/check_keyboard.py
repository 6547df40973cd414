"""The same with nothing but the keyboard: each stop of the Tab key is seen, and none is a trap.

    check_keyboard.py FOLDER-OF-THE-PROGRAMS
"""

from selenium.webdriver.common.keys import Keys

import everything
from browser import Browser
from checking import Failed, awaited, expect, run
from service import SCANNERS, Service
from tryit import TryItPage

# What is there to be seen of the focus: its name, whether there is an outline, and whether it is in the window.
FOCUS = """
const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
return {
    name: element.id || element.textContent.trim().slice(0, 40) || element.tagName,
    nothing: element === document.body,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\\)$/.test(style.outlineColor),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
};
"""


class Keyboard:
    def __init__(self, browser):
        self.browser = browser

    def go_to(self, selector, key=Keys.TAB):
        """Presses Tab until it is there."""
        names = []
        for _ in range(150):
            self.browser.press(key)
            names.append(self.check_stop())
            if self.browser.run("return document.activeElement.matches(arguments[0])", selector):
                return
        raise Failed(f"the Tab key does not lead to {selector} but to {names}")

    def check_stop(self):
        seen = self.browser.run(FOCUS)
        if seen["nothing"]:
            return None
        expect(seen["outlined"], f"one does not see that the focus is at {seen['name']!r}")
        awaited(f"the focus is at {seen['name']!r}, out of the window", lambda: self.browser.run(FOCUS)["inside"], 3)
        return seen["name"]

    def walk(self, path, findings):
        """The first stops of a page."""
        names = []
        for _ in range(25):
            self.browser.press(Keys.TAB)
            try:
                names.append(self.check_stop())
            except Failed as failure:
                findings.add(path, failure)
            if names[-1:] == [None]:
                break
        findings.expect(len(names) > 4, path, f"has few stops: {names}")

    def press(self, selector, key=Keys.ENTER):
        self.go_to(selector)
        self.browser.press(key)


def check(programs, findings):
    with Service(programs) as service:
        key = service.key("portal")
        service.start_gateway()
        service.call("GET", "/profiles", key)
        with Browser() as browser:
            browser.open(f"http://{service.callers}/docs")
            keyboard = Keyboard(browser)
            check_skip_link(browser, keyboard)
            mint(service, key, browser, keyboard)
            revoke(service, browser, keyboard)
            browser.check_quiet(findings, "/docs", service.callers)
            for host, path, status in everything.addresses(service):
                browser.open(f"http://{host}{path}")
                keyboard.walk(path, findings)


def check_skip_link(browser, keyboard):
    """The first stop leads past what is on each page."""
    browser.press(Keys.TAB)
    keyboard.check_stop()
    expect(browser.run("return document.activeElement.className") == "skip", "the first stop is not the link to the content")
    browser.press(Keys.ENTER)
    awaited("the link to the content does not lead there", lambda: browser.run("return document.activeElement.id") == "main", 3)


def mint(service, key, browser, keyboard):
    page = TryItPage(browser)
    keyboard.go_to("#key")
    browser.press(key)
    keyboard.press("#load-profiles")
    awaited("no profiles in the list", page.profiles)
    keyboard.go_to("#profile")
    for _ in range(10):
        if SCANNERS in browser.run("return document.querySelector('#profile').value"):
            break
        browser.press(Keys.ARROW_DOWN)
    keyboard.go_to("#validity")
    browser.press(Keys.CONTROL + "a", "3600")
    keyboard.press("#mint")
    browser.see("#result")
    awaited("the sandbox has no enrollment token", lambda: service.profile(SCANNERS)["tokenValue"])
    browser.read("#token", service.profile(SCANNERS)["tokenValue"])
    page.check_qr_code(service.profile(SCANNERS)["qrCodeContent"])
    # Who does not see it is led there.
    expect(
        browser.run("return document.querySelector('#result').contains(document.activeElement)"),
        f"after minting the focus is not at the result but at {browser.run(FOCUS)['name']!r}",
    )


def revoke(service, browser, keyboard):
    known = service.profile(SCANNERS)
    page = TryItPage(browser)
    keyboard.press("#revoke")
    browser.see("#revoke-confirm")
    if not browser.run("return document.activeElement.matches('#revoke-confirm')"):
        keyboard.go_to("#revoke-confirm")
    browser.press(Keys.ENTER)
    awaited("the sandbox still has the enrollment token", lambda: service.profile(SCANNERS)["tokenValue"] is None)
    page.check_gone(known["tokenValue"], known["qrCodeContent"])
    expect(not browser.run(FOCUS)["nothing"], "after the revocation the focus is nowhere")


if __name__ == "__main__":
    run(check)
