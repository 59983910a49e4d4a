"""Coupons at the counter: scenarios 75 and 76."""
import concurrent.futures
import contextlib
import re
import sqlite3

from test_door import problem

RULES = '''rule thanks { when order.paid where (event.total >= 10,000원)  give coupon ten  send sms "c" }
coupon ten "10% 쿠폰" { discount 10%  code "BD-######"  valid 30 days  minimum 20,000원 }
'''
TEXTS = {"c.sms": "#{coupon.code} #{coupon.expires|date}까지"}


def given(make_shop, ref="C1", rules=RULES, **more):
    shop = make_shop(rules=rules, templates=TEXTS, **more)
    shop.customer(ref, "sms data", phone="01012345678")
    shop.event("order.paid", ref, id="o1", order="A-1", total=10000)
    message = shop.message_in("accepted", customer=ref)
    assert shop.outbox()[0]["coupon"] == message["coupon"]
    return shop, message["coupon"]


def test_s76_a_code_at_two_counters_at_once(make_shop):
    shop, code = given(make_shop)
    spellings = [code, code.lower(), code.replace("-", ""), code.replace("-", " ")] * 4

    def redeem(n):
        return shop.post(f"/v1/coupons/{spellings[n]}/redeem", {"customer": "C1", "order": f"R{n}", "amount": 20000})
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        said = list(pool.map(redeem, range(16)))
    assert sorted(one.status for one in said) == [200] + [409] * 15
    good = [one for one in said if one.status == 200][0].json
    assert "discount" in good and good["remaining"] == 0
    coupon = shop.ok("GET", f"/v1/coupons/{code}")
    assert coupon["state"] == "redeemed" and coupon["redeemed"] and coupon["order"].startswith("R")


def test_the_code_and_its_shape(make_shop):
    shop, code = given(make_shop)
    assert re.fullmatch(r"BD-[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{6}", code)
    coupon = shop.ok("GET", f"/v1/coupons/{code}")
    assert coupon["code"] == code and coupon["coupon"] == "ten" and coupon["customer"] == "C1"
    assert coupon["state"] == "issued"
    assert coupon["expires"].startswith("2026-12-23"), coupon
    assert code in shop.outbox()[0]["text"] and "2026" in shop.outbox()[0]["text"]


def test_refusals_at_the_counter_say_why(make_shop):
    shop, code = given(make_shop)
    shop.customer("C2", "", phone="01099998888")
    small = problem(shop.post(f"/v1/coupons/{code}/redeem", {"customer": "C1", "order": "R", "amount": 19999}), 409)
    other = problem(shop.post(f"/v1/coupons/{code}/redeem", {"customer": "C2", "order": "R", "amount": 20000}), 409)
    problem(shop.post("/v1/coupons/BD-ZZZZZZ/redeem", {"order": "R", "amount": 20000}), 404)
    assert small["detail"] != other["detail"]
    void = shop.post(f"/v1/coupons/{code}/void")
    assert void.status == 200, void
    third = problem(shop.post(f"/v1/coupons/{code}/redeem", {"customer": "C1", "order": "R", "amount": 20000}), 409)
    assert third["detail"] not in (small["detail"], other["detail"])


def test_valid_through_the_end_of_its_last_day(make_shop):
    shop, code = given(make_shop)
    shop.at("2026-12-23T23:59:59+09:00")
    assert shop.ok("GET", f"/v1/coupons/{code}")["state"] == "issued"
    shop.at("2026-12-24T00:00:00+09:00")
    assert shop.ok("GET", f"/v1/coupons/{code}")["state"] == "expired"
    problem(shop.post(f"/v1/coupons/{code}/redeem", {"customer": "C1", "order": "R", "amount": 20000}), 409)


def test_redeem_with_an_idempotency_key_and_restore(make_shop):
    shop, code = given(make_shop)
    body = {"customer": "C1", "order": "R1", "amount": 20000}
    first = shop.post(f"/v1/coupons/{code}/redeem", body, headers={"Idempotency-Key": "r1"})
    again = shop.post(f"/v1/coupons/{code}/redeem", body, headers={"Idempotency-Key": "r1"})
    assert first.status == again.status == 200 and first.json == again.json
    problem(shop.post(f"/v1/coupons/{code}/redeem", body), 409)
    assert shop.ctl("coupon", "restore", code).code == 0
    assert shop.ctl("coupon", "redeem", code, "--customer", "C1", "--order", "R2", "--amount", "20000").code == 0
    shown = shop.ctl("coupon", "show", code, "--json")
    assert shown.code == 0 and shown.json["state"] == "redeemed"


def misspelt(code):
    last = code[-1]
    return code[:-1] + ("3" if last != "3" else "4")


def test_a_mistyped_code_is_told_from_an_unknown_one(make_shop):
    shop, code = given(make_shop)
    unknown = None
    for last in "23456789ABCDEFGHJKMNPQRSTUVWXYZ":
        said = problem(shop.post(f"/v1/coupons/BD-22222{last}/redeem", {"amount": 20000}), 404)
        if said["reason"] == "unknown":
            assert unknown is None, "one check character alone fits"
            unknown = said
    assert unknown
    for wrong in (misspelt(code), misspelt(code).lower(), code[:3] + "0" + code[4:], code[:3] + "O" + code[4:]):
        for said in (shop.post(f"/v1/coupons/{wrong}/redeem", {"amount": 20000}), shop.get(f"/v1/coupons/{wrong}")):
            said = problem(said, 404)
            assert said["reason"] == "mistyped" and said["detail"] != unknown["detail"]
    assert problem(shop.get("/v1/coupons/NOTHING-LIKE-IT"), 404)["reason"] == "unknown"
    assert "mistyped" in shop.ctl("coupon", "show", misspelt(code)).err
    assert shop.ok("GET", f"/v1/coupons/{code}")["state"] == "issued"


def test_a_pool_of_the_owners_is_never_mistyped(make_shop):
    rules = RULES.replace('code "BD-######"', 'codes "ten.txt"')
    shop = make_shop(rules={"shop.rule": rules, "ten.txt": "AB234567\n"}, templates=TEXTS)
    assert problem(shop.get("/v1/coupons/AB234568"), 404)["reason"] == "unknown"


def test_a_counter_that_was_off_line(make_shop):
    shop, code = given(make_shop)
    path = f"/v1/coupons/{code}/redeem"
    shop.at("2026-12-24T09:00:00+09:00")
    body = {"customer": "C1", "order": "R1", "amount": 20000}
    assert problem(shop.post(path, body), 409)["reason"] == "expired"
    for time in ("2026-12-16T10:00:00+09:00", "2026-12-24T10:00:00+09:00", "yesterday", "2026-12-23 10:00"):
        assert problem(shop.post(path, {**body, "time": time}), 422)["pointer"] == "/time"
    said = shop.post(path, {**body, "time": "2026-12-23T21:00:00+09:00"})
    assert said.status == 200, said
    assert shop.ok("GET", f"/v1/coupons/{code}")["redeemed"] == "2026-12-23T21:00:00+09:00"
    late = shop.ctl("coupon", "redeem", code, "--order", "R2", "--amount", "20000", "--time", "2026-12-23T20:00:00+09:00")
    assert late.code != 0
    noted = [one for one in shop.ok("GET", "/v1/audit")["audit"] if one["what"] == "coupon.conflict"]
    assert [one["target"] for one in noted] == [code]


def test_a_refund_leaves_it_to_the_owner(make_shop):
    """Whether the coupon of an order that came back is good again is his to say, by restore."""
    shop, code = given(make_shop)
    shop.event("order.paid", "C1", id="o2", order="R1", total=30000, coupon=code)
    assert shop.ok("GET", f"/v1/coupons/{code}")["order"] == "R1"
    shop.event("order.refunded", "C1", id="o3", order="R1", amount=30000)
    shop.idle()
    assert shop.ok("GET", f"/v1/coupons/{code}")["state"] == "redeemed"
    assert shop.ctl("coupon", "restore", code).code == 0
    assert shop.ok("GET", f"/v1/coupons/{code}")["state"] == "issued"
    assert problem(shop.post(f"/v1/coupons/{code}/restore"), 409)["reason"] == "not_redeemed"


def test_an_event_redeems_too(make_shop):
    shop, code = given(make_shop, rules=RULES.replace("  minimum 20,000원", ""))
    shop.event("coupon.redeemed", "C1", id="r1", code=code.lower().replace("-", ""), order="R1")
    assert shop.ok("GET", f"/v1/coupons/{code}")["state"] == "redeemed"


def test_previews_and_failed_sends_use_no_code_up(make_shop):
    rules = RULES.replace('code "BD-######"', 'codes "ten.txt"')
    shop = make_shop(rules={"shop.rule": rules, "ten.txt": "AAA-1\nBBB-2\n"}, templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.customer("C2", "data", phone="01012345679")
    preview = shop.ctl("preview", "thanks", "C1", "--json")
    assert preview.code == 0, preview
    assert "AAA-1" not in preview.out and "BBB-2" not in preview.out
    shop.event("order.paid", "C2", id="o2", order="B-1", total=10000)
    shop.message_in("dropped", customer="C2")
    for n in (1, 2):
        shop.event("order.paid", "C1", id=f"c{n}", order=f"A-{n}", total=10000)
        shop.wait(lambda n=n: shop.queue()["accepted"] == n, "the code")
    assert {one["coupon"] for one in shop.outbox()} == {"AAA-1", "BBB-2"}


def test_s75_an_empty_pool_holds_the_run_and_tells_the_owner(make_shop):
    rules = RULES.replace('code "BD-######"', 'codes "ten.txt"')
    shop = make_shop(rules={"shop.rule": rules, "ten.txt": "AAA-1\n"}, templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.customer("C2", "sms data", phone="01012345679")
    for ref in ("C1", "C2"):
        shop.event("order.paid", ref, id=ref, order=ref, total=10000)
        shop.idle()
    assert len(shop.outbox(rule="thanks")) == 1
    shop.rule("ten.txt", "AAA-1\nBBB-2\n")
    shop.ok("POST", "/v1/reload")
    shop.at("2026-11-23T11:00:00+09:00")
    shop.wait(lambda: len(shop.outbox(rule="thanks")) == 2, "the one who stood there")
    assert {one["coupon"] for one in shop.outbox(rule="thanks")} == {"AAA-1", "BBB-2"}


def pool(shop):
    with contextlib.closing(sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*), count(DISTINCT bare), sum(state = 'free'), sum(run IS NOT NULL) FROM coupon"
                          " WHERE coupon = 'ten'").fetchone()


def test_s75_a_pool_of_a_hundred_thousand_loses_none_by_crashes(make_shop):
    rules = RULES.replace('code "BD-######"', 'codes "ten.txt"')
    codes = "".join(f"T-{n:06}\n" for n in range(100000))
    shop = make_shop(rules={"shop.rule": rules, "ten.txt": codes + "t 000001\nT-000002\n"}, templates=TEXTS)
    assert pool(shop) == (100000, 100000, 100000, 0)
    for n in range(20):
        shop.customer(f"C{n}", "sms data", phone=f"0101234{n:04}")
    for n in range(20):
        shop.event("order.paid", f"C{n}", id=f"o{n}", order=f"A-{n}", total=10000)
        if n % 5 == 4:
            shop.kill()
            shop.start()
    shop.wait(lambda: len({one["coupon"] for one in shop.messages(limit=100) if one["coupon"]}) == 20, "twenty codes")
    shop.idle()
    given_out = [one["coupon"] for one in shop.messages(limit=100)]
    assert len(given_out) == len(set(given_out)) == 20
    assert pool(shop) == (100000, 100000, 99980, 20)


def test_a_thousand_codes_are_distinct(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS, rate=1)
    batch = []
    for n in range(1000):
        batch.append({"type": "consent.given", "customer": {"id": f"C{n}", "phone": f"0101{n:07}"},
                      "data": {"channel": "sms", "purpose": "ad"}})
        batch.append({"type": "consent.given", "customer": {"id": f"C{n}"}, "data": {"channel": "data", "purpose": "ad"}})
        batch.append({"type": "order.paid", "customer": {"id": f"C{n}"}, "data": {"order": f"A{n}", "total": 10000}})
    said = shop.ok("POST", "/v1/events", batch)
    assert said["accepted"] == 3000, said
    shop.wait(lambda: shop.queue()["accepted"] == 1000, "all of them", 60)
    codes = {one["coupon"] for one in shop.outbox()}
    assert len(codes) == 1000


WAITING = '''rule later { when order.paid  give coupon two  wait 1 day  send sms "c"  limit once per event }
coupon two "두 장뿐" { discount 10%  code "BD-######"  valid 30 days  stock 2 }
'''


def reserved(shop, *numbers):
    for i in numbers:
        shop.customer(f"C{i}", "sms data", phone=f"0101234567{i}")
        shop.event("order.paid", f"C{i}", id=f"o{i}", order=f"A-{i}", total=10000)


def test_a_rule_that_goes_off_gives_its_coupons_back(make_shop):
    shop = make_shop(rules=WAITING, templates=TEXTS)
    reserved(shop, 0, 1)
    assert shop.ctl("rule", "off", "later").code == 0
    assert shop.ctl("rule", "on", "later").code == 0
    reserved(shop, 2, 3)
    shop.at("2026-11-24T10:00:01+09:00")
    shop.wait(lambda: len(shop.outbox()) == 2, "both coupons")
    assert sorted(one["customer"] for one in shop.outbox()) == ["C2", "C3"]


def test_a_run_that_starts_again_gives_its_coupon_back(make_shop):
    shop = make_shop(rules=WAITING.replace("limit once per event", "again restarts"), templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    for i in range(4):
        shop.event("order.paid", "C1", id=f"o{i}", order=f"A-{i}", total=10000)
    shop.at("2026-11-24T10:00:01+09:00")
    assert shop.message_in("accepted", rule="later")["coupon"]
