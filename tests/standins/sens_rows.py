"""What SENS tells of messages that it took: lists by request or by hours, and one by its name."""
import datetime

from .base import Answer
from .strict import KST, Broken, korea, require

TIME = "%Y-%m-%d %H:%M:%S"
WINDOWS = {"request": {"sms": 30, "alimtalk": 31, "brandmessage": 31},  # days at most
           "complete": {"sms": 1, "alimtalk": 1, "brandmessage": 1}}
PAGES = {"pageSize", "nextToken"}
FILTERS = {"sms": {"requestId", "messageId", "type", "contentType", "countryCode", "status", "statusName",
                   "statusCode", "from", "to"},
           "alimtalk": {"requestId", "messageId", "plusFriendId", "templateCode", "to", "countryCode",
                        "requestStatusCode", "messageStatusCode", "messageStatusName"},
           "brandmessage": {"requestId", "messageId", "plusFriendId", "to", "countryCode", "requestStatusCode",
                            "messageStatusCode", "messageStatusName"}}


def instant(request, name):
    try:
        return datetime.datetime.strptime(request.one(name, ""), TIME).replace(tzinfo=KST)
    except ValueError:
        raise Broken(f"{name} is no time") from None


def window(service, request):
    """(which of a message's times, first, last) that is asked for; None where requestId says all."""
    if "requestId" in request.query():
        return None
    for which, days in WINDOWS.items():
        first, last = which + "StartTime", which + "EndTime"
        if {first, last} & set(request.query()):
            start, end = instant(request, first), instant(request, last)
            require(start <= end <= start + datetime.timedelta(days=days[service]), f"{first} to {last} is too long")
            require(service == "sms" or "plusFriendId" in request.query(), "hours without plusFriendId")
            return which, start.timestamp(), end.timestamp()
    raise Broken("neither requestId nor hours")


class Rows:
    """Mixed into the stand-in."""

    def ended(self, message):
        """(what, code) that became of it; Kakao itself refuses what is not the template's."""
        return ("failed", message.more["refused"]) if message.more.get("refused") else self.result_of(message)

    def sms_row(self, message):
        what, code = self.ended(message)
        row = {"requestId": message.more["call"], "messageId": message.provider_id, "requestTime": korea(message.time),
               "contentType": "AD" if message.more["ad"] else "COMM", "type": message.kind, "countryCode": "82",
               "from": message.more["sender"], "to": message.to, "subject": message.more["subject"],
               "content": message.text, "status": "PROCESSING" if what == "pending" else "COMPLETED"}
        if what == "pending":
            return row
        code = {"delivered": "0", "unconfirmed": "2000"}.get(what, code)
        return {**row, "statusCode": code, "statusName": "success" if code == "0" else "fail", "statusMessage": "",
                "completeTime": korea(message.time), "telcoCode": "ETC"}

    def kakao_row(self, message):
        what, code = self.ended(message)
        row = {"requestId": message.more["call"], "messageId": message.provider_id, "requestTime": korea(message.time),
               "plusFriendId": message.more["channel"], "templateCode": message.more.get("template"), "to": message.to,
               "countryCode": "82", "content": message.text, "requestStatusCode": "A000",
               "requestStatusName": "success", "requestStatusDesc": "성공"}
        if what == "pending":
            return row
        code = {"delivered": "0000", "unconfirmed": "3005"}.get(what, code)
        return {**row, "messageStatusCode": code, "messageStatusName": "success" if code == "0000" else "fail",
                "messageStatusDesc": "", "completeTime": korea(message.time)}

    def row(self, service, message):
        return self.sms_row(message) if service == "sms" else self.kakao_row(message)

    def asked(self, service, request):
        """The rows that a request asks for, the oldest first."""
        hours = [which + end for which in WINDOWS for end in ("StartTime", "EndTime")]
        self.only(request, {*FILTERS[service], *PAGES, *hours})
        span = window(service, request)
        wanted = {name: request.one(name) for name in FILTERS[service] & set(request.query())}
        for message in self.accepted:
            if message.more["service"] != service:
                continue
            if span and not (span[1] <= int(message.time) <= span[2]
                             and (span[0] == "request" or self.ended(message)[0] != "pending")):
                continue
            row = self.row(service, message)
            if all(row.get(name) == value for name, value in wanted.items()):
                yield row

    def listed(self, service, request):
        many, at = request.one("pageSize", "20"), request.one("nextToken", "0")
        require(many.isascii() and many.isdigit() and 1 <= int(many) <= 100, "pageSize is 1 to 100")
        rows = list(self.asked(service, request))
        if not rows:
            return Answer(404)
        require(at.isascii() and at.isdigit() and int(at) < len(rows), "nextToken")
        end = int(at) + min(int(many), self.most_page)
        found = rows[int(at):end]
        return Answer(200, {"statusCode": "202", "statusName": "success", "messages": found, "pageIndex": 0,
                            "pageSize": int(many), "itemCount": len(found), "hasMore": end < len(rows),
                            "nextToken": str(end) if end < len(rows) else None})

    def one(self, service, name):
        for message in self.accepted:
            if (message.provider_id, message.more["service"]) == (name, service):
                row = self.row(service, message)
                return Answer(200, {"statusCode": "200", "statusName": "success", "messages": [row]}
                              if service == "sms" else row)
        return Answer(404)

    def list_sms(self, request):
        return self.listed("sms", request)

    def list_alimtalk(self, request):
        return self.listed("alimtalk", request)

    def list_brand(self, request):
        return self.listed("brandmessage", request)

    def read_sms(self, _, name):
        return self.one("sms", name)

    def read_alimtalk(self, _, name):
        return self.one("alimtalk", name)

    def read_brand(self, _, name):
        return self.one("brandmessage", name)
