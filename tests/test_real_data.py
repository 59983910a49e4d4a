"""The CDNOW purchases (23,570 real customers, 1997 to 1998) through the import, the counters and the simulation,
against sums and dates that this file works out by itself."""
import collections
import csv
import datetime
import os

import pytest
from shop import HERE, open_shop

DATA = os.path.join(HERE, "..", "..", "shared", "data", "cdnow", "CDNOW_master.txt")
RULE = '''rule winback "90일 만에" {
    when  90 days after last order at 11:00
    if    orders.count >= 2
    send  sms "comeback"
}
'''


def purchases():
    assert os.path.exists(DATA), f"the CDNOW data is absent: {os.path.normpath(DATA)}"
    with open(DATA, encoding="ascii") as lines:
        for number, line in enumerate(lines):
            fields = line.split()
            if number and len(fields) == 4:
                ref, day, _, dollars = fields
                whole, _, cents = dollars.partition(".")
                yield (f"O{number:06}", ref, datetime.date(int(day[:4]), int(day[4:6]), int(day[6:])),
                       int(whole) * 100 + int((cents + "00")[:2]), int(fields[2]))


@pytest.fixture(scope="module")
def bought():
    return list(purchases())


@pytest.fixture(scope="module")
def shop(bought):
    with open_shop(rules=RULE, templates={"comeback.sms": "#{이름}님, 오랜만이에요"}, rate=1) as one:
        refs = sorted({row[1] for row in bought})
        assert len(refs) == 23570
        with open(one.path("customers.csv"), "w", newline="", encoding="utf-8") as out:
            rows = csv.writer(out)
            rows.writerow(["고객번호", "이름", "휴대폰", "가입일", "consent_sms", "consent_data", "consent_time",
                           "consent_source"])
            for n, ref in enumerate(refs):
                rows.writerow([ref, f"손님{n}", f"010{30000000 + n}", "1997-01-01T00:00:00+09:00", 1, 1,
                               "1997-01-01T00:00:00+09:00", "paper"])
        with open(one.path("orders.csv"), "w", newline="", encoding="utf-8") as out:
            rows = csv.writer(out)
            rows.writerow(["order", "customer", "time", "total", "status", "sku", "name", "category", "quantity"])
            for ref, customer, day, won, quantity in bought:
                rows.writerow([ref, customer, f"{day}T15:00:00+09:00", won, "paid", "CD", "CD", "음반", quantity])
        for kind in ("customers", "orders"):
            ran = one.ctl("import", kind, one.path(f"{kind}.csv"), timeout=240)
            assert ran.code == 0, ran
        yield one


def test_the_counters_of_every_customer(shop, bought):
    count, total = collections.Counter(), collections.Counter()
    first, last = {}, {}
    for _, ref, day, won, _ in bought:
        count[ref] += 1
        total[ref] += won
        first[ref], last[ref] = min(first.get(ref, day), day), max(last.get(ref, day), day)
    after, seen = "", 0
    while after is not None:
        page = shop.ok("GET", f"/v1/customers?limit=1000{'&after=' + str(after) if after else ''}")
        for one in page["customers"]:
            ref, orders = one["id"], one["orders"]
            assert (orders["count"], orders["total"]) == (count[ref], total[ref]), ref
            assert (orders["first"][:10], orders["last"][:10]) == (first[ref].isoformat(), last[ref].isoformat()), ref
            seen += 1
        after = page["next"]
    assert seen == 23570
    assert sum(total.values()) == 250031563, "the sum of the data set itself"


def test_who_is_written_to_on_which_day_of_july_1998(shop, bought):
    count, last = collections.Counter(), {}
    for _, ref, day, _, _ in bought:
        count[ref] += 1
        last[ref] = max(last.get(ref, day), day)
    wanted = set()
    for ref, day in last.items():
        due = day + datetime.timedelta(days=90)
        if count[ref] >= 2 and datetime.date(1998, 7, 1) <= due <= datetime.date(1998, 7, 31):
            wanted.add((due.isoformat(), ref))
    assert len(wanted) > 300
    found = shop.simulate("--from", "1998-07-01", "--to", "1998-07-31")
    assert {one["state"] for one in found} == {"accepted"}
    assert {one["time"][10:] for one in found} == {"T11:00:00+09:00"}
    got = [(one["time"][:10], one["customer"]) for one in found]
    assert len(got) == len(set(got))
    assert set(got) == wanted
    assert [one["time"] for one in found] == sorted(one["time"] for one in found)
    assert all(one["text"].startswith("(광고)단골커피\n손님") for one in found)
    assert shop.messages() == []
