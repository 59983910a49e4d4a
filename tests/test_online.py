"""`check --online`: what the providers say of the accounts that dangol.conf names."""
import contextlib
import http.server
import json
import os
import stat
import threading

import pytest
from shop import Shop, free_port, run_program

SMS = ('sender "0212345678"  provider solapi  url "http://127.0.0.1:{}"  key credential "key"  '
       'secret credential "secret"')


@contextlib.contextmanager
def provider(numbers, status=200):
    asked = []

    class Desk(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization", "")))
            words = {"balance": 12345, "point": 6} if "balance" in self.path else {"numbers": numbers}
            body = json.dumps(words if status == 200 else {"errorCode": "Forbidden"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def folder():
    shops = []

    def make(port):
        shop = Shop(channels={"sms": SMS.format(port)}, credentials={"key": "NCSKEY0123456789", "secret": "s" * 32})
        shops.append(shop)
        return shop
    yield make
    for shop in shops:
        shop.close()


def check(shop, *more, lang="C.UTF-8"):
    return run_program("dangolctl", "check", "--online", *more, lang=lang, cwd=shop.root)


def test_balance_and_senders(folder):
    with provider([{"phoneNumber": "0212345678"}, {"phoneNumber": "0311112222"}]) as (port, asked):
        shop = folder(port)
        ran = check(shop)
        assert ran.code == 0, ran
        assert "good: 0 rules" in ran.out and "sms (solapi): balance: 12345 won, 6 points" in ran.out
        assert "0212345678" in ran.out and "0311112222" in ran.out
        assert len(asked) == 2 and all(word for _, word in asked)
        assert "잔액" in check(shop, lang="ko_KR.UTF-8").out
        assert not os.path.exists(shop.path("shop.db")), "no store is made for it"


def test_a_sender_that_is_not_registered(folder):
    with provider([{"phoneNumber": "0311112222"}]) as (port, _):
        shop = folder(port)
        ran = check(shop)
        assert ran.code == 1 and "is not among them" in ran.out and "this would not work" in ran.out, ran
        ran = check(shop, "--json")
        assert ran.code == 1 and ran.json["mistakes"] == []
        [answer] = ran.json["online"]
        assert answer["channel"] == "sms" and answer["provider"] == "solapi" and answer["good"] is False
        assert any("12345" in line for line in answer["lines"])
        ran = run_program("dangold", "-c", shop.conf, "--check", "--online", "--json", cwd=shop.root)
        assert ran.code == 1 and ran.json["online"] == [answer]


def test_a_provider_that_refuses_or_does_not_answer(folder):
    with provider([], 401) as (port, _):
        ran = check(folder(port))
        assert ran.code == 1 and "this would not work" in ran.out and "s" * 32 not in ran.out + ran.err, ran
    ran = check(folder(free_port()))
    assert ran.code == 1 and "this would not work" in ran.out, ran


def test_without_online_nobody_is_asked(folder):
    with provider([]) as (port, asked):
        shop = folder(port)
        assert run_program("dangolctl", "check", cwd=shop.root).code == 0
        assert not asked


def test_it_needs_the_credentials(folder):
    with provider([]) as (port, asked):
        shop = folder(port)
        os.chmod(shop.path("credentials", "secret"), stat.S_IRUSR | stat.S_IRGRP)
        ran = check(shop)
        assert ran.code == 1 and "credential 'secret'" in ran.err and not asked, ran


def test_channels_without_such_a_provider():
    shop = Shop()
    try:
        ran = check(shop)
        assert ran.code == 0 and "no channel has a provider" in ran.out
        assert check(shop, "--json").json == {"mistakes": [], "online": []}
    finally:
        shop.close()
