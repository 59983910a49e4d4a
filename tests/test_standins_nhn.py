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
    assert (code, data["statusCode"], data["senderGroupingKey"], len(data["requestId"])) == (0, "2", "g-1", 25)
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
    (-2015, "sms", text("가" * 256)), (-2015, "mms", text(title="가" * 121)),
    (4, "sms", text(senderGroupingKey="g" * 101)), (-2016, "sms", text(to=[f"010{n:08}" for n in range(1001)])),
    (-2023, "sms", text("커피 ☕")),
    (4, "sms", text(body=["가"])), (4, "sms", text(useConversion=1)),
    (4, "mms", text(title="제목", attachFileIdList=["1"])), (4, "mms", text(title="제목", attachFileIdList=[1, 2, 3, 4])),
    (-6003, "ad-sms", text("(광고) 봄맞이")),
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
    (-2018, {}, "sms"), (-2019, {"recipientNo": "010-1111-2222"}, "sms"),
    (-2019, {"recipientNo": "821011112222"}, "sms"), (-2024, {"internationalRecipientNo": "14155550100"}, "mms"),
    (0, {"internationalRecipientNo": "14155550100"}, "sms"), (0, {"internationalRecipientNo": "821011112222"}, "mms")])
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
    nhn.whole_code, nhn.poison["01011113333"] = None, 4
    refused(nhn, 4, 0, "POST", "sms", "/sender/sms", text(to=["01011112222", "01011113333"]))
    nhn.number_codes["01011112222"] = -2047
    _, told = call(nhn, "POST", "sms", "/sender/sms", text())
    assert told["body"]["data"]["sendResultList"][0]["resultCode"] == -2047
    assert nhn.accepted == [] and nhn.violations == []


def test_advertisements_and_who_refused(nhn):
    for ending in ("무료수신거부 080-123-4567", "무료거부 0801234567", "[무료 수신 거부]0801234567"):
        assert call(nhn, "POST", "sms", "/sender/ad-sms", text("(광고) 봄\n" + ending))[0] == 0
    assert call(nhn, "POST", "sms", "/sender/ad-mms", text("(광고) 봄 무료거부 0801234567", title="(광고) 봄"))[0] == 0
    assert [one.more["ad"] for one in nhn.accepted] == [True] * 4
    headers, body = nhn.unsubscribed("01011112222")
    assert headers["X-Toast-Webhook-Signature"] == "testSignature01"
    assert json.loads(body)["event"] == "UNSUBSCRIBE" and json.loads(body)["hooks"][0]["recipientNo"] == "01011112222"
    _, told = call(nhn, "POST", "sms", "/sender/ad-sms", text("(광고) 봄 무료거부 0801234567"))
    assert told["body"]["data"]["sendResultList"][0]["resultCode"] == -6001
    assert call(nhn, "POST", "sms", "/blockservice/recipients",
                {"unsubscribeNo": "0801234567", "recipientNoList": ["01033334444"]})[0] == 0
    for query, numbers in (({}, ["01011112222", "01033334444"]), ({"unsubscribeNo": "0809"}, []),
                           ({"recipientNo": "01033334444"}, ["01033334444"]), ({"pageSize": 1}, ["01011112222"])):
        _, told = search(nhn, "sms", "/blockservice/recipients", **query)
        assert [row["recipientNo"] for row in told["body"]["data"]] == numbers
    assert nhn.violations == [] and len(nhn.accepted) == 4


def upload(data, name="picture.jpg"):
    return {"fileName": name, "createUser": "shop", "fileBody": base64.b64encode(data).decode()}


def test_mms_with_an_uploaded_picture(nhn):
    code, told = call(nhn, "POST", "sms", "/attachfile/binaryUpload", upload(jpeg()))
    file = told["body"]["data"]["fileId"]
    assert code == 0
    assert call(nhn, "POST", "sms", "/sender/mms", text(title="제목", attachFileIdList=[file]))[0] == 0
    [one] = nhn.accepted
    assert one.kind == "MMS" and one.more["files"] == [file]
    row = search(nhn, "sms", "/sender/mms", requestId=one.more["request"])[1]["body"]["data"][0]
    assert row["messageType"] == "MMS" and row["attachFileList"][0]["fileId"] == file
    assert nhn.violations == []
    for wrong, body in ((-2003, upload(jpeg(), "picture.png")), (-2002, upload(jpeg(), "p" * 42 + ".jpg")),
                        (-2005, upload(jpeg(more=300 << 10))), (4, upload(jpeg(1001))), (4, upload(b"GIF89a")),
                        (4, {**upload(jpeg()), "fileBody": "=="}), (4, without(upload(jpeg()), "createUser"))):
        refused(nhn, wrong, 1, "POST", "sms", "/attachfile/binaryUpload", body)


def test_senders(nhn):
    nhn.senders.append("15446859")
    nhn.blocked_senders.add("15446859")
    rows = search(nhn, "sms", "/sendNos")[1]["body"]["data"]
    assert [(row["sendNo"], row["useYn"], row["blockYn"]) for row in rows] == [("0212345678", "Y", "N"),
                                                                              ("15446859", "Y", "Y")]
    assert search(nhn, "sms", "/sendNos", blockYn="Y")[1]["body"]["totalCount"] == 1
    for api in ("alimtalk", "brand"):
        assert call(nhn, "GET", api, f"/senders/{PROFILE}")[1]["sender"]["plusFriendId"] == "@단골커피"
        assert call(nhn, "GET", api, f"/senders/{PROFILE[::-1]}")[0] == -2017
    assert nhn.violations == []


# ---- AlimTalk ----

def test_alimtalk_is_the_approved_text(nhn):
    _, told = call(nhn, "POST", "alimtalk", "/raw-messages", alimtalk(to=["01011112222", "01011113333"]))
    message = told["message"]
    assert [(row["resultCode"], row["recipientGroupingKey"]) for row in message["sendResults"]] == [
        (0, "k-01011112222"), (0, "k-01011113333")]
    assert [one.text for one in nhn.accepted] == ["김하늘님, 주문 A-1"] * 2
    refused(nhn, -1031, 0, "POST", "alimtalk", "/raw-messages", alimtalk("김하늘님 주문 A-1"))
    refused(nhn, -3003, 0, "POST", "alimtalk", "/raw-messages", alimtalk(code="T9"))
    refused(nhn, -3005, 0, "POST", "alimtalk", "/raw-messages", alimtalk(code="T2"))
    refused(nhn, -2017, 0, "POST", "alimtalk", "/raw-messages", {**alimtalk(), "senderKey": "0" * 40})
    shown = [{"ordering": 1, "type": "WL", "name": "보기", "linkMo": "https://shop.example/A-1"}]
    extra = "안내\n문의 02-123-4567"
    refused(nhn, -1031, 0, "POST", "alimtalk", "/raw-messages", alimtalk(extra, code="T3"))
    assert call(nhn, "POST", "alimtalk", "/raw-messages", alimtalk(extra, code="T3", buttons=shown))[0] == 0
    parts = {"senderKey": PROFILE, "templateCode": "T1", "recipientList": [
        {"recipientNo": "01011114444", "templateParameter": {"이름": "김하늘", "번호": "A-2"}, **NO_FAILOVER}]}
    assert call(nhn, "POST", "alimtalk", "/messages", parts)[0] == 0
    assert nhn.accepted[-1].text == "김하늘님, 주문 A-2" and nhn.accepted[-1].key == nhn.accepted[-1].provider_id
    assert nhn.violations == []


@pytest.mark.parametrize("code, change, each", [
    (-2001, {"senderKey": ""}, {}), (-2004, {"senderKey": "0" * 39}, {}), (-2000, {"templateCode": "T" * 21}, {}),
    (-4011, {"recipientList": []}, {}), (-2000, {"recipientList": [{}] * 1001}, {}), (-2001, {}, {"content": ""}),
    (-2019, {}, {"content": "가" * 1301}), (-5000, {}, {"recipientNo": "0" * 16}), (-1031, {}, {"recipientNo": "0-1"}),
    (-2018, {}, {"buttons": [{"ordering": 2, "type": "WL", "name": "보기", "linkMo": "https://s.example"}]}),
    (-2018, {}, {"buttons": [{"ordering": 1, "name": "보기"}]}), (-3000, {}, {"buttons": [
        {"ordering": 1, "type": "WL", "name": "보기"}]}), (-3006, {}, {"buttons": [
            {"ordering": 1, "type": "WL", "name": "보기", "linkMo": "shop.example"}]})])
def test_alimtalk_that_no_client_sends(nhn, code, change, each):
    refused(nhn, code, 1, "POST", "alimtalk", "/raw-messages", {**alimtalk(**each), **change})


@pytest.mark.parametrize("failover", [{}, {"resendParameter": {}}, {"resendParameter": {"resendType": "LMS"}}])
def test_failover_that_is_not_switched_off_is_seen(nhn, failover):
    given = alimtalk()
    given["recipientList"] = [{**without(one, "resendParameter"), **failover} for one in given["recipientList"]]
    assert call(nhn, "POST", "alimtalk", "/raw-messages", given)[0] == 0
    assert len(nhn.violations) == 1
    given["recipientList"][0]["resendParameter"] = {"isResend": True}
    refused(nhn, -2502, 1, "POST", "alimtalk", "/raw-messages", given)


def test_a_repeated_name_of_a_request_is_refused_for_ten_minutes():
    now = [1764000000.0]
    with Nhn(clock=lambda: now[0]) as nhn:
        nhn.template("T1", "#{이름}님, 주문 #{번호}")
        name = {"X-NC-API-IDEMPOTENCY-KEY": "b-1"}
        for wait, code in ((0, 0), (1, -1005), (598, -1005), (1, 0)):
            now[0] += wait
            assert call(nhn, "POST", "alimtalk", "/raw-messages", alimtalk(), name)[0] == code
        assert len(nhn.accepted) == 2 and nhn.violations == []


def minutes(before, after):
    now = time.time()
    return korea(now - before * 60, "%Y-%m-%d %H:%M"), korea(now + after * 60, "%Y-%m-%d %H:%M")


@pytest.mark.parametrize("api, path, given, date", [("alimtalk", "/raw-messages", alimtalk, "Create"),
                                                    ("brand", "/freestyle-messages", brand, "Request")])
def test_kakao_searches(nhn, api, path, given, date):
    numbers = ["01011112222", "01011113333", "01011114444", "01011115555"]
    for number, policy in zip(numbers[1:], (("failed", "3018"), "pending", "unconfirmed")):
        nhn.results(policy, to=number)
    name = call(nhn, "POST", api, path, given(to=numbers))[1]["message"]["requestId"]
    _, told = search(nhn, api, "/messages", requestId=name)
    found = told["messageSearchResultResponse"]
    assert found["totalCount"] == 4
    assert [(row["messageStatus"], row["resultCode"]) for row in found["messages"]] == [
        ("COMPLETED", "1000"), ("FAILED", "3018"), ("COMPLETED", None), ("FAILED", "3005")]
    first, last = minutes(5, 10)
    around = {f"start{date}Date": first, f"end{date}Date": last}
    for more, count in (({}, 4), ({"senderGroupingKey": "g-1"}, 4), ({"senderGroupingKey": "g-2"}, 0),
                        ({"recipientGroupingKey": "k-01011113333"}, 1), ({"messageStatus": "FAILED"}, 2)):
        assert search(nhn, api, "/messages", **around, **more)[1]["messageSearchResultResponse"]["totalCount"] == count
    assert call(nhn, "GET", api, f"/messages/{name}/2")[1]["message"]["recipientNo"] == "01011113333"
    assert call(nhn, "GET", api, f"/messages/{name}/9")[0] == -1016
    assert nhn.violations == []
    long = {f"start{date}Date": minutes(32 * 1440, 0)[0], f"end{date}Date": last}
    for code, query in ((-4103, {}), (-2027, {**around, f"end{date}Date": "2026-11-23 10:00:00"}), (-4003, long),
                        (4, {**around, "pageSize": "1001"}), (0, {**around, "statsId": "1"})):
        before = len(nhn.violations)
        assert search(nhn, api, "/messages", **query)[0] == code and len(nhn.violations) == before + 1, query


def test_templates_and_updated_results(nhn):
    assert call(nhn, "GET", "alimtalk", f"/senders/{PROFILE}/templates/T1")[1]["templates"]["status"] == "TSC03"
    assert call(nhn, "GET", "alimtalk", f"/senders/{PROFILE}/templates/T9")[0] == -3003
    listed = search(nhn, "alimtalk", f"/senders/{PROFILE}/templates", templateStatus="TSC02")[1]["templateListResponse"]
    assert [one["templateCode"] for one in listed["templates"]] == ["T2"]
    call(nhn, "POST", "alimtalk", "/raw-messages", alimtalk())
    first, last = minutes(5, 10)
    rows = search(nhn, "alimtalk", "/message-results", startUpdateDate=first, endUpdateDate=last)[1]["messages"]
    assert [row["resultCode"] for row in rows] == ["1000"] and "recipientNo" not in rows[0]
    assert nhn.violations == []


# ---- Brand Messages ----

def png(width=800, height=400):
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def picture(nhn, data, file="picture.jpg", kind="IMAGE"):
    body = (f'--x\r\nContent-Disposition: form-data; name="imageType"\r\n\r\n{kind}\r\n--x\r\nContent-Disposition: '
            f'form-data; name="image"; filename="{file}"\r\n\r\n').encode() + data + b"\r\n--x--\r\n"
    return call(nhn, "POST", "brand", "/images", body, {"Content-Type": "multipart/form-data; boundary=x"})


COUPON = {"title": "10% 할인 쿠폰", "description": "새 원두", "linkMo": "https://shop.example/c"}
LINK = {"type": "WL", "name": "보기", "linkMo": "https://shop.example/"}


def test_brand_messages_are_taken(nhn):
    for data, file in ((jpeg(), "picture.jpg"), (png(), "picture.png")):
        code, told = picture(nhn, data, file)
        image = {"imageUrl": told["image"]["imageUrl"], "imageLink": "https://shop.example/"}
        _, told = call(nhn, "POST", "brand", "/freestyle-messages", brand(
            chatBubbleType="IMAGE", image=image, coupon=COUPON, buttons=[LINK] * 4))
        assert set(told["message"]["sendResults"][0]) == {"recipientSeq", "recipientNo", "resultCode", "resultMessage"}
        assert "senderGroupingKey" not in told["message"]
    assert call(nhn, "POST", "brand", "/freestyle-messages", brand(buttons=[LINK] * 5))[0] == 0
    assert [(one.kind, bool(one.more["coupon"])) for one in nhn.accepted] == [("IMAGE", True)] * 2 + [("TEXT", False)]
    elsewhere = brand(chatBubbleType="IMAGE", image={"imageUrl": "https://shop.example/p.jpg"})
    refused(nhn, -8002, 0, "POST", "brand", "/freestyle-messages", elsewhere)
    refused(nhn, -1031, 0, "POST", "brand", "/freestyle-messages", brand(targeting="M"))
    assert picture(nhn, jpeg(499))[0] == picture(nhn, jpeg(800, 1100))[0] == picture(nhn, jpeg(800, 399))[0] == -8001
    assert nhn.violations == []


@pytest.mark.parametrize("code, change", [
    (-4000, {"chatBubbleType": "WIDE"}), (-2000, {"content": "가" * 1301}), (-2000, {"content": "\n" * 100}),
    (-2001, {"content": ""}), (-2000, {"buttons": [LINK] * 6}), (-2000, {"buttons": [LINK] * 5, "coupon": COUPON}),
    (-2000, {"buttons": [{**LINK, "name": "가" * 15}]}), (-3328, {"buttons": [{**LINK, "type": "AC"}]}),
    (-3000, {"buttons": [without(LINK, "linkMo")]}), (-3319, {"chatBubbleType": "IMAGE"}),
    (-3340, {"unsubscribeNo": "15446859"}),
    (-3212, {"coupon": {**COUPON, "title": "할인 쿠폰"}}), (-3212, {"coupon": {**COUPON, "title": "101% 할인 쿠폰"}}),
    (-3211, {"coupon": {**COUPON, "description": "가" * 13}}), (-3211, {"coupon": {**COUPON, "description": "가\n나"}}),
    (-3213, {"coupon": without(COUPON, "linkMo")}), (-1031, {"recipientList": [
        {"recipientNo": "01011112222", "targeting": "F", **NO_FAILOVER}]})])
def test_brand_messages_that_no_client_sends(nhn, code, change):
    refused(nhn, code, 1, "POST", "brand", "/freestyle-messages", {**brand(), **change})


def test_pictures_that_no_client_uploads(nhn):
    for code, more in ((-8011, {"kind": "PHOTO"}), (-4009, {"file": "picture.png"}), (-4009, {"data": b"GIF89a"})):
        before = len(nhn.violations)
        assert picture(nhn, **{"data": jpeg(), **more})[0] == code and len(nhn.violations) == before + 1
    assert call(nhn, "POST", "brand", "/images", {"image": "x"})[0] == -9993


# ---- faults and receipts ----

@pytest.mark.parametrize("api, path, given, code", [
    ("sms", "/sender/sms", text, 0), ("alimtalk", "/raw-messages", alimtalk, -1031),
    ("brand", "/freestyle-messages", brand, -1031)])
def test_zero_takes_nobody(nhn, api, path, given, code):
    nhn.fault("zero", times=1, where=nhn.SENDS)
    assert search(nhn, "sms", "/sendNos")[0] == 0 and nhn.faults
    got, told = call(nhn, "POST", api, path, given(to=["01011112222", "01011113333"]))
    rows = told["body"]["data"]["sendResultList"] if api == "sms" else told["message"]["sendResults"]
    assert got == code and len(rows) == 2 and all(row["resultCode"] for row in rows) and not nhn.accepted
    assert call(nhn, "POST", api, path, given())[0] == 0


def test_receipts_come_in_two_envelopes(nhn):
    nhn.results(("failed", "3018"), to="01011113333")
    nhn.results("pending", to="01011114444")
    numbers = ["01011112222", "01011113333", "01011114444"]
    for api, path, given in (("sms", "/sender/sms", text), ("alimtalk", "/raw-messages", alimtalk),
                             ("brand", "/freestyle-messages", brand)):
        call(nhn, "POST", api, path, given(to=numbers))
    posts = nhn.receipts(nhn.accepted)
    assert [headers["X-Toast-Webhook-Signature"] for headers, _ in posts] == ["testSignature01"] * 2
    sms, kakao = (json.loads(body) for _, body in posts)
    assert sms["productName"] == "SMS" and kakao["productName"] == "KakaoTalk Bizmessage"
    assert sms["event"] == kakao["event"] == "MESSAGE_RESULT_UPDATE"
    assert [(one["messageStatus"], one["resultCode"], one["recipientGroupingKey"]) for one in sms["hooks"]] == [
        ("COMPLETED", "1000", "k-01011112222"), ("FAILED", "3018", "k-01011113333")]
    assert [(one["kakaoMessageType"], one["resultCode"], one["isAddedChannel"]) for one in kakao["hooks"]] == [
        ("ALIMTALK_NORMAL", "1000", None), ("ALIMTALK_NORMAL", "3018", None),
        ("BRAND_MESSAGE_NORMAL", "1000", True), ("BRAND_MESSAGE_NORMAL", "3018", True)]
    assert nhn.receipts([]) == []
