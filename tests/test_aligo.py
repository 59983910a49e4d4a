"""Provider aligo, from an event to a result, against the stand-in that holds it to Aligo's own words."""
import pytest
from shop import run_program
from standins.aligo import Aligo

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
PAID = {"p.sms": "결제 #{event.order}"}
AD = 'rule news { when customer.joined  purpose ad  send sms "n"  limit once }\n'
ALIMTALK = 'rule paid { when order.paid  purpose info  send alimtalk "p" else sms "p" }\n'
APPROVED = {"paid": ("결제가 끝났습니다. 주문 #{번호}", [{"name": "보기", "linkType": "WL"}])}
TALK = {**PAID, "p.alimtalk": "Template-Code: paid\nButton: 보기 | https://shop.example/#{event.order}\n\n"
        "결제가 끝났습니다. 주문 #{event.order}"}
PICTURE = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20" + bytes(40)


@pytest.fixture
def provider():
    """Whatever a test does, the client keeps to the rules and no message leaves twice."""
    with Aligo(templates=APPROVED) as one:
        yield one
        assert one.violations == []
        assert one.duplicates() == {}


@pytest.fixture
def aligo(provider, make_shop):
    """aligo(rules=…, templates=…): a shop that sends through the provider."""
    common = f'provider aligo  key credential "k"  user "{provider.user}"  sender "02-1234-5678"  url "{provider.url}"'

    def make(rules=RULE, templates=None, key=provider.key, rate=60, **more):
        return make_shop(rules=rules, templates=PAID if templates is None else templates, rate=rate,
                         channels={"sms": f'{common}  refuse "080-123-4567"',
                                   "alimtalk": f'{common}  profile "{provider.senderkey}"'},
                         credentials={"k": key}, **more)
    return make


def pay(shop, n=1):
    shop.ok("POST", "/v1/events", [
        {"type": "order.paid", "id": f"e{i}", "data": {"order": f"A-{i}", "total": 1000},
         "customer": {"id": f"C{i}", "name": "김하늘", "phone": f"0101{i:07d}"}} for i in range(n)])


def all_in(shop, state, n):
    return shop.wait(lambda: [one["state"] for one in shop.messages()] == [state] * n and shop.messages(),
                     f"{n} {state}")


def asked(provider, path):
    return [one for one in provider.requests if one.path == path]


# ---- text messages ----

def test_delivered_when_aligo_says_so(aligo, provider):
    shop = aligo()
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == provider.accepted[0].provider_id
    assert [one.text for one in provider.accepted] == ["결제 A-0"]


@pytest.mark.parametrize("text, kind", [("결제 #{event.order}", "SMS"), ("결제 #{event.order} " + "가" * 45, "LMS"),
                                        ("Image: menu.jpg\n\n결제 #{event.order}", "MMS")])
def test_a_text_message_by_its_size_and_picture(aligo, provider, text, kind):
    shop = aligo(templates={"menu.jpg": PICTURE, "p.sms": text})
    pay(shop, 2)
    all_in(shop, "delivered", 2)
    assert {(one.kind, one.text.split()[1]) for one in provider.accepted} == {(kind, "A-0"), (kind, "A-1")}
    assert [one.more["files"] for one in provider.accepted] == [[PICTURE] if kind == "MMS" else []] * 2
    assert kind != "SMS" or {one.more["title"] for one in provider.accepted} == {None}


def test_an_advertisement_says_what_it_is(aligo, provider):
    shop = aligo(rules=AD, templates={"n.sms": "새 원두가 왔습니다 #{customer.id}"})
    shop.customer("C0", phone="01012345678")
    shop.event("customer.joined", "C0", id="j0")
    all_in(shop, "delivered", 1)
    assert provider.accepted[0].text.startswith("(광고)") and "080-123-4567" in provider.accepted[0].text


def test_five_hundred_in_one_request(aligo, provider):
    shop = aligo()
    pay(shop, 600)
    all_in(shop, "delivered", 600)
    sizes = [int(dict(one.form())["cnt"]) if one.path == "/send_mass/" else 1
             for one in provider.requests if provider.SENDS(one)]
    assert sum(sizes) == 600 and max(sizes) <= 500 and len(sizes) < 30


def test_a_result_code_may_be_a_text(aligo, provider):
    provider.as_text = True
    shop = aligo()
    pay(shop)
    shop.message_in("delivered", customer="C0")


# ---- what goes wrong ----

def test_failed_when_aligo_says_so(aligo, provider):
    provider.results(("failed", "1"))
    shop = aligo()
    pay(shop)
    shop.message_in("failed", customer="C0")


def test_what_is_under_way_is_asked_about_until_it_is_there(aligo, provider):
    provider.results("pending")
    shop = aligo(rate=600)
    pay(shop)
    shop.wait(lambda: len(asked(provider, "/sms_list/")) >= 2, "two askings")
    shop.message_in("accepted", customer="C0")
    provider.results("delivered")
    shop.message_in("delivered", customer="C0")


@pytest.mark.parametrize("fault", ["reset-after", "500-after"])
def test_a_lost_answer_is_looked_up_and_nothing_sent_twice(aligo, provider, fault):
    provider.fault(fault, times=1, where=provider.SENDS)
    shop = aligo()
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == provider.accepted[0].provider_id


def test_two_that_could_be_it_leave_it_unknown(aligo, provider):
    provider.fault("reset-after", times=1, where=provider.SENDS)
    provider.twins = True
    shop = aligo()
    pay(shop)
    shop.message_in("unknown", customer="C0")
    shop.wait(lambda: asked(provider, "/list/"), "the look-up")
    assert len(provider.accepted) == 1 and not asked(provider, "/sms_list/")


def test_fewer_than_were_given_are_told_apart_by_the_list(aligo, provider):
    provider.drop = {"01010000001"}
    shop = aligo()
    pay(shop, 3)
    shop.wait(lambda: sorted(one["state"] for one in shop.messages())[:2] == ["delivered"] * 2, "two delivered")
    assert sorted(one.text for one in provider.accepted) == ["결제 A-0", "결제 A-2"]


def test_an_empty_account_pauses_the_channel(aligo, provider):
    provider.poor = True
    shop = aligo()
    pay(shop)
    shop.wait(lambda: "the balance is used up" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not provider.accepted


def test_a_wrong_key_pauses_the_channel(aligo, provider):
    shop = aligo(key="another")
    pay(shop)
    shop.wait(lambda: "does not accept key or user" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not provider.accepted


def test_check_online(aligo):
    ran = run_program("dangolctl", "check", "--online", cwd=aligo().root)
    assert ran.code == 0 and "messages left: SMS 1000, LMS 300" in ran.out, ran


# ---- AlimTalk ----

def test_alimtalk_is_what_was_approved(aligo, provider):
    shop = aligo(rules=ALIMTALK, templates=TALK)
    pay(shop, 3)
    messages = all_in(shop, "delivered", 3)
    assert {one["channel"] for one in messages} == {"alimtalk"}
    assert {one["provider_id"] for one in messages} == {one.provider_id for one in provider.accepted}
    for one in provider.accepted:
        assert "https://shop.example/" + one.text.rpartition(" ")[2] in one.more["buttons"]


def test_alimtalk_to_who_has_no_kakaotalk_goes_as_a_text(aligo, provider):
    provider.results(("failed", "3019"), to="01010000000")
    shop = aligo(rules=ALIMTALK, templates=TALK)
    pay(shop)
    shop.wait(lambda: [one.kind for one in provider.accepted] == ["AT", "SMS"], "the text message")
    provider.results("delivered", to="01010000000")
    shop.wait(lambda: "delivered" in [one["state"] for one in shop.messages()], "its delivery")


def test_alimtalk_that_is_not_confirmed_stays_open(aligo, provider):
    provider.results("unconfirmed")
    shop = aligo(rules=ALIMTALK, templates=TALK)
    pay(shop)
    shop.wait(lambda: asked(provider, "/akv10/history/detail/"), "an asking")
    shop.message_in("accepted", customer="C0")


def test_a_lost_answer_to_alimtalk_is_looked_up(aligo, provider):
    provider.fault("reset-after", times=1, where=provider.SENDS)
    shop = aligo(rules=ALIMTALK, templates=TALK)
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == provider.accepted[0].provider_id
