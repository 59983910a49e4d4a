"""The door: both sockets, the token, what the gate refuses, events in all their dress."""
import json
import os
import re
import stat

import pytest
from shop import open_shop

RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'


@pytest.fixture(scope="module")
def shop():
    with open_shop(rules=RULE, templates={"r.sms": "결제 #{event.total|won}"}, tcp=True) as one:
        yield one


def status_of(raw):
    assert raw.startswith(b"HTTP/1.1 "), raw[:200]
    return int(raw.split(b" ", 2)[1])


def problem(answer, status, pointer=None):
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer
    body = answer.json
    assert body["title"] and body["detail"], body
    if pointer is not None:
        assert body["pointer"] == pointer, body
    return body


def test_the_sockets_mode(shop):
    assert stat.S_IMODE(os.stat(shop.socket).st_mode) == 0o660
    assert stat.S_IMODE(os.stat(shop.path("shop.db")).st_mode) == 0o600


def test_over_tcp_everything_but_healthz_needs_the_token(shop):
    for token in ("wrong", shop.token + "x", shop.token[:-1], " "):
        problem(shop.get("/v1/status", tcp=True, token=token), 401)
    for method, path in (("GET", "/v1/status"), ("POST", "/v1/events"), ("GET", "/no/such/path"), ("GET", "/metrics"),
                         ("DELETE", "/v1/customers/C1")):
        answer = shop.call(method, path, tcp=True, headers={"Authorization": "Basic Zm9v"})
        problem(answer, 401)
        assert "WWW-Authenticate" in answer.headers
    connection = shop.connect(tcp=True)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    assert shop.get("/v1/status", tcp=True).status == 200
    assert shop.get("/v1/status").status == 200


def test_unknown_paths_and_methods(shop):
    problem(shop.get("/v1/nothing"), 404)
    answer = shop.call("DELETE", "/v1/status")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]
    problem(shop.get("/v1/customers/nobody"), 404)


def test_a_body_that_is_no_json(shop):
    for body in ("{", "[1,]", '{"type": "visit"', "\xff".encode("latin-1"), b'"\xc3\x28"', "", "{}{}"):
        problem(shop.post("/v1/events", body, headers={"Content-Type": "application/json"}), 400)


def test_a_wrong_event_never_refuses_its_neighbours(shop):
    batch = [
        {"type": "visit", "id": "n1", "customer": {"id": "N1"}},
        {"type": "no dots or spaces", "id": "n2", "customer": {"id": "N1"}},
        "not an object",
        {"id": "n4", "customer": {"id": "N1"}},
        {"type": "order.paid", "id": "n5", "customer": {"id": "N1"}, "data": {"total": 100}},
        {"type": "visit", "id": "n6", "customer": {"id": "N1"}, "time": "yesterday"},
        {"type": "visit", "id": "n7", "customer": "N1"},
        {"type": "order.paid", "id": "n8", "customer": {"id": "N1"}, "data": {"order": "A", "total": "many"}},
        {"type": "visit", "id": "n9", "customer": {"id": "N1"}},
    ]
    answer = shop.post("/v1/events", batch)
    assert answer.status == 202, answer
    said = answer.json
    rejected = {one["index"]: one for one in said["rejected"]}
    assert {1, 2, 3, 4, 5, 7} <= set(rejected), rejected
    assert said["accepted"] + len(rejected) == len(batch) and said["duplicate"] == 0
    assert 0 not in rejected and 8 not in rejected
    assert rejected[3]["pointer"].endswith("/type"), rejected[3]
    assert rejected[4]["pointer"].endswith("/data/order"), rejected[4]
    assert rejected[5]["pointer"].endswith("/time"), rejected[5]
    assert rejected[7]["pointer"].endswith("/data/total"), rejected[7]
    assert all(one["detail"] for one in rejected.values())


def test_ndjson(shop):
    lines = [json.dumps({"type": "visit", "id": f"nd{n}", "customer": {"id": "ND"}}) for n in range(5)]
    lines.insert(2, "{broken")
    lines.insert(4, "")
    answer = shop.post("/v1/events", "\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
    assert answer.status == 202, answer
    assert answer.json["accepted"] == 5 and len(answer.json["rejected"]) == 1
    assert answer.json["rejected"][0]["index"] == 2, answer


def test_cloudevents_batch(shop):
    batch = [{"specversion": "1.0", "id": str(n), "source": "/web", "type": "visit",
              "time": "2026-11-23T09:59:00+09:00", "data": {"customer": {"id": "CE"}}} for n in (1, 2, 1)]
    answer = shop.post("/v1/events", batch, headers={"Content-Type": "application/cloudevents-batch+json"})
    assert answer.status == 202, answer
    assert (answer.json["accepted"], answer.json["duplicate"]) == (2, 1)


def test_depth_and_size_of_one_event(shop):
    deep = "[" * 40 + "]" * 40
    said = shop.post("/v1/events", '[{"type":"visit","id":"d1","customer":{"id":"D"},"data":{"x":%s}},'
                     '{"type":"visit","id":"d2","customer":{"id":"D"}}]' % deep,
                     headers={"Content-Type": "application/json"})
    assert said.status == 202 and said.json["accepted"] == 1, said
    assert said.json["rejected"][0]["index"] == 0
    bottomless = shop.post("/v1/events", "[" * 100000, headers={"Content-Type": "application/json"})
    assert bottomless.status in (400, 413), bottomless
    big = {"type": "visit", "id": "d3", "customer": {"id": "D"}, "data": {"note": "x" * 70000}}
    said = shop.ok("POST", "/v1/events", [big, {"type": "visit", "id": "d4", "customer": {"id": "D"}}])
    assert said["accepted"] == 1 and said["rejected"][0]["index"] == 0


def test_ten_thousand_events_and_one_more(shop):
    batch = [{"type": "visit", "id": f"k{n}", "customer": {"id": f"K{n % 100}"}} for n in range(10001)]
    problem(shop.post("/v1/events", batch), 413)
    answer = shop.post("/v1/events", batch[:10000])
    assert answer.status == 202 and answer.json["accepted"] == 10000, answer


def test_a_body_past_8_mib(shop):
    head = (f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {shop.token}\r\n"
            f"Content-Length: {(8 << 20) + 1}\r\n\r\n").encode()
    assert status_of(shop.raw(head)) == 413
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = (f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {shop.token}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    assert status_of(shop.raw(head, more=[chunk] * 140)) == 413


def request(*headers, line="GET /v1/status HTTP/1.1", host="Host: localhost", end="\r\n"):
    return end.join([line, *([host] if host else []), *headers, "", ""]).encode("latin-1")


REFUSED = {
    "bare LF": (request(end="\n"), 400),
    "bare CR": (b"GET /healthz HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", 400),
    "NUL": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400),
    "obs-fold": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400),
    "no host": (request(host=None), 400),
    "two hosts": (request("Host: localhost"), 400),
    "space before colon": (request("X : y"), 400),
    "version 2.0": (request(line="GET / HTTP/2.0"), 505),
    "version 0.9": (b"GET /healthz\r\n\r\n", (400, 505)),
    "te and cl": (request("Transfer-Encoding: chunked", "Content-Length: 3", line="POST /v1/events HTTP/1.1"), 400),
    "te twice": (request("Transfer-Encoding: chunked", "Transfer-Encoding: chunked",
                         line="POST /v1/events HTTP/1.1"), (400, 501)),
    "te gzip": (request("Transfer-Encoding: gzip, chunked", line="POST /v1/events HTTP/1.1"), (400, 501)),
    "te on 1.0": (request("Transfer-Encoding: chunked", line="POST /v1/events HTTP/1.0"), 400),
    "cl differs": (request("Content-Length: 3", "Content-Length: 4", line="POST /v1/events HTTP/1.1"), 400),
    "cl malformed": (request("Content-Length: +3", line="POST /v1/events HTTP/1.1"), 400),
    "cl hex": (request("Content-Length: 0x3", line="POST /v1/events HTTP/1.1"), 400),
    "65 headers": (request(*[f"X-{n}: y" for n in range(70)]), 431),
    "17 KiB of header": (request("X: " + "y" * 17000), 431),
    "long line": (request(line="GET /" + "a" * 17000 + " HTTP/1.1"), (431, 414)),
    "method": (request(line="G(T / HTTP/1.1"), 400),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("tcp", [True, False], ids=["tcp", "unix"])
def test_what_the_gate_refuses(shop, name, tcp):
    data, wanted = REFUSED[name]
    got = shop.raw(data, tcp=tcp)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    assert status_of(got) in wanted, got[:300]
    assert len(re.findall(rb"HTTP/1\.1 \d{3} ", got)) == 1 and b"connection: close" in got.lower(), got[:400]
    assert shop.get("/healthz").status == 200


def test_a_host_that_is_not_ours_is_refused(shop):
    got = shop.raw(b"GET /v1/status HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer %s\r\n\r\n"
                   % shop.token.encode())
    assert status_of(got) in (400, 403, 421), got


def test_smuggled_second_request_is_never_answered(shop):
    smuggled = (b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 6\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                % shop.token.encode())
    got = shop.raw(smuggled)
    assert status_of(got) == 400 and got.count(b"HTTP/1.1") == 1


def test_pipelined_and_kept_alive(shop):
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    got = shop.raw(one * 20 + last)
    assert got.count(b"HTTP/1.1 200") == 21
    connection = shop.connect()
    for _ in range(5):
        assert shop.get("/healthz", connection=connection).status == 200
    connection.close()


def test_expect_100_continue_and_chunks(shop):
    event = b'{"type":"visit","id":"chunk1","customer":{"id":"CH"}}'
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(event[n:n + 7]), event[n:n + 7]) for n in range(0, len(event), 7))
    head = (f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {shop.token}\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
    got = shop.raw(head, more=[pieces, b"0\r\n\r\n"])
    assert b"HTTP/1.1 202" in got and b'"accepted"' in got, got


def test_duplicates_across_calls_and_history(shop):
    event = {"type": "order.paid", "id": "h1", "history": True, "customer": {"id": "H1", "phone": "01022223333"},
             "data": {"order": "H-1", "total": 500}}
    assert shop.ok("POST", "/v1/events", event)["accepted"] == 1
    assert shop.ok("POST", "/v1/events", event)["duplicate"] == 1
    assert shop.ok("GET", "/v1/customers/H1")["orders"]["count"] == 1
    assert shop.messages(customer="H1") == []


def test_an_old_event_does_not_trigger_and_one_from_the_future_is_set_to_its_arrival(shop):
    shop.event("order.paid", {"id": "OLD", "phone": "01022224444"}, id="old1", time="2026-11-22T09:00:00+09:00",
               order="O-1", total=5)
    shop.event("order.paid", {"id": "FUT", "phone": "01022225555"}, id="fut1", time="2027-05-01T09:00:00+09:00",
               order="O-2", total=5)
    shop.message_in("accepted", customer="FUT")
    assert shop.messages(customer="OLD") == []
    assert shop.ok("GET", "/v1/customers/FUT")["orders"]["last"].startswith("2026-11-23T10:00")


def test_times_without_a_zone_and_dates_that_are_none(shop):
    for time in ("2026-11-23T10:00:00", "2026-02-30T10:00:00Z", "2026-11-23T25:00:00Z", 12, "2026-11-23"):
        said = shop.ok("POST", "/v1/events", {"type": "visit", "id": "t", "time": time, "customer": {"id": "T"}})
        assert said["accepted"] == 0 and said["rejected"][0]["pointer"].endswith("/time"), (time, said)


def test_an_event_without_a_customer_counts_for_the_shop(shop):
    said = shop.ok("POST", "/v1/events", {"type": "order.paid", "id": "anon1", "data": {"order": "X-1", "total": 10}})
    assert said["accepted"] == 1
    masked = shop.ok("POST", "/v1/events", {"type": "order.paid", "id": "anon2", "customer": None,
                                            "data": {"order": "X-2", "total": 10}})
    assert masked["accepted"] == 1


def test_metrics(shop):
    text = shop.get("/metrics").body.decode()
    assert "# TYPE dangol_events_total counter" in text
    assert 'dangol_messages{state="accepted"}' in text
    for line in ('dangol_notices{state="late"} 0', "dangol_store_sealed 1", "dangol_customers_erased 0"):
        assert line in text.splitlines(), line


def test_status_has_its_shape(shop):
    status = shop.status()
    assert {"version", "uptime_s", "why", "rules", "queue", "channels", "events", "store"} <= set(status)
    assert set(status["queue"]) == {"planned", "held", "claimed", "handed", "accepted", "delivered", "failed",
                                    "expired", "dropped", "unknown"}
    assert status["rules"]["loaded"] == 1 and status["rules"]["errors"] == []
    for channel in status["channels"].values():
        assert {"provider", "state", "reason", "since", "waiting"} <= set(channel)
    assert status["why"] and status["store"]["bytes"] > 0


def test_lists_are_paged(shop):
    for n in range(25):
        shop.ok("PUT", f"/v1/customers/PAGE{n:02}", {"name": "김하늘"})
    seen, after = [], ""
    while after is not None:
        page = shop.ok("GET", f"/v1/customers?limit=10{'&after=' + str(after) if after else ''}")
        seen += [one["id"] for one in page["customers"]]
        after = page["next"]
        assert len(page["customers"]) <= 10
    assert len(seen) == len(set(seen)) and {f"PAGE{n:02}" for n in range(25)} <= set(seen)


def test_a_type_that_is_a_slip_is_said(make_shop):
    """The event is taken, for a shop names its own as it likes; that rules will not hear of it is said, once a type."""
    shop = make_shop(rules="fields { order.packet.weight number }")
    kinds = ["order.piad", "order.packet", "game.played", "visit.booked", "order.piad"]
    events = [{"type": kind, "id": f"e{n}", "customer": {"id": "C1"}} for n, kind in enumerate(kinds)]
    assert shop.ok("POST", "/v1/events", events)["accepted"] == 5
    status = shop.ok("GET", "/v1/status")
    assert status["misnomers"] == [{"type": "order.piad", "meant": "order.paid", "count": 2}]
    assert shop.log().count("event type order.piad is not known") == 1
    assert "order.piad is not known (2 taken as the shop's own); did you mean order.paid?" in shop.ctl("status").out
    shop.ok("POST", "/v1/events", [{"type": f"game.n{n}", "id": f"g{n}"} for n in range(200)])
    assert len(shop.ok("GET", "/v1/status")["misnomers"]) == 1
