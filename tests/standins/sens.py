"""Provider SENS (Naver Cloud) as api.ncloud-docs.com/docs/sens-* describes it; what a page leaves open is refused.
It carries no key of ours: a message's key is its number and text."""
import base64
import binascii
import hashlib
import hmac
import re
import urllib.parse

from .base import Answer, StandIn
from .sens_kakao import Kakao
from .sens_rows import Rows
from .strict import Broken, key_of, korea, require, shape, size, sound
from .wire import NOT_JSON

SKEW = 5 * 60
KEPT = 6 * 24 * 3600
MOST = {"SMS": 90, "LMS": 2000, "MMS": 2000}
NUMBER = re.compile("[0-9]{8,12}")
PICTURE = re.compile(r"[^/\\]{1,36}\.jpe?g", re.I)
LETTER = {"type": str, "contentType": str, "countryCode": str, "from": str, "subject": str, "content": str,
          "messages": list, "files": list}
MESSAGE = {"to": str, "subject": str, "content": str}
GATEWAY = {400: ("100", "Bad Request Exception"), 401: ("200", "Authentication Failed"),
           403: ("210", "Permission Denied"), 404: ("300", "Not Found Exception"),
           413: ("430", "Request Entity Too Large"), 429: ("420", "Rate Limited"),
           503: ("500", "Endpoint Error"), 504: ("510", "Endpoint Timeout")}
SERVICE = "/{}/v2/services/([^/]+)"
SMS, TALK, BRAND = (SERVICE.format(api) for api in ("sms", "alimtalk", "brandmessage"))


def signature(secret, method, target, timestamp, key):
    """Signature v2: the target is signed exactly as it stands on the request line."""
    text = f"{method} {target}\n{timestamp}\n{key}"
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def sends(request):
    return request.method == "POST" and request.path.endswith("/messages")


class Sens(Kakao, Rows, StandIn):
    """sms, kakao: the ids of the two services. channels: {"@shop": {"code": ("content", [buttons])}}.
    denied: {number: (milliseconds, "C" by 080 or "M" by hand)}. intake: {number: the code ("B001") with which
    KakaoTalk's part refuses it when it is asked to send}."""
    SENDS = staticmethod(sends)
    routes = (
        ("POST", SMS + "/messages", "send_sms"),
        ("GET", SMS + "/messages", "list_sms"),
        ("GET", SMS + "/messages/([^/]+)", "read_sms"),
        ("POST", SMS + "/files", "upload"),
        ("GET", SMS + "/unsubscribes", "list_denied"),
        ("POST", SMS + "/unsubscribes", "add_denied"),
        ("DELETE", SMS + "/unsubscribes", "drop_denied"),
        ("POST", TALK + "/messages", "send_alimtalk"),
        ("GET", TALK + "/messages", "list_alimtalk"),
        ("GET", TALK + "/messages/([^/]+)", "read_alimtalk"),
        ("GET", TALK + "/channels", "list_channels"),
        ("GET", TALK + "/templates", "list_templates"),
        ("POST", BRAND + "/messages", "send_brand"),
        ("POST", BRAND + "/images", "upload_image"),
        ("GET", BRAND + "/messages", "list_brand"),
        ("GET", BRAND + "/messages/([^/]+)", "read_brand"),
    )

    def __init__(self, key="testAccessKey0000001", secret="testSecretKeyABCDEFGHIJKLMNOPQRSTUVWXYZ01",
                 sms="ncp:sms:kr:123456789012:myproj", kakao="ncp:kkobizmsg:kr:1234567:myproj",
                 senders=("0212345678",), channels=None, tls=False, **more):
        super().__init__(tls=tls, **more)
        self.table = [(method, pattern, self.strict(function)) for method, pattern, function in self.table]
        self.key, self.secret, self.services = key, secret, {"sms": sms, "alimtalk": kakao, "brandmessage": kakao}
        self.senders, self.channels = tuple(senders), channels or {}
        self.files, self.images, self.denied, self.intake = {}, {}, {}, {}
        self.most_page = 100

    # ---- who is let in ----

    def admit(self, request):
        stamp, key, given = (request.headers.get("x-ncp-" + name, "")
                             for name in ("apigw-timestamp", "iam-access-key", "apigw-signature-v2"))
        if not re.fullmatch("[0-9]{13}", stamp) or not key or not given:
            self.violate("a header x-ncp-… is missing or not as documented")
            return self.refusal(401, request)
        right = signature(self.secret, request.method, request.target, stamp, self.key)
        if abs(self.clock() - int(stamp) / 1000) > SKEW or key != self.key:
            return self.refusal(401, request)
        return None if hmac.compare_digest(right.encode(), given.encode()) else self.refusal(401, request)

    def refusal(self, status, request):
        code, words = GATEWAY.get(status, ("900", "Unexpected Error"))
        return Answer(status, {"error": {"errorCode": code, "message": words, "details": ""}})

    def strict(self, function):
        """That function, where another's service is not found, and what is broken is a violation and a 400."""
        def call(request, service, *found):
            if urllib.parse.unquote(service) != self.services[request.path.split("/")[1]]:
                return self.refusal(404, request)
            try:
                with self.lock:
                    return function(request, *found)
            except Broken as broken:
                self.violate(f"{request.method} {request.path}: {broken}")
                return Answer(400, {"status": 400, "errors": [str(broken)]})
        return call

    def body(self, request):
        require(request.kind() == "application/json" and request.json() is not NOT_JSON, "the body is no JSON")
        return sound(request.json())

    def only(self, request, names):
        """Parameters of other names do nothing, as the real one has it; but a client has no reason to send them."""
        for name in set(request.query()) - names:
            self.violate(f"{request.method} {request.path}: an unknown parameter {name}")

    # ---- sending text messages ----

    def send_sms(self, request):
        letter = shape("the request", self.body(request), LETTER)
        kind, own = letter.get("type"), letter.get("content")
        require(kind in MOST, "type")
        require(letter.get("contentType", "COMM") in ("COMM", "AD"), "contentType")
        require(letter.get("countryCode", "82") == "82", "countryCode")
        require(letter.get("from") in self.senders, "from is not a registered number")
        require(own, "content")
        files = self.pictures(kind, letter.get("files", []))
        messages = self.addressed(letter, MESSAGE)
        for one in messages:
            self.fits(kind, one.get("subject", letter.get("subject")), one.get("content", own))
        call = f"VORSSA-{self.next_number()}"
        for one in messages:
            self.take("sms", call, one["to"], one.get("content", own), kind if files or kind == "SMS" else "LMS",
                      sender=letter["from"], ad=letter.get("contentType") == "AD", files=files,
                      subject=one.get("subject", letter.get("subject")))
        return self.taken(call)

    def pictures(self, kind, files):
        """Their bytes; an MMS without any is an LMS."""
        require(kind == "MMS" or not files, f"files of an {kind}")
        names = [shape("a file", one, {"fileId": str}).get("fileId") for one in files]
        require(all(name in self.files and self.files[name][2] > self.clock() for name in names), "no such fileId")
        return [self.files[name][1] for name in names]

    @staticmethod
    def fits(kind, subject, content):
        require(0 < size(content) <= MOST[kind], f"content is empty, too long for {kind}, or no carrier shows it")
        require(subject is None or kind != "SMS", "subject of an SMS")
        require(subject is None or size(subject) <= 40, "subject is over 40 bytes")

    @staticmethod
    def addressed(letter, fields):
        """The request's messages, of these fields."""
        messages = letter.get("messages", [])
        require(1 <= len(messages) <= 100, "1 to 100 messages")
        for one in messages:
            shape("a message", one, fields)
            require(NUMBER.fullmatch(one.get("to", "")), "to is digits only")
        require(len({one["to"] for one in messages}) == len(messages),
                "a number twice in one request cannot be told apart")
        return messages

    def take(self, service, call, to, text, kind, **more):
        name = {"sms": "0-ESA", "alimtalk": "AT", "brandmessage": "BM"}[service]
        return self.accept(key_of(to, text), to, text, kind, f"{name}-{self.next_number():08d}", service=service,
                           call=call, **more)

    def taken(self, call, **more):
        return Answer(202, {"requestId": call, "requestTime": korea(self.clock(), "%Y-%m-%dT%H:%M:%S.000"),
                            "statusCode": "202", "statusName": "success", **more})

    def zero(self, request):
        """Sending: accepted as HTTP has it, and failed as the body has it; asking: no row."""
        if not sends(request):
            return Answer(200, {"statusCode": "202", "statusName": "success", "messages": []})
        call = f"NONE-{self.next_number()}"
        if request.path.startswith("/sms/"):
            return self.taken(call, statusCode="400", statusName="fail")
        return self.taken(call, messages=[self.left_out(one["to"]) for one in request.json()["messages"]])

    # ---- pictures ----

    def upload(self, request):
        body = shape("the request", self.body(request), {"fileName": str, "fileBody": str})
        name = body.get("fileName", "")
        require(PICTURE.fullmatch(name), "fileName ends with .jpg and has at most 40 letters")
        try:
            picture = base64.b64decode(body.get("fileBody", ""), validate=True)
        except (binascii.Error, ValueError):
            raise Broken("fileBody is no base64") from None
        require(picture[:3] == b"\xff\xd8\xff" and len(picture) <= 300 * 1024, "a JPEG of at most 300 KB")
        for known, (its, old, until) in self.files.items():  # same name and size: taken for the same
            if (its, len(old)) == (name, len(picture)) and until > self.clock():
                return self.uploaded(known)
        known = f"file-{self.next_number()}"
        self.files[known] = (name, picture, self.clock() + KEPT)
        return self.uploaded(known)

    def uploaded(self, known):
        until = self.files[known][2]
        return Answer(200, {"fileId": known, "createTime": korea(until - KEPT), "expireTime": korea(until)})

    # ---- who refused by 080 ----

    def list_denied(self, request):
        known = {"startTime", "endTime", "pageSize", "pageIndex", "clientTelNo"}
        self.only(request, known)
        numbers = {name: request.one(name, "") for name in known - {"clientTelNo"} if name in request.query()}
        require(all(re.fullmatch("[0-9]{1,13}", value) for value in numbers.values()), "a parameter is no number")
        start, end = int(numbers.get("startTime", 0)), int(numbers.get("endTime", 10 ** 13))
        rows = [{"clientTelNo": number, "registerTime": at, "registerType": kind}
                for number, (at, kind) in self.denied.items()
                if start <= at <= end and request.one("clientTelNo", number) == number]
        many, page = int(numbers.get("pageSize", 100)), int(numbers.get("pageIndex", 0))
        require(1 <= many <= 100, "pageSize is 1 to 100")
        return Answer(200, rows[page * many:(page + 1) * many])

    def numbers(self, request):
        rows = self.body(request)
        require(isinstance(rows, list) and 1 <= len(rows) <= 1000, "1 to 1,000 numbers")
        for one in rows:
            shape("a row", one, {"clientTelNo": str})
            require(NUMBER.fullmatch(one.get("clientTelNo", "")), "clientTelNo is digits only")
        return [one["clientTelNo"] for one in rows]

    def deny(self, number, kind="C"):
        with self.lock:
            self.denied[number] = (int(self.clock() * 1000), kind)

    def add_denied(self, request):
        for number in self.numbers(request):
            self.deny(number, "M")
        return Answer(201)

    def drop_denied(self, request):
        for number in self.numbers(request):
            self.denied.pop(number, None)
        return Answer(204)
