"""A receiving domain that says "not now" holds its own letters and nobody else's."""
import datetime

import pytest
from shop import FROZEN, free_port
from test_delivery import PAID, PUBLIC, TEXTS

BUSY = {"451": "451 4.7.1 too many letters, come again later", "421": "421 4.7.28 unusual rate of mail"}


def mail_shop(make_shop, sink, more="", **given):
    server = f'server "127.0.0.1:{sink.port}"  tls none  from "hi@example.com"  {more}'
    return make_shop(rules=PAID.format('email "p"'), templates=TEXTS, rate=given.pop("rate", 600),
                     listen=PUBLIC.format(free_port()), channels={"email": server}, **given)


def pay(shop, name, domain):
    shop.event("order.paid", {"id": name, "email": f"{name}@{domain}"}, id=f"e-{name}", order=f"A-{name}", total=1)


def held(shop):
    return {one["domain"]: one for one in shop.status()["channels"]["email"]["domains"]}


def attempts(shop, customer):
    message = shop.one_message(customer=customer)
    return [(one["result"], one["code"]) for one in shop.ok("GET", "/v1/messages/" + message["id"])["attempts"]]


@pytest.mark.parametrize("code", ["451", "421"])
@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_other_domains_go_on_and_the_held_ones_arrive_after_it(make_shop, mail_sink, code, stage):
    refuse = mail_sink.refuse_domains if stage == "rcpt" else mail_sink.refuse_domains_after
    refuse["naver.com"] = BUSY[code]
    shop = mail_shop(make_shop, mail_sink, rate=FROZEN)
    pay(shop, "n0", "naver.com")
    shop.wait(lambda: "naver.com" in held(shop), "a domain that is held")
    for n in range(1, 10):
        pay(shop, f"n{n}", "naver.com")
        pay(shop, f"d{n}", "daum.net")
    shop.wait(lambda: shop.queue()["accepted"] == 9, "the letters to the other domain")
    assert not [one for one in mail_sink.to() if one[0].endswith("naver.com")]
    shown = shop.status()["channels"]["email"]
    assert shown["state"] == "ok" and "4.7." in attempts(shop, "n0")[0][1]
    assert BUSY[code].split(" ", 2)[2] in shown["domains"][0]["reason"]
    shop.wait(lambda: attempts(shop, "n9"), "why it waits")
    assert attempts(shop, "n9")[0] == ("later", "domain") and attempts(shop, "d9") == [("accepted", None)]
    refuse.clear()
    shop.at("2026-11-23T10:02:00+09:00", rate=60)
    shop.wait(lambda: shop.queue()["accepted"] == 19, "all letters")
    assert set(mail_sink.counts().values()) == {1} and len(mail_sink.counts()) == 19
    assert not held(shop) and shop.status()["channels"]["email"]["state"] == "ok"


def gaps(shop, customer):
    """Minutes between the attempts of its message."""
    message = shop.one_message(customer=customer)
    times = [datetime.datetime.fromisoformat(one["time"])
             for one in shop.ok("GET", "/v1/messages/" + message["id"])["attempts"]]
    return [(later - earlier).total_seconds() / 60 for earlier, later in zip(times, times[1:])]


def test_it_waits_longer_each_time_and_one_letter_tries(make_shop, mail_sink):
    mail_sink.refuse_domains["naver.com"] = BUSY["451"]
    shop = mail_shop(make_shop, mail_sink, rate=1200)
    pay(shop, "n0", "naver.com")
    shop.wait(lambda: len(attempts(shop, "n0")) >= 4, "the fourth try")
    assert all(gap >= least for gap, least in zip(gaps(shop, "n0"), (1, 5, 15))), gaps(shop, "n0")
    for n in range(1, 40):
        pay(shop, f"n{n}", "naver.com")
    shop.wait(lambda: "naver.com" in shop.status()["why"], "the sentence")
    mail_sink.refuse_domains.clear()
    shop.wait(lambda: shop.queue()["accepted"] == 40, "all letters")
    assert set(mail_sink.counts().values()) == {1}
    assert len(mail_sink.asked) - 40 < 20, "more than one tried at a time"


def test_what_the_server_says_of_one_letter_holds_no_domain(make_shop, mail_sink):
    mail_sink.refuse_once["n0@naver.com"] = "451 4.3.0 try later"
    mail_sink.refuse_once["n1@naver.com"] = "452 4.2.2 mailbox full"
    mail_sink.refuse["n2@naver.com"] = "550 5.7.1 refused"
    shop = mail_shop(make_shop, mail_sink)
    for n in range(4):
        pay(shop, f"n{n}", "naver.com")
    shop.wait(lambda: shop.queue()["accepted"] == 3, "the letters")
    assert not held(shop)


def test_the_owner_is_shown_which_domains_wait(make_shop, mail_sink):
    mail_sink.refuse_domains["naver.com"] = BUSY["451"]
    shop = mail_shop(make_shop, mail_sink, rate=FROZEN)
    pay(shop, "n0", "naver.com")
    shop.wait(lambda: held(shop), "a domain that is held")
    said = shop.ctl("status")
    assert "naver.com" in said.out and "4.7.1" in said.out, said
    assert "n0@" not in said.out + shop.log()
