"""The other side of the wire: a mail server and a webhook receiver that fail when they are told to."""
import asyncio
import base64
import collections
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from shop import free_port


class _Session(SMTP):
    """Drops the connection inside DATA, before the final dot, where the sink says so."""

    def connection_made(self, transport):
        super().connection_made(transport)
        self.event_handler.sink.transports.add(transport)

    async def push(self, status):
        await super().push(status)
        if str(status).startswith("421"):
            self.transport.close()

    async def smtp_DATA(self, arg):
        sink = self.event_handler.sink
        if not self.envelope or not self.envelope.rcpt_tos:
            return await super().smtp_DATA(arg)
        with sink.lock:
            sink.begun += 1
            drop = sink.begun in sink.drop_before_dot
        if not drop:
            return await super().smtp_DATA(arg)
        self.transport.abort()  # not a byte of the letter was asked for
        return None


class _Handler:
    def __init__(self, sink):
        self.sink = sink

    async def handle_RCPT(self, server, session, envelope, address, options):
        with self.sink.lock:
            self.sink.asked.append(address)
            refusal = self.sink.refuse.get(address)
            once = self.sink.refuse_once.pop(address, None)
            refusal = refusal or self.sink.refuse_domains.get(address.rpartition("@")[2])
        if once or refusal:
            return once or refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        sink = self.sink
        refusals = [sink.refuse_domains_after.get(address.rpartition("@")[2]) for address in envelope.rcpt_tos]
        if any(refusals):
            return next(filter(None, refusals))
        with sink.lock:
            sink.ended += 1
            number = sink.ended
            for address in envelope.rcpt_tos:
                sink.received.append((address, envelope.mail_from, bytes(envelope.content),
                                      bool(session.ssl) or sink.implicit, session.authenticated))
            sink.carried[session.peer] += len(envelope.rcpt_tos)
        if sink.hang_after_dot and number in sink.hang_after_dot:
            await asyncio.sleep(3600)
        if number in sink.drop_after_dot:
            server.transport.abort()
            return "451 gone"
        if sink.answer_data:
            return sink.answer_data
        return "250 2.0.0 queued as " + f"Q{number}"


class _TokenHandler(_Handler):
    """AUTH XOAUTH2: a bad token is told in a challenge, which the client ends before the 535 comes."""

    async def auth_XOAUTH2(self, server, args):
        said = base64.b64decode(args[1]) if len(args) > 1 else await server.challenge_auth("")
        fields = dict(field.split(b"=", 1) for field in said.split(b"\x01") if field)
        user, token = fields.get(b"user", b"").decode(), fields.get(b"auth", b"").decode()
        good = token == "Bearer " + self.sink.tokens.get(user, "\n")
        self.sink.logins.append(("XOAUTH2", good))
        if not good:
            await server.challenge_auth('{"status":"401","schemes":"bearer","scope":"https://mail.example.com/"}')
        return AuthResult(success=good, handled=False, auth_data=user)


class MailSink:
    """starttls: a certificate for localhost and 127.0.0.1 is generated, its path is in .certificate.
    implicit: TLS from the first byte, with such a certificate. users: {name: password}, AUTH is then required;
    without: mechanisms that are not offered. tokens: {name: token} for AUTH XOAUTH2 alone."""

    def __init__(self, starttls=False, users=None, implicit=False, without=(), tokens=None):
        self.lock = threading.Lock()
        self.starttls, self.users, self.implicit, self.without, self.tokens = starttls, users, implicit, without, tokens
        self.carried = collections.Counter()  # letters by connection
        self.received, self.asked = [], []
        self.refuse, self.refuse_once = {}, {}
        self.refuse_domains, self.refuse_domains_after = {}, {}  # at RCPT, after the text
        self.drop_before_dot, self.drop_after_dot, self.hang_after_dot = set(), set(), set()
        self.answer_data = None
        self.begun = self.ended = 0
        self.logins = []
        self.transports = set()
        self.folder = None
        self.certificate = None

    def _context(self):
        self.folder = tempfile.mkdtemp(prefix="dgl-cert", dir="/tmp")
        self.certificate = os.path.join(self.folder, "cert.pem")
        key = os.path.join(self.folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", self.certificate, "-days", "3", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-addext", "basicConstraints=critical,CA:TRUE"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        return context

    def _login(self, server, session, envelope, mechanism, auth_data):
        good = (isinstance(auth_data, LoginPassword)
                and self.users.get(auth_data.login.decode()) == auth_data.password.decode())
        self.logins.append((mechanism, good))
        return AuthResult(success=good, handled=False)

    def __enter__(self):
        options = {"ident": "sink"}
        if self.starttls:
            options.update(tls_context=self._context(), require_starttls=True)
        without = ["PLAIN", "LOGIN"] if self.tokens is not None else list(self.without)
        if self.users is not None or self.tokens is not None:
            options.update(authenticator=self._login, auth_required=True, auth_require_tls=self.starttls,
                           auth_exclude_mechanism=without)
        handler = _TokenHandler if self.tokens is not None else _Handler
        context = self._context() if self.implicit else None

        class Bound(Controller):
            def factory(self):
                return _Session(self.handler, **options)

            def _trigger_server(self):
                with socket.create_connection((self.hostname, self.port)) as plain:
                    if not context:
                        plain.recv(1)
                        return
                    with ssl.create_default_context(cafile=certificate).wrap_socket(
                            plain, server_hostname="localhost") as secure:
                        secure.recv(1)

        certificate = self.certificate
        self.port = free_port()
        self.controller = Bound(handler(self), hostname="127.0.0.1", port=self.port, ssl_context=context)
        self.controller.start()
        return self

    def __exit__(self, *args):
        self.controller.stop()
        if self.folder:
            shutil.rmtree(self.folder)

    def close_connections(self):
        """Whoever is connected has to come anew."""
        for transport in list(self.transports):
            self.controller.loop.call_soon_threadsafe(transport.abort)

    def to(self, address=None):
        with self.lock:
            return [one for one in self.received if address in (None, one[0])]

    def counts(self):
        with self.lock:
            return collections.Counter(one[0] for one in self.received)

    def letter(self, address):
        """The parsed message that one address got; it must be exactly one."""
        found = self.to(address)
        assert len(found) == 1, [(one[0], len(one[2])) for one in found]
        return email.message_from_bytes(found[0][2], policy=email.policy.default)


class _Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    disable_nagle_algorithm = True

    def do_POST(self):
        sink = self.server.sink
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        key = self.headers.get("webhook-id")
        with sink.lock:
            sink.number += 1
            number = sink.number
            sink.calls.append({"key": key, "headers": dict(self.headers), "body": body, "path": self.path})
            sink.keys[key] += 1
            if not sink.verify(self.headers, body):
                sink.bad_signatures.append(key)
            fault = sink.faults.pop(0) if sink.faults else sink.fault(number, key, body)
        self.answer(fault, key)

    def answer(self, fault, key):
        if fault is None or fault == "ok":
            self.say(200, b'{"id":"hook-%s"}' % (key or "").encode())
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif fault == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":")
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "html":
            self.say(200, b"<html><body>maintenance</body></html>", "text/html")
        elif fault == "huge":
            try:
                self.say(200, b'{"id":"' + b"x" * (10 << 20) + b'"}')
            except OSError:
                self.close_connection = True
        elif fault == "never":
            self.server.sink.released.wait(600)
            self.close_connection = True
        elif fault == "refuse when released":
            self.server.sink.released.wait(600)
            self.say(400, b'{"error":"told to"}')
        elif fault == "take when released":
            self.server.sink.released.wait(600)
            self.say(200, b'{"id":"hook-%s"}' % (key or "").encode())
        elif isinstance(fault, tuple):
            self.say(fault[0], b"{}", extra=fault[1])
        else:
            self.say(int(fault), b'{"error":"told to"}')

    def say(self, status, body, kind="application/json", extra=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class HookSink:
    """faults: a list used up call by call, then fault(number, key, body) decides; None is 200.
    A fault is "reset", "half", "html", "huge", "never", "refuse when released",
    "take when released", a status,
    or (status, headers)."""

    def __init__(self, secret=b"0123456789abcdef0123456789abcdef", port=0):
        self.lock = threading.Lock()
        self.port = port  # 0: any; else the same one again
        self.key = secret
        self.secret = "whsec_" + base64.b64encode(secret).decode()
        self.calls, self.bad_signatures, self.faults = [], [], []
        self.keys = collections.Counter()
        self.number = 0
        self.fault = lambda number, key, body: None
        self.released = threading.Event()

    def verify(self, headers, body):
        """Standard Webhooks: base64(HMAC-SHA256("id.timestamp.body")), the machine's clock within five minutes."""
        key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not key or not stamp.isdigit() or abs(int(stamp) - time.time()) > 300:
            return False
        signed = b".".join([key.encode(), stamp.encode(), body])
        wanted = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        return any(hmac.compare_digest(one, wanted) for one in headers.get("webhook-signature", "").split())

    def __enter__(self):
        self.server = _Server(("127.0.0.1", self.port), _Hook)
        self.server.sink = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/push"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def channel(self, **more):
        keys = " ".join(f"{name} {value}" for name, value in more.items())
        return f'provider webhook  url "{self.url}"  secret credential "push"  {keys}'

    def bodies(self):
        with self.lock:
            return [json.loads(call["body"]) for call in self.calls]
