"""Aligo, strict: its SMS calls and its Kakao calls. HTTP says 200 whatever happened; the body tells.

It never sends anything. Source: smartsms.aligo.in/admin/api/spec.html and its Kakao pages.
"""
import json
import re

from .desk import Desk, Answer, form, said, size

NUMBER = re.compile(r"0[0-9]{8,11}")
LIMITS = {"SMS": 90, "LMS": 2000, "MMS": 2000}


class Refused(Exception):
    """A request Aligo does not take: its code and its text."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


def require(held, code, why):
    if not held:
        raise Refused(code, why)


class Aligo(Desk):
    """`as_text` makes result_code a string; `drop` numbers are left out of what is accepted.

    `templates` maps a code to ("text with #{variables}", [buttons]).
    """

    def __init__(self, key, user, senders=(), senderkey=None, templates=None, **more):
        super().__init__(**more)
        self.key, self.user, self.senderkey = key, user, senderkey
        self.senders, self.templates = set(senders), templates or {}
        self.as_text = False
        self.drop = set()
        self.left = {"SMS_CNT": 1000, "LMS_CNT": 300, "MMS_CNT": 100}

    def handle(self, method, path, query, headers, body, target):
        kakao = path.startswith("/akv10/")
        calls = {"/send/": self._send, "/send_mass/": self._mass, "/list/": self._list, "/sms_list/": self._rows,
                 "/remain/": lambda _: dict(self.left), "/akv10/alimtalk/send/": self._alimtalk,
                 "/akv10/history/list/": self._history, "/akv10/history/detail/": self._detail,
                 "/akv10/template/list/": self._templates, "/akv10/heartinfo/": lambda _: dict(self.left, ALT_CNT=9)}
        if path not in calls or method != "POST":
            return Answer(404, b"<html>404</html>", "text/html")
        try:
            fields = self._fields(headers, body)
            self._who(fields, *(("apikey", "userid") if kakao else ("key", "user_id")))
            return self._say(kakao, 0 if kakao else 1, "success", calls[path](fields))
        except Refused as no:
            if no.code not in (-101, -201, -301):
                self.breach(str(no))
            return self._say(kakao, no.code, str(no), {})

    def _say(self, kakao, code, message, value):
        name = "code" if kakao else "result_code"
        return said(200, {name: str(code) if self.as_text and not kakao else code, "message": message, **value})

    @staticmethod
    def _fields(headers, body):
        require(headers.get("content-type", "").startswith("application/x-www-form-urlencoded"), -100, "not a form")
        try:
            fields = form(body)
        except (ValueError, UnicodeDecodeError):
            raise Refused(-100, "not a form in UTF-8") from None
        require(all(len(values) == 1 for values in fields.values()), -100, "a field twice")
        return {name: values[0] for name, values in fields.items()}

    def _who(self, fields, key, user):
        require(fields.get(key) == self.key and fields.get(user) == self.user, -101, "인증오류입니다.")

    # Texts

    def _send(self, fields):
        numbers = fields.get("receiver", "").split(",")
        require(len(numbers) <= 1000, -100, "over 1,000 receivers")
        return self._take(fields, [(number, fields.get("msg", "")) for number in numbers])

    def _mass(self, fields):
        count = fields.get("cnt", "")
        require(count.isdigit() and 1 <= int(count) <= 500, -100, "cnt is 1 to 500")
        pairs = [(fields.get(f"rec_{n}", ""), fields.get(f"msg_{n}", "")) for n in range(1, int(count) + 1)]
        require(f"rec_{int(count) + 1}" not in fields, -100, "more receivers than cnt")
        return self._take(fields, pairs)

    def _take(self, fields, pairs):
        kind = fields.get("msg_type")
        require(kind in LIMITS, -100, "msg_type is one of SMS, LMS, MMS")
        require(fields.get("sender") in self.senders, -102, "sender is not registered")
        title = fields.get("title")
        require(title is None or (kind != "SMS" and 1 <= (size(title) or 99) <= 44), -100, "title is 1 to 44 bytes")
        for number, text in pairs:
            require(NUMBER.fullmatch(number), -100, "receiver is digits only")
            require(1 <= (size(text) or 0) <= LIMITS[kind], -100, f"msg does not fit {kind}")
        call = str(100000000 + self.serial())
        took = [pair for pair in pairs if pair[0] not in self.drop]
        if fields.get("testmode_yn") != "Y":
            for number, text in took:
                self.take(call, number, text, kind, fields["sender"], "", title=title)
        return {"msg_id": call, "success_cnt": len(took), "error_cnt": len(pairs) - len(took), "msg_type": kind}

    def _page(self, rows, fields):
        limit, page = fields.get("page_size", "30"), fields.get("page", "1")
        require(limit.isdigit() and 30 <= int(limit) <= 500, -100, "page_size is 30 to 500")
        require(page.isdigit() and int(page) >= 1, -100, "page")
        end = int(page) * int(limit)
        return {"list": rows[end - int(limit):end], "next_yn": "Y" if end < len(rows) else "N"}

    def _list(self, fields):
        calls = {}
        for one in reversed([one for one in self.accepted if one.kind in LIMITS]):
            calls.setdefault(one.call, []).append(one)
        start = fields.get("start_date", "")
        rows = [{"mid": call, "type": few[-1].kind, "sender": few[-1].sender, "sms_count": str(len(few)),
                 "reserve_state": "", "msg": few[-1].text, "fail_count": "0",
                 "reg_date": few[-1].at.strftime("%Y-%m-%d %H:%M:%S"), "reserve": ""}
                for call, few in calls.items() if not start or few[-1].at.strftime("%Y%m%d") <= start]
        return self._page(rows, fields)

    def _rows(self, fields):
        rows = [{"mdid": one.id, "type": one.kind, "sender": one.sender, "receiver": one.to,
                 "sms_state": one.state or "전송중", "reg_date": one.at.strftime("%Y-%m-%d %H:%M:%S"),
                 "send_date": "", "reserve_date": ""}
                for one in self.of(fields.get("mid")) if one.kind in LIMITS]
        return self._page(rows, fields)

    # Kakao

    def _alimtalk(self, fields):
        require(fields.get("senderkey") == self.senderkey, 509, "senderkey")
        require(fields.get("tpl_code") in self.templates, 509, "tpl_code")
        require(fields.get("sender") in self.senders, 509, "sender is not registered")
        count = sum(1 for name in fields if re.fullmatch(r"receiver_[0-9]+", name))
        require(1 <= count <= 500, 509, "1 to 500 receivers")
        require(fields.get("failover", "N") == "N", 509, "failover is on")
        for n in range(1, count + 1):
            require(NUMBER.fullmatch(fields.get(f"receiver_{n}", "")), 509, "receiver is digits only")
            require(fields.get(f"subject_{n}"), 509, "subject is needed")
            require(1 <= len(fields.get(f"message_{n}", "")) <= 1000, 509, "message is 1 to 1,000 characters")
        call = str(200000000 + self.serial())
        for n in range(1, count + 1):
            one = self.take(call, fields[f"receiver_{n}"], fields[f"message_{n}"], "AT", fields["sender"], "")
            if not self._approved(fields, n):
                one.state = "K105"
                self.breach("the text or the buttons are not the template's")
        return {"info": {"type": "AT", "mid": call, "current": "1000", "unit": 6.5, "total": 6.5 * count,
                         "scnt": count, "fcnt": 0}}

    def _approved(self, fields, n):
        text, buttons = self.templates[fields["tpl_code"]]
        shape = ".+?".join(re.escape(part) for part in re.split(r"#\{[^}]*\}", text))
        try:
            given = json.loads(fields.get(f"button_{n}") or '{"button":[]}')["button"]
            same = [(b["name"], b["linkType"]) for b in given] == [(b["name"], b["linkType"]) for b in buttons]
        except (ValueError, KeyError, TypeError):
            return False
        return same and bool(re.fullmatch(shape, fields[f"message_{n}"], re.S))

    def _history(self, _):
        calls = dict.fromkeys(one.call for one in self.accepted if one.kind == "AT")
        rows = [{"mid": call, "type": "AT", "sender": self.of(call)[0].sender, "msg_count": str(len(self.of(call))),
                 "mbody": self.of(call)[0].text, "regdate": self.of(call)[0].at.strftime("%Y-%m-%d %H:%M:%S")}
                for call in calls]
        return {"list": rows, "currentPage": 1, "totalPage": 1, "totalCount": len(rows)}

    def _detail(self, fields):
        rows = [{"msgid": one.id, "type": "AT", "phone": one.to, "status": "1", "rslt": one.state or "",
                 "message": one.text, "smid": ""} for one in self.of(fields.get("mid")) if one.kind == "AT"]
        return {"list": rows, "currentPage": 1, "totalPage": 1, "totalCount": len(rows)}

    def _templates(self, fields):
        require(fields.get("senderkey") == self.senderkey, 509, "senderkey")
        return {"list": [{"templtCode": code, "templtContent": text, "buttons": buttons, "inspStatus": "APR",
                          "status": "A"} for code, (text, buttons) in self.templates.items()]}
