"""The webhooks of Cafe24, imweb, Toss Payments, PortOne, Square and Segment."""
import http.client
import time

import pytest

import hooks
from shop import free_port, run_program

URL = "https://m.example.com/v1/hooks/square"
WORDING = "광고성 정보 수신과 개인정보의 마케팅 이용에 동의합니다"
SECRETS = {"cafe24": "cafe24-key-0123", "imweb": "imweb-secret", "toss": "toss-key", "square": "Ibxx_5AKakO-3qeNVR61Dw",
           "portone": "whsec_pzQGE83cSIRKM4/WH5QY+g==", "segment": "segment-secret"}
CAFE24 = {
    "event_code": "create_order", "order_id": "20261123-0000012", "payment_gateway_name": "tosspay", "currency": "KRW",
    "order_date": "2026-11-23T09:15:00+09:00", "order_place_name": "PC쇼핑몰", "member_id": "minji01",
    "member_authentication": "T", "buyer_name": "김민지", "buyer_email": "minji@example.kr", "buyer_phone": "",
    "buyer_cellphone": "010-1234-5678", "first_order": "F", "order_from_mobile": "T", "paid": "T",
    "payment_date": "2026-11-23T09:15:20+09:00", "payment_method": "card", "order_price_amount": "41500.00",
    "actual_payment_amount": "38500.00", "mileage_spent_amount": "3000.00", "shipping_fee": "0.00", "shipping_status": "F",
    "ordering_product_code": "P000001B,P000002C", "ordering_product_name": "수제청 레몬,드립백 세트"}
MEMBER = {"member_id": "minji01", "group_no": 1, "name": "김민지", "created_date": "2026-11-20T11:19:27+09:00",
          "member_authentication": "T", "birthday": "1985-05-05", "gender": "F", "cellphone": "010-1234-5678", "sms": "T",
          "email": "minji@example.kr", "news_mail": "F", "total_mileage": "0.00", "member_type": "p"}
IMWEB = {
    "siteCode": "S20260101abcd", "orderNo": "2026112345678", "memberUid": "minji@example.kr", "ordererName": "김민지",
    "ordererEmail": "minji@example.kr", "ordererCall": "01012345678", "orderTime": "2026-11-23T09:15:00+09:00",
    "totalPrice": 38500, "totalPaymentPrice": 38500, "currency": "KRW",
    "payments": [{"paymentStatus": "PAYMENT_COMPLETE", "method": "CARD"}],
    "sections": [{"sectionItems": [{"qty": 1, "productInfo": {"prodNo": 66, "prodName": "드립백 세트", "itemPrice": 38500}}]}]}
TOSS = {"mId": "tosspayments", "paymentKey": "tviva20261123091520ABCD", "orderId": "20261123-0000012",
        "orderName": "드립백 세트", "status": "DONE", "totalAmount": 38500, "balanceAmount": 38500, "currency": "KRW",
        "method": "카드", "requestedAt": "2026-11-23T09:15:00+09:00", "approvedAt": "2026-11-23T09:15:18+09:00",
        "cancels": None}
PORTONE = {"type": "Transaction.Paid", "timestamp": "2026-11-23T00:15:18.000Z",
           "data": {"paymentId": "order-20261123-0000012", "transactionId": "55451513-9763-4a7a-bb43-78a4c65be843",
                    "storeId": "store-ae356798-3d20-4969-b739-14c6b0e1a667"}}
SQUARE = {"merchant_id": "MLEFBHHSJGVHD", "type": "customer.created", "event_id": "ac3ac95b-f97d-458c-a6e6-18981597e05f",
          "created_at": "2026-11-23T00:15:00Z", "data": {
              "type": "customer", "id": "JDKYHBWT1D4F8MFH63DBMEN8Y4", "object": {"customer": {
                  "id": "JDKYHBWT1D4F8MFH63DBMEN8Y4", "given_name": "Minji", "email_address": "minji@example.kr",
                  "phone_number": "+821012345678", "birthday": "0000-05-05", "preferences": {"email_unsubscribed": False},
                  "version": 0}}}}
SEGMENT = {"type": "track", "event": "Order Completed", "messageId": "022bb90c-bbac-11e4-8dfc-aa07a5b093db",
           "userId": "minji01", "anonymousId": None, "timestamp": "2026-11-23T00:15:18.000Z", "sentAt": "2026-11-23T00:15:19.000Z",
           "context": {"traits": {"email": "minji@example.kr", "phone": "010-1234-5678"}},
           "properties": {"order_id": "20261123-0000012", "checkout_id": "c-81", "total": 38500, "revenue": 38500, "shipping": 0,
                          "tax": 0, "discount": 0, "coupon": "BDAY10", "currency": "KRW",
                          "products": [{"product_id": "93", "sku": "DRIP-10", "name": "드립백 세트", "price": 38500,
                                        "quantity": 1, "category": "커피"}]}}


def sample(name):
    return {"cafe24": lambda: hooks.cafe24(SECRETS[name], 90025, **{**CAFE24, "event_code": "paid_order"}),
            "imweb": lambda: hooks.imweb(SECRETS[name], "ORDER_DEPOSIT_COMPLETE", IMWEB),
            "square": lambda: hooks.square(SECRETS[name], URL, SQUARE),
            "segment": lambda: hooks.segment(SECRETS[name], SEGMENT),
            "toss": lambda: hooks.toss("PAYMENT_STATUS_CHANGED", TOSS),
            "portone": lambda: hooks.portone(SECRETS[name], "p1", PORTONE)}[name]()


@pytest.fixture
def hooked(make_shop):
    def make(*names, more=None, **options):
        conf = "".join(hooks.block(name, **({"url": URL} if name == "square" else {}), **(more or {})) for name in names)
        return make_shop(conf=conf, credentials={name: SECRETS[name] for name in names}, **options)
    return make


def post(shop, name, signed, **more):
    body, headers = signed
    return shop.call("POST", f"/v1/hooks/{name}", body, headers={"Content-Type": "application/json", **headers}, **more)


def took(shop, name, signed):
    answer = post(shop, name, signed)
    assert answer.status == 200 and not answer.json["rejected"], answer
    return answer.json["accepted"], answer.json["duplicate"], answer.json["ignored"]


def person(shop):
    [one] = [c for c in shop.ok("GET", "/v1/customers")["customers"] if c["phone"] == "+821012345678"]
    return one


def orders(shop):
    told = person(shop)["orders"]
    return told["count"], told["total"]


# ---- all of them ----

@pytest.mark.parametrize("name, status", [("cafe24", 403), ("imweb", 401), ("square", 401), ("segment", 401), ("portone", 401)])
def test_good_twice_and_tampered(hooked, name, status):
    shop = hooked(name)
    expected = 0 if name == "portone" else 1
    assert took(shop, name, sample(name)) == (expected, 0, 1 - expected)
    assert took(shop, name, sample(name)) == (0, expected, 1 - expected), "twice is once"
    body, headers = sample(name)
    wrong = {key: value if key in ("webhook-id", "webhook-timestamp") else "AAAA" + value[4:] for key, value in headers.items()}
    assert post(shop, name, (body, wrong)).status == status
    if name not in ("cafe24", "imweb"):
        assert post(shop, name, (body + b" ", headers)).status == status
    if expected:
        assert person(shop)["phone"] == "+821012345678"
    assert SECRETS[name] not in shop.log() and "민지" not in shop.log()


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_what_it_does_not_know_is_answered_200_and_counted(hooked, name):
    shop = hooked(name)
    sign = {"cafe24": lambda body: (body, {"X-API-Key": SECRETS[name]}),
            "imweb": lambda body: (body, {"x-webhook-secret": SECRETS[name]}),
            "square": lambda body: hooks.square(SECRETS[name], URL, body),
            "segment": lambda body: hooks.segment(SECRETS[name], body), "toss": lambda body: (body, {}),
            "portone": lambda body: hooks.portone(SECRETS[name], "x", body)}[name]
    bodies = (b"webhook_id=7", b"[" * 2000, b"[]", b"7", b'"x"', b"\xff", b'{"type":"nothing.known","event_no":99999}',
              b'{"eventType":"ORDER_CREATE","data":null}', b'{"event_no":90023,"resource":[]}', b'{"batch":[7,{}]}',
              b'{"type":"customer.created","event_id":1,"data":{"id":null}}', b'{"status":"DONE","type":{}}')
    for body in bodies:
        assert took(shop, name, sign(body))[:2] == (0, 0), body
    assert shop.status()["hooks"][name]["ignored"] >= len(bodies)
    assert shop.status()["hooks"][name]["accepted"] == 0


def test_over_the_public_port(hooked):
    port = free_port()
    shop = hooked(*SECRETS, listen=f'public "127.0.0.1:{port}" url "https://m.example.com"')

    def outside(name, signed):
        body, headers = signed
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        one.request("POST", f"/v1/hooks/{name}", body, {"Host": "m.example.com", **headers})
        return one.getresponse().status

    for name in ("cafe24", "imweb", "square", "segment", "portone"):
        assert outside(name, sample(name)) == 200, name
        assert outside(name, (sample(name)[0], {})) == (403 if name == "cafe24" else 401), name
    assert outside("toss", sample("toss")) == 401, "what nobody signed is not taken from a stranger"
    assert outside("portone", (hooks.raw({"imp_uid": "imp_1", "merchant_uid": "order-1", "status": "paid"}), {})) == 401
    payout = {"eventType": "payout.changed", "createdAt": "2026-11-23T09:15:20.000000", "data": {"id": "FPA_1"}}
    assert outside("toss", hooks.toss_signed(SECRETS["toss"], payout)) == 200
    assert outside("toss", hooks.toss_signed("another", payout)) == 401
    body, headers = hooks.toss_signed(SECRETS["toss"], payout)
    assert outside("toss", (body + b" ", headers)) == 401
    assert outside("toss", (body, {**headers, "tosspayments-webhook-transmission-time": "2026-11-23T09:15:21+09:00"})) == 401


def test_over_the_loopback_port_with_the_token(hooked):
    shop = hooked("toss", "imweb", tcp=True)
    assert post(shop, "toss", sample("toss"), tcp=True).json["accepted"] == 1
    assert post(shop, "toss", sample("toss"), tcp=True, token="wrong").status == 401
    body, headers = sample("imweb")
    assert post(shop, "imweb", (body, {"x-webhook-secret": SECRETS["imweb"]}), tcp=True).json["accepted"] == 1


@pytest.mark.parametrize("conf, said", [
    ("hook cafe24 { }", "has no secret"), ("hook imweb { }", "has no secret"), ("hook square { }", "has no secret"),
    ('hook square { secret credential "x" }', "needs url"), ("hook toss { }", None), ("hook portone { }", None),
    ("hook segment { }", None)])
def test_which_may_stand_without_a_secret(make_shop, conf, said):
    shop = make_shop(credentials={"x": "secret"})
    shop.stop()
    with open(shop.conf, "a", encoding="utf-8") as out:
        out.write(conf)
    if said is None:
        shop.start()
        assert post(shop, conf.split()[1], (b"{}", {})).json["ignored"] == 1
        return
    ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert ran.code == 1 and said in ran.err, ran


# ---- Cafe24 ----

def test_cafe24_keys_and_signatures(hooked):
    shop = hooked("cafe24")
    body, headers = sample("cafe24")
    for given, status in (({}, 403), ({"X-API-Key": ""}, 403), ({"X-API-Key": SECRETS["cafe24"] + "x"}, 403),
                          ({"X-Cafe24-Signature": "AAAA"}, 401),
                          ({"X-Cafe24-Signature": hooks.hmac_base64(SECRETS["cafe24"], body)}, 200)):
        assert post(shop, "cafe24", (body, given)).status == status, given


def test_cafe24_an_orders_life_in_any_order(hooked):
    shop = hooked("cafe24")

    def say(number, **changed):
        return took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], number, **{**CAFE24, **changed}))

    assert say(90025, event_code="paid_order") == (1, 0, 0)
    assert say(90023) == (1, 1, 0), "placed, and paid as was told before"
    assert orders(shop) == (1, 38500) and person(shop)["name"] == "김민지"
    items = shop.ok("GET", f"/v1/customers/{person(shop)['id']}")
    assert items["phone"] == "+821012345678"
    assert say(90024, event_code="shipping_ready") == (0, 0, 1)
    assert say(90024, event_code="shipping_start") == (1, 0, 0) and say(90024, event_code="shipping_start") == (0, 1, 0)
    assert say(90024, event_code=None, shipping_status="T") == (1, 0, 0)
    assert say(90026, event_code="cancel_order_request") == (0, 0, 1)
    assert say(90029, event_code="unrefund_order") == (0, 0, 1)
    assert say(90027, event_code="return_order_request") == (0, 0, 1) and orders(shop) == (1, 38500)
    assert say(90029, event_code="refund_order") == (1, 0, 0) and orders(shop) == (0, 0)
    assert say(90027, event_code="return_complete_refunded") == (0, 1, 0), "the same goods went back once"
    assert say(90026, event_code="cancellation_complete") == (1, 0, 0) and orders(shop) == (0, 0)
    assert say(90023, order_id="2", paid="F", payment_date=None) == (1, 0, 0) and orders(shop) == (0, 0)
    assert say(90025, order_id="2", paid="F", event_code="unpaid") == (0, 0, 1)
    assert say(90023, order_id="3", currency="USD") == (0, 0, 2)


def test_cafe24_a_guest(hooked):
    shop = hooked("cafe24")
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90023, **{**CAFE24, "member_id": ""})) == (2, 0, 0)
    assert orders(shop) == (1, 38500)
    nobody = {**CAFE24, "order_id": "9", "member_id": None, "buyer_cellphone": "", "buyer_email": "", "buyer_name": ""}
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90023, **nobody)) == (2, 0, 0)
    assert len(shop.ok("GET", "/v1/customers")["customers"]) == 1


def test_cafe24_members_without_a_wording(hooked):
    shop = hooked("cafe24")
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90032, **MEMBER)) == (1, 0, 0)
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90032, **MEMBER)) == (0, 1, 0)
    who = person(shop)
    assert who["joined"] == "2026-11-20T11:19:27+09:00" and who["gender"] == "f" and "1985-05-05" in str(who["birthday"])
    assert who["attributes"] == {"cafe24_sms": True, "cafe24_email": False} and who["consents"]["sms"]["ad"] is False
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90080, member_id="minji01", diff_key=["email"])) == (1, 0, 0)
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90147, member_id="minji01")) == (1, 0, 0)


def test_cafe24_members_with_a_wording(hooked):
    shop = hooked("cafe24", more={"wording": WORDING})
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90032, **MEMBER)) == (3, 0, 0)
    who = person(shop)
    assert who["consents"]["sms"]["ad"] is True and who["consents"]["data"]["ad"] is True
    assert who["consents"]["email"]["ad"] is False
    history = shop.ctl("--json", "consent", "show", who["id"]).json["consents"]
    assert {(h["channel"], h["source"]) for h in history} == {("sms", "hook:cafe24"), ("data", "hook:cafe24")}
    absent = {key: value for key, value in MEMBER.items() if key not in ("sms", "news_mail")}
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90080, **absent)) == (1, 0, 0)
    assert person(shop)["consents"]["sms"]["ad"] is True, "absent is neither"
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90080, **{**MEMBER, "sms": "F", "news_mail": ""})) == (2, 0, 0)
    assert person(shop)["consents"]["sms"]["ad"] is False


def test_cafe24_a_cart(hooked):
    shop = hooked("cafe24")
    took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90032, **MEMBER))
    added = {"member_id": "minji01", "shipping_type": "A", "product_no": 21, "variant_code": "P000001B000A", "quantity": 2}
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90084, **added)) == (1, 0, 0)
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90084, **added)) == (0, 1, 0)
    assert took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90084, **{**added, "member_id": ""})) == (0, 0, 1)


# ---- imweb ----

@pytest.mark.parametrize("header", ["Authorization", "X-Webhook-Secret", "X-Imweb-Webhook-Secret", "Webhook-Secret"])
@pytest.mark.parametrize("before", ["", "Bearer ", "bearer  "])
def test_imweb_takes_its_secret_in_any_of_a_list(hooked, header, before):
    shop = hooked("imweb")
    body, _ = sample("imweb")
    assert post(shop, "imweb", (body, {header: before + SECRETS["imweb"]})).status == 200
    assert post(shop, "imweb", (body, {header: before + SECRETS["imweb"] + "x"})).status == 401


@pytest.mark.parametrize("member", ["eventType", "eventName", "event", "type"])
def test_imweb_names_its_event_in_any_of_a_list(hooked, member):
    shop = hooked("imweb")
    body = hooks.raw({member: "ORDER_DEPOSIT_COMPLETE", "data": IMWEB})
    assert took(shop, "imweb", (body, {"Authorization": SECRETS["imweb"]})) == (1, 0, 0) and orders(shop) == (1, 38500)


def test_imweb_an_orders_life_and_a_members(hooked):
    shop = hooked("imweb")

    def say(name, **changed):
        return took(shop, "imweb", hooks.imweb(SECRETS["imweb"], name, {**IMWEB, **changed}))

    assert say("ORDER_DEPOSIT_COMPLETE") == (1, 0, 0) and say("ORDER_CREATE") == (1, 0, 0)
    assert say("ORDER_DEPOSIT_COMPLETE") == (0, 1, 0) and orders(shop) == (1, 38500)
    assert say("ORDER_PRODUCT_PREPARATION") == (0, 0, 1)
    assert say("ORDER_REFUND") == (1, 0, 0) and orders(shop) == (0, 0)
    assert say("ORDER_DEPOSIT_COMPLETE", orderNo="2", memberUid=None) == (1, 0, 0) and orders(shop) == (1, 38500)
    assert say("ORDER_CANCEL_COMPLETE", orderNo="2", memberUid=None) == (1, 0, 0) and orders(shop) == (0, 0)
    who = {"memberUid": "minji@example.kr", "name": "김민지", "callnum": "01012345678", "smsAgree": "Y"}
    assert took(shop, "imweb", hooks.imweb(SECRETS["imweb"], "END_USER_SIGN_UP", who)) == (1, 0, 0)
    assert person(shop)["attributes"] == {"imweb_sms": True}
    added = {"memberUid": "minji@example.kr", "prodNo": 66}
    assert took(shop, "imweb", hooks.imweb(SECRETS["imweb"], "END_USER_CART_ADD", added)) == (1, 0, 0)
    assert took(shop, "imweb", hooks.imweb(SECRETS["imweb"], "END_USER_WITHDRAWAL", who)) == (1, 0, 0)


# ---- Toss Payments, PortOne ----

def test_toss_a_payment_and_what_went_back(hooked):
    shop = hooked("toss")

    def say(**changed):
        return took(shop, "toss", hooks.toss("PAYMENT_STATUS_CHANGED", {**TOSS, **changed}))

    for status in ("READY", "IN_PROGRESS", "WAITING_FOR_DEPOSIT", "ABORTED", "EXPIRED"):
        assert say(status=status) == (0, 0, 1)
    assert say() == (1, 0, 0) and say() == (0, 1, 0)
    one = {"cancelAmount": 8500, "canceledAt": "2026-11-23T09:30:00+09:00", "transactionKey": "k1", "cancelStatus": "DONE"}
    two = {"cancelAmount": 10000, "canceledAt": "2026-11-23T09:40:00+09:00", "transactionKey": "k2", "cancelStatus": "DONE"}
    assert say(status="PARTIAL_CANCELED", cancels=[one]) == (1, 0, 0)
    assert say(status="PARTIAL_CANCELED", cancels=[one, two]) == (1, 1, 0)
    assert say(status="PARTIAL_CANCELED", cancels=None) == (0, 0, 1)
    assert say(status="CANCELED", cancels=[one, two]) == (1, 0, 0)
    assert took(shop, "toss", hooks.toss("BILLING_DELETED", {"billingKey": "b"})) == (0, 0, 1)


def test_portone_names_orders_alone(hooked):
    shop = hooked("portone")
    assert took(shop, "portone", sample("portone")) == (0, 0, 1), "no amount, and no order of that number"
    v1 = (hooks.raw({"imp_uid": "imp_1234567890", "merchant_uid": "order-1", "status": "paid"}), {})
    assert took(shop, "portone", v1) == (0, 0, 1)
    for off, status in ((-330, 401), (330, 401), (-240, 200)):
        assert post(shop, "portone", hooks.portone(SECRETS["portone"], "p", PORTONE, at=time.time() + off)).status == status


# ---- payments of orders that another source took ----

RULES = 'rule thanks { when order.paid  purpose info  send sms "t" }'


def paid_by(name, order="20261123-0000012"):
    return (hooks.toss("PAYMENT_STATUS_CHANGED", {**TOSS, "orderId": order}) if name == "toss" else
            hooks.portone(SECRETS[name], "p1", {**PORTONE, "data": {**PORTONE["data"], "paymentId": order}}))


@pytest.mark.parametrize("name", ["toss", "portone"])
def test_a_payment_reaches_the_customer_of_its_order_once(hooked, name):
    shop = hooked("cafe24", name, rules=RULES, templates={"t.sms": "고맙습니다"})
    placed = hooks.cafe24(SECRETS["cafe24"], 90023, **{**CAFE24, "paid": "F", "payment_date": None})
    assert took(shop, "cafe24", placed) == (1, 0, 0) and orders(shop) == (0, 0)
    assert took(shop, name, paid_by(name)) == (1, 0, 0)
    assert orders(shop) == (1, 38500)
    shop.idle()
    assert len(shop.messages()) == 1 and shop.messages()[0]["customer"] == person(shop)["id"]
    assert took(shop, name, paid_by(name)) == (0, 1, 0), "again is once"
    assert took(shop, "cafe24", sample("cafe24")) == (1, 0, 0), "the shop says so as well"
    assert orders(shop) == (1, 38500)
    shop.idle()
    assert len(shop.messages()) == 1, "he is thanked once"


@pytest.mark.parametrize("name", ["toss", "portone"])
def test_a_payment_told_after_the_shop_told_it(hooked, name):
    shop = hooked("cafe24", name, rules=RULES, templates={"t.sms": "고맙습니다"})
    assert took(shop, "cafe24", sample("cafe24")) == (1, 0, 0)
    assert took(shop, name, paid_by(name)) == (1, 0, 0) and orders(shop) == (1, 38500)
    shop.idle()
    assert len(shop.messages()) == 1


def test_a_payment_of_an_order_that_the_api_took(hooked):
    shop = hooked("toss")
    shop.event("order.placed", customer={"id": "C1", "phone": "010-1234-5678"}, order="20261123-0000012", total=38500)
    assert took(shop, "toss", paid_by("toss")) == (1, 0, 0) and orders(shop) == (1, 38500)
    part = {"cancelAmount": 8500, "canceledAt": "2026-11-23T09:30:00+09:00", "transactionKey": "k1"}
    assert took(shop, "toss", hooks.toss("PAYMENT_STATUS_CHANGED", {**TOSS, "status": "PARTIAL_CANCELED", "cancels": [part]})
                ) == (1, 0, 0)
    assert orders(shop) == (1, 30000)
    assert took(shop, "toss", hooks.toss("PAYMENT_STATUS_CHANGED", {**TOSS, "status": "CANCELED"})) == (1, 0, 0)
    assert orders(shop) == (0, 0)


def test_a_payment_of_a_number_that_two_sources_have_is_nobodys(hooked):
    shop = hooked("cafe24", "toss")
    took(shop, "cafe24", hooks.cafe24(SECRETS["cafe24"], 90023, **{**CAFE24, "order_id": "7", "paid": "F"}))
    shop.event("order.placed", customer={"id": "C1", "phone": "010-9999-0000"}, order="7", total=1000)
    assert took(shop, "toss", paid_by("toss", "7")) == (1, 0, 0)
    assert orders(shop) == (0, 0), "whose it is nobody can tell"


def test_a_payment_before_its_order_is_told(hooked):
    shop = hooked("cafe24", "toss")
    assert took(shop, "toss", paid_by("toss")) == (1, 0, 0)
    assert took(shop, "cafe24", sample("cafe24")) == (1, 0, 0) and orders(shop) == (1, 38500)
    assert took(shop, "toss", paid_by("toss")) == (0, 1, 0) and orders(shop) == (1, 38500)


# ---- Square ----

def square(kind, name, about, event="e1"):
    body = {"merchant_id": "M", "type": kind, "event_id": event, "created_at": "2026-11-23T00:15:00Z",
            "data": {"type": name, "id": about["id"], "object": {name: about}}}
    return hooks.square(SECRETS["square"], URL, body)


def test_square_a_customer_and_his_sales(hooked):
    shop = hooked("square")
    assert took(shop, "square", sample("square")) == (1, 0, 0)
    assert "05-05" in str(person(shop)["birthday"]) and person(shop)["attributes"] == {}
    paid = {"id": "PAY1", "status": "COMPLETED", "order_id": "O1", "customer_id": "JDKYHBWT1D4F8MFH63DBMEN8Y4",
            "buyer_email_address": "minji@example.kr", "amount_money": {"amount": 38500, "currency": "KRW"}, "total_money": {"amount": 38500, "currency": "KRW"},
            "created_at": "2026-11-23T00:15:00Z", "updated_at": "2026-11-23T00:15:02Z"}
    assert took(shop, "square", square("payment.created", "payment", {**paid, "status": "APPROVED"})) == (0, 0, 1)
    assert took(shop, "square", square("payment.updated", "payment", paid, "e2")) == (1, 0, 0)
    assert took(shop, "square", square("payment.updated", "payment", paid, "e3")) == (0, 1, 0) and orders(shop) == (1, 38500)
    refund = {"id": "R1", "status": "COMPLETED", "payment_id": "PAY1", "order_id": "O2",
              "amount_money": {"amount": 8500, "currency": "KRW"}}
    assert took(shop, "square", square("refund.created", "refund", {**refund, "status": "PENDING"})) == (0, 0, 1)
    assert took(shop, "square", square("refund.updated", "refund", refund)) == (1, 0, 0) and orders(shop) == (1, 30000)
    assert took(shop, "square", square("order.created", "order_created", {"id": "O1", "state": "OPEN"})) == (0, 0, 1)
    dollars = {**paid, "id": "PAY2", "amount_money": {"amount": 100, "currency": "USD"}}
    assert took(shop, "square", square("payment.updated", "payment", dollars, "e4")) == (0, 0, 1)
    gone = {**SQUARE["data"]["object"]["customer"]}
    assert took(shop, "square", square("customer.deleted", "customer", gone, "e5")) == (1, 0, 0)


def test_square_unsubscribed_is_a_refusal_and_not_unsubscribed_is_nothing(hooked):
    shop = hooked("square", more={"wording": WORDING})
    who = SQUARE["data"]["object"]["customer"]
    assert took(shop, "square", sample("square")) == (1, 0, 0) and person(shop)["consents"]["email"]["ad"] is False
    said = {**who, "preferences": {"email_unsubscribed": True}}
    assert took(shop, "square", square("customer.updated", "customer", said, "e2")) == (2, 0, 0)
    assert took(shop, "square", square("customer.updated", "customer", {"id": who["id"]}, "e3")) == (1, 0, 0)


def test_square_signs_its_address(make_shop):
    shop = make_shop(conf=hooks.block("square", url=URL + "x"), credentials=SECRETS)
    assert post(shop, "square", sample("square")).status == 401


OFFICIAL = {  # of Square's and PortOne's own documents and test suites
    "key": "Ibxx_5AKakO-3qeNVR61Dw", "url": "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9",
    "body": b'{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f",'
            b'"created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}',
    "signature": "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="}


def test_square_its_own_sample(make_shop):
    shop = make_shop(conf=hooks.block("square", url=OFFICIAL["url"]), credentials={"square": OFFICIAL["key"]})
    headers = {"x-square-hmacsha256-signature": OFFICIAL["signature"]}
    assert took(shop, "square", (OFFICIAL["body"], headers)) == (0, 0, 1)
    assert post(shop, "square", (OFFICIAL["body"].replace(b"2022", b"2023"), headers)).status == 401


def test_portone_its_own_sample():
    body = (b'{"type":"Transaction.Paid","timestamp":"2024-04-25T10:00:00.000Z","data":{"paymentId":"example-payment-id",'
            b'"transactionId":"55451513-9763-4a7a-bb43-78a4c65be843","storeId":"store-ae356798-3d20-4969-b739-14c6b0e1a667"}}')
    _, headers = hooks.portone(SECRETS["portone"], "dummy-webhook-id", body, at=1714039200)
    assert headers["webhook-signature"] == "v1,oyINbN2GObmWyVCmzXOqB0Dyr0X4wyI8cOIVmQaTwTw=", "as the other tests sign"


# ---- Segment ----

def segment(kind, **more):
    return {"type": kind, "messageId": f"m-{sorted(more.items())}"[:90], "userId": "minji01", "anonymousId": "a-1",
            "timestamp": "2026-11-23T00:15:18.000Z", **more}


def test_segment_a_visitor_becomes_known_and_buys(hooked):
    shop = hooked("segment")

    def say(*messages, batch=True):
        return took(shop, "segment", hooks.segment(SECRETS["segment"], {"batch": list(messages)} if batch else messages[0]))

    traits = {"email": "minji@example.kr", "phone": "010-1234-5678", "firstName": "민지", "lastName": "김",
              "birthday": "1985-05-05T00:00:00.000Z", "createdAt": "2026-11-20T00:00:00Z"}
    goods = {"product_id": "93", "sku": "DRIP-10", "name": "드립백", "price": 38500.0, "quantity": 1, "category": "커피"}
    assert say(segment("track", event="Product Viewed", userId=None, properties=goods)) == (1, 0, 0)
    assert say(segment("identify", traits=traits), batch=False) == (1, 0, 0)
    assert person(shop)["name"] == "김민지" and "1985-05-05" in str(person(shop)["birthday"])
    assert len(shop.ok("GET", "/v1/customers")["customers"]) == 1, "the visitor and he are one"
    assert say(segment("track", event="Product Added", properties=goods), segment("track", event="Product Removed", properties=goods),
               segment("track", event="Cart Viewed", properties={"cart_id": "c", "products": [goods]}),
               segment("track", event="Checkout Started", properties={"value": 38500, "products": [goods]}),
               segment("track", event="Products Searched", properties={"query": "드립백"}),
               segment("track", event="Coupon Denied", properties={}), segment("page", name="Home")) == (5, 0, 2)
    assert say(SEGMENT) == (1, 0, 0) and say(SEGMENT) == (0, 1, 0) and orders(shop) == (1, 38500)
    back = {"order_id": "20261123-0000012", "total": 8500, "currency": "KRW"}
    assert say(segment("track", event="Order Refunded", properties=back)) == (1, 0, 0) and orders(shop) == (1, 30000)
    assert say(segment("track", event="Order Cancelled", properties={"order_id": "20261123-0000012"})) == (1, 0, 0)
    assert orders(shop)[0] == 0
    assert say(segment("track", event="Order Completed", properties={"order_id": "7", "total": 9.99, "currency": "USD"})) == (0, 0, 1)


def test_segment_without_a_signature_from_the_shop_itself(hooked):
    shop = hooked("segment")
    assert took(shop, "segment", (hooks.raw(SEGMENT), {})) == (1, 0, 0)
    assert post(shop, "segment", (hooks.raw(SEGMENT), {"X-Signature": "00"})).status == 401
