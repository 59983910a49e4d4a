"""Once, and only once: scenarios 1 to 8."""
import concurrent.futures
import http.client
import os
import random

import pytest
from shop import BUILD, Shop, environment, free_port, open_shop, run_program, wait

RECEIPT = 'rule receipt { when order.paid  purpose info  send sms "receipt" }\n'
RECEIPTS = {"receipt.sms": "#{이름}님, 결제 #{event.total|won} 고맙습니다."}
PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'


def mail_channel(sink, more=""):
    return f'server "127.0.0.1:{sink.port}"  tls none  from "단골커피 <hi@example.com>"  connections 2 {more}'


def test_s01_second_daemon_is_refused_and_names_the_holder(make_shop):
    shop = make_shop(rules=RECEIPT, templates=RECEIPTS)
    other = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert other.code != 0
    assert str(shop.process.pid) in other.err, other
    assert shop.get("/healthz").status == 200


def test_s01_the_lock_dies_with_its_holder(make_shop):
    shop = make_shop(rules=RECEIPT, templates=RECEIPTS)
    shop.event("order.paid", {"id": "C1", "phone": "010-1234-5678"}, id="e1", order="A-1", total=1000)
    shop.kill()
    assert os.path.exists(shop.path("s")), "kill -9 leaves the socket's file; it must not keep the next one out"
    shop.start("2026-11-23T10:01:00+09:00")
    again = shop.event("order.paid", {"id": "C1"}, id="e1", order="A-1", total=1000)
    assert (again["accepted"], again["duplicate"]) == (0, 1)


def test_s01_a_second_daemon_on_another_socket_is_refused_too(make_shop):
    shop = make_shop()
    other = Shop(store=f'store {{ path "{shop.path("shop.db")}" }}')
    try:
        ran = run_program("dangold", "-c", other.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=other.root)
        assert ran.code != 0 and str(shop.process.pid) in ran.err, ran
    finally:
        other.close()


def test_s02_same_event_fifty_times_at_once(make_shop):
    shop = make_shop(rules=RECEIPT, templates=RECEIPTS, tcp=True)
    event = {"type": "order.paid", "id": "pos-1", "customer": {"id": "C1", "name": "김하늘", "phone": "01012345678"},
             "data": {"order": "A-1", "total": 23500}}

    def post(n):
        answer = shop.post("/v1/events", event, tcp=n % 2 == 0)
        assert answer.status == 202, answer
        return answer.json["accepted"], answer.json["duplicate"]

    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        said = list(pool.map(post, range(50)))
    assert sum(one[0] for one in said) == 1
    assert sum(one[1] for one in said) == 49
    shop.message_in("accepted", customer="C1")
    assert len(shop.outbox()) == 1
    assert shop.outbox()[0]["text"] == "김하늘님, 결제 23,500원 고맙습니다."
    events = shop.status()["events"]
    assert (events["accepted"], events["duplicate"]) == (1, 49)
    assert shop.ok("GET", "/v1/customers/C1")["orders"]["count"] == 1


def test_s02_same_event_twice_in_one_batch(make_shop):
    shop = make_shop(rules=RECEIPT, templates=RECEIPTS)
    event = {"type": "order.paid", "id": "pos-1", "customer": {"id": "C1", "phone": "01012345678"},
             "data": {"order": "A-1", "total": 100}}
    answer = shop.ok("POST", "/v1/events", [event, event, dict(event, id="pos-2")])
    assert (answer["accepted"], answer["duplicate"], answer["rejected"]) == (2, 1, [])


CAMPAIGN = 'rule news { when 2026-11-23 at 11:00  send email "news" }\n'
NEWS = {"news.email": "Subject: 소식\n\n<p>#{이름}님, 새 원두가 왔어요.</p>"}


def test_s03_one_of_a_hundred_is_refused(make_shop, mail_sink):
    shop = make_shop(rules=CAMPAIGN, templates=NEWS, channels={"email": mail_channel(mail_sink)},
                     listen=PUBLIC.format(free_port()), clock="2026-11-23T10:30:00+09:00")
    for n in range(100):
        shop.customer(f"C{n:03}", "email data", email=f"c{n:03}@example.com")
    mail_sink.refuse["c042@example.com"] = "554 5.7.1 not wanted here"
    shop.at("2026-11-23T11:00:00+09:00")
    wait(lambda: len(mail_sink.to()) >= 99, "99 letters")
    queue = shop.idle()
    assert (queue["accepted"], queue["failed"], queue["unknown"]) == (99, 1, 0), queue
    assert set(mail_sink.counts().values()) == {1}
    assert mail_sink.asked.count("c042@example.com") == 1
    failed = shop.messages(state="failed")
    assert [m["customer"] for m in failed] == ["C042"]
    assert failed[0]["reason"] == "refused_by_provider"
    detail = shop.ok("GET", "/v1/messages/" + failed[0]["id"])
    assert "554" in str(detail["attempts"]), detail
    shop.at("2026-11-23T11:30:00+09:00")
    shop.idle()
    assert mail_sink.asked.count("c042@example.com") == 1
    assert len(mail_sink.to()) == 99


MAILS = 'rule receipt { when order.paid  purpose info  send email "receipt" }\n'
MAIL = {"receipt.email": "Subject: 영수증\n\n고맙습니다, #{이름}님."}


def orders(shop, count, prefix="e"):
    batch = [{"type": "order.paid", "id": f"{prefix}{n}", "data": {"order": f"{prefix}-{n}", "total": 1000},
              "customer": {"id": f"C{n:04}", "name": "김하늘", "email": f"c{n:04}@example.com",
                           "phone": f"0102{n:07}"}}
             for n in range(count)]
    answer = shop.ok("POST", "/v1/events", batch)
    assert answer["accepted"] == count, answer


def test_s05_connection_drops_before_the_final_dot(make_shop, mail_sink):
    shop = make_shop(rules=MAILS, templates=MAIL, channels={"email": mail_channel(mail_sink, "connections 1")
                                                            .replace("connections 2 ", "")}, rate=60)
    mail_sink.drop_before_dot = {100, 101}
    orders(shop, 200)
    wait(lambda: len(mail_sink.to()) >= 200, "200 letters")
    queue = shop.idle()
    assert queue["accepted"] == 200, queue
    assert set(mail_sink.counts().values()) == {1} and len(mail_sink.counts()) == 200


def test_s05_connection_drops_after_the_final_dot(make_shop, mail_sink):
    shop = make_shop(rules=MAILS, templates=MAIL, channels={"email": mail_channel(mail_sink, "connections 1")
                                                            .replace("connections 2 ", "")}, rate=60)
    mail_sink.drop_after_dot = {50}
    orders(shop, 100)
    wait(lambda: len(mail_sink.to()) >= 100, "100 letters")
    queue = shop.idle()
    assert (queue["accepted"], queue["unknown"]) == (99, 1), queue
    assert set(mail_sink.counts().values()) == {1} and len(mail_sink.counts()) == 100


def test_s06_idempotency_key(make_shop):
    shop = make_shop(rules=RECEIPT, templates={**RECEIPTS, "hello.sms": "예약이 되었습니다, #{이름}님."})
    shop.customer("C1", phone="01012345678")
    body = {"customer": "C1", "channel": "sms", "template": "hello"}
    first = shop.post("/v1/messages", body, headers={"Idempotency-Key": "k1"})
    again = shop.post("/v1/messages", body, headers={"Idempotency-Key": "k1"})
    other = shop.post("/v1/messages", dict(body, data={"x": 1}), headers={"Idempotency-Key": "k1"})
    assert first.status == again.status and first.json["id"] == again.json["id"]
    assert other.status == 409 and other.headers["Content-Type"].startswith("application/problem+json")
    shop.message_in("accepted", customer="C1")
    shop.at("2026-11-23T12:00:00+09:00")
    assert shop.post("/v1/messages", body, headers={"Idempotency-Key": "k1"}).json["id"] == first.json["id"]
    shop.idle()
    assert len(shop.outbox()) == 1


@pytest.mark.parametrize("word, letters", [("", 2), ("one per address", 1)])
def test_s08_two_on_one_phone(make_shop, word, letters):
    shop = make_shop(rules='rule news { when 2026-11-23 at 11:00  %s  send sms "n" }' % word,
                     templates={"n.sms": "새 원두"}, clock="2026-11-23T10:30:00+09:00")
    shop.customer("A", "sms data", phone="01011112222")
    shop.customer("B", "sms data", phone="01011112222")
    shop.at("2026-11-23T11:00:00+09:00")
    shop.wait(lambda: len(shop.outbox()) >= letters, "the letters")
    shop.idle()
    assert len(shop.outbox()) == letters


@pytest.mark.parametrize("last", ["A", "B", "C"])
def test_s08_the_one_seen_last_stands_for_the_phone(make_shop, last):
    shop = make_shop(rules='rule news { when 2026-11-23 at 11:00  one per address  if not tag "staff"  send sms "n" }',
                     templates={"n.sms": "새 원두"}, clock="2026-11-23T10:30:00+09:00")
    for ref in "ABC":
        shop.customer(ref, "sms data", phone="01011112222")
    shop.customer("D", "sms data", phone="01011112222", tags=["staff"])
    shop.at("2026-11-23T10:40:00+09:00")
    shop.event("visit", last, id="v1")
    shop.event("visit", "D", id="v2")
    shop.at("2026-11-23T11:00:00+09:00")
    shop.wait(shop.outbox, "the letter")
    shop.idle()
    assert [one["customer"] for one in shop.outbox()] == [last]


JOURNEY = 'rule welcome { when customer.joined  send sms "w1"  wait 1 day  send email "w2"  limit once }\n'


def test_s08b_sms_wait_email_both_arrive(make_shop):
    shop = make_shop(rules=JOURNEY, templates={"w1.sms": "반가워요", "w2.email": "Subject: 하루 뒤\n\n잘 지내시죠"},
                     listen=PUBLIC.format(free_port()))
    shop.customer("C1", phone="01012345678", email="h@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.wait(lambda: shop.outbox("sms"), "the text message")
    shop.idle()
    assert not shop.outbox("email")
    shop.at("2026-11-24T09:59:00+09:00")
    shop.idle()
    assert not shop.outbox("email")
    shop.at("2026-11-24T10:01:00+09:00")
    shop.wait(lambda: shop.outbox("email"), "the e-mail a day later")
    shop.idle()
    assert len(shop.outbox()) == 2
    found = {m["channel"]: m for m in shop.messages(customer="C1")}
    assert found["sms"]["id"] != found["email"]["id"]
    assert found["sms"]["step"] != found["email"]["step"]
    assert found["sms"]["state"] == found["email"]["state"] == "accepted"


def test_s08b_in_one_go_of_a_fast_clock(make_shop):
    shop = make_shop(rules=JOURNEY.replace("wait 1 day", "wait 3 days"), rate=86400,
                     templates={"w1.sms": "반가워요", "w2.email": "Subject: 하루 뒤\n\n잘 지내시죠"},
                     listen=PUBLIC.format(free_port()))
    shop.customer("C1", phone="01012345678", email="h@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.wait(lambda: len(shop.outbox()) == 2, "both")
    assert {one["channel"] for one in shop.outbox()} == {"sms", "email"}


def test_s08c_two_tills_with_the_same_id(make_shop):
    shop = make_shop(rules=RECEIPT, templates=RECEIPTS)
    one = {"type": "order.paid", "id": "1", "source": "till-1", "customer": {"id": "C1", "phone": "01012345678"},
           "data": {"order": "A-1", "total": 100}}
    two = dict(one, source="till-2", data={"order": "B-1", "total": 200})
    other = dict(two, source="till-3", customer={"id": "C2", "phone": "01012345679"})
    answer = shop.ok("POST", "/v1/events", [one, two, one, other])
    assert (answer["accepted"], answer["duplicate"]) == (3, 1)
    orders_ = shop.ok("GET", "/v1/customers/C1")["orders"]
    assert (orders_["count"], orders_["total"]) == (2, 300)
    shop.wait(lambda: {one["customer"] for one in shop.outbox()} == {"C1", "C2"}, "both receipts")


def test_s08c_cloudevents_source(make_shop):
    shop = make_shop(rules=RECEIPT, templates=RECEIPTS)
    for source in ("/till/1", "/till/2", "/till/1"):
        event = {"specversion": "1.0", "id": "1", "source": source, "type": "order.paid",
                 "data": {"customer": {"id": "C1", "phone": "01012345678"}, "order": source, "total": 100}}
        answer = shop.post("/v1/events", event, headers={"Content-Type": "application/cloudevents+json"})
        assert answer.status == 202, answer
    events = shop.status()["events"]
    assert (events["accepted"], events["duplicate"]) == (2, 1)


def test_s09_rule_edited_while_people_wait_inside(make_shop):
    shop = make_shop(rules=JOURNEY, templates={"w1.sms": "반가워요", "w2.email": "Subject: 하루 뒤\n\n잘 지내시죠",
                                               "w3.sms": "새 걸음"}, listen=PUBLIC.format(free_port()))
    shop.customer("C1", phone="01012345678", email="h@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.wait(lambda: shop.outbox("sms"), "the text message")
    shop.rule("shop.rule", 'rule welcome { when customer.joined  send sms "w3"  send sms "w1"  wait 1 day '
              'send email "w2"  limit once }\n')
    shop.ok("POST", "/v1/reload")
    shop.at("2026-11-24T10:01:00+09:00")
    shop.wait(lambda: shop.outbox("email"), "the e-mail a day later")
    shop.idle()
    assert [one["template"] for one in shop.outbox()] == ["w1", "w2"]


def test_s10_kill_at_any_instant(make_shop, hook_sink):
    """2,000 messages, 20 times kill -9: sums are kept, no key is seen twice."""
    count, dice, delays = 2000, random.Random(20261123), random.Random(1)
    shop = make_shop(rules='rule paid { when order.paid  purpose info  send push "p" }', rate=1,
                     templates={"p.push": "결제 #{event.order}"},
                     channels={"push": hook_sink.channel(connections=4)}, credentials={"push": hook_sink.secret})

    def a_little_later(number, key, body):
        hook_sink.released.wait(delays.uniform(0, 0.004))
    hook_sink.fault = a_little_later
    events = [{"type": "order.paid", "id": f"e{n}", "customer": {"id": f"C{n}"},
               "data": {"order": f"A{n}", "total": 100}} for n in range(count)]
    batches = [events[n:n + 20] for n in range(0, count, 20)]
    fed_so_far, minute = [0], 0

    def feed():
        todo = list(batches)
        while todo:
            try:
                answer = shop.post("/v1/events", todo[0])
            except (OSError, http.client.HTTPException):  # it is being killed; the same batch again
                hook_sink.released.wait(0.01)
                continue
            if answer.status == 202:
                assert not answer.json["rejected"], answer
                fed_so_far[0] += len(todo.pop(0))

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        fed = pool.submit(feed)
        for n in range(20):
            # at some messages more at the sink, or at some events more on disk
            seen = (lambda: hook_sink.number) if n % 3 or fed.done() else (lambda: fed_so_far[0])
            goal = seen() + dice.randrange(1, 90)
            wait(lambda: seen() >= goal or fed.done() and shop.queue()["planned"] == 0, "something to kill", 60)
            shop.kill()
            minute += 10
            shop.start(f"2026-11-23T{10 + minute // 60}:{minute % 60:02}:00+09:00", 1)
        fed.result(timeout=60)
    queue = shop.idle(60)
    assert sum(queue.values()) == count, queue
    found = shop.messages()
    assert len(found) == count and len({m["id"] for m in found}) == count
    assert queue["accepted"] + queue["unknown"] == count, queue
    twice = {key: n for key, n in hook_sink.keys.items() if n > 1}
    assert not twice
    assert not hook_sink.bad_signatures
    ids = {m["id"] for m in found if m["state"] == "accepted"}
    assert ids <= set(hook_sink.keys), "accepted without having been at the sink"
    status = shop.status()["events"]
    assert status["accepted"] == count


def test_s12_reload_during_sending_changes_no_totals(make_shop, hook_sink):
    shop = make_shop(rules='rule paid { when order.paid  purpose info  send push "p" }', rate=1,
                     templates={"p.push": "결제 #{event.order}"},
                     channels={"push": hook_sink.channel(connections=2, rate="300 per second")},
                     credentials={"push": hook_sink.secret})
    batch = [{"type": "order.paid", "id": f"e{n}", "customer": {"id": f"C{n}"}, "data": {"order": f"A{n}",
              "total": 100}} for n in range(400)]
    assert shop.ok("POST", "/v1/events", batch)["accepted"] == 400
    reloads = 0
    while hook_sink.number < 400 and reloads < 60:
        shop.template("p.push", f"결제 {reloads} #{{event.order}}")
        shop.ok("POST", "/v1/reload")
        reloads += 1
        queue = shop.queue()
        assert sum(queue.values()) == 400, queue
    assert reloads >= 2
    shop.wait(lambda: shop.queue()["accepted"] == 400, "all of them")
    assert len(hook_sink.keys) == 400 and set(hook_sink.keys.values()) == {1}


def test_no_key_of_libraries_missing():
    """The mail child stands beside the daemon, where it looks for it."""
    assert os.access(os.path.join(BUILD, "dangol-mail"), os.X_OK)
    ran = run_program("dangold", "--version")
    assert ran.code == 0 and ran.out.strip(), ran
    assert environment()["LANG"] == "C.UTF-8"


def test_s04_pause_and_resume_twenty_times(make_shop, hook_sink):
    shop = make_shop(rules='rule paid { when order.paid  purpose info  send push "p" }', rate=1,
                     templates={"p.push": "결제 #{event.order}"},
                     channels={"push": hook_sink.channel(connections=2, rate="400 per second")},
                     credentials={"push": hook_sink.secret})
    batch = [{"type": "order.paid", "id": f"e{n}", "customer": {"id": f"C{n}"}, "data": {"order": f"A{n}",
              "total": 100}} for n in range(300)]
    assert shop.ok("POST", "/v1/events", batch)["accepted"] == 300
    for _ in range(20):
        assert shop.ok("POST", "/v1/rules/paid/pause")["state"] == "paused"
        assert shop.ok("POST", "/v1/rules/paid/resume")["state"] == "on"
    shop.at("2026-11-23T10:30:00+09:00", 1)
    shop.wait(lambda: shop.queue()["accepted"] == 300, "all of them")
    assert len(hook_sink.keys) == 300 and set(hook_sink.keys.values()) == {1}


def test_open_shop_checks_itself():
    with open_shop() as shop:
        pid = shop.process.pid
    assert not os.path.exists(f"/proc/{pid}")
