"""Customers: shapes, identity, what a rule can ask of them."""
import pytest
from shop import open_shop
from test_door import problem


@pytest.fixture(scope="module")
def shop():
    with open_shop(rules='fields { customer.points number  customer.개업일 date }\n',
                   templates={}) as one:
        yield one


def test_put_get_patch_delete(shop):
    body = {"name": "김하늘", "phone": "010-1234-5678", "email": "H@Example.com", "birthday": "19900505",
            "birthday_calendar": "lunar", "gender": "f", "city": "서울", "grade": "GOLD", "language": "ko",
            "friend": True, "joined": "2026-01-02T10:00:00+09:00", "tags": ["VIP"], "attributes": {"points": 10}}
    made = shop.put("/v1/customers/C1", body)
    assert made.status == 201
    assert shop.put("/v1/customers/C1", body).status == 200
    got = shop.ok("GET", "/v1/customers/C1")
    assert got["phone"] == "+821012345678" and got["birthday"] == "1990-05-05"
    assert got["birthday_calendar"] == "lunar" and got["birthday_leap_month"] is False
    assert got["tags"] == ["VIP"] and got["attributes"] == {"points": 10} and got["friend"] is True
    assert got["joined"] == "2026-01-02T10:00:00+09:00" and got["email"].lower() == "h@example.com"
    assert got["orders"] == {"count": 0, "total": 0, "last": None, "first": None}
    patched = shop.call("PATCH", "/v1/customers/C1", {"tags": ["VIP", "단골"], "city": None, "attributes": {"a": "b"}})
    assert patched.status == 200
    got = patched.json
    assert set(got["tags"]) == {"VIP", "단골"} and not got.get("city") and got["name"] == "김하늘"
    assert got["attributes"] == {"points": 10, "a": "b"}
    assert shop.call("DELETE", "/v1/customers/C1").status in (200, 204)
    problem(shop.get("/v1/customers/C1"), 404)
    assert shop.put("/v1/customers/C1", {"name": "다른이"}).status == 201
    assert not shop.ok("GET", "/v1/customers/C1").get("phone")


def test_put_replaces_the_profile_but_never_consents(shop):
    shop.customer("R1", "sms data", phone="01055556666", email="r@example.com")
    shop.ok("PUT", "/v1/customers/R1", {"name": "새이름"})
    got = shop.ok("GET", "/v1/customers/R1")
    assert got["name"] == "새이름" and not got.get("phone") and got["consents"]["sms"]["ad"] is True


@pytest.mark.parametrize("field, value", [
    ("birthday", "1990-13-40"), ("birthday", "tomorrow"), ("phone", "not a phone"), ("email", "no at sign"),
    ("gender", "x"), ("friend", "perhaps"), ("joined", "soon"), ("tags", "VIP"), ("attributes", [])])
def test_put_with_a_wrong_field_changes_nothing(shop, field, value):
    shop.ok("PUT", "/v1/customers/W1", {"name": "그대로"})
    body = problem(shop.put("/v1/customers/W1", {"name": "바뀜", field: value}), 422)
    assert body["pointer"].startswith("/" + field), body
    assert shop.ok("GET", "/v1/customers/W1")["name"] == "그대로"


@pytest.mark.parametrize("spelling", ["010-1234-9999", "01012349999", "+82 10 1234 9999", "+821012349999",
                                      "010.1234.9999", "010 1234 9999", "82-10-1234-9999"])
def test_phones_in_any_spelling(shop, spelling):
    shop.ok("PUT", "/v1/customers/P1", {"phone": spelling})
    assert shop.ok("GET", "/v1/customers/P1")["phone"] == "+821012349999"


@pytest.mark.parametrize("spelling, kept", [("1990-05-05", "1990-05-05"), ("19900505", "1990-05-05"),
                                            ("05-05", "--05-05"), ("--05-05", "--05-05"), ("0000-05-05", "--05-05"),
                                            ("--02-29", "--02-29")])
def test_birthdays_in_any_spelling(shop, spelling, kept):
    shop.ok("PUT", "/v1/customers/B1", {"birthday": spelling})
    assert shop.ok("GET", "/v1/customers/B1")["birthday"] == kept


def test_identity_by_id_phone_and_email(shop):
    shop.event("visit", {"id": "ID1", "phone": "01077770001", "email": "id1@example.com"}, id="i1")
    shop.event("order.paid", {"phone": "010-7777-0001"}, id="i2", order="ID-1", total=100)
    shop.event("order.paid", {"email": "id1@example.com"}, id="i3", order="ID-2", total=200)
    assert shop.ok("GET", "/v1/customers/ID1")["orders"]["total"] == 300
    shop.event("visit", {"id": "ID2", "phone": "01077770001"}, id="i4")
    assert shop.ok("GET", "/v1/customers/ID2")["phone"] == shop.ok("GET", "/v1/customers/ID1")["phone"]


def test_masked_and_null_fields_do_not_overwrite(shop):
    shop.event("visit", {"id": "M1", "name": "홍길동", "phone": "01088880001"}, id="m1")
    shop.event("visit", {"id": "M1", "name": "홍*동", "phone": "010-****-0001", "email": None}, id="m2")
    got = shop.ok("GET", "/v1/customers/M1")
    assert got["name"] == "홍길동" and got["phone"] == "+821088880001"


def test_orders_count_and_refunds_take_back(shop):
    def order(kind, ref, **data):
        shop.event(kind, {"id": "O1"}, id=f"{kind}-{ref}-{len(data)}", order=ref, **data)
        return shop.ok("GET", "/v1/customers/O1")["orders"]
    assert order("order.placed", "1", total=1000)["count"] == 0
    assert order("order.paid", "1", total=1000)["total"] == 1000
    assert order("order.paid", "2", total=500)["count"] == 2
    got = order("order.refunded", "2", amount=200)
    assert (got["count"], got["total"]) == (2, 1300)
    got = order("order.cancelled", "1")
    assert (got["count"], got["total"]) == (1, 300)
    got = order("order.refunded", "2")
    assert (got["count"], got["total"]) == (0, 0) and got["last"] is None


def test_put_order_and_product_trigger_nothing(shop):
    shop.ok("PUT", "/v1/customers/H1", {"name": "김하늘"})
    shop.ok("PUT", "/v1/orders/H-1", {"customer": "H1", "total": 7000, "time": "2026-01-02T10:00:00+09:00"})
    shop.ok("PUT", "/v1/products/B-ETH", {"name": "예가체프", "category": "원두", "price": 18000, "stock": 9})
    orders = shop.ok("GET", "/v1/customers/H1")["orders"]
    assert (orders["count"], orders["total"], orders["last"]) == (1, 7000, "2026-01-02T10:00:00+09:00")


def test_consents_over_http(shop):
    shop.ok("PUT", "/v1/customers/K1", {"name": "김하늘"})
    answer = shop.post("/v1/customers/K1/consents", {"channel": "sms", "purpose": "ad", "given": True,
                                                     "source": "counter", "time": "2026-11-20T10:00:00+09:00"})
    assert answer.status in (200, 201), answer
    consents = shop.ok("GET", "/v1/customers/K1")["consents"]
    assert consents["sms"] == {"ad": True, "night": False}
    for body, pointer in (({"channel": "fax", "purpose": "ad", "given": True}, "/channel"),
                          ({"channel": "sms", "purpose": "spam", "given": True}, "/purpose"),
                          ({"channel": "sms", "purpose": "ad", "given": "yes"}, "/given"),
                          ({"channel": "sms", "purpose": "ad"}, "/given")):
        problem(shop.post("/v1/customers/K1/consents", body), 422, pointer)
    problem(shop.post("/v1/customers/nobody/consents", {"channel": "sms", "purpose": "ad", "given": True}), 404)


def test_ctl_customer_verbs(shop):
    shop.customer("CTL", "sms", phone="01066660001", name="컨트롤")
    shown = shop.ctl("customer", "show", "CTL", "--json")
    assert shown.code == 0 and shown.json["id"] == "CTL" and shown.json["name"] == "컨트롤"
    assert shop.ctl("consent", "withdraw", "CTL", "sms").code == 0
    assert shop.ok("GET", "/v1/customers/CTL")["consents"]["sms"]["ad"] is False
    assert shop.ctl("consent", "give", "CTL", "sms").code == 0
    assert shop.ctl("consent", "show", "CTL").code == 0
    assert shop.ctl("event", "order.paid", "CTL", "order=CTL-1", "total=1500").code == 0
    assert shop.ok("GET", "/v1/customers/CTL")["orders"]["total"] == 1500
    forgot = shop.ctl("customer", "forget", "CTL")
    assert forgot.code == 0, forgot
    assert shop.get("/v1/customers/CTL").status == 404
    assert shop.ctl("customer", "show", "CTL").code == 1
    assert shop.ctl("no-such-verb").code == 2
