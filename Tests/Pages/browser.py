"""Headless Chromium, as a person has it before them, and an eye on all that it does."""

import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from checking import Failed, awaited

# Nothing is asked for but what is on this machine: Selenium would look for drivers elsewhere, and for a proxy on the way to its own.
os.environ.update(SE_OFFLINE="true", SE_AVOID_STATS="true", NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost")

PHONE, WIDE = 390, 1280
# Before any script of the page.
LISTENER = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event => {
    violations.push(`${event.violatedDirective} by ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
});
"""
STORED = """
const done = arguments[0];
(async () => {
    const found = [];
    for (const name of Object.keys(localStorage)) found.push(`localStorage ${name}`);
    for (const name of Object.keys(sessionStorage)) found.push(`sessionStorage ${name}`);
    if (document.cookie) found.push(`cookie ${document.cookie}`);
    for (const base of await indexedDB.databases()) found.push(`indexedDB ${base.name}`);
    for (const name of await caches.keys()) found.push(`cache ${name}`);
    for (const worker of await navigator.serviceWorker.getRegistrations()) found.push(`service worker ${worker.scope}`);
    return found;
})().then(done, error => done([String(error)]));
"""


class Browser:
    """One, with a profile of its own; it ends with the block. Where the block ends with a failure, its picture is kept."""

    def __init__(self, language="en", scripts=True):
        self.languages = {"en": "en-GB,en", "zh-Hans": "zh-CN,zh"}[language]
        self.scripts = scripts

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        try:
            driver = Driver(shutil.which("chromedriver"), env={"PATH": os.environ["PATH"], "HOME": self.folder.name})
            self.driver = webdriver.Chrome(options=self.options(), service=driver)
        except BaseException:
            self.folder.cleanup()
            raise
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)
        self.command("Page.addScriptToEvaluateOnNewDocument", source=LISTENER)
        self.look()
        # It begins with a page of its own, of many parts.
        self.open("about:blank")
        self.driver.get_log("performance")
        return self

    def __exit__(self, kind, failure, trace):
        try:
            if isinstance(failure, Exception):
                raise Failed(f"{failure} [{self.describe()}]") from failure
        finally:
            self.driver.quit()
            self.folder.cleanup()

    def options(self):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        arguments = [
            "headless",
            # Nothing goes anywhere but to this machine.
            "no-proxy-server",
            "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "no-first-run",
            "disable-gpu",
            # A container's may be too small.
            "disable-dev-shm-usage",
            "hide-scrollbars",
            "force-color-profile=srgb",
            f"user-data-dir={self.folder.name}/profile",
        ]
        # It does not shut itself in for root, and must not go without for anybody else.
        if os.geteuid() == 0:
            arguments.append("no-sandbox")
        for argument in arguments:
            options.add_argument(f"--{argument}")
        preferences = {"intl.accept_languages": self.languages}
        if not self.scripts:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        return options

    def command(self, name, **parameters):
        """One of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def look(self, width=WIDE, scheme="light", height=900, scale=1, media="screen"):
        """How wide the page is from now on, in which colours, and whether on a screen or in print."""
        self.width, self.scheme = width, scheme
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=width == PHONE
        )
        self.command("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        self.driver.get(url)

    # What is there

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shown(self, selector):
        """The elements that can be seen. One that goes meanwhile is none."""
        found = []
        for element in self.all(selector):
            try:
                if element.is_displayed():
                    found.append(element)
            except StaleElementReferenceException:
                pass
        return found

    def see(self, selector, seconds=20):
        """The first such element, as soon as it can be seen."""
        return awaited(lambda: f"there is no {selector} to be seen", lambda: self.shown(selector), seconds)[0]

    def see_none(self, selector, seconds=20):
        awaited(lambda: f"{selector} is still to be seen", lambda: not self.shown(selector), seconds)

    def text(self, selector="body"):
        """What is to be read there; nothing where it is not there."""
        try:
            return " ".join(element.text for element in self.all(selector))
        except StaleElementReferenceException:
            return self.text(selector)

    def read(self, selector, wanted, seconds=20):
        """Waits until it says so: a text in it, or what a pattern of `re` is found in."""
        pattern = wanted if isinstance(wanted, re.Pattern) else re.compile(re.escape(wanted))
        return awaited(
            lambda: f"{selector} does not say {pattern.pattern!r} but {self.text(selector)!r}",
            lambda: pattern.search(self.text(selector)),
            seconds,
        )

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    # What a person does

    def click(self, selector):
        element = self.see(selector)
        element.click()
        return element

    def fill(self, selector, text):
        element = self.see(selector)
        element.clear()
        element.send_keys(text)
        return element

    def choose(self, selector, value):
        Select(self.see(selector)).select_by_value(value)

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def focused(self):
        return self.driver.switch_to.active_element

    # What it came to

    def picture(self, path):
        """The window as it is."""
        self.driver.save_screenshot(str(path))

    def describe(self):
        """Where the browser is, for whoever reads of a failure, with a picture of it that stays."""
        with tempfile.NamedTemporaryFile(prefix="page-", suffix=".png", delete=False) as file:
            name = file.name
        self.picture(name)
        return f"{self.driver.current_url}, {self.width} pixels wide, {self.scheme}: {name}"

    def qr_codes(self):
        """The texts of the QR codes that a camera would find in the window."""
        path = pathlib.Path(self.folder.name) / "window.png"
        self.picture(path)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", path], capture_output=True, text=True)
        return [line for line in read.stdout.splitlines() if line]

    def stored(self):
        """What the page has left in the browser."""
        cookies = [f"cookie {cookie['name']}" for cookie in self.driver.get_cookies()]
        return cookies + self.driver.execute_async_script(STORED)

    def violations(self):
        """What the page's Content-Security-Policy has refused it."""
        return self.run("return window.violations || []")

    def complaints(self, answers=()):
        """What the browser's log has of errors since this was asked last.

        - answers: statuses that the check itself has provoked.
        """
        found = []
        for entry in self.driver.get_log("browser"):
            provoked = re.search(r"responded with a status of (\d+)", entry["message"])
            if entry["level"] == "SEVERE" and not (provoked and int(provoked.group(1)) in answers):
                found.append(entry["message"])
        return found

    def foreign(self, address):
        """The URLs that were asked for since this was asked last, and are not of this address."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                parameters = message["params"]
                url = parameters["request"]["url"] if "request" in parameters else parameters["url"]
                found.append(url.removeprefix("blob:"))
        own = f"http://{address}"
        return [url for url in found if not url.startswith(f"{own}/")]

    def check_quiet(self, findings, where, address, answers=()):
        """That the page has done nothing that it should not: no error, nothing refused, nothing asked of others, nothing kept."""
        for what, seen in [
            ("the browser's log has errors", self.complaints(answers)),
            ("the Content-Security-Policy has refused something", self.violations()),
            ("something of another origin was asked for", self.foreign(address)),
            ("something is kept in the browser", self.stored()),
        ]:
            findings.expect(not seen, where, f"{what}: {seen}")

    def axe(self, rules=("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")):
        """What axe-core finds wrong with the page, one line for each kind."""
        if not self.run("return 'axe' in window"):
            self.run(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[1];"
            "axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']})"
            ".then(done, error => done({error: String(error)}))",
            list(rules),
        )
        if "error" in found:
            raise Failed(found["error"])
        return [summary(one) for one in found["violations"]]


def summary(violation):
    nodes = violation["nodes"]
    first = "; ".join(f"{node['target']} {node['failureSummary']}" for node in nodes[:3])
    return f"{violation['id']} ({len(nodes)}): {violation['help']}: {' '.join(first.split())}"


def script_of_axe():
    """Without its Python package, which would load Playwright."""
    package = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(package.origin).parent / "axe.min.js").read_text()


AXE = script_of_axe()
