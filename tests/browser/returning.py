#!/usr/bin/env python3
"""A browser that comes back to a page: what its memory makes of it.

    VENV/bin/python tests/browser/returning.py --chromium PATH URL

Reads lines on standard input; for each, opens URL in the same browser profile and prints one line of JSON:
`{"state": …, "title": …, "sentence": …, "step": …}`, `step` being the line about what the reader saw last time; null
where the page has no such lines.
"""

import argparse
import json
import sys

from playwright.sync_api import sync_playwright

from support import title, verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chromium", required=True)
    parser.add_argument("url")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        # One context: its storage outlives each page, as a phone's does.
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
        for _ in sys.stdin:
            page = context.new_page()
            page.goto(arguments.url)
            steps = page.locator("#verdict .steps li")
            told = {
                "state": verdict(page),
                "title": title(page),
                "sentence": page.locator("#verdict .lead").first.inner_text(),
                "step": steps.nth(4).inner_text() if steps.count() == 5 else None,
            }
            page.close()
            print(json.dumps(told, ensure_ascii=False), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
