"""contrib/openapi.json: whole, well made, served, and what the daemon really answers."""
import base64
import contextlib
import json
import re

import jsonschema
import pytest

import hooks
from openapi import PATH, Description, Recorder
from shop import free_port, open_shop

RULES = '''rule receipt { when order.paid  purpose info  send sms "r" }
rule thanks { when order.paid  give coupon ten  send sms "c" }
coupon ten { discount 10%  code "TH-######"  valid 30 days }
rule members { when 2026-11-23 at 12:00  send sms "n" }
'''
TEXTS = {"r.sms": "#{이름}님 결제 고맙습니다", "c.sms": "#{이름}님 쿠폰 #{coupon.code}", "n.sms": "새 원두가 왔어요",
         "hello.sms": "예약이 되었습니다, #{이름}님.", "ad.sms": "Purpose: ad\n\n새 원두가 왔어요",
         "said.sms": "#{event.order}"}


TILL = "till-token-for-tests"
SECRET = "whsec_" + base64.b64encode(b"receipts-secret-of-a-webhook-0123456789").decode()
PUSH = 'provider webhook  url "http://127.0.0.1:9/push"  secret credential "push"  receipts credential "reports"'


@contextlib.contextmanager
def opened():
    with open_shop(rules=RULES, templates=TEXTS, tcp=True, limits="quiet 09:00 to 11:00  guard 50",
                   conf='hook shopify { secret credential "shopify" }  '
                        'forward books { url "http://127.0.0.1:9/"  secret credential "push"  events order.paid }', channels={"push": PUSH},
                   credentials={"shopify": "hook-secret", "push": SECRET, "reports": SECRET, "till-token": TILL},
                   listen=f'post-token credential "till-token"  public "127.0.0.1:{free_port()}" url "https://m.example.com"') as shop:
        yield shop


@pytest.fixture(scope="module")
def api():
    return Description()


def all_calls(shop):
    """Each call of the API once at least, in a shop where it has something to say."""
    seal(shop)
    fill(shop)
    people(shop)
    letters(shop)
    counter(shop)
    rules(shop)
    trade(shop)
    books(shop)


def seal(shop):
    shop.ok("GET", "/v1/keys")
    shop.ok("POST", "/v1/keys/backup", {"file": shop.path("key-copy")})


def fill(shop):
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘", "phone": "010-1234-5678", "email": "h@example.com", "birthday":
            "--05-05", "tags": ["VIP"], "attributes": {"size": 3}, "friend": True, "joined": "2026-01-02T10:00:00+09:00"})
    for channel in ("sms", "data", "kakao"):
        shop.ok("POST", "/v1/customers/C1/consents", {"channel": channel, "purpose": "ad", "given": True, "source": "t"})
    shop.ok("PUT", "/v1/customers/C2", {"name": "이바다", "phone": "010-1234-5679"})
    shop.ok("PATCH", "/v1/customers/C1", {"city": "서울"})
    event = {"id": "e1", "type": "order.paid", "customer": {"id": "C1"}, "data": {"order": "A-1", "total": 23500, "items": [
        {"sku": "B-ETH", "name": "예가체프", "category": "원두", "quantity": 1, "price": 23500}]}}
    shop.ok("POST", "/v1/events", event)
    shop.ok("POST", "/v1/events", [event, {"type": "Not a type"}])
    shop.ok("POST", "/v1/events", json.dumps(event) + "\n" + '{"type":"visit","customer":{"id":"C1"}}\n',
            headers={"Content-Type": "application/x-ndjson"})
    shop.ok("POST", "/v1/events", {"specversion": "1.0", "id": "ce1", "source": "/till", "type": "review.posted",
                                   "data": {"customer": {"id": "C1"}, "order": "A-1"}},
            headers={"Content-Type": "application/cloudevents+json"})
    shop.message_in("accepted", customer="C1", rule="receipt")


def people(shop):
    shop.ok("GET", "/v1/customers?limit=1")
    shop.ok("GET", "/v1/customers/C1")
    shop.ok("GET", "/v1/customers/C1/consents")
    shop.ok("GET", "/v1/customers/C1/export")
    shop.ok("POST", "/v1/customers/export", {"phone": "010-1234-5678"})
    shop.ok("GET", "/v1/notices?late=1")
    shop.ok("GET", "/v1/notices")
    shop.ok("PUT", "/v1/customers/C3", {"name": "박산", "phone": "010-1234-5670"})
    shop.ok("POST", "/v1/customers/C3/merge", {"into": "C2", "dry_run": True})
    shop.ok("GET", "/v1/conflicts?limit=10")
    shop.ok("POST", "/v1/customers/C3/merge", {"into": "C2"})
    shop.ok("POST", "/v1/customers/C3/unmerge")
    shop.ok("PUT", "/v1/customers/C3", {"phone": "010-1234-5679"})
    shop.ok("GET", "/v1/conflicts?limit=10")
    shop.ok("POST", "/v1/conflicts/dismiss", {"customers": ["C2", "C3"]})
    shop.ok("PUT", "/v1/customers/C4", {"name": "최들", "phone": "010-1234-5671"})
    shop.ok("POST", "/v1/customers/forget", {"id": "C4", "dry_run": True})
    shop.ok("POST", "/v1/customers/forget", {"phone": "010-1234-5671"})
    shop.ok("PUT", "/v1/customers/C5", {"name": "정샘"})
    shop.ok("DELETE", "/v1/customers/C5")
    assert shop.get("/v1/customers/C5").status == 404
    assert shop.put("/v1/customers/C6", {"birthday": "tomorrow"}).status == 422


def letters(shop):
    body = {"customer": "C1", "channel": "sms", "template": "hello", "data": {"table": 4}}
    shop.ok("POST", "/v1/messages/hold")
    first = shop.ok("POST", "/v1/messages", body, headers={"Idempotency-Key": "k1"})
    shop.ok("POST", "/v1/messages", body)
    assert shop.post("/v1/messages", dict(body, template="r"), headers={"Idempotency-Key": "k1"}).status == 409
    assert shop.post("/v1/messages", dict(body, channel="fax")).status == 422
    shop.ok("POST", "/v1/messages/release")
    shop.message_in("accepted", customer="C1", rule="receipt")
    assert shop.post(f"/v1/messages/{first['id']}/hold").status == 409
    shop.ok("GET", "/v1/messages?customer=C1&state=accepted&limit=2")
    shop.ok("GET", "/v1/messages?rule=receipt&after=99")
    shop.ok("GET", f"/v1/messages/{first['id']}")
    waits = shop.ok("POST", "/v1/messages", {"customer": "C1", "channel": "sms", "template": "ad"})
    for word in ("hold", "release", "drop"):
        shop.ok("POST", f"/v1/messages/{waits['id']}/{word}")
    failed = shop.ok("POST", "/v1/messages", {"customer": "C1", "channel": "sms", "template": "said", "data": {"order": "🦊"}})
    shop.wait(lambda: shop.ok("GET", f"/v1/messages/{failed['id']}")["state"] == "failed", "what CP949 cannot hold")
    shop.ok("POST", f"/v1/messages/{failed['id']}/retry", {"may_duplicate": True})
    shop.ok("POST", "/v1/suppressions", {"address": "010-1111-2222", "channel": "sms", "reason": "asked"})
    shop.ok("GET", "/v1/suppressions?limit=1")
    shop.ok("DELETE", "/v1/suppressions?address=01011112222&channel=sms")
    shop.ok("POST", "/v1/preview", {"rule": "receipt", "customer": "C1"})
    shop.ok("POST", "/v1/test-sends", {"channel": "sms", "template": "hello", "customer": "C1", "to": "010-0000-0000"})


def counter(shop):
    shop.at("2026-11-23T11:30:00+09:00")
    code = shop.message_in("accepted", rule="thanks")["coupon"]
    shop.ok("GET", f"/v1/coupons/{code}")
    shop.ok("GET", "/v1/coupons/offline")
    shop.ok("POST", f"/v1/coupons/{code}/redeem", {"customer": "C1", "order": "A-2", "amount": 10000})
    assert shop.post(f"/v1/coupons/{code}/redeem", {"customer": "C1"}).status == 409
    shop.ok("POST", f"/v1/coupons/{code}/restore")
    shop.ok("POST", f"/v1/coupons/{code}/void")
    assert shop.get("/v1/coupons/NONE").status == 404


def rules(shop):
    shop.ok("GET", "/v1/rules")
    shop.ok("GET", "/v1/rules/receipt")
    shop.ok("GET", "/v1/rules/members/plan")
    shop.ok("POST", "/v1/rules/members/approve", {"up_to": 5})
    for word in ("pause", "resume", "off", "on"):
        shop.ok("POST", f"/v1/rules/receipt/{word}")
    for word in ("drop", "skip"):
        assert shop.post(f"/v1/rules/members/{word}").status in (200, 409)
    shop.ok("POST", "/v1/reload")
    shop.ok("GET", "/v1/explain?rule=members&customer=C2")
    shop.ok("GET", "/v1/explain?rule=receipt&customer=C1")
    shop.ok("GET", "/v1/report?from=2026-11-01&to=2026-11-30")
    shop.ok("GET", "/v1/report?rule=receipt")
    assert shop.post("/v1/simulate", {"from": "2026-11-23", "to": "2026-11-24"}).status == 200


def trade(shop):
    rows = "id,name,phone\nD1,한결,010-7777-0001\nD2,다온,nonsense\n"
    csv = {"Content-Type": "text/csv"}
    shop.ok("POST", "/v1/imports/customers?dry_run=1", rows, headers=csv)
    batch = shop.ok("POST", "/v1/imports/customers?batch=b1", rows, headers=csv)["batch"]
    shop.ok("POST", "/v1/imports/orders", "order,customer,time,total\nO1,D1,2026-01-02T10:00:00+09:00,1000\n", headers=csv)
    shop.ok("GET", "/v1/imports?limit=1")
    shop.ok("POST", "/v1/imports/customers", "id,이르음,phone\nD9,가,1012345678\n", headers=csv)
    assert shop.get("/v1/exports/customers").status == 200
    shop.ok("GET", "/v1/forwards")
    for word in ("retry", "skip"):
        shop.ok("POST", f"/v1/forwards/books/{word}")
    shop.ok("DELETE", f"/v1/imports/{batch}")
    shop.ok("PUT", "/v1/orders/O2", {"customer": "C1", "time": "2026-01-02T10:00:00+09:00", "total": 100, "items": [
        {"sku": "B-ETH", "quantity": 1}]})
    shop.ok("PUT", "/v1/products/B-ETH", {"name": "예가체프", "price": 18000, "stock": 3})
    shop.ok("POST", "/v1/join-links", {"days": 3})
    shop.ok("DELETE", "/v1/join-links")
    body, signed = hooks.shopify("hook-secret", "orders/paid", {"id": 1, "name": "#1", "total_price": "100.00",
                                                                "customer": {"id": 5}})
    shop.ok("POST", "/v1/hooks/shopify", body, headers={**signed, "Content-Type": "application/json"})
    assert shop.post("/v1/hooks/shopify", body, headers={**signed, "X-Shopify-Hmac-Sha256": "no"}).status == 401
    body, signed = hooks.standard(SECRET, "r-1", {"id": shop.messages(state="accepted")[0]["id"], "state": "delivered"})
    shop.ok("POST", "/v1/receipts/webhook", body, headers={**signed, "Content-Type": "application/json"})
    assert shop.post("/v1/receipts/webhook", body, headers={**signed, "webhook-id": "r-2"}).status == 401


def books(shop):
    shop.ok("POST", "/v1/backups", {"file": shop.path("copy.db")})
    shop.ok("GET", "/v1/status")
    shop.ok("GET", "/healthz")
    assert shop.get("/metrics").status == 200
    shop.ok("GET", "/v1/openapi.json")
    rows = shop.ok("GET", "/v1/audit?limit=500")["audit"]
    shop.ok("GET", "/v1/audit?customer=C1&who=socket&after=9999")
    export = next(row for row in rows if row["what"] == "customer.export")
    shop.ok("POST", f"/v1/audit/{export['id']}/reason", {"text": "asked for by the customer"})
    shop.ok("GET", "/v1/audit/review?month=2026-11")
    shop.post("/v1/audit/review", {"month": "2026-10"})
    shop.ok("GET", "/v1/audit/check")
    assert shop.post("/v1/keys/rotate").status in (202, 409)


def strict(node):
    """The same schema, where an object that names its members has no others: what the daemon says must be described."""
    if isinstance(node, list):
        return [strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    same = {name: strict(value) for name, value in node.items()}
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        same.setdefault("additionalProperties", False)
    return same


def test_its_structure(api):
    document = api.document
    assert document["openapi"].startswith("3.1.") and document["info"]["version"]
    names = [operation["operationId"] for _, _, operation in api.operations()]
    assert len(names) == len(set(names)) and len(names) > 60
    for reference in api.references():
        api.follow(reference)
    used = set(api.references())
    for kind, parts in document["components"].items():
        for name in parts:
            if kind != "securitySchemes":
                assert f"#/components/{kind}/{name}" in used, f"nothing uses {kind}/{name}"
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for method, path, operation in api.operations():
        there = {one["name"] for one in map(api.resolved, operation["parameters"]) if one["in"] == "path"}
        assert there == set(re.findall(r"\{(\w+)\}", path)), f"{method} {path}: its variables"
        assert operation["summary"] and "default" in operation["responses"], f"{method} {path}"
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status), f"{method} {path}: {status}"
            assert api.resolved(response)["description"], f"{method} {path}: {status}"
            assert ("content" in api.resolved(response)) == (status != "304"), f"{method} {path}: {status}"
        for one in map(api.resolved, operation["parameters"]):
            assert one["in"] in ("path", "query", "header") and "schema" in one, f"{method} {path}: {one['name']}"
            assert one["in"] != "path" or one["required"], f"{method} {path}: {one['name']}"
        for needed in operation.get("security", document["security"]):
            assert set(needed) <= set(document["components"]["securitySchemes"])


def test_it_is_what_the_daemon_answers(api):
    described = Description(strict(api.document))
    with opened() as shop:
        recorder = Recorder(shop, described)
        all_calls(shop)
    never = [f"{method} {path}" for method, path, _ in described.operations()
             if not any(status < 300 for status in recorder.answered.get((method, path), ()))]
    assert not never, f"never called with success by this test: {never}"


def test_it_is_served_as_it_stands(api):
    with opened() as shop:
        with open(PATH, "rb") as file:
            text = file.read()
        for more in ({}, {"tcp": True}, {"tcp": True, "token": TILL}):
            answer = shop.get("/v1/openapi.json", **more)
            assert answer.status == 200 and answer.body == text, answer
            assert answer.headers["Content-Type"] == "application/json"
        assert shop.get("/v1/openapi.json", tcp=True, token="wrong").status == 401
        bare = shop.raw(b"GET /v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert bare.startswith(b"HTTP/1.1 401 ")


def test_who_may_call_what_is_what_it_says(api):
    """Each operation that names the post-token is open to it, and no other is."""
    with opened() as shop:
        for method, path, operation in api.operations():
            needed = [name for one in operation.get("security", api.document["security"]) for name in one]
            target = re.sub(r"\{\w+\}", "none", path)
            status = shop.call(method, target, tcp=True, token=TILL).status
            if "post-token" in needed or "signature" in needed or path == "/healthz":
                assert status != 403, f"{method} {path}"
            else:
                assert status == 403, f"{method} {path}: {status}"
