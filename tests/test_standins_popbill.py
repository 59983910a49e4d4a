"""The stand-in for Popbill: the documented vectors, what it refuses, what it calls a violation."""
import calendar
import http.client
import json

import pytest
from standins.popbill import Popbill
from standins.wire import Request

BODY = b'{"access_id":"1234567890","scope":["member","150","151","152"]}'
DATE = "2026-11-23T01:02:03Z"
AT = calendar.timegm((2026, 11, 23, 1, 2, 3))
ALONE = "LINKHUB TESTLINK Lk3HF3AJhuNskn9nMJJnSnj58zPdNwkDU0Jp6qSI7Uc="
FORWARDED = "LINKHUB TESTLINK WTPJI3joNcbONCvbIzvwy7wW3gUkSj5E6+F2cDT2M48="


@pytest.fixture
def popbill():
    with Popbill(clock=lambda: AT) as provider:
        yield provider


def call(provider, method, path, body=b"", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=5)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


def log_in(provider, authorization=ALONE, date=DATE, body=BODY, **more):
    return call(provider, "POST", "/POPBILL_TEST/Token", body, x_lh_date=date, x_lh_version="2.0",
                authorization=authorization, **more)


def bearer(provider, scope="150"):
    provider.tokens["T"] = ({"member", scope}, AT + 60)
    return {"authorization": "Bearer T", "x_pb_version": "1.0", "content_type": "application/json"}


def text(**more):
    row = {"rcv": "01012345678", "msg": "안녕", "interOPRefKey": "1a2b3c4d-1", "snd": "0212345678", **more.pop("row", {})}
    return {"snd": "0212345678", "requestnum": "1a2b3c4d-b1", "msgs": [row], **more}


def send(provider, body, path="/SMS", scope="150"):
    return call(provider, "POST", path, json.dumps(body), **bearer(provider, scope))


def test_the_documented_signatures(popbill):
    for more, authorization in (({}, ALONE), ({"x_lh_forwarded": "*"}, FORWARDED)):
        status, answer = log_in(popbill, authorization, **more)
        assert status == 200 and answer["session_token"] in popbill.tokens
        assert answer["expiration"] == "2026-11-23T01:32:03.000Z"
    assert popbill.violations == []


@pytest.mark.parametrize("authorization, more", [
    (FORWARDED, {}), (ALONE, {"x_lh_forwarded": "*"}), (ALONE[:-2] + "8=", {}), (ALONE.replace("TESTLINK", "LINK"), {}),
    (ALONE, {"body": BODY.replace(b",", b", ")}), (ALONE, {"date": "2026-11-23T01:02:04Z"})])
def test_a_signature_over_something_else(popbill, authorization, more):
    status, answer = log_in(popbill, authorization, **more)
    assert status == 400 and answer["code"] < 0 and not popbill.tokens and popbill.violations == []


@pytest.mark.parametrize("seconds, status", [(-900, 200), (900, 200), (-901, 400), (901, 400)])
def test_a_date_of_a_quarter_of_an_hour(popbill, seconds, status):
    popbill.clock = lambda: AT - seconds
    assert log_in(popbill)[0] == status


def test_a_token_and_its_end(popbill):
    token = log_in(popbill)[1]["session_token"]
    headers = {"authorization": "Bearer " + token, "x_pb_version": "1.0"}
    assert call(popbill, "GET", "/Message/SenderNumber", **headers)[1][0]["number"] == "0212345678"
    assert call(popbill, "GET", "/POPBILL_TEST/Point", authorization="Bearer " + token)[1] == {"remainPoint": 99999.0}
    popbill.clock = lambda: AT + 1801
    assert call(popbill, "GET", "/Message/Denied", **headers)[0] == 401
    popbill.clock = lambda: AT
    popbill.expire()
    assert call(popbill, "GET", "/Message/Denied", **headers)[0] == 401
    assert popbill.violations == []


def test_sent_once_and_found_by_both_names(popbill):
    status, answer = send(popbill, text())
    assert status == 200 and len(answer["receiptNum"]) == 18
    assert send(popbill, text())[0] == 400  # the name was used
    for path in (answer["receiptNum"], "Get/1a2b3c4d-b1"):
        status, [row] = call(popbill, "GET", "/Message/" + path, **bearer(popbill))
        assert (row["state"], row["result"], row["interOPRefKey"]) == (3, 100, "1a2b3c4d-1")
    assert call(popbill, "GET", "/Message/Get/other", **bearer(popbill))[0] == 400
    assert popbill.duplicates() == {} and popbill.violations == []


@pytest.mark.parametrize("policy, state, result", [
    ("pending", 2, None), ("unconfirmed", 2, None), (("failed", 201), 3, 201), ("delivered", 3, 100)])
def test_what_became_of_it(popbill, policy, state, result):
    popbill.results(policy)
    send(popbill, text())
    row = call(popbill, "GET", "/Message/Get/1a2b3c4d-b1", **bearer(popbill))[1][0]
    assert (row["state"], row["result"]) == (state, result)


@pytest.mark.parametrize("kind, content, kept", [
    ("SMS", "가" * 45, "SMS"), ("SMS", "가" * 45 + "a", None), ("XMS", "가" * 45 + "a", "LMS"), ("XMS", "가", "SMS"),
    ("LMS", "가" * 1000, "LMS"), ("LMS", "가" * 1000 + "a", None), ("SMS", "뷁", "SMS"), ("SMS", "–", None)])
def test_sizes_in_cp949(popbill, kind, content, kept):
    send(popbill, text(row={"msg": content}), "/" + kind)
    assert [one.kind for one in popbill.accepted] == ([kept] if kept else [])
    assert len(popbill.violations) == (0 if kept else 1)


@pytest.mark.parametrize("more, path", [
    ({"altSendType": "C"}, "/SMS"), ({"requestnum": "a" * 37}, "/SMS"), ({"requestnum": "a.b"}, "/SMS"),
    ({"adsYN": "true"}, "/SMS"), ({"sndDT": "2026-11-23"}, "/SMS"), ({"msgs": []}, "/SMS"),
    ({"row": {"to": "x"}}, "/SMS"), ({"row": {"rcv": "+821012345678"}}, "/SMS"), ({"row": {"sjt": "제목"}}, "/SMS"),
    ({"row": {"msg": ""}}, "/SMS"), ({"row": {"sjt": "가" * 21}}, "/LMS"), ({"subject": 7}, "/LMS")])
def test_what_no_client_may_send(popbill, more, path):
    assert send(popbill, text(**more), path)[0] == 400
    assert popbill.violations and not popbill.accepted


def test_what_the_account_refuses(popbill):
    assert "발신번호" in send(popbill, text(row={"snd": "0299999999"}))[1]["message"]
    popbill.points = 8.0
    assert "포인트" in send(popbill, text())[1]["message"]
    popbill.points = 9.0
    assert send(popbill, text())[0] == 200 and popbill.points == 0
    assert popbill.violations == []


def form(body, name="form", picture=b"\xff\xd8\xff\xd9"):
    return (f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{json.dumps(body)}\r\n'
            '--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n').encode() \
        + picture + b"\r\n--B--\r\n"


@pytest.mark.parametrize("body, status", [
    (form(text(requestnum=None)), 400),
    (form({key: value for key, value in text(requestNum="b1", adsYN=True).items() if key != "requestnum"}), 200),
    (form({}, name="json"), 400), (form({}, picture=b"GIF89a"), 400)])
def test_a_picture_goes_in_a_form(popbill, body, status):
    headers = dict(bearer(popbill), content_type="multipart/form-data; boundary=B")
    assert call(popbill, "POST", "/MMS", body, **headers)[0] == status
    assert bool(popbill.violations) == (status == 400)
    if status == 200:
        assert popbill.accepted[0].kind == "MMS" and popbill.accepted[0].more["ad"] and popbill.names["b1"]


def notice(**more):
    return {"templateCode": "t1", "snd": "0212345678", "requestnum": "k1",
            "msgs": [{"rcv": "01012345678", "msg": "하늘님 결제", "interOPRefKey": "k-1"}], **more}


def test_alimtalk_must_be_as_approved(popbill):
    popbill.templates["t1"] = "#{이름}님 결제"
    assert send(popbill, notice(msgs=[{"rcv": "01012345678", "msg": "하늘님 결제!"}]), "/ATS", "153")[0] == 400
    assert send(popbill, notice(templateCode="t2"), "/ATS", "153")[0] == 400
    assert send(popbill, notice(altSendType=""), "/ATS", "153")[0] == 200
    status, answer = call(popbill, "GET", "/KakaoTalk/Get/k1", **bearer(popbill, "153"))
    assert status == 200 and answer["msgs"][0]["interOPRefKey"] == "k-1" and popbill.violations == []
    assert send(popbill, notice(altSendType="C"), "/ATS", "153")[0] == 400
    assert send(popbill, notice(), "/ATS", "150")[0] == 401
    assert len(popbill.violations) == 2


def test_sends_is_true_of_what_sends():
    told = {path: Popbill.SENDS(Request("POST", path, {}, 0)) for path in ("/SMS", "/MMS", "/ATS", "/POPBILL/Token")}
    assert told == {"/SMS": True, "/MMS": True, "/ATS": True, "/POPBILL/Token": False}
    assert not Popbill.SENDS(Request("GET", "/SMS", {}, 0))
