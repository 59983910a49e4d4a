"""What AlimTalk and Brand Messages share in the stand-in of NHN. Source: its own guide, TOAST-DOCS/Alimtalk, folder ko:
alimtalk-api-guide.md, friendtalkupgrade-api-guide.md, error-code.md."""
import re

from .nhn_shape import (MINUTES, SECONDS, Field, Refused, answers, check_fields, check_query, inside, korea, page_of,
                        window_of)

LONG = -2000
RECIPIENTS = Field(list, 1000, lacking=-4011, long=LONG)
RESEND = {"isResend": Field(bool), "resendType": Field(str), "resendTitle": Field(str), "resendContent": Field(str),
          "resendSendNo": Field(str)}
PAGES = ("pageNum", "pageSize")


class Kakao:
    """For Nhn; keeps profiles {sender key: channel's name}."""

    # ---- what both KakaoTalk APIs check ----

    def check_profile(self, given):
        if len(given["senderKey"]) != 40:
            self.wrong(-2004, "senderKey has 40 characters")
        if given["senderKey"] not in self.profiles:
            raise Refused(-2017, "Not exist plus friend.")

    def check_recipient(self, where, recipient, fields, resend):
        check_fields(self, where, recipient, fields)
        failover = recipient.get("resendParameter") or {}
        check_fields(self, f"{where} resendParameter", failover, resend)
        if failover.get("isResend") is not False:
            self.violate(f"{where}: isResend must be false, or NHN writes by SMS on its own")
        if failover.get("isResend"):
            raise Refused(-2502, "Please set up plus-friend resend setting.")

    def check_links(self, where, given):
        for name in ("linkMo", "linkPc"):
            if given.get(name) and not given[name].startswith(("http://", "https://")):
                self.wrong(-3006, f"{where}: {name} is no http:// or https://")
        if given.get("type") == "WL" and not given.get("linkMo"):
            self.wrong(-3000, f"{where}: a web link without linkMo")

    def code_of_kakao_number(self, number):
        if re.fullmatch(r"0\d{8,10}|[1-9]\d{9,14}", number):
            return self.number_codes.get(number, 0)
        self.violate(f"a number that is none: {number}")
        return -5000

    def rows_answer(self, rows, name, group=None):
        """A request of which nobody was taken is a failure as a whole."""
        message = {"requestId": name, "sendResults": rows, **({"senderGroupingKey": group} if group else {})}
        if all(row["resultCode"] for row in rows):
            raise Refused(-1031, "All of receivers are failed to send.", {"message": message})
        return {"message": message}

    def search_kakao(self, request, api, row_of, filters, dates):
        codes = -2027, -4003
        windows = [window_of(self, request, name, MINUTES, codes, 31) for name in dates]
        if not request.one("requestId") and not any(windows):
            self.wrong(-4103, f"{request.path}: neither a requestId nor both ends of a date")
        rows = [row_of(one) for one in self.of(api) if all(inside(window, one.time) for window in windows)]
        rows = [row for row in rows if self.fits(request, row, *filters)]
        page, _, _ = page_of(self, request, rows)
        return {"messageSearchResultResponse": {"messages": page, "totalCount": len(rows)}}

    def one_kakao(self, api, row_of, name, seq):
        for one in self.of(api):
            if one.provider_id == f"{name}:{seq}":
                return {"message": row_of(one)}
        raise Refused(-1016, "It is not found any messages responding with that requestId and recipientSeq.")

    def state_kakao(self, message):
        """(messageStatus, the receiving code or None). The guide has no state for what is on its way."""
        what, code = self.result_of(message)
        return {"delivered": ("COMPLETED", "1000"), "pending": ("COMPLETED", None), "unconfirmed": ("FAILED", "3005"),
                "failed": ("FAILED", code)}[what]

    def row_kakao(self, message):
        more, (state, code) = message.more, self.state_kakao(message)
        date = korea(message.time, SECONDS) + ".0"
        return {"requestId": more["request"], "recipientSeq": more["seq"],
                "plusFriendId": self.profiles[more["sender"]], "senderKey": more["sender"],
                "templateCode": more["template"], "recipientNo": message.to,
                "requestDate": date, "createDate": date, "receiveDate": date if code else None, "messageStatus": state,
                "resultCode": code, "resultCodeName": code and ("성공" if code == "1000" else "실패"), "createUser": None,
                "senderGroupingKey": more["group"], "recipientGroupingKey": more["grouping"]}

    # ---- the account ----

    @answers
    def profile_alimtalk(self, request, _, profile):
        return self.row_profile(request, profile, alimtalk={"resendAppKey": None, "isResend": False,
                                                            "resendSendNo": None, "dailyMaxCount": 1000})

    @answers
    def profile_brand(self, request, _, profile):
        return self.row_profile(request, profile, marketingAgreement=False, brandMessage={
            "resendAppKey": None, "isResend": False, "resendSendNo": None, "resendUnsubscribeNo": None})

    def row_profile(self, request, profile, **more):
        check_query(self, request, ())
        self.check_profile({"senderKey": profile})
        return {"sender": {
            "plusFriendId": self.profiles[profile], "senderKey": profile, "categoryCode": "00100010001",
            "status": "YSC03", "statusName": "정상 등록", "kakaoStatus": "A", "kakaoStatusName": "정상",
            "kakaoProfileStatus": "A", "kakaoProfileStatusName": "활성화", "block": False, "dormant": False,
            "createDate": "2026-01-05 10:00:00", "initialUserRestriction": False, **more}}
