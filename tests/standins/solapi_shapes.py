"""What SOLAPI remembers of messages and groups, and the shapes in which it tells of them."""
import dataclasses
import datetime

from .solapi_message import MEANINGS

ACCOUNT = "12925149"
KINDS = ("sms", "lms", "mms", "ata", "cta", "cti", "nsa", "rcs_sms", "rcs_lms", "rcs_mms", "rcs_tpl", "rcs_itpl",
         "rcs_ltpl", "fax", "voice", "bms_text", "bms_image", "bms_wide", "bms_wide_item_list", "bms_carousel_feed",
         "bms_premium_video", "bms_commerce", "bms_carousel_commerce", "bms_free")


@dataclasses.dataclass
class Entry:
    """A message that was registered: it leaves with its group."""
    id: str
    group: object
    message: dict
    to: str
    kind: str
    text: str
    created: float
    sent: object = None  # as it was accepted


@dataclasses.dataclass
class Group:
    id: str
    duplicates: bool
    created: float
    status: str = "PENDING"
    entries: dict = dataclasses.field(default_factory=dict)
    numbers: set = dataclasses.field(default_factory=set)
    refused: int = 0
    sent: float = None


def iso(seconds):
    """As SOLAPI writes an instant."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="milliseconds").replace(
        "+00:00", "Z")


def instant(text):
    """Seconds of an ISO 8601 instant with its zone; None: it is none."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo else None


def meaning(code):
    return MEANINGS.get(code, "실패")


def item(message, to, kind, number, code):
    """A message as it was registered or refused, in the answer to its request."""
    told = {"to": to, "from": message.get("from", ""), "type": kind, "country": message.get("country", "82"),
            "messageId": number, "statusCode": code, "statusMessage": meaning(code), "accountId": ACCOUNT}
    if "customFields" in message:
        told["customFields"] = message["customFields"]
    return told


def short_item(one):
    return {name: one[name] for name in ("messageId", "statusCode", "statusMessage", "customFields") if name in one}


def code_of(entry, result):
    """statusCode and status. result: what became of an accepted message."""
    if entry.sent is None:
        return "2000", "PENDING"
    what, code = result(entry.sent)
    return {"delivered": ("4000", "COMPLETE"), "failed": (code, "COMPLETE"), "unconfirmed": ("3000", "SENDING"),
            "pending": ("2000", "SENDING")}[what]


def row(entry, result):
    """A message as the list shows it."""
    code, status = code_of(entry, result)
    message, done = entry.message, status == "COMPLETE"
    at = iso(entry.sent.time) if entry.sent else None
    return {"messageId": entry.id, "groupId": entry.group.id, "accountId": ACCOUNT, "type": entry.kind,
            "to": entry.to, "from": message.get("from", ""), "text": entry.text,
            "subject": message.get("subject"), "imageId": message.get("imageId"),
            "country": message.get("country", "82"), "statusCode": code, "status": status, "reason": meaning(code),
            "networkName": "KT" if done else None, "networkCode": "SKT" if done else None, "replacement": 0,
            "resendCount": 0, "autoTypeDetect": 0 if "type" in message else 1,
            "customFields": message.get("customFields", {}), "kakaoOptions": message.get("kakaoOptions"),
            "dateCreated": iso(entry.created), "dateUpdated": at or iso(entry.created), "dateProcessed": at,
            "dateReceived": at if done else None, "dateReported": at if done else None, "log": [], "replacements": []}


def count_of(group, result):
    told = [code_of(entry, result) for entry in group.entries.values() if entry.sent]
    right, pending = sum(code == "4000" for code, _ in told), sum(status != "COMPLETE" for _, status in told)
    return {"total": len(group.entries) + group.refused, "sentTotal": len(told), "sentSuccess": right,
            "sentFailed": len(told) - right - pending, "sentPending": pending, "sentReplacement": 0, "refund": 0,
            "registeredFailed": group.refused, "registeredSuccess": len(group.entries)}


def group_info(group, result):
    """A group as every answer about it shows it."""
    count = count_of(group, result)
    status = group.status
    if status == "SENDING" and not count["sentPending"]:
        status = "COMPLETE"
    kinds = [entry.kind.lower() for entry in group.entries.values()]
    cash = {"requested": 0, "replacement": 0, "refund": 0, "sum": 0}
    sent = iso(group.sent) if group.sent else None
    return {"count": count, "countForCharge": {kind: {"82": kinds.count(kind)} if kind in kinds else {}
                                               for kind in KINDS},
            "balance": cash, "point": cash, "app": {"profit": dict.fromkeys(KINDS, 0), "appId": None}, "log": [],
            "status": status, "allowDuplicates": group.duplicates, "isRefunded": False, "accountId": ACCOUNT,
            "masterAccountId": None, "apiVersion": "4", "groupId": group.id, "price": {},
            "dateCreated": iso(group.created), "dateUpdated": sent or iso(group.created), "scheduledDate": None,
            "dateSent": sent, "dateCompleted": sent if status == "COMPLETE" else None}


def listed(entries, result, start, limit):
    """One page of messages, newest first: an object by id. start: the id that begins it; None: the first."""
    at = next((i for i, entry in enumerate(entries) if entry.id == start), len(entries)) if start else 0
    page, rest = entries[at:at + limit], entries[at + limit:]
    return {"startKey": start, "nextKey": rest[0].id if rest else None, "limit": limit,
            "messageList": {entry.id: row(entry, result) for entry in page}}


def report(entry, result):
    """A message as a SINGLE-REPORT tells of it."""
    names = ("messageId", "groupId", "type", "to", "from", "statusCode", "dateProcessed", "dateReported",
             "dateReceived", "networkCode", "kakaoOptions", "customFields")
    told = row(entry, result)
    return {**{name: told[name] for name in names}, "statusMessage": told["reason"]}
