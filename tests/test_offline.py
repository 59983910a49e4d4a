"""The list for tills that are off line: GET /v1/coupons/offline, `dangolctl coupon offline`."""
import base64
import contextlib
import hashlib
import json
import os
import sqlite3
import subprocess

from test_coupons import given

LIST = "/v1/coupons/offline"


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(shop, jws):
    """What a till reads, after openssl has found the signature good."""
    key = bytes.fromhex("302a300506032b6570032100") + unb64(jws["header"]["jwk"]["x"])
    pem = shop.write("key.der", key)
    data = shop.write("signed", f"{jws['protected']}.{jws['payload']}".encode())
    signature = shop.write("signature", unb64(jws["signature"]))
    subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem, "-keyform", "DER", "-rawin", "-in", data,
                    "-sigfile", signature], check=True, capture_output=True)
    assert json.loads(unb64(jws["protected"])) == {"alg": "EdDSA"}
    return json.loads(unb64(jws["payload"]))


def hashed(page, code):
    bare = code.upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(f"{page['salt']}:{bare}".encode()).hexdigest()[:32]


def test_what_may_be_redeemed_is_listed_and_signed(make_shop):
    shop, code = given(make_shop)
    page = verified(shop, shop.ok("GET", LIST))
    assert page["day"] == "2026-11-23" and page["until"].startswith("2026-11-24T23:59:59") and page["next"] is None
    [one] = page["coupons"]
    assert one == {"hash": hashed(page, code), "discount": "10%", "minimum": 20000, "remaining": 1,
                   "expires": one["expires"]}
    assert one["expires"].startswith("2026-12-23T23:59:59")
    whole = json.dumps(page)
    assert code not in whole and code.replace("-", "") not in whole and "C1" not in whole
    shop.ok("POST", f"/v1/coupons/{code}/redeem", {"order": "R1", "amount": 20000})
    assert verified(shop, shop.ok("GET", LIST))["coupons"] == []
    shop.ok("POST", f"/v1/coupons/{code}/restore")
    assert verified(shop, shop.ok("GET", LIST))["coupons"] == [one]
    shop.at("2026-12-24T00:00:00+09:00")
    assert verified(shop, shop.ok("GET", LIST))["coupons"] == []


def test_a_refresh_is_cheap(make_shop):
    shop, code = given(make_shop)
    first = shop.get(LIST)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = shop.get(LIST, headers=tag)
    assert again.status == 304 and not again.body
    shop.at("2026-11-23T18:00:00+09:00")
    assert shop.get(LIST, headers=tag).status == 304
    shop.ok("POST", f"/v1/coupons/{code}/void")
    assert shop.get(LIST, headers=tag).status == 200
    shop.at("2026-11-24T10:00:00+09:00")
    assert verified(shop, shop.get(LIST).json)["day"] == "2026-11-24"


def test_the_key_outlives_a_restart_and_the_log_has_it(make_shop):
    shop, _ = given(make_shop)
    key = shop.ok("GET", LIST)["header"]["jwk"]
    shop.stop()
    shop.start()
    assert shop.ok("GET", LIST)["header"]["jwk"] == key
    rows = [one for one in shop.ok("GET", "/v1/audit?limit=1000")["audit"] if one["what"] == "coupon.offline"]
    assert len(rows) >= 2


def test_a_hundred_thousand_by_page(make_shop):
    shop, code = given(make_shop)
    shop.stop()
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db, db:
        db.executemany("INSERT INTO coupon(bare, code, coupon, state, discount, customer) VALUES (?, ?, 'ten', ?, '10%', 1)",
                       ((f"X{n:07}", f"X-{n:07}", "issued" if n % 2 else "redeemed") for n in range(200000)))
    shop.start()
    said = shop.ctl("coupon", "offline", shop.path("list.ndjson"), "--json")
    assert said.code == 0, said
    assert said.json["coupons"] == 100001 and said.json["key"] == shop.ok("GET", LIST)["header"]["jwk"]["x"]
    hashes, after = set(), 0
    with open(shop.path("list.ndjson"), encoding="ascii") as lines:
        for number, line in enumerate(lines):
            page = verified(shop, json.loads(line)) if number in (0, 50, 100) else \
                json.loads(unb64(json.loads(line)["payload"]))
            assert page["after"] == after and len(page["coupons"]) <= 1000
            hashes |= {one["hash"] for one in page["coupons"]}
            after = page["next"]
    assert after is None and len(hashes) == 100001
    assert {hashed(page, "x 0000001"), hashed(page, code)} <= hashes and hashed(page, "X-0000002") not in hashes
    assert os.stat(shop.path("list.ndjson")).st_mode & 0o777 == 0o600
    os.chmod(shop.path("list.ndjson"), 0o640)
    assert shop.ctl("coupon", "offline", shop.path("list.ndjson")).code == 0
    assert os.stat(shop.path("list.ndjson")).st_mode & 0o777 == 0o640, "the till's user reads the next one too"
    assert shop.ctl("coupon", "offline", "/nowhere/list").code == 1
