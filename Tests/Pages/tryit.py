"""The try-it page, as its user goes about it."""

import re

from checking import Failed, awaited, expect


class TryItPage:
    """In a browser."""

    def __init__(self, browser):
        self.browser = browser

    def open(self, address, key):
        self.browser.open(f"http://{address}/docs")
        self.browser.fill("#key", key)
        return self

    def load_profiles(self):
        """The names of the profiles by their ids, from the list."""
        self.browser.click("#load-profiles")
        return awaited("no profiles in the list", self.profiles)

    def profiles(self):
        options = self.browser.run(
            "return [...document.querySelectorAll('#profile option')].map(one => [one.value, one.textContent])"
        )
        return {value: text for value, text in options if value}

    def choose(self, identifier):
        """By its id, which ends the value of its option: the kind may be before it."""
        (value,) = [one for one in self.profiles() if identifier in one] or [None]
        expect(value, f"{identifier} is not in the list: {self.profiles()}")
        self.browser.choose("#profile", value)

    def mint(self, seconds):
        self.browser.fill("#validity", str(seconds))
        self.browser.click("#mint")

    def value(self):
        """The enrollment token that is shown."""
        return self.browser.see("#token").text.strip()

    def problem(self, code, seconds=30):
        """Waits for the problem with this code, and is what is said of it."""

        def seen():
            return [one.get_attribute("data-code") for one in self.browser.shown("#problem")]

        awaited(lambda: f"no problem {code} but {seen()} {self.browser.text('#problem')!r}", lambda: seen() == [code], seconds)
        for part in ("meaning", "step"):
            expect(self.browser.text(f"#problem .{part}"), f"the problem {code} has no {part}: {self.browser.text('#problem')!r}")
        return self.browser.text("#problem")

    def see_qr_code(self):
        """As soon as all of it is there, in the middle of the window."""
        image = self.browser.see("#qr")
        loaded = "return arguments[0].complete && arguments[0].naturalWidth > 0"
        awaited("the picture of the QR code does not load", lambda: self.browser.run(loaded, image))
        self.browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", image)
        return image

    def check_qr_code(self, content):
        """The QR code can be read off the window, and says this."""
        width = self.see_qr_code().size["width"]
        expect(width >= 280, f"the QR code is only {width} pixels wide")
        codes = self.browser.qr_codes()
        expect(codes == [content], f"in the window is to be scanned {codes}, not {content!r}")

    def check_counting(self):
        """The time that is left runs."""
        first = self.browser.read("#countdown", re.compile(r"\d")).string
        awaited(
            lambda: f"the time that is left stays at {first!r}", lambda: self.browser.text("#countdown") not in ("", first), 5
        )

    def pass_time(self, seconds):
        """Sets the browser's clock forward, where the page looks at it."""
        self.browser.run("const before = Date.now; Date.now = () => before() + arguments[0] * 1000", seconds)

    def state(self, wanted):
        """Waits until this is how the token stands."""

        def seen():
            return self.browser.run("return document.querySelector('#state').dataset.state")

        awaited(lambda: f"the enrollment token's state is {seen()}, not {wanted}", lambda: seen() == wanted)

    def check_gone(self, value, content):
        """Of an enrollment token nothing is left in the page."""
        awaited("the QR code is still there", lambda: not self.browser.shown("#qr"))
        awaited("the value is still there", lambda: not self.browser.shown("#token"))
        page = self.browser.run(
            "return document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map(one => one.value)"
        )
        for name, secret in [("value", value), ("QR code's text", content)]:
            if secret in page:
                raise Failed(f"the {name} is still in the page: …{page[max(0, page.index(secret) - 80):][:200]}…")
        expect(
            not self.browser.run("return document.querySelector('#qr')?.getAttribute('src') || ''"),
            "the picture is still in the page",
        )
