"""What a rule's clock is anchored on: an anchor that comes after its own hour is looked at by itself, one that moves away
before its hour takes that hour with it, and what is imported begins nothing."""
import contextlib
import sqlite3

import pytest
from shop import free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
TEXTS = {"a.sms": "가", "c.sms": "나 #{coupon.code}"}
FIELDS = "fields { customer.개업일 date  customer.약속 time  pet.told.born date }\n"


def shop_of(make_shop, rules, people=(), clock="2026-11-23T09:00:00+09:00", **more):
    shop = make_shop(rules=FIELDS + rules, templates=TEXTS, listen=PUBLIC.format(free_port()), clock=clock, **more)
    for ref in people:
        person(shop, ref)
    return shop


def person(shop, ref, **fields):
    shop.customer(ref, phone=f"0101234{sum(ref.encode()):04}", **fields)


def sent(shop, template="a", but=""):
    """but: who came a moment ago; whether what he agreed to came before the look is chance."""
    return sorted(one["customer"] for one in shop.outbox("sms")
                  if one["template"] == template and one["customer"] != but)


def settled(shop):
    shop.event("page.viewed", url="/")
    shop.idle()


def begun(shop, ref, rule="r"):
    return len(shop.messages(customer=ref, rule=rule))


def held_back(shop, ref, reason, rule="r"):
    shop.wait(lambda: reasons(shop, ref, rule) == [reason], f"{reason} of {ref}, not {reasons(shop, ref, rule)}", 5)


def reasons(shop, ref, rule="r"):
    return [one["reason"] for one in shop.ok("GET", f"/v1/explain?rule={rule}&customer={ref}")["history"]
            if one["what"].startswith("not begun")]


def day(shop, ref, date):
    shop.ok("PATCH", f"/v1/customers/{ref}", {"attributes": {"개업일": date}})


OPEN = 'rule r { when 1 day before customer.개업일 at 10:00 if not tag "OUT"  send sms "a" }'


def afternoon(shop, swept=True):
    """It is 15:00, and the hour 10:00 of today was swept."""
    shop.at("2026-11-24T10:00:01+09:00")
    settled(shop)
    shop.at("2026-11-24T15:00:00+09:00")
    if swept:
        settled(shop)


# ---- what comes after its hour ----

def test_a_date_that_is_told_after_its_hour(make_shop):
    shop = shop_of(make_shop, OPEN, ("SOON", "PAST", "NEXT", "OUT", "SEEN", "EVENT"))
    shop.ok("PATCH", "/v1/customers/OUT", {"tags": ["OUT"]})
    shop.ok("PATCH", "/v1/customers/SEEN", {"tags": ["OUT"]})
    day(shop, "SEEN", "2026-11-25")
    afternoon(shop)
    day(shop, "SOON", "2026-11-25")
    day(shop, "PAST", "2026-11-24")
    day(shop, "NEXT", "2026-11-26")
    day(shop, "OUT", "2026-11-25")
    person(shop, "NEW", attributes={"개업일": "2026-11-25"})
    shop.event("visit", {"id": "EVENT", "attributes": {"개업일": "2026-11-25"}}, id="v")
    shop.ok("PATCH", "/v1/customers/SEEN", {"tags": [], "attributes": {"other": 1}})
    shop.wait(lambda: sent(shop, but="NEW") == ["EVENT", "SOON"] and begun(shop, "NEW") == 1, "those who were told in time")
    settled(shop)
    assert sent(shop, but="NEW") == ["EVENT", "SOON"]
    held_back(shop, "OUT", "condition")
    held_back(shop, "SEEN", "condition")
    assert reasons(shop, "PAST") == ["missed"], "its hour was the day before"
    day(shop, "SOON", "2026-11-24")
    day(shop, "SOON", "2026-11-25")
    settled(shop)
    assert len(sent(shop, but="NEW")) == 2, "once for each date"
    shop.at("2026-11-25T10:00:01+09:00")
    shop.wait(lambda: sent(shop, but="NEW") == ["EVENT", "NEXT", "SOON"], "the next one")


def test_a_date_that_is_told_too_late_is_missed(make_shop):
    shop = shop_of(make_shop, OPEN.replace("send", "late 3 hours  send"), ("C1",))
    afternoon(shop)
    day(shop, "C1", "2026-11-25")
    held_back(shop, "C1", "missed")
    assert sent(shop) == []


def test_hours_before_a_declared_time(make_shop):
    shop = shop_of(make_shop, 'rule r { when 2 hours before customer.약속  send sms "a" }', ("C1", "C2"))
    shop.ok("PATCH", "/v1/customers/C1", {"attributes": {"약속": "2026-11-23T12:00:00+09:00"}})
    shop.at("2026-11-23T10:00:01+09:00")
    shop.wait(lambda: sent(shop) == ["C1"], "two hours before")
    shop.ok("PATCH", "/v1/customers/C2", {"attributes": {"약속": "2026-11-23T11:30:00+09:00"}})
    shop.wait(lambda: sent(shop) == ["C1", "C2"], "an hour and a half before")


def test_what_is_imported_or_history_begins_nothing(make_shop):
    shop = shop_of(make_shop, OPEN + '\nrule j { when 1 day after joined at 10:00  send sms "a" }\n'
                   'rule b { when birthday at 10:00  send sms "a" }', ("OLD", "HIST", "LIVE"))
    afternoon(shop)
    shop.write("c.csv", "id,phone,joined,개업일,birthday,consent_sms,consent_data,consent_time\n" + "".join(
        f"{ref},010-1234-56{n},2026-11-23,2026-11-25,1990-11-24,1,1,2026-01-01T00:00:00+09:00\n"
        for n, ref in ((78, "NEW"), (79, "OLD"))))
    day(shop, "LIVE", "2026-11-25")
    assert shop.ctl("import", "customers", shop.path("c.csv")).code == 0
    shop.ok("POST", "/v1/events", {"type": "visit", "id": "h", "history": True, "customer": {
        "id": "HIST", "joined": "2026-11-23T09:30:00+09:00", "attributes": {"개업일": "2026-11-25"}}})
    shop.wait(lambda: sent(shop) == ["LIVE"], "who was told by hand")
    settled(shop)
    for ref in ("NEW", "OLD", "HIST"):
        held_back(shop, ref, "missed")
        held_back(shop, ref, "missed", "j")
    held_back(shop, "NEW", "missed", "b")
    shop.at("2026-11-25T10:00:01+09:00")
    settled(shop)
    assert sent(shop) == ["LIVE"]


def test_a_day_of_joining_that_is_told_after_its_hour(make_shop):
    shop = shop_of(make_shop, 'rule r { when 1 day after joined at 10:00  send sms "a" }', ("C1",))
    afternoon(shop)
    shop.ok("PATCH", "/v1/customers/C1", {"joined": "2026-11-23T09:30:00+09:00"})
    person(shop, "C2", joined="2026-11-23T18:00:00+09:00")
    person(shop, "C3", joined="2026-11-24T08:00:00+09:00")
    shop.wait(lambda: sent(shop, but="C2") == ["C1"] and begun(shop, "C2") == 1, "both of yesterday")
    settled(shop)
    assert sent(shop, but="C2") == ["C1"] and not begun(shop, "C3")
    shop.at("2026-11-25T10:00:01+09:00")
    shop.wait(lambda: sent(shop, but="C2") == ["C1", "C3"], "the third")


COUPON = '''rule give { when visit  give coupon gift  send sms "c"  limit once per event }
coupon gift { gift "쿠키"  code "G-######"  valid %s }
rule r { when %s before coupon gift expires%s  send sms "a"  limit 9 per day }
'''


def test_a_coupon_that_is_issued_after_its_hour(make_shop):
    shop = shop_of(make_shop, COUPON % ("3 days", "3 days", " at 10:00") + 'rule l { when 3 days before coupon gift expires '
                   'at 10:00  send sms "a"  late 3 hours }', ("C1",))
    afternoon(shop)
    shop.event("visit", "C1", id="v1")
    shop.wait(lambda: sent(shop) == ["C1"], "the coupon's third day before its end is today")
    shop.event("visit", "C1", id="v2")
    shop.wait(lambda: len(sent(shop, "c")) == 2, "another coupon")
    settled(shop)
    assert sent(shop) == ["C1"], "of the same end: once"
    held_back(shop, "C1", "missed", "l")


# ---- what moves away before its hour ----

def test_a_coupon_that_is_used_is_not_reminded_of(make_shop):
    shop = shop_of(make_shop, COUPON % ("3 days", "2 days", " at 10:00"), ("USED", "VOID", "KEPT"))
    for ref in ("USED", "VOID", "KEPT"):
        shop.event("visit", ref, id=ref)
    shop.wait(lambda: len(sent(shop, "c")) == 3, "the coupons")
    codes = {one["customer"]: one["coupon"] for one in shop.outbox("sms")}
    shop.ok("POST", f"/v1/coupons/{codes['USED']}/redeem", {"customer": "USED", "order": "A", "amount": 9000})
    shop.ok("POST", f"/v1/coupons/{codes['VOID']}/void")
    shop.at("2026-11-24T10:00:01+09:00")
    shop.wait(lambda: sent(shop) == ["KEPT"], "who holds one")
    settled(shop)
    assert sent(shop) == ["KEPT"]


def told(kind, ref="C1", **data):
    return lambda shop, n: shop.event(kind, ref, id=f"{kind}{n}", **data)


def patched(field, first, second):
    return lambda shop, n: shop.ok("PATCH", "/v1/customers/C1", {field: second if n else first}
                                   if field != "attributes" else {"attributes": second if n else first})


def reserved(shop, n):
    shop.event("reservation.changed" if n else "reservation.made", "C1", id=f"r{n}", reservation="R",
               at="2026-11-28T18:00:00+09:00" if n else "2026-11-26T18:00:00+09:00")


def ordered(shop, n):
    """The second order a day later; the first is cancelled with it."""
    shop.event("order.paid", "C1", id=f"o{n}", order=f"O{n}", total=100)
    if n:
        shop.event("order.cancelled", "C1", id="x", order="O0")


@pytest.mark.parametrize("trigger, happens, old, new", [
    ("1 day before customer.개업일 at 10:00", patched("attributes", {"개업일": "2026-11-26"}, {"개업일": "2026-11-28"}), 25, 27),
    ("34 hours before customer.약속", patched("attributes", {"약속": "2026-11-26T20:00:00+09:00"},
                                            {"약속": "2026-11-28T20:00:00+09:00"}), 25, 27),
    ("2 days before birthday at 10:00", patched("birthday", "1990-11-27", "1990-11-29"), 25, 27),
    ("2 days after joined at 10:00", patched("joined", "2026-11-23T09:00:00+09:00", "2026-11-24T09:00:00+09:00"), 25, 26),
    ("2 days after last visit at 10:00", told("visit"), 25, 26),
    ("49 hours after last visit", told("visit"), 25, 26),
    ("2 days after last cart.added at 10:00", told("cart.added", sku="X", quantity=1, price=1), 25, 26),
    ("2 days after last order at 10:00", told("order.paid", order="O", total=100), 25, None),
    ("2 days after last order at 10:00", ordered, 25, 26),
    ("2 days after first order at 10:00", ordered, 25, 26),
    ("1 day before reservation.at at 10:00", reserved, 25, 27),
    ("32 hours before reservation.at", reserved, 25, 27),
])
def test_what_moves_takes_its_hour_with_it(make_shop, trigger, happens, old, new):
    """Told on the 23rd, told otherwise on the 24th: nothing on the old day, once on the new one."""
    shop = shop_of(make_shop, f'rule r {{ when {trigger}  purpose ad  send sms "a"  limit 9 per day }}', ("C1",))
    happens(shop, 0)
    settled(shop)
    shop.at("2026-11-24T09:00:00+09:00")
    happens(shop, 1)
    settled(shop)
    new = new or old
    for at in range(old, new):
        shop.at(f"2026-11-{at}T10:00:01+09:00")
        settled(shop)
        shop.at(f"2026-11-{at}T18:00:01+09:00")
        settled(shop)
        assert sent(shop) == [], at
    shop.at(f"2026-11-{new}T10:00:02+09:00")
    shop.wait(lambda: sent(shop) == ["C1"], "the new day")
    shop.at("2026-11-30T18:00:00+09:00")
    settled(shop)
    assert sent(shop) == ["C1"]


@pytest.mark.parametrize("anchor", ["reservation.at", "reservation.made.at"])
def test_a_reservation_that_was_called_off(make_shop, anchor):
    shop = shop_of(make_shop, f'rule r {{ when 1 day before {anchor} at 10:00  purpose info  send sms "a" }}', ("C1", "C2"))
    for ref in ("C1", "C2"):
        shop.event("reservation.made", ref, id=ref, reservation=ref, at="2026-11-26T18:00:00+09:00")
    shop.event("reservation.cancelled", "C1", id="x", reservation="C1")
    shop.at("2026-11-25T10:00:01+09:00")
    shop.wait(lambda: sent(shop) == ["C2"], "the other one")
    settled(shop)
    assert sent(shop) == ["C2"]


def test_nothing_stays_noted(make_shop):
    """Also where the rule is off: what was noted is taken in, and the daemon sleeps."""
    shop = shop_of(make_shop, OPEN.replace("when", "off when"), ("C1",))
    day(shop, "C1", "2026-11-25")
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
        shop.rule("shop.rule", FIELDS + OPEN)
        shop.ok("POST", "/v1/reload")
        shop.wait(lambda: db.execute("SELECT count(*) FROM dated").fetchone()[0] == 1, "the index")
        day(shop, "C1", "2026-11-26")
        shop.ok("POST", "/v1/rules/r/off")
        day(shop, "C1", "2026-11-27")
        shop.wait(lambda: not db.execute("SELECT 1 FROM dated_pending").fetchone(), "what was noted")
