"""CloudEvents in binary mode: attributes in headers, percent-decoded once, the body as data."""
import pytest

CE = {"ce-specversion": "1.0", "ce-id": "b1", "ce-source": "/pos/1", "ce-type": "order.paid",
      "ce-time": "2026-11-23T09:15:18+09:00", "Content-Type": "application/json"}
SALE = {"customer": {"phone": "01012345678", "name": "김민지"}, "order": "7", "total": 38500}


@pytest.fixture
def shop(make_shop):
    return make_shop()


def post(shop, body=SALE, drop=(), **more):
    headers = {**CE, **{f"ce-{key}": value for key, value in more.items()}}
    return shop.call("POST", "/v1/events", body, headers={k: v for k, v in headers.items() if k not in drop})


def last(shop, **more):
    answer = post(shop, **more)
    assert answer.status == 202 and answer.json["accepted"] == 1, answer
    return answer


def test_one_sale_once_by_source_and_id(shop):
    last(shop)
    assert post(shop).json["duplicate"] == 1
    last(shop, source="/pos/2", body={**SALE, "order": "8"})
    [who] = shop.ok("GET", "/v1/customers")["customers"]
    assert who["name"] == "김민지" and who["orders"]["count"] == 2


@pytest.mark.parametrize("drop", ["ce-specversion", "ce-id", "ce-source", "ce-type"])
def test_what_it_must_bear(shop, drop):
    [error] = post(shop, drop=(drop,)).json["rejected"]
    assert error["pointer"] == "/" + drop[3:]


@pytest.mark.parametrize("attribute, value, pointer", [
    ("specversion", "0.3", "/specversion"), ("specversion", "", "/specversion"), ("specversion", "1.0.1", "/specversion"),
    ("id", "", "/id"), ("time", "yesterday", "/time"), ("id", "%FF", "/id"), ("id", "a%00b", "/id"), ("source", "%ED%A0%80", "/source")])
def test_what_is_refused(shop, attribute, value, pointer):
    [error] = post(shop, **{attribute: value}).json["rejected"]
    assert error["pointer"] == pointer


@pytest.mark.parametrize("value, id", [
    ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"), ("%e2%82%ac", "€"), ("%EA%B9%80", "김"), ("%2525", "%25"),
    ("100%", "100%"), ("%zz", "%zz"), ("%4", "%4"), ('"quoted"', "quoted"), ('"a \\"b\\" %25"', 'a "b" %'), ("a b", "a b")])
def test_values_are_decoded_once(shop, value, id):
    last(shop, id=value)
    said = {"specversion": "1.0", "id": id, "source": "/pos/1", "type": "order.paid", "data": SALE}
    again = shop.call("POST", "/v1/events", said, headers={"Content-Type": "application/cloudevents+json"})
    assert again.json["duplicate"] == 1, "the same event, told in structured mode"


def test_data_is_an_object_or_nothing(shop):
    for body in (b"[]", b"7", b'"x"'):
        assert post(shop, body=body).json["rejected"][0]["pointer"] == "/data", body
    assert post(shop, body=b"{").status == 400 and post(shop, body=b"\xff").status == 400
    answer = post(shop, body=b"", type="visit", id="v", customer="C1")
    assert answer.status == 202 and answer.json["accepted"] == 1, answer
    assert shop.ok("GET", "/v1/customers/C1")["id"] == "C1"


def test_a_history_triggers_nothing(make_shop):
    shop = make_shop(rules='rule paid { when order.paid  purpose info  send sms "p" }\n', templates={"p.sms": "고맙습니다"})
    last(shop, history="true")
    shop.idle()
    assert shop.messages() == []
    last(shop, id="b2", body={**SALE, "order": "9"})
    shop.idle()
    assert len(shop.messages()) == 1


def test_structured_mode_is_not_told_by_headers(shop):
    said = {"specversion": "1.0", "id": "s1", "source": "/web", "type": "visit", "data": {"customer": {"id": "C1"}}}
    answer = shop.call("POST", "/v1/events", said, headers={**CE, "Content-Type": "application/cloudevents+json; charset=utf-8"})
    assert answer.json["accepted"] == 1 and shop.ok("GET", "/v1/customers/C1")
