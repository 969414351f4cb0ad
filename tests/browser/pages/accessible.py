"""Every page: accessibility."""

from axe_playwright_python.sync_playwright import Axe

from support import Suite, expect, other_amount, pages, tampering, verdict, with_query

SUITE = Suite()

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Chromium says on plain HTTP that it ignores a header that only works on HTTPS; that is no fault of the page.


@SUITE.check("every page: no accessibility violation (WCAG 2.2 A and AA), in both languages and sizes")
def accessible(world):
    axe, seen = Axe(), 0
    with world.browser.page() as page:
        for name, path in pages(world.demo).items():
            for query in ["lang=zh&size=normal", "lang=en&size=normal", "lang=zh&size=big"]:
                page.goto(world.demo.base + with_query(path, query))
                if page.locator("#verdict[data-index]").count():
                    verdict(page)
                page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
                found = axe.run(page, options=AXE).response["violations"]
                seen += 1
                broken = [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]]
                expect(not broken, f"{name} {query}: {broken}")
    return f"{seen} pages"


@SUITE.check("the verdict's other states have no accessibility violation either")
def accessible_states(world):
    axe = Axe()
    with world.browser.page() as page:
        page.route("**/bundle*", tampering(other_amount))
        page.goto(world.demo.base + world.demo.record("payments", "2026-01"))
        verdict(page)
        expect(not axe.run(page, options=AXE).response["violations"], "mismatch")
    with world.browser.page() as page:
        page.route("**/bundle*", lambda route: route.abort())
        page.goto(world.demo.base + world.demo.record("payments", "2026-01"))
        verdict(page)
        expect(not axe.run(page, options=AXE).response["violations"], "cannot")
