"""What a SOLAPI account has besides messages: files, money, senders, refusals, templates of KakaoTalk."""
import base64
import binascii

from .base import Answer
from .solapi_message import Broken
from .solapi_shapes import ACCOUNT, instant, iso

FILE = {"file": str, "name": str, "type": str, "link": str}
FILE_KINDS = {"MMS": 200 << 10, "KAKAO": 500 << 10, "BMS": 500 << 10, "DOCUMENT": 2 << 20}  # bytes at most
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
PICTURES = {"MMS": JPEG, "KAKAO": (JPEG, PNG), "BMS": (JPEG, PNG), "DOCUMENT": b""}
BLACK = {"type", "senderNumber", "startKey", "limit", "dateCreated[gte]", "dateCreated[lte]"}


class Desk:
    """Mixed into the stand-in; what it keeps is made there."""

    # ---- what a test sets ----

    def deny(self, number, sender=None):
        """That number refused advertisements by 080."""
        with self.lock:
            now = iso(self.clock())
            self.blacks.append({"handleKey": f"HK{len(self.blacks):08d}", "type": "DENIAL",
                                "senderNumber": sender or self.senders[0], "recipientNumber": number,
                                "dateCreated": now, "dateUpdated": now})

    def template(self, name, content, status="APPROVED", buttons=()):
        """A template of that id; status: PENDING, INSPECTING, APPROVED or REJECTED."""
        now = iso(self.clock())
        with self.lock:
            self.templates[name] = {
                "templateId": name, "name": name, "channelId": "KA01PF000000000000000000000001",
                "channelGroupId": None, "content": content, "isHidden": False, "messageType": "BA",
                "emphasizeType": "NONE", "securityFlag": False, "assignType": "CHANNEL", "buttons": list(buttons),
                "comments": [], "commentable": True, "quickReplies": [], "code": name, "status": status,
                "accountId": ACCOUNT, "variables": [], "dateCreated": now, "dateUpdated": now}

    # ---- what is asked ----

    def upload(self, request):
        body = self.body(request, FILE)
        most = FILE_KINDS.get(body.get("type"))
        if most is None:
            raise Broken("no such type of file")
        try:
            picture = base64.b64decode(body.get("file", ""), validate=True)
        except binascii.Error:
            raise Broken("the file is no base64") from None
        if not picture or len(picture) > most:
            raise Broken(f"{len(picture)} bytes are no file of type {body['type']}")
        if not picture.startswith(PICTURES[body["type"]]):
            raise Broken("the file is no such picture")
        name = f"ST01FL{self.next_number():026d}"
        with self.lock:
            self.files[name] = body["type"]
        return Answer(200, {"fileId": name, "type": body["type"], "link": body.get("link")})

    def read_balance(self, request):
        self.query(request, ())
        return Answer(200, {"accountId": ACCOUNT, "balance": self.balance, "point": 0, "deposit": 0,
                            "minimumCash": 3000, "rechargeTo": 0, "rechargeTryCount": 0, "autoRecharge": 0})

    def read_senders(self, request):
        self.query(request, ())
        return Answer(200, list(self.senders))

    def read_blacks(self, request):
        query = self.query(request, BLACK)
        if query.get("type") != ["DENIAL"]:
            raise Broken("type is not DENIAL")
        for name in ("dateCreated[gte]", "dateCreated[lte]"):
            if name in query and instant(request.one(name)) is None:
                raise Broken(f"{name} is no instant")
        since = instant(request.one("dateCreated[gte]", "1970-01-01T00:00:00Z"))
        until = instant(request.one("dateCreated[lte]", "9999-01-01T00:00:00Z"))
        with self.lock:
            found = [one for one in self.blacks
                     if request.one("senderNumber", one["senderNumber"]) == one["senderNumber"]
                     and since <= instant(one["dateCreated"]) <= until]
        start, limit = request.one("startKey"), self.limit(request)
        at = next((i for i, one in enumerate(found) if one["handleKey"] == start), len(found)) if start else 0
        rest = found[at + limit:]
        return Answer(200, {"startKey": start, "nextKey": rest[0]["handleKey"] if rest else None, "limit": limit,
                            "blackList": found[at:at + limit]})

    def read_template(self, request, name):
        self.query(request, ())
        found = self.templates.get(name)
        return Answer(200, found) if found else self.refusal(404, request)
