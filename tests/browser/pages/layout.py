"""Every page: width, sizes of what is touched, pictures."""

from support import Suite, expect, pages, verdict, with_query

SUITE = Suite()

TARGET_PX = 44
TARGET_BIG_PX = 60


@SUITE.check("nothing scrolls sideways at 320 px, in both languages and sizes")
def narrow(world):
    with world.browser.page(width=320) as page:
        for name, path in pages(world.demo).items():
            for query in ["lang=zh&size=normal", "lang=zh&size=big", "lang=en&size=normal", "lang=en&size=big"]:
                page.goto(world.demo.base + with_query(path, query))
                if page.locator("#verdict[data-index]").count():
                    verdict(page)
                page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
                width = page.evaluate("document.documentElement.scrollWidth")
                expect(width <= 320, f"{name} {query}: {width} px")


@SUITE.check("what is touched is at least 44 px, 60 px in the large mode")
def targets(world):
    script = """least => [...document.querySelectorAll('header a, .tabs a, .chips a, .list a, .button, button, summary, .foot a, .crumbs a, .plain a')]
        .map(n => [n.getBoundingClientRect(), n.textContent.trim()]).filter(([r]) => r.width > 0)
        .filter(([r]) => r.height < least - 0.5 || r.width < 43.5).map(([r, t]) => `${t} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
    with world.browser.page() as page:
        for name, path in pages(world.demo).items():
            for size, least in [("normal", TARGET_PX), ("big", TARGET_BIG_PX)]:
                page.goto(world.demo.base + with_query(path, f"size={size}"))
                if page.locator("#verdict[data-index]").count():
                    verdict(page)
                small = page.evaluate(script, least)
                expect(not small, f"{name} {size}: {small}")
        body = page.locator("body").evaluate("n => parseFloat(getComputedStyle(n).fontSize)")
        expect(body >= 24, f"large type {body} px")
        page.goto(f"{world.demo.base}/?size=normal")
        body = page.locator("body").evaluate("n => parseFloat(getComputedStyle(n).fontSize)")
        expect(body >= 18, f"type {body} px")


@SUITE.check("screenshots of the pages, on a phone and wide, in both languages and in the large mode")
def screenshots(world):
    if not world.shots:
        return "not asked for"
    for width, height, suffix in [(360, 740, "phone"), (1100, 800, "wide")]:
        for query in ["lang=zh&size=normal", "lang=en&size=normal", "lang=zh&size=big"]:
            with world.browser.page(width=width, height=height) as page:
                for name, path in pages(world.demo).items():
                    page.goto(world.demo.base + with_query(path, query))
                    page.wait_for_load_state("networkidle")
                    kind = "big" if "big" in query else query[5:7]
                    world.shot(page, f"page-{name}-{kind}-{suffix}")
