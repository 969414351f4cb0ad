"""What the phone remembers of the log, and what it makes of a log that is another one."""

from support import OTHER_LEDGER, TELL, VILLAGE, Suite, expect, recall_otherwise, remembered, tampering, verdict

SUITE = Suite()


@SUITE.check("对不上 when this is not the log that the phone saw last time; the notice is not blamed for it")
def rewritten(world):
    path = world.demo.record("payments", "2026-01")
    for change, sentence in [
        ("m => { m.root = 'sha256:' + '0'.repeat(64) }", OTHER_LEDGER),
        ("m => { m.size -= 1; m.root = 'sha256:' + '1'.repeat(64) }", OTHER_LEDGER),
        ("m => { m.size = 99 }", "这本账比您上次看到的短: 上次有 99 条"),
        ("m => { m.genesis = 'sha256:' + '2'.repeat(64) }", "这本账和您上次看到的不是同一本: 第一条换了。"),
        (f"m => {{ m.chains['{VILLAGE}'] = 99 }}", "这个村的账和您上次看到的不是同一本"),
    ]:
        with world.browser.page() as page:
            page.goto(world.demo.base + path)
            expect(verdict(page) == "ok", verdict(page))
            recall_otherwise(page, change)
            page.reload()
            expect(verdict(page) == "mismatch", f"{change}: {verdict(page)}")
            lead = page.locator("#verdict .lead").first.inner_text()
            expect(lead.startswith(sentence), f"{change}: {lead}")
            text = page.locator("#verdict").inner_text()
            expect(TELL in text and "纸质公开表" not in text and "签过字" not in text, f"{change}: {text}")
            step = page.locator("#verdict .steps li").nth(4).inner_text()
            expect("✘" in step and "和您上次看到的不是同一本" in step, f"{change}: {step}")
            expect("remembered " in page.locator("#verdict textarea").input_value(), "the evidence says what was seen")
            if "99 }" in change and "size" in change:
                world.shot(page, "log-shrunk")
            elif sentence == OTHER_LEDGER:
                world.shot(page, "other-ledger")
    return "5 ways"


@SUITE.check("an answer without the proof from what was seen is told as that, not as a missing witness")
def unlinked(world):
    path = world.demo.record("payments", "2026-01")
    with world.browser.page() as page:
        page.goto(world.demo.base + path)
        expect(verdict(page) == "ok", verdict(page))
        recall_otherwise(page, "m => { m.size -= 1 }")
        page.route("**/bundle*", tampering(lambda bundle: bundle.pop("since")))
        page.reload()
        expect(verdict(page) == "partial", verdict(page))
        text = page.locator("#verdict").inner_text()
        expect("没法和您上次看到的比" in text and "再打开这一页" in text and "外面的见证还没有齐" not in text, text)
        world.shot(page, "unlinked")


@SUITE.check("a notice that is not there: a phone that has seen it says 对不上, one that has not says nothing")
def gone(world):
    path = world.demo.record("payments", "2026-01")
    size = len(world.demo.entries)

    def visit(change, address, route=None):
        with world.browser.page() as page:
            page.goto(world.demo.base + path)
            expect(verdict(page) == "ok", verdict(page))
            recall_otherwise(page, change)
            if route:
                page.route("**/bundle*", route)
            page.goto(world.demo.base + address)
            yield page

    def silent(change, address):
        for page in visit(change, address):
            page.wait_for_load_state("networkidle")
            expect(not page.locator("#verdict").is_visible(), f"{change} {address}")
            expect(page.locator("#mistyped").is_visible(), address)

    def says(change, address, sentence, route=None):
        for page in visit(change, address, route):
            expect(verdict(page) == "mismatch", f"{change} {address}: {verdict(page)}")
            lead = page.locator("#verdict .lead").first.inner_text()
            expect(lead.startswith(sentence), f"{change} {address}: {lead}")
            expect(TELL in page.locator("#verdict").inner_text(), "what to do")
            expect(not page.locator("#mistyped").is_visible(), "it is not called mistyped")
            evidence = page.locator("#verdict textarea").input_value()
            expect("remembered 9" in evidence or "remembered" in evidence and "size" not in change, evidence)
            if route:
                world.shot(page, "gone")

    silent("m => {}", "/r/90")
    # The log went back: entry 90 was there, or only the log is shorter than it was.
    says("m => { m.size = 99 }", "/r/90", "这本账比您上次看到的短: 上次有 99 条")
    says("m => { m.size = 99 }", "/R/500", "这本账比您上次看到的短")
    says("m => { m.root = 'sha256:' + '0'.repeat(64) }", "/r/90", OTHER_LEDGER)
    # Whatever else it answers.
    says("m => { m.size = 99 }", "/r/90", "您上次来的时候这本账有 99 条, 第 90 条就在里面", lambda route: route.abort())
    with world.browser.page() as page:
        page.goto(f"{world.demo.base}/r/90")
        page.wait_for_load_state("networkidle")
        expect(not page.locator("#verdict").is_visible(), "a first visit")
        expect(not any("/api/" in url for url in page.requested), "nothing is asked for on a first visit")
    expect(size < 90, size)


@SUITE.check("a chain may be named like a part of every object, and what an older page stored is read")
def named_constructor(world):
    with world.browser.page() as page:
        page.goto(world.demo.base + world.demo.record("payments", "2026-01"))
        expect(verdict(page) == "ok", verdict(page))
        first = remembered(page)["chains"][VILLAGE]
        expect(first.startswith("sha256:"), first)
        # A page of before stored where a chain begins as the index of its first entry.
        index = world.demo.get_json(f"/api/v1/chains/{VILLAGE}/entries?count=1")["entries"][0]["index"]
        recall_otherwise(page, f"m => {{ m.chains.constructor = 3; m.chains['{VILLAGE}'] = {index} }}")
        page.reload()
        expect(verdict(page) == "ok" and "只增加, 没删改" in page.locator("#verdict").inner_text(), verdict(page))
        expect(remembered(page)["chains"] == {"constructor": 3, VILLAGE: first}, remembered(page))


@SUITE.check("without storage the phone checks all the same")
def no_memory(world):
    with world.browser.page() as page:
        page.add_init_script("Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('refused') } })")
        page.goto(world.demo.base + world.demo.record("payments", "2026-01"))
        expect(verdict(page) == "ok", verdict(page))
        step = page.locator("#verdict .steps li").nth(4).inner_text()
        expect("第一次" in step and "记住了" not in step, step)
