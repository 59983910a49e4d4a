"""Two customers become one: nothing is lost, nothing is sent twice, no refusal is lifted, and every id still resolves."""
import contextlib
import http.client
import json
import os
import re
import shutil
import sqlite3
import threading

import pytest

import shop as shops
from test_door import problem

FROM_PHONE, INTO_PHONE = "010-1111-2222", "010-3333-4444"


def merge(shop, source="OLD", target="NEW", **more):
    return shop.ok("POST", f"/v1/customers/{source}/merge", {"into": target, **more})


def rows(shop, sql):
    """What the store holds; the daemon is stopped."""
    with sqlite3.connect(shop.path("shop.db")) as db:
        return db.execute(sql).fetchall()


def holds(shop, ref, channel, purpose="ad"):
    return shop.ok("GET", f"/v1/customers/{ref}")["consents"][channel][purpose]


def many_events(shop, ref, n, prefix="p"):
    lines = [json.dumps({"type": "page.viewed", "id": f"{prefix}{i}", "customer": {"id": ref}, "data": {"url": f"/{i}"}})
             for i in range(n)]
    for start in range(0, n, 5000):
        shop.ok("POST", "/v1/events", "\n".join(lines[start:start + 5000]),
                headers={"Content-Type": "application/x-ndjson"})


def years_of_events(shop, number, n):
    """What came over years: over 500 of one day are a machine's, for whom no rule runs."""
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        db.executemany("INSERT INTO event(source, eid, type, customer, time, arrived) VALUES ('till', ?, 'page.viewed', ?, ?, ?)",
                       [(f"y{i}", number, 1700000000000 + i, 1700000000000 + i) for i in range(n)])
    shop.start()


@pytest.fixture
def two(make_shop):
    def make(old="sms data", new="sms data", **more):
        shop = make_shop(**more)
        shop.customer("OLD", old, name="김하나", phone=FROM_PHONE)
        shop.customer("NEW", new, name="김둘", phone=INTO_PHONE)
        return shop
    return make


# ---- consent ----
@pytest.mark.parametrize("old, new, then", [
    (None, None, False), (True, None, True), (None, True, True), (True, True, True),
    (False, True, False), (True, False, False), (False, None, False), (None, False, False)])
@pytest.mark.parametrize("old_is_newer", [True, False])
def test_s45_the_stricter_consent_holds_whatever_its_time(two, old, new, then, old_is_newer):
    shop = two("", "")
    first, second = "2026-01-01T10:00:00+09:00", "2026-06-01T10:00:00+09:00"
    for ref, given, time in (("OLD", old, second if old_is_newer else first),
                             ("NEW", new, first if old_is_newer else second)):
        if given is not None:
            shop.consent(ref, "sms", given=given, time=time)
    merge(shop)
    assert holds(shop, "NEW", "sms") is then
    assert not holds(shop, "NEW", "email")
    if {old, new} == {True, False}:
        shop.consent("NEW", "sms", given=True, time=first)
        shop.consent("OLD", "sms", given=True, time=second)
        assert not holds(shop, "NEW", "sms"), "what was told before lifts nothing"
        shop.consent("OLD", "sms", given=True, time="2026-07-01T10:00:00+09:00")
        assert holds(shop, "NEW", "sms"), "what he says later does"


def test_s45_the_history_shows_all_of_both(two):
    shop = two("", "")
    shop.consent("OLD", "sms", wording="문자를 받겠습니다", time="2026-01-01T10:00:00+09:00")
    shop.consent("OLD", "sms", given=False, time="2026-02-01T10:00:00+09:00")
    shop.consent("NEW", "sms", wording="예", time="2026-03-01T10:00:00+09:00")
    merge(shop)
    told = shop.ok("GET", "/v1/customers/NEW/consents")["consents"]
    assert [(c["given"], c["source"], c.get("customer")) for c in told] == [
        (True, "test", "OLD"), (False, "test", "OLD"), (True, "test", None), (False, "merge", None)]
    assert told[-1]["how"] == "owner" and told[0]["wording"] == "문자를 받겠습니다"
    shop.consent("OLD", "sms", wording="문자를 받겠습니다", time="2026-01-01T10:00:00+09:00")
    assert len(shop.ok("GET", "/v1/customers/OLD/consents")["consents"]) == 4, "told again it is no new history"


def test_s45_a_refusal_from_the_old_phone_is_the_survivors(two):
    shop = two()
    merge(shop)
    shop.event("message.replied", {"phone": FROM_PHONE}, channel="sms", text="수신거부")
    assert not holds(shop, "NEW", "sms")
    assert len(shop.ok("GET", "/v1/customers")["customers"]) == 1, "nobody new"


def test_s45_a_refusal_by_a_link_of_before_is_the_survivors(two):
    port = shops.free_port()
    shop = two("email data", "email data", rules='rule ad { when visit  send email "n" }',
               templates={"n.email": "Subject: 새 원두\n\n오세요 #{unsubscribe}"}, rate=1,
               listen=f'public "127.0.0.1:{port}" url "https://m.example.com"')
    shop.ok("PATCH", "/v1/customers/OLD", {"email": "old@example.com"})
    shop.event("visit", "OLD")
    letter = shop.wait(lambda: shop.outbox(customer="OLD"), "the advertisement")[0]
    link = re.search(r"https://m.example.com(/u/[\w-]+)", letter["text"]).group(1)
    merge(shop)
    one = http.client.HTTPConnection("127.0.0.1", port, timeout=shops.DEADLINE)
    one.request("POST", link, "List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"})
    assert one.getresponse().status == 200
    one.close()
    assert not holds(shop, "NEW", "email")


def test_a_notice_that_is_owed_to_the_one_is_told_to_both_once(two):
    shop = two("", "")
    shop.consent("OLD", "sms", told=False)
    shop.consent("NEW", "data", told=False)
    merge(shop)
    shop.at("2026-11-24T10:00:05+09:00")
    told = shop.wait(lambda: shop.messages(state="accepted"), "the notice")
    assert [(m["customer"], m["purpose"]) for m in told] == [("NEW", "notice")]
    assert {n["customer"] for n in shop.ok("GET", "/v1/notices")["notices"]} == {"NEW"}
    assert shop.status()["notices"] == {"due": 0, "late": 0, "told": 2}


# ---- every id resolves ----
def test_s45_every_id_still_resolves(two):
    shop = two(rules='rule r { when order.paid  purpose info  send sms "t" }', templates={"t.sms": "고맙습니다"})
    shop.customer("OLDER", "", phone="010-5555-6666", email="older@example.com")
    merge(shop, "OLDER", "OLD")
    said = merge(shop)
    assert (said["from"], said["into"], said["merged"], said["already"]) == ("OLD", "NEW", True, False)
    for ref in ("OLDER", "OLD", "NEW"):
        got = shop.ok("GET", f"/v1/customers/{ref}")
        assert got["id"] == "NEW" and got["phone"] == "+821033334444" and got["aliases"] == ["OLD", "OLDER"]
        assert got["email"] == "older@example.com", "what he lacked"
    shop.event("order.paid", "OLDER", order="A1", total=100)
    assert shop.one_message(customer="OLD")["customer"] == "NEW"
    assert shop.ok("GET", "/v1/explain?rule=r&customer=OLD")["customer"] == "NEW"
    assert shop.ok("PATCH", "/v1/customers/OLD", {"city": "서울"})["city"] == "서울"
    assert shop.put("/v1/customers/OLD", {"name": "새이름"}).status == 200
    assert shop.ok("GET", "/v1/customers/NEW")["name"] == "새이름"
    assert [c["id"] for c in shop.ok("GET", "/v1/customers")["customers"]] == ["NEW"]
    assert shop.ctl("customer", "show", "OLD").code == 0
    assert shop.ctl("preview", "r", "OLDER").code == 0
    assert shop.ok("POST", "/v1/messages", {"customer": "OLD", "channel": "sms", "template": "t"})["customer"] == "NEW"


def test_s45_who_is_known_by_the_other_phone_or_browser_alone_is_found(two):
    shop = two()
    shop.event("page.viewed", {"id": "OLD", "visitor": "v-old"}, url="/")
    shop.event("page.viewed", {"id": "NEW", "visitor": "v-new"}, url="/")
    merge(shop)
    for who in ({"phone": FROM_PHONE}, {"visitor": "v-old"}, {"visitor": "v-new"}, {"phone": INTO_PHONE},
                {"id": "OLD", "phone": FROM_PHONE}, {"visitor": "v-old"}, {"visitor": "v-new"}):
        shop.event("visit", who)
    assert [c["id"] for c in shop.ok("GET", "/v1/customers")["customers"]] == ["NEW"]
    got = shop.ok("GET", "/v1/customers/NEW")
    assert got["phone"] == "+821033334444", "he keeps his own"
    assert len([e for e in shop.ok("GET", "/v1/customers/NEW/export")["events"] if e["type"] == "visit"]) == 7
    assert shop.put("/v1/customers/OLD", {"name": "김", "phone": FROM_PHONE}).status == 200
    assert shop.ok("GET", "/v1/customers/NEW")["phone"] == "+821033334444"
    shop.ok("PATCH", "/v1/customers/NEW", {"phone": FROM_PHONE})
    assert shop.ok("GET", "/v1/customers/NEW")["phone"] == "+821011112222", "under his own id he may change it"


def test_an_import_that_names_the_old_id(two):
    shop = two("sms data", "sms data")
    merge(shop)
    shop.write("c.csv", "id,name,city\nOLD,김하나,부산\n")
    shop.write("o.csv", "order,customer,time,total,status\nB-1,OLD,2026-05-01T10:00:00+09:00,9000,paid\n")
    shop.write("s.csv", "customer,channel,given,time\nOLD,email,yes,2026-05-01T10:00:00+09:00\n")
    for kind, name in (("customers", "c.csv"), ("orders", "o.csv"), ("consents", "s.csv")):
        ran = shop.ctl("import", kind, shop.path(name))
        assert ran.code == 0, ran
    got = shop.ok("GET", "/v1/customers/NEW")
    assert got["city"] == "부산" and got["orders"]["total"] == 9000 and got["consents"]["email"]["ad"] is True
    assert len(shop.ok("GET", "/v1/customers")["customers"]) == 1


# ---- what he has ----
def test_s45_what_he_has_comes_over(two):
    shop = two(rules='rule c { when customer.joined  give coupon ten  send sms "c"  limit once }\n'
                     'coupon ten "10%" { discount 10%  code "TEN-######"  valid 30 days }\n',
               templates={"c.sms": "#{coupon.code}"})
    shop.ok("PATCH", "/v1/customers/OLD", {"birthday": "1990-05-05", "city": "부산", "tags": ["단골", "A"],
                                           "attributes": {"size": "M", "color": "red"}, "friend": True})
    shop.ok("PATCH", "/v1/customers/NEW", {"city": "서울", "tags": ["A", "B"], "attributes": {"color": "blue"}})
    for ref, n in (("OLD", 3), ("NEW", 2)):
        for i in range(n):
            shop.event("order.paid", ref, order=f"{ref}-{i}", total=1000, time=f"2026-11-0{i + n}T10:00:00+09:00")
        shop.event("order.placed", ref, order=f"{ref}-open", total=500)
        shop.event("visit", ref)
        shop.event("cart.added", ref, sku="S1", quantity=2, price=700)
    shop.event("cart.added", "OLD", sku="S2", quantity=1, price=300)
    shop.event("customer.joined", "OLD")
    code = shop.message_in("accepted", customer="OLD")["coupon"]
    said = merge(shop)
    assert said["counts"] == {"events": 8, "orders": 4, "messages": 1, "runs": 1, "coupons": 1, "redemptions": 0,
                              "notices": 0} and said["ended"] == 0
    got = shop.ok("GET", "/v1/customers/NEW")
    assert got["name"] == "김둘" and got["city"] == "서울" and got["birthday"] == "1990-05-05" and got["friend"] is True
    assert set(got["tags"]) == {"단골", "A", "B"} and got["attributes"] == {"size": "M", "color": "blue"}
    assert (got["orders"]["count"], got["orders"]["total"]) == (5, 5000)
    assert got["orders"]["first"].startswith("2026-11-02") and got["orders"]["last"].startswith("2026-11-05")
    held = shop.ok("GET", "/v1/customers/NEW/export")
    assert {(c["sku"], c["quantity"]) for c in held["cart"]} == {("S1", 4), ("S2", 1)}
    assert held["history"]["visits"] == 2 and len(held["orders"]) == 7 and len(held["coupons"]) == 1
    one, = held["merged"]
    assert (one["id"], one["merged"], one["created"]) == ("OLD", *["2026-11-23T10:00:00+09:00"] * 2)
    was = one["was"]
    assert (was["name"], was["phone"], was["email"], was["attributes"]) == (
        "김하나", "+821011112222", None, {"size": "M", "color": "red"})
    assert set(was["tags"]) == {"단골", "A"} and was["row"]["city"] == "부산" and len(was["cart"]) == 2
    assert len(was["consents"]) == 2 and [line[0] for line in was["into"]["cart"]] == ["S1"]
    assert held["customer"]["aliases"] == ["OLD"]
    shop.event("customer.joined", "NEW")
    shop.idle()
    assert len(shop.messages(rule="c")) == 1, "once for both"
    assert shop.ok("POST", f"/v1/coupons/{code}/redeem", {"customer": "OLD", "order": "X", "amount": 5000})


def test_merging_moves_borders_in_silence(two):
    shop = two(rules='segment vip "단골" { orders.count >= 5 }\n'
                     'rule hello { when enters vip  send sms "t" }\n', templates={"t.sms": "어서 오세요"})
    for ref, n in (("OLD", 3), ("NEW", 2)):
        for i in range(n):
            shop.event("order.paid", ref, order=f"{ref}-{i}", total=1000)
    merge(shop)
    shop.event("order.paid", "NEW", order="next", total=1000)
    shop.idle()
    assert not shop.messages(), "he is inside since they are one"
    assert [s["inside"] for s in shop.ok("GET", "/v1/customers/NEW/export")["segments"]] == [True]


# ---- runs ----
WAITS = '''rule wait { when visit  wait 1 day  send sms "t" }'''


def test_s45_the_survivors_run_goes_on_and_the_other_ends(two):
    shop = two(rules=WAITS, templates={"t.sms": "안녕하세요"})
    shop.event("visit", "OLD")
    shop.event("visit", "NEW")
    said = merge(shop)
    assert said["ended"] == 1
    runs = shop.ok("GET", "/v1/customers/NEW/export")["runs"]
    assert sorted(str(r["reason"]) for r in runs) == ["None", "merged"]
    shop.at("2026-11-24T12:00:00+09:00")
    assert shop.message_in("accepted")["customer"] == "NEW"
    assert len(shop.outbox()) == 1
    assert "merged" in json.dumps(shop.ok("GET", "/v1/explain?rule=wait&customer=NEW"))


def test_s45_an_open_run_goes_on_for_the_survivor(two):
    shop = two(rules=WAITS, templates={"t.sms": "안녕하세요"})
    shop.event("visit", "OLD")
    assert merge(shop)["ended"] == 0
    shop.at("2026-11-24T12:00:00+09:00")
    message = shop.message_in("accepted")
    assert message["customer"] == "NEW" and shop.outbox()[0]["to"] == "+821033334444"


def test_s45_occasions_of_both_are_spent(two):
    """A birthday that one of them was greeted for, and one that both wait for."""
    rule = 'rule b { when birthday at 10:00  purpose ad  send sms "t" }'
    shop = two(rules=rule, templates={"t.sms": "생일 축하합니다"}, limits="quiet none  guard none")
    shop.ok("PATCH", "/v1/customers/OLD", {"birthday": "--11-24"})
    shop.at("2026-11-24T11:00:00+09:00")
    assert shop.message_in("accepted")["customer"] == "OLD"
    merge(shop)
    shop.at("2026-11-24T11:30:00+09:00")
    shop.ok("PATCH", "/v1/customers/NEW", {"birthday": "--11-24"})
    shop.at("2026-11-24T12:00:00+09:00")
    shop.idle()
    assert len(shop.messages()) == 1


def test_s45_of_one_occasion_that_waits_for_the_morning_one_is_sent(two):
    rule = 'rule b { when every day at 07:00  limit 1 per 30 days  send sms "t" }'
    shop = two(rules=rule, templates={"t.sms": "좋은 아침"}, limits="quiet none  guard none")
    shop.at("2026-11-24T07:30:00+09:00")
    shop.wait(lambda: len(shop.messages(state="held")) == 2, "both held")
    assert merge(shop)["ended"] == 1
    dropped = [m for m in shop.messages() if m["state"] == "dropped"]
    assert [m["reason"] for m in dropped] == ["merged"]
    shop.at("2026-11-24T12:00:00+09:00")
    shop.wait(lambda: shop.outbox(), "the message")
    shop.idle()
    assert len(shop.outbox()) == 1


def test_s45_limits_add(two):
    """What waits of the one is no more than a repetition where the other had it lately."""
    rule = 'rule w { when visit  limit 1 per 30 days  wait 1 day  send sms "t" }'
    shop = two(rules=rule, templates={"t.sms": "안녕하세요"})
    shop.event("visit", "NEW")
    shop.at("2026-11-24T12:00:00+09:00")
    shop.message_in("accepted", customer="NEW")
    shop.event("visit", "OLD")
    assert merge(shop)["ended"] == 1
    shop.at("2026-11-25T13:00:00+09:00")
    shop.event("visit", "OLD")
    shop.at("2026-11-27T13:00:00+09:00")
    shop.idle()
    assert len(shop.outbox()) == 1


def test_s45_caps_count_the_messages_of_both(two):
    rules = 'rule a { when visit  send sms "t" }\nrule b { when page.viewed  send sms "t" }\n'
    shop = two(rules=rules, templates={"t.sms": "안녕하세요"}, limits="quiet none  guard none  ads 1 per day")
    shop.event("visit", "OLD")
    shop.message_in("accepted", rule="a")
    merge(shop)
    shop.event("page.viewed", "NEW", url="/")
    held = shop.one_message(rule="b")
    shop.wait(lambda: shop.one_message(rule="b")["state"] == "held", "the cap")
    assert shop.one_message(rule="b")["reason"] == "cap", held


def test_receipts_of_both_go_out(two):
    """What a rule without a limit tells of each order is told of each."""
    shop = two(rules='rule r { when order.paid  purpose info  send sms "t" by day }',
               templates={"t.sms": "#{event.total}"}, clock="2026-11-23T23:00:00+09:00")
    for ref in ("OLD", "NEW"):
        shop.event("order.paid", ref, order=ref, total=100)
    shop.wait(lambda: len(shop.messages()) == 2, "both")
    assert merge(shop)["ended"] == 0
    shop.at("2026-11-24T12:00:00+09:00")
    shop.wait(lambda: len(shop.messages(state="accepted")) == 2, "both receipts")


def test_notices_of_both_that_are_under_way_are_both_told(two, hook_sink):
    """What the law asks for is told each time, and ends by no merge."""
    hook_sink.faults = ["take when released"] * 2
    shop = two("", "", channels={"sms": hook_sink.channel(sender='"0212345678"', refuse='"080-123-4567"')},
               credentials={"push": hook_sink.secret})
    for ref in ("OLD", "NEW"):
        shop.consent(ref, "sms", told=False)
    shop.at("2026-11-24T10:00:05+09:00", rate=1)
    shop.wait(lambda: len(hook_sink.calls) == 2, "both requests")
    assert merge(shop)["ended"] == 0
    hook_sink.released.set()
    told = shop.wait(lambda: len(shop.messages(state="accepted")) == 2 and shop.messages(), "both notices")
    assert {m["customer"] for m in told} == {"NEW"}
    assert shop.status()["notices"]["told"] == 2


@pytest.mark.parametrize("fault", ["take when released", "refuse when released"])
def test_s45_a_message_under_way_arrives_once_and_is_the_survivors(two, hook_sink, fault):
    rules = 'rule a { when visit  limit once  send sms "t" }\nrule heard { when message.sent  send owner "o" }\n'
    hook_sink.faults = [fault]
    shop = two(rules=rules, templates={"t.sms": "안녕하세요", "o.owner": "#{customer.name}"},
               channels={"sms": hook_sink.channel(sender='"0212345678"', refuse='"080-123-4567"')},
               credentials={"push": hook_sink.secret}, rate=1)
    shop.event("visit", "OLD")
    shop.wait(lambda: hook_sink.calls, "the request")
    assert merge(shop)["counts"]["messages"] == 1
    shop.event("visit", "NEW")
    hook_sink.released.set()
    message = shop.wait(lambda: [m for m in shop.messages(rule="a") if m["state"] in ("accepted", "failed")], "its end")
    assert [m["customer"] for m in message] == ["NEW"]
    shop.idle()
    assert len(shop.messages(rule="a")) == 1
    assert len(hook_sink.keys) == 1 + len(shop.messages(rule="heard")) and set(hook_sink.keys.values()) == {1}
    if fault.startswith("take"):
        sent = [e for e in shop.ok("GET", "/v1/customers/NEW/export")["events"] if e["type"] == "message.sent"]
        assert len(sent) == 1


def test_a_withdrawal_of_the_one_stops_what_waits_of_the_other(two):
    shop = two(new="sms data", rules='rule a { when visit  wait 1 day  send sms "t" }', templates={"t.sms": "안녕"})
    shop.event("visit", "NEW")
    shop.consent("OLD", "sms", given=False)
    merge(shop)
    shop.at("2026-11-24T12:00:00+09:00")
    assert shop.message_in("dropped")["reason"] in ("opted_out", "no_consent")
    assert not shop.outbox()


# ---- asking ----
def test_what_is_refused(two):
    shop = two()
    said = problem(shop.post("/v1/customers/NOBODY/merge", {"into": "NEW"}), 404)
    assert said["detail"]
    assert "NOBODY" in problem(shop.post("/v1/customers/OLD/merge", {"into": "NOBODY"}), 422)["detail"]
    assert "one customer" in problem(shop.post("/v1/customers/OLD/merge", {"into": "OLD"}), 409)["detail"]
    for body in ({}, {"into": 1}, {"into": ""}, {"into": "NEW", "dry_run": "yes"}):
        problem(shop.post("/v1/customers/OLD/merge", body), 422)
    problem(shop.post("/v1/customers/OLD/merge", {"into": "owner"}), 422)
    merge(shop)
    assert "nothing to try" in problem(shop.post("/v1/customers/OLD/merge", {"into": "NEW", "dry_run": True}), 409)["detail"]
    problem(shop.post("/v1/customers/NEW/merge", {"into": "OLD"}), 409)
    problem(shop.post("/v1/customers/OLD/merge", {"into": "OLD"}), 409)
    assert merge(shop)["already"] is True


def test_merged_again_is_answered_as_done(two):
    shop = two()
    shop.event("visit", "OLD")
    merge(shop)
    again = merge(shop)
    assert again["already"] is True and again["merged"] is True and not any(again["counts"].values())


def test_the_verb(two):
    shop = two()
    for _ in range(3):
        shop.event("visit", "OLD")
    tried = shop.ctl("--json", "customer", "merge", "OLD", "NEW", "--dry-run").json
    assert tried["merged"] is False and tried["counts"]["events"] == 3
    assert shop.ok("GET", "/v1/customers/OLD")["id"] == "OLD"
    ran = shop.ctl("customer", "merge", "OLD", "NEW")
    assert ran.code == 0 and "OLD is NEW from now on" in ran.out and "events: 3" in ran.out
    assert "already" in shop.ctl("customer", "merge", "OLD", "NEW").out
    refused = shop.ctl("customer", "merge", "NEW", "NEW", lang="ko_KR.UTF-8")
    assert refused.code == 1 and refused.err
    assert shop.ctl("customer", "merge", "OLD").code == 2
    assert "합쳐졌습니다" in shop.ctl("customer", "merge", "OLD", "NEW", lang="ko_KR.UTF-8").out


def test_the_access_log_tells_of_both(two):
    shop = two()
    merge(shop)
    found = [(row["target"], row["detail"]) for row in shop.ok("GET", "/v1/audit")["audit"]
             if row["what"] == "customer.merge"]
    assert sorted(found) == [("NEW", "OLD"), ("OLD", "NEW")]
    shop.ok("GET", "/v1/customers/OLD")
    for ref in ("OLD", "NEW"):
        told = shop.ok("GET", f"/v1/audit?customer={ref}")["audit"]
        assert {(row["what"], row["target"]) for row in told} >= {("customer.merge", "NEW"), ("customer.read", "OLD")}


# ---- many rows, and a stop in between ----
def test_many_events_come_over_and_a_stop_in_between_is_made_up_for(two):
    shop = two(rules='rule a { when visit  wait 1 day  send sms "t" }', templates={"t.sms": "안녕"})
    shop.event("visit", "OLD")
    shop.event("visit", "NEW")
    years_of_events(shop, 1, 100000)

    def ask():
        with contextlib.suppress(OSError, http.client.HTTPException):
            shop.call("POST", "/v1/customers/OLD/merge", {"into": "NEW"})

    asking = threading.Thread(target=ask)
    asking.start()
    shop.wait(lambda: shop.ok("GET", "/v1/customers/OLD")["id"] == "NEW", "its beginning")
    shop.kill()
    asking.join()
    left = rows(shop, "SELECT count(*), (SELECT moving FROM merged) FROM event WHERE customer = 1")[0]
    assert left[0] > 0 and left[1] == 1, "it was stopped too late"
    shop.start("2026-11-24T12:00:00+09:00")
    assert shop.message_in("accepted")["customer"] == "NEW" and len(shop.outbox()) == 1
    assert "cut short" in shop.log()
    shop.stop()
    assert rows(shop, "SELECT count(*) FROM event WHERE customer = 1") == [(0,)]
    assert rows(shop, "SELECT count(*) FROM event WHERE type = 'page.viewed' AND customer = 2") == [(100000,)]
    assert rows(shop, "SELECT moving FROM merged") == [(0,)]


def test_the_daemon_answers_while_it_merges(two):
    shop = two()
    many_events(shop, "OLD", 20000)
    said = []
    asking = threading.Thread(target=lambda: said.append(merge(shop)))
    asking.start()
    while not said:
        assert shop.get("/healthz").status == 200
        asking.join(0.01)
    assert said[0]["counts"]["events"] == 20000


# ---- erasing ----
NAME, PHONE, EMAIL = "지울이름", "010-9876-5432", "gone@example.com"
TRACES = [NAME.encode(), json.dumps(NAME).encode()[1:-1], b"1098765432", b"gone@example.com", b"ERASEDREF"]


@pytest.fixture
def plain_shop():
    """A running shop whose store is not sealed: nothing hides what an erasure leaves."""
    with contextlib.ExitStack() as stack:
        def make(**more):
            shop = stack.enter_context(shops.open_shop(start=False, **more))
            os.mkdir(shop.path("credentials/store-key.new"))
            return shop.start("2026-11-23T10:00:00+09:00")
        yield make


def raw(shop):
    found = b""
    for name in os.listdir(shop.root):
        if name.startswith("shop.db"):
            with open(shop.path(name), "rb") as one:
                found += one.read()
    return found


@pytest.mark.parametrize("by", ["ERASEDREF", "NEW", PHONE])
def test_s45_erasing_the_one_erases_both(plain_shop, by):
    shop = plain_shop()
    shop.customer("ERASEDREF", "sms email", name=NAME, phone=PHONE, email=EMAIL, attributes={"memo": NAME})
    shop.customer("NEW", "sms", phone=INTO_PHONE, name="남김없이", email="other@example.com")
    many_events(shop, "ERASEDREF", 1500)
    shop.consent("ERASEDREF", "sms", given=False, source=NAME)
    backup = shop.path("copy.db")
    assert shop.ctl("backup", backup).code == 0
    merge(shop, "ERASEDREF")
    assert shop.ctl("customer", "forget", by).code == 0
    for ref in ("ERASEDREF", "NEW"):
        assert shop.get(f"/v1/customers/{ref}").status == 404
    shop.wait(lambda: not os.path.exists(shop.path("shop.db-wal")) or os.path.getsize(shop.path("shop.db-wal")) == 0,
              "an empty log")
    data = raw(shop)
    # the access log keeps ids of whose data was touched, as it does of everybody
    for trace in TRACES[:-1]:
        assert trace not in data, trace
    shop.customer("FRESH", "sms data", phone=PHONE)
    assert shop.ok("GET", "/v1/customers/FRESH/export")["refused"].get("sms") == "opted_out"
    shop.stop()
    assert rows(shop, "SELECT (SELECT count(*) FROM merged) + (SELECT count(*) FROM alias) + (SELECT count(*) FROM"
                      " merged_row) + (SELECT count(*) FROM consent_log WHERE customer < 3)") == [(0,)]
    shutil.copy(backup, shop.path("shop.db"))
    shop.start("2026-11-24T10:00:00+09:00")
    for ref in ("ERASEDREF", "NEW"):
        assert shop.get(f"/v1/customers/{ref}").status == 404, "the copy knew them as two"


def test_an_erasure_amid_a_merge_leaves_nothing(plain_shop):
    shop = plain_shop()
    shop.customer("ERASEDREF", "", name=NAME, phone=PHONE)
    shop.customer("NEW", "", phone=INTO_PHONE)
    many_events(shop, "ERASEDREF", 20000)
    asking = threading.Thread(target=lambda: shop.call("POST", "/v1/customers/ERASEDREF/merge", {"into": "NEW"}))
    asking.start()
    shop.wait(lambda: shop.ok("GET", "/v1/customers/ERASEDREF")["id"] == "NEW", "its beginning")
    shop.ok("DELETE", "/v1/customers/NEW")
    asking.join()
    shop.stop()
    assert rows(shop, "SELECT count(*) FROM event WHERE customer IS NOT NULL") == [(0,)]
    assert rows(shop, "SELECT count(*) FROM event WHERE data IS NOT NULL") == [(0,)]


def test_nothing_of_him_stands_open_in_a_sealed_store(two):
    shop = two()
    shop.ok("PATCH", "/v1/customers/OLD", {"name": NAME, "phone": PHONE, "email": EMAIL})
    merge(shop)
    shop.stop()
    data = raw(shop)
    for trace in TRACES[:-1]:
        assert trace not in data, trace
