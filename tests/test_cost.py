"""What messages cost: spending that adds up whatever becomes of them, and budgets that hold advertisements alone."""
import datetime as dt
import json
import signal
import sqlite3

import pytest
from shop import SHOP, free_port
from test_simulate import rows_of, settled

ALONE = SHOP.replace('owner  sms "010-0000-0000"  email "owner@example.com"', "")
PRICES = "price sms 9원 lms 30원 mms 60원"
SMS = 'sender "0212345678"  refuse "080-123-4567"  ' + PRICES
TEXTS = {"n.sms": "새 원두", "long.sms": "가" * 60, "p.sms": "#{event.order} 고맙습니다", "p.push": "#{event.order}",
         "p.alimtalk": "#{event.order}", "o.owner": "보고"}
JOINED = 'rule ad { when customer.joined  send sms "n"  limit once }\n'
PAID = 'rule paid { when order.paid  purpose info  send sms "p" }\n'


def budgeted(make_shop, budget, rules=JOINED + PAID, shop=ALONE, limits="quiet none  guard none  hold at most 40 days", **more):
    return make_shop(rules=rules, templates=TEXTS, shop=shop, limits=limits,
                     channels={"sms": f"{SMS}  budget {budget}"}, **more)


def join(shop, n, first=0):
    for i in range(first, first + n):
        shop.customer(f"C{i}", "sms data", phone=f"010-1234-{5000 + i}")
        shop.event("customer.joined", f"C{i}", id=f"j{i}")


def pay(shop, ref="C0", order="1"):
    shop.event("order.paid", ref, id="o" + order, order=order, total=10000)


def states(shop, **query):
    """{(state, reason): how many}"""
    shop.idle()
    found = {}
    for one in shop.messages(**query):
        key = one["state"], one["reason"]
        found[key] = found.get(key, 0) + 1
    return found


def in_balance(shop):
    """The rows of spending are the sum of the messages' prices, whatever state they are in; returns it."""
    shop.get("/healthz")
    with sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True) as db:
        spent, n = db.execute("SELECT coalesce(sum(won), 0), coalesce(sum(n), 0) FROM spent").fetchone()
        prices, charged = db.execute("SELECT coalesce(sum(coalesce(price, 0) + coalesce(sunk, 0)), 0),"
                                     " count(price) + count(sunk) FROM message").fetchone()
        never = db.execute("SELECT count(*) FROM message WHERE price IS NOT NULL AND state IN"
                           " ('planned', 'held', 'claimed', 'failed', 'expired')").fetchone()[0]
    assert (spent, never) == (prices, 0) and n >= charged, "each handing counts, also the second one of a message"
    return spent


def spent(shop):
    return shop.status()["spent"]


# ---- what was spent ----

def test_status_tells_what_was_spent_today_and_this_month(make_shop):
    shop = make_shop(rules=JOINED + PAID + 'rule told { when visit  send owner "o" }\n'
                     'rule kakao { when order.placed  purpose info  send alimtalk "p" }', templates=TEXTS,
                     channels={"sms": SMS, "alimtalk": "price 7원"}, limits="quiet none  guard none")
    join(shop, 2)
    pay(shop)
    shop.event("visit", "C0", id="v")
    shop.event("order.placed", "C0", id="k", order="7", total=1)
    shop.ok("POST", "/v1/test-sends", {"customer": "C0", "channel": "sms", "template": "long", "to": "010-9999-0000"})
    shop.idle()
    now = spent(shop)
    # two advertisements, a receipt, the owner's; a long test; by Kakao
    assert (now["today"], now["month"]) == (4 * 9 + 30 + 7, 4 * 9 + 30 + 7), now
    assert now["by_channel"]["sms"] == {"today": 66, "month": 66, "budget": None, "per": None, "left": None, "until": None}
    assert now["by_channel"]["alimtalk"]["today"] == 7 and now["by_channel"]["push"]["month"] == 0
    assert {one["price"] for one in shop.messages(customer="C0")} == {9, 7}
    assert in_balance(shop) == 73
    shown = shop.ctl("status")
    assert "spent: today 73 won, this month 73 won" in shown.out and "sms: today 66, this month 66\n" in shown.out, shown
    assert "쓴 돈: 오늘 73원, 이달 73원" in shop.ctl("status", lang="ko_KR.UTF-8").out
    shop.at("2026-11-24T10:00:00+09:00")
    pay(shop, order="2")
    shop.idle()
    assert (spent(shop)["today"], spent(shop)["month"]) == (9, 82)
    shop.at("2026-12-01T10:00:00+09:00")
    assert (spent(shop)["today"], spent(shop)["month"]) == (0, 0)
    shop.at("2026-11-24T12:00:00+09:00")  # a clock set back
    assert (spent(shop)["today"], spent(shop)["month"]) == (9, 82)


def test_the_day_is_the_shops(make_shop):
    shop = make_shop(rules=PAID, templates=TEXTS, channels={"sms": SMS}, clock="2026-11-30T23:59:00+09:00")
    shop.customer("C0", "sms data", phone="010-1234-5000")
    pay(shop)
    shop.idle()
    assert (spent(shop)["today"], spent(shop)["month"]) == (9, 9)
    shop.at("2026-12-01T00:01:00+09:00")
    assert (spent(shop)["today"], spent(shop)["month"]) == (0, 0)


def test_what_has_no_price_is_not_spent(make_shop):
    shop = make_shop(rules=PAID, templates=TEXTS)
    shop.customer("C0", "sms data", phone="010-1234-5000")
    pay(shop)
    shop.idle()
    assert spent(shop)["month"] == 0 and shop.messages()[0]["price"] is None
    assert "spent" not in shop.ctl("status").out
    assert shop.ok("GET", "/v1/report")["total"]["cost"] is None


@pytest.mark.parametrize("fault,state,won", [(None, "accepted", 7), (400, "failed", 0), ("reset", "unknown", 7),
                                             ((429, {"Retry-After": "1"}), "accepted", 7)], ids=str)
def test_only_what_may_be_charged_is_spent(make_shop, hook_sink, fault, state, won):
    shop = make_shop(rules='rule ad { when customer.joined  send push "p" }', templates={"p.push": "글"}, rate=600,
                     channels={"push": hook_sink.channel() + "price 7원"}, credentials={"push": hook_sink.secret})
    hook_sink.faults = [fault]
    shop.customer("C0", "push data")
    shop.event("customer.joined", "C0", id="j")
    shop.message_in(state, customer="C0")
    assert in_balance(shop) == spent(shop)["month"] == won


def test_an_unknown_sent_once_more_is_paid_for_twice(make_shop, hook_sink):
    shop = make_shop(rules='rule twice { when order.paid  purpose info  resend unknown  send push "p" }', templates=TEXTS,
                     rate=600, channels={"push": hook_sink.channel() + "price 7원"}, credentials={"push": hook_sink.secret})
    hook_sink.faults = ["reset"]
    shop.customer("C0", "push data")
    pay(shop)
    shop.message_in("accepted", customer="C0")
    assert in_balance(shop) == spent(shop)["month"] == shop.one_message()["price"] == 14
    hook_sink.faults = ["reset", "reset"]
    pay(shop, order="2")
    shop.wait(lambda: hook_sink.number == 4 and shop.idle()["unknown"] == 1, "two unknowns")
    assert in_balance(shop) == 28
    again = [one for one in shop.messages() if one["state"] == "unknown"][0]["id"]
    assert shop.ctl("queue", "retry", again, "--may-duplicate").code == 0
    shop.wait(lambda: shop.idle()["accepted"] == 2, "the third of them")
    assert in_balance(shop) == spent(shop)["month"] == 35


def test_sums_stand_after_kill_9(make_shop, hook_sink):
    """Killed amid handing over, with every fault: the rows are the messages' prices, and what was under way is paid for."""
    shop = make_shop(rules='rule paid { when order.paid  purpose info  send push "p" }', templates=TEXTS, rate=60,
                     channels={"push": hook_sink.channel(connections=8) + " price 7원"},
                     credentials={"push": hook_sink.secret})
    odd = [None, 400, "reset", 500, None, (429, {"Retry-After": "0"})]
    hook_sink.fault = lambda number, key, body: odd[number % len(odd)]
    shop.customer("C0", "push data")
    for round_ in range(4):
        for i in range(30):
            pay(shop, order=f"{round_}-{i}")
        shop.wait(lambda: hook_sink.number > round_ * 25 + 5, "some calls")  # pylint: disable=cell-var-from-loop
        shop.kill()
        shop.start(rate=60)
        in_balance(shop)
    shop.wait(lambda: not (shop.queue()["handed"] or shop.queue()["claimed"]), "the end")
    queue = shop.queue()
    assert in_balance(shop) >= 7 * queue["accepted"] > 0
    assert spent(shop)["month"] == in_balance(shop)


def test_report_tells_the_cost_of_each_rule_and_of_each_order(make_shop):
    rules = 'rule ad { when customer.joined  send sms "long"  limit once  goal measures order.paid within 14 days }\n' + PAID
    shop = make_shop(rules=rules, templates=TEXTS, channels={"sms": SMS}, limits="quiet none  guard none")
    join(shop, 3)
    shop.idle()
    shop.at("2026-11-23T11:00:00+09:00")
    pay(shop, "C0", "1")
    pay(shop, "C1", "2")
    shop.idle()
    report = shop.ok("GET", "/v1/report")
    found = {one["rule"]: (one["cost"], one["cost_per_order"], one["orders"]) for one in report["rules"]}
    assert found == {"ad": (90, 45, 2), "paid": (18, None, 0)}, report
    assert (report["total"]["cost"], report["total"]["cost_per_order"]) == (108, 54)
    assert shop.ctl("report", "--json").json["total"]["cost"] == 108 == spent(shop)["month"]
    shown = shop.ctl("report", "ad")
    assert "cost of messages: 90 won, 45 for each credited order" in shown.out, shown
    assert "메시지에 든 돈: 108원, 성과로 친 주문 한 건에 54원" in shop.ctl("report", lang="ko_KR.UTF-8").out


# ---- budgets ----

def test_a_budget_holds_advertisements_until_the_next_period(make_shop):
    shop = budgeted(make_shop, "100원 per day")
    join(shop, 14)
    assert states(shop) == {("accepted", None): 11, ("held", "budget"): 3}
    held = [one for one in shop.messages() if one["state"] == "held"]
    assert {one["due"] for one in held} == {"2026-11-24T00:00:00+09:00"}, held
    place = spent(shop)["by_channel"]["sms"]
    assert place == {"today": 99, "month": 99, "budget": 100, "per": "day", "left": 1, "until": "2026-11-24T00:00:00+09:00"}
    assert "The budget of channel sms, 100 won per day, is used up" in shop.status()["why"]
    assert "1 left of 100 a day" in shop.ctl("status").out
    assert "하루에 100원 가운데 1원 남음" in shop.ctl("status", lang="ko_KR.UTF-8").out
    pay(shop)  # information goes, and counts
    assert states(shop, rule="paid") == {("accepted", None): 1}
    assert spent(shop)["by_channel"]["sms"]["today"] == 108 and spent(shop)["by_channel"]["sms"]["left"] == 0
    shop.at("2026-11-24T00:30:00+09:00")  # the law's night is next
    assert states(shop) == {("accepted", None): 12, ("held", "law_hours"): 3}
    shop.at("2026-11-24T09:00:00+09:00")
    assert states(shop) == {("accepted", None): 15}
    assert in_balance(shop) == 135


@pytest.mark.parametrize("per,before,after", [("week", "2026-11-29T12:00:00", "2026-11-30T12:00:00"),
                                              ("month", "2026-11-30T12:00:00", "2026-12-01T12:00:00")])
def test_a_budget_of_a_week_and_of_a_month(make_shop, per, before, after):
    shop = budgeted(make_shop, f"20원 per {per}")
    join(shop, 3)
    assert states(shop) == {("accepted", None): 2, ("held", "budget"): 1}
    shop.at(before + "+09:00")
    assert states(shop) == {("accepted", None): 2, ("held", "budget"): 1}
    shop.at(after + "+09:00")
    assert states(shop) == {("accepted", None): 3}


def test_a_hold_by_the_budget_ends_as_other_holds_do(make_shop):
    """`hold at most` drops with that reason, and what no longer holds is asked again."""
    shop = budgeted(make_shop, "9원 per month", limits="quiet none  guard none  hold at most 3 days",
                    rules='rule ad { when customer.joined  if not tag "왔음"  send sms "n"  limit once }')
    join(shop, 3)
    assert states(shop) == {("accepted", None): 1, ("held", "budget"): 2}
    shop.ok("PATCH", "/v1/customers/C2", {"tags": ["왔음"]})
    shop.at("2026-11-26T10:00:01+09:00")
    assert states(shop) == {("accepted", None): 1, ("dropped", "budget"): 1, ("dropped", "no_longer"): 1}


def test_a_longer_text_may_not_fit_where_a_short_one_does(make_shop):
    shop = budgeted(make_shop, "35원 per day",
                    rules=JOINED + 'rule long { when visit  send sms "long"  limit once }\n')
    join(shop, 1)
    shop.idle()
    shop.event("visit", "C0", id="v")
    assert states(shop) == {("accepted", None): 1, ("held", "budget"): 1}
    join(shop, 1, first=1)
    assert states(shop) == {("accepted", None): 2, ("held", "budget"): 1}


def test_no_burst_passes_a_budget(make_shop, hook_sink):
    """What is handed and not yet answered counts as spent."""
    shop = make_shop(rules='rule ad { when customer.joined  send push "p"  limit once }', templates={"p.push": "글"},
                     limits="quiet none  guard none", shop=ALONE, credentials={"push": hook_sink.secret},
                     channels={"push": hook_sink.channel(connections=16) + " price 7원  budget 35원 per day"})
    hook_sink.fault = lambda number, key, body: "never"
    for i in range(12):
        shop.customer(f"C{i}", "push data")
        shop.event("customer.joined", f"C{i}", id=f"j{i}")
    shop.wait(lambda: shop.queue()["handed"] == 5 and shop.queue()["held"] == 7, "five under way")
    assert spent(shop)["by_channel"]["push"]["left"] == 0
    hook_sink.fault = lambda number, key, body: None
    hook_sink.released.set()
    shop.wait(lambda: not shop.queue()["handed"], "the answers")
    assert hook_sink.number == 5 and in_balance(shop) == 35


def test_the_owner_is_told_once_near_the_end_and_once_at_it(make_shop):
    shop = budgeted(make_shop, "100원 per month", shop=SHOP.replace('sms "010-0000-0000"  ', ""))
    join(shop, 8)
    shop.idle()
    assert shop.outbox("owner") == []
    join(shop, 4, first=8)
    assert states(shop, rule="ad") == {("accepted", None): 11, ("held", "budget"): 1}
    said = [one["text"] for one in shop.wait(lambda: len(shop.outbox("owner")) == 2 and shop.outbox("owner"), "two mails")]
    assert "81 won of the budget of 100 won per month are spent" in said[0] and "is used up" in said[1], said
    shop.at("2026-11-25T12:00:00+09:00")
    join(shop, 2, first=12)
    assert states(shop, rule="ad")[("held", "budget")] == 3
    assert len(shop.outbox("owner")) == 2, "once a period"
    shop.at("2026-12-01T12:00:00+09:00")
    join(shop, 9, first=14)
    assert states(shop, rule="ad") == {("accepted", None): 22, ("held", "budget"): 1}
    assert len(shop.wait(lambda: len(shop.outbox("owner")) == 4 and shop.outbox("owner"), "two more")) == 4


def test_another_budget_by_sighup_lets_go_or_holds(make_shop):
    shop = budgeted(make_shop, "20원 per month")
    join(shop, 5)
    assert states(shop) == {("accepted", None): 2, ("held", "budget"): 3}
    conf = open(shop.conf, encoding="utf-8").read()
    shop.write("dangol.conf", conf.replace("budget 20원", "budget 40원"))
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: shop.queue()["held"] == 1, "two more")
    assert states(shop) == {("accepted", None): 4, ("held", "budget"): 1}
    shop.at("2026-11-23T15:00:00+09:00")
    assert states(shop) == {("accepted", None): 4, ("held", "budget"): 1}
    shop.write("dangol.conf", conf.replace("budget 20원 per month", ""))
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: shop.queue()["accepted"] == 5, "the last")
    shop.write("dangol.conf", conf.replace(PRICES, ""))
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: shop.status()["rules"]["errors"], "the mistake")
    error = shop.status()["rules"]["errors"][0]
    assert "a budget needs the price of each kind" in error["message"] and "price sms 9원" in error["hint"], error
    assert in_balance(shop) == 45


def test_explain_gives_the_figures(make_shop):
    shop = budgeted(make_shop, "9원 per month")
    join(shop, 1)
    shop.idle()
    shop.customer("C9", "sms data", phone="010-1234-5999")
    shown = shop.ok("GET", "/v1/explain?rule=ad&customer=C9")
    checks = [one for one in shown["checks"] if one["kind"] == "budget"]
    assert len(checks) == 1 and checks[0]["holds"] is False and checks[0]["reason"] == "budget", shown
    assert "9 won per month" in checks[0]["what"] and checks[0]["value"].startswith("0 won left, begins anew 2026-12-01"), checks
    join(shop, 1, first=1)
    shop.idle()
    assert "budget" in shop.ctl("explain", "ad", "C1").out


def test_a_plan_says_what_passes_the_budget(make_shop):
    shop = budgeted(make_shop, "50원 per month", rules='rule vip { when every day at 11:00  if tag "VIP"  send sms "n"  limit once }')
    for i in range(10):
        shop.customer(f"C{i}", "sms data", phone=f"010-1234-{5000 + i}", tags=["VIP"])
    plan = shop.ok("GET", "/v1/rules/vip/plan")
    assert plan["budgets"] == [{"channel": "sms", "cost": 90, "budget": 50, "per": "month", "left": 50,
                                "until": "2026-12-01T00:00:00+09:00"}], plan
    assert "they cost about 90 won and 50 are left of its budget" in shop.ctl("rule", "plan", "vip").out


def test_a_simulation_holds_as_the_daemon_does(make_shop):
    rules = ('rule daily { when every day at 11:00  send sms "n"  limit once per 1 day }\n'
             'rule weekly { when every wednesday at 12:00  send sms "long"  limit once per 2 days }\n' + PAID)
    shop = budgeted(make_shop, "60원 per week", rules=rules, limits="quiet none  guard none  hold at most 5 days")
    for i in range(3):
        shop.customer(f"C{i}", "sms data", phone=f"010-1234-{5000 + i}")
    begin, end = dt.date(2026, 11, 24), dt.date(2026, 12, 4)
    zone = dt.timezone(dt.timedelta(hours=9))
    events = [{"type": "order.paid", "id": f"e{day}", "time": f"2026-{day}T10:15:00+09:00", "customer": {"id": "C0"},
               "data": {"order": day, "total": 1000}} for day in ("11-25", "11-26", "12-01", "12-02")]
    shop.write("events.ndjson", "".join(json.dumps(one) + "\n" for one in events))
    told = shop.simulate("--from", begin, "--to", end, "--events", shop.path("events.ndjson"))
    expected = sorted((one["time"][:19], one["rule"], one["customer"] or "", one["state"], one["reason"] or "") for one in told)
    assert {(one[3], one[4]) for one in expected} >= {("accepted", ""), ("held", "budget"), ("dropped", "budget")}, expected

    instants = {dt.datetime.combine(begin + dt.timedelta(days=i), dt.time(hour), zone)
                for i in range(-1, (end - begin).days + 1) for hour in (0, 8, 11, 12, 20)}
    instants |= {dt.datetime.fromisoformat(one[0]).replace(tzinfo=zone) for one in expected}
    instants |= {dt.datetime.fromisoformat(one["time"]) for one in events}
    for now in sorted(one for one in instants if one > dt.datetime(2026, 11, 23, 10, tzinfo=zone)):
        shop.at(now.isoformat())
        settled(shop, now)
        for event in (one for one in events if dt.datetime.fromisoformat(one["time"]) == now):
            shop.ok("POST", "/v1/events", event)
            settled(shop, now)
    happened = []
    for ms, rule, ref, _, _, state, reason in rows_of(shop):
        time = dt.datetime.fromtimestamp(ms / 1000, zone).replace(microsecond=0)
        if begin <= time.date() <= end:
            happened.append((time.isoformat()[:19], rule, ref, state, reason or ""))
    assert sorted(happened) == expected
    in_balance(shop)


def test_who_takes_over_has_prices_of_its_own(make_shop, hook_sink):
    """One budget for the channel, whichever provider carries its messages; what was not taken is not paid for."""
    there = hook_sink.channel()
    nowhere = there.replace(str(hook_sink.port), str(free_port()))
    rest = "  price 7원  budget 50원 per day  fallback provider outbox  price 8원"
    shop = make_shop(rules='rule ad { when customer.joined  send push "p"  limit once }', templates={"p.push": "글"}, rate=60,
                     limits="quiet none  guard none", shop=ALONE, credentials={"push": hook_sink.secret},
                     channels={"push": nowhere + rest})
    for i in range(6):
        shop.customer(f"C{i}", "push data")
        shop.event("customer.joined", f"C{i}", id=f"j{i}")
    shop.wait(lambda: shop.queue()["accepted"] == 6, "all of them by the second one")
    assert in_balance(shop) == spent(shop)["today"] == 48
    conf = open(shop.conf, encoding="utf-8").read()
    shop.write("dangol.conf", conf.replace(nowhere, there).replace("50원", "60원"))
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: spent(shop)["by_channel"]["push"]["budget"] == 60, "the other budget")
    for i in range(6, 9):
        shop.customer(f"C{i}", "push data")
        shop.event("customer.joined", f"C{i}", id=f"j{i}")
    shop.wait(lambda: shop.queue()["held"] == 2 and shop.queue()["accepted"] == 7, "one more by the first one")
    with sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True) as db:
        found = dict(db.execute("SELECT provider, sum(won) FROM spent GROUP BY provider"))
    assert found == {"webhook": 7, "outbox": 48} and in_balance(shop) == 55
