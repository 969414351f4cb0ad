#!/usr/bin/env python3
"""Browser tests: the demonstration in a real Chromium, as a resident's phone sees it.

    python3 -m venv VENV && VENV/bin/pip install -r tests/browser/requirements.txt
    VENV/bin/python tests/browser/run.py --node PATH/TO/sanwu-node [--shots DIR] [--only WORD] [PAGE …]

A PAGE is a file of pages/; without one all of them are run, one after the other. `cargo test` runs each by itself.
The node's program may also be named by SANWU_NODE, the browser by SANWU_CHROMIUM. Prints `N passed, M failed`
at the end; the exit code is not 0 unless all passed.
"""

import argparse
import importlib
import os
import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

from support import Browser, Demo

PAGES = sorted(path.stem for path in (pathlib.Path(__file__).parent / "pages").glob("*.py"))


class World:
    """What a check gets."""

    def __init__(self, demo, browser, shots):
        self.demo, self.browser, self.shots = demo, browser, shots

    def shot(self, page, name):
        if self.shots:
            page.screenshot(path=os.path.join(self.shots, f"{name}.png"), full_page=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node", default=os.environ.get("SANWU_NODE"))
    parser.add_argument("--chromium", default=os.environ.get("SANWU_CHROMIUM") or shutil.which("chromium-headless-shell"))
    parser.add_argument("--shots")
    parser.add_argument("--only")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=", ".join(PAGES))
    arguments = parser.parse_args()
    if not arguments.node or not arguments.chromium:
        parser.error("the programs sanwu-node (--node) and chromium-headless-shell (--chromium) are needed")
    if arguments.shots:
        os.makedirs(arguments.shots, exist_ok=True)
    demo = Demo(arguments.node)
    try:
        with sync_playwright() as playwright:
            browser = Browser(playwright, arguments.chromium)
            world = World(demo, browser, arguments.shots)
            suites = [importlib.import_module(f"pages.{page}").SUITE for page in arguments.pages or PAGES]
            ok = all([suite.run(world, arguments.only) for suite in suites])
            browser.close()
    finally:
        demo.stop()
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
