"""Delivery reports that providers post: who is believed, what they change, and a public port that serves nothing else."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import time

import pytest
from shop import DEADLINE, HERE, free_port, wait

KEY = b"receipts-secret-of-a-webhook-0123456789"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OTHER = b"another-secret-of-another-channel-01234"
TEXTS = {"p.push": "결제 #{event.order}", "p.sms": "결제 #{event.order}"}
RULE = 'rule paid { when order.paid  purpose info  send push "p" else sms "p" }\n'
PATH = "/v1/receipts/webhook"


def signed(body, key=KEY, at=None, id="r-1"):
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(key, b".".join([id.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    return {"webhook-id": id, "webhook-timestamp": stamp, "Content-Type": "application/json",
            "webhook-signature": "v1," + base64.b64encode(mac).decode()}


@pytest.fixture
def receiving(make_shop, hook_sink):
    def make(rules=RULE, **more):
        port = free_port()
        channels = {"push": hook_sink.channel(receipts='credential "reports"'), **more.pop("channels", {})}
        secrets = {"push": hook_sink.secret, "reports": SECRET, **more.pop("credentials", {})}
        shop = make_shop(rules=rules, templates=TEXTS, rate=more.pop("rate", 1), channels=channels, tcp=True,
                         listen=f'public "127.0.0.1:{port}" url "https://m.example.com"', credentials=secrets, **more)
        shop.public = port
        return shop
    return make


def public(shop, method, path, body=b"", headers=None):
    one = http.client.HTTPConnection("127.0.0.1", shop.public, timeout=DEADLINE)
    try:
        one.request(method, path, body, headers or {})
        got = one.getresponse()
        return got.status, got.headers, got.read()
    finally:
        one.close()


def report(shop, reports, key=KEY, **more):
    body = json.dumps(reports).encode()
    status, _, answer = public(shop, "POST", PATH, body, signed(body, key, **more))
    return status, json.loads(answer)


def order(shop, ref="C1", number="A-1"):
    shop.event("order.paid", {"id": ref, "name": "김하늘", "phone": "01012345678"}, id=f"e-{ref}-{number}", order=number,
               total=1000)


def accepted(shop, ref="C1", channel=None):
    def there():
        return [one for one in shop.messages(customer=ref, state="accepted") if channel in (None, one["channel"])]
    [found] = shop.wait(there, "an accepted message")
    return found


def pay(shop, ref="C1", number="A-1"):
    """An order's message, as far as the provider's word: its key."""
    order(shop, ref, number)
    return accepted(shop, ref)["id"]


def shown(shop, key):
    return shop.ok("GET", "/v1/messages/" + key)


def state(shop, key):
    return shown(shop, key)["state"]


def test_delivered_by_our_key_and_by_the_providers_id(receiving):
    shop = receiving()
    first, second = pay(shop), pay(shop, "C2")
    assert report(shop, {"id": first, "state": "delivered"}) == (200, {"taken": 1, "early": 0})
    assert report(shop, [{"id": "hook-" + second, "state": "delivered", "code": 0, "detail": "on the phone"}])[0] == 200
    assert state(shop, first) == state(shop, second) == "delivered"
    [receipt] = shown(shop, second)["receipts"]
    assert receipt["state"] == "delivered" and receipt["provider"] == "webhook" and receipt["code"] == "0"
    assert receipt["detail"] == "on the phone" and receipt["time"] and receipt["meaning"] is None
    assert "on the phone" in shop.ctl("message", "show", second).out
    assert shop.status()["receipts"] == {"taken": 2, "early": 0, "unmatched": 0, "forged": 0}


def test_failed_opens_the_next_leg_once(receiving):
    shop = receiving()
    key = pay(shop)
    for _ in range(3):
        assert report(shop, {"id": key, "state": "failed", "code": "3104"})[0] == 200
    assert state(shop, key) == "failed"
    leg = accepted(shop, channel="sms")
    assert leg["leg"] == 1 and len(shop.outbox("sms")) == 1
    assert [one["code"] for one in shown(shop, key)["receipts"]] == ["3104"]


@pytest.mark.parametrize("order", [("delivered", "failed"), ("failed", "delivered")], ids=" then ".join)
def test_the_state_that_came_first_stands(receiving, order):
    shop = receiving()
    key = pay(shop)
    for one in (*order, *order):
        assert report(shop, {"id": key, "state": one})[0] == 200
    assert state(shop, key) == order[0]
    assert [one["state"] for one in shown(shop, key)["receipts"]] == list(order)
    shop.idle()
    assert len(shop.outbox("sms")) == (order[0] == "failed")


def test_forged_ones_change_nothing(receiving):
    shop = receiving()
    key = pay(shop)
    body = json.dumps({"id": key, "state": "failed"}).encode()
    good = signed(body)
    wrong = [signed(body, OTHER), signed(body, at=time.time() - 301), signed(body, at=time.time() + 301),
             {**good, "webhook-id": "r-2"}, {**good, "webhook-timestamp": "soon"}, {**good, "webhook-signature": "v1,"},
             {"Authorization": f"Bearer {shop.token}"}, {},
             {name: value for name, value in good.items() if name != "webhook-id"}]
    for headers in wrong:
        status, _, answer = public(shop, "POST", PATH, body, headers)
        assert status == 401 and json.loads(answer) == {"title": "Unauthorized", "status": 401}, (headers, answer)
    assert public(shop, "POST", PATH, body + b" ", good)[0] == 401
    for tcp in (False, True):
        answer = shop.post(PATH, body, headers=signed(body, OTHER), tcp=tcp)
        assert answer.status == 401 and "receipts credential" in answer.json["detail"]
    assert state(shop, key) == "accepted" and not shown(shop, key)["receipts"]
    assert shop.status()["receipts"]["forged"] == len(wrong) + 3
    assert shop.log().count("receipts credential") == 1, "one line a minute, however many there are"
    assert SECRET not in shop.log()
    large = b"[" + b" " * (1 << 19) + b"]"
    assert public(shop, "POST", PATH, large, signed(large, OTHER))[0] == 401
    assert public(shop, "POST", PATH, large, signed(large))[0] == 200


def test_replayed_changes_nothing_more(receiving):
    shop = receiving()
    key = pay(shop)
    body = json.dumps({"id": key, "state": "failed"}).encode()
    headers = signed(body)
    for _ in range(3):
        assert public(shop, "POST", PATH, body, headers)[0] == 200
    accepted(shop, channel="sms")
    assert len(shown(shop, key)["receipts"]) == 1 and len(shop.outbox("sms")) == 1


@pytest.mark.parametrize("fault,said,becomes", [
    ("take when released", "failed", "failed"), ("take when released", "delivered", "delivered"),
    ("never", "delivered", "delivered"), ("never", "failed", "failed")])
def test_early_ones_wait_for_their_message(receiving, hook_sink, fault, said, becomes):
    shop = receiving()
    hook_sink.faults = [fault]
    order(shop)
    shop.wait(lambda: hook_sink.number >= 1, "the call")
    key = next(iter(hook_sink.keys))
    assert state(shop, key) == "handed"
    assert report(shop, {"id": key, "state": said}) == (200, {"taken": 1, "early": 1})
    assert report(shop, {"id": key, "state": said})[0] == 200
    assert state(shop, key) == "handed" and shop.status()["receipts"]["early"] == 1
    hook_sink.released.set()
    shop.wait(lambda: state(shop, key) == becomes, becomes)
    assert shop.status()["receipts"]["early"] == 0
    assert [one["state"] for one in shown(shop, key)["receipts"]] == [said]
    shop.idle()
    assert len(shop.outbox("sms", customer="C1")) == (said == "failed")


def test_an_unknown_message_is_settled(receiving, hook_sink):
    shop = receiving()
    hook_sink.faults = ["never"]
    hook_sink.released.set()
    order(shop)
    key = shop.message_in("unknown", customer="C1")["id"]
    assert report(shop, {"id": key, "state": "accepted"})[0] == 200
    assert state(shop, key) == "accepted"
    assert report(shop, {"id": key, "state": "delivered"})[0] == 200
    assert state(shop, key) == "delivered"


def test_after_a_day_it_is_recorded_and_no_leg_opens(receiving):
    shop = receiving()
    key, late = pay(shop), pay(shop, "C2")
    assert report(shop, {"id": "nobody-knows", "state": "failed"}) == (200, {"taken": 1, "early": 1})
    shop.at("2026-11-24T09:59:00+09:00", rate=1)
    assert report(shop, {"id": key, "state": "failed"})[0] == 200
    accepted(shop, channel="sms")
    assert shop.status()["receipts"]["early"] == 1
    shop.at("2026-11-24T10:05:00+09:00", rate=1)
    assert report(shop, {"id": late, "state": "failed", "code": "late"})[0] == 200
    assert state(shop, late) == "failed" and shown(shop, late)["receipts"][0]["code"] == "late"
    shop.idle()
    assert not shop.outbox("sms", customer="C2")
    shop.wait(lambda: shop.status()["receipts"]["unmatched"] == 1, "the one that nobody knows")
    assert shop.status()["receipts"]["early"] == 0


def test_who_opts_out_is_suppressed_and_gets_no_next_leg(receiving):
    shop = receiving(rules='rule paid { when order.paid  purpose info  send sms "p" else push "p" }\n',
                     channels={"sms": 'sender "0212345678"  provider webhook  url "http://127.0.0.1:9/"  '
                                      'receipts credential "text"', "push": ""}, credentials={"text": SECRET})
    refused = shop.ok("GET", "/v1/suppressions")["suppressions"]
    assert refused == []
    assert report(shop, {"to": "010-9999-8888", "state": "opted_out"}) == (200, {"taken": 1, "early": 0})
    [row] = shop.ok("GET", "/v1/suppressions")["suppressions"]
    assert row["address"] == "+821099998888" and row["channel"] == "sms" and row["reason"] == "opted_out"
    [entry] = [one for one in shop.ok("GET", "/v1/audit")["audit"] if one["what"] == "suppression.add"]
    assert entry["who"] == "public" and entry["detail"] == "webhook"


def test_opted_out_of_a_message(receiving, hook_sink):
    shop = receiving(rules='rule paid { when order.paid  purpose info  send sms "p" else push "p" }\n',
                     channels={"sms": 'sender "0212345678"  ' + hook_sink.channel(receipts='credential "reports"')})
    key = pay(shop)
    assert report(shop, {"id": key, "state": "delivered"})[0] == 200
    assert report(shop, {"id": key, "state": "opted_out", "code": "1061"})[0] == 200
    assert state(shop, key) == "delivered"
    [row] = shop.ok("GET", "/v1/suppressions")["suppressions"]
    assert row["address"] == "+821012345678" and row["channel"] == "sms"
    shop.ok("DELETE", "/v1/suppressions?address=%2B821012345678&channel=sms")
    key = pay(shop, "C1", "A-2")
    assert report(shop, {"id": key, "state": "opted_out"})[0] == 200
    message = shown(shop, key)
    assert message["state"] == "failed" and message["reason"] == "opted_out"
    shop.idle()
    assert len(shop.messages(customer="C1")) == 2, "no next leg"


def test_two_channels_of_one_provider_with_two_secrets(receiving, hook_sink):
    shop = receiving(channels={"sms": 'sender "0212345678"  ' + hook_sink.channel(receipts='credential "text"')},
                     credentials={"text": "whsec_" + base64.b64encode(OTHER).decode()})
    key = pay(shop)
    assert report(shop, {"id": key, "state": "delivered"}, key=OTHER)[0] == 200
    assert state(shop, key) == "delivered"
    assert report(shop, {"id": key, "state": "failed"})[0] == 200


def test_what_cannot_be_read(receiving):
    shop = receiving()
    for body in (b"", b"{", b"[1]", b"null", b'"x"', b'{"id":"a"}', b'{"id":"a","state":"arrived"}', b'{"state":"failed"}',
                 b'[{"id":"a","state":"failed"},{"id":"b"}]', b'{"id":"","state":"failed"}', b"\xff", b"[" * 100000):
        status, _, answer = public(shop, "POST", PATH, body, signed(body))
        assert status == 400 and json.loads(answer) == {"title": "Bad Request", "status": 400}, body[:40]
    assert shop.status()["receipts"]["taken"] == 0
    assert shop.post(PATH, b"{", headers=signed(b"{")).json["detail"]


def test_providers_that_no_channel_has(receiving):
    shop = receiving()
    for provider in ("solapi", "outbox", "smtp", "nobody", "%2e%2e", "webhook%00"):
        body = b'{"id":"a","state":"failed"}'
        assert public(shop, "POST", "/v1/receipts/" + provider, body, signed(body))[0] in (404, 400)
    assert shop.post("/v1/receipts/solapi", b"{}").status == 404


def test_a_provider_that_shows_a_secret_and_one_that_stands_in_for_it(receiving):
    """SOLAPI's secret in a header, and Twilio's signature over the whole public address."""
    shop = receiving(channels={"sms": 'sender "0212345678"  provider solapi  url "http://127.0.0.1:9"  '
                                      'key credential "key"  secret credential "key"  receipts credential "shown"  '
                                      'fallback provider twilio  url "http://127.0.0.1:9"  user "AC1"  '
                                      'secret credential "twilio"  sender "+15005550006"'},
                     credentials={"key": "k" * 16, "shown": "shown-secret", "twilio": "twilio-token"})
    body = json.dumps([{"messageId": "M1", "statusCode": "4000"}]).encode()
    there = "/v1/receipts/solapi"
    assert public(shop, "POST", there, body, {"X-Solapi-Secret": "another"})[0] == 401
    assert public(shop, "POST", there, body, {"X-Solapi-Secret": "shown-secret"})[0] == 200
    assert public(shop, "POST", there, b"{", {"x-solapi-secret": hashlib.sha1(b"shown-secret").hexdigest()})[0] == 400
    there, form = "/v1/receipts/twilio?m=1-2", b"MessageSid=SM1&MessageStatus=delivered"
    signed_text = "https://m.example.com" + there + "MessageSidSM1MessageStatusdelivered"
    mac = base64.b64encode(hmac.new(b"twilio-token", signed_text.encode(), hashlib.sha1).digest()).decode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": mac}
    assert public(shop, "POST", there, form, kind)[0] == 200
    assert public(shop, "POST", there + "3", form, kind)[0] == 401
    assert shop.status()["receipts"]["taken"] == 2


def test_over_the_socket_and_over_http(receiving):
    shop = receiving()
    first, second = pay(shop), pay(shop, "C2")
    body = json.dumps({"id": first, "state": "delivered"}).encode()
    assert shop.post(PATH, body, headers=signed(body)).json == {"taken": 1, "early": 0}
    body = json.dumps({"id": second, "state": "delivered"}).encode()
    assert shop.post(PATH, body, headers=signed(body), tcp=True, token="wrong").status == 401
    assert shop.post(PATH, body, headers=signed(body), tcp=True).status == 200
    assert state(shop, first) == state(shop, second) == "delivered"


def test_ten_thousand_in_one_body(receiving):
    shop = receiving()
    key = pay(shop)
    many = [{"id": f"x-{n}", "state": "failed"} for n in range(9999)] + [{"id": key, "state": "delivered"}]
    assert report(shop, many) == (200, {"taken": 10000, "early": 9999})
    assert state(shop, key) == "delivered"
    assert report(shop, many)[0] == 200
    assert shop.status()["receipts"]["early"] == 9999
    status, answer = report(shop, many + [{"id": "one-more", "state": "failed"}])
    assert status == 413 and answer == {"title": "Content Too Large", "status": 413}


def test_oversized(receiving):
    shop = receiving()
    body = b'[{"id":"a","state":"failed","detail":"%s"}]' % (b"x" * (1 << 20))
    assert public(shop, "POST", PATH, body[:100], {"Content-Length": str(len(body))})[0] == 413
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    with socket.create_connection(("127.0.0.1", shop.public), timeout=DEADLINE) as sock:
        sock.sendall(b"POST %s HTTP/1.1\r\nHost: m.example.com\r\nTransfer-Encoding: chunked\r\n\r\n" % PATH.encode())
        try:
            sock.sendall(chunk)
        except OSError:
            pass
        assert sock.recv(64).startswith(b"HTTP/1.1 413 ")
    assert shop.post(PATH, body, headers=signed(body)).status == 413
    assert shop.post("/v1/events", b"[" + b" " * (2 << 20) + b"]").status == 202, "the API's own bound is another"


def test_slow_peers_keep_nobody_out(receiving):
    shop = receiving()
    key = pay(shop)
    head = b"POST %s HTTP/1.1\r\nHost: m.example.com\r\nContent-Length: 1000\r\n\r\n{" % PATH.encode()
    slow = [socket.create_connection(("127.0.0.1", shop.public), timeout=DEADLINE) for _ in range(256)]
    try:
        for sock in slow[:100]:
            sock.sendall(head)
        late = socket.create_connection(("127.0.0.1", shop.public), timeout=DEADLINE)
        assert late.recv(64).startswith(b"HTTP/1.1 503 ")
        late.close()
        assert shop.get("/healthz").status == 200 and shop.get("/v1/status", tcp=True).status == 200
    finally:
        for sock in slow:
            sock.close()
    wait(lambda: report(shop, {"id": key, "state": "delivered"})[0] == 200, "room on the public port")
    assert state(shop, key) == "delivered"


def test_too_many_a_second_are_told_so(receiving):
    shop = receiving()
    told = []
    for _ in range(800):
        status, headers, answer = public(shop, "POST", PATH, b"{}")
        if status == 429:
            told.append((headers["Retry-After"], json.loads(answer)))
            break
        assert status == 401
        assert public(shop, "GET", "/")[0] == 404, "what is not served costs nothing of it"
    assert told == [("1", {"title": "Too Many Requests", "status": 429})]
    key = pay(shop)
    wait(lambda: report(shop, {"id": key, "state": "delivered"})[0] == 200, "the rate")


def routes():
    with open(os.path.join(HERE, "..", "daemon", "door", "api.c"), encoding="utf-8") as source:
        found = re.findall(r'\{\{"([A-Z]+)",\s*"([^"]+)"', source.read())
    assert len(found) > 40
    return found


def test_nothing_else_answers_on_the_public_port(receiving):
    shop = receiving()
    key = pay(shop)
    bearer = {"Authorization": f"Bearer {shop.token}", "Host": "localhost"}
    nothing = {"title": "Not Found", "status": 404}
    for method, path in routes() + [("GET", "/"), ("GET", "/favicon.ico"), ("GET", "/v1"), ("OPTIONS", "/"),
                                    ("POST", "/v1/hooks/shopify"), ("GET", "/u/"), ("POST", "/v1/receipts"),
                                    ("POST", PATH + "/x"), ("POST", "/v1//receipts/webhook"), ("GET", "//healthz")]:
        path = path.format(id=key, code="X", name="paid", kind="customers", batch="b", sku="S", provider="webhook")
        if (method, path) == ("POST", PATH):
            continue
        for headers in ({}, bearer):
            status, answered, body = public(shop, method, path, b"{}", headers)
            assert status == 404 and json.loads(body) == nothing, (method, path, status, body)
            assert "Allow" not in answered and "WWW-Authenticate" not in answered
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert public(shop, method, PATH)[0] in (404, 400), method
    assert public(shop, "POST", PATH, b"{}", {"Host": "m.example.com"})[0] == 401
    assert shop.get("/v1/rules/paid").json["name"] == "paid", "the same route elsewhere"


def test_the_signature_is_read_anew_with_the_configuration(receiving):
    shop = receiving()
    key = pay(shop)
    shop.credential("reports", "whsec_" + base64.b64encode(OTHER).decode())
    shop.signal(1)
    shop.wait(lambda: report(shop, {"id": key, "state": "delivered"}, key=OTHER)[0] == 200, "the new secret")
    assert report(shop, {"id": key, "state": "failed"})[0] == 401


def test_a_large_body_is_read_while_the_secret_changes_and_the_daemon_stops(receiving):
    shop = receiving()
    many = json.dumps([{"id": f"x-{n}", "state": "failed"} for n in range(9000)]).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(many).items())
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", shop.public), timeout=DEADLINE) as sock:
            sock.sendall(f"POST {PATH} HTTP/1.1\r\nHost: m\r\n{head}Content-Length: {len(many)}\r\n\r\n".encode() + many)
        shop.signal(1)
    shop.wait(lambda: shop.status()["receipts"]["early"] == 9000, "what those said who did not wait")


def test_figures(receiving):
    shop = receiving()
    report(shop, [{"id": pay(shop), "state": "delivered"}, {"id": "nobody", "state": "failed"}])
    report(shop, {"id": "x", "state": "failed"}, key=OTHER)
    assert shop.status()["receipts"] == {"taken": 2, "early": 1, "unmatched": 0, "forged": 1}
    metrics = shop.get("/metrics").body.decode()
    assert 'dangol_receipts_total{result="taken"} 2' in metrics and 'result="forged"} 1' in metrics
    assert "delivery reports: taken 2, early 1, forged 1" in shop.ctl("status").out
    assert "도착 보고" in shop.ctl("status", lang="ko_KR.UTF-8").out


def test_forgetting_a_customer_takes_the_providers_words_along(receiving):
    shop = receiving()
    key = pay(shop)
    report(shop, {"id": key, "state": "failed", "code": "1", "detail": "no such subscriber"})
    shop.idle()
    shop.ok("DELETE", "/v1/customers/C1")
    assert shown(shop, key)["receipts"][0]["detail"] is None
