"""Imports as Excel and shop systems write them: scenarios 29, 44 and 72."""
import csv
import os
import sqlite3
import stat
import threading

import pytest
from shop import open_shop

HEAD = "고객번호,이름,휴대폰,생일,음양,태그,광고수신_문자,취향\n"


@pytest.fixture(scope="module")
def shop():
    with open_shop(rules="fields { customer.취향 text }\n") as one:
        yield one


def load(shop, kind, data, *args, code=0):
    path = shop.write("import.csv", data)
    ran = shop.ctl("import", kind, path, *args)
    assert ran.code == code, ran
    return ran


def customer(shop, ref):
    return shop.ok("GET", f"/v1/customers/{ref}")


@pytest.mark.parametrize("name, encode", [
    ("utf8", lambda s: s.encode()), ("bom", lambda s: b"\xef\xbb\xbf" + s.encode()),
    ("cp949", lambda s: s.encode("cp949")), ("crlf", lambda s: s.replace("\n", "\r\n").encode("cp949")),
    ("tabs", lambda s: s.replace(",", "\t").encode()), ("semicolons", lambda s: s.replace(";", "|")
                                                      .replace(",", ";").replace("|", "|").encode())])
def test_s72_encodings_and_separators(shop, name, encode):
    tags = "VIP" if name == "semicolons" else "VIP;단골"
    data = HEAD + f"{name},김하늘뷁,010-1234-5678,1990-05-05,음,{tags},Y,산미\n"
    load(shop, "customers", encode(data))
    got = customer(shop, name)
    assert got["name"] == "김하늘뷁" and got["phone"] == "+821012345678"
    assert got["birthday"] == "1990-05-05" and got["birthday_calendar"] == "lunar"
    assert set(got["tags"]) == set(tags.split(";")) and got["attributes"]["취향"] == "산미"
    assert got["consents"]["sms"]["ad"] is True


def test_s72_numbers_that_lost_their_zero_quoted_breaks_and_short_rows(shop):
    data = ('id,phone,name,취향,city\nQ1,1012345678,하나,"산미\n고소",서울\nQ2,1023456789,"그는 ""단골"""\n'
            'Q3,01034567890,셋,,부산\n')
    load(shop, "customers", data)
    assert customer(shop, "Q1")["phone"] == "+821012345678" and customer(shop, "Q1")["city"] == "서울"
    assert customer(shop, "Q1")["attributes"]["취향"] == "산미\n고소"
    assert customer(shop, "Q2")["name"] == '그는 "단골"'
    assert customer(shop, "Q3")["city"] == "부산"


def test_s72_bad_rows_are_named_by_line_and_good_ones_go_in(shop):
    data = ('id,phone,name,birthday\n'
            'G1,01011110001,하나,\n'
            'G2,1.01235E+09,둘,\n'
            'G3,01011110003,"셋\n째",\n'
            ',,,\n'
            'G5,01011110005,다섯,1990-02-31\n'
            'G6,01011110006,여섯,\n')
    ran = load(shop, "customers", data, code=1)
    said = ran.out + ran.err
    assert ":3" in said or "3행" in said or "line 3" in said, said
    assert "7" in said, said
    for ref in ("G1", "G3", "G5", "G6"):
        assert customer(shop, ref)["id"] == ref
    assert not customer(shop, "G5").get("birthday")
    got = shop.get("/v1/customers/G2")
    assert got.status == 404 or not got.json.get("phone"), got


def test_s72_the_answer_of_the_call_names_lines(shop):
    data = "id,phone\nA1,01011112222\nA2,nonsense\n,\nA4,1.0E+10\n"
    answer = shop.call("POST", "/v1/imports/customers", data, headers={"Content-Type": "text/csv"})
    assert answer.status in (200, 201, 202), answer
    body = answer.json
    assert body["batch"], body
    lines = {one["line"] for one in body["rejected"] + body.get("warnings", [])}
    assert {3, 4, 5} <= lines, body


def test_dry_run_changes_nothing(shop):
    ran = load(shop, "customers", "id,name\nDRY,마른\n", "--dry-run")
    assert ran.out.strip()
    assert shop.get("/v1/customers/DRY").status == 404


def test_an_empty_cell_or_absent_column_changes_nothing(shop):
    load(shop, "customers", "id,name,city,consent_sms\nE1,하나,서울,1\n")
    load(shop, "customers", "id,name,city,consent_sms\nE1,하나둘,,\n")
    load(shop, "customers", "id,name\nE1,하나둘셋\n")
    got = customer(shop, "E1")
    assert got["name"] == "하나둘셋" and got["city"] == "서울" and got["consents"]["sms"]["ad"] is True


def test_orders_a_row_an_item_and_again_changes_nothing(shop):
    data = ("order,customer,time,total,status,sku,name,category,quantity,price\n"
            "IO-1,IO,2026-01-02T10:00:00+09:00,30000,paid,A,에이,원두,1,10000\n"
            "IO-1,IO,2026-01-02T10:00:00+09:00,30000,paid,B,비,원두,2,10000\n"
            "IO-2,IO,2026-02-02T10:00:00+09:00,5000,paid,A,에이,원두,1,5000\n"
            "IO-3,IO,2026-03-02T10:00:00+09:00,7000,cancelled,A,에이,원두,1,7000\n")
    for _ in range(2):
        load(shop, "orders", data)
        orders = customer(shop, "IO")["orders"]
        assert (orders["count"], orders["total"]) == (2, 35000)
        assert orders["first"].startswith("2026-01-02") and orders["last"].startswith("2026-02-02")


def test_korean_headings_of_orders_products_and_consents(shop):
    load(shop, "customers", "고객번호,이름,광고수신_문자,광고수신_개인정보\nKO,코,예,아니오\n")
    load(shop, "products", "sku,name,category,price,stock\nP1,예가체프,원두,18000,5\n")
    load(shop, "consents", "customer,channel,purpose,given,time,source\n"
         "KO,email,ad,yes,2026-01-02T10:00:00+09:00,paper\nKO,fax,ad,yes,2026-01-02T10:00:00+09:00,paper\n", code=1)
    consents = customer(shop, "KO")["consents"]
    assert consents["sms"]["ad"] is True and consents["email"]["ad"] is True


def test_escaped_cells_come_back(shop):
    load(shop, "customers", "id,name\nESC,'=1+1\n")
    assert customer(shop, "ESC")["name"] == "=1+1"


def test_imports_never_trigger(make_shop):
    shop = make_shop(rules='rule j { when customer.joined  send sms "a"  limit once }\n'
                     'rule o { when order.paid  purpose info  send sms "a" }', templates={"a.sms": "가"})
    load(shop, "customers", "id,phone,joined,consent_sms,consent_data\nI1,01011112222,2026-11-23T09:59:00+09:00,1,1\n")
    load(shop, "orders", "order,customer,time,total,status\nI-1,I1,2026-11-23T09:59:30+09:00,100,paid\n")
    shop.idle()
    assert shop.messages() == []


def test_an_unknown_kind_and_an_unreadable_file(shop):
    assert shop.ctl("import", "planets", shop.write("x.csv", "a\n1\n")).code == 2
    assert shop.ctl("import", "customers", shop.path("absent.csv")).code in (1, 2)
    assert shop.call("POST", "/v1/imports/planets", "a\n1\n", headers={"Content-Type": "text/csv"}).status == 404


# ---- headings and numbers ----

def post(shop, kind, data, query=""):
    return shop.call("POST", f"/v1/imports/{kind}{query}", data, headers={"Content-Type": "text/csv"})


def test_s72_lost_zeros_are_restored_and_said(shop):
    data = "id,phone\nZ1,1012345001\nZ2,10-1234-5002\nZ3,010-1234-5003\nZ4,1.01235E+09\n"
    answer = post(shop, "customers", data).json
    assert answer["restored"] == [2, 3] and [one["line"] for one in answer["rejected"]] == [5]
    assert customer(shop, "Z2")["phone"] == "+821012345002"
    orders = "order,customer,time,total\nZO1,1012345001,2026-01-02,1000\n"
    assert post(shop, "orders", orders).json["restored"] == [2]
    assert post(shop, "orders", "order,customer,time,total\nZO2,1099990000,2026-01-02,1000\n").json["restored"] == []
    assert customer(shop, "1099990000")["phone"] is None, "an id of the shop's own"


def test_s72_a_heading_that_is_no_column_is_told_with_the_nearest(shop):
    answer = post(shop, "orders", "주문번오,order,customer,time,totl,비고\n,HO1,H1,2026-01-02,1000,\n").json
    assert answer["headings"] == [
        {"heading": "주문번오", "nearest": "주문번호", "becomes": None},
        {"heading": "totl", "nearest": "total", "becomes": None},
        {"heading": "비고", "nearest": None, "becomes": None}]
    answer = post(shop, "customers", "id,e-mial,취향\nH2,a@example.com,산미\n").json
    assert answer["headings"] == [{"heading": "e-mial", "nearest": "email", "becomes": "attribute"}]
    answer = post(shop, "products", "상품코두\nA\n")
    assert answer.status == 422 and "상품코두" in answer.json["detail"] and "상품코드" in answer.json["detail"]


# ---- what did not go in ----

def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def mended(shop, path, *changes):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return shop.write(os.path.basename(path), text)


@pytest.mark.parametrize("lang", ["C.UTF-8", "ko_KR.UTF-8"])
def test_s72_refused_rows_are_a_file_that_goes_in_when_mended(shop, lang):
    path = shop.write(f"r-{lang[:2]}.csv", ("id,취향,phone,birthday\r\nR1,하나,01012340001,\r\n"
                                            "R2,\"=둘\n째\",1.01E+09,1990-02-31\r\nR3,셋,01012340003,\r\n").encode("cp949"))
    ran = shop.ctl("import", "customers", path, lang=lang)
    refused = path.replace(".csv", ".refused.csv")
    assert ran.code == 1 and refused in ran.out, ran
    rows = table(refused)
    assert [row[0] for row in rows[1:]] == ["3"] and rows[1][2:] == ["R2", "'=둘\n째", "1.01E+09", "1990-02-31"]
    assert "phone" in rows[1][1] and "birthday" in rows[1][1]
    assert stat.S_IMODE(os.stat(refused).st_mode) == 0o600
    fixed = mended(shop, refused, ("1.01E+09", "1012340002"), ("1990-02-31", "1990-02-28"))
    ran = shop.ctl("import", "customers", fixed, lang=lang)
    assert ran.code == 0 and "0" in ran.out and not os.path.exists(shop.path(f"r-{lang[:2]}.refused-2.csv"))
    got = customer(shop, "R2")
    assert (got["attributes"]["취향"], got["phone"], got["birthday"]) == ("=둘\n째", "+821012340002", "1990-02-28")
    assert not set(got["attributes"]) & {"refused_line", "거절된_줄"}


def test_s72_of_an_order_all_rows_are_in_the_file(shop):
    data = ("order,customer,time,total,sku,quantity\nQ1,X1,2026-01-02,10,A,1\n"
            "Q2,X1,어제,10,A,1\nQ2,X1,어제,10,B,1\nQ3,X1,2026-01-02,10,A,1\nQ3,X1,2026-01-02,10,B,나\n")
    path = shop.write("orders.csv", data)
    ran = shop.ctl("--json", "import", "orders", path)
    assert ran.code == 1
    rows = table(ran.json["refused"])
    assert [row[0] for row in rows[1:]] == ["3", "4", "5", "6"]
    assert rows[1][1] and not rows[2][1] and rows[4][1]
    again = shop.ctl("--json", "import", "orders", path, "--dry-run").json
    assert again["refused"] is None, "a dry run writes nothing"
    assert shop.ctl("--json", "import", "orders", path).json["refused"].endswith("orders.refused-2.csv")
    named = shop.path("mine.csv")
    assert shop.ctl("--json", "import", "orders", path, "--dry-run", "--refused", named).json["refused"] == named
    ran = shop.ctl("import", "orders", path, "--refused", named)
    assert ran.code == 1 and "mine.csv" in ran.err, "it is there already"


# ---- maps ----

def test_a_map_and_what_is_wrong_with_one(shop):
    path = shop.write("theirs.csv", "회원,성함,연락 번호,비밀\nT1,하나,1012345099,x\n")
    good = shop.write("map.txt", "# 우리 것\n회원 = 고객번호\n성함=name\n연락 번호 = 휴대폰\n비밀 =\n")
    assert shop.ctl("import", "customers", path, "--map", good).code == 0
    got = customer(shop, "T1")
    assert got["name"] == "하나" and got["phone"] == "+821012345099" and not got["attributes"]
    bad = shop.write("bad.txt", "회원 = id\n성햠 = name\n비밀\n회원 = phone\n비밀 = id\n")
    ran = shop.ctl("import", "customers", path, "--map", bad)
    assert ran.code == 1
    assert f"{bad}:2: " in ran.err and "성함" in ran.err and all(f"{bad}:{n}: " in ran.err for n in (3, 4, 5)), ran
    wrong = shop.write("wrong.txt", "회원 = order\n성함 = totl\n")
    ran = shop.ctl("import", "orders", path, "--map", wrong)
    assert ran.code == 1 and f"{wrong}:2: " in ran.err and "total" in ran.err, ran


def test_a_workbook_is_told_from_csv(shop):
    ran = shop.ctl("import", "customers", shop.write("a.xlsx", b"PK\x03\x04..."))
    assert ran.code == 1 and "CSV" in ran.err


# ---- a large file ----

def peak_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def test_s72_a_hundred_thousand_orders_while_events_come_in(make_shop):
    shop = make_shop()
    count, sent, over = 100_000, 0, threading.Event()
    path = shop.write("large.csv", "order,customer,time,total,sku,quantity\n" + "".join(
        f"L{i},L{i % 5000},2026-01-02T10:00:00+09:00,1000,A,1\n" for i in range(count)))
    ran = []

    def load_all():
        ran.append(shop.ctl("--json", "import", "orders", path))
        over.set()

    thread = threading.Thread(target=load_all)
    thread.start()
    while not over.is_set():
        shop.event("visit", f"V{sent % 50}", id=f"v{sent}")
        sent += 1
    thread.join()
    assert ran[0].code == 0 and ran[0].json["accepted"] == count and sent > 10
    assert shop.ok("GET", "/v1/customers/L1")["orders"]["count"] == count // 5000
    with sqlite3.connect(shop.path("shop.db")) as db:
        assert db.execute("SELECT count(*) FROM event").fetchone() == (sent,), "none was lost"
    db.close()
    assert "asan" in os.environ.get("DANGOL_BUILD", "") or peak_kb(shop.process.pid) <= 64 * 1024
