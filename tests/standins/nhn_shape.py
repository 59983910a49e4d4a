"""How NHN's requests are looked at: fields and their sizes, dates of Korea, pages, pictures. Knows none of its APIs."""
import collections
import datetime
import functools
import struct

from .wire import NOT_JSON, Answer

KOREA = datetime.timezone(datetime.timedelta(hours=9))
MINUTES, SECONDS = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"
DAY = 86400
INVALID = 4  # "파라미터 유효성 검증 실패", of all three APIs

# kind: of the JSON value; most: characters or entries; lacking: the code where it must be there; long: where it is
# too long.
Field = collections.namedtuple("Field", "kind most lacking long", defaults=(None, None, INVALID))


class Refused(Exception):
    """What NHN says in the header; more: what stands beside the header."""

    def __init__(self, code, message, more=None):
        super().__init__(message)
        self.code, self.more = code, more or {}


def header(code=0, message="SUCCESS"):
    return {"isSuccessful": code == 0, "resultCode": code, "resultMessage": message}


def answers(function):
    """The function's dict beside a header of success, or the header of what it refused; HTTP 200 either way."""
    @functools.wraps(function)
    def guarded(self, request, *groups):
        try:
            return Answer(200, {"header": header(), **function(self, request, *groups)})
        except Refused as refused:
            return Answer(200, {"header": header(refused.code, str(refused)), **refused.more})
    return guarded


# ---- requests ----

def body_of(standin, request):
    body = request.json()
    if request.kind() != "application/json":
        standin.wrong(-9996, "Only application/json Content-type is supported.")
    if body is NOT_JSON or not isinstance(body, dict):
        standin.wrong(-9997, "Invalid API parameters.")
    return body


def check_fields(standin, where, given, fields):
    """Refuses what lacks, has another type or is too long; what the guide does not name is a violation."""
    if not isinstance(given, dict):
        standin.wrong(INVALID, f"{where}: not an object")
    for name in sorted(given.keys() - fields.keys()):
        standin.violate(f"{where}: the guide has no field {name}")
    for name, field in fields.items():
        value = given.get(name)
        if value is None or (field.lacking and value in ("", [])):
            if field.lacking:
                standin.wrong(field.lacking, f"{where}: {name} is missing")
        elif not isinstance(value, field.kind) or isinstance(value, bool) != (field.kind is bool):
            standin.wrong(INVALID, f"{where}: {name} is not of type {field.kind.__name__}")
        elif field.most is not None and len(value) > field.most:
            standin.wrong(field.long, f"{where}: {name} is longer than {field.most}")


def check_query(standin, request, names):
    for name, values in request.query().items():
        if name not in names:
            standin.violate(f"{request.path}: the guide has no parameter {name}")
        if len(values) != 1:
            standin.violate(f"{request.path}: parameter {name} stands there more than once")


def page_of(standin, request, rows):
    """(rows of that page, its number, its size)."""
    numbers = []
    for name, otherwise, most in (("pageNum", "1", None), ("pageSize", "15", 1000)):
        said = request.one(name, otherwise)
        if not said.isdecimal() or int(said) < 1 or (most and int(said) > most):
            standin.wrong(INVALID, f"{request.path}: {name} is {said}")
        numbers.append(int(said))
    number, size = numbers
    return rows[(number - 1) * size:number * size], number, size


# ---- dates ----

def korea(seconds, form=SECONDS):
    return datetime.datetime.fromtimestamp(seconds, KOREA).strftime(form)


def instant(standin, text, form, code):
    try:
        date = datetime.datetime.strptime(text, form).replace(tzinfo=KOREA)
    except ValueError:
        date = None
    if date is None or date.strftime(form) != text:
        standin.wrong(code, f"a date is not as {form}: {text}")
    return date.timestamp()


def window_of(standin, request, name, form, codes, days):
    """(from, to) of start…Date and end…Date, or None where they are not there. codes: (of a date, of the length)."""
    texts = request.one(f"start{name}Date"), request.one(f"end{name}Date")
    if texts == (None, None):
        return None
    if None in texts:
        standin.wrong(codes[0], f"{request.path}: only one end of {name}Date")
    first, last = (instant(standin, text, form, codes[0]) for text in texts)
    if first > last or last - first > days * DAY:
        standin.wrong(codes[1], f"{request.path}: {name}Date from {texts[0]} to {texts[1]}")
    return first, last


def inside(window, seconds):
    return window is None or window[0] <= seconds <= window[1]


# ---- pictures ----

def picture_size(data):
    """("jpeg" or "png", width, height), or None."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        return ("png", *struct.unpack(">II", data[16:24]))
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 <= len(data) and data[at] == 0xff:
        if data[at + 1] in (0xc0, 0xc1, 0xc2):
            height, width = struct.unpack(">HH", data[at + 5:at + 9])
            return "jpeg", width, height
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return None
