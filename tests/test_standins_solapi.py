"""The stand-in for SOLAPI: what it lets in, what it takes, what it tells. Vectors are those of SOLAPI's documents."""
import base64
import datetime
import hashlib
import hmac
import http.client
import itertools
import json
import time
import urllib.parse

import pytest

from standins.solapi import Solapi

SALTS = itertools.count(1)
VECTOR = ("HMAC-SHA256 apiKey=NCSTESTKEY000001, date=2026-11-23T01:02:03{}, salt=0123456789abcdef0123456789abcdef, "
          "signature={}")
SIGNATURE = "a0c5c448b677421ed56042a259b6d91b602362d091ae68883d756c7772a68bea"
SHORT = "15884ffef09bc05fadb80b5f39c15745ff197c5fe3c68207726ebc1777f10b70"
THEN = datetime.datetime.fromisoformat("2026-11-23T01:02:03Z").timestamp()
SMS = {"to": "01012345678", "from": "0212345678", "text": "안녕", "type": "SMS"}
JPEG = b"\xff\xd8\xff\xe0" + b"p" * 100


@pytest.fixture
def provider():
    with Solapi() as one:
        yield one


def signed(provider, date=None, salt=None, secret=None):
    date = date or datetime.datetime.now(datetime.timezone.utc).isoformat()
    salt = salt or f"salt{next(SALTS):028d}"
    mac = hmac.new((secret or provider.secret).encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={provider.key}, date={date}, salt={salt}, signature={mac}"


def call(provider, method, path, body=None, header=None):
    one = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=10)
    data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    one.request(method, path, data, {"Authorization": header or signed(provider), "Content-Type": "application/json"})
    got = one.getresponse()
    words = json.loads(got.read())
    one.close()
    return got.status, words


def many(provider, *messages, **more):
    status, answer = call(provider, "POST", "/messages/v4/send-many/detail",
                          {"messages": list(messages), "showMessageList": True, **more})
    assert status == 200, answer
    return answer


def refused(provider, **message):
    """The code with which one message is refused."""
    [one] = many(provider, {**SMS, **message})["failedMessageList"]
    assert not provider.accepted
    return one["statusCode"]


# ---- who is let in ----

@pytest.mark.parametrize("zone, mac", [(".000Z", SIGNATURE), ("Z", SHORT)])
def test_vector(zone, mac):
    with Solapi(clock=lambda: THEN + 899) as provider:
        header = VECTOR.format(zone, mac)
        assert call(provider, "GET", "/cash/v1/balance", header=header)[0] == 200
        assert call(provider, "GET", "/cash/v1/balance", header=header)[1]["errorCode"] == "DuplicatedSignature"
        assert len(provider.violations) == 1


@pytest.mark.parametrize("change, code", [
    (lambda header: header.replace("bea", "beb"), "SignatureDoesNotMatch"),
    (lambda header: header.replace("salt=0", "salt=1"), "SignatureDoesNotMatch"),
    (lambda header: header.replace(".000Z", ".001Z"), "SignatureDoesNotMatch"),
    (lambda header: header.replace("KEY000001", "KEY000002"), "InvalidAPIKey"),
    (lambda header: header.replace(SIGNATURE, SIGNATURE.upper()), "Unauthorized"),
    (lambda header: header.replace(", ", ","), "Unauthorized"),
    (lambda header: header.replace("salt=0123456789abcdef0123456789abcdef", "salt=01234567890"), "Unauthorized"),
    (lambda header: header.replace("Z,", ","), "Unauthorized")])
def test_vector_tampered(change, code):
    with Solapi(clock=lambda: THEN) as provider:
        status, answer = call(provider, "GET", "/cash/v1/balance", header=change(VECTOR.format(".000Z", SIGNATURE)))
        assert (status, answer["errorCode"]) == (401 if code == "Unauthorized" else 403, code)


@pytest.mark.parametrize("off", (-901, 901))
def test_clock_that_is_wrong(off):
    with Solapi(clock=lambda: THEN + off) as provider:
        status, answer = call(provider, "GET", "/cash/v1/balance", header=VECTOR.format(".000Z", SIGNATURE))
        assert (status, answer["errorCode"]) == (403, "RequestTimeTooSkewed")


def test_any_zone_is_taken_as_it_is_carried(provider):
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).isoformat(timespec="seconds")
    assert call(provider, "GET", "/cash/v1/balance", header=signed(provider, date=now))[0] == 200


def test_salt_is_free_again_after_a_while():
    now = [THEN]
    with Solapi(clock=lambda: now[0]) as provider:
        salt = "s" * 12
        for after, status in ((0, 200), (60, 403), (961, 200)):
            now[0] = THEN + after
            date = datetime.datetime.fromtimestamp(now[0], datetime.timezone.utc).isoformat()
            assert call(provider, "GET", "/cash/v1/balance", header=signed(provider, date, salt))[0] == status


# ---- what it takes ----

@pytest.mark.parametrize("kind, text, more", [
    ("SMS", "가" * 45, {}), ("LMS", "가" * 45 + "a", {}), ("LMS", "가" * 1000, {"subject": "가" * 20}),
    ("SMS", "똠방각하 뷁 ①€½㎡", {})])
def test_text_fits(provider, kind, text, more):
    answer = many(provider, {**SMS, "type": kind, "text": text, "customFields": {"dangol": "m-1"}, **more})
    [one] = answer["messageList"]
    assert one["statusCode"] == "2000" and one["customFields"] == {"dangol": "m-1"}
    assert answer["groupInfo"]["count"]["registeredSuccess"] == 1 and answer["groupInfo"]["groupId"].startswith("G4V")
    [message] = provider.accepted
    assert (message.key, message.to, message.text, message.kind) == ("m-1", "01012345678", text, kind)
    assert message.provider_id == one["messageId"] and provider.violations == []


@pytest.mark.parametrize("message, code", [
    ({"text": "가" * 45 + "a"}, "1031"), ({"type": "LMS", "text": "가" * 1000 + "a"}, "1031"),
    ({"text": "다시 – 만나요"}, "1029"), ({"text": ""}, "1023"), ({"type": "LMS", "subject": "가" * 21}, "1014"),
    ({"type": "MMS"}, "1025"), ({"type": "MMS", "imageId": "ST01FLnone"}, "1025"), ({"type": "CTA"}, "1013"),
    ({"to": "010-1234-5678"}, "1020"), ({"to": "+821012345678"}, "1020"), ({"to": ""}, "1010"),
    ({"from": "02-1234-5678"}, "1062"), ({"country": "1"}, "1034"), ({"type": "SMS", "subject": "제목"}, "1013")])
def test_text_that_does_not_fit(provider, message, code):
    assert refused(provider, **message) == code
    assert len(provider.violations) == 1


def test_type_is_guessed_where_there_is_none(provider):
    message = {name: value for name, value in SMS.items() if name != "type"}
    many(provider, message, {**message, "to": "01000000002", "text": "가" * 46})
    assert [one.kind for one in provider.accepted] == ["SMS", "LMS"]


def test_what_the_account_refuses(provider):
    assert refused(provider, **{"from": "0311112222"}) == "1062"
    provider.refused["01012345678"] = "1064"
    assert refused(provider) == "1064"
    provider.deny("01000000003")
    assert refused(provider, to="01000000003") == "1061"
    provider.balance = 0
    assert refused(provider, to="01000000004") == "1030"
    assert provider.violations == []


def test_number_twice(provider):
    answer = many(provider, SMS, SMS)
    assert [one["statusCode"] for one in answer["failedMessageList"]] == ["1026"]
    assert answer["groupInfo"]["count"]["registeredFailed"] == 1 and len(provider.accepted) == 1
    assert not many(provider, SMS, SMS, allowDuplicates=True)["failedMessageList"]


@pytest.mark.parametrize("body", [
    {"messages": []}, {"messages": [{**SMS, "txt": "x"}]}, {"messages": [SMS], "showMessagelist": True}, [],
    {"messages": [{**SMS, "text": 5}]}, {"messages": [SMS], "allowDuplicates": "true"}, {"messages": SMS},
    {"messages": [{**SMS, "customFields": {"k" * 31: "v"}}]}, {"messages": [{**SMS, "customFields": {"k": "v" * 101}}]},
    {"messages": [{**SMS, "customFields": {"k": 5}}]}, {"messages": [SMS], "scheduledDate": "2026-11-23"}])
def test_request_that_is_broken(provider, body):
    status, answer = call(provider, "POST", "/messages/v4/send-many/detail", body)
    assert (status, answer["errorCode"]) == (400, "ValidationError")
    assert len(provider.violations) == 1 and not provider.accepted


@pytest.mark.parametrize("n, status", [(10000, 200), (10001, 400)])
def test_most_in_one_request(provider, n, status):
    messages = [{**SMS, "to": f"010{i:08d}"} for i in range(n)]
    began = time.monotonic()
    assert call(provider, "POST", "/messages/v4/send-many/detail", {"messages": messages})[0] == status
    assert len(provider.accepted) == (n if status == 200 else 0) and time.monotonic() - began < 5


def test_send_of_one(provider):
    status, answer = call(provider, "POST", "/messages/v4/send", {"message": SMS})
    assert status == 200 and answer["statusCode"] == "2000" and answer["messageId"].startswith("M4V")
    status, answer = call(provider, "POST", "/messages/v4/send", {"message": {**SMS, "from": "0311112222"}})
    assert status == 400 and "1062" in answer["errorMessage"]
    assert len(provider.accepted) == 1


@pytest.mark.parametrize("kind, data, status", [
    ("MMS", JPEG, 200), ("MMS", JPEG + b"p" * (200 << 10), 400), ("MMS", b"GIF89a" + b"p" * 100, 400),
    ("BMS", b"\x89PNG\r\n\x1a\n" + b"p" * 100, 200), ("PHOTO", JPEG, 400)])
def test_picture(provider, kind, data, status):
    told, answer = call(provider, "POST", "/storage/v1/files",
                        {"file": base64.b64encode(data).decode(), "name": "image.jpg", "type": kind})
    assert told == status
    if status == 200 and kind == "MMS":
        many(provider, {**SMS, "type": "MMS", "imageId": answer["fileId"]})
        assert provider.accepted[0].kind == "MMS" and len(answer["fileId"]) == 32
    assert len(provider.violations) == (status != 200)


# ---- KakaoTalk ----

ATA = {"to": "01012345678", "type": "ATA", "kakaoOptions": {
    "pfId": "KA01PF01", "templateId": "KA01TP01", "disableSms": True, "variables": {"#{이름}": "홍길동"}}}
BUTTON = {"name": "보러 가기", "linkType": "WL", "linkMobile": "https://shop.example.kr/a?b=1"}
COUPON = {"title": "1000원 할인 쿠폰", "description": "첫 주문에", "linkMobile": "https://shop.example.kr/c"}


def kakao(message, **options):
    return {**message, "kakaoOptions": {**message["kakaoOptions"], **options}}


def brand(text="(광고) 봄", **bms):
    return {"to": "01012345678", "type": "BMS_FREE", "text": text, "kakaoOptions": {
        "pfId": "KA01PF01", "bms": {"targeting": "I", "chatBubbleType": "TEXT", **bms}}}


def test_alimtalk_arrives_with_its_variables(provider):
    provider.template("KA01TP01", "#{이름}님, 안녕하세요.")
    many(provider, ATA)
    assert provider.accepted[0].text == "홍길동님, 안녕하세요." and provider.accepted[0].kind == "ATA"
    assert call(provider, "GET", "/kakao/v2/templates/KA01TP01")[1]["content"] == "#{이름}님, 안녕하세요."
    assert call(provider, "GET", "/kakao/v2/templates/KA01TP02")[0] == 404
    assert provider.violations == []


@pytest.mark.parametrize("options, code", [
    ({"variables": {"이름": "홍길동"}}, "1043"), ({"variables": {"#{고객.이름}": "홍길동"}}, "1043"),
    ({"variables": {}}, "1043"), ({"variables": {"#{이름}": 5}}, "1043"), ({"disableSms": False}, "1013"),
    ({"templateId": "KA01TP02"}, "1042"), ({"templateId": "KA01TP03"}, "1042"), ({"pfId": ""}, "1041"),
    ({"variables": {"#{이름}": "가" * 1000}}, "1031"), ({"buttons": []}, "1044")])
def test_alimtalk_that_is_refused(provider, options, code):
    provider.template("KA01TP01", "#{이름}님, 안녕하세요.")
    provider.template("KA01TP03", "#{이름}님, 안녕하세요.", status="INSPECTING")
    [one] = many(provider, kakao(ATA, **options))["failedMessageList"]
    assert one["statusCode"] == code


def test_brand_message(provider):
    name = call(provider, "POST", "/storage/v1/files",
                {"file": base64.b64encode(JPEG).decode(), "type": "BMS"})[1]["fileId"]
    picture = brand(chatBubbleType="IMAGE", imageId=name, adult=False, coupon=COUPON)
    for message in (brand(buttons=[BUTTON] * 5), brand(buttons=[{"linkType": "AC"}]), picture):
        assert not many(provider, message)["failedMessageList"], message
    assert [one.text for one in provider.accepted] == ["(광고) 봄"] * 3
    assert provider.violations == []


@pytest.mark.parametrize("message, code", [
    (brand("x" * 1301), "1031"), (brand("x" + "\n" * 100), "1031"), (brand(""), "1023"),
    (brand("", content="봄"), "1023"),
    (brand(targeting="M"), "1013"), (brand(chatBubbleType="WIDE"), "1013"), (brand(imageId="x"), "1013"),
    (brand(chatBubbleType="IMAGE", imageId="ST01FLnone"), "1025"), (brand(buttons=[BUTTON] * 6), "1044"),
    (brand(buttons=[BUTTON] * 5, coupon=COUPON), "1044"), (brand(buttons=[{**BUTTON, "name": "x" * 15}]), "1044"),
    (brand(buttons=[{**BUTTON, "linkMobile": "shop.example.kr"}]), "1044"),
    (brand(buttons=[{**BUTTON, "chatExtra": "x"}]), "1044"), (brand(buttons=[{**BUTTON, "linkType": "DS"}]), "1044"),
    (brand(coupon={**COUPON, "title": "반값 쿠폰"}), "1044"),
    (brand(coupon={**COUPON, "description": "x" * 13}), "1044")])
def test_brand_message_that_is_refused(provider, message, code):
    [one] = many(provider, message)["failedMessageList"]
    assert one["statusCode"] == code and len(provider.violations) == 1


def test_brand_message_with_a_field_that_is_not_known(provider):
    for wrong in (kakao(brand(), templateid="x"), brand(button=[]), brand(buttons=[{**BUTTON, "url": "x"}]),
                  brand(coupon={**COUPON, "code": "x"})):
        assert call(provider, "POST", "/messages/v4/send-many/detail", {"messages": [wrong]})[0] == 400
    assert len(provider.violations) == 4


# ---- groups ----

def group_of(provider, *messages, **more):
    name = call(provider, "POST", "/messages/v4/groups", more)[1]["groupId"]
    answer = call(provider, "PUT", f"/messages/v4/groups/{name}/messages", {"messages": list(messages)})[1]
    return name, answer


def test_group_counts_when_it_is_sent(provider):
    name, added = group_of(provider, SMS, {**SMS, "from": "0311112222"}, {**SMS, "to": "01000000002"},
                           allowDuplicates=True, customFields={"bundle": "b1"})
    assert added["errorCount"] == "1" and [one["statusCode"] for one in added["resultList"]] == ["2000", "1062", "2000"]
    assert not provider.accepted and call(provider, "GET", f"/messages/v4/groups/{name}")[1]["status"] == "PENDING"
    assert call(provider, "POST", f"/messages/v4/groups/{name}/send")[1]["status"] == "COMPLETE"
    assert [one.to for one in provider.accepted] == ["01012345678", "01000000002"]
    page = call(provider, "GET", f"/messages/v4/groups/{name}/messages?limit=1")[1]
    rest = call(provider, "GET", f"/messages/v4/groups/{name}/messages?limit=1&startKey={page['nextKey']}")[1]
    assert {*page["messageList"], *rest["messageList"]} == {one.provider_id for one in provider.accepted}
    assert rest["nextKey"] is None and provider.violations == []


def test_group_is_sent_once(provider):
    name, _ = group_of(provider, SMS)
    assert call(provider, "POST", f"/messages/v4/groups/{name}/send")[0] == 200
    assert call(provider, "POST", f"/messages/v4/groups/{name}/send")[0] == 400
    assert call(provider, "PUT", f"/messages/v4/groups/{name}/messages", {"messages": [SMS]})[0] == 400
    assert len(provider.accepted) == 1 and len(provider.violations) == 2


def test_group_that_is_taken_away(provider):
    name, _ = group_of(provider, SMS)
    assert len(call(provider, "GET", "/messages/v4/list")[1]["messageList"]) == 1
    assert call(provider, "DELETE", f"/messages/v4/groups/{name}")[0] == 200
    assert call(provider, "GET", f"/messages/v4/groups/{name}")[1]["status"] == "DELETED"
    assert call(provider, "GET", "/messages/v4/list")[1]["messageList"] == {}
    assert call(provider, "POST", f"/messages/v4/groups/{name}/send")[0] == 400
    assert call(provider, "GET", "/messages/v4/groups/G4Vnone")[0] == 404 and not provider.accepted


# ---- what became of messages ----

def listing(provider, **query):
    status, answer = call(provider, "GET", "/messages/v4/list?" + urllib.parse.urlencode(query, doseq=True))
    assert status == 200, answer
    return answer


def test_list_in_pages(provider):
    many(provider, *[{**SMS, "to": f"0101234000{i}", "customFields": {"dangol": f"m-{i}"}} for i in range(5)])
    seen, start = [], None
    while True:
        page = listing(provider, limit=2, **({"startKey": start} if start else {}))
        seen += [one["customFields"]["dangol"] for one in page["messageList"].values()]
        start = page["nextKey"]
        if start is None:
            break
    assert sorted(seen) == [f"m-{i}" for i in range(5)] and provider.violations == []


def test_list_by_what_is_asked(provider):
    provider.results(("failed", "3040"), to="01000000002")
    provider.results("unconfirmed", to="01000000003")
    provider.results("pending", to="01000000004")
    answer = many(provider, *[{**SMS, "to": f"0100000000{i}"} for i in range(1, 5)])
    ids = [one["messageId"] for one in answer["messageList"]]
    codes = {one["to"][-1]: one["statusCode"] for one in listing(provider)["messageList"].values()}
    assert codes == {"1": "4000", "2": "3040", "3": "3000", "4": "2000"}
    assert [*listing(provider, statusCode="3040")["messageList"]] == [ids[1]]
    assert [*listing(provider, to="01000000003", type="SMS")["messageList"]] == [ids[2]]
    assert {*listing(provider, messageIds=ids[:2])["messageList"]} == {*ids[:2]}
    assert {*listing(provider, groupId=answer["groupInfo"]["groupId"])["messageList"]} == {*ids}
    assert not listing(provider, groupId="G4Vnone")["messageList"]
    now = datetime.datetime.now(datetime.timezone.utc)
    before, after = ((now + datetime.timedelta(minutes=m)).isoformat() for m in (-1, 1))
    assert len(listing(provider, dateType="CREATED", startDate=before, endDate=after)["messageList"]) == 4
    assert not listing(provider, startDate=after)["messageList"] and provider.violations == []


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "dateType=CREATED", "startDate=2026-11-23", "group=G4V",
                                   "dateType=SENT&startDate=2026-11-23T00:00:00Z"])
def test_list_that_is_broken(provider, query):
    assert call(provider, "GET", "/messages/v4/list?" + query)[0] == 400
    assert len(provider.violations) == 1


def test_money_and_senders(provider):
    assert call(provider, "GET", "/cash/v1/balance")[1]["balance"] == 100000
    assert call(provider, "GET", "/senderid/v1/numbers/active")[1] == ["0212345678"]


def test_refusals_in_pages(provider):
    for i in range(3):
        provider.deny(f"0100000000{i}")
    provider.deny("01000000009", sender="0311112222")
    path = "/iam/v1/black?type=DENIAL&senderNumber=0212345678&limit=2"
    page = call(provider, "GET", path)[1]
    rest = call(provider, "GET", f"{path}&startKey={page['nextKey']}")[1]
    assert [one["recipientNumber"][-1] for one in page["blackList"] + rest["blackList"]] == ["0", "1", "2"]
    assert rest["nextKey"] is None and call(provider, "GET", "/iam/v1/black")[0] == 400


@pytest.mark.parametrize("path, body", [("/messages/v4/send-many/detail", {"messages": [SMS]}),
                                        ("/messages/v4/send", {"message": SMS})])
def test_success_that_took_nothing(provider, path, body):
    provider.fault("zero", times=1, where=provider.SENDS)
    assert call(provider, "POST", path, body)[0] == 200 and not provider.accepted
    assert call(provider, "POST", path, body)[0] == 200 and len(provider.accepted) == 1


def test_too_many_says_it_under_another_name(provider):
    provider.fault("429", times=1, retry_after=3)
    status, answer = call(provider, "GET", "/cash/v1/balance")
    assert status == 429 and answer["errorCode"] == "TooManyRequests" and "errorMessage" not in answer


@pytest.mark.parametrize("hook, digest", [("test-secret", "fe1bae27cb7c1fb823f496f286e78f1d2ae87734"),
                                          ("hook-secret-1", "ed5264a0dcab7473eca28cfd507de7b800884d1f")])
def test_reports(provider, hook, digest):
    provider.hook = hook
    provider.results("pending", to="01000000002")
    many(provider, {**SMS, "customFields": {"dangol": "m-1"}}, {**SMS, "to": "01000000002"})
    [(headers, body)] = provider.receipts(provider.accepted)
    [told] = json.loads(body)
    assert headers["X-Solapi-Secret"] == digest and headers["X-Solapi-Event-Name"] == "SINGLE-REPORT"
    assert told["statusCode"] == "4000" and told["customFields"] == {"dangol": "m-1"}
    assert told["messageId"] == provider.accepted[0].provider_id
    provider.wrapped = True
    [(_, body)] = provider.receipts(provider.accepted)
    assert json.loads(body)[0]["data"] == told
