"""Time: scenarios 20 to 26b."""
import contextlib
import datetime
import json
import signal
import sqlite3

import pytest
from shop import free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
DAILY = 'rule daily { when every day at 11:00  send sms "d"  limit 1 per day %s }'
D = {"d.sms": "오늘의 원두"}


def test_s20_within_late_it_runs_when_the_daemon_is_back(make_shop):
    shop = make_shop(rules=DAILY % "late 2 hours", templates=D)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.at("2026-11-23T12:30:00+09:00")
    message = shop.message_in("accepted", customer="C1")
    assert message["rule"] == "daily"


def test_s20_past_late_it_is_missed_and_never_blasted_later(make_shop):
    shop = make_shop(rules=DAILY % "late 2 hours", templates=D)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.at("2026-11-23T13:30:00+09:00")
    shop.at("2026-11-23T19:00:00+09:00")
    shop.event("visit", "C1")
    assert shop.messages() == []
    missed = [one for one in shop.ok("GET", "/v1/audit")["audit"] if one["what"] == "missed"]
    assert [one["target"] for one in missed] == ["daily"], missed
    shop.at("2026-11-24T11:00:30+09:00")
    message = shop.message_in("accepted", customer="C1")
    assert message["sent"].startswith("2026-11-24T11:00")
    assert len(shop.outbox()) == 1


def test_s20_default_late_of_a_timed_rule_is_twelve_hours(make_shop):
    for back, expected in (("2026-11-23T19:00:00+09:00", 1), ("2026-11-24T10:59:00+09:00", 0)):
        shop = make_shop(rules=DAILY % "", templates=D)
        shop.customer("C1", "sms data", phone="01012345678")
        shop.at(back)
        shop.event("visit", "C1")
        shop.idle()
        if expected:
            shop.wait(lambda: shop.outbox(), "the late one")
        assert len(shop.outbox()) == expected, back


def test_s20_turning_on_counts_from_now(make_shop):
    shop = make_shop(rules=DAILY % "off", templates=D, clock="2026-11-23T10:30:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.at("2026-11-23T11:30:00+09:00")
    shop.rule("shop.rule", DAILY % "")
    shop.ok("POST", "/v1/reload")
    shop.event("visit", "C1")
    shop.idle()
    assert shop.messages() == []
    shop.at("2026-11-24T11:00:00+09:00")
    shop.message_in("accepted", customer="C1")


def days(found, **match):
    return [m["time"][:10] for m in found if all(m.get(k) == v for k, v in match.items())]


def test_s21_every_day_of_a_year_on_the_minute(make_shop):
    shop = make_shop(rules='rule d { when every day at 09:00  send sms "d"  limit 1 per day }', templates=D)
    shop.customer("C1", "sms data", phone="01012345678")
    found = shop.simulate("--from", "2027-01-01", "--to", "2027-12-31")
    wanted = [(datetime.date(2027, 1, 1) + datetime.timedelta(n)).isoformat() for n in range(365)]
    assert days(found, customer="C1", state="accepted") == wanted
    assert {m["time"][10:16] for m in found} == {"T09:00"}
    assert all(m["time"].endswith("+09:00") for m in found)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_s22_the_machines_zone_does_not_matter(make_shop, zone):
    shop = make_shop(rules='rule b { when birthday at 08:30  send sms "d" }\n'
                     'rule m { when every monday at 08:00  send sms "d"  limit 1 per day }',
                     templates=D, clock="2026-11-23T07:00:00+09:00", env={"TZ": zone})
    shop.customer("C1", "sms data", phone="01012345678", birthday="1990-11-23")
    shop.customer("C2", "sms data", phone="01012345679", birthday="1990-11-22")
    shop.customer("C3", "sms data", phone="01012345670", birthday="1990-11-24")
    shop.at("2026-11-23T08:00:00+09:00", TZ=zone)
    shop.wait(lambda: len(shop.outbox(rule="m")) == 3, "Monday's")
    shop.at("2026-11-23T08:31:00+09:00", TZ=zone)
    shop.wait(lambda: shop.outbox(rule="b"), "the birthday's")
    shop.idle()
    assert [one["customer"] for one in shop.outbox(rule="b")] == ["C1"]
    for message in shop.messages():
        assert message["planned"].startswith("2026-11-23T08:") and message["planned"].endswith("+09:00")


# lunar month, day, and the solar days on which it is kept (KASI)
LUNAR = {
    "L0101": ("01-01", False, {2026: ["2026-02-17"], 2027: ["2027-02-07"], 2028: ["2028-01-27"]}),
    "L0505": ("05-05", False, {2026: ["2026-06-19"], 2027: ["2027-06-09"], 2028: ["2028-05-28"]}),
    "L0815": ("08-15", False, {2026: ["2026-09-25"], 2027: ["2027-09-15"], 2028: ["2028-10-03"]}),
    # twice in 2026 counted by solar year: 01-08 (lunar 2025) and 12-28 (lunar 2026); none in 2028
    "L1120": ("11-20", False, {2026: ["2026-01-08", "2026-12-28"], 2027: ["2027-12-17"], 2028: []}),
    # lunar day 30: the twelfth month has 29 days in lunar 2025, 30 in lunar 2026
    "L1230": ("12-30", False, {2026: ["2026-02-16"], 2027: ["2027-02-06"]}),
    # born in a leap sixth month: kept in the ordinary one
    "LEAP6": ("06-01", True, {2026: ["2026-07-14"]}),
}


def test_s23_lunar_birthdays(make_shop):
    shop = make_shop(rules='rule b { when birthday at 10:00  send sms "d" }', templates=D,
                     clock="2026-01-01T12:00:00+09:00")
    for n, (ref, (day, leap, _)) in enumerate(LUNAR.items()):
        shop.customer(ref, "sms data", phone=f"0101234{n:04}", birthday=f"--{day}", birthday_calendar="lunar",
                      birthday_leap_month=leap)
    found = shop.simulate("--from", "2026-01-02", "--to", "2028-12-31")
    for ref, (_, _, by_year) in LUNAR.items():
        got = days(found, customer=ref, rule="b", state="accepted")
        for year, wanted in by_year.items():
            assert [d for d in got if d.startswith(str(year))] == wanted, (ref, year, got)


def test_s23_29_february_and_unknown_year(make_shop):
    shop = make_shop(rules='rule b { when birthday at 10:00  send sms "d" }\n'
                     'rule w { when 7 days before birthday at 10:00  send sms "d" }', templates=D)
    shop.customer("LEAP", "sms data", phone="01012345678", birthday="1992-02-29")
    shop.customer("NOYEAR", "sms data", phone="01012345679", birthday="0000-03-05")
    shop.customer("NONE", "sms data", phone="01012345670")
    assert shop.ok("GET", "/v1/customers/NOYEAR")["birthday"] == "--03-05"
    found = shop.simulate("--from", "2027-01-01", "--to", "2028-12-31")
    assert days(found, customer="LEAP", rule="b") == ["2027-02-28", "2028-02-29"]
    assert days(found, customer="LEAP", rule="w") == ["2027-02-21", "2028-02-22"]
    assert days(found, customer="NOYEAR", rule="b") == ["2027-03-05", "2028-03-05"]
    assert days(found, customer="NOYEAR", rule="w") == ["2027-02-26", "2028-02-27"]
    assert not days(found, customer="NONE", rule="b") and not days(found, customer="NONE", rule="w")


def test_s23_months_before_a_birthday_reach_every_month_end(make_shop):
    shop = make_shop(rules='rule m { when 1 month before birthday at 10:00  send sms "d" }', templates=D)
    dates = [f"03-{day}" for day in range(27, 32)] + ["04-01", "04-30", "05-31", "12-31"]
    for n, date in enumerate(dates):
        shop.customer(date, "sms data", phone=f"0101234567{n}", birthday=f"1990-{date}")
    found = shop.simulate("--from", "2027-01-01", "--to", "2027-12-31")
    wanted = ["02-27", "02-28", "02-28", "02-28", "02-28", "03-01", "03-30", "04-30", "11-30"]
    for date, day in zip(dates, wanted):
        assert days(found, customer=date) == [f"2027-{day}"], date


def test_s23_birthday_edited_the_day_after_its_message(make_shop):
    shop = make_shop(rules='rule b { when birthday at 10:00  send sms "d" }', templates=D,
                     clock="2026-11-23T09:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678", birthday="--11-23")
    shop.at("2026-11-23T10:00:00+09:00")
    shop.message_in("accepted", customer="C1")
    shop.at("2026-11-24T09:00:00+09:00")
    assert shop.call("PATCH", "/v1/customers/C1", {"birthday": "--11-24"}).status == 200
    shop.at("2026-11-24T10:00:30+09:00")
    shop.event("visit", "C1")
    shop.idle()
    assert len(shop.outbox()) == 1


def test_s23_imported_on_the_birthday_itself(make_shop):
    shop = make_shop(rules='rule b { when birthday at 10:00  send sms "d" }', templates=D,
                     clock="2026-11-23T09:00:00+09:00")
    rows = "id,phone,birthday,consent_sms,consent_data,consent_time\n{},010-1234-56{},1990-11-23,1,1,2026-01-01T00:00:00+09:00\n"
    shop.write("early.csv", rows.format("EARLY", "78"))
    shop.write("after.csv", rows.format("AFTER", "79"))
    assert shop.ctl("import", "customers", shop.path("early.csv")).code == 0
    shop.at("2026-11-23T10:30:00+09:00")
    shop.wait(lambda: shop.outbox(), "the one imported before the hour")
    assert shop.ctl("import", "customers", shop.path("after.csv")).code == 0
    shop.at("2026-11-23T11:00:00+09:00")
    shop.event("visit", "AFTER")
    shop.idle()
    assert [one["customer"] for one in shop.outbox()] == ["EARLY"]


BIRTHDAY_COUPON = '''rule b { when birthday at 10:00  give coupon ten  send sms "c" }
coupon ten { discount 10%  code "BD-######"  valid 30 days }
'''


def test_s24_three_years_three_messages_three_coupons(make_shop):
    shop = make_shop(rules=BIRTHDAY_COUPON, templates={"c.sms": "생일 축하 #{coupon.code}"},
                     clock="2026-05-01T09:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678", birthday="1990-05-05")
    codes = []
    for year in (2026, 2027, 2028):
        for day in ("05-05T10:00:10", "05-06T10:00:10", "08-01T10:00:10"):
            shop.at(f"{year}-{day}+09:00")
            if day.startswith("05-05"):
                shop.wait(lambda: len(shop.outbox(rule="b")) == year - 2025, f"the birthday of {year}")
                codes.append(shop.outbox(rule="b")[-1]["coupon"])
                redeemed = shop.post(f"/v1/coupons/{codes[-1]}/redeem", {"customer": "C1", "order": f"A{year}",
                                                                         "amount": 10000})
                assert redeemed.status == 200, redeemed
            shop.idle()
    assert len(set(codes)) == 3 and len(shop.outbox(rule="b")) == 3
    assert all(shop.ok("GET", f"/v1/coupons/{code}")["state"] == "redeemed" for code in codes)


def test_s25_every_monday_in_the_shops_zone(make_shop):
    shop = make_shop(rules='rule m { when every monday at 08:00  send sms "d"  limit 1 per day }', templates=D)
    shop.customer("C1", "sms data", phone="01012345678")
    found = shop.simulate("--from", "2026-12-01", "--to", "2026-12-31")
    assert [m["time"][:16] for m in found] == [f"2026-12-{d:02}T08:00" for d in (7, 14, 21, 28)]


def test_s25_every_month_on_a_day_and_on_the_last(make_shop):
    shop = make_shop(rules='rule one { when every month on 31 at 09:00  send sms "d"  limit 1 per day }\n'
                     '규칙 말 { 언제 매월 말일 09:00  문자 "d" 보내기  제한 1일에 1번 }', templates=D)
    shop.customer("C1", "sms data", phone="01012345678")
    found = shop.simulate("--from", "2027-01-01", "--to", "2027-04-30")
    assert days(found, rule="말") == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert set(days(found, rule="one")) >= {"2027-01-31", "2027-03-31"}


QUIET = 'rule n { when customer.joined  send email "n"  limit once }'
N = {"n.email": "Subject: 소식\n\n새 원두"}


def quiet_shop(make_shop, quiet, clock):
    shop = make_shop(rules=QUIET, templates=N, limits=f"quiet {quiet}  guard none", clock=clock,
                     listen=PUBLIC.format(free_port()))
    shop.customer("C1", "email data", email="h@example.com")
    shop.event("customer.joined", "C1", id="j1")
    return shop


@pytest.mark.parametrize("quiet, at, opens", [
    ("21:00 to 08:00", "2026-11-23T20:59:59", None),
    ("21:00 to 08:00", "2026-11-23T21:00:00", "2026-11-24T08:00:00"),
    ("21:00 to 08:00", "2026-11-23T23:59:59", "2026-11-24T08:00:00"),
    ("21:00 to 08:00", "2026-11-23T00:00:00", "2026-11-23T08:00:00"),
    ("21:00 to 08:00", "2026-11-23T07:59:59", "2026-11-23T08:00:00"),
    ("21:00 to 08:00", "2026-11-23T08:00:00", None),
    ("12:00 to 13:00", "2026-11-23T11:59:59", None),
    ("12:00 to 13:00", "2026-11-23T12:00:00", "2026-11-23T13:00:00"),
    ("12:00 to 13:00", "2026-11-23T13:00:00", None),
    ("12:00 to 12:00", "2026-11-23T12:00:00", None),
    ("none", "2026-11-23T03:00:00", None),
])
def test_s26_quiet_hours_to_the_second(make_shop, quiet, at, opens):
    shop = quiet_shop(make_shop, quiet, at + "+09:00")
    if opens is None:
        shop.message_in("accepted", customer="C1")
        return
    message = shop.message_in("held", customer="C1")
    assert message["reason"] == "quiet_hours"
    assert message["due"].startswith(opens), message
    assert not shop.outbox()
    before = datetime.datetime.fromisoformat(opens) - datetime.timedelta(seconds=1)
    if before > datetime.datetime.fromisoformat(at):
        shop.at(before.isoformat() + "+09:00")
        shop.event("visit", "C1")
        assert shop.messages(customer="C1")[0]["state"] == "held"
    shop.at(opens + "+09:00")
    shop.message_in("accepted", customer="C1")
    assert len(shop.outbox()) == 1


def test_s26_a_window_of_the_whole_day(make_shop):
    shop = quiet_shop(make_shop, "00:00 to 24:00", "2026-11-23T12:00:00+09:00")
    shop.message_in("held", customer="C1")
    shop.at("2026-11-24T00:00:00+09:00")
    shop.event("visit", "C1")
    assert shop.messages(customer="C1")[0]["state"] == "held"
    assert not shop.outbox()


LAW = '''rule ad { when customer.joined  send sms "n"  limit once }
rule receipt { when order.paid  purpose info  send sms "r" }
rule mail { when customer.joined  send email "n"  limit once }
'''
TEXTS = {"n.sms": "새 원두", "r.sms": "결제 고맙습니다", "n.email": "Subject: 소식\n\n새 원두"}


def law_shop(make_shop, clock, limits="quiet none  guard none", night=False, **more):
    shop = make_shop(rules=LAW, templates=TEXTS, clock=clock, limits=limits, listen=PUBLIC.format(free_port()), **more)
    shop.customer("C1", "sms+night email data" if night else "sms email data", phone="01012345678",
                  email="h@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=1000)
    return shop


@pytest.mark.parametrize("at, goes", [
    ("2026-11-23T20:49:59", True), ("2026-11-23T20:50:00", False), ("2026-11-23T23:00:00", False),
    ("2026-11-23T07:59:59", False), ("2026-11-23T08:00:00", True)])
def test_s26b_the_laws_window_with_its_margin(make_shop, at, goes):
    shop = law_shop(make_shop, at + "+09:00")
    shop.message_in("accepted", rule="receipt")
    shop.message_in("accepted", rule="mail")
    if goes:
        shop.message_in("accepted", rule="ad")
        return
    held = shop.message_in("held", rule="ad")
    assert held["reason"] == "law_hours"
    assert held["due"][11:19] == "08:00:00"
    assert not shop.outbox(rule="ad")
    shop.at(held["due"])
    shop.message_in("accepted", rule="ad")


def test_s26b_night_consent_opens_it(make_shop):
    shop = law_shop(make_shop, "2026-11-23T23:00:00+09:00", night=True)
    shop.message_in("accepted", rule="ad")


def test_s26b_the_shops_zone_does_not_matter_to_the_law(make_shop):
    shop = law_shop(make_shop, "2026-11-23T23:00:00+09:00",
                    shop='shop { name "Cafe"  phone "02-123-4567"  address "1 Main St"  timezone "America/New_York"\n'
                         '  language en  owner email "o@example.com" }\n')
    held = shop.message_in("held", rule="ad")
    assert held["reason"] == "law_hours"
    assert datetime.datetime.fromisoformat(held["due"]) == datetime.datetime.fromisoformat("2026-11-24T08:00:00+09:00")
    shop.message_in("accepted", rule="receipt")


def test_s26b_brandmessage_closes_at_2050_also_with_night_consent(make_shop):
    shop = make_shop(rules='rule ad { when customer.joined  send brandmessage "n"  limit once }',
                     templates={"n.brandmessage": "새 원두"}, clock="2026-11-23T20:39:59+09:00")
    for ref, joined in (("C1", True), ("C2", False)):
        shop.customer(ref, "kakao+night data", phone="0101234567" + ref[1], friend=True)
        if joined:
            shop.event("customer.joined", ref, id="j" + ref)
    shop.message_in("accepted", customer="C1")
    shop.at("2026-11-23T20:50:00+09:00")
    shop.event("customer.joined", "C2", id="jC2")
    held = shop.message_in("held", customer="C2")
    assert held["reason"] == "provider_window" and held["due"].startswith("2026-11-24T08:00:00")


def test_information_keeps_to_the_day_only_where_its_step_says_so(make_shop):
    shop = make_shop(rules='rule a { when order.paid  purpose info  send sms "r" by day }\n'
                     'rule b { when order.paid  purpose info  send sms "r" }',
                     templates=TEXTS, clock="2026-11-23T23:00:00+09:00", limits="quiet 22:00 to 09:00  guard none")
    shop.event("order.paid", {"id": "C1", "phone": "01012345678"}, order="A-1", total=1000)
    shop.message_in("accepted", rule="b")
    held = shop.message_in("held", rule="a")
    assert held["due"].startswith("2026-11-24T09:00:00")


def test_s26_hold_at_most_and_rechecked_after_the_night(make_shop):
    """Scenario 27's other half: what was held overnight is checked anew."""
    shop = make_shop(rules='rule ad { when order.paid  if not tag "조용히"  send sms "n" }', templates=TEXTS,
                     clock="2026-11-23T22:00:00+09:00")
    for ref in ("C1", "C2", "C3"):
        shop.customer(ref, "sms data", phone="0101234567" + ref[1])
        shop.event("order.paid", ref, order="A" + ref, total=100)
        shop.message_in("held", customer=ref)
    shop.consent("C2", "sms", given=False)
    assert shop.call("PATCH", "/v1/customers/C3", {"tags": ["조용히"]}).status == 200
    shop.at("2026-11-24T08:00:00+09:00")
    shop.message_in("accepted", customer="C1")
    assert shop.message_in("dropped", customer="C2")["reason"] in ("opted_out", "no_consent")
    assert shop.message_in("dropped", customer="C3")["reason"] == "no_longer"
    assert len(shop.outbox()) == 1


CART = '''rule cart { when 3 hours after last cart.added  if left in cart  send sms "d"  limit once per 7 days }
rule hello { when customer.joined  send sms "d"  wait 2 hours  send email "e"  limit once }
rule daily { when every day at 11:00  send sms "d"  limit once per 20 days }
'''


@pytest.mark.parametrize("hops", [
    ("10:59:59", "08:59:00", "11:00:01"), ("12:59:30", "10:59:00", "13:00:02"), ("10:30:00", "12:30:00", "10:31:00", "13:00:02")],
    ids=("back before the hour", "back over it", "forward and back"))
def test_s28_a_clock_that_hops_sends_nothing_twice_and_forgets_nothing(make_shop, hops):
    shop = make_shop(rules=CART, templates={**D, "e.email": "Subject: 가\n\n나"}, clock="2026-11-23T10:00:00+09:00",
                     listen=PUBLIC.format(free_port()))
    shop.customer("C1", phone="01012345678", email="c1@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.event("cart.added", "C1", id="c1", sku="X", quantity=1, price=10000)
    for hop in hops:
        shop.at(f"2026-11-23T{hop}+09:00")
        shop.idle()
    shop.at("2026-11-23T13:30:00+09:00")
    shop.wait(lambda: len(shop.outbox()) == 4, "each of them")
    shop.at("2026-11-23T18:00:00+09:00")
    shop.idle()
    assert sorted((one["rule"], one["channel"]) for one in shop.outbox()) == [
        ("cart", "sms"), ("daily", "sms"), ("hello", "email"), ("hello", "sms")]


def test_s28_a_machine_that_slept_through_its_hours(make_shop):
    shop = make_shop(rules=CART, templates={**D, "e.email": "Subject: 가\n\n나"}, listen=PUBLIC.format(free_port()))
    shop.customer("C1", phone="01012345678", email="c1@example.com")
    shop.event("cart.added", "C1", id="c1", sku="X", quantity=1, price=10000)
    shop.at("2026-11-23T20:00:00+09:00")
    shop.wait(lambda: len(shop.outbox()) == 2, "the daily one and the reminder")
    shop.at("2026-11-24T09:00:00+09:00")
    shop.idle()
    assert sorted(one["rule"] for one in shop.outbox()) == ["cart", "daily"]


@pytest.mark.parametrize("birthday", ["1970-01-01", "1970-01-01T00:00:00+09:00", "0", "", None, "0000-00-00", "--00-00"])
def test_s29_epoch_zero_is_nobodys_birthday(make_shop, birthday):
    shop = make_shop(rules='rule b { when birthday at 10:00  send sms "d" }', templates=D, clock="2026-12-31T09:00:00+09:00")
    told = {} if birthday is None else {"birthday": birthday}
    answer = shop.put("/v1/customers/C1", {"name": "김하늘", "phone": "01012345678", **told})
    known = shop.get("/v1/customers/C1")
    if answer.status not in (200, 201):
        assert answer.json["pointer"] == "/birthday" and known.status == 404
        return
    found = shop.simulate("--from", "2027-01-01", "--to", "2027-12-31")
    assert days(found, customer="C1") == (["2027-01-01"] if known.json.get("birthday") else [])
    assert known.json.get("birthday") in (None, "", "1970-01-01")
def test_a_declared_date_is_followed(make_shop):
    """Kept in an index: filled when the rule is new, followed by every way that a date can change."""
    shop = make_shop(rules='fields { customer.개업일 date  customer.약속 time }\n'
                     'rule open { when 1 day before customer.개업일 at 10:00  send sms "a"  limit once }\n'
                     'rule hour { when 2 hours before customer.약속  send sms "a" }\n'
                     'rule moves { when visit  set customer.개업일 = 2026-11-28  send owner "o" }\n',
                     templates={"a.sms": "가", "o.owner": "나"}, listen=PUBLIC.format(free_port()))
    for n, ref in enumerate(("STAYS", "MOVED", "GONE", "SET", "HOUR")):
        shop.customer(ref, phone=f"0101234{n:04}", attributes={"개업일": "2026-11-25"} if ref != "HOUR" else
                      {"약속": "2026-11-24T11:30:00+09:00"})
    shop.ok("PATCH", "/v1/customers/MOVED", {"attributes": {"개업일": "2026-11-27"}})
    shop.ok("PATCH", "/v1/customers/GONE", {"attributes": {"개업일": None}})
    shop.event("visit", "SET", id="v")
    shop.at("2026-11-24T10:00:01+09:00")
    shop.wait(lambda: len(shop.outbox("sms")) == 2, "the first two")
    shop.idle()
    assert {one["customer"] for one in shop.outbox("sms")} == {"STAYS", "HOUR"}
    for day, ref in ((26, "MOVED"), (27, "SET")):
        shop.at(f"2026-11-{day}T10:00:01+09:00")
        shop.wait(lambda: shop.outbox("sms", customer=ref), ref)
    shop.at("2026-11-30T10:00:01+09:00")
    shop.idle()
    assert len(shop.outbox("sms")) == 4


def test_dates_of_the_erased_are_not_kept(make_shop):
    shop = make_shop(rules='fields { pet.told.born date  customer.약속 date }\n'
                     'rule pet { when 3 days after pet.told.born at 10:00  send sms "a" }\n'
                     'rule mine { when 3 days after customer.약속 at 10:00  send sms "a" }\n',
                     templates={"a.sms": "가"}, listen=PUBLIC.format(free_port()))
    for ref in ("STAYS", "GONE"):
        shop.customer(ref, attributes={"약속": "2026-11-25"})
        shop.event("pet.told", ref, id=ref, born="2026-11-30")
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        def kept():
            return db.execute("SELECT count(*) FROM dated").fetchone()[0]
        shop.wait(lambda: kept() == 4, "the dates of both")
        shop.ok("DELETE", "/v1/customers/GONE")
        assert kept() == 2


def test_dates_of_before_the_rule_are_found(make_shop):
    shop = make_shop(rules='fields { customer.개업일 date }\n', templates={"a.sms": "가"},
                     listen=PUBLIC.format(free_port()))
    shop.customer("C1", phone="01012340000", attributes={"개업일": "2026-11-25"})
    shop.event("reservation.made", "C1", id="r", reservation="R", at="2026-11-25T18:00:00+09:00")
    shop.rule("later.rule", 'rule a { when 1 day before customer.개업일 at 11:00  send sms "a" }\n'
              'rule b { when 1 day before reservation.at at 12:00  purpose info  send sms "a" }\n')
    assert shop.ctl("reload").code == 0
    shop.at("2026-11-24T12:00:01+09:00")
    shop.wait(lambda: len(shop.outbox("sms")) == 2, "both")
    assert sorted(one["rule"] for one in shop.outbox("sms")) == ["a", "b"]


@pytest.mark.parametrize("trigger, kind, data", [
    ("1 day after last visit at 11:00", "visit", {}),
    ("마지막 주문 1일 후 11:00", "order.paid", {"order": "A", "total": 100}),
    ("1 day after first order at 11:00", "order.paid", {"order": "A", "total": 100}),
    ("1 day after joined at 11:00", "customer.joined", {}),
    ("3 hours after last cart.added", "cart.added", {"sku": "X", "quantity": 1, "price": 1}),
    ("1 day before reservation.at at 11:00", "reservation.made", {"reservation": "R", "at": "%s+09:00"}),
    ("reservation.made.at 2시간 전", "reservation.made", {"reservation": "R", "at": "%s+09:00"}),
])
def test_an_anchor_that_comes_late(make_shop, trigger, kind, data):
    """SOON's is due when it comes and within late, PAST's beyond it, NOW's is still to come."""
    shop = make_shop(rules=f'rule r {{ when {trigger}\n send sms "d" }}\n', templates=D,
                     listen=PUBLIC.format(free_port()), clock="2026-11-20T10:00:00+09:00")
    for n, ref in enumerate(("SOON", "PAST", "NOW")):
        shop.customer(ref, phone=f"0101234{n:04}")
    ahead = "before" in trigger or "전" in trigger
    clock = "hours" in trigger or "시간" in trigger
    shop.at("2026-11-24T15:00:00+09:00")
    shop.event("page.viewed", "NOW", id="p", url="/")
    shop.idle()
    times = {"SOON": "2026-11-24T11:30:00" if clock and not ahead else "2026-11-23T10:00:00",
             "PAST": "2026-11-22T10:00:00", "NOW": "2026-11-24T14:30:00"}
    if ahead:
        times = {"SOON": "2026-11-24T16:30:00" if clock else "2026-11-25T10:00:00",
                 "PAST": "2026-11-24T03:00:00" if clock else "2026-11-24T10:00:00", "NOW": "2026-11-26T19:00:00"}
    for ref, time in times.items():
        mine = {k: v % time if isinstance(v, str) and "%s" in v else v for k, v in data.items()}
        shop.event(kind, ref, id=ref, time=None if ahead else f"{time}+09:00", **mine)
    shop.wait(lambda: shop.outbox(), "the late one")
    shop.idle()
    assert [one["customer"] for one in shop.outbox()] == ["SOON"]


def test_a_wait_is_kept_although_somebody_reads_in_the_same_moment(make_shop):
    shop = make_shop(rules='rule r { when order.paid  purpose info  wait 1 minute  send sms "d"  limit once per event }', templates=D)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.at("2026-11-23T10:05:00+09:00", rate=60)
    writer, reader = shop.connect(), shop.connect()
    for one in (writer, reader):
        one.connect()
    body = json.dumps({"id": "o1", "type": "order.paid", "customer": {"id": "C1"}, "data": {"order": "1", "total": 10}})
    shop.idle()
    shop.signal(signal.SIGSTOP)
    writer.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
    reader.request("GET", "/v1/status")
    shop.signal(signal.SIGCONT)
    assert writer.getresponse().status == 202 and reader.getresponse().status == 200
    message = shop.message_in("accepted", customer="C1")
    began = shop.ok("GET", "/v1/customers/C1")["orders"]["last"]
    waited = datetime.datetime.fromisoformat(message["sent"]) - datetime.datetime.fromisoformat(began)
    assert datetime.timedelta(seconds=60) <= waited < datetime.timedelta(seconds=100), waited
