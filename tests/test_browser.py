"""contrib/browser in a real browser: what a page tells reaches the daemon through the shop's own server, and through it
alone; where the browser or the visitor says no, nothing is told or kept."""
import contextlib
import http.server
import json
import os
import subprocess
import threading
import urllib.error
import urllib.request

import pytest
from shop import HERE, environment, free_port, open_shop, wait
from test_pages_browser import browser  # noqa: F401

FOLDER = os.path.join(HERE, "..", "contrib", "browser")
VISITOR = "0123456789abcdef" * 2


@contextlib.contextmanager
def relay(kind, socket):
    port = free_port()
    command = {"node": ["node", os.path.join(FOLDER, "relay.js"), str(port)],
               "php": ["php", "-S", f"127.0.0.1:{port}", os.path.join(FOLDER, "relay.php")]}[kind]
    process = subprocess.Popen(command, env=environment(DANGOL=socket), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(lambda: asked(port, b"{}") == 400, "the relay")
        yield port
    finally:
        process.terminate()
        process.wait()


def asked(port, body):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/dangol/events", body, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


class Site(http.server.BaseHTTPRequestHandler):
    """A web shop: its pages, dangol.js, and its relay behind /dangol/events."""
    heads = ""

    def do_GET(self):
        with open(os.path.join(FOLDER, "dangol.js"), "rb") as file:
            script = file.read()
        page = f'<!doctype html><title>x</title><script src="/dangol.js" {self.server.heads}></script>'.encode()
        found = script if self.path == "/dangol.js" else page
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if found is script else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = asked(self.server.relay, body)
        self.server.told.append((self.path, json.loads(body), status))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def site(port, heads='data-to="/dangol/events"'):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Site)
    server.relay, server.heads, server.told = port, heads, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.at = f"http://127.0.0.1:{server.server_port}"
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fresh(browser):  # noqa: F811
    yield browser
    browser.delete_all_cookies()


def cookies(browser):  # noqa: F811
    return {one["name"]: one for one in browser.get_cookies()}




@pytest.mark.parametrize("kind", ("node", "php"))
def test_what_a_visitor_does_reaches_the_daemon(fresh, kind):
    with open_shop(rate=1) as shop, relay(kind, shop.socket) as port, site(port) as web:
        fresh.get(web.at + "/coffee?q=secret#name")
        assert fresh.execute_script('return [dangol.viewed("B-ETH"), dangol.added("B-ETH", 2, {price: 18000, total: 36000})]')
        wait(lambda: len(web.told) == 3, "three events")
        assert {(path, one["type"], status) for path, one, status in web.told} == {
            ("/dangol/events", word, 202) for word in ("page.viewed", "product.viewed", "cart.added")}
        said = {one["type"]: one for _, one, _ in web.told}
        assert said["page.viewed"]["data"] == {"url": web.at + "/coffee"}, "nothing behind ? and #"
        assert said["cart.added"]["data"] == {"sku": "B-ETH", "quantity": 2, "price": 18000, "total": 36000}
        [visitor] = {one["customer"]["visitor"] for one in said.values()}
        cookie = cookies(fresh)["dangol_visitor"]
        assert cookie["value"] == visitor and cookie["sameSite"] == "Lax" and cookie["path"] == "/"
        assert shop.status()["events"]["accepted"] == 3
        fresh.get(web.at + "/tea")
        wait(lambda: len(web.told) == 4, "the second page")
        assert web.told[3][1]["customer"]["visitor"] == visitor, "the same visitor"
        assert len(shop.ok("GET", "/v1/customers")["customers"]) == 1


@pytest.mark.parametrize("what", ("globalPrivacyControl", "doNotTrack"))
def test_who_asks_not_to_be_tracked_is_not(fresh, what):
    said = fresh.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "Object.defineProperty("
                                 f"Navigator.prototype, '{what}', {{get: () => "
                                 f"{'true' if what == 'globalPrivacyControl' else repr('1')}}})"})
    try:
        with site(0) as web:
            fresh.get(web.at)
            assert fresh.execute_script('return dangol.added("B-ETH", 1)') is False
            fresh.get(web.at + "/again")
            assert not web.told and not cookies(fresh)
    finally:
        fresh.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", said)


def test_it_waits_for_consent_where_the_shop_says_so(fresh):
    with open_shop(rate=1) as shop, relay("node", shop.socket) as port, site(port, 'data-consent="wait"') as web:
        fresh.get(web.at)
        assert fresh.execute_script('return dangol.viewed("B-ETH")') is False
        assert not web.told and not cookies(fresh)
        fresh.execute_script("dangol.agreed()")
        wait(lambda: [one["type"] for _, one, _ in web.told] == ["page.viewed"], "the page")
        assert cookies(fresh)
        fresh.execute_script('dangol.refused(); dangol.viewed("B-ETH")')
        assert not cookies(fresh) and len(web.told) == 1


@pytest.mark.parametrize("kind", ("node", "php"))
def test_a_browser_writes_into_no_customer(kind):
    """Whoever posts to a relay may say what a visitor did, and nothing of anybody else."""
    good = {"id": "w1", "type": "cart.added", "customer": {"visitor": VISITOR}, "data": {"sku": "B", "quantity": 1}}
    bad = [{**good, "type": "order.paid"}, {**good, "type": "consent.given"}, {**good, "customer": {"id": "C1"}},
           {**good, "customer": {"visitor": "C1"}}, {**good, "customer": {"visitor": [VISITOR]}}, [good], "x", None]
    with open_shop() as shop, relay(kind, shop.socket) as port:
        shop.customer("C1", phone="010-1234-5678")
        for one in bad:
            assert asked(port, json.dumps(one).encode()) == 400, one
        sly = {**good, "customer": {"visitor": VISITOR, "id": "C1", "name": "x", "phone": "01099998888"},
               "time": "2020-01-01T00:00:00Z", "source": "api", "history": True}
        assert asked(port, json.dumps(sly).encode()) == 202
        assert shop.ok("GET", "/v1/customers/C1")["name"] == "김하늘"
        assert asked(port, json.dumps(good).encode()) == 202
        told = shop.status()["events"]
        assert (told["accepted"], told["duplicate"]) == (1, 1)
        shop.stop()
        assert asked(port, json.dumps(good).encode()) == 503
