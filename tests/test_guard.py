"""Hardening: what each token lets do, how often one may ask, what the process leaves behind."""
import pytest

from shop import open_shop

TILL = "till-token-for-tests"
RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
POST_TOKEN = {"listen": 'post-token credential "till"', "credentials": {"till": TILL}}


@pytest.fixture
def shop():
    with open_shop(rules=RULE, templates={"r.sms": "고맙습니다"}, tcp=True, **POST_TOKEN) as one:
        yield one


def test_a_till_posts_events_and_reads_nobody(shop):
    event = {"type": "order.paid", "customer": {"id": "C1", "phone": "010-1234-5678"}, "data": {"order": "1", "total": 1}}
    assert shop.post("/v1/events", event, tcp=True, token=TILL).status == 202
    for method, path in (("GET", "/v1/customers/C1"), ("GET", "/v1/customers"), ("GET", "/v1/messages"),
                         ("GET", "/v1/audit"), ("GET", "/v1/status"), ("GET", "/metrics"), ("POST", "/v1/reload"),
                         ("PUT", "/v1/customers/C1"), ("DELETE", "/v1/customers/C1"), ("POST", "/v1/preview"),
                         ("POST", "/v1/backups"), ("POST", "/v1/imports/customers")):
        answer = shop.call(method, path, {} if method in ("POST", "PUT") else None, tcp=True, token=TILL)
        assert answer.status == 403 and "may only post" in answer.json["detail"], (path, answer)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert shop.get("/v1/nothing", tcp=True, token=TILL).status == 404
    assert shop.get("/v1/customers/C1", tcp=True).status == 200


def test_a_till_redeems_coupons():
    rule = 'coupon c { discount 10%  valid 3 days }\nrule gift { when visit  purpose ad  give coupon c  send sms "g" }\n'
    with open_shop(rules=rule, templates={"g.sms": "#{coupon.code}"}, tcp=True, **POST_TOKEN) as shop:
        shop.customer("C1", phone="010-1234-5678")
        shop.event("visit", "C1")
        code = shop.one_message(customer="C1")["coupon"]
        shop.idle()
        assert shop.get(f"/v1/coupons/{code}", tcp=True, token=TILL).status == 200
        assert shop.post(f"/v1/coupons/{code}/redeem", {}, tcp=True, token=TILL).status == 200
        assert shop.post(f"/v1/coupons/{code}/restore", {}, tcp=True, token=TILL).status == 403
        rows = shop.ok("GET", "/v1/audit?who=post-token")["audit"]
        assert {row["what"] for row in rows} == {"coupon.read", "coupon.redeem"}, rows


def test_the_same_text_for_both_tokens_is_a_mistake():
    with open_shop(tcp=True, start=False, listen=POST_TOKEN["listen"], credentials={"till": "t0ken-for-tests"}) as shop:
        shop.start(wait_ready=False)
        assert shop.process.wait(20) == 1
        assert "the same text as the token" in shop.log()
        shop.process = None


def test_a_post_token_without_http_is_a_mistake(tmp_path):
    with open_shop(start=False, **POST_TOKEN) as shop:
        shop.start(wait_ready=False)
        assert shop.process.wait(20) == 1
        assert "'post-token' is for callers over 'http'" in shop.log()
        shop.process = None
