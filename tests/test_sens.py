"""Provider sens, from an event to a result, against the stand-in that holds it to SENS's own words."""
import json

import pytest
from shop import run_program
from standins.sens import Sens

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
PAID = {"p.sms": "결제 #{event.order}"}
AD = 'rule news { when customer.joined  purpose ad  send %s "n"  limit once }\n'
ALIMTALK = 'rule paid { when order.paid  purpose info  send alimtalk "p" else sms "p" }\n'
APPROVED = {"paid": ("결제가 끝났습니다. 주문 #{번호}", [{"type": "WL", "name": "보기"}])}
TALK = {**PAID, "p.alimtalk": "Template-Code: paid\nButton: 보기 | https://shop.example/#{event.order}\n\n"
        "결제가 끝났습니다. 주문 #{event.order}"}
PICTURE = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20" + bytes(40)


@pytest.fixture
def provider():
    """Whatever a test does, the client keeps to the rules and no message leaves twice."""
    with Sens(channels={"@shop": APPROVED}) as one:
        yield one
        assert one.violations == []
        assert one.duplicates() == {}


@pytest.fixture
def sens(provider, make_shop):
    """sens(rules=…, templates=…, secret=…): a shop that sends through the provider."""
    common = f'provider sens  key credential "k"  secret credential "s"  url "{provider.url}"'
    kakao = f'{common}  profile "@shop"  service "{provider.services["alimtalk"]}"'
    sms = f'{common}  service "{provider.services["sms"]}"  sender "02-1234-5678"  refuse "080-123-4567"'

    def make(rules=RULE, templates=None, secret=provider.secret, rate=60, **more):
        return make_shop(rules=rules, templates=PAID if templates is None else templates, rate=rate,
                         channels={"sms": sms, "alimtalk": kakao, "brandmessage": kakao},
                         credentials={"k": provider.key, "s": secret}, **more)
    return make


def pay(shop, n=1):
    shop.ok("POST", "/v1/events", [
        {"type": "order.paid", "id": f"e{i}", "data": {"order": f"A-{i}", "total": 1000},
         "customer": {"id": f"C{i}", "name": "김하늘", "phone": f"0101{i:07d}"}} for i in range(n)])


def join(shop, n=1):
    for i in range(n):
        shop.customer(f"C{i}", phone=f"0101{i:07d}")
        shop.event("customer.joined", f"C{i}", id=f"j{i}")


def all_in(shop, state, n):
    return shop.wait(lambda: [one["state"] for one in shop.messages()] == [state] * n and shop.messages(),
                     f"{n} {state}")


def asked(provider, method, end):
    return [one for one in provider.requests if one.method == method and one.path.endswith(end)]


# ---- text messages ----

def test_delivered_when_sens_says_so(sens, provider):
    shop = sens()
    pay(shop, 3)
    messages = all_in(shop, "delivered", 3)
    assert sorted(one.text for one in provider.accepted) == ["결제 A-0", "결제 A-1", "결제 A-2"]
    assert {(one.more["ad"], one.more["sender"]) for one in provider.accepted} == {(False, "0212345678")}
    assert {one["provider_id"] for one in messages} == {one.provider_id for one in provider.accepted}


@pytest.mark.parametrize("text, kind", [("결제 #{event.order}", "SMS"), ("결제 #{event.order} " + "가" * 45, "LMS"),
                                        ("Image: menu.jpg\n\n결제 #{event.order}", "MMS")])
def test_a_text_message_by_its_size_and_picture(sens, provider, text, kind):
    shop = sens(templates={"menu.jpg": PICTURE, "p.sms": text})
    pay(shop, 2)
    all_in(shop, "delivered", 2)
    assert {(one.kind, one.text.split()[1]) for one in provider.accepted} == {(kind, "A-0"), (kind, "A-1")}
    assert all((one.more["subject"] is None) == (kind == "SMS") for one in provider.accepted)
    assert [one.more["files"] for one in provider.accepted] == [[PICTURE] if kind == "MMS" else []] * 2
    assert len(asked(provider, "POST", "/files")) == (kind == "MMS"), "a picture is uploaded once"


def test_an_advertisement_is_sent_as_one(sens, provider):
    shop = sens(rules=AD % "sms", templates={"n.sms": "새 원두가 왔습니다 #{customer.id}"})
    join(shop)
    all_in(shop, "delivered", 1)
    [one] = provider.accepted
    assert one.more["ad"] and one.text.startswith("(광고)") and "080-123-4567" in one.text


def test_a_hundred_in_one_request(sens, provider):
    shop = sens()
    pay(shop, 150)
    all_in(shop, "delivered", 150)
    sizes = [len(one.json()["messages"]) for one in provider.requests if provider.SENDS(one)]
    assert sum(sizes) == 150 and max(sizes) <= 100 and len(sizes) < 20


def test_a_list_of_many_pages_is_read_to_its_end(sens, provider):
    provider.most_page = 7
    shop = sens()
    pay(shop, 30)
    all_in(shop, "delivered", 30)
    assert any(one.one("nextToken") for one in asked(provider, "GET", "/messages"))


# ---- what goes wrong ----

@pytest.mark.parametrize("fault", ["reset-after", "500-after"])
def test_a_lost_answer_is_looked_up_and_nothing_sent_twice(sens, provider, fault):
    provider.fault(fault, times=1, where=provider.SENDS)
    shop = sens()
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == provider.accepted[0].provider_id


def test_what_is_under_way_is_asked_about_until_it_is_there(sens, provider):
    provider.results("pending")
    shop = sens(rate=600)
    pay(shop)
    shop.wait(lambda: len(asked(provider, "GET", "/messages")) >= 2, "two askings")
    shop.message_in("accepted", customer="C0")
    provider.results("delivered")
    shop.message_in("delivered", customer="C0")


def test_a_failure_carries_the_carriers_code(sens, provider):
    provider.results(("failed", "3001"))
    shop = sens()
    pay(shop)
    message = shop.message_in("failed", customer="C0")
    assert "3001" in json.dumps(shop.ok("GET", "/v1/messages/" + message["id"]))


def test_what_the_carrier_does_not_confirm_stays_open(sens, provider):
    provider.results("unconfirmed")
    shop = sens()
    pay(shop)
    shop.wait(lambda: asked(provider, "GET", "/messages"), "an asking")
    shop.message_in("accepted", customer="C0")


def test_a_wrong_secret_pauses_the_channel(sens, provider):
    shop = sens(secret="wrong")
    pay(shop)
    shop.wait(lambda: "the signature is not accepted" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not provider.accepted


def test_who_refused_by_080_is_taken_over(sens, provider):
    provider.deny("01012345670")
    shop = sens()
    shop.customer("C0", phone="01012345670")
    shop.wait(lambda: asked(provider, "GET", "/unsubscribes"), "the list of refusals")
    shop.wait(lambda: "+821012345670" in json.dumps(shop.ok("GET", "/v1/suppressions")), "the number among them")


def test_check_online(sens):
    ran = run_program("dangolctl", "check", "--online", cwd=sens().root)
    assert ran.code == 0 and "SENS accepts keys and service" in ran.out, ran


# ---- KakaoTalk ----

def test_alimtalk_is_what_was_approved(sens, provider):
    shop = sens(rules=ALIMTALK, templates=TALK)
    pay(shop, 3)
    messages = all_in(shop, "delivered", 3)
    assert {one["channel"] for one in messages} == {"alimtalk"}
    assert {one["provider_id"] for one in messages} == {one.provider_id for one in provider.accepted}
    for one in provider.accepted:
        order = one.text.rpartition(" ")[2]
        link = "https://shop.example/" + order
        assert one.more["buttons"] == [{"type": "WL", "name": "보기", "linkMobile": link, "linkPc": link}]
    assert len(asked(provider, "GET", "/templates")) == 1, "an approved text is asked for once an hour"


def test_alimtalk_that_was_not_approved_goes_as_a_text(sens, provider):
    shop = sens(rules=ALIMTALK, templates={**TALK, "p.alimtalk": "Template-Code: paid\n\n결제 #{event.order}"})
    pay(shop)
    shop.wait(lambda: [one.kind for one in provider.accepted] == ["SMS"], "the text message")
    assert not asked(provider, "POST", "/alimtalk/v2/services/" + provider.services["alimtalk"] + "/messages")


def test_alimtalk_to_who_has_no_kakaotalk_goes_as_a_text(sens, provider):
    provider.results(("failed", "3019"), to="01010000000")
    shop = sens(rules=ALIMTALK, templates=TALK)
    pay(shop)
    shop.wait(lambda: [one.kind for one in provider.accepted] == ["alimtalk", "SMS"], "the text message")
    provider.results("delivered", to="01010000000")
    shop.wait(lambda: "delivered" in [one["state"] for one in shop.messages()], "its delivery")


def test_alimtalk_that_is_left_out_of_a_request_goes_as_a_text(sens, provider):
    provider.intake = {"01010000001": "B001"}
    shop = sens(rules=ALIMTALK, templates=TALK)
    pay(shop, 3)
    shop.wait(lambda: sorted((one.kind, one.to) for one in provider.accepted) == [
        ("SMS", "01010000001"), ("alimtalk", "01010000000"), ("alimtalk", "01010000002")], "the text message")
    shop.wait(lambda: [one["state"] for one in shop.messages()].count("delivered") == 3, "three deliveries")


def test_a_lost_answer_to_alimtalk_is_looked_up(sens, provider):
    provider.fault("reset-after", times=1, where=provider.SENDS)
    shop = sens(rules=ALIMTALK, templates=TALK)
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == provider.accepted[0].provider_id


@pytest.mark.parametrize("head, bubble", [("", "TEXT"), ("Image: menu.jpg\n", "IMAGE")])
def test_brandmessage_with_what_is_below_it(sens, provider, head, bubble):
    text = head + ("Button: 보기 | https://shop.example/new\n"
                   "Coupon: 3000원 할인 쿠폰 | 새 원두에 | https://shop.example/coupon\n\n새 원두가 왔습니다 #{customer.id}")
    shop = sens(rules=AD % "brandmessage", templates={"menu.jpg": PICTURE, "n.brandmessage": text})
    join(shop, 2)
    all_in(shop, "delivered", 2)
    for one in provider.accepted:
        assert one.more["bubble"] == bubble
        assert [button["name"] for button in one.more["card"]["buttons"]] == ["보기"]
        assert one.more["card"]["coupon"]["title"] == "3000원 할인 쿠폰"
    assert all(name.endswith(".jpg") and body == PICTURE for name, body in provider.images.values())
    assert len(asked(provider, "POST", "/images")) == (bubble == "IMAGE"), "a picture is uploaded once"
