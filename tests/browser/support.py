"""The node under test, the browser, and the small vocabulary of the checks."""

import base64
import json
import os
import subprocess
import tempfile
import threading
import traceback
import urllib.request
from contextlib import contextmanager

VILLAGE = "379999100201"
STARTED_IN_SECONDS = 60
READY_IN_SECONDS = 10


class Failed(AssertionError):
    """A check that does not hold."""


def expect(holds, what):
    if not holds:
        raise Failed(what)


class Demo:
    """`sanwu-node demo`, in a folder of its own, on a port of its own."""

    def __init__(self, node):
        self.folder = tempfile.TemporaryDirectory(prefix="sanwu-browser-")
        command = [node, "--json", "demo", "--data", os.path.join(self.folder.name, "demo"), "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # A node that never gets ready must not hang the tests.
        killer = threading.Timer(STARTED_IN_SECONDS, self.process.kill)
        killer.start()
        line = self.process.stdout.readline()
        killer.cancel()
        if not line:
            raise SystemExit(f"the demonstration did not start: {self.process.stderr.read()}")
        ready = json.loads(line)
        expect(ready["ok"], ready)
        self.base = ready["url"]
        self.port = self.base.rsplit(":", 1)[1]
        self.lan = f"http://sanwu.lan:{self.port}"
        self.trust = ready["trust"]
        self.entries = self.get_json(f"/api/v1/chains/{VILLAGE}/entries?count=200")["entries"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.folder.cleanup()

    def get(self, path, **headers):
        request = urllib.request.Request(self.base + path, headers=headers)
        # A proxy set for the way out has no part in a request to this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def get_json(self, path):
        return json.loads(self.get(path)[2])

    def record(self, kind, period=None, code=None):
        """The path of the first notice of that kind."""
        for entry in self.entries:
            statement = entry["statement"]
            wanted = statement["kind"] == kind
            if wanted and period in (None, statement.get("period")) and code in (None, statement.get("code")):
                return f"/r/{entry['index']}"
        raise Failed(f"no {kind} {period} {code}")


class Browser:
    """Chromium, with one context per check."""

    def __init__(self, playwright, executable):
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP sanwu.lan 127.0.0.1"]
        self.chromium = playwright.chromium.launch(executable_path=executable, args=arguments)

    @contextmanager
    def page(self, width=360, height=740, **options):
        context = self.chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
        page = context.new_page()
        page.console_errors, page.requested = [], []
        page.on("console", lambda message: page.console_errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.console_errors.append(str(error)))
        page.on("request", lambda request: page.requested.append(request.url))
        try:
            yield page
        finally:
            context.close()

    def close(self):
        self.chromium.close()


def verdict(page):
    """The state of the verdict strip, once it has settled. (A wait for a JavaScript condition is no way: the
    page's policy allows no `eval`.)"""
    page.locator("#verdict:not([data-state=unchecked]):not([data-state=wait])").wait_for(timeout=15_000)
    return page.locator("#verdict").get_attribute("data-state")


def title(page):
    return page.locator("#verdict h2").inner_text()


OTHER_LEDGER = "这本账和您上次看到的不是同一本。"
TELL = "请把这个结果拍照留好, 向乡镇纪委反映。"


def pages(demo):
    """Every kind of page."""
    return {
        "home": "/",
        "village": f"/v/{VILLAGE}",
        "village-party": f"/v/{VILLAGE}?s=party",
        "village-month": f"/v/{VILLAGE}?s=finance&p=2026-03",
        "month-book": demo.record("month_book", "2026-01"),
        "receipts": demo.record("receipts", "2026-01"),
        "payments-corrected": demo.record("payments", "2026-03"),
        "cash": demo.record("cash_statement", "2026-04"),
        "nil": demo.record("nil_return"),
        "decision": demo.record("decision", code="F12"),
        "contract": demo.record("contract"),
        "notice": demo.record("notice", code="V02"),
        "correction": demo.record("correction"),
        "genesis": demo.record("chain_genesis"),
        "grant": demo.record("grant"),
        "log-genesis": "/r/0",
        "scanned": demo.record("receipts", "2026-01").replace("/r/", "/R/"),
        "verify": "/verify",
        "transparency": "/transparency",
        "help": "/help",
        "not-found": "/nowhere",
    }


def with_query(path, query):
    return f"{path}{'&' if '?' in path else '?'}{query}"


def fetched(route):
    """The node's own answer; the tests' client knows nothing of the browser's LAN name."""
    return route.fetch(url=route.request.url.replace("//sanwu.lan:", "//127.0.0.1:"))


def tampering(change):
    """Serves bundles in which something has been changed on the way."""

    def handle(route):
        answer = fetched(route)
        bundle = answer.json()
        change(bundle)
        route.fulfill(response=answer, body=json.dumps(bundle))

    return handle


def flipped(text):
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(bytes(raw)).decode()


def other_amount(bundle):
    body = base64.b64decode(bundle["body"]).decode().replace('"fen":48630', '"fen":8630', 1)
    bundle["body"] = base64.b64encode(body.encode()).decode()


def recall_otherwise(page, change):
    """Changes what the phone remembers."""
    page.evaluate(
        f"""() => {{ const key = Object.keys(localStorage)[0]; const m = JSON.parse(localStorage[key]);
        ({change})(m); localStorage[key] = JSON.stringify(m); }}"""
    )


def remembered(page):
    return page.evaluate("JSON.parse(Object.values(localStorage)[0] ?? 'null')")


def file(content):
    return {"name": "proof.json", "mimeType": "application/json", "buffer": content}


class Suite:
    """Collects checks and runs them; one that fails does not stop the others."""

    def __init__(self):
        self.checks = []

    def check(self, name):
        def add(run):
            self.checks.append((name, run))
            return run

        return add

    def run(self, world, only):
        passed, failed = 0, []
        for name, check in self.checks:
            if only and only not in name:
                continue
            try:
                note = check(world)
                passed += 1
                print(f"ok    {name}" + (f": {note}" if note else ""), flush=True)
            except Failed as failure:
                failed.append(name)
                print(f"FAIL  {name}: {failure}", flush=True)
            except Exception:
                failed.append(name)
                print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
        print(f"{passed} passed, {len(failed)} failed")
        return not failed and (passed > 0 or bool(only))
