"""Provider popbill: the real daemon against a stand-in that takes nothing Popbill would not."""
import json
import signal

import pytest
from shop import run_program
from standins.popbill import Popbill

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
KAKAO = 'rule paid { when order.paid  purpose info  send alimtalk "p" }\n'
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080001000101011100ffd9")


@pytest.fixture
def popbill():
    with Popbill() as provider:
        yield provider
    assert provider.violations == []
    assert provider.duplicates() == {}


def shop_of(make_shop, popbill, rules=RULE, templates=None, secret=None, channel="sms", rate=60, **more):
    keys = (f'provider popbill  user "123-45-67890"  key credential "k"  secret credential "s"  '
            f'service "POPBILL_TEST"  sender "02-1234-5678"  refuse "080-123-4567"  url "{popbill.url}"')
    return make_shop(rules=rules, templates=templates or {"p.sms": "결제 #{event.order}"}, rate=rate,
                     channels={channel: keys}, credentials={"k": "TESTLINK", "s": secret or popbill.secret}, **more)


def pay(shop, n=1):
    for i in range(n):
        shop.event("order.paid", {"id": f"C{i}", "name": "김하늘", "phone": f"0101234567{i}"}, id=f"e{i}",
                   order=f"A-{i}", total=1000)


def detail(shop, message):
    return json.dumps(shop.ok("GET", "/v1/messages/" + message["id"]), ensure_ascii=False)


def test_delivered_when_popbill_says_so(make_shop, popbill):
    shop = shop_of(make_shop, popbill)
    pay(shop, 3)
    shop.wait(lambda: [m["state"] for m in shop.messages()] == ["delivered"] * 3, "three receipts")
    assert sorted(one.text for one in popbill.accepted) == ["결제 A-0", "결제 A-1", "결제 A-2"]
    assert {one.kind for one in popbill.accepted} == {"SMS"} and not any(one.more["ad"] for one in popbill.accepted)
    assert {one.key for one in popbill.accepted} == {m["id"] for m in shop.messages()}


def test_failed_when_the_carrier_says_so(make_shop, popbill):
    popbill.results(("failed", 201))
    shop = shop_of(make_shop, popbill)
    pay(shop)
    assert "201" in detail(shop, shop.message_in("failed", customer="C0"))


def test_waits_while_popbill_waits(make_shop, popbill):
    popbill.results("pending")
    shop = shop_of(make_shop, popbill)
    pay(shop)
    shop.wait(lambda: [r for r in popbill.requests if r.path.startswith("/Message/0")], "an asking")
    shop.message_in("accepted", customer="C0")
    popbill.results("delivered")
    shop.message_in("delivered", customer="C0")


@pytest.mark.parametrize("fault", ["500-after", "reset-after", "zero", "html"])
def test_what_is_not_known_is_looked_up(make_shop, popbill, fault):
    popbill.fault(fault, times=1, where=popbill.SENDS)
    shop = shop_of(make_shop, popbill, rate=1200)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len(popbill.accepted) == 1
    assert [r for r in popbill.requests if r.path.startswith("/Message/Get/")]


@pytest.mark.parametrize("absent", ["error", "empty"])
def test_what_popbill_never_took_leaves_once_more(make_shop, popbill, absent):
    popbill.absent = absent
    popbill.fault("500-before", times=1, where=popbill.SENDS)
    shop = shop_of(make_shop, popbill, rate=1200)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len(popbill.accepted) == 1 and len([r for r in popbill.requests if popbill.SENDS(r)]) == 2


def test_a_token_that_is_over_is_renewed(make_shop, popbill):
    shop = shop_of(make_shop, popbill)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    popbill.expire()
    shop.event("order.paid", {"id": "C9", "name": "이바다", "phone": "01012345679"}, id="e9", order="A-9", total=1000)
    shop.message_in("delivered", customer="C9")
    assert len(popbill.accepted) == 2


@pytest.mark.parametrize("fault", ["html", "500-before", "reset-before"])
def test_without_a_token_nothing_was_sent(make_shop, popbill, fault):
    popbill.fault(fault, times=1, where="/POPBILL_TEST/Token")
    shop = shop_of(make_shop, popbill, rate=600)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len([r for r in popbill.requests if popbill.SENDS(r)]) == 1
    assert not [r for r in popbill.requests if r.path.startswith("/Message/Get/")]


def test_a_wrong_key_pauses_until_it_is_put_right(make_shop, popbill):
    shop = shop_of(make_shop, popbill, secret="bm90IHRoZSByaWdodCBrZXk=")
    pay(shop)
    shop.wait(lambda: "비밀키 인증에 실패" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not popbill.accepted
    shop.credential("s", popbill.secret)
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered", customer="C0")


def test_points_used_up_pause_the_channel(make_shop, popbill):
    popbill.points = 8.0
    shop = shop_of(make_shop, popbill)
    pay(shop)
    shop.wait(lambda: "포인트가 부족" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    popbill.points = 100.0
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered", customer="C0")


def test_goes_slower_when_it_is_told(make_shop, popbill):
    popbill.fault("429", times=1, where=popbill.SENDS, retry_after=1)
    shop = shop_of(make_shop, popbill)
    pay(shop, 2)
    shop.wait(lambda: [m["state"] for m in shop.messages()] == ["delivered"] * 2, "two receipts")


def test_a_long_text_is_an_lms_and_an_advertisement_says_so(make_shop, popbill):
    shop = shop_of(make_shop, popbill, 'rule sale { when order.paid  purpose ad  send sms "p" }\n',
                   {"p.sms": "봄 할인 " + "가" * 50})
    shop.customer("C0", phone="01012345670")
    shop.event("order.paid", "C0", id="e0", order="A-0", total=1000)
    shop.message_in("delivered", customer="C0")
    [one] = popbill.accepted
    assert one.kind == "LMS" and one.more["ad"] and one.more["title"]


def test_a_picture_makes_an_mms(make_shop, popbill):
    shop = shop_of(make_shop, popbill, templates={"menu.jpg": JPEG, "p.sms": "Image: menu.jpg\n\n차림표"})
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert [(one.kind, one.text) for one in popbill.accepted] == [("MMS", "차림표")]


def test_alimtalk_as_approved_and_without_a_way_on(make_shop, popbill):
    popbill.templates["paid_01"] = "#{이름}님, #{번호} 결제가 끝났습니다."
    text = ("Template-Code: paid_01\nButton: 보기 | https://m.example.com/a\n\n"
            "#{customer.name}님, #{event.order} 결제가 끝났습니다.")
    shop = shop_of(make_shop, popbill, KAKAO, {"p.alimtalk": text}, channel="alimtalk")
    pay(shop)
    shop.message_in("delivered", customer="C0")
    [one] = popbill.accepted
    assert (one.kind, one.text, one.more["template"]) == ("ATS", "김하늘님, A-0 결제가 끝났습니다.", "paid_01")
    assert [(b["n"], b["t"], b["u1"]) for b in one.more["buttons"]] == [("보기", "WL", "https://m.example.com/a")]


def test_alimtalk_that_is_not_known_is_looked_up(make_shop, popbill):
    popbill.templates["paid_01"] = "#{번호} 결제"
    popbill.fault("reset-after", times=1, where=popbill.SENDS)
    popbill.results(("failed", 302))
    shop = shop_of(make_shop, popbill, KAKAO, {"p.alimtalk": "Template-Code: paid_01\n\n#{event.order} 결제"},
                   channel="alimtalk", rate=1200)
    pay(shop)
    assert "302" in detail(shop, shop.message_in("failed", customer="C0"))
    assert len(popbill.accepted) == 1 and [r for r in popbill.requests if r.path.startswith("/KakaoTalk/Get/")]


@pytest.mark.parametrize("code, words, asked", [
    ("paid_01", "the approved template has", 0), ("paid_02", "템플릿 정보가 존재하지 않습니다", 1)])
def test_alimtalk_that_was_not_approved_so_is_refused(make_shop, popbill, code, words, asked):
    popbill.templates["paid_01"] = "#{번호} 결제"
    shop = shop_of(make_shop, popbill, KAKAO, {"p.alimtalk": f"Template-Code: {code}\n\n#{{event.order}} 입금"},
                   channel="alimtalk")
    pay(shop)
    assert words in detail(shop, shop.message_in("failed", customer="C0"))
    assert len([r for r in popbill.requests if popbill.SENDS(r)]) == asked and not popbill.accepted


def test_a_token_that_is_over_before_the_templates_is_renewed(make_shop, popbill):
    popbill.templates.update(paid_01="#{번호} 결제", placed_01="#{번호} 주문")
    rules = KAKAO + 'rule placed { when order.placed  purpose info  send alimtalk "r" }\n'
    shop = shop_of(make_shop, popbill, rules, {"p.alimtalk": "Template-Code: paid_01\n\n#{event.order} 결제",
                                               "r.alimtalk": "Template-Code: placed_01\n\n#{event.order} 주문"},
                   channel="alimtalk", rate=600)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    popbill.expire()
    shop.event("order.placed", {"id": "C9", "name": "이바다", "phone": "01012345679"}, id="e9", order="A-9", total=1000)
    shop.message_in("delivered", customer="C9")


def test_who_refused_by_080_is_taken_over(make_shop, popbill):
    popbill.denied = ["010-1234-5670"]
    shop = shop_of(make_shop, popbill)
    shop.customer("C0", phone="01012345670")
    shop.wait(lambda: "+821012345670" in json.dumps(shop.ok("GET", "/v1/suppressions")), "the number among them")


@pytest.mark.parametrize("channel", ["sms", "alimtalk"])
@pytest.mark.parametrize("senders, code, words", [
    (("0212345678",), 0, "balance: 99999 points"), (("0299999999",), 1, "is not among them")])
def test_check_online(make_shop, popbill, channel, senders, code, words):
    popbill.senders = senders
    ran = run_program("dangolctl", "check", "--online", cwd=shop_of(make_shop, popbill, channel=channel).root)
    assert (ran.code != 0) == (code != 0) and words in ran.out + ran.err, ran
