"""Who is who: ids of other systems, browsers that tell who they are, merges that are taken back, and what the owner is
asked about. Nobody is ever joined by a name."""
import contextlib
import http.client
import json
import sqlite3
import threading

import pytest

import hooks
from test_hooks import SECRETS, hooked, post  # noqa: F401 (a fixture)

PHONE, OTHER = "010-1111-2222", "010-3333-4444"
CART = {"sku": "S1", "quantity": 1, "price": 30000}


def rows(shop, sql):
    """What the store holds; the daemon is stopped."""
    with sqlite3.connect(shop.path("shop.db")) as db:
        return db.execute(sql).fetchall()


def people(shop):
    return [c["id"] for c in shop.ok("GET", "/v1/customers")["customers"]]


def card(shop, ref):
    return shop.ok("GET", f"/v1/customers/{ref}")


def told(shop, ref, kind="page.viewed"):
    return [e["id"] for e in shop.ok("GET", f"/v1/customers/{ref}/export")["events"] if e["type"] == kind]


# ---- ids of other systems ----
def test_an_alias_finds_who_has_it(make_shop):
    shop = make_shop()
    shop.event("visit", {"aliases": ["shopify:1"], "phone": PHONE})
    one, = people(shop)
    assert one.startswith("~") and card(shop, one)["aliases"] == ["shopify:1"]
    shop.event("visit", {"aliases": ["cafe24:minji", "shopify:1"], "phone": OTHER})
    assert people(shop) == [one] and card(shop, one)["phone"] == "+821033334444", "as an id does"
    assert card(shop, "cafe24:minji")["id"] == one and card(shop, one)["aliases"] == ["cafe24:minji", "shopify:1"]
    shop.event("visit", {"id": "C1", "aliases": ["shopify:1"]})
    assert people(shop) == ["C1"], "who had no id gets one"
    shop.event("visit", {"id": "shopify:1"})
    shop.event("visit", "cafe24:minji")
    assert people(shop) == ["C1"]
    assert shop.ctl("--json", "customer", "show", "C1").json["aliases"] == ["cafe24:minji", "shopify:1"]


def test_an_alias_comes_before_browser_and_phone_and_behind_the_id(make_shop):
    shop = make_shop()
    shop.event("visit", {"id": "A", "aliases": ["x:a"], "phone": PHONE})
    shop.event("visit", {"id": "V", "visitor": "v1"})
    shop.event("visit", {"id": "P", "phone": OTHER})
    shop.event("page.viewed", {"aliases": ["x:a"], "visitor": "v1", "phone": OTHER}, id="p1", url="/")
    assert told(shop, "A") == ["p1"]
    shop.event("page.viewed", {"id": "P", "aliases": ["x:a"], "visitor": "v1"}, id="p2", url="/")
    assert told(shop, "P") == ["p2"] and card(shop, "A")["aliases"] == ["x:a"] and "aliases" not in card(shop, "P")
    shop.event("page.viewed", {"id": "NEW", "aliases": ["x:a"]}, id="p3", url="/")
    assert told(shop, "NEW") == ["p3"], "an id always wins"


@pytest.mark.parametrize("aliases, at", [
    ("shopify:1", "/customer/aliases"), ({}, "/customer/aliases"), ([str(i) for i in range(9)], "/customer/aliases"),
    ([""], "/customer/aliases/0"), (["a", "x" * 129], "/customer/aliases/1"), ([1], "/customer/aliases/0"),
    ([None], "/customer/aliases/0"), (["a\u0001"], "/customer/aliases/0"), (["~5"], "/customer/aliases/0"),
    (["owner"], "/customer/aliases/0")])
def test_aliases_that_are_none(make_shop, aliases, at):
    shop = make_shop()
    said = shop.post("/v1/events", {"type": "visit", "id": "1", "customer": {"id": "C", "aliases": aliases}}).json
    assert said["accepted"] == 0 and said["rejected"][0]["pointer"] == at, said
    assert people(shop) == []


def test_aliases_at_their_bounds(make_shop):
    shop = make_shop()
    shop.event("visit", {"id": "C", "aliases": ["x" * 128, *"abcdefg"]})
    assert card(shop, "C")["aliases"] == [*"abcdefg", "x" * 128]
    shop.event("visit", {"id": "D", "aliases": None})
    shop.event("visit", {"id": "D", "aliases": []})
    for i in range(12):
        shop.event("visit", {"id": "D", "aliases": [f"{i:02}-{j}" for j in range(8)]})
    assert len(card(shop, "D")["aliases"]) == 64
    assert shop.ok("PATCH", "/v1/customers/D", {"city": "서울"})["city"] == "서울", "what GET shows may come back"


def test_s45_a_hooks_customer_and_the_same_person_under_another_id(hooked):  # noqa: F811
    shop = hooked("shopify")
    known = {"id": 207119551, "first_name": "민지", "last_name": "김", "phone": "+821012345678"}

    def say(topic, number, **more):
        signed = hooks.shopify(SECRETS["shopify"], topic, {**known, **more}, **{"X-Shopify-Webhook-Id": number})
        assert post(shop, "shopify", signed).status == 200

    say("customers/create", "w1")
    one, = people(shop)
    assert card(shop, one)["aliases"] == ["shopify:207119551"]
    shop.event("order.paid", {"id": "M7", "aliases": ["shopify:207119551"]}, order="A1", total=9000)
    assert people(shop) == ["M7"] and card(shop, "M7")["orders"]["total"] == 9000
    assert card(shop, "M7")["phone"] == "+821012345678"
    shop.event("visit", {"id": "M8", "aliases": ["shopify:207119551"]})
    assert people(shop) == ["M7", "M8"], "two ids are two, whatever they share"
    say("customers/update", "w2", first_name="수지", phone="+821099998888")
    assert card(shop, "M7")["name"] == "김수지" and card(shop, "M7")["phone"] == "+821099998888"


# ---- a browser tells who it is ----
REMIND = {"rules": 'rule cart { when 3 hours after last cart.added  if left in cart and cart.total >= 20_000원 '
                   ' send sms "t" }\n', "templates": {"t.sms": "담아 두신 것이 있습니다"}}


@pytest.mark.parametrize("by", [{"id": "C"}, {"phone": PHONE}, {"email": "c@example.com"}, {"aliases": ["shopify:7"]}])
def test_what_a_browser_did_becomes_his_and_the_rules_of_carts_run_for_him(make_shop, by):
    shop = make_shop(**REMIND)
    shop.event("visit", {"id": "C", "phone": PHONE, "email": "c@example.com", "aliases": ["shopify:7"]})
    for channel in ("sms", "data"):
        shop.consent("C", channel)
    shop.event("page.viewed", {"visitor": "v1"}, id="p1", url="/a")
    shop.event("product.viewed", {"visitor": "v1"}, id="p2", sku="S1")
    shop.event("order.paid", {"visitor": "v1"}, id="o1", order="A1", total=500)
    shop.event("cart.added", {"visitor": "v1"}, id="c1", **CART)
    assert len(people(shop)) == 2
    shop.event("page.viewed", {**by, "visitor": "v1"}, id="p3", url="/b")
    assert people(shop) == ["C"]
    held = shop.ok("GET", "/v1/customers/C/export")
    assert {e["id"] for e in held["events"]} >= {"p1", "p2", "c1", "o1", "p3"}
    assert [c["sku"] for c in held["cart"]] == ["S1"] and held["customer"]["orders"]["total"] == 500
    assert "~" not in str(card(shop, "C").get("aliases")), "a number that dangol gave is no name of his"
    shop.event("page.viewed", {"visitor": "v1"}, id="p4", url="/c")
    assert people(shop) == ["C"] and "p4" in told(shop, "C")
    shop.at("2026-11-23T13:30:00+09:00")
    assert shop.message_in("accepted")["customer"] == "C" and len(shop.outbox()) == 1


def test_a_run_that_waits_for_a_browser_goes_on_for_who_it_is(make_shop):
    shop = make_shop(rules='rule r { when cart.added  wait 2 hours  send sms "t" }', templates=REMIND["templates"])
    shop.customer("C", phone=PHONE)
    shop.event("cart.added", {"visitor": "v1"}, **CART)
    shop.event("visit", {"id": "C", "visitor": "v1"})
    shop.at("2026-11-23T12:30:00+09:00")
    assert shop.message_in("accepted")["customer"] == "C" and len(shop.outbox()) == 1


def test_a_border_that_both_stand_beyond_is_crossed_now(make_shop):
    shop = make_shop(rules='segment two "둘" { orders.count >= 2 }\nrule hi { when enters two  send sms "t" }\n',
                     templates=REMIND["templates"])
    shop.customer("C", phone=PHONE)
    shop.event("order.paid", "C", order="A1", total=100)
    shop.event("order.paid", {"visitor": "v1"}, order="A2", total=100)
    shop.event("visit", {"id": "C", "visitor": "v1"})
    assert shop.one_message(rule="hi")["customer"] == "C"


def test_a_browser_of_two_is_his_who_was_there_last_and_nobody_is_merged(make_shop):
    shop = make_shop()
    for ref in ("A", "B"):
        shop.customer(ref, "", name="김하나")
    shop.event("visit", {"id": "A", "visitor": "v1"})
    shop.event("page.viewed", {"visitor": "v1"}, id="a1", url="/")
    shop.event("visit", {"id": "B", "visitor": "v1"})
    shop.event("page.viewed", {"visitor": "v1"}, id="b1", url="/")
    shop.event("visit", "A")
    shop.event("page.viewed", {"visitor": "v1"}, id="b2", url="/")
    shop.event("visit", {"id": "A", "visitor": "v1"})
    shop.event("page.viewed", {"visitor": "v1"}, id="a2", url="/")
    assert people(shop) == ["A", "B"] and told(shop, "A") == ["a1", "a2"] and told(shop, "B") == ["b1", "b2"]


def test_a_browser_that_was_joined_is_anothers_when_he_comes(make_shop):
    shop = make_shop()
    for ref in ("A", "B"):
        shop.customer(ref, "")
    shop.event("page.viewed", {"visitor": "v1"}, id="a0", url="/")
    for ref in ("A", "B", "A"):
        shop.event("visit", {"id": ref, "visitor": "v1"})
        shop.event("page.viewed", {"visitor": "v1"}, id=f"{ref}{len(told(shop, ref))}", url="/")
    assert told(shop, "A") == ["a0", "A1", "A2"] and told(shop, "B") == ["B0"]


def test_each_browser_of_one_person_is_joined(make_shop):
    shop = make_shop()
    shop.customer("C", "")
    for browser in ("phone", "laptop", "phone", "laptop"):
        shop.event("page.viewed", {"visitor": browser}, url="/")
        shop.event("visit", {"id": "C", "visitor": browser})
    assert people(shop) == ["C"] and len(told(shop, "C")) == 4


def test_who_is_known_by_a_phone_is_no_anonymous_browser(make_shop):
    shop = make_shop()
    shop.event("order.paid", {"visitor": "v1", "phone": PHONE}, order="A1", total=100)
    guest, = people(shop)
    shop.customer("C", "", phone=OTHER)
    shop.event("visit", {"id": "C", "visitor": "v1"})
    assert people(shop) == [guest, "C"] and card(shop, "C")["orders"]["count"] == 0
    shop.event("visit", {"id": "NEW", "visitor": "v2", "phone": "010-5555-6666"})
    shop.event("order.paid", {"visitor": "v3", "phone": "010-7777-8888"}, order="A2", total=100)
    shop.event("visit", {"id": "ELSE", "visitor": "v3", "phone": "010-9999-0000"})
    assert card(shop, "ELSE")["orders"]["count"] == 0, "known by another phone he is another"
    shop.event("order.paid", {"visitor": "v4", "phone": "010-7777-1111"}, order="A3", total=100)
    shop.event("visit", {"id": "SAME", "visitor": "v4", "phone": "010-7777-1111"})
    assert card(shop, "SAME")["orders"]["count"] == 1


def test_s08_a_phone_that_a_family_shares_joins_no_browser(make_shop):
    shop = make_shop()
    for ref in ("MOM", "SON"):
        shop.customer(ref, "", phone=PHONE)
    shop.event("page.viewed", {"visitor": "v1"}, id="p1", url="/")
    shop.event("visit", {"visitor": "v1", "phone": PHONE})
    assert len(people(shop)) == 3 and not told(shop, "MOM") and not told(shop, "SON")


def test_nobody_is_joined_by_a_name(make_shop):
    shop = make_shop()
    shop.customer("C", "", name="김하나", phone=PHONE)
    shop.event("page.viewed", {"visitor": "v1", "name": "김하나"}, id="p1", url="/")
    shop.event("visit", {"name": "김하나"})
    shop.event("visit", {"id": "D", "name": "김하나"})
    shop.event("visit", {"phone": OTHER, "name": "김하나"})
    assert len(people(shop)) == 4 and not told(shop, "C")


def test_a_machine_is_nobodys_browser(make_shop):
    shop = make_shop()
    shop.customer("C", "")
    lines = "\n".join(json.dumps({"type": "page.viewed", "id": f"p{i}", "customer": {"visitor": "v1"}, "data": {"url": "/"}})
                      for i in range(510))
    shop.ok("POST", "/v1/events", lines, headers={"Content-Type": "application/x-ndjson"})
    shop.event("visit", {"id": "C", "visitor": "v1"})
    assert not told(shop, "C") and len(people(shop)) == 2


def test_a_repeated_event_joins_nothing_again(make_shop):
    shop = make_shop()
    shop.customer("C", "")
    shop.event("page.viewed", {"visitor": "v1"}, id="p1", url="/")
    shop.event("visit", {"id": "C", "visitor": "v1"}, id="x")
    assert shop.event("visit", {"id": "C", "visitor": "v1"}, id="x")["duplicate"] == 1
    assert shop.event("page.viewed", {"visitor": "v1"}, id="p1", url="/")["duplicate"] == 1
    assert people(shop) == ["C"] and told(shop, "C") == ["p1"]
    shop.stop()
    assert rows(shop, "SELECT count(*), sum(moving), sum(joined) FROM merged") == [(1, 0, 1)]


def test_history_joins_and_begins_nothing(make_shop):
    shop = make_shop(rules='segment two "둘" { orders.count >= 2 }\nrule hi { when enters two  send sms "t" }\n',
                     templates=REMIND["templates"])
    shop.customer("C", phone=PHONE)
    shop.event("order.paid", "C", order="A1", total=100)
    shop.event("order.paid", {"visitor": "v1"}, order="A2", total=100)
    shop.ok("POST", "/v1/events", {"type": "visit", "id": "h", "history": True, "customer": {"id": "C", "visitor": "v1"}})
    assert card(shop, "C")["orders"]["count"] == 2
    shop.idle()
    assert not shop.messages()


def browser_of_years(shop, n):
    """Over 500 of one day would be a machine's."""
    shop.event("page.viewed", {"visitor": "v1"}, url="/")
    number = int(next(ref for ref in people(shop) if ref.startswith("~"))[1:])
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        db.executemany("INSERT INTO event(source, eid, type, customer, time, arrived) VALUES ('web', ?, 'page.viewed', ?, ?, ?)",
                       [(f"y{i}", number, 1700000000000 + i, 1700000000000 + i) for i in range(n)])
    return number


def test_a_stop_in_the_middle_of_a_join_is_made_up_for(make_shop):
    shop = make_shop()
    shop.customer("C", "")
    number = browser_of_years(shop, 60000)
    shop.start()
    shop.event("visit", {"id": "C", "visitor": "v1"})
    assert people(shop) == ["C"]
    shop.kill()
    left = rows(shop, f"SELECT count(*), (SELECT moving FROM merged) FROM event WHERE customer = {number}")[0]
    assert left[0] > 0 and left[1] == 1, "it was stopped too late"
    shop.start()
    shop.stop()
    assert rows(shop, f"SELECT count(*) FROM event WHERE customer = {number}") == [(0,)]
    assert rows(shop, "SELECT moving FROM merged") == [(0,)]


def test_much_of_a_browser_follows_while_the_daemon_does_other_work(make_shop):
    shop = make_shop()
    shop.customer("C", "")
    number = browser_of_years(shop, 20000)
    shop.start()
    shop.event("visit", {"id": "C", "visitor": "v1"})
    shop.wait(lambda: shop.get("/healthz").status == 200
              and len(shop.ok("GET", "/v1/customers/C/export")["events"]) == 20002, "all of it")
    shop.stop()
    assert rows(shop, f"SELECT count(*) FROM event WHERE customer = {number}") == [(0,)]


def test_erasing_whom_a_browser_was_joined_to_erases_it(make_shop):
    shop = make_shop()
    shop.customer("C", "", phone=PHONE)
    shop.event("page.viewed", {"visitor": "v1"}, url="/")
    shop.event("visit", {"id": "C", "visitor": "v1", "aliases": ["x:1"]})
    shop.event("visit", {"id": "D", "visitor": "v2", "aliases": ["x:1"]})
    shop.ok("DELETE", "/v1/customers/C")
    shop.event("page.viewed", {"visitor": "v1"}, url="/")
    shop.event("visit", {"id": "D", "aliases": ["x:1"]})
    assert card(shop, "D")["aliases"] == ["x:1"], "it is free again"
    shop.ok("DELETE", "/v1/customers/D")
    shop.stop()
    for table in ("alias", "alias_claim", "merged", "merged_row"):
        assert rows(shop, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_browser_that_a_put_names(make_shop):
    shop = make_shop()
    shop.event("page.viewed", {"visitor": "v1"}, id="p1", url="/")
    shop.customer("C", "")
    shop.put("/v1/customers/C", {"visitor": "v1", "name": "김하나"})
    assert people(shop) == ["C"] and told(shop, "C") == ["p1"]
    shop.event("page.viewed", {"visitor": "v2"}, id="p2", url="/")
    shop.ok("PATCH", "/v1/customers/C", {"visitor": "v2"})
    assert people(shop) == ["C"] and told(shop, "C") == ["p1", "p2"]
    shop.event("page.viewed", {"visitor": "v1"}, id="p3", url="/")
    assert told(shop, "C") == ["p1", "p2", "p3"]
