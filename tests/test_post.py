"""The step `post`: another machine of the shop is told."""
import json

from shop import free_port, run_program
from sinks import HookSink

RULE = 'rule bell {{ when order.paid  purpose info  post "{}" "{}"  send sms "a"  limit once per event }}\n'
TEXTS = {"a.sms": "가", "door.post": '{"who": "#{name}", "order": "#{event.order}"}\n', "plain.post": "#{name} #{event.order}\n"}


def posted(shop, state="accepted"):
    return shop.wait(lambda: [one for one in shop.messages() if one["channel"] == "post" and one["state"] == state],
                     f"what was posted to be {state}")[0]


def told(make_shop, hook, template="door", **more):
    shop = make_shop(rules=RULE.format(hook.url, template), templates=TEXTS, **more)
    shop.customer("C1", "sms data", phone="01012345678", name='김 "하늘"\\')
    shop.event("order.paid", "C1", id="o1", order="A-1", total=1000)
    return shop


def test_a_json_template_stays_json(make_shop):
    with HookSink() as hook:
        shop = told(make_shop, hook)
        message = posted(shop)
        assert [one["text"] for one in shop.outbox("sms")] == ["가"]
        assert [json.loads(call["body"]) for call in hook.calls] == [{"who": '김 "하늘"\\', "order": "A-1"}]
        headers = hook.calls[0]["headers"]
        assert headers["content-type"] == "application/json" and headers["webhook-id"] == message["id"]
        assert message["purpose"] == "info" and message["rule"] == "bell"
        shop.event("order.paid", "C1", id="o1", order="A-1", total=1000)
        shop.idle()
        assert len(hook.calls) == 1


def test_other_templates_are_text(make_shop):
    with HookSink() as hook:
        shop = told(make_shop, hook, "plain")
        posted(shop)
        assert hook.calls[0]["body"].decode() == '김 "하늘"\\ A-1'
        assert hook.calls[0]["headers"]["content-type"] == "text/plain; charset=utf-8"


def test_a_machine_that_is_busy_is_told_later_and_nobody_waits_for_it(make_shop):
    with HookSink() as hook:
        hook.fault = lambda number, key, body: 503 if number == 1 else None
        shop = told(make_shop, hook)
        shop.wait(lambda: hook.calls and shop.outbox("sms"), "the first try, and the customer's message")
        shop.at("2026-11-23T10:01:00+09:00")
        message = posted(shop)
        assert [call["headers"]["webhook-id"] for call in hook.calls] == [message["id"]] * 2
        assert "post" not in shop.status()["channels"]


def test_a_rehearsal_reaches_this_machine_alone(make_shop):
    shop = make_shop(rules=RULE.format("https://example.com/x", "door"), templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=1000)
    failed = posted(shop, "failed")
    assert failed["attempts"][0]["code"] == "rehearsal"
    shop.wait(lambda: shop.outbox("sms"), "the customer's message")


def test_nobody_sends_by_post_through_the_api(make_shop):
    with HookSink() as hook:
        shop = told(make_shop, hook)
        posted(shop)
        answer = shop.post("/v1/messages", {"customer": "C1", "channel": "post", "template": "door"})
        assert answer.status == 422 and answer.json["pointer"] == "/channel"


def test_its_template_is_asked_for_when_the_rule_is_read(make_shop):
    shop = make_shop(rules="", templates=TEXTS)
    shop.rule("bell.rule", RULE.format("https://example.com/x", "dor"))
    done = run_program("dangolctl", "check", cwd=shop.root)
    assert done.code == 1 and "'dor.post'" in done.out + done.err and "'door'" in done.out + done.err, done


def test_a_machine_that_is_dead_or_refuses_us_stops_no_other(make_shop):
    with HookSink() as alive, HookSink() as closed:
        closed.fault = lambda number, key, body: 401
        dead = f"http://127.0.0.1:{free_port()}/x"
        shop = make_shop(rules="".join(RULE.format(url, "door").replace("bell", name) for name, url in
                                       (("a", dead), ("b", closed.url), ("c", alive.url))), templates=TEXTS)
        shop.customer("C1", "sms data", phone="01012345678")
        for n in range(6):
            shop.event("order.paid", "C1", id=f"o{n}", order=f"A-{n}", total=1000)
        shop.wait(lambda: len(alive.calls) == 6 and len(shop.outbox("sms")) == 18, "the machine that lives, and the customers")
        assert 1 <= len(closed.calls) <= 6
        assert shop.status()["channels"]["post"]["state"] == "ok"
        assert {one["state"] for one in shop.messages(rule="a") if one["channel"] == "post"} == {"planned"}
