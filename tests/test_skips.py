"""What would have begun and did not: explain tells each with its reason, and the store does not grow by it."""
import contextlib
import sqlite3

import pytest
from shop import free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
TEXTS = {"a.sms": "가", "b.sms": "나"}
NINE = "2026-11-23T09:00:00+09:00"


def shop_of(make_shop, rules, people=("C1",), **more):
    shop = make_shop(rules=rules, templates=TEXTS, listen=PUBLIC.format(free_port()), clock=more.pop("clock", NINE), **more)
    for n, ref in enumerate(people):
        shop.customer(ref, phone=f"0101234{n:04}")
    return shop


def answer(shop, customer="C1", rule="r"):
    return shop.ok("GET", f"/v1/explain?rule={rule}&customer={customer}")


def skipped(shop, customer="C1", rule="r"):
    """(occasion, reason) of all that did not begin, newest first."""
    return [(one["what"].removeprefix("not begun: "), one["reason"]) for one in answer(shop, customer, rule)["history"]
            if one["what"].startswith("not begun: ")]


def paid(shop, n, ref="C1", **more):
    shop.event("order.paid", ref, id=f"o{n}", order=f"{ref}-{n}", total=more.pop("total", 10000), **more)


def rows(shop):
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        return db.execute("SELECT customer, reason, n FROM skip ORDER BY 1, 2").fetchall()


def settled(shop):
    shop.event("page.viewed", url="/")
    shop.idle()


# ---- events ----

def test_each_event_that_began_nothing_has_its_reason(make_shop):
    shop = shop_of(make_shop, 'rule r { when every 2nd order.paid where (event.total >= 5_000원)\n'
                   'if tag "VIP"  send sms "a"  limit 1 per 30 days }')
    paid(shop, 1)
    paid(shop, 2)
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["VIP"]})
    paid(shop, 3, total=100)
    shop.ok("POST", "/v1/events", {"type": "order.paid", "id": "o4", "customer": {"id": "C1"}, "history": True,
                                   "data": {"order": "h", "total": 9000}})
    paid(shop, 5, time="2026-11-20T10:00:00+09:00")
    paid(shop, 6)
    for n in range(7, 10):
        paid(shop, n)
    settled(shop)
    assert sorted(skipped(shop)) == [("api/o1", "nth"), ("api/o2", "condition"), ("api/o3", "where"), ("api/o4", "history"),
                                     ("api/o5", "late"), ("api/o6", "nth"), ("api/o8", "nth"), ("api/o9", "limit")], \
        answer(shop)["history"]
    assert rows(shop) == [], "the events themselves tell it"


def test_events_of_one_call_and_limits(make_shop):
    """Those of one call share their instant: what came before which is known all the same."""
    shop = shop_of(make_shop, 'rule r { when order.paid if event.total >= 5_000원  send sms "a"  limit once }\n'
                   'rule few { when order.paid if event.total >= 5_000원  send sms "b"  limit 2 in all }', ("C1", "C2"))
    shop.ok("POST", "/v1/events", [
        {"type": "order.paid", "id": f"e{n}", "customer": {"id": ref}, "data": {"order": f"e{n}", "total": total}}
        for n, (ref, total) in enumerate([("C1", 100), ("C1", 9000), ("C1", 9000), ("C2", 9000), ("C2", 9000)])])
    settled(shop)
    assert sorted(skipped(shop)) == [("api/e0", "condition"), ("api/e2", "limit")]
    assert sorted(skipped(shop, "C2", "few")) == [("api/e3", "limit"), ("api/e4", "limit")]
    assert skipped(shop, "C1", "few") == [("api/e0", "condition")]


def test_events_of_a_rule_that_was_off(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid if tag "VIP"  send sms "a" }')
    paid(shop, 1)
    shop.at("2026-11-23T10:00:00+09:00")
    shop.ok("POST", "/v1/rules/r/off")
    shop.at("2026-11-23T11:00:00+09:00")
    paid(shop, 2)
    settled(shop)
    assert skipped(shop) == [("api/o2", "rule_off"), ("api/o1", "condition")]
    shop.at("2026-11-23T12:00:00+09:00")
    shop.ok("POST", "/v1/rules/r/on")
    shop.at("2026-11-23T13:00:00+09:00")
    paid(shop, 3)
    settled(shop)
    assert skipped(shop) == [("api/o3", "condition"), ("api/o2", "rule_off")]


def test_events_of_a_bulk_customer(make_shop):
    shop = shop_of(make_shop, 'rule r { when visit  send sms "a"  limit once }')
    shop.ok("POST", "/v1/events", [{"type": "visit", "id": f"v{n}", "customer": {"id": "C1"}} for n in range(510)])
    settled(shop)
    found = skipped(shop)
    assert found.count(("api/v509", "bulk")) == 1 and ("api/v495", "limit") in found and len(found) == 20, found


def test_no_date_and_no_hour_begins_for_a_bulk_customer(make_shop):
    shop = shop_of(make_shop, 'rule r { when 1 day after last visit at 10:00  send sms "a" }\n'
                   'rule d { when every day at 10:00  send sms "a"  limit once }', ("C1", "C2"))
    shop.ok("POST", "/v1/events", [{"type": "visit", "id": f"v{n}", "customer": {"id": "C2" if n == 600 else "C1"}}
                                   for n in range(601)])
    assert shop.status()["bulk"] == {"customers": 1, "newest": "C1"}
    assert "C1 the newest" in shop.ctl("status").out
    plan = shop.ctl("rule", "plan", "d", "--json").json
    assert plan["now"]["left_out"] == {"bulk": 1}, plan
    assert "Over 500 events" in shop.ctl("rule", "plan", "d").out
    shop.at("2026-11-23T10:00:01+09:00")
    shop.wait(lambda: len(shop.outbox()) == 1, "the other one's")
    shop.at("2026-11-24T10:00:01+09:00")
    shop.wait(lambda: len(shop.outbox()) == 2, "what the other one gets")
    settled(shop)
    assert {one["customer"] for one in shop.outbox()} == {"C2"}
    assert [word for _, word in skipped(shop)] == ["bulk"]


@pytest.mark.parametrize("lang, why, row", [
    ("C.UTF-8", "did not get it last time because its condition was not true then; nothing stands in the way now",
     "The rule's condition was not true then."),
    ("ko_KR.UTF-8", "지난번에 조건에 맞지 않았기 때문에 받지 않았습니다", "그때는 규칙의 조건에 맞지 않았습니다.")])
def test_what_was_not_true_then_and_is_now(make_shop, lang, why, row):
    shop = shop_of(make_shop, 'rule r { when order.paid if tag "VIP"  send sms "a" }')
    paid(shop, 1)
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["VIP"]})
    shop.at("2026-11-23T09:01:00+09:00", lang=lang)
    ran = shop.ctl("explain", "r", "C1", lang=lang)
    assert ran.code == 0 and why in ran.out.splitlines()[0] and row in ran.out, ran


def test_what_the_guard_dropped(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid  send sms "a" }', ("C1", "C2", "C3"), limits="quiet none  guard 1")
    paid(shop, 1, "C1")
    paid(shop, 2, "C2")
    assert [(one["what"], one["reason"]) for one in answer(shop, "C2")["history"]][0] == ("sms a: held", "blast_guard")
    assert shop.ctl("rule", "skip", "r").code == 0
    paid(shop, 3, "C3")
    settled(shop)
    assert skipped(shop, "C3") == [("api/o3", "blast_guard")]
    assert [(one["what"], one["reason"]) for one in answer(shop, "C2")["history"]][0] == ("sms a: dropped", "blast_guard")


# ---- dates and crossings ----

def test_a_date_whose_limit_was_used_up_is_written_down_once(make_shop):
    shop = shop_of(make_shop, 'rule r { when 1 day after last visit at 10:00  send sms "a"  limit once per 30 days }')
    for n, day in enumerate((23, 25, 27)):
        shop.event("visit", "C1", id=f"v{n}")
        shop.at(f"2026-11-{day + 1}T10:00:01+09:00")
        settled(shop)
        shop.at(f"2026-11-{day + 2}T09:00:00+09:00")
    found = answer(shop)["history"]
    assert [(one["time"][:10], one["reason"]) for one in found if "not begun" in one["what"]] == [("2026-11-28", "limit")]
    assert "the last of 2 times" in found[0]["what"]
    assert [row[1:] for row in rows(shop)] == [("limit", 2)]
    shop.at("2026-12-30T09:00:00+09:00")
    assert "does not get it because its limit was used up then (got it last at 2026-11-24 10:00)" in answer(shop)["why"]
    shop.ok("DELETE", "/v1/customers/C1")
    assert rows(shop) == []


def test_a_crossing_says_what_held_it_back(make_shop):
    shop = shop_of(make_shop, 'segment vip { tag "VIP" }\nrule r { when enters vip if tag "OK"  send sms "a"  limit once }')

    def tagged(*tags):
        shop.ok("PATCH", "/v1/customers/C1", {"tags": list(tags)})
    tagged("VIP")
    settled(shop)
    assert [reason for _, reason in skipped(shop)] == ["condition"]
    for tags in ((), ("VIP", "OK"), (), ("VIP", "OK")):
        tagged(*tags)
    shop.wait(shop.outbox, "the second entry")
    settled(shop)
    assert sorted(reason for _, reason in skipped(shop)) == ["condition", "limit"]


def test_an_hour_that_passed_says_why(make_shop):
    shop = shop_of(make_shop, 'rule r { when birthday at 10:00 if tag "VIP"  send sms "a" }')
    shop.ok("PATCH", "/v1/customers/C1", {"birthday": "1990-11-23"})
    shop.at("2026-11-23T10:30:00+09:00")
    shop.write("late.csv", "id,phone,birthday,tags,consent_sms,consent_data,consent_time\n"
               "C2,010-1234-5678,1990-11-23,VIP,1,1,2026-01-01T00:00:00+09:00\n")
    assert shop.ctl("import", "customers", shop.path("late.csv")).code == 0
    settled(shop)
    assert skipped(shop, "C1") == [("solar:2026", "condition")]
    assert skipped(shop, "C2") == [("solar:2026", "missed")]
    assert not shop.outbox()


def test_who_was_not_drawn(make_shop):
    people = [f"N{n}" for n in range(8)]
    shop = shop_of(make_shop, 'rule r { when 2026-11-23 at 11:00  send sms "a"  limit 3 in all }\n'
                   'rule v { when 1 day after last visit at 11:00  send sms "a"  limit 3 in all }', people)
    for ref in people:
        shop.event("visit", ref, id=ref)
    shop.at("2026-11-23T11:00:01+09:00")
    shop.wait(lambda: len(shop.outbox(rule="r")) == 3, "the drawn")
    shop.at("2026-11-24T11:00:01+09:00")
    shop.wait(lambda: len(shop.outbox(rule="v")) == 3, "the drawn")
    settled(shop)
    for rule in "rv":
        drawn = {one["customer"] for one in shop.outbox(rule=rule)}
        for ref in people:
            assert [word for _, word in skipped(shop, ref, rule)] == ([] if ref in drawn else ["not_drawn"]), (rule, ref)
    assert [row[1:] for row in rows(shop)] == [("not_drawn", 1)] * 5, "of the rule of everybody there is no row"


def test_everybodys_hour_leaves_no_row(make_shop):
    shop = shop_of(make_shop, 'rule r { when every day at 10:00 if tag "VIP"  send sms "a"  limit once per 30 days }',
                   ("C1", "C2"))
    shop.ok("PATCH", "/v1/customers/C1", {"tags": ["VIP"]})
    for day in (23, 24, 25):
        shop.at(f"2026-11-{day}T10:00:01+09:00")
        settled(shop)
    assert len(shop.outbox()) == 1
    assert rows(shop) == [] and skipped(shop, "C2") == []
    shop.at("2026-11-27T09:00:00+09:00")
    shop.at("2026-11-28T09:00:00+09:00")
    settled(shop)
    assert [word for _, word in skipped(shop, "C2")] == ["missed"]
