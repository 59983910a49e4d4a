"""Goals and what they came to: scenario 77, and the report over rules."""
import pytest
from test_door import problem
from test_rules import shop_of

TWO = '''rule first { when customer.joined  send sms "a"  limit once  goal measures order.paid within 14 days }
rule second { when visit  send sms "b"  limit once  goal order.paid within 14 days }
'''


def figures(shop, rule, query=""):
    return shop.ok("GET", f"/v1/report?rule={rule}{query}")["rules"][0]


def credited(shop):
    """{rule: (orders, revenue)} of those that were credited anything; no order twice."""
    report = shop.ok("GET", "/v1/report")
    found = {one["rule"]: (one["orders"], one["revenue"]) for one in report["rules"] if one["orders"] or one["revenue"]}
    assert report["total"] == {"orders": sum(n for n, _ in found.values()), "revenue": sum(w for _, w in found.values()),
                               "cost": None, "cost_per_order": None}, "no channel has a price"
    return found


def met(shop, rule):
    goal = figures(shop, rule)["goal"]
    return goal and goal["met"]


def goals_told(shop, rule):
    """What explain tells of the goal, newest first."""
    history = shop.ok("GET", f"/v1/explain?rule={rule}&customer=C1")["history"]
    return [one["what"] for one in history if one["what"].startswith("goal")]


def written_to(shop, n):
    shop.wait(lambda: shop.queue()["accepted"] == n, f"{n} messages")
    shop.idle()


def both_written(make_shop, rules=TWO, **more):
    """C1 was written to by first at 10:00 and by second at 11:00; it is noon."""
    shop = shop_of(make_shop, rules, **more)
    shop.event("customer.joined", "C1", id="j")
    written_to(shop, 1)
    shop.at("2026-11-23T11:00:00+09:00")
    shop.event("visit", "C1", id="v")
    written_to(shop, 2)
    shop.at("2026-11-23T12:00:00+09:00")
    return shop


def paid(shop, order="1", total=10000, customer="C1", **more):
    shop.event("order.paid", customer, id="o" + order, order=order, total=total, **more)


def test_an_order_is_credited_to_the_later_of_two_rules(make_shop):
    shop = both_written(make_shop)
    assert credited(shop) == {}
    paid(shop)
    assert credited(shop) == {"second": (1, 10000)}
    assert (met(shop, "first"), met(shop, "second")) == (1, 1)
    assert goals_told(shop, "first") == ["goal reached by order 1, not credited to this rule"]
    assert goals_told(shop, "second") == ["goal reached by order 1, credited to this rule"]
    paid(shop, "2", 5000)  # also within the fortnight
    assert credited(shop) == {"second": (2, 15000)}
    assert (met(shop, "first"), met(shop, "second")) == (1, 1), "a run meets its goal once"
    shop.at("2026-12-07T10:30:00+09:00")  # first's is over, second's not yet
    paid(shop, "3", 100)
    shop.at("2026-12-07T11:30:00+09:00")
    paid(shop, "4", 100)
    assert credited(shop) == {"second": (3, 15100)}


def test_an_order_told_twice_counts_once(make_shop):
    shop = both_written(make_shop)
    paid(shop)
    shop.event("order.paid", "C1", id="completed", time="2026-11-23T12:00:00+09:00", order="1", total=10000)
    assert credited(shop) == {"second": (1, 10000)}


def test_an_order_from_before_the_run_told_again_meets_no_goal(make_shop):
    shop = shop_of(make_shop, TWO)
    paid(shop)
    shop.at("2026-11-23T11:00:00+09:00")
    shop.event("visit", "C1", id="v")
    written_to(shop, 1)
    shop.at("2026-11-23T12:00:00+09:00")
    shop.event("order.paid", "C1", id="completed", order="1", total=10000)
    assert met(shop, "second") == 0 and credited(shop) == {}


def test_an_order_before_the_message_is_credited_to_nobody(make_shop):
    shop = shop_of(make_shop, 'rule slow { when visit  wait 1 hour  send sms "b"  limit once  '
                   'goal measures order.paid within 14 days }')
    shop.event("visit", "C1", id="v")
    shop.at("2026-11-23T10:30:00+09:00")
    paid(shop)
    assert met(shop, "slow") == 1 and credited(shop) == {}
    shop.at("2026-11-23T11:00:01+09:00")
    written_to(shop, 1)
    assert credited(shop) == {}, "the message came after it"
    shop.at("2026-11-23T12:00:00+09:00")
    paid(shop, "2", 700)
    assert credited(shop) == {"slow": (1, 700)}


def test_a_late_event_goes_by_its_own_time(make_shop):
    shop = both_written(make_shop)
    paid(shop, time="2026-11-23T10:30:00+09:00")  # before second began
    assert credited(shop) == {"first": (1, 10000)}
    assert (met(shop, "first"), met(shop, "second")) == (1, 0)
    paid(shop, "2", 500, time="2026-11-23T09:59:00+09:00")  # before either
    assert credited(shop) == {"first": (1, 10000)}
    shop.at("2026-12-20T12:00:00+09:00")  # long after the fortnight, about a day in it
    paid(shop, "3", 300, time="2026-11-24T12:00:00+09:00")
    assert credited(shop) == {"first": (1, 10000), "second": (1, 300)}


@pytest.mark.parametrize("kind", ["order.refunded", "order.cancelled"])
def test_s77_refunds_take_revenue_back_out_of_a_campaigns_result(make_shop, kind):
    shop = both_written(make_shop)
    paid(shop)
    paid(shop, "2", 3000)
    shop.event(kind, "C1", id="r1", order="1", amount=4000)
    assert credited(shop) == {"second": (2, 9000)} and met(shop, "second") == 1
    shop.event(kind, "C1", id="r2", order="1", amount=6000)  # the rest of it
    assert credited(shop) == {"second": (1, 3000)}
    assert met(shop, "second") == 1, "the other order still meets it"
    shop.event(kind, "C1", id="r3", order="2")  # all of it
    assert credited(shop) == {}
    assert (met(shop, "first"), met(shop, "second")) == (0, 0)
    assert set(goals_told(shop, "second")) == {f"goal reached by order {n}, taken back since" for n in (1, 2)}
    paid(shop, "3", 200)  # another meets it anew
    assert credited(shop) == {"second": (1, 200)} and met(shop, "second") == 1


def test_a_refund_long_afterwards_counts_too(make_shop):
    shop = both_written(make_shop)
    paid(shop)
    shop.at("2027-02-01T12:00:00+09:00")
    shop.event("order.refunded", "C1", id="r", order="1", amount=1000)
    assert credited(shop) == {"second": (1, 9000)}


def test_an_order_cancelled_before_its_payment_is_told_ends_no_run(make_shop):
    shop = shop_of(make_shop, 'rule r { when visit  send sms "a"  wait 1 day  send sms "b"  limit once  '
                   'goal order.paid within 14 days }')
    shop.event("visit", "C1", id="v")
    written_to(shop, 1)
    shop.at("2026-11-23T12:00:00+09:00")
    shop.event("order.cancelled", "C1", id="x", order="1")
    paid(shop, time="2026-11-23T11:00:00+09:00")
    assert met(shop, "r") == 0 and credited(shop) == {}
    shop.at("2026-11-24T10:00:10+09:00")
    written_to(shop, 2)


def test_the_held_out_are_measured_and_take_nothing(make_shop):
    people = [f"P{n}" for n in range(30)]
    shop = shop_of(make_shop, 'rule all { when customer.joined  send sms "a"  limit once  goal order.paid within 3 days }\n'
                   'rule some { when visit  holdout 50%  send sms "b"  limit once  goal order.paid within 3 days }', people)
    for kind in ("customer.joined", "visit"):
        for ref in people:
            shop.event(kind, ref, id=kind + ref)
        shop.idle()
        shop.at(f"2026-11-23T1{1 if kind[0] == 'c' else 2}:00:00+09:00")
    written = {one["customer"] for one in shop.outbox(rule="some")}
    kept = set(people) - written
    assert 5 < len(kept) < 25
    buyers = sorted(written)[:4] + sorted(kept)[:1]
    for ref in buyers:
        paid(shop, ref, 1000, ref)
    some = figures(shop, "some")
    assert (some["runs"], some["held_out"]) == (30, len(kept))
    assert some["accepted"] == {"sms": len(written)}
    assert some["goal"] == {"runs": len(written), "met": 4, "rate": round(4 / len(written), 4), "open": len(written)}
    assert some["holdout"] == {"runs": len(kept), "met": 1, "rate": round(1 / len(kept), 4), "open": len(kept)}
    assert abs(some["lift"] - (4 / len(written) - 1 / len(kept))) < 0.0001
    assert some["lift_sure"] is False
    assert credited(shop) == {"some": (4, 4000), "all": (1, 1000)}, "what one held out buys is the other rule's"
    shop.event("order.refunded", sorted(kept)[0], id="r", order=sorted(kept)[0])
    assert figures(shop, "some")["holdout"]["met"] == 0


def test_a_goal_that_is_no_order(make_shop):
    shop = shop_of(make_shop, 'rule r { when order.paid  send sms "a"  limit once  goal measures review.posted within 9 days }')
    paid(shop)
    written_to(shop, 1)
    shop.event("review.posted", "C1", id="rv", order="1", sku="X", stars=5)
    shop.event("review.posted", "C1", id="rv2", order="1", sku="Y", stars=5)
    assert met(shop, "r") == 1 and credited(shop) == {}
    assert goals_told(shop, "r") == ["goal reached"]
    shop.event("order.refunded", "C1", id="r", order="1")
    assert met(shop, "r") == 1, "the review stands"


def test_erasing_keeps_the_figures(make_shop):
    shop = both_written(make_shop)
    paid(shop)
    before = shop.ok("GET", "/v1/report")
    assert shop.call("DELETE", "/v1/customers/C1").status in (200, 204)
    assert shop.ok("GET", "/v1/report") == before


COUPON = '''rule r { when visit  give coupon ten  send sms "c" else email "a"  limit once  goal order.paid within 14 days }
rule idle { when search.made  send sms "a" }
coupon ten { discount 10%  code "BD-######"  valid 30 days }
'''


def with_coupon(make_shop, **more):
    shop = shop_of(make_shop, COUPON, ("C1", "C2"), templates={"c.sms": "#{coupon.code}"}, **more)
    for ref in ("C1", "C2"):
        shop.event("visit", ref, id="v" + ref)
    written_to(shop, 2)
    shop.at("2026-11-24T12:00:00+09:00")
    paid(shop, total=1234567, coupon=shop.outbox(customer="C1")[0]["coupon"])
    return shop


def test_report_as_json(make_shop):
    shop = with_coupon(make_shop)
    asked = shop.ctl("report", "r", "--json")
    assert asked.code == 0 and asked.json == shop.ok("GET", "/v1/report?rule=r")
    assert asked.json == {
        "from": None, "to": None, "total": {"orders": 1, "revenue": 1234567, "cost": None, "cost_per_order": None},
        "rules": [{"rule": "r", "removed": False, "runs": 2, "held_out": 0, "accepted": {"sms": 2}, "delivered": {"sms": 0},
                   "goal": {"runs": 2, "met": 1, "rate": 0.5, "open": 2}, "holdout": None, "lift": None,
                   "lift_sure": None, "orders": 1, "revenue": 1234567, "cost": None, "cost_per_order": None,
                   "coupons": {"given": 2, "redeemed": 1}}]}
    idle = figures(shop, "idle")
    assert idle["runs"] == 0 and idle["goal"] is None and idle["accepted"] == {}
    assert [one["rule"] for one in shop.ok("GET", "/v1/report")["rules"]] == ["idle", "r"]


def test_report_counts_runs_of_the_shops_days(make_shop):
    shop = with_coupon(make_shop, clock="2026-11-23T09:00:00+09:00")
    for first, last, runs in (("2026-11-23", "2026-11-23", 2), ("2026-11-24", "", 0), ("", "2026-11-22", 0),
                              ("20261101", "2026-11-30", 2)):
        query = (f"&from={first}" if first else "") + (f"&to={last}" if last else "")
        found = figures(shop, "r", query)
        assert found["runs"] == runs, query
        assert found["orders"] == (1 if runs else 0), "all that belongs to those runs, whenever it was"
        options = [f"--from={first}"] * bool(first) + [f"--to={last}"] * bool(last)
        assert shop.ctl("report", "r", *options, "--json").json["rules"] == [found]
    problem(shop.get("/v1/report?from=yesterday"), 422)
    problem(shop.get("/v1/report?from=2026-11-24&to=2026-11-23"), 422)
    problem(shop.get("/v1/report?rule=none"), 404)
    refused = shop.ctl("report", "none")
    assert refused.code == 1 and "none" in refused.err
    assert shop.ctl("report", "r", "--to", "soon").code == 1
    assert shop.ctl("report", "a", "b").code == 2


@pytest.mark.parametrize("lang", ["C.UTF-8", "ko_KR.UTF-8"])
def test_report_in_text(make_shop, lang):
    english = lang[0] == "C"
    shop = with_coupon(make_shop)
    table = shop.ctl("report", lang=lang).out.splitlines()
    assert table[0].split()[0] == ("rule" if english else "규칙")
    assert table[2].split() == ["r", "2", "0", "2", "1/2", "50.0%", "-", "1", "1,234,567"]
    assert table[1].split() == ["idle", "0", "0", "0", "-", "-", "0", "0"]
    assert "1,234,567" in table[-1]
    one = shop.ctl("report", "r", lang=lang).out
    for words in (("sms: 2 accepted", "1 of 2, 50.0 %", "1 orders, 1,234,567 won", "2 given, 1 redeemed") if english else
                  ("sms: 접수 2건", "1/2, 50.0%", "주문 1건, 환불을 뺀 1,234,567원", "준 것 2장, 쓴 것 1장")):
        assert words in one, one


@pytest.mark.parametrize("how", ["switch", "file"])
def test_a_rule_that_is_off_is_still_measured(make_shop, how):
    shop = both_written(make_shop)
    if how == "switch":
        assert shop.ctl("rule", "off", "second").code == 0
    else:
        shop.rule("shop.rule", TWO.replace("rule second {", "rule second { off "))
        assert shop.ctl("reload").code == 0
    paid(shop)
    assert credited(shop) == {"second": (1, 10000)} and met(shop, "second") == 1


def test_a_removed_rule_keeps_its_report(make_shop):
    shop = both_written(make_shop)
    paid(shop)
    before = figures(shop, "second")
    shop.rule("shop.rule", TWO.splitlines()[0])
    assert shop.ctl("reload").code == 0
    assert figures(shop, "second") == {**before, "removed": True}
    assert credited(shop) == {"second": (1, 10000)}
    shop.event("order.refunded", "C1", id="r", order="1", amount=1000)
    assert credited(shop) == {"second": (1, 9000)}
