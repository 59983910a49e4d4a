"""Provider SOLAPI as it documents itself and as its own SDK speaks to it. What it accepted has its key in
customFields["dangol"]. Names of errors that no source gives are its own; a client must not look at them."""
import hashlib
import hmac
import json
import re

from .base import Answer, StandIn
from .solapi_desk import Desk
from .solapi_kakao import check_alimtalk, check_brand
from .solapi_message import FIELDS, Broken, Refused, check_numbers, check_text, custom, kind_of, shape
from .solapi_shapes import Entry, Group, group_info, instant, listed, refusal_item, report, result_item
from .wire import NOT_JSON

MINUTE = 60
SKEW = 15 * MINUTE
MOST_MESSAGES, MOST_BYTES, MOST_GROUP, MOST_PAGE = 10000, 15 << 20, 1000000, 500
SIGNED = re.compile(r"(HMAC-(?:SHA256|MD5)) (?i:apikey)=([^,\s]+), (?i:date)=([^,\s]+), (?i:salt)=([^,\s]{12,64}), "
                    r"(?i:signature)=([0-9a-f]{32}|[0-9a-f]{64})")
AGENT = {"sdkVersion": str, "osPlatform": str, "appId": str}
MANY = {"messages": list, "scheduledDate": str, "allowDuplicates": bool, "strict": bool, "showMessageList": bool,
        "agent": dict}
GROUP = {"allowDuplicates": bool, "strict": bool, "customFields": dict, **AGENT}
LIST = {"startKey", "limit", "messageId", "messageIds", "messageIds[]", "groupId", "to", "from", "type", "statusCode",
        "dateType", "startDate", "endDate"}


def error(status, code, words):
    return Answer(status, {"errorCode": code, "errorMessage": words})


def sends(request):
    return request.method == "POST" and re.fullmatch(
        "/messages/v4/(send|send-many/detail|groups/[^/]+/send)", request.path) is not None


class Solapi(Desk, StandIn):
    """refused: {number: statusCode} of what is not registered. profiles: the account's pfIds (None: any).
    balance: won; none left refuses every message. hook: the secret of the reports; wrapped: each report stands in
    an event's `data`, as SOLAPI's Python SDK reads it."""
    SENDS = staticmethod(sends)
    routes = (
        ("POST", "/messages/v4/send-many/detail", "send_many"),
        ("POST", "/messages/v4/send", "send_one"),
        ("POST", "/messages/v4/groups", "create_group"),
        ("GET", "/messages/v4/groups/([^/]+)", "read_group"),
        ("DELETE", "/messages/v4/groups/([^/]+)", "drop_group"),
        ("PUT", "/messages/v4/groups/([^/]+)/messages", "add_to_group"),
        ("GET", "/messages/v4/groups/([^/]+)/messages", "list_group"),
        ("POST", "/messages/v4/groups/([^/]+)/send", "send_group"),
        ("GET", "/messages/v4/list", "list"),
        ("POST", "/storage/v1/files", "upload"),
        ("GET", "/cash/v1/balance", "read_balance"),
        ("GET", "/senderid/v1/numbers/active", "read_senders"),
        ("GET", "/iam/v1/black", "read_blacks"),
        ("GET", "/kakao/v2/templates/([^/]+)", "read_template"),
    )

    def __init__(self, key="NCSTESTKEY000001", secret="SOLAPITESTSECRET0123456789ABCDEF", senders=("0212345678",),
                 tls=False, **more):
        super().__init__(tls=tls, **more)
        self.table = [(method, pattern, self.strict(function)) for method, pattern, function in self.table]
        self.key, self.secret, self.senders = key, secret, tuple(senders)
        self.salts, self.groups, self.entries, self.files, self.templates = {}, {}, {}, {}, {}
        self.refused, self.blacks, self.profiles = {}, [], None
        self.balance, self.hook, self.wrapped = 100000, "hook-secret-1", False

    # ---- who is let in ----

    def admit(self, request):
        header = request.headers.get("authorization")
        found = SIGNED.fullmatch(header or "")
        if not found or instant(found[3]) is None:
            self.violate("the header Authorization is missing or not as documented")
            return error(401, "Unauthorized", "인증 정보가 올바르지 않습니다.")
        way, key, date, salt, signature = found.groups()
        if key != self.key:
            return error(403, "InvalidAPIKey", "유효한 API Key가 아닙니다.")
        if abs(instant(date) - self.clock()) > SKEW:
            return error(403, "RequestTimeTooSkewed", "서버 시각과 15분 넘게 차이가 납니다.")
        digest = hashlib.sha256 if way == "HMAC-SHA256" else hashlib.md5
        mac = hmac.new(self.secret.encode(), (date + salt).encode(), digest).hexdigest()
        if not hmac.compare_digest(mac, signature):
            return error(403, "SignatureDoesNotMatch", "시그니처가 일치하지 않습니다.")
        with self.lock:
            last, self.salts[salt] = self.salts.get(salt), self.clock()
        if last is not None and self.clock() - last < SKEW:
            self.violate("a salt was used before")
            return error(403, "DuplicatedSignature", "이미 사용된 시그니처입니다.")
        return None

    def refusal(self, status, request):
        if status == 429:  # its second key has another name than all others
            return Answer(429, {"errorCode": "TooManyRequests", "message": "요청이 너무 많습니다."})
        return error(status, {404: "ResourceNotFound", 405: "MethodNotAllowed"}.get(status, "InternalError"),
                     "요청을 처리하지 못했습니다.")

    def strict(self, function):
        """That function, where what is broken is a violation and a 400."""
        def call(request, *found):
            try:
                return function(request, *found)
            except Broken as broken:
                self.violate(f"{request.method} {request.path}: {broken}")
                return error(400, "ValidationError", str(broken))
        return call

    def body(self, request, fields):
        """The body, which must have these fields and no others."""
        if request.kind() != "application/json" or request.json() is NOT_JSON:
            raise Broken("the body is no JSON")
        shape("the body", request.json(), fields)
        return request.json()

    def query(self, request, names):
        for name in request.query():
            if name not in names:
                raise Broken(f"an unknown parameter {name}")
        return request.query()
