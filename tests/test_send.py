"""POST /v1/messages, phrase by phrase of what it promises; scenario 6 in full."""
import concurrent.futures

import pytest
from shop import open_shop
from test_door import problem

TEXTS = {"hello.sms": "예약이 되었습니다, #{이름}님. #{event.order|default \"\"}", "hello.email":
         "Subject: 예약\n\n예약이 되었습니다.", "ad.sms": "Purpose: ad\n\n새 원두가 왔어요"}
BODY = {"customer": "C1", "channel": "sms", "template": "hello"}


@pytest.fixture
def shop():
    with open_shop(templates=TEXTS, tcp=True) as one:
        one.customer("C1", phone="010-1234-5678")
        yield one


def send(shop, body=None, key=None, **more):
    return shop.post("/v1/messages", body or BODY, headers={"Idempotency-Key": key} if key else {}, **more)


def test_it_answers_with_the_message(shop):
    answer = send(shop, dict(BODY, data={"order": "A-7"}))
    assert answer.status == 201
    said = answer.json
    assert (said["customer"], said["channel"], said["template"], said["purpose"]) == ("C1", "sms", "hello", "info")
    assert said["state"] == "planned" and said["id"]
    sent = shop.message_in("accepted", customer="C1")
    assert sent["id"] == said["id"] and sent["text"] == "예약이 되었습니다, 김하늘님. A-7"
    assert [one["text"] for one in shop.outbox()] == [sent["text"]]


def test_without_a_key_each_call_is_a_message(shop):
    assert send(shop).json["id"] != send(shop).json["id"]
    shop.wait(lambda: len(shop.messages(state="accepted")) == 2, "both")


def test_s06_the_same_key_at_once_from_many(shop):
    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        said = list(pool.map(lambda n: send(shop, key="k", tcp=n % 2 == 0), range(50)))
    assert {one.status for one in said} == {201}
    assert len({one.body for one in said}) == 1, "one answer"
    shop.message_in("accepted", customer="C1")
    assert len(shop.messages()) == len(shop.outbox()) == 1


def test_s06_the_same_body_in_other_words(shop):
    first = send(shop, dict(BODY, data={"order": "A", "table": 4}), key="k")
    again = shop.post("/v1/messages", '{ "data": {"table":4, "order":"\\u0041"},"template":"hello",\n"channel":"sms",'
                      '"customer":"C1"}', headers={"Idempotency-Key": "k", "Content-Type": "application/json"})
    assert again.status == 201 and again.body == first.body
    problem(send(shop, dict(BODY, data={"order": "B", "table": 4}), key="k"), 409)
    assert len(shop.messages()) == 1


def test_s06_a_key_is_one_call_s(shop):
    """The same key and body under another path is another request."""
    send(shop, key="k")
    problem(shop.post("/v1/coupons/NONE/redeem", BODY, headers={"Idempotency-Key": "k"}), 409)


@pytest.mark.parametrize("days", (1, 7))
def test_s06_a_key_is_kept_seven_days_over_restarts(shop, days):
    first = send(shop, key="k")
    shop.message_in("accepted", customer="C1")
    shop.at(f"2026-11-{23 + days}T09:59:59+09:00")
    again = send(shop, key="k")
    assert (again.status, again.body) == (201, first.body)
    problem(send(shop, dict(BODY, data={}), key="k"), 409)
    assert len(shop.messages()) == len(shop.outbox()) == 1


def test_s06_a_key_is_kept_over_a_kill(shop):
    first = send(shop, key="k")
    shop.kill()
    shop.start("2026-11-23T10:05:00+09:00")
    assert send(shop, key="k").body == first.body
    shop.wait(lambda: shop.one_message()["state"] in ("accepted", "unknown"), "its end; unknown where it was under way")
    assert len(shop.outbox()) <= 1


def test_a_refused_call_leaves_its_key_free(shop):
    problem(send(shop, dict(BODY, template="nothing"), key="k"), 422, "/template")
    assert send(shop, key="k").status == 201


@pytest.mark.parametrize("key, status", [("x" * 255, 201), ("x" * 256, 400), ("", 400)])
def test_how_long_a_key_may_be(shop, key, status):
    answer = shop.post("/v1/messages", BODY, headers={"Idempotency-Key": key})
    assert answer.status == status, answer


@pytest.mark.parametrize("change, pointer", [
    ({"customer": "nobody"}, "/customer"), ({"customer": None}, "/customer"), ({"customer": {}}, "/customer"),
    ({"channel": "fax"}, "/channel"), ({"channel": 7}, "/channel"), ({"channel": None}, "/channel"),
    ({"template": "nothing"}, "/template"), ({"template": "ad", "channel": "email"}, "/template"),
    ({"template": None}, "/template"), ({"data": [1]}, "/data"), ({"data": "x"}, "/data")])
def test_what_is_wrong_is_pointed_at(shop, change, pointer):
    problem(send(shop, dict(BODY, **change)), 422, pointer)
    assert not shop.messages()


def test_a_body_that_is_none(shop):
    problem(shop.post("/v1/messages", "{", headers={"Content-Type": "application/json"}), 400)
    problem(shop.post("/v1/messages", [BODY]), 422)
    problem(send(shop, dict(BODY, data={"x": "가" * 30000})), 413, "/data")


def test_the_customer_may_stand_in_an_object(shop):
    assert send(shop, dict(BODY, customer={"id": "C1"})).json["customer"] == "C1"


def test_the_gate_applies(shop):
    shop.customer("C2", "", phone="010-1234-5679")
    shop.customer("C3", "")
    ids = {send(shop, dict(BODY, customer=ref, template=name)).json["id"]: (reason, state)
           for ref, name, reason, state in (
               ("C1", "ad", None, "accepted"), ("C2", "hello", None, "accepted"),
               ("C2", "ad", "no_consent", "dropped"), ("C3", "hello", "no_address", "dropped"))}
    shop.idle()
    assert {one["id"]: (one["reason"], one["state"]) for one in shop.messages()} == ids
    assert sorted(one["customer"] for one in shop.outbox()) == ["C1", "C2"]


def test_an_advertisement_waits_for_the_law_s_hours(shop):
    shop.at("2026-11-23T22:00:00+09:00")
    send(shop, dict(BODY, template="ad"), key="k")
    send(shop)
    shop.wait(lambda: len(shop.messages(state="accepted")) == 1, "the information")
    [waits] = shop.wait(lambda: shop.messages(state="held"), "the advertisement")
    assert (waits["reason"], waits["due"]) == ("law_hours", "2026-11-24T08:00:00+09:00")


def test_calls_are_bounded_and_lose_nothing(shop):
    """A token has 500 calls a second and 1,000 at once; what is 429 may come again with its key."""
    def one(n):
        return n % 1200, send(shop, key=f"k{n % 1200}", tcp=True).status
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        said = list(pool.map(one, range(3600)))
    assert {status for _, status in said} <= {201, 429}
    assert len(shop.messages()) == len({key for key, status in said if status == 201})
