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


# ---- a merge taken back ----
def unmerge(shop, ref="OLD"):
    return shop.ok("POST", f"/v1/customers/{ref}/unmerge")


def merge(shop, source="OLD", target="NEW"):
    return shop.ok("POST", f"/v1/customers/{source}/merge", {"into": target})


def whole(shop, ref):
    """All that is held about him; how often he went in and out of a segment only grows."""
    held = shop.ok("GET", f"/v1/customers/{ref}/export")
    del held["made"]
    held["segments"] = [one["segment"] for one in held["segments"] if one["inside"]]
    return held


@pytest.fixture
def two(make_shop):
    def make(old="sms data", new="sms data", **more):
        shop = make_shop(**more)
        shop.customer("OLD", old, name="김하나", phone=PHONE)
        shop.customer("NEW", new, name="김둘", phone=OTHER)
        return shop
    return make


def live(shop):
    """Both have something of everything."""
    shop.ok("PATCH", "/v1/customers/OLD", {"birthday": "1990-05-05", "city": "부산", "tags": ["단골", "A"], "email": "old@example.com",
                                           "attributes": {"size": "M", "color": "red"}, "friend": True, "gender": "f"})
    shop.ok("PATCH", "/v1/customers/NEW", {"city": "서울", "tags": ["A", "B"], "attributes": {"color": "blue"}})
    for ref, n in (("OLD", 3), ("NEW", 2)):
        for i in range(n):
            shop.event("order.paid", ref, order=f"{ref}-{i}", total=1000, time=f"2026-11-0{i + n}T10:00:00+09:00")
        shop.event("order.placed", ref, order=f"{ref}-open", total=500)
        shop.event("visit", {"id": ref, "visitor": f"v-{ref}", "aliases": [f"shopify:{ref}"]}, time=f"2026-11-1{n}T10:00:00+09:00")
        shop.event("cart.added", ref, sku="S1", quantity=n, price=700)
    shop.event("cart.added", "OLD", sku="S2", quantity=1, price=300)
    shop.event("customer.joined", "OLD")


GIVES = {"rules": 'segment many "여럿" { orders.count >= 4 }\nrule c { when customer.joined  give coupon ten  send sms "c"  limit once }\n'
                  'rule m { when enters many  send sms "c2" }\n'
                  'coupon ten "10%" { discount 10%  code "TEN-######"  valid 60 days }\n',
         "templates": {"c.sms": "#{coupon.code}", "c2.sms": "안녕하세요"}}


def test_s45_undone_both_are_as_they_were(two):
    shop = two(**GIVES)
    live(shop)
    shop.message_in("accepted", customer="OLD")
    before = whole(shop, "OLD"), whole(shop, "NEW")
    came = merge(shop)["counts"]
    said = unmerge(shop)
    assert (said["from"], said["into"], said["unmerged"], said["already"]) == ("OLD", "NEW", True, False)
    assert {**said["counts"]} == came
    after = whole(shop, "OLD"), whole(shop, "NEW")
    assert after == before
    assert people(shop) == ["OLD", "NEW"]
    assert card(shop, "OLD")["aliases"] == ["shopify:OLD"] and card(shop, "NEW")["aliases"] == ["shopify:NEW"]
    shop.event("page.viewed", {"visitor": "v-OLD"}, id="p1", url="/")
    shop.event("page.viewed", {"visitor": "v-NEW"}, id="p2", url="/")
    shop.event("page.viewed", {"phone": PHONE}, id="p3", url="/")
    shop.event("page.viewed", {"aliases": ["shopify:OLD"]}, id="p4", url="/")
    assert told(shop, "OLD") == ["p1", "p3", "p4"] and told(shop, "NEW") == ["p2"]
    shop.idle()
    assert not shop.messages(rule="m"), "no border is crossed by it"
    shop.stop()
    assert rows(shop, "SELECT (SELECT count(*) FROM merged), (SELECT count(*) FROM merged_row), (SELECT sum(moving) FROM"
                      " parted)") == [(0, 0, 0)]


def test_s45_undone_again_and_merged_again(two):
    shop = two(**GIVES)
    live(shop)
    merge(shop)
    first = unmerge(shop)
    again = unmerge(shop)
    assert again["already"] is True and again["unmerged"] is True and not any(again["counts"].values())
    before = whole(shop, "OLD"), whole(shop, "NEW")
    assert merge(shop)["counts"]["events"] == first["counts"]["events"]
    assert people(shop) == ["NEW"] and card(shop, "OLD")["orders"]["count"] == 5
    assert unmerge(shop)["already"] is False
    assert (whole(shop, "OLD"), whole(shop, "NEW")) == before


def test_s45_what_came_after_the_merge_stays_with_the_other(two):
    shop = two()
    shop.event("order.paid", "OLD", order="A1", total=1000, time="2026-11-20T10:00:00+09:00")
    shop.event("visit", "OLD", id="v1")
    merge(shop)
    shop.event("order.paid", "OLD", order="A2", total=300)
    shop.event("visit", "OLD", id="v2")
    shop.event("visit", {"id": "NEW", "aliases": ["x:later"]}, id="v3")
    shop.ok("PATCH", "/v1/customers/NEW", {"city": "대전", "email": "new@example.com"})
    unmerge(shop)
    old, new = card(shop, "OLD"), card(shop, "NEW")
    assert (old["orders"]["count"], old["orders"]["total"]) == (1, 1000)
    assert (new["orders"]["count"], new["orders"]["total"]) == (1, 300)
    assert told(shop, "OLD", "visit") == ["v1"] and told(shop, "NEW", "visit") == ["v2", "v3"]
    assert new["city"] == "대전" and new["email"] == "new@example.com" and new["aliases"] == ["x:later"]
    assert old["city"] is None and old["email"] is None
    history = [shop.ok("GET", f"/v1/customers/{ref}/export")["history"]["visits"] for ref in ("OLD", "NEW")]
    assert history == [1, 2]


def holds(shop, ref):
    return shop.ok("GET", f"/v1/customers/{ref}")["consents"]["sms"]["ad"]


@pytest.mark.parametrize("old", [True, False, None])
@pytest.mark.parametrize("new", [True, False, None])
@pytest.mark.parametrize("later", [True, False, None])
def test_s45_undone_the_stricter_consent_stays_on_both_sides(two, old, new, later):
    shop = two("", "")
    for ref, given, time in (("OLD", old, "2026-01-01"), ("NEW", new, "2026-02-01")):
        if given is not None:
            shop.consent(ref, "sms", given=given, time=f"{time}T10:00:00+09:00")
    merge(shop)
    if later is not None:
        shop.consent("NEW", "sms", given=later, time="2026-03-01T10:00:00+09:00")
    merged = holds(shop, "NEW")
    unmerge(shop)
    # what he said after the merge is the other's own word; a refusal of either that still holds counts for both
    refused = later is False or (later is None and False in (old, new))
    assert holds(shop, "OLD") is (old is True and not refused)
    assert holds(shop, "NEW") is (merged and (new is True or later is True))
    if refused and old is not False:
        last = shop.ok("GET", "/v1/customers/OLD/consents")["consents"][-1]
        assert (last["given"], last["source"], last["how"]) == (False, "unmerge", "owner")
    if old and not new and not later and not refused:
        assert shop.ok("GET", "/v1/customers/NEW/consents")["consents"] == [], "he never said so"


def test_a_run_that_the_merge_ended_stays_ended(two):
    shop = two(rules='rule w { when visit  wait 1 day  send sms "t" }', templates=REMIND["templates"])
    for ref in ("OLD", "NEW"):
        shop.event("visit", ref)
    merge(shop)
    unmerge(shop)
    runs = {ref: shop.ok("GET", f"/v1/customers/{ref}/export")["runs"] for ref in ("OLD", "NEW")}
    assert [run["reason"] for run in runs["OLD"]] == ["merged"] and [run["reason"] for run in runs["NEW"]] == [None]
    assert "#" not in runs["OLD"][0]["occasion"]


def test_a_withdrawal_by_the_old_id_counts_for_both(two):
    shop = two(rules='rule w { when visit  wait 1 day  send sms "t" }', templates=REMIND["templates"])
    shop.event("visit", "OLD")
    merge(shop)
    shop.event("message.replied", {"phone": PHONE}, channel="sms", text="수신거부")
    unmerge(shop)
    assert not holds(shop, "OLD") and not holds(shop, "NEW")
    shop.at("2026-11-24T12:00:00+09:00")
    message = shop.message_in("dropped", rule="w")
    assert message["customer"] == "OLD" and message["reason"] in ("opted_out", "no_consent")


def test_s45_a_run_that_came_over_goes_back_and_sends_once(two):
    shop = two(rules='rule w { when visit  wait 1 day  send sms "t" }', templates=REMIND["templates"])
    shop.event("visit", "OLD")
    merge(shop)
    unmerge(shop)
    shop.at("2026-11-24T12:00:00+09:00")
    message = shop.message_in("accepted")
    assert message["customer"] == "OLD" and [letter["to"] for letter in shop.outbox()] == ["+821011112222"]
    shop.idle()
    assert len(shop.messages()) == 1


def test_what_waits_for_the_morning_goes_back_with_its_run(two):
    shop = two(rules='rule b { when every day at 07:00  limit 1 per 30 days  send sms "t" }', templates=REMIND["templates"],
               limits="quiet none  guard none")
    shop.ok("DELETE", "/v1/customers/NEW")
    shop.at("2026-11-24T07:30:00+09:00")
    shop.wait(lambda: shop.messages(state="held"), "the held one")
    shop.customer("NEW", phone=OTHER)
    merge(shop)
    assert shop.messages(state="held")[0]["customer"] == "NEW"
    unmerge(shop)
    assert shop.messages(state="held")[0]["customer"] == "OLD"
    shop.at("2026-11-24T12:00:00+09:00")
    shop.wait(lambda: shop.outbox(), "the message")
    shop.idle()
    assert [letter["to"] for letter in shop.outbox()] == ["+821011112222"]


def test_s45_for_30_days(two):
    shop = two()
    shop.event("visit", "OLD")
    merge(shop)
    shop.at("2026-12-23T10:00:00+09:00")
    assert unmerge(shop)["unmerged"] is True
    merge(shop)
    shop.at("2027-01-22T10:01:00+09:00")
    refused = shop.post("/v1/customers/OLD/unmerge", None)
    assert refused.status == 409 and "30 days" in refused.json["detail"]
    shop.at("2027-01-22T10:01:00+09:00", lang="ko_KR.UTF-8")
    assert "30일" in shop.ctl("customer", "unmerge", "OLD", lang="ko_KR.UTF-8").err
    assert people(shop) == ["NEW"]


def test_what_is_kept_for_undoing_goes_when_nobody_may_undo(two):
    shop = two()
    for i in range(300):
        shop.event("page.viewed", "OLD", id=f"p{i}", url="/")
    merge(shop)
    shop.at("2027-01-22T10:01:00+09:00")

    def left():
        with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db:
            return db.execute("SELECT count(*) FROM merged_row").fetchone()[0]
    shop.wait(lambda: left() == 0, "the end of the list")
    assert card(shop, "OLD")["id"] == "NEW", "his id stays his"


def test_what_cannot_be_undone_is_refused(two):
    shop = two()
    shop.customer("THIRD", "", phone="010-5555-6666")
    assert shop.post("/v1/customers/NOBODY/unmerge", None).status == 404
    refused = shop.post("/v1/customers/OLD/unmerge", None)
    assert refused.status == 409 and "merged into nobody" in refused.json["detail"]
    merge(shop)
    merge(shop, "NEW", "THIRD")
    refused = shop.post("/v1/customers/OLD/unmerge", None)
    assert refused.status == 409 and "customer unmerge NEW" in refused.json["detail"]
    unmerge(shop, "NEW")
    assert people(shop) == ["NEW", "THIRD"] and card(shop, "OLD")["id"] == "NEW"
    unmerge(shop, "OLD")
    assert people(shop) == ["OLD", "NEW", "THIRD"]
    assert [card(shop, ref)["phone"] for ref in people(shop)] == ["+821011112222", "+821033334444", "+821055556666"]


@pytest.mark.parametrize("gone", ["OLD", "NEW"])
def test_s49_who_was_erased_does_not_come_back(two, gone):
    shop = two()
    shop.event("visit", "OLD")
    merge(shop)
    shop.ok("DELETE", f"/v1/customers/{gone}")
    assert shop.post("/v1/customers/OLD/unmerge", None).status == 404
    assert people(shop) == []


@pytest.mark.parametrize("gone, stays", [("OLD", "NEW"), ("NEW", "OLD")])
def test_s49_erasing_the_one_after_an_undone_merge_leaves_the_other(two, gone, stays):
    shop = two(**GIVES)
    live(shop)
    merge(shop)
    unmerge(shop)
    before = whole(shop, stays)
    shop.ok("DELETE", f"/v1/customers/{gone}")
    after = whole(shop, stays)
    assert after == before and people(shop) == [stays]
    shop.stop()
    assert rows(shop, "SELECT (SELECT count(*) FROM parted) + (SELECT count(*) FROM merged_row)") == [(0,)]


def test_the_verb_and_the_access_log(two):
    shop = two()
    shop.event("visit", "OLD")
    merge(shop)
    ran = shop.ctl("customer", "unmerge", "OLD")
    assert ran.code == 0 and "OLD is himself again" in ran.out and "events: 1" in ran.out
    assert "나뉘었습니다" in shop.ctl("customer", "unmerge", "OLD", lang="ko_KR.UTF-8").out
    assert shop.ctl("--json", "customer", "unmerge", "OLD").json["already"] is True
    assert shop.ctl("customer", "unmerge").code == 2
    found = [(row["target"], row["detail"]) for row in shop.ok("GET", "/v1/audit")["audit"]
             if row["what"] == "customer.unmerge"]
    assert sorted(found) == [("NEW", "OLD"), ("OLD", "NEW")]


def test_who_was_taken_out_of_another_is_not_joined_again_by_his_browser(make_shop):
    shop = make_shop()
    shop.customer("C", "")
    shop.event("page.viewed", {"visitor": "v1"}, id="p1", url="/")
    one = next(ref for ref in people(shop) if ref != "C")
    shop.event("visit", {"id": "C", "visitor": "v1"})
    assert unmerge(shop, one)["counts"]["events"] == 1
    shop.event("visit", {"id": "C", "visitor": "v1"})
    assert sorted(people(shop)) == ["C", one] and told(shop, one) == ["p1"] and told(shop, "C") == []


def years(shop, number, n):
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        db.executemany("INSERT INTO event(source, eid, type, customer, time, arrived) VALUES ('till', ?, 'page.viewed', ?, ?, ?)",
                       [(f"y{i}", number, 1700000000000 + i, 1700000000000 + i) for i in range(n)])
    shop.start()


def ask(shop, path):
    def asking():
        with contextlib.suppress(OSError, http.client.HTTPException):
            shop.call("POST", path)
    thread = threading.Thread(target=asking)
    thread.start()
    return thread


def test_a_stop_in_the_middle_of_an_undoing_is_made_up_for(two):
    shop = two()
    shop.event("order.paid", "OLD", order="A1", total=700)
    years(shop, 1, 60000)
    merge(shop)
    asking = ask(shop, "/v1/customers/OLD/unmerge")
    shop.wait(lambda: card(shop, "OLD")["id"] == "OLD", "its beginning")
    shop.kill()
    asking.join()
    left = rows(shop, "SELECT count(*), (SELECT moving FROM parted) FROM event WHERE customer = 2")[0]
    assert left[0] > 0 and left[1] == 1, "it was stopped too late"
    shop.start()
    assert card(shop, "OLD")["orders"]["total"] == 700 and card(shop, "NEW")["orders"]["total"] == 0
    assert "cut short" in shop.log() and unmerge(shop)["already"] is True
    shop.stop()
    assert rows(shop, "SELECT count(*) FROM event WHERE customer = 1 AND type = 'page.viewed'") == [(60000,)]
    assert rows(shop, "SELECT moving FROM parted") == [(0,)] and rows(shop, "SELECT count(*) FROM merged_row") == [(0,)]


def test_undone_while_it_is_still_coming_over_and_merged_while_it_goes_back(two):
    shop = two()
    years(shop, 1, 30000)
    first = threading.Thread(target=lambda: merge(shop))
    first.start()
    shop.wait(lambda: card(shop, "OLD")["id"] == "NEW", "its beginning")
    second = threading.Thread(target=lambda: unmerge(shop))
    second.start()
    shop.wait(lambda: card(shop, "OLD")["id"] == "OLD", "the way back")
    merge(shop)
    first.join()
    second.join()
    assert people(shop) == ["NEW"]
    shop.stop()
    assert rows(shop, "SELECT count(*) FROM event WHERE customer = 2 AND type = 'page.viewed'") == [(30000,)]


@pytest.mark.parametrize("gone, left", [("OLD", 0), ("NEW", 20000)])
def test_s49_an_erasure_amid_an_undoing(two, gone, left):
    shop = two()
    years(shop, 1, 20000)
    merge(shop)
    asking = ask(shop, "/v1/customers/OLD/unmerge")
    shop.wait(lambda: card(shop, "OLD")["id"] == "OLD", "its beginning")
    shop.ok("DELETE", f"/v1/customers/{gone}")
    asking.join()
    shop.stop()
    assert rows(shop, "SELECT count(*) FROM event WHERE customer IS NOT NULL") == [(left,)]


def test_an_undoing_lets_the_daemon_answer(two):
    shop = two()
    years(shop, 1, 20000)
    merge(shop)
    said = []
    asking = threading.Thread(target=lambda: said.append(unmerge(shop)))
    asking.start()
    while not said:
        assert shop.get("/healthz").status == 200
        asking.join(0.01)
    assert said[0]["counts"]["events"] == 20000


# ---- what the owner is asked about ----
def conflicts(shop, query=""):
    found = shop.ok("GET", f"/v1/conflicts{query}")["conflicts"]
    return [(one["kind"], *one["customers"], one["shared"]) for one in found]


def test_nobody_shares_anything(two):
    shop = two()
    assert shop.ok("GET", "/v1/conflicts") == {"conflicts": [], "next": None}
    assert "nobody shares" in shop.ctl("customer", "conflicts").out


def test_s08_a_family_that_shares_a_phone_is_listed_written_to_and_not_merged(make_shop):
    shop = make_shop(rules='rule r { when visit  send sms "t" }', templates=REMIND["templates"])
    for ref in ("MOM", "SON", "DAD"):
        shop.customer(ref, phone=PHONE)
    for ref in ("MOM", "SON"):
        shop.event("visit", ref)
    shop.wait(lambda: len(shop.messages(state="accepted")) == 2, "both")
    assert [one[:3] for one in conflicts(shop)] == [("phone", "MOM", "SON"), ("phone", "MOM", "DAD")]
    assert {one[3][-4:] for one in conflicts(shop)} == {"2222"}
    assert "1111" not in json.dumps(shop.ok("GET", "/v1/conflicts"))
    assert people(shop) == ["MOM", "SON", "DAD"]


def test_what_two_share_is_listed_with_what_to_do(make_shop):
    shop = make_shop()
    shop.customer("A", "", phone=PHONE, email="one@example.com", name="김하나")
    shop.customer("B", "", phone=PHONE, name="김하나")
    shop.customer("C", "", email="ONE@example.com")
    shop.customer("D", "", phone="050-1234-5678")
    shop.customer("E", "", phone="050-1234-5678", name="김하나")
    shop.event("visit", {"id": "A", "aliases": ["shopify:1"]})
    shop.event("visit", {"id": "B", "aliases": ["shopify:1"]})
    shop.event("visit", {"id": "B", "aliases": ["C"]})
    found = shop.ok("GET", "/v1/conflicts")["conflicts"]
    assert [(one["kind"], *one["customers"]) for one in found] == [
        ("phone", "A", "B"), ("email", "A", "C"), ("alias", "A", "B"), ("alias", "C", "B")]
    assert shop.ok("GET", "/v1/customers/B/export")["claimed"] == ["C", "shopify:1"]
    assert found[2]["shared"] == "shopify:1" and "one@" not in found[1]["shared"]
    assert {one["seen"] for one in found} == {"2026-11-23T10:00:00+09:00"} and found[0]["merge"] == ["B", "A"]
    out = shop.ctl("customer", "conflicts").out
    assert "customer merge B A" in out and "customer merge C A" in out and "1111" not in out
    assert "같은 사람이면" in shop.ctl("customer", "conflicts", lang="ko_KR.UTF-8").out
    assert len(shop.ctl("--json", "customer", "conflicts").json["conflicts"]) == 4
    merge(shop, "B", "A")
    assert [one[:3] for one in conflicts(shop)] == [("email", "A", "C"), ("alias", "C", "A")]
    merge(shop, "C", "A")
    assert conflicts(shop) == []
    assert {row["count"] for row in shop.ok("GET", "/v1/audit")["audit"] if row["what"] == "conflicts.list"} == {4, 2, None}


def test_who_has_no_id_becomes_the_one_who_has(make_shop):
    shop = make_shop()
    shop.event("visit", {"phone": PHONE, "visitor": "v1"})
    guest, = people(shop)
    shop.customer("A", "", phone=PHONE)
    one, = shop.ok("GET", "/v1/conflicts")["conflicts"]
    assert one["customers"] == [guest, "A"] and one["merge"] == [guest, "A"]
    assert f"customer merge {guest} A" in shop.ctl("customer", "conflicts").out
    assert shop.ctl("customer", "merge", *one["merge"]).code == 0 and conflicts(shop) == []


def test_the_owner_says_that_they_are_two(make_shop):
    shop = make_shop()
    for ref in ("A", "B", "C"):
        shop.customer(ref, "", phone=PHONE)
    assert shop.ctl("customer", "conflicts", "--dismiss", "B", "A").code == 0
    assert [one[:3] for one in conflicts(shop)] == [("phone", "A", "C")]
    assert "다른 고객" in shop.ctl("customer", "conflicts", "--dismiss", "A", "C", lang="ko_KR.UTF-8").out
    assert conflicts(shop) == []
    assert shop.ctl("customer", "conflicts", "A").code == 2 and shop.ctl("customer", "conflicts", "--dismiss", "A").code == 2
    for body, status in (({}, 422), ({"customers": ["A"]}, 422), ({"customers": ["A", "X"]}, 422), ({"customers": ["A", "A"]}, 422)):
        assert shop.post("/v1/conflicts/dismiss", body).status == status
    rows = [(row["target"], row["detail"]) for row in shop.ok("GET", "/v1/audit")["audit"] if row["what"] == "conflict.dismiss"]
    assert ("A", "B") in rows and ("B", "A") in rows
    shop.ok("DELETE", "/v1/customers/A")
    assert [one[:3] for one in conflicts(shop)] == [("phone", "B", "C")]


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_conflicts_by_page(make_shop, limit):
    shop = make_shop()
    lines = [json.dumps({"type": "visit", "id": f"v{i}", "customer": {"id": f"C{i}", "phone": f"0101234{i // 3:04}",
                                                                      "email": f"e{i // 2}@example.com", "aliases": [f"x{i // 5}"]}})
             for i in range(60)]
    shop.ok("POST", "/v1/events", "\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
    found, after = [], 0
    while after is not None:
        page = shop.ok("GET", f"/v1/conflicts?limit={limit}&after={after}")
        assert len(page["conflicts"]) <= limit
        found += [(one["kind"], *one["customers"]) for one in page["conflicts"]]
        after = page["next"]
    want = ([("phone", f"C{i - i % 3}", f"C{i}") for i in range(60) if i % 3]
            + [("email", f"C{i - i % 2}", f"C{i}") for i in range(60) if i % 2]
            + [("alias", f"C{i - i % 5}", f"C{i}") for i in range(60) if i % 5])
    assert sorted(found) == sorted(want)
    assert shop.get("/v1/conflicts?after=3").status == 409 and shop.get("/v1/conflicts?after=400000").status == 409


def test_many_who_share_nothing_let_the_daemon_answer(make_shop):
    shop = make_shop()
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as db:
        db.executemany("INSERT INTO customer(ref, phone_key, created_at, seen_at) VALUES (?, ?, 1, 1)",
                       [(f"C{i}", i.to_bytes(16, "big")) for i in range(200000)])
    shop.start()
    said = []
    asking = threading.Thread(target=lambda: said.append(conflicts(shop)))
    asking.start()
    while not said:
        assert shop.get("/healthz").status == 200
        asking.join(0.01)
    assert said == [[]]
