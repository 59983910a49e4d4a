"""The stand-in for SOLAPI: what it lets in, what it takes, what it tells. Vectors are those of SOLAPI's documents."""
import base64
import datetime
import hashlib
import hmac
import http.client
import http.server
import itertools
import json
import threading
import time
import urllib.parse

import pytest

from standins.solapi import Solapi

SALTS = itertools.count(1)
VECTOR = ("HMAC-SHA256 apiKey=NCSTESTKEY000001, date=2026-11-23T01:02:03{}, salt=0123456789abcdef0123456789abcdef, "
          "signature={}")
SIGNATURE = "a0c5c448b677421ed56042a259b6d91b602362d091ae68883d756c7772a68bea"
SHORT = "15884ffef09bc05fadb80b5f39c15745ff197c5fe3c68207726ebc1777f10b70"
THEN = datetime.datetime.fromisoformat("2026-11-23T01:02:03Z").timestamp()
SMS = {"to": "01012345678", "from": "0212345678", "text": "안녕", "type": "SMS"}
JPEG = b"\xff\xd8\xff\xe0" + b"p" * 100


@pytest.fixture
def provider():
    with Solapi() as one:
        yield one


def signed(provider, date=None, salt=None, secret=None):
    date = date or datetime.datetime.now(datetime.timezone.utc).isoformat()
    salt = salt or f"salt{next(SALTS):028d}"
    mac = hmac.new((secret or provider.secret).encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={provider.key}, date={date}, salt={salt}, signature={mac}"


def call(provider, method, path, body=None, header=None):
    one = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=10)
    data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    one.request(method, path, data, {"Authorization": header or signed(provider), "Content-Type": "application/json"})
    got = one.getresponse()
    words = json.loads(got.read())
    one.close()
    return got.status, words


def many(provider, *messages, **more):
    status, answer = call(provider, "POST", "/messages/v4/send-many/detail",
                          {"messages": list(messages), "showMessageList": True, **more})
    assert status == 200, answer
    return answer


def refused(provider, **message):
    """The code with which one message is refused."""
    [one] = many(provider, {**SMS, **message})["failedMessageList"]
    assert not provider.accepted
    return one["statusCode"]


# ---- who is let in ----

@pytest.mark.parametrize("zone, mac", [(".000Z", SIGNATURE), ("Z", SHORT)])
def test_vector(zone, mac):
    with Solapi(clock=lambda: THEN + 899) as provider:
        header = VECTOR.format(zone, mac)
        assert call(provider, "GET", "/cash/v1/balance", header=header)[0] == 200
        assert call(provider, "GET", "/cash/v1/balance", header=header)[1]["errorCode"] == "DuplicatedSignature"
        assert len(provider.violations) == 1


@pytest.mark.parametrize("change, code", [
    (lambda header: header.replace("bea", "beb"), "SignatureDoesNotMatch"),
    (lambda header: header.replace("salt=0", "salt=1"), "SignatureDoesNotMatch"),
    (lambda header: header.replace(".000Z", ".001Z"), "SignatureDoesNotMatch"),
    (lambda header: header.replace("KEY000001", "KEY000002"), "InvalidAPIKey"),
    (lambda header: header.replace(SIGNATURE, SIGNATURE.upper()), "Unauthorized"),
    (lambda header: header.replace(", ", ","), "Unauthorized"),
    (lambda header: header.replace("salt=0123456789abcdef0123456789abcdef", "salt=01234567890"), "Unauthorized"),
    (lambda header: header.replace("Z,", ","), "Unauthorized")])
def test_vector_tampered(change, code):
    with Solapi(clock=lambda: THEN) as provider:
        status, answer = call(provider, "GET", "/cash/v1/balance", header=change(VECTOR.format(".000Z", SIGNATURE)))
        assert (status, answer["errorCode"]) == (401 if code == "Unauthorized" else 403, code)


@pytest.mark.parametrize("off", (-901, 901))
def test_clock_that_is_wrong(off):
    with Solapi(clock=lambda: THEN + off) as provider:
        status, answer = call(provider, "GET", "/cash/v1/balance", header=VECTOR.format(".000Z", SIGNATURE))
        assert (status, answer["errorCode"]) == (403, "RequestTimeTooSkewed")


def test_any_zone_is_taken_as_it_is_carried(provider):
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).isoformat(timespec="seconds")
    assert call(provider, "GET", "/cash/v1/balance", header=signed(provider, date=now))[0] == 200


def test_salt_is_free_again_after_a_while():
    now = [THEN]
    with Solapi(clock=lambda: now[0]) as provider:
        salt = "s" * 12
        for after, status in ((0, 200), (60, 403), (961, 200)):
            now[0] = THEN + after
            date = datetime.datetime.fromtimestamp(now[0], datetime.timezone.utc).isoformat()
            assert call(provider, "GET", "/cash/v1/balance", header=signed(provider, date, salt))[0] == status
