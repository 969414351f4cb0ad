"""The site as a whole: requests, weight, headers, links, languages."""

import gzip
import re

from support import Suite, expect, pages, title, verdict

SUITE = Suite()

# The first view without the verifier, which is fetched while the page is being read and kept for ever.
FIRST_VIEW_BYTES_MAX = 60_000
# It is 118,700 bytes. It judges what the phone remembers, too, and words every verdict.
VERIFIER_BYTES_MAX = 120_000
# Chromium says on plain HTTP that it ignores a header that only works on HTTPS; that is no fault of the page.
HARMLESS = re.compile(r"Cross-Origin-Opener-Policy header has been ignored|status of 404")


@SUITE.check("English: by link, by cookie, by the browser's language")
def english(world):
    with world.browser.page() as page:
        page.goto(world.demo.base + world.demo.record("cash_statement", "2026-01"))
        page.get_by_role("link", name="English").click()
        expect(verdict(page) == "ok" and "Checked" in title(page), title(page))
        text = page.locator("#verdict").inner_text()
        expect("It cannot tell you whether the money was well spent" in text, text)
        expect("Demonstration data, not real" in page.locator(".demo").inner_text(), "banner")
        world.shot(page, "en-ok")
        page.goto(f"{world.demo.base}/")
        expect(page.locator("html").get_attribute("lang") == "en", "cookie")
        world.shot(page, "en-home")
    _, headers, body = world.demo.get("/", **{"Accept-Language": "en-GB,en;q=0.9"})
    expect(headers["Content-Language"] == "en" and b'<html lang="en"' in body, "Accept-Language")
    _, headers, _ = world.demo.get("/", **{"Accept-Language": "de"})
    expect(headers["Content-Language"] == "zh-CN", "Chinese first")


@SUITE.check("no console error, no request to anywhere else, on any page")
def quiet(world):
    with world.browser.page() as page:
        for name, path in pages(world.demo).items():
            page.goto(world.demo.lan + path)
            page.wait_for_load_state("networkidle")
        errors = [e for e in page.console_errors if not HARMLESS.search(e)]
        expect(not errors, errors)
        elsewhere = {u for u in page.requested if not u.startswith((world.demo.lan + "/", "data:"))}
        expect(not elsewhere, elsewhere)
        requests = len(page.requested)
    return f"{requests} requests"


@SUITE.check("weight of the first view, compressed and cold")
def light(world):
    worst = {}
    for name, path in pages(world.demo).items():
        with world.browser.page() as page:
            page.goto(world.demo.base + path)
            page.wait_for_load_state("networkidle")
            sizes = {u: len(gzip.compress(world.demo.get(u[len(world.demo.base):])[2], 6)) for u in set(page.requested)}
            verifier = sum(size for url, size in sizes.items() if url.endswith(".wasm"))
            rest = sum(sizes.values()) - verifier
            expect(rest <= FIRST_VIEW_BYTES_MAX, f"{name}: {sizes}")
            expect(verifier <= VERIFIER_BYTES_MAX, f"{name}: verifier {verifier}")
            expect(len(page.requested) <= 12, f"{name}: {page.requested}")
            worst[name] = (rest, verifier, len(page.requested))
    rest, verifier, count = max(worst.values())
    return f"at most {rest} bytes without the verifier, verifier {verifier} bytes, {count} requests"


@SUITE.check("headers: strict policy on pages, assets for ever, nothing for a wrong digest")
def headers(world):
    demo = world.demo
    _, page, body = demo.get(demo.record("payments", "2026-01"))
    policy = page["Content-Security-Policy"]
    for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "base-uri 'none'",
                 "form-action 'self'", "frame-ancestors 'none'", "connect-src 'self'"]:
        expect(part in policy, f"{part} not in {policy}")
    expect("unsafe-inline" not in policy, policy)
    expect(page["X-Content-Type-Options"] == "nosniff" and page["Referrer-Policy"] == "no-referrer", "headers")
    expect("Permissions-Policy" in page and page["Cross-Origin-Opener-Policy"] == "same-origin", "headers")
    text = body.decode()
    expect("style=" not in text and "<script>" not in text and "onclick" not in text, "inline style or script")
    assets = set(re.findall(r'(/assets/[0-9a-f]{16}/[a-z.-]+)"', text))
    expect(any(a.endswith(".wasm") for a in assets) and any(a.endswith("app.css") for a in assets), assets)
    for asset in assets:
        status, head, _ = demo.get(asset)
        expect(status == 200 and "immutable" in head["Cache-Control"], asset)
        expect(demo.get(asset, **{"If-None-Match": head["ETag"]})[0] == 304, f"{asset} 304")
        expect(demo.get(re.sub(r"/[0-9a-f]{16}/", "/0000000000000000/", asset))[0] == 404, f"{asset} other digest")
    for element in re.findall(r"<(?:script|link)[^>]*>", text):
        if "icon" not in element:
            expect('integrity="sha256-' in element, element)


@SUITE.check("every link on every page leads somewhere")
def links(world):
    demo, seen, kinds, waiting = world.demo, set(), set(), ["/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        status, head, body = demo.get(path)
        expect(status == 200, f"{path}: {status}")
        if "text/html" in head["Content-Type"]:
            kinds.add(path.strip("/").split("/")[0].split("?")[0])
            found = re.findall(r'href="(/[^"#]*)"', body.decode())
            waiting.extend(f.replace("&amp;", "&") for f in found if "lang=" not in f and "size=" not in f)
    expect(len(seen) > 80, len(seen))
    checked = {path.strip("/").split("/")[0].split("?")[0] for path in pages(demo).values()}
    expect(kinds <= checked, f"pages that no other check opens: {kinds - checked}")
    return f"{len(seen)} addresses"


@SUITE.check("pages that are not there say so in plain words, and stay inside")
def not_found(world):
    demo = world.demo
    for path in ["/nowhere", "/r/999999", "/r/-1", "/r/abc", "/r/99999999999999999999999", "/v/000000000000", "/v/root",
                 "/v/%2e%2e", "/assets/x/app.css.map", "/r/%F0%9F%92%A9"]:
        status, head, body = demo.get(path)
        expect(status in (400, 404), f"{path}: {status}")
        if not path.startswith("/assets"):
            expect("没有这一页" in body.decode(), f"{path}: {body[:200]}")
            expect("default-src 'none'" in head["Content-Security-Policy"], path)
    _, _, body = demo.get("/v/379999100201?s=%22%3E%3Cscript%3E&p=%3Cxyz%3E&lang=%22x")
    expect(b"<script>" not in body and b"<xyz>" not in body, "the query is not echoed as markup")
    _, _, body = demo.get("/r/5", Host='x"><script>alert(1)</script>')
    expect(b"<script>alert" not in body, "nor the host")
