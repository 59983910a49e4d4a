"""The strict SENS and Aligo refuse what the real ones refuse: signatures, limits, forms, templates."""
import json
import urllib.parse

import pytest

from standins.aligo import Aligo
from standins.sens import Sens, signature

AT = 1795395723.0  # 2026-11-23T01:02:03Z
ACCESS, SECRET = "testAccessKey0000001", "testSecretKeyABCDEFGHIJKLMNOPQRSTUVWXYZ01"
SMS, KAKAO = "ncp:sms:kr:123456789012:myproj", "ncp:kkobizmsg:kr:1234567:myproj"
TEMPLATES = {"paid": ("#{name}님, 주문이 완료되었습니다.", [{"type": "WL", "name": "보기"}])}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def sens():
    return Sens(ACCESS, SECRET, sms=SMS, kakao=KAKAO, senders=["0212345678"], channels={"@shop": TEMPLATES},
                clock=lambda: AT)


@pytest.fixture
def aligo():
    return Aligo("testkey00000000000000000000000000", "testid", senders=["0212345678"], senderkey="sk",
                 templates={"paid": ("#{name}님, 주문이 완료되었습니다.", [{"name": "보기", "linkType": "WL"}])},
                 clock=lambda: AT)


def ask(sens, method, target, value=None, at=AT, sign=None):
    stamp = str(int(at * 1000))
    headers = {"x-ncp-apigw-timestamp": stamp, "x-ncp-iam-access-key": ACCESS, "Content-Type": "application/json",
               "x-ncp-apigw-signature-v2": sign or signature(SECRET, method, target, stamp, ACCESS)}
    return sens.answer(method, target, headers, b"" if value is None else json.dumps(value).encode())


def sms(**more):
    return {"type": "SMS", "from": "0212345678", "content": "안녕", "messages": [{"to": "01012345678"}], **more}


def post(aligo, path, fields):
    who = {"apikey": aligo.key, "userid": aligo.user} if path.startswith("/akv10") else \
        {"key": aligo.key, "user_id": aligo.user}
    return aligo.answer("POST", path, FORM, urllib.parse.urlencode({**who, **fields}).encode()).json()


@pytest.mark.parametrize("method, target, right", [
    ("POST", f"/sms/v2/services/{SMS}/messages", "dfDBu/3cp4hF6gx45HZWCyei9oYStBXsUDq2812kS7A="),
    ("GET", f"/sms/v2/services/{SMS}/messages?requestId=VORSSA-1234", "7zZ2e7dQwDOeYm9C27yzl7LE++qsZTTnvgz07ZftQQ4="),
    ("GET", f"/sms/v2/services/{SMS.replace(':', '%3A')}/messages?requestId=VORSSA-1234",
     "9ab+SEVyoeUZNBoDgLSVcUcdK5ltNY1A3JrEnkuX0RQ="),
    ("POST", f"/alimtalk/v2/services/{KAKAO}/messages", "18Bvf+9TeMdfQJOsuMQLOfNQyCQwLJda8814ACj2gPk=")])
def test_sens_signature_vectors(sens, method, target, right):
    assert signature(SECRET, method, target, "1795395723000", ACCESS) == right
    assert ask(sens, method, target, {} if method == "POST" else None, sign=right).status != 401


def test_sens_refuses_what_is_not_signed_as_sent(sens):
    target = f"/sms/v2/services/{SMS}/messages"
    other = signature(SECRET, "POST", target.replace(":", "%3A"), "1795395723000", ACCESS)
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
    call = ask(sens, "POST", target, sms(messages=[{"to": f"010{n:08}"} for n in range(5)])).json()["requestId"]
    first = ask(sens, "GET", f"{target}?requestId={call}&pageSize=3").json()
    rest = ask(sens, "GET", f"{target}?requestId={call}&pageSize=3&nextToken={first['nextToken']}").json()
    assert [len(first["messages"]), len(rest["messages"]), rest["nextToken"]] == [3, 2, None]
    sens.accepted[0].state = "0"
    assert ask(sens, "GET", f"{target}/{sens.accepted[0].id}").json()["messages"][0]["status"] == "COMPLETED"
    window = "completeStartTime=2026-11-23%2010:00:00&completeEndTime=2026-11-23%2010:30:00"
    assert len(ask(sens, "GET", f"{target}?{window}").json()["messages"]) == 1
    assert ask(sens, "GET", f"{target}?{window.replace('10:30', '99:30')}").status == 400
    assert ask(sens, "GET", f"{target}?{window.replace('-23%2010:30', '-24%2010:30')}").status == 400
    assert ask(sens, "GET", f"{target}?requestId={call}&pageSize=101").status == 400


@pytest.mark.parametrize("pages", ["pageSize=abc", "pageSize=0", "pageSize=", "nextToken=-1"])
def test_sens_refuses_pages_which_are_no_number(sens, pages):
    target = f"/sms/v2/services/{SMS}/messages"
    call = ask(sens, "POST", target, sms()).json()["requestId"]
    assert ask(sens, "GET", f"{target}?requestId={call}&{pages}").status == 400


def test_sens_alimtalk_is_the_template_and_never_falls_over(sens):
    target = f"/alimtalk/v2/services/{KAKAO}/messages"
    button = {"type": "WL", "name": "보기", "linkMobile": "https://m.example.kr", "linkPc": "https://example.kr"}
    one = {"to": "01012345678", "content": "김하늘님, 주문이 완료되었습니다.", "buttons": [button]}

    def send(**more):
        letter = {"plusFriendId": "@shop", "templateCode": "paid", "messages": [{**one, **more}]}
        return ask(sens, "POST", target, letter).status

    assert send() == send(useSmsFailover=False) == 202 and not sens.violations
    assert len(sens.duplicates()) == 1
    assert send(useSmsFailover=True) == send(buttons=[{"type": "WL", "name": "보기"}]) == 400
    assert send(content="김하늘님, 주문이 끝났습니다.") == 202 and sens.accepted[-1].state == "3016"
    brand = {"plusFriendId": "@shop", "messageType": "TEXT", "messages": [{"to": "01012345678", "content": "봄"}]}
    target = target.replace("alimtalk", "brandmessage")
    assert ask(sens, "POST", target, brand).status == 202
    brand["messages"][0]["useSmsFailover"] = True
    assert ask(sens, "POST", target, brand).status == 400


def test_sens_files_and_refusals(sens):
    base = f"/sms/v2/services/{SMS}"
    picture = ask(sens, "POST", base + "/files", {"fileName": "a.jpg", "fileBody": "/9j/4A=="}).json()["fileId"]
    letter = sms(type="MMS", files=[{"fileId": picture}])
    assert ask(sens, "POST", base + "/messages", letter).status == 202
    assert ask(sens, "POST", base + "/files", {"fileName": "a.png", "fileBody": "/9j/4A=="}).status == 400
    assert ask(sens, "POST", base + "/files", {"fileName": "a.jpg", "fileBody": "?"}).status == 400
    assert ask(sens, "POST", base + "/unsubscribes", [{"clientTelNo": "01012345678"}]).status == 201
    assert ask(sens, "GET", base + "/unsubscribes").json()[0]["registerType"] == "M"
    assert ask(sens, "DELETE", base + "/unsubscribes", [{"clientTelNo": "01012345678"}]).status == 204
    assert ask(sens, "GET", base + "/unsubscribes").json() == []


def test_aligo_vector(aligo):
    body = (b"key=testkey00000000000000000000000000&user_id=testid&sender=0212345678&receiver=01012345678%2C01087654321"
            b"&msg=%EC%95%88%EB%85%95+50%25+%26+100%2B%EC%9B%90&msg_type=SMS")
    assert aligo.answer("POST", "/send/", FORM, body).json()["success_cnt"] == 2
    assert aligo.answer("POST", "/send/", FORM, body.replace(b"+", b"%20")).json()["result_code"] == 1
    assert {one.text for one in aligo.accepted} == {"안녕 50% & 100+원"} and len(aligo.duplicates()) == 2
    before = len(aligo.accepted)
    assert aligo.answer("POST", "/send/", FORM, body + b"&testmode_yn=Y").json()["result_code"] == 1
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
    assert aligo.answer("POST", "/remain/", FORM, b"key=no&user_id=testid").json()["result_code"] == -101
    assert aligo.answer("POST", "/remain/", {"Content-Type": "application/json"}, b"{}").json()["result_code"] == -100
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
    aligo.accepted[0].state = "발송완료"
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
        assert aligo.accepted[-1].state == "K105"
