"""A shop for a test: a folder with a configuration, rules and templates, and the real daemon on it.

Time is injected with --clock and never slept for: a test waits for a condition, with a deadline.
"""
import contextlib
import http.client
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.path.join(HERE, "..", os.environ.get("DANGOL_BUILD", "build")))
DEADLINE = 30
_ports = itertools.count()
FROZEN = 0.001
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior|Assertion .* failed|assert")

SHOP = '''shop {
    name "단골커피"  phone "02-123-4567"  address "서울 마포구 포은로 1"
    timezone "Asia/Seoul"  language ko  currency KRW
    owner  sms "010-0000-0000"  email "owner@example.com"
    law korea
}
'''
CHANNELS = {
    "sms": 'sender "0212345678"  refuse "080-123-4567"',
    "email": 'from "단골커피 <hi@example.com>"',
    "alimtalk": "",
    "brandmessage": "",
    "push": "",
}


def wait(condition, what="the condition", deadline=DEADLINE):
    """Polls until the condition is true; returns what it returned."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline} s for {what}")
        time.sleep(0.01)


def free_port():
    """A port that nobody listens on: below those that the system gives out by itself, and of a range of each worker,
    so that it stays free until it is used."""
    first = 10240 + 5000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:] or 0)
    for _ in range(5000):
        port = first + (os.getpid() * 37 + next(_ports)) % 5000
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=DEADLINE):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


class Ran:
    """What a program said."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def __repr__(self):
        return f"<exit {self.code}\n{self.out[-2000:]}\n{self.err[-2000:]}>"


def environment(lang="C.UTF-8", **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "DANGOL_"))}
    env.pop("CREDENTIALS_DIRECTORY", None)
    env.pop("NOTIFY_SOCKET", None)
    env["LANG"] = lang
    env["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    env.update(more)
    return env


def run_program(name, *args, cwd=None, lang="C.UTF-8", stdin=None, timeout=120, **env):
    done = subprocess.run([os.path.join(BUILD, name), *map(str, args)], cwd=cwd, input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                          env=environment(lang, **env), check=False)
    return Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def session_of(pid):
    """Processes whose session that is."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == pid:
            found.append(int(name))
    return found


class Shop:
    def __init__(self, rules="", templates=None, limits="quiet none  guard none", channels=None, shop=SHOP,
                 listen="", conf="", credentials=None, tcp=False, folder=None, store="store { path \"shop.db\" }"):
        self.root = folder or tempfile.mkdtemp(prefix="dgl", dir="/tmp")
        self.own_root = folder is None
        self.conf = self.path("dangol.conf")
        self.socket = self.path("s")
        self.port = free_port() if tcp else None
        self.token = "t0ken-for-tests"
        self.process = None
        self.stderr_path = self.path("stderr.txt")
        self.clock = None
        for name in ("rules", "templates", "credentials"):
            os.makedirs(self.path(name), exist_ok=True)
        for name, value in {"api-token": self.token, **(credentials or {})}.items():
            self.credential(name, value)
        for name, text in (rules if isinstance(rules, dict) else {"shop.rule": rules}).items():
            self.rule(name, text)
        for name, text in (templates or {}).items():
            self.template(name, text)
        merged = dict(CHANNELS)
        merged.update(channels or {})
        blocks = "".join(f"channel {name} {{ {keys} }}\n" for name, keys in merged.items() if keys is not None)
        http_line = f'http "127.0.0.1:{self.port}" token credential "api-token"' if tcp else ""
        self.write("dangol.conf", f'{shop}rules "rules"  templates "templates"\n{store}\n'
                   f'listen {{ socket "s" mode 0660 {http_line} {listen} }}\n'
                   f'limits {{ {limits} }}\n{blocks}{conf}\n')

    # ---- files ----
    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, name, text, mode=0o644):
        target = self.path(name)
        with open(target + ".new", "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(target + ".new", mode)
        os.rename(target + ".new", target)
        return target

    def rule(self, name, text):
        return self.write(f"rules/{name}", text)

    def template(self, name, text):
        return self.write(f"templates/{name}", text)

    def credential(self, name, value):
        return self.write(f"credentials/{name}", value + "\n", 0o600)

    def outbox(self, channel=None, customer=None, rule=None):
        folder = self.path("outbox")
        found = []
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if not name.endswith(".json"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as one:
                letter = json.load(one)
            letter["file"] = name
            if (channel in (None, letter["channel"]) and customer in (None, letter["customer"])
                    and rule in (None, letter["rule"])):
                found.append(letter)
        return found

    # ---- the process ----
    def start(self, clock="2026-11-23T10:00:00+09:00", rate=FROZEN, lang="C.UTF-8", wait_ready=True,
              preexec=None, args=(), **env):
        assert self.process is None, "it runs already"
        self.clock = (clock, rate)
        with open(self.stderr_path, "ab") as err:
            command = [os.path.join(BUILD, "dangold"), "-c", self.conf]
            if clock:
                command += ["--clock", f"{clock},{rate:g}"]
            self.process = subprocess.Popen([*command, *args], cwd=self.root, stdin=subprocess.DEVNULL,
                                            stdout=err, stderr=err, env=environment(lang, **env),
                                            start_new_session=True, preexec_fn=preexec)
        if wait_ready:
            self.wait(self.ready, "the daemon's socket")
        return self

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"dangold ended with {self.process.returncode}:\n{self.log()[-4000:]}")
        try:
            return self.get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def log(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as err:
            return err.read()

    def stop(self, code=0):
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            rc = process.wait(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"dangold did not stop on SIGTERM:\n{self.log()[-4000:]}") from None
        self.check_log()
        assert rc == code, f"dangold ended with {rc}:\n{self.log()[-4000:]}"
        assert not os.path.exists(self.socket), "the socket file is left behind"
        self.no_children(process.pid)

    def kill(self):
        """kill -9; children must notice by themselves."""
        process, self.process = self.process, None
        process.kill()
        process.wait()
        self.no_children(process.pid)

    def no_children(self, pid):
        wait(lambda: not session_of(pid), f"the end of children {session_of(pid)}")

    def check_log(self):
        found = SANITIZER.search(self.log())
        assert not found, f"the daemon reported {found.group(0)}:\n{self.log()[-6000:]}"

    def at(self, clock, rate=FROZEN, **more):
        """The same store at another time."""
        self.stop()
        return self.start(clock, rate, **more)

    def close(self):
        try:
            self.stop()
        finally:
            if self.own_root and not os.environ.get("DANGOL_KEEP"):
                shutil.rmtree(self.root, ignore_errors=True)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, condition, what="the condition", deadline=DEADLINE):
        try:
            return wait(condition, what, deadline)
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{self.log()[-3000:]}") from None

    # ---- HTTP ----
    def connect(self, tcp=False):
        if tcp:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        return UnixConnection(self.socket)

    def call(self, method, path, body=None, headers=None, tcp=False, token=None, connection=None):
        given = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False)
            given.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        if tcp and token is None:
            token = self.token
        if token:
            given.setdefault("Authorization", f"Bearer {token}")
        one = connection or self.connect(tcp)
        try:
            one.request(method, urllib.parse.quote(path, safe="/?&=%:+~-._"), body, given)
            got = one.getresponse()
            return Answer(got.status, got.headers, got.read())
        finally:
            if connection is None:
                one.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.call("PUT", path, body, **more)

    def ok(self, method, path, body=None, **more):
        answer = self.call(method, path, body, **more)
        assert 200 <= answer.status < 300, f"{method} {path}: {answer}"
        return answer.json

    def raw(self, data, tcp=True, more=()):
        """Bytes as they are; returns what came back until the daemon closed, or until it has answered and idles."""
        if tcp:
            sock = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        else:
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(DEADLINE)
            sock.connect(self.socket)
        with sock:
            got = b""
            try:
                sock.sendall(data)
                for piece in more:
                    sock.sendall(piece)
                sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            try:
                while piece := sock.recv(65536):
                    got += piece
            except ConnectionResetError:
                pass
        return got

    # ---- what tests do ----
    def event(self, kind, customer=None, id=None, time=None, **data):
        event = {"type": kind, "data": data}
        if customer is not None:
            event["customer"] = customer if isinstance(customer, dict) else {"id": customer}
        if id:
            event["id"] = id
        if time:
            event["time"] = time
        answer = self.ok("POST", "/v1/events", event)
        assert not answer["rejected"], answer
        return answer

    def customer(self, ref, consents="sms email kakao push data", **fields):
        """consents: media with ad consent; sms+night for night too. The shop's own system told their result."""
        fields.setdefault("name", "김하늘")
        self.ok("PUT", f"/v1/customers/{ref}", fields)
        for word in consents.split():
            channel, _, night = word.partition("+")
            self.consent(ref, channel)
            if night:
                self.consent(ref, channel, purpose="night")
        return ref

    def consent(self, ref, channel, given=True, purpose="ad", told=True, **more):
        """told: the shop's own system told its result; without it the daemon owes a notice."""
        return self.ok("POST", f"/v1/customers/{ref}/consents",
                       {"channel": channel, "purpose": purpose, "given": given, "source": "test", "told": told, **more})

    def messages(self, **query):
        found, after = [], None
        while True:
            asked = dict(query, limit=1000, **({"after": after} if after else {}))
            page = self.ok("GET", "/v1/messages?" + urllib.parse.urlencode(asked))
            found += page["messages"]
            after = page["next"]
            if after is None:
                return found

    def one_message(self, **query):
        found = self.wait(lambda: self.messages(**query), f"a message {query}")
        assert len(found) == 1, found
        return found[0]

    def message_in(self, state, **query):
        """Waits until exactly one message of that description is in that state."""
        def there():
            found = self.messages(**query)
            return found and all(m["state"] == state for m in found) and found
        try:
            found = self.wait(there, f"a message in {state}: {query}", 15)
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{self.messages(**query)}") from None
        assert len(found) == 1, found
        return found[0]

    def status(self):
        return self.ok("GET", "/v1/status")

    def queue(self):
        return self.status()["queue"]

    def idle(self, deadline=DEADLINE):
        """Waits until nothing is under way any more; returns the queue."""
        def still():
            queue = self.queue()
            return not (queue["planned"] or queue["claimed"] or queue["handed"]) and queue
        return self.wait(still, "an empty queue", deadline)

    def ctl(self, *args, lang="C.UTF-8", **more):
        return run_program("dangolctl", "-s", self.socket, *args, cwd=self.root, lang=lang, **more)

    def simulate(self, *args, timeout=300):
        ran = self.ctl("simulate", *args, "--json", timeout=timeout)
        assert ran.code == 0, ran
        text = ran.out.strip()
        if text.startswith("["):
            return json.loads(text)
        return ran.lines


@contextlib.contextmanager
def open_shop(clock="2026-11-23T10:00:00+09:00", rate=FROZEN, start=True, lang="C.UTF-8", env=None, **kw):
    shop = Shop(**kw)
    try:
        if start:
            shop.start(clock, rate, lang, **(env or {}))
        yield shop
    except BaseException:
        with contextlib.suppress(Exception):
            shop.close()
        raise
    shop.close()
