"""Rules at work: steps, waits, goals, limits, segments, splits, the owner's switches."""
import contextlib
import json
import sqlite3
import time

import pytest
from shop import free_port
from sinks import HookSink

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
TEXTS = {"a.sms": "가", "b.sms": "나", "c.sms": "다", "p.sms": "결제 #{event.order}", "a.email": "Subject: 가\n\n가",
         "o.owner": "사장님, #{event.sku} 재고"}


def shop_of(make_shop, rules, people=("C1",), **more):
    shop = make_shop(rules=rules, templates={**TEXTS, **more.pop("templates", {})}, listen=PUBLIC.format(free_port()),
                     **more)
    for n, ref in enumerate(people):
        shop.customer(ref, phone=f"0101234{n:04}", email=f"{ref.lower()}@example.com")
    return shop


CART = '''rule cart {
    when  3 hours after last cart.added
    if    left in cart and cart.total >= 20_000원
    send  sms "a"
    wait  1 day unless order.paid
    send  email "a"
    limit once per 7 days
    goal  order.paid within 3 days
}
'''


def test_cart_reminder(make_shop):
    shop = shop_of(make_shop, CART, ("BUYS", "STAYS", "PAYS", "SMALL"))
    for ref in ("BUYS", "STAYS", "PAYS", "SMALL"):
        shop.event("cart.added", ref, id="c" + ref, sku="X", quantity=1, price=5000 if ref == "SMALL" else 30000)
    shop.at("2026-11-23T12:00:00+09:00")
    shop.event("order.paid", "BUYS", id="oBUYS", order="B", total=30000, items=[{"sku": "X", "quantity": 1}])
    shop.at("2026-11-23T12:59:00+09:00")
    shop.idle()
    assert not shop.outbox()
    shop.at("2026-11-23T13:00:01+09:00")
    shop.wait(lambda: len(shop.outbox("sms")) == 2, "the reminders")
    shop.idle()
    assert {one["customer"] for one in shop.outbox("sms")} == {"STAYS", "PAYS"}
    shop.at("2026-11-23T18:00:00+09:00")
    shop.event("order.paid", "PAYS", id="oPAYS", order="P", total=30000)
    shop.at("2026-11-24T13:01:00+09:00")
    shop.wait(lambda: shop.outbox("email"), "the second step")
    shop.idle()
    assert {one["customer"] for one in shop.outbox("email")} == {"STAYS"}
    shop.event("cart.added", "STAYS", id="again", sku="X", quantity=1, price=30000)
    shop.at("2026-11-24T17:00:00+09:00")
    shop.idle()
    assert len(shop.outbox()) == 3, "limit once per 7 days"


def test_a_moved_anchor_unplans(make_shop):
    shop = shop_of(make_shop, 'rule r { when 3 hours after last visit  send sms "a"  limit 9 per day }')
    shop.event("visit", "C1", id="v1")
    shop.at("2026-11-23T12:00:00+09:00")
    shop.event("visit", "C1", id="v2")
    shop.at("2026-11-23T13:30:00+09:00")
    shop.event("page.viewed", "C1", url="/")
    shop.idle()
    assert not shop.outbox()
    shop.at("2026-11-23T15:00:01+09:00")
    shop.wait(lambda: shop.outbox(), "three hours after the second visit")


def test_wait_for_and_else(make_shop):
    shop = shop_of(make_shop, 'rule r { when customer.joined  send sms "a"  '
                   'wait for order.paid up to 3 days { send sms "b" } else { send sms "c" }  limit once }',
                   ("YES", "NO"))
    for ref in ("YES", "NO"):
        shop.event("customer.joined", ref, id="j" + ref)
    shop.wait(lambda: len(shop.outbox()) == 2, "the first step")
    shop.at("2026-11-24T10:00:00+09:00")
    shop.event("order.paid", "YES", id="o", order="Y", total=1)
    shop.wait(lambda: shop.outbox(customer="YES")[-1]["template"] == "b", "what was waited for")
    shop.at("2026-11-26T10:00:10+09:00")
    shop.wait(lambda: shop.outbox(customer="NO")[-1]["template"] == "c", "the other branch")
    shop.idle()
    assert len(shop.outbox()) == 4


def test_if_else_stop_tag_set(make_shop):
    shop = shop_of(make_shop, '''fields { customer.points number }
rule r {
    when order.paid
    if customer.points >= 100 { send sms "a"  tag "많음" } else { set customer.points = 5  untag "많음"  stop if event.total < 50 }
    send sms "b"
    limit 9 per day
}''', ("RICH", "POOR", "TINY"))
    shop.call("PATCH", "/v1/customers/RICH", {"attributes": {"points": 150}})
    shop.call("PATCH", "/v1/customers/POOR", {"tags": ["많음", "남음"]})
    for ref, total in (("RICH", 100), ("POOR", 100), ("TINY", 10)):
        shop.event("order.paid", ref, id="o" + ref, order=ref, total=total)
    shop.wait(lambda: len(shop.outbox()) == 3, "three messages")
    shop.idle()
    assert [one["template"] for one in shop.outbox(customer="RICH")] == ["a", "b"]
    assert [one["template"] for one in shop.outbox(customer="POOR")] == ["b"]
    assert not shop.outbox(customer="TINY")
    assert shop.ok("GET", "/v1/customers/RICH")["tags"] == ["많음"]
    poor = shop.ok("GET", "/v1/customers/POOR")
    assert poor["tags"] == ["남음"] and poor["attributes"]["points"] == 5


def test_already_in_and_again_restarts(make_shop):
    shop = shop_of(make_shop, 'rule one { when order.paid  send sms "a"  wait 1 day  send sms "b" }\n'
                   'rule two { when order.paid  again restarts  send sms "a"  wait 1 day  send sms "b" }')
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: len(shop.outbox()) == 2, "the first step of both")
    shop.at("2026-11-23T15:00:00+09:00")
    shop.event("order.paid", "C1", id="o2", order="2", total=1)
    shop.wait(lambda: len(shop.outbox(rule="two")) == 2, "the restart")
    shop.at("2026-11-24T10:00:10+09:00")
    shop.wait(lambda: len(shop.outbox(rule="one")) == 2, "the second step of the first")
    shop.idle()
    assert len(shop.outbox(rule="two")) == 2
    shop.at("2026-11-24T15:00:10+09:00")
    shop.wait(lambda: len(shop.outbox(rule="two")) == 3, "the second step of the restart")
    shop.idle()
    assert [one["template"] for one in shop.outbox(rule="one")] == ["a", "b"]
    assert [one["template"] for one in shop.outbox(rule="two")] == ["a", "a", "b"]


@pytest.mark.parametrize("limit, first, next_day, later", [
    ("once", 1, 1, 1), ("once per 30 days", 1, 1, 2), ("2 per 7 days", 2, 2, 4), ("1 per day", 1, 2, 3),
    ("1 per week", 1, 1, 2), ("2 in all", 2, 2, 2), ("once per event", 3, 6, 9)])
def test_limits(make_shop, limit, first, next_day, later):
    shop = shop_of(make_shop, 'rule r { when order.paid  send sms "a"  limit %s }' % limit)
    n = 0
    for clock, wanted in (("2026-11-23T10:00:00+09:00", first), ("2026-11-24T10:00:00+09:00", next_day),
                          ("2027-01-04T10:00:00+09:00", later)):
        if n:
            shop.at(clock)
        for _ in range(3):
            n += 1
            shop.event("order.paid", "C1", id=f"o{n}", order=f"{n}", total=1)
            shop.idle()
        shop.wait(lambda wanted=wanted: len(shop.outbox()) >= wanted, f"{wanted} by {clock}")
        shop.idle()
        assert len(shop.outbox()) == wanted, clock


def test_in_all_goes_by_what_was_planned(make_shop):
    """Who only waits inside takes no place; whoever gets his message does, in the same process and in the next."""
    shop = shop_of(make_shop, 'rule r { when order.paid  wait for visit up to 3 days { send sms "a" }'
                   '  limit 2 in all  limit 9 per day }', ("A", "B", "C", "D", "E"))

    def order(ref, wanted):
        shop.event("order.paid", ref, id="o" + ref, order=ref, total=1)
        shop.event("visit", ref, id="v" + ref)
        shop.idle()
        assert len(shop.outbox()) == wanted, ref

    for ref in ("A", "B"):
        shop.event("order.paid", ref, id="p" + ref, order="p" + ref, total=1)
    order("C", 1)
    shop.event("visit", "A", id="vA")
    shop.wait(lambda: len(shop.outbox()) == 2, "the second place")
    order("D", 2)
    shop.event("visit", "B", id="vB")
    shop.wait(lambda: len(shop.outbox()) == 3, "who was inside before they were all taken")
    shop.at("2026-11-23T12:00:00+09:00")
    order("E", 3)


def test_holdout_gives_and_sends_nothing_and_is_stable(make_shop):
    people = tuple(f"H{n:03}" for n in range(200))
    shop = shop_of(make_shop, 'rule r { when customer.joined  holdout 50%  send sms "a"  limit once }')
    batch = []
    for n, ref in enumerate(people):
        batch.append({"type": "consent.given", "customer": {"id": ref, "phone": f"0102{n:07}"},
                      "data": {"channel": "sms", "purpose": "ad"}})
        batch.append({"type": "consent.given", "customer": {"id": ref}, "data": {"channel": "data", "purpose": "ad"}})
        batch.append({"type": "customer.joined", "id": "j" + ref, "customer": {"id": ref}, "data": {}})
    shop.ok("POST", "/v1/events", batch)
    shop.wait(lambda: len(shop.outbox()) > 60, "about half")
    shop.idle()
    sent = {one["customer"] for one in shop.outbox()}
    assert 60 <= len(sent) <= 140
    found = shop.simulate("--from", "2026-11-23", "--to", "2026-11-23")
    assert isinstance(found, list)


def test_split_is_the_same_side_for_ever(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid  purpose info  split { 50% "A" { send sms "a" } '
                   '50% "B" { send sms "b" } } }')
    people = [f"S{n:02}" for n in range(60)]
    sides = []
    for round_ in range(2):
        shop.ok("POST", "/v1/events", [{"type": "order.paid", "customer": {"id": ref, "phone": f"0103000{n:04}"},
                                        "data": {"order": f"{ref}-{round_}", "total": 1}}
                                       for n, ref in enumerate(people)])
        shop.wait(lambda r=round_: len(shop.outbox()) == 60 * (r + 1), "everybody")
        sides.append({one["customer"]: one["template"] for one in shop.outbox()[60 * round_:]})
        shop.at(f"2026-11-2{4 + round_}T10:00:00+09:00")
    assert sides[0] == sides[1]
    assert 10 <= list(sides[0].values()).count("a") <= 50


def drawn(shop, people, rule, round_=0):
    """The template of each customer's first message of the rule."""
    shop.ok("POST", "/v1/events", [{"id": f"{rule}-{round_}-{ref}", "type": "order.paid",
                                    "customer": {"id": ref, "phone": f"0103000{n:04}"},
                                    "data": {"order": f"{ref}-{rule}-{round_}", "total": 1}}
                                   for n, ref in enumerate(people)])
    shop.idle()
    found = {}
    for one in shop.messages(rule=rule):
        found.setdefault(one["customer"], []).append(one["template"])
    return {ref: tuple(sorted(set(templates))) for ref, templates in found.items()}


HALF = '50% "A" {{ {} }} 50% "B" {{ {} }}'


@pytest.mark.parametrize("steps", [
    'split { 50% "A" { split { ' + HALF.format('send sms "a"', 'send sms "b"') + ' } } 50% "B" { send sms "c" } }',
    'split { ' + HALF.format('tag "one"', 'tag "two"') + ' }  if tag "one" { split { ' +
    HALF.format('send sms "a"', 'send sms "b"') + ' } } else { send sms "c" }'], ids=("nested", "in a row"))
def test_s78_a_split_says_nothing_of_another(make_shop, steps):
    shop = shop_of(make_shop, 'rule r { when order.paid  purpose info  limit once  ' + steps + ' }')
    sides = list(drawn(shop, [f"S{n:03}" for n in range(120)], "r").values())
    assert len(sides) == 120
    for side in "ab":
        assert 12 <= sides.count((side,)) <= 48, (side, sides.count((side,)))


def test_s78_the_same_side_under_a_new_name(make_shop):
    rule = 'rule old { when order.paid  purpose info  split { ' + HALF.format('send sms "a"', 'send sms "b"') + ' } }'
    shop = shop_of(make_shop, rule)
    people = [f"S{n:02}" for n in range(40)]
    before = drawn(shop, people, "old")
    for n, name in enumerate(("new", "newest"), 1):
        was = "old" if name == "new" else "new"
        shop.rule("shop.rule", rule.replace("rule old {", f"rule {name} {{ was {was} "))
        assert shop.ctl("reload").code == 0
        assert drawn(shop, people, name, n) == before


def test_who_is_inside_a_renamed_rule_goes_on(make_shop):
    rule = 'rule old { when order.paid  purpose info  wait 1 day  send sms "a"  limit once }'
    shop = shop_of(make_shop, rule)
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.rule("shop.rule", rule.replace("rule old {", "rule new { was old "))
    assert shop.ctl("reload").code == 0
    shop.event("order.paid", "C1", id="o2", order="2", total=1)
    shop.at("2026-11-24T10:00:01+09:00")
    assert shop.message_in("accepted", customer="C1")["rule"] == "new"
    shop.idle()
    assert len(shop.outbox()) == 1


def test_goal_ends_the_run(make_shop):
    shop = shop_of(make_shop, 'rule r { when customer.joined  send sms "a"  wait 1 day  send sms "b"  limit once  '
                   'goal order.paid where (event.total >= 1000) within 14 days }', ("MET", "LESS"))
    for ref in ("MET", "LESS"):
        shop.event("customer.joined", ref, id="j" + ref)
    shop.wait(lambda: len(shop.outbox()) == 2, "the first step")
    shop.event("order.paid", "MET", id="o1", order="1", total=1000)
    shop.event("order.paid", "LESS", id="o2", order="2", total=999)
    shop.at("2026-11-24T10:00:10+09:00")
    shop.wait(lambda: len(shop.outbox()) == 3, "the second step")
    shop.idle()
    assert [one["template"] for one in shop.outbox(customer="MET")] == ["a"]


def test_goal_measures_only_measures(make_shop):
    shop = shop_of(make_shop, 'rule r { when customer.joined  send sms "a"  wait 1 day  send sms "b"  limit once  '
                   'goal measures order.paid within 14 days }')
    shop.event("customer.joined", "C1", id="j")
    shop.wait(lambda: shop.outbox(), "the first step")
    shop.event("order.paid", "C1", id="o1", order="1", total=1000)
    shop.at("2026-11-24T10:00:10+09:00")
    shop.wait(lambda: len(shop.outbox()) == 2, "the second step")


def test_every_order_of_a_moment_gets_its_receipt(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid  purpose info  send sms "p" }')
    shop.ok("POST", "/v1/events", [{"type": "order.paid", "id": f"o{n}", "customer": {"id": "C1"},
                                    "data": {"order": f"A-{n}", "total": 10}} for n in (1, 2)])
    shop.wait(lambda: len(shop.outbox()) == 2, "both receipts")
    shop.idle()
    assert sorted(one["text"] for one in shop.outbox(customer="C1")) == ["결제 A-1", "결제 A-2"]


@pytest.mark.parametrize("rule", [
    'rule few { when stock below 5  send owner "o" }', '규칙 few { 언제 재고 5개 미만  사장님 "o" 보내기 }'])
def test_stock_below_tells_the_owner_at_the_line(make_shop, rule):
    shop = shop_of(make_shop, rule)
    told = 0
    for n, (sku, quantity, crosses) in enumerate((
            ("B-ETH", 9, False), ("B-ETH", 5, False), ("B-ETH", 4, True), ("B-ETH", 2, False), ("B-KEN", 3, True),
            ("B-ETH", 7, False), ("B-ETH", 0, True))):
        shop.event("stock.changed", id=f"s{n}", sku=sku, quantity=quantity)
        told += crosses
        shop.wait(lambda told=told: len(shop.outbox()) >= told, f"step {n}")
        shop.idle()
        assert len(shop.outbox()) == told, (sku, quantity)
    assert [one["text"] for one in shop.outbox()] == ["사장님, B-ETH 재고", "사장님, B-KEN 재고", "사장님, B-ETH 재고"]
    assert {one["purpose"] for one in shop.outbox()} == {"info"}


def test_every_nth_counts_what_where_lets_through(make_shop):
    shop = shop_of(make_shop, 'rule r { when every 3rd order.paid where (event.total >= 1_000)  send sms "a" }')
    for n, total in enumerate((1000, 10, 2000, 10, 10, 3000, 10, 1000, 1000, 10, 1000)):
        shop.event("order.paid", "C1", id=f"o{n}", order=f"{n}", total=total)
        shop.idle()
        assert len(shop.outbox()) == (0 if n < 5 else 1 if n < 10 else 2), n


def test_every_nth(make_shop):
    shop = shop_of(make_shop, 'rule r { when every 3rd order.paid  send sms "a" }')
    for n in range(7):
        shop.event("order.paid", "C1", id=f"o{n}", order=f"{n}", total=10)
    shop.wait(lambda: len(shop.outbox()) == 2, "the third and the sixth")
    shop.idle()
    assert len(shop.outbox()) == 2


def test_nobodys_events_are_nobodys_third(make_shop):
    shop = shop_of(make_shop, 'rule r { when every 3rd order.paid  send owner "m" }', templates={"m.owner": "셋째"})
    for n in range(4):
        shop.ok("POST", "/v1/events", {"id": f"n{n}", "type": "order.paid", "data": {"order": f"n{n}", "total": 10}})
    for n in range(3):
        shop.event("order.paid", "C1", id=f"o{n}", order=f"{n}", total=10)
    shop.wait(lambda: shop.outbox(), "the third of C1")
    shop.idle()
    assert len(shop.outbox()) == 1


def test_conditions_over_a_customers_history(make_shop):
    rules = '''
rule r1 { when order.paid  if bought category "원두" in last 90 days and orders.total >= 20,000원  send sms "a" }
rule r2 { when order.paid where (any item (item.category = "원두" and item.quantity >= 2))  send sms "b" }
규칙 r3 { 언제 주문.결제  조건 최근 30일 상품.조회 횟수 2회 이상 그리고 태그 "직원" 없음  문자 "c" 보내기 }
'''
    shop = shop_of(make_shop, rules, ("C1", "C2"))
    for n in range(2):
        shop.event("product.viewed", "C1", id=f"v{n}", sku="B-ETH")
    items = [{"sku": "B-ETH", "name": "예가체프", "category": "원두", "quantity": 2, "price": 10000}]
    shop.event("order.paid", "C1", id="o1", order="1", total=20000, items=items)
    shop.event("order.paid", "C2", id="o2", order="2", total=20000, items=[dict(items[0], quantity=1)])
    shop.wait(lambda: len(shop.outbox()) == 4, "four")
    shop.idle()
    assert sorted(one["rule"] for one in shop.outbox(customer="C1")) == ["r1", "r2", "r3"]
    assert sorted(one["rule"] for one in shop.outbox(customer="C2")) == ["r1"]


def test_a_bad_file_changes_nothing(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid  purpose info  send sms "p" }')
    shop.rule("bad.rule", "rule b { when event.paid.never  send sms \"nope\" }\n")
    answer = shop.post("/v1/reload")
    assert answer.status == 422, answer
    first = answer.json["errors"][0]
    assert first["file"].endswith("bad.rule") and first["line"] == 1 and first["column"] >= 1 and first["message"]
    ran = shop.ctl("reload")
    assert ran.code == 1 and "bad.rule:1:" in ran.out + ran.err, ran
    status = shop.status()
    assert status["rules"]["loaded"] == 1 and status["rules"]["errors"], status["rules"]
    assert "bad.rule" in status["why"]
    shop.event("order.paid", "C1", id="o1", order="1", total=10)
    shop.message_in("accepted", customer="C1")
    import os
    os.unlink(shop.path("rules", "bad.rule"))
    assert shop.ctl("reload").code == 0
    assert shop.status()["rules"]["errors"] == []


def test_files_are_watched(make_shop):
    shop = shop_of(make_shop, "", rate=1)
    shop.rule("new.rule", 'rule fresh { when order.paid  purpose info  send sms "p" }')
    shop.wait(lambda: shop.status()["rules"]["loaded"] == 1, "the new file to be seen")
    shop.template("p.sms", "새 글 #{event.order}")
    def said():
        shop.event("order.paid", "C1", order="1", total=10)
        return any(one["text"] == "새 글 1" for one in shop.outbox())
    shop.wait(said, "the new template to be seen")
    shop.rule("new.rule", "rule fresh { nonsense }")
    shop.wait(lambda: shop.status()["rules"]["errors"], "the mistake to be seen")
    assert shop.status()["rules"]["loaded"] == 1


def test_sighup_rereads(make_shop):
    shop = shop_of(make_shop, "", rate=1)
    shop.rule("new.rule", 'rule fresh { when order.paid  purpose info  send sms "p" }')
    shop.signal(1)
    shop.wait(lambda: shop.status()["rules"]["loaded"] == 1, "the new rule")


def test_sighup_with_a_mistake_says_so_and_changes_nothing(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid  purpose info  send sms "p" }', rate=1)
    with open(shop.conf, encoding="utf-8") as conf:
        good = conf.read()
    shop.write("dangol.conf", good.replace('sender "', 'sendr "'))
    shop.signal(1)
    error = shop.wait(lambda: shop.status()["rules"]["errors"], "the mistake")[0]
    assert "sendr" in error["message"] and error["file"].endswith("dangol.conf"), error
    assert "dangol.conf" in shop.status()["why"] and shop.status()["rules"]["loaded"] == 1
    shop.event("order.paid", "C1", order="1", total=10)
    shop.wait(lambda: shop.outbox(), "a message under the last good configuration")
    shop.write("dangol.conf", good)
    shop.signal(1)
    shop.wait(lambda: not shop.status()["rules"]["errors"], "the mended file")


def test_starts_with_mistakes_and_mends(make_shop):
    shop = shop_of(make_shop, "rule r { when }", rate=1)
    status = shop.status()
    assert status["rules"]["loaded"] == 0 and status["rules"]["errors"]
    shop.rule("shop.rule", 'rule r { when order.paid  purpose info  send sms "p" }')
    shop.wait(lambda: shop.status()["rules"]["loaded"] == 1, "the mended file")


def test_off_ends_runs_and_says_how_many(make_shop):
    shop = shop_of(make_shop, 'rule r { when customer.joined  wait 1 day  send sms "a"  limit once }', ("C1", "C2"))
    for ref in ("C1", "C2"):
        shop.event("customer.joined", ref, id="j" + ref)
    said = shop.ok("POST", "/v1/rules/r/off")
    assert said["ended"] == 2 and said["on"] is False
    shop.at("2026-11-24T11:00:00+09:00")
    shop.event("customer.joined", "C1", id="j3")
    shop.idle()
    assert not shop.outbox()
    on = shop.ctl("rule", "on", "r")
    assert on.code == 0, on
    assert shop.ok("GET", "/v1/rules/r")["on"] is True
    shop.event("customer.joined", "C2", id="j4")
    shop.at("2026-11-25T11:00:10+09:00")
    shop.wait(lambda: shop.outbox(customer="C2"), "the one who joined after")


def test_pause_loses_nothing(make_shop):
    shop = shop_of(make_shop, 'rule r { when customer.joined  send sms "a"  limit once }', ("C1", "C2"))
    assert shop.ctl("rule", "pause", "r").code == 0
    shop.event("customer.joined", "C1", id="j1")
    assert "r" in shop.status()["why"]
    shop.idle() if not shop.messages(state="planned") else None
    assert not shop.outbox()
    assert shop.ctl("rule", "resume", "r").code == 0
    shop.at("2026-11-23T10:30:00+09:00")
    shop.wait(lambda: shop.outbox(customer="C1"), "what was paused")


def test_s79_deleting_a_file_ends_its_runs(make_shop):
    import os
    shop = shop_of(make_shop, {"r.rule": 'rule r { when customer.joined  wait 1 day  send sms "a"  limit once }'})
    shop.event("customer.joined", "C1", id="j1")
    os.unlink(shop.path("rules", "r.rule"))
    shop.ok("POST", "/v1/reload")
    shop.at("2026-11-24T11:00:00+09:00")
    shop.event("visit", "C1")
    shop.idle()
    assert not shop.outbox()


def test_preview_and_simulate_send_nothing(make_shop):
    shop = shop_of(make_shop, 'rule b { when birthday at 10:00  send sms "a" }')
    shop.call("PATCH", "/v1/customers/C1", {"birthday": "--12-24"})
    preview = shop.ctl("preview", "b", "C1", "--json")
    assert preview.code == 0, preview
    assert "(광고)단골커피\\n가\\n무료수신거부 080-123-4567" in preview.out or \
        "(광고)단골커피\n가\n무료수신거부 080-123-4567" in str(preview.json["messages"][0]["text"])
    found = shop.simulate("--from", "2026-12-01", "--to", "2026-12-31")
    assert len(found) == 1
    line = found[0]
    assert set(line) >= {"time", "rule", "customer", "channel", "template", "to", "text", "coupon", "state", "reason"}
    assert line["time"] == "2026-12-24T10:00:00+09:00" and line["state"] == "accepted"
    assert line["customer"] == "C1" and line["text"].startswith("(광고)단골커피\n가")
    assert shop.messages() == [] and not shop.outbox()


def test_simulate_with_other_rules_and_events(make_shop):
    import json
    import os
    shop = shop_of(make_shop, "")
    os.makedirs(shop.path("try"))
    shop.write("try/t.rule", 'rule t { when order.paid  send sms "a"  wait 2 days unless order.paid  send sms "b" }')
    events = [{"type": "order.paid", "id": "s1", "time": "2026-12-01T10:00:00+09:00", "customer": {"id": "C1"},
               "data": {"order": "S1", "total": 10}},
              {"type": "order.paid", "id": "s2", "time": "2026-12-10T10:00:00+09:00", "customer": {"id": "C1"},
               "data": {"order": "S2", "total": 10}},
              {"type": "order.paid", "id": "s3", "time": "2026-12-11T10:00:00+09:00", "customer": {"id": "C1"},
               "data": {"order": "S3", "total": 10}}]
    shop.write("events.ndjson", "".join(json.dumps(one) + "\n" for one in events))
    found = shop.simulate("--from", "2026-12-01", "--to", "2026-12-20", "--rules", shop.path("try"),
                          "--events", shop.path("events.ndjson"))
    got = [(m["time"][:10], m["template"]) for m in found if m["state"] == "accepted"]
    assert got[0] == ("2026-12-01", "a") and ("2026-12-03", "b") in got and ("2026-12-10", "a") in got
    assert ("2026-12-12", "b") not in got and ("2026-12-13", "b") in got


def test_reminder_before_a_reservation(make_shop):
    shop = shop_of(make_shop, 'rule remind { when 1 day before reservation.at at 18:00  purpose info  send sms "b" }',
                   ("C1", "C2"))
    shop.event("reservation.made", "C1", id="r1", reservation="R1", at="2026-11-26T19:00:00+09:00")
    shop.at("2026-11-25T17:59:00+09:00")
    shop.event("visit", "C1")
    shop.idle()
    assert not shop.outbox()
    shop.at("2026-11-25T18:00:10+09:00")
    shop.wait(lambda: [one["customer"] for one in shop.outbox()] == ["C1"], "the reminder")


@pytest.mark.parametrize("condition, met", [
    ("birthday is unknown", {"BARE"}), ("생일 있음", {"FULL"}), ("friend", {"FULL"}), ("not friend", set()),
    ("customer.age >= 36", {"FULL"}), ("customer.age > 36", set()), ("customer.city != \"부산\"", {"FULL"}),
    ("customer.city is unknown or customer.city != \"부산\"", {"FULL", "BARE"}),
    ("joined after 2026-01-01", {"FULL"}), ("joined before 2026-01-02", set()), ("joined at least 300 days ago", {"FULL"}),
    ("joined within 300 days", set()), ("customer.points >= 10", {"FULL"}), ("not customer.points >= 10", set()),
    ("customer.name contains \"김\"", None), ("orders.average > 0", set()), ("orders.total = 0", {"FULL", "BARE"}),
    ("consent sms and not consent sms night", {"FULL", "BARE"}), ("has email", {"FULL"}), ("birthday this month", {"FULL"})])
def test_conditions_and_what_is_unknown(make_shop, condition, met):
    shop = make_shop(rules="", templates=TEXTS)
    shop.rule("shop.rule", f'fields {{ customer.points number }}\nrule r {{ when visit  if {condition}  send sms "a" }}')
    reloaded = shop.post("/v1/reload")
    if met is None:
        assert reloaded.status == 422, "a sealed field knows only whether it is known"
        return
    assert reloaded.status == 200, reloaded
    shop.customer("FULL", "sms data", phone="01011110001", birthday="1990-11-05", friend=True, city="서울",
                  email="f@example.com", joined="2026-01-02T10:00:00+09:00", attributes={"points": 10})
    shop.customer("BARE", "sms data", phone="01011110002")
    for ref in ("FULL", "BARE"):
        shop.event("visit", ref, id="v" + ref)
    shop.wait(lambda: len(shop.outbox()) >= len(met), "the visitors who meet it")
    shop.idle()
    assert {one["customer"] for one in shop.outbox()} == met


def test_an_event_of_nobody_tells_the_owner_and_nobody_else(make_shop):
    shop = shop_of(make_shop, 'fields { machine.broken.what text }\n'
                              'rule ours { when machine.broken where (event.what = "ice")  send owner "m" }\n'
                              'rule theirs { when machine.broken  send sms "a" }\n',
                   templates={"m.owner": "#{event.what}"})
    shop.event("machine.broken", id="m1", what="ice")
    shop.event("machine.broken", id="m2", what="oven")
    shop.event("machine.broken", id="m1", what="ice")
    shop.idle()
    assert [(one["rule"], one["customer"]) for one in shop.messages()] == [("ours", "owner")]


def test_set_is_no_sign_of_life(make_shop):
    shop = shop_of(make_shop, 'fields { customer.level number }\n'
                   'rule r { when order.paid  wait 1 day  set customer.level = 3  limit once }')
    shop.event("order.paid", "C1", id="o1", order="1", total=10)
    shop.at("2026-11-25T10:00:00+09:00")
    card = shop.wait(lambda: (c := shop.ok("GET", "/v1/customers/C1"))["attributes"] and c, "the level")
    assert card["attributes"] == {"level": 3}
    shop.stop()
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        assert db.execute("SELECT datetime(seen_at / 1000, 'unixepoch') FROM customer").fetchone()[0][:10] == "2026-11-23"


AFTER = 'rule r { when order.paid  purpose info  send push "a" else after 10 minutes sms "b" else after 1 hour email "a" }'


def test_else_after_without_a_receipt_goes_on_to_the_next_leg(make_shop):
    shop = shop_of(make_shop, AFTER, templates={"a.push": "가"})
    shop.event("order.paid", "C1", id="o1", order="1", total=10)
    shop.message_in("accepted", channel="push")
    shop.at("2026-11-23T10:09:59+09:00")
    shop.idle()
    assert [one["channel"] for one in shop.outbox()] == ["push"]
    for clock, channels in (("10:10:01", ["push", "sms"]), ("11:09:59", ["push", "sms"]),
                            ("11:10:02", ["email", "push", "sms"]), ("13:00:00", ["email", "push", "sms"])):
        shop.at(f"2026-11-23T{clock}+09:00")
        shop.wait(lambda n=len(channels): len(shop.outbox()) >= n, clock)
        shop.idle()
        assert sorted(one["channel"] for one in shop.outbox()) == channels, clock
    assert {one["state"] for one in shop.messages()} == {"accepted"}


MESSAGES = '''rule hello { when customer.joined  send push "a"  limit once }
규칙 실패 { 언제 메시지.실패  사장님 "f" 보내기 }
rule out { when message.sent where (event.channel = "push")  send owner "s"  limit once per event }
'''


def test_messages_are_events_for_the_owners_rules(make_shop):
    with HookSink() as hook:
        hook.fault = lambda number, key, body: 400 if json.loads(body)["customer"] == "C2" else None
        shop = shop_of(make_shop, MESSAGES, ("C1", "C2"),
                       channels={"push": hook.channel(), "sms": "provider outbox"},
                       templates={"a.push": "가", "f.owner": "#{event.rule} #{event.channel} #{event.reason}",
                                  "s.owner": "#{event.template} #{name}"}, credentials={"push": hook.secret})
        for ref in ("C1", "C2"):
            shop.event("customer.joined", ref, id="j" + ref)
        shop.wait(lambda: len(shop.outbox()) == 2, "two words to the owner")
        shop.idle()
        told = {one["rule"]: one["text"] for one in shop.outbox()}
        assert told["실패"] == "hello push refused_by_provider" and told["out"].startswith("a "), told


FEW = 'rule few { when 2026-11-23 at 11:00  limit 5 in all  if not tag "staff"  send sms "a" }'


def test_so_many_in_all_are_drawn_by_hash(make_shop):
    people = [f"N{n:02}" for n in range(40)]
    drawn_by = []
    for order in (people, people[::-1]):
        shop = shop_of(make_shop, FEW, order, clock="2026-11-23T10:59:00+09:00")
        shop.ok("PATCH", "/v1/customers/N07", {"tags": ["staff"]})
        before = {one["customer"] for one in shop.simulate("--from", "2026-11-23", "--to", "2026-11-24")}
        shop.at("2026-11-23T11:00:01+09:00")
        shop.wait(lambda: len(shop.outbox()) == 5, "five of them")
        shop.idle()
        drawn_by.append({one["customer"] for one in shop.outbox()})
        assert drawn_by[-1] == before and len(before) == 5
    assert drawn_by[0] == drawn_by[1] and drawn_by[0] != set(people[:5])


def test_so_many_in_all_of_many_are_drawn_in_a_moment(make_shop):
    shop = shop_of(make_shop, 'rule few { when 2026-11-23 at 11:00  limit 15000 in all  send sms "a" }',
                   clock="2026-11-23T10:59:00+09:00")
    shop.stop()
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        db.execute("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
                   " INSERT INTO customer(ref, created_at, seen_at) SELECT 'N' || i, 1, 1 FROM n")
        db.commit()
        began = time.monotonic()
        shop.start(clock="2026-11-23T11:00:01+09:00")
        shop.wait(lambda: db.execute("SELECT count(*) FROM rule WHERE name = 'few' AND cursor >= since"
                                     " AND sweep_now IS NULL AND EXISTS (SELECT 1 FROM run)").fetchone()[0], "the draw")
        assert time.monotonic() - began < 5, "nobody is counted anew for each"
        assert db.execute("SELECT count(*) FROM run WHERE planned > 0").fetchone()[0] == 15000


def test_so_many_in_all_over_two_days_and_the_first_come(make_shop):
    shop = shop_of(make_shop, 'rule few { when every day at 11:00  limit 3 in all  limit once per 1 day  send sms "a" }\n'
                   'rule first { when order.paid  limit 2 in all  send sms "b" }', ("A", "B"))
    shop.at("2026-11-23T11:00:01+09:00")
    shop.wait(lambda: len(shop.outbox()) == 2, "both")
    for n, ref in enumerate("ABC"):
        shop.event("order.paid", ref, id=f"o{n}", order=f"{n}", total=10)
    shop.wait(lambda: len(shop.outbox(rule="first")) == 2, "the first two")
    for day in (24, 25):
        shop.at(f"2026-11-{day}T11:00:01+09:00")
        shop.idle()
    shop.wait(lambda: len(shop.outbox(rule="few")) == 3, "one more")
    shop.idle()
    assert len(shop.outbox(rule="few")) == 3 and {one["customer"] for one in shop.outbox(rule="first")} == {"A", "B"}
