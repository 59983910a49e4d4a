"""What a request to Popbill may hold, and in what words Popbill refuses. Keeps nothing.

Popbill's table of codes is not public for messages: of those below only the beginnings are documented (-100… the member
or its token, -990… points); the words are what a client can go by."""
import re

FIELDS = {
    "SMS": {"snd", "sndnm", "content", "subject", "sndDT", "msgs", "requestnum", "adsYN"},
    "MMS": {"snd", "content", "subject", "sndDT", "msgs", "requestNum", "adsYN"},
    "ATS": {"templateCode", "snd", "content", "altSubject", "altContent", "altSendType", "sndDT", "msgs", "btns",
            "requestnum"},
}
FIELDS["LMS"] = FIELDS["XMS"] = FIELDS["SMS"]
MESSAGE = {"snd", "sndnm", "rcv", "rcvnm", "msg", "sjt", "interOPRefKey"}
KAKAO = {"rcv", "rcvnm", "msg", "altsjt", "altmsg", "btns", "interOPRefKey"}
BUTTON = {"n", "t", "u1", "u2"}
BYTES = {"SMS": 90, "LMS": 2000, "MMS": 2000}
MOST = 1000
PRICE = {"SMS": 9.0, "LMS": 26.0, "MMS": 70.0, "ATS": 7.0}
PICTURE = 300 * 1024

REQUEST = (-13000001, "요청 형식이 올바르지 않습니다.")
NO_SENDER = (-13000020, "등록되지 않은 발신번호입니다.")
TWICE = (-13000030, "이미 사용된 요청번호입니다.")
ABSENT = (-13000040, "전송내역이 존재하지 않습니다.")
NO_TEMPLATE = (-18000010, "템플릿 정보가 존재하지 않습니다.")
OTHER_TEXT = (-18000011, "내용이 템플릿과 일치하지 않습니다.")
NO_POINTS = (-99000010, "포인트가 부족합니다.")
NO_TOKEN = (-10000033, "토큰이 만료되었거나 올바르지 않습니다.")
NO_LINK = (-99000001, "링크아이디 또는 비밀키 인증에 실패하였습니다.")


def size(text):
    """Bytes in CP949, or None: it holds what cannot be sent."""
    try:
        return len(text.encode("cp949"))
    except UnicodeEncodeError:
        return None


def is_text(value):
    return value is None or isinstance(value, str)


def strangers(what, row, known):
    return [f"{what}: no field {name} is known" for name in sorted(set(row) - known)]


def texts(what, row, names):
    return [f"{what}: {name} is not a text" for name in names if not is_text(row.get(name))]


def request_faults(kind, body):
    """[what is wrong with the outside of a request, a sentence each]"""
    if not isinstance(body, dict):
        return [f"/{kind}: the body is not a JSON object"]
    faults = strangers(f"/{kind}", body, FIELDS[kind])
    faults += texts(f"/{kind}", body, FIELDS[kind] - {"msgs", "btns", "adsYN"})
    name = body.get(name_field(kind))
    if is_text(name) and name and not re.fullmatch("[A-Za-z0-9_-]{1,36}", name):
        faults.append(f"/{kind}: {name_field(kind)} is more than 36 letters, digits, - and _")
    if "adsYN" in body and not isinstance(body["adsYN"], bool):
        faults.append(f"/{kind}: adsYN is not true or false")
    if body.get("sndDT") and not re.fullmatch("[0-9]{14}", str(body["sndDT"])):
        faults.append(f"/{kind}: sndDT is not yyyyMMddHHmmss")
    if kind == "ATS":
        faults += kakao_faults(body)
    rows = body.get("msgs")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST or not all(isinstance(row, dict) for row in rows):
        faults.append(f"/{kind}: msgs is not a list of 1 to {MOST}")
    return faults or [fault for row in rows for fault in message_faults(kind, body, row)]


def name_field(kind):
    """The SDK spells it so in the form of an MMS."""
    return "requestNum" if kind == "MMS" else "requestnum"


def kakao_faults(body):
    faults = []
    if body.get("altSendType"):
        faults.append("/ATS: altSendType: Popbill would send a text message by itself")
    for button in (body.get("btns") or []):
        faults += strangers("a button", button, BUTTON)
        if button.get("t") == "WL" and not str(button.get("u1")).startswith(("http://", "https://")):
            faults.append("a button: u1 is not an address")
    return faults


def message_faults(kind, body, row):
    known = KAKAO if kind == "ATS" else MESSAGE
    faults = strangers("a message", row, known) + texts("a message", row, known - {"btns"})
    if faults:
        return faults
    if not re.fullmatch("0[0-9]{8,11}", row.get("rcv") or ""):
        faults.append("a message: rcv is not a Korean number in digits")
    if not (row.get("msg") or body.get("content")):
        faults.append("a message: neither msg nor content")
    return faults + ([] if kind == "ATS" else size_faults(kind, body, row))


def size_faults(kind, body, row):
    """Popbill cuts what is too long, without a word."""
    text, title = row.get("msg") or body.get("content") or "", row.get("sjt") or body.get("subject") or ""
    long, wide = size(text), size(title)
    if long is None or wide is None:
        return ["a message: it holds a character that CP949 lacks"]
    if kind == "SMS" and title:
        return ["a message: an SMS has no sjt"]
    faults = []
    if long > BYTES.get(kind, 2000):
        faults.append(f"a message: {long} bytes in {kind} would be cut")
    if wide > 40:
        faults.append(f"a message: sjt has {wide} bytes")
    return faults


def fits(template, text):
    """The approved text, each #{…} of it being anything."""
    words = [re.escape(part) for part in re.split(r"#\{[^}]*\}", template)]
    return re.fullmatch("(?s:.*?)".join(words), text) is not None
