"""What is old goes, in slices, and never what a rule looks back at or what is open: scenario 62."""
import os
import sqlite3

import pytest

KEEP = 'store {{ path "shop.db"  keep events {}  keep messages {} }}'
TEXTS = {"receipt.sms": "주문 고맙습니다", "sale.sms": "새 원두가 왔습니다", "late.sms": "어떠셨나요"}
RECEIPT = 'rule receipt { when order.paid  purpose info  send sms "receipt" }\n'


def passed(shop):
    """The day's pass has come to its end."""
    def done():
        retention = shop.ok("GET", "/v1/status")["store"]["retention"]
        return retention if (retention["last"] or "")[:13] == shop.clock[0][:13] and not retention["running"] else None
    return shop.wait(done, "the end of a pass")


def count(shop, sql, *values):
    with sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True) as db:
        return db.execute(sql, values).fetchone()[0]


def events(shop, kind):
    return count(shop, "SELECT count(*) FROM event WHERE type = ?", kind)


def test_what_is_older_than_kept_goes_and_the_rest_stays(make_shop):
    shop = make_shop(rules=RECEIPT, templates=TEXTS, store=KEEP.format("2 months", "2 months"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=5000)
    for i in range(200):
        shop.event("page.viewed", "C1", id=f"p{i}", url="/")
    shop.message_in("accepted", rule="receipt")
    shop.at("2026-02-20T10:00:00+09:00")
    shop.event("page.viewed", "C1", id="young", url="/")
    passed(shop)
    assert events(shop, "page.viewed") == 201
    shop.at("2026-03-20T10:00:00+09:00")
    told = passed(shop)
    assert told["events"] == {"keep_months": 2, "deleted": 201} and told["messages"]["deleted"] == 1
    assert events(shop, "page.viewed") == 1 and events(shop, "order.paid") == 0
    assert count(shop, "SELECT count(*) FROM run") == 0, "the occasion cannot come again"
    assert count(shop, "SELECT count(*) FROM orders") == 1 and not shop.messages()
    assert "201" in shop.ctl("status").out
    card = shop.ok("GET", "/v1/customers/C1")
    assert card["orders"]["count"] == 1 and card["consents"]["sms"]["ad"] is True
    assert shop.ok("GET", "/v1/status")["queue"]["accepted"] == 1, "what was counted stays counted"


def test_an_events_number_is_never_used_again(make_shop):
    shop = make_shop(store=KEEP.format("2 months", "2 months"), clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    shop.event("visit", "C1", id="v1")
    last = count(shop, "SELECT max(id) FROM event")
    shop.at("2026-04-10T10:00:00+09:00")
    passed(shop)
    assert count(shop, "SELECT count(*) FROM event") == 0
    shop.event("visit", "C1", id="v2")
    assert count(shop, "SELECT min(id) FROM event") > last


def test_a_consent_names_its_event_for_ever(make_shop):
    shop = make_shop(store=KEEP.format("2 months", "2 months"), clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    shop.event("consent.given", "C1", id="paper-7", channel="sms", purpose="ad")
    shop.at("2026-04-10T10:00:00+09:00")
    passed(shop)
    assert count(shop, "SELECT count(*) FROM event WHERE eid = 'paper-7'") == 0
    assert [one["event"] for one in shop.ctl("--json", "consent", "show", "C1").json["consents"]] == ["paper-7"]


def test_a_repeated_event_that_was_let_go_does_not_fire_again(make_shop):
    shop = make_shop(rules=RECEIPT, templates=TEXTS, store=KEEP.format("2 months", "2 months"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    told = {"id": "o1", "time": "2026-01-10T09:59:00+09:00", "order": "A-1", "total": 5000}
    shop.event("order.paid", "C1", **told)
    shop.message_in("accepted", rule="receipt")
    shop.at("2026-04-10T10:00:00+09:00")
    passed(shop)
    assert events(shop, "order.paid") == 0
    shop.event("order.paid", "C1", **told)
    shop.event("order.paid", "C1", id="o2", order="A-2", total=10)
    assert shop.message_in("accepted", rule="receipt")["occasion"].endswith("o2")
    assert shop.ok("GET", "/v1/customers/C1")["orders"]["count"] == 2


@pytest.mark.parametrize("condition, left", [
    ("", 0),
    ("if count of page.viewed in last 30 days > 0", 0),
    ("if count of page.viewed in last 5 months > 0", 3),
    ("if count of page.viewed > 0", 3),
    ("if last page.viewed at least 10 days ago", 1),
    ("if first page.viewed at least 10 days ago", 3)])
def test_what_a_rule_looks_back_at_stays(make_shop, condition, left):
    rule = f'rule r {{ when order.paid  {condition}  purpose info  send sms "receipt" }}\n'
    shop = make_shop(rules=rule, templates=TEXTS, store=KEEP.format("2 months", "2 months"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    for i in range(3):
        shop.event("page.viewed", "C1", id=f"p{i}", url="/")
    shop.at("2026-04-10T10:00:00+09:00")
    told = passed(shop)
    assert events(shop, "page.viewed") == left
    assert ("page.viewed" in told["held_by_rules"]) == (left == 3 and "last" not in condition)


@pytest.mark.parametrize("trigger, left", [
    ("every 3rd page.viewed", 3),
    ("30 days after last page.viewed at 11:00", 1),
    ("30 days after first page.viewed at 11:00", 3),
    ("page.viewed", 0)])
def test_what_a_trigger_looks_back_at_stays(make_shop, trigger, left):
    rule = f'rule r {{ when {trigger}  send sms "sale"  limit 1 per month }}\n'
    shop = make_shop(rules=rule, templates=TEXTS, store=KEEP.format("2 months", "2 months"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    for i in range(3):
        shop.event("page.viewed", "C1", id=f"p{i}", url="/")
    shop.at("2026-04-10T10:00:00+09:00")
    passed(shop)
    assert events(shop, "page.viewed") == left


def test_what_an_open_run_may_look_at_stays_until_it_ends(make_shop):
    rule = 'rule slow { when order.paid  purpose info  late 1 year  wait 100 days  unless order.cancelled  send sms "late" }\n'
    shop = make_shop(rules=rule, templates=TEXTS, store=KEEP.format("1 month", "1 month"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=5000)
    shop.event("page.viewed", "C1", id="p1", url="/")
    shop.at("2026-03-10T10:00:00+09:00")
    passed(shop)
    assert events(shop, "order.paid") == events(shop, "page.viewed") == 1
    shop.at("2026-04-21T10:00:00+09:00")
    shop.message_in("accepted", rule="slow")
    shop.at("2026-04-23T10:00:00+09:00")
    passed(shop)
    assert events(shop, "order.paid") == events(shop, "page.viewed") == 0
    assert shop.one_message(rule="slow")


def test_a_spent_occasion_stays_spent(make_shop):
    rule = 'rule hello { when visit  send sms "sale"  limit once }\n'
    shop = make_shop(rules=rule, templates=TEXTS, store=KEEP.format("1 month", "1 month"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("visit", "C1", id="v1")
    shop.message_in("accepted", rule="hello")
    shop.at("2026-12-10T10:00:00+09:00")
    passed(shop)
    assert not shop.messages()
    shop.event("visit", "C1", id="v2")
    shop.event("visit", "C1", id="v3")
    assert shop.idle() is not None and not shop.messages()


def test_advertisements_are_kept_for_the_laws_six_months(make_shop):
    rules = RECEIPT + 'rule sale { when customer.joined  send sms "sale"  limit once }\n'
    shop = make_shop(rules=rules, templates=TEXTS, store=KEEP.format("1 month", "1 month"),
                     clock="2026-01-10T10:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("customer.joined", "C1", id="j1")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=5000)
    shop.message_in("accepted", rule="sale")
    shop.message_in("accepted", rule="receipt")
    shop.at("2026-07-09T10:00:00+09:00")
    passed(shop)
    assert [m["rule"] for m in shop.messages()] == ["sale"]
    shop.at("2026-07-11T10:00:00+09:00")
    passed(shop)
    assert not shop.messages()


def test_without_a_word_of_keeping_nothing_goes(make_shop):
    shop = make_shop(clock="2020-01-10T10:00:00+09:00")
    shop.customer("C1", "")
    shop.event("page.viewed", "C1", id="p1", url="/")
    shop.at("2026-01-10T10:00:00+09:00")
    assert passed(shop)["events"] == {"keep_months": None, "deleted": 0}
    assert events(shop, "page.viewed") == 1


def test_orders_of_the_erased_go_after_five_years(make_shop):
    shop = make_shop(clock="2026-01-10T10:00:00+09:00")
    for ref in ("C1", "C2"):
        shop.customer(ref, "")
        shop.event("order.paid", ref, id=f"{ref}-1", order=f"{ref}-1", total=5000)
    shop.ctl("customer", "forget", "C1")
    shop.at("2031-01-09T10:00:00+09:00")
    passed(shop)
    assert count(shop, "SELECT count(*) FROM orders") == 2
    shop.at("2031-01-11T10:00:00+09:00")
    passed(shop)
    assert count(shop, "SELECT count(*) FROM orders") == 1 and count(shop, "SELECT customer FROM orders") > 0


def test_s62_three_years_keep_the_file_bounded(make_shop):
    shop = make_shop(rules=RECEIPT, templates=TEXTS, store=KEEP.format("6 months", "6 months"),
                     clock="2026-01-01T10:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    pages = []
    for month in range(1, 36, 2):
        when = f"{2026 + month // 12}-{month % 12 + 1:02d}-02T10:00:00+09:00"
        shop.at(when)
        passed(shop)
        shop.ok("POST", "/v1/events", [
            {"type": "page.viewed", "id": f"p{month}-{i}", "customer": {"id": "C1"}, "data": {"url": "/" + "x" * 200}}
            for i in range(300)] + [
            {"type": "order.paid", "id": f"o{month}-{i}", "customer": {"id": "C1"},
             "data": {"order": f"A{month}-{i}", "total": 100}} for i in range(10)])
        shop.idle()
        if month % 12 == 11:
            shop.stop()
            pages.append(os.path.getsize(shop.path("shop.db")))
            shop.start(when)
    assert pages[2] <= pages[1] * 1.03, pages
    assert pages[1] <= pages[0] * 1.10, pages
