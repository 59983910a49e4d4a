"""Naver Cloud SENS, strict: what its gateway and its SMS, AlimTalk and Brand Message services take and refuse.

It never sends anything. Source: api.ncloud-docs.com/docs/sens-*; what a page leaves open is refused.
"""
import base64
import binascii
import datetime
import hashlib
import hmac
import json
import re

from .desk import KST, Desk, Answer, said, size

SKEW_MS = 5 * 60 * 1000
TIME = "%Y-%m-%d %H:%M:%S"
CALL = re.compile(r"/(sms|alimtalk|brandmessage)/v2/services/([^/]+)/([a-z]+)(?:/([^/]+))?")
BUBBLES = {"TEXT", "IMAGE", "WIDE_IMAGE", "WIDE_ITEM_LIST", "COMMERCE", "CAROUSEL_COMMERCE",
           "CAROUSEL_FEED", "PREMIUM_VIDEO"}
WINDOWS = (("requestStartTime", "requestEndTime", datetime.timedelta(days=30)),
           ("completeStartTime", "completeEndTime", datetime.timedelta(hours=24)))
NUMBER = re.compile(r"[0-9]{8,12}")


class Refused(Exception):
    """A request the service does not take: its status and why."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def signature(secret, method, target, timestamp, access):
    """Signature v2: the target is signed exactly as it stands on the request line."""
    text = f"{method} {target}\n{timestamp}\n{access}"
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def require(held, why, status=400):
    if not held:
        raise Refused(status, why)


class Sens(Desk):
    """`channels` maps a Kakao channel to its templates: {"@shop": {"code": ("content", [buttons])}}."""

    def __init__(self, access, secret, sms=None, kakao=None, senders=(), channels=None, **more):
        super().__init__(**more)
        self.access, self.secret = access, secret
        self.services = {"sms": sms, "alimtalk": kakao, "brandmessage": kakao}
        self.senders = set(senders)
        self.channels = channels or {}
        self.files = {}
        self.denied = {}
        self.page = 100

    def handle(self, method, path, query, headers, body, target):
        wrong = self._who(method, target, headers)
        if wrong:
            return said(401, {"error": {"errorCode": "200", "message": "Authentication Failed", "details": wrong}})
        try:
            return self._route(method, path, query, headers, body)
        except Refused as no:
            if no.status == 400:
                self.breach(str(no))
            return said(no.status, {"status": no.status, "errors": [str(no)]}) if no.status != 404 else Answer(404)

    def _who(self, method, target, headers):
        stamp = headers.get("x-ncp-apigw-timestamp", "")
        if headers.get("x-ncp-iam-access-key") != self.access:
            return "access key"
        if not re.fullmatch(r"[0-9]{13}", stamp) or abs(self.clock() * 1000 - int(stamp)) > SKEW_MS:
            return "timestamp"
        right = signature(self.secret, method, target, stamp, self.access)
        given = headers.get("x-ncp-apigw-signature-v2", "")
        return None if hmac.compare_digest(right.encode(), given.encode()) else "signature"

    def _route(self, method, path, query, headers, body):
        found = CALL.fullmatch(path)
        require(found, "no such path", 404)
        service, name, noun, one = found.groups()
        require(name.replace("%3A", ":") == self.services[service], "no such service", 404)
        value = self._body(headers, body) if method in ("POST", "DELETE") else None
        if noun == "messages" and method == "POST" and not one:
            return getattr(self, "_send_" + service)(value)
        if noun == "messages" and method == "GET":
            return self._one(service, one) if one else self._list(service, query)
        if service == "sms" and noun == "files" and method == "POST":
            return self._file(value)
        if service == "sms" and noun == "unsubscribes":
            return self._unsubscribes(method, query, value)
        if service != "sms" and noun == "channels" and method == "GET":
            return said(200, [{"channelId": name, "channelStatus": "ACTIVE"} for name in self.channels])
        if service == "alimtalk" and noun == "templates" and method == "GET":
            return self._templates(query)
        raise Refused(404, "no such call")

    @staticmethod
    def _body(headers, body):
        require(headers.get("content-type", "").lower().startswith("application/json"), "not JSON by its type")
        try:
            return json.loads(body)
        except ValueError:
            raise Refused(400, "not JSON") from None

    # Sending

    def _send_sms(self, letter):
        kind, own = letter.get("type"), letter.get("content")
        require(kind in ("SMS", "LMS", "MMS"), "type")
        require(letter.get("contentType", "COMM") in ("COMM", "AD"), "contentType")
        require(letter.get("from") in self.senders, "from is not a registered number")
        require(isinstance(own, str) and own, "content")
        require(all(f.get("fileId") in self.files for f in letter.get("files", [])), "fileId")
        require(kind == "MMS" or not letter.get("files"), "files without MMS")
        messages = self._messages(letter)
        for one in messages:
            self._fits(kind, one.get("subject", letter.get("subject")), one.get("content", own))
        call = f"VORSSA-{self.serial()}"
        for one in messages:
            self.take(call, one["to"], one.get("content", own), kind, letter["from"], "0-ESA-", service="sms",
                      ad=letter.get("contentType") == "AD", subject=one.get("subject", letter.get("subject")))
        return self._taken(call)

    @staticmethod
    def _fits(kind, subject, content):
        bytes_of = size(content)
        require(bytes_of is not None, "content has a character no carrier shows")
        require(0 < bytes_of <= (90 if kind == "SMS" else 2000), f"content is too long for {kind}")
        if subject is not None:
            require(kind != "SMS", "subject of an SMS")
            require((size(subject) or 41) <= 40, "subject is over 40 bytes")

    @staticmethod
    def _messages(letter):
        messages = letter.get("messages")
        require(isinstance(messages, list) and 1 <= len(messages) <= 100, "1 to 100 messages")
        require(all(NUMBER.fullmatch(str(one.get("to", ""))) for one in messages), "to is digits only")
        numbers = [one["to"] for one in messages]
        require(len(set(numbers)) == len(numbers), "a number twice in one request cannot be told apart")
        return messages

    def _taken(self, call, **more):
        return said(202, {"requestId": call, "requestTime": self.now().strftime("%Y-%m-%dT%H:%M:%S.000"),
                          "statusCode": "202", "statusName": "success", **more})

    def _send_alimtalk(self, letter):
        templates = self.channels.get(letter.get("plusFriendId"))
        require(templates is not None, "plusFriendId")
        require(letter.get("templateCode") in templates, "templateCode")
        messages = self._messages(letter)
        self._no_failover(messages)
        text, buttons = templates[letter["templateCode"]]
        shape = re.compile(".+?".join(re.escape(part) for part in re.split(r"#\{[^}]*\}", text)), re.S)
        for one in messages:
            require(0 < len(one.get("content", "")) <= 1000, "content is 1 to 1,000 characters")
            require(all(b.get("type") != "WL" or (b.get("linkMobile") and b.get("linkPc"))
                        for b in one.get("buttons", [])), "a WL button needs both links")
        call, rows = f"AT-{self.serial()}", []
        for one in messages:
            same = shape.fullmatch(one["content"]) and \
                [(b["type"], b["name"]) for b in one.get("buttons", [])] == [(b["type"], b["name"]) for b in buttons]
            row = self.take(call, one["to"], one["content"], "alimtalk", letter["plusFriendId"], "AT-m",
                            service="alimtalk")
            if not same:
                row.state = "3016"
                self.breach("the text or the buttons are not the template's")
            rows.append({"messageId": row.id, "to": row.to, "countryCode": "82", "content": row.text,
                         "requestStatusCode": "A000", "requestStatusName": "success", "requestStatusDesc": "성공"})
        return self._taken(call, messages=rows)

    def _send_brandmessage(self, letter):
        require(letter.get("plusFriendId") in self.channels, "plusFriendId")
        require(letter.get("messageType") in BUBBLES, "messageType")
        require(letter.get("targeting", "I") in ("I", "M", "N"), "targeting")
        messages = self._messages(letter)
        self._no_failover(messages)
        require(all(len(one.get("content", "")) <= 1300 for one in messages), "content is over 1,300 characters")
        call = f"BM-{self.serial()}"
        rows = [self.take(call, one["to"], one.get("content", ""), "brand", letter["plusFriendId"], "BM-m",
                          service="brandmessage") for one in messages]
        return self._taken(call, messages=[{"messageId": r.id, "to": r.to, "requestStatusCode": "A000",
                                            "requestStatusName": "success"} for r in rows])

    @staticmethod
    def _no_failover(messages):
        """Fallback is the sender's own decision: a provider must never send a second message by itself."""
        require(not any(one.get("useSmsFailover") for one in messages), "useSmsFailover is on")

    # Asking

    def _list(self, service, query):
        limit = query.get("pageSize", [str(self.page)])[0]
        require(limit.isdigit(), "pageSize is a number")
        limit = int(limit)
        require(1 <= limit <= 100, "pageSize is 1 to 100")
        rows = [one for one in self.accepted if one.extra["service"] == service and self._asked(one, query)]
        require(rows, "no rows", 404)
        token = query.get("nextToken", ["0"])[0]
        require(token.isdigit() and int(token) < len(rows), "nextToken")
        page, limit = int(token), min(limit, self.page)
        last = page + limit >= len(rows)
        found = [self._row(one) for one in rows[page:page + limit]]
        return said(200, {"statusCode": "202", "statusName": "success", "messages": found, "pageSize": limit,
                          "itemCount": len(found), "hasMore": not last,
                          "nextToken": None if last else str(page + limit)})

    def _asked(self, one, query):
        if "requestId" in query:
            return query["requestId"][0] == one.call
        for first, last, longest in WINDOWS:
            if first in query or last in query:
                start, end = self._time(query, first), self._time(query, last)
                require(start <= end and end - start <= longest, f"{first} to {last} is too long")
                done = first.startswith("request") or one.state is not None
                return done and start <= one.at.replace(microsecond=0) <= end
        raise Refused(400, "requestId or a window")

    @staticmethod
    def _time(query, name):
        try:
            return datetime.datetime.strptime(query.get(name, [""])[0], TIME).replace(tzinfo=KST)
        except ValueError:
            raise Refused(400, name) from None

    def _one(self, service, name):
        rows = [one for one in self.accepted if one.id == name and one.extra["service"] == service]
        require(rows, "no rows", 404)
        row = self._row(rows[0])
        return said(200, row if service != "sms" else {"statusCode": "200", "statusName": "success",
                                                        "messages": [row]})

    @staticmethod
    def _row(one):
        """A record of a message: `state` is the carrier's or Kakao's code, None while it is under way."""
        at, done = one.at.strftime(TIME), one.state is not None
        row = {"requestId": one.call, "messageId": one.id, "requestTime": at, "to": one.to, "countryCode": "82",
               "content": one.text}
        if one.extra["service"] != "sms":
            row |= {"plusFriendId": one.sender, "requestStatusCode": "A000", "requestStatusName": "success"}
            return row | ({"messageStatusCode": one.state, "completeTime": at,
                           "messageStatusName": "success" if one.state == "0000" else "fail"} if done else {})
        row |= {"type": one.kind, "contentType": "AD" if one.extra["ad"] else "COMM", "from": one.sender,
                "subject": one.extra["subject"], "status": "COMPLETED" if done else "PROCESSING"}
        return row | ({"statusCode": one.state, "statusName": "success" if one.state == "0" else "fail",
                       "statusMessage": "", "completeTime": at, "telcoCode": "ETC"} if done else {})

    # Pictures, refusals, templates

    def _file(self, value):
        name, text = value.get("fileName", ""), value.get("fileBody", "")
        require(re.search(r"\.jpe?g$", name, re.I) and len(name) <= 40, "fileName")
        try:
            body = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise Refused(400, "fileBody is not base64") from None
        require(body[:3] == b"\xff\xd8\xff" and len(body) <= 300 * 1024, "a JPEG of at most 300 KB")
        name = f"file-{self.serial()}"
        self.files[name] = body
        return said(200, {"fileId": name})

    def _unsubscribes(self, method, query, value):
        if method == "GET":
            rows = [{"clientTelNo": tel, "registerTime": ms, "registerType": kind}
                    for tel, (ms, kind) in self.denied.items()
                    if int(query.get("startTime", ["0"])[0]) <= ms <= int(query.get("endTime", [str(ms)])[0])]
            size_of, at = int(query.get("pageSize", ["100"])[0]), int(query.get("pageIndex", ["0"])[0])
            return said(200, rows[at * size_of:(at + 1) * size_of])
        require(isinstance(value, list) and 1 <= len(value) <= 1000, "1 to 1,000 numbers")
        for one in value:
            if method == "DELETE":
                self.denied.pop(one["clientTelNo"], None)
            else:
                self.denied[one["clientTelNo"]] = (int(self.clock() * 1000), "M")
        return Answer(204 if method == "DELETE" else 201)

    def _templates(self, query):
        templates = self.channels.get(query.get("channelId", [""])[0])
        require(templates is not None, "channelId", 404)
        return said(200, [{"templateCode": code, "templateName": code, "content": text, "buttons": buttons,
                           "templateInspectionStatus": "COMPLETE", "templateStatus": "ACTIVE"}
                          for code, (text, buttons) in templates.items()])
