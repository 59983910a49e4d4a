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


# ---- what fails ----

CUSTOMERS = [f"K{i}" for i in range(12)]


@pytest.mark.parametrize("fault", [500, 503, 400, 404, 302, "reset", "half", "huge", (429, {"Retry-After": "0"})],
                         ids=str)
def test_a_failure_holds_its_customer_and_nobody_else(make, hook_sink, fault):
    failed = set()

    def wish(number, key, body):
        ident = body["data"]["id"]
        if ident in ("K3-1", "K5-0") and ident not in failed:
            failed.add(ident)
            return fault
        return None
    hook_sink.wish = wish
    shop = make(rate=FAST)
    post(shop, CUSTOMERS, 4)
    settled(shop)
    in_order(taken(hook_sink), CUSTOMERS, 4)
    assert failed == {"K3-1", "K5-0"} and status(shop)["sent"] == 48
    again = [key for key, n in hook_sink.keys.items() if n > 1]
    assert len(again) == 2, "the same webhook-id over retries, and nothing else twice"


def test_one_customer_that_never_gets_through(make, hook_sink):
    """His events wait in order; all others go on; the owner is told and may skip."""
    hook_sink.wish = lambda number, key, body: 422 if body["data"]["id"] == "K3-1" else None
    shop = make()
    post(shop, CUSTOMERS, 300)
    shop.wait(lambda: status(shop)["sent"] == 12 * 300 - 299, "all but his")
    found = status(shop)
    assert (found["state"], found["waiting"], found["held_customers"]) == ("held", 299, 1)
    assert "422" in found["error"] and found["since"]
    in_order({c: n for c, n in taken(hook_sink).items() if c != "K3"}, [c for c in CUSTOMERS if c != "K3"], 300)
    assert taken(hook_sink)["K3"] == ["K3-0"]
    said = shop.ctl("--json", "forward", "skip", "shop").json
    assert said["skipped_now"] == 1
    settled(shop)
    assert taken(hook_sink)["K3"] == [f"K3-{i}" for i in range(300) if i != 1]
    assert status(shop)["skipped"] == 1
    rows = shop.ok("GET", "/v1/audit")["audit"]
    assert [row["target"] for row in rows if row["what"] == "forward.skip"] == ["shop"]


def test_random_failures_keep_every_order(make, hook_sink):
    dice = random.Random(81)
    faults = [500, "reset", "half", 429, 404, (503, {"Retry-After": "0"})]
    hook_sink.wish = lambda number, key, body: dice.choice(faults) if dice.random() < 0.2 else None
    shop = make(rate=FAST)
    total = post(shop, CUSTOMERS, 60)
    settled(shop, deadline=120)
    in_order(taken(hook_sink), CUSTOMERS, 60)
    assert status(shop)["sent"] == total and status(shop)["dropped"] == 0


def test_events_of_nobody_keep_their_order(make, hook_sink):
    failed = []
    hook_sink.wish = lambda n, key, body: failed.append(1) or 500 if body["data"]["id"] == "s3" and not failed else None
    shop = make(events="stock.changed", rate=FAST)
    for i in range(8):
        shop.ok("POST", "/v1/events", {"type": "stock.changed", "id": f"s{i}", "data": {"sku": "S1", "quantity": i}})
    settled(shop)
    assert taken(hook_sink) == {None: [f"s{i}" for i in range(8)]} and failed == [1]


def test_retry_after_is_kept_to(make, hook_sink):
    hook_sink.wish = lambda number, key, body: (429, {"Retry-After": "600"}) if number == 1 else None
    shop = make(rate=FAST)
    paid(shop, "C1", 1)
    shop.wait(lambda: status(shop)["error"], "the first answer")
    for i in range(20):
        paid(shop, f"D{i}", 1)
    assert len(hook_sink.calls) == 1, "real seconds, also in a rehearsal"
    assert shop.ctl("forward", "retry", "shop").code == 0
    settled(shop)
    assert len(taken(hook_sink)) == 21


def test_410_ends_it_until_the_owner_says_so(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 410 if number == 1 else None
    shop = make(rate=FAST)
    paid(shop, "C1", 1)
    shop.wait(lambda: status(shop)["state"] == "gone", "the end")
    paid(shop, "C1", 2)
    why = shop.ok("GET", "/v1/status")["why"]
    assert "410" in why and "forward retry shop" in why
    shop.at("2026-11-23T12:00:00+09:00", FAST)
    assert status(shop)["state"] == "gone" and status(shop)["waiting"] == 2 and len(hook_sink.calls) == 1
    assert "410" in shop.ctl("forward", "list").out
    assert shop.ctl("forward", "retry", "nobody").code == 1
    assert shop.ctl("forward", "retry", "shop").code == 0
    settled(shop)
    assert taken(hook_sink) == {"C1": ["C1-1", "C1-2"]}


def test_410_is_lifted_by_another_address(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 410 if number == 1 else None
    shop = make()
    paid(shop, "C1", 1)
    shop.wait(lambda: status(shop)["state"] == "gone", "the end")
    conf = open(shop.conf, encoding="utf-8").read()
    shop.signal(signal.SIGHUP)
    paid(shop, "C1", 2)
    assert status(shop)["state"] == "gone"
    shop.write("dangol.conf", conf.replace("/push", "/other"))
    shop.signal(signal.SIGHUP)
    settled(shop)
    assert [call["path"] for call in hook_sink.calls] == ["/push", "/other", "/other"]


def test_a_slow_server_has_eight_at_once_and_is_left_in_peace(make, hook_sink):
    slow = {"take": True}
    hook_sink.wish = lambda number, key, body: "take when released" if slow["take"] else None
    shop = make()
    post(shop, CUSTOMERS, 5)
    shop.wait(lambda: len(hook_sink.calls) == 8, "eight requests")
    assert status(shop)["waiting"] == 60
    slow["take"] = False
    hook_sink.released.set()
    settled(shop)
    in_order({c: list(dict.fromkeys(n)) for c, n in taken(hook_sink).items() if c not in CUSTOMERS[:8]},
             CUSTOMERS[8:], 5)
    assert status(shop)["sent"] == 60


def test_what_is_kept_too_long_is_dropped_and_told(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 500
    shop = make(more="keep 2 days", rate=0.001)
    post(shop, CUSTOMERS, 30)
    shop.wait(lambda: status(shop)["state"] == "failing", "the failure")
    shop.at("2026-11-25T09:00:00+09:00")
    assert status(shop)["waiting"] == 360 and status(shop)["dropped"] == 0
    paid(shop, "NEW", 1)
    shop.at("2026-11-25T10:30:00+09:00")
    shop.wait(lambda: status(shop)["dropped"] == 360, "the drop")
    assert status(shop)["waiting"] == 1
    hook_sink.wish = lambda number, key, body: None
    assert shop.ctl("forward", "retry", "shop").code == 0
    settled(shop)
    assert taken(hook_sink) == {"NEW": ["NEW-1"]}
    assert 'dangol_forward_dropped_total{forward="shop"} 360' in shop.get("/metrics").body.decode()


# ---- a day, a crash ----

def resident_kb(shop, what="VmRSS"):
    with open(f"/proc/{shop.process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(what))


class Counting(sinks.HookSink):
    """Remembers nothing but what it answered well, so that the test itself stays small."""

    def __init__(self, port=0):
        super().__init__(port=port)
        self.good, self.wish = [], lambda number, key, body: None
        self.fault = self.told

    def told(self, number, key, body):
        said = self.wish(number, key, json.loads(body))
        if said is None:
            self.good.append(json.loads(body))
        return said


def test_s81_the_shops_server_is_down_for_a_day(make_shop):
    """10,000 events: order kept, bounded, signed, caught up; a kill -9 in the middle repeats what was under way."""
    customers, port = [f"K{i}" for i in range(400)], shops.free_port()
    down = sinks.HookSink(port=port)
    down.url = f"http://127.0.0.1:{port}/push"
    shop = make_shop(conf=block(down), credentials={"out": down.secret}, rate=7200)
    before = resident_kb(shop)
    for part in range(5):  # over the day
        post(shop, customers, 5, first=5 * part)
        shop.wait(lambda: status(shop)["lag_s"] >= 4.8 * 3600 * (part + 1), f"the {part}th part of a day")
    found = status(shop)
    assert (found["state"], found["waiting"], found["sent"], found["dropped"]) == ("failing", 10000, 0, 0), found
    assert found["lag_s"] >= 86000
    why = shop.ok("GET", "/v1/status")["why"]
    assert "shop" in why and "reached" in why, why
    with sqlite3.connect(shop.path("shop.db")) as db:
        cursor, ahead = db.execute("SELECT cursor, open FROM forward").fetchone()
        held, = db.execute("SELECT count(*) FROM forward_held").fetchone()
    assert cursor < 2500 and len(ahead.split()) <= 256 and 5 <= held < 400, "the rest waits in the table of events"
    assert "asan" in shops.BUILD or resident_kb(shop) - before < 12000
    with Counting(port) as up:
        shop.wait(lambda: len(up.good) > 3000, "a third of it", 120)
        shop.kill()
        told, twice = len(up.good), sum(n - 1 for n in up.keys.values())
        assert twice == 0, "while it lives nothing that was taken goes twice"
        shop.start("2026-11-24T12:00:00+09:00", 7200)
        settled(shop, deadline=120)
        repeated = sum(n - 1 for n in up.keys.values())
        assert repeated <= 8 * 4 and len(up.keys) == 10000, (told, repeated)
        assert not up.bad_signatures
        in_order(taken(up), customers, 25)
        assert 10000 - 32 <= status(shop)["sent"] <= 10000 + repeated
    assert "asan" in shops.BUILD or resident_kb(shop, "VmHWM") - before < 16000


@pytest.mark.parametrize("seed", range(4))
def test_kill_at_any_moment_loses_none_and_keeps_the_order(make, hook_sink, seed):
    dice = random.Random(seed)
    hook_sink.wish = lambda number, key, body: dice.choice([500, "reset"]) if dice.random() < 0.1 else None
    shop = make(rate=FAST)
    total = 0
    for part in range(5):
        total += post(shop, CUSTOMERS, 20, first=20 * part)
        want = len(hook_sink.good) + dice.randrange(10, 200)
        shop.wait(lambda: len(hook_sink.good) >= min(want, total), "some of it")
        shop.kill()
        shop.start(f"2026-11-23T{11 + part}:00:00+09:00", FAST)
    settled(shop)
    found = taken(hook_sink)
    for customer in CUSTOMERS:
        numbers = list(dict.fromkeys(found[customer]))
        assert numbers == [f"{customer}-{i}" for i in range(100)], customer


def test_a_stop_in_the_middle_goes_on_where_it_was(make, hook_sink):
    shop = make()
    post(shop, CUSTOMERS, 100)
    shop.wait(lambda: len(hook_sink.good) > 100, "some of it")
    shop.at("2026-11-23T11:00:00+09:00")
    settled(shop)
    assert sum(n - 1 for n in hook_sink.keys.values()) <= 1, "those under way were waited for"
    in_order(taken(hook_sink), CUSTOMERS, 100)


# ---- people ----

def test_who_was_erased_is_told_of_no_more(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 500
    shop = make(events='order.paid my.thing', rate=FAST)
    for i in range(5):
        paid(shop, "GONE", i)
    shop.event("my.thing", "GONE", id="GONE-x")
    paid(shop, "STAYS", 1)
    shop.wait(lambda: status(shop)["state"] == "failing", "the failure")
    shop.ok("DELETE", "/v1/customers/GONE")
    hook_sink.calls.clear()
    hook_sink.wish = lambda number, key, body: None
    shop.ctl("forward", "retry", "shop")
    settled(shop)
    assert {body["data"].get("customer", {}).get("id") for body in hook_sink.good} == {"STAYS"}
    assert not any("GONE" in call["body"].decode() for call in hook_sink.calls)


def test_who_was_merged_is_told_of_as_who_he_is(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 500
    shop = make(rate=FAST)
    for i in range(3):
        paid(shop, "OLD", i)
        paid(shop, "NEW", i)
    shop.wait(lambda: status(shop)["held_customers"] == 2, "both held")
    assert shop.ctl("customer", "merge", "OLD", "NEW").code == 0
    hook_sink.wish = lambda number, key, body: None
    shop.ctl("forward", "retry", "shop")
    settled(shop)
    assert set(taken(hook_sink)) == {"NEW"}
    assert set(taken(hook_sink)["NEW"]) == {f"{who}-{i}" for who in ("OLD", "NEW") for i in range(3)}


def test_what_was_told_stands_in_the_access_log(make, hook_sink):
    shop = make(rate=FAST)
    post(shop, CUSTOMERS, 2)
    settled(shop)

    def rows():
        return [row for row in shop.ok("GET", "/v1/audit")["audit"] if row["what"] == "forward.send"]
    shop.wait(lambda: sum(row["count"] for row in rows()) == 24, "the entry of that hour")
    assert {(row["who"], row["target"]) for row in rows()} == {("daemon", "shop")}


def test_nothing_secret_or_personal_in_the_log(make, hook_sink):
    hook_sink.wish = lambda number, key, body: [500, 401, "reset", 422][number % 4]
    conf = block(hook_sink, more="with customer").replace("/push", "/push?key=t0p")
    shop = make(conf=conf, rate=FAST)
    shop.customer("C1", phone="010-1234-5678", email="h@example.com")
    for i in range(12):
        paid(shop, f"C{i}", 1)
    shop.wait(lambda: status(shop)["state"] == "failing", "the failure")
    said = shop.log() + json.dumps(shop.ok("GET", "/v1/status"), ensure_ascii=False) + shop.ctl("forward", "list").out
    assert not re.search("t0p|10-?1234-?5678|김하늘|h@example|" + re.escape(hook_sink.secret[6:]), said)
    with open(shop.path("shop.db-wal"), "rb") as wal, open(shop.path("shop.db"), "rb") as db:
        assert b"t0p" not in wal.read() + db.read()


def test_retention_waits_for_what_is_not_told_yet(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 500
    shop = make(more="keep 28 days", store='store { path "shop.db"  keep events 1 month }')
    for i in range(3):
        shop.event("order.paid", "C1", id=f"C1-{i}", time="2026-10-25T10:00:00+09:00", order=f"A{i}", total=1)
    shop.wait(lambda: status(shop)["error"], "the failure")
    shop.at("2026-11-30T10:00:00+09:00", 600)

    def looked():
        return shop.ok("GET", "/v1/status")["store"]["retention"]["last"]
    first = looked()
    shop.wait(lambda: looked() and looked() != first, "a look at what is old")
    assert status(shop)["waiting"] == 3
    hook_sink.wish = lambda number, key, body: None
    shop.ctl("forward", "retry", "shop")
    settled(shop)
    assert taken(hook_sink) == {"C1": ["C1-0", "C1-1", "C1-2"]}


# ---- the block ----

@pytest.mark.parametrize("text, line, column, said, korean", [
    ("forward shop { }", 1, 9, "lacks its url", "url이(가) 없습니다"),
    ('forward shop { url "https://a.example/x" secret credential "out" }', 1, 9, "lacks its events", "events"),
    ('forward shop { url "https://a.example/x" events visit }', 1, 9, "lacks its secret", "secret"),
    ('forward shop { url "http://a.example/x" secret credential "out" events visit }', 1, 20, "this machine alone",
     "이 컴퓨터"),
    ('forward shop { url "https://a.example/x" secret credential "out" events }', 1, 73, "does not fit", "맞지 않습니다"),
    ('forward shop { url "https://a.example/x" secret credential "out" events "Order Paid" }', 1, 73,
     "no type of event", "이벤트 종류"),
    ('forward shop { url "https://a.example/x" secret credential "out" events visit keep 40 days }', 1, 84,
     "1 to 28 days", "1일에서 28일"),
    ('forward shop { url "https://a.example/x" secret credential "out" events visit with name }', 1, 84,
     "does not fit", "맞지 않습니다"),
    ('forward shop { url "https://a.example/x" secret credential "out" events visit }\n'
     'forward shop { url "https://a.example/x" secret credential "out" events visit }', 2, 9, "stands twice", "두 번"),
    ('forward { url "https://a.example/x" }', 1, 9, "needs a name", "이름이 필요"),
])
def test_mistakes_of_the_block(tmp_path, text, line, column, said, korean):
    for name in ("rules", "templates"):
        (tmp_path / name).mkdir()
    conf = tmp_path / "dangol.conf"
    conf.write_text(text + '\nshop { name "가게" }\n')
    for lang, words in (("C.UTF-8", said), ("ko_KR.UTF-8", korean)):
        ran = shops.run_program("dangold", "--check", "-c", conf, lang=lang)
        assert ran.code == 1, ran
        at = f"dangol.conf:{line}:{column}:"
        assert any(at in one and words in one for one in ran.err.splitlines()), ran


def test_a_slip_of_a_standard_type_is_warned_of(tmp_path):
    for name in ("rules", "templates"):
        (tmp_path / name).mkdir()
    conf = tmp_path / "dangol.conf"
    conf.write_text('shop { name "가게" }\n전달 우리 { url "https://a.example/x" 비밀 자격증명 "out" '
                    '이벤트 order.payd 방문 보관 3일 함께 고객 }\n')
    ran = shops.run_program("dangolctl", "check", conf)
    assert ran.code == 0 and "order.paid" in ran.err + ran.out, ran


def test_a_rehearsal_reaches_this_machine_alone(tmp_path):
    with shops.open_shop(start=False, credentials={"out": "x" * 24},
                         conf='forward shop { url "https://a.example/x" secret credential "out" events visit }') as shop:
        ran = shops.run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00", cwd=shop.root)
        assert ran.code == 1 and "forward 'shop' leads elsewhere" in ran.err, ran


def test_status_and_verbs_in_korean(make, hook_sink):
    hook_sink.wish = lambda number, key, body: 503
    shop = make(lang="ko_KR.UTF-8")
    for i in range(8):
        paid(shop, f"C{i}", 1)
    shop.wait(lambda: status(shop)["state"] == "failing", "the failure")
    assert "전달 shop" in shop.ok("GET", "/v1/status")["why"]
    out = shop.ctl("forward", "list", lang="ko_KR.UTF-8").out
    assert "대기" in out and "503" in out
    assert "전달" in shop.ctl("status", lang="ko_KR.UTF-8").out
    hook_sink.wish = lambda number, key, body: None
    assert "8건" in shop.ctl("forward", "retry", "shop", lang="ko_KR.UTF-8").out
    settled(shop)
    assert shop.ctl("forward", "skip", "shop", lang="ko_KR.UTF-8").code == 0
