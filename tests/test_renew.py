"""`renew`: a program of the owner's fetches the access token by which e-mail signs in."""
import glob
import os
import time

import pytest
import sinks
from shop import free_port
from test_delivery import PAID, PUBLIC, TEXTS, mail_children, pay

KEYS = 'server "127.0.0.1:{port}"  tls none  user "shop"  from "hi@example.com"  renew "{program}"  {more}'


def program(folder, text):
    """A program that notes in `runs` that it ran, then does as the text says."""
    path = os.path.join(folder, "shop-token")
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(f'#!/bin/sh\ncd {folder}\necho $$ >>runs\n{text}\n')
    os.chmod(path + ".new", 0o700)
    os.rename(path + ".new", path)
    return path


def runs(folder):
    try:
        with open(os.path.join(folder, "runs"), encoding="ascii") as lines:
            return [int(line) for line in lines]
    except FileNotFoundError:
        return []


def renewing(make_shop, sink, folder, text, more="", rate=60, **given):
    return make_shop(rules=PAID.format('email "p"'), templates=TEXTS, rate=rate, listen=PUBLIC.format(free_port()),
                     channels={"email": KEYS.format(port=sink.port, program=program(folder, text), more=more)}, **given)


def state(shop):
    return shop.status()["channels"]["email"]["state"]


def reason(shop):
    return str(shop.status()["channels"]["email"]["reason"])


def attempts(shop, customer="C1"):
    message = shop.one_message(customer=customer)
    return shop.ok("GET", "/v1/messages/" + message["id"])["attempts"]


def command_lines(shop):
    found = []
    children = mail_children(shop)
    of_children = [f"{pid}/{what}" for pid in children for what in ("cmdline", "environ")]
    for name in [f"{shop.process.pid}/cmdline", *of_children]:
        try:
            with open(f"/proc/{name}", "rb") as one:
                found.append(one.read())
        except OSError:
            pass  # it has just gone home
    return b"".join(found)


def nowhere(shop, *tokens):
    """None of them stands where it may be read: in the log, the store, what is shown, or on a command line."""
    shown = (shop.log() + str(shop.status()) + str(attempts(shop))).encode() + command_lines(shop)
    for path in glob.glob(shop.path("shop.db*")):
        with open(path, "rb") as store:
            shown += store.read()
    assert not [token for token in tokens if token.encode() in shown]


@pytest.fixture
def token_sink():
    with sinks.MailSink(tokens={"shop": "fresh-1"}) as sink:
        yield sink


def test_a_token_is_fetched_at_the_start_and_stands_nowhere(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    shop = renewing(make_shop, token_sink, folder, "echo fresh-1")
    pay(shop)
    shop.message_in("accepted", customer="C1")
    assert token_sink.logins == [("XOAUTH2", True)] and len(runs(folder)) == 1
    nowhere(shop, "fresh-1")


def test_letters_wait_without_an_attempt_while_it_is_fetched(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    os.mkfifo(tmp_path / "gate")
    shop = renewing(make_shop, token_sink, folder, 'cat gate')
    pay(shop)
    shop.wait(lambda: runs(folder) and shop.queue()["planned"] == 1, "a letter that waits")
    assert not attempts(shop) and state(shop) == "ok"
    with open(tmp_path / "gate", "w", encoding="ascii") as gate:
        gate.write('{"access_token": "fresh-1", "expires_in": 3599}\n')
    shop.message_in("accepted", customer="C1")
    assert [one["result"] for one in attempts(shop)] == ["accepted"]


def test_a_known_token_is_used_until_it_is_refused(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    token_sink.tokens["shop"] = "ya29.known"
    shop = renewing(make_shop, token_sink, folder, "echo fresh-2", 'token credential "t"',
                    credentials={"t": "ya29.known"})
    pay(shop)
    shop.message_in("accepted", customer="C1")
    assert not runs(folder)
    token_sink.tokens["shop"] = "fresh-2"
    shop.signal(1)  # the connection that stands is let go
    pay(shop, "C2", "A-2")
    shop.message_in("accepted", customer="C2")
    assert len(runs(folder)) == 1 and token_sink.logins[-2:] == [("XOAUTH2", False), ("XOAUTH2", True)]
    results = [(one["result"], one["code"]) for one in attempts(shop, "C2")]
    assert results == [("later", "renew"), ("accepted", None)], results
    assert state(shop) == "ok" and not shop.status()["channels"]["email"]["since"]
    nowhere(shop, "ya29.known", "fresh-2")


def test_a_token_is_fetched_anew_before_its_time_is_over(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    text = 'n=$(wc -l <runs); echo "{\\"access_token\\":\\"fresh-$n\\",\\"expires_in\\":3600}"'
    shop = renewing(make_shop, token_sink, folder, text)
    pay(shop)
    shop.message_in("accepted", customer="C1")
    assert len(runs(folder)) == 1
    began = time.monotonic()
    shop.at("2026-11-23T11:00:00+09:00", rate=6000)  # an hour is six tenths of a second
    shop.wait(lambda: len(runs(folder)) >= 4, "the second renewal")
    assert time.monotonic() - began >= 2 * 0.54, "before nine tenths of its life"
    shop.at("2026-11-24T11:00:00+09:00", rate=60)
    token_sink.tokens["shop"] = f"fresh-{len(runs(folder))}"
    pay(shop, "C2", "A-2")
    shop.message_in("accepted", customer="C2")
    assert all(good for _, good in token_sink.logins)


def test_where_no_fresh_token_comes_the_last_one_goes_on(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    text = 'test $(wc -l <runs) = 1 && echo "{\\"access_token\\":\\"fresh-1\\",\\"expires_in\\":3600}"'
    shop = renewing(make_shop, token_sink, folder, text, rate=6000)
    shop.wait(lambda: len(runs(folder)) >= 4, "the third try in vain")
    pay(shop)
    shop.message_in("accepted", customer="C1")
    assert state(shop) == "ok" and shop.log().count("status 1") == 1


def test_a_fresh_token_that_is_refused_too_pauses_the_channel(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    shop = renewing(make_shop, token_sink, folder, "echo ya29.stale-$(wc -l <runs)", rate=600)
    pay(shop)
    shop.wait(lambda: state(shop) == "paused", "a paused channel")
    assert "renew" in reason(shop) and "renew" in shop.status()["why"]
    assert len(runs(folder)) == 2 and [good for _, good in token_sink.logins] == [False, False]
    assert [one["result"] for one in attempts(shop)][:2] == ["later", "operator"]
    shop.wait(lambda: len(runs(folder)) == 3, "the one that tries, ten minutes later")
    program(folder, "echo fresh-1")
    shop.message_in("accepted", customer="C1")
    assert state(shop) == "ok" and len(token_sink.to()) == 1
    nowhere(shop, "ya29.stale", "fresh-1")


@pytest.mark.parametrize("text, says", [
    ("echo ya29.secret >&2; echo ya29.secret; exit 7", "status 7"),
    ("echo ya29.secret and more words", "no access token"),
    ("echo '{\"access_token\":\"\",\"ya29.secret\":1}'", "no access token"),
    ("exec yes ya29.secret", "16 KiB"),
    ("head -c 10000000 /dev/zero", "16 KiB"),
    ("kill -9 $$", "signal 9"),
    ("rm shop-token; exec ./shop-token", "status 127"),
])
def test_a_program_that_fails_pauses_the_channel_and_sighup_runs_it_anew(make_shop, token_sink, tmp_path, text, says):
    folder = str(tmp_path)
    shop = renewing(make_shop, token_sink, folder, text)
    pay(shop)
    shop.wait(lambda: state(shop) == "paused", "a paused channel")
    assert says in reason(shop) and not token_sink.logins
    assert says in shop.log() and len(runs(folder)) == 1
    nowhere(shop, "ya29.secret")
    program(folder, "echo fresh-1")
    shop.signal(1)
    shop.message_in("accepted", customer="C1")
    assert state(shop) == "ok" and len(token_sink.to()) == 1


def test_a_program_that_is_not_there_pauses_the_channel(make_shop, token_sink, tmp_path):
    shop = renewing(make_shop, token_sink, str(tmp_path), "")
    os.remove(tmp_path / "shop-token")
    shop.signal(1)
    pay(shop)
    shop.wait(lambda: "cannot be started" in reason(shop), "a paused channel")
    assert state(shop) == "paused"


def test_a_program_that_hangs_ends_with_the_daemon(make_shop, token_sink, tmp_path):
    folder = str(tmp_path)
    shop = renewing(make_shop, token_sink, folder, "sleep 600 & exec sleep 600")
    pay(shop)
    shop.wait(lambda: runs(folder), "its beginning")
    assert shop.queue()["planned"] == 1 and state(shop) == "ok"
    shop.stop()
    group = runs(folder)[0]
    shop.wait(lambda: not group_alive(group), "the end of its group")


def group_alive(group):
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False


def test_an_expired_token_of_one_session_is_renewed_for_all(make_shop, token_sink, tmp_path):
    """Many letters stand before it when it is refused: each goes out once, and the server is not asked for each."""
    folder = str(tmp_path)
    shop = renewing(make_shop, token_sink, folder, "echo fresh-$(wc -l <runs)", "connections 2")
    for n in range(40):
        pay(shop, f"A{n}", f"A-{n}")
    shop.wait(lambda: shop.queue()["accepted"] == 40, "the letters before")
    token_sink.tokens["shop"] = "fresh-2"
    token_sink.close_connections()
    for n in range(40):
        pay(shop, f"B{n}", f"B-{n}")
    shop.wait(lambda: shop.queue()["accepted"] == 80, "all letters")
    assert len(token_sink.to()) == 80 and len(runs(folder)) == 2 and state(shop) == "ok"
    assert sum(not good for _, good in token_sink.logins) <= 2
