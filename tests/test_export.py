"""Exports as spreadsheets, and back again: nothing changes by it."""
import csv
import io
import os
import stat

import pytest
from shop import open_shop

KINDS = ["customers", "orders", "products", "consents", "messages", "coupons"]
RULE = 'rule r { when order.placed  purpose info  send sms "t" }\nfields { customer.점수 number }\n'


@pytest.fixture(scope="module")
def shop():
    with open_shop(rules=RULE, templates={"t.sms": "안녕"}, tcp=True) as one:
        fill(one)
        yield one


def fill(shop):
    shop.ok("PUT", "/v1/customers/C1", {
        "name": "김하늘", "phone": "010-1234-5678", "email": "a@example.com", "birthday": "1990-05-05",
        "birthday_calendar": "lunar", "birthday_leap_month": True, "gender": "f", "city": "서울, 마포", "grade": "VIP",
        "language": "ko", "joined": "2026-01-02T10:00:00.250+09:00", "friend": False, "tags": ["단골", "vip"],
        "attributes": {"점수": 12.5, "메모": "=1+2\n\"둘\"", "수": 3, "예": True, "목록": [1, {"a": "b"}], "글": "7"}})
    shop.ok("PUT", "/v1/customers/C2", {"name": "=cmd|x", "phone": "+12025550123", "birthday": "02-29",
                                        "attributes": {"글": "-3"}})
    shop.ok("PUT", "/v1/customers/C3", {"email": "b@example.com"})
    shop.consent("C1", "sms", given=True, time="2026-01-02T10:00:00.123+09:00")
    shop.consent("C1", "data", given=True)
    shop.consent("C1", "kakao", given=True, time="2026-02-02T10:00:00+09:00")
    shop.consent("C1", "kakao", given=False, time="2026-03-02T10:00:00+09:00")
    shop.consent("C2", "email", given=False)
    items = [{"sku": "A", "name": "원두, 강배전", "category": "원두", "quantity": 2, "price": 5000},
             {"sku": "B", "quantity": 1}]
    shop.event("order.placed", "C1", order="P1", total=10000, items=items)
    shop.event("order.paid", "C1", order="P1", total=10000, items=items)
    shop.event("order.placed", "C1", order="P2", total=1000)
    shop.event("order.paid", "C2", order="P3", total=2000)
    shop.event("order.cancelled", "C2", order="P3")
    shop.event("order.paid", "C2", order="P4", total=3000)
    shop.event("order.refunded", "C2", order="P4")
    shop.event("order.paid", "C3", order="P5", total=4000)
    shop.event("order.shipped", "C3", order="P5")
    orders = ("order,customer,time,total,status,sku,name,quantity,price\n"
              "I1,C1,2026-01-02,700,delivered,A,x,1,700\nI2,,2026-01-03,,paid,B,,3,100\n")
    shop.call("POST", "/v1/imports/orders", orders, headers={"Content-Type": "text/csv"})
    shop.ok("PUT", "/v1/products/A", {"name": "원두", "category": "@x", "price": 5000, "stock": 3,
                                      "url": "https://example.com/a,b"})
    shop.ok("PUT", "/v1/products/-B", {"name": "잔"})
    shop.event("order.placed", "C1", order="P9", total=1)
    shop.idle()


def saved(shop, kind, *args, lang="C.UTF-8", name=None):
    path = shop.path(name or f"out-{kind}-{len(os.listdir(shop.root))}.csv")
    ran = shop.ctl("export", kind, path, *args, lang=lang)
    assert ran.code == 0, ran
    return path


def table(path, encoding="utf-8-sig"):
    with open(path, encoding=encoding, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("lang", ["C.UTF-8", "ko_KR.UTF-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
@pytest.mark.parametrize("kind", ["customers", "orders", "products", "consents"])
def test_s44_what_was_exported_comes_back_as_no_change(shop, kind, encoding, lang):
    path = saved(shop, kind, "--encoding", encoding, lang=lang)
    rows = len(table(path, "cp949" if encoding == "cp949" else "utf-8-sig")) - 1
    ran = shop.ctl("--json", "import", kind, path, "--dry-run")
    assert ran.code == 0 and not ran.json["rejected"], ran
    assert ran.json["rows"] == []
    assert ran.json["difference"] == {"new": 0, "changed": 0, "unchanged": rows, "customers": 0}


def test_really_imported_again_it_adds_nothing(shop):
    before = shop.ok("GET", "/v1/customers/C1"), shop.ok("GET", "/v1/customers/C1/consents")
    for kind in ("customers", "orders", "products", "consents"):
        assert shop.ctl("import", kind, saved(shop, kind)).code == 0
    assert (shop.ok("GET", "/v1/customers/C1"), shop.ok("GET", "/v1/customers/C1/consents")) == before


def test_cells_that_a_spreadsheet_would_run_are_escaped(shop):
    for kind in KINDS:
        for row in table(saved(shop, kind)):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row), row
    rows = {row[0]: row for row in table(saved(shop, "customers"))}
    assert rows["C2"][1] == "'=cmd|x" and rows["C2"][2] == "'+12025550123" and rows["C1"][2] == "010-1234-5678"


def test_headings_and_the_file(shop):
    path = saved(shop, "orders", lang="ko_KR.UTF-8")
    assert table(path)[0][:3] == ["주문번호", "고객번호", "주문일시"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with open(path, "rb") as file:
        assert file.read(3) == b"\xef\xbb\xbf"
    assert shop.ctl("export", "orders", path).code == 1, "nothing is overwritten"
    ran = shop.ctl("export", "orders")
    assert ran.out.startswith("order,customer,time,") and ran.code == 0
    status = {row[0]: row[4] for row in table(path)[1:]}
    assert status == {"P1": "paid", "P2": "placed", "P3": "cancelled", "P4": "refunded", "P5": "shipped", "P9": "placed",
                      "I1": "delivered", "I2": "paid"}


def test_messages_and_coupons(shop):
    rows = table(saved(shop, "messages"))
    assert rows[0][:3] == ["id", "customer", "rule"] and rows[1][1:4] == ["C1", "r", "sms"]
    assert "안녕" not in str(rows)
    assert len(table(saved(shop, "coupons"))) == 1


def test_a_letter_that_cp949_lacks(shop):
    shop.ok("PUT", "/v1/products/E", {"name": "잔 ☕🙂"})
    path = shop.path("cp.csv")
    ran = shop.ctl("export", "products", path, "--encoding", "cp949")
    assert ran.code == 1 and "CP949" in ran.err and not os.path.exists(path)


def test_over_http_and_in_the_access_log(shop):
    answer = shop.get("/v1/exports/customers?language=ko", tcp=True)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv")
    assert next(csv.reader(io.StringIO(answer.body.decode())))[0] == "고객번호"
    row = next(row for row in shop.ok("GET", "/v1/audit")["audit"] if row["what"] == "export")
    assert (row["who"], row["target"]) == ("http", "customers")
    assert shop.get("/v1/exports/nonsense").status == 404
    assert shop.ctl("export", "nonsense").code == 1


def test_many_rows_come_whole_and_events_go_on(shop):
    count = 20000
    data = "sku,name\n" + "".join(f"S{i:05},이름 {i} {'가' * 40}\n" for i in range(count))
    answer = shop.call("POST", "/v1/imports/products", data, headers={"Content-Type": "text/csv"})
    assert answer.json["accepted"] == count
    rows = [row for row in table(saved(shop, "products")) if row[0].startswith("S") and row[0][1:].isdigit()]
    assert [row[0] for row in rows] == [f"S{i:05}" for i in range(count)]
    shop.event("visit", "C3")
