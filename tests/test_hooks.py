"""The webhooks of shop systems: verified over the raw body, taken once, told in the shop's own events."""
import http.client
import json
import time

import pytest

import hooks
from shop import free_port, run_program

SECRETS = {"shopify": "shpss_0123456789abcdef0123456789abcdef", "woocommerce": "woo-secret-키",
           "standard": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
ORDER = {
    "id": 820982911946154508, "name": "#1001", "email": "minji@example.kr", "phone": "+821012345678",
    "created_at": "2026-11-23T09:15:00+09:00", "processed_at": "2026-11-23T09:15:20+09:00",
    "updated_at": "2026-11-23T09:15:20+09:00", "currency": "KRW", "total_price": "38500",
    "financial_status": "paid", "buyer_accepts_marketing": True, "cart_token": "68778783ad298f1c80c3bafcddeea02f",
    "discount_codes": [{"code": "BD-1"}],
    "customer": {"id": 207119551, "email": "minji@example.kr", "first_name": "민지", "last_name": "김",
                 "phone": "+821012345678"},
    "line_items": [{"id": 466157049, "product_id": 632910392, "variant_id": 39072856, "sku": "DRIP-10",
                    "title": "드립백 세트", "quantity": 1, "price": "38500"}]}
WOO = {
    "id": 727, "number": "727", "status": "processing", "currency": "KRW", "date_created": "2026-11-23T09:15:00",
    "date_created_gmt": "2026-11-23T00:15:00", "date_modified_gmt": "2026-11-23T00:15:18", "total": "38500",
    "customer_id": 25, "billing": {"first_name": "민지", "last_name": "김", "email": "minji@example.kr",
                                   "phone": "010-1234-5678"},
    "date_paid_gmt": "2026-11-23T00:15:18", "coupon_lines": [], "refunds": [],
    "line_items": [{"id": 315, "name": "드립백 세트", "product_id": 93, "quantity": 1, "sku": "DRIP-10", "price": 38500}]}
PAID = {"type": "order.paid", "timestamp": "2026-11-23T00:15:00.000Z",
        "data": {"order": "20261123-0000012", "customer": {"name": "김민지", "phone": "+821012345678"}, "total": 38500}}
GOOD = {
    "shopify": hooks.shopify(SECRETS["shopify"], "orders/paid", ORDER),
    "woocommerce": hooks.woocommerce(SECRETS["woocommerce"], "order.created", WOO),
    "standard": hooks.standard(SECRETS["standard"], "msg_1", PAID),
}


@pytest.fixture
def hooked(make_shop):
    def make(*names, more=None, **options):
        names = names or tuple(SECRETS)
        conf = "".join(hooks.block(name, **(more or {})) for name in names)
        return make_shop(conf=conf, credentials={name: SECRETS[name] for name in names}, **options)
    return make


def post(shop, name, signed, **more):
    body, headers = signed
    return shop.call("POST", f"/v1/hooks/{name}", body, headers={"Content-Type": "application/json", **headers}, **more)


def person(shop):
    [one] = [c for c in shop.ok("GET", "/v1/customers")["customers"] if c["phone"] == "+821012345678"]
    return one


def figures(shop, name):
    return shop.status()["hooks"][name]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_good_twice_and_tampered(hooked, name):
    shop = hooked(name)
    got = post(shop, name, hooks.standard(SECRETS[name], "msg_1", PAID) if name == "standard" else GOOD[name])
    assert got.status == 200 and got.json == {"accepted": 1, "duplicate": 0, "rejected": [], "ignored": 0}
    assert person(shop)["name"] == "김민지" and person(shop)["orders"] == {
        **person(shop)["orders"], "count": 1, "total": 38500}
    again = post(shop, name, hooks.standard(SECRETS[name], "msg_1", PAID) if name == "standard" else GOOD[name])
    assert again.status == 200 and again.json["duplicate"] == 1
    body, headers = GOOD[name]
    tampered = post(shop, name, (body.replace(b"38500", b"38501"), headers))
    assert tampered.status == 401
    assert post(shop, name, (body, {})).status == 401
    assert person(shop)["orders"]["count"] == 1
    assert figures(shop, name) == {"accepted": 1, "duplicate": 1, "rejected": 0, "ignored": 0}
    assert "a call of hook" in shop.log() and SECRETS[name] not in shop.log() and "민지" not in shop.log()


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_what_it_does_not_know_is_answered_200_and_counted(hooked, name):
    shop = hooked(name)
    unknown = {"shopify": lambda secret: hooks.shopify(secret, "themes/publish", {"id": 1}),
               "woocommerce": lambda secret: hooks.woocommerce(secret, "action.wc_x", {"action": "x"}),
               "standard": lambda secret: hooks.standard(secret, "m1", {"hello": 1})}[name](SECRETS[name])
    assert post(shop, name, unknown).json == {"accepted": 0, "duplicate": 0, "rejected": [], "ignored": 1}
    no_json = {"shopify": lambda body: hooks.shopify(SECRETS[name], "orders/paid", body),
               "woocommerce": lambda body: hooks.woocommerce(SECRETS[name], "order.created", body),
               "standard": lambda body: hooks.standard(SECRETS[name], "m2", body)}[name]
    for body in (b"webhook_id=7", b"[" * 2000, b'{"a":' * 40 + b"1" + b"}" * 40, b"[]", b"7", b'"x"', b"\xff"):
        assert post(shop, name, no_json(body)).status == 200, body
    assert figures(shop, name)["ignored"] == 8


def test_an_order_of_a_guest_and_one_without_anybody(hooked):
    shop = hooked()
    guest = {**ORDER, "id": 1, "customer": None}
    assert post(shop, "shopify", hooks.shopify(SECRETS["shopify"], "orders/paid", guest)).json["accepted"] == 1
    assert person(shop)["orders"]["count"] == 1
    nobody = {**WOO, "id": 2, "customer_id": 0, "billing": {}}
    assert post(shop, "woocommerce", hooks.woocommerce(SECRETS["woocommerce"], "order.created", nobody)).json["accepted"] == 1
    assert len(shop.ok("GET", "/v1/customers")["customers"]) == 1


def test_a_shopify_orders_life_in_any_order(hooked):
    shop = hooked("shopify")

    def say(topic, body):
        return post(shop, "shopify", hooks.shopify(SECRETS["shopify"], topic, body)).json

    assert say("orders/paid", ORDER)["accepted"] == 1
    assert say("orders/create", ORDER)["accepted"] == 1, "told after it was paid: it is the same order"
    assert person(shop)["orders"]["count"] == 1 and person(shop)["orders"]["total"] == 38500
    refund = {"id": 9, "order_id": ORDER["id"], "created_at": "2026-11-23T09:30:00+09:00",
              "transactions": [{"kind": "refund", "status": "success", "amount": "8500"},
                               {"kind": "refund", "status": "failure", "amount": "30000"}]}
    assert say("refunds/create", refund)["accepted"] == 1 and say("refunds/create", refund)["duplicate"] == 1
    assert person(shop)["orders"]["total"] == 30000
    assert say("refunds/create", {**refund, "id": 10, "transactions": []})["ignored"] == 1
    assert say("orders/cancelled", {**ORDER, "cancelled_at": "2026-11-23T09:40:00+09:00"})["accepted"] == 1
    assert person(shop)["orders"]["count"] == 0


def test_woocommerce_tells_an_order_whole_at_each_change(hooked):
    shop = hooked("woocommerce")

    def say(body, topic="order.updated"):
        return post(shop, "woocommerce", hooks.woocommerce(SECRETS["woocommerce"], topic, body)).json

    assert say({**WOO, "status": "pending"}, "order.created")["accepted"] == 1
    assert person(shop)["orders"]["count"] == 0
    assert say(WOO)["accepted"] == 1 and say({**WOO, "status": "completed"})["duplicate"] == 1
    assert person(shop)["orders"]["count"] == 1
    partly = {**WOO, "status": "completed", "refunds": [{"id": 5, "total": "-8500"}]}
    assert say(partly)["accepted"] == 1 and say(partly)["accepted"] == 0
    assert person(shop)["orders"]["total"] == 30000
    assert say({**partly, "status": "refunded", "refunds": [{"id": 5, "total": "-8500"}, {"id": 6, "total": "-30000"}]}
               )["accepted"] == 1
    assert person(shop)["orders"]["total"] == 0


def test_customers_goods_and_checkouts(hooked):
    shop = hooked(rules='rule left-lying { when 1 hour after checkout.started  purpose ad  send sms "t" }',
                  templates={"t.sms": "두고 가신 것이 있습니다"})
    who = {"id": 207119551, "email": "minji@example.kr", "first_name": "민지", "last_name": "김", "phone": "+821012345678",
           "created_at": "2026-11-23T09:00:00+09:00", "updated_at": "2026-11-23T09:00:00+09:00"}
    say = lambda topic, body: post(shop, "shopify", hooks.shopify(SECRETS["shopify"], topic, body)).json  # noqa: E731
    assert say("customers/create", who)["accepted"] == 1 and person(shop)["joined"] == "2026-11-23T09:00:00+09:00"
    assert say("customers/update", {**who, "first_name": "지민", "updated_at": "2026-11-23T09:01:00+09:00"})["accepted"] == 1
    assert person(shop)["name"] == "김지민"
    goods = {"id": 1, "title": "드립백 세트", "product_type": "커피", "updated_at": "2026-11-23T09:02:00+09:00",
             "variants": [{"id": 2, "sku": "DRIP-10", "price": "38500", "inventory_quantity": 3},
                          {"id": 3, "sku": "", "price": "1000"}]}
    assert say("products/update", goods)["accepted"] == 2
    checkout = {"token": "tok", "email": "minji@example.kr", "updated_at": "2026-11-23T09:05:00+09:00", "completed_at": None,
                "total_price": "38500", "line_items": ORDER["line_items"], "customer": ORDER["customer"],
                "abandoned_checkout_url": "https://s.example/c"}
    assert say("checkouts/create", checkout)["accepted"] == 1
    assert say("checkouts/update", {**checkout, "completed_at": "2026-11-23T09:06:00+09:00"})["ignored"] == 1
    assert say("customers/delete", {"id": 207119551})["accepted"] == 1
    woo = {"id": 25, "email": "w@example.kr", "first_name": "우", "last_name": "남", "billing": {"phone": "01077778888"},
           "date_created_gmt": "2026-11-23T00:00:00", "date_modified_gmt": "2026-11-23T00:00:00"}
    tell = lambda topic, body: post(shop, "woocommerce", hooks.woocommerce(SECRETS["woocommerce"], topic, body)).json  # noqa: E731
    assert tell("customer.created", woo)["accepted"] == 1 and tell("customer.updated", woo)["accepted"] == 1
    assert tell("product.updated", {"id": 93, "sku": "DRIP-11", "name": "드립백", "price": "1200", "stock_quantity": 0,
                                    "date_modified_gmt": "2026-11-23T00:00:00"})["accepted"] == 1


def test_without_a_wording_flags_give_no_consent(hooked):
    shop = hooked("shopify")
    assert post(shop, "shopify", GOOD["shopify"]).json["accepted"] == 1
    assert person(shop)["attributes"] == {"shopify_email": True} and person(shop)["consents"]["email"]["ad"] is False


def test_with_a_wording_flags_are_consents_and_absent_ones_are_neither(hooked):
    shop = hooked("shopify", more={"wording": "광고성 정보 수신과 개인정보의 마케팅 이용에 동의합니다"})
    assert post(shop, "shopify", GOOD["shopify"]).json["accepted"] == 3
    who = person(shop)
    assert who["consents"]["email"]["ad"] is True and who["consents"]["data"]["ad"] is True
    assert who["consents"]["sms"]["ad"] is False
    history = shop.ctl("--json", "consent", "show", who["id"]).json["consents"]
    assert {(h["source"], h["how"], h["wording"]) for h in history} == {
        ("hook:shopify", "web", "광고성 정보 수신과 개인정보의 마케팅 이용에 동의합니다")}
    absent = {**ORDER, "id": 2}
    del absent["buyer_accepts_marketing"]
    for body in (absent, {**ORDER, "id": 3, "buyer_accepts_marketing": False}):
        assert post(shop, "shopify", hooks.shopify(SECRETS["shopify"], "orders/paid", body)).json["accepted"] == 1
    assert person(shop)["consents"]["email"]["ad"] is True, "a box not ticked at one order takes nothing back"
    said = {"customer_id": 207119551, "email_address": "minji@example.kr", "email_marketing_consent": {
        "state": "unsubscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-11-23T09:50:00+09:00"}}
    topic = "customers/email_marketing_consent_update"
    assert post(shop, "shopify", hooks.shopify(SECRETS["shopify"], topic, said)).json["accepted"] == 2
    assert person(shop)["consents"]["email"]["ad"] is False and person(shop)["consents"]["data"]["ad"] is True


@pytest.mark.parametrize("change, status", [
    ({"webhook-timestamp": "+1795392900"}, 400), ({"webhook-timestamp": "1795 392900"}, 400),
    ({"webhook-timestamp": "1795392900.5"}, 400), ({"webhook-timestamp": ""}, 400), ({"webhook-id": ""}, 400),
    ({"webhook-signature": "g0hM9SsE"}, 401), ({"webhook-signature": "v1,"}, 401), ({"webhook-signature": "v2,x v1a,y"}, 401),
    ({"webhook-signature": ""}, 401), ({"webhook-id": "another"}, 401)])
def test_headers_of_standard_webhooks(hooked, change, status):
    shop = hooked("standard")
    body, headers = hooks.standard(SECRETS["standard"], "m1", PAID)
    assert post(shop, "standard", (body, {**headers, **change})).status == status
    assert not shop.ok("GET", "/v1/customers")["customers"]


def test_standard_webhooks_are_five_minutes_old_at_most_and_may_have_several_signatures(hooked):
    shop = hooked("standard")
    now = time.time()
    for off, status in ((-330, 401), (330, 401), (-240, 200), (240, 200)):
        got = post(shop, "standard", hooks.standard(SECRETS["standard"], f"m{off}", PAID, at=now + off))
        assert got.status == status, off
    body, headers = hooks.standard(SECRETS["standard"], "m9", PAID)
    headers["webhook-signature"] = "v1,AAAA v1a,ignored== " + headers["webhook-signature"] + " nocomma"
    assert post(shop, "standard", (body, headers)).status == 200


def test_the_secret_before_is_taken_while_it_changes(make_shop):
    shop = make_shop(conf='hook shopify { secret credential "new"  old-secret credential "old" }',
                     credentials={"new": "new-secret", "old": SECRETS["shopify"]})
    assert post(shop, "shopify", GOOD["shopify"]).status == 200
    assert post(shop, "shopify", hooks.shopify("new-secret", "orders/create", ORDER)).status == 200
    assert post(shop, "shopify", hooks.shopify("neither", "orders/create", ORDER)).status == 401


@pytest.mark.parametrize("conf, said", [
    ("hook shopify { }", "has no secret"), ('hook shopfy { secret credential "x" }', "unknown hook"),
    ('hook shopify { secret credential "x" }\nhook shopify { secret credential "x" }', "stands twice"),
    ('hook { secret credential "x" }', "needs its name"), ('hook shopify { secret credential "absent" }', "absent"),
    ('hook shopify { secret credential "empty" }', "empty")])
def test_what_is_refused_at_the_start(make_shop, conf, said):
    shop = make_shop(conf="", credentials={"x": "secret", "empty": ""})
    shop.stop()
    with open(shop.conf, "a", encoding="utf-8") as out:
        out.write(conf)
    ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert ran.code == 1 and said in ran.err, ran


def test_over_the_public_port_with_the_signature_alone(hooked):
    port = free_port()
    shop = hooked("shopify", listen=f'public "127.0.0.1:{port}" url "https://m.example.com"')
    def outside(body, headers, path="/v1/hooks/shopify"):
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        one.request("POST", path, body, {"Host": "m.example.com", **headers})
        got = one.getresponse()
        return got.status, got.read()

    assert outside(*GOOD["shopify"])[0] == 200
    for body, headers, path in ((GOOD["shopify"][0], {}, "/v1/hooks/shopify"), (*GOOD["shopify"], "/v1/hooks/woocommerce")):
        status, text = outside(body, headers, path)
        assert status in (401, 404) and b"detail" not in text, "a stranger hears the number alone"
    assert figures(shop, "shopify")["accepted"] == 1


def test_a_hook_that_the_shop_does_not_have(make_shop):
    shop = make_shop()
    answer = post(shop, "shopify", GOOD["shopify"])
    assert answer.status == 404 and "dangol.conf" in answer.json["detail"]


def test_a_large_body_and_many_goods_in_slices(hooked):
    shop = hooked("shopify")
    goods = {"id": 1, "title": "드립백", "updated_at": "2026-11-23T09:02:00+09:00",
             "variants": [{"id": n, "sku": f"S{n}", "price": "1000"} for n in range(900)]}
    assert post(shop, "shopify", hooks.shopify(SECRETS["shopify"], "products/update", goods)).json["accepted"] == 900
    assert post(shop, "shopify", hooks.shopify(SECRETS["shopify"], "orders/paid", b" " * 1100000)).status == 413


def test_it_survives_a_kill_right_after_the_answer(hooked):
    shop = hooked("woocommerce")
    assert post(shop, "woocommerce", GOOD["woocommerce"]).status == 200
    clock = shop.clock[0]
    shop.kill()
    shop.start(clock)
    assert person(shop)["orders"]["count"] == 1
    assert json.loads(json.dumps(figures(shop, "woocommerce")))["accepted"] == 1
