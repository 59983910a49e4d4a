"""Public pages: leaving, preferences, joining. Scenarios 8, 42, 43, 46."""
import contextlib
import html.parser
import http.client
import re
import resource
import sqlite3
import subprocess
import urllib.parse

import pytest
from shop import DEADLINE, free_port

BASE = "https://m.example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RULE = 'rule ad { when visit  send sms "n" }  rule mail { when visit  send email "n" }\n'
TEXTS = {"n.sms": "새 원두 #{unsubscribe}", "n.email": "Subject: 새 원두\n\n오세요 #{unsubscribe}"}


class Page(html.parser.HTMLParser):
    """What a browser would see of it."""

    def __init__(self, body):
        super().__init__()
        self.lang, self.tags, self.links, self.text, self.inputs, self.labels, self.stack = None, [], [], "", [], [], []
        self.buttons = []
        self.feed(body.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.lang = attrs["lang"]
        if tag == "a":
            self.links.append(attrs["href"])
        if tag == "input":
            self.inputs.append(attrs)
        if tag == "label":
            self.labels.append(attrs["for"])
        if tag == "button":
            self.buttons.append((attrs["name"], attrs["value"]))
        self.stack.append(tag)

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, data):
        if "style" not in self.stack:
            self.text += data

    def value(self, name):
        return next(one.get("value") for one in self.inputs if one.get("name") == name)


@pytest.fixture
def public_shop(make_shop):
    def make(**more):
        port = free_port()
        shop = make_shop(listen=f'public "127.0.0.1:{port}" url "{BASE}" proxy yes', rules=more.pop("rules", RULE),
                         templates=more.pop("templates", TEXTS), rate=more.pop("rate", 1), **more)
        shop.public = port
        return shop
    return make


def ask(shop, method, path, body=None, headers=None):
    one = http.client.HTTPConnection("127.0.0.1", shop.public, timeout=DEADLINE)
    try:
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body, doseq=True)
            headers = {**FORM, **(headers or {})}
        one.request(method, path.removeprefix(BASE), body, headers or {})
        got = one.getresponse()
        got.body = got.read()
        return got
    finally:
        one.close()


def links(shop, ref="C1"):
    """The links to unsubscribe of every advertisement that he got, by channel."""
    shop.event("visit", ref)
    shop.wait(lambda: len(shop.outbox(customer=ref)) == 2, "two advertisements")
    return {one["channel"]: re.search(BASE + r"/u/([\w-]+)", one["text"]).group(0) for one in shop.outbox(customer=ref)}


def joining(shop, **more):
    return shop.ok("POST", "/v1/join-links", more or None)["url"]


def preferences(shop, link):
    page = Page(ask(shop, "GET", link).body)
    [found] = [one for one in page.links if "/p/" in one]
    return found.replace("..", "").partition("?")[0]


def consents(shop, ref="C1"):
    return shop.ok("GET", f"/v1/customers/{ref}")["consents"]


def history(shop, ref="C1"):
    return shop.ok("GET", f"/v1/customers/{ref}/consents")["consents"]


def suppressed(shop):
    return {(one["address"], one["channel"]) for one in shop.ok("GET", "/v1/suppressions")["suppressions"]}


def everything(shop):
    """What the store holds, but for the daemon's own mark of time."""
    with contextlib.closing(sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True)) as db:
        tables = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        held = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    held["meta"] = [row for row in held["meta"] if row[0] != "clock_high"]
    assert held["customer"] and held["message"], "there is something to change"
    return held


def person(shop, ref="C1", phone="01012345678", email="h@example.com", **more):
    return shop.customer(ref, "sms+night email kakao data", phone=phone, email=email, **more)


# ---- leaving ----

def test_a_link_tells_nothing(public_shop):
    shop = public_shop()
    person(shop)
    link = links(shop)["sms"]
    assert re.fullmatch(BASE + r"/u/[A-Za-z0-9_-]{35}", link)
    body = ask(shop, "GET", link).body.decode()
    for secret in ("김하늘", "01012345678", "1234-5678", "h@example.com"):
        assert secret not in body
    assert not re.search(r"\bC1\b", re.sub(r"/p/[\w-]+", "", body))


def test_s42_reading_changes_nothing_the_button_does(public_shop):
    shop = public_shop()
    person(shop)
    link = links(shop)["email"]
    before = consents(shop)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        got = ask(shop, method, link)
        assert got.status == {"GET": 200, "HEAD": 200, "OPTIONS": 204}.get(method, 405), method
        if got.status in (204, 405):
            assert got.headers["Allow"] == "GET, HEAD, POST, OPTIONS" and not got.body
    assert consents(shop) == before and not suppressed(shop)
    got = ask(shop, "POST", link, {"scope": "medium"})
    assert got.status == 200 and "단골커피" in got.body.decode() and "2026-11-23" in got.body.decode()
    assert consents(shop)["email"]["ad"] is False and consents(shop)["sms"]["ad"] is True
    assert suppressed(shop) == {("h@example.com", "email")}
    last = history(shop)[-1]
    assert (last["how"], last["source"], last["given"], last["wording"]) == ("web", "unsubscribe", False,
                                                                             "메일 광고 그만 받기")
    assert last["version"], "of the words"


@pytest.mark.parametrize("kind, body", [
    ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
    ('multipart/form-data; boundary="b1"',
     '--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b1--\r\n')])
def test_s42_one_click(public_shop, kind, body):
    """RFC 8058: both encodings, without a cookie or a look at the page, and no redirect."""
    shop = public_shop()
    person(shop)
    link = links(shop)["email"]
    for _ in range(2):
        assert ask(shop, "POST", link, body, {"Content-Type": kind}).status == 200
    assert consents(shop)["email"]["ad"] is False
    found = [one for one in history(shop) if one["source"] == "unsubscribe"]
    assert len(found) == 1 and found[0]["wording"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("headers, body, status", [
    ({"Content-Type": "text/plain"}, "List-Unsubscribe=One-Click", 415),
    ({"Content-Type": "application/json"}, '{"List-Unsubscribe":"One-Click"}', 415),
    ({}, "List-Unsubscribe=One-Click", 415),
    (FORM, "", 400), (FORM, "scope=", 400), (FORM, "scope=%", 400), (FORM, "List-Unsubscribe=Two-Clicks", 400),
    (FORM, "scope=all&" + "x" * 8200, 413), (FORM, "&".join("a=1" for _ in range(40)) + "&scope=all", 413)])
def test_what_is_no_form_of_ours_does_nothing(public_shop, headers, body, status):
    shop = public_shop()
    person(shop)
    link = links(shop)["sms"]
    assert ask(shop, "POST", link, body, headers).status == status
    assert consents(shop)["sms"]["ad"] is True and not suppressed(shop)


def test_s43_a_scanner_opens_every_link(public_shop):
    shop = public_shop(channels={"sms": 'sender "0212345678"  refuse "080-123-4567"'})
    person(shop)
    found = list(links(shop).values())
    found.append(BASE + preferences(shop, found[0]))
    found.append(joining(shop))
    shop.idle()
    before = everything(shop)
    for link in found * 2:
        page = ask(shop, "GET", link)
        for method in ("HEAD", "OPTIONS", "GET"):
            ask(shop, method, link)
        for more in Page(page.body).links:
            assert ask(shop, "GET", urllib.parse.urljoin(link, more)).status == 200, more
    shop.idle()
    assert everything(shop) == before


def test_s08_one_of_a_family_leaves(public_shop):
    """Scenario 8's family: the withdrawal is his, the number is not closed to the other one."""
    shop = public_shop()
    person(shop, "C1", email="one@example.com")
    person(shop, "C2", email="two@example.com")
    link = links(shop)["sms"]
    ask(shop, "POST", link, {"scope": "medium"})
    assert consents(shop, "C1")["sms"]["ad"] is False and consents(shop, "C2")["sms"]["ad"] is True
    assert not suppressed(shop)
    shop.event("visit", "C2")
    shop.message_in("accepted", customer="C2", rule="ad")


def test_s46_one_medium_and_all_of_them(public_shop):
    shop = public_shop()
    person(shop)
    link = links(shop)["sms"]
    ask(shop, "POST", link, {"scope": "medium"})
    now = consents(shop)
    assert now["sms"] == {"ad": False, "night": False} and now["email"]["ad"] and now["kakao"]["ad"]
    ask(shop, "POST", link, {"scope": "all"})
    now = consents(shop)
    assert not any(now[medium]["ad"] for medium in ("sms", "kakao", "email", "push")) and now["data"]["ad"] is True
    assert suppressed(shop) == {("+821012345678", "sms"), ("+821012345678", "kakao"), ("h@example.com", "email")}
    path = preferences(shop, link)
    shown = [one["value"] for one in Page(ask(shop, "GET", path).body).inputs if one.get("name") == "shown"]
    assert shown == ["sms", "kakao", "push", "email", "night", "data"]
    got = ask(shop, "POST", path, {"act": "save", "shown": shown, "sms": "yes", "data": "yes"})
    assert got.status == 200 and "2026-11-23" in got.body.decode()
    now = consents(shop)
    assert now["sms"]["ad"] is True and now["email"]["ad"] is False
    assert suppressed(shop) == {("+821012345678", "kakao"), ("h@example.com", "email")}
    last = history(shop)[-1]
    assert last["source"] == "preferences" and last["given"] and "광고 수신 동의 (문자)" in last["wording"]
    assert [one["given"] for one in history(shop) if (one["channel"], one["purpose"]) == ("sms", "ad")] == [True, False, True]
    shop.event("visit", "C1")
    shop.wait(lambda: len(shop.outbox(customer="C1", channel="sms")) == 2, "an advertisement again")


def test_a_refusal_by_the_080_number_stays_and_is_told(public_shop):
    shop = public_shop()
    person(shop)
    path = preferences(shop, links(shop)["email"])
    shop.ok("POST", "/v1/suppressions", {"address": "01012345678", "channel": "sms", "reason": "opted_out"})
    assert "가게에 말씀해" in Page(ask(shop, "GET", path).body).text
    for fields in ({}, {"sms": "yes"}):
        told = Page(ask(shop, "POST", path, {"act": "save", "shown": ["sms"], **fields}).body).text
    assert consents(shop)["sms"]["ad"] is True and "문자 광고는 무료 수신거부 번호 등으로" in told
    assert suppressed(shop) == {("+821012345678", "sms")}


def test_everything_may_be_withdrawn_at_once(public_shop):
    shop = public_shop()
    person(shop)
    path = preferences(shop, links(shop)["sms"])
    assert ask(shop, "POST", path, {"act": "none"}).status == 200
    assert not any(value for one in consents(shop).values() for value in one.values())


def test_a_box_that_was_not_shown_says_nothing(public_shop):
    shop = public_shop()
    person(shop)
    path = preferences(shop, links(shop)["sms"])
    before = consents(shop)
    assert ask(shop, "POST", path, {"act": "save"}).status == 200
    assert ask(shop, "POST", path, "").status in (400, 415)
    assert consents(shop) == before
    ask(shop, "POST", path, {"act": "save", "shown": ["night"]})
    assert consents(shop)["sms"] == {"ad": True, "night": False}


def test_what_waits_ends_opted_out(public_shop):
    shop = public_shop()
    person(shop)
    link = links(shop)["sms"]
    shop.at("2026-11-23T22:30:00+09:00")
    shop.consent("C1", "sms", given=False, purpose="night")
    shop.event("visit", "C1", id="late")
    shop.wait(lambda: shop.messages(rule="ad", state="held"), "a message that waits")
    ask(shop, "POST", link, {"scope": "all"})
    shop.at("2026-11-24T08:00:00+09:00")
    assert [one["reason"] for one in shop.wait(lambda: shop.messages(rule="ad", state="dropped"), "the end")] == ["opted_out"]


def test_what_was_answered_is_on_disk(public_shop):
    shop = public_shop()
    person(shop)
    link = links(shop)["sms"]
    assert ask(shop, "POST", link, {"scope": "medium"}).status == 200
    shop.kill()
    shop.start("2026-11-23T10:10:00+09:00", 1)
    assert consents(shop)["sms"]["ad"] is False and suppressed(shop) == {("+821012345678", "sms")}


def test_what_could_not_be_kept_is_told_so(public_shop):
    """A disk without room: the reader hears it in his language, and presses again when there is some."""
    shop = public_shop()
    person(shop)
    link = links(shop)["sms"]
    resource.prlimit(shop.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    got = ask(shop, "POST", link, {"scope": "medium"})
    assert got.status == 507 and "저장하지 못했습니다" in got.body.decode() and got.headers["Retry-After"]
    assert consents(shop)["sms"]["ad"] is True and ask(shop, "GET", link).status == 200
    resource.prlimit(shop.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    shop.wait(lambda: ask(shop, "POST", link, {"scope": "medium"}).status == 200, "room to be noticed")
    assert consents(shop)["sms"]["ad"] is False


# ---- links that are no longer good ----

def test_every_link_that_is_not_good_gets_one_answer(public_shop):
    shop, other = public_shop(), public_shop()
    for one in (shop, other):
        person(one)
        person(one, "C2", "01099990000", "two@example.com")
    good = links(shop)["sms"].removeprefix(BASE)
    foreign = links(other)["sms"].removeprefix(BASE)
    erased = links(shop, "C2")["email"].removeprefix(BASE)
    shop.ok("DELETE", "/v1/customers/C2")
    bent = good[:-3] + ("A" if good[-3] != "A" else "B") + good[-2:]
    paths = ["/u/x", "/u/1-e-0123456789abcdef0123456789abcdef", bent, foreign, erased, good.replace("/u/", "/p/"),
             good.replace("/u/", "/j/"), good + "=", good + "A", "/j/" + "A" * 35, "/p/%00x"[:3] + "%F0"]
    answers = set()
    for method, body in (("GET", None), ("POST", {"scope": "all"})):
        for path in paths:
            got = ask(shop, method, path, body)
            if got.status == 400 and "%" in path:
                continue
            answers.add((got.status, got.body, tuple(sorted((k, v) for k, v in got.headers.items() if k != "Date"))))
    [(status, body, _)] = answers
    assert status == 404 and "단골커피" in body.decode() and "02-123-4567" in body.decode()
    assert ask(shop, "GET", good).status == 200


def test_links_end(public_shop):
    shop = public_shop()
    person(shop)
    leave = links(shop)["sms"]
    path, counter, short = preferences(shop, leave), joining(shop), joining(shop, days=7)
    shop.at("2026-12-02T10:00:00+09:00")
    assert [ask(shop, "GET", one).status for one in (leave, path, counter, short)] == [200, 200, 200, 404]
    shop.at("2026-12-26T10:00:00+09:00")
    assert [ask(shop, "GET", one).status for one in (leave, path, counter)] == [200, 404, 200]
    shop.at("2027-11-26T10:00:00+09:00")
    assert [ask(shop, "GET", one).status for one in (leave, counter)] == [200, 404]
    shop.at("2028-11-25T10:00:00+09:00")
    assert ask(shop, "GET", leave).status == 404


# ---- the pages themselves ----

def every_page(shop):
    person(shop)
    leave = links(shop)["sms"]
    yield ask(shop, "GET", leave)
    yield ask(shop, "GET", preferences(shop, leave))
    yield ask(shop, "GET", joining(shop))
    yield ask(shop, "GET", "/u/x")
    yield ask(shop, "POST", leave, {"scope": "medium"})
    yield ask(shop, "POST", leave, {"scope": "nothing"})
    yield ask(shop, "POST", joining(shop), {"nonce": "0" * 32, "phone": "<b>", "name": '"><script>alert(1)</script>'})


def test_headers_and_html_of_every_page(public_shop):
    shop = public_shop()
    for got in every_page(shop):
        assert got.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = got.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-") and "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "unsafe" not in policy
        assert (got.headers["Referrer-Policy"], got.headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
        assert got.headers["Cache-Control"] == "no-store" and "noindex" in got.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in got.headers
        page = Page(got.body)
        assert page.lang == "ko" and page.tags.count("h1") == 1 and page.tags.count("main") == 1
        assert "script" not in page.tags
        seen = [one for one in page.inputs if one.get("type") != "hidden"]
        assert sorted(one["id"] for one in seen) == sorted(page.labels)
        assert not re.search(rb"(src|href|action)=\"(https?:|//)", got.body)


def test_the_readers_language(public_shop):
    shop = public_shop()
    path = joining(shop).removeprefix(BASE)
    for accepted, told in ((None, "ko"), ("en-US,en;q=0.9,ko;q=0.5", "en"), ("ko;q=0.4,en;q=0.3", "ko"), ("fr", "ko"),
                           ("en;q=0", "ko"), ("de, en;q=0.1", "en")):
        got = ask(shop, "GET", path, headers={"Accept-Language": accepted} if accepted else {})
        assert Page(got.body).lang == told, accepted
    assert Page(ask(shop, "GET", path + "?lang=en").body).lang == "en"
    person(shop, language="en")
    leave = links(shop)["sms"]
    assert Page(ask(shop, "GET", leave, headers={"Accept-Language": "ko"}).body).lang == "en"
    assert Page(ask(shop, "GET", leave + "?lang=ko").body).lang == "ko"


def test_pages_are_of_the_public_port_alone(public_shop):
    shop = public_shop()
    person(shop)
    assert shop.get(links(shop)["sms"].removeprefix(BASE)).status == 404
    for path in ("/u/", "/u", "/x/abc", "/u/a/b", "/", "/healthz", "/v1/join-links"):
        got = ask(shop, "GET", path)
        assert got.status == 404 and "json" in got.headers["Content-Type"], path


# ---- joining ----

JOINED = 'rule welcome { when customer.joined  send sms "w"  limit once }\n'


def join(shop, path=None, headers=None, **fields):
    path = path or joining(shop)
    nonce = Page(ask(shop, "GET", path).body).value("nonce")
    return ask(shop, "POST", path, {"nonce": nonce, "age": "yes", **fields}, headers)


def by_phone(shop, phone):
    return [one for one in shop.ok("GET", "/v1/customers")["customers"] if one["phone"] == phone]


def test_joining(public_shop):
    shop = public_shop(rules=JOINED, templates={"w.sms": "#{이름}님 어서 오세요"})
    got = join(shop, phone="010-1234-5678", name="김하늘", ad="yes", data="yes")
    assert got.status == 200
    text = Page(got.body).text
    assert "단골커피" in text and "2026-11-23" in text and "김하늘" not in text and "5678" not in text
    agreed, _, rest = text.partition("동의하지 않은 것")
    assert "광고 수신 동의" in agreed and "개인정보" in agreed and "야간" in rest
    [customer] = by_phone(shop, "+821012345678")
    assert customer["name"] == "김하늘" and customer["joined"] and customer["language"] == "ko"
    assert customer["consents"]["sms"] == {"ad": True, "night": False} and customer["consents"]["data"]["ad"]
    assert customer["consents"]["kakao"]["ad"] is True
    assert {(one["how"], one["source"]) for one in history(shop, customer["id"])} == {("web", "join")}
    assert len({one["version"] for one in history(shop, customer["id"])}) == 2, "of each wording its own"
    assert any("구매와 방문 기록" in one["wording"] for one in history(shop, customer["id"]))
    entry = next(one for one in shop.ok("GET", "/v1/audit")["audit"] if one["what"] == "join")
    assert entry["target"] == customer["id"]
    assert shop.message_in("accepted", rule="welcome")
    assert shop.outbox()[0]["text"].startswith("(광고)")


def test_boxes_are_not_ticked_and_none_is_needed(public_shop):
    shop = public_shop()
    page = Page(ask(shop, "GET", joining(shop)).body)
    boxes = [one for one in page.inputs if one.get("type") == "checkbox"]
    assert [one["name"] for one in boxes] == ["age", "ad", "night", "data"]
    assert not any("checked" in one for one in boxes)
    assert [one["name"] for one in boxes if "required" in one] == ["age"]
    assert join(shop, phone="01012345678").status == 200
    [customer] = by_phone(shop, "+821012345678")
    assert not any(value for one in customer["consents"].values() for value in one.values())


def test_a_double_click_is_one(public_shop):
    shop = public_shop(rules=JOINED, templates={"w.sms": "어서 오세요"})
    path = joining(shop)
    nonce = Page(ask(shop, "GET", path).body).value("nonce")
    fields = {"nonce": nonce, "age": "yes", "phone": "01012345678", "ad": "yes", "data": "yes"}
    first, second = ask(shop, "POST", path, fields), ask(shop, "POST", path, fields)
    assert first.status == second.status == 200 and first.body == second.body
    [customer] = by_phone(shop, "+821012345678")
    assert len(history(shop, customer["id"])) == 3
    shop.message_in("accepted", rule="welcome")


def test_a_known_number_looks_the_same_and_keeps_its_name(public_shop):
    shop = public_shop(rules=JOINED, templates={"w.sms": "어서 오세요"})
    shop.customer("C1", "", phone="01012345678", name="김하늘", joined="2025-01-02T10:00:00+09:00")
    path = joining(shop)
    known = join(shop, path, phone="01012345678", name="다른이름", ad="yes")
    fresh = join(shop, path, phone="01099998888", name="다른이름", ad="yes")
    assert known.body == fresh.body and known.status == fresh.status
    customer = shop.ok("GET", "/v1/customers/C1")
    assert customer["name"] == "김하늘" and customer["joined"].startswith("2025-01-02")
    assert customer["consents"]["sms"]["ad"] is True
    assert [one["customer"] for one in shop.messages(rule="welcome")] != ["C1"]


def test_joining_lifts_no_refusal(public_shop):
    shop = public_shop()
    person(shop)
    ask(shop, "POST", links(shop)["sms"], {"scope": "medium"})
    assert join(shop, phone="01012345678", ad="yes", night="yes", data="yes").status == 200
    assert consents(shop)["sms"] == {"ad": False, "night": False}
    assert ("+821012345678", "sms") in suppressed(shop)


@pytest.mark.parametrize("fields, told", [
    ({}, "휴대전화 번호를"), ({"phone": "02-123-4567"}, "휴대전화 번호를"), ({"phone": "0504-1234-5678"}, "휴대전화 번호를"),
    ({"phone": "010-****-5678"}, "휴대전화 번호를"), ({"phone": "01012345678", "name": "가" * 41}, "40자"),
    ({"phone": "01012345678", "age": None}, "14세")])
def test_what_is_wrong_is_told_and_nothing_kept(public_shop, fields, told):
    shop = public_shop()
    path = joining(shop)
    nonce = Page(ask(shop, "GET", path).body).value("nonce")
    sent = {k: v for k, v in {"nonce": nonce, "age": "yes", "ad": "yes", **fields}.items() if v}
    got = ask(shop, "POST", path, sent)
    page = Page(got.body)
    assert got.status == 422 and told in page.text and page.value("nonce") == nonce
    assert "checked" in next(one for one in page.inputs if one.get("name") == "ad")
    assert not shop.ok("GET", "/v1/customers")["customers"]


def test_joining_is_bounded_by_address(public_shop):
    shop = public_shop()
    path = joining(shop)
    statuses = [join(shop, path, {"X-Forwarded-For": "10.9.9.9, 203.0.113.7"}, phone=f"0101111{n:04}").status
                for n in range(31)]
    assert statuses == [200] * 30 + [429]
    assert len(shop.ok("GET", "/v1/customers?limit=1000")["customers"]) == 30
    assert join(shop, path, {"X-Forwarded-For": "203.0.113.8"}, phone="01022220000").status == 200


def test_joining_is_bounded_by_link(public_shop):
    shop = public_shop()
    path = joining(shop)
    statuses = [ask(shop, "POST", path, {"nonce": f"{n:032x}", "age": "yes", "phone": f"0103333{n:04}"},
                    {"X-Forwarded-For": f"198.51.100.{n}"}).status for n in range(121)]
    assert statuses == [200] * 120 + [429]


def test_old_links_end_when_the_owner_says_so(public_shop):
    shop = public_shop()
    old = joining(shop)
    assert shop.ctl("join", "revoke").code == 0
    assert ask(shop, "GET", old).status == 404
    made = shop.ctl("--json", "join", "link", "--days", "30").json
    assert made["until"] == "2026-12-23" and ask(shop, "GET", made["url"]).status == 200
    assert shop.post("/v1/join-links", {"days": 0}).status == 422


def scanned(shop, lines):
    """What a camera reads in half blocks, light on dark: through a picture of four points a module."""
    rows = []
    for line in lines:
        rows.append([c in "█▀" for c in line])
        rows.append([c in "█▄" for c in line])
    wide = len(rows[0])
    points = b"".join(bytes(255 if light else 0 for light in row for _ in range(4)) * 4 for row in rows)
    picture = shop.write("code.pgm", b"P5 %d %d 255\n" % (wide * 4, len(rows) * 4) + points)
    return subprocess.run(["zbarimg", "-q", "--raw", picture], stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def test_a_qr_code_for_the_counter(public_shop):
    shop = public_shop()
    *lines, url, until = shop.ctl("join", "qr", lang="en_US.UTF-8").out.splitlines()
    assert url.startswith(BASE + "/j/") and until == "good until 2027-11-23"
    assert scanned(shop, lines) == url and ask(shop, "GET", url).status == 200
    made = shop.ctl("--json", "join", "qr", "code.svg", "--days", "7").json
    assert made["file"] == "code.svg" and made["until"] == "2026-11-30"
    with open(shop.path("code.svg"), encoding="utf-8") as picture:
        assert picture.read().startswith("<svg ")
    again = shop.ctl("join", "qr", "code.svg")
    assert again.code == 1 and "code.svg" in again.err


def test_without_a_public_address_there_is_no_link(make_shop):
    shop = make_shop()
    refused = shop.post("/v1/join-links")
    assert refused.status == 409 and "public" in refused.json["detail"]
    assert shop.ctl("join", "link").code == 1


# ---- replies and blocks ----

@pytest.mark.parametrize("channel, text, withdrawn", [
    ("sms", " 수신 거부 ", "sms"), ("sms", "STOP", "sms"), ("brandmessage", "거부", "kakao"), ("email", "unsubscribe", "email"),
    ("sms", "예약을 거부당했어요. 확인 부탁드려요", None), ("sms", "네 감사합니다", None)])
def test_a_reply_that_is_a_refusal(public_shop, channel, text, withdrawn):
    shop = public_shop()
    person(shop)
    shop.event("message.replied", "C1", channel=channel, text=text)
    now = consents(shop)
    for medium in ("sms", "kakao", "email"):
        assert now[medium]["ad"] is (medium != withdrawn)
    if withdrawn:
        assert ("reply", text) in {(one["source"], one["wording"]) for one in history(shop)}


def test_the_owner_reads_what_is_no_refusal(public_shop):
    shop = public_shop(rules='rule told { when message.replied where (event.text != "STOP")  send owner "r" }',
                       templates={"r.owner": "#{event.channel}: #{event.text}"})
    person(shop)
    shop.event("message.replied", "C1", channel="sms", text="내일도 여나요?")
    shop.wait(lambda: shop.outbox(), "the owner's message")
    assert "sms: 내일도 여나요?" in shop.outbox()[0]["text"]


def test_a_reply_needs_a_channel_and_somebody(public_shop):
    shop = public_shop()
    for event in ({"type": "message.replied", "customer": {"id": "C1"}, "data": {"channel": "data", "text": "stop"}},
                  {"type": "message.replied", "data": {"channel": "sms", "text": "stop"}},
                  {"type": "message.sent", "customer": {"id": "C1"}, "data": {}}):
        assert shop.ok("POST", "/v1/events", event)["rejected"]


def test_who_blocks_the_channel_is_no_friend_and_gets_no_kakao_ad(public_shop):
    shop = public_shop()
    person(shop)
    shop.event("friend.blocked", "C1")
    assert consents(shop)["kakao"]["ad"] is False and consents(shop)["sms"]["ad"] is True
    assert shop.ok("GET", "/v1/customers/C1")["friend"] is False
    shop.event("friend.added", "C1")
    assert shop.ok("GET", "/v1/customers/C1")["friend"] is True and consents(shop)["kakao"]["ad"] is False
