"""Undoing an import: scenario 44. What it did goes, and nothing else; what came after it stays."""
import http.client
import itertools
import json
import random
import sqlite3
import threading
import contextlib

import pytest

from test_erase import plain_shop, raw, washed  # noqa: F401

FIELDS = "fields { customer.취향 text }\n"


def load(shop, kind, data, *args, batch=None, code=0):
    """Through dangolctl, or in one call under a name."""
    if batch:
        answer = shop.call("POST", f"/v1/imports/{kind}?batch={batch}", data, headers={"Content-Type": "text/csv"})
        assert answer.status == 200 and not answer.json["rejected"], answer
        return batch
    ran = shop.ctl("--json", "import", kind, shop.write("import.csv", data), *args)
    assert ran.code == code, ran
    return ran.json["batch"]


def undo(shop, batch):
    """What it came to, without what it did not."""
    ran = shop.ctl("--json", "import", "undo", batch)
    assert ran.code == 0, ran
    assert ran.json["batch"] == batch and ran.json["undone"]
    return {name: n for name, n in ran.json["counts"].items() if n}


def customer(shop, ref):
    return shop.ok("GET", f"/v1/customers/{ref}")


def gone(shop, ref):
    return shop.get(f"/v1/customers/{ref}").status == 404


def history(shop, ref):
    return shop.ok("GET", f"/v1/customers/{ref}/consents")["consents"]


def rows(shop, sql):
    with contextlib.closing(sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


# ---- customers ----

def test_s44_customers_that_it_made_go_and_leave_nothing(plain_shop):  # noqa: F811
    shop = plain_shop(rules=FIELDS)
    shop.customer("OLD", "", name="남는이름")
    batch = load(shop, "customers", "id,name,phone,email,tags,취향,consent_sms\n"
                 "N1,지울이름,010-9876-5432,gone@example.com,VIP;단골,창가자리,1\nN2,둘째,,,,,\n")
    assert customer(shop, "N1")["attributes"]["취향"] == "창가자리"
    assert undo(shop, batch) == {"customers_removed": 2}
    assert gone(shop, "N1") and gone(shop, "N2") and customer(shop, "OLD")["name"] == "남는이름"
    for table in ("person", "customer_tag", "consent", "consent_log", "import_change"):
        column = "customer" if table != "import_change" else "ref"
        assert not rows(shop, f"SELECT * FROM {table} WHERE {column} NOT IN (SELECT id FROM customer)"), table
    washed(shop)
    data = raw(shop)
    for trace in ("지울이름", "9876", "gone@example.com", "창가자리"):
        assert trace.encode() not in data, trace
    assert "남는이름".encode() in data
    load(shop, "customers", "id,name\nN1,다시\n")
    assert customer(shop, "N1")["name"] == "다시", "the id is free"


def test_s44_an_answer_that_was_kept_forgets_who_goes(plain_shop):  # noqa: F811
    shop = plain_shop()
    data = {"name": "지울이름", "phone": "010-9876-5432"}
    batch = load(shop, "customers", "id,name,phone\nN1,지울이름,010-9876-5432\n")
    shop.put("/v1/customers/N1", data, headers={"Idempotency-Key": "k1"})
    assert undo(shop, batch) == {"customers_removed": 1}
    washed(shop)
    assert "지울이름".encode() not in raw(shop)


def spoken_of(shop, ref, how):
    if how == "event":
        shop.event("visit", ref)
    elif how == "order":
        shop.ok("PUT", f"/v1/orders/{ref}-A", {"customer": ref, "time": "2026-01-02T10:00:00+09:00", "total": 100})
    elif how == "message":
        shop.ok("POST", "/v1/messages", {"customer": ref, "channel": "sms", "template": "t"})
        shop.idle()
    elif how == "consent":
        shop.consent(ref, "email")
    elif how == "field":
        shop.ok("PATCH", f"/v1/customers/{ref}", {"city": "부산"})
    elif how == "another":
        shop.ok("PATCH", f"/v1/customers/{ref}", {"grade": "VIP"})
    elif how == "tag":
        shop.ok("PATCH", f"/v1/customers/{ref}", {"tags": ["a", "b"]})
    elif how == "cart":
        shop.event("cart.added", ref, sku="S", quantity=1)


@pytest.mark.parametrize("how", ["event", "order", "message", "consent", "field", "another", "tag", "cart"])
def test_s44_who_was_spoken_of_since_stays_without_what_it_told(make_shop, how):
    shop = make_shop(templates={"t.sms": "안녕하세요"})
    batch = load(shop, "customers", "id,name,phone,city,tags\nK1,김하나,01012345678,서울,a\nK2,김둘,,서울,\n")
    spoken_of(shop, "K1", how)
    counts = undo(shop, batch)
    assert counts["customers_removed"] == 1 and counts["customers_kept"] == 1 and gone(shop, "K2")
    left = customer(shop, "K1")
    assert not left.get("name") and not left.get("phone")
    assert left.get("city") == ("부산" if how == "field" else None)
    assert left["tags"] == (["b"] if how == "tag" else [])
    assert counts.get("fields_later", 0) == (how == "field")
    assert left.get("grade") == ("VIP" if how == "another" else None)


def test_s44_fields_tags_and_attributes_of_those_who_were_there_go_back(make_shop):
    shop = make_shop(rules=FIELDS)
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘", "phone": "010-1111-2222", "city": "서울", "grade": "단골",
                                        "birthday": "1990-05-05", "tags": ["a", "b"],
                                        "attributes": {"취향": "산미", "메모": "창가"}})
    before = customer(shop, "C1")
    batch = load(shop, "customers", "id,name,phone,email,city,grade,birthday,음양,gender,tags,취향,새것,friend,joined\n"
                 "C1,김바다,01033334444,c1@example.com,부산,새손님,1991-06-06,음,f,b;c,고소,1,1,2020-01-01\n")
    now = customer(shop, "C1")
    assert now["city"] == "부산" and set(now["tags"]) == {"b", "c"} and now["attributes"]["취향"] == "고소"
    counts = undo(shop, batch)
    assert customer(shop, "C1") == before
    assert counts == {"customers_restored": 1, "fields_restored": 13}
    assert shop.ok("POST", "/v1/customers/export", {"phone": "010-1111-2222"})["customer"]["id"] == "C1"
    assert shop.post("/v1/customers/export", {"phone": "010-3333-4444"}).status == 404


def test_s44_what_somebody_changed_since_stays_and_is_told(make_shop):
    shop = make_shop(rules=FIELDS)
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘", "city": "서울", "grade": "단골", "tags": ["a"],
                                        "attributes": {"취향": "산미"}})
    batch = load(shop, "customers", "id,name,city,grade,tags,취향\nC1,김바다,부산,새손님,b,고소\n")
    shop.ok("PATCH", "/v1/customers/C1", {"city": "대구", "attributes": {"취향": "쓴맛"}})
    ran = shop.ctl("import", "undo", batch, lang="C.UTF-8")
    assert ran.code == 0 and "left as they are: 2" in ran.out, ran
    left = customer(shop, "C1")
    assert (left["name"], left["city"], left["grade"], left["tags"]) == ("김하늘", "대구", "단골", ["a"])
    assert left["attributes"] == {"취향": "쓴맛"}


def test_s44_several_calls_are_one_batch(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"city": "서울"})
    for i, city in enumerate(["부산", "대구", "부산"]):
        load(shop, "customers", f"id,city\nC1,{city}\nN{i},{city}\n", batch="chunks")
    assert undo(shop, "chunks") == {"customers_removed": 3, "customers_restored": 1, "fields_restored": 1}
    assert customer(shop, "C1")["city"] == "서울" and gone(shop, "N2")


# ---- one import over another ----

def test_s44_the_older_first_then_the_newer(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"city": "서울", "grade": "가"})
    load(shop, "customers", "id,city,grade\nC1,부산,나\n", batch="older")
    load(shop, "customers", "id,city\nC1,대구\n", batch="newer")
    assert undo(shop, "older") == {"customers_restored": 1, "fields_restored": 1, "fields_later": 1}
    assert (customer(shop, "C1")["city"], customer(shop, "C1")["grade"]) == ("대구", "가")
    undo(shop, "newer")
    assert customer(shop, "C1")["city"] == "서울", "what the older one made does not rise again"


def test_s44_the_newer_first_then_the_older(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"city": "서울"})
    load(shop, "customers", "id,city\nC1,부산\n", batch="older")
    load(shop, "customers", "id,city\nC1,대구\n", batch="newer")
    undo(shop, "newer")
    assert customer(shop, "C1")["city"] == "부산"
    undo(shop, "older")
    assert customer(shop, "C1")["city"] == "서울"


def test_s44_whom_a_newer_import_names_too_is_the_newer_ones(make_shop):
    shop = make_shop()
    load(shop, "customers", "id,name,city\nN1,하나,서울\n", batch="older")
    load(shop, "customers", "id,name\nN1,하나\n", batch="newer")
    counts = undo(shop, "older")
    assert counts["customers_kept"] == 1 and customer(shop, "N1")["name"] == "하나"
    assert not customer(shop, "N1").get("city")
    assert undo(shop, "newer") == {"customers_removed": 1} and gone(shop, "N1")


@pytest.mark.parametrize("seed", range(12))
def test_s44_any_imports_undone_in_any_order(make_shop, seed):
    """A field is what the newest of the imports that stand told of it, else what it was; a consent is one of theirs."""
    draw = random.Random(seed)
    shop = make_shop()
    base = {"C0": {"city": "가", "grade": "가", "tags": ["a"]}, "C1": {}}
    for ref, fields in base.items():
        shop.ok("PUT", f"/v1/customers/{ref}", fields)
    imports = {}
    for n in range(6):
        columns = draw.sample(["city", "grade", "tags", "language", "consent_sms"], draw.randint(1, 4))
        told = {f"C{i}": {c: draw.choice([["a"], ["b"], ["a", "b"]]) if c == "tags"
                          else "1" if c == "consent_sms" else draw.choice("가나")
                          for c in columns} for i in draw.sample(range(4), draw.randint(1, 3))}
        lines = [",".join([ref] + [";".join(row[c]) if c == "tags" else row[c] for c in columns])
                 for ref, row in told.items()]
        imports[load(shop, "customers", "\n".join([",".join(["id"] + columns)] + lines) + "\n", batch=f"b{n}")] = told
        if n == 3:
            undo(shop, one := draw.choice(list(imports)))
            del imports[one]
    order = list(imports)
    draw.shuffle(order)
    for one in [None] + order:
        if one:
            undo(shop, one)
            del imports[one]
        for ref in ("C0", "C1", "C2", "C3"):
            words = [told[ref] for told in imports.values() if ref in told]
            if ref not in base and not words:
                assert gone(shop, ref), (ref, one)
                continue
            is_ = customer(shop, ref)
            for field in ("city", "grade", "language"):
                should = next((w[field] for w in reversed(words) if field in w), base.get(ref, {}).get(field))
                assert is_.get(field) == should, (ref, field, one, imports)
            assert is_["consents"]["sms"]["ad"] == any("consent_sms" in w for w in words), (ref, one, imports)
            should = next((w["tags"] for w in reversed(words) if "tags" in w), base.get(ref, {}).get("tags", []))
            assert sorted(is_["tags"]) == should, (ref, one, imports)
    assert not rows(shop, "SELECT * FROM import_change")


# ---- orders ----

ORDERS = ("order,customer,time,total,status,sku,quantity,price\n"
          "A1,C1,2026-01-02T10:00:00+09:00,3000,paid,S1,1,1000\nA1,C1,2026-01-02T10:00:00+09:00,3000,paid,S2,2,1000\n"
          "A2,C1,2026-02-02T10:00:00+09:00,5000,paid,S1,1,5000\nA3,NEW,2026-02-02T10:00:00+09:00,700,paid,,,\n"
          "A4,C1,2026-03-02T10:00:00+09:00,900,cancelled,,,\n")


def test_s44_orders_go_and_customers_are_recounted(make_shop):
    shop = make_shop()
    shop.customer("C1", "")
    shop.ok("PUT", "/v1/orders/MINE", {"customer": "C1", "time": "2026-01-15T10:00:00+09:00", "total": 100})
    before = customer(shop, "C1")["orders"]
    batch = load(shop, "orders", ORDERS)
    assert customer(shop, "C1")["orders"]["count"] == 3 and customer(shop, "NEW")["orders"]["total"] == 700
    assert undo(shop, batch) == {"orders_removed": 4, "customers_removed": 1}
    assert customer(shop, "C1")["orders"] == before and gone(shop, "NEW")
    assert rows(shop, "SELECT count(*) FROM orders")[0][0] == 1 and not rows(shop, "SELECT * FROM order_item")


def test_s44_an_order_that_went_on_since_stays(make_shop):
    shop = make_shop()
    shop.customer("C1", "")
    batch = load(shop, "orders", ORDERS)
    shop.event("order.refunded", "C1", order="A2", total=5000)
    shop.event("visit", "NEW")
    counts = undo(shop, batch)
    assert counts == {"orders_removed": 3, "orders_kept": 1, "customers_kept": 1}
    assert customer(shop, "C1")["orders"]["count"] == 0 and customer(shop, "NEW")["orders"]["count"] == 0
    assert rows(shop, "SELECT ref, refunded FROM orders") == [("A2", 5000)]


@pytest.mark.parametrize("first", ["older", "newer"])
def test_s44_orders_that_two_imports_told_of(make_shop, first):
    shop = make_shop()
    shop.customer("C1", "")
    data = "order,customer,time,total,sku,quantity,price\nA1,C1,2026-01-02,{},S{},1,1\nA2,C1,2026-01-02,500,S,1,1\n"
    load(shop, "orders", data.format(3000, 1), batch="older")
    load(shop, "orders", data.format(4000, 2), batch="newer")
    state = "SELECT o.ref, total, sku FROM orders o JOIN order_item ON order_id = o.id ORDER BY o.ref"
    assert rows(shop, state) == [("A1", 4000, "S2"), ("A2", 500, "S")]
    undo(shop, first)
    assert rows(shop, state) == [("A1", *((4000, "S2") if first == "older" else (3000, "S1"))), ("A2", 500, "S")]
    assert customer(shop, "C1")["orders"]["total"] == (4500 if first == "older" else 3500)
    undo(shop, "newer" if first == "older" else "older")
    assert not rows(shop, state) and customer(shop, "C1")["orders"]["count"] == 0


def test_s44_an_order_of_the_till_is_the_tills_again(make_shop):
    shop = make_shop()
    shop.event("order.paid", "C1", order="A1", total=1000, items=[{"sku": "S1", "quantity": 1, "price": 1000}])
    before = rows(shop, "SELECT * FROM orders"), rows(shop, "SELECT * FROM order_item")
    batch = load(shop, "orders", "order,customer,time,total,status\nA1,C1,2026-11-24,1000,shipped\n")
    if rows(shop, "SELECT count(*) FROM orders") == [(1,)]:
        assert rows(shop, "SELECT * FROM orders") != before[0]
    undo(shop, batch)
    assert (rows(shop, "SELECT * FROM orders"), rows(shop, "SELECT * FROM order_item")) == before


# ---- products ----

def test_s44_products_go_back(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/products/P1", {"name": "원두", "price": 100, "stock": 5})
    shop.ok("PUT", "/v1/products/P2", {"name": "잔", "price": 300})
    batch = load(shop, "products", "sku,name,price,stock,category\nP1,새원두,200,9,커피\nP2,새잔,400,,\nP3,새것,1,2,x\nP4,넷,1,2,\n")
    shop.ok("PUT", "/v1/products/P2", {"price": 500})
    shop.ok("PUT", "/v1/products/P4", {"stock": 7})
    counts = undo(shop, batch)
    assert counts == {"products_restored": 2, "products_removed": 1, "products_kept": 1, "fields_restored": 7,
                      "fields_later": 2}
    assert rows(shop, "SELECT sku, name, category, price, stock FROM product ORDER BY sku") == [
        ("P1", "원두", None, 100, 5), ("P2", "잔", None, 500, None), ("P4", None, None, None, 7)]


# ---- consents ----

CONSENTS = "customer,channel,purpose,given,time\n"


def test_s44_a_consent_that_it_gave_is_taken_back_in_the_ledger(make_shop):
    shop = make_shop()
    shop.customer("C1", "email")
    batch = load(shop, "customers", "id,consent_sms,consent_data\nC1,1,1\n")
    before = history(shop, "C1")
    assert customer(shop, "C1")["consents"]["sms"]["ad"] is True
    assert undo(shop, batch) == {"consents_restored": 2}
    consents = customer(shop, "C1")["consents"]
    assert not consents["sms"]["ad"] and not consents["data"]["ad"] and consents["email"]["ad"]
    after = history(shop, "C1")
    assert after[:len(before)] == before and len(after) == len(before) + 2
    assert all((e["how"], e["source"], e["given"]) == ("import", f"undo {batch}", False) for e in after[-2:])
    load(shop, "customers", "id,consent_sms\nC1,1\n")
    assert customer(shop, "C1")["consents"]["sms"]["ad"] is True, "nobody had withdrawn it"


def test_s44_a_withdrawal_stays_whoever_brought_it(make_shop):
    shop = make_shop()
    shop.customer("C1", "sms email data", phone="010-1234-5678")
    batch = load(shop, "customers", "id,phone,consent_sms,consent_email\nC1,,n,n\nN1,01099998888,n,\n")
    assert not customer(shop, "C1")["consents"]["sms"]["ad"]
    ran = shop.ctl("import", "undo", batch, lang="C.UTF-8")
    assert "which stay: 2" in ran.out or "which stay: 3" in ran.out, ran
    consents = customer(shop, "C1")["consents"]
    assert not consents["sms"]["ad"] and not consents["email"]["ad"] and consents["data"]["ad"]
    assert gone(shop, "N1")
    shop.ok("PUT", "/v1/customers/AGAIN", {"phone": "010-9999-8888"})
    assert shop.ok("GET", "/v1/customers/AGAIN/export")["refused"] == {"sms": "opted_out"}


def test_s44_whoever_shares_the_number_of_one_who_goes_is_written_to(make_shop):
    shop = make_shop(rules='rule v { when visit  send sms "t" }', templates={"t.sms": "안녕"})
    shop.customer("MOM", "sms data", phone="010-9999-8888")
    shop.at("2026-11-23T11:00:00+09:00")
    undo(shop, load(shop, "customers", "id,phone,consent_sms\nSON,01099998888,n\n"))
    shop.event("visit", "MOM")
    assert shop.message_in("accepted", customer="MOM")
    shop.customer("SON", "sms data", phone="010-9999-8888")
    shop.event("visit", "SON")
    assert shop.message_in("dropped", customer="SON")["reason"] == "opted_out"


def test_s44_undoing_never_gives_where_somebody_withdrew(make_shop):
    shop = make_shop()
    shop.customer("C1", "sms data")
    batch = load(shop, "consents", CONSENTS + "C1,sms,ad,y,2026-11-22T10:00:00+09:00\nC1,data,ad,y,\n")
    shop.at("2026-11-24T10:00:00+09:00")
    shop.consent("C1", "sms", given=False)
    before = history(shop, "C1")
    undo(shop, batch)
    assert not customer(shop, "C1")["consents"]["sms"]["ad"] and customer(shop, "C1")["consents"]["data"]["ad"]
    assert [e for e in history(shop, "C1") if e["channel"] == "sms"] == [e for e in before if e["channel"] == "sms"]


def test_s44_what_held_before_holds_again(make_shop):
    """A withdrawal that a newer consent had lifted, and the day of an older consent."""
    shop = make_shop()
    old = "2026-01-02T10:00:00+09:00"
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘"})
    shop.consent("C1", "sms", given=False, time=old)
    shop.consent("C1", "email", given=True, time=old)
    batch = load(shop, "consents", CONSENTS + "C1,sms,ad,y,2026-06-01T10:00:00+09:00\n"
                 "C1,email,ad,y,2026-06-01T10:00:00+09:00\n")
    assert customer(shop, "C1")["consents"]["sms"]["ad"] is True
    assert undo(shop, batch) == {"consents_restored": 2}
    consents = customer(shop, "C1")["consents"]
    assert not consents["sms"]["ad"] and consents["email"]["ad"]
    assert rows(shop, "SELECT channel, given, time FROM consent ORDER BY channel") == [
        ("email", 1, 1767315600000), ("sms", 0, 1767315600000)]
    shop.at("2026-11-24T10:00:00+09:00")
    load(shop, "customers", "id,consent_sms\nC1,1\n")
    assert not customer(shop, "C1")["consents"]["sms"]["ad"], "the withdrawal stands, and no import lifts it"


def test_s44_a_withdrawal_of_an_undone_import_is_not_lifted_by_undoing_the_next(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘"})
    shop.consent("C1", "sms", given=True, time="2026-01-02T10:00:00+09:00")
    older = load(shop, "consents", CONSENTS + "C1,sms,ad,n,2026-02-01T10:00:00+09:00\n")
    newer = load(shop, "consents", CONSENTS + "C1,sms,ad,y,2026-03-01T10:00:00+09:00\n")
    undo(shop, older)
    assert customer(shop, "C1")["consents"]["sms"]["ad"] is True
    undo(shop, newer)
    assert customer(shop, "C1")["consents"]["sms"]["ad"] is False


@pytest.mark.parametrize("first", ["older", "newer"])
def test_s44_a_consent_that_two_imports_told(make_shop, first):
    shop = make_shop()
    shop.customer("C1", "")
    load(shop, "customers", "id,consent_sms\nC1,1\n", batch="older")
    load(shop, "customers", "id,consent_sms\nC1,1\n", batch="newer")
    undo(shop, first)
    assert customer(shop, "C1")["consents"]["sms"]["ad"] is True
    undo(shop, "newer" if first == "older" else "older")
    assert not customer(shop, "C1")["consents"]["sms"]["ad"]


def test_s44_a_consents_file_of_one_who_was_imported(make_shop):
    shop = make_shop()
    load(shop, "customers", "id,name\nN1,하나\n", batch="people")
    load(shop, "consents", CONSENTS + "N1,sms,ad,y,2026-06-01T10:00:00+09:00\n", batch="words")
    undo(shop, "words")
    assert undo(shop, "people") == {"customers_removed": 1} and gone(shop, "N1")


# ---- nothing begins by it ----

def test_s44_undoing_triggers_nothing(make_shop):
    rules = ('segment rich { orders.total >= 1000 }\nsegment poor { orders.total < 1000 }\nsegment seoul { customer.city = "서울" }\n'
             'rule a { when customer.joined  purpose info  send sms "t" }\n'
             'rule b { when leaves rich  send sms "t" }\nrule c { when enters poor  send sms "t" }\n'
             'rule d { when enters seoul  send sms "t" }\n')
    shop = make_shop(rules=rules, templates={"t.sms": "안녕"})
    shop.customer("C1", phone="010-1234-5678", city="서울", joined="2026-11-20T10:00:00+09:00")
    shop.customer("C2", phone="010-1234-5679", city="부산")
    shop.at("2026-11-23T11:00:00+09:00")
    people = load(shop, "customers", "id,city,joined\nC1,부산,2026-11-23T10:59:00+09:00\nC3,서울,2026-11-23\n")
    orders = load(shop, "orders", "order,customer,time,total\nA1,C1,2026-11-20,5000\nA2,C4,2026-11-20,5000\n")
    shop.idle()
    assert not shop.messages()
    for batch in (orders, people):
        undo(shop, batch)
    assert customer(shop, "C1")["city"] == "서울" and gone(shop, "C3") and gone(shop, "C4")
    shop.at("2026-11-23T11:30:00+09:00", rate=60)
    shop.idle()
    assert not shop.messages() and not rows(shop, "SELECT * FROM run")


# ---- the batch ----

def test_s44_the_list(make_shop):
    shop = make_shop()
    first = load(shop, "customers", "id\nN1\nN2\n")
    shop.at("2026-11-24T10:00:00+09:00")
    second = load(shop, "products", "sku,name\nP1,원두\n")
    load(shop, "customers", "id\nM1\n", batch="mix")
    load(shop, "orders", "order,customer,time,total\nA1,M1,2026-11-20,5000\n", batch="mix")
    listed = shop.ctl("--json", "import", "list").json
    assert listed == shop.ok("GET", "/v1/imports") and listed["next"] is None
    assert [(one["batch"], one["kind"], one["rows"]) for one in listed["imports"]] == [
        ("mix", "mixed", 2), (second, "products", 1), (first, "customers", 2)]
    assert listed["imports"][2]["time"] .startswith("2026-11-23T10:00")
    assert listed["imports"][2]["undone"] is None and listed["imports"][2]["undo_until"].startswith("2026-12-23")
    page = shop.ok("GET", "/v1/imports?limit=2")
    assert shop.ok("GET", f"/v1/imports?limit=2&after={page['next']}")["imports"] == listed["imports"][2:]
    undo(shop, first)
    one = shop.ok("GET", "/v1/imports")["imports"][2]
    assert one["undone"].startswith("2026-11-24") and one["undo_until"] is None and one["undoing"] is False
    text = shop.ctl("import", "list", lang="ko_KR.UTF-8").out
    assert first in text and "되돌림" in text and "상품" in text


def test_s44_again_and_unknown_and_what_comes_after(make_shop):
    shop = make_shop()
    load(shop, "customers", "id\nN1\n", batch="one")
    counts = undo(shop, "one")
    load(shop, "customers", "id\nN1\n", batch="two")
    again = shop.ok("DELETE", "/v1/imports/one")
    assert again["again"] is True and {k: n for k, n in again["counts"].items() if n} == counts
    assert not gone(shop, "N1"), "nothing changed"
    assert "already" in shop.ctl("import", "undo", "one").out
    answer = shop.call("DELETE", "/v1/imports/none")
    assert answer.status == 404 and "import list" in answer.json["detail"]
    assert shop.ctl("import", "undo", "none").code == 1
    late = shop.call("POST", "/v1/imports/customers?batch=one", "id\nN9\n", headers={"Content-Type": "text/csv"})
    assert late.status == 409 and gone(shop, "N9")
    whats = [row["what"] for row in shop.ok("GET", "/v1/audit?limit=1000")["audit"] if row["target"] == "one"]
    assert whats == ["import.undone", "import.undo"]


def test_s44_after_thirty_days_it_is_refused_and_nothing_is_kept(make_shop):
    shop = make_shop()
    load(shop, "customers", "id,name\nN1,하나\n", batch="old")
    assert rows(shop, "SELECT count(*) FROM import_change") == [(1,)]
    shop.at("2026-12-23T09:59:00+09:00")
    assert shop.ok("GET", "/v1/imports")["imports"][0]["undo_until"]
    shop.at("2026-12-23T10:01:00+09:00", rate=60)
    answer = shop.call("DELETE", "/v1/imports/old")
    assert answer.status == 410 and "30" in answer.json["detail"], answer
    shop.at("2026-12-25T10:01:00+09:00", rate=60)
    shop.wait(lambda: rows(shop, "SELECT count(*) FROM import_change") == [(0,)], "the end of the journal")
    assert shop.ctl("import", "undo", "old").code == 1 and not gone(shop, "N1")
    load(shop, "customers", "id,name\nN2,둘\n", batch="old")
    assert undo(shop, "old") == {"customers_removed": 1} and not gone(shop, "N1"), "the name is free again"


def test_s44_erasing_a_customer_clears_his_rows(plain_shop):  # noqa: F811
    shop = plain_shop()
    shop.ok("PUT", "/v1/customers/C1", {"name": "지울이름", "phone": "010-9876-5432"})
    batch = load(shop, "customers", "id,name,phone\nC1,새이름,01011112222\nN1,하나,\n")
    washed(shop)
    assert "지울이름".encode() in raw(shop), "the journal holds it, and the store is not sealed"
    shop.ok("DELETE", "/v1/customers/C1")
    washed(shop)
    assert "지울이름".encode() not in raw(shop)
    assert undo(shop, batch) == {"customers_removed": 1}


def test_s44_old_values_are_sealed(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"name": "지울이름", "phone": "010-9876-5432"})
    load(shop, "customers", "id,name,phone\nC1,새이름,01011112222\n")
    assert rows(shop, "SELECT typeof(value) FROM import_change") == [("blob",)]
    assert "지울이름".encode() not in raw(shop)


def test_s44_a_new_key_seals_old_values_anew(make_shop):
    shop = make_shop(rate=1)
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘"})
    batch = load(shop, "customers", "id,name\nC1,김바다\n")
    before = rows(shop, "SELECT value FROM import_change")
    assert shop.ctl("key", "rotate").code == 0
    shop.wait(lambda: rows(shop, "SELECT value FROM import_change") != before, "the new seal")
    undo(shop, batch)
    assert customer(shop, "C1")["name"] == "김하늘"


def test_s44_a_notice_of_a_consent_that_is_put_back_is_owed_no_more(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘"})
    shop.ok("PUT", "/v1/customers/C2", {"name": "김하늘"})
    shop.consent("C2", "sms", time="2026-11-20T10:00:00+09:00", told=False)
    batch = load(shop, "consents", CONSENTS + "C1,sms,ad,y,2026-11-22T10:00:00+09:00\n"
                 "C2,sms,ad,y,2026-11-22T10:00:00+09:00\n")
    owed = "SELECT customer, closed FROM duty ORDER BY customer"
    assert rows(shop, owed) == [(1, 0), (2, 0)]
    undo(shop, batch)
    assert rows(shop, owed) == [(1, 1), (2, 0)], "the other was owed before"


def test_s44_kill_in_between_and_undo_goes_on(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/B7", {"name": "그대로", "city": "서울"})
    count = 20000
    data = "id,name,city\n" + "".join(f"B{i},이름{i},부산\n" for i in range(count))
    batch = load(shop, "customers", data)

    def ask():
        with contextlib.suppress(OSError, http.client.HTTPException):
            shop.call("DELETE", f"/v1/imports/{batch}")

    left = count
    for _ in range(3):
        asking = threading.Thread(target=ask)
        asking.start()
        shop.wait(lambda was=left: rows(shop, "SELECT count(*) FROM import_change")[0][0] < was, "its beginning")
        shop.kill()
        asking.join()
        left = rows(shop, "SELECT count(*) FROM import_change")[0][0]
        shop.start("2026-11-23T11:00:00+09:00")
    if left:
        listed = shop.ok("GET", "/v1/imports")["imports"][0]
        assert listed["undoing"] is True and listed["undone"] is None
        late = shop.call("POST", f"/v1/imports/customers?batch={batch}", "id\nN9\n", headers={"Content-Type": "text/csv"})
        assert late.status == 409
    assert undo(shop, batch) == {"customers_removed": count - 1, "customers_restored": 1, "fields_restored": 2}
    assert rows(shop, "SELECT count(*) FROM customer") == [(1,)] and customer(shop, "B7")["name"] == "그대로"


# ---- a dry run ----

def difference(shop, kind, data):
    ran = shop.ctl("--json", "import", kind, shop.write("dry.csv", data), "--dry-run")
    assert ran.code == 0, ran
    return ran.json["difference"], ran.json["rows"]


def test_s44_a_dry_run_shows_the_difference(make_shop):
    shop = make_shop()
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘", "phone": "010-1234-5678", "city": "서울", "tags": ["a"],
                                        "attributes": {"메모": "x", "전화번호": "01055556666"}})
    shop.consent("C1", "sms")
    data = ("id,name,phone,city,tags,전화번호2,consent_sms,consent_email\n"
            "C1,김바다,01099998888,부산,b,010-7777-8888,1,1\nC1,,,부산,,,,\nN1,새이름,,,,,,\n")
    counts, changed = difference(shop, "customers", data)
    assert counts == {"new": 1, "changed": 1, "unchanged": 1, "customers": 0}
    assert changed == [{"line": 2, "id": "C1", "fields": {
        "name": {"from": "김*늘", "to": "김*다"}, "phone": {"from": "+82****5678", "to": "+82****8888"},
        "city": {"from": "서울", "to": "부산"}, "tag:a": {"from": True, "to": None}, "tag:b": {"from": None, "to": True},
        "attribute:전화번호2": {"from": None, "to": "010****8888"},
        "consent:email:ad": {"from": None, "to": True}}}]
    assert customer(shop, "C1")["city"] == "서울" and gone(shop, "N1") and not shop.ok("GET", "/v1/imports")["imports"]
    ran = shop.ctl("import", "customers", shop.path("dry.csv"), "--dry-run", lang="ko_KR.UTF-8")
    assert "부산" in ran.out and "새로 1, 바뀜 1, 그대로 1" in ran.out and "김하늘" not in ran.out
    row = next(row for row in shop.ok("GET", "/v1/audit")["audit"] if row["what"] == "import.compare")
    assert row["count"] == 1


def test_s44_a_dry_run_holds_over_several_calls(make_shop):
    shop = make_shop()
    for i in range(80):
        shop.ok("PUT", f"/v1/customers/C{i}", {"city": "서울"})
    lines = [f"N{i},대구,이름{i}{'가' * 60}\n" for i in range(3000)] + [f"C{i},부산,\n" for i in range(80)]
    counts, changed = difference(shop, "customers", "id,city,name\n" + "".join(lines * 2) + "N5,인천,\n")
    assert counts == {"new": 3000, "changed": 81, "unchanged": 3080, "customers": 0}
    assert len(changed) == 50 and {one["fields"]["city"]["to"] for one in changed} == {"부산"}
    assert len({one["id"] for one in changed}) == 50
    for _ in range(2):
        answer = shop.call("POST", "/v1/imports/customers?dry_run=1&batch=dry", "id,city\nC1,부산\nN1,부산\n",
                           headers={"Content-Type": "text/csv"}).json
        last, shown = answer["difference"], answer["rows"]
    assert (last["new"], last["changed"], last["unchanged"], shown) == (0, 0, 2, [])


def test_s44_a_dry_run_of_orders_and_products(make_shop):
    shop = make_shop()
    shop.customer("C1", "")
    load(shop, "orders", ORDERS.replace("NEW", "C1"))
    shop.ok("PUT", "/v1/products/P1", {"name": "원두", "price": 100})
    counts, changed = difference(shop, "orders", ORDERS.replace("NEW", "C1").replace("700,", "800,") +
                                 "A9,SOMEBODY,2026-03-02,1,paid,,,\n")
    assert counts == {"new": 1, "changed": 1, "unchanged": 4, "customers": 1}
    assert changed == [{"line": 5, "id": "A3", "fields": {"total": {"from": 700, "to": 800}}}]
    counts, changed = difference(shop, "products", "sku,name,price\nP1,원두,200\nP2,x,1\n")
    assert (counts["new"], counts["changed"], changed[0]["fields"]) == (1, 1, {"price": {"from": 100, "to": 200}})
