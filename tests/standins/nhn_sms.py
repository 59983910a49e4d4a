"""SMS v3.0 of the stand-in of NHN: sending, pictures, searches, senders, who refused by the 080 number. Source: its
own guide, TOAST-DOCS/SMS, folder ko: api-guide.md, error-code.md."""
import base64
import binascii
import re

from .nhn_shape import (INVALID, SECONDS, Field, Refused, answers, body_of, check_fields, check_query, inside, korea,
                        page_of, picture_size, window_of)

BYTES = {"SMS": 90, "LMS": 2000, "MMS": 2000}
TITLE_BYTES = 40
FILE_BYTES, FILES_BYTES = 300 << 10, 800 << 10
RECIPIENTS = 1000
COMMON = {
    "templateId": Field(str, 50), "sendNo": Field(str, 13, lacking=-2312), "requestDate": Field(str),
    "senderGroupingKey": Field(str, 100), "recipientList": Field(list, RECIPIENTS, lacking=-2001, long=-2016),
    "userId": Field(str, 100), "statsId": Field(str, 10), "originCode": Field(str, 9),
}
SMS = {**COMMON, "body": Field(str, 255, lacking=-2014, long=-2015), "useConversion": Field(bool)}
MMS = {**COMMON, "title": Field(str, 120, lacking=-2014, long=-2015),
       "body": Field(str, 4000, lacking=-2014, long=-2015), "attachFileIdList": Field(list, 3)}
RECIPIENT = {
    "recipientNo": Field(str, 20), "countryCode": Field(str, 8), "internationalRecipientNo": Field(str, 20),
    "templateParameter": Field(dict), "recipientGroupingKey": Field(str, 100),
}
UPLOAD = {"fileName": Field(str, 45, lacking=-2002, long=-2002), "createUser": Field(str, 100, lacking=INVALID),
          "fileBody": Field(str, lacking=-2005)}
PAGES = ("pageNum", "pageSize")
SEARCH = ("requestId", "startRequestDate", "endRequestDate", "startCreateDate", "endCreateDate", "startResultDate",
          "endResultDate", "sendNo", "recipientNo", "templateId", "msgStatus", "resultCode", "subResultCode",
          "senderGroupingKey", "recipientGroupingKey", "receiverRegion", "countryCode", *PAGES)
FILTERS = ("requestId", "sendNo", "recipientNo", "templateId", "msgStatus", "senderGroupingKey",
           "recipientGroupingKey", "countryCode")
STATES = {"0": "실패", "2": "처리 중", "3": "성공", "5": "중복실패", "6": "실패(광고 제한)"}
REFUSAL = re.compile(r"무료(?:수신)?거부(080\d{7,8})$")


class Sms:
    """For Nhn; keeps files {id: bytes}, and refused [(080 number, number, seconds)]."""

    # ---- sending ----

    @answers
    def send_sms(self, request, _, ad, kind):
        given = body_of(self, request)
        where = f"sender/{ad or ''}{kind}"
        check_fields(self, where, given, SMS if kind == "sms" else MMS)
        kind = "SMS" if kind == "sms" else "MMS" if given.get("attachFileIdList") else "LMS"
        self.not_modelled(where, given, "templateId", "requestDate", "useConversion")
        self.refused_by_order(request)
        self.check_sender(where, given["sendNo"])
        self.check_text(where, given, kind)
        unsubscribe = self.check_ad(where, given["body"]) if ad else self.check_no_ad(where, given["body"])
        self.check_files(where, given.get("attachFileIdList") or [])
        for recipient in given["recipientList"]:
            check_fields(self, f"{where} recipientList", recipient, RECIPIENT)
        name = self.request_id()
        rows = [self.take_sms(name, seq, given, one, kind, unsubscribe)
                for seq, one in enumerate(given["recipientList"], 1)]
        return {"body": {"data": {"requestId": name, "statusCode": "2", "sendResultList": rows,
                                  "senderGroupingKey": given.get("senderGroupingKey")}}}

    def take_sms(self, name, seq, given, recipient, kind, unsubscribe):
        number = recipient.get("recipientNo") or recipient.get("internationalRecipientNo") or ""
        code = self.code_of_number(recipient, number, kind)
        if not code and unsubscribe and any(one[:2] == (unsubscribe, number) for one in self.refused):
            code = -6001
        code = code or self.number_codes.get(number, 0)
        if not code:
            self.take("sms", name, seq, number, recipient, given, given["body"], kind, ad=bool(unsubscribe),
                      title=given.get("title"), sender=given["sendNo"], files=given.get("attachFileIdList") or [])
        return {"recipientNo": number, "resultCode": code, "resultMessage": "SUCCESS" if not code else "FAIL",
                "recipientSeq": seq, "recipientGroupingKey": recipient.get("recipientGroupingKey")}

    def code_of_number(self, recipient, number, kind):
        abroad = not recipient.get("recipientNo") and not number.startswith("82")
        if recipient.get("countryCode") not in (None, "82"):
            self.violate("a country code: numbers abroad go as internationalRecipientNo")
        if not number:
            self.violate("a recipient without a number")
            return -2018
        if not re.fullmatch(r"\d{8,15}" if not recipient.get("recipientNo") else r"0\d{8,10}", number):
            self.violate(f"a number that is none: {number}")
            return -2019
        if abroad and kind != "SMS":
            self.violate("an LMS or MMS abroad")
            return -2024
        return 0

    def check_sender(self, where, number):
        if not number.isdecimal():
            self.violate(f"{where}: sendNo is not written in digits alone")
        if re.sub(r"\D", "", number) not in self.senders:
            raise Refused(-2312, "Not regist sendno.")
        if number in self.blocked_senders:
            raise Refused(-2313, "This sendno is blocked.")

    def check_text(self, where, given, kind):
        """NHN stores more than the carriers show: what is cut on a phone is a violation, and taken all the same."""
        abroad = kind == "SMS" and all(isinstance(one, dict) and one.get("internationalRecipientNo", "82")[:2] != "82"
                                       and not one.get("recipientNo") for one in given["recipientList"])
        for name, most in (("title", TITLE_BYTES), ("body", BYTES[kind])):
            try:
                size = len(given.get(name, "").encode("cp949"))
            except UnicodeEncodeError:
                if not abroad:
                    self.wrong(-2023, f"{where}: {name} has a character that CP949 lacks")
                continue
            if size > most and not abroad:
                self.violate(f"{where}: {name} has {size} bytes, a phone shows {most}")

    def check_ad(self, where, body):
        """The 080 number in the text."""
        found = REFUSAL.search(re.sub(r"[\s\[\]-]", "", body))
        if not body.startswith("(광고)") or not found:
            self.wrong(-6003, f"{where}: an advertisement begins with (광고) and ends with 무료수신거부 and an 080 number")
        if found[1] not in self.unsubscribe:
            raise Refused(-6004, "This is not a joined unsubscribeNo.")
        return found[1]

    def check_no_ad(self, where, body):
        if body.lstrip().startswith("(광고)"):
            self.violate(f"{where}: an advertisement goes by the path of information")

    def check_files(self, where, ids):
        for one in ids:
            if not isinstance(one, int) or isinstance(one, bool):
                self.wrong(INVALID, f"{where}: attachFileIdList has what is no number")
            if one not in self.files:
                raise Refused(-2004, "File is expired or does not exist.")
        if len(ids) == 3 and sum(len(self.files[one]) for one in ids) > FILES_BYTES:
            self.wrong(-2005, f"{where}: three pictures of more than 800 KB")

    @answers
    def upload_sms(self, request, _):
        given = body_of(self, request)
        check_fields(self, "binaryUpload", given, UPLOAD)
        if not given["fileName"].lower().endswith((".jpg", ".jpeg")):
            self.wrong(-2003, "binaryUpload: fileName ends neither with .jpg nor with .jpeg")
        try:
            data = base64.b64decode(given["fileBody"], validate=True)
        except binascii.Error:
            self.wrong(INVALID, "binaryUpload: fileBody is no base64")
        if not 0 < len(data) <= FILE_BYTES:
            self.wrong(-2005, f"binaryUpload: a picture of {len(data)} bytes")
        size = picture_size(data)
        if not size or size[0] != "jpeg" or max(size[1:]) > 1000:
            self.wrong(INVALID, f"binaryUpload: {size}, not a JPEG of 1000 by 1000 at most")
        number = 178575 + self.next_number()
        self.files[number] = data
        return {"body": {"data": {"fileId": number, "fileName": given["fileName"],
                                  "filePath": f"0/toast-mt-{korea(self.clock(), '%Y-%m-%d')}/{number}"}}}

    # ---- what became of messages ----

    @answers
    def search_sms(self, request, _, which):
        check_query(self, request, SEARCH)
        self.not_modelled(f"sender/{which}", request.query(), "resultCode", "subResultCode", "receiverRegion")
        codes = -2000, -4000
        created = window_of(self, request, "Create", SECONDS, codes, 31)
        requested = window_of(self, request, "Request", SECONDS, codes, 31)
        result = window_of(self, request, "Result", SECONDS, codes, 31)
        if not request.one("requestId") and not created and not requested:
            self.wrong(-2011, f"sender/{which}: neither a requestId nor both ends of a date")
        rows = [one for one in self.of("sms") if (one.kind == "SMS") == (which == "sms")
                and inside(created or requested, one.time) and inside(result, one.time)]
        rows = [row for row in map(self.row_sms, rows) if self.fits(request, row, *FILTERS)]
        page, number, size = page_of(self, request, rows)
        return {"body": {"pageNum": number, "pageSize": size, "totalCount": len(rows), "data": page}}

    @answers
    def one_sms(self, request, _, which, name):
        check_query(self, request, ("recipientSeq",))
        seq = request.one("recipientSeq", "")
        if not seq.isdecimal():
            self.wrong(-2012, f"sender/{which}/{name}: recipientSeq is missing")
        for one in self.of("sms"):
            if one.provider_id == f"{name}:{seq}" and (one.kind == "SMS") == (which == "sms"):
                return {"body": {"data": {**self.row_sms(one), "originCode": "123456789"}}}
        raise Refused(-2008, "Invalid requestId.")

    @answers
    def results_sms(self, request, _):
        check_query(self, request, ("startUpdateDate", "endUpdateDate", "messageType", *PAGES))
        window = window_of(self, request, "Update", SECONDS, (-2000, -4000), 1)
        if not window:
            self.wrong(-2011, "message-results: both ends of updateDate are needed")
        kind = request.one("messageType")
        if kind not in (None, "SMS", "LMS", "MMS", "AUTH"):
            self.wrong(-1006, f"message-results: messageType {kind}")
        wanted = ("messageType", "requestId", "recipientSeq", "resultCode", "resultCodeName", "requestDate",
                  "resultDate", "telecomCodeName", "senderGroupingKey", "recipientGroupingKey")
        rows = [self.row_sms(one) for one in self.of("sms") if inside(window, one.time) and kind in (None, one.kind)]
        rows = [{**{name: row[name] for name in wanted}, "updateDate": row["resultDate"], "telecomCode": "10001"}
                for row in rows if row["resultCode"]]
        page, number, size = page_of(self, request, rows)
        return {"body": {"pageNum": number, "pageSize": size, "totalCount": len(rows), "data": page}}

    def state_sms(self, message):
        """(msgStatus, the receiving code or None)."""
        what, code = self.result_of(message)
        if what == "delivered":
            return "3", "1000"
        if what == "failed":
            return {"E915": "5", "E919": "6"}.get(code, "0"), code
        return "2", None

    def row_sms(self, message):
        more, (state, code) = message.more, self.state_sms(message)
        date = korea(message.time, SECONDS) + ".0"
        row = {"requestId": more["request"], "requestDate": date, "resultDate": date if code else None,
               "templateId": None, "templateName": None, "categoryId": None, "categoryName": None,
               "body": message.text, "sendNo": more["sender"], "countryCode": "82", "recipientNo": message.to,
               "msgStatus": state, "msgStatusName": STATES[state], "resultCode": code,
               "resultCodeName": code and ("성공" if code == "1000" else "실패"), "telecomCode": 10001,
               "telecomCodeName": "SKT", "recipientSeq": more["seq"], "sendType": "0" if message.kind == "SMS" else "1",
               "messageType": message.kind, "messageCount": 1, "userId": None, "adYn": "Y" if more["ad"] else "N",
               "resultMessage": "", "senderGroupingKey": more["group"], "recipientGroupingKey": more["grouping"]}
        if message.kind != "SMS":
            row["title"] = more["title"]
            row["attachFileList"] = [{"fileId": one, "filePath": None, "fileName": "picture.jpg", "saveFileName": None,
                                      "uploadType": "TEMPORARY"} for one in more["files"]]
        return row

    # ---- the account ----

    @answers
    def senders_sms(self, request, _):
        check_query(self, request, ("sendNo", "useYn", "blockYn", *PAGES))
        rows = [{"appKey": None, "serviceId": 71191, "sendNo": number, "useYn": "Y",
                 "blockYn": "Y" if number in self.blocked_senders else "N", "blockReason": None,
                 "createDate": "2023-07-18 12:05:35", "createUser": "owner@example.com",
                 "updateDate": "2023-07-18 12:05:35", "updateUser": None} for number in self.senders]
        rows = [row for row in rows if self.fits(request, row, "sendNo", "useYn", "blockYn")]
        page, number, size = page_of(self, request, rows)
        return {"body": {"pageNum": number, "pageSize": size, "totalCount": len(rows), "data": page}}

    @answers
    def refusals_sms(self, request, _):
        check_query(self, request, ("unsubscribeNo", "recipientNo", "startRequestDate", "endRequestDate", *PAGES))
        window = window_of(self, request, "Request", SECONDS, (-2000, -4000), 31)
        rows = [{"unsubscribeNo": service, "recipientNo": number, "requestDate": korea(at) + ".0"}
                for service, number, at in self.refused if inside(window, at)]
        rows = [row for row in rows if self.fits(request, row, "unsubscribeNo", "recipientNo")]
        page, number, size = page_of(self, request, rows)
        return {"body": {"pageNum": number, "pageSize": size, "totalCount": len(rows), "data": page}}

    @answers
    def refuse_sms(self, request, _):
        given = body_of(self, request)
        check_fields(self, "blockservice/recipients", given,
                     {"unsubscribeNo": Field(str, 25, lacking=-6004),
                      "recipientNoList": Field(list, 10, lacking=-2001)})
        if given["unsubscribeNo"] not in self.unsubscribe:
            raise Refused(-6004, "This is not a joined unsubscribeNo.")
        self.refused += [(given["unsubscribeNo"], number, self.clock()) for number in given["recipientNoList"]]
        return {}
