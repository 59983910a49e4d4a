"""Provider solapi, from an event to a receipt, against the stand-in that holds it to SOLAPI's own words."""
import json
import os
import re
import signal
import sqlite3

import pytest

from shop import run_program
from standins.solapi import Solapi

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
AGAIN = 'rule paid { when order.paid  purpose info  send sms "p"  resend unknown }\n'
PAID = {"p.sms": "결제 #{event.order}"}
PICTURE = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20" + bytes(40)
PROFILE = "KA01PF000000000000000000000001"
SECRET = "SOLAPITESTSECRET0123456789ABCDEF"


@pytest.fixture
def provider():
    """Whatever a test does, the client keeps to the rules and no message leaves twice."""
    with Solapi() as one:
        yield one
        assert one.violations == []
        assert one.duplicates() == {}


def keys_of(provider, **more):
    keys = {"url": f'"{provider.url}"', "key": 'credential "k"', "secret": 'credential "x"', "sender": '"0212345678"',
            "refuse": '"080-123-4567"', **more}
    return "provider solapi  " + "  ".join(f"{name} {value}" for name, value in keys.items())


@pytest.fixture
def solapi(provider, make_shop):
    """solapi(rules=…, templates=…, secret=…): a shop that sends through the provider."""
    def make(rules=RULE, templates=None, channels=None, rate=60, secret=SECRET, sms=None, **more):
        kakao = keys_of(provider, profile=f'"{PROFILE}"')
        return make_shop(rules=rules, templates=PAID if templates is None else templates, rate=rate,
                         channels={"sms": keys_of(provider, **(sms or {})), "alimtalk": kakao, "brandmessage": kakao,
                                   **(channels or {})},
                         credentials={"k": "NCSTESTKEY000001", "x": secret, "reports": "hook-secret-1"}, **more)
    return make


def events(shop, n, start=0):
    shop.ok("POST", "/v1/events", [
        {"type": "order.paid", "id": f"e{i}", "data": {"order": f"A-{i}", "total": 1000},
         "customer": {"id": f"C{i}", "name": "김하늘", "phone": f"0101{i:07d}"}} for i in range(start, start + n)])


def states(shop):
    return {one["customer"]: one["state"] for one in shop.messages()}


def all_in(shop, state, n, deadline=30):
    return shop.wait(lambda: list(states(shop).values()) == [state] * n, f"{n} {state}", deadline)


def asked(provider, method, pattern):
    return [one for one in provider.requests if one.method == method and re.fullmatch(pattern, one.target)]


# ---- kinds ----

@pytest.mark.parametrize("text, kind", [("결제 #{event.order}", "SMS"), ("결제 #{event.order} " + "가" * 45, "LMS"),
                                        ("Image: menu.jpg\n\n결제 #{event.order}", "MMS")])
def test_a_text_message_by_its_size_and_picture(solapi, provider, text, kind):
    shop = solapi(templates={"menu.jpg": PICTURE, "p.sms": text})
    events(shop, 2)
    all_in(shop, "delivered", 2)
    assert {(one.kind, one.text.split()[1]) for one in provider.accepted} == {(kind, "A-0"), (kind, "A-1")}
    assert {one.key for one in provider.accepted} == {one["id"] for one in shop.messages()}
    assert {one.provider_id for one in provider.accepted} == {one["provider_id"] for one in shop.messages()}
    assert len(asked(provider, "POST", "/storage/v1/files")) == (kind == "MMS"), "a picture is uploaded once"


ALIMTALK = 'rule paid { when order.paid  purpose info  send alimtalk "p" else sms "p" }\n'


def test_alimtalk_by_the_names_that_were_approved(solapi, provider):
    provider.template("KA01TP01", "#{고객명}님, 주문 #{번호}의 결제를 받았습니다.")
    shop = solapi(rules=ALIMTALK, templates={
        **PAID, "p.alimtalk": "Template-Code: KA01TP01\n\n#{이름}님, 주문 #{event.order}의 결제를 받았습니다."})
    events(shop, 1)
    all_in(shop, "delivered", 1)
    [message] = provider.accepted
    assert (message.kind, message.text) == ("ATA", "김하늘님, 주문 A-0의 결제를 받았습니다.")
    assert message.more["message"]["kakaoOptions"]["disableSms"] is True


@pytest.mark.parametrize("approved, status", [("주문 #{번호} 결제", "APPROVED"),
                                              ("#{고객명}님, 주문 #{번호}", "INSPECTING")])
def test_alimtalk_that_was_not_approved_goes_as_a_text_message(solapi, provider, approved, status):
    provider.template("KA01TP01", approved, status=status)
    shop = solapi(rules=ALIMTALK, templates={
        **PAID, "p.alimtalk": "Template-Code: KA01TP01\n\n#{이름}님, 주문 #{event.order}"})
    events(shop, 1)
    shop.wait(lambda: provider.accepted, "the text message")
    assert [(one.kind, one.text) for one in provider.accepted] == [("SMS", "결제 A-0")]


BRAND = 'rule ad { when customer.joined  send brandmessage "n"  limit once }\n'


@pytest.mark.parametrize("picture", ("", "Image: menu.jpg\n"))
def test_brand_message_to_a_friend(solapi, provider, picture):
    shop = solapi(rules=BRAND, templates={
        "menu.jpg": PICTURE, "n.brandmessage": picture + "Button: 보러 가기 | https://shop.example.com/new?a=1\n"
        "Coupon: 3000원 할인 쿠폰 | 새 원두에 | https://shop.example.com/c\n\n새 원두가 왔어요"})
    shop.customer("C1", "kakao data", phone="01012345678", friend=True)
    shop.event("customer.joined", "C1", id="j1")
    all_in(shop, "delivered", 1)
    [message] = provider.accepted
    bms = message.more["message"]["kakaoOptions"]["bms"]
    assert message.kind == "BMS_FREE" and "새 원두가 왔어요" in message.text and bms["targeting"] == "I"
    assert bms["chatBubbleType"] == ("IMAGE" if picture else "TEXT")
    assert [one["name"] for one in bms["buttons"]] == ["보러 가기"] and bms["coupon"]["title"] == "3000원 할인 쿠폰"
