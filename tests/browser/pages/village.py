"""A village's page."""

from support import VILLAGE, Suite, expect

SUITE = Suite()


@SUITE.check("the village page: sums of the month, what is owed, who may sign")
def village(world):
    with world.browser.page(width=1000, height=800) as page:
        page.goto(f"{world.demo.base}/v/{VILLAGE}?s=finance&p=2026-04")
        text = page.locator("main").inner_text()
        for word in ["1,122,495.19", "380,000.00", "366,396.90", "1,136,098.29", "还欠哪些", "王守田", "0999-5550123"]:
            expect(word in text or word in page.content(), word)
        page.get_by_text("看清单").click()
        # Published months are not owed; later ones are, by the day the tests run.
        owed = page.locator("details table").inner_text()
        expect("F02" in owed and "2026年6月" in owed and "2026年5月" not in owed, owed)
        world.shot(page, "village-wide")
