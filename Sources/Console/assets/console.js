// Reads the console anew every few seconds, and changes only what is different: focus, selection, scrolling and what was opened
// stay as they are. Without it the page reads itself anew as a whole.
"use strict";

(() => {
    const age = document.getElementById("age");
    const button = document.getElementById("pause");
    const refreshing = document.getElementById("refreshing");
    if (!age || !button || !refreshing) { return; }

    const interval = Number(button.dataset.seconds) * 1000;
    const longestInterval = 60000;
    const longestWait = 10000;

    let isPaused = age.dataset.refresh === "off";
    let failures = 0;
    let readAt = Date.now();
    let timer = 0;
    let isReading = false;

    // MARK: When

    function plan(delay) {
        clearTimeout(timer);
        if (!isPaused && !document.hidden) { timer = setTimeout(read, delay); }
    }

    async function read() {
        if (isReading) { return; }
        isReading = true;
        try {
            const answer = await fetch(location.href.split("#")[0], {
                cache: "no-store", redirect: "error", signal: AbortSignal.timeout(longestWait),
            });
            if (!answer.ok) { throw new Error("status " + answer.status); }
            const text = await answer.text();
            // Who has pressed the button meanwhile reads what is there.
            if (isPaused) { return; }
            show(new DOMParser().parseFromString(text, "text/html"));
            failures = 0;
            readAt = Date.now();
        } catch {
            if (!isPaused) { failures += 1; }
        } finally {
            isReading = false;
            sayAge();
            plan(Math.min(interval * 2 ** failures, longestInterval));
        }
    }

    document.addEventListener("visibilitychange", () => {
        if (document.hidden) {
            clearTimeout(timer);
        } else {
            plan(Math.max(0, interval - (Date.now() - readAt)));
        }
    });

    // MARK: What is stale

    function sayAge() {
        const warning = document.getElementById("stale");
        const status = document.getElementById("status");
        if (!warning || !status) { return; }
        const isStale = failures > 0;
        if (warning.hidden === isStale) { warning.hidden = !isStale; }
        status.toggleAttribute("data-stale", isStale);
        if (!isStale) { return; }
        warning.querySelector("[data-trying]").hidden = isPaused;
        const text = warning.querySelector("[data-age]");
        const seconds = Math.round((Date.now() - readAt) / 1000);
        const [form, count] =
            seconds < 60 ? [text.dataset.seconds, seconds]
            : seconds < 3600 ? [text.dataset.minutes, Math.floor(seconds / 60)]
            : [text.dataset.hours, Math.floor(seconds / 3600)];
        text.textContent = text.dataset.ago.replace("{0}", form.replace("{0}", count));
    }

    setInterval(() => { if (failures > 0) { sayAge(); } }, 1000);

    // MARK: The button

    function name() {
        button.textContent = isPaused ? button.dataset.continue : button.dataset.pause;
        refreshing.textContent = isPaused ? refreshing.dataset.off : refreshing.dataset.on;
    }

    button.addEventListener("click", () => {
        isPaused = !isPaused;
        name();
        sayAge();
        if (isPaused) { clearTimeout(timer); } else { read(); }
    });
    button.hidden = false;
    name();

    // MARK: What is different

    function show(fresh) {
        const main = document.getElementById("main");
        const other = fresh.getElementById("main");
        if (!main || !other || !fresh.getElementById("status")) { throw new Error("no console"); }
        if (assets(document) !== assets(fresh)) {
            // Another version of the gateway.
            location.reload();
            return;
        }
        const focused = document.activeElement;
        const selection = getSelection();
        const selected = selection.isCollapsed ? null : {
            anchor: selection.anchorNode, anchorOffset: selection.anchorOffset,
            focus: selection.focusNode, focusOffset: selection.focusOffset,
        };
        adapt(main, other);
        if (document.title !== fresh.title) { document.title = fresh.title; }
        if (focused && focused !== document.activeElement && focused.isConnected) {
            focused.focus({ preventScroll: true });
        }
        // Set only where it is no longer the same: to set it ends a drag, and closes the menu of what is selected.
        if (selected && selected.anchor.isConnected && selected.focus.isConnected && !isSelected(selected)) {
            selection.setBaseAndExtent(
                selected.anchor, Math.min(selected.anchorOffset, length(selected.anchor)),
                selected.focus, Math.min(selected.focusOffset, length(selected.focus)));
        }
    }

    function isSelected(range) {
        const selection = getSelection();
        return selection.anchorNode === range.anchor && selection.anchorOffset === range.anchorOffset
            && selection.focusNode === range.focus && selection.focusOffset === range.focusOffset;
    }

    function assets(page) {
        return Array.from(page.querySelectorAll("head script[src], head link[rel=stylesheet]"),
            (element) => element.getAttribute("src") || element.getAttribute("href")).join(" ");
    }

    function length(node) { return node.nodeType === Node.TEXT_NODE ? node.data.length : node.childNodes.length; }

    // By which a part of the page is the same one in both.
    function key(node) {
        if (node.nodeType !== Node.ELEMENT_NODE) { return null; }
        return node.id || node.dataset?.key || node.dataset?.number || node.dataset?.detail || null;
    }

    function isAlike(old, fresh) {
        return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && key(old) === key(fresh);
    }

    // What the script itself holds; and what is text here and elements there.
    function isKept(node) {
        return node === button || node === refreshing || node.id === "stale" || node.nodeName === "NOSCRIPT";
    }

    function adapt(old, fresh) {
        if (isKept(old)) { return; }
        for (const { name } of Array.from(old.attributes)) {
            if (!fresh.hasAttribute(name) && !isOurs(old, name)) { old.removeAttribute(name); }
        }
        for (const { name, value } of Array.from(fresh.attributes)) {
            if (old.getAttribute(name) !== value && !isOurs(old, name)) { old.setAttribute(name, value); }
        }
        adaptChildren(old, fresh);
    }

    // Who has opened something keeps it open.
    function isOurs(element, name) {
        return (element.nodeName === "DETAILS" && name === "open") || name === "data-stale";
    }

    function adaptChildren(old, fresh) {
        const keyed = new Map();
        for (const child of old.children) {
            const name = key(child);
            if (name) { keyed.set(name, child); }
        }
        const remaining = new Set(Array.from(fresh.children, key).filter(Boolean));
        let next = old.firstChild;
        for (const child of Array.from(fresh.childNodes)) {
            // What is gone goes first, so that what stays need not be moved.
            while (next && key(next) && !remaining.has(key(next))) { next = remove(next); }
            const name = key(child);
            const same = name ? keyed.get(name) : null;
            if (same && same.nodeName === child.nodeName) {
                if (same !== next) { old.insertBefore(same, next); } else { next = next.nextSibling; }
                adapt(same, child);
            } else if (next && isAlike(next, child)) {
                if (next.nodeType === Node.ELEMENT_NODE) {
                    adapt(next, child);
                } else if (next.data !== child.data) {
                    next.data = child.data;
                }
                next = next.nextSibling;
            } else {
                old.insertBefore(document.importNode(child, true), next);
            }
        }
        while (next) { next = remove(next); }
    }

    function remove(node) {
        const next = node.nextSibling;
        node.remove();
        return next;
    }

    plan(interval);
})();
