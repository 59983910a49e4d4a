"""Events back out: `forward` blocks, signed, in order for each customer, at least once, bounded."""
import collections
import json
import os
import random
import re
import signal
import sqlite3

import pytest

import shop as shops
import sinks

SECRET = {"out": ""}
TEXT = {"r.sms": "#{이름}님 결제 고맙습니다"}
RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
FAST = 3600


def block(sink, events="order.paid", more="", name="shop"):
    return f'forward {name} {{ url "{sink.url}"  secret credential "out"  events {events}  {more} }}\n'


@pytest.fixture
def make(make_shop, hook_sink):
    """make(events=…, more=…): a running shop that forwards to hook_sink."""
    def made(events="order.paid", more="", conf=None, **kw):
        kw.setdefault("conf", block(hook_sink, events, more) if conf is None else conf)
        return make_shop(credentials={"out": hook_sink.secret}, **kw)
    return made


def paid(shop, customer, number, **more):
    shop.event("order.paid", customer, id=f"{customer}-{number}", order=f"{customer}-A{number}", total=1000 + number,
               **more)


def post(shop, customers, each, kind="order.paid", first=0):
    """Each customer's events, mixed, many in one call."""
    lines = [json.dumps({"type": kind, "id": f"{c}-{i}", "customer": {"id": c},
                         "data": {"order": f"{c}-A{i}", "total": 1000 + i}})
             for i in range(first, first + each) for c in customers]
    for start in range(0, len(lines), 5000):
        shop.ok("POST", "/v1/events", "\n".join(lines[start:start + 5000]),
                headers={"Content-Type": "application/x-ndjson"})
    return len(lines)


def status(shop, name="shop"):
    return shop.ok("GET", "/v1/status")["forwards"][name]


def settled(shop, name="shop", deadline=60):
    def empty():
        is_now = status(shop, name)
        return is_now["waiting"] == 0 and is_now["state"] == "ok" and is_now
    return shop.wait(empty, "an empty forward", deadline)


def taken(sink):
    """Bodies that the sink answered with 2xx, in the order of their answers, by customer."""
    found = collections.defaultdict(list)
    for body in sink.good:
        found[(body["data"].get("customer") or {}).get("id")].append(body["data"]["id"])
    return found


@pytest.fixture(autouse=True)
def notes(hook_sink):
    """What was answered well, in that order, and how many were under way at once."""
    hook_sink.good = []
    inner = hook_sink.fault

    def fault(number, key, body):
        said = hook_sink.wish(number, key, json.loads(body))
        if said is None:
            hook_sink.good.append(json.loads(body))
        return said
    hook_sink.wish = lambda number, key, body: inner(number, key, body)
    hook_sink.fault = fault
    yield
    assert not hook_sink.bad_signatures


def in_order(found, customers, each):
    for customer in customers:
        numbers = [int(one.rpartition("-")[2]) for one in found[customer]]
        firsts = list(dict.fromkeys(numbers))
        assert firsts == sorted(firsts) and len(firsts) == each, (customer, numbers)


# ---- what goes out ----

def test_an_event_is_posted_as_it_came(make, hook_sink):
    shop = make()
    shop.customer("C1", phone="010-1234-5678", email="h@example.com")
    shop.event("visit", "C1", id="v1")
    shop.event("order.paid", "C1", id="o1", time="2026-11-23T09:59:00+09:00", order="A-1", total=23500, 포장="선물",
               memo="010-9999-8888로 전화", items=[{"sku": "S1", "name": "원두", "quantity": 1, "price": 23500}])
    settled(shop)
    call, = hook_sink.calls
    assert json.loads(call["body"]) == {
        "type": "order.paid", "timestamp": "2026-11-23T09:59:00+09:00",
        "data": {"id": "o1", "source": "api", "customer": {"id": "C1"},
                 "data": {"order": "A-1", "total": 23500, "포장": "선물", "memo": None,
                          "items": [{"sku": "S1", "name": "원두", "quantity": 1, "price": 23500}]}}}
    assert call["headers"]["content-type"] == "application/json"
    assert re.fullmatch(r"evt_[0-9a-f]{8}_1_\d+", call["key"])
    assert not re.search("김하늘|1234|h@example|9999", call["body"].decode())


def test_with_customer_says_who_he_is(make, hook_sink):
    shop = make(more="with customer")
    shop.customer("C1", phone="010-1234-5678", email="h@example.com")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=1, memo="010-9999-8888로 전화")
    shop.event("order.paid", None, id="o2", order="A-2", total=2)
    settled(shop)
    first, second = hook_sink.bodies()
    assert first["data"]["customer"] == {"id": "C1", "name": "김하늘", "phone": "+821012345678", "email": "h@example.com"}
    assert first["data"]["data"]["memo"] == "010-9999-8888로 전화"
    assert "customer" not in second["data"]


@pytest.mark.parametrize("events, wanted", [
    ('"order.*"', ["order.paid", "order.shipped"]), ('"*"', ["visit", "order.paid", "order.shipped", "my.thing"]),
    ("visit my.thing", ["visit", "my.thing"]), ("방문 주문.결제", ["visit", "order.paid"]),
    ('"visit"  events order.shipped', ["visit", "order.shipped"])])
def test_the_chosen_types_alone(make, hook_sink, events, wanted):
    shop = make(events=events)
    shop.event("visit", "C1", id="1")
    shop.event("order.paid", "C1", id="2", order="A-1", total=1)
    shop.event("order.shipped", "C1", id="3", order="A-1")
    shop.event("my.thing", "C1", id="4")
    settled(shop)
    assert [body["type"] for body in hook_sink.bodies()] == wanted


def test_messages_are_told_though_no_rule_asks(make, hook_sink):
    shop = make(events='"message.*"', rules=RULE, templates=TEXT)
    shop.customer("C1", phone="010-1234-5678")
    paid(shop, "C1", 1)
    body, = shop.wait(hook_sink.bodies, "the event of a message")
    message = shop.one_message(customer="C1")
    assert body["type"] == "message.sent" and body["data"]["source"] == "dangol"
    assert body["data"]["data"] == {"message": message["id"], "rule": "receipt", "channel": "sms", "template": "r"}


def test_words_of_a_reply_are_the_customers_own(make, hook_sink):
    shop = make(events="message.replied")
    shop.customer("C1", phone="010-1234-5678")
    shop.event("message.replied", "C1", id="r1", channel="sms", text="아프니까 보내지 마세요")
    settled(shop)
    assert hook_sink.bodies()[0]["data"]["data"] == {"channel": "sms", "text": None}


def test_history_is_not_told(make, hook_sink):
    shop = make()
    shop.ok("POST", "/v1/events", {"type": "order.paid", "id": "h1", "history": True, "customer": {"id": "C1"},
                                   "data": {"order": "A", "total": 1}})
    shop.ok("PUT", "/v1/orders/B", {"customer": "C1", "total": 5, "time": "2026-11-01T10:00:00+09:00"})
    paid(shop, "C1", 1)
    settled(shop)
    assert taken(hook_sink) == {"C1": ["C1-1"]}


def test_a_new_forward_begins_at_now_and_one_that_goes_is_forgotten(make, hook_sink):
    shop = make(conf="")
    paid(shop, "C1", 1)
    conf = open(shop.conf, encoding="utf-8").read()
    shop.write("dangol.conf", conf + block(hook_sink))
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: "shop" in shop.ok("GET", "/v1/status")["forwards"], "the forward")
    paid(shop, "C1", 2)
    settled(shop)
    shop.write("dangol.conf", conf + block(hook_sink, name="other"))
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: list(shop.ok("GET", "/v1/status")["forwards"]) == ["other"], "the other one")
    paid(shop, "C1", 3)
    settled(shop, "other")
    assert taken(hook_sink) == {"C1": ["C1-2", "C1-3"]}
    assert len(hook_sink.keys) == 2


def test_two_forwards_each_have_their_own(make, hook_sink):
    with sinks.HookSink() as second:
        shop = make(conf=block(hook_sink) + block(second, "visit order.paid", name="둘째"))
        shop.credential("out", hook_sink.secret)
        paid(shop, "C1", 1)
        shop.event("visit", "C1", id="v1")
        settled(shop, "둘째")
        assert [body["type"] for body in second.bodies()] == ["order.paid", "visit"]
        assert [body["type"] for body in hook_sink.bodies()] == ["order.paid"]
        assert not set(second.keys) & set(hook_sink.keys)
