"""Provider twilio: the real daemon against a stand-in that takes nothing Twilio would not."""
import json
import signal

import pytest
from shop import free_port, run_program
from standins.twilio import Twilio

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
PUBLIC = "https://m.example.com"


@pytest.fixture
def twilio():
    with Twilio() as provider:
        yield provider
    assert provider.violations == []
    assert provider.duplicates() == {}


def shop_of(make_shop, twilio, token=None, sender='sender "+15005550006"', rate=60, public=False, credentials=None,
            **more):
    keys = (f'provider twilio  user "{twilio.account}"  secret credential "s"  {sender}  '
            f'refuse "080-123-4567"  url "{twilio.url}"')
    port = free_port()
    shop = make_shop(rules=RULE, templates={"p.sms": "결제 #{event.order}"}, rate=rate, channels={"sms": keys},
                     credentials={"s": token or twilio.token, **(credentials or {})}, tcp=public,
                     listen=f'public "127.0.0.1:{port}" url "{PUBLIC}"' if public else "", **more)
    shop.reports = f"http://127.0.0.1:{port}/v1/receipts/twilio"
    return shop


def pay(shop, n=1):
    for i in range(n):
        shop.event("order.paid", {"id": f"C{i}", "name": "김하늘", "phone": f"0101234567{i}"}, id=f"e{i}",
                   order=f"A-{i}", total=1000)


def detail(shop, message):
    return json.dumps(shop.ok("GET", "/v1/messages/" + message["id"]), ensure_ascii=False)


def sendings(twilio):
    return [one for one in twilio.requests if twilio.SENDS(one)]


def test_delivered_when_twilio_says_so(make_shop, twilio):
    shop = shop_of(make_shop, twilio)
    pay(shop, 3)
    shop.wait(lambda: [m["state"] for m in shop.messages()] == ["delivered"] * 3, "three receipts")
    assert {(one.to, one.text) for one in twilio.accepted} == {(f"+82101234567{i}", f"결제 A-{i}") for i in range(3)}
    assert {m["provider_id"] for m in shop.messages()} == {one.provider_id for one in twilio.accepted}


def test_failed_when_the_carrier_says_so(make_shop, twilio):
    twilio.results(("failed", 30005))
    shop = shop_of(make_shop, twilio)
    pay(shop)
    assert "30005" in detail(shop, shop.message_in("failed", customer="C0"))


@pytest.mark.parametrize("fault", ["500-after", "reset-after"])
def test_what_is_not_known_is_found_by_number_and_text(make_shop, twilio, fault):
    twilio.fault(fault, times=1, where=twilio.SENDS)
    shop = shop_of(make_shop, twilio, rate=1200)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len(sendings(twilio)) == 1
    assert [one for one in twilio.requests if one.method == "GET" and one.path.endswith("/Messages.json")]


@pytest.mark.parametrize("fault", ["500-before", "reset-before"])
def test_what_twilio_never_took_leaves_once_more(make_shop, twilio, fault):
    twilio.fault(fault, times=1, where=twilio.SENDS)
    shop = shop_of(make_shop, twilio, rate=1200)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len(sendings(twilio)) == 2 and len(twilio.accepted) == 1


def test_one_of_two_that_are_alike_concludes_nothing(make_shop, twilio):
    for key in "ab":
        twilio.accept(key, "+821012345670", "결제 A-0", "SMS", "SM" + key * 32, sender="+15005550006", service=None,
                      callback=None)
    twilio.fault("500-before", times=1, where=twilio.SENDS)
    shop = shop_of(make_shop, twilio, rate=1200)
    pay(shop)
    shop.wait(lambda: [one for one in twilio.requests if "DateSent" in one.target], "the look-up")
    shop.message_in("unknown", customer="C0")
    assert len(sendings(twilio)) == 1


def test_goes_slower_when_it_is_told(make_shop, twilio):
    twilio.fault("429", times=1, where=twilio.SENDS, retry_after=1)
    shop = shop_of(make_shop, twilio)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len(sendings(twilio)) == 2


def test_a_message_that_failed_at_once_is_over(make_shop, twilio):
    twilio.fault("zero", times=1, where=twilio.SENDS)
    shop = shop_of(make_shop, twilio)
    pay(shop)
    assert "30001" in detail(shop, shop.message_in("failed", customer="C0"))
    assert not twilio.accepted


def test_who_said_stop_is_not_written_to_again(make_shop, twilio):
    twilio.stopped = ("+821012345670",)
    shop = shop_of(make_shop, twilio)
    pay(shop)
    shop.wait(lambda: "+821012345670" in json.dumps(shop.ok("GET", "/v1/suppressions")), "the number among them")
    assert not twilio.accepted


def test_a_wrong_token_pauses_until_it_is_put_right(make_shop, twilio):
    shop = shop_of(make_shop, twilio, token="f" * 32)
    pay(shop)
    shop.wait(lambda: "does not accept user or secret" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not twilio.accepted
    shop.credential("s", twilio.token)
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered", customer="C0")


@pytest.mark.parametrize("policy, state", [("delivered", "delivered"), (("failed", 30003), "failed")])
def test_a_report_ends_the_message(make_shop, twilio, policy, state):
    twilio.results("pending")
    shop = shop_of(make_shop, twilio, rate=1, public=True)
    pay(shop)
    message = shop.message_in("accepted", customer="C0")
    [sent] = twilio.accepted
    assert sent.key == message["id"] and sent.more["callback"] == f"{PUBLIC}/v1/receipts/twilio?m={message['id']}"
    twilio.results(policy)
    assert {status // 100 for status in twilio.push_receipts(shop.reports, repeat=3)} == {2}
    shop.message_in(state, customer="C0")


def test_a_forged_report_changes_nothing(make_shop, twilio):
    twilio.results("pending")
    shop = shop_of(make_shop, twilio, rate=1, public=True)
    pay(shop)
    shop.message_in("accepted", customer="C0")
    twilio.results("delivered")
    right, [sent] = twilio.token, twilio.accepted
    twilio.token = "f" * 32
    assert [status // 100 for status in twilio.push_receipts(shop.reports)] == [4]
    twilio.token, callback = right, sent.more["callback"]
    sent.more["callback"] = callback.replace(PUBLIC, "http://m.example.com")  # signed over another address
    assert [status // 100 for status in twilio.push_receipts(shop.reports)] == [4]
    shop.message_in("accepted", customer="C0")
    sent.more["callback"] = callback
    assert [status // 100 for status in twilio.push_receipts(shop.reports)] == [2]
    shop.message_in("delivered", customer="C0")


@pytest.mark.parametrize("receipts", ["", 'receipts credential "r"'])
def test_an_api_key_sends_and_the_accounts_token_signs(make_shop, twilio, receipts):
    twilio.api_keys["SK" + "1" * 32] = "a-secret-of-its-own"
    twilio.results("pending")
    shop = shop_of(make_shop, twilio, "a-secret-of-its-own", f'key credential "k"  {receipts}  sender "+15005550006"',
                   rate=1, public=True, credentials={"k": "SK" + "1" * 32, "r": twilio.token})
    pay(shop)
    shop.message_in("accepted", customer="C0")
    [sent] = twilio.accepted
    assert bool(sent.more["callback"]) == bool(receipts)
    if receipts:
        twilio.results("delivered")
        assert [status // 100 for status in twilio.push_receipts(shop.reports)] == [2]
        shop.message_in("delivered", customer="C0")


def test_a_messaging_service_in_place_of_a_sender(make_shop, twilio):
    twilio.services = ("MG" + "2" * 32,)
    shop = shop_of(make_shop, twilio, sender=f'service "{twilio.services[0]}"')
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert twilio.accepted[0].more["service"] == twilio.services[0]


@pytest.mark.parametrize("sender, code, words", [
    ('sender "+15005550006"', 0, "balance: 12.34 USD"), ('sender "+15005550001"', 1, "is not among them")])
def test_check_online(make_shop, twilio, sender, code, words):
    ran = run_program("dangolctl", "check", "--online", cwd=shop_of(make_shop, twilio, sender=sender).root)
    assert (ran.code != 0) == (code != 0) and words in ran.out + ran.err, ran
