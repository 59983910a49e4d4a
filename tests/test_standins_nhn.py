"""The stand-in for NHN itself: what its guides allow is taken, what they do not is refused and seen."""
import base64
import http.client
import json
import struct
import time
import urllib.parse

import pytest

from standins.nhn import PROFILE, Nhn
from standins.nhn_shape import korea

SECRET = {"X-Secret-Key": "testSecret01"}
BASES = {"sms": "/sms/v3.0/appKeys", "alimtalk": "/alimtalk/v2.3/appkeys", "brand": "/brand-message/v1.0/appkeys"}
NO_FAILOVER = {"resendParameter": {"isResend": False}}


def jpeg(width=800, height=600, more=0):
    """Whose header says so; nothing is in it."""
    return (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
            + b"\0" * more + b"\xff\xd9")


def call(provider, method, api, path, body=None, headers=None, key="testAppKey01"):
    """The whole answer, and what it says: (header's code, the rest)."""
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=5)
    given = {**SECRET, **(headers or {})}
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        given.setdefault("Content-Type", "application/json;charset=UTF-8")
    connection.request(method, f"{BASES[api]}/{key}{path}", body, given)
    answer = connection.getresponse()
    assert answer.status == 200
    told = json.loads(answer.read())
    head = told.pop("header")
    assert head["isSuccessful"] == (head["resultCode"] == 0)
    connection.close()
    return head["resultCode"], told


def search(provider, api, path, **query):
    return call(provider, "GET", api, path + "?" + urllib.parse.urlencode(query))


def without(given, *names):
    return {name: value for name, value in given.items() if name not in names}


def text(body="안녕하세요", to=("01011112222",), **more):
    return {"body": body, "sendNo": "0212345678", "senderGroupingKey": "g-1", **more,
            "recipientList": [{"recipientNo": number, "recipientGroupingKey": f"k-{number}"} for number in to]}


def alimtalk(content="김하늘님, 주문 A-1", to=("01011112222",), code="T1", **more):
    return {"senderKey": PROFILE, "templateCode": code, "senderGroupingKey": "g-1", "recipientList": [
        {"recipientNo": number, "content": content, "recipientGroupingKey": f"k-{number}", **NO_FAILOVER, **more}
        for number in to]}


def brand(to=("01011112222",), targeting="I", **more):
    return {"senderKey": PROFILE, "chatBubbleType": "TEXT", "content": "(광고) 새 원두", "senderGroupingKey": "g-1", **more,
            "recipientList": [{"recipientNo": number, "recipientGroupingKey": f"k-{number}", "targeting": targeting,
                               **NO_FAILOVER} for number in to]}


@pytest.fixture
def nhn():
    with Nhn() as provider:
        provider.template("T1", "#{이름}님, 주문 #{번호}")
        provider.template("T2", "#{이름}님", status="TSC02")
        provider.template("T3", "안내", extra="문의 02-123-4567", buttons=[("보기", "https://shop.example/#{번호}")])
        yield provider


def refused(provider, code, violations, method, api, path, body=None, headers=None, **more):
    before = len(provider.accepted), len(provider.violations)
    assert call(provider, method, api, path, body, headers, **more)[0] == code
    assert (len(provider.accepted) - before[0], len(provider.violations) - before[1]) == (0, violations)


# ---- who is let in ----

@pytest.mark.parametrize("api, path, body", [("sms", "/sender/sms", text()), ("alimtalk", "/raw-messages", alimtalk()),
                                             ("brand", "/freestyle-messages", brand())])
def test_keys(nhn, api, path, body):
    refused(nhn, -1000, 0, "POST", api, path, body, key="another")
    refused(nhn, -1000 if api == "sms" else -1001, 0, "POST", api, path, body, {"X-Secret-Key": "wrong"})
    refused(nhn, -9998, 1, "POST", api, path + "s", body)
    refused(nhn, -9998, 1, "PUT", api, path, body)
    refused(nhn, -9996, 1, "POST", api, path, body, {"Content-Type": "text/plain"})
    refused(nhn, -9997, 1, "POST", api, path, b"{", {"Content-Type": "application/json"})
    assert call(nhn, "POST", api, path, body)[0] == 0
    assert [nhn.SENDS(one) for one in nhn.requests] == [True, True, False, False, True, True, True]


# ---- text messages ----

def test_sms_is_taken_told_of_and_found(nhn):
    nhn.results(("failed", "3001"), to="01011113333")
    nhn.results("pending", to="01011114444")
    numbers = ["01011112222", "01011113333", "01011114444"]
    code, told = call(nhn, "POST", "sms", "/sender/sms", text(to=numbers))
    data = told["body"]["data"]
    assert code == 0 and data["statusCode"] == "2" and data["senderGroupingKey"] == "g-1" and len(data["requestId"]) == 25
    assert [(row["recipientSeq"], row["recipientNo"], row["resultCode"], row["recipientGroupingKey"])
            for row in data["sendResultList"]] == [(at, one, 0, f"k-{one}") for at, one in enumerate(numbers, 1)]
    assert [(one.key, one.to, one.text, one.kind) for one in nhn.accepted] == [
        (f"k-{one}", one, "안녕하세요", "SMS") for one in numbers]
    _, told = search(nhn, "sms", "/sender/sms", requestId=data["requestId"], pageSize=2, pageNum=1)
    assert told["body"]["totalCount"] == 3 and len(told["body"]["data"]) == 2
    _, told = search(nhn, "sms", "/sender/sms", requestId=data["requestId"])
    assert [(row["msgStatus"], row["resultCode"], row["messageType"]) for row in told["body"]["data"]] == [
        ("3", "1000", "SMS"), ("0", "3001", "SMS"), ("2", None, "SMS")]
    _, told = search(nhn, "sms", f"/sender/sms/{data['requestId']}", recipientSeq=2)
    assert told["body"]["data"]["recipientGroupingKey"] == "k-01011113333"
    now = {"startUpdateDate": korea(time.time() - 60), "endUpdateDate": korea(time.time() + 60)}
    _, told = search(nhn, "sms", "/message-results", **now, messageType="SMS")
    assert [row["resultCode"] for row in told["body"]["data"]] == ["1000", "3001"]
    assert search(nhn, "sms", "/message-results", **now, messageType="MMS")[1]["body"]["totalCount"] == 0
    call(nhn, "POST", "sms", "/sender/sms", text(to=numbers[:1]))
    assert nhn.violations == [] and nhn.duplicates() == {"k-01011112222": 2}


def test_searches_by_date_and_by_our_names(nhn):
    call(nhn, "POST", "sms", "/sender/sms", text())
    call(nhn, "POST", "sms", "/sender/mms", text(title="제목", senderGroupingKey="g-2"))
    now = time.time()
    around = {"startCreateDate": korea(now - 60), "endCreateDate": korea(now + 60)}
    for more, found in (({}, 1), ({"senderGroupingKey": "g-1"}, 1), ({"senderGroupingKey": "g-2"}, 0),
                        ({"recipientGroupingKey": "k-01011112222"}, 1), ({"msgStatus": "0"}, 0)):
        assert search(nhn, "sms", "/sender/sms", **around, **more)[1]["body"]["totalCount"] == found
    _, told = search(nhn, "sms", "/sender/mms", **around)
    [row] = told["body"]["data"]
    assert (row["messageType"], row["title"], row["sendType"]) == ("LMS", "제목", "1")
    before = {"startCreateDate": korea(now - 600), "endCreateDate": korea(now - 60)}
    assert search(nhn, "sms", "/sender/sms", **before)[1]["body"]["totalCount"] == 0
    assert nhn.violations == []
    month = {"startCreateDate": korea(now - 32 * 86400), "endCreateDate": korea(now)}
    for code, query in ((-2011, {}), (-2000, {"startCreateDate": korea(now)}), (-4000, month),
                        (-2000, {**around, "endCreateDate": "2026-11-23 10:00"}), (4, {**around, "pageSize": 1001}),
                        (4, {**around, "pageNum": 0}), (0, {**around, "to": "1"})):
        before = len(nhn.violations)
        assert search(nhn, "sms", "/sender/sms", **query)[0] == code
        assert len(nhn.violations) == before + 1, query


@pytest.mark.parametrize("code, path, body", [
    (-2014, "sms", without(text(), "body")), (-2312, "sms", without(text(), "sendNo")),
    (-2001, "sms", without(text(), "recipientList")), (-2014, "mms", text()),
    (-2015, "sms", text("가" * 256)), (-2015, "mms", text(title="가" * 121)), (4, "sms", text(senderGroupingKey="g" * 101)),
    (-2016, "sms", text(to=[f"010{n:08}" for n in range(1001)])), (-2023, "sms", text("커피 ☕")),
    (4, "sms", text(body=["가"])), (4, "sms", text(useConversion=1)), (4, "mms", text(title="제목", attachFileIdList=["1"])),
    (4, "mms", text(title="제목", attachFileIdList=[1, 2, 3, 4])), (-6003, "ad-sms", text("(광고) 봄맞이")),
    (-6003, "ad-sms", text("봄맞이 무료수신거부 080-123-4567"))])
def test_text_messages_that_no_client_sends(nhn, code, path, body):
    refused(nhn, code, 1, "POST", "sms", "/sender/" + path, body)


@pytest.mark.parametrize("path, body", [
    ("sms", text(messageType="SMS")), ("sms", text("가" * 46)), ("mms", text(title="가" * 21)),
    ("mms", text("가" * 1001, title="제목")), ("sms", text("(광고) 봄맞이 무료거부 0801234567")),
    ("sms", text(templateId="t")), ("sms", text(title="제목"))])
def test_what_nhn_takes_and_a_phone_shows_wrongly_is_seen(nhn, path, body):
    assert call(nhn, "POST", "sms", "/sender/" + path, body)[0] == 0
    assert len(nhn.violations) == 1 and len(nhn.accepted) == 1


@pytest.mark.parametrize("code, number, path", [
    (-2018, {}, "sms"), (-2019, {"recipientNo": "010-1111-2222"}, "sms"), (-2019, {"recipientNo": "821011112222"}, "sms"),
    (-2024, {"internationalRecipientNo": "14155550100"}, "mms"), (0, {"internationalRecipientNo": "14155550100"}, "sms"),
    (0, {"internationalRecipientNo": "821011112222"}, "mms")])
def test_numbers(nhn, code, number, path):
    more = {"title": "제목"} if path == "mms" else {}
    _, told = call(nhn, "POST", "sms", "/sender/" + path, {**text(**more), "recipientList": [number]})
    assert told["body"]["data"]["sendResultList"][0]["resultCode"] == code
    assert (len(nhn.accepted), len(nhn.violations)) == ((1, 0) if code == 0 else (0, 1))


def test_what_the_account_refuses_is_no_fault_of_the_client(nhn):
    nhn.blocked_senders.add("0212345678")
    refused(nhn, -2313, 0, "POST", "sms", "/sender/sms", text())
    refused(nhn, -2312, 0, "POST", "sms", "/sender/sms", text(sendNo="15446859"))
    nhn.blocked_senders.clear()
    refused(nhn, -6004, 0, "POST", "sms", "/sender/ad-sms", text("(광고) 봄 무료거부 0809999999"))
    refused(nhn, -2004, 0, "POST", "sms", "/sender/mms", text(title="제목", attachFileIdList=[7]))
    nhn.whole_code = -2052
    refused(nhn, -2052, 0, "POST", "sms", "/sender/sms", text())
    nhn.whole_code, nhn.number_codes["01011112222"] = None, -2047
    assert call(nhn, "POST", "sms", "/sender/sms", text())[1]["body"]["data"]["sendResultList"][0]["resultCode"] == -2047
    assert nhn.accepted == [] and nhn.violations == []
