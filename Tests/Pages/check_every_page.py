"""Each page in both languages, light and dark, wide, on a phone and in print: nothing is refused, asked of others, kept, or hard to read.

    check_every_page.py FOLDER-OF-THE-PROGRAMS
"""

import everything
from browser import PHONE, WIDE, Browser
from checking import expect, run
from service import Service

# Texts that do not stand out enough from the ground they stand on, as WCAG computes it (1.4.3). axe does the same, but not for texts in
# pictures, nor where something is scrolled out of sight.
FAINT = """
const channels = colour => {
    const [red, green, blue, alpha = 1] = colour.match(/^rgba?\\(/) ? colour.match(/[\\d.]+/g).map(Number) : [0, 0, 0, NaN];
    return {red, green, blue, alpha};
};
const over = (top, below) => {
    const mixed = {alpha: 1};
    for (const name of ["red", "green", "blue"]) mixed[name] = top[name] * top.alpha + below[name] * (1 - top.alpha);
    return mixed;
};
const ground = element => {
    if (!element) return {red: 255, green: 255, blue: 255, alpha: 1};
    const own = channels(getComputedStyle(element).backgroundColor);
    return own.alpha === 1 ? own : over(own, ground(element.parentElement));
};
const light = colour => {
    const linear = one => one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
};
const found = [];
for (const element of document.body.querySelectorAll("*:not(option, optgroup, title, desc)")) {
    const text = [...element.childNodes].filter(one => one.nodeType === Node.TEXT_NODE).map(one => one.data).join(" ").trim();
    if (!text || !element.checkVisibility({visibilityProperty: true}) || element.matches(":disabled")) continue;
    const style = getComputedStyle(element), below = ground(element);
    const colour = over(channels(element instanceof SVGElement ? style.fill : style.color), below);
    const [lighter, darker] = [light(colour), light(below)].sort((one, other) => other - one);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const contrast = (lighter + 0.05) / (darker + 0.05);
    if (!(contrast >= (isLarge ? 3 : 4.5))) found.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
}
return found;
"""


def check(programs, findings):
    with Service(programs) as service:
        key = everything.make_keys(service)
        service.start_gateway()
        statuses = everything.make_life(service, key)
        expect({200, 201, 204, 400, 401, 502} <= set(statuses), f"not all happened that should be seen: {statuses}")
        for language in everything.LANGUAGES:
            with Browser(language) as browser:
                for host, path, status in everything.addresses(service):
                    check_page(browser, f"http://{host}{path}", language, (status,), host, findings)
                    if language == "en":
                        check_print(browser, f"http://{host}{path}", (status,), host, findings)
                check_other_language(browser, service, language, findings)


def check_page(browser, url, language, answers, host, findings):
    for width in (WIDE, PHONE):
        for scheme in ("light", "dark"):
            where = f"{url.removeprefix('http://' + host)} in {language}, {scheme}, {width} pixels wide"
            browser.look(width, scheme)
            browser.open(url)
            seen = browser.run(
                "return [document.documentElement.lang, document.title, document.documentElement.scrollWidth, innerWidth]"
            )
            findings.expect(seen[0] == language, where, f"is in {seen[0]}")
            findings.expect(seen[1], where, "has no title")
            findings.expect(seen[2] <= seen[3] <= width, where, f"is {seen[2]} pixels wide in a window of {seen[3]}")
            browser.check_quiet(findings, where, host, answers)
            faint = browser.run(FAINT)
            findings.expect(not faint, where, f"has texts that are hard to read: {faint}")
            # At one width each: it is the colours that differ, and in the other language only the words.
            if (width == WIDE) == (scheme == "light") and (language == "en" or scheme == "dark"):
                for found in browser.axe():
                    findings.add(where, found)


def check_print(browser, url, answers, host, findings):
    """On white paper, whatever is on the screen: where there are no grounds, what is light cannot be read."""
    browser.look(WIDE, "dark", media="print")
    browser.open(url)
    faint = browser.run(FAINT)
    findings.expect(not faint, f"{url} in print", f"has texts that are hard to read: {faint}")
    browser.check_quiet(findings, f"{url} in print", host, answers)
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    findings.expect(ground == "rgb(255, 255, 255)", f"{url} in print", f"is drawn for a ground of {ground}")


def check_other_language(browser, service, language, findings):
    """By the link at the top of each page, whatever the browser asks for."""
    (other,) = [one for one in everything.LANGUAGES if one != language]
    for host, path, status in everything.addresses(service):
        browser.open(f"http://{host}{path}")
        browser.click(f".languages a[hreflang='{other}']")
        seen = browser.run("return [document.documentElement.lang, location.pathname]")
        findings.expect(seen == [other, path], f"the link to {other} on {path}", f"leads to {seen}")
    complaints = browser.complaints(answers=(404,))
    findings.expect(not complaints, "the links to the other language", f"the browser's log has errors: {complaints}")


if __name__ == "__main__":
    run(check)
