"""contrib/proxy before the public port: what passes, what does not, and whom the daemon takes a visitor for.

DANGOL_CADDY names a caddy to try contrib/proxy/Caddyfile with as well; nginx is what every run has."""
import json
import os
import urllib.parse

import hooks
import pytest
from proxy import Proxy, caddy, nginx
from shop import free_port, open_shop

PROXIES = [pytest.param(nginx, id="nginx")]
if os.environ.get("DANGOL_CADDY"):
    PROXIES.append(pytest.param(caddy(os.environ["DANGOL_CADDY"]), id="caddy"))
BASE = "https://m.example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module", params=PROXIES)
def both(request):
    port = free_port()
    with open_shop(listen=f'public "127.0.0.1:{port}" url "{BASE}" proxy yes', rate=1,
                   conf='hook shopify { secret credential "shopify" }', credentials={"shopify": "hook-secret"}) as shop:
        with Proxy(request.param, port) as proxy:
            yield shop, proxy


def test_a_webhook_passes_as_it_was_signed(both):
    shop, proxy = both
    body, signed = hooks.shopify("hook-secret", "orders/paid", {"id": 1, "name": "#1", "total_price": "100.00",
                                                                "note": "가나다 " * 5000, "customer": {"id": 5}})
    signed["Content-Type"] = "application/json"
    status, answer = proxy.ask("POST", "/v1/hooks/shopify", body, signed)
    assert status == 200 and json.loads(answer)["accepted"] == 1
    assert proxy.ask("POST", "/v1/hooks/shopify", body + b" ", signed)[0] == 401
    assert proxy.ask("POST", "/v1/hooks/shopify", b" " * (2 << 20), signed)[0] in (413, 502), "too long: nginx says 413, Caddy 502"


def test_reports_pass(both):
    assert both[1].ask("POST", "/v1/receipts/solapi", b"[]")[0] == 404, "the daemon's own answer: it has no such channel"
    assert json.loads(both[1].ask("POST", "/v1/receipts/solapi", b"[]")[1])["title"] == "Not Found"


def test_nothing_else_passes(both):
    shop, proxy = both
    for path in ("/", "/healthz", "/metrics", "/v1/status", "/v1/customers", "/v1/openapi.json", "/v1/hooks", "/u/", "/u/a/b",
                 "/v1/hooks/../status", "/x/abc"):
        assert proxy.ask("GET", path)[0] in (400, 404), path
    assert proxy.ask("POST", "/v1/events", b"{}")[0] == 404


def test_whom_it_speaks_for(both):
    """What a visitor writes himself into X-Forwarded-For is not believed."""
    shop, proxy = both
    path = shop.ok("POST", "/v1/join-links")["url"].removeprefix(BASE)
    status, page = proxy.ask("GET", path)
    assert status == 200 and "<form" in page.decode()

    def join(n, source):
        form = urllib.parse.urlencode({"nonce": f"{n:032x}", "age": "yes", "phone": f"0101111{n:04}"})
        return proxy.ask("POST", path, form, {**FORM, "X-Forwarded-For": f"203.0.113.{n}"}, source)[0]
    assert [join(n, "127.0.0.7") for n in range(31)] == [200] * 30 + [429], "an address has its bound, and it was one"
    assert join(31, "127.0.0.8") == 200
