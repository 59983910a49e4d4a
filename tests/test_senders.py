"""Sender numbers that the daemon asks its providers for by itself: what waits for one that is not registered, what lets
it go, and what no answer means."""
import contextlib
import json
import signal
import urllib.parse

import pytest
from standins.aligo import Aligo
from standins.nhn import Nhn
from standins.popbill import Popbill
from standins.sens import Sens
from standins.solapi import Solapi
from standins.twilio import Twilio

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
BOTH = RULE + 'rule ad { when visit  send sms "a" }\n'
TEXTS = {"p.sms": "결제 #{event.order}", "a.sms": "새 원두가 왔어요"}
DAY = 86400


class Account:
    """A provider's stand-in, and a channel block that goes with it."""

    def __init__(self, provider, block, path, field, number, written):
        self.provider, self.block, self.path, self.field = provider, block, path, field
        self.number, self.written = number, written

    def has(self, *numbers):
        setattr(self.provider, self.field, list(numbers))

    def keys(self, sender=None):
        return f'{self.block}  sender "{sender or self.written}"  refuse "080-123-4567"  url "{self.provider.url}"'

    def looks(self):
        return [one for one in list(self.provider.requests) if one.path.startswith(self.path)]

    def sent(self):
        """What it took for customers: the owner has another number."""
        return [one for one in list(self.provider.accepted) if not one.to.endswith("00000000")]


KEYS = 'key credential "k"  secret credential "s"'
KOREAN = ("0212345678", "02-1234-5678")


def account_of(name):
    if name == "solapi":
        return Account(Solapi(), f"provider solapi  {KEYS}", "/senderid/v1/numbers/active", "senders", *KOREAN)
    if name == "nhn":
        return Account(Nhn(), f"provider nhn  {KEYS}", "/sms/v3.0/appKeys/testAppKey01/sendNos", "senders", *KOREAN)
    if name == "popbill":
        block = f'provider popbill  user "123-45-67890"  {KEYS}  service "POPBILL_TEST"'
        return Account(Popbill(), block, "/Message/SenderNumber", "senders", *KOREAN)
    if name == "sens":
        return Account(Sens(), f'provider sens  {KEYS}  service "ncp:sms:kr:123456789012:myproj"', "/none",
                       "senders", *KOREAN)
    if name == "aligo":
        return Account(Aligo(), 'provider aligo  key credential "k"  user "testid"', "/none", "senders", *KOREAN)
    one = Twilio()
    return Account(one, f'provider twilio  user "{one.account}"  secret credential "s"',
                   f"/2010-04-01/Accounts/{one.account}/IncomingPhoneNumbers.json", "numbers", "+15005550006",
                   "+15005550006")


def secrets_of(name, provider):
    key = {"nhn": "testAppKey01", "popbill": "TESTLINK"}.get(name) or getattr(provider, "key", "")
    return {"k": key or "none", "s": getattr(provider, "secret", None) or getattr(provider, "token", "none")}


@pytest.fixture
def open_account():
    """open_account("solapi"): an account whose provider runs; nothing leaves it twice or against its rules."""
    with contextlib.ExitStack() as stack:
        opened = []

        def make(name):
            account = account_of(name)
            stack.enter_context(account.provider)
            account.secrets = secrets_of(name, account.provider)
            opened.append(account.provider)
            return account
        yield make
        for provider in opened:
            assert provider.violations == [] and provider.duplicates() == {}


@pytest.fixture
def open_shop(make_shop):
    def make(account, rules=RULE, rate=60, sms="", credentials=None, **more):
        return make_shop(rules=rules, templates=TEXTS, rate=rate, channels={"sms": account.keys() + sms},
                         credentials={**account.secrets, **(credentials or {})}, **more)
    return make


def pay(shop, n=1, first=0):
    for i in range(first, first + n):
        shop.event("order.paid", {"id": f"C{i}", "name": "김하늘", "phone": f"0101234567{i}"}, id=f"e{i}",
                   order=f"A-{i}", total=1000)


def sender(shop, fallback=False):
    sms = shop.status()["channels"]["sms"]
    return (sms["fallback"] if fallback else sms)["sender"]


def is_known(shop, known, **more):
    return shop.wait(lambda: sender(shop, **more)["registered"] is known, f"a sender registered: {known}", 15)


def customers_messages(shop, **query):
    return [m for m in shop.messages(**query) if m["rule"] != "daemon"]


def waiting(shop, n=1):
    """The customers' messages, once all of them wait for the number."""
    def there():
        found = customers_messages(shop)
        return [(m["state"], m["reason"]) for m in found] == [("planned", "sender_unregistered")] * n and found
    return shop.wait(there, f"{n} that wait", 15)


def all_delivered(shop, n):
    shop.wait(lambda: [(m["state"], m["reason"]) for m in customers_messages(shop)] == [("delivered", None)] * n,
              f"{n} delivered", 30)


ASKED = ["solapi", "nhn", "popbill", "twilio"]


# ---- what a provider says ----

@pytest.mark.parametrize("name", ASKED)
def test_a_registered_sender_sends(open_account, open_shop, name):
    account = open_account(name)
    shop = open_shop(account)
    assert is_known(shop, True)
    told = sender(shop)
    assert told["number"] == account.written and told["asked"].startswith("2026-11-23T1"), told
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert shop.status()["channels"]["sms"]["state"] == "ok" and len(account.looks()) == 1
    assert f"the sender {account.written} is registered at {name} (asked 2026-11-23 1" in shop.ctl("status").out


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("others", [[], ["other"]], ids=["none", "another"])
def test_what_a_number_that_is_not_registered_keeps_until_it_is(open_account, open_shop, name, others):
    account = open_account(name)
    account.has(*(["+15005550001" if name == "twilio" else "0311112222"] if others else []))
    shop = open_shop(account, BOTH)
    is_known(shop, False)
    assert sender(shop)["asked"]
    pay(shop)
    shop.customer("C5", "sms data", phone="01055556666")
    shop.event("visit", "C5", id="v1")
    for message in waiting(shop, 2):
        shown = json.dumps(shop.ok("GET", "/v1/messages/" + message["id"]), ensure_ascii=False)
        assert account.written in shown and "not registered" in shown, shown
    sms = shop.status()["channels"]["sms"]
    assert sms["state"] == "paused" and sms["waiting"] == 2 and sms["since"], sms
    why = shop.status()["why"]
    assert account.written in why and f"not registered at {name}" in why and "register it there" in why, why
    assert not account.sent()
    account.has(account.number)
    shop.signal(signal.SIGHUP)
    is_known(shop, True)
    all_delivered(shop, 2)
    sms = shop.status()["channels"]["sms"]
    assert sms["state"] == "ok" and sms["reason"] is None and sms["since"] is None, sms
    assert "not registered" not in shop.status()["why"] and len(account.sent()) == 2


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("fault", ["500-before", "reset-before", "html", "half", "big", "429"])
def test_no_answer_stops_nothing(open_account, open_shop, name, fault):
    account = open_account(name)
    account.has(account.number)
    account.provider.fault(fault, where=account.path)
    shop = open_shop(account)
    shop.wait(account.looks, "the question")
    shop.wait(lambda: "cannot be had" in shop.log(), "what is said of it")
    pay(shop, 3)
    all_delivered(shop, 3)
    assert sender(shop) == {"number": account.written, "registered": None, "asked": None}
    assert shop.log().count("cannot be had") == 1 and shop.status()["channels"]["sms"]["state"] == "ok"
    account.provider.mend()
    shop.signal(signal.SIGHUP)
    is_known(shop, True)


@pytest.mark.parametrize("name", ["sens", "aligo"])
def test_who_has_no_such_list_is_not_asked(open_account, open_shop, name):
    account = open_account(name)
    shop = open_shop(account)
    pay(shop)
    shop.wait(lambda: len(account.sent()) == 1, "a message")
    assert sender(shop) == {"number": account.written, "registered": None, "asked": None}


@pytest.mark.parametrize("name", ["solapi", "nhn", "aligo", "twilio"])
def test_a_sending_that_is_refused_for_its_number_says_so(open_account, open_shop, name):
    account = open_account(name)
    shop = open_shop(account, rate=0.001)
    if name != "aligo":
        is_known(shop, True)
    account.has()
    pay(shop)
    [message] = waiting(shop)
    sms = shop.status()["channels"]["sms"]
    assert sms["state"] == "paused" and message["attempts"][-1]["result"] == "operator", (sms, message)
    assert not account.sent()
    account.has(account.number)
    shop.signal(signal.SIGHUP)
    shop.wait(account.sent, "the message")
    if name == "aligo":  # the stand-in holds it against the shop, which could not have asked
        assert set(account.provider.violations) == {"/send/: sender is not registered"}
        account.provider.violations.clear()


def test_a_provider_that_is_down_altogether(open_account, open_shop):
    account = open_account("solapi")
    account.provider.down()
    shop = open_shop(account)
    shop.wait(lambda: "cannot be had" in shop.log(), "what is said of it")
    assert sender(shop)["registered"] is None
    account.provider.up()
    pay(shop)
    shop.message_in("delivered", customer="C0")


def test_a_question_that_hangs_is_in_nobodys_way(open_account, open_shop):
    account = open_account("solapi")
    account.provider.fault("slow", where=account.path)
    shop = open_shop(account)
    shop.wait(account.looks, "the question")
    pay(shop, 3)
    all_delivered(shop, 3)
    shop.signal(signal.SIGHUP)
    shop.wait(lambda: len(account.looks()) == 2, "the question again")


def test_registered_but_blocked(open_account, open_shop):
    account = open_account("nhn")
    account.provider.blocked_senders.add(account.number)
    shop = open_shop(account)
    is_known(shop, False)
    pay(shop)
    waiting(shop)
    assert "blocked" in shop.status()["why"] and not account.sent()
    account.provider.blocked_senders.clear()
    assert shop.post("/v1/reload").status == 200
    shop.message_in("delivered", customer="C0")


# ---- when it is asked ----

def test_asked_day_by_day_and_oftener_while_it_is_not(open_account, open_shop):
    account = open_account("solapi")
    shop = open_shop(account, rate=DAY / 4)
    is_known(shop, True)
    account.has()
    is_known(shop, False)
    pay(shop)
    waiting(shop)
    account.has(account.number)
    shop.message_in("delivered", customer="C0")
    assert len(account.looks()) >= 3


def test_a_reload_of_the_rules_asks_again(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account)
    is_known(shop, False)
    pay(shop)
    waiting(shop)
    account.has(account.number)
    assert shop.ctl("reload").code == 0
    shop.message_in("delivered", customer="C0")
    looked = len(account.looks())
    assert shop.ctl("reload").code == 0
    pay(shop, 1, 1)
    shop.message_in("delivered", customer="C1")
    assert len(account.looks()) == looked, "it is known: nothing to be asked"


def test_mended_while_it_is_asked(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    account.provider.fault("slow", times=1, where=account.path, accepted=True, seconds=1)
    shop = open_shop(account)
    shop.wait(account.looks, "the question")
    shop.wait(lambda: not account.provider.faults, "its answer under way")
    account.has(account.number)
    assert shop.ctl("reload").code == 0
    is_known(shop, True)
    assert len(account.looks()) == 2


def test_what_was_told_outlives_the_daemon(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account)
    is_known(shop, False)
    since = shop.status()["channels"]["sms"]["since"]
    shop.stop()
    account.provider.fault("500-before", where=account.path)
    shop.start("2026-11-23T12:00:00+09:00", 60)
    pay(shop)
    waiting(shop)
    assert sender(shop)["asked"] == since and shop.status()["channels"]["sms"]["since"] == since
    account.provider.mend()
    account.has(account.number)
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered", customer="C0")


def test_another_number_in_the_configuration(open_account, open_shop):
    account = open_account("solapi")
    account.has(account.number, "15881234")
    shop = open_shop(account)
    is_known(shop, True)
    with open(shop.conf, encoding="utf-8") as one:
        conf = one.read()
    shop.write("dangol.conf", conf.replace("02-1234-5678", "031-111-2222"))
    shop.signal(signal.SIGHUP)
    is_known(shop, False)
    assert sender(shop)["number"] == "031-111-2222"
    pay(shop)
    waiting(shop)
    shop.write("dangol.conf", conf.replace("02-1234-5678", "1588-1234"))
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered", customer="C0")
    assert [one.more.get("sender", "15881234") for one in account.sent()] == ["15881234"]


def test_a_sending_that_the_provider_refuses_has_it_asked(open_account, open_shop):
    account = open_account("nhn")
    shop = open_shop(account, rate=1200)
    is_known(shop, True)
    asked = sender(shop)["asked"]
    account.has()
    pay(shop)
    is_known(shop, False)
    waiting(shop)
    assert sender(shop)["asked"] > asked
    assert len({one[:10] for one in (asked, sender(shop)["asked"])}) == 1, "the same day"
    account.has(account.number)
    shop.message_in("delivered", customer="C0")


# ---- who takes over, who hears of it ----

def fallback(account):
    return f"\n  fallback {account.keys()}"


def test_a_second_provider_takes_over(open_account, open_shop):
    first, second = open_account("nhn"), open_account("popbill")
    first.has()
    spare = fallback(second).replace('credential "k"', 'credential "k2"').replace('credential "s"', 'credential "s2"')
    shop = open_shop(first, sms=spare, credentials={"k2": second.secrets["k"], "s2": second.secrets["s"]})
    is_known(shop, False)
    is_known(shop, True, fallback=True)
    pay(shop, 3)
    all_delivered(shop, 3)
    assert len(second.sent()) == 3 and not first.sent()
    why = shop.status()["why"]
    assert "not registered at nhn" in why and "popbill sends in its place" in why, why
    second.has()
    shop.signal(signal.SIGHUP)
    is_known(shop, False, fallback=True)
    pay(shop, 1, 5)
    shop.wait(lambda: [m["reason"] for m in customers_messages(shop, state="planned")] == ["sender_unregistered"], "one that waits")
    first.has(first.number)
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered", customer="C5")
    assert len(first.sent()) == 1 and "popbill could not take over" in shop.status()["why"]


def test_a_second_provider_that_may_not_does_not(open_account, open_shop):
    first, second = open_account("nhn"), open_account("popbill")
    second.has()
    spare = fallback(second).replace('credential "k"', 'credential "k2"').replace('credential "s"', 'credential "s2"')
    shop = open_shop(first, sms=spare, credentials={"k2": second.secrets["k"], "s2": second.secrets["s"]})
    is_known(shop, True)
    is_known(shop, False, fallback=True)
    first.provider.down()
    pay(shop, 3)
    shop.wait(lambda: shop.status()["channels"]["sms"]["state"] == "open", "the first one's circuit", 15)
    first.provider.up()
    all_delivered(shop, 3)
    assert len(first.sent()) == 3 and not second.sent()


def test_the_owner_hears_by_mail_of_what_lasts(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account, rate=7200)
    is_known(shop, False)
    assert not shop.outbox(), "not at once: it may be mended in a moment"
    [letter] = shop.wait(shop.outbox, "a mail to the owner")
    assert letter["to"] == "owner@example.com" and account.written in letter["text"], letter
    [told] = shop.messages()
    assert told["planned"] >= "2026-11-23T13", told
    assert not account.provider.accepted and shop.log().count("channel sms does not work") == 1


def test_an_owner_without_mail_hears_of_it_when_it_is_mended(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account, rate=7200,
                     shop='shop { name "단골커피"  phone "02-123-4567"  owner sms "010-0000-0000" }\n')
    is_known(shop, False)
    shop.wait(lambda: [m["reason"] for m in shop.messages()] == ["sender_unregistered"], "a notice that waits")
    assert not account.provider.accepted
    account.has(account.number)
    shop.signal(signal.SIGHUP)
    shop.message_in("delivered")


def test_said_in_korean_too(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account, lang="ko_KR.UTF-8")
    is_known(shop, False)
    pay(shop)
    [message] = waiting(shop)
    ran = shop.ctl("status", lang="ko_KR.UTF-8")
    assert ran.code == 0 and "발신번호 02-1234-5678이(가) solapi에 등록되어 있지 않습니다" in ran.out, ran
    assert "발신번호 02-1234-5678은(는) solapi에서 쓸 수 없습니다" in ran.out, ran
    ran = shop.ctl("message", "show", message["id"], lang="ko_KR.UTF-8")
    assert "등록되어 있지 않습니다" in ran.out, ran
    ran = shop.ctl("explain", "paid", "C0", lang="ko_KR.UTF-8")
    assert "발신번호가 등록되어 있지 않기" in ran.out, ran


def test_explained(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account)
    is_known(shop, False)
    pay(shop)
    [message] = waiting(shop)
    ran = shop.ctl("explain", "paid", "C0")
    assert "the sender's number is not registered with the provider" in ran.out, ran
    told = shop.ok("GET", "/v1/explain?" + urllib.parse.urlencode({"rule": "paid", "customer": "C0"}))
    assert any(one["reason"] == "sender_unregistered" for one in told["history"]), told
    ran = shop.ctl("message", "show", message["id"])
    assert "not registered at solapi" in ran.out, ran


def test_what_waits_too_long_says_why(open_account, open_shop):
    account = open_account("solapi")
    account.has()
    shop = open_shop(account, rate=DAY / 2, limits="quiet none  guard none  hold at most 1 days")
    is_known(shop, False)
    pay(shop)
    gone = shop.message_in("dropped", customer="C0")
    assert gone["reason"] == "sender_unregistered" and not account.sent()


def test_other_channels_have_none(make_shop):
    shop = make_shop(rules=RULE, templates=TEXTS)
    channels = shop.status()["channels"]
    assert channels["sms"]["sender"]["registered"] is None and "sender" not in channels["email"]
