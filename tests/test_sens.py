"""Provider sens against a desk that checks signatures and keeps what it was given."""
import base64
import hashlib
import hmac
import json
import time
import urllib.parse

import pytest
from desk import open_desk
from shop import run_program

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'
SERVICE = "ncp:sms:kr:123456789012:shop"


class Sens:
    def __init__(self):
        self.requests = {}  # by requestId
        self.lose = 0       # answers to sendings that do not come
        self.status = ("COMPLETED", "success", "0")
        self.unsubscribes = []

    def signed(self, method, path, headers):
        stamp = headers.get("x-ncp-apigw-timestamp", "0")
        words = f"{method} {path}\n{stamp}\naccess"
        mac = base64.b64encode(hmac.new(b"hidden", words.encode(), hashlib.sha256).digest()).decode()
        return (mac == headers.get("x-ncp-apigw-signature-v2") and headers.get("x-ncp-iam-access-key") == "access"
                and abs(time.time() * 1000 - int(stamp)) < 300000)

    def answer(self, method, path, headers, body):
        where = urllib.parse.urlsplit(path)
        if not self.signed(method, path, headers):
            return 401, {"error": {"errorCode": "200", "message": "Authentication Failed"}}
        if where.path == f"/sms/v2/services/{SERVICE}/unsubscribes":
            return 200, [{"clientTelNo": number, "registerType": "C"} for number in self.unsubscribes]
        if where.path != f"/sms/v2/services/{SERVICE}/messages":
            return 404, {"error": {"errorCode": "300"}}
        if method == "POST":
            return self.send(json.loads(body))
        return self.list(dict(urllib.parse.parse_qsl(where.query)))

    def send(self, request):
        name = f"R-{len(self.requests) + 1}"
        self.requests[name] = request
        if self.lose:
            self.lose -= 1
            return None
        return 202, {"requestId": name, "statusCode": "202", "statusName": "success"}

    def list(self, query):
        status, name, code = self.status
        rows = [{"requestId": request, "messageId": f"{request}-{one['to']}", "to": one["to"], "from": sent["from"],
                 "content": one["content"], "status": status, "statusName": name, "statusCode": code}
                for request, sent in self.requests.items() for one in sent["messages"]
                if query.get("requestId", request) == request and query.get("to", one["to"]) == one["to"]]
        return (200, {"messages": rows}) if rows else (404, None)


@pytest.fixture
def sens():
    with open_desk(None) as desk:
        account = Sens()
        desk.answer = account.answer
        account.desk = desk
        yield account


def shop_of(make_shop, sens, secret="hidden", **more):
    keys = (f'provider sens  key credential "k"  secret credential "s"  service "{SERVICE}"  sender "02-1234-5678"  '
            f'refuse "080-123-4567"  url "{sens.desk.url}"')
    return make_shop(rules=RULE, templates={"p.sms": "결제 #{event.order}"}, rate=60, channels={"sms": keys},
                     credentials={"k": "access", "s": secret}, **more)


def pay(shop, n=1):
    for i in range(n):
        shop.event("order.paid", {"id": f"C{i}", "name": "김하늘", "phone": f"0101234567{i}"}, id=f"e{i}",
                   order=f"A-{i}", total=1000)


def texts(sens):
    return sorted(one["content"] for request in sens.requests.values() for one in request["messages"])


def test_delivered_when_sens_says_so(make_shop, sens):
    shop = shop_of(make_shop, sens)
    pay(shop, 3)
    shop.wait(lambda: [m["state"] for m in shop.messages()] == ["delivered"] * 3, "three receipts")
    assert texts(sens) == ["결제 A-0", "결제 A-1", "결제 A-2"]
    assert all(request["contentType"] == "COMM" and request["from"] == "0212345678"
               for request in sens.requests.values())


def test_a_lost_answer_is_looked_up_and_nothing_sent_twice(make_shop, sens):
    sens.lose = 1
    shop = shop_of(make_shop, sens)
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == "R-1-01012345670"
    assert texts(sens) == ["결제 A-0"]


def test_a_failure_carries_the_carriers_code(make_shop, sens):
    sens.status = ("COMPLETED", "fail", "3001")
    shop = shop_of(make_shop, sens)
    pay(shop)
    message = shop.message_in("failed", customer="C0")
    assert "3001" in json.dumps(shop.ok("GET", "/v1/messages/" + message["id"]))


def test_a_wrong_secret_pauses_the_channel(make_shop, sens):
    shop = shop_of(make_shop, sens, secret="wrong")
    pay(shop)
    shop.wait(lambda: "the signature is not accepted" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not sens.requests


def test_who_refused_by_080_is_taken_over(make_shop, sens):
    sens.unsubscribes = ["010-1234-5670"]
    shop = shop_of(make_shop, sens)
    shop.customer("C0", phone="01012345670")
    shop.wait(lambda: sens.desk.asked("/unsubscribes"), "the list of refusals")
    shop.wait(lambda: "+821012345670" in json.dumps(shop.ok("GET", "/v1/suppressions")), "the number among them")


def test_check_online(make_shop, sens):
    ran = run_program("dangolctl", "check", "--online", cwd=shop_of(make_shop, sens).root)
    assert ran.code == 0 and "SENS accepts keys and service" in ran.out, ran
