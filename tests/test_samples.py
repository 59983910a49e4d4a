"""The sample library in rules/ and templates/: without a warning in both languages, and each rule over one made-up
year, simulated, against days and customers that this file works out by itself."""
import datetime
import os
import re
import shutil

import pytest
from sample_year import DAY, FIRST, HOUR, LAST, Year, at
from shop import HERE, open_shop

RULES, TEMPLATES = (os.path.join(HERE, "..", name) for name in ("rules", "templates"))
EVER = datetime.datetime(2000, 1, 1)


class Library:
    """What the simulation of the whole year said, and the year."""

    def __init__(self, year, lines):
        self.year, self.lines = year, [one for one in lines if "rule" in one]

    def sent(self, rule):
        """(day, clock, customer, template) of what would have gone out."""
        return sorted((one["time"][:10], one["time"][11:16], one["customer"], one["template"])
                      for one in self.lines if one["rule"] == rule and one["state"] == "accepted")

    def people(self, ads=True):
        return [one for one in self.year.customers if one.consent or not ads]


@pytest.fixture(scope="module")
def shop():
    with open_shop(clock="2025-01-01T00:00:00+09:00") as one:
        shutil.rmtree(one.path("templates"))
        shutil.copytree(TEMPLATES, one.path("templates"))
        one.year = Year()
        one.year.write(one)
        for kind in ("customers", "orders"):
            ran = one.ctl("import", kind, one.path(f"{kind}.csv"))
            assert ran.code == 0, ran
        yield one


def over_the_year(shop, rules):
    return Library(shop.year, shop.simulate("--rules", rules, "--events", shop.path("events.ndjson"),
                                            "--from", FIRST.isoformat(), "--to", LAST.isoformat()))


@pytest.fixture(scope="module")
def library(shop):
    return over_the_year(shop, RULES)


def line(when, one, template):
    return (when.date().isoformat(), when.strftime("%H:%M"), one.ref if one else None, template)


def agree(library, rule, expected, least=5):
    """expected: (time, customer, template), of which what lies beyond the year is left out."""
    wanted = sorted(line(*one) for one in expected if FIRST <= one[0].date() <= LAST)
    assert len(wanted) >= least, "the year holds too little of it to show anything"
    assert library.sent(rule) == wanted


def count_before(times, when):
    return sum(one < when for one in times)


def within(times, after, until):
    """Is one of them later than the one and not later than the other?"""
    return any(after < one <= until for one in times)


def newest(events):
    """Of a customer's times, each with the one that follows: (time, the next or the end of days)."""
    return zip(events, events[1:] + [datetime.datetime.max])


# ---- the files ----

def configuration(shop, name, rules):
    with open(shop.conf, encoding="utf-8") as file:
        return shop.write(name, file.read().replace('rules "rules"', f'rules "{rules}"'))


@pytest.mark.parametrize("lang", ["C.UTF-8", "ko_KR.UTF-8"])
def test_the_library_is_without_a_mistake_or_a_warning(shop, lang):
    conf = configuration(shop, "library.conf", RULES)
    ran = shop.ctl("check", conf, lang=lang)
    assert (ran.code, ran.err) == (0, ""), ran
    assert len(ran.out.splitlines()) == 1, ran


def sample_files():
    for name in sorted(name for name in os.listdir(RULES) if name.endswith(".rule")):
        with open(os.path.join(RULES, name), encoding="utf-8") as file:
            yield name, file.read()


def test_half_of_the_rules_are_wholly_in_korean_and_each_says_what_to_change():
    files, korean = list(sample_files()), 0
    for name, text in files:
        assert text.startswith("# "), name
        assert "To change:" in text or "바꿀 것:" in text, name
        words = re.sub(r'#.*|"[^"]*"', "", text)
        korean += not re.search("[A-Za-z]", words)
    assert len(files) >= 20
    assert korean * 2 >= len(files)


def test_each_file_stands_by_itself(shop):
    conf = configuration(shop, "alone.conf", "alone")
    for name, text in sample_files():
        shutil.rmtree(shop.path("alone"), ignore_errors=True)
        os.makedirs(shop.path("alone"))
        # What a rule needs of another file, its comment names.
        for needed in [name] + ["birthday.rule"] * ("coupon birthday10 expires" in text):
            shutil.copy(os.path.join(RULES, needed), shop.path("alone"))
        ran = shop.ctl("check", conf)
        assert (ran.code, ran.err) == (0, ""), (name, ran)


# ---- birthdays and other dates ----

def birthday(library, before, clock, holds):
    for one in library.people():
        for day in one.birthdays():
            when = at(day - before * DAY, clock)
            if holds(one, when):
                yield when, one


def test_birthday_coupon(library):
    year = library.year
    # Whose birthday is in the first week of January has had his coupon in December 2024.
    agree(library, "birthday-coupon", [
        (when, one, "birthday") for when, one in
        birthday(library, 7, 10, lambda one, when: count_before(year.paid(one), when) and not one.staff)])
    assert {one["channel"] for one in library.lines if one["rule"] == "birthday-coupon"} == {"brandmessage", "sms"}


def test_coupon_expiring(library):
    # A coupon of 30 days, three days before: 27 days behind the message that brought it.
    agree(library, "coupon-expiring", [
        (datetime.datetime.fromisoformat(f"{day}T11:00") + 27 * DAY,
         next(one for one in library.people() if one.ref == ref), "coupon-expiring")
        for day, _, ref, _ in library.sent("birthday-coupon")])


def test_birthday_day(library):
    agree(library, "생일당일", [(when, one, "birthday-day") for when, one in
                            birthday(library, 0, 10, lambda one, when: not one.staff)])


def test_birthday_month(library):
    expected = []
    for one in library.people():
        for day in one.birthdays():
            when = at(day.replace(day=1), 11)
            if count_before(library.year.paid(one), when) >= 2:
                expected.append((when, one, "birthday-month"))
    agree(library, "생일달", expected)


def test_birthday_of_a_child(library):
    agree(library, "아이생일", [(at(one.child - 14 * DAY, 10, 30), one, "family")
                            for one in library.people() if one.child])


def test_a_year_after_joining(library):
    expected = []
    for one in library.people():
        if one.joined:
            when = at(one.joined.replace(year=one.joined.year + 1), 10)
            if within(library.year.paid(one), when - 180 * DAY, when):
                expected.append((when, one, "anniversary"))
    agree(library, "anniversary", expected)


# ---- newcomers ----

def test_welcome(library):
    expected = []
    for one in library.people():
        for joined in library.year.times("customer.joined", one):
            paid, steps = library.year.paid(one), ("welcome", "welcome-menu", "welcome-last")
            for template, wait in zip(steps, (0, 3, 7)):
                if not within(paid, joined, joined + wait * DAY):
                    expected.append((joined + wait * DAY, one, template))
    agree(library, "첫인사", expected)


def test_first_order(library):
    agree(library, "첫주문감사", [(at(paid[0].date() + DAY, 11), one, "first-order")
                             for one in library.people() if (paid := library.year.paid(one))], least=3)


def test_friend(library):
    added = [(times[0], one) for one in library.people()
             if (times := library.year.times("friend.added", one))]
    agree(library, "친구추가", [(when, one, "friend") for when, one in added])
    channel = {one["customer"]: one["channel"] for one in library.lines
               if one["rule"] == "친구추가" and one["state"] == "accepted"}
    assert channel == {one.ref: "sms" if one.i % 6 == 3 else "brandmessage" for _, one in added}


# ---- carts and pages ----

def cart_at(year, one, when):
    """What stands in the cart in won: an order that names no item empties it."""
    total = 0
    for e in year.of(None, one):
        if e["at"] > when:
            break
        if e["type"] == "cart.added":
            total += e["data"]["quantity"] * e["data"]["price"]
        elif e["type"] == "order.paid" and "items" not in e["data"]:
            total = 0
    return total


def test_cart(library):
    expected = []
    for one in library.people():
        started = EVER
        for added, following in newest(library.year.times("cart.added", one)):
            when = added + 3 * HOUR
            if following > when and cart_at(library.year, one, when) >= 20000 and started <= when - 7 * DAY:
                expected.append((when, one, "cart"))
                started = when
    agree(library, "cart-reminder", expected)


def test_browse(library):
    expected, year = [], library.year
    for one in library.people():
        started, views = EVER, year.times("product.viewed", one)
        for view, following in newest(views):
            when = at(view.date() + DAY, 19)
            week = sum(when - 7 * DAY < seen <= when for seen in views)
            if (following > when and week >= 3 and not within(year.paid(one), when - 7 * DAY, when)
                    and started <= when - 30 * DAY):
                expected.append((when, one, "browse"))
                started = when
    agree(library, "둘러본손님", expected)


def test_checkout(library):
    expected, year = [], library.year
    for one in library.people():
        started = EVER
        for e in year.of("checkout.started", one):
            begun = e["at"]
            if (e["data"]["total"] >= 10000 and started <= begun - 7 * DAY
                    and not within(year.paid(one), begun, begun + 2 * HOUR)):
                expected.append((begun + 2 * HOUR, one, "checkout"))
                started = begun
    agree(library, "checkout", expected)


def test_back_in_stock(library):
    expected, year = [], library.year
    for one in library.people():
        started = []
        for when in year.times("stock.back", one):
            soon = when + datetime.timedelta(minutes=10)
            if sum(begun > when - 7 * DAY for begun in started) < 2 and not within(year.paid(one), when, soon):
                expected.append((soon, one, "back-in-stock"))
                started.append(when)
    agree(library, "back-in-stock", expected)


# ---- orders ----

@pytest.mark.parametrize("rule, kind, template", [
    ("receipt", "order.paid", "receipt"), ("shipped", "order.shipped", "shipped"),
    ("환불안내", "order.refunded", "refund"), ("예약확인", "reservation.made", "reserved"),
    ("예약변경확인", "reservation.changed", "reserved")])
def test_information_goes_to_everybody_at_once(library, rule, kind, template):
    agree(library, rule, [(e["at"], e["who"], template) for e in library.year.of(kind)])
    assert [e for e in library.year.of(kind) if not e["who"].consent], "also to whom advertising may not go"


def test_review_request(library):
    expected, year = [], library.year
    for one in library.people():
        started = EVER
        for e in year.of("order.delivered", one):
            when, order = e["at"], e["data"]["order"]
            posted = [r["at"] for r in year.of("review.posted", one) if r["data"]["order"] == order]
            if started <= when - 14 * DAY and not within(posted, when, when + 3 * DAY):
                expected.append((when + 3 * DAY, one, "review"))
                started = when
    agree(library, "review-request", expected)


def test_replenish(library):
    agree(library, "원두재구매", [
        (bought + 25 * DAY, one, "replenish") for one in library.people()
        for bought, following in newest([e["at"] for e in library.year.of("order.paid", one) if "items" in e["data"]])
        if following > bought + 25 * DAY])


def gone_quiet(library, days, orders):
    """(when, customer, the next order): that many days behind an order that no other followed."""
    for one in library.people():
        started, paid = EVER, library.year.paid(one)
        for n, (last, following) in enumerate(newest(paid)):
            when = at(last.date() + days * DAY, 11)
            if (when.date() >= FIRST and following > when and n + 1 >= orders and not one.staff
                    and started <= when - 180 * DAY):
                started = when
                yield when, one, following


def test_winback_in_three_steps(library):
    steps = ("winback-hello", "winback-news", "winback-coupon")
    agree(library, "winback", [(when + 30 * n * DAY, one, template)
                               for when, one, following in gone_quiet(library, 60, 2)
                               for n, template in enumerate(steps) if following > when + 30 * n * DAY])


def test_comeback(library):
    agree(library, "단골복귀", [(when, one, "comeback") for when, one, _ in gone_quiet(library, 90, 3)])


def test_regular_of_the_month(library):
    ends = [datetime.date(2025 + m // 12, m % 12 + 1, 1) - DAY for m in range(1, 13)]
    agree(library, "이달의단골", [
        (at(day, 18), one, "regular-month") for day in ends for one in library.people()
        if sum(at(day, 18) - 30 * DAY < paid <= at(day, 18) for paid in library.year.paid(one)) >= 4])


def test_bad_review(library):
    agree(library, "아쉬운후기", [(e["at"], e["who"], "bad-review") for e in library.year.of("review.posted")
                             if e["data"]["stars"] <= 2])


def spent(year, one, when):
    """Within the year before, less what was refunded by then."""
    since = year_before(when)
    paid = {order: total for order, who, t, total in year.past if who is one and since < t <= when}
    paid |= {e["data"]["order"]: e["data"]["total"] for e in year.of("order.paid", one) if since < e["at"] <= when}
    back = [e["data"] for e in year.of("order.refunded", one) if e["at"] <= when]
    return sum(paid.values()) - sum(one["amount"] for one in back if one["order"] in paid)


def year_before(when):
    return when.replace(year=when.year - 1)


def test_vip(library):
    expected, year = [], library.year
    for one in library.people():
        started, before = EVER, spent(year, one, at(FIRST))
        for when in year.times("order.paid", one):
            before, now = spent(year, one, when - HOUR / 60), spent(year, one, when)
            if before < 500000 <= now and not one.staff and started <= when - 365 * DAY:
                expected.append((when, one, "vip"))
                started = when
    agree(library, "귀한손님인사", expected)


# ---- the salon ----

def test_every_tenth_visit(library):
    agree(library, "열번째방문", [(when, one, "tenth-visit") for one in library.people()
                             for when in library.year.times("visit", one)[9::10]])


def test_time_for_a_haircut(library):
    agree(library, "커트할때", [(at(visit.date() + 35 * DAY, 11), one, "haircut") for one in library.people()
                            if not one.staff for visit, following in newest(library.year.times("visit", one))
                            if following > at(visit.date() + 35 * DAY, 11)])


def test_the_evening_before_a_reservation(library):
    year, planned = library.year, {}
    for e in year.events:
        if e["type"] in ("reservation.made", "reservation.changed"):
            planned[e["data"]["reservation"]] = (e["data"]["at"], e["who"])
        elif e["type"] == "reservation.cancelled":
            del planned[e["data"]["reservation"]]
    agree(library, "예약알림", [(at(datetime.date.fromisoformat(said[:10]) - DAY, 18), one, "reservation")
                            for said, one in planned.values()])


# ---- campaigns and the owner ----

def each(library, days, clock, pause, holds):
    """A standing rule: on those days, whom it holds for, with a pause between two times."""
    for one in library.people():
        started = EVER
        paid = library.year.paid(one)
        for day in days:
            when = at(day, clock)
            orders = count_before(paid, when)
            if orders and started <= when - pause * DAY and holds(one, (day - paid[orders - 1].date()).days):
                started = when
                yield when, one


def test_weekend(library):
    fridays = [FIRST + n * DAY for n in range(2, 365, 7)]
    due = [line(when, one, "")[:3] for when, one in each(library, fridays, 15, 28, lambda one, ago: 14 <= ago <= 60)]
    sent = library.sent("weekend")
    # Who is held out and who reads what is drawn by a hash, which only the daemon knows; that nobody ever changes
    # sides, that both sides are there, and that about a tenth gets nothing can be said without it.
    side = {ref: template for _, _, ref, template in sent}
    assert all(side[ref] == template for _, _, ref, template in sent)
    assert set(side.values()) == {"weekend-bread", "weekend-coffee"}
    held_out = {ref for _, _, ref in due} - set(side)
    assert 0 < len(held_out) <= 12
    assert [one[:3] for one in sent] == sorted(one for one in due if one[2] not in held_out)


def test_a_rainy_day_by_hand(shop, library):
    assert not library.sent("비오는날"), "it is off until somebody switches it on"
    os.makedirs(shop.path("rain"))
    shop.write("rain/on.rule", dict(sample_files())["rainy-day.rule"].replace("    끔\n", "    켬\n"))
    days = [FIRST + n * DAY for n in range(365)]
    agree(over_the_year(shop, shop.path("rain")), "비오는날", [
        (when, one, "rainy-day") for when, one in each(library, days, 14, 14, lambda one, ago: one.seoul and ago <= 90)])


def test_the_owner_hears_of_low_stock(library):
    expected, stock = [], {}
    for e in library.year.of("stock.changed"):
        sku, left = e["data"]["sku"], e["data"]["quantity"]
        if left < 5 <= stock.get(sku, 5):
            expected.append((e["at"], None, "stock-low"))
        stock[sku] = left
    agree(library, "재고부족", expected)


def test_every_rule_was_tried(library):
    """What is off has a test of its own; everything else must have said something in the course of the year."""
    spoken = {one["rule"] for one in library.lines}
    names = {name for _, text in sample_files() for name in re.findall(r"^(?:rule|규칙) (\S+)", text, re.MULTILINE)}
    assert names - spoken == {"비오는날"}
