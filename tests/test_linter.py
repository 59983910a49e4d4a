"""What the law says of a text when it is written: scenarios 50, 51 and what stands beside them."""
import sqlite3

import pytest

INFO = 'rule receipt { when order.paid  purpose info  send sms "r" }'
ANSWER = "Not-Ad: 고객이 물으신 할인 조건에 답하는 글입니다\n\n물으신 할인은 1월부터입니다."


def evidence(shop):
    with sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True) as store:
        return store.execute("SELECT template, reason, sentence, hash FROM overrule ORDER BY id").fetchall()


def audited(shop):
    return [one for one in shop.ok("GET", "/v1/audit")["audit"] if one["what"] == "template.not_ad"]


@pytest.mark.parametrize("text, said", [
    ("결제되었습니다. 지금 친구를 초대하면 쿠폰을 드려요.", "'친구를 초대' promotes"),
    ("Paid. Don't miss our winter sale.", "'Don't miss' promotes"),
    ("(광고) 결제되었습니다", "'(광고)' promotes")])
def test_s51_information_that_promotes_is_refused_and_the_last_good_text_goes_on(make_shop, text, said):
    shop = make_shop(rules=INFO, templates={"r.sms": "결제 고맙습니다"})
    shop.template("r.sms", text)
    answer = shop.post("/v1/reload")
    assert answer.status == 422 and said in answer.body.decode()
    shop.customer("C1", "", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=100)
    shop.message_in("accepted", rule="receipt")
    assert [one["text"] for one in shop.outbox()] == ["결제 고맙습니다"]


def test_the_owner_overrules_with_a_reason_that_is_kept(make_shop):
    shop = make_shop(rules=INFO, templates={"r.sms": ANSWER})
    kept = evidence(shop)
    assert [one[:3] for one in kept] == [
        ("templates/r.sms", "고객이 물으신 할인 조건에 답하는 글입니다", "물으신 할인은 1월부터입니다.")]
    assert [(one["who"], one["target"]) for one in audited(shop)] == [("file", "templates/r.sms")]
    shop.ok("POST", "/v1/reload")
    assert evidence(shop) == kept, "the same text and reason are evidence once"
    shop.template("r.sms", ANSWER.replace("1월", "2월"))
    shop.ok("POST", "/v1/reload")
    assert [one[0] for one in evidence(shop)] == ["templates/r.sms"] * 2
    assert len({one[3] for one in evidence(shop)}) == 2, "another text is asked for anew"
    assert "for your reason" in shop.ctl("check").err
    shop.customer("C1", "", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=100)
    assert shop.message_in("accepted", rule="receipt")["purpose"] == "info"


def test_the_evidence_can_not_be_changed(make_shop):
    shop = make_shop(rules=INFO, templates={"r.sms": ANSWER})
    shop.stop()
    with sqlite3.connect(shop.path("shop.db")) as store:
        for sql in ("UPDATE overrule SET reason = 'x'", "DELETE FROM overrule"):
            with pytest.raises(sqlite3.DatabaseError, match="evidence"):
                store.execute(sql)


@pytest.mark.parametrize("text, status", [
    ("이번 주말 전 품목 20% 할인", 422), ("Purpose: ad\n\n이번 주말 전 품목 20% 할인", 201),
    ("Not-Ad: 고객이 부탁하신 견적을 보냅니다\n\n단체 주문 할인은 20%입니다", 201),
    ("예약이 확정되었습니다", 201)])
def test_a_message_by_hand_is_read_as_a_rule_is(make_shop, text, status):
    shop = make_shop(templates={"t.sms": text})
    shop.customer("C1", "", phone="01012345678")
    answer = shop.post("/v1/messages", {"customer": "C1", "channel": "sms", "template": "t"})
    assert answer.status == status
    if status == 422:
        assert answer.json["pointer"] == "/template" and "이번 주말 전 품목 20% 할인" in answer.json["detail"]


def test_a_rules_advertisement_does_not_go_by_hand_as_information(make_shop):
    shop = make_shop(rules='rule r { when customer.joined  send sms "t"  limit once }',
                     templates={"t.sms": "첫 주문 10% 할인해 드려요"})
    shop.customer("C1", "", phone="01012345678")
    assert shop.post("/v1/messages", {"customer": "C1", "channel": "sms", "template": "t"}).status == 422


@pytest.mark.parametrize("text, said", [
    ("[광 고] 새 원두", "writes '(광고)'"), ("새 원두\n080-123-4567", "a free number at the end"),
    ("새 원두 수신거부 080-123-4567", "writes '무료수신거부'")])
def test_what_the_daemon_writes_itself_is_refused(make_shop, text, said):
    shop = make_shop(rules='rule r { when customer.joined  send sms "t"  limit once }',
                     templates={"t.sms": "새 원두"})
    shop.template("t.sms", text)
    answer = shop.post("/v1/reload")
    assert answer.status == 422 and said in answer.body.decode()


def test_s50_an_alimtalk_tells_only_of_what_was_earned(make_shop):
    shop = make_shop(rules='rule r { when order.paid  purpose info  send alimtalk "t" }',
                     templates={"t.alimtalk": "결제를 받았습니다"})
    shop.template("t.alimtalk", "포인트 500점이 지급되었습니다")
    assert "the ground on which" in shop.post("/v1/reload").body.decode()
    shop.template("t.alimtalk", "포인트 500점이 지급되었습니다\n고객님의 유료 구매로 지급된 포인트 안내입니다")
    assert shop.post("/v1/reload").status == 200
