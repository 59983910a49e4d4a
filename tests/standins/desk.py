"""What the strict providers share: a reception desk that judges requests and remembers what it accepted.

It answers from its own memory alone: no socket, no thread, and no clock but the one it was given, so that a
server of any kind can stand in front of it.
"""
import dataclasses
import datetime
import json
import time
import urllib.parse

KST = datetime.timezone(datetime.timedelta(hours=9))


@dataclasses.dataclass
class Answer:
    """One HTTP answer. `body` is bytes; an answer without a body has an empty one."""

    status: int
    body: bytes = b""
    type: str = "application/json; charset=utf-8"

    def json(self):
        return json.loads(self.body)


@dataclasses.dataclass
class Accepted:
    """One message a provider took: `state` is None until the test tells how it ended."""

    id: str
    call: str
    to: str
    text: str
    kind: str
    sender: str
    at: datetime.datetime
    state: object = None
    extra: dict = dataclasses.field(default_factory=dict)


def said(status, value):
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def size(text):
    """Bytes in CP949, the way carriers count; None for a text which cannot be sent."""
    try:
        return len(text.encode("cp949"))
    except UnicodeEncodeError:
        return None


class Desk:
    """Base of the strict providers. A violation is what only a faulty client would send."""

    def __init__(self, clock=time.time):
        self.clock = clock
        self.accepted = []
        self.violations = []
        self._serial = 0

    def answer(self, method, target, headers, body=b""):
        """Judge one request. `target` is the request line's path and query, byte for byte."""
        low = {name.lower(): value for name, value in headers.items()}
        path, _, query = target.partition("?")
        return self.handle(method, path, urllib.parse.parse_qs(query, keep_blank_values=True), low, body, target)

    def handle(self, method, path, query, headers, body, target):
        raise NotImplementedError

    def breach(self, rule):
        self.violations.append(rule)

    def serial(self):
        self._serial += 1
        return self._serial

    def now(self):
        return datetime.datetime.fromtimestamp(self.clock(), KST)

    def take(self, call, to, text, kind, sender, prefix="m", **extra):
        one = Accepted(f"{prefix}{self.serial()}", call, to, text, kind, sender, self.now(), extra=extra)
        self.accepted.append(one)
        return one

    def of(self, call):
        return [one for one in self.accepted if one.call == call]

    def duplicates(self):
        """Every message after the first of the same number and text."""
        seen, again = set(), []
        for one in self.accepted:
            key = (one.to, one.text)
            if key in seen:
                again.append(one)
            seen.add(key)
        return again


def form(body):
    """Fields of a form; a field given twice keeps every value under its name."""
    return urllib.parse.parse_qs(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body))
