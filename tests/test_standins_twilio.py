"""The stand-in for Twilio: the documented vectors, what it refuses, what it calls a violation."""
import http.client
import http.server
import json
import threading
import urllib.parse

import pytest
from standins.twilio import Twilio, signature
from standins.wire import Request

ACCOUNT = "AC00000000000000000000000000000001"
BASIC = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg=="
BODY = "To=%2B821012345678&From=%2B15005550006&Body=%EC%95%88%EB%85%95%ED%95%98%EC%84%B8%EC%9A%94+test"
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
GOOD = {"To": "+821012345678", "From": "+15005550006", "Body": "안녕"}


@pytest.fixture
def twilio():
    with Twilio() as provider:
        yield provider


def call(provider, method, path, body=None, authorization=BASIC):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=5)
    connection.request(method, path, body, {"Authorization": authorization,
                                            "Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


def send(provider, **form):
    return call(provider, "POST", BASE + "/Messages.json", urllib.parse.urlencode({**GOOD, **form}))


def test_the_documented_request(twilio):
    status, answer = call(twilio, "POST", BASE + "/Messages.json", BODY)
    assert (status, answer["status"], answer["body"]) == (201, "queued", "안녕하세요 test")
    assert answer["to"] == "+821012345678" and answer["error_code"] is None and answer["sid"].startswith("SM")
    status, answer = call(twilio, "GET", f"{BASE}/Messages/{answer['sid']}.json")
    assert (status, answer["status"]) == (200, "delivered")
    assert twilio.accepted[0].key == "+821012345678|안녕하세요 test" and twilio.violations == []


def test_the_documented_signatures():
    call_ = {"CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234", "From": "+12349013030",
             "To": "+18005551212"}
    assert signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", call_.items()) \
        == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    report = {"To": "+821012345678", "MessageStatus": "delivered", "From": "+15005550006", "AccountSid": ACCOUNT,
              "MessageSid": "SM00000000000000000000000000000001", "ApiVersion": "2010-04-01"}
    address = "https://shop.example.kr/hook/twilio?j=7"
    right = signature("0123456789abcdef0123456789abcdef", address, report.items())
    assert right == "HF/maqtmAzPQb6LYpk5sU/vi04o="
    assert signature("0123456789abcdef0123456789abcdef", address[:-1] + "8", report.items()) != right
    assert signature("0123456789abcdef0123456789abcdef", address, {**report, "To": "+82101"}.items()) != right


@pytest.mark.parametrize("authorization, violations", [
    (BASIC.replace("MTow", "MTox"), 0), ("Basic QQ==", 0), ("Bearer x", 1)])
def test_who_is_not_let_in(twilio, authorization, violations):
    status, answer = call(twilio, "POST", BASE + "/Messages.json", BODY, authorization)
    assert (status, answer["code"]) == (401, 20003)
    assert len(twilio.violations) == violations and not twilio.accepted


@pytest.mark.parametrize("form, code, violations", [
    ({"Body": "x" * 1600}, None, 0), ({"Body": "x" * 1601}, 21617, 0), ({"Body": "가" * 1600}, None, 0),
    ({"Body": ""}, 21602, 0), ({"From": "+15005550001"}, 21606, 0), ({"StatusCallback": "x"}, 21609, 0),
    ({"To": "01012345678"}, 20001, 1), ({"To": "+0821"}, 20001, 1), ({"From": "0212345678"}, 20001, 1),
    ({"Text": "x"}, 20001, 1), ({"ValidityPeriod": "0"}, 20001, 1), ({"MessagingServiceSid": "MG1"}, 21606, 0)])
def test_what_a_message_may_hold(twilio, form, code, violations):
    status, answer = send(twilio, **form)
    assert (status, answer.get("code")) == ((201, None) if code is None else (400, code))
    assert len(twilio.violations) == violations and len(twilio.accepted) == (code is None)


def test_stop_and_fields_that_come_twice(twilio):
    twilio.stopped = ("+821012345678",)
    assert send(twilio)[1]["code"] == 21610
    assert call(twilio, "POST", BASE + "/Messages.json", BODY + "&Body=x")[0] == 400 and len(twilio.violations) == 1


def test_the_same_key_twice_is_a_duplicate(twilio):
    for _ in range(2):
        send(twilio, StatusCallback="https://shop.example.kr/v1/receipts/twilio?m=1a2b3c4d-1")
    assert twilio.duplicates() == {"1a2b3c4d-1": 2}


@pytest.mark.parametrize("policy, status, code", [
    ("delivered", "delivered", None), ("pending", "queued", None), (("failed", 30005), "undelivered", 30005)])
def test_what_became_of_it(twilio, policy, status, code):
    twilio.results(policy)
    sid = send(twilio)[1]["sid"]
    shown = call(twilio, "GET", f"{BASE}/Messages/{sid}.json")[1]
    assert (shown["status"], shown["error_code"]) == (status, code)
    assert call(twilio, "GET", f"{BASE}/Messages/SM0.json")[1]["code"] == 20404


def test_the_list_by_number_and_day_in_pages(twilio):
    twilio.clock = lambda: 1795400000  # 2026-11-23
    for at in range(5):
        send(twilio, Body=f"m{at}")
    send(twilio, To="+821099999999")
    where, found = f"{BASE}/Messages.json?To=%2B821012345678&DateSent%3E=2026-11-23&PageSize=2", []
    while where:
        status, answer = call(twilio, "GET", where)
        found += [row["body"] for row in answer["messages"]]
        where = answer["next_page_uri"]
    assert found == ["m4", "m3", "m2", "m1", "m0"]
    for filter_, count in (("DateSent%3E=2026-11-24", 0), ("DateSent%3C=2026-11-22", 0), ("DateSent=2026-11-23", 6),
                           ("From=%2B15005550009", 0)):
        assert len(call(twilio, "GET", f"{BASE}/Messages.json?{filter_}")[1]["messages"]) == count
    assert twilio.violations == []
    call(twilio, "GET", f"{BASE}/Messages.json?DateSent=yesterday&Body=x")
    assert len(twilio.violations) == 2


def test_what_the_account_has(twilio):
    assert call(twilio, "GET", BASE + "/Balance.json")[1]["balance"] == "12.34"
    assert call(twilio, "GET", BASE + "/IncomingPhoneNumbers.json")[1]["incoming_phone_numbers"][0]["phone_number"] \
        == "+15005550006"
    assert call(twilio, "GET", BASE.replace("1", "2") + "/Balance.json")[0] == 404


def test_reports_are_signed_over_the_clients_address(twilio):
    address, got = "https://shop.example.kr/v1/receipts/twilio?m=k1", []
    send(twilio, StatusCallback=address)

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        assert twilio.push_receipts(f"http://127.0.0.1:{server.server_port}/x", repeat=2) == [204, 204]
        server.shutdown()
    headers, body = got[0]
    pairs = urllib.parse.parse_qsl(body)
    assert dict(pairs)["MessageStatus"] == "delivered" and got[1][1] == body
    assert headers["X-Twilio-Signature"] == signature(twilio.token, address, pairs)


def test_faults_in_twilios_own_shape(twilio):
    for name, status, code in (("429", 429, 20429), ("500-before", 500, 20500)):
        twilio.fault(name, times=1, where=twilio.SENDS)
        status_, answer = send(twilio)
        assert (status_, answer["code"]) == (status, code)
    twilio.fault("zero", times=1, where=twilio.SENDS)
    assert send(twilio)[1]["status"] == "failed" and not twilio.accepted


def test_sends_is_true_of_what_sends():
    assert Twilio.SENDS(Request("POST", BASE + "/Messages.json", {}, 0))
    assert not Twilio.SENDS(Request("GET", BASE + "/Messages.json", {}, 0))
    assert not Twilio.SENDS(Request("POST", BASE + "/Messages/SM1.json", {}, 0))
