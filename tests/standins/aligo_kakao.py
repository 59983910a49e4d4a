"""AlimTalk of Aligo: what it compares, what it refuses, its lists."""
import json
import re

from .strict import key_of, korea, require, size

MOST = 500
COMMON = {"apikey", "userid", "token"}
LETTER = COMMON | {"senderkey", "tpl_code", "sender", "failover", "testMode"}
EACH = ("receiver", "recvname", "subject", "emtitle", "message", "button", "fsubject", "fmessage")
SPAN = COMMON | {"page", "limit", "startdate", "enddate"}
RESULTS = {"delivered": "0", "pending": "", "unconfirmed": "3005"}


def buttons_of(text):
    """[(name, linkType)] of button_n, or None of what is none."""
    try:
        return [(one["name"], one["linkType"]) for one in json.loads(text)["button"]] if text else []
    except (ValueError, KeyError, TypeError):
        return None


def span(fields, rows):
    """A page of rows, as the lists of KakaoTalk show it."""
    many, page = fields.get("limit", "50"), fields.get("page", "1")
    require(re.fullmatch("[0-9]{1,3}", many) and 1 <= int(many) <= MOST, "limit is 1 to 500")
    require(re.fullmatch("[0-9]{1,9}", page) and int(page) >= 1, "page")
    many, page = int(many), int(page)
    return {"list": rows[(page - 1) * many:page * many], "currentPage": page,
            "totalPage": max(1, -(-len(rows) // many)), "totalCount": len(rows)}


class Kakao:
    """Mixed into the stand-in; what it keeps is made there."""

    def send_alimtalk(self, fields):
        count = self.receivers(fields)
        require(fields.get("senderkey") == self.senderkey, "no such senderkey")
        require(fields.get("tpl_code") in self.templates, "no such tpl_code")
        require(fields.get("sender") in self.senders, "sender is not registered", -102)
        require(fields.get("failover", "N") == "N", "failover is on")
        require(fields.get("testMode", "N") == "N", "testMode is on")
        for n in range(1, count + 1):
            require(re.fullmatch("0[0-9]{8,11}", fields[f"receiver_{n}"]), "receiver is digits only")
            require(1 <= size(fields.get(f"subject_{n}", "")) <= 44, "subject is 1 to 44 bytes")
            require(1 <= len(fields.get(f"message_{n}", "")) <= 1000, "message is 1 to 1,000 characters")
        require(not self.poor, "잔액이 부족합니다.", -201)
        call = str(200000000 + self.next_number())
        for n in range(1, count + 1):
            to, text, buttons = fields[f"receiver_{n}"], fields[f"message_{n}"], fields.get(f"button_{n}", "")
            refused = None
            if not self.of_template(fields["tpl_code"], text, buttons):
                self.violate("an AlimTalk is not its template's")
                refused = "3016"
            self.accept(key_of(to, text), to, text, "AT", str(self.next_number()), call=call, refused=refused,
                        sender=fields["sender"], template=fields["tpl_code"], buttons=buttons)
        return {"info": {"type": "AT", "mid": int(call), "current": "1000", "unit": 6.5, "total": 6.5 * count,
                         "scnt": count, "fcnt": 0}}

    def receivers(self, fields):
        """How many there are, 1 … n without a gap."""
        count = sum(1 for name in fields if re.fullmatch("receiver_[0-9]+", name))
        require(1 <= count <= MOST, "1 to 500 receivers")
        own = {f"{name}_{n}" for name in EACH for n in range(1, count + 1)}
        self.only(fields, LETTER | own)
        numbers = {fields.get(f"receiver_{n}") for n in range(1, count + 1)}
        require(None not in numbers, "a receiver's number is left out")
        require(len(numbers) == count, "a number twice in one request cannot be told apart")
        return count

    def of_template(self, code, text, buttons):
        """Is it the template's, but for what stands in the places of #{…}?"""
        content, own = self.templates[code]
        form = ".+?".join(re.escape(part) for part in re.split(r"#\{[^}]*\}", content))
        return bool(re.fullmatch(form, text, re.S)) and buttons_of(buttons) == [
            (one["name"], one["linkType"]) for one in own]

    def list_history(self, fields):
        self.only(fields, SPAN)
        days = [fields.get(name, korea(self.clock(), "%Y%m%d")) for name in ("startdate", "enddate")]
        require(all(re.fullmatch("[0-9]{8}", day) for day in days), "startdate or enddate")
        return span(fields, [
            {"mid": few[0].more["call"], "type": "AT", "sender": few[0].more["sender"], "msg_count": str(len(few)),
             "mbody": few[0].text, "reserve_date": "", "reserve_state": "", "regdate": korea(few[0].time)}
            for few in self.calls(True) if days[0] <= korea(few[0].time, "%Y%m%d") <= days[1]])

    def list_detail(self, fields):
        self.only(fields, COMMON | {"mid", "page", "limit"})
        require("mid" in fields, "no mid")
        return span(fields, [self.detail(one) for one in self.of(fields["mid"], True)])

    def detail(self, message):
        what, code = ("failed", message.more["refused"]) if message.more["refused"] else self.result_of(message)
        at = korea(message.time)
        told = "" if what == "pending" else at
        return {"msgid": message.provider_id, "type": "AT", "sender": message.more["sender"], "phone": message.to,
                "status": "1", "reqdate": at, "sentdate": at, "rsltdate": told, "reportdate": told,
                "rslt": RESULTS.get(what, code), "rslt_message": "", "message": message.text,
                "button_json": message.more["buttons"], "tpl_code": message.more["template"],
                "senderKey": self.senderkey, "smid": ""}

    def list_templates(self, fields):
        self.only(fields, COMMON | {"senderkey", "sender", "tpl_code"})
        require(fields.get("senderkey") == self.senderkey, "no such senderkey")
        return {"list": [{"templtCode": code, "templtContent": text, "templtName": code, "templateType": "BA",
                          "templateEmType": "NONE", "templtTitle": "", "templtSubtitle": "", "templtImageName": "",
                          "templtImageUrl": "", "securityFlag": "N", "status": "A", "inspStatus": "APR",
                          "senderKey": self.senderkey, "buttons": buttons, "cdate": korea(self.clock())}
                         for code, (text, buttons) in self.templates.items()]}

    def heartinfo(self, fields):
        self.only(fields, COMMON)
        return {"list": {**self.left, "ALT_CNT": 90}}
