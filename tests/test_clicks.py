"""Links of messages: where they lead, and which openings are somebody's clicks. Scenario 43."""
import contextlib
import http.client
import json
import re
import sqlite3

import pytest
from shop import DEADLINE, free_port

BASE = "https://m.example.com"
A, B = "https://shop.example.com/new?utm_source=sms&utm_campaign=가을", "https://shop.example.com/b"
SENT, EARLY, LATER, JUDGED = (f"2026-11-23T10:00:{s}+09:00" for s in ("00", "09", "10", "30"))
RULES = """
rule news { when visit  send sms "two"  }
rule mail { when visit  send email "one" }
rule clicker { when message.clicked  send owner "thanks" }
rule believed { when visit  if clicked news  send sms "known" }
"""
TEXTS = {"two.sms": f'새 원두 #{{link "{A}"}} #{{link "{B}"}}', "one.email": f'Subject: 새 원두\n\n#{{link "{B}"}} #{{link "{B}"}}',
         "thanks.owner": "#{event.url}", "known.sms": "고맙습니다"}


@pytest.fixture
def click_shop(make_shop):
    def make(rules=RULES, templates=TEXTS, **more):
        shop = make_shop(listen=f'public "127.0.0.1:{free_port()}" url "{BASE}" proxy yes', rules=rules,
                         templates=templates, clock=SENT, **more)
        shop.customer("C1", "sms email data", phone="01012345678", email="h@example.com")
        return shop
    return make


def public(shop):
    with open(shop.path("dangol.conf"), encoding="utf-8") as conf:
        return int(re.search(r'public "127.0.0.1:(\d+)"', conf.read()).group(1))


def ask(shop, link, method="GET", client="Mozilla/5.0"):
    one = http.client.HTTPConnection("127.0.0.1", public(shop), timeout=DEADLINE)
    with contextlib.closing(one):
        one.request(method, link.removeprefix(BASE), headers={"User-Agent": client, "X-Forwarded-For": "203.0.113.9"})
        got = one.getresponse()
        got.body = got.read()
        return got


def links(shop, channel="sms"):
    shop.event("visit", "C1")
    shop.wait(lambda: len(shop.outbox(customer="C1")) >= 2, "both messages")
    [one] = shop.outbox(channel=channel, customer="C1")
    return re.findall(BASE + r"/c/[\w-]+", one["text"])


def rows(shop, sql):
    with contextlib.closing(sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def clicks(shop):
    shop.idle()
    return [one for one, in rows(shop, "SELECT eid FROM event WHERE type = 'message.clicked' ORDER BY id")]


def waiting(shop):
    return rows(shop, "SELECT count(*) FROM click")[0][0]


def judged(shop):
    """Half a minute on, when all that was opened is known for what it was."""
    shop.at(JUDGED)
    shop.wait(lambda: waiting(shop) == 0, "the judgement")
    return clicks(shop)


def test_a_link_leads_to_its_address(click_shop):
    shop = click_shop()
    first, second = links(shop)
    assert re.fullmatch(BASE + r"/c/[A-Za-z0-9_-]{22}", first) and first != second
    got = ask(shop, first)
    assert got.status == 302 and got.body == b""
    assert got.headers["Location"] == "https://shop.example.com/new?utm_source=sms&utm_campaign=%EA%B0%80%EC%9D%84"
    assert got.headers["Cache-Control"] == "no-store" and got.headers["Referrer-Policy"] == "no-referrer"
    assert ask(shop, second).headers["Location"] == B
    assert ask(shop, first, "HEAD").headers["Location"] == got.headers["Location"]
    assert ask(shop, first, "POST").status == 405 and ask(shop, first, "OPTIONS").status == 204


def test_only_our_links_lead_anywhere(click_shop):
    shop, other = click_shop(), click_shop()
    first, second = (one.rpartition("/")[2] for one in links(shop))
    [foreign, _] = links(other)
    wrong = [first[:-1] + ("A" if first[-1] != "A" else "Q"), first[:11] + second[11:], first[:-1], first + "A", "A" * 22,
             "https:evil.example.com", foreign.rpartition("/")[2]]
    answers = {(got.status, got.headers.get("Location"), got.body) for got in (ask(shop, f"/c/{one}") for one in wrong)}
    assert len(answers) == 1
    [(status, location, _)] = answers
    assert (status, location) == (404, None)
    assert ask(shop, f"/c/{first}?url=https://evil.example.com").headers["Location"].startswith("https://shop.example.com/")


def test_a_click_is_an_event_for_rules_and_conditions(click_shop):
    shop = click_shop()
    first, _ = links(shop)
    shop.at(LATER)
    for _ in range(3):
        assert ask(shop, first).status == 302
    [eid] = judged(shop)
    [message] = [one for one in shop.messages(customer="C1") if one["rule"] == "news"]
    assert eid.startswith(message["id"] + ":clicked:")
    shop.wait(lambda: shop.outbox(rule="clicker"), "the rule's answer")
    [thanks] = shop.outbox(rule="clicker")
    assert thanks["text"] == A
    [(data,)] = rows(shop, "SELECT data FROM event WHERE type = 'message.clicked'")
    assert json.loads(data) == {"message": message["id"], "rule": "news", "channel": "sms", "template": "two", "url": A}
    shop.event("visit", "C1", id="again")
    shop.wait(lambda: shop.outbox(rule="believed"), "who had clicked")


def test_s43_no_click_that_a_rule_believes(click_shop):
    """A scanner opens every link within ten seconds: at delivery, or whenever the mail is read."""
    shop = click_shop()
    both = links(shop)
    [mail] = set(re.findall(BASE + r"/c/[\w-]+", shop.outbox(channel="email")[0]["text"]))
    for clock in (SENT, EARLY):  # delivered less than ten seconds ago
        shop.at(clock)
        assert [ask(shop, one).status for one in (*both, mail)] == [302, 302, 302]
    shop.at(LATER)
    for one in both:
        ask(shop, one, "HEAD", "preview")
        ask(shop, one, client="scanner")
    assert judged(shop) == []
    shop.event("visit", "C1", id="again")
    shop.idle()
    assert not shop.outbox(rule="clicker") and not shop.outbox(rule="believed")


def test_s43_a_scanner_hides_nobody_else(click_shop):
    shop = click_shop()
    first, second = links(shop)
    shop.at(LATER)
    for one in (first, second):
        ask(shop, one, client="scanner")
    ask(shop, second, client="a person's")
    [eid] = judged(shop)
    assert rows(shop, "SELECT json_extract(data, '$.url') FROM event WHERE type = 'message.clicked'") == [(B,)]
    # Who opens all of them, but reads in between, is a person.
    shop.at("2026-11-23T10:01:00+09:00")
    ask(shop, first, client="a reader")
    shop.at("2026-11-23T10:01:11+09:00")
    shop.wait(lambda: len(clicks(shop)) == 2, "the first link")
    ask(shop, second, client="a reader")
    shop.at("2026-11-23T10:01:30+09:00")
    shop.wait(lambda: waiting(shop) == 0, "the judgement")
    assert len(clicks(shop)) == 2, "each link of a message counts once"


def test_one_link_counts_at_once(click_shop):
    shop = click_shop()
    one, same = links(shop, "email")
    assert one == same
    shop.at(LATER)
    ask(shop, one)
    assert len(clicks(shop)) == 1 and waiting(shop) == 0


def test_what_was_opened_outlives_a_kill(click_shop):
    shop = click_shop()
    first, _ = links(shop)
    shop.at(LATER)
    ask(shop, first)
    shop.wait(lambda: waiting(shop) == 1, "what waits")
    shop.kill()
    shop.start(JUDGED)
    shop.wait(lambda: len(clicks(shop)) == 1, "the click")


def test_a_link_outlives_its_message_and_tells_of_nobody_erased(click_shop):
    shop = click_shop()
    first, second = links(shop)
    shop.at(LATER)
    ask(shop, first)
    shop.ok("DELETE", "/v1/customers/C1")
    shop.wait(lambda: shop.get("/v1/customers/C1").status == 404, "the erasure")
    assert ask(shop, second).headers["Location"] == B
    assert judged(shop) == []


def test_where_links_go_as_they_are(click_shop, make_shop):
    shop = make_shop(rules='rule news { when visit  send sms "two" }', templates={"two.sms": TEXTS["two.sms"]})
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("visit", "C1")
    shop.wait(lambda: shop.outbox(), "the message")
    assert A in shop.outbox()[0]["text"] and "/c/" not in shop.outbox()[0]["text"]
    rules = 'rule r { when order.paid  purpose info  send alimtalk "a" }  rule o { when order.paid  send owner "t" }'
    shop = click_shop(rules, {"a.alimtalk": f'가 #{{link "{A}"}}', "t.owner": f'#{{link "{B}"}}'})
    shop.event("order.paid", "C1", order="A-1", total=1000)
    shop.wait(lambda: len(shop.outbox()) == 2, "both")
    assert sorted(one["text"] for one in shop.outbox()) == sorted(["가 " + A, B])


def test_previews_and_tests_count_nobody(click_shop):
    shop = click_shop()
    seen = shop.ok("POST", "/v1/preview", {"template": "two", "channel": "sms", "customer": "C1"})
    shown = re.findall(BASE + r"/c/[\w-]+", json.dumps(seen))
    assert shown and ask(shop, shown[0]).headers["Location"].startswith("https://shop.example.com/")
    shop.ctl("test-send", "sms", "two", "C1", "--to", "010-0000-0000")
    shop.wait(lambda: shop.outbox(channel="sms"), "the test")
    tried = re.findall(BASE + r"/c/[\w-]+", shop.outbox(channel="sms")[0]["text"])
    shop.at(LATER)
    assert [ask(shop, one).status for one in tried] == [302, 302]
    ask(shop, tried[0], client="again")
    assert judged(shop) == []


def test_a_disk_that_is_full_keeps_nobody_from_following(click_shop):
    shop = click_shop()
    first, _ = links(shop)
    shop.at(LATER)
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"), isolation_level=None, timeout=0)) as db:
        db.execute("BEGIN IMMEDIATE")
        assert ask(shop, first).status == 302
        db.execute("ROLLBACK")
