"""AlimTalk v2.3 of the stand-in of NHN. Source: its own guide, TOAST-DOCS/Alimtalk, folder ko: alimtalk-api-guide.md,
error-code.md."""
import re

from .nhn_kakao import LONG, PAGES, RECIPIENTS, RESEND
from .nhn_shape import (MINUTES, Field, Refused, answers, body_of, check_fields, check_query, inside, page_of,
                        window_of)

REPEATS = 600  # seconds in which a name of a request is not taken again
LINKS = {name: Field(str, 500, long=LONG) for name in ("linkMo", "linkPc", "schemeIos", "schemeAndroid")}
BUTTON = {**LINKS, "ordering": Field(int, lacking=-2018), "type": Field(str, lacking=-2018),
          "name": Field(str, 14, lacking=-3009, long=LONG), "chatExtra": Field(str), "chatEvent": Field(str),
          "bizFormId": Field(int), "pluginId": Field(str, 24, long=LONG), "relayId": Field(str),
          "oneClickId": Field(str), "productId": Field(str), "target": Field(str), "telNumber": Field(str)}
ADDITION = {name: BUTTON[name] for name in ("ordering", "chatExtra", "chatEvent", "relayId", "oneClickId", "productId",
                                            "target", "telNumber")}
BUTTON_TYPES = ("WL", "AL", "DS", "BK", "MD", "BC", "BT", "AC", "BF", "P1", "P2", "P3", "TN")
WHOLE = {
    "senderKey": Field(str, 40, lacking=-2001, long=LONG), "templateCode": Field(str, 20, lacking=-2001, long=LONG),
    "requestDate": Field(str), "senderGroupingKey": Field(str, 100, long=LONG),
    "createUser": Field(str, 100, long=LONG), "recipientList": RECIPIENTS, "messageOption": Field(dict),
    "statsId": Field(str, 8, long=LONG),
}
EACH = {"recipientNo": Field(str, 15, lacking=-5000, long=-5000), "resendParameter": Field(dict),
        "recipientGroupingKey": Field(str, 100, long=LONG), "buttons": Field(list, 5, long=LONG),
        "quickReplies": Field(list, 5, long=LONG)}
RAW = {**EACH, "content": Field(str, 1300, lacking=-2001, long=-2019), "templateTitle": Field(str, 50, long=-2032),
       "templateHeader": Field(str, 16, long=-2035), "templateItem": Field(dict), "templateItemHighlight": Field(dict),
       "templateRepresentLink": Field(dict)}
FILLED = {**EACH, "templateParameter": Field(dict)}
FILTERS = ("requestId", "recipientNo", "senderKey", "templateCode", "senderGroupingKey", "recipientGroupingKey",
           "messageStatus", "createUser")
SEARCH = (*FILTERS, "startRequestDate", "endRequestDate", "startCreateDate", "endCreateDate", "resultCode", *PAGES)
TEMPLATE_STATES = {"TSC01": "요청", "TSC02": "검수 중", "TSC03": "승인", "TSC04": "반려"}
VARIABLE = re.compile(r"#\{([^}]+)\}")


def pattern_of(template):
    """What a text that is filled from it looks like."""
    parts = VARIABLE.split(template)
    return re.compile("".join("(.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL)


class AlimTalk:
    """For Nhn; keeps templates {code: dict} and names {a request's idempotency key: seconds}."""

    def template(self, code, content, status="TSC03", extra=None, buttons=()):
        """A template of the account. buttons: [(name, link)], both with their places."""
        self.templates[code] = {
            "templateCode": code, "kakaoTemplateCode": code, "templateName": code, "plusFriendType": "NORMAL",
            "templateMessageType": "EX" if extra else "BA", "templateEmphasizeType": "NONE", "templateContent": content,
            "templateExtra": extra, "templateAd": None, "templateTitle": None, "templateSubtitle": None,
            "templateHeader": None, "templateImageName": None, "templateImageUrl": None, "quickReplies": [],
            "buttons": [{"ordering": at, "type": "WL", "name": name, "linkMo": link, "linkPc": link}
                        for at, (name, link) in enumerate(buttons, 1)],
            "comments": [], "status": status, "statusName": TEMPLATE_STATES[status], "securityFlag": False,
            "categoryCode": "999999", "block": False, "dormant": False, "createDate": "2026-01-05 10:00:00",
            "updateDate": None}

    # ---- sending ----

    @answers
    def send_raw(self, request, _):
        return self.send_alimtalk(request, "raw-messages", RAW)

    @answers
    def send_filled(self, request, _):
        return self.send_alimtalk(request, "messages", FILLED)

    def send_alimtalk(self, request, where, fields):
        given = body_of(self, request)
        self.check_repeat(request)
        check_fields(self, where, given, WHOLE)
        self.not_modelled(where, given, "requestDate", "messageOption")
        self.refused_by_order(request)
        self.check_profile(given)
        template = self.templates.get(given["templateCode"])
        if not template:
            raise Refused(-3003, "Template does not exist.")
        if template["status"] != "TSC03":
            raise Refused(-3005, "Please check template status.")
        for recipient in given["recipientList"]:
            self.check_recipient(f"{where} recipientList", recipient, fields, RESEND)
            self.check_buttons(where, recipient, BUTTON if fields is RAW else ADDITION)
        name = self.request_id()
        rows = [self.take_alimtalk(name, seq, given, one, template, fields is RAW)
                for seq, one in enumerate(given["recipientList"], 1)]
        return self.rows_answer(rows, name, given.get("senderGroupingKey"))

    def check_repeat(self, request):
        """The guide does not say whether a request that was refused takes its name too: here it does."""
        name = request.headers.get("x-nc-api-idempotency-key")
        if not name:
            return
        with self.lock:
            before, self.names[name] = self.names.get(name), self.clock()
        if before is not None and self.clock() - before < REPEATS:
            self.names[name] = before
            raise Refused(-1005, "The same 'X-NC-API-IDEMPOTENCY-KEY' was requested within 10 minutes.")

    def check_buttons(self, where, recipient, fields):
        for name in ("templateItem", "templateItemHighlight", "templateRepresentLink", "quickReplies", "templateTitle",
                     "templateHeader"):
            self.not_modelled(where, recipient, name)
        for at, one in enumerate(recipient.get("buttons") or [], 1):
            check_fields(self, f"{where} buttons", one, fields)
            if one.get("type", "WL") not in BUTTON_TYPES or one["ordering"] != at:
                self.wrong(-2018, f"{where}: button {at} is {one}")
            self.check_links(f"{where} buttons", one)

    def take_alimtalk(self, name, seq, given, recipient, template, raw):
        code = self.code_of_kakao_number(recipient["recipientNo"])
        text = recipient["content"] if raw else self.fill(template, recipient.get("templateParameter") or {})
        if not code and text is None:
            code = -3004
        if not code and not pattern_of(self.shown(template)).fullmatch(text):
            code = -3010
        if not code and raw and not self.same_buttons(template["buttons"], recipient.get("buttons") or []):
            code = -3011
        if not code:
            self.take("alimtalk", name, seq, recipient["recipientNo"], recipient, given, text, "ALIMTALK",
                      sender=given["senderKey"], template=given["templateCode"], buttons=recipient.get("buttons") or [])
        return {"recipientSeq": seq, "recipientNo": recipient["recipientNo"], "resultCode": code,
                "resultMessage": "SUCCESS" if not code else "FAIL",
                "recipientGroupingKey": recipient.get("recipientGroupingKey")}

    @staticmethod
    def shown(template):
        return "\n".join(filter(None, (template["templateContent"], template["templateExtra"])))

    def fill(self, template, values):
        """None: a place is not filled."""
        text = self.shown(template)
        if any(not isinstance(values.get(name), str) for name in VARIABLE.findall(text)):
            return None
        return VARIABLE.sub(lambda found: values[found[1]], text)

    @staticmethod
    def same_buttons(approved, given):
        return len(approved) == len(given) and all(
            ours["type"] == theirs["type"] and ours["name"] == theirs["name"]
            and pattern_of(ours["linkMo"]).fullmatch(theirs.get("linkMo") or "")
            for ours, theirs in zip(approved, given))

    # ---- what became of messages ----

    def row_alimtalk(self, message):
        return {**self.row_kakao(message), "content": message.text, "resendStatus": "RSC01",
                "resendStatusName": "대체 발송 미대상"}

    @answers
    def search_alimtalk(self, request, _):
        check_query(self, request, SEARCH)
        self.not_modelled("messages", request.query(), "resultCode")
        return self.search_kakao(request, "alimtalk", self.row_alimtalk, FILTERS, ("Request", "Create"))

    @answers
    def one_alimtalk(self, request, _, name, seq):
        check_query(self, request, ())
        return self.one_kakao("alimtalk", lambda one: {
            **self.row_alimtalk(one), "buttons": one.more["buttons"], "resendResultCode": None,
            "resendRequestId": None, "quickReplies": []}, name, seq)

    @answers
    def results_alimtalk(self, request, _):
        check_query(self, request, ("startUpdateDate", "endUpdateDate", "alimtalkMessageType", *PAGES))
        window = window_of(self, request, "Update", MINUTES, (-2027, -4003), 31)
        if not window:
            self.wrong(-4103, "message-results: both ends of updateDate are needed")
        wanted = ("requestId", "recipientSeq", "requestDate", "createDate", "receiveDate", "resendStatus",
                  "resendStatusName", "messageStatus", "resultCode", "resultCodeName")
        rows = [self.row_alimtalk(one) for one in self.of("alimtalk") if inside(window, one.time)]
        return {"messages": page_of(self, request, [{name: row[name] for name in wanted}
                                                    for row in rows if row["resultCode"]])[0]}

    # ---- the account ----

    @answers
    def one_template(self, request, _, profile, code):
        check_query(self, request, ())
        self.check_profile({"senderKey": profile})
        if code not in self.templates:
            raise Refused(-3003, "Template does not exist.")
        return {"templates": self.row_template(profile, self.templates[code])}

    @answers
    def search_templates(self, request, _, profile):
        check_query(self, request, ("templateCode", "templateName", "templateStatus", *PAGES))
        self.check_profile({"senderKey": profile})
        rows = [{**self.row_template(profile, one), "templateStatus": one["status"]} for one in self.templates.values()]
        rows = [row for row in rows if self.fits(request, row, "templateCode", "templateName", "templateStatus")]
        return {"templateListResponse": {"templates": page_of(self, request, rows)[0], "totalCount": len(rows)}}

    def row_template(self, profile, template):
        return {"plusFriendId": self.profiles[profile], "senderKey": profile, **template}
