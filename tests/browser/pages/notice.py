"""A notice: what the phone itself finds out about it."""

import base64
import json
import re
import time

from support import VILLAGE, Suite, expect, fetched, flipped, other_amount, remembered, tampering, title, verdict

SUITE = Suite()

FIVE = ["content.sig", "approval.quorum", "log.inclusion", "witness.quorum", "client.consistency"]
LIMITS = "它不能说明: 钱花得值不值、票据真不真、有没有漏掉没公布的事。"


@SUITE.check("核对通过 at 127.0.0.1, and the second visit says that the log only grew")
def checked_at_home(world):
    return checked(world, world.demo.base, True, "ok-127")


@SUITE.check("核对通过 on a plain-HTTP LAN name, where the browser's own cryptography is missing")
def checked_on_the_lan(world):
    return checked(world, world.demo.lan, False, "ok-lan")


def checked(world, base, secure, shot):
    path = world.demo.record("payments", "2026-01")
    with world.browser.page() as page:
        started = time.monotonic()
        page.goto(base + path)
        expect(verdict(page) == "ok", f"state {verdict(page)}: {page.locator('#verdict').inner_text()}")
        took = time.monotonic() - started
        expect(page.evaluate("isSecureContext") == secure, "isSecureContext")
        expect("核对通过" in title(page), title(page))
        expect("演示数据, 不是真的" in page.locator(".demo").inner_text(), "banner")
        text = page.locator("#verdict").inner_text()
        expect(LIMITS in text, "the sentence about what it does not prove")
        for name in ["王守田", "林小燕", "柳长河"]:
            expect(name in text, f"{name} is not named")
        codes = page.locator("#verdict .code")
        expect(codes.count() == 5 and not codes.first.is_visible(), "codes start folded")
        for i in range(5):
            page.locator("#verdict summary").nth(i).click()
        expect([code_of(codes.nth(i).inner_text()) for i in range(5)] == FIVE, "five codes")
        expect("第一次" in text, "first visit")
        world.shot(page, shot)
        page.reload()
        expect(verdict(page) == "ok" and "只增加, 没删改" in page.locator("#verdict").inner_text(), "second visit")
        # Another village page, another notice: the same memory.
        page.goto(base + world.demo.record("decision"))
        expect(verdict(page) == "ok" and "只增加, 没删改" in page.locator("#verdict").inner_text(), "another notice")
    return f"verdict after {took:.2f} s"


def code_of(text):
    found = re.search(r"[a-z]+\.[a-z]+", text)
    return found.group(0) if found else None


@SUITE.check("every notice of the demonstration verifies")
def all_verify(world):
    with world.browser.page() as page:
        states = {}
        for index in range(len(world.demo.entries) + 3):
            page.goto(f"{world.demo.base}/r/{index}")
            states.setdefault(verdict(page), []).append(index)
    expect(set(states) == {"ok", "ok_superseded"}, states)
    expect(len(states["ok_superseded"]) == 1, states)
    return f"{len(states['ok'])} ok, 1 superseded"


@SUITE.check("a corrected notice says so and leads to the correction, which shows before and after")
def corrected(world):
    with world.browser.page() as page:
        page.goto(world.demo.base + world.demo.record("payments", "2026-03"))
        expect(verdict(page) == "ok_superseded", verdict(page))
        expect("核对通过, 但已有更正" in title(page), title(page))
        world.shot(page, "ok-superseded")
        page.locator("#verdict a.button").click()
        page.wait_for_url(f"**{world.demo.record('correction')}")
        expect(verdict(page) == "ok", verdict(page))
        expect(page.locator("td.before del").first.inner_text().startswith("612.40"), "before")
        expect(page.locator("td.after ins").first.inner_text().startswith("621.40"), "after")
        world.shot(page, "correction")


def other_signature(bundle):
    entry = json.loads(base64.b64decode(bundle["entry"]))
    entry["signatures"][0]["sig"] = flipped(entry["signatures"][0]["sig"])
    bundle["entry"] = base64.b64encode(json.dumps(entry, separators=(",", ":")).encode()).decode()


def other_proof(bundle):
    digest = bundle["inclusion"][0]
    bundle["inclusion"][0] = digest[:-1] + ("0" if digest[-1] != "0" else "1")


def other_checkpoint(bundle):
    origin, size, rest = base64.b64decode(bundle["checkpoint"]).decode().split("\n", 2)
    bundle["checkpoint"] = base64.b64encode(f"{origin}\n{int(size) + 1}\n{rest}".encode()).decode()


@SUITE.check("对不上 when the content, a signature, a proof or the checkpoint was changed on the way")
def tampered(world):
    path = world.demo.record("payments", "2026-01")
    for name, change, failing in [
        ("body", other_amount, "content.sig"),
        ("signature", other_signature, "content.sig"),
        ("proof", other_proof, "log.inclusion"),
        ("checkpoint", other_checkpoint, "log.inclusion"),
    ]:
        with world.browser.page() as page:
            page.route("**/bundle*", tampering(change))
            page.goto(world.demo.lan + path)
            expect(verdict(page) == "mismatch", f"{name}: {verdict(page)}")
            expect("对不上, 请留意" in title(page), title(page))
            shown = page.locator("#verdict").inner_text()
            expect("乡镇纪委" in shown and "清河镇纪委" in shown, "whom to tell")
            evidence = page.locator("#verdict textarea").input_value()
            expect(failing in evidence and "demo.sanwu.example" in evidence, f"{name}: {evidence}")
            if name == "body":
                world.shot(page, "mismatch")


@SUITE.check("对不上 when the proofs are of another notice that is in order")
def other_notice(world):
    path, other = world.demo.record("payments", "2026-01"), world.demo.record("payments", "2026-02")
    with world.browser.page() as page:
        foreign = world.demo.get(f"/api/v1/entries/{other.rsplit('/', 1)[1]}/bundle")[2]
        page.route("**/bundle*", lambda route: route.fulfill(body=foreign, content_type="application/json"))
        page.goto(world.demo.base + path)
        expect(verdict(page) == "mismatch", verdict(page))
        expect("另一张公开表" in page.locator("#verdict .lead").first.inner_text(), "says so")
        expect(page.locator("#verdict .steps").count() == 0 and remembered(page) is None, "the other one's lines are not shown, nor kept")


@SUITE.check("这台手机没法核对 when the verifier is blocked, and never the look of a mismatch")
def blocked(world):
    path = world.demo.record("payments", "2026-01")

    def no_wasm_policy(route):
        answer = fetched(route)
        policy = answer.headers["content-security-policy"].replace(" 'wasm-unsafe-eval'", "")
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    for name, prepare in {
        "policy": lambda page: page.route(f"**{path}", no_wasm_policy),
        "removed": lambda page: page.add_init_script("delete globalThis.WebAssembly"),
        "not delivered": lambda page: page.route("**/*.wasm", lambda route: route.abort()),
        "damaged": lambda page: page.route("**/*.wasm", lambda route: route.fulfill(body=b"\0asm", content_type="application/wasm")),
    }.items():
        with world.browser.page() as page:
            prepare(page)
            # A page that the tests answered themselves counts as public, and Chromium lets a public page on plain
            # HTTP load nothing from this machine; on 127.0.0.1 it does.
            page.goto((world.demo.base if name == "policy" else world.demo.lan) + path)
            expect(verdict(page) == "cannot", f"{name}: {verdict(page)}")
            expect("这台手机没法核对" in title(page), title(page))
            expect("这不说明账有问题" in page.locator("#verdict").inner_text(), name)
            look = page.locator("#verdict").evaluate("n => getComputedStyle(n).borderTopStyle + getComputedStyle(n).borderTopColor")
            expect(look.startswith("dashed"), look)
            if name == "policy":
                world.shot(page, "cannot")


@SUITE.check("这台手机没法核对 when the proofs do not arrive or are no proofs")
def undelivered(world):
    path = world.demo.record("payments", "2026-01")
    for name, handle in {
        "offline": lambda route: route.abort(),
        "server error": lambda route: route.fulfill(status=500, body="{}"),
        "not JSON": lambda route: route.fulfill(body="<html>", content_type="text/html"),
        "cut off": lambda route: route.fulfill(body='{"format":"sanwu-bundle-v1"', content_type="application/json"),
    }.items():
        for what in ["**/bundle*", "**/api/v1/trust"]:
            with world.browser.page() as page:
                page.route(what, handle)
                page.goto(world.demo.base + path)
                expect(verdict(page) == "cannot", f"{name} {what}: {verdict(page)}")


@SUITE.check("without JavaScript the content is readable and the page says that this phone did not check")
def no_script(world):
    with world.browser.page(java_script_enabled=False) as page:
        page.goto(world.demo.lan + world.demo.record("payments", "2026-01"))
        expect("这台手机没有核对" in title(page), title(page))
        expect("没有核对过" in page.locator("#verdict").inner_text(), "says so")
        text = page.locator("main").inner_text()
        for word in ["购办公用品", "486.30", "25,409.95", "王守田", "不用这个网站也能核"]:
            expect(word in text, word)
        world.shot(page, "no-script")
        page.goto(f"{world.demo.lan}/verify")
        expect("sanwu verify" in page.locator("#needs-script").inner_text(), "verify page")
        page.goto(f"{world.demo.lan}/v/{VILLAGE}")
        page.get_by_role("link", name="村务", exact=True).click()
        expect("村内道路硬化二期实施结果" in page.locator("main").inner_text(), "tabs are links")
