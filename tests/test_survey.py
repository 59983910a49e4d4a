"""What the shop's own data says of its rules, in check, reload and status."""
import contextlib
import json
import sqlite3

import pytest
from shop import run_program

TEXTS = {"t.sms": "#{이름}님, 커피 드세요", "p.push": "안녕하세요"}
LATER = "2026-12-30T10:00:00+09:00"


def warned(shop, key="warnings"):
    """The messages of status, once the data was looked at."""
    status = shop.wait(lambda: (found := shop.status())["survey"] and found, "a survey")
    return [one["message"] for one in status["rules"][key]]


def reload(shop, text):
    shop.rule("shop.rule", text)
    answer = shop.post("/v1/reload")
    found = answer.json["warnings" if answer.status == 200 else "errors"]
    return [f'{one["message"]} {one["hint"] or ""}'.strip() for one in found]


def check(shop, lang="C.UTF-8"):
    ran = run_program("dangolctl", "check", shop.conf, cwd=shop.root, lang=lang)
    return ran.code, ran.out + ran.err


def rows(shop, sql, many=((),)):
    """Into the store of a shop that is not running."""
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db, db:
        db.executemany(sql, many)


@pytest.mark.parametrize("lang, wanted", [
    ("C.UTF-8", "add: fields { customer.points number }"),
    ("ko_KR.UTF-8", "추가하십시오: 항목들 { customer.points 숫자 }")])
def test_an_undeclared_attribute_gets_the_type_of_its_values(make_shop, lang, wanted):
    shop = make_shop(templates=TEXTS, lang=lang)
    for n, points in enumerate(("1,200", 30, "7")):
        shop.customer(f"C{n}", attributes={"points": points})
    said = reload(shop, 'rule r { when order.paid  if customer.points = "많음"  send sms "t" }')
    assert len(said) == 1 and said[0].endswith(wanted), said
    shop.wait(lambda: wanted in shop.status()["rules"]["errors"][0]["hint"], "the hint in status")
    code, said = check(shop, lang)
    assert code == 1 and wanted in said


def test_an_undeclared_event_field_gets_the_type_of_its_values(make_shop):
    shop = make_shop(templates=TEXTS)
    shop.event("game.played", "C1", id="g", score="12", until="2026-12-24", won=True)
    for field, value, kind in (("score", '"a"', "number"), ("until", '"a"', "date"), ("won", '"a"', "yesno")):
        said = reload(shop, f'rule r {{ when game.played  if event.{field} = {value}  send sms "t" }}')
        assert said == [f"unknown field 'event.{field}' add: fields {{ game.played.{field} {kind} }}"]


def test_who_lacks_a_field_is_counted(make_shop):
    rule = 'rule r { when order.paid  if customer.grade != "직원"  send sms "t" }'
    shop = make_shop(rules=rule, templates=TEXTS)
    assert warned(shop) == ["customers without 'customer.grade' are left out here"], "nobody is there yet"
    for n in range(5):
        shop.customer(f"C{n}", **({"grade": "A"} if n < 2 else {}))
    counted = "3 of 5 customers have no 'customer.grade' and are left out here"
    assert reload(shop, rule) == [f"{counted} to take them in add: or customer.grade is unknown"]
    assert warned(shop) == [counted]
    assert check(shop)[0] == 0 and counted in check(shop)[1]
    assert counted in shop.ctl("status").out and counted in shop.ctl("reload").err
    for n in range(2, 5):
        shop.customer(f"C{n}", grade="B")
    assert reload(shop, rule) == [] and counted not in check(shop)[1]


def test_a_text_is_measured_with_the_longest_name(make_shop):
    text = {"t.sms": "#{이름}님, 이번 주말까지 댁으로 케이크 한 상자가 닿아요. 안녕히 계세요."}
    shop = make_shop(rules='rule r { when order.paid  purpose info  send sms "t" }', templates=text)
    shop.customer("C1", name="김하늘")
    assert warned(shop) == [] and "warning" not in check(shop)[1]
    shop.customer("C2", name="Alexandria Papadopoulos-Kim")
    said = check(shop)[1]
    assert "so that some go out as LMS" in said and "longest name of a customer of yours, 27 bytes" in said
    ran = shop.ctl("reload")
    assert "27 bytes" in ran.err, ran
    for out in (said, ran.err, json.dumps(shop.status()), shop.log()):
        assert "Alexandria" not in out and "김하늘" not in out


def test_values_that_do_not_fit_are_counted_and_unknown(make_shop):
    shop = make_shop(rules='fields { customer.points number  game.played.score number }\n'
                     'rule r { when game.played  if event.score >= 3 and customer.points >= 3  purpose ad\n'
                     '  send sms "t" }', templates=TEXTS)
    shop.customer("C1", attributes={"points": 5})
    shop.customer("C2", attributes={"points": "many"})
    shop.event("game.played", "C1", id="g1", score="high")
    shop.event("game.played", "C2", id="g2", score=9)
    shop.idle()
    assert shop.outbox() == []
    assert shop.post("/v1/reload").status == 200
    status = shop.status()
    assert [(one["field"], one["type"], one["values"], one["misfits"]) for one in status["survey"]["fields"]] == [
        ("customer.points", "number", 2, 1), ("game.played.score", "number", 2, 1)]
    assert status["survey"]["complete"] and status["survey"]["customers"] == 2
    said = warned(shop)
    assert "1 of 2 customers' values of 'customer.points' do not fit its type" in said[0], said
    assert "1 of 2 values of 'game.played.score' in the events of the last 30 days do not fit" in said[1], said
    assert status["why"].startswith("Nothing is due. Worth a look: rules/shop.rule:1: ")
    assert shop.ok("GET", "/v1/customers/C2")["attributes"] == {"points": "many"}, "it is kept"


def test_a_field_that_events_no_longer_carry(make_shop):
    rule = ('fields { game.played.score number }\n'
            'rule r { when game.played  if event.score >= 3  send sms "t" }\n'
            'rule s { when order.paid  if event.coupon = "A"  send sms "t" }')
    shop = make_shop(rules=rule, templates=TEXTS)
    shop.event("game.played", "C1", id="g1", score=1)
    shop.event("order.paid", "C1", id="o1", order="1", total=1)
    assert reload(shop, rule) == [], "the shop has told of events for a moment only"
    shop.at(LATER)
    assert warned(shop) == ["no 'game.played' came in the last 30 days, so none brought 'score'",
                            "no 'order.paid' came in the last 30 days, so none brought 'coupon'"]
    shop.event("game.played", "C1", id="g2", points=3)
    shop.event("order.paid", "C1", id="o2", order="2", total=1, coupon="B")
    assert reload(shop, rule)[0].startswith("no 'game.played' of the last 30 days brought 'score' look at what")
    assert warned(shop) == ["no 'game.played' of the last 30 days brought 'score'"]
    shop.event("game.played", "C1", id="g3", score=1)
    assert reload(shop, rule) == []


def test_it_is_looked_at_once_a_day(make_shop):
    rule = 'fields { customer.points number }\nrule r { when order.paid  if customer.points >= 3  send sms "t" }'
    shop = make_shop(rules=rule, templates=TEXTS, rate=20_000)
    assert warned(shop) == []
    shop.customer("C1", attributes={"points": "many"})
    shop.wait(lambda: warned(shop), "the next day's survey")
    assert "do not fit" in warned(shop)[0]


PARTS = 90
SLOW = ('fields { customer.words text }\nrule slow {\n    when every day at 11:00\n    if '
        + " and ".join(f'customer.words contains "w{n}."' for n in range(PARTS))
        + '\n    send sms "t"\n    limit once\n}\n')
MANY = 80_000


def many_customers(shop):
    """Whom the slow rule must read to the last word."""
    shop.stop()
    words = json.dumps({"words": " ".join(f"w{n}." for n in range(PARTS))})
    rows(shop, "INSERT INTO customer(ref, attributes, created_at, seen_at) VALUES (?, ?, 1, 1)",
         ((f"C{n}", words) for n in range(MANY)))


def test_a_rule_that_looks_at_everybody_slowly_is_named(make_shop):
    quick = ('rule quick {\n    when every day at 11:00\n    if customer.city = "서울"\n    send sms "t"\n'
             '    limit once\n}\n')
    shop = make_shop(rules=quick, templates=TEXTS)
    assert warned(shop) == [] and [one["rule"] for one in shop.status()["survey"]["scans"]] == ["quick"]
    many_customers(shop)
    shop.rule("slow.rule", SLOW)
    shop.start()
    named = "rule 'slow' looks through all 80,000 customers each time: "
    found = warned(shop)
    assert len(found) == 1 and found[0].startswith(named), found
    took = {one["rule"]: one["ms"] for one in shop.status()["survey"]["scans"]}
    assert took["slow"] > 1000 > took["quick"], took
    assert named in check(shop)[1]


def test_the_loop_does_not_wait_and_a_stop_is_soon(make_shop):
    shop = make_shop(templates=TEXTS)
    many_customers(shop)
    shop.rule("slow.rule", SLOW)
    shop.start()
    assert shop.status()["survey"] is None, "the daemon is ready before its data is looked at"
    shop.event("order.paid", "C1", id="o", order="1", total=1)
    assert shop.status()["survey"] is None
    shop.stop()
    assert "rules in force: 1" in shop.log()


@pytest.mark.parametrize("store", [b"", b"no database at all", None])
def test_check_needs_no_store(make_shop, store):
    shop = make_shop(rules='rule r { when order.paid  if customer.grade != "A"  send sms "t" }', templates=TEXTS,
                     start=False)
    if store is not None:
        shop.write("shop.db", store)
    code, said = check(shop)
    assert code == 0 and "customers without 'customer.grade' are left out here" in said
    listed = shop.path("shop.db")
    with contextlib.suppress(FileNotFoundError), open(listed, "rb") as file:
        assert file.read() == store, "it changes nothing"
