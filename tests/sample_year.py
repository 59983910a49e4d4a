"""One year of a sample shop, made up and always the same: its customers, what they bought before, and every event of
2025, for the rules of rules/. What is delivered to a customer is at least five days from his next delivery."""
import csv
import datetime
import json
import random

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)
CUSTOMERS = 60
# Holidays of 2025 whose lunar date everybody knows: New Year, full moon, Buddha's birthday, Dano, Chuseok.
LUNAR = {(1, 1): datetime.date(2025, 1, 29), (1, 15): datetime.date(2025, 2, 12), (4, 8): datetime.date(2025, 5, 5),
         (5, 5): datetime.date(2025, 5, 31), (8, 15): datetime.date(2025, 10, 6)}


def at(day, hour=0, minute=0):
    return datetime.datetime.combine(day, datetime.time(hour, minute))


class Customer:
    """number i: a third with lunar birthdays, a tenth without consent, a tenth joins in the course of 2025."""

    def __init__(self, i, draw):
        self.ref, self.i = f"C{i:03}", i
        self.consent, self.newcomer = i % 10 != 7, i % 10 == 3
        self.staff, self.seoul = i % 20 == 9, i % 3 != 0
        self.lunar = sorted(LUNAR)[i % len(LUNAR)] if i % 3 == 1 else None
        self.solar = (1 + draw.randrange(12), 1 + draw.randrange(28))
        self.joined = None if self.newcomer else datetime.date(2024, 1, 10) + draw.randrange(700) * DAY
        if self.joined and self.joined > datetime.date(2024, 12, 20):
            self.joined -= 366 * DAY
        self.child = FIRST + draw.randrange(365) * DAY if i % 6 == 0 else None

    def birthdays(self):
        """As they are kept in 2025 and, of the solar ones, early in 2026."""
        if self.lunar:
            return [LUNAR[self.lunar]]
        return [datetime.date(year, *self.solar) for year in (2025, 2026)]


class Year:
    def __init__(self):
        self.draw = random.Random(20250101)
        self.customers = [Customer(i, self.draw) for i in range(CUSTOMERS)]
        self.past, self.events = [], []
        for one in self.customers:
            self.live(one)
        for product in range(4):
            self.shelf(f"SKU-{product}")
        self.events.sort(key=lambda e: (e["at"], e["n"]))
        self.index = {}
        for e in self.events:
            self.index.setdefault((e["type"], None), []).append(e)
            if e["who"]:
                self.index.setdefault((e["type"], e["who"]), []).append(e)
                self.index.setdefault((None, e["who"]), []).append(e)

    def add(self, kind, customer, when, **data):
        if FIRST <= when.date() <= LAST:
            self.events.append({"type": kind, "who": customer, "at": when, "data": data, "n": len(self.events)})

    def hour(self, day):
        """Between ten and five, so that nothing which follows within three hours meets the night; never on the hour."""
        return at(day, 10 + self.draw.randrange(7), 1 + self.draw.randrange(58))

    def days(self, begin, least, most):
        while begin <= LAST:
            yield begin
            begin += (least + self.draw.randrange(most - least + 1)) * DAY

    def live(self, one):
        begin = FIRST
        if one.newcomer:
            begin += (20 + self.draw.randrange(250)) * DAY
            self.add("customer.joined", one, at(begin, 9, 30))
        else:
            begin = datetime.date(2024, 7, 1)
        self.orders(one, begin)
        if one.i % 2:
            self.browsing(one, max(begin, FIRST))
        if one.i % 4 == 0 or not one.consent:
            self.salon(one)

    def orders(self, one, begin):
        often = (5, 9) if one.i % 5 == 0 else (10, 160)
        for n, day in enumerate(self.days(begin + (one.i % 11) * DAY, *often)):
            when, order = self.hour(day), f"{one.ref}-{n}"
            if day < FIRST:
                if day <= datetime.date(2024, 11, 30):
                    self.past.append((order, one, when, 5000 + 1000 * (n % 30)))
                continue
            bean = {"items": [{"sku": "BEAN", "category": "원두", "quantity": 1, "price": 18000}]} if n % 3 == 0 else {}
            self.add("order.paid", one, when, order=order, total=18000 + 1000 * (n % 5), **bean)
            self.after(one, n, day, order)

    def after(self, one, n, day, order):
        if n % 4 == 1:
            self.add("order.refunded", one, self.hour(day + DAY), order=order, amount=1000)
        if n % 2:
            return
        self.add("order.shipped", one, self.hour(day + DAY), order=order, tracking=f"T{order}")
        self.add("order.delivered", one, self.hour(day + 2 * DAY), order=order)
        if n % 6 == 0:
            self.add("review.posted", one, self.hour(day + 4 * DAY), order=order, sku="BEAN", stars=1 + n % 5)

    def browsing(self, one, begin):
        for day in self.days(begin + 3 * DAY, 1, 40):
            for n in range(1 + self.draw.randrange(4)):
                self.add("product.viewed", one, self.hour(day), sku=f"KNIT-{n}")
        for n, day in enumerate(self.days(begin + 4 * DAY, 2, 50)):
            when = self.hour(day)
            self.add("cart.added", one, when, sku=f"CART-{n}", quantity=1 + n % 3, price=9000)
            if n % 3 == 0:
                self.add("checkout.started", one, when + HOUR / 4, total=9000 * (1 + n % 2))
            if n % 6 == 0:  # pays within the hour; no item is named, so that the whole cart is paid for
                self.add("order.paid", one, when + HOUR / 2, order=f"{one.ref}-W{n}", total=27000)
        for n, day in enumerate(self.days(begin + 5 * DAY, 2, 60)):
            self.add("stock.back", one, at(day, 10), sku=f"KNIT-{n}", name="라운드 니트")
        if one.i % 3 == 0:
            self.add("friend.added", one, self.hour(begin + 30 * DAY))
            self.add("friend.added", one, self.hour(begin + 90 * DAY))

    def salon(self, one):
        for day in self.days(FIRST + one.i % 30 * DAY, 6, 60):
            self.add("visit", one, self.hour(day))
        for n, day in enumerate(self.days(FIRST + 5 * DAY, 20, 60)):
            key, when = f"{one.ref}-R{n}", at(day + 9 * DAY, 14)
            said = when.isoformat() + "+09:00"
            self.add("reservation.made", one, self.hour(day), reservation=key, at=said)
            if n % 3 == 1:
                moved = (when + 4 * DAY).isoformat() + "+09:00"
                self.add("reservation.changed", one, self.hour(day + 2 * DAY), reservation=key, at=moved)
            if n % 3 == 2:
                self.add("reservation.cancelled", one, self.hour(day + 2 * DAY), reservation=key)

    def shelf(self, sku):
        for n, day in enumerate(self.days(FIRST + 2 * DAY, 3, 20)):
            self.add("stock.changed", None, self.hour(day), sku=sku, quantity=(17 - 4 * n) % 18)

    # ---- as the shop's files ----
    def customer_rows(self):
        yield ["id", "name", "phone", "birthday", "birthday_calendar", "joined", "city", "tags", "consent_sms",
               "consent_kakao", "consent_data", "consent_time", "consent_source", "아이생일"]
        for one in self.customers:
            month, day = one.lunar or one.solar
            given = "yes" if one.consent else "no"
            yield [one.ref, f"손님{one.i}", f"010-3000-{one.i:04}", f"--{month:02}-{day:02}",
                   "lunar" if one.lunar else "solar", one.joined or "", "서울" if one.seoul else "부산",
                   "직원" if one.staff else "", given, "no" if one.i % 6 == 3 else given, given,
                   "2024-12-15T09:00:00+09:00", "paper", one.child or ""]

    def order_rows(self):
        yield ["order", "customer", "time", "total", "status"]
        for order, one, when, total in self.past:
            yield [order, one.ref, when.isoformat() + "+09:00", total, "paid"]

    def write(self, shop):
        for kind, rows in (("customers", self.customer_rows()), ("orders", self.order_rows())):
            with open(shop.path(f"{kind}.csv"), "w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows(rows)
        with open(shop.path("events.ndjson"), "w", encoding="utf-8") as out:
            for e in self.events:
                one = {"id": f"e{e['n']}", "type": e["type"], "time": e["at"].isoformat() + "+09:00", "data": e["data"]}
                if e["who"]:
                    one["customer"] = {"id": e["who"].ref}
                out.write(json.dumps(one, ensure_ascii=False) + "\n")

    # ---- what the expectations ask ----
    def of(self, kind, who=None):
        """Events of a kind, or with None of every kind, and of a customer, or of everybody; in order of time."""
        return self.index.get((kind, who), [])

    def times(self, kind, who):
        return [e["at"] for e in self.of(kind, who)]

    def paid(self, who):
        """Every order's time, those before 2025 too."""
        return sorted([row[2] for row in self.past if row[1] is who] + self.times("order.paid", who))
