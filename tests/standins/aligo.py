"""Provider Aligo (알리고) as smartsms.aligo.in/admin/api/spec.html and alimapi.html describe it: HTTP says 200 whatever
happened, a code in the body tells. It carries no key of ours: a message's key is its number and text."""
import re
import urllib.parse

from .aligo_kakao import Kakao
from .base import Answer, StandIn
from .strict import Broken, key_of, korea, require, size

LIMITS = {"SMS": 90, "LMS": 2000, "MMS": 2000}
NUMBER = re.compile("0[0-9]{8,11}")
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")
IMAGES = ("image", "image1", "image2", "image3")
COMMON = {"key", "user_id"}
LETTER = COMMON | {"sender", "msg_type", "title", "testmode_yn", *IMAGES}
SPAN = COMMON | {"page", "page_size", "start_date", "limit_day"}
STATES = {"delivered": "발송완료", "pending": "전송중", "unconfirmed": "결과대기", "failed": "발송실패"}
OWNERS = (-101, -201, -301)  # what an owner puts right; a client could not have known


def sends(request):
    return request.method == "POST" and request.path in ("/send/", "/send_mass/", "/akv10/alimtalk/send/")


def number(fields, name, otherwise):
    text = fields.get(name, otherwise)
    require(re.fullmatch("[0-9]{1,9}", text), f"{name} is no number")
    return int(text)


class Aligo(Kakao, StandIn):
    """as_text: result_code is a string. drop: numbers that are left out of what is accepted, without a word of which.
    left: what /remain/ tells; poor: every sending is refused with -201. twins: lists of requests show each one twice.
    templates: {"code": ("text", [buttons])}."""
    SENDS = staticmethod(sends)
    routes = (
        ("POST", "/send/", "send_one"),
        ("POST", "/send_mass/", "send_many"),
        ("POST", "/list/", "list_requests"),
        ("POST", "/sms_list/", "list_rows"),
        ("POST", "/remain/", "remain"),
        ("POST", "/akv10/alimtalk/send/?", "send_alimtalk"),
        ("POST", "/akv10/history/list/?", "list_history"),
        ("POST", "/akv10/history/detail/?", "list_detail"),
        ("POST", "/akv10/template/list/?", "list_templates"),
        ("POST", "/akv10/heartinfo/?", "heartinfo"),
    )

    def __init__(self, key="testkey00000000000000000000000000", user="testid", senders=("0212345678",),
                 senderkey="sk", templates=None, tls=False, **more):
        super().__init__(tls=tls, **more)
        self.table = [(method, pattern, self.strict(function)) for method, pattern, function in self.table]
        self.key, self.user, self.senders = key, user, tuple(senders)
        self.senderkey, self.templates = senderkey, templates or {}
        self.as_text = self.poor = self.twins = False
        self.drop = set()
        self.left = {"SMS_CNT": 1000, "LMS_CNT": 300, "MMS_CNT": 100}

    # ---- the answer ----

    def said(self, kakao, code, message, value=None):
        code = str(code) if self.as_text and not kakao else code
        return Answer(200, {"code" if kakao else "result_code": code, "message": message, **(value or {})})

    def refusal(self, status, request):
        """Aligo knows no status: this is what the server before it says."""
        return Answer(status, f"<html><body>{status}</body></html>".encode(), kind="text/html; charset=utf-8")

    def strict(self, function):
        """That function of the form's fields; what is broken is a violation and a code below zero, 509 of KakaoTalk."""
        def call(request):
            kakao = request.path.startswith("/akv10/")
            try:
                fields = self.fields(request)
                self.known(fields, *(("apikey", "userid") if kakao else ("key", "user_id")))
                with self.lock:
                    return self.said(kakao, 0 if kakao else 1, "success", function(fields))
            except Broken as broken:
                code = broken.code or (509 if kakao else -100)
                if code not in OWNERS:
                    self.violate(f"{request.path}: {broken}")
                return self.said(kakao, code, str(broken))
        return call

    @staticmethod
    def fields(request):
        """{name: value} of the form; a file is (its name, its bytes)."""
        pairs = request.form()
        require(pairs is not None, "the body is no form")
        try:
            text = request.body.decode() if request.kind() == "application/x-www-form-urlencoded" else ""
            require("�" not in urllib.parse.unquote_plus(text), "the form is no UTF-8")
        except UnicodeDecodeError:
            raise Broken("the form is no UTF-8") from None
        require(len({name for name, _ in pairs}) == len(pairs), "a field twice")
        require(all(isinstance(value, str) or name in IMAGES for name, value in pairs), "a file in place of a text")
        return dict(pairs)

    def known(self, fields, key, user):
        require(fields.get(key) == self.key and fields.get(user) == self.user, "인증오류입니다.", -101)

    def only(self, fields, names):
        """Fields of other names do nothing, as the real one has it; but a client has no reason to send them."""
        for name in set(fields) - names:
            self.violate(f"an unknown field {name}")

    # ---- sending text messages ----

    def send_one(self, fields):
        self.only(fields, LETTER | {"receiver", "msg"})
        numbers = str(fields.get("receiver", "")).split(",")
        require(len(numbers) <= 1000, "over 1,000 receivers")
        return self.take(fields, [(one, fields.get("msg", "")) for one in numbers])

    def send_many(self, fields):
        count = number(fields, "cnt", "")
        require(1 <= count <= 500, "cnt is 1 to 500")
        own = {f"{name}_{n}" for name in ("rec", "msg") for n in range(1, count + 1)}
        require(f"rec_{count + 1}" not in fields, "more receivers than cnt")
        self.only(fields, LETTER | own | {"cnt"})
        return self.take(fields, [(fields.get(f"rec_{n}", ""), fields.get(f"msg_{n}", ""))
                                  for n in range(1, count + 1)])

    def take(self, fields, pairs):
        kind, title = fields.get("msg_type"), fields.get("title")
        if kind is None:
            self.violate("no msg_type: Aligo takes it for what it is by its size, counted its own way")
            kind = "SMS" if all(size(text) <= LIMITS["SMS"] for _, text in pairs) else "LMS"
        require(kind in LIMITS, "msg_type is one of SMS, LMS, MMS")
        require(fields.get("sender") in self.senders, "sender is not registered", -102)
        require(title is None or (kind != "SMS" and 1 <= size(title) <= 44), "title is 1 to 44 bytes")
        require(fields.get("testmode_yn", "N") in ("Y", "N"), "testmode_yn")
        files = self.pictures(kind, [fields[name] for name in IMAGES if name in fields])
        for to, text in pairs:
            require(NUMBER.fullmatch(to), "receiver is digits only")
            require(1 <= size(text) <= LIMITS[kind], f"msg does not fit {kind}")
        require(len({to for to, _ in pairs}) == len(pairs), "a number twice in one request cannot be told apart")
        require(not self.poor, "잔액이 부족합니다.", -201)
        call = str(100000000 + self.next_number())
        took = [pair for pair in pairs if pair[0] not in self.drop]
        for to, text in took if fields.get("testmode_yn") != "Y" else ():
            self.accept(key_of(to, text), to, text, kind, str(self.next_number()), call=call, title=title,
                        sender=fields["sender"], files=files)
        return {"msg_id": call if self.as_text else int(call), "success_cnt": len(took), "error_cnt": len(pairs) - len(took), "msg_type": kind}

    @staticmethod
    def pictures(kind, files):
        require(not files or kind == "MMS", f"a picture of an {kind}")
        require(all(isinstance(one, tuple) and one[1].startswith(PICTURES) for one in files), "no picture")
        return [one[1] for one in files]

    def zero(self, request):
        kakao = request.path.startswith("/akv10/")
        if not sends(request):
            return self.said(kakao, 0 if kakao else 1, "success", {"list": [], "next_yn": "N"})
        if kakao:
            return self.said(True, 0, "success", {"info": {"type": "AT", "mid": self.next_number(), "current": "1000",
                                                           "unit": 6.5, "total": 0, "scnt": 0, "fcnt": 1}})
        return self.said(False, 1, "success", {"msg_id": str(self.next_number()), "success_cnt": 0, "error_cnt": 1})

    # ---- what became of them ----

    def of(self, call, kakao):
        return [one for one in self.accepted if (one.kind == "AT") == kakao and call in (None, one.more["call"])]

    def calls(self, kakao):
        """Requests, the newest first, as a list of messages each."""
        found = {}
        for one in self.of(None, kakao):
            found.setdefault(one.more["call"], []).append(one)
        return [few for few in reversed(found.values()) for _ in range(2 if self.twins else 1)]

    @staticmethod
    def page(rows, fields):
        many, page = number(fields, "page_size", "30"), number(fields, "page", "1")
        require(30 <= many <= 500 and page >= 1, "page_size is 30 to 500")
        return {"list": rows[(page - 1) * many:page * many], "next_yn": "Y" if page * many < len(rows) else "N"}

    def list_requests(self, fields):
        """Those of start_date and before: limit_day says of how many days, and is not counted here."""
        self.only(fields, SPAN)
        start = fields.get("start_date", korea(self.clock(), "%Y%m%d"))
        require(re.fullmatch("[0-9]{8}", start), "start_date")
        number(fields, "limit_day", "1")
        return self.page([{"mid": few[0].more["call"], "type": few[0].kind, "sender": few[0].more["sender"],
                           "sms_count": str(len(few)), "reserve_state": "", "msg": few[-1].text, "fail_count": "0",
                           "reg_date": korea(few[0].time), "reserve": ""}
                          for few in self.calls(False) if korea(few[0].time, "%Y%m%d") <= start], fields)

    def list_rows(self, fields):
        self.only(fields, COMMON | {"mid", "page", "page_size"})
        require("mid" in fields, "no mid")
        return self.page([{"mdid": one.provider_id, "type": one.kind, "sender": one.more["sender"],
                           "receiver": one.to, "sms_state": STATES[self.result_of(one)[0]],
                           "reg_date": korea(one.time), "send_date": korea(one.time), "reserve_date": ""}
                          for one in self.of(fields["mid"], False)], fields)

    def remain(self, fields):
        self.only(fields, COMMON)
        return dict(self.left)
