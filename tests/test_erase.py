"""Erasing people: everywhere, from the raw bytes as well, and again when an old backup is put back."""
import contextlib
import http.client
import json
import re
import os
import shutil
import sqlite3
import stat
import threading

import pytest

import shop as shops

RULES = '''rule receipt { when order.paid  purpose info  send sms "receipt" }
rule tell-owner { when visit  purpose info  send owner "news" }
rule ad { when customer.joined  send sms "hello"  limit once }
'''
TEXTS = {"receipt.sms": "#{customer.name}님 주문이 들어왔습니다", "news.owner": "#{customer.name}님이 오셨습니다",
         "hello.sms": "#{customer.name}님 반갑습니다"}
NAME, PHONE, EMAIL, WORDS = "지울이름", "010-9876-5432", "gone@example.com", "창가자리를부탁해요"
TRACES = [NAME.encode(), json.dumps(NAME).encode()[1:-1], b"1098765432", b"gone@example.com", WORDS.encode()]


def fill(shop, ref="C1", n=1, **fields):
    shop.customer(ref, "sms email data", **{"name": NAME, "phone": PHONE, "email": EMAIL, "tags": ["단골"],
                                            "attributes": {"memo": WORDS}, **fields})
    for i in range(n):
        shop.event("order.paid", ref, id=f"{ref}-o{i}", order=f"{ref}-A{i}", total=5000,
                   items=[{"sku": "S1", "name": "원두", "quantity": 1, "price": 5000}], memo=WORDS)
        shop.event("visit", ref, id=f"{ref}-v{i}", memo=WORDS)
    shop.wait(lambda: len(shop.messages(state="accepted")) >= 2 * n, "all messages")


@pytest.fixture
def plain_shop():
    """A running shop whose store is not sealed: nothing hides what an erasure leaves."""
    with contextlib.ExitStack() as stack:
        def make(**more):
            shop = stack.enter_context(shops.open_shop(start=False, **more))
            os.mkdir(shop.path("credentials/store-key.new"))
            return shop.start("2026-11-23T10:00:00+09:00")
        yield make


def raw(shop):
    """What the store's files hold, to the last byte."""
    found = b""
    for name in os.listdir(shop.root):
        if name.startswith("shop.db"):
            with open(shop.path(name), "rb") as one:
                found += one.read()
    return found


def washed(shop):
    wal = shop.path("shop.db-wal")
    shop.wait(lambda: not os.path.exists(wal) or os.path.getsize(wal) == 0, "an empty log")


def without_a_trace(data):
    for trace in TRACES:
        assert trace not in data, trace


def test_s49_no_byte_of_an_erased_customer_is_left(plain_shop):
    shop = plain_shop(rules=RULES, templates=TEXTS)
    fill(shop, n=30)
    shop.put("/v1/customers/C1", {"name": NAME, "phone": PHONE, "email": EMAIL}, headers={"Idempotency-Key": "k1"})
    shop.customer("STAYS", "sms data", name="남는이름", phone="01011112222")
    assert any(NAME in json.dumps(letter, ensure_ascii=False) for letter in shop.outbox())
    said = shop.ctl("--json", "customer", "forget", PHONE).json
    assert said["erased"] is True and said["customers"] == ["C1"]
    counts = said["counts"]
    assert counts["events"] >= 60 and counts["texts"] == 60 and counts["orders"] == 30 and counts["files"] == 60
    washed(shop)
    data = raw(shop)
    without_a_trace(data)
    assert "남는이름".encode() in data, "the file is not sealed here, so the look would have found the other"
    assert not shop.outbox()
    assert not any(trace.decode(errors="replace") in shop.log() for trace in TRACES)
    without_a_trace(shop.get("/v1/messages?limit=1000").body + shop.get("/v1/audit?limit=1000").body)
    assert shop.event("visit", "C1", id="C1-v0")["duplicate"] == 1, "an event's id outlives its customer"


def test_many_events_are_erased_in_slices(plain_shop):
    shop = plain_shop()
    shop.customer("C1", "", name=NAME, phone=PHONE)
    lines = "\n".join(json.dumps({"type": "page.viewed", "id": f"p{i}", "customer": {"id": "C1"},
                                  "data": {"url": f"/{i}", "memo": WORDS}}) for i in range(5000))
    shop.ok("POST", "/v1/events", lines, headers={"Content-Type": "application/x-ndjson"})
    assert shop.ok("DELETE", "/v1/customers/C1")["counts"]["events"] == 5000
    washed(shop)
    without_a_trace(raw(shop))


def test_a_dry_run_counts_and_erases_nothing(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS)
    fill(shop)
    said = shop.ctl("--json", "customer", "forget", "C1", "--dry-run").json
    assert said["erased"] is False and said["counts"]["orders"] == 1 and said["counts"]["events"] >= 2
    assert shop.ok("GET", "/v1/customers/C1")["name"] == NAME
    assert "C1" in shop.ctl("customer", "forget", EMAIL, "--dry-run").out


def test_several_with_one_phone_are_named_and_erased_only_when_all_is_said(make_shop):
    shop = make_shop()
    for ref in ("MOM", "SON"):
        shop.customer(ref, "", phone=PHONE)
    refused = shop.ctl("customer", "forget", PHONE)
    assert refused.code == 1 and "MOM" in refused.err and "SON" in refused.err
    answer = shop.post("/v1/customers/forget", {"phone": PHONE})
    assert answer.status == 409 and answer.json["customers"] == ["MOM", "SON"]
    assert shop.get("/v1/customers/MOM").status == shop.get("/v1/customers/SON").status == 200
    assert shop.ctl("customer", "forget", PHONE, "--all").code == 0
    assert shop.get("/v1/customers/MOM").status == shop.get("/v1/customers/SON").status == 404
    assert shop.ctl("customer", "forget", PHONE).code == 1


@pytest.mark.parametrize("body, status", [({}, 422), ({"id": "C1", "phone": PHONE}, 422), ({"phone": "x"}, 422),
                                          ({"email": "x"}, 422), ({"id": "NOBODY"}, 404), ({"id": 1}, 422),
                                          ({"id": "C1", "all": "yes"}, 422)])
def test_what_forget_refuses(make_shop, body, status):
    shop = make_shop()
    shop.customer("C1", "", phone=PHONE)
    assert shop.post("/v1/customers/forget", body).status == status
    assert shop.get("/v1/customers/C1").status == 200


def test_the_audit_names_no_person(make_shop):
    shop = make_shop()
    shop.customer("C1", "", phone=PHONE)
    shop.ctl("customer", "forget", "C1")
    entry = next(e for e in shop.ok("GET", "/v1/audit")["audit"] if e["what"] == "customer.erase")
    assert entry["target"].startswith("#")


def test_s49_a_backup_that_is_put_back_forgets_again(plain_shop):
    shop = plain_shop(rules=RULES, templates=TEXTS)
    fill(shop)
    backup = shop.path("copy.db")
    assert shop.ctl("backup", backup).code == 0
    shop.consent("C1", "sms", given=False)
    assert shop.ctl("suppression", "add", EMAIL, "email", "--reason", f"{NAME} 고객이 / 전화로").code == 0
    said = shop.ctl("customer", "forget", "C1")
    assert backup in said.out, said
    told = shop.ctl("--json", "status").json["store"]
    assert told["erased"] == 1 and told["backups"] == [{"file": backup, "time": told["backups"][0]["time"],
                                                        "erased_since": 1}]
    assert backup in shop.ctl("status").out
    assert stat.S_IMODE(os.stat(shop.path("shop.db.erased")).st_mode) == 0o600
    washed(shop)
    without_a_trace(raw(shop))
    with open(shop.path("shop.db.erased"), "rb") as names:
        without_a_trace(names.read())
    shop.stop()
    shutil.copy(backup, shop.path("shop.db"))
    shop.start("2026-11-24T10:00:00+09:00")
    assert shop.get("/v1/customers/C1").status == 404
    shop.ok("PUT", "/v1/customers/MAIL", {"email": EMAIL})
    assert shop.ok("GET", "/v1/customers/MAIL/export")["refused"] == {"email": "owner"}
    shop.customer("NEW", "sms data", phone=PHONE)
    shop.event("customer.joined", "NEW", id="j2")
    assert shop.message_in("dropped", customer="NEW")["reason"] == "opted_out", "the withdrawal was after the backup"
    shop.ok("DELETE", f"/v1/suppressions?address={PHONE}&channel=all")
    shop.at("2026-11-24T11:00:00+09:00")
    shop.event("customer.joined", "NEW", id="j3")
    assert shop.get("/v1/customers/NEW").status == 200, "whoever came after is not the one who was erased"


def test_a_copy_for_a_rehearsal_is_a_backup_too(make_shop):
    shop = make_shop()
    shop.customer("C1", "", phone=PHONE)
    copy = shop.path("rehearsal.db")
    assert shop.ctl("backup", "--rehearsal", copy).code == 0
    assert copy in shop.ctl("customer", "forget", "C1").out


def test_s08_s49_one_of_a_family_is_forgotten_and_speaks_for_himself_alone(make_shop):
    shop = make_shop(rules='rule ad { when visit  purpose ad  send sms "hello" }', templates=TEXTS)
    for ref in ("MOM", "SON"):
        shop.customer(ref, "sms data", phone=PHONE)
    shop.consent("SON", "sms", given=False)
    backup = shop.path("copy.db")
    assert shop.ctl("backup", backup).code == 0
    shop.at("2026-11-23T11:00:00+09:00")
    assert shop.ctl("customer", "forget", "SON").code == 0
    shop.event("visit", "MOM", id="v1")
    assert shop.message_in("accepted", customer="MOM"), "her number is his, her consent is not"
    shop.stop()
    shutil.copy(backup, shop.path("shop.db"))
    shop.start("2026-11-23T12:00:00+09:00")
    assert shop.get("/v1/customers/SON").status == 404
    row = shop.ok("GET", "/v1/suppressions")["suppressions"][0]
    assert row["newcomers"] is True and re.fullmatch(r"erased:[0-9a-f]{32}", row["address"])
    assert PHONE[-4:] not in json.dumps({**row, "address": ""}) and "98765432" not in row["address"]
    shop.event("visit", "MOM", id="v2")
    shop.customer("SON2", "sms data", phone=PHONE)
    shop.event("visit", "SON2", id="v3")
    assert shop.message_in("dropped", customer="SON2")["reason"] == "opted_out"
    assert shop.message_in("accepted", customer="MOM")
    assert shop.ok("GET", "/v1/customers/SON2/export")["refused"] == {"sms": "opted_out"}
    assert shop.ok("GET", "/v1/customers/MOM/export")["refused"] == {}
    assert shop.ctl("suppression", "remove", "erased:" + "0" * 31).code == 1
    assert "erased:" in shop.ctl("suppression", "list").out
    assert shop.ctl("suppression", "remove", row["address"]).code == 0
    assert shop.ok("GET", "/v1/suppressions")["suppressions"] == []
    shop.event("visit", "SON2", id="v4")
    shop.wait(lambda: shop.messages(customer="SON2", state="accepted"), "what is sent to him again")


def test_a_list_cut_short_or_lost_is_mended(make_shop):
    shop = make_shop()
    for ref in ("C1", "C2", "C3"):
        shop.customer(ref, "", phone=PHONE)
    shop.ctl("backup", shop.path("copy.db"))
    shop.ctl("customer", "forget", "C1")
    shop.stop()
    listed = shop.path("shop.db.erased")
    with open(listed, "ab") as out:
        out.write(b"nonsense\nerased 1 2")
    shop.start("2026-11-23T11:00:00+09:00")
    shop.ctl("customer", "forget", "C2")
    shop.stop()
    shutil.copy(shop.path("copy.db"), shop.path("shop.db"))
    shop.start("2026-11-23T12:00:00+09:00")
    assert [shop.get(f"/v1/customers/{ref}").status for ref in ("C1", "C2", "C3")] == [404, 404, 200]
    shop.stop()
    os.unlink(listed)
    shop.start("2026-11-23T13:00:00+09:00")
    with open(listed, encoding="ascii") as text:
        assert len(text.read().splitlines()) == 2, "what the store knows is written down again"


def test_an_export_holds_everything_and_is_the_persons_alone(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS)
    fill(shop, n=2)
    shop.consent("C1", "email", given=False, wording="수신을 거부합니다")
    shop.event("cart.added", "C1", id="c1", sku="S9", quantity=2, price=700)
    shop.customer("OTHER", "sms data", name="남의이름", phone="01011112222")
    target = shop.path("person.json")
    assert shop.ctl("customer", "export", PHONE, target).code == 0
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    with open(target, encoding="utf-8") as text:
        told = text.read()
    held = json.loads(told)
    assert list(held) == ["made", "customer", "history", "consents", "refused", "sources", "cart", "coupons", "segments",
                          "runs", "skips", "orders", "events", "messages"]
    assert held["customer"]["name"] == NAME and held["customer"]["attributes"]["memo"] == WORDS
    assert any(c["wording"] == "수신을 거부합니다" and c["given"] is False for c in held["consents"])
    assert [o["order"] for o in held["orders"]] == ["C1-A0", "C1-A1"] and held["orders"][0]["items"][0]["name"] == "원두"
    assert {e["id"] for e in held["events"]} >= {"C1-o0", "C1-v1", "c1"} and held["cart"][0]["sku"] == "S9"
    receipts = [m for m in held["messages"] if m["rule"] == "receipt"]
    assert len(receipts) == 2 and receipts[0]["text"].startswith(NAME) and receipts[0]["address"] == "+821098765432"
    assert [m for m in held["messages"] if m["rule"] == "tell-owner" and NAME in m["text"]]
    assert held["made"] == "2026-11-23T10:00:00+09:00" and held["runs"] and held["sources"]
    assert "남의이름" not in told and shop.token not in told
    again = shop.ctl("customer", "export", "C1", target)
    assert again.code == 1 and target in again.err
    with open(target, encoding="utf-8") as text:
        assert text.read() == told
    assert shop.ok("GET", "/v1/customers/C1/export")["events"] == held["events"]
    assert shop.ctl("customer", "export", "C1").json["customer"] == held["customer"]
    entry = next(e for e in shop.ok("GET", "/v1/audit")["audit"] if e["what"] == "customer.export")
    assert entry["target"].startswith("#") and PHONE not in json.dumps(entry)


def test_an_export_of_many_events_and_of_nobody(make_shop):
    shop = make_shop()
    shop.customer("C1", "", phone=PHONE)
    shop.customer("C2", "", phone=PHONE)
    lines = "\n".join(json.dumps({"type": "page.viewed", "id": f"p{i}", "customer": {"id": "C1"},
                                  "data": {"url": f"/{i}"}}) for i in range(10000))
    shop.ok("POST", "/v1/events", lines, headers={"Content-Type": "application/x-ndjson"})
    assert len(shop.ok("GET", "/v1/customers/C1/export")["events"]) == 10000
    several = shop.ctl("customer", "export", PHONE)
    assert several.code == 1 and "C1" in several.err and "C2" in several.err
    assert shop.get("/v1/customers/NOBODY/export").status == 404
    assert shop.post("/v1/customers/export", {}).status == 422


# What becomes of each text column when a customer is erased. A new one has to be thought of before it is listed here:
# may it ever name a person, show a text that he was written, or lead back to him?
GOES = "the row goes with the customer"
CLEARED = "emptied"
SHOP = "words of the shop's own: rules, templates, goods, numbers of its orders"
WORDS_OF_OURS = "a word or a number that dangol made"
COLUMNS = {
    "meta": {"key": WORDS_OF_OURS, "value": WORDS_OF_OURS},
    "customer": dict.fromkeys("ref visitor phone_key email_key gender city grade language attributes".split(), GOES),
    "person": {"value": GOES},
    "customer_tag": {"tag": GOES},
    "merged": dict.fromkeys("ref visitor phone_key email_key was".split(), GOES),
    "alias": {"ref": GOES},
    "alias_claim": {"ref": GOES},
    "consent": {"channel": GOES, "purpose": GOES},
    "consent_log": dict.fromkeys("channel purpose how source wording version operator event".split(), GOES),
    "suppression": {"address": "becomes a keyed hash", "channel": WORDS_OF_OURS, "reason": WORDS_OF_OURS,
                    "source": WORDS_OF_OURS, "shown": CLEARED},
    "event": {"source": SHOP, "eid": "stays, so that a repeated event is known: the till's own number",
              "type": WORDS_OF_OURS, "sku": SHOP, "category": SHOP, "order_ref": CLEARED, "data": CLEARED},
    "forward": {"name": SHOP, "open": WORDS_OF_OURS, "place": WORDS_OF_OURS, "error": WORDS_OF_OURS},
    "orders": {"source": SHOP, "ref": SHOP, "batch": WORDS_OF_OURS},
    "order_item": {"sku": SHOP, "name": SHOP, "category": SHOP},
    "cart_item": {"sku": GOES},
    "product": dict.fromkeys("sku name category url image".split(), SHOP),
    "coupon": {"bare": WORDS_OF_OURS, "code": WORDS_OF_OURS, "coupon": SHOP, "state": WORDS_OF_OURS,
               "discount": SHOP, "order_ref": SHOP},
    "redemption": {"order_ref": SHOP},
    "rule": {"name": SHOP, "seed": SHOP},
    "rule_version": {"hash": WORDS_OF_OURS, "source": SHOP},
    "run": {"occasion": WORDS_OF_OURS, "reason": WORDS_OF_OURS},
    "skip": {"reason": GOES, "occasion": GOES},
    "segment": {"name": SHOP, "hash": WORDS_OF_OURS},
    "dated": {"name": SHOP},
    "dated_pending": {"name": SHOP},
    "dated_set": {"name": SHOP},
    "message": {**dict.fromkeys("rule channel template purpose".split(), SHOP),
                **dict.fromkeys("state reason provider provider_id coupon".split(), WORDS_OF_OURS),
                "address": CLEARED, "address_key": CLEARED, "data": CLEARED},
    "spent": dict.fromkeys("channel provider purpose".split(), WORDS_OF_OURS),
    "letter": {"text": "the row goes"},
    "link": {"url": SHOP},
    "click": {"client": "a keyed digest, for ten seconds"},
    "bundle": dict.fromkeys("store channel provider kind account ref".split(), WORDS_OF_OURS),
    "kept": dict.fromkeys("channel account name value".split(), WORDS_OF_OURS),
    "attempt": {"result": WORDS_OF_OURS, "code": WORDS_OF_OURS, "detail": CLEARED},
    "tally": {"rule": SHOP, "state": WORDS_OF_OURS},
    "receipt": {"provider": WORDS_OF_OURS, "name": "an early one with his number goes, others after a day",
                "state": WORDS_OF_OURS, "code": WORDS_OF_OURS, "detail": CLEARED},
    "idempotency": {"key": SHOP, "hash": WORDS_OF_OURS, "body": CLEARED},
    "audit": {"account": SHOP, "address": "of who read, not of whom", "hash": WORDS_OF_OURS, "who": WORDS_OF_OURS, "what": WORDS_OF_OURS, "target": "whose data was touched has to stay on record",
              "detail": WORDS_OF_OURS},
    "needed": {"type": WORDS_OF_OURS},
    "erased": {"refusals": "keyed hashes"},
    "import_batch": {"name": SHOP, "kind": WORDS_OF_OURS, "counts": WORDS_OF_OURS},
    "import_change": {"ref": GOES, "value": GOES},
    "backup_made": {"file": SHOP},
    "duty": dict.fromkeys("channel kind purpose reason".split(), WORDS_OF_OURS),
    "overrule": dict.fromkeys("hash reason sentence template".split(), SHOP),
    "counter": {"name": WORDS_OF_OURS},
}


def test_of_each_text_column_it_is_decided_what_erasing_does(make_shop):
    shop = make_shop()
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"
                                               " AND name NOT LIKE 'sqlite_%'")]
        found = {(table, column[1]) for table in tables for column in db.execute(f"PRAGMA table_info({table})")
                 if column[2] not in ("INTEGER", "REAL")}
    assert found == {(table, column) for table, columns in COLUMNS.items() for column in columns}


def test_an_erasure_cut_short_is_finished_at_the_next_start(plain_shop):
    shop = plain_shop()
    shop.customer("C1", "", name=NAME, phone=PHONE)
    lines = "\n".join(json.dumps({"type": "page.viewed", "id": f"p{i}", "customer": {"id": "C1"},
                                  "data": {"url": f"/{i}", "memo": WORDS}}) for i in range(20000))
    for start in range(0, 20000, 5000):
        shop.ok("POST", "/v1/events", "\n".join(lines.split("\n")[start:start + 5000]),
                headers={"Content-Type": "application/x-ndjson"})

    def ask():
        with contextlib.suppress(OSError, http.client.HTTPException):
            shop.call("DELETE", "/v1/customers/C1")

    asking = threading.Thread(target=ask)
    asking.start()
    shop.wait(lambda: shop.ok("GET", "/v1/status")["store"]["erased"] == 1, "its beginning")
    shop.kill()
    asking.join()
    shop.start("2026-11-23T11:00:00+09:00")
    assert shop.get("/v1/customers/C1").status == 404
    washed(shop)
    without_a_trace(raw(shop))
