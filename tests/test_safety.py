"""Changing rules safely: what is cancelled is shown, whom a rule reaches, the blast guard and what the owner is told."""
import contextlib
import os
import signal
import sqlite3
import threading

import pytest
from shop import UnixConnection, free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
TEXTS = {"a.sms": "가", "b.sms": "나", "c.sms": "다 #{coupon.code}", "a.email": "Subject: 가\n\n가"}


def shop_of(make_shop, rules, people=("C1",), **more):
    shop = make_shop(rules=rules, templates={**TEXTS, **more.pop("templates", {})}, listen=PUBLIC.format(free_port()),
                     **more)
    for n, ref in enumerate(people):
        shop.customer(ref, phone=f"0101234{n:04}", email=f"{ref.lower()}@example.com")
    return shop


def change_of(answer, rule):
    found = [change for change in answer["changes"] if change["rule"] == rule]
    assert len(found) == 1, answer
    return found[0]


WAITS = 'rule waits { when order.paid  send sms "a"  wait 3 days  send sms "b" }'
COUPON = '''coupon ten "열" { discount 10%  code "T-######"  valid 7 days }
rule gives { when order.paid  give coupon ten  wait 1 day  send sms "c" }
'''
NIGHT = 'rule night { when order.paid  send sms "a" }'


def test_s79_a_deleted_file_shows_what_was_cancelled(make_shop):
    """Its timers go, and what was cancelled is shown: in the answer, in the journal, in the audit."""
    shop = shop_of(make_shop, {"waits.rule": WAITS, "gives.rule": COUPON, "stays.rule":
                               'rule stays { when visit  send sms "a"  limit 9 per day }'}, ("C1", "C2"))
    for ref in ("C1", "C2"):
        shop.event("order.paid", ref, id="o" + ref, order=ref, total=1)
    shop.wait(lambda: len(shop.outbox(rule="waits")) == 2, "the first step")
    for name in ("waits.rule", "gives.rule"):
        os.rename(shop.path("rules", name), shop.path(name))
    answer = shop.ok("POST", "/v1/reload")
    assert answer["rules"] == 1
    gone = change_of(answer, "waits")
    assert (gone["what"], gone["ended"], gone["dropped"], gone["coupons"]) == ("removed", 2, 0, 0)
    gone = change_of(answer, "gives")
    assert (gone["what"], gone["ended"], gone["dropped"], gone["coupons"]) == ("removed", 2, 0, 2)
    assert "rule gives is gone: 2 runs ended, 0 messages dropped, 2 coupons given back" in shop.log()
    entries = shop.ok("GET", "/v1/audit")["audit"]
    assert {one["target"] for one in entries if one["what"] == "rule.removed"} == {"waits", "gives"}
    shop.at("2026-11-27T10:00:00+09:00")
    shop.idle()
    assert len(shop.outbox()) == 2, "no timer was left"
    assert shop.ok("POST", "/v1/reload")["changes"] == []


def test_s79_what_waits_at_the_gate_goes_too(make_shop):
    """A rule of one message has no open run; its messages that wait for the morning are dropped all the same."""
    shop = shop_of(make_shop, {"night.rule": NIGHT}, ("C1", "C2"))
    shop.at("2026-11-23T23:00:00+09:00")
    for ref in ("C1", "C2"):
        shop.event("order.paid", ref, id="o" + ref, order=ref, total=1)
    shop.wait(lambda: shop.queue()["held"] == 2, "the law's night")
    os.remove(shop.path("rules", "night.rule"))
    ran = shop.ctl("reload")
    assert ran.code == 0 and "night: removed\n  0 runs ended, 2 messages dropped, 0 coupons given back" in ran.out, ran
    assert all((m["state"], m["reason"]) == ("dropped", "rule_off") for m in shop.messages())
    shop.at("2026-11-24T09:00:00+09:00")
    shop.idle()
    assert not shop.outbox()


def test_a_reload_says_what_is_new_changed_renamed_and_off(make_shop):
    shop = shop_of(make_shop, {"waits.rule": WAITS, "night.rule": NIGHT})
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: len(shop.outbox()) == 2, "both rules")
    shop.rule("more.rule", 'rule more { when visit  send sms "b"  limit once }')
    assert [(c["rule"], c["what"]) for c in shop.ok("POST", "/v1/reload")["changes"]] == [("more", "added")]
    shop.rule("night.rule", NIGHT.replace('"a"', '"b"'))
    assert [(c["rule"], c["what"]) for c in shop.ok("POST", "/v1/reload")["changes"]] == [("night", "changed")]
    shop.rule("night.rule", NIGHT.replace('"a"', '"b"').replace("rule night {", "rule dusk { was night"))
    renamed = change_of(shop.ok("POST", "/v1/reload"), "dusk")
    assert (renamed["what"], renamed["was"]) == ("renamed", "night")
    shop.rule("waits.rule", WAITS.replace("{ when", "{ off  when"))
    ran = shop.ctl("reload", lang="ko_KR.UTF-8")
    assert "waits: 꺼짐\n  진행 1건을 끝내고, 메시지 0건을 버리고, 쿠폰 0장을 되돌렸습니다" in ran.out, ran


def test_what_the_watcher_took_over_is_told_by_the_next_reload(make_shop):
    """A saved file is in force before the owner can ask: what that cancelled is still his to hear, once."""
    shop = shop_of(make_shop, {"waits.rule": WAITS, "night.rule": NIGHT})
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: len(shop.outbox()) == 2, "both rules")
    os.remove(shop.path("rules", "waits.rule"))
    shop.wait(lambda: "rule waits is gone" in shop.log(), "the watcher")
    gone = change_of(shop.ok("POST", "/v1/reload"), "waits")
    assert (gone["what"], gone["ended"]) == ("removed", 1)
    assert shop.ok("POST", "/v1/reload")["changes"] == []


CROWD = 20000


def crowd_inside(make_shop):
    """A shop with very many customers inside of a rule, as a store that was filled over the years."""
    shop = shop_of(make_shop, {"waits.rule": WAITS.replace("3 days", "300 days")})
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: len(shop.outbox()) == 1, "the first step")
    shop.stop()
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as store, store:
        store.execute("WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < ?)"
                      " INSERT INTO run(rule, customer, occasion, version, pc, started_at, due_at, step_at, planned)"
                      " SELECT rule, 1000 + v * 7919 % 1000003, 'x', version, pc, started_at + v, due_at + v, step_at,"
                      " 1 FROM run, s WHERE ended_at IS NULL", (CROWD - 1,))
    shop.start()
    return shop


def test_s79_very_many_runs_end_between_other_calls(make_shop):
    """No turn is long by it: others are answered meanwhile, and what is said at the end is all of it."""
    shop = crowd_inside(make_shop)
    answers, others = [], 0
    off = threading.Thread(target=lambda: answers.append(shop.ok("POST", "/v1/rules/waits/off")))
    off.start()
    other = UnixConnection(shop.socket)
    while not answers:
        other.request("GET", "/healthz")
        other.getresponse().read()
        others += 1
    off.join()
    assert others > 10, "the others waited for it"
    assert (answers[0]["ended"], answers[0]["state"]) == (CROWD, "off")
    assert f"rule waits is off: {CROWD} runs ended, 0 messages dropped, 0 coupons given back" in shop.log()
    assert shop.ok("POST", "/v1/rules/waits/on")["state"] == "on"
    shop.event("order.paid", "C1", id="o2", order="2", total=1)
    shop.wait(lambda: len(shop.outbox()) == 2, "it counts from then")


def test_s79_a_killed_ending_goes_on(make_shop):
    """The file is gone and the daemon dies amid the ending: the next one ends the rest and knows the sum."""
    shop = crowd_inside(make_shop)
    os.remove(shop.path("rules", "waits.rule"))

    def reload():
        with contextlib.suppress(OSError):
            shop.call("POST", "/v1/reload")

    threading.Thread(target=reload, daemon=True).start()
    shop.wait(lambda: "what waits of it is being ended" in shop.log(), "the beginning")
    shop.kill()
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as store:
        assert store.execute("SELECT count(*) FROM run WHERE ended_at IS NULL").fetchone()[0] > 0, "killed too late"
    shop.start()
    shop.wait(lambda: f"rule waits is gone: {CROWD} runs ended" in shop.log(), "the end")
    entries = shop.ok("GET", "/v1/audit")["audit"]
    assert [one["target"] for one in entries if one["what"] == "rule.removed"] == ["waits"]


def test_rule_off_says_what_it_dropped(make_shop):
    shop = shop_of(make_shop, COUPON)
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    off = shop.ok("POST", "/v1/rules/gives/off")
    assert (off["ended"], off["dropped"], off["coupons"]) == (1, 0, 1)


# ---- whom a rule reaches ----

PRICED = {"sms": 'sender "0212345678"  refuse "080-123-4567"  price sms 9원 lms 30원 mms 60원'}
VIP = 'rule vip { when every day at 11:00  if tag "VIP"  send sms "a"  limit once }'


def people_of_a_plan(shop):
    """Ten with the tag: eight could be written to, of whom one has had it; one refused, one has no phone."""
    for n in range(10):
        ref = f"V{n}"
        shop.customer(ref, phone=f"0105555{n:04}" if n != 9 else None, tags=["VIP"],
                      consents="data" if n == 8 else "sms data")
    shop.customer("X", phone="01077770000")


def test_s73_turning_on_a_rule_says_whom_it_would_reach(make_shop):
    """And starts from now: the hour that is past is not made up for."""
    shop = shop_of(make_shop, VIP, (), channels=PRICED)
    people_of_a_plan(shop)
    shop.ok("POST", "/v1/rules/vip/off")
    shop.at("2026-11-24T15:00:00+09:00")
    ran = shop.ctl("rule", "on", "vip")
    assert ran.code == 0, ran
    assert "now: 10 customers, 8 of them would be written to (sms 8), about 72 won" in ran.out, ran
    assert "1 no_consent" in ran.out and "1 no_address" in ran.out, ran
    assert "within a week: 10 customers, 8 of them" in ran.out, ran
    shop.idle()
    assert not shop.outbox(), "it counts from now"
    shop.at("2026-11-25T11:00:01+09:00")
    shop.wait(lambda: len(shop.outbox()) == 8, "its next hour")
    shop.idle()
    plan = shop.ok("GET", "/v1/rules/vip/plan")
    assert (plan["now"]["found"], plan["now"]["reached"], plan["now"]["cost"]) == (10, 0, 0), plan
    assert plan["now"]["left_out"] == {"already_in": 10} and plan["week"]["left_out"] == {"limit": 10}, plan
    assert plan["complete"] is True and plan["owner"] is False


def test_s73_a_changed_rule_is_planned_by_the_reload(make_shop):
    shop = shop_of(make_shop, VIP, (), channels=PRICED)
    people_of_a_plan(shop)
    shop.rule("shop.rule", VIP.replace('if tag "VIP"', 'if not tag "VIP"'))
    answer = shop.ok("POST", "/v1/reload")
    assert [plan["rule"] for plan in answer["plans"]] == ["vip"]
    assert (answer["plans"][0]["now"]["found"], answer["plans"][0]["sample"]) == (1, ["X"])
    shop.rule("shop.rule", VIP)
    ran = shop.ctl("reload", lang="ko_KR.UTF-8")
    assert "지금: 고객 10명, 그 가운데 8명에게 나갑니다 (sms 8), 약 72원" in ran.out, ran
    assert shop.ok("POST", "/v1/reload")["plans"] == []


@pytest.mark.parametrize("rule, found, reached, left", [
    ('when 3 days before birthday at 10:00  send sms "a"', (0, 1), (0, 1), {}),
    ('when 30 days after last order at 11:00  send sms "a"  limit once', (0, 1), (0, 1), {}),
    ('when 20 hours after last visit  send sms "a"  limit once', (0, 1), (0, 1), {}),
    ('when order.paid where (event.total >= 100)  send sms "a"', (3, 1), (3, 1), {}),
    ('when every 2nd order.paid  send sms "a"', (3, 1), (3, 1), {}),
    ('when every 2nd order.paid where (event.total >= 100)  send sms "a"', (3, 0), (3, 0), {}),
    ('when every 2nd order.paid where (event.total >= 50)  send sms "a"', (3, 1), (3, 1), {}),
    ('when every day at 11:00  holdout 99%  send sms "a"  limit once', (3, 3), (1, 1), {"holdout": 2}),
    ('when every day at 11:00  send email "n" else sms "a"  limit once', (3, 3), (3, 3), {}),
    ('when every day at 11:00  if customer.city = "서울"  tag "x"  limit once', (1, 1), (1, 1), {}),
    ('when every monday at 11:00  send owner "o"', (0, 0), (0, 0), {}),
    ('when 2026-11-27 at 11:00  send sms "a"', (3, 3), (3, 3), {}),
    ('when 2026-11-27 at 11:00  send sms "a"  limit 2 in all', (3, 3), (2, 2), {"limit": 1}),
])
def test_plans_of_each_kind_of_rule(make_shop, rule, found, reached, left):
    """What the sweep, the conditions, the limits and the gate themselves say, for today and for seven days."""
    shop = shop_of(make_shop, "rule r { %s }" % rule, (), templates={"o.owner": "사장님", "n.email": "Subject: 가\n\n나"})
    shop.customer("C1", phone="01012340001", birthday="1990-11-29", city="서울")
    shop.customer("C2", phone="01012340002")
    shop.customer("C3", phone="01012340003", email="c3@example.com")
    shop.event("visit", "C1", id="v1", time="2026-11-23T09:00:00+09:00")
    for n, total in enumerate((50, 500)):
        shop.event("order.paid", "C1", id=f"o{n}", order=f"O{n}", total=total, time="2026-10-27T09:00:00+09:00")
    for n, total in enumerate((50, 500)):
        shop.event("order.paid", "C2", id=f"p{n}", order=f"P{n}", total=total)
    plan = shop.ok("GET", "/v1/rules/r/plan")
    spans = (plan["now"], plan["week"])
    assert tuple(span["found"] for span in spans) == found, plan
    assert tuple(span["reached"] for span in spans) == reached, plan
    assert all(span["left_out"] == left for span in spans if span["found"]), plan
    assert plan["owner"] is ("owner" in rule)


def test_a_plan_names_a_long_customer_whole(make_shop):
    shop = shop_of(make_shop, VIP, ())
    shop.customer("V" * 100, phone="01055550000", tags=["VIP"])
    assert shop.ok("GET", "/v1/rules/vip/plan")["sample"] == ["V" * 100]


def test_a_plan_of_no_rule(make_shop):
    shop = shop_of(make_shop, VIP, ())
    assert shop.get("/v1/rules/none/plan").status == 404
    assert shop.ctl("rule", "plan", "none").code == 1
    ran = shop.ctl("rule", "plan", "vip", "--json")
    assert ran.json["now"]["found"] == 0 and ran.json["now"]["cost"] == 0


# ---- what the owner is told ----

POOL = '''coupon ten "열" { discount 10%  codes "ten.txt"  valid 7 days }
rule gives { when order.paid  purpose ad  give coupon ten  send sms "c" }
'''


def notices(shop, **more):
    return [one for one in shop.outbox() if one["rule"] == "daemon" and one["purpose"] == "notice"]


def test_s75_an_empty_pool_holds_the_message_and_tells_the_owner_once(make_shop):
    """Once a day for each coupon, however many find none left; then the codes come and all get theirs."""
    shop = make_shop(rules={"gives.rule": POOL, "ten.txt": "AAAA\n"}, templates=TEXTS, limits="quiet none  guard none")
    for n in range(4):
        shop.customer(f"C{n}", phone=f"0101234{n:04}")
        shop.event("order.paid", f"C{n}", id=f"o{n}", order=f"O{n}", total=1)
    shop.wait(lambda: notices(shop), "the notice")
    shop.idle()
    assert len(shop.outbox(rule="gives")) == 1
    told = notices(shop)
    assert len(told) == 1 and told[0]["to"] == "+821000000000" and told[0]["customer"] == "owner", told
    assert told[0]["text"].startswith("Coupon ten: no code is left."), told
    message = shop.one_message(rule="daemon")
    assert (message["state"], message["customer"], message["purpose"]) == ("accepted", "owner", "notice")
    shop.at("2026-11-23T20:00:00+09:00")
    shop.idle()
    assert len(notices(shop)) == 1, "once a day"
    shop.at("2026-11-24T09:00:00+09:00", lang="ko_KR.UTF-8")
    shop.wait(lambda: len(notices(shop)) == 2, "the next day")
    assert notices(shop)[1]["text"].startswith("쿠폰 ten의 코드가 다 떨어졌습니다.")
    shop.rule("ten.txt", "AAAA\nBBBB\nCCCC\nDDDD\n")
    shop.ok("POST", "/v1/reload")
    shop.at("2026-11-24T09:30:00+09:00")
    shop.wait(lambda: len(shop.outbox(rule="gives")) == 4, "the others")
    assert {one["coupon"] for one in shop.outbox(rule="gives")} == {"AAAA", "BBBB", "CCCC", "DDDD"}


def test_a_notice_without_a_way_to_the_owner_stands_in_the_journal(make_shop):
    shop = make_shop(rules={"gives.rule": POOL, "ten.txt": "\n"}, templates=TEXTS,
                     shop='shop { name "단골"  phone "02-1"  timezone "Asia/Seoul"  law korea }\n')
    shop.customer("C1", phone="01012340001")
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: "Coupon ten: no code is left" in shop.log(), "the journal")
    assert not shop.messages()


def test_notices_of_two_long_korean_names_are_two(make_shop):
    """A name has 64 bytes: none of them is cut, so that rules that begin alike are each asked about."""
    names = ["단골손님께드리는가을맞이할인쿠폰을" + letter * 3 for letter in "가나"]
    rules = "".join(f'rule {name} {{ when visit  send sms "a"  limit 9 per day  late 90 minutes }}\n' for name in names)
    shop = shop_of(make_shop, rules, limits="quiet none  guard 0")
    shop.event("visit", "C1", id="v1")
    shop.wait(lambda: len(notices(shop)) == 2, "both questions")
    assert all(one["text"].endswith("it is dropped after 90 minutes.") for one in notices(shop))


# ---- the blast guard ----

DAILY = 'rule daily { when every day at 11:00  if tag "GO"  send sms "a"  limit 1 per day }'
GUARD = "quiet none  guard 5"


def crowd(shop, n, tag="GO", first=0):
    for i in range(first, first + n):
        shop.customer(f"G{i}", phone=f"0106666{i:04}", tags=[tag], consents="sms data")


def guard_of(shop, rule="daily"):
    return shop.ok("GET", f"/v1/rules/{rule}")["guard"]


def at_eleven(shop, day, count, rule="daily"):
    """The next day's hour: waits until count messages of the rule were accepted in all."""
    shop.at(f"2026-{day}T11:00:01+09:00")
    shop.wait(lambda: len(shop.outbox(rule=rule)) == count, f"{count} messages")
    shop.idle()


def test_s74_a_rule_that_would_send_far_more_is_held_and_the_owner_asked(make_shop):
    """Five a day for two days, then ninety: what is beyond is held, asked about once, let go at the owner's word."""
    shop = shop_of(make_shop, DAILY, (), limits=GUARD, channels=PRICED)
    crowd(shop, 5)
    at_eleven(shop, "11-24", 5)
    at_eleven(shop, "11-25", 10)
    assert not notices(shop) and guard_of(shop) == {"allowed": 5, "started": 5, "held": 0}
    crowd(shop, 85, first=5)
    at_eleven(shop, "11-26", 15)
    held = [m for m in shop.messages(rule="daily") if m["state"] == "held"]
    assert len(held) == 85 and {m["reason"] for m in held} == {"blast_guard"}
    assert {m["due"] for m in held} == {None}
    assert guard_of(shop) == {"allowed": 5, "started": 5, "held": 85}
    shop.wait(lambda: notices(shop), "the question")
    assert len(notices(shop)) == 1 and "more than 5 customers in 24 hours" in notices(shop)[0]["text"]
    assert "85 customers wait for your word" in shop.status()["why"]
    ran = shop.ctl("rule", "plan", "daily")
    assert "held by the blast guard: 85" in ran.out, ran
    ran = shop.ctl("rule", "approve", "daily")
    assert ran.code == 0 and "85 released, 0 still held; 270 may start in 24 hours" in ran.out, ran
    assert "within a week: 90 customers" in ran.out and "won" in ran.out, ran
    shop.wait(lambda: len(shop.outbox(rule="daily")) == 100, "all of them")
    shop.idle()
    assert len(notices(shop)) == 1
    at_eleven(shop, "11-27", 190)
    assert guard_of(shop)["held"] == 0, "as many again are no surprise"


def test_s74_approved_up_to_a_number_before_anything_is_held(make_shop):
    shop = shop_of(make_shop, DAILY, (), limits=GUARD)
    crowd(shop, 20)
    approved = shop.ok("POST", "/v1/rules/daily/approve", {"up_to": 12})
    assert (approved["released"], approved["guard"]["allowed"]) == (0, 12), approved
    assert approved["plans"][0]["week"]["reached"] == 20
    at_eleven(shop, "11-24", 12)
    assert guard_of(shop) == {"allowed": 12, "started": 12, "held": 8}
    ran = shop.ctl("rule", "approve", "daily", "--up-to", "15")
    assert "3 released, 5 still held; 15 may start in 24 hours" in ran.out, ran
    shop.wait(lambda: len(shop.outbox(rule="daily")) == 15, "three more")
    for up_to in (0, -1, "many", 1.5, 10 ** 12):
        assert shop.post("/v1/rules/daily/approve", {"up_to": up_to}).status == 422
    assert shop.ctl("rule", "approve", "daily", "--up-to", "some").code == 1
    shop.rule("shop.rule", DAILY.replace("11:00", "12:00"))
    shop.ok("POST", "/v1/reload")
    assert guard_of(shop)["allowed"] == 5, "a number is approved for what the rule was"


def test_s74_held_for_longer_than_late_it_is_dropped(make_shop):
    """With its run and its coupon; while the rule is paused nothing is lost."""
    rules = '''coupon ten "열" { discount 10%  code "T-######"  valid 7 days }
rule daily { when every day at 11:00  if tag "GO"  give coupon ten  send sms "c"  wait 1 day  send sms "b"
             limit once  late 2 hours }'''
    shop = shop_of(make_shop, rules, (), limits=GUARD)
    crowd(shop, 7)
    at_eleven(shop, "11-24", 5)
    shop.ok("POST", "/v1/rules/daily/pause")
    shop.at("2026-11-24T13:00:05+09:00")
    shop.event("visit", "G0", id="v1")
    assert guard_of(shop)["held"] == 2, "paused"
    shop.ok("POST", "/v1/rules/daily/resume")
    shop.at("2026-11-24T14:59:00+09:00")
    assert guard_of(shop)["held"] == 2
    shop.at("2026-11-24T15:00:30+09:00")
    shop.wait(lambda: guard_of(shop)["held"] == 0, "too late")
    lost = [m for m in shop.messages(rule="daily") if m["state"] == "dropped"]
    assert len(lost) == 2 and {m["reason"] for m in lost} == {"blast_guard"}
    shop.at("2026-11-25T11:00:30+09:00")
    shop.wait(lambda: len(shop.outbox(rule="daily")) == 10, "the second step of those who were let go")
    shop.idle()
    off = shop.ok("POST", "/v1/rules/daily/off")
    assert off["coupons"] == 0 and off["ended"] == 0


def test_s74_drop_and_skip(make_shop):
    shop = shop_of(make_shop, 'rule paid { when order.paid  send sms "a"  limit 9 per day }', (), limits=GUARD)
    crowd(shop, 30, tag="P")

    def pay(first, n):
        for i in range(first, first + n):
            shop.event("order.paid", f"G{i}", id=f"o{i}", order=f"O{i}", total=1)
    pay(0, 8)
    shop.wait(lambda: guard_of(shop, "paid")["held"] == 3, "three held")
    ran = shop.ctl("rule", "drop", "paid")
    assert ran.code == 0 and "paid: 3 dropped" in ran.out, ran
    pay(8, 2)
    assert guard_of(shop, "paid")["held"] == 2
    ran = shop.ctl("rule", "skip", "paid", lang="ko_KR.UTF-8")
    assert "paid: 2건을 버렸습니다\n  2026-11-24 00:00까지" in ran.out, ran
    pay(10, 4)
    shop.idle()
    assert guard_of(shop, "paid") == {"allowed": 5, "started": 5, "held": 0}
    assert len(shop.messages(rule="paid")) == 10, "skipped ones plan nothing"
    shop.at("2026-11-24T12:00:00+09:00")
    pay(14, 6)
    shop.wait(lambda: len(shop.outbox(rule="paid")) == 10, "the next day's five")
    assert guard_of(shop, "paid")["held"] == 1
    shop.ok("POST", "/v1/rules/paid/off")
    assert shop.messages(rule="paid", state="held") == [] and guard_of(shop, "paid")["held"] == 0


@pytest.mark.parametrize("rule, limits", [
    ('purpose info  when order.paid  send sms "a"', GUARD),
    ('when order.paid  send owner "o"', GUARD),
    ('when order.paid  tag "x"  send owner "o"', GUARD),
    ('when order.paid  send sms "a"', "quiet none  guard none"),
])
def test_what_the_guard_does_not_watch(make_shop, rule, limits):
    shop = shop_of(make_shop, "rule r { %s }" % rule, (), limits=limits, templates={"o.owner": "사장님"})
    crowd(shop, 9, tag="P")
    for i in range(9):
        shop.event("order.paid", f"G{i}", id=f"o{i}", order=f"O{i}", total=1)
    shop.wait(lambda: len(shop.outbox(rule="r")) == 9, "all of them")
    assert guard_of(shop, "r") is None
    for word in ("approve", "drop", "skip"):
        assert shop.post(f"/v1/rules/r/{word}").status == 409
        assert shop.post(f"/v1/rules/none/{word}").status == 404


def test_a_held_out_run_and_a_whole_journey_under_the_guard(make_shop):
    """A run that is held stands at its first message; released it goes on to its end."""
    rule = 'rule two { when order.paid  wait 1 hour  send sms "a"  wait 1 day  send sms "b" }'
    shop = shop_of(make_shop, rule, (), limits="quiet none  guard 1")
    crowd(shop, 2, tag="P")
    for i in range(2):
        shop.event("order.paid", f"G{i}", id=f"o{i}", order=f"O{i}", total=1)
    assert guard_of(shop, "two")["held"] == 1
    shop.at("2026-11-23T11:00:10+09:00")
    shop.wait(lambda: len(shop.outbox(rule="two")) == 1, "the first one's")
    held = shop.message_in("held", customer="G1")
    assert held["reason"] == "blast_guard"
    shop.ok("POST", "/v1/rules/two/approve")
    shop.wait(lambda: len(shop.outbox(rule="two")) == 2, "the other's")
    shop.at("2026-11-24T11:00:30+09:00")
    shop.wait(lambda: len(shop.outbox(rule="two")) == 4, "both second steps")


def test_simulate_shows_what_the_guard_holds(make_shop):
    shop = shop_of(make_shop, DAILY, (), limits=GUARD)
    crowd(shop, 8)
    lines = shop.simulate("--from", "2026-11-25", "--to", "2026-11-25")
    states = [(line["state"], line["reason"]) for line in lines]
    assert states.count(("accepted", None)) == 5 and states.count(("held", "blast_guard")) == 3, lines


def test_a_refused_word_was_not_taken(make_shop):
    """Words to the guard that all come in one round of the loop: whoever is told to come again has approved nothing."""
    shop = shop_of(make_shop, {"vip.rule": VIP}, limits="quiet none  guard 1")
    connections = [UnixConnection(shop.socket) for _ in range(60)]
    for one in connections:
        one.connect()
    shop.ok("GET", "/v1/rules")  # all were accepted
    os.kill(shop.process.pid, signal.SIGSTOP)
    for one in connections:
        one.request("POST", "/v1/rules/vip/approve", "{}", {"Content-Type": "application/json"})
    os.kill(shop.process.pid, signal.SIGCONT)
    said = [one.getresponse().status for one in connections]
    assert set(said) == {200, 429}, said
    entries = shop.ok("GET", "/v1/audit?limit=200")["audit"]
    assert sum(one["what"] == "rule.approve" for one in entries) == said.count(200)
