"""What all stand-ins share: a quick HTTP/1.1 server, the memory of what came, faults on order. Knows no provider.

A provider's class sets `routes` (method, pattern of the whole path, name of the function: it gets the request and
the pattern's groups and returns an Answer) and writes `admit`, `refusal`, `zero` and `receipts`."""
import collections
import dataclasses
import random
import re
import socket
import ssl
import struct
import threading
import time
import urllib.error
import urllib.request

from .wire import Answer, Certificates, Request

FAULTS = ("429", "500-before", "500-after", "reset-connect", "reset-headers", "reset-before", "reset-after", "zero",
          "html", "half", "big", "slow", "refused-connect", "wrong-certificate")
AT_CONNECT = ("reset-connect", "wrong-certificate")
ACCEPTS = ("500-after", "reset-after")
MOST_HEAD = 65536


@dataclasses.dataclass
class Message:
    """One message that the provider accepted."""
    key: str  # ours, as it was carried
    to: str
    text: str
    kind: str
    provider_id: str
    time: float
    more: dict = dataclasses.field(default_factory=dict)  # what the provider itself must remember


@dataclasses.dataclass
class Fault:
    name: str
    times: int
    where: object
    accepted: bool
    retry_after: object
    seconds: float

    def fits(self, request):
        if self.where is None or request is None:
            return True
        if callable(self.where):
            return bool(self.where(request))
        return request.path.startswith(self.where) if self.where.startswith("/") else request.method == self.where


class _Reset(Exception):
    pass


class _Line:
    """One connection: reads requests, writes answers, breaks off as told."""

    def __init__(self, standin, connection):
        self.standin, self.connection = standin, connection
        self.rest = b""

    def more(self):
        got = self.connection.recv(262144)
        if not got:
            raise EOFError
        self.rest += got

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            if len(self.rest) > MOST_HEAD:
                raise EOFError
            self.more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return Request(method, target, headers, time.time())

    def body(self, request):
        if "transfer-encoding" in request.headers:
            self.standin.violate("a body in chunks, without Content-Length")
            raise EOFError
        length = int(request.headers.get("content-length", 0))
        if request.headers.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        parts, have = [self.rest], len(self.rest)
        while have < length:
            got = self.connection.recv(262144)
            if not got:
                raise EOFError
            parts.append(got)
            have += len(got)
        whole = b"".join(parts)
        request.body, self.rest = whole[:length], whole[length:]

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _Reset

    def serve(self):
        while True:
            request = self.head()
            if self.standin.take_fault(("reset-headers",), request):
                self.reset()
            self.body(request)
            self.standin.note(request)
            self.answer(request)
            if request.headers.get("connection", "").lower() == "close":
                return

    def answer(self, request):
        standin = self.standin
        fault = standin.take_fault(None, request)
        if fault is None:
            return self.connection.sendall(standin.ask(request).bytes())
        accepted = fault.name in ACCEPTS or fault.accepted
        real = standin.ask(request) if accepted else None
        if fault.name.startswith("reset"):
            return self.reset()
        if fault.name == "slow" and standin.closing.wait(fault.seconds):
            raise EOFError
        if fault.name == "half":
            whole = real or Answer(200, {"told": "half of this is never sent"})
            self.connection.sendall(whole.bytes()[:-(len(whole.body) + 1) // 2])
            raise EOFError
        return self.connection.sendall(self.told(fault, request, real).bytes())

    def told(self, fault, request, real):
        if fault.name == "429":
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            answer = self.standin.refusal(429, request)
            answer.headers.update(headers)
            return answer
        if fault.name.startswith("500"):
            return self.standin.refusal(500, request)
        if fault.name == "zero":
            return self.standin.zero(request)
        if fault.name == "html":
            return Answer(200, "<html><body>점검 중입니다</body></html>".encode(), kind="text/html; charset=utf-8")
        if fault.name == "big":
            return Answer(200, b'{"told":"' + b"x" * (10 << 20) + b'"}', kind="application/json")
        return real or self.standin.refusal(500, request)  # slow: late, and nothing was accepted


class StandIn:
    """A provider on 127.0.0.1. tls: serves https; its certificate's path is `certificate`.
    clock: the provider's, in seconds since 1970."""
    routes = ()

    def __init__(self, tls=False, clock=time.time):
        self.lock = threading.RLock()
        self.clock, self.certificates = clock, Certificates() if tls else None
        self.certificate = self.certificates.right if tls else None
        self.requests, self.violations, self.accepted = [], [], []
        self.faults, self.policies = [], {}
        self.closing = threading.Event()
        self.number = self.port = 0
        self.listener = self.thread = None
        self.lines = set()
        self.table = [(method, re.compile(pattern), getattr(self, name)) for method, pattern, name in self.routes]

    # ---- the server ----

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *args):
        self.closing.set()
        self.down()
        if self.certificates:
            self.certificates.close()

    @property
    def url(self):
        return f"{'https' if self.certificates else 'http'}://127.0.0.1:{self.port}"

    def up(self):
        """Listens, on the same port as before."""
        if self.listener:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(512)
        self.port = listener.getsockname()[1]
        self.listener = listener
        self.thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        self.thread.start()

    def down(self):
        """Refuses connections from now on; those that are open are closed."""
        if not self.listener:
            return
        listener, self.listener = self.listener, None
        listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        self.thread.join()
        listener.close()
        with self.lock:
            lines = list(self.lines)
        for one in lines:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.lines.add(connection)
        raw = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            fault = self.take_fault(AT_CONNECT, None)
            line = _Line(self, connection)
            if fault and fault.name == "reset-connect":
                line.reset()
            if self.certificates:
                context = self.certificates.wrong_context if fault else self.certificates.right_context
                line.connection = connection = context.wrap_socket(connection, server_side=True)
                with self.lock:
                    self.lines.add(connection)
            line.serve()
        except (_Reset, EOFError, OSError, ssl.SSLError):
            pass
        finally:
            with self.lock:
                self.lines -= {raw, connection}
            connection.close()

    # ---- what came ----

    def note(self, request):
        with self.lock:
            self.requests.append(request)

    def violate(self, sentence):
        with self.lock:
            self.violations.append(sentence)

    def accept(self, key, to, text, kind, provider_id, **more):
        message = Message(key, to, text, kind, provider_id, self.clock(), more)
        with self.lock:
            self.accepted.append(message)
        return message

    def next_number(self):
        with self.lock:
            self.number += 1
            return self.number

    def keys(self):
        with self.lock:
            return collections.Counter(one.key for one in self.accepted)

    def duplicates(self):
        """{key: times} of what was accepted more than once."""
        return {key: times for key, times in self.keys().items() if times > 1}

    def to(self, number):
        with self.lock:
            return [one for one in self.accepted if one.to == number]

    # ---- the answer ----

    def ask(self, request):
        """What the provider answers when nothing is broken."""
        try:
            refused = self.admit(request)
            if refused:
                return refused
            known = False
            for method, pattern, function in self.table:
                found = pattern.fullmatch(request.path)
                if not found:
                    continue
                known = True
                if method == request.method:
                    return function(request, *found.groups())
            self.violate(f"{request.method} {request.path}: "
                         + ("another method is wanted" if known else "there is no such path"))
            return self.refusal(405 if known else 404, request)
        except Exception as mistake:  # a stand-in that breaks must fail the test, not hang it
            self.violate(f"{request.method} {request.path}: the stand-in broke: {mistake!r}")
            return self.refusal(500, request)

    def admit(self, request):
        """None, or the Answer to who is not let in."""
        return None

    def refusal(self, status, request):
        """An error of that status in the provider's own shape."""
        return Answer(status, {"error": status})

    def zero(self, request):
        """A success in the provider's own shape that accepted nothing."""
        raise NotImplementedError

    # ---- faults ----

    def fault(self, name, times=None, where=None, accepted=False, retry_after=None, seconds=300):
        """Orders a fault: so many times (None: until `mend`), where a path begins so, a method is so, or a
        predicate of the request says so. accepted: for html, half, big and slow, whether the request counts."""
        if name not in FAULTS or (name == "wrong-certificate" and not self.certificates):
            raise ValueError(name)
        if name == "refused-connect":
            return self.down()
        with self.lock:
            self.faults.append(Fault(name, times, where, accepted, retry_after, seconds))

    def mend(self):
        """No fault any more."""
        with self.lock:
            self.faults.clear()
        self.up()

    def take_fault(self, names, request):
        """The first fault that fits: one of names, or (None) one of those that come after the whole request."""
        if not self.faults:
            return None
        with self.lock:
            for fault in self.faults:
                late = fault.name not in AT_CONNECT and fault.name != "reset-headers"
                if not (late if names is None else fault.name in names) or not fault.fits(request):
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self.faults.remove(fault)
                return fault
        return None

    # ---- what becomes of messages ----

    def results(self, policy, to=None):
        """policy: "delivered", "pending", "unconfirmed" or ("failed", code), of one number or of all others."""
        what = policy[0] if isinstance(policy, tuple) else policy
        if what not in ("delivered", "pending", "unconfirmed", "failed"):
            raise ValueError(policy)
        with self.lock:
            self.policies[to] = policy

    def result_of(self, message):
        """(what, code or None) that became of it."""
        policy = self.policies.get(message.to, self.policies.get(None, "delivered"))
        return policy if isinstance(policy, tuple) else (policy, None)

    def receipts(self, messages):
        """[(headers, body)] of the posts that tell what became of messages, in the provider's own shape; a third
        text of a post is the end of its address, where that is its own."""
        raise NotImplementedError

    def push_receipts(self, to_url, messages=None, order="sent", repeat=1, each=1, delay=0, seed=1):
        """Posts what became of messages (all accepted ones unless given), `each` in one post, after `delay` seconds.
        order: "sent", "reversed" or "shuffled" (by seed); repeat: how often each is told. Returns the statuses."""
        with self.lock:
            told = list(self.accepted if messages is None else messages) * repeat
        if order == "reversed":
            told.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(told)
        self.closing.wait(delay)
        return [self._post(to_url + "".join(end), headers, body)
                for at in range(0, len(told), each) for headers, body, *end in self.receipts(told[at:at + each])]

    @staticmethod
    def _post(url, headers, body):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST"), timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code
