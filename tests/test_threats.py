"""Each line of contrib/threat-model.md: who wants what, and that it is stopped."""
import contextlib
import json
import os
import re
import socket
import sqlite3
import stat
import subprocess
import threading

import pytest

from shop import free_port, open_shop, session_of

HERE = os.path.dirname(os.path.abspath(__file__))
TILL = "the-tills-own-token"
RULE = ('rule receipt { when order.paid  purpose info  send sms "r" }\n'
        'rule letter { when order.placed  purpose info  send email "r" }\n')
TEXTS = {"r.sms": "#{이름}님 고맙습니다", "r.email": "Subject: #{이름}\n\n<p>#{이름}님</p>\n"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")


@pytest.fixture
def shop():
    port = free_port()
    with open_shop(rules=RULE, templates=TEXTS, tcp=True, credentials={"till": TILL, "text": "a-secret-of-reports", "shopify": "shpss_1"},
                   conf='hook shopify { secret credential "shopify" }',
                   listen=f'post-token credential "till"  public "127.0.0.1:{port}"  url "https://m.example.com"  '
                          'proxy yes',
                   channels={"sms": 'sender "0212345678"  provider webhook  url "http://127.0.0.1:9/"  '
                                    'receipts credential "text"', "email": 'from "a@example.com"'}) as one:
        one.public = port
        one.customer("C1", phone="010-1234-5678", email="h@example.com")
        yield one


def public(shop, head, body=b""):
    """The status of a request at the public port, as its bytes are."""
    with socket.create_connection(("127.0.0.1", shop.public), timeout=30) as sock:
        with contextlib.suppress(OSError):  # it may refuse before all has come
            sock.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return int(sock.recv(4096).split(b" ")[1])


def report(shop, address="192.0.2.1", body=b"{}"):
    return public(shop, f"POST /v1/receipts/webhook HTTP/1.1\nHost: m.example.com\nX-Forwarded-For: {address}\n"
                        f"Content-Length: {len(body)}", body)


def becomes_nobody():
    os.setgid(65534)
    os.setuid(65534)


def log(shop, what):
    return [row for row in shop.ok("GET", "/v1/audit?limit=1000")["audit"] if row["what"] == what]


def test_every_line_has_its_test_and_every_test_its_line():
    with open(os.path.join(HERE, "..", "contrib", "threat-model.md"), encoding="utf-8") as page:
        lines = re.findall(r"^\| `([a-z-]+)` \|", page.read(), re.M)
    with open(os.path.abspath(__file__), encoding="utf-8") as own:
        tests = re.findall(r"^def test_([a-z_]+)\(", own.read(), re.M)
    assert sorted(line.replace("-", "_") for line in lines) == sorted(tests[1:]) and len(lines) > 20


@as_root
def test_other_user(shop):
    os.chmod(shop.root, 0o755)
    code = f"import socket; socket.socket(socket.AF_UNIX).connect({shop.socket!r})"
    ran = subprocess.run(["/usr/bin/python3", "-c", code], preexec_fn=becomes_nobody, capture_output=True, check=False)
    assert b"PermissionError" in ran.stderr


def test_other_users_files(shop):
    shop.ok("POST", "/v1/backups", {"file": shop.path("copy.db")})
    shop.ok("POST", "/v1/test-sends", {"channel": "email", "template": "r", "customer": "C1", "to": "o@example.com"})
    shop.idle()
    shop.stop()
    os.chmod(shop.path("shop.db"), 0o644)
    shop.start()
    made = [name for name in os.listdir(shop.root) if name.startswith(("shop.db", "copy.db", "outbox"))]
    assert {"shop.db", "copy.db", "outbox", "shop.db.audit-head"} <= set(made)
    assert not [name for name in made if os.stat(shop.path(name)).st_mode & (stat.S_IRWXG | stat.S_IRWXO)]


def test_wide_credential():
    for where, mode in (("credentials/api-token", 0o644), ("credentials", 0o777)):
        with open_shop(start=False, tcp=True) as one:
            os.chmod(one.path(where), mode)
            one.start(wait_ready=False)
            assert one.process.wait(20) == 1 and "others may" in one.log()
            one.process = None


def test_process_list(shop):
    seen = shop.log().encode()
    for pid in session_of(shop.process.pid):
        for name in ("cmdline", "environ"):
            with open(f"/proc/{pid}/{name}", "rb") as one:
                seen += one.read()
    assert not [one for one in (shop.token, TILL, "a-secret-of-reports") if one.encode() in seen]


@as_root
def test_memory():
    """In /proc a process that cannot be dumped is root's, whoever runs it."""
    with open_shop(start=False) as one:
        for folder, _, names in os.walk(one.root):
            for name in [folder, *(os.path.join(folder, name) for name in names)]:
                os.chown(name, 65534, 65534)
        one.start(preexec=becomes_nobody)
        pid = one.process.pid
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0
        ran = subprocess.run(["cat", f"/proc/{pid}/environ"], preexec_fn=becomes_nobody, capture_output=True, check=False)
        assert ran.returncode != 0 and b"denied" in ran.stderr
        with open(f"/proc/{pid}/limits", encoding="ascii") as limits:
            assert re.search("Max core file size +0 +0 ", limits.read())


def test_no_token(shop):
    for path in ("/", "/v1/customers/C1", "/v1/status", "/metrics", "/v1/nothing"):
        answer = shop.get(path, tcp=True, token="wrong")
        assert answer.status == 401 and "C1" not in answer.body.decode()
    assert shop.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_guess(shop):
    said = [shop.get("/v1/status", tcp=True, token=f"guess{n}").status for n in range(60)]
    assert said[0] == 401 and said[-1] == 429


def test_foreign_page(shop):
    answer = shop.get("/v1/customers/C1", tcp=True, headers={"Host": "evil.example:8484"})
    assert answer.status == 400 and "Host" in answer.json["detail"]


def test_till(shop):
    for method, path in (("GET", "/v1/customers"), ("GET", "/v1/customers/C1"), ("GET", "/v1/messages"),
                         ("GET", "/v1/suppressions"), ("GET", "/v1/audit"), ("DELETE", "/v1/customers/C1")):
        assert shop.call(method, path, tcp=True, token=TILL).status == 403, path
    assert shop.post("/v1/events", {"type": "visit", "customer": {"id": "C1"}}, tcp=True, token=TILL).status == 202


def test_reader(shop):
    assert shop.get("/v1/customers/C1", tcp=True).status == 200
    [row] = log(shop, "customer.read")
    assert (row["account"], row["target"], row["address"]) == ("token", "C1", "127.0.0.1")


def test_greedy(shop):
    assert shop.get("/v1/customers?limit=1001", tcp=True).status == 400
    head = f"GET /v1/customers/C1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {shop.token}\r\n\r\n".encode()
    with contextlib.closing(shop.connect(tcp=True)) as one:
        one.connect()
        asking = threading.Thread(target=one.sock.sendall, args=(head * 3000,))
        asking.start()
        said = b""
        while said.count(b"HTTP/1.1 ") < 3000:
            said += one.sock.recv(1 << 20)
        asking.join()
    assert set(re.findall(rb"HTTP/1.1 (\d+) ", said)) == {b"200", b"429"}


def test_public_api(shop):
    for path in ("/", "/healthz", "/v1/status", "/v1/customers/C1", "/v1/audit", "/metrics", "/v1/events"):
        head = f"GET {path} HTTP/1.1\nHost: m.example.com\nAuthorization: Bearer {shop.token}"
        assert public(shop, head) == 404, path


def test_forgery(shop):
    before = shop.ok("GET", "/v1/status")["receipts"]
    body = b'{"to":"010-1234-5678","state":"opted_out"}'
    assert report(shop, body=body) == 401
    after = shop.ok("GET", "/v1/status")["receipts"]
    assert after == {**before, "forged": before["forged"] + 1}
    assert not shop.ok("GET", "/v1/suppressions")["suppressions"]


def test_hook(shop):
    body = b'{"id":1,"phone":"+821012345678"}'
    head = f"POST /v1/hooks/shopify HTTP/1.1\nHost: m.example.com\nContent-Length: {len(body)}\nX-Shopify-Topic: customers/create\n"
    assert public(shop, head + "X-Shopify-Hmac-Sha256: " + "A" * 43 + "=", body) == 401
    assert public(shop, head, body) in (400, 401) and public(shop, head.replace("shopify", "toss"), body) == 404
    assert [one["id"] for one in shop.ok("GET", "/v1/customers")["customers"]] == ["C1"]


def test_link(shop):
    shop.template("r.email", 'Subject: 봄\n\n#{unsubscribe} #{link "https://example.com/"}\n')
    assert shop.ctl("reload").code == 0
    shop.event("order.placed", "C1", order="A-1", total=1000)
    shop.wait(lambda: shop.outbox(channel="email"), "the mail")
    text = json.dumps(shop.outbox(channel="email"))
    found = {kind: re.search(rf"https://m.example.com/{kind}/([\w-]+)", text).group(1) for kind in "uc"}
    for kind, token in found.items():
        assert public(shop, f"GET /{kind}/{token} HTTP/1.1\nHost: m.example.com") == (200 if kind == "u" else 302)
        for wrong in ("A" + token[1:] if token[0] != "A" else "B" + token[1:], token[:-2], "p" * len(token)):
            assert public(shop, f"GET /{kind}/{wrong} HTTP/1.1\nHost: m.example.com") == 404


def test_flood(shop):
    said = [report(shop, "192.0.2.1") for _ in range(140)]
    assert 429 in said and report(shop, "192.0.2.2") == 401


def test_heavy(shop):
    assert public(shop, "POST /v1/receipts/webhook HTTP/1.1\nHost: m.example.com\nContent-Length: 1048577") == 413


def test_smuggling(shop):
    head = "POST /v1/receipts/webhook HTTP/1.1\nHost: m.example.com\n"
    for framing in ("Content-Length: 4\nTransfer-Encoding: chunked", "Content-Length: 4\nContent-Length: 5",
                    "Transfer-Encoding: chunked, identity", "Content-Length : 4", "Content-Length: +4"):
        assert public(shop, head + framing, b"0\r\n\r\n") in (400, 501), framing


def test_injection(shop):
    ref = "x' OR 1=1; DROP TABLE customer; --"
    assert shop.get(f"/v1/customers/{ref}").status == 404
    shop.event("visit", {"id": ref, "phone": "010-5555-6666"}, id=ref)
    assert shop.ok("GET", f"/v1/customers/{ref}")["id"] == ref
    assert shop.ok("GET", "/v1/customers/C1")["id"] == "C1"


def test_markup(shop):
    shop.customer("C2", name="<script>x</script>", email="i@example.com")
    [shown] = shop.ok("POST", "/v1/preview", {"template": "r", "channel": "email", "customer": "C2"})["messages"]
    assert "<script>" not in shown["html"] and "&lt;script&gt;" in shown["html"]
    answer = shop.put("/v1/customers/C3", {"name": "A\r\nBcc: b@example.com", "email": "j@example.com"})
    if answer.status < 400:
        [shown] = shop.ok("POST", "/v1/preview", {"template": "r", "channel": "email", "customer": "C3"})["messages"]
        assert "\n" not in (shown.get("subject") or "")


def tamper(shop, *statements):
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db, db:
        for statement in statements:
            db.execute(statement)


def test_coupon_link(shop):
    """Neighbours among coupons have nothing in common among links; test_coupon_page.py shows the good one."""
    seen = set()
    for token in ("A" * 35, "x", "1", "B" * 35, "BD-222222"):
        with socket.create_connection(("127.0.0.1", shop.public), timeout=30) as sock:
            sock.sendall(f"GET /k/{token} HTTP/1.1\r\nHost: m.example.com\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda one=sock: one.recv(65536), b""))
        seen.add(re.sub(rb"\r\nDate: [^\r]*", b"", answer))
    assert len(seen) == 1 and seen.pop().startswith(b"HTTP/1.1 404 ")


def test_log_changed(shop):
    with pytest.raises(sqlite3.IntegrityError):
        tamper(shop, "DELETE FROM audit WHERE id = 1")
    tamper(shop, "DROP TRIGGER audit_stays", "UPDATE audit SET account = 'somebody else' WHERE id = 1")
    found = shop.ok("GET", "/v1/audit/check")
    assert (found["whole"], found["row"]) == (False, 1)


def test_log_cut(shop):
    shop.stop()
    tamper(shop, "DROP TRIGGER audit_kept", "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    shop.start()
    assert "does not end as it was left" in shop.log()
    assert not shop.ok("GET", "/v1/audit/check")["whole"] and log(shop, "audit.break")


def test_broken_in(tmp_path):
    """That the daemon works behind its filter of system calls is shown by test_sandbox.py."""
    unit = str(tmp_path / "dangold.service")
    with open(os.path.join(HERE, "..", "systemd", "dangold.service"), encoding="utf-8") as source, \
            open(unit, "w", encoding="utf-8") as out:
        out.write(source.read().replace("@PREFIX@", "/usr"))
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit],
                          capture_output=True, text=True, check=False)
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout).group(1))
    assert said.returncode == 0 and exposure < 2.0, said.stdout[-400:]


def test_rehearsal():
    with open_shop(start=False, channels={"sms": 'sender "0212345678"  provider webhook  '
                                                 'url "https://gate.example.com/"'}) as one:
        one.start(wait_ready=False)
        assert one.process.wait(20) == 1
        assert "sms" in one.log()
        one.process = None
