"""The statutory notices of consent: the result within 14 days, the confirmation every two years; by day, once, over the
medium of the consent, in the owner's words where he wrote some."""
import json
import os

import pytest

NEXT = "2026-11-24T10:00:05+09:00"
RESULT, CONFIRM = "consent-result", "consent-confirm"


def notices(shop, **query):
    return [m for m in shop.messages(**query) if m["purpose"] == "notice" and m["rule"] != "daemon"]


def ledger(shop, *options):
    return shop.ctl("consent", "notices", *options, "--json").json["notices"]


def settled(shop, n):
    """All that is told, once nothing moves any more: oldest first."""
    shop.wait(lambda: len(notices(shop)) >= n and all(m["state"] == "accepted" for m in notices(shop)), f"{n} notices")
    shop.idle()
    found = notices(shop)
    assert len(found) == n, found
    return [shop.ok("GET", f"/v1/messages/{m['id']}") for m in reversed(found)]


def test_consent_and_withdrawal_are_told_by_day(make_shop):
    """Given at night, told the next morning: without a label, without a consent of the night."""
    shop = make_shop(clock="2026-11-23T22:30:00+09:00")
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    shop.consent("C1", "sms", purpose="night", told=False)
    shop.consent("C1", "data", told=False)
    assert shop.status()["notices"] == {"due": 3, "late": 0, "told": 0}
    shop.at("2026-11-24T09:59:00+09:00")
    shop.idle()
    assert not notices(shop)
    shop.at(NEXT)
    told, = settled(shop, 1)
    assert told["text"] == ("[단골커피] 수신동의 처리 결과\n문자 광고 수신 동의, 문자 야간 광고 수신 동의, 개인정보 마케팅 이용 동의\n"
                            "일자: 2026년 11월 23일\n결과: 정상 처리되었습니다\n동의 철회(무료): 080-123-4567")
    assert (told["rule"], told["channel"], told["purpose"]) == (RESULT, "sms", "notice")
    assert {row["state"] for row in ledger(shop)} == {"told"} and ledger(shop)[0]["message"] == told["id"]
    assert shop.status()["notices"] == {"due": 0, "late": 0, "told": 3}
    shop.consent("C1", "sms", given=False, told=False)
    shop.at("2026-11-25T10:00:05+09:00")
    text = settled(shop, 2)[1]["text"]
    assert text == ("[단골커피] 수신동의 처리 결과\n문자 광고 수신 동의 철회\n일자: 2026년 11월 24일\n결과: 정상 처리되었습니다\n"
                    "문의: 02-123-4567")


def test_every_door_owes_a_notice(make_shop):
    """By event, by API, by dangolctl, by a file; what another system told owes none."""
    shop = make_shop()
    for ref in "ABCDEFG":
        shop.customer(ref, "", phone=f"0101234567{ord(ref) - 64}")
    shop.event("consent.given", "A", id="e1", channel="sms", purpose="ad")
    shop.consent("B", "sms", told=False)
    assert shop.ctl("consent", "give", "C", "sms").code == 0
    assert shop.ctl("consent", "give", "D", "sms", "--told").code == 0
    rows = ["customer,channel,purpose,given,time", "E,sms,ad,yes,2026-11-20T10:00:00+09:00",
            "F,sms,ad,yes,2026-01-05T10:00:00+09:00", "G,sms,ad,yes,"]
    shop.write("c.csv", "\n".join(rows) + "\n")
    assert shop.ctl("import", "consents", shop.path("c.csv")).code == 0
    assert {row["customer"] for row in ledger(shop)} == set("ABCE")
    shop.at(NEXT)
    assert {m["customer"] for m in settled(shop, 4)} == set("ABCE")


def test_several_changes_are_one_notice(make_shop):
    """Given and taken back before it is told: the last word, in one message; each row of the ledger is told by it."""
    shop = make_shop()
    shop.customer("C1", "", phone="01012345678", email="h@example.com")
    shop.consent("C1", "email", told=False, time="2026-11-23T09:00:00+09:00")
    shop.consent("C1", "email", given=False, told=False, time="2026-11-23T09:30:00+09:00")
    shop.at(NEXT)
    told, = settled(shop, 1)
    assert told["channel"] == "email" and "메일 광고 수신 동의 철회" in told["text"]
    assert [row["told"] is not None for row in ledger(shop)] == [True, True]


def test_over_the_medium_of_the_consent(make_shop):
    shop = make_shop(templates={"consent-result.alimtalk": "#{shop.name} #{consent.what} #{consent.date|date} "
                                                           "#{consent.result} #{consent.how}"})
    for ref, channel, more in (("A", "kakao", {"phone": "01012345671"}), ("B", "push", {"phone": "01012345672"}),
                               ("C", "data", {"email": "c@example.com"}), ("D", "email", {"phone": "01012345674"})):
        shop.customer(ref, "", **more)
        shop.consent(ref, channel, told=False)
    shop.at(NEXT)
    shop.wait(lambda: len([m for m in notices(shop) if m["state"] == "accepted"]) == 4, "four notices")
    accepted = {m["customer"]: m["channel"] for m in notices(shop) if m["state"] == "accepted"}
    assert accepted == {"A": "alimtalk", "B": "sms", "C": "email", "D": "sms"}


def test_no_law_no_notice(make_shop):
    shop = make_shop(shop='shop { name "Cafe"  phone "02-123-4567"  timezone "Asia/Seoul"  language en  law none }\n')
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    shop.at("2029-11-24T10:00:05+09:00")
    shop.idle()
    assert not notices(shop) and shop.ctl("rules", "--json").json["rules"] == []
    assert shop.status()["notices"] == {"due": 0, "late": 0, "told": 0}


def test_visible_and_never_off(make_shop):
    shop = make_shop()
    rules = {one["name"]: one for one in shop.ok("GET", "/v1/rules")["rules"]}
    assert set(rules) == {RESULT, CONFIRM} and all(one["built_in"] and one["purpose"] == "notice" for one in rules.values())
    assert "purpose notice" in shop.ok("GET", f"/v1/rules/{RESULT}")["source"]
    for verb in ("off", "pause"):
        refused = shop.ctl("rule", verb, RESULT)
        assert refused.code == 1 and "the law asks for" in refused.err and "law none" in refused.err
    assert shop.ctl("rule", "on", RESULT).code == 0


def test_a_mistake_elsewhere_is_the_only_one_that_is_told(make_shop):
    shop = make_shop()
    shop.template("broken.sms", "#{if")
    checked = shop.ctl("check", shop.conf)
    assert checked.code == 1 and "broken.sms:1" in checked.err and "consent-result" not in checked.err


@pytest.mark.parametrize("rule, said", [
    ('rule consent-result { when order.paid  purpose info  send sms "n" }', "a rule of the daemon's own"),
    ('rule mine { when order.paid  purpose notice  send sms "n" }', "the daemon's own"),
    ('rule mine { when order.paid  purpose info  send sms "t" }', "only a notice of consent has 'consent.what'")])
def test_what_an_owner_may_not_write(make_shop, rule, said):
    shop = make_shop()
    shop.rule("own.rule", rule)
    shop.template("n.sms", "결제 고맙습니다")
    shop.template("t.sms", "#{consent.what}")
    checked = shop.ctl("check", shop.conf)
    assert checked.code == 1 and said in checked.err + checked.out, checked


def test_an_outsider_tells_no_notice(make_shop):
    shop = make_shop()
    answer = shop.ok("POST", "/v1/events", {"type": "consent.notice", "customer": {"id": "C1"}, "data": {"kind": "result"}})
    assert answer["accepted"] == 0 and "daemon's own" in answer["rejected"][0]["detail"]


def test_the_owners_words_and_what_they_must_show(make_shop):
    shop = make_shop(templates={"consent-result.sms": "#{shop.name}: #{consent.what} (#{consent.date|date}) "
                                                      "#{consent.result}. #{consent.how}"})
    shop.customer("C1", "", phone="01012345678", language="en")
    shop.consent("C1", "sms", told=False)
    shop.at(NEXT)
    assert settled(shop, 1)[0]["text"] == ("단골커피: 문자 광고 수신 동의 (2026년 11월 23일) 정상 처리되었습니다. "
                                          "동의 철회(무료): 080-123-4567")
    shop.template("consent-confirm.sms", "Purpose: ad\n\n#{shop.name} #{consent.date|date}")
    checked = shop.ctl("check", shop.conf)
    text = checked.out + checked.err
    assert checked.code == 1 and "write #{consent.what} #{consent.how} into the text" in text, text
    assert "no advertisement" in text, text


def test_in_the_customers_language(make_shop):
    shop = make_shop()
    shop.customer("C1", "", email="h@example.com", language="en")
    shop.consent("C1", "email", told=False)
    shop.at(NEXT)
    told, = settled(shop, 1)
    assert "consent to ads by e-mail\nDate: 2026-11-23\nResult: it has been recorded\nTo withdraw (free): 080-123-4567" in told["text"]


def test_confirmed_every_two_years_per_medium(make_shop):
    """Simulated over four years and a half: two confirmations each of text and of mail, before the anniversaries."""
    shop = make_shop()
    shop.customer("C1", "", phone="01012345678", email="h@example.com")
    shop.consent("C1", "sms", time="2026-11-01T10:00:00+09:00")
    shop.consent("C1", "email", time="2026-11-20T10:00:00+09:00")
    shop.consent("C1", "data", time="2026-11-01T10:00:00+09:00")
    lines = shop.simulate("--from", "2026-11-24", "--to", "2031-03-01")
    found = [(one["channel"], one["time"][:10]) for one in lines if one.get("rule") == CONFIRM]
    assert len(found) == 4 and sorted(c for c, _ in found) == ["email", "email", "sms", "sms"], found
    for channel, day in found:
        assert day[:4] in ("2028", "2030") and f"{day[:4]}-10-02" <= day < f"{day[:4]}-11-20", (channel, day)
    assert not [one for one in lines if one.get("rule") == RESULT]


def test_a_confirmation_says_what_and_how(make_shop):
    shop = make_shop(clock="2026-11-23T10:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.consent("C1", "sms", purpose="night", time="2026-11-20T10:00:00+09:00")
    shop.at("2028-11-22T12:00:00+09:00")
    told, = settled(shop, 1)
    assert told["rule"] == CONFIRM
    assert told["text"] == ("[단골커피] 수신동의 확인\n문자 광고 수신 동의, 문자 야간 광고 수신 동의 (2026년 11월 20일)\n일자: 2026년 11월 23일\n그대로 두시면 동의가 유지됩니다.\n"
                            "동의 철회(무료): 080-123-4567")
    assert shop.ok("GET", "/v1/customers/C1")["consents"]["sms"]["ad"], "silence keeps it"


def test_withdrawn_before_the_confirmation_left(make_shop):
    """Planned, held, taken back: it is dropped, and the ledger owes it no more."""
    shop = make_shop(clock="2026-11-23T10:00:00+09:00")
    shop.customer("C1", "sms data", phone="01012345678")
    shop.ok("POST", "/v1/messages/hold")
    shop.at("2028-11-22T12:00:00+09:00")
    shop.wait(lambda: notices(shop), "the confirmation")
    shop.consent("C1", "sms", given=False)
    shop.ok("POST", "/v1/messages/release")
    assert shop.message_in("dropped", rule=CONFIRM)["reason"] == "no_longer"
    row, = ledger(shop)
    assert (row["state"], row["reason"]) == ("closed", "taken_back")


def test_the_first_medium_fails(make_shop):
    """A number that bounced: by mail; nothing at all: it stands as not told, with the reason."""
    shop = make_shop()
    shop.customer("A", "", phone="01012345671", email="a@example.com")
    shop.customer("B", "", phone="01012345672")
    for ref, number in (("A", "01012345671"), ("B", "01012345672")):
        shop.ok("POST", "/v1/suppressions", {"address": number, "channel": "sms", "reason": "bounced"})
        shop.consent(ref, "sms", told=False)
    shop.at(NEXT)
    shop.wait(lambda: {row["customer"]: row["state"] for row in ledger(shop)} == {"A": "told", "B": "not_told"}, "both settled")
    assert [m["channel"] for m in notices(shop, customer="A") if m["state"] == "accepted"] == ["email"]
    by_b = [row for row in ledger(shop) if row["customer"] == "B"][0]
    assert by_b["reason"] == "no_address" and by_b["told"] is None


def test_who_refused_ads_is_told_all_the_same(make_shop):
    """A refused address gets no advertisement, and the notice that the refusal was handled."""
    shop = make_shop(limits="quiet none  guard none  ads 0")
    shop.customer("C1", "sms data", phone="01012345678", birthday="2020-01-01")
    shop.ok("POST", "/v1/suppressions", {"address": "01012345678", "channel": "all", "reason": "opted_out"})
    shop.consent("C1", "sms", given=False, told=False)
    shop.at(NEXT)
    assert "동의 철회" in settled(shop, 1)[0]["text"]


def test_the_owner_hears_of_late_ones_at_day_ten(make_shop):
    """Nobody has an address: the owner is told on the tenth day, once a day; status says it."""
    shop = make_shop()
    shop.customer("C1", "")
    shop.consent("C1", "sms", told=False)
    shop.at("2026-12-03T09:00:00+09:00")
    shop.wait(lambda: ledger(shop)[0]["state"] == "not_told", "the end of the chain")
    shop.idle()
    assert not shop.messages(rule="daemon") and shop.status()["notices"]["late"] == 0
    for day, said in (("03T11:00", 1), ("03T20:00", 1), ("04T00:30", 2)):
        shop.at(f"2026-12-{day}:00+09:00")
        shop.wait(lambda: len(shop.messages(rule="daemon")) == said, f"{said} words to the owner by {day}")
        shop.idle()
    assert "1 notices of consent that the law asks for are not told yet, the first by 2026-12-07: no_address 1" in shop.log()
    assert shop.status()["notices"] == {"due": 1, "late": 1, "told": 0}
    assert "notices of consent that the law asks for are late (no_address 1)" in shop.status()["why"]
    assert len(ledger(shop, "--late")) == 1
    shop.at("2027-01-15T10:00:00+09:00")
    shop.idle()
    assert len(shop.messages(rule="daemon")) == 2, "a week after the term it is over"
    shop.wait(lambda: shop.status()["notices"]["late"] == 0, "a month after it, it is given up")
    row, = ledger(shop)
    assert (row["state"], row["reason"], row["told"]) == ("closed", "no_address", None)


def test_erased_with_the_customer(make_shop):
    shop = make_shop()
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    shop.ok("DELETE", "/v1/customers/C1")
    row, = ledger(shop)
    assert (row["state"], row["reason"], row["customer"]) == ("closed", "erased", None)
    shop.at(NEXT)
    shop.idle()
    assert not notices(shop)


def test_killed_in_between_it_is_never_told_twice(make_shop):
    shop = make_shop()
    for n in range(40):
        shop.customer(f"C{n}", "", phone=f"010123456{n:02d}")
        shop.consent(f"C{n}", "sms", told=False)
    for _ in range(4):
        shop.stop()
        shop.start(NEXT, wait_ready=False)
        shop.kill()
        shop.start(NEXT)
        shop.kill()
        shop.start(NEXT)
    shop.wait(lambda: len(notices(shop)) == 40, "all notices")
    letters = [letter["customer"] for letter in shop.outbox(rule=RESULT)]
    assert len(letters) == len(set(letters)), letters
    assert len({m["customer"] for m in notices(shop)}) == 40


def test_a_left_customer_is_told_of_what_he_had(make_shop):
    """customer.left takes back all; only what was given is a change to tell."""
    shop = make_shop()
    shop.customer("C1", "sms", phone="01012345678")
    shop.event("customer.left", "C1", id="l1")
    assert [(row["channel"], row["given"]) for row in ledger(shop)] == [("sms", False)]


def test_in_the_report_and_the_preview(make_shop):
    shop = make_shop(channels={"sms": 'sender "0212345678"  refuse "080-123-4567"  price sms 9원 lms 30원'})
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    seen = shop.ok("POST", "/v1/preview", {"rule": RESULT, "customer": "C1"})
    assert "문자 광고 수신 동의" in json.dumps(seen, ensure_ascii=False)
    line, = shop.simulate("--from", "2026-11-23", "--to", "2026-11-30")
    assert (line["rule"], line["time"][:16], line["state"]) == (RESULT, "2026-11-24T10:00", "accepted")
    shop.at(NEXT)
    settled(shop, 1)
    report = shop.ok("GET", f"/v1/report?rule={RESULT}")["rules"][0]
    assert report["accepted"] == {"sms": 1} and report["cost"] == 30, report


def test_no_channel_to_tell_by(make_shop):
    """Neither text nor mail: nothing is lost, the owner is told, and with a channel it goes out."""
    shop = make_shop(channels={"sms": None, "email": None})
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    assert shop.ok("GET", "/v1/rules")["rules"] == []
    shop.at("2026-12-03T11:00:00+09:00")
    shop.wait(lambda: "not_begun 1" in shop.log(), "the alarm")
    assert (ledger(shop)[0]["state"], shop.status()["notices"]["late"]) == ("owed", 1)
    with open(shop.conf, encoding="utf-8") as conf:
        text = conf.read()
    shop.write("dangol.conf", text + 'channel sms { sender "0212345678"  refuse "080-123-4567" }\n')
    shop.at("2026-12-04T11:00:00+09:00")
    settled(shop, 1)


def test_an_older_text_of_the_rule_ends_well(make_shop):
    """The shop's language changes while a notice is held: its run goes on in the version that it began with."""
    shop = make_shop()
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    shop.ok("POST", "/v1/messages/hold")
    shop.at(NEXT)
    shop.wait(lambda: notices(shop), "the notice")
    with open(shop.conf, encoding="utf-8") as conf:
        text = conf.read()
    shop.write("dangol.conf", text.replace("language ko", "language en"))
    shop.at("2026-11-24T10:10:00+09:00")
    shop.ok("POST", "/v1/messages/release")
    told, = settled(shop, 1)
    assert told["text"].startswith("[단골커피] Your consent\nconsent to ads by text message\nDate: 2026-11-23")


def test_explained_and_planned_like_any_rule(make_shop):
    shop = make_shop()
    shop.customer("C1", "", phone="01012345678")
    shop.consent("C1", "sms", told=False)
    assert shop.ok("GET", f"/v1/explain?rule={RESULT}&customer=C1")["rule"] == RESULT
    assert shop.ctl("rule", "plan", RESULT).code == 0
    assert shop.ctl("test-send", "sms", RESULT, "C1", "--to", "01099998888").code == 0
    letter, = shop.wait(lambda: shop.outbox(channel="sms"), "the test")
    assert "문자 광고 수신 동의" in letter["text"]
    shown = shop.ctl("rules")
    assert "built in" in shown.out and RESULT in shown.out
    shop.at(NEXT)
    shop.wait(lambda: ledger(shop)[0]["state"] == "told", "the notice")
    what = [one["what"] for one in shop.ok("GET", f"/v1/explain?rule={RESULT}&customer=C1")["history"]]
    assert what, "what happened is in its history"
