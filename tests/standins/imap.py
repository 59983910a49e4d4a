"""An IMAP server of a few verbs (RFC 3501): LOGIN, AUTHENTICATE PLAIN and XOAUTH2, SELECT, EXAMINE, UID SEARCH,
UID FETCH with BODY.PEEK[], UID STORE. Strict: whatever else is said is a BAD and stands in .strange."""
import base64
import re
import socketserver
import threading

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[^ ]+')


def bare(word):
    return re.sub(rb"\\(.)", rb"\1", word[1:-1]) if word.startswith(b'"') else word


class ImapStandIn:
    """mails: {uid: bytes} of the one folder; flags: {uid: set}. context: TLS from the first byte.
    fault: None, "refuse" (a connection is closed at once), "hang" (nothing is answered to FETCH), "half" (the
    connection is dropped inside of a mail), "nonsense" (a literal of no size that there is), "readonly" (STORE is
    refused)."""

    def __init__(self, user="b@example.com", password="secret", token=None, folder="INBOX", context=None):
        self.user, self.password, self.token, self.folder, self.context = user, password, token, folder, context
        self.mails, self.flags = {}, {}
        self.validity = 77
        self.fault = None
        self.lock = threading.Lock()
        self.commands, self.strange, self.logins, self.fetched = [], [], [], []
        self.closing = threading.Event()

    def add(self, mail, uid=None):
        with self.lock:
            uid = uid or max(self.mails, default=0) + 1
            self.mails[uid] = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            self.flags[uid] = set()
        return uid

    def seen(self):
        with self.lock:
            return {uid for uid, flags in self.flags.items() if "\\Seen" in flags}

    def count(self, verb):
        with self.lock:
            return sum(one.startswith(verb) for one in self.commands)

    def __enter__(self):
        standin = self

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that goes away is no event

        class Handler(socketserver.StreamRequestHandler):
            def setup(self):
                if standin.context:
                    self.request = standin.context.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self):
                if standin.fault != "refuse":
                    Session(standin, self.rfile, self.wfile).run()

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self):
        return f"{'imaps' if self.context else 'imap'}://127.0.0.1:{self.port}/{self.folder}"


class Session:
    def __init__(self, standin, rfile, wfile):
        self.it, self.rfile, self.wfile = standin, rfile, wfile
        self.state, self.writable = "new", False

    def say(self, line):
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()

    def run(self):
        self.say(b"* OK stand-in")
        while line := self.rfile.readline():
            tag, _, words = line.strip().partition(b" ")
            verb, _, rest = words.partition(b" ")
            if verb.upper() == b"UID":
                verb, _, rest = rest.partition(b" ")
                verb = b"uid " + verb
            with self.it.lock:
                self.it.commands.append(words.decode("latin-1") if verb.upper() not in (b"LOGIN",) else "LOGIN")
            do = getattr(self, "do_" + verb.decode("latin-1").lower().replace(" ", "_"), None)
            answer = do(tag, rest) if do else None
            if answer is None:
                with self.it.lock:
                    self.it.strange.append(words)
                answer = b"BAD not a word of ours"
            if answer == b"":
                return
            self.say(tag + b" " + answer)

    def do_capability(self, tag, rest):
        self.say(b"* CAPABILITY IMAP4rev1 " + (b"AUTH=XOAUTH2 LOGINDISABLED" if self.it.token else b"AUTH=PLAIN"))
        return b"OK done"

    def _login(self, user, good):
        with self.it.lock:
            self.it.logins.append((user, good))
        self.state = "in" if good else "new"
        return b"OK in" if good else b"NO [AUTHENTICATIONFAILED] no"

    def do_login(self, tag, rest):
        user, password = [bare(word).decode() for word in TOKEN.findall(rest)]
        return self._login(user, user == self.it.user and password == self.it.password)

    def do_authenticate(self, tag, rest):
        self.say(b"+ ")
        said = base64.b64decode(self.rfile.readline())
        if rest == b"PLAIN":
            _, user, password = said.decode().split("\0")
            return self._login(user, user == self.it.user and password == self.it.password)
        if rest == b"XOAUTH2":
            fields = dict(field.split(b"=", 1) for field in said.split(b"\x01") if field)
            return self._login(fields[b"user"].decode(),
                               self.it.token and fields[b"auth"] == b"Bearer " + self.it.token.encode())
        return None

    def _open(self, rest, writable):
        if self.state == "new":
            return b"BAD sign in first"
        if bare(rest).decode() != self.it.folder:
            return b"NO there is no such folder"
        self.state, self.writable = "open", writable
        with self.it.lock:
            self.say(b"* %d EXISTS" % len(self.it.mails))
            self.say(b"* OK [UIDVALIDITY %d] so" % self.it.validity)
        return b"OK [READ-WRITE] open" if writable else b"OK [READ-ONLY] open"

    def do_select(self, tag, rest):
        return self._open(rest, True)

    def do_examine(self, tag, rest):
        return self._open(rest, False)

    def do_uid_search(self, tag, rest):
        asked = re.fullmatch(rb"UID (\d+):\* SINCE \d\d?-[A-Z][a-z][a-z]-\d{4}", rest)
        if not asked or self.state != "open":
            return None
        with self.it.lock:
            uids = sorted(self.it.mails)
        found = [uid for uid in uids if uid >= int(asked[1])] or uids[-1:]  # "n:*" is never empty
        self.say(b"* SEARCH" + b"".join(b" %d" % uid for uid in found))
        return b"OK done"

    def do_uid_fetch(self, tag, rest):
        asked = re.fullmatch(rb"(\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        if not asked or self.state != "open":
            return None
        uid, most = int(asked[1]), int(asked[2])
        with self.it.lock:
            mail = self.it.mails.get(uid)
            self.it.fetched.append(uid)
        if self.it.fault == "hang":
            self.it.closing.wait(600)
            return b""
        if mail is None:
            return b"OK it is gone"
        self.say(b"* %d EXISTS" % len(self.it.mails))
        if self.it.fault == "nonsense":
            self.say(b"* 1 FETCH (UID %d BODY[]<0> {99999999999999}" % uid)
            return b"OK done"
        part = mail[:most]
        if self.it.fault == "half":
            self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(part)) + part[:len(part) // 2])
            return b""
        self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(part)) + part + b")\r\n")
        return b"OK done"

    def do_uid_store(self, tag, rest):
        asked = re.fullmatch(rb"(\d+) \+FLAGS\.SILENT \(\\Seen\)", rest)
        if not asked or self.state != "open" or not self.writable:
            return None
        if self.it.fault == "readonly":
            return b"NO you may not"
        with self.it.lock:
            self.it.flags[int(asked[1])].add("\\Seen")
        return b"OK done"

    def do_logout(self, tag, rest):
        self.say(b"* BYE")
        return b"OK bye"
