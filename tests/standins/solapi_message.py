"""One message as SOLAPI takes it: its fields, its kind, its sizes. Knows nothing of requests and groups."""
import re

MOST_SMS, MOST_LMS, MOST_SUBJECT = 90, 2000, 40  # bytes in CP949
MOST_FIELD_NAME, MOST_FIELD = 30, 100
FIELDS = {"to": (str, list), "from": str, "text": str, "type": str, "subject": str, "imageId": str,
          "autoTypeDetect": bool, "kakaoOptions": dict, "country": str, "customFields": dict, "replacements": list}
KINDS = ("SMS", "LMS", "MMS", "ATA", "BMS_FREE")
NUMBER = re.compile("0[0-9]{8,11}")

MEANINGS = {
    "2000": "정상 접수(이통사로 접수 예정)", "3000": "이통사로 접수 중(리포트 대기)", "4000": "수신완료",
    "1010": "수신번호 누락", "1011": "발신번호 누락", "1013": "메시지 타입 오류", "1014": "제목 길이 초과",
    "1020": "유효하지 않은 수신번호", "1023": "내용 누락", "1025": "이미지 없음", "1026": "수신번호 중복",
    "1029": "지원하지 않는 문자", "1030": "잔액 부족", "1031": "내용 길이 초과", "1034": "지원하지 않는 국가",
    "1041": "채널 오류", "1042": "템플릿 없음", "1043": "템플릿 불일치", "1044": "버튼 오류",
    "1061": "080 수신거부", "1062": "등록되지 않은 발신번호",
}


class Broken(Exception):
    """A request that is refused as a whole. ours: the client could have known it."""

    def __init__(self, why, ours=True):
        super().__init__(why)
        self.ours = ours


class Refused(Exception):
    """A message that is not registered. ours: the client could have known it."""

    def __init__(self, code, why, ours=True):
        super().__init__(f"{code}: {why}")
        self.code, self.ours = code, ours


def shape(where, value, fields):
    """Refuses what is no object, fields without a name in `fields`, and values of another type."""
    if not isinstance(value, dict):
        raise Broken(f"{where} is no object")
    for name, given in value.items():
        if name not in fields:
            raise Broken(f"{where} has an unknown field {name}")
        if not isinstance(given, fields[name]):
            raise Broken(f"{where}.{name} is a {type(given).__name__}")


def custom(where, fields, most=None):
    """customFields: texts by name, both short. most: pairs."""
    for name, value in fields.items():
        if not isinstance(value, str):
            raise Broken(f"{where}.customFields.{name} is no text")
        if not 1 <= len(name) <= MOST_FIELD_NAME or len(value) > MOST_FIELD:
            raise Broken(f"{where}.customFields.{name} is too long")
    if most is not None and len(fields) > most:
        raise Broken(f"{where}.customFields has more than {most} pairs")


def size(text):
    """Bytes as text messages count them."""
    try:
        return len(text.encode("cp949"))
    except UnicodeEncodeError as found:
        raise Refused("1029", f"U+{ord(text[found.start]):04X} is not in CP949") from None


def kind_of(message):
    """Its type; where there is none, what SOLAPI takes it for."""
    if "type" in message:
        if message["type"] not in KINDS:
            raise Refused("1013", f"type {message['type']}")
        return message["type"]
    if message.get("autoTypeDetect", True) is False:
        raise Refused("1013", "no type, and it is not to be guessed")
    options = message.get("kakaoOptions", {})
    if "bms" in options:
        return "BMS_FREE"
    if "templateId" in options:
        return "ATA"
    if "imageId" in message:
        return "MMS"
    return "LMS" if "subject" in message or size(message.get("text", "")) > MOST_SMS else "SMS"


def check_text(kind, message, files):
    """SMS, LMS or MMS: the text that arrives. files: {id of an uploaded file: its type}."""
    text = message.get("text", "")
    if not text:
        raise Refused("1023", "no text")
    if "kakaoOptions" in message:
        raise Refused("1013", f"{kind} with kakaoOptions")
    if size(text) > (MOST_SMS if kind == "SMS" else MOST_LMS):
        raise Refused("1031", f"{size(text)} bytes are no {kind}")
    if size(message.get("subject", "")) > MOST_SUBJECT:
        raise Refused("1014", "the subject is too long")
    if kind == "SMS" and "subject" in message:
        raise Refused("1013", "an SMS has no subject")
    if (kind == "MMS") != ("imageId" in message):
        raise Refused("1025", f"{kind} {'without' if kind == 'MMS' else 'with'} imageId")
    if kind == "MMS" and files.get(message["imageId"]) != "MMS":
        raise Refused("1025", "imageId is none of an MMS picture")
    return text


def check_numbers(kind, message, to, senders):
    if message.get("country", "82") != "82":
        raise Refused("1034", "country")
    if not to:
        raise Refused("1010", "no recipient")
    if not NUMBER.fullmatch(to):
        raise Refused("1020", "to is no number in digits")
    sender = message.get("from")
    if sender is None and kind in ("SMS", "LMS", "MMS"):
        raise Refused("1011", "no sender")
    if sender is not None and not sender.isdigit():
        raise Refused("1062", "from is no number in digits")
    if sender is not None and sender not in senders:
        raise Refused("1062", "the sender is not registered", ours=False)
