"""Popbill (Linkhub): text messages and AlimTalk, strict in what it takes.

Source: Linkhub's Python SDKs for paths, headers, fields and the token. `accepted` carries interOPRefKey as its key.
state and result of what became of a message: as Popbill's page on KakaoTalk's webhook tells (3: done, then result
says how; 100: well), of text messages alike."""
import base64
import calendar
import hashlib
import hmac
import json
import re
import time

from . import popbill_shape as shape
from .base import StandIn
from .wire import NOT_JSON, Answer

NEAR = 15 * 60
LIFE = 30 * 60
STATE = {"delivered": (3, 100), "pending": (2, None), "unconfirmed": (2, None), "failed": (3, None)}


def sends(request):
    return request.method == "POST" and request.path in ("/SMS", "/LMS", "/XMS", "/MMS", "/ATS")


def refused(why, status=400):
    return Answer(status, {"code": why[0], "message": why[1]})


def korea(seconds):
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds + 9 * 3600)) if seconds is not None else None


class Popbill(StandIn):
    """points: what is left, None: without end. templates: {code: approved text}. denied: numbers that refused.
    absent: how a name that it does not know is told, "error" or "empty"."""
    SENDS = staticmethod(sends)
    routes = (
        ("POST", "/(POPBILL|POPBILL_TEST)/Token", "token"),
        ("GET", "/(POPBILL|POPBILL_TEST)/Point", "point"),
        ("GET", "/Time", "now"),
        ("POST", "/(SMS|LMS|XMS|ATS)", "send"),
        ("POST", "/(MMS)", "send_form"),
        ("GET", "/Message/Denied", "list_denied"),
        ("GET", "/Message/SenderNumber", "list_senders"),
        ("GET", "/Message/UnitCost", "unit_cost"),
        ("GET", "/KakaoTalk/ListATSTemplate", "list_templates"),
        ("GET", "/(Message|KakaoTalk)/(Get/)?([^/]+)", "show"),
    )

    def __init__(self, link_id="TESTLINK", secret="bGlua2h1Yi1zZWNyZXQta2V5LTMyLWJ5dGVzLWxlbiE=", user="1234567890",
                 senders=("0212345678",), tls=False, **more):
        super().__init__(tls=tls, **more)
        self.link_id, self.secret, self.user, self.senders = link_id, secret, user, senders
        self.tokens, self.names = {}, {}  # {token: (scope, its end)}, {our name of a request: receiptNum}
        self.points, self.templates, self.denied, self.absent = None, {}, [], "error"

    # ---- who is let in ----

    def signature(self, request, date):
        """Over the body as it came; forwarded stands in it only where its header came."""
        digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        forwarded = request.headers.get("x-lh-forwarded")
        words = ["POST", digest, date] + ([forwarded] if forwarded is not None else []) + ["2.0", request.path]
        mac = hmac.new(base64.b64decode(self.secret), "\n".join(words).encode(), hashlib.sha256)
        return f"LINKHUB {self.link_id} {base64.b64encode(mac.digest()).decode()}"

    def admit(self, request):
        if request.path == "/Time":
            return None
        if request.path.endswith("/Token"):
            return self.admit_link(request)
        if not request.path.endswith("/Point") and request.headers.get("x-pb-version") != "1.0":
            self.violate(f"{request.path}: x-pb-version is not 1.0")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            self.violate(f"{request.path}: no Bearer token")
        scope, end = self.tokens.get(token, ((), 0))
        if scheme != "Bearer" or end < self.clock():
            return refused(shape.NO_TOKEN, 401)
        if not request.path.endswith("/Point") and not scope & self.scopes(request.path):
            self.violate(f"{request.path}: the token's scope does not hold it")
            return refused(shape.NO_TOKEN, 401)
        return None

    @staticmethod
    def scopes(path):
        if path.startswith(("/ATS", "/KakaoTalk")):
            return {"153", "154", "155"}
        if path in ("/Message/SenderNumber", "/Message/Denied"):
            return {"150", "151", "152", "153", "154", "155"}
        return {"150", "151", "152"}

    def admit_link(self, request):
        date = request.headers.get("x-lh-date", "")
        if request.headers.get("x-lh-version") != "2.0":
            self.violate("Token: x-lh-version is not 2.0")
        if request.headers.get("x-lh-forwarded", "*") != "*" and not re.fullmatch(
                r"[0-9a-fA-F.:]+", request.headers["x-lh-forwarded"]):
            self.violate("Token: x-lh-forwarded is neither * nor an address")
        try:
            at = calendar.timegm(time.strptime(date, "%Y-%m-%dT%H:%M:%SZ"))
        except ValueError:
            self.violate("Token: x-lh-date is not yyyy-MM-ddTHH:mm:ssZ")
            return refused(shape.NO_LINK)
        right = hmac.compare_digest(request.headers.get("authorization", ""), self.signature(request, date))
        return None if right and abs(self.clock() - at) <= NEAR else refused(shape.NO_LINK)

    def token(self, request, service):
        body = request.json()
        if body is NOT_JSON or not isinstance(body, dict) or set(body) != {"access_id", "scope"}:
            self.violate("Token: the body is not access_id and scope")
            return refused(shape.REQUEST)
        scope = body["scope"]
        if not isinstance(scope, list) or "member" not in scope or not set(scope) <= {
                "member", "150", "151", "152", "153", "154", "155"}:
            self.violate(f"Token: scope {scope}")
            return refused(shape.REQUEST)
        if body["access_id"] != self.user:
            return refused((-10000014, "사업자번호에 해당하는 회원이 가입되어 있지 않습니다."))
        token = base64.b64encode(hashlib.sha256(b"%d" % self.next_number()).digest()).decode()
        with self.lock:
            self.tokens[token] = (set(scope), self.clock() + LIFE)
        end = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.clock() + LIFE))
        return Answer(200, {"session_token": token, "serviceID": service, "linkID": self.link_id, "usercode": self.user,
                            "expiration": end, "ipaddress": "127.0.0.1", "scope": scope})

    def expire(self):
        """Every token that was given is over."""
        with self.lock:
            self.tokens.clear()

    # ---- sending ----

    def send(self, request, kind):
        if request.kind() != "application/json":
            self.violate(f"/{kind}: Content-Type is not application/json")
        return self.take(kind, request.json())

    def send_form(self, request, kind):
        form = request.form() if request.kind() == "multipart/form-data" else None
        if form is None or [name for name, _ in form] != ["form", "file"] or not isinstance(form[1][1], tuple):
            self.violate("/MMS: not a multipart form of form and file")
            return refused(shape.REQUEST)
        picture = form[1][1][1]
        if not picture.startswith(b"\xff\xd8") or len(picture) > shape.PICTURE:
            self.violate(f"/MMS: file is not a JPEG of at most {shape.PICTURE} bytes")
            return refused(shape.REQUEST)
        try:
            body = json.loads(form[0][1])
        except ValueError:
            body = NOT_JSON
        return self.take(kind, body)

    def take(self, kind, body):
        faults = shape.request_faults(kind, body)
        for fault in faults:
            self.violate(fault)
        if faults:
            return refused(shape.REQUEST)
        with self.lock:
            why = self.refuses(kind, body)
            return refused(why) if why else self.keep(kind, body)

    def refuses(self, kind, body):
        """Why not, or None; all of a request or nothing."""
        rows = body["msgs"]
        senders = {row.get("snd") or body.get("snd") for row in rows}
        if not senders <= set(self.senders):
            return shape.NO_SENDER
        if body.get(shape.name_field(kind)) in self.names:
            return shape.TWICE
        if self.points is not None and self.points < sum(shape.PRICE[self.kind_of(kind, body, row)] for row in rows):
            return shape.NO_POINTS
        if kind != "ATS":
            return None
        template = self.templates.get(body.get("templateCode"))
        if template is None:
            return shape.NO_TEMPLATE
        fit = all(shape.fits(template, row.get("msg") or body.get("content")) for row in rows)
        return None if fit else shape.OTHER_TEXT

    @staticmethod
    def kind_of(kind, body, row):
        if kind != "XMS":
            return kind
        return "SMS" if shape.size(row.get("msg") or body.get("content")) <= 90 else "LMS"

    def keep(self, kind, body):
        name = body.get(shape.name_field(kind))
        receipt = f"0{time.strftime('%y%m%d%H%M%S', time.gmtime(self.clock()))}{self.next_number():05d}"
        if name:
            self.names[name] = receipt
        for at, row in enumerate(body["msgs"]):
            which = self.kind_of(kind, body, row)
            self.points = None if self.points is None else self.points - shape.PRICE[which]
            self.accept(row.get("interOPRefKey") or f"{receipt}-{at}", row["rcv"],
                        row.get("msg") or body.get("content"), which, receipt, ref=row.get("interOPRefKey"),
                        request=name, sender=row.get("snd") or body.get("snd"), ad=body.get("adsYN", False),
                        title=row.get("sjt") or body.get("subject"), name=row.get("rcvnm"),
                        template=body.get("templateCode"), buttons=row.get("btns") or body.get("btns"))
        return Answer(200, {"receiptNum": receipt})

    # ---- asking ----

    def rows_of(self, receipt):
        with self.lock:
            return [one for one in self.accepted if one.provider_id == receipt]

    def show(self, request, where, by_name, name):
        receipt = self.names.get(name) if by_name else name
        rows = [one for one in self.rows_of(receipt) if (one.kind == "ATS") == (where == "KakaoTalk")]
        if not rows:
            return Answer(200, []) if self.absent == "empty" and where == "Message" else refused(shape.ABSENT)
        if where == "Message":
            return Answer(200, [self.text_row(one) for one in rows])
        first = rows[0].more
        return Answer(200, {"contentType": "ATS", "templateCode": first["template"], "plusFriendID": "@dangol",
                            "sendNum": first["sender"], "altSendType": "", "adsYN": False, "sendCnt": len(rows),
                            "btns": first["buttons"], "msgs": [self.kakao_row(one) for one in rows]})

    def told(self, message):
        what, code = self.result_of(message)
        state, result = STATE[what]
        done = korea(self.clock()) if state == 3 else None
        return {"state": state, "result": int(code) if code is not None else result,
                "receiptDT": korea(message.time), "sendDT": korea(message.time), "resultDT": done, "reserveDT": None,
                "receiveNum": message.to, "receiveName": message.more["name"], "content": message.text,
                "receiptNum": message.provider_id, "requestNum": message.more["request"],
                "interOPRefKey": message.more["ref"]}

    def text_row(self, message):
        return dict(self.told(message), type=message.kind, subject=message.more["title"],
                    sendNum=message.more["sender"], senderName=None, tranNet="SKT")

    def kakao_row(self, message):
        return dict(self.told(message), contentType="ATS", altSubject=None, altContent=None, altContentType=None,
                    altSendDT=None, altResult=None, altResultDT=None)

    # ---- what the account has ----

    def now(self, request):
        return Answer(200, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock())).encode())

    def point(self, request, service):
        return Answer(200, {"remainPoint": 99999.0 if self.points is None else self.points})

    def list_denied(self, request):
        return Answer(200, [{"number": number, "regDT": korea(self.clock())} for number in self.denied])

    def list_senders(self, request):
        return Answer(200, [{"number": number, "representYN": at == 0, "state": 1, "memo": ""}
                            for at, number in enumerate(self.senders)])

    def unit_cost(self, request):
        kind = request.one("Type")
        return Answer(200, {"unitCost": shape.PRICE[kind]}) if kind in shape.PRICE else refused(shape.REQUEST)

    def list_templates(self, request):
        return Answer(200, [{"templateCode": code, "templateName": code, "template": text, "plusFriendID": "@dangol",
                             "ads": None, "appendix": None, "btns": []} for code, text in self.templates.items()])

    # ---- answers of faults ----

    def refusal(self, status, request):
        return Answer(status, {"code": -13009000 - status, "message": "요청을 처리하지 못했습니다."})

    def zero(self, request):
        return Answer(200, {"receiptNum": ""} if sends(request) else {})
