"""A stand-in for NHN Cloud Notification: SMS v3.0, KakaoTalk Bizmessage AlimTalk v2.3 and Brand Message v1.0. It checks
what NHN's guides say, and answers 200 whatever happened: the header tells."""
import json
import re
import urllib.parse

from .base import StandIn
from .nhn_alimtalk import AlimTalk
from .nhn_brand import Brand
from .nhn_kakao import Kakao
from .nhn_shape import Refused, header, korea
from .nhn_sms import Sms
from .wire import NOT_JSON, Answer

PROFILE = "c1b2a3d4e5f60718293a4b5c6d7e8f9012345678"  # a sender key of 40 characters
PREFIX = re.compile(r"/(sms/v3\.0/appKeys|alimtalk/v2\.3/appkeys|brand-message/v1\.0/appkeys)/([^/]+)/.+")
SENDING = re.compile(r"/sms/v3\.0/appKeys/[^/]+/sender/(ad-)?[sm]ms|/alimtalk/v2\.3/appkeys/[^/]+/(raw-)?messages"
                     r"|/brand-message/v1\.0/appkeys/[^/]+/freestyle-messages")
SMS, ALIMTALK, BRAND = (f"/{path}/([^/]+)" for path in
                        (r"sms/v3\.0/appKeys", r"alimtalk/v2\.3/appkeys", r"brand-message/v1\.0/appkeys"))
DLR = ("ACCEPTED", "DELIVERED", "BUFFERED", "EXPIRED", "FAILED", "REJECTED", "UNKNOWN")
HOOK_STATES = {"0": "FAILED", "3": "COMPLETED", "5": "DUPLICATED", "6": "FAILED_AD"}


def sends(request):
    return request.method == "POST" and SENDING.fullmatch(request.path) is not None


class Nhn(Sms, AlimTalk, Brand, Kakao, StandIn):
    """key, secret: the account's, for all three APIs. senders: registered numbers; unsubscribe: 080 numbers.
    more: the StandIn's. A message's key is its recipientGroupingKey."""
    SENDS = staticmethod(sends)
    routes = (
        ("POST", SMS + "/sender/(ad-)?(sms|mms)", "send_sms"), ("GET", SMS + "/sender/(sms|mms)", "search_sms"),
        ("GET", SMS + "/sender/(sms|mms)/([^/]+)", "one_sms"), ("GET", SMS + "/message-results", "results_sms"),
        ("POST", SMS + "/attachfile/binaryUpload", "upload_sms"), ("GET", SMS + "/sendNos", "senders_sms"),
        ("GET", SMS + "/blockservice/recipients", "refusals_sms"),
        ("POST", SMS + "/blockservice/recipients", "refuse_sms"),
        ("POST", ALIMTALK + "/raw-messages", "send_raw"), ("POST", ALIMTALK + "/messages", "send_filled"),
        ("GET", ALIMTALK + "/messages", "search_alimtalk"),
        ("GET", ALIMTALK + "/messages/([^/]+)/([0-9]+)", "one_alimtalk"),
        ("GET", ALIMTALK + "/message-results", "results_alimtalk"),
        ("GET", ALIMTALK + "/senders/([^/]+)", "profile_alimtalk"),
        ("GET", ALIMTALK + "/senders/([^/]+)/templates", "search_templates"),
        ("GET", ALIMTALK + "/senders/([^/]+)/templates/([^/]+)", "one_template"),
        ("POST", BRAND + "/freestyle-messages", "send_brand"), ("GET", BRAND + "/messages", "search_brand"),
        ("GET", BRAND + "/messages/([^/]+)/([0-9]+)", "one_brand"), ("POST", BRAND + "/images", "upload_brand"),
        ("GET", BRAND + "/senders/([^/]+)", "profile_brand"),
    )

    def __init__(self, key="testAppKey01", secret="testSecret01", senders=("0212345678",), unsubscribe=("0801234567",),
                 tls=False, **more):
        super().__init__(tls=tls, **more)
        self.key, self.secret, self.signature = key, secret, "testSignature01"
        self.senders, self.unsubscribe = list(senders), list(unsubscribe)
        self.blocked_senders, self.files, self.refused = set(), {}, []
        self.profiles, self.templates, self.names, self.images = {PROFILE: "@단골커피"}, {}, {}, {}
        self.whole_code = None   # what every sending is refused with as a whole
        self.number_codes = {}   # {number: what its row is refused with}
        self.poison = {}         # {number: what a whole request is refused with for its sake}
        self.hook_key = "recipientGroupingKey"  # the guide's own example spells it recipientGropuingKey

    # ---- what its APIs share ----

    def admit(self, request):
        """SMS names no code for a wrong secret: it has that of a wrong key here."""
        found = PREFIX.fullmatch(request.path)
        if not found:
            return None
        if urllib.parse.unquote(found[2]) != self.key:
            return Answer(200, {"header": header(-1000, "Invalid appKey.")})
        if "x-secret-key" not in request.headers:
            self.violate(f"{request.path}: no X-Secret-Key")
        if request.headers.get("x-secret-key") != self.secret:
            return Answer(200, {"header": header(-1000 if found[1].startswith("sms") else -1001, "Invalid secretKey.")})
        return None

    def wrong(self, code, sentence):
        """What no right client does."""
        self.violate(sentence)
        raise Refused(code, sentence)

    def not_modelled(self, where, given, *names):
        for name in names:
            if given.get(name):
                self.violate(f"{where}: the stand-in does not know what {name} does")

    def refused_by_order(self, request):
        codes = [self.poison[one.get("recipientNo")] for one in request.json()["recipientList"]
                 if isinstance(one, dict) and one.get("recipientNo") in self.poison]
        code = self.whole_code if self.whole_code is not None else codes[0] if codes else None
        if code is not None:
            raise Refused(code, f"{request.path} is refused by order")

    def request_id(self):
        """Of 25 characters, as NHN's."""
        return f"{korea(self.clock(), '%Y%m%d%H%M%S')}Re{self.next_number():09}"

    def take(self, api, name, seq, number, recipient, given, text, kind, **more):
        key = recipient.get("recipientGroupingKey")
        self.accept(key or f"{name}:{seq}", number, text, kind, f"{name}:{seq}", api=api, request=name, seq=seq,
                    grouping=key, group=given.get("senderGroupingKey"), **more)

    def of(self, api):
        with self.lock:
            return [one for one in self.accepted if one.more["api"] == api]

    @staticmethod
    def fits(request, row, *names):
        return all(request.one(name) in (None, str(row[name])) for name in names)

    def refusal(self, status, request):
        """What an API that is not there says, and what its gateway says (no guide tells: a header of failure)."""
        if status in (404, 405):
            return Answer(200, {"header": header(-9998, "Not exist API.")})
        return Answer(status, {"header": header(-9999, "System error. Please inquire at support@toast.com.")})

    def zero(self, request):
        """Of a sending: every row refused; of anything else an empty list."""
        if not self.SENDS(request):
            return Answer(200, {"header": header(), "body": {"pageNum": 1, "pageSize": 15, "totalCount": 0, "data": []},
                                "messageSearchResultResponse": {"messages": [], "totalCount": 0}})
        given = request.json()
        rows = [{"recipientSeq": seq, "recipientNo": one.get("recipientNo", ""), "resultMessage": "FAIL",
                 "recipientGroupingKey": one.get("recipientGroupingKey"),
                 "resultCode": -2021 if request.path.startswith("/sms/") else -9999}
                for seq, one in enumerate(given.get("recipientList", []) if given is not NOT_JSON else [], 1)]
        if request.path.startswith("/sms/"):
            return Answer(200, {"header": header(), "body": {"data": {
                "requestId": self.request_id(), "statusCode": "3", "sendResultList": rows}}})
        return Answer(200, {"header": header(-1031, "All of receivers are failed to send."),
                            "message": {"requestId": self.request_id(), "sendResults": rows}})

    # ---- what it posts ----

    def hook(self, event, product, hooks):
        body = {"hooksId": f"{korea(self.clock(), '%Y%m%d%H%M%S')}Ho{self.next_number():09}", "webhookConfigId": "wc-1",
                "productName": product, "appKey": self.key, "event": event, "hooks": hooks}
        return ({"X-Toast-Webhook-Signature": self.signature, "Content-Type": "application/json;charset=UTF-8"},
                json.dumps(body, ensure_ascii=False).encode())

    def receipts(self, messages):
        """One post of text messages, one of KakaoTalk's; nothing of what has no result yet."""
        posts = []
        for product, apis, hook_of in (("SMS", ("sms",), self.hook_sms),
                                       ("KakaoTalk Bizmessage", ("alimtalk", "brand"), self.hook_kakao)):
            hooks = [hook_of(one) for one in messages if one.more["api"] in apis]
            hooks = [one for one in hooks if one["resultCode"]]
            if hooks:
                posts.append(self.hook("MESSAGE_RESULT_UPDATE", product, hooks))
        return posts

    def hook_of(self, message, code):
        date = korea(message.time, "%Y-%m-%dT%H:%M:%S")
        return {"hookId": f"{message.more['request']}{message.more['seq']}", "requestId": message.more["request"],
                "recipientSeq": message.more["seq"], "requestDate": date, "receiveDate": date,
                "recipientNo": message.to, "resultCode": code,
                "senderGroupingKey": message.more["group"], self.hook_key: message.more["grouping"],
                "_links": {"self": {"href": f"{self.url}/of/{message.provider_id}"}}}

    def hook_sms(self, message):
        state, code = self.state_sms(message)
        return {**self.hook_of(message, code), "senderType": "NORMAL_SMS" if message.kind == "SMS" else "NORMAL_MMS",
                "sendNo": message.more["sender"], "messageStatus": HOOK_STATES.get(state), "messageCount": 1}

    def hook_kakao(self, message):
        """It tells no state, the code alone."""
        brand = message.more["api"] == "brand"
        _, code = self.state_kakao(message)
        hook = self.hook_of(message, code)
        return {**hook, "createDate": hook["requestDate"], "isAddedChannel": True if brand else None,
                "kakaoMessageType": "BRAND_MESSAGE_NORMAL" if brand else "ALIMTALK_NORMAL"}

    def unsubscribed(self, number):
        """Somebody called the 080 number: from now on refused, and (headers, body) of the post that tells of it."""
        now = self.clock()
        self.refused.append((self.unsubscribe[0], number, now))
        return self.hook("UNSUBSCRIBE", "SMS", [{
            "hookId": self.request_id(), "recipientNo": number, "unsubscribeNo": self.unsubscribe[0],
            "enterpriseName": "단골커피", "createdDateTime": korea(now, "%Y-%m-%dT%H:%M:%S.000+09:00")}])

    def abroad(self, message, status):
        """(headers, body) of the post that tells what a carrier abroad said of it: one of DLR."""
        if status not in DLR:
            raise ValueError(status)
        return self.hook("INTERNATIONAL_DELIVERY_RECEIPT", "SMS", [{
            "hookId": self.request_id(), "requestId": message.more["request"], "recipientSeq": message.more["seq"],
            "dlrStatus": status, "networkCode": "US-VIRTUAL-BANDWIDTH", "errorCode": "0"}])
