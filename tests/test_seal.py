"""Personal data at rest: what the file tells without the key, the key's life, and a new key while the daemon runs."""
import contextlib
import os
import re
import shutil
import sqlite3
import stat
import threading

import pytest

import shop as shops

RULE = """rule receipt { when order.paid  purpose info  send sms "receipt" }
fields { customer.address text  order.paid.memo text }
rule home { when reservation.made  purpose info  if customer.address is known  send sms "home" }
"""
TEMPLATES = {
    "receipt.sms": "#{이름|default \"고객\"}님 #{event.total|won} 결제 (#{event.memo|default \"없음\"})",
    "home.sms": "#{customer.address}(으)로 보냅니다",
}
FAMILY = "김이박최정강조윤장임"
GIVEN = "하늘 민준 서연 지우 도윤 서준 하은 지호 예준 수아 은우 다은 시우 유진 지민 현우".split()


@pytest.fixture
def shop_of():
    """A shop that does not run yet."""
    with contextlib.ExitStack() as stack:
        def make(**more):
            shop = shops.Shop(**more)
            stack.callback(shop.close)
            return shop
        yield make


def people(n):
    return [{"id": f"C{i}", "name": FAMILY[i % 10] + GIVEN[i * 7 % 16] + "봉인", "phone": f"010-{2000 + i}-{i * 37 % 10000:04}",
             "email": f"sealed{i}@example.com"} for i in range(n)]


def spellings(person):
    digits = person["phone"].replace("-", "")
    return [person["name"], person["email"], person["phone"], digits, "+82" + digits[1:], digits[1:]]


def stored(shop):
    """Every byte that lies in the shop's store."""
    return b"".join(open(shop.path(name), "rb").read() for name in sorted(os.listdir(shop.root))
                    if name.startswith("shop.db"))


def leaks(shop, words):
    data = stored(shop)
    return [word for word in words if word.encode() in data]


def key_file(shop):
    return shop.path("credentials/store-key")


def key_lines(shop):
    with open(key_file(shop), encoding="ascii") as file:
        return file.read().split()


def store_state(shop):
    return shop.status()["store"]


def live(shop, crowd):
    """All the ways by which a person comes in, and a message to each."""
    csv = "id,name,phone,email\n" + "".join(f"{p['id']},{p['name']},{p['phone']},{p['email']}\n" for p in crowd[::2])
    shop.ok("POST", "/v1/imports/customers", csv, headers={"Content-Type": "text/csv"})
    for i, person in enumerate(crowd[1::2]):
        shop.ok("POST", "/v1/events", {"id": f"e{i}", "type": "order.paid", "customer": person, "data": {
            "order": f"O{i}", "total": 1000 + i, "memo": person["name"] + "께", "receiver": {"name": person["name"], "phone": person["phone"]},
            "contact": person["phone"], "items": [{"sku": "S1", "name": "케이크", "price": 1000}]}})
    for i, person in enumerate(crowd[::8]):
        shop.ok("PATCH", f"/v1/customers/{person['id']}", {"attributes": {"address": person["name"] + "네 집", "level": 3}},
                headers={"Idempotency-Key": f"k{i}"})
        shop.event("reservation.made", person["id"], reservation=f"R{i}", at="2026-12-01T10:00:00+09:00")
        shop.ok("POST", "/v1/suppressions", {"address": person["phone"], "channel": "email"})
    shop.idle()


def test_nothing_of_a_person_in_the_file(shop_of):
    shop = shop_of(rules=RULE, templates=TEMPLATES).start()
    crowd = people(320)
    live(shop, crowd)
    assert [m["state"] for m in shop.messages()] == ["accepted"] * 200
    words = [word for person in crowd for word in spellings(person)]
    assert leaks(shop, words) == []
    assert leaks(shop, ["케이크"]), "what is no person's stays readable"
    card = shop.ok("GET", "/v1/customers/C8")
    assert (card["name"], card["phone"], card["email"]) == (crowd[8]["name"], "+82" + crowd[8]["phone"].replace("-", "")[1:], crowd[8]["email"])
    assert card["attributes"] == {"address": crowd[8]["name"] + "네 집", "level": 3}
    texts = [m["text"] for m in shop.messages(rule="receipt")]
    assert any(crowd[1]["name"] + "님 1,000원 결제 (" + crowd[1]["name"] + "께)" in text for text in texts)
    assert {s["address"] for s in shop.ok("GET", "/v1/suppressions?limit=1000")["suppressions"]} == \
        {"+82" + p["phone"].replace("-", "")[1:] for p in crowd[::8]}
    copy = shop.path("shop.db-copy")
    assert shop.ctl("backup", copy).code == 0
    shop.stop()
    assert leaks(shop, words) == [], "nor in a backup, nor after the end"


def test_every_spelling_is_one_customer(shop_of):
    shop = shop_of().start()
    for i, phone in enumerate(["010-1234-5678", "01012345678", "+821012345678", "+82 10 1234 5678", "82-10-1234-5678",
                               "０１０-１２３４-５６７８"]):
        shop.event("visit", {"phone": phone}, id=f"p{i}")
    shop.event("visit", {"email": "haneul@EXAMPLE.com"}, id="m1")
    shop.event("visit", {"email": "haneul@example.com"}, id="m2")
    customers = shop.ok("GET", "/v1/customers")["customers"]
    assert sorted(str(c["phone"]) + str(c["email"]) for c in customers) == ["+821012345678None", "Nonehaneul@example.com"]


# ---- the key's life ----

def test_a_key_is_made_at_the_first_start(shop_of):
    shop = shop_of()
    shutil.rmtree(shop.path("credentials"))
    shop.start()
    assert stat.S_IMODE(os.stat(key_file(shop)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(shop.path("credentials")).st_mode) == 0o700
    key, = key_lines(shop)
    assert len(key) == 44 and key not in shop.log() and "dangolctl key backup" in shop.log()
    assert store_state(shop)["sealed"] is True and store_state(shop)["advice"] is None
    shop.at("2026-11-23T11:00:00+09:00")
    assert key_lines(shop) == [key], "the same key ever after"


def test_without_its_key_it_does_not_start(shop_of):
    shop = shop_of().start()
    shop.customer("C1", phone="010-1234-5678")
    shop.stop()
    os.rename(key_file(shop), shop.path("kept"))
    shop.start(wait_ready=False)
    assert shop.process.wait(30) == 1
    shop.process = None
    assert "there is no credential store-key" in shop.log()
    assert not os.path.exists(key_file(shop)), "no new key for a store that has one"
    for text, said in [("A" * 43 + "=\n", "sealed with another key"), ("nonsense\n", "is no key"), ("", "is no key")]:
        shop.write("credentials/store-key", text, 0o600)
        shop.start(wait_ready=False)
        assert shop.process.wait(30) == 1
        shop.process = None
        assert said in shop.log()
    shutil.copy(shop.path("kept"), key_file(shop))
    os.chmod(key_file(shop), 0o640)
    shop.start(wait_ready=False)
    assert shop.process.wait(30) == 1
    shop.process = None
    assert "chmod 600" in shop.log()
    os.chmod(key_file(shop), 0o600)
    shop.start()
    assert shop.ok("GET", "/v1/customers/C1")["phone"] == "+821012345678"


def unsealed(shop_of, **more):
    shop = shop_of(rules=RULE, templates=TEMPLATES, **more)
    os.mkdir(shop.path("credentials/store-key.new"))
    return shop.start()


@pytest.mark.parametrize("lang,said", [("C.UTF-8", "not sealed"), ("ko_KR.UTF-8", "봉인되어 있지 않습니다")])
def test_an_unsealed_store_says_so(shop_of, lang, said):
    shop = shop_of()
    os.mkdir(shop.path("credentials/store-key.new"))
    shop.start(lang=lang)
    state = store_state(shop)
    assert state["sealed"] is False and said in state["advice"] and "openssl rand" in state["advice"]
    assert said in shop.log()
    assert said in shop.ctl("status", lang=lang).out
    refused = shop.post("/v1/keys/rotate")
    assert refused.status == 409 and said in refused.json["detail"]
    assert shop.post("/v1/keys/backup", {"file": shop.path("k")}).status == 409


def test_an_unsealed_store_is_sealed_while_it_runs(shop_of):
    shop = unsealed(shop_of)
    crowd = people(64)
    live(shop, crowd)
    words = [word for person in crowd for word in spellings(person)]
    assert len(leaks(shop, words)) > len(crowd), "it was readable"
    before = {p["id"]: shop.ok("GET", f"/v1/customers/{p['id']}") for p in crowd}
    texts = sorted(m["text"] for m in shop.messages())
    shop.stop()
    os.rmdir(shop.path("credentials/store-key.new"))
    shop.write("credentials/store-key", "c2VhbGVkIHdoaWxlIGl0IHJ1bnMsIGEgdGVzdCBrZXk=\n", 0o600)
    shop.start("2026-11-23T10:05:00+09:00")
    shop.wait(lambda: store_state(shop)["sealing"] is None, "the end of the walk")
    assert store_state(shop)["sealed"] is True
    assert {p["id"]: shop.ok("GET", f"/v1/customers/{p['id']}") for p in crowd} == before
    assert sorted(m["text"] for m in shop.messages()) == texts
    shop.stop()
    assert leaks(shop, words) == []


# ---- a new key ----

def test_a_new_key_while_it_runs_and_dies(shop_of):
    shop = shop_of(rules=RULE, templates=TEMPLATES).start()
    crowd = people(320)
    live(shop, crowd)
    for i in range(6):
        shop.ok("POST", "/v1/events", [
            {"id": f"more{i}-{k}", "type": "order.paid", "customer": {"id": f"C{k}"},
             "data": {"order": f"M{i}-{k}", "total": 500, "memo": "받는 분 봉인"}} for k in range(320)])
    shop.idle()
    first, = key_lines(shop)
    ended, failed = threading.Event(), []

    def load():
        n = 0
        while not ended.is_set():
            n += 1
            try:
                answer = shop.post("/v1/events", {"id": f"load{n}", "type": "visit",
                                                  "customer": {"phone": crowd[n % 320]["phone"]}})
                if answer.status not in (202, 503):
                    failed.append(answer)
            except OSError:
                pass

    worker = threading.Thread(target=load)
    worker.start()
    try:
        answer = shop.ctl("key", "rotate", "--json")
        assert answer.code == 0 and answer.json["sealed"] is True, answer
        second = key_lines(shop)
        assert len(second) == 2 and second[1] == first
        refused = shop.post("/v1/keys/rotate")
        assert refused.status in (409, 202)
        for _ in range(3):
            shop.kill()
            shop.start("2026-11-23T10:05:00+09:00")
        shop.wait(lambda: len(key_lines(shop)) == 1, "the old key to leave")
    finally:
        ended.set()
        worker.join()
    assert not failed
    assert store_state(shop)["sealing"] is None and first not in key_lines(shop)
    assert len(shop.ok("GET", "/v1/customers?limit=1000")["customers"]) == 320, "nobody was doubled"
    for person in crowd[::16]:
        assert shop.ok("GET", f"/v1/customers/{person['id']}")["name"] == person["name"]
    assert "does not open" not in shop.log()
    assert leaks(shop, [word for person in crowd for word in spellings(person)]) == []
    what = [entry["what"] for entry in shop.ok("GET", "/v1/audit")["audit"]]
    assert "key.rotate" in what


def test_values_need_the_new_key_alone(shop_of):
    shop = shop_of(rules=RULE, templates=TEMPLATES).start()
    crowd = people(32)
    live(shop, crowd)
    texts = sorted(m["text"] for m in shop.messages())
    shop.ok("POST", "/v1/keys/rotate")
    shop.wait(lambda: len(key_lines(shop)) == 1, "the old key to leave")
    shop.at("2026-11-23T10:05:00+09:00")
    assert sorted(m["text"] for m in shop.messages()) == texts
    assert {c["name"] for c in shop.ok("GET", "/v1/customers?limit=1000")["customers"]} == {p["name"] for p in crowd}
    assert len(shop.ok("GET", "/v1/suppressions")["suppressions"]) == 4
    assert "does not open" not in shop.log()


def test_a_field_declared_sealed(shop_of):
    shop = shop_of(rules=RULE, templates=TEMPLATES).start()
    shop.customer("C1", attributes={"취향": "산미 있는 것"})
    shop.event("game.played", "C1", who="비밀 친구")
    assert leaks(shop, ["산미 있는 것", "비밀 친구"]) == ["산미 있는 것", "비밀 친구"]
    shop.rule("fields.rule", "fields { customer.취향 sealed text  game.played.who sealed text }")
    shop.ok("POST", "/v1/reload")
    shop.wait(lambda: store_state(shop)["sealing"] is None, "the end of the walk")
    shop.event("game.played", "C1", who="비밀 친구")
    assert shop.ok("GET", "/v1/customers/C1")["attributes"] == {"취향": "산미 있는 것"}
    shop.stop()
    assert leaks(shop, ["산미 있는 것", "비밀 친구"]) == []


def test_key_backup(shop_of):
    shop = shop_of().start()
    target = shop.path("key of the shop")
    done = shop.ctl("key", "backup", target)
    assert done.code == 0 and target in done.out and key_lines(shop)[0] not in done.out
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    with open(target, encoding="ascii") as file:
        assert file.read().split() == key_lines(shop)
    again = shop.ctl("key", "backup", target)
    assert again.code == 1 and "exists" in again.err, "a backup overwrites nothing"
    assert shop.post("/v1/keys/backup", {"file": "here"}).status == 422
    assert [e["what"] for e in shop.ok("GET", "/v1/audit")["audit"]].count("key.backup") == 1
    assert "sealed" in shop.ctl("key", "status").out
    assert shop.ctl("key", "status", "--json").json == {"sealed": True, "sealing": None, "advice": None}


def test_a_key_that_systemd_passes(shop_of):
    shop = shop_of()
    passed = shop.path("passed")
    os.mkdir(passed)
    shop.write("passed/store-key", "c2VhbGVkIHdoaWxlIGl0IHJ1bnMsIGEgdGVzdCBrZXk=\n", 0o400)
    shop.start(CREDENTIALS_DIRECTORY=passed)
    assert store_state(shop)["sealed"] is True and not os.path.exists(key_file(shop))
    refused = shop.post("/v1/keys/rotate")
    assert refused.status == 409 and "LoadCredential" in refused.json["detail"]


# ---- damage ----

def test_a_damaged_value_is_told_by_its_row(shop_of):
    shop = shop_of().start()
    shop.customer("C1", name="김하늘", phone="010-1234-5678", attributes={"memo": "단골", "n": 1})
    shop.customer("C2", name="이바다")
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        row, = db.execute("SELECT id FROM customer WHERE ref = 'C1'").fetchone()
        db.execute("UPDATE person SET value = substr(value, 1, 20) WHERE customer = ?", (row,))
        db.execute("""UPDATE customer SET attributes = replace(attributes, '"~":"A', '"~":"B') WHERE id = ?""", (row,))
    shop.start("2026-11-23T10:05:00+09:00")
    card = shop.ok("GET", "/v1/customers/C1")
    assert (card["name"], card["phone"], card["attributes"]) == (None, None, {"memo": None, "n": 1})
    assert re.search(rf"\(person\.value\) of row {row} ", shop.log())
    assert shop.ok("GET", "/v1/customers/C2")["name"] == "이바다"
    shop.ok("POST", "/v1/keys/rotate")
    shop.wait(lambda: len(key_lines(shop)) == 1, "the old key to leave")
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        assert db.execute("SELECT length(value) FROM person WHERE customer = ?", (row,)).fetchone()[0] == 20, "left as it was"


# ---- rules ----

def test_rules_are_right_with_and_without_a_key(shop_of):
    rule = 'fields { customer.address text }\nrule a { when visit  if customer.address = "서울"  send sms "home" }\n'
    said = []
    for shop in (shop_of(rules=rule, templates=TEMPLATES), shop_of(rules=rule, templates=TEMPLATES)):
        if said:
            os.mkdir(shop.path("credentials/store-key.new"))
        shop.start()
        said.append([(e["line"], e["message"]) for e in shop.status()["rules"]["errors"]])
    assert said[0] == said[1] and said[0][0][0] == 2 and "is known" in said[0][0][1] + str(said)
