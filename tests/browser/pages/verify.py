"""/verify: proof files and receipts."""

import json

from support import OTHER_LEDGER, VILLAGE, Suite, expect, file, flipped, other_amount, recall_otherwise, remembered, title, verdict

SUITE = Suite()


@SUITE.check("a proof file is checked on /verify: chosen, pasted, changed, damaged, with an own trust file")
def proof_files(world):
    demo = world.demo
    bundle = demo.get(f"/api/v1/entries/{demo.record('contract').rsplit('/', 1)[1]}/bundle")[2]
    changed = json.loads(bundle)
    changed["body"] = flipped(changed["body"])

    with world.browser.page() as page:
        page.goto(f"{demo.lan}/verify")
        world.shot(page, "verify")
        page.locator("#file").set_input_files(file(bundle))
        expect(verdict(page) == "ok", verdict(page))
        expect("机动地120亩发包合同" in page.locator("#verdict").inner_text(), "title")
        expect("HT-2024-003" in page.locator("#content-text").inner_text(), "content")
        world.shot(page, "verify-ok")
        page.locator("#trust").set_input_files(demo.trust)
        page.locator("#paste").fill(bundle.decode())
        page.get_by_role("button", name="核对").click()
        expect(verdict(page) == "ok", verdict(page))
        page.locator("#paste").fill(json.dumps(changed))
        page.get_by_role("button", name="核对").click()
        page.wait_for_selector("#verdict[data-state=mismatch]")
        expect(not page.locator("#content").is_visible(), "content that did not match is not shown")
        page.locator("#paste").fill("not a proof")
        page.get_by_role("button", name="核对").click()
        page.wait_for_selector("#verdict[data-state=cannot]")
        expect(page.requested.count(f"{demo.lan}/verify") == 1, "the file is sent nowhere")


@SUITE.check("a proof file is compared with what the phone remembers, or is said not to be")
def compared_files(world):
    demo = world.demo
    path = demo.record("contract")
    bundle = demo.get(f"/api/v1/entries/{path.rsplit('/', 1)[1]}/bundle")[2]

    def opened(change):
        with world.browser.page() as page:
            if change is not None:
                page.goto(demo.base + path)
                expect(verdict(page) == "ok", verdict(page))
                recall_otherwise(page, change)
            before = remembered(page) if change is not None else None
            page.goto(f"{demo.base}/verify")
            page.locator("#file").set_input_files(file(bundle))
            state = verdict(page)
            if change == "m => { m.size = 99 }":
                world.shot(page, "verify-not-compared")
            lead = page.locator("#verdict .lead").first.inner_text()
            return state, lead, page.locator("#verdict .steps li").nth(4).inner_text(), before, remembered(page)

    state, _, step, _, after = opened(None)
    expect(state == "ok" and "这次记住了" in step and after["size"] > 0, f"first: {state} {step} {after}")
    state, _, step, before, after = opened("m => {}")
    expect(state == "ok" and "只增加, 没删改" in step and before == after, f"same: {state} {step}")
    # One with exactly the size that was seen and another root is another ledger.
    state, lead, step, before, after = opened("m => { m.root = 'sha256:' + '0'.repeat(64) }")
    expect((state, lead) == ("mismatch", OTHER_LEDGER) and "不是同一本" in step and before == after, f"root: {state} {lead} {step}")
    for change in ["m => { m.size = 99 }", "m => { m.size = 9 }"]:
        state, _, step, before, after = opened(change)
        expect(state == "ok" and "没有和您上次看到的比" in step and "记住" not in step, f"{change}: {state} {step}")
        expect(before == after, f"{change}: what was not compared is not remembered: {after}")
    state, lead, *_ = opened("m => { m.genesis = 'sha256:' + '2'.repeat(64) }")
    expect((state, lead) == ("mismatch", "这本账和您上次看到的不是同一本: 第一条换了。"), f"genesis: {state} {lead}")
    state, lead, *_ = opened(f"m => {{ m.chains['{VILLAGE}'] = 99 }}")
    expect(state == "mismatch" and lead.startswith("这个村的账和您上次看到的不是同一本"), f"chain: {state} {lead}")


@SUITE.check("a receipt of the sanwu program is checked on /verify, notice by notice")
def receipts(world):
    demo = world.demo
    paths = [demo.record("payments", "2026-01"), demo.record("payments", "2026-03"), demo.record("contract")]
    bundles = [demo.get_json(f"/api/v1/entries/{path.rsplit('/', 1)[1]}/bundle") for path in paths]

    def receipt(bundles):
        entries = [{"index": b["index"], "id": "x", "check_code": "x", "new": True, "bundle": b} for b in bundles]
        document = {"format": "sanwu-receipt-v1", "origin": bundles[0]["origin"], "entries": entries, "witnessed": False}
        return file(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    with world.browser.page() as page:
        page.goto(f"{demo.base}/verify")
        page.locator("#file").set_input_files(receipt(bundles[2:]))
        expect(verdict(page) == "ok" and "机动地120亩发包合同" in page.locator("#verdict").inner_text(), "one notice is shown as a bundle is")
        expect("HT-2024-003" in page.locator("#content-text").inner_text(), "content")
        page.locator("#file").set_input_files(receipt(bundles))
        page.locator("#several > details").nth(2).wait_for()
        expect(verdict(page) == "ok_superseded", verdict(page))
        expect("3 张公开表, 3 张核对通过" in page.locator("#verdict").inner_text(), page.locator("#verdict").inner_text())
        states = page.locator("#several .verdict").evaluate_all("all => all.map(one => one.dataset.state)")
        expect(states == ["ok", "ok_superseded", "ok"], states)
        world.shot(page, "receipt")
        other_amount(bundles[0])
        page.locator("#file").set_input_files(receipt(bundles))
        page.wait_for_selector("#verdict[data-state=mismatch]")
        expect("3 张公开表, 2 张核对通过" in page.locator("#verdict").inner_text(), page.locator("#verdict").inner_text())
        first = page.locator("#several > details").first
        expect(first.get_attribute("open") is not None, "what does not match is open")
        expect("8630" not in first.inner_text(), "content that did not match is not shown")
        world.shot(page, "receipt-mismatch")
        for broken in [b'{"format":"sanwu-receipt-v1"}', b'{"format":"sanwu-receipt-v1","entries":[]}',
                       b'{"format":"sanwu-receipt-v1","entries":[{"bundle":null}]}', b"null"]:
            page.locator("#file").set_input_files(file(broken))
            page.wait_for_selector("#verdict[data-state=cannot]")
            expect(page.locator("#several > details").count() == 0, broken)
