"""Consent, suppression, erasing: scenarios 40 to 49."""
import pytest
from shop import free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
RULES = '''rule ad { when customer.joined  send sms "n"  limit once }
rule receipt { when order.paid  purpose info  send sms "r" }
'''
TEXTS = {"n.sms": "새 원두", "r.sms": "결제 고맙습니다", "n.email": "Subject: 새 원두\n\n오세요", "n.push": "새 원두"}


@pytest.mark.parametrize("consents, reason", [
    ("", "no_consent"), ("data", "no_consent"), ("email data", "no_consent"), ("sms", "no_marketing_consent")])
def test_s40_without_consent_no_advertisement_but_the_receipt(make_shop, consents, reason):
    shop = make_shop(rules=RULES, templates=TEXTS)
    shop.customer("C1", consents, phone="01012345678")
    shop.event("customer.joined", "C1", id="j1")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=100)
    shop.message_in("accepted", rule="receipt")
    assert shop.message_in("dropped", rule="ad")["reason"] == reason
    assert [one["rule"] for one in shop.outbox()] == ["receipt"]


AD_BY_HAND = {"sale.sms": "Purpose: ad\n\n새 원두 #{data.name}", "plain.sms": "예약 #{data.name}"}


@pytest.mark.parametrize("template, consents, state, reason, text", [
    ("sale", "", "dropped", "no_consent", None),
    ("sale", "sms", "dropped", "no_marketing_consent", None),
    ("sale", "sms data", "accepted", None, "(광고)단골커피\n새 원두 예가체프\n무료수신거부 080-123-4567"),
    ("plain", "", "accepted", None, "예약 예가체프")])
def test_a_template_makes_an_advertisement_of_a_message_by_hand(make_shop, template, consents, state, reason, text):
    shop = make_shop(templates=AD_BY_HAND)
    shop.customer("C1", consents, phone="01012345678")
    shop.ok("POST", "/v1/messages", {"customer": "C1", "channel": "sms", "template": template,
                                     "data": {"name": "예가체프"}})
    message = shop.message_in(state, customer="C1")
    assert message["reason"] == reason and message["purpose"] == ("ad" if template == "sale" else "info")
    assert [one["text"] for one in shop.outbox()] == ([text] if text else [])


def test_a_template_makes_an_advertisement_in_an_informational_rule(make_shop):
    shop = make_shop(rules='rule r { when order.paid  purpose info  send sms "n" }',
                     templates={"n.sms": "Purpose: 광고\n\n새 원두"})
    shop.customer("C1", "", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=100)
    assert shop.message_in("dropped", rule="r")["reason"] == "no_consent"


def test_s40_a_child_gets_no_advertisement(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678", birthday="2015-01-01")
    shop.event("customer.joined", "C1", id="j1")
    assert shop.message_in("dropped", rule="ad")["reason"] == "under_age"


def test_s40_a_virtual_number_gets_no_advertisement(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS)
    shop.customer("C1", "sms data", phone="0504-1234-5678")
    shop.event("customer.joined", "C1", id="j1")
    assert shop.message_in("dropped", rule="ad")["reason"] == "no_address"


def test_s41_withdrawn_between_planning_and_sending(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS, clock="2026-11-23T22:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("customer.joined", "C1", id="j1")
    shop.message_in("held", rule="ad")
    shop.event("consent.withdrawn", "C1", id="w1", channel="sms", purpose="ad")
    shop.at("2026-11-24T08:00:00+09:00")
    assert shop.message_in("dropped", rule="ad")["reason"] == "opted_out"
    assert not shop.outbox()


def test_s41_withdrawn_between_first_leg_and_fallback(make_shop, hook_sink):
    shop = make_shop(rules='rule ad { when customer.joined  send push "n" else email "n" else sms "n"  limit once }',
                     templates=TEXTS, rate=1, listen=PUBLIC.format(free_port()),
                     channels={"push": hook_sink.channel()}, credentials={"push": hook_sink.secret})
    shop.customer("C1", "push email sms data", phone="01012345678", email="h@example.com")
    hook_sink.faults = ["refuse when released"]
    shop.event("customer.joined", "C1", id="j1")
    shop.wait(lambda: hook_sink.number == 1, "the first leg at the sink")
    shop.consent("C1", "email", given=False)
    shop.consent("C1", "sms", given=False)
    hook_sink.released.set()
    shop.wait(lambda: not [m for m in shop.messages() if m["state"] in ("planned", "held", "claimed", "handed")],
              "the end of all legs")
    shop.idle()
    assert not shop.outbox()
    assert {m["channel"]: m["state"] for m in shop.messages()}["push"] == "failed"


def test_s41_withdrawn_during_a_retry(make_shop, hook_sink):
    shop = make_shop(rules='rule ad { when customer.joined  send push "n"  limit once }', templates=TEXTS, rate=1,
                     channels={"push": hook_sink.channel()}, credentials={"push": hook_sink.secret})
    shop.customer("C1", "push data")
    hook_sink.faults = [(429, {"Retry-After": "2"})]
    shop.event("customer.joined", "C1", id="j1")
    shop.wait(lambda: hook_sink.number == 1, "the first try")
    shop.consent("C1", "push", given=False)
    assert shop.message_in("dropped", rule="ad")["reason"] == "opted_out"
    assert hook_sink.number == 1


def test_s46_opt_out_can_be_given_again_and_the_history_shows_it(make_shop):
    shop = make_shop(rules=RULES.replace("limit once", "limit 5 per day"), templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.consent("C1", "sms", given=False)
    shop.event("customer.joined", "C1", id="j1")
    assert shop.message_in("dropped", rule="ad")["reason"] == "opted_out"
    shop.at("2026-11-23T11:00:00+09:00")
    shop.consent("C1", "sms", wording="문자로 소식을 받겠습니다", operator="점장")
    shop.event("customer.joined", "C1", id="j2")
    shop.wait(lambda: len(shop.outbox()) == 1, "the advertisement")
    history = shop.ok("GET", "/v1/customers/C1/consents")["consents"]
    sms = [one["given"] for one in history if one["channel"] == "sms"]
    assert sms == [True, False, True], history


def test_a_consent_older_than_a_withdrawal_never_wins(make_shop):
    shop = make_shop()
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", given=False, time="2026-11-20T00:00:00+09:00")
    shop.consent("C1", "sms", given=True, time="2026-11-19T00:00:00+09:00")
    assert shop.ok("GET", "/v1/customers/C1")["consents"]["sms"]["ad"] is False
    shop.consent("C1", "sms", given=True, time="2026-11-21T00:00:00+09:00")
    assert shop.ok("GET", "/v1/customers/C1")["consents"]["sms"]["ad"] is True


def test_s44_an_import_never_lifts_a_withdrawal(make_shop):
    shop = make_shop()
    shop.customer("C1", "sms data", phone="01012345678")
    shop.consent("C1", "sms", given=False)
    shop.write("c.csv", "id,phone,consent_sms,consent_data,consent_time\nC1,01012345678,1,1,2026-11-23T12:00:00+09:00\n")
    shop.ctl("import", "customers", shop.path("c.csv"))
    consents = shop.ok("GET", "/v1/customers/C1")["consents"]
    assert consents["sms"]["ad"] is False and consents["data"]["ad"] is True


def test_s49_erase(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS, clock="2026-11-23T22:00:00+09:00")
    shop.customer("C1", "sms data", name="지울이름", phone="010-9876-5432", email="gone@example.com")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=5000)
    shop.message_in("accepted", rule="receipt")
    shop.event("customer.joined", "C1", id="j1")
    shop.message_in("held", rule="ad")
    shop.consent("C1", "sms", given=False)
    assert shop.call("DELETE", "/v1/customers/C1").status in (200, 204)
    assert shop.get("/v1/customers/C1").status == 404
    assert not [m for m in shop.messages() if m["state"] in ("planned", "held")]
    assert "지울이름" not in shop.log() and "9876" not in shop.log()
    again = shop.event("order.paid", {"id": "C1"}, id="o1", order="A-1", total=5000)
    assert again["duplicate"] == 1, "an event's id outlives its customer"
    shop.stop()
    with open(shop.path("shop.db"), "rb") as store:
        bytes_ = store.read()
    for secret in ("지울이름".encode(), b"gone@example.com", b"01098765432", b"1098765432"):
        assert secret not in bytes_, secret
    shop.start("2026-11-24T10:00:00+09:00")
    shop.customer("NEW", "sms data", phone="010-9876-5432")
    shop.event("customer.joined", "NEW", id="j2")
    assert shop.message_in("dropped", customer="NEW")["reason"] == "opted_out"


def test_suppressions(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    answer = shop.ctl("suppression", "add", "010-1234-5678")
    assert answer.code == 0, answer
    assert "+821012345678" in str(shop.ok("GET", "/v1/suppressions"))
    shop.event("customer.joined", "C1", id="j1")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=1)
    assert shop.message_in("dropped", rule="ad")["reason"] == "opted_out"
    shop.message_in("accepted", rule="receipt")
    assert shop.ctl("suppression", "remove", "010-1234-5678").code == 0
    assert "+821012345678" not in str(shop.ok("GET", "/v1/suppressions"))


def test_s47_caps(make_shop):
    rules = 'rule ad { when order.paid  send sms "n" }'
    shop = make_shop(rules=rules, templates=TEXTS, limits="quiet none  ads 1 per day  guard none  hold at most 3 days")
    shop.customer("C1", "sms data", phone="01012345678")
    for n in range(3):
        shop.event("order.paid", "C1", id=f"o{n}", order=f"A-{n}", total=1)
        shop.idle()
    held = shop.messages(state="held")
    assert len(shop.outbox()) == 1 and {m["reason"] for m in held} == {"cap"}, held
    assert all(m["due"].startswith("2026-11-24T") for m in held)
    shop.at("2026-11-24T09:00:00+09:00")
    shop.wait(lambda: len(shop.outbox()) == 2, "the next day's")
    shop.idle()
    assert len(shop.outbox()) == 2


def test_s47_ads_0_is_off(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS, limits="quiet none  ads 0  guard none")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("customer.joined", "C1", id="j1")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=1)
    shop.message_in("accepted", rule="receipt")
    shop.idle()
    assert not shop.outbox(rule="ad")
