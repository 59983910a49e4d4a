"""Hardening: what each token lets do, how often one may ask, what the process leaves behind."""
import concurrent.futures
import contextlib
import http.client
import os
import re
import signal

import pytest

from shop import BUILD, free_port, open_shop, session_of

TILL = "till-token-for-tests"
RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
POST_TOKEN = {"listen": 'post-token credential "till"', "credentials": {"till": TILL}}


@pytest.fixture
def shop():
    with open_shop(rules=RULE, templates={"r.sms": "고맙습니다"}, tcp=True, **POST_TOKEN) as one:
        yield one


def test_a_till_posts_events_and_reads_nobody(shop):
    event = {"type": "order.paid", "customer": {"id": "C1", "phone": "010-1234-5678"}, "data": {"order": "1", "total": 1}}
    assert shop.post("/v1/events", event, tcp=True, token=TILL).status == 202
    for method, path in (("GET", "/v1/customers/C1"), ("GET", "/v1/customers"), ("GET", "/v1/messages"),
                         ("GET", "/v1/audit"), ("GET", "/v1/status"), ("GET", "/metrics"), ("POST", "/v1/reload"),
                         ("PUT", "/v1/customers/C1"), ("DELETE", "/v1/customers/C1"), ("POST", "/v1/preview"),
                         ("POST", "/v1/backups"), ("POST", "/v1/imports/customers")):
        answer = shop.call(method, path, {} if method in ("POST", "PUT") else None, tcp=True, token=TILL)
        assert answer.status == 403 and "may only post" in answer.json["detail"], (path, answer)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert shop.get("/v1/nothing", tcp=True, token=TILL).status == 404
    assert shop.get("/v1/customers/C1", tcp=True).status == 200


def test_a_till_redeems_coupons():
    rule = 'coupon c { discount 10%  valid 3 days }\nrule gift { when visit  purpose ad  give coupon c  send sms "g" }\n'
    with open_shop(rules=rule, templates={"g.sms": "#{coupon.code}"}, tcp=True, **POST_TOKEN) as shop:
        shop.customer("C1", phone="010-1234-5678")
        shop.event("visit", "C1")
        code = shop.one_message(customer="C1")["coupon"]
        shop.idle()
        assert shop.get(f"/v1/coupons/{code}", tcp=True, token=TILL).status == 200
        assert shop.post(f"/v1/coupons/{code}/redeem", {}, tcp=True, token=TILL).status == 200
        assert shop.post(f"/v1/coupons/{code}/restore", {}, tcp=True, token=TILL).status == 403
        rows = shop.ok("GET", "/v1/audit?who=post-token")["audit"]
        assert {row["what"] for row in rows} == {"coupon.read", "coupon.redeem"}, rows


def test_the_same_text_for_both_tokens_is_a_mistake():
    with open_shop(tcp=True, start=False, listen=POST_TOKEN["listen"], credentials={"till": "t0ken-for-tests"}) as shop:
        shop.start(wait_ready=False)
        assert shop.process.wait(20) == 1
        assert "the same text as the token" in shop.log()
        shop.process = None


def test_a_post_token_without_http_is_a_mistake(tmp_path):
    with open_shop(start=False, **POST_TOKEN) as shop:
        shop.start(wait_ready=False)
        assert shop.process.wait(20) == 1
        assert "'post-token' is for callers over 'http'" in shop.log()
        shop.process = None


# ---- how often ----

def test_wrong_tokens_are_slowed(shop):
    said = [shop.get("/v1/status", tcp=True, token=f"guess{n}") for n in range(40)]
    assert [one.status for one in said[:20]] == [401] * 20 and said[-1].status == 429
    assert said[-1].headers["Retry-After"] == "1" and "wrong tokens" in said[-1].json["detail"]
    assert shop.get("/healthz", tcp=True, token="guess").status == 200
    assert shop.get("/v1/status").status == 200, "the socket stays open to the owner"
    shop.wait(lambda: shop.get("/v1/status", tcp=True).status == 200, "the end of it", 5)


def test_who_has_shown_the_right_token_goes_on_beside_guesses(shop):
    with contextlib.closing(shop.connect(tcp=True)) as till:
        assert shop.get("/v1/status", connection=till, token=shop.token).status == 200
        while shop.get("/v1/status", tcp=True, token="guess").status == 401:
            pass
        for _ in range(5):
            assert shop.get("/v1/status", connection=till, token=shop.token).status == 200


def test_a_token_has_a_rate_but_events_have_none(shop):
    with contextlib.closing(shop.connect(tcp=True)) as till:
        said = {}
        for n in range(3000):
            answer = shop.get("/v1/coupons/NONE", connection=till, token=TILL)
            said[answer.status] = answer
            if 429 in said:
                break
        assert set(said) == {404, 429} and n >= 1000
        assert said[429].headers["Retry-After"] == "1" and "too many calls" in said[429].json["detail"]
        assert shop.post("/v1/events", {"type": "visit"}, connection=till, token=TILL).status == 202
        assert shop.get("/v1/status", tcp=True).status == 200, "the other token has its own"


def ask(port, forwarded):
    one = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        one.putrequest("POST", "/v1/receipts/webhook")
        for line in forwarded:
            one.putheader("X-Forwarded-For", line)
        one.putheader("Content-Length", "2")
        one.endheaders(b"{}")
        return one.getresponse().status
    finally:
        one.close()


@pytest.fixture
def open_door():
    def opened(more):
        port = free_port()
        shop = open_shop(listen=f'public "127.0.0.1:{port}"  url "https://m.example.com"  {more}', tcp=True,
                         channels={"sms": 'sender "0212345678"  provider webhook  url "http://127.0.0.1:9/"  '
                                          'receipts credential "text"'}, credentials={"text": "x"})
        return shop, port
    return opened


def crowd(port, forwarded, n=140):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: ask(port, forwarded), range(n)))


def test_each_address_behind_the_proxy_has_its_own_rate(open_door):
    opening, port = open_door("proxy yes")
    with opening:
        said = crowd(port, ["192.0.2.1"])
        assert set(said) == {401, 429} and said.count(401) >= 100
        assert ask(port, ["192.0.2.2"]) == 401
        # What a stranger writes himself stands before what the proxy adds, in a line or in several.
        assert ask(port, ["198.51.100.7, 192.0.2.1"]) == 429 or ask(port, ["198.51.100.7", "192.0.2.1"]) == 429
        assert ask(port, ["192.0.2.1, 198.51.100.7"]) == 401


def test_without_a_proxy_nobody_is_believed(open_door):
    opening, port = open_door("")
    with opening:
        assert set(crowd(port, ["192.0.2.1"])) == {401}, "all are one crowd, which may twice as much"


# ---- what the process leaves behind ----

SECRETS = {"till": TILL, "smtp": "smtp-password-of-the-test", "text": "reports-secret-of-the-test"}


def proc(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as one:
        return one.read()


def in_memory(pid, needle):
    """How often these bytes stand in what the process can write."""
    found = 0
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            low, high, mode = re.match("([0-9a-f]+)-([0-9a-f]+) (....)", line).groups()
            if "w" not in mode:
                continue
            memory.seek(int(low, 16))
            with contextlib.suppress(OSError):
                found += memory.read(int(high, 16) - int(low, 16)).count(needle)
    return found


@pytest.fixture
def mailing():
    with open_shop(tcp=True, listen=POST_TOKEN["listen"], credentials=SECRETS, channels={
            "email": 'from "a@example.com"  server "127.0.0.1:9"  tls none  user "u"  password credential "smtp"',
            "sms": 'sender "0212345678"  provider webhook  url "http://127.0.0.1:9/"  secret credential "text"'}) as one:
        yield one


def everyone(shop):
    return session_of(shop.process.pid)


def test_no_secret_in_arguments_environment_or_log(mailing):
    mailing.get("/v1/status", tcp=True, token="wrong-token-of-the-test")
    mailing.get("/v1/status", tcp=True)
    seen = mailing.log().encode()
    for pid in everyone(mailing):
        seen += proc(pid, "cmdline") + proc(pid, "environ")
    for secret in [*SECRETS.values(), mailing.token, "wrong-token-of-the-test"]:
        assert secret.encode() not in seen


def test_no_core_file(mailing):
    for pid in everyone(mailing):
        assert re.search(rb"Max core file size +0 +0 ", proc(pid, "limits")), pid


@pytest.mark.skipif(os.geteuid() != 0, reason="looks at processes of another user")
def test_nobody_of_the_same_user_looks_into_its_memory(tmp_path):
    """A process that cannot be dumped belongs to root in /proc, whoever runs it."""
    with open_shop(start=False, tcp=True) as shop:
        for folder, _, names in os.walk(shop.root):
            for name in [folder, *(os.path.join(folder, one) for one in names)]:
                os.chown(name, 65534, 65534)
        shop.start(preexec=lambda: (os.setgid(65534), os.setuid(65534)))
        assert os.stat(f"/proc/{shop.process.pid}/environ").st_uid == 0
        assert b"Uid:\t65534" in proc(shop.process.pid, "status")
        assert shop.ctl("simulate", "--from", "2026-11-23", "--to", "2026-11-23").code == 0


@pytest.mark.skipif(os.geteuid() != 0 or "asan" in BUILD, reason="reads the memory of another process")
def test_a_token_that_was_shown_is_not_left_in_memory(shop):
    pid = shop.process.pid
    kept = in_memory(pid, shop.token.encode())
    assert kept, "the file it was read from"
    guess = "a-guess-that-stands-nowhere-else"
    shop.get("/v1/status", tcp=True, token=guess)
    with contextlib.closing(shop.connect(tcp=True)) as one:
        for _ in range(3):
            assert shop.get("/v1/status", connection=one, token=shop.token).status == 200
        assert in_memory(pid, shop.token.encode()) == kept, "it stays where it was read from its file"
    assert in_memory(pid, guess.encode()) == 0


def test_files_are_the_owners_alone(shop):
    shop.ok("POST", "/v1/backups", {"file": shop.path("copy.db")})
    shop.event("order.paid", {"id": "C1", "phone": "01012345678"}, order="1", total=1)
    shop.idle()
    shop.stop()
    os.chmod(shop.path("shop.db"), 0o644)
    shop.start()
    found = {}
    for folder, names, files in os.walk(shop.root):
        for name in names + files:
            found[name] = os.stat(os.path.join(folder, name)).st_mode & 0o777
    made = [name for name in found if name.startswith(("shop.db", "copy.db", "outbox")) or name.endswith(".json")]
    assert len(made) >= 6 and all(found[name] & 0o077 == 0 for name in made), {n: oct(found[n]) for n in made}
    assert found["s"] == 0o660


@pytest.mark.parametrize("where, mode, said", [
    ("credentials/api-token", 0o640, "others may read"), ("credentials/api-token", 0o604, "others may read"),
    ("credentials", 0o777, "others may put files into"), ("credentials", 0o720, "others may put files into")])
def test_a_wide_credential_is_refused(where, mode, said):
    with open_shop(start=False, tcp=True) as shop:
        os.chmod(shop.path(where), mode)
        shop.start(wait_ready=False)
        assert shop.process.wait(20) == 1
        assert said in shop.log() and "chmod" in shop.log() and shop.token not in shop.log()
        shop.process = None


def test_a_post_token_that_comes_with_a_reload_needs_a_restart():
    with open_shop(tcp=True, credentials={"till": TILL}) as shop:
        with open(shop.conf, encoding="utf-8") as conf:
            text = conf.read()
        shop.write("dangol.conf", text.replace('credential "api-token"', 'credential "api-token" post-token credential "till"'))
        shop.signal(signal.SIGHUP)
        shop.wait(lambda: "post-token needs a restart" in shop.log(), "the warning")
        assert shop.get("/v1/coupons/X", tcp=True, token=TILL).status == 401
        shop.stop()
        shop.start()
        assert shop.get("/v1/coupons/X", tcp=True, token=TILL).status == 404
