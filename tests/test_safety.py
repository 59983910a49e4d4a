"""Changing rules safely: what is cancelled is shown, whom a rule reaches, the blast guard and what the owner is told."""
import os

from shop import free_port

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
TEXTS = {"a.sms": "가", "b.sms": "나", "c.sms": "다 #{coupon.code}", "a.email": "Subject: 가\n\n가"}


def shop_of(make_shop, rules, people=("C1",), **more):
    shop = make_shop(rules=rules, templates={**TEXTS, **more.pop("templates", {})}, listen=PUBLIC.format(free_port()),
                     **more)
    for n, ref in enumerate(people):
        shop.customer(ref, phone=f"0101234{n:04}", email=f"{ref.lower()}@example.com")
    return shop


def change_of(answer, rule):
    found = [change for change in answer["changes"] if change["rule"] == rule]
    assert len(found) == 1, answer
    return found[0]


WAITS = 'rule waits { when order.paid  send sms "a"  wait 3 days  send sms "b" }'
COUPON = '''coupon ten "열" { discount 10%  code "T-######"  valid 7 days }
rule gives { when order.paid  give coupon ten  wait 1 day  send sms "c" }
'''
NIGHT = 'rule night { when order.paid  send sms "a" }'


def test_s79_a_deleted_file_shows_what_was_cancelled(make_shop):
    """Its timers go, and what was cancelled is shown: in the answer, in the journal, in the audit."""
    shop = shop_of(make_shop, {"waits.rule": WAITS, "gives.rule": COUPON, "stays.rule":
                               'rule stays { when visit  send sms "a"  limit 9 per day }'}, ("C1", "C2"))
    for ref in ("C1", "C2"):
        shop.event("order.paid", ref, id="o" + ref, order=ref, total=1)
    shop.wait(lambda: len(shop.outbox(rule="waits")) == 2, "the first step")
    for name in ("waits.rule", "gives.rule"):
        os.rename(shop.path("rules", name), shop.path(name))
    answer = shop.ok("POST", "/v1/reload")
    assert answer["rules"] == 1
    gone = change_of(answer, "waits")
    assert (gone["what"], gone["ended"], gone["dropped"], gone["coupons"]) == ("removed", 2, 0, 0)
    gone = change_of(answer, "gives")
    assert (gone["what"], gone["ended"], gone["dropped"], gone["coupons"]) == ("removed", 2, 0, 2)
    assert "rule gives is gone: 2 runs ended, 0 messages dropped, 2 coupons given back" in shop.log()
    entries = shop.ok("GET", "/v1/audit")["audit"]
    assert {one["target"] for one in entries if one["what"] == "rule.removed"} == {"waits", "gives"}
    shop.at("2026-11-27T10:00:00+09:00")
    shop.idle()
    assert len(shop.outbox()) == 2, "no timer was left"
    assert shop.ok("POST", "/v1/reload")["changes"] == []


def test_s79_what_waits_at_the_gate_goes_too(make_shop):
    """A rule of one message has no open run; its messages that wait for the morning are dropped all the same."""
    shop = shop_of(make_shop, {"night.rule": NIGHT}, ("C1", "C2"))
    shop.at("2026-11-23T23:00:00+09:00")
    for ref in ("C1", "C2"):
        shop.event("order.paid", ref, id="o" + ref, order=ref, total=1)
    shop.wait(lambda: shop.queue()["held"] == 2, "the law's night")
    os.remove(shop.path("rules", "night.rule"))
    ran = shop.ctl("reload")
    assert ran.code == 0 and "night: removed\n  0 runs ended, 2 messages dropped, 0 coupons given back" in ran.out, ran
    assert all((m["state"], m["reason"]) == ("dropped", "rule_off") for m in shop.messages())
    shop.at("2026-11-24T09:00:00+09:00")
    shop.idle()
    assert not shop.outbox()


def test_a_reload_says_what_is_new_changed_renamed_and_off(make_shop):
    shop = shop_of(make_shop, {"waits.rule": WAITS, "night.rule": NIGHT})
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: len(shop.outbox()) == 2, "both rules")
    shop.rule("more.rule", 'rule more { when visit  send sms "b"  limit once }')
    assert [(c["rule"], c["what"]) for c in shop.ok("POST", "/v1/reload")["changes"]] == [("more", "added")]
    shop.rule("night.rule", NIGHT.replace('"a"', '"b"'))
    assert [(c["rule"], c["what"]) for c in shop.ok("POST", "/v1/reload")["changes"]] == [("night", "changed")]
    shop.rule("night.rule", NIGHT.replace('"a"', '"b"').replace("rule night {", "rule dusk { was night"))
    renamed = change_of(shop.ok("POST", "/v1/reload"), "dusk")
    assert (renamed["what"], renamed["was"]) == ("renamed", "night")
    shop.rule("waits.rule", WAITS.replace("{ when", "{ off  when"))
    ran = shop.ctl("reload", lang="ko_KR.UTF-8")
    assert "waits: 꺼짐\n  진행 1건을 끝내고, 메시지 0건을 버리고, 쿠폰 0장을 되돌렸습니다" in ran.out, ran


def test_what_the_watcher_took_over_is_told_by_the_next_reload(make_shop):
    """A saved file is in force before the owner can ask: what that cancelled is still his to hear, once."""
    shop = shop_of(make_shop, {"waits.rule": WAITS, "night.rule": NIGHT})
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    shop.wait(lambda: len(shop.outbox()) == 2, "both rules")
    os.remove(shop.path("rules", "waits.rule"))
    shop.wait(lambda: "rule waits is gone" in shop.log(), "the watcher")
    gone = change_of(shop.ok("POST", "/v1/reload"), "waits")
    assert (gone["what"], gone["ended"]) == ("removed", 1)
    assert shop.ok("POST", "/v1/reload")["changes"] == []


def test_rule_off_says_what_it_dropped(make_shop):
    shop = shop_of(make_shop, COUPON)
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    off = shop.ok("POST", "/v1/rules/gives/off")
    assert (off["ended"], off["dropped"], off["coupons"]) == (1, 0, 1)
