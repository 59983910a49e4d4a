"""Simulation: the same as the daemon would do, counted, priced, and beside other rules."""
import contextlib
import datetime as dt
import json
import os
import re
import signal
import sqlite3
import subprocess

import pytest

from shop import BUILD, wait

KST = dt.timezone(dt.timedelta(hours=9))
PRICES = {"sms": 'sender "0212345678"  refuse "080-123-4567"  price sms 9원 lms 30원',
          "email": 'from "단골커피 <hi@example.com>"  price 1원', "push": "price 0원"}
PUBLIC = 'url "https://m.example.com"'
TEXTS = {f"{name}.{channel}": ("Subject: 소식\n\n" if channel == "email" else "") + "#{이름}님, 안녕하세요"
         for name in "abc" for channel in ("sms", "email", "push", "brandmessage")}
TEXTS["gift.sms"] = "#{coupon.code} #{coupon.expires|date}"
TEXTS["o.owner"] = "보고"


def instant(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=KST)


# ---- simulate over a span equals the daemon under the rehearsal clock over that span ----

SAME = '''
coupon welcome { discount 10%  code "GIFT-########"  valid 7 days }
rule thanks { when order.paid  purpose info  send sms "a" }
rule every { when every 2nd order.paid  send push "b"  limit once per 1 day }
rule cart {
    when cart.added
    wait 2 hours unless order.paid
    send sms "b" else email "b"
    limit once per 3 days
}
rule birthday {
    when 3 days before birthday at 10:00
    give welcome
    send brandmessage "c" else sms "gift"
}
rule moon { when birthday at 11:00  send push "a" }
rule lapsed {
    when 20 days after last order at 09:30
    send sms "a"
    wait 5 days unless order.paid
    if no order.paid in last 5 days { send email "b" }
    limit once per 60 days
    goal order.paid within 7 days
}
rule weekly { when every monday at 22:00  if orders.count >= 1  holdout 30%  send sms "b"  limit once per 10 days }
rule campaign {
    when 2026-12-05 at 12:00
    split { 50% "글" { send sms "a" } 50% "편지" { send email "a" } }
}
rule soon { when 3 hours after last visit  send push "c"  limit once per 2 days }
rule family { when 2026-12-08 at 12:00  one per address  send sms "c" }
rule report { when every friday at 18:00  send owner "o" }
fields { customer.opening date }
segment lost { last order at least 24 days ago }
segment busy { orders.count in last 10 days >= 1 }
segment thanked { received thanks in last 6 days }
rule lost { when enters lost at 10:30  send push "a" }
rule busy { when enters busy  send push "b" }
rule calm { when leaves busy at 14:00  send push "c" }
rule told { when leaves thanked at 15:00  send email "c" }
rule opening { when 2 days before customer.opening at 13:00  send push "a" }
rule ends { when 2 days before coupon welcome expires at 16:00  purpose ad  send push "b" }
rule booked {
    when reservation.made
    purpose info
    wait for order.paid up to 2 days { send email "a" } else { send email "b" }
}
rule three { when 2026-12-09 at 12:00  limit 3 in all  send push "c" }
rule low { when stock below 5  send owner "o" }
rule word { when message.sent where (event.rule = "lapsed")  send owner "o" }
'''
SAME_EVENTS = [
    ("2026-11-27T13:07:00", "visit", "C2", {}), ("2026-11-29T13:08:00", "cart.added", "C1", {"sku": "S", "quantity": 1}),
    ("2026-11-29T14:09:00", "order.paid", "C1", {"order": "N1", "total": 9000}),
    ("2026-11-30T21:30:00", "cart.added", "C3", {"sku": "S", "quantity": 1}),
    ("2026-12-01T20:11:00", "visit", "C4", {}), ("2026-12-01T20:31:00", "visit", "C4", {}),
    ("2026-12-02T09:12:00", "order.paid", "C5", {"order": "N2", "total": 9000}),
    ("2026-12-02T09:13:00", "order.paid", "C5", {"order": "N3", "total": 7000}),
    ("2026-12-07T13:14:00", "order.paid", "C6", {"order": "N4", "total": 9000}),
    ("2026-12-08T09:20:00", "reservation.made", "C9", {"reservation": "R1", "at": "2026-12-12T15:00:00+09:00"}),
    ("2026-12-08T09:21:00", "reservation.made", "C11", {"reservation": "R2", "at": "2026-12-12T16:00:00+09:00"}),
    ("2026-12-09T09:22:00", "order.paid", "C9", {"order": "N5", "total": 9000}),
    ("2026-12-10T13:15:00", "cart.added", "C7", {"sku": "S", "quantity": 1}),
    ("2026-12-11T09:00:00", "stock.changed", None, {"sku": "S", "quantity": 3})]


def people(shop):
    """Twelve, each a little different: consents, addresses, birthdays, orders."""
    for n in range(12):
        fields = {"name": f"손님{n}", "phone": f"010-1234-{5600 + n // 2 * 2 if n > 9 else 5600 + n}",
                  "birthday": f"1990-{12 if n % 3 else 11:02d}-{n + 1:02d}"}
        if n % 4:
            fields["email"] = f"c{n}@example.com"
        if n % 5 == 4:
            fields["birthday_calendar"] = "lunar"
        fields["attributes"] = {"opening": f"2026-12-{n + 1:02d}"}
        shop.ok("PUT", f"/v1/customers/C{n}", fields)
        for channel in [c for i, c in enumerate(("sms", "email", "kakao", "push", "data")) if (n + i) % 6]:
            shop.consent(f"C{n}", channel)
        if n % 2:
            shop.ok("PUT", f"/v1/orders/O{n}", {"customer": f"C{n}", "total": 10000 + n, "status": "paid",
                                                "time": f"2026-11-{10 + n:02d}T15:00:00+09:00"})


def rows_of(shop):
    """Every message of the daemon as a simulation would tell of it, and what is still due before that instant."""
    with sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True) as db:
        return db.execute(
            "SELECT coalesce(m.sent_at, m.ended_at, m.held_at, m.planned_at), m.rule, c.ref, m.template, m.channel, m.state, m.reason"
            " FROM message m LEFT JOIN customer c ON c.id = m.customer").fetchall()


def settled(shop, now):
    """Waits until nothing is due any more at that instant, and stays so."""
    last = []

    def still():
        shop.get("/healthz")
        ms = int(now.timestamp() * 1000)
        with sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True) as db:
            due = db.execute("SELECT (SELECT count(*) FROM message WHERE due_at <= ?1) + (SELECT count(*) FROM run WHERE due_at <= ?1)"
                             " + (SELECT count(*) FROM rule WHERE sweep_now > 0)"
                             " + (SELECT count(*) FROM message WHERE state IN ('claimed', 'handed'))", (ms,)).fetchone()[0]
        last.append(rows_of(shop))
        return not due and len(last) > 3 and last[-1] == last[-2] == last[-3]
    shop.wait(still, f"the end of what is due at {now}")


def test_a_span_is_the_same_under_the_rehearsal_clock(make_shop):
    begin, end = dt.date(2026, 11, 26), dt.date(2026, 12, 16)
    shop = make_shop(rules=SAME, templates=TEXTS, channels=PRICES, listen=PUBLIC, limits="quiet none  guard none  ads 1 per day")
    assert shop.status()["rules"]["loaded"] == 21, shop.status()
    people(shop)
    events = [{"type": kind, "id": f"e{i}", "time": time + "+09:00", "data": data, **({"customer": {"id": ref}} if ref else {})}
              for i, (time, kind, ref, data) in enumerate(SAME_EVENTS)]
    shop.write("events.ndjson", "".join(json.dumps(one) + "\n" for one in events))
    told = shop.simulate("--from", begin, "--to", end, "--events", shop.path("events.ndjson"))
    expected = sorted((one["time"][:19], one["rule"], one["customer"] or "", one["template"], one["channel"], one["state"],
                       one["reason"] or "") for one in told)
    assert shop.messages() == []

    # The daemon is woken at every instant of the simulation, at each event, and seven times a day besides.
    days = [begin - dt.timedelta(days=3) + dt.timedelta(days=i) for i in range((end - begin).days + 4)]
    instants = {dt.datetime.combine(day, dt.time(hour), KST) for day in days for hour in (0, 8, 11, 12, 14, 15, 20)}
    instants |= {instant(one[0]) for one in expected} | {instant(one[0]) for one in SAME_EVENTS}
    for now in sorted(one for one in instants if one > instant("2026-11-23T10:00:00")):
        shop.at(now.isoformat())
        settled(shop, now)
        for event in (one for one in events if instant(one["time"][:19]) == now):
            shop.ok("POST", "/v1/events", event)
            settled(shop, now)
    happened = []
    for ms, *rest in rows_of(shop):
        time = dt.datetime.fromtimestamp(ms / 1000, KST).replace(microsecond=0)
        if begin <= time.date() <= end:
            happened.append((time.isoformat()[:19], *[value or "" for value in rest]))
    assert sorted(happened) == expected
    rules = {one[1] for one in expected}
    assert rules == set(re.findall(r"^rule (\w+)", SAME, re.M)), rules
    assert len(expected) > 50 and {one[5] for one in expected} >= {"accepted", "dropped"}, expected


# ---- counts, costs, reasons ----

YEAR = '''
rule birthday { when birthday at 10:00  send sms "a" else email "a" }
rule night { when every monday at 22:00  send sms "b"  limit once per 300 days }
rule report { when every friday at 18:00  send owner "o" }
'''


@pytest.fixture
def shop(make_shop):
    shop = make_shop(rules=YEAR, templates=TEXTS, channels=PRICES, listen=PUBLIC)
    for n in range(3):
        shop.ok("PUT", f"/v1/customers/C{n}", {"name": "김하늘", "phone": f"010-1234-567{n}", "birthday": f"--12-2{n}"})
    for n in (0, 1):
        for channel in ("sms", "data"):
            shop.consent(f"C{n}", channel)
    return shop


def counted(shop, **body):
    answer = shop.post("/v1/simulate", {"from": "2026-12-01", "to": "2026-12-31", **body})
    assert answer.status == 200, answer
    return [json.loads(line) for line in answer.body.splitlines()]


def test_counts_by_rule_and_day_and_what_was_held_back_and_why(shop):
    rows = counted(shop, summary=True)
    days = {(one["day"], one["rule"]): (one["sent"], one["held_back"]) for one in rows if "day" in one}
    assert days[("2026-12-20", "birthday")] == (1, 0) and days[("2026-12-21", "birthday")] == (1, 0)
    assert days[("2026-12-22", "birthday")] == (0, 1)  # two legs, one who got nothing
    assert [key for key in days if key[1] == "report"] == [(f"2026-12-{n:02d}", "report") for n in (4, 11, 18, 25)]
    why = {(one["rule"], one["reason"]): (one["not_sent"], one["sent_later"]) for one in rows if "reason" in one}
    assert why[("birthday", "no_address")] == (1, 0), why  # the last leg's
    lines = counted(shop)
    assert len(lines) == sum(a + b for a, b in days.values()) + 1 and all("state" in one for one in lines)


def test_messages_that_waited_for_their_hour_are_told(make_shop):
    shop = make_shop(rules=YEAR, templates=TEXTS, channels=PRICES, listen=PUBLIC, clock="2026-12-01T10:00:00+09:00")
    shop.customer("C1", phone="010-1234-5678")
    rows = counted(shop, summary=True)
    assert [(one["not_sent"], one["sent_later"]) for one in rows if one.get("reason") == "law_hours"] == [(0, 1)]


def test_cost_in_won_by_channel_and_kind(shop):
    costs = {(one["channel"], one["kind"]): (one["count"], one["cost"]) for one in counted(shop, summary=True) if "cost" in one}
    assert costs[("owner", "SMS")] == (4, 36) and costs[("sms", "SMS")][1] == 9 * costs[("sms", "SMS")][0]
    lines = counted(shop)
    assert sum(one["price"] for one in lines if one["price"]) == sum(won for _, won in costs.values())
    assert {one["price"] for one in lines if one["state"] != "accepted"} == {None}
    shop.template("a.sms", "긴 글 " * 30)
    shop.template("b.sms", "긴 글 " * 30)
    shop.ok("POST", "/v1/reload")
    costs = {(one["channel"], one["kind"]): (one["count"], one["cost"]) for one in counted(shop, summary=True) if "cost" in one}
    assert costs[("sms", "LMS")][1] == 30 * costs[("sms", "LMS")][0] > 0


def test_a_price_that_nobody_named_is_no_nought(make_shop):
    shop = make_shop(rules='rule b { when birthday at 10:00  send sms "a" }', templates=TEXTS)
    shop.customer("C1", phone="010-1234-5678", birthday="--12-24")
    assert [one["cost"] for one in counted(shop, summary=True) if "cost" in one] == [None]
    shown = shop.ctl("simulate", "--from", "2026-12-01", "--to", "2026-12-31")
    assert "?" in shown.out and "no price" in shown.out, shown


@pytest.mark.parametrize("lang, words", [("C.UTF-8", ("week", "mon", "held back", "in all")),
                                         ("ko_KR.UTF-8", ("주", "월", "보류", "모두"))])
def test_a_calendar_on_a_terminal(shop, lang, words):
    shown = shop.ctl("simulate", "--from", "2026-12-01", "--to", "2026-12-31", lang=lang)
    assert shown.code == 0 and all(word in shown.out for word in words), shown
    week = shown.out.split("2026-12-14")[1].split("2026-12-21")[0].splitlines()
    assert week[0].split() == ["14", "15", "16", "17", "18", "19", "20"]
    assert {"birthday": "······1", "report": "····1··"}.items() <= {
        line.split()[0]: "".join(line.split()[1:]) for line in week[1:] if line.strip()}.items(), shown


def test_nothing_to_send(make_shop):
    shown = make_shop(rules="").ctl("simulate", "--from", "2026-12-01", "--to", "2026-12-02")
    assert shown.code == 0 and shown.out == "nothing would be sent\n", shown


def test_today_is_the_daemons(shop):
    """A rehearsal is somewhere else in time: so is what it simulates."""
    answer = shop.post("/v1/simulate", {})
    first = min(json.loads(line)["time"] for line in answer.body.splitlines())
    assert "2026-11-23" <= first[:10] <= "2026-11-27", first


# ---- beside other rules ----

def draft(shop, text):
    os.makedirs(shop.path("draft"), exist_ok=True)
    shop.write("draft/a.rule", text)
    return shop.path("draft")


def changes(shop, text):
    rows = counted(shop, diff=draft(shop, text))
    return ([one for one in rows if "change" in one], {one["rule"]: one for one in rows if "added" in one},
            {(one["channel"], one["kind"]): one for one in rows if "cost" in one})


def test_the_same_rules_change_nothing(shop):
    shop.rule("c.rule", 'coupon k { discount 10%  code "K-########" }\nrule gift { when birthday at 12:00  give k  send sms "gift" }')
    shop.ok("POST", "/v1/reload")
    said = open(shop.path("rules", "shop.rule"), encoding="utf-8").read() + open(shop.path("rules", "c.rule"), encoding="utf-8").read()
    lines, rules, costs = changes(shop, said + "# codes differ, words do not\n")
    assert lines == [] and rules == {}
    assert all(one["cost"] == one["cost_before"] and one["count"] == one["count_before"] > 0 for one in costs.values())


def test_what_changes_by_customer(shop):
    new = YEAR.replace("birthday at 10:00", "birthday at 11:00").replace("every friday", "every saturday") + \
        'rule more { when 2026-12-09 at 12:00  send sms "c" }'
    lines, rules, costs = changes(shop, new)
    customers = [one["customer"] or "" for one in lines]
    assert customers == sorted(customers), "in order of customer"
    moved = next(one for one in lines if one["customer"] == "C0" and one["rule"] == "birthday")
    assert moved["change"] == "changed"
    assert (moved["before"]["time"][:13], moved["after"]["time"][:13]) == ("2026-12-20T10", "2026-12-20T11")
    assert {one["change"] for one in lines if one["rule"] == "more"} == {"added"}
    assert all(one["before"] is None and one["after"]["template"] == "c" for one in lines if one["rule"] == "more")
    assert (rules["report"]["added"], rules["report"]["removed"]) == (4, 4)
    assert rules["more"]["added"] == 3 and rules["birthday"]["changed"] == 4
    sms = costs[("sms", "SMS")]
    assert sms["count"] - sms["count_before"] == 2 and sms["cost"] - sms["cost_before"] == 18
    gone, _, _ = changes(shop, new.split("rule night")[0])
    assert {one["change"] for one in gone if one["rule"] == "report"} == {"removed"}


def test_other_words_are_a_change(shop):
    lines, _, _ = changes(shop, YEAR.replace('send sms "a"', 'send sms "c"'))
    assert {one["rule"] for one in lines} == {"birthday"}
    assert {(one["before"]["template"], one["after"]["template"]) for one in lines} == {("a", "c")}


def test_the_changes_on_a_terminal(shop):
    shown = shop.ctl("simulate", "--from", "2026-12-01", "--to", "2026-12-31", "--diff",
                     draft(shop, YEAR.replace("birthday at 10:00", "birthday at 11:00")))
    assert shown.code == 0, shown
    assert "C0  birthday  2026-12-20 10:00 sms a accepted → 2026-12-20 11:00 sms a accepted\n" in shown.out, shown
    same = shop.ctl("simulate", "--diff", shop.path("rules"))
    assert same.code == 0 and same.out == "nothing would change\n", same


def test_mistakes_in_a_draft_are_told_and_nothing_is_left_behind(shop):
    shown = shop.ctl("simulate", "--diff", draft(shop, "rule x {"))
    assert shown.code == 1 and "draft/a.rule:1:9" in shown.err, shown
    assert shop.ctl("simulate", "--diff", shop.path("nowhere")).code == 1
    assert shop.post("/v1/simulate", {"diff": "draft"}).status == 422
    assert shop.post("/v1/simulate", {"summary": 3}).status == 422
    shop.simulate("--from", "2026-12-01", "--to", "2026-12-02", "--diff", shop.path("rules"))
    assert not [name for name in os.listdir(shop.root) if name.startswith(".simulate")]


def copies(shop):
    return [name for name in os.listdir(shop.root) if name.startswith(".simulate")]


def files_of(pid):
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(f"/proc/{pid}/fd/{fd}")


def test_a_killed_simulation_leaves_no_copy(shop):
    """The copy holds everybody's names: it has none of its own once it is open, and a half-made one goes with the next."""
    run = subprocess.Popen([os.path.join(BUILD, "dangold"), "--simulate", "-c", shop.path("dangol.conf"), "--from", "2026-12-01", "--to", "2126-12-01"],
                           stdout=subprocess.DEVNULL)
    wait(lambda: any(".simulate" in name and "deleted" in name for name in files_of(run.pid)), "the copy without a name")
    assert not copies(shop)
    run.kill()
    assert run.wait() == -signal.SIGKILL and not copies(shop)
    gone = subprocess.Popen(["true"])
    gone.wait()
    shop.write(f".simulate-{gone.pid}-0.db", "half")
    shop.simulate("--from", "2026-12-01", "--to", "2026-12-02")
    assert not copies(shop)


# ---- rules whose cause is another message, or a border ----

def assumed(shop, *events):
    lines = [{"type": kind, "id": f"a{n}", "time": time + "+09:00", "customer": {"id": ref}, "data": {"order": order, "total": 1000}}
             for n, (time, kind, ref, order) in enumerate(events)]
    shop.write("events.ndjson", "".join(json.dumps(one) + "\n" for one in lines))
    return "--events", shop.path("events.ndjson")


def test_what_tells_of_messages_is_not_told_of(make_shop):
    shop = make_shop(rules='rule thanks { when order.paid  send sms "a" }\nrule tell { when message.sent  send owner "o" }',
                     templates=TEXTS)
    shop.customer("C1", consents="sms data", phone="01012345678")
    told = shop.simulate("--from", "2026-11-24", "--to", "2026-12-10",
                         *assumed(shop, ("2026-11-25T10:00:00", "order.paid", "C1", "x1")), timeout=20)
    assert [(one["rule"], one["channel"]) for one in told] == [("thanks", "sms"), ("tell", "owner")]
    shop.event("order.paid", "C1", id="now", order="now", total=1000)
    shop.wait(lambda: len(shop.outbox()) >= 2, "the message and word of it")
    shop.idle()
    assert sorted(one["rule"] for one in shop.messages()) == ["tell", "thanks"]


def test_borders_draws_and_the_guard(make_shop):
    """Who crosses by an event crosses at once, who crosses by time at the rule's hour; the draw and the guard hold."""
    shop = make_shop(rules='''segment vip { orders.count >= 2 }
segment lost { last order at least 30 days ago }
rule up { when enters vip  send sms "a" }
rule down { when leaves vip  send sms "a" }
rule gone { when enters lost at 11:00  send sms "a" }
rule first { when 2026-12-01 at 10:00  send sms "a"  limit 3 in all }
rule much { when 2026-12-03 at 10:00  send sms "a" }''', templates=TEXTS, limits="guard 5")
    for n in range(10):
        shop.customer(f"C{n}", consents="sms data", phone=f"0101234000{n}")
    shop.event("order.paid", "C1", id="now", order="now", total=1000)
    shop.idle()
    told = shop.simulate("--from", "2026-11-24", "--to", "2027-01-10", *assumed(
        shop, ("2026-11-25T10:00:00", "order.paid", "C1", "x1"), ("2026-11-26T10:00:00", "order.cancelled", "C1", "x1")))
    happened = {rule: [(one["time"][:16], one["customer"], one["state"]) for one in told if one["rule"] == rule]
                for rule in ("up", "down", "gone")}
    assert happened == {"up": [("2026-11-25T10:00", "C1", "accepted")], "down": [("2026-11-26T10:00", "C1", "accepted")],
                        "gone": [("2026-12-23T11:00", "C1", "accepted")]}
    assert len([one for one in told if one["rule"] == "first"]) == 3
    assert [one["state"] for one in told if one["rule"] == "much"].count("held") == 5
