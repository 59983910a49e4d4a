"""Twilio: text messages abroad, one a request, strict in what it takes.

Source: Twilio's OpenAPI description of the 2010 API, its documents on messages, webhooks' security and errors.
Twilio carries no key of ours: `accepted` has the m= of StatusCallback as its key, or To + "|" + Body where there is
none: then the same text to the same number, sent twice on purpose, looks like a duplicate."""
import base64
import email.utils
import hashlib
import hmac
import re
import time
import urllib.parse

from .base import StandIn
from .wire import Answer

FIELDS = {"To", "From", "FallbackFrom", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid", "ContentVariables",
          "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
          "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType",
          "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms", "RiskCheck"}
REPEATED = {"MediaUrl", "PersistentAction"}
FILTERS = {"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"}
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
STATUS = {"delivered": "delivered", "pending": "queued", "unconfirmed": "sent", "failed": "undelivered"}
WORDS = {20003: (401, "Authenticate"), 20404: (404, "The requested resource was not found"),
         20429: (429, "Too Many Requests"), 20500: (500, "Internal Server Error"), 20001: (400, "Invalid parameter"),
         21211: (400, "Invalid 'To' Phone Number"), 21602: (400, "Message body is required"),
         21603: (400, "A 'From' phone number is required"), 21604: (400, "A 'To' phone number is required"),
         21606: (400, "The 'From' phone number is not a valid message-capable Twilio phone number"),
         21610: (400, "Attempt to send to unsubscribed recipient"),
         21609: (400, "The 'StatusCallback' URL is not valid"),
         21617: (400, "The concatenated message body exceeds the 1600 character limit")}


def sends(request):
    return request.method == "POST" and request.path.endswith("/Messages.json")


def error(code):
    status, words = WORDS[code]
    return Answer(status, {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}",
                           "status": status})


def rfc2822(seconds):
    return email.utils.formatdate(seconds, usegmt=True).replace("GMT", "+0000")


def signature(token, url, pairs):
    """Over the whole address and every name and value, in the order of names' bytes."""
    words = url + "".join(name + value for name, value in sorted(pairs))
    return base64.b64encode(hmac.new(token.encode(), words.encode(), hashlib.sha1).digest()).decode()


class Twilio(StandIn):
    """stopped: numbers that said STOP. services: SIDs that may send. api_keys: {SID: secret}.
    balance: told, never used up."""
    SENDS = staticmethod(sends)
    routes = (
        ("POST", "/2010-04-01/Accounts/([^/]+)/Messages.json", "send"),
        ("GET", "/2010-04-01/Accounts/([^/]+)/Messages.json", "list"),
        ("GET", "/2010-04-01/Accounts/([^/]+)/Messages/([^/]+).json", "show"),
        ("GET", "/2010-04-01/Accounts/([^/]+)/Balance.json", "tell_balance"),
        ("GET", "/2010-04-01/Accounts/([^/]+)/IncomingPhoneNumbers.json", "list_numbers"),
    )

    def __init__(self, account="AC00000000000000000000000000000001", token="0123456789abcdef0123456789abcdef",
                 numbers=("+15005550006",), tls=False, **more):
        super().__init__(tls=tls, **more)
        self.account, self.token, self.numbers = account, token, numbers
        self.services, self.stopped, self.api_keys, self.balance = (), (), {}, "12.34"

    def admit(self, request):
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic":
            self.violate(f"{request.path}: no Basic authorization")
        if scheme != "Basic" or shown not in (base64.b64encode(f"{name}:{secret}".encode()).decode() for name, secret in
                                              [(self.account, self.token), *self.api_keys.items()]):
            return error(20003)
        at = re.match("/2010-04-01/Accounts/([^/]+)/", request.path)
        return error(20404) if at and at[1] != self.account else None

    # ---- sending ----

    def send(self, request, _):
        if request.kind() != "application/x-www-form-urlencoded":
            self.violate("Messages: the body is not a urlencoded form")
            return error(20001)
        pairs = request.form()
        form = dict(pairs)
        faults = [f"Messages: no field {name} is known" for name in sorted(set(form) - FIELDS)]
        faults += [f"Messages: {name} comes twice" for name in form
                   if name not in REPEATED and sum(name == one for one, _ in pairs) > 1]
        if "From" in form and not E164.fullmatch(form["From"]):
            faults.append("Messages: From is not E.164")
        if "To" in form and not E164.fullmatch(form["To"]):
            faults.append("Messages: To is not E.164")
        if not re.fullmatch("[0-9]+", form.get("ValidityPeriod", "1")) or not (
                1 <= int(form.get("ValidityPeriod", "1")) <= 36000):
            faults.append("Messages: ValidityPeriod is not 1 to 36000")
        for fault in faults:
            self.violate(fault)
        code = 20001 if faults else self.refuses(form)
        return error(code) if code else Answer(201, self.told(self.keep(form), now=True))

    def refuses(self, form):
        """A code, or None."""
        callback = urllib.parse.urlsplit(form.get("StatusCallback", "https://a.example.com"))
        if not form.get("To"):
            return 21604
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return 21603
        if not form.get("Body") and not form.get("MediaUrl") and not form.get("ContentSid"):
            return 21602
        if len(form.get("Body", "")) > 1600:
            return 21617
        if callback.scheme not in ("http", "https") or not callback.hostname or "_" in callback.hostname:
            return 21609
        if (form.get("From") or self.numbers[0]) not in self.numbers or (
                form.get("MessagingServiceSid") and form["MessagingServiceSid"] not in self.services):
            return 21606
        return 21610 if form["To"] in self.stopped else None

    def keep(self, form):
        callback = form.get("StatusCallback")
        key = urllib.parse.parse_qs(urllib.parse.urlsplit(callback or "").query).get("m", [None])[0]
        sid = "SM" + hashlib.md5(b"%d" % self.next_number()).hexdigest()
        return self.accept(key or form["To"] + "|" + form.get("Body", ""), form["To"], form.get("Body", ""), "SMS", sid,
                           sender=form.get("From") or self.numbers[0], service=form.get("MessagingServiceSid"),
                           callback=callback)

    def told(self, message, now=False):
        """A message as it is shown; now: at its sending."""
        what, code = ("pending", None) if now else self.result_of(message)
        base = f"/2010-04-01/Accounts/{self.account}/Messages/{message.provider_id}"
        narrow = all(ord(letter) < 128 for letter in message.text)
        alone, part = (160, 153) if narrow else (70, 67)
        parts = 1 if len(message.text) <= alone else -(-len(message.text) // part)
        return {"account_sid": self.account, "api_version": "2010-04-01", "body": message.text,
                "date_created": rfc2822(message.time), "date_updated": rfc2822(self.clock()),
                "date_sent": None if what == "pending" else rfc2822(message.time), "direction": "outbound-api",
                "error_code": int(code) if code is not None else None,
                "error_message": None if code is None else "Message was not delivered", "from": message.more["sender"],
                "messaging_service_sid": message.more["service"], "num_media": "0", "num_segments": str(parts),
                "price": None, "price_unit": "USD", "sid": message.provider_id, "status": STATUS[what],
                "subresource_uris": {"media": base + "/Media.json"}, "to": message.to, "uri": base + ".json"}

    # ---- asking ----

    def show(self, request, _, sid):
        found = [one for one in self.accepted if one.provider_id == sid]
        return Answer(200, self.told(found[0])) if found else error(20404)

    def dated(self, message, query):
        """Twilio's filters know days, in UTC; DateSent> and DateSent< hold the day itself. What waits still counts by
        when it was made: Twilio does not say how."""
        day = time.strftime("%Y-%m-%d", time.gmtime(message.time))
        exact, before, after = (query.get(name, [None])[0] for name in ("DateSent", "DateSent<", "DateSent>"))
        return ((not exact or day == exact[:10]) and (not before or day <= before[:10])
                and (not after or day >= after[:10]))

    def list(self, request, _):
        query = request.query()
        for name in sorted(set(query) - FILTERS):
            self.violate(f"Messages: no filter {name} is known")
        for name in ("DateSent", "DateSent<", "DateSent>"):
            if name in query and not re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}(T|$)", query[name][0]):
                self.violate(f"Messages: {name} is not a day")
        with self.lock:
            rows = [one for one in reversed(self.accepted)
                    if request.one("To", one.to) == one.to
                    and request.one("From", one.more["sender"]) == one.more["sender"] and self.dated(one, query)]
        return self.page(request, "messages", [self.told(one) for one in rows])

    def page(self, request, name, rows):
        size, at = int(request.one("PageSize", 50)), int(request.one("Page", 0))
        if not 1 <= size <= 1000:
            self.violate(f"{request.path}: PageSize is not 1 to 1000")
            return error(20001)

        def address(number):
            rest = [(key, one) for key, values in request.query().items() if key not in ("Page", "PageToken")
                    for one in values]
            return request.path + "?" + urllib.parse.urlencode([*rest, ("Page", number), ("PageToken", f"PA{number}")])
        more = rows[(at + 1) * size:]
        return Answer(200, {name: rows[at * size:(at + 1) * size], "page": at, "page_size": size, "start": at * size,
                            "end": min(len(rows), (at + 1) * size) - 1, "uri": request.target,
                            "first_page_uri": address(0), "previous_page_uri": address(at - 1) if at else None,
                            "next_page_uri": address(at + 1) if more else None})

    # ---- what the account has ----

    def tell_balance(self, request, _):
        return Answer(200, {"account_sid": self.account, "balance": self.balance, "currency": "USD"})

    def list_numbers(self, request, _):
        return self.page(request, "incoming_phone_numbers", [
            {"account_sid": self.account, "sid": f"PN{at:032}", "phone_number": number, "friendly_name": number,
             "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False}}
            for at, number in enumerate(self.numbers)])

    # ---- reports ----

    def receipts(self, messages):
        """One post each, with the query of the address that the client gave, and signed over that address, wherever
        it is then posted."""
        posts = []
        for message in messages:
            what, code = self.result_of(message)
            query = urllib.parse.urlsplit(message.more["callback"] or "").query
            pairs = [("AccountSid", self.account), ("ApiVersion", "2010-04-01"), ("From", message.more["sender"]),
                     ("MessageSid", message.provider_id), ("MessageStatus", STATUS[what]),
                     ("SmsSid", message.provider_id), ("SmsStatus", STATUS[what]), ("To", message.to)]
            pairs += [("ErrorCode", str(code))] if code is not None else []
            posts.append(({"Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                           "X-Twilio-Signature": signature(self.token, message.more["callback"] or "", pairs),
                           "I-Twilio-Idempotency-Token": f"{message.provider_id}-{STATUS[what]}"},
                          urllib.parse.urlencode(pairs).encode(), query and "?" + query))
        return posts

    # ---- answers of faults ----

    def refusal(self, status, request):
        if status in (404, 429):
            return error({404: 20404, 429: 20429}[status])
        return Answer(status, {"code": 20500, "message": "Internal Server Error", "status": status,
                               "more_info": "https://www.twilio.com/docs/errors/20500"})

    def zero(self, request):
        """A message that Twilio wrote down and did not take any further."""
        if not sends(request):
            return Answer(200, {"messages": [], "next_page_uri": None})
        form = dict(request.form() or [])
        return Answer(201, {"account_sid": self.account, "sid": "SM" + "f" * 32, "status": "failed",
                            "error_code": 30001, "error_message": "Queue overflow", "to": form.get("To"), "from": form.get("From"),
                            "body": form.get("Body")})
