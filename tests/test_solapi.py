"""Provider solapi, from an event to a receipt, against the stand-in that holds it to SOLAPI's own words."""
import json
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


def together(solapi, n, rate=600):
    """n orders of the night whose messages wait for the morning, and then leave at once."""
    shop = solapi(rules=RULE.replace('"p"', '"p" by day'), limits="quiet 21:00 to 09:00  guard none",
                  clock="2026-11-23T07:00:00+09:00", rate=1)
    events(shop, n)
    all_in(shop, "held", n)
    return shop.at("2026-11-23T09:00:00+09:00", rate)


def states(shop):
    return {one["customer"]: one["state"] for one in shop.messages()}


def all_in(shop, state, n, deadline=30):
    return shop.wait(lambda: list(states(shop).values()) == [state] * n, f"{n} {state}", deadline)


def asked(provider, method, pattern):
    return [one for one in provider.requests if one.method == method and re.fullmatch(pattern, one.target)]


# ---- kinds ----

@pytest.mark.parametrize("text, kind", [("결제 #{event.order}", "SMS"), ("결제 #{event.order} " + "가" * 45, "LMS"),
                                        ("Image: menu.jpg\n\n결제 #{event.order}", "MMS")], ids=("SMS", "LMS", "MMS"))
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
                                              ("#{고객명}님, 주문 #{번호}", "INSPECTING")], ids=("other", "waiting"))
def test_alimtalk_that_was_not_approved_goes_as_a_text_message(solapi, provider, approved, status):
    provider.template("KA01TP01", approved, status=status)
    shop = solapi(rules=ALIMTALK, templates={
        **PAID, "p.alimtalk": "Template-Code: KA01TP01\n\n#{이름}님, 주문 #{event.order}"})
    events(shop, 1)
    shop.wait(lambda: provider.accepted, "the text message")
    assert [(one.kind, one.text) for one in provider.accepted] == [("SMS", "결제 A-0")]


def test_s52_no_result_for_two_days_then_delivered_and_no_text_message(solapi, provider):
    provider.template("KA01TP01", "#{고객명}님, 주문 #{번호}")
    provider.results("pending")
    shop = solapi(rules=ALIMTALK, templates={
        **PAID, "p.alimtalk": "Template-Code: KA01TP01\n\n#{이름}님, 주문 #{event.order}"}, rate=600)
    events(shop, 1)
    all_in(shop, "accepted", 1)
    shop.stop()
    assert [one.kind for one in provider.accepted] == ["ATA"]
    provider.results("delivered")
    shop.start("2026-11-25T11:00:00+09:00", 600)
    all_in(shop, "delivered", 1)
    assert [one.kind for one in provider.accepted] == ["ATA"]


def test_alimtalk_to_who_has_no_kakaotalk_goes_as_a_text_message(solapi, provider):
    provider.template("KA01TP01", "#{고객명}님, 주문 #{번호}")
    provider.results(("failed", "3104"), to="01010000000")
    shop = solapi(rules=ALIMTALK, templates={
        **PAID, "p.alimtalk": "Template-Code: KA01TP01\n\n#{이름}님, 주문 #{event.order}"})
    events(shop, 1)
    shop.wait(lambda: len(provider.accepted) == 2, "both")
    assert [one.kind for one in provider.accepted] == ["ATA", "SMS"], "SOLAPI itself was told not to"


BRAND = 'rule ad { when customer.joined  send brandmessage "n"  limit once }\n'


@pytest.mark.parametrize("picture", ("", "Image: menu.jpg\n"), ids=("text", "picture"))
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


# ---- what becomes of them ----

def shown(shop, customer):
    [one] = shop.messages(customer=customer)
    return shop.ok("GET", "/v1/messages/" + one["id"])


def test_what_the_carrier_says_is_asked_for(solapi, provider):
    provider.results(("failed", "3031"), to="01010000001")
    provider.results("unconfirmed", to="01010000002")
    provider.results(("failed", "3040"), to="01010000003")
    shop = solapi()
    events(shop, 4)
    wanted = {"C0": "delivered", "C1": "failed", "C2": "accepted", "C3": "accepted"}
    shop.wait(lambda: states(shop) == wanted, "results")
    [receipt] = shown(shop, "C1")["receipts"]
    assert receipt["code"] == "3031" and "subscriber" in receipt["meaning"]
    provider.results("delivered", to="01010000002")
    shop.wait(lambda: states(shop)["C2"] == "delivered", "the word that came later")
    assert states(shop)["C3"] == "accepted", "no result in time is no proof that it did not arrive"


@pytest.mark.parametrize("n", (5, 60))
def test_one_refused_among_others(solapi, provider, n):
    provider.refused["01010000001"] = "1064"
    shop = together(solapi, n)
    shop.wait(lambda: sorted(states(shop).values()) == ["delivered"] * (n - 1) + ["failed"], "all but one")
    message = shown(shop, "C1")
    assert message["state"] == "failed" and message["attempts"][-1]["code"] == "1064"
    assert len(provider.accepted) == n - 1


@pytest.mark.parametrize("n", (5, 60))
def test_one_for_whose_sake_all_are_refused(solapi, provider, n):
    provider.poison.add("01010000001")
    shop = together(solapi, n)
    shop.wait(lambda: sorted(states(shop).values()) == ["delivered"] * (n - 1) + ["failed"], "all but one")
    assert shown(shop, "C1")["state"] == "failed" and len(provider.accepted) == n - 1


def test_many_go_as_a_group(solapi, provider):
    shop = together(solapi, 300)
    all_in(shop, "delivered", 300)
    assert len(provider.accepted) == 300 and asked(provider, "POST", "/messages/v4/groups/[^/]+/send")
    assert {one.provider_id for one in provider.accepted} == {one["provider_id"] for one in shop.messages()}


def test_429_waits_as_long_as_it_says(solapi, provider):
    provider.fault("429", times=1, where=provider.SENDS, retry_after=1)
    shop = solapi()
    events(shop, 1)
    all_in(shop, "delivered", 1)
    first, second = asked(provider, "POST", "/messages/v4/send-many/detail")
    assert second.time - first.time >= 1
    assert first.headers["authorization"] != second.headers["authorization"]


def paused(shop):
    return shop.wait(lambda: shop.status()["channels"]["sms"]["state"] == "paused" and shop.status()["channels"]["sms"],
                     "a paused channel")


def test_wrong_secret_pauses_and_sighup_heals(solapi, provider):
    shop = solapi(secret="wrong", rate=1)
    events(shop, 3)
    assert "secret" in paused(shop)["reason"]
    assert set(states(shop).values()) == {"planned"} and not provider.accepted
    assert "wrong" not in shop.log() and SECRET not in shop.log()
    shop.credential("x", SECRET)
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: len(provider.accepted) == 3, "all three")
    shop.wait(lambda: shop.status()["channels"]["sms"]["state"] == "ok", "a channel that works")


def test_no_money_pauses_and_sighup_heals(solapi, provider):
    provider.balance = 0
    shop = solapi(rate=1)
    events(shop, 3)
    assert "SOLAPI" in paused(shop)["reason"]
    assert not provider.accepted
    provider.balance = 5000
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: len(provider.accepted) == 3, "all three")


# ---- no way to it ----

@pytest.fixture
def sealed():
    """The provider by https, with a certificate of its own."""
    with Solapi(tls=True) as one:
        yield one
        assert one.violations == [] and one.duplicates() == {}


@pytest.mark.parametrize("fault", ("wrong-certificate", "reset-connect", "refused-connect", "reset-headers"))
def test_a_way_that_is_broken_waits_and_goes_on(make_shop, sealed, fault):
    sealed.fault(fault, times=2)
    shop = make_shop(rules=RULE, templates=PAID, rate=600, channels={"sms": keys_of(sealed)},
                     credentials={"k": "NCSTESTKEY000001", "x": SECRET}, env={"SSL_CERT_FILE": sealed.certificate})
    events(shop, 2)
    if fault == "refused-connect":
        shop.wait(lambda: shop.status()["channels"]["sms"]["state"] == "open", "an open circuit")
        sealed.mend()
    all_in(shop, "delivered", 2)
    assert len(sealed.accepted) == 2


# ---- what nobody knows at first ----

LOST = [("reset-after", {}), ("500-after", {}), ("half", {"accepted": True}), ("html", {"accepted": True}),
        ("big", {"accepted": True})]
NEVER = [("reset-before", {}), ("500-before", {}), ("half", {}), ("html", {}), ("big", {})]


@pytest.mark.parametrize("fault, more", LOST)
def test_a_lost_answer_is_found(solapi, provider, fault, more):
    provider.fault(fault, times=1, where=provider.SENDS, **more)
    shop = solapi(rate=600)
    events(shop, 2)
    all_in(shop, "delivered", 2)
    assert len(provider.accepted) == 2
    assert {one["provider_id"] for one in shop.messages()} == {one.provider_id for one in provider.accepted}


@pytest.mark.parametrize("fault, more", NEVER)
def test_what_is_not_there_is_sent_again_once(solapi, provider, fault, more):
    provider.fault(fault, times=1, where=provider.SENDS, **more)
    shop = solapi(rate=600)
    events(shop, 2)
    all_in(shop, "delivered", 2)
    assert len(provider.accepted) == 2 and len(asked(provider, "POST", "/messages/v4/send-many/detail")) >= 2
    assert len(asked(provider, "GET", "/messages/v4/list[?].*")) >= 3, "an absence is believed at the third look"


def test_a_success_that_took_nothing_is_a_failure(solapi, provider):
    provider.fault("zero", times=1, where=provider.SENDS)
    shop = solapi(rate=600)
    events(shop, 2)
    all_in(shop, "failed", 2)
    assert not provider.accepted


# ---- groups that break in the middle ----

MANY = 60
CREATE, ADD, SEND = ("POST", "/messages/v4/groups"), ("PUT", "/messages/v4/groups/[^/]+/messages"), \
    ("POST", "/messages/v4/groups/[^/]+/send")


def at(step):
    return lambda request: request.method == step[0] and re.fullmatch(step[1], request.target) is not None


@pytest.mark.parametrize("fault", ("reset-before", "reset-after", "500-before", "500-after", "429", "zero", "html"))
@pytest.mark.parametrize("step", (CREATE, ADD), ids=("create", "add"))
def test_group_that_breaks_before_it_is_sent_goes_anew(solapi, provider, step, fault):
    provider.fault(fault, times=1, where=at(step))
    shop = together(solapi, MANY)
    all_in(shop, "delivered", MANY)
    assert len(provider.accepted) == MANY and asked(provider, *step)


@pytest.mark.parametrize("fault, more", LOST)
def test_group_whose_sending_was_not_answered_is_found(solapi, provider, fault, more):
    provider.fault(fault, times=1, where=at(SEND), **more)
    shop = together(solapi, MANY)
    all_in(shop, "delivered", MANY)
    assert len(provider.accepted) == MANY and len(asked(provider, *SEND)) == 1


def older(shop, seconds):
    """As if the hand-overs had been so much earlier by the machine's clock."""
    with sqlite3.connect(shop.path("shop.db")) as db:
        db.execute("UPDATE bundle SET machine_at = machine_at - ?", (seconds * 1000,))


@pytest.mark.parametrize("fault", ("reset-before", "500-before", "zero", "html"))
def test_group_that_was_never_sent_is_taken_away_and_goes_anew(solapi, provider, fault):
    provider.fault(fault, times=1, where=at(SEND))
    shop = together(solapi, MANY, rate=1)
    all_in(shop, "unknown", MANY)
    [group] = provider.groups.values()
    assert group.status == "PENDING" and not provider.accepted
    shop.stop()
    older(shop, 120)
    shop.start("2026-11-23T09:01:00+09:00", rate=600)
    all_in(shop, "delivered", MANY)
    assert group.status == "DELETED" and len(provider.accepted) == MANY


def test_kill_between_adding_and_sending(solapi, provider):
    provider.fault("slow", times=1, where=at(SEND))
    shop = together(solapi, MANY, rate=1)
    shop.wait(lambda: asked(provider, *SEND), "the group's sending")
    shop.kill()
    older(shop, 120)
    shop.start("2026-11-23T09:01:00+09:00", rate=600)
    all_in(shop, "delivered", MANY)
    assert len(provider.accepted) == MANY


# ---- what it tells by itself ----

def receiving(solapi, provider, n):
    """A shop whose messages wait for reports: none is asked for."""
    shop = solapi(sms={"receipts": 'credential "reports"'}, rate=0.001)
    events(shop, n)
    all_in(shop, "accepted", n)
    return shop


def post(shop, headers, body):
    return shop.post("/v1/receipts/solapi", body, headers=headers).status


@pytest.mark.parametrize("wrapped", (False, True), ids=("bare", "wrapped"))
def test_reports_are_believed_once(solapi, provider, wrapped):
    provider.results(("failed", "3031"), to="01010000001")
    provider.wrapped = wrapped
    shop = receiving(solapi, provider, 3)
    for message in (*provider.accepted[::-1], *provider.accepted):
        [(headers, body)] = provider.receipts([message])
        assert post(shop, headers, body) == 200
    assert states(shop) == {"C0": "delivered", "C1": "failed", "C2": "delivered"}
    assert [one["code"] for one in shown(shop, "C1")["receipts"]] == ["3031"]
    assert shop.status()["receipts"]["forged"] == 0


def test_forged_reports_change_nothing(solapi, provider):
    shop = receiving(solapi, provider, 1)
    [(headers, body)] = provider.receipts(provider.accepted)
    secret = headers["X-Solapi-Secret"]
    for wrong in ("", secret[:-1], secret + "0", secret.upper(), "hook-secret-2"):
        assert post(shop, {**headers, "X-Solapi-Secret": wrong}, body) == 401
    del headers["X-Solapi-Secret"]
    assert post(shop, headers, body) == 401
    assert states(shop) == {"C0": "accepted"} and shop.status()["receipts"]["forged"] == 6


def test_report_of_an_080_refusal_and_of_a_message_that_is_not_ours(solapi, provider):
    provider.results(("failed", "1061"), to="01010000000")
    shop = receiving(solapi, provider, 1)
    [(headers, body)] = provider.receipts(provider.accepted)
    strange = [{"messageId": "M4Vstrange", "statusCode": "4000", "customFields": {"dangol": "ffffffff-1"}}, 7, {}]
    assert post(shop, headers, json.dumps(strange)) == 200
    assert states(shop) == {"C0": "accepted"}
    assert post(shop, headers, body) == 200
    assert states(shop) == {"C0": "failed"}
    assert "+821010000000" in json.dumps(shop.ok("GET", "/v1/suppressions"))


# ---- who refused, and what the account has ----

def suppressed(shop):
    return set(re.findall("[+]82[0-9]+", json.dumps(shop.ok("GET", "/v1/suppressions?limit=1000"))))


def test_refusals_by_080_become_suppressions(solapi, provider):
    for i in range(501):
        provider.deny(f"0102{i:07d}")
    provider.deny("01030000000", sender="0311112222")
    shop = solapi()
    shop.wait(lambda: len(suppressed(shop)) == 501, "the list")
    assert "+821020000500" in suppressed(shop)
    assert len(asked(provider, "GET", "/iam/v1/black[?].*")) == 2, "a page, and the rest"


def test_who_refused_meanwhile_is_kept_as_one_who_did(solapi, provider):
    shop = solapi()
    shop.wait(lambda: asked(provider, "GET", "/iam/v1/black[?].*"), "the list")
    provider.deny("01010000001")
    events(shop, 2)
    shop.wait(lambda: states(shop) == {"C0": "delivered", "C1": "failed"}, "the one and the other")
    assert suppressed(shop) == {"+821010000001"} and shown(shop, "C1")["reason"] == "opted_out"


def test_check_online(solapi, provider):
    shop = solapi(channels={"alimtalk": None, "brandmessage": None})
    ran = run_program("dangolctl", "check", "--online", cwd=shop.root)
    assert ran.code == 0 and "100000" in ran.out and "0212345678" in ran.out, ran
    provider.senders = ("0311112222",)
    ran = run_program("dangolctl", "check", "--online", cwd=shop.root)
    assert ran.code == 1 and "is not among them" in ran.out, ran
