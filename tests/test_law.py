"""The exception for existing customers and a guardian's consent, seen from outside: off until the owner says so, never
stored, asked anew at every handing over."""
import pytest

RULES = """rule beans { when customer.updated  purpose ad "원두" "디저트"  send sms "n"  limit 9 per day }
rule all { when customer.joined  send sms "n"  limit 9 per day }
"""
TEXTS = {"n.sms": "새 원두가 들어왔어요"}
LAW = "law korea  exception purchase"
BUY = {"items": [{"sku": "B", "name": "예가체프", "category": "원두", "quantity": 1, "price": 18000}], "total": 18000}


def open_shop(make_shop, law=LAW, **more):
    return make_shop(rules=RULES, templates=TEXTS, shop=f'shop {{ name "단골커피"  phone "02-123-4567"  {law} }}', **more)


def bought(shop, ref="C1", time="2026-11-20T10:00:00+09:00", id="o1", **more):
    shop.event("order.paid", ref, id=id, time=time, order=id, **{**BUY, **more})


def outcome(shop, kind="customer.updated", id="u1", rule="beans"):
    shop.event(kind, "C1", id=id)
    shop.wait(lambda: [m for m in shop.messages(rule=rule) if m["state"] in ("accepted", "dropped", "held")
                       and (m["occasion"] or "").endswith(id)], "its end")
    return next((m["state"], m["reason"]) for m in shop.messages(rule=rule) if m["occasion"].endswith(id))


def test_who_bought_such_goods_is_written_to_without_consent_to_the_medium(make_shop):
    shop = open_shop(make_shop)
    shop.customer("C1", "data", phone="01012345678")
    assert outcome(shop) == ("dropped", "no_consent")
    bought(shop)
    assert outcome(shop, id="u2") == ("accepted", None)
    assert shop.ok("GET", "/v1/customers/C1")["consents"]["sms"]["ad"] is False, "an exception is no consent"
    assert outcome(shop, "customer.joined", "j1", "all") == ("dropped", "no_consent"), "a rule that names no goods"
    checks = shop.ok("GET", "/v1/explain?rule=beans&customer=C1")["checks"]
    assert any("2027-05-20" in str(c["value"]) and c["holds"] for c in checks), checks


@pytest.mark.parametrize("more, law", [
    ({}, "law korea"), ({}, "law korea  exception none"),
    ({"items": [{"sku": "C", "category": "음료", "quantity": 1, "price": 4500}]}, LAW)])
def test_without_the_owners_word_or_for_other_goods_nothing_is_sent(make_shop, more, law):
    shop = open_shop(make_shop, law)
    shop.customer("C1", "data", phone="01012345678")
    bought(shop, **more)
    assert outcome(shop) == ("dropped", "no_consent")


def test_the_use_of_data_is_asked_all_the_same(make_shop):
    shop = open_shop(make_shop)
    shop.customer("C1", "", phone="01012345678")
    bought(shop)
    assert outcome(shop) == ("dropped", "no_marketing_consent")


@pytest.mark.parametrize("end", ["refund", "refusal", "list", "import"])
def test_the_exception_ends(make_shop, end):
    shop = open_shop(make_shop)
    shop.customer("C1", "data", phone="01012345678")
    if end == "import":
        shop.write("o.csv", "order,customer,time,total,status,sku,name,category,quantity,price\n"
                            "o1,C1,2026-11-20T10:00:00+09:00,18000,paid,B,예가체프,원두,1,18000\n")
        assert shop.ctl("import", "orders", shop.path("o.csv")).code == 0
    else:
        bought(shop)
    if end == "refund":
        shop.event("order.refunded", "C1", id="r1", order="o1")
    elif end == "refusal":
        shop.consent("C1", "email", given=False)
    elif end == "list":
        shop.ok("POST", "/v1/suppressions", {"address": "01012345678", "channel": "sms"})
    assert outcome(shop) == ("dropped", "opted_out" if end == "list" else "no_consent")


def test_what_was_held_overnight_is_asked_again_after_the_six_months(make_shop):
    shop = open_shop(make_shop, clock="2026-11-20T22:00:00+09:00")
    shop.customer("C1", "data", phone="01012345678")
    bought(shop, time="2026-05-20T10:00:00+09:00")
    assert outcome(shop) == ("held", "law_hours")
    shop.at("2026-11-21T08:00:00+09:00")
    assert shop.message_in("dropped", rule="beans")["reason"] == "no_consent"


def test_under_14_only_with_a_guardian(make_shop):
    shop = open_shop(make_shop)
    shop.customer("C1", "sms data", phone="01012345678", birthday="2015-03-01")
    assert outcome(shop) == ("dropped", "under_age")
    done = shop.ctl("consent", "give", "C1", "guardian", "--how", "paper", "--wording", "보호자로서 동의합니다",
                    "--operator", "점장")
    assert done.code == 0, done
    assert outcome(shop, id="u2") == ("accepted", None)
    assert shop.ok("GET", "/v1/customers/C1")["consents"]["guardian"] == {"ad": True}
    last = shop.ok("GET", "/v1/customers/C1/consents")["consents"][-1]
    assert (last["how"], last["operator"]) == ("paper", "점장") and len(last["version"]) == 12
    shop.consent("C1", "guardian", given=False)
    assert outcome(shop, id="u3") == ("dropped", "under_age")


def test_the_ledger_keeps_how_and_which_words(make_shop):
    shop = open_shop(make_shop)
    shop.customer("C1", "", phone="01012345678")
    shop.event("consent.given", "C1", id="e1", channel="sms", purpose="ad", how="pos", wording="문자를 받겠습니다", version="2026-3",
               operator="김직원")
    said = shop.ok("GET", "/v1/customers/C1/consents")["consents"][-1]
    assert {key: said[key] for key in ("how", "wording", "version", "operator", "event", "source")} == {
        "how": "pos", "wording": "문자를 받겠습니다", "version": "2026-3", "operator": "김직원", "event": "e1", "source": "api"}
    refused = shop.post("/v1/customers/C1/consents", {"channel": "sms", "given": True, "how": "telepathy"})
    assert refused.status == 422 and "/how" in refused.body.decode()
