"""Segments whose borders rules wait at: entering and leaving, by a change and by the passing of time."""
import contextlib
import sqlite3

import pytest
from shop import free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
TEXTS = {"in.sms": "어서 오세요", "out.sms": "안녕히", "o.owner": "사장님"}
VIP = "segment vip { orders.count >= 2 and not tag \"직원\" }\n"
BOTH = ('rule welcome { when enters vip  send sms "in" }\n'
        'rule farewell { when leaves vip  send sms "out" }\n')


def shop_of(make_shop, rules, people=("C1",), **more):
    shop = make_shop(rules=rules, templates=TEXTS, listen=PUBLIC.format(free_port()), **more)
    for n, ref in enumerate(people):
        shop.customer(ref, phone=f"0101234{n:04}", email=f"{ref.lower()}@example.com")
    return shop


def pays(shop, ref, n, time=None):
    shop.event("order.paid", ref, id=f"o{ref}{n}", time=time, order=f"{ref}-{n}", total=10_000)


def sent(shop, **which):
    shop.idle()
    return [(one["customer"], one["template"]) for one in shop.outbox(**which)]


def occasions(shop, rule):
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        return [row[0] for row in db.execute(
            "SELECT occasion FROM run JOIN rule ON rule.id = run.rule WHERE name = ? ORDER BY run.id", (rule,))]


def reload(shop, name, text):
    shop.rule(name, text)
    assert shop.ctl("reload").code == 0


@pytest.mark.parametrize("enters, leaves", [
    ("when enters vip", "when leaves vip"),
    ("언제 고객군 vip 들어오면", "언제 고객군 vip 나가면"),
    ("언제 고객군 vip 진입", "언제 고객군 vip 이탈"),
])
def test_enters_and_leaves_by_an_event(make_shop, enters, leaves):
    shop = shop_of(make_shop, f'{VIP}rule welcome {{ {enters}\n send sms "in" }}\n'
                   f'rule farewell {{ {leaves}\n send sms "out" }}\n', ("C1", "C2"))
    pays(shop, "C1", 1)
    assert not sent(shop)
    pays(shop, "C1", 2)
    assert sent(shop) == [("C1", "in")]
    pays(shop, "C1", 3)
    assert sent(shop) == [("C1", "in")], "once per entry"
    for n in (2, 3):
        shop.event("order.cancelled", "C1", id=f"c{n}", order=f"C1-{n}")
    assert sorted(sent(shop)) == [("C1", "in"), ("C1", "out")]
    assert occasions(shop, "welcome") == ["in:1"] and occasions(shop, "farewell") == ["out:1"]


def test_s7_who_comes_again_fires_as_limit_allows(make_shop):
    shop = shop_of(make_shop, 'segment night { tag "밤" }\n'
                   'rule each { when enters night  send sms "in" }\n'
                   'rule once { when enters night  send sms "out"  limit once per 7 days }\n')
    for _ in range(3):
        shop.ok("PATCH", "/v1/customers/C1", {"tags": ["밤"]})
        shop.ok("PATCH", "/v1/customers/C1", {"tags": []})
    assert sorted(sent(shop)) == [("C1", "in")] * 3 + [("C1", "out")]
    assert occasions(shop, "each") == ["in:1", "in:2", "in:3"]
    shop.at("2026-12-01T10:00:00+09:00")
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["밤"]})
    assert sent(shop, rule="once") == [("C1", "out")] * 2
    assert occasions(shop, "each")[-1] == "in:4"


def test_who_is_inside_when_the_rule_is_new_does_not_fire(make_shop):
    shop = shop_of(make_shop, VIP, ("OLD", "NEW"))
    pays(shop, "OLD", 1)
    pays(shop, "OLD", 2)
    reload(shop, "later.rule", BOTH)
    shop.wait(lambda: shop.get("/v1/status").status == 200, "the status")
    pays(shop, "OLD", 3)
    assert not sent(shop)
    pays(shop, "NEW", 1)
    pays(shop, "NEW", 2)
    assert sent(shop) == [("NEW", "in")]
    for n in (2, 3):
        shop.event("order.cancelled", "OLD", id=f"c{n}", order=f"OLD-{n}")
    assert ("OLD", "out") in sent(shop), "who was inside leaves as anybody"


def test_who_is_inside_when_the_condition_is_new_does_not_fire(make_shop):
    shop = shop_of(make_shop, {"s.rule": VIP, "r.rule": BOTH}, ("ONE", "TWO"))
    pays(shop, "ONE", 1)
    for n in (1, 2):
        pays(shop, "TWO", n)
    assert sent(shop) == [("TWO", "in")]
    reload(shop, "s.rule", "segment vip { orders.count = 1 }\n")
    assert sent(shop) == [("TWO", "in")], "neither the one who is inside now nor the one who is not"
    pays(shop, "ONE", 2)
    assert sent(shop)[1:] == [("ONE", "out")]
    reload(shop, "s.rule", "segment  vip {\n orders.count = 1 # the same\n}\n")
    shop.event("order.cancelled", "ONE", id="back", order="ONE-2")
    assert sent(shop)[2:] == [("ONE", "in")]
    assert occasions(shop, "welcome") == ["in:1", "in:2"]


AWAY = 'segment away { last order at least 30 days ago }\n'


@pytest.mark.parametrize("trigger", ["when enters away at 11:00", "언제 고객군 away 들어오면 11:00",
                                     "언제 고객군 away 진입 11:00"])
def test_enters_by_the_passing_of_time(make_shop, trigger):
    shop = shop_of(make_shop, f'{AWAY}rule gone {{ {trigger}\n send sms "in" }}\n'
                   'rule back { when leaves away\n send sms "out" }\n', ("C1", "C2"))
    pays(shop, "C1", 1)
    shop.at("2026-12-10T10:00:00+09:00")
    pays(shop, "C2", 1)
    for day in range(11, 24):
        shop.at(f"2026-12-{day}T10:59:00+09:00")
        assert not sent(shop)
    shop.at("2026-12-23T11:00:01+09:00")
    assert sent(shop) == [("C1", "in")], "thirty days by shop dates, at the rule's hour"
    shop.at("2026-12-24T11:00:01+09:00")
    assert sent(shop) == [("C1", "in")]
    pays(shop, "C1", 2)
    assert sent(shop)[1:] == [("C1", "out")], "an order brings him back at once"


def test_without_an_hour_time_is_looked_at_when_the_day_begins(make_shop):
    shop = shop_of(make_shop, 'segment fresh { count of visit in last 7 days >= 1 }\n'
                   'rule out { when leaves fresh  purpose ad  send owner "o" }\n')
    shop.event("visit", "C1", id="v")
    shop.at("2026-11-30T09:00:00+09:00")
    shop.idle()
    assert not occasions(shop, "out")
    shop.at("2026-12-01T00:00:01+09:00")
    shop.idle()
    assert occasions(shop, "out") == ["out:1"]


def test_every_hour_of_a_day_finds_who_crossed_while_the_daemon_was_away(make_shop):
    shop = shop_of(make_shop, f'{AWAY}rule nine {{ when enters away at 09:00  send sms "in" }}\n'
                   'rule eleven { when enters away at 11:00  send sms "out" }\n')
    pays(shop, "C1", 1)
    shop.at("2026-12-22T12:00:00+09:00")
    shop.idle()
    shop.at("2026-12-23T12:00:00+09:00")
    assert sorted(sent(shop)) == [("C1", "in"), ("C1", "out")]


def test_another_product_keeps_nobody_whom_time_moves(make_shop):
    shop = shop_of(make_shop, 'segment fresh { bought category "캡슐" in last 7 days }\n'
                   'rule out { when leaves fresh at 10:00  send sms "out" }\n', ("TIME", "GOODS", "STAYS"))
    for ref, sku, day in (("TIME", "S", 23), ("GOODS", "M", 26), ("STAYS", "S", 26)):
        shop.at(f"2026-11-{day}T10:30:00+09:00")
        if ref == "GOODS":
            shop.event("product.updated", id="m", sku="M", category="캡슐")
        shop.event("order.paid", ref, id=ref, order=ref, total=1000, items=[
            {"sku": sku, "quantity": 1, "price": 1000, **({"category": "캡슐"} if sku == "S" else {})}])
    shop.at("2026-11-30T10:00:01+09:00")
    shop.idle()
    shop.at("2026-12-01T09:00:00+09:00")
    shop.event("product.updated", id="m2", sku="M", category="원두")
    shop.event("product.updated", id="new", sku="NEW", category="원두")
    shop.idle()
    shop.at("2026-12-01T10:00:01+09:00")
    assert sent(shop) == [("TIME", "out")]
    shop.at("2026-12-03T10:00:01+09:00")
    shop.idle()
    shop.at("2026-12-04T10:00:01+09:00")
    assert sent(shop) == [("TIME", "out"), ("STAYS", "out")], "GOODS had left by another category, and nobody fires by that"


def test_days_that_are_gone_are_simulated_as_they_were(make_shop):
    shop = shop_of(make_shop, f'{AWAY}rule gone {{ when enters away at 11:00  send sms "in" }}\n', ("C1", "C2"))
    pays(shop, "C1", 1)
    for day in (22, 25):
        shop.at(f"2026-12-{day}T12:00:00+09:00")
        shop.idle()
    assert sent(shop) == [("C1", "in")]
    found = shop.simulate("--from", "2026-12-20", "--to", "2026-12-24")
    assert [(one["customer"], one["template"]) for one in found] == [("C1", "in")]


def test_segments_of_segments(make_shop):
    shop = shop_of(make_shop, 'segment buyer { orders.count >= 1 }\n'
                   '고객군 단골 { 고객군 buyer 그리고 태그 "단골" 있음 }\n'
                   '규칙 환영 { 언제 고객군 단골 들어오면\n 문자 "in" 보내기 }\n')
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["단골"]})
    assert not sent(shop)
    pays(shop, "C1", 1)
    assert sent(shop) == [("C1", "in")]


def test_an_import_moves_without_firing(make_shop):
    shop = shop_of(make_shop, VIP + BOTH)
    pays(shop, "C1", 1)
    answer = shop.call("POST", "/v1/imports/orders", "order,customer,status,total,time\nX-1,C1,paid,1000,"
                       "2026-11-20T10:00:00+09:00\n".encode(), headers={"Content-Type": "text/csv"})
    assert answer.status == 200 and answer.json["accepted"] == 1, answer
    assert not sent(shop)
    pays(shop, "C1", 3)
    assert not sent(shop), "he was inside already"
    for n in (3, 1):
        shop.event("order.cancelled", "C1", id=f"c{n}", order=f"C1-{n}")
    assert sent(shop) == [("C1", "out")]


def test_changes_by_the_api_count_at_once(make_shop):
    shop = shop_of(make_shop, 'segment seoul { customer.city = "서울" }\nsegment mails { consent email }\n'
                   'segment used { redeemed k }\ncoupon k { discount 10%  code "K-######"  valid 30 days }\n'
                   'rule a { when enters seoul  send owner "o" }\nrule b { when leaves mails  send owner "o" }\n'
                   'rule c { when enters used  send owner "o" }\n'
                   'rule g { when visit  give coupon k  send sms "in" }\n')
    shop.ok("PATCH", "/v1/customers/C1", {"city": "서울"})
    assert occasions(shop, "a") == ["in:1"]
    shop.consent("C1", "email", given=False)
    assert occasions(shop, "b") == ["out:1"]
    shop.event("visit", "C1", id="v")
    shop.wait(lambda: shop.outbox("sms"), "the coupon")
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        code = db.execute("SELECT code FROM coupon").fetchone()[0]
    shop.ok("POST", f"/v1/coupons/{code}/redeem", {"customer": "C1"})
    assert occasions(shop, "c") == ["in:1"]


def test_steps_and_receipts_move_as_well(make_shop):
    shop = shop_of(make_shop, 'segment tagged { tag "t" }\nsegment told { received hello }\n'
                   'rule hello { when visit  send sms "in"  tag "t"  limit once }\n'
                   'rule a { when enters tagged  send owner "o" }\nrule b { when enters told  send owner "o" }\n')
    shop.event("visit", "C1", id="v")
    shop.wait(lambda: occasions(shop, "a") and occasions(shop, "b"), "both entries")
    assert occasions(shop, "a") == ["in:1"] and occasions(shop, "b") == ["in:1"]


def test_a_chain_of_causes_stops_and_is_shown(make_shop):
    shop = shop_of(make_shop, 'segment x { tag "x" }\n'
                   'rule on { when leaves x  tag "x"  }\nrule off { when enters x  untag "x" }\n')
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["x"]})
    shop.idle()
    assert len(occasions(shop, "on")) + len(occasions(shop, "off")) == 8
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        assert db.execute("SELECT count(*) FROM audit WHERE what = 'chain'").fetchone()[0] == 1
    assert shop.status()["events"]["chain"] == 1
    assert "a chain of more than 8 causes was stopped" in shop.log()


def test_a_chain_goes_through_waits(make_shop):
    shop = shop_of(make_shop, 'segment x { tag "x" }\n'
                   'rule on { when leaves x  wait 1 hours  tag "x"  }\nrule off { when enters x  untag "x" }\n')
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["x"]})
    for day in range(24, 30):
        for hour in ("00", "06", "12", "18"):
            shop.at(f"2026-11-{day}T{hour}:00:00+09:00")
            shop.idle()
    assert len(occasions(shop, "on")) + len(occasions(shop, "off")) == 8


def test_late_events_enter_late_or_are_missed(make_shop):
    shop = shop_of(make_shop, 'segment seen { count of visit >= 1 }\nrule r { when enters seen  send sms "in" }\n',
                   ("SOON", "LATE"))
    shop.event("visit", "SOON", id="a", time="2026-11-23T01:00:00+09:00")
    shop.event("visit", "LATE", id="b", time="2026-11-22T01:00:00+09:00")
    assert sent(shop) == [("SOON", "in")]


def test_membership_outlives_a_restart(make_shop):
    shop = shop_of(make_shop, VIP + BOTH)
    for n in (1, 2):
        pays(shop, "C1", n)
    assert sent(shop) == [("C1", "in")]
    shop.at("2026-11-25T10:00:00+09:00")
    pays(shop, "C1", 3)
    assert sent(shop) == [("C1", "in")]
