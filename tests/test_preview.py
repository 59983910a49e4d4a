"""Previews and test messages: what they show, what they cost, and that nobody's limits, coupons or history hear of them."""
import pytest

CHANNELS = {"sms": 'sender "0212345678"  refuse "080-123-4567"  price sms 9원 lms 30원',
            "email": 'from "단골커피 <hi@example.com>"', "push": "price 0원", "alimtalk": "price 7원"}
TEXTS = {"thanks.sms": "#{이름}님 #{event.order} #{event.total|won} 고맙습니다",
         "paid.alimtalk": "#{event.order}", "long.sms": "가" * 60, "gift.sms": "#{coupon.code} #{coupon.discount}",
         "odd.sms": "#{customer.mark}", "note.push": "안녕하세요", "mail.email": "Subject: 안녕\n\n#{이름}님"}
RULES = """
fields { customer.mark text }
coupon welcome { discount 10%  code "GIFT-########"  valid 7 days }
rule thanks { when order.paid  purpose info  send sms "thanks" else alimtalk "paid" }
rule gift { when customer.joined  give welcome  send sms "gift"  limit once }
rule long { when every monday at 11:00  send sms "long"  limit once per 1 day }
rule odd { when visit  send sms "odd" }
"""


@pytest.fixture
def shop(make_shop):
    shop = make_shop(rules=RULES, templates=TEXTS, channels=CHANNELS, limits="quiet none  guard none  ads 1 per day",
                     listen='url "https://m.example.com"')
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘", "phone": "010-1234-5678", "email": "h@example.com",
                                           "attributes": {"mark": "☃"}})
    for channel in ("sms", "data"):
        shop.consent("C1", channel)
    return shop


def preview(shop, **body):
    return shop.ok("POST", "/v1/preview", {"customer": "C1", **body})["messages"]


def test_a_picture_makes_an_mms_of_it(make_shop):
    channels = {**CHANNELS, "sms": CHANNELS["sms"] + " mms 60원"}
    shop = make_shop(rules='rule pic { when order.paid  purpose info  send sms "pic" }', templates={"pic.sms": "안녕하세요"},
                     channels=channels)
    shop.ok("PUT", "/v1/customers/C1", {"name": "김하늘", "phone": "010-1234-5678"})
    with open(shop.path("templates", "menu.jpg"), "wb") as file:
        file.write(b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20" + bytes(40))
    shop.template("pic.sms", "Image: menu.jpg\n\n안녕하세요")
    shop.ok("POST", "/v1/reload")
    shown = preview(shop, rule="pic")[0]
    assert (shown["kind"], shown["price"], shown["image"]) == ("MMS", 60, "menu.jpg")
    shop.ok("POST", "/v1/messages", {"customer": "C1", "channel": "sms", "template": "pic"})
    sent = shop.wait(lambda: shop.outbox(channel="sms"), "the message")[0]
    assert (sent["kind"], sent["image"]) == ("MMS", "menu.jpg")


def test_size_and_price_as_the_carrier_counts(shop):
    short, other = preview(shop, rule="thanks")
    assert (short["kind"], short["price"]) == ("SMS", 9)
    assert short["bytes"] == len(short["text"].encode("cp949")) <= 90
    assert other["price"] == 7 and "kind" not in other
    long = preview(shop, rule="long")[0]
    assert (long["kind"], long["bytes"], long["price"]) == ("LMS", len(long["text"].encode("cp949")), 30)
    assert preview(shop, template="note")[0]["price"] == 0
    assert preview(shop, template="mail")[0]["price"] is None
    assert "U+2603" in preview(shop, rule="odd")[0]["problem"]


def test_an_event_rule_tells_of_the_last_event_or_of_a_sample(shop):
    made = preview(shop, rule="thanks")[0]
    assert made["sample_event"] is True and "A-1001 20,000원" in made["text"]
    for order, total in (("O-1", 12000), ("O-2", 34500)):
        shop.event("order.paid", "C1", id=order, order=order, total=total, history=True)
    real = preview(shop, rule="thanks")[0]
    assert real["sample_event"] is False and "O-2 34,500원" in real["text"]
    shown = shop.ctl("preview", "thanks", "C1")
    assert shown.code == 0 and "bytes, 9원" in shown.out and "made up" not in shown.out, shown


def test_a_template_reads_as_its_rule_would_send_it(shop):
    one = preview(shop, template="gift")[0]
    assert one["ad"] and one["text"].startswith("(광고)단골커피\nTEST-2345678 10%\n무료수신거부")


def send(shop, channel, template, to, *more):
    return shop.ctl("test-send", channel, template, "C1", "--to", to, "--json", *more)


def test_a_test_goes_to_the_owners_address_and_counts_for_nobody(shop):
    for _ in range(3):  # the cap is one advertisement a day
        ran = send(shop, "sms", "gift", "010-9999-8888")
        assert ran.code == 0, ran
        assert (ran.json["kind"], ran.json["price"], ran.json["rule"]) == ("SMS", 9, "api")
    letters = shop.wait(lambda: len(shop.outbox()) == 3 and shop.outbox(), "three tests")
    assert {one["to"] for one in letters} == {"+821099998888"} and {one["customer"] for one in letters} == {"C1"}
    assert all("(광고)" in one["text"] and "TEST-2345678" in one["text"] for one in letters)
    assert shop.messages(customer="C1") == []
    assert all(one["text"] in ("", None) and one["coupon"] is None for one in shop.messages())
    shop.event("customer.joined", "C1", id="j1")
    sent = shop.wait(lambda: shop.outbox(rule="gift"), "the real one, not capped by the tests")
    assert sent[0]["to"] == "+821012345678" and sent[0]["coupon"].startswith("GIFT-")
    assert [one["coupon"] for one in shop.messages(customer="C1")] == [sent[0]["coupon"]]


def test_a_test_asks_no_consent_but_never_reaches_who_refused(shop):
    shop.consent("C1", "sms", given=False)
    assert send(shop, "sms", "gift", "010-9999-8888").code == 0
    shop.wait(lambda: len(shop.outbox()) == 1, "the test")
    shop.ok("POST", "/v1/suppressions", {"address": "010-7777-6666", "channel": "sms"})
    refused = send(shop, "sms", "gift", "010-7777-6666").json["id"]
    shop.wait(lambda: shop.ok("GET", f"/v1/messages/{refused}")["state"] == "dropped", "the refusal")
    assert shop.ok("GET", f"/v1/messages/{refused}")["reason"] == "opted_out"
    assert len(shop.outbox()) == 1


@pytest.mark.parametrize("channel, template, customer, to, pointer", [
    ("sms", "gift", "C9", "010-9999-8888", "/customer"), ("sms", "gift", "owner", "010-9999-8888", "/customer"),
    ("sms", "nothing", "C1", "010-9999-8888", "/template"), ("brandmessage", "gift", "C1", "010-9999-8888", "/template"),
    ("sms", "odd", "C1", "010-9999-8888", "/template"), ("sms", "gift", "C1", "o@example.com", "/to"),
    ("email", "mail", "C1", "010-9999-8888", "/to"), ("owner", "gift", "C1", "010-9999-8888", "/channel"),
    ("push", "note", "C1", "x" * 400, "/to")])
def test_what_a_test_refuses(shop, channel, template, customer, to, pointer):
    answer = shop.post("/v1/test-sends", {"channel": channel, "template": template, "customer": customer, "to": to})
    assert answer.status == 422 and pointer in answer.body.decode(), answer
    assert shop.messages() == []


def test_a_test_needs_its_address(shop):
    ran = shop.ctl("test-send", "sms", "gift", "C1")
    assert ran.code == 2 and "--to" in ran.err


def test_an_erased_customers_words_are_nowhere(shop):
    assert send(shop, "sms", "thanks", "010-9999-8888").code == 0
    shop.wait(lambda: len(shop.outbox()) == 1, "the test")
    shop.ok("DELETE", "/v1/customers/C1")
    shop.stop()
    with open(shop.path("shop.db"), "rb") as store:
        assert "김하늘".encode() not in store.read()
