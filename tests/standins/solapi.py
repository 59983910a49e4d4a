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
from .solapi_shapes import Entry, Group, code_of, group_info, instant, iso, item, listed, report, short_item
from .wire import NOT_JSON

MINUTE = 60
SKEW = 15 * MINUTE
MOST_MESSAGES, MOST_BYTES, MOST_GROUP, MOST_PAGE = 10000, 15 << 20, 1000000, 500
SIGNED = re.compile(r"(HMAC-(?:SHA256|MD5)) (?i:apikey)=([^,\s]+), (?i:date)=([^,\s]+), (?i:salt)=([^,\s]{12,64}), "
                    r"(?i:signature)=([0-9a-f]{32}|[0-9a-f]{64})")
AGENT = {"sdkVersion": str, "osPlatform": str, "appId": str}
MANY = {"messages": list, "scheduledDate": str, "allowDuplicates": bool, "strict": bool, "showMessageList": bool,
        "agent": dict}
ONE = {"message": dict, "agent": dict}
GROUP = {"allowDuplicates": bool, "strict": bool, "customFields": dict, **AGENT}
LIST = {"startKey", "limit", "messageId", "messageIds", "messageIds[]", "groupId", "to", "from", "type", "statusCode",
        "dateType", "startDate", "endDate"}


def error(status, code, words):
    return Answer(status, {"errorCode": code, "errorMessage": words})


def sends(request):
    return request.method == "POST" and re.fullmatch(
        "/messages/v4/(send|send-many/detail|groups/[^/]+/send)", request.path) is not None


class Solapi(Desk, StandIn):
    """refused: {number: statusCode} of what is not registered; poison: numbers that have a whole request refused.
    profiles: the account's pfIds (None: any). balance: won; none left refuses every message. hook: the secret of the
    reports; wrapped: each report stands in an event's `data`, as SOLAPI's Python SDK reads it."""
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
        ("GET", "/messages/v4/list", "list_messages"),
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
        self.refused, self.poison, self.blacks, self.profiles = {}, set(), [], None
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
                if broken.ours:
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

    # ---- sending ----

    def number_of(self, letter):
        stamp = iso(self.clock())[:19].translate({ord(sign): None for sign in "-T:"})
        return f"{letter}4V{stamp}{self.next_number():016d}"

    def messages_of(self, messages):
        """[(message, number)]: a message to many is one to each. Shapes that are wrong refuse the whole."""
        found = []
        for message in messages:
            shape("a message", message, FIELDS)
            custom("a message", message.get("customFields", {}))
            to = message.get("to", "")
            found += [(message, one) for one in (to if isinstance(to, list) else [to])]
        if any(to in self.poison for _, to in found):
            raise Broken("so it was ordered", ours=False)
        if not 1 <= len(found) <= MOST_MESSAGES:
            raise Broken(f"{len(found)} messages in one request")
        return found

    def check(self, group, message, to):
        """Its kind and the text that arrives."""
        kind = kind_of(message)
        check_numbers(kind, message, to, self.senders)
        if self.balance <= 0:
            raise Refused("1030", "no money", ours=False)
        if to in self.refused:
            raise Refused(self.refused[to], "so it was ordered", ours=False)
        if any(one["recipientNumber"] == to and one["senderNumber"] == message.get("from") for one in self.blacks):
            raise Refused("1061", "refused by 080", ours=False)
        if not group.duplicates and to in group.numbers:
            raise Refused("1026", "that number is in the group already")
        if kind == "ATA":
            return kind, check_alimtalk(message, self.profiles, self.templates)
        if kind == "BMS_FREE":
            return kind, check_brand(message, self.profiles, self.files)
        return kind, check_text(kind, message, self.files)

    def register(self, group, messages):
        """An item for each; those in order stand in the group."""
        with self.lock:
            return [self.register_one(group, message, to) for message, to in self.messages_of(messages)]

    def register_one(self, group, message, to):
        number = self.number_of("M")
        try:
            kind, text = self.check(group, message, to)
        except Refused as refused:
            if refused.ours:
                self.violate(f"a message is refused: {refused}")
            group.refused += 1
            return item(message, to, message.get("type", "SMS"), number, refused.code)
        entry = Entry(number, group, message, to, kind, text, self.clock())
        group.entries[number] = self.entries[number] = entry
        group.numbers.add(to)
        return item(message, to, kind, number, "2000")

    def new_group(self, body):
        group = Group(self.number_of("G"), body.get("allowDuplicates", False), self.clock())
        with self.lock:
            self.groups[group.id] = group
        return group

    def go(self, group):
        """All that stand in the group leave: they count as accepted."""
        with self.lock:
            group.status, group.sent = ("SENDING" if group.entries else "FAILED"), self.clock()
            for entry in group.entries.values():
                message = entry.message
                entry.sent = self.accept(message.get("customFields", {}).get("dangol", ""), entry.to, entry.text,
                                         entry.kind, entry.id, group=group.id, message=message)

    def info(self, group):
        return group_info(group, self.result_of)

    def send_many(self, request):
        body = self.body(request, MANY)
        shape("agent", body.get("agent", {}), AGENT)
        self.not_later(body)
        group = self.new_group(body)
        items = self.register(group, body.get("messages", []))
        self.go(group)
        answer = {"failedMessageList": [one for one in items if one["statusCode"] != "2000"],
                  "groupInfo": self.info(group)}
        if body.get("showMessageList"):
            answer["messageList"] = [short_item(one) for one in items if one["statusCode"] == "2000"]
        return Answer(200, answer)

    def not_later(self, body):
        at = instant(body.get("scheduledDate", "1970-01-01T00:00:00Z"))
        if at is None or at > self.clock():
            raise Broken("scheduledDate is no instant, or one that comes: nobody asked for it")

    def send_one(self, request):
        body = self.body(request, ONE)
        shape("agent", body.get("agent", {}), AGENT)
        group = self.new_group({})
        [one] = self.register(group, [body.get("message", {})])
        if one["statusCode"] != "2000":
            return error(400, "FailedToAddMessage", f"{one['statusMessage']}({one['statusCode']})")
        self.go(group)
        return Answer(200, {**one, "groupId": group.id})

    # ---- groups ----

    def create_group(self, request):
        body = self.body(request, GROUP)
        custom("the group", body.get("customFields", {}), most=10)
        return Answer(200, self.info(self.new_group(body)))

    def pending(self, name):
        """The group of that name, which takes messages and can be sent; or the Answer that it is not so."""
        group = self.groups.get(name)
        if group is None:
            return None, error(404, "ResourceNotFound", "그룹이 없습니다.")
        if group.status != "PENDING":
            self.violate(f"a group in {group.status} was changed or sent")
            return None, error(400, "GroupNotPending", "발송 대기 중인 그룹이 아닙니다.")
        return group, None

    def add_to_group(self, request, name):
        body = self.body(request, {"messages": list})
        group, refused = self.pending(name)
        if refused:
            return refused
        if len(request.body) > MOST_BYTES or len(group.entries) + len(body.get("messages", [])) > MOST_GROUP:
            raise Broken("too much for one group")
        items = self.register(group, body.get("messages", []))
        return Answer(200, {"errorCount": str(sum(one["statusCode"] != "2000" for one in items)),
                            "resultList": items})

    def send_group(self, request, name):
        group, refused = self.pending(name)
        if refused:
            return refused
        if not group.entries:
            raise Broken("a group without messages was sent")
        self.go(group)
        return Answer(200, self.info(group))

    def drop_group(self, request, name):
        group, refused = self.pending(name)
        if refused:
            return refused
        with self.lock:
            group.status = "DELETED"
            for number in group.entries:
                del self.entries[number]
            group.entries.clear()
        return Answer(200, self.info(group))

    def read_group(self, request, name):
        self.query(request, ())
        group = self.groups.get(name)
        return Answer(200, self.info(group)) if group else self.refusal(404, request)

    # ---- what became of messages ----

    def limit(self, request):
        limit = request.one("limit", "20")
        if not limit.isdigit() or not 1 <= int(limit) <= MOST_PAGE:
            raise Broken("limit")
        return int(limit)

    def page(self, request, entries):
        return Answer(200, listed(entries, self.result_of, request.one("startKey"), self.limit(request)))

    def list_group(self, request, name):
        self.query(request, {"limit", "startKey"})
        group = self.groups.get(name)
        return self.page(request, list(group.entries.values())[::-1]) if group else self.refusal(404, request)

    def span(self, request):
        """(from, to) of a list in seconds."""
        dates = {"startDate", "endDate"} & set(request.query())
        if request.one("dateType", "CREATED") not in ("CREATED", "UPDATED"):
            raise Broken("dateType")
        if "dateType" in request.query() and not dates:
            raise Broken("dateType without startDate or endDate")
        if any(instant(request.one(name)) is None for name in dates):
            raise Broken("startDate or endDate is no instant")
        return (instant(request.one("startDate", "1970-01-01T00:00:00Z")),
                instant(request.one("endDate", "9999-01-01T00:00:00Z")))

    def list_messages(self, request):
        query = self.query(request, LIST)
        since, until = self.span(request)
        ids = {one for name in ("messageId", "messageIds", "messageIds[]") for one in query.get(name, ())}
        updated = request.one("dateType") == "UPDATED"
        group = self.groups.get(request.one("groupId"))
        wanted = {name: request.one(name) for name in ("to", "from", "type", "statusCode") if name in query}
        with self.lock:
            entries = list((group.entries if group else {} if "groupId" in query else self.entries).values())[::-1]

        def fits(entry):
            at = entry.sent.time if updated and entry.sent else entry.created
            if (ids and entry.id not in ids) or not since <= at <= until:
                return False
            own = {"to": entry.to, "from": entry.message.get("from"), "type": entry.kind,
                   "statusCode": code_of(entry, self.result_of)[0]}
            return all(own[name] == value for name, value in wanted.items())

        return self.page(request, [entry for entry in entries if fits(entry)])

    # ---- a success that is none, and reports ----

    def zero(self, request):
        if request.path.endswith("/send-many/detail"):
            nothing = self.new_group({})
            nothing.status = "FAILED"
            return Answer(200, {"failedMessageList": [], "groupInfo": self.info(nothing), "messageList": []})
        if request.path.endswith("/messages"):
            return Answer(200, {"errorCount": "0", "resultList": []})
        group = self.groups.get(request.path.split("/")[-2])
        return Answer(200, self.info(group) if group else {})

    def receipts(self, messages):
        told = [report(entry, self.result_of) for entry in (self.entries[one.provider_id] for one in messages)
                if self.result_of(entry.sent)[0] != "pending"]
        if self.wrapped:
            told = [{"eventDataId": f"ED{self.next_number()}", "data": one, "retryCount": 0} for one in told]
        headers = {"Content-Type": "application/json", "X-Solapi-Event-Name": "SINGLE-REPORT",
                   "X-Solapi-Secret": hashlib.sha1(self.hook.encode()).hexdigest()}
        return [(headers, json.dumps(told, ensure_ascii=False).encode())] if told else []
