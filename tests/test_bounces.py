"""Returned mails: read from a Maildir or from an IMAP folder, believed where they prove themselves, and marked where
they are ours; everybody else's mail stays as it lies."""
import contextlib
import datetime
import email
import email.policy
import os
import signal

import pytest
import sinks
from shop import BUILD, Shop, session_of
from standins.imap import ImapStandIn
from standins.wire import Certificates
from test_disk import tmpfs

RULES = ('rule paid { when order.paid  purpose info  send email "p" else sms "p" }\n')
TEXTS = {"p.email": "Subject: 결제\n\n#{event.order}", "p.sms": "결제 #{event.order}"}
REPORT = """From: MAILER-DAEMON@mx.example.com
To: hi@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

배달하지 못했습니다.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

{returned}--b1--
"""
RETURNED = """--b1
Content-Type: text/rfc822-headers

From: hi@example.com
Message-ID: {id}
Subject: x

"""


class Maildir:
    def __init__(self, folder):
        self.folder, self.n = folder, 0
        for name in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(folder, name))

    def add(self, mail, where="new", flags=""):
        self.n += 1
        name = f"{1700000000 + self.n}.M1P{self.n}.mx.example.com"
        with open(os.path.join(self.folder, where, name + flags), "wb") as out:
            out.write(mail)
        return name

    def look(self):
        found = {}
        for where in ("new", "cur", "tmp"):
            for name in os.listdir(os.path.join(self.folder, where)):
                path = os.path.join(self.folder, where, name)
                with open(path, "rb") as one:
                    found[f"{where}/{name}"] = (one.read(), os.fstat(one.fileno()).st_mtime_ns)
        return found

    def files(self):
        """{path: (bytes, time)}, as at one moment: a mail may move while one looks."""
        while True:
            with contextlib.suppress(FileNotFoundError):
                return self.look()


@pytest.fixture
def box(tmp_path):
    return Maildir(str(tmp_path / "bounces"))


def mailing(make_shop, sink, bounces, rules=RULES, rate=600, **more):
    return make_shop(rules=rules, templates=TEXTS, rate=rate, channels={
        "email": f'server "127.0.0.1:{sink.port}" tls none from "hi@example.com"  {bounces}'}, **more)


def maildir(box):
    return f'bounces "{box.folder}"'


def pay(shop, to="kim@example.net", ref="C1", order="A-1"):
    shop.event("order.paid", {"id": ref, "name": "김하늘", "phone": "01012345678", "email": to},
               id=f"e-{ref}-{order}", order=order, total=1000)
    return shop.message_in("accepted", customer=ref)


def message_id(sink, to="kim@example.net"):
    return email.message_from_bytes(sink.to(to)[-1][2], policy=email.policy.default)["Message-ID"]


def report(id, to="kim@example.net", action="failed", status="5.1.1", words=None):
    words = words or f"550 {status} <{to}>: User unknown"
    return REPORT.format(to=to, action=action, status=status, words=words,
                         returned=RETURNED.format(id=id) if id else "").encode()


def read(shop, n):
    return shop.wait(lambda: shop.status()["bounces"]["read"] >= n and shop.status()["bounces"], f"{n} mails read")


def state(shop, message):
    return shop.ok("GET", "/v1/messages/" + message["id"])


def suppressed(shop):
    return {one["address"]: one for one in shop.ok("GET", "/v1/suppressions")["suppressions"]}


FOREIGN = b"From: lee@example.org\nTo: hi@example.com\nSubject: hello\nMessage-ID: <1@example.org>\n\nhello\n"


def test_s48_a_bounce_of_nobody_suppresses_and_opens_the_next_leg(make_shop, mail_sink, box):
    shop = mailing(make_shop, mail_sink, maildir(box))
    message = pay(shop)
    foreign = box.add(FOREIGN)
    box.add(report(message_id(mail_sink)))
    shop.wait(lambda: state(shop, message)["state"] == "failed", "the failed mail")
    shown = state(shop, message)
    assert shown["reason"] == "refused_by_provider", shown
    [receipt] = shown["receipts"]
    assert (receipt["provider"], receipt["state"], receipt["code"]) == ("smtp", "failed", "5.1.1")
    assert receipt["detail"] == "550 5.1.1 *** User unknown"
    gone = suppressed(shop)["kim@example.net"]
    assert (gone["channel"], gone["reason"]) == ("email", "bounced")
    shop.wait(lambda: shop.outbox("sms", "C1"), "the next leg")
    files = shop.wait(lambda: [f for f in box.files() if f.startswith("cur/")] and box.files(), "the mark")
    assert set(files) == {"new/" + foreign, "cur/1700000002.M1P2.mx.example.com:2,S"}
    assert files["new/" + foreign][0] == FOREIGN
    bounces = shop.status()["bounces"]
    assert (bounces["read"], bounces["ours"], bounces["ignored"], bounces["error"]) == (2, 1, 0, None), bounces
    assert bounces["last"]
    assert "kim@" not in shop.log() and "C1" not in shop.log()
    said = shop.ctl("status")
    assert "bounces: 1 of ours" in said.out, said


@pytest.mark.parametrize("action,status,end,kept", [
    ("failed", "5.2.2", "failed", "failed"), ("failed", "4.2.2", "failed", "failed"),
    ("failed", "5.7.1", "failed", "failed"), ("delayed", "4.2.2", "accepted", "delayed"),
    ("delayed", "5.1.1", "accepted", "delayed"), ("delivered", "2.1.5", "delivered", "delivered"),
    ("relayed", "2.1.9", "delivered", "delivered"), ("expanded", "2.1.5", "accepted", None)])
def test_s48_what_else_a_report_says(make_shop, mail_sink, box, action, status, end, kept):
    shop = mailing(make_shop, mail_sink, maildir(box))
    message = pay(shop)
    box.add(report(message_id(mail_sink), action=action, status=status))
    read(shop, 1)
    shown = state(shop, message)
    assert shown["state"] == end, shown
    assert [one["state"] for one in shown["receipts"]] == ([kept] if kept else [])
    assert not suppressed(shop)
    assert shop.status()["bounces"]["ours"] == 1


@pytest.mark.parametrize("status", ["5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_s48_other_ways_of_saying_that_there_is_no_such_address(make_shop, mail_sink, box, status):
    shop = mailing(make_shop, mail_sink, maildir(box))
    pay(shop)
    box.add(report(message_id(mail_sink), status=status))
    read(shop, 1)
    assert suppressed(shop)["kim@example.net"]["reason"] == "bounced"


def forged(id):
    """Another key with the same mark; the same key with another mark."""
    key, _, rest = id.partition(".")
    return [key[:-1] + "999." + rest, key + "." + "0" * 16 + rest[16:]]


def test_s48_a_made_up_report_does_nothing(make_shop, mail_sink, box):
    shop = mailing(make_shop, mail_sink, maildir(box))
    message = pay(shop)
    id = message_id(mail_sink)
    for one in forged(id) + ["<1@elsewhere.example>"]:
        box.add(report(one))
    box.add(report(id, to="lee@example.net"))
    before = box.files()
    bounces = read(shop, 4)
    assert (bounces["ours"], bounces["ignored"]) == (0, 4), bounces
    assert state(shop, message)["state"] == "accepted" and not state(shop, message)["receipts"]
    assert not suppressed(shop) and box.files() == before


def test_s48_a_report_without_the_mail_is_of_the_one_that_went_there(make_shop, mail_sink, box):
    shop = mailing(make_shop, mail_sink, maildir(box))
    message = pay(shop)
    box.add(report(None, action="delivered", status="2.0.0"))
    read(shop, 1)
    assert state(shop, message)["state"] == "accepted", "anybody may say so"
    box.add(report(None))
    shop.wait(lambda: state(shop, message)["state"] == "failed", "the failed mail")
    assert not suppressed(shop), "nor is an address given up on anybody's word"
    pay(shop, to="two@example.net", ref="C2")
    shop.event("order.paid", {"id": "C2"}, id="again", order="A-2", total=1000)
    shop.wait(lambda: len(shop.messages(customer="C2", state="accepted")) == 2, "two mails")
    box.add(report(None, to="two@example.net"))
    assert read(shop, 3)["ignored"] == 1
    assert len(shop.messages(customer="C2", state="accepted")) == 2


def test_s48_two_days_later_nothing_else_goes(make_shop, mail_sink, box):
    shop = mailing(make_shop, mail_sink, maildir(box))
    message = pay(shop)
    shop.at("2026-11-25T12:00:00+09:00", 600)
    box.add(report(message_id(mail_sink)))
    shop.wait(lambda: state(shop, message)["state"] == "failed", "the failed mail")
    assert suppressed(shop) and len(shop.messages(customer="C1")) == 1
    assert not shop.outbox("sms")


def another_look(shop):
    last = shop.status()["bounces"]["last"]
    shop.wait(lambda: shop.status()["bounces"]["last"] not in (None, last), "another look")
    return shop.status()["bounces"]


def test_s48_none_is_read_twice_over_a_restart(make_shop, mail_sink, box):
    shop = mailing(make_shop, mail_sink, maildir(box))
    pay(shop)
    box.add(FOREIGN)
    box.add(report(message_id(mail_sink)))
    box.add(FOREIGN)
    read(shop, 3)
    shop.at("2026-11-23T12:00:00+09:00", 600)
    bounces = another_look(shop)
    assert (bounces["read"], bounces["ours"]) == (3, 1), bounces


def test_more_mails_than_one_look_takes(make_shop, mail_sink, box):
    for _ in range(450):
        box.add(FOREIGN)
    before = box.files()
    shop = mailing(make_shop, mail_sink, maildir(box))
    bounces = read(shop, 450)
    assert (bounces["read"], bounces["ours"], bounces["ignored"]) == (450, 0, 0)
    assert box.files() == before


def test_odd_files_of_a_maildir(make_shop, mail_sink, box):
    shop = mailing(make_shop, mail_sink, maildir(box))
    pay(shop)
    id = message_id(mail_sink)
    os.mkfifo(os.path.join(box.folder, "new", "1600000001.fifo"))
    os.mkdir(os.path.join(box.folder, "new", "1600000002.folder"))
    os.symlink("/etc/passwd", os.path.join(box.folder, "new", "1600000003.link"))
    box.add(b"")
    box.add(report(id).replace(b"--b1--", b"x" * 10_000_000))
    box.add(report(id, action="delayed"), where="cur", flags=":2,FT")
    bounces = read(shop, 6)
    assert bounces["ours"] == 2 and not bounces["error"], bounces
    shop.wait(lambda: any(name.endswith(":2,FST") for name in os.listdir(os.path.join(box.folder, "cur"))), "the mark")


def test_a_folder_that_cannot_be_read_stands_in_status(make_shop, mail_sink, tmp_path):
    shop = mailing(make_shop, mail_sink, f'bounces "{tmp_path}/nowhere"')
    bounces = shop.wait(lambda: shop.status()["bounces"]["error"] and shop.status()["bounces"], "the error")
    assert "nowhere" in bounces["error"] and bounces["last"] is None
    assert "bounces" in shop.status()["why"]
    shop.wait(lambda: shop.log().count("the mailbox of bounces") == 1, "one line in the log")
    Maildir(str(tmp_path / "nowhere"))
    shop.wait(lambda: not shop.status()["bounces"]["error"], "its end")


def test_no_mailbox_no_figures(make_shop):
    assert make_shop().status()["bounces"] is None


def readers(shop):
    found = []
    for pid in session_of(shop.process.pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                if b"\0bounces\0" in line.read():
                    found.append(pid)
        except OSError:
            continue
    return found


# ---- IMAP ----

OWN = 'bounces "{}"  bounces-user "b@example.com" bounces-password credential "imap"'


def imap_shop(make_shop, sink, imap, password="secret", keys=OWN, **more):
    return mailing(make_shop, sink, keys.format(imap.url()), credentials={"imap": password}, **more)


def test_s48_imap_reads_without_a_trace_and_marks_what_is_ours(make_shop, mail_sink):
    with ImapStandIn() as imap:
        shop = imap_shop(make_shop, mail_sink, imap)
        message = pay(shop)
        imap.add(FOREIGN)
        ours = imap.add(report(message_id(mail_sink)))
        imap.add(report("<1@elsewhere.example>"))
        # a mail that speaks IMAP itself
        imap.add(FOREIGN + b"D1 OK done\nD4 OK done\n* 1 FETCH (UID 1 BODY[]<0> {5}\nA001 NO\n)\n")
        bounces = read(shop, 4)
        assert (bounces["ours"], bounces["ignored"]) == (1, 1), bounces
        assert state(shop, message)["state"] == "failed"
        shop.wait(imap.seen, "the mark")
        assert imap.seen() == {ours}
        assert imap.count("SELECT") == 1 and not imap.strange
        looks = imap.count("UID SEARCH")
        shop.wait(lambda: imap.count("UID SEARCH") > looks + 1, "further looks")
        assert imap.fetched == [1, 2, 3, 4]
        imap.validity = 78  # every UID means another mail now
        assert read(shop, 8)["ours"] == 2
        assert len(state(shop, message)["receipts"]) == 1


def test_s48_imap_that_cannot_be_marked_is_read_once(make_shop, mail_sink):
    with ImapStandIn() as imap:
        imap.fault = "readonly"
        shop = imap_shop(make_shop, mail_sink, imap)
        pay(shop)
        imap.add(report(message_id(mail_sink)))
        read(shop, 1)
        shop.wait(lambda: shop.log().count("cannot be marked") == 1, "the warning")
        assert (another_look(shop)["read"], imap.fetched) == (1, [1])


def test_imap_over_tls_and_by_token(make_shop, mail_sink):
    certificates = Certificates()
    try:
        with ImapStandIn(token="t0ken", user="hi@example.com", context=certificates.right_context) as imap, \
                sinks.MailSink(tokens={"hi@example.com": "t0ken"}) as sink:
            shop = imap_shop(make_shop, sink, imap, "t0ken", env={"SSL_CERT_FILE": certificates.right},
                             keys='user "hi@example.com" token credential "imap"  bounces "{}"')
            imap.add(FOREIGN)
            read(shop, 1)
            assert imap.logins[0] == ("hi@example.com", True)
        with ImapStandIn(context=certificates.wrong_context) as imap:
            shop = imap_shop(make_shop, mail_sink, imap, env={"SSL_CERT_FILE": certificates.wrong})
            shop.wait(lambda: shop.status()["bounces"]["error"], "the error")
            assert not imap.logins and "secret" not in shop.log()
    finally:
        certificates.close()


def test_imap_by_the_token_that_a_program_fetched(make_shop, tmp_path):
    program = tmp_path / "token"
    program.write_text("#!/bin/sh\necho fresh-1\n")
    program.chmod(0o755)
    with ImapStandIn(token="fresh-1", user="hi@example.com") as imap, \
            sinks.MailSink(tokens={"hi@example.com": "fresh-1"}) as sink:
        imap.add(FOREIGN)
        shop = mailing(make_shop, sink, f'user "hi@example.com" renew "{program}"  bounces "{imap.url()}"')
        read(shop, 1)
        assert imap.logins[0] == ("hi@example.com", True)


def broken(shop, word):
    error = shop.wait(lambda: shop.status()["bounces"]["error"], "the error")
    assert word in error, error
    assert "secret" not in shop.log() and "b@example.com" not in shop.log()


def test_imap_wrong_password(make_shop, mail_sink):
    with ImapStandIn() as imap:
        shop = imap_shop(make_shop, mail_sink, imap, "wrong-secret")
        broken(shop, "refuses user, password or token")
        assert set(imap.logins) == {("b@example.com", False)}
        shop.credential("imap", "secret")
        shop.signal(signal.SIGHUP)
        shop.wait(lambda: not shop.status()["bounces"]["error"] and shop.status()["bounces"]["last"], "its end")


def test_imap_dead_and_folder_missing(make_shop, mail_sink):
    with ImapStandIn(folder="Bounces") as imap:
        shop = imap_shop(make_shop, mail_sink, imap, keys=OWN.replace('"{}"', f'"imap://127.0.0.1:{imap.port}/Other"'))
        broken(shop, "no folder Other")
    shop.wait(lambda: "cannot be reached" in shop.status()["bounces"]["error"], "the dead server")


@pytest.mark.parametrize("fault", ["half", "nonsense"])
def test_imap_that_breaks_off_loses_nothing(make_shop, mail_sink, fault):
    with ImapStandIn() as imap:
        imap.fault = fault
        shop = imap_shop(make_shop, mail_sink, imap)
        pay(shop)
        imap.add(report(message_id(mail_sink)))
        broken(shop, "did not answer in time")
        assert shop.status()["bounces"]["read"] == 0
        imap.fault = None
        assert read(shop, 1)["ours"] == 1


def test_imap_that_hangs_is_one_child_and_dies_with_the_daemon(make_shop, mail_sink):
    with ImapStandIn() as imap:
        imap.fault = "hang"
        imap.add(FOREIGN)
        shop = imap_shop(make_shop, mail_sink, imap)
        shop.wait(lambda: imap.fetched, "the fetch")
        sent = [datetime.datetime.fromisoformat(pay(shop, ref="C0")["sent"])]

        def three_looks_later():  # mails go out meanwhile
            sent.append(datetime.datetime.fromisoformat(pay(shop, ref=f"C{len(sent)}")["sent"]))
            return sent[-1] - sent[0] > datetime.timedelta(minutes=15)
        shop.wait(three_looks_later, "a quarter of an hour of the shop's")
        assert len(readers(shop)) == 1 and len(imap.fetched) == 1
        shop.kill()


def test_kill_9_of_the_child_loses_no_bounce(make_shop, mail_sink):
    with ImapStandIn() as imap:
        imap.fault = "hang"
        shop = imap_shop(make_shop, mail_sink, imap)
        pay(shop)
        imap.add(report(message_id(mail_sink)))
        shop.wait(lambda: imap.fetched, "the fetch")
        imap.fault = None
        [pid] = readers(shop)
        os.kill(pid, signal.SIGKILL)
        broken(shop, "ended by itself")
        assert read(shop, 1)["ours"] == 1
        shop.wait(imap.seen, "the mark")


DEADLY = """#!/usr/bin/python3
import os, struct, sys
if sys.argv[1:] != ["bounces"]:
    os.execv(%r, ["dangol-mail"] + sys.argv[1:])
with os.fdopen(0, "rb", 0) as box:
    body = box.read(struct.unpack("=I", box.read(5)[:4])[0])
text = b"1700000001.deadly"
mail = struct.pack("=I", len(text)) + text + bytes(16)
if text in body:  # it was read before
    end = struct.pack("=qI", 0, 0)
    os.write(1, struct.pack("=I", len(end)) + b"E" + end)
else:
    os.write(1, struct.pack("=I", len(mail)) + b"M" + mail)
    os.abort()
"""


def test_a_mail_that_ends_its_reader_twice_is_passed_over(make_shop, mail_sink, box, tmp_path):
    fake = tmp_path / "libexec" / "dangol-mail"
    fake.parent.mkdir()
    fake.write_text(DEADLY % os.path.join(BUILD, "dangol-mail"))
    fake.chmod(0o755)
    shop = mailing(make_shop, mail_sink, maildir(box), env={"DANGOL_LIBEXEC": str(fake.parent)})
    broken(shop, "signal 6")
    bounces = shop.wait(lambda: shop.status()["bounces"]["last"] and shop.status()["bounces"], "a look that went well")
    assert (bounces["read"], bounces["ours"], bounces["error"]) == (1, 0, None), bounces
    assert shop.log().count("is passed over") == 1
    pay(shop)


def test_s48_a_full_disk_loses_no_bounce(mail_sink, box):
    shop = Shop(rules=RULES, templates=TEXTS, store='store { path "full/shop.db" }', channels={
        "email": f'server "127.0.0.1:{mail_sink.port}" tls none from "hi@example.com"  {maildir(box)}'})
    with tmpfs(shop.path("full"), "6m"):
        try:
            shop.start(rate=600)
            message = pay(shop)
            ballast = os.open(shop.path("full", "ballast"), os.O_CREAT | os.O_WRONLY)
            with contextlib.suppress(OSError):
                while True:
                    os.write(ballast, b"x" * 4096)
            os.close(ballast)
            note = "x" * 8000
            for n in range(5000):
                if shop.post("/v1/events", [{"type": "visit", "id": f"v{n}-{i}", "customer": {"id": "C9"},
                                             "data": {"note": note}} for i in range(10)]).status != 202:
                    break
            for _ in range(100):
                box.add(report(message_id(mail_sink)))
            before = box.files()
            shop.wait(lambda: readers(shop), "a look")
            shop.wait(lambda: not readers(shop), "its end")
            os.unlink(shop.path("full", "ballast"))
            shop.wait(lambda: state(shop, message)["state"] == "failed", "the failed mail")
            read(shop, 100)
            bounces = shop.wait(lambda: not [f for f in box.files() if f.startswith("new/")] and
                                shop.status()["bounces"], "the marks")
            assert (bounces["read"], bounces["ours"]) == (100, 100), bounces
            assert sorted(text for text, _ in box.files().values()) == sorted(text for text, _ in before.values())
        finally:
            shop.close()
