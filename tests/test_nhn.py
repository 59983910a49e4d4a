"""Provider nhn against the stand-in for NHN: every kind of message, what becomes of it, faults, delivery reports."""
import json
import struct

import pytest
from shop import run_program
from standins.nhn import PROFILE, Nhn

RULES = {
    "sms": 'rule paid { when order.paid  purpose info  send sms "p" }\n',
    "ad": 'rule ad { when order.paid  send sms "p" }\n',
    "alimtalk": 'rule paid { when order.paid  purpose info  send alimtalk "p" else sms "p" }\n',
    "brandmessage": 'rule ad { when order.paid  send brandmessage "p" }\n',
}
APPROVED = "#{고객명}님, 주문 #{주문번호} 잘 받았습니다."
TEXTS = {
    "p.sms": "결제 #{event.order}",
    "p.alimtalk": "Template-Code: T1\n\n#{이름}님, 주문 #{event.order} 잘 받았습니다.",
    "p.brandmessage": "새 원두가 왔어요",
}
JPEG = b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 500, 800, 3) + bytes(40)


@pytest.fixture
def nhn():
    with Nhn() as provider:
        provider.template("T1", APPROVED)
        yield provider
        assert provider.violations == []
        assert provider.duplicates() == {}


def shop_of(make_shop, nhn, rule="sms", texts=None, secret="testSecret01", pictures=None, rate=60, **more):
    account = f'provider nhn  key credential "k"  secret credential "s"  receipts credential "r"  url "{nhn.url}"  '
    channels = {"sms": account + 'sender "02-1234-5678"  refuse "080-123-4567"',
                "alimtalk": account + f'profile "{PROFILE}"', "brandmessage": account + f'profile "{PROFILE}"'}
    shop = make_shop(start=False, rules=RULES[rule], templates={**TEXTS, **(texts or {})}, channels=channels,
                     credentials={"k": "testAppKey01", "s": secret, "r": nhn.signature}, **more)
    for name, data in (pictures or {}).items():
        shop.write("templates/" + name, data)
    return shop.start(rate=rate)


def pay(shop, n=1, first=0, consents="sms kakao data", **more):
    for i in range(first, first + n):
        shop.customer(f"C{i}", consents, phone=f"01012345{i:03}", friend=True, **more)
    shop.ok("POST", "/v1/events", [{"type": "order.paid", "customer": {"id": f"C{i}"}, "id": f"e{i}",
                                    "data": {"order": f"A-{i}", "total": 1000}} for i in range(first, first + n)])


def sendings(nhn):
    return [one for one in list(nhn.requests) if nhn.SENDS(one)]


def all_in(shop, state, n):
    shop.wait(lambda: [m["state"] for m in shop.messages()] == [state] * n, f"{n} messages in {state}", 15)
    return shop.messages()


# ---- what is sent ----

def test_sms(make_shop, nhn):
    shop = shop_of(make_shop, nhn)
    pay(shop, 3)
    messages = all_in(shop, "delivered", 3)
    assert sorted((one.text, one.to, one.kind, one.more["sender"]) for one in nhn.accepted) == [
        (f"결제 A-{i}", f"0101234500{i}", "SMS", "0212345678") for i in range(3)]
    assert {m["id"]: m["provider_id"] for m in messages} == {one.key: one.provider_id for one in nhn.accepted}


def test_same_texts_share_a_request(make_shop, nhn):
    shop = shop_of(make_shop, nhn, texts={"p.sms": "결제되었습니다"}, rate=0.001)
    pay(shop, 40)
    shop.wait(lambda: len(nhn.accepted) == 40, "forty messages")
    assert len(sendings(nhn)) < 40 and len({one.more["group"] for one in nhn.accepted}) == len(sendings(nhn))


def test_a_number_abroad(make_shop, nhn):
    shop = shop_of(make_shop, nhn, texts={"p.sms": "Your order #{event.order}"})
    shop.customer("C1", "sms data", phone="+14155550100")
    shop.event("order.paid", "C1", id="e1", order="A-1", total=1000)
    all_in(shop, "delivered", 1)
    assert [(one.to, one.kind) for one in nhn.accepted] == [("14155550100", "SMS")]


def test_lms(make_shop, nhn):
    shop = shop_of(make_shop, nhn, texts={"p.sms": "주문하신 원두를 오늘 볶았습니다 " * 5 + "#{event.order}"})
    pay(shop)
    all_in(shop, "delivered", 1)
    [one] = nhn.accepted
    assert one.kind == "LMS" and one.text.endswith(" A-0") and one.more["title"]


def test_three_hundred_at_once(make_shop, nhn):
    shop = shop_of(make_shop, nhn, texts={"p.sms": "주문하신 원두를 오늘 볶았습니다 " * 5}, rate=600)
    nhn.whole_code = -2052
    pay(shop, 300, consents="")
    shop.wait(lambda: shop.status()["channels"]["sms"]["waiting"] == 300, "three hundred messages that wait")
    all_in(shop, "planned", 300)
    nhn.whole_code = None
    shop.wait(lambda: len(shop.messages(state="delivered")) == 300, "three hundred results")
    assert len(nhn.accepted) == 300


def test_mms_uploads_its_picture_once(make_shop, nhn):
    shop = shop_of(make_shop, nhn, texts={"p.sms": "Image: menu.jpg\n\n결제 #{event.order}"}, pictures={"menu.jpg": JPEG})
    for first in range(2):
        pay(shop, first=first)
        all_in(shop, "delivered", first + 1)
    assert [(one.kind, one.more["files"]) for one in nhn.accepted] == [("MMS", [*nhn.files])] * 2
    assert list(nhn.files.values()) == [JPEG]


@pytest.mark.parametrize("text, kind", [("새 원두", "SMS"), ("봄맞이 원두를 새로 볶았습니다. " * 5, "LMS")])
def test_advertisement(make_shop, nhn, text, kind):
    shop = shop_of(make_shop, nhn, "ad", texts={"p.sms": text})
    pay(shop)
    all_in(shop, "delivered", 1)
    [one] = nhn.accepted
    assert one.kind == kind and one.more["ad"] and one.text.startswith("(광고)단골커피\n")
    assert one.text.endswith("\n무료수신거부 080-123-4567")


def test_alimtalk(make_shop, nhn):
    nhn.template("T1", APPROVED, buttons=[("주문 보기", "https://shop.example/#{주문번호}")])
    text = TEXTS["p.alimtalk"].replace("\n\n", "\nButton: 주문 보기 | https://shop.example/#{event.order}\n\n")
    shop = shop_of(make_shop, nhn, "alimtalk", texts={"p.alimtalk": text})
    pay(shop, 2)
    all_in(shop, "delivered", 2)
    assert {one.kind for one in nhn.accepted} == {"ALIMTALK"}
    assert sorted((one.text, one.more["template"], one.more["buttons"][0]["linkMo"]) for one in nhn.accepted) == [
        (f"김하늘님, 주문 A-{i} 잘 받았습니다.", "T1", f"https://shop.example/A-{i}") for i in range(2)]


@pytest.mark.parametrize("change", [{"content": APPROVED + " 감사합니다."}, {"content": APPROVED, "status": "TSC02"}])
def test_alimtalk_that_is_not_as_approved_goes_to_the_next_leg(make_shop, nhn, change):
    nhn.template("T1", **change)
    shop = shop_of(make_shop, nhn, "alimtalk")
    pay(shop)
    shop.wait(lambda: sorted(m["state"] for m in shop.messages()) == ["delivered", "failed"], "the next leg")
    assert [(one.kind, one.text) for one in nhn.accepted] == [("SMS", "결제 A-0")]


def test_brand_message(make_shop, nhn):
    text = ("Image: menu.jpg\nButton: 보러 가기 | https://shop.example/new\n"
            "Coupon: 3000원 할인 쿠폰 | 새 원두 | https://shop.example/c\n\n새 원두가 왔어요")
    shop = shop_of(make_shop, nhn, "brandmessage", texts={"p.brandmessage": text}, pictures={"menu.jpg": JPEG})
    pay(shop, 3)
    all_in(shop, "delivered", 3)
    [url] = nhn.images
    for one in nhn.accepted:
        assert (one.kind, one.text, one.more["targeting"], one.more["image"]) == ("IMAGE", "새 원두가 왔어요", "I", url)
        assert one.more["buttons"][0]["linkMo"] == "https://shop.example/new"
        assert one.more["coupon"]["title"] == "3000원 할인 쿠폰" and one.more["coupon"]["description"] == "새 원두"


# ---- what becomes of it ----

@pytest.mark.parametrize("rule, code", [("sms", "3001"), ("ad", "E919"), ("alimtalk", "3018"),
                                        ("brandmessage", "3020")])
def test_failed_with_the_code_that_nhn_told(make_shop, nhn, rule, code):
    nhn.results(("failed", code))
    shop = shop_of(make_shop, nhn, rule)
    pay(shop)
    shop.wait(lambda: shop.messages(state="failed"), "a failure")
    shown = shop.ok("GET", "/v1/messages/" + shop.messages(state="failed")[0]["id"])
    assert code in json.dumps(shown)
    if code == "3020":
        shop.wait(lambda: "+821012345000" in json.dumps(shop.ok("GET", "/v1/suppressions")), "a suppression")


@pytest.mark.parametrize("rule", ["sms", "alimtalk", "brandmessage"])
def test_pending_until_there_is_a_result(make_shop, nhn, rule):
    nhn.results("pending")
    shop = shop_of(make_shop, nhn, rule, rate=600)
    pay(shop)
    shop.wait(lambda: len([one for one in list(nhn.requests) if one.method == "GET"]) > 2, "two looks")
    assert [m["state"] for m in shop.messages()] == ["accepted"]
    nhn.results("delivered")
    all_in(shop, "delivered", 1)


@pytest.mark.parametrize("fault", ["500-before", "reset-before", "html", "half", "429", "big"])
def test_a_look_that_fails_is_taken_again(make_shop, nhn, fault):
    nhn.fault(fault, times=2, where="GET")
    shop = shop_of(make_shop, nhn, rate=600)
    pay(shop, 2)
    all_in(shop, "delivered", 2)
    assert not nhn.faults and len(nhn.accepted) == 2


def test_unconfirmed_opens_no_next_leg(make_shop, nhn):
    nhn.results("unconfirmed")
    shop = shop_of(make_shop, nhn, "alimtalk", rate=600)
    pay(shop)
    shop.wait(lambda: len([one for one in list(nhn.requests) if one.method == "GET"]) > 3, "some looks")
    assert [m["state"] for m in shop.messages()] == ["accepted"] and len(nhn.accepted) == 1


# ---- faults ----

@pytest.mark.parametrize("rule", ["sms", "alimtalk", "brandmessage"])
@pytest.mark.parametrize("fault", ["reset-after", "500-after", "half", "html"])
def test_a_lost_answer_is_found_and_nothing_sent_twice(make_shop, nhn, rule, fault):
    nhn.fault(fault, times=1, where=nhn.SENDS, accepted=True)
    shop = shop_of(make_shop, nhn, rule, rate=600)
    pay(shop, 2)
    all_in(shop, "delivered", 2)
    assert len(nhn.accepted) == 2


@pytest.mark.parametrize("rule", ["sms", "alimtalk", "brandmessage"])
@pytest.mark.parametrize("fault", ["reset-before", "500-before", "big"])
def test_a_lost_request_is_looked_for_before_it_is_sent_again(make_shop, nhn, rule, fault):
    nhn.fault(fault, times=1, where=nhn.SENDS)
    shop = shop_of(make_shop, nhn, rule, rate=600)
    pay(shop)
    all_in(shop, "delivered", 1)
    kinds = ["send" if nhn.SENDS(one) else one.method for one in list(nhn.requests)]
    first, second = [at for at, kind in enumerate(kinds) if kind == "send"]
    assert "GET" in kinds[first:second]


@pytest.mark.parametrize("rule", ["sms", "alimtalk", "brandmessage"])
@pytest.mark.parametrize("fault, more", [("429", {"retry_after": 1}), ("zero", {}), ("reset-connect", {})])
def test_what_was_not_taken_is_sent_again(make_shop, nhn, rule, fault, more):
    nhn.fault(fault, times=1, where=None if fault == "reset-connect" else nhn.SENDS, **more)
    shop = shop_of(make_shop, nhn, rule, rate=600)
    pay(shop, 2)
    all_in(shop, "delivered", 2)
    assert len(nhn.accepted) == 2


@pytest.mark.parametrize("rule, code", [("sms", -2021), ("sms", -9999), ("alimtalk", -9999), ("alimtalk", -1005),
                                        ("brandmessage", -9999)])
def test_an_error_of_nhn_itself_is_tried_again(make_shop, nhn, rule, code):
    nhn.whole_code = code
    shop = shop_of(make_shop, nhn, rule, rate=600)
    pay(shop)
    shop.wait(lambda: len(sendings(nhn)) >= 2, "a second try")
    nhn.whole_code = None
    all_in(shop, "delivered", 1)


def test_one_that_spoils_a_request_keeps_nobody_else_back(make_shop, nhn):
    nhn.poison["01012345001"] = 4
    shop = shop_of(make_shop, nhn, texts={"p.sms": "결제되었습니다"})
    pay(shop, 4)
    shop.wait(lambda: sorted(m["state"] for m in shop.messages()) == ["delivered"] * 3 + ["failed"], "three of four")
    [bad] = shop.messages(state="failed")
    assert bad["customer"] == "C1" and len(nhn.accepted) == 3


# ---- what the owner has to mend, who refuses ----

@pytest.mark.parametrize("rule, name, value, reason", [
    ("sms", "secret", "another", "the app key is not valid"), ("sms", "whole_code", -2052, "quota"),
    ("alimtalk", "secret", "another", "the secret key is not valid"), ("sms", "senders", [], "is not registered"),
    ("brandmessage", "key", "another", "the app key is not valid"), ("alimtalk", "profiles", {}, "no such sender"),
    ("ad", "unsubscribe", [], "the 080 number is not registered"), ("sms", "blocked_senders", {"0212345678"}, "block")])
def test_a_mistake_of_the_account_pauses_the_channel_until_it_is_mended(make_shop, nhn, rule, name, value, reason):
    right = getattr(nhn, name)
    setattr(nhn, name, value)
    shop = shop_of(make_shop, nhn, rule, rate=600)
    pay(shop, 2)
    channel = "sms" if rule == "ad" else rule
    shop.wait(lambda: shop.status()["channels"][channel]["state"] == "paused", "a pause")
    assert reason in shop.status()["channels"][channel]["reason"] and f"channel {channel} does not work" in shop.log()
    all_in(shop, "planned", 2)
    assert not nhn.accepted
    setattr(nhn, name, right)
    all_in(shop, "delivered", 2)


def test_a_refused_row_fails_alone(make_shop, nhn):
    nhn.number_codes["01012345001"] = -2019
    shop = shop_of(make_shop, nhn, texts={"p.sms": "결제되었습니다"})
    pay(shop, 3)
    shop.wait(lambda: sorted(m["state"] for m in shop.messages()) == ["delivered"] * 2 + ["failed"], "two of three")
    [bad] = shop.messages(state="failed")
    assert bad["customer"] == "C1" and "-2019" in json.dumps(shop.ok("GET", "/v1/messages/" + bad["id"]))


def suppressed(shop):
    return json.dumps(shop.ok("GET", "/v1/suppressions"))


def test_who_refused_by_080_is_taken_over(make_shop, nhn):
    nhn.unsubscribed("01012345000")
    shop = shop_of(make_shop, nhn, "ad")
    shop.wait(lambda: "+821012345000" in suppressed(shop), "the number among those who refuse")
    pay(shop, 2)
    all_of_one = shop.wait(lambda: shop.messages(state="delivered"), "the other's message")
    assert [m["customer"] for m in all_of_one] == ["C1"] and [one.to for one in nhn.accepted] == ["01012345001"]


def test_who_refused_meanwhile_is_suppressed(make_shop, nhn):
    shop = shop_of(make_shop, nhn, "ad")
    shop.wait(lambda: [one for one in list(nhn.requests) if one.path.endswith("/recipients")], "the list of refusals")
    nhn.unsubscribed("01012345000")
    pay(shop)
    shop.wait(lambda: "+821012345000" in suppressed(shop), "the number among those who refuse")
    assert not nhn.accepted


def test_check_online(make_shop, nhn):
    shop = shop_of(make_shop, nhn)
    ran = run_program("dangolctl", "check", "--online", cwd=shop.root)
    assert ran.code == 0 and "registered and in use" in ran.out and "registered and active" in ran.out, ran
    nhn.blocked_senders.add("0212345678")
    ran = run_program("dangolctl", "check", "--online", cwd=shop.root)
    assert ran.code != 0 and "blocked or" in ran.out, ran


# ---- delivery reports ----

PATH = "/v1/receipts/nhn"


def post(shop, headers, body):
    return shop.post(PATH, body, headers=headers)


@pytest.mark.parametrize("rule", ["sms", "ad", "alimtalk", "brandmessage"])
@pytest.mark.parametrize("name", ["recipientGroupingKey", "recipientGropuingKey"])
def test_reports_settle_messages(make_shop, nhn, rule, name):
    nhn.hook_key = name
    nhn.results("pending")
    shop = shop_of(make_shop, nhn, rule, rate=0.001)
    pay(shop, 2)
    all_in(shop, "accepted", 2)
    nhn.results("delivered")
    nhn.results(("failed", "3008"), to="01012345001")
    [(headers, body)] = nhn.receipts(nhn.accepted)
    assert post(shop, {**headers, "X-Toast-Webhook-Signature": "another"}, body).status == 401
    assert post(shop, {"Content-Type": "application/json"}, body).status == 401
    assert [m["state"] for m in shop.messages()] == ["accepted"] * 2
    for _ in range(3):
        answer = post(shop, headers, body)
        assert answer.status == 200 and answer.json["taken"] == 2
    assert {m["customer"]: m["state"] for m in shop.messages() if not m["leg"]} == {"C0": "delivered", "C1": "failed"}
    assert shop.status()["receipts"]["forged"] == 2


def test_reports_in_any_order_and_twice(make_shop, nhn):
    shop = shop_of(make_shop, nhn, rate=0.001)
    pay(shop, 20)
    all_in(shop, "accepted", 20)
    for i in range(0, 20, 4):
        nhn.results(("failed", "3003"), to=f"01012345{i:03}")
    for headers, body in [told for one in reversed(nhn.accepted) for told in nhn.receipts([one])] * 2:
        assert post(shop, headers, body).status == 200
    assert sorted(m["customer"] for m in shop.messages(state="failed")) == sorted(f"C{i}" for i in range(0, 20, 4))
    assert len(shop.messages(state="delivered")) == 15


def test_a_call_to_the_080_number_becomes_a_suppression(make_shop, nhn):
    shop = shop_of(make_shop, nhn, "ad")
    headers, body = nhn.unsubscribed("01012345000")
    assert post(shop, {**headers, "X-Toast-Webhook-Signature": ""}, body).status == 401
    for _ in range(2):
        assert post(shop, headers, body).status == 200
    assert suppressed(shop).count("+821012345000") == 1
    pay(shop, 2)
    shop.wait(lambda: shop.messages(state="delivered"), "the other's message")
    assert [one.to for one in nhn.accepted] == ["01012345001"]


@pytest.mark.parametrize("status, state", [("DELIVERED", "delivered"), ("EXPIRED", "failed"), ("REJECTED", "failed")])
def test_what_a_carrier_abroad_says(make_shop, nhn, status, state):
    shop = shop_of(make_shop, nhn, texts={"p.sms": "Your order #{event.order}"}, rate=0.001)
    shop.customer("C1", "sms data", phone="+14155550100")
    shop.event("order.paid", "C1", id="e1", order="A-1", total=1000)
    all_in(shop, "accepted", 1)
    for word, after in (("ACCEPTED", "accepted"), ("BUFFERED", "accepted"), ("UNKNOWN", "accepted"), (status, state)):
        assert post(shop, *nhn.abroad(nhn.accepted[0], word)).status == 200
        assert shop.messages()[0]["state"] == after


def test_reports_of_what_is_not_ours_change_nothing(make_shop, nhn):
    shop = shop_of(make_shop, nhn, rate=0.001)
    blocked = nhn.hook("CONVERSION_BLOCK", "SMS", [{"hookId": "h", "countryCode": "1"}])
    template = nhn.hook("TEMPLATE_STATUS_UPDATE", "KakaoTalk Bizmessage", [{"hookId": "h", "templateCode": "T1"}])
    for headers, body in (blocked, template, nhn.hook("UNSUBSCRIBE", "SMS", [{"recipientNo": "1"}, 7, None])):
        answer = post(shop, headers, body)
        assert answer.status == 200 and answer.json["taken"] == 0
    assert post(shop, blocked[0], b"[1").status == 400
    assert shop.ok("GET", "/v1/suppressions")["suppressions"] == []
