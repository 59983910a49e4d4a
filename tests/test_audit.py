"""The access log: who read or changed whose data, whole and for as long as the law asks."""
import contextlib
import os
import pwd
import re
import sqlite3

import pytest

from shop import FROZEN, open_shop
from test_disk import tmpfs

RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
TEXT = {"r.sms": "#{이름}님 결제 고맙습니다"}
ME = f"uid {os.getuid()} ({pwd.getpwuid(os.getuid()).pw_name})"


@pytest.fixture
def shop():
    with open_shop(rules=RULE, templates=TEXT, tcp=True) as one:
        yield one


def log(shop, **query):
    return shop.ok("GET", "/v1/audit?" + "&".join(f"{k}={v}" for k, v in {"limit": 1000, **query}.items()))["audit"]


def newest(shop, what, **query):
    return next(row for row in log(shop, **query) if row["what"] == what)


def tamper(shop, *statements):
    """As somebody would who has the file and the sqlite shell."""
    with sqlite3.connect(shop.path("shop.db")) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def force(shop, *statements):
    """The same, past the triggers."""
    tamper(shop, "DROP TRIGGER audit_stays", "DROP TRIGGER audit_kept", *statements)


def check(shop):
    return shop.ok("GET", "/v1/audit/check")


READS = [
    ("GET", "/v1/customers/C1", None, "customer.read", "C1", 1),
    ("GET", "/v1/customers?limit=1", None, "customers.list", None, 1),
    ("GET", "/v1/customers/C1/consents", None, "consents.read", "C1", 1),
    ("GET", "/v1/messages?customer=C1", None, "messages.list", "C1", 1),
    ("GET", "/v1/messages", None, "messages.list", None, 1),
    ("GET", "/v1/suppressions", None, "suppressions.list", None, 1),
    ("GET", "/v1/explain?rule=receipt&customer=C1", None, "explain", "C1", 1),
    ("POST", "/v1/preview", {"rule": "receipt", "customer": "C1"}, "preview", "C1", 1),
]


@pytest.fixture
def filled(shop):
    shop.customer("C1", phone="010-1234-5678")
    shop.customer("C2", phone="010-1234-5679")
    shop.event("order.paid", "C1", order="A1", total=100)
    shop.idle()
    shop.ok("POST", "/v1/suppressions", {"address": "010-9999-0000"})
    return shop


@pytest.mark.parametrize("method, path, body, what, target, count", READS, ids=[r[3] + str(r[4]) for r in READS])
def test_what_is_read_is_told(filled, method, path, body, what, target, count):
    filled.ok(method, path, body)
    row = newest(filled, what)
    assert (row["who"], row["account"], row["address"]) == ("socket", ME, None)
    assert (row["target"], row["count"]) == (target, count)
    filled.ok(method, path, body, tcp=True)
    row = newest(filled, what)
    assert (row["who"], row["account"], row["address"]) == ("http", "token", "127.0.0.1")


def test_a_message_is_told_by_its_customer(filled):
    message = filled.one_message(customer="C1")
    filled.ok("GET", f"/v1/messages/{message['id']}")
    row = newest(filled, "message.read", customer="C1")
    assert row["detail"] == message["id"]


def test_a_simulation_and_a_cursor_are_told(filled):
    first = filled.ok("GET", "/v1/customers?limit=1")
    filled.ok("GET", f"/v1/customers?limit=1&after={first['next']}")
    assert newest(filled, "customers.list")["detail"] == f"after {first['next']}"
    found = filled.simulate("--from", "2026-11-23", "--to", "2026-11-23")
    assert sum(row["what"] == "simulate" for row in log(filled)) == bool(found)


def test_changes_stand_beside_with_who_made_them(filled):
    filled.ok("PATCH", "/v1/customers/C1", {"city": "서울"}, tcp=True)
    row = newest(filled, "customer.patch", customer="C1")
    assert (row["who"], row["account"], row["address"]) == ("http", "token", "127.0.0.1")
    assert newest(filled, "suppression.add")["account"] == ME


def test_what_is_not_there_was_not_read(shop):
    assert shop.get("/v1/customers/nobody").status == 404
    assert not log(shop)


def test_no_personal_data_stands_in_it(filled):
    for method, path, body, *_ in READS:
        filled.ok(method, path, body)
    text = str(log(filled))
    assert not re.search("1234|김하늘|9999", text), text


def test_events_are_counted_by_the_hour():
    with open_shop(rules="", rate=3600) as shop:
        for _ in range(3):
            shop.event("visit", "C1")
        rows = shop.wait(lambda: [row for row in log(shop) if row["what"] == "events"], "the count")
        assert sum(row["count"] for row in rows) == 3 and rows[0]["account"] == ME
        shop.event("visit", "C1")
        shop.stop()
        shop.start("2026-12-01T10:00:00+09:00")
        assert sum(row["count"] for row in log(shop) if row["what"] == "events") == 4


def test_filters(filled):
    filled.ok("GET", "/v1/customers/C2", tcp=True)
    assert {row["target"] for row in log(filled, customer="C2")} == {"C2"}
    assert {row["who"] for row in log(filled, who="http")} == {"http"}
    assert {row["account"] for row in log(filled, who="token")} == {"token"}
    assert not log(filled, month="2026-10") and log(filled, month="2026-11")
    assert filled.get("/v1/audit?month=november").status == 422
    page = filled.ok("GET", "/v1/audit?limit=2")
    then = filled.ok("GET", f"/v1/audit?limit=2&after={page['next']}")
    assert [row["id"] for row in page["audit"] + then["audit"]] == [row["id"] for row in log(filled)[:4]]


def test_a_full_disk_lets_read_what_can_still_be_told():
    """Readings wait for room; when too many wait, nobody reads, and none is lost."""
    with open_shop(start=False, store='store { path "full/shop.db" }') as shop, tmpfs(shop.path("full"), "6m"):
        shop.start(rate=FROZEN)
        shop.customer("C1", phone="010-1234-5678")
        ballast = os.open(shop.path("full", "ballast"), os.O_CREAT | os.O_WRONLY)
        with contextlib.suppress(OSError):
            while True:
                os.write(ballast, b"x" * 4096)
        os.close(ballast)
        read, refused = 0, None
        with contextlib.closing(shop.connect()) as one:
            while refused is None and read < 100000:
                answer = shop.get("/v1/customers/C1", connection=one)
                if answer.status == 200:
                    read += 1
                else:
                    refused = answer
        assert refused.status == 503 and "access log" in refused.json["detail"] and read >= 10000, refused
        assert shop.get("/v1/status").status == 200
        os.unlink(shop.path("full", "ballast"))
        shop.wait(lambda: shop.get("/v1/customers/C1").status == 200, "room to be noticed")

        def told():
            month = shop.ok("GET", "/v1/audit/review")
            return sum(one["times"] for one in month["kinds"] if one["what"] == "customer.read")
        shop.wait(lambda: told() == read + 1, "all of them in the log")
        assert check(shop)["whole"]
        shop.stop()


# ---- the chain ----

def test_whole(filled):
    found = check(filled)
    assert found["whole"] and found["rows"] == found["last"] == len(log(filled)) and found["first"] == 1
    ran = filled.ctl("audit", "--verify")
    assert ran.code == 0 and "whole" in ran.out


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'daemon' WHERE id = 2", "DELETE FROM audit WHERE id = 2"])
def test_a_row_is_neither_changed_nor_taken_out(filled, statement):
    with pytest.raises(sqlite3.IntegrityError, match="access log"):
        tamper(filled, statement)


HARM = [
    ("UPDATE audit SET target = 'C9' WHERE id = 2", "changed", 2),
    ("UPDATE audit SET time = time + 1 WHERE id = 2", "changed", 2),
    ("UPDATE audit SET hash = zeroblob(32) WHERE id = 2", "changed", 2),
    ("DELETE FROM audit WHERE id = 2", "gap", 3),
    ("DELETE FROM audit WHERE id <= 2", "gap", 3),
    ("INSERT OR REPLACE INTO meta VALUES ('audit_base', 2)", "gap", 1),
]


@pytest.mark.parametrize("statement, fault, row", HARM, ids=[h[0][:40] for h in HARM])
def test_harm_shows_where_it_was_done(filled, statement, fault, row):
    force(filled, statement)
    found = check(filled)
    assert (found["whole"], found["fault"], found["row"]) == (False, fault, row)
    ran = filled.ctl("audit", "--verify")
    assert ran.code == 1 and f"row {row}" in ran.out


def test_the_beginning_taken_away_with_its_checkpoint_shows(filled):
    with sqlite3.connect(filled.path("shop.db")) as db:
        link = db.execute("SELECT hex(hash) FROM audit WHERE id = 2").fetchone()[0].lower()
    tamper(filled, "INSERT OR REPLACE INTO meta VALUES ('audit_base', 2)",
           f"INSERT OR REPLACE INTO meta VALUES ('audit_base_hash', '{link}')", "DELETE FROM audit WHERE id <= 2")
    found = check(filled)
    assert (found["whole"], found["fault"], found["row"]) == (False, "base", 3)


def test_a_cut_end_shows(filled):
    filled.stop()
    assert os.stat(filled.path("shop.db.audit-head")).st_mode & 0o777 == 0o600
    force(filled, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    filled.start("2026-11-23T11:00:00+09:00")
    assert "does not end as it was left" in filled.log()
    found = check(filled)
    assert (found["whole"], found["fault"]) == (False, "cut")
    filled.stop()
    filled.start("2026-11-23T12:00:00+09:00")  # the head is kept anew; what was met at the start stays
    found = check(filled)
    assert (found["whole"], found["fault"]) == (False, "broke")
    assert filled.ctl("audit", "reason", found["row"], "백업으로 되돌림").code == 0
    assert check(filled)["whole"]


# ---- the review ----

def test_the_monthly_review(filled):
    for n in range(120):
        filled.customer(f"D{n}", consents="")
    filled.ok("GET", "/v1/customers?limit=1000")
    filled.ok("POST", "/v1/backups", {"file": filled.path("copy.db")})
    assert filled.status()["audit"]["due"] is None
    filled.at("2026-12-02T10:00:00+09:00")
    assert filled.status()["audit"]["due"] == "2026-11"
    assert "2026-11" in filled.ctl("status").out
    month = filled.ctl("audit", "--month", "2026-11", "--json").json
    assert [(one["what"], one["count"]) for one in month["downloads"]] == [("customers.list", 122), ("backup", None)]
    assert all(one["reason"] is None for one in month["downloads"]) and month["reviewed"] is None
    kinds = {(one["who"], one["what"]): one["times"] for one in month["kinds"]}
    assert kinds["socket", "customer.put"] == 122
    for one in month["downloads"]:
        assert filled.ctl("audit", "reason", one["id"], "세무사 제출").code == 0
    assert filled.ctl("audit", "--reviewed").code == 0
    month = filled.ctl("audit", "--month", "2026-11", "--json").json
    assert {one["reason"] for one in month["downloads"]} == {"세무사 제출"} and month["reviewed"]
    said = filled.ctl("audit", "--month", "2026-11", lang="ko_KR.UTF-8").out
    assert "내려받은 것" in said and "세무사 제출" in said and "점검을 마친" in said
    assert filled.status()["audit"]["due"] is None
    assert filled.ctl("audit", "--reviewed").code == 1
    assert filled.ctl("audit", "--reviewed", "--month", "2026-12").code == 1  # it has not passed yet
    assert filled.ctl("audit", "reason", "99999", "x").code == 1
    assert check(filled)["whole"]


def test_a_year_and_then_it_goes(filled):
    first = len(log(filled))
    filled.at("2027-11-20T10:00:00+09:00")
    assert log(filled)[-1]["id"] == 1
    filled.at("2027-11-25T10:00:00+09:00")
    rows = filled.wait(lambda: (r := log(filled))[-1]["id"] > 1 and r, "the old rows to go")
    gone = next(row for row in rows if row["what"] == "audit.forget")
    assert gone["count"] >= first and gone["target"] == f"#{gone['count']}"
    assert check(filled)["whole"]


def test_from_50000_customers_on_two_years(filled):
    filled.stop()
    tamper(filled, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO"
           " customer(ref, created_at, seen_at) SELECT 'N' || i, 0, 0 FROM n")
    filled.start("2027-11-25T10:00:00+09:00")
    filled.wait(lambda: "the access log: row" in filled.log().split("ready")[-1], "a look at what is old")
    assert log(filled)[-1]["id"] == 1
    filled.at("2028-11-25T10:00:00+09:00")
    filled.wait(lambda: log(filled)[-1]["id"] > 1, "the old rows to go")
    assert check(filled)["whole"]
