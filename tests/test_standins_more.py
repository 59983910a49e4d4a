"""The stand-ins of SENS and Aligo refuse what the real ones refuse: signatures, limits, forms, templates."""
import http.client
import json
import urllib.parse

import pytest

from standins.aligo import Aligo
from standins.sens import Sens, signature
from standins.wire import Request

AT = 1795395723.0  # 2026-11-23T01:02:03Z
KEY, SECRET = "testAccessKey0000001", "testSecretKeyABCDEFGHIJKLMNOPQRSTUVWXYZ01"
SMS, KAKAO = "ncp:sms:kr:123456789012:myproj", "ncp:kkobizmsg:kr:1234567:myproj"
TEMPLATES = {"paid": ("#{name}님, 주문이 완료되었습니다.", [{"type": "WL", "name": "보기"}])}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BUTTON = {"type": "WL", "name": "보기", "linkMobile": "https://m.example.kr", "linkPc": "https://example.kr"}


@pytest.fixture
def sens():
    return Sens(KEY, SECRET, sms=SMS, kakao=KAKAO, channels={"@shop": TEMPLATES}, clock=lambda: AT)


@pytest.fixture
def aligo():
    return Aligo(templates={"paid": ("#{name}님, 주문이 완료되었습니다.", [{"name": "보기", "linkType": "WL"}])},
                 clock=lambda: AT)


def told(answer):
    return json.loads(answer.body)


def request_of(method, target, headers, body=b""):
    request = Request(method, target, {name.lower(): value for name, value in headers.items()}, AT)
    request.body = body
    return request


def signed(method, target, at=AT, sign=None):
    stamp = str(int(at * 1000))
    return {"x-ncp-apigw-timestamp": stamp, "x-ncp-iam-access-key": KEY, "Content-Type": "application/json",
            "x-ncp-apigw-signature-v2": sign or signature(SECRET, method, target, stamp, KEY)}


def ask(sens, method, target, value=None, at=AT, sign=None):
    body = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
    return sens.ask(request_of(method, target, signed(method, target, at, sign), body))


def sms(**more):
    return {"type": "SMS", "from": "0212345678", "content": "안녕", "messages": [{"to": "01012345678"}], **more}


def form(aligo, path, body, headers=FORM):
    return told(aligo.ask(request_of("POST", path, headers, body)))


def post(aligo, path, fields):
    names = ("apikey", "userid") if path.startswith("/akv10") else ("key", "user_id")
    who = dict(zip(names, (aligo.key, aligo.user)))
    return form(aligo, path, urllib.parse.urlencode({**who, **fields}).encode())


@pytest.mark.parametrize("method, target, right", [
    ("POST", f"/sms/v2/services/{SMS}/messages", "dfDBu/3cp4hF6gx45HZWCyei9oYStBXsUDq2812kS7A="),
    ("GET", f"/sms/v2/services/{SMS}/messages?requestId=VORSSA-1234", "7zZ2e7dQwDOeYm9C27yzl7LE++qsZTTnvgz07ZftQQ4="),
    ("GET", f"/sms/v2/services/{SMS.replace(':', '%3A')}/messages?requestId=VORSSA-1234",
     "9ab+SEVyoeUZNBoDgLSVcUcdK5ltNY1A3JrEnkuX0RQ="),
    ("POST", f"/alimtalk/v2/services/{KAKAO}/messages", "18Bvf+9TeMdfQJOsuMQLOfNQyCQwLJda8814ACj2gPk=")])
def test_sens_signature_vectors(sens, method, target, right):
    assert signature(SECRET, method, target, "1795395723000", KEY) == right
    assert ask(sens, method, target, {} if method == "POST" else None, sign=right).status != 401


def test_sens_signs_nothing_by_halves(sens):
    target = f"/sms/v2/services/{SMS}/messages"
    for name in ("x-ncp-apigw-timestamp", "x-ncp-iam-access-key", "x-ncp-apigw-signature-v2"):
        headers = signed("POST", target)
        del headers[name]
        assert sens.ask(request_of("POST", target, headers, b"{}")).status == 401
    assert len(sens.violations) == 3


def test_sens_refuses_what_is_not_signed_as_sent(sens):
    target = f"/sms/v2/services/{SMS}/messages"
    other = signature(SECRET, "POST", target.replace(":", "%3A"), "1795395723000", KEY)
    assert ask(sens, "POST", target, sms(), sign=other).status == 401
    assert ask(sens, "POST", target, sms(), at=AT - 301).status == 401
    assert ask(sens, "POST", target, sms(), at=AT + 301).status == 401
    assert ask(sens, "POST", target, sms(), at=AT - 299).status == 202


@pytest.mark.parametrize("status, change", [
    (202, {"content": "가" * 45}), (400, {"content": "가" * 45 + "a"}), (202, {"type": "LMS"}),
    (202, {"type": "LMS", "content": "가" * 1000}), (400, {"type": "LMS", "content": "가" * 1001}),
    (202, {"type": "LMS", "subject": "가" * 20}), (400, {"type": "LMS", "subject": "가" * 21}),
    (400, {"subject": "제목"}), (400, {"content": "–"}), (202, {"content": "뷁"}), (400, {"from": "0299999999"}),
    (202, {"contentType": "AD"}), (400, {"contentType": "ad"}), (400, {"files": [{"fileId": "none"}]}),
    (202, {"messages": [{"to": f"010{n:08}"} for n in range(100)]}),
    (400, {"messages": [{"to": f"010{n:08}"} for n in range(101)]}),
    (400, {"messages": []}), (400, {"messages": [{"to": "010-1234-5678"}]}),
    (400, {"messages": [{"to": "01012345678"}] * 2})])
def test_sens_limits(sens, status, change):
    answer = ask(sens, "POST", f"/sms/v2/services/{SMS}/messages", sms(**change))
    assert answer.status == status
    assert len(sens.violations) == (status == 400)
    assert status == 400 or "messageId" not in answer.body.decode()


def test_sens_lists_by_request_page_and_window(sens):
    target = f"/sms/v2/services/{SMS}/messages"
    empty = ask(sens, "GET", target + "?requestId=none")
    assert (empty.status, empty.body) == (404, b"")
    call = told(ask(sens, "POST", target, sms(messages=[{"to": f"010{n:08}"} for n in range(5)])))["requestId"]
    first = told(ask(sens, "GET", f"{target}?requestId={call}&pageSize=3"))
    rest = told(ask(sens, "GET", f"{target}?requestId={call}&pageSize=3&nextToken={first['nextToken']}"))
    assert [len(first["messages"]), len(rest["messages"]), rest["nextToken"]] == [3, 2, None]
    sens.results("pending")
    sens.results("delivered", to=sens.accepted[0].to)
    assert told(ask(sens, "GET", f"{target}/{sens.accepted[0].provider_id}"))["messages"][0]["status"] == "COMPLETED"
    window = "completeStartTime=2026-11-23%2010:00:00&completeEndTime=2026-11-23%2010:30:00"
    assert len(told(ask(sens, "GET", f"{target}?{window}"))["messages"]) == 1
    assert ask(sens, "GET", f"{target}?{window.replace('10:30', '99:30')}").status == 400
    assert ask(sens, "GET", f"{target}?{window.replace('-23%2010:30', '-24%2010:30')}").status == 400
    assert ask(sens, "GET", f"{target}?requestId={call}&pageSize=101").status == 400


@pytest.mark.parametrize("pages", ["pageSize=abc", "pageSize=0", "pageSize=", "nextToken=-1"])
def test_sens_refuses_pages_which_are_no_number(sens, pages):
    target = f"/sms/v2/services/{SMS}/messages"
    call = told(ask(sens, "POST", target, sms()))["requestId"]
    assert ask(sens, "GET", f"{target}?requestId={call}&{pages}").status == 400


def test_sens_alimtalk_is_the_template_and_never_falls_over(sens):
    target = f"/alimtalk/v2/services/{KAKAO}/messages"
    one = {"to": "01012345678", "content": "김하늘님, 주문이 완료되었습니다.", "buttons": [BUTTON]}

    def send(**more):
        letter = {"plusFriendId": "@shop", "templateCode": "paid", "messages": [{**one, **more}]}
        return ask(sens, "POST", target, letter).status

    assert send() == send(useSmsFailover=False) == 202 and not sens.violations
    assert len(sens.duplicates()) == 1
    assert send(useSmsFailover=True) == send(buttons=[{"type": "WL", "name": "보기"}]) == 400
    assert send(content="김하늘님, 주문이 끝났습니다.") == 202
    row = told(ask(sens, "GET", f"{target}/{sens.accepted[-1].provider_id}"))
    assert (row["messageStatusCode"], row["messageStatusName"]) == ("3016", "fail")
    brand = {"plusFriendId": "@shop", "messageType": "TEXT", "messages": [{"to": "01012345678", "content": "봄"}]}
    target = target.replace("alimtalk", "brandmessage")
    assert ask(sens, "POST", target, brand).status == 202
    brand["messages"][0]["useSmsFailover"] = True
    assert ask(sens, "POST", target, brand).status == 400


@pytest.mark.parametrize("status, change", [
    (202, {}), (400, {"content": ""}), (202, {"content": "가" * 1300}), (400, {"content": "가" * 1301}),
    (400, {"content": "가" + "\n" * 100}), (202, {"buttons": [BUTTON] * 5}), (400, {"buttons": [BUTTON] * 6}),
    (400, {"buttons": [{**BUTTON, "type": "AC"}]}), (400, {"buttons": [{**BUTTON, "name": "가" * 15}]}),
    (400, {"buttons": [{"type": "WL", "name": "보기"}]}), (400, {"image": {"imageId": "image-1"}}),
    (202, {"coupon": {"title": "3000원 할인 쿠폰"}, "buttons": [BUTTON] * 4}), (400, {"coupon": {}}),
    (400, {"coupon": {"title": "3000원 할인 쿠폰"}, "buttons": [BUTTON] * 5}), (400, {"coupon": "3000원 할인 쿠폰"}),
    (400, {"failoverConfig": {"type": "SMS"}}), (400, {"countryCode": "1"})])
def test_sens_brandmessage_limits(sens, status, change):
    letter = {"plusFriendId": "@shop", "messageType": "TEXT", "messages": [
        {"to": "01012345678", "content": "봄", **change}]}
    assert ask(sens, "POST", f"/brandmessage/v2/services/{KAKAO}/messages", letter).status == status
    assert (len(sens.violations), len(sens.accepted)) == ((1, 0) if status == 400 else (0, 1))


def test_sens_takes_a_file_of_the_same_name_and_size_for_one_that_it_has(sens):
    def upload(name, picture="/9j/4A=="):
        answer = ask(sens, "POST", f"/sms/v2/services/{SMS}/files", {"fileName": name, "fileBody": picture})
        return told(answer)["fileId"]

    known = upload("a.jpg")
    assert upload("a.jpg", "/9j/4Q==") == known != upload("b.jpg")
    letter = sms(type="MMS", files=[{"fileId": known}])
    week = AT + 7 * 24 * 3600
    assert ask(sens, "POST", f"/sms/v2/services/{SMS}/messages", letter).status == 202
    sens.clock = lambda: week
    assert ask(sens, "POST", f"/sms/v2/services/{SMS}/messages", letter, at=week).status == 400


def test_sens_files_and_refusals(sens):
    base = f"/sms/v2/services/{SMS}"
    picture = told(ask(sens, "POST", base + "/files", {"fileName": "a.jpg", "fileBody": "/9j/4A=="}))["fileId"]
    letter = sms(type="MMS", files=[{"fileId": picture}])
    assert ask(sens, "POST", base + "/messages", letter).status == 202
    assert ask(sens, "POST", base + "/files", {"fileName": "a.png", "fileBody": "/9j/4A=="}).status == 400
    assert ask(sens, "POST", base + "/files", {"fileName": "a.jpg", "fileBody": "?"}).status == 400
    assert ask(sens, "POST", base + "/unsubscribes", [{"clientTelNo": "01012345678"}]).status == 201
    assert told(ask(sens, "GET", base + "/unsubscribes"))[0]["registerType"] == "M"
    assert ask(sens, "DELETE", base + "/unsubscribes", [{"clientTelNo": "01012345678"}]).status == 204
    assert told(ask(sens, "GET", base + "/unsubscribes")) == []


def test_aligo_vector(aligo):
    body = (b"key=testkey00000000000000000000000000&user_id=testid&sender=0212345678&receiver=01012345678%2C01087654321"
            b"&msg=%EC%95%88%EB%85%95+50%25+%26+100%2B%EC%9B%90&msg_type=SMS")
    assert form(aligo, "/send/", body)["success_cnt"] == 2
    assert form(aligo, "/send/", body.replace(b"+", b"%20"))["result_code"] == 1
    assert {one.text for one in aligo.accepted} == {"안녕 50% & 100+원"} and len(aligo.duplicates()) == 2
    before = len(aligo.accepted)
    assert form(aligo, "/send/", body + b"&testmode_yn=Y")["result_code"] == 1
    assert len(aligo.accepted) == before


@pytest.mark.parametrize("change", [
    {"msg": "가" * 45 + "a"}, {"msg": ""}, {"msg": "–"}, {"msg_type": "sms"}, {"sender": "0299999999"},
    {"receiver": "010-1234-5678"}, {"title": "제목"}, {"msg_type": "LMS", "title": "가" * 23},
    {"receiver": ",".join(["01012345678"] * 1001)}])
def test_aligo_says_200_and_refuses(aligo, change):
    fields = {"sender": "0212345678", "receiver": "01012345678", "msg": "안녕", "msg_type": "SMS"}
    assert post(aligo, "/send/", fields)["result_code"] == 1
    assert post(aligo, "/send/", {**fields, **change})["result_code"] < 0
    assert len(aligo.violations) == len(aligo.accepted) == 1


def test_aligo_key_form_and_codes_as_text(aligo):
    assert form(aligo, "/remain/", b"key=no&user_id=testid")["result_code"] == -101
    assert form(aligo, "/remain/", b"{}", {"Content-Type": "application/json"})["result_code"] == -100
    aligo.as_text = True
    assert post(aligo, "/remain/", {})["result_code"] == "1"


def test_aligo_mass_counts_and_lists(aligo):
    fields = {"sender": "0212345678", "msg_type": "SMS", "cnt": 3,
              **{f"rec_{n}": f"0101234567{n}" for n in (1, 2, 3)}, **{f"msg_{n}": f"안녕 {n}" for n in (1, 2, 3)}}
    aligo.drop = {"01012345672"}
    took = post(aligo, "/send_mass/", fields)
    assert (took["success_cnt"], took["error_cnt"]) == (2, 1)
    assert post(aligo, "/send_mass/", {**fields, "cnt": 2})["result_code"] < 0
    assert post(aligo, "/send_mass/", {**fields, "cnt": 501})["result_code"] < 0
    aligo.results("pending")
    aligo.results("delivered", to="01012345671")
    rows = post(aligo, "/sms_list/", {"mid": took["msg_id"], "page_size": 30})
    assert [row["sms_state"] for row in rows["list"]] == ["발송완료", "전송중"] and rows["next_yn"] == "N"
    assert post(aligo, "/list/", {"page_size": 30})["list"][0]["sms_count"] == "2"
    assert post(aligo, "/list/", {"page_size": 29})["result_code"] < 0


def test_aligo_kakao_is_the_template_and_never_falls_over(aligo):
    fields = {"senderkey": "sk", "tpl_code": "paid", "sender": "0212345678", "receiver_1": "01012345678",
              "subject_1": "주문", "message_1": "김하늘님, 주문이 완료되었습니다.",
              "button_1": json.dumps({"button": [{"name": "보기", "linkType": "WL"}]})}
    took = post(aligo, "/akv10/alimtalk/send/", fields)
    assert (took["code"], took["info"]["scnt"]) == (0, 1) and not aligo.violations
    assert post(aligo, "/akv10/history/detail/", {"mid": took["info"]["mid"]})["list"][0]["phone"] == "01012345678"
    assert post(aligo, "/akv10/alimtalk/send/", {**fields, "failover": "Y"})["code"] == 509
    for wrong in ({"message_1": "다른 글"}, {"button_1": ""}, {"button_1": "["}):
        assert post(aligo, "/akv10/alimtalk/send/", {**fields, **wrong})["code"] == 0
        row = post(aligo, "/akv10/history/detail/", {"mid": aligo.accepted[-1].more["call"]})["list"][0]
        assert row["rslt"] == "3016"


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"7", b"\xff", b'{"type":"SMS"}', b'{"type":7}', b'{"messages":7}', b'{"nobody":"knows"}',
    json.dumps(sms(messages=[7])).encode(), json.dumps(sms(messages=[{"to": 1012345678}])).encode(),
    json.dumps(sms(messages=[{}])).encode(), json.dumps(sms(messages=[{"to": "01012345678", "x": ""}])).encode(),
    json.dumps(sms(files=["a"])).encode(), json.dumps(sms(content="\ud83d")).encode(),
    json.dumps(sms(reserveTime="2026-12-01 10:00")).encode()])
def test_sens_says_400_to_what_is_malformed(sens, body):
    for service, name in ((SMS, "sms"), (KAKAO, "alimtalk"), (KAKAO, "brandmessage")):
        answer = ask(sens, "POST", f"/{name}/v2/services/{service}/messages", body)
        assert (answer.status, told(answer)["status"]) == (400, 400)
    assert len(sens.violations) == 3 and "broke" not in "".join(sens.violations) and not sens.accepted


def test_sens_does_not_know_what_is_not_there(sens):
    unknown = ask(sens, "GET", f"/sms/v2/services/{SMS}/reports")
    assert (unknown.status, told(unknown)["error"]["errorCode"], len(sens.violations)) == (404, "300", 1)
    assert told(ask(sens, "POST", f"/sms/v2/services/{KAKAO}/messages", sms()))["error"]["errorCode"] == "300"
    assert ask(sens, "GET", f"/sms/v2/services/{SMS}/messages/0-ESA-1").status == 404
    assert ask(sens, "PUT", f"/sms/v2/services/{SMS}/messages").status == 405


def test_sens_does_not_mind_a_parameter_of_another_name_but_we_do(sens):
    assert ask(sens, "GET", f"/sms/v2/services/{SMS}/unsubscribes?pageSize=1&page=1").status == 200
    assert len(sens.violations) == 1
    window = "requestStartTime=2026-11-23%2010:00:00&requestEndTime=2026-11-23%2010:30:00"
    assert ask(sens, "GET", f"/alimtalk/v2/services/{KAKAO}/messages?{window}").status == 400
    assert ask(sens, "GET", f"/alimtalk/v2/services/{KAKAO}/messages?{window}&plusFriendId=%40shop").status == 404
    assert len(sens.violations) == 2


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"", b"key=1&key=2", b"key"])
def test_aligo_says_a_code_to_what_is_malformed(aligo, body):
    assert form(aligo, "/send/", body)["result_code"] < 0
    assert form(aligo, "/akv10/alimtalk/send/", body)["code"] != 0
    assert "broke" not in "".join(aligo.violations) and not aligo.accepted


@pytest.mark.parametrize("path, fields", [
    ("/send_mass/", {"cnt": "x"}), ("/send_mass/", {"cnt": 1, "rec_2": "01012345678"}),
    ("/list/", {"page_size": "²"}), ("/sms_list/", {}), ("/akv10/history/detail/", {"limit": "501", "mid": "1"}),
    ("/akv10/alimtalk/send/", {"receiver_2": "01012345678"}), ("/akv10/history/list/", {"startdate": "today"})])
def test_aligo_refuses_fields_which_are_none(aligo, path, fields):
    assert post(aligo, path, fields).get("result_code", 509) in (-100, 509)
    assert len(aligo.violations) >= 1 and "broke" not in "".join(aligo.violations)


def test_aligo_does_not_mind_what_it_does_not_know_but_we_do(aligo):
    fields = {"sender": "0212345678", "receiver": "01012345678", "msg": "가" * 50, "nobody": "knows"}
    took = post(aligo, "/send/", fields)
    assert (took["result_code"], took["msg_type"], len(aligo.violations)) == (1, "LMS", 2)


def picture_form(kind, picture):
    fields = [("key", "testkey00000000000000000000000000"), ("user_id", "testid"), ("sender", "0212345678"),
              ("receiver", "01012345678"), ("msg", "봄"), ("msg_type", kind)]
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields]
    parts.append(b'--b\r\nContent-Disposition: form-data; name="image1"; filename="a.jpg"\r\n\r\n' + picture + b"\r\n")
    return b"".join(parts) + b"--b--\r\n"


@pytest.mark.parametrize("kind, picture, code", [
    ("MMS", b"\xff\xd8\xff\xe0", 1), ("MMS", b"no picture", -100), ("LMS", b"\xff\xd8\xff\xe0", -100)])
def test_aligo_takes_a_picture_in_parts(aligo, kind, picture, code):
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert form(aligo, "/send/", picture_form(kind, picture), headers)["result_code"] == code
    assert [one.more["files"] for one in aligo.accepted] == [[picture]] * (code == 1)


def test_aligo_without_money_takes_nothing(aligo):
    aligo.poor = True
    fields = {"sender": "0212345678", "receiver": "01012345678", "msg": "안녕", "msg_type": "SMS"}
    assert post(aligo, "/send/", fields)["result_code"] == -201
    assert aligo.accepted == aligo.violations == []


FAULTS = [("429", 429, 0), ("500-before", 500, 0), ("500-after", 500, 1), ("reset-before", None, 0),
          ("reset-after", None, 1), ("half", None, 0), ("html", 200, 0)]


def knock(provider, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=5)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None, b""
    finally:
        connection.close()


@pytest.mark.parametrize("fault, status, counted", FAULTS + [("zero", 202, 0)])
def test_sens_has_faults(fault, status, counted):
    target = f"/sms/v2/services/{SMS}/messages"
    body = json.dumps(sms()).encode()
    with Sens(KEY, SECRET, clock=lambda: AT) as sens:
        sens.fault(fault, times=1, where=Sens.SENDS)
        assert knock(sens, target, signed("POST", target), body)[0] == status
        assert len(sens.accepted) == counted
        assert knock(sens, target, signed("POST", target), body)[0] == 202
        assert sens.duplicates() == ({"01012345678 안녕": 2} if counted else {}) and sens.violations == []


@pytest.mark.parametrize("fault, status, counted", FAULTS + [("zero", 200, 0)])
def test_aligo_has_faults(fault, status, counted):
    fields = {"sender": "0212345678", "receiver": "01012345678", "msg": "안녕", "msg_type": "SMS"}
    with Aligo() as aligo:
        body = urllib.parse.urlencode({"key": aligo.key, "user_id": aligo.user, **fields}).encode()
        aligo.fault(fault, times=1, where=Aligo.SENDS)
        assert knock(aligo, "/send/", FORM, body)[0] == status
        assert len(aligo.accepted) == counted
        assert json.loads(knock(aligo, "/send/", FORM, body)[1])["success_cnt"] == 1
        assert aligo.duplicates() == ({"01012345678 안녕": 2} if counted else {}) and aligo.violations == []
