"""Delivery: what is claimed is so; fallback legs; what the law makes the daemon write; e-mail over a real session."""
import email.utils
import os
import signal

import pytest
import sinks
from shop import free_port, wait

PUBLIC = 'public "127.0.0.1:{}" url "https://m.example.com"'
PAID = 'rule paid {{ when order.paid  purpose info  send {} }}\n'
TEXTS = {"p.push": "결제 #{event.order}", "p.sms": "결제 #{event.order}", "p.email": "Subject: 결제\n\n#{event.order}",
         "n.push": "새 원두", "n.sms": "새 원두가 왔어요", "n.email": "Subject: 새 원두\n\n<p>#{이름}님</p>"}
AD = 'rule ad {{ when customer.joined  send {}  limit once }}\n'


def hooked(make_shop, sink, rules, channel="push", **more):
    return make_shop(rules=rules, templates=TEXTS, rate=more.pop("rate", 1), listen=PUBLIC.format(free_port()),
                     channels={channel: sink.channel()}, credentials={"push": sink.secret}, **more)


def pay(shop, ref="C1", order="A-1"):
    shop.event("order.paid", {"id": ref, "name": "김하늘", "phone": "01012345678", "email": "h@example.com"},
               id=f"e-{ref}-{order}", order=order, total=1000)


def test_s13_accepted_only_with_the_other_sides_word(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, PAID.format('push "p"'))
    hook_sink.faults = ["never"]
    pay(shop)
    shop.wait(lambda: hook_sink.number == 1, "the call")
    message = shop.one_message(customer="C1")
    assert message["state"] == "handed" and not message["sent"] and not message["provider_id"], message
    assert shop.queue()["accepted"] == 0
    hook_sink.released.set()
    message = shop.message_in("unknown", customer="C1")
    assert shop.queue()["accepted"] == 0 and shop.queue()["unknown"] == 1


def test_s13_accepted_carries_the_providers_id(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, PAID.format('push "p"'))
    pay(shop)
    message = shop.message_in("accepted", customer="C1")
    assert message["sent"] and message["provider"] == "webhook"
    assert list(hook_sink.keys) == [message["id"]]
    assert not hook_sink.bad_signatures
    detail = shop.ok("GET", "/v1/messages/" + message["id"])
    assert detail["attempts"] and detail["attempts"][-1]["result"] == "accepted", detail
    assert "결제 A-1" in hook_sink.calls[0]["body"].decode()


def test_s13_mail_is_accepted_with_the_servers_250(make_shop):
    with sinks.MailSink() as sink:
        sink.hang_after_dot = {1}
        shop = make_shop(rules=PAID.format('email "p"'), templates=TEXTS, rate=1, channels={
            "email": f'server "127.0.0.1:{sink.port}" tls none from "hi@example.com" connections 1'})
        pay(shop)
        wait(lambda: sink.to("h@example.com"), "the letter at the server")
        assert shop.one_message(customer="C1")["state"] == "handed"
        assert shop.queue()["accepted"] == 0


FAULTS = ["reset", "half", "html", "huge", 500, 503]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_s18_a_broken_answer_to_an_advertisement_is_unknown(make_shop, hook_sink, fault):
    shop = hooked(make_shop, hook_sink, AD.format('push "n"'), rate=60)
    hook_sink.faults = [fault]
    shop.customer("C1", "push data")
    shop.event("customer.joined", "C1", id="j1")
    shop.message_in("unknown", customer="C1")
    assert shop.idle()["unknown"] == 1
    shop.at("2026-11-23T15:00:00+09:00")
    shop.event("visit", "C1")
    shop.idle()
    assert hook_sink.number == 1, "never an advertisement twice"


@pytest.mark.parametrize("fault", [429, 400])
def test_s18_refusals_are_not_unknown(make_shop, hook_sink, fault):
    shop = hooked(make_shop, hook_sink, AD.format('push "n"'), rate=600)
    hook_sink.faults = [(429, {"Retry-After": "1"}) if fault == 429 else fault]
    shop.customer("C1", "push data")
    shop.event("customer.joined", "C1", id="j1")
    shop.message_in("accepted" if fault == 429 else "failed", customer="C1")
    assert hook_sink.number == (2 if fault == 429 else 1)
    assert len(hook_sink.keys) == 1


def test_s18_a_5xx_is_retried_for_information_under_the_same_key(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, PAID.format('push "p"'), rate=600)
    hook_sink.faults = [500]
    pay(shop)
    shop.message_in("accepted", customer="C1")
    assert hook_sink.number == 2 and len(hook_sink.keys) == 1


def test_unknown_information_is_sent_once_more_only_where_its_rule_says_so(make_shop, hook_sink):
    rules = ('rule once { when order.paid  purpose info  send push "p" }\n'
             'rule twice { when order.placed  purpose info  resend unknown  send push "p" }')
    shop = hooked(make_shop, hook_sink, rules, rate=600)
    hook_sink.faults = ["reset"]
    pay(shop)
    shop.message_in("unknown", rule="once")
    hook_sink.faults = ["reset"]
    shop.event("order.placed", {"id": "C1"}, order="A-2", total=10)
    shop.message_in("accepted", rule="twice")
    shop.at("2026-11-24T10:00:00+09:00", 600)
    shop.event("visit", "C1")
    shop.idle()
    assert shop.messages(rule="once")[0]["state"] == "unknown"
    assert sorted(hook_sink.keys.values()) == [1, 2]


def test_resend_unknown_stops_after_once_more(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, 'rule twice { when order.placed  purpose info  resend unknown  send push "p" }',
                  rate=600)
    hook_sink.fault = lambda number, key, body: "reset"
    shop.event("order.placed", {"id": "C1"}, order="A-2", total=10)
    shop.wait(lambda: hook_sink.number == 2, "the second try")
    shop.message_in("unknown", rule="twice")
    shop.at("2026-11-25T10:00:00+09:00", 600)
    shop.event("visit", "C1")
    shop.idle()
    assert hook_sink.number == 2


def test_queue_retry_of_an_unknown_asks_for_may_duplicate(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, AD.format('push "n"'), rate=1)
    hook_sink.faults = ["reset"]
    shop.customer("C1", "push data")
    shop.event("customer.joined", "C1", id="j1")
    message = shop.message_in("unknown", customer="C1")
    refused = shop.post(f"/v1/messages/{message['id']}/retry")
    assert refused.status == 409, refused
    shop.ok("POST", f"/v1/messages/{message['id']}/retry", {"may_duplicate": True})
    shop.message_in("accepted", customer="C1")
    assert list(hook_sink.keys.values()) == [2]


def test_s14_a_failed_message_shows_its_cause_and_can_be_retried_or_dropped(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, PAID.format('push "p"'))
    hook_sink.faults = [400, 400]
    pay(shop, "C1")
    message = shop.message_in("failed", customer="C1")
    pay(shop, "C2", "A-2")
    shop.message_in("failed", customer="C2")
    detail = shop.ok("GET", "/v1/messages/" + message["id"])
    assert detail["reason"] == "refused_by_provider" and "400" in str(detail["attempts"]), detail
    shop.ok("POST", f"/v1/messages/{message['id']}/retry")
    shop.message_in("accepted", customer="C1")
    assert hook_sink.keys[message["id"]] == 2


def test_fallback_when_the_provider_refuses_the_recipient(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, PAID.format('push "p" else sms "p" else email "p"'))
    hook_sink.faults = [400]
    pay(shop)
    shop.wait(lambda: shop.outbox("sms"), "the second leg")
    shop.idle()
    legs = sorted((m["leg"], m["channel"], m["state"]) for m in shop.messages(customer="C1"))
    assert legs == [(0, "push", "failed"), (1, "sms", "accepted")]
    assert not shop.outbox("email")


def test_fallback_for_a_missing_address_and_consent(make_shop):
    shop = make_shop(rules=AD.format('sms "n" else push "n" else email "n"'), templates=TEXTS,
                     listen=PUBLIC.format(free_port()))
    shop.customer("C1", "sms email data", email="h@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.wait(lambda: shop.outbox("email"), "the third leg")
    shop.idle()
    assert [one["channel"] for one in shop.outbox()] == ["email"]
    legs = {m["leg"]: (m["state"], m["reason"]) for m in shop.messages(customer="C1")}
    assert legs[0] == ("dropped", "no_address")
    assert legs[1] == ("dropped", "no_consent")


def test_fallback_not_after_accepted_or_unknown(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, AD.format('push "n" else sms "n"'), rate=60)
    hook_sink.faults = ["half"]
    for ref in ("C1", "C2"):
        shop.customer(ref, "push sms data", phone="0101234567" + ref[1])
        shop.event("customer.joined", ref, id="j" + ref)
        shop.wait(lambda ref=ref: [m for m in shop.messages(customer=ref) if m["state"] in ("unknown", "accepted")],
                  "the first leg's end")
    shop.idle()
    assert not shop.outbox("sms")
    assert sorted(m["state"] for m in shop.messages()) == ["accepted", "unknown"]


def test_brandmessage_to_who_is_no_friend_goes_to_the_next_leg(make_shop):
    shop = make_shop(rules=AD.format('brandmessage "n" else sms "n"'), templates={**TEXTS, "n.brandmessage": "새 원두"})
    shop.customer("C1", "kakao sms data", phone="01012345671", friend=False)
    shop.customer("C2", "kakao sms data", phone="01012345672", friend=True)
    for ref in ("C1", "C2"):
        shop.event("customer.joined", ref, id="j" + ref)
    shop.wait(lambda: len(shop.outbox()) == 2, "both")
    assert {one["customer"]: one["channel"] for one in shop.outbox()} == {"C1": "sms", "C2": "brandmessage"}
    brand = shop.outbox("brandmessage")[0]
    assert "(광고)" not in brand["text"] and "수신거부" not in brand["text"]


def test_the_label_and_refusal_of_a_text_message(make_shop):
    shop = make_shop(rules=AD.format('sms "n"') + PAID.format('sms "p"'), templates=TEXTS)
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("customer.joined", "C1", id="j1")
    pay(shop)
    shop.wait(lambda: len(shop.outbox()) == 2, "both")
    ad, info = shop.outbox(rule="ad")[0], shop.outbox(rule="paid")[0]
    assert ad["text"] == "(광고)단골커피\n새 원두가 왔어요\n무료수신거부 080-123-4567"
    assert info["text"] == "결제 A-1"
    assert ad["purpose"] == "ad" and info["purpose"] == "info"
    assert ad["to"] == "+821012345678" and ad["from"] == "0212345678"


def test_outbox_files(make_shop):
    import os
    import re
    shop = make_shop(rules=PAID.format('email "p"'), templates=TEXTS)
    pay(shop)
    shop.wait(lambda: shop.outbox(), "the letter")
    letter = shop.outbox()[0]
    name = letter.pop("file")
    assert set(letter) == {"id", "channel", "to", "from", "subject", "text", "html", "rule", "customer", "template",
                           "coupon", "purpose"}
    assert re.fullmatch(r"20261123T010\d{3}Z-" + re.escape(letter["id"]) + r"\.email\.json", name), name
    eml = shop.path("outbox", name[:-len(".json")] + ".eml")
    assert os.path.exists(eml) and os.stat(eml).st_mode & 0o777 == 0o600
    assert os.stat(shop.path("outbox", name)).st_mode & 0o777 == 0o600


def mail_shop(make_shop, sink, rules, keys="", env=None, **more):
    return make_shop(rules=rules, templates=TEXTS, rate=60, listen=PUBLIC.format(free_port()), env=env, channels={
        "email": f'server "127.0.0.1:{sink.port}"  from "단골커피 <hi@example.com>"  {keys}'}, **more)


def test_an_advertisement_by_mail_carries_label_sender_and_one_click(make_shop, mail_sink):
    shop = mail_shop(make_shop, mail_sink, AD.format('email "n"') + PAID.format('email "p"'), "tls none")
    shop.customer("C1", "email data", email="h@example.com")
    shop.customer("C2", "", email="i@example.com")
    shop.event("customer.joined", "C1", id="j1")
    shop.event("order.paid", "C2", id="o1", order="A-1", total=100)
    wait(lambda: mail_sink.to("h@example.com") and mail_sink.to("i@example.com"), "both letters")
    ad, info = mail_sink.letter("h@example.com"), mail_sink.letter("i@example.com")
    assert ad["Subject"] == "(광고) 새 원두" and info["Subject"] == "결제"
    assert email.utils.parseaddr(str(ad["From"])) == ("단골커피", "hi@example.com")
    body = ad.get_body(("plain",)).get_content()
    for word in ("단골커피", "02-123-4567", "서울 마포구 포은로 1", "hi@example.com", "https://m.example.com/u/"):
        assert word in body, body
    html = ad.get_body(("html",)).get_content()
    assert "<p>김하늘님</p>" in html and "https://m.example.com/u/" in html
    link = str(ad["List-Unsubscribe"])
    assert link.startswith("<https://m.example.com/u/") and link.endswith(">")
    assert str(ad["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    assert info["List-Unsubscribe"] is None
    assert "m.example.com" not in info.get_body(("plain",)).get_content()
    assert ad["Message-ID"] and ad["Date"] and ad["Message-ID"] != info["Message-ID"]


def test_mail_over_starttls_with_login(make_shop):
    with sinks.MailSink(starttls=True, users={"shop": "s3cret"}) as sink:
        shop = mail_shop(make_shop, sink, PAID.format('email "p"'),
                         'tls starttls  user "shop"  password credential "smtp"', credentials={"smtp": "s3cret"},
                         env={"SSL_CERT_FILE": sink.certificate})
        pay(shop, "C1")
        shop.message_in("accepted", customer="C1")
        pay(shop, "C2", "A-2")
        shop.message_in("accepted", customer="C2")
        assert all(one[3] for one in sink.to()), "in the clear"
        assert sink.logins and all(good for _, good in sink.logins)


def test_mail_refuses_a_certificate_that_nobody_vouches_for(make_shop):
    with sinks.MailSink(starttls=True) as sink:
        shop = mail_shop(make_shop, sink, PAID.format('email "p"'), "tls starttls")
        pay(shop)
        shop.wait(lambda: shop.status()["channels"]["email"]["state"] != "ok" or
                  shop.messages()[0].get("reason"), "the channel to say so")
        assert not sink.to()
        assert shop.queue()["accepted"] == 0


def test_mail_with_a_wrong_password_pauses_the_channel_and_loses_nothing(make_shop):
    with sinks.MailSink(starttls=True, users={"shop": "right"}) as sink:
        shop = mail_shop(make_shop, sink, PAID.format('email "p"'),
                         'tls starttls  user "shop"  password credential "smtp"', credentials={"smtp": "wrong"},
                         env={"SSL_CERT_FILE": sink.certificate})
        pay(shop)
        shop.wait(lambda: shop.status()["channels"]["email"]["state"] == "paused", "a paused channel")
        assert shop.messages()[0]["state"] in ("planned", "held")
        assert shop.status()["why"]
        assert "wrong" not in shop.log()
        shop.credential("smtp", "right")
        shop.signal(1)
        shop.message_in("accepted", customer="C1")


LOGIN = 'user "shop"  password credential "smtp"'


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_mail_signs_in_by_what_the_server_offers(make_shop, tls, mechanism):
    without = ["LOGIN" if mechanism == "PLAIN" else "PLAIN"]
    with sinks.MailSink(starttls=tls == "starttls", implicit=tls == "implicit", users={"shop": "s3cret"},
                        without=without) as sink:
        shop = mail_shop(make_shop, sink, PAID.format('email "p"'), f"tls {tls}  {LOGIN}",
                         credentials={"smtp": "s3cret"}, env={"SSL_CERT_FILE": sink.certificate})
        pay(shop, "C1")
        shop.message_in("accepted", customer="C1")
        assert all(one[3] and one[4] for one in sink.to()), "in the clear, or not signed in"
        assert sink.logins and set(sink.logins) == {(mechanism, True)}
        assert "s3cret" not in shop.log()


def test_mail_over_tls_from_the_first_byte_needs_a_good_certificate(make_shop):
    with sinks.MailSink(implicit=True) as sink:
        shop = mail_shop(make_shop, sink, PAID.format('email "p"'), "tls implicit")
        pay(shop)
        shop.wait(lambda: shop.ok("GET", "/v1/messages/" + shop.one_message(customer="C1")["id"])["attempts"],
                  "an attempt")
        assert not sink.to() and shop.queue()["accepted"] == 0


def test_mail_without_starttls_where_it_is_asked_for_pauses_the_channel(make_shop, mail_sink):
    shop = mail_shop(make_shop, mail_sink, PAID.format('email "p"'), "tls starttls")
    pay(shop)
    shop.wait(lambda: shop.status()["channels"]["email"]["state"] == "paused", "a paused channel")
    assert "STARTTLS" in str(shop.status()["why"])
    assert not mail_sink.asked and shop.messages()[0]["state"] in ("planned", "held")


def test_mail_connections_carry_many_letters_each_and_each_letter_once(make_shop, mail_sink):
    shop = mail_shop(make_shop, mail_sink, PAID.format('email "p"'), "tls none  connections 3")
    for n in range(120):
        shop.event("order.paid", {"id": f"M{n}", "email": f"m{n}@example.com"}, id=f"m{n}",
                   order=f"M-{n}", total=1)
    shop.wait(lambda: shop.queue()["accepted"] == 120, "all letters")
    assert set(mail_sink.counts().values()) == {1} and len(mail_sink.counts()) == 120
    assert sum(mail_sink.carried.values()) == 120 and len(mail_sink.carried) < 120, mail_sink.carried


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_by_an_access_token_and_a_refused_one_pauses_the_channel(make_shop, tls):
    with sinks.MailSink(starttls=tls == "starttls", implicit=tls == "implicit", tokens={"shop": "fresh"}) as sink:
        shop = mail_shop(make_shop, sink, PAID.format('email "p"'),
                         f'tls {tls}  user "shop"  token credential "mail-token"',
                         credentials={"mail-token": "ya29.stale"}, env={"SSL_CERT_FILE": sink.certificate})
        pay(shop)
        shop.wait(lambda: shop.status()["channels"]["email"]["state"] == "paused", "a paused channel")
        assert "token" in str(shop.status()["why"]) and not sink.to()
        assert "ya29" not in shop.log() and "ya29" not in str(shop.status())
        shop.credential("mail-token", "fresh")
        shop.signal(1)
        shop.message_in("accepted", customer="C1")
        assert all(one[3] and one[4] for one in sink.to()) and set(sink.logins[:1]) == {("XOAUTH2", False)}
        assert sink.logins[-1] == ("XOAUTH2", True)


def test_mail_4xx_is_tried_again(make_shop, mail_sink):
    shop = mail_shop(make_shop, mail_sink, PAID.format('email "p"'), "tls none")
    mail_sink.refuse_once["h@example.com"] = "451 4.3.0 try later"
    pay(shop)
    shop.message_in("accepted", customer="C1")
    assert mail_sink.counts() == {"h@example.com": 1}


def mail_children(shop):
    """The pids of the daemon's mail programs."""
    with open(f"/proc/{shop.process.pid}/task/{shop.process.pid}/children", encoding="ascii") as children:
        return [int(pid) for pid in children.read().split()]


def test_a_mail_program_killed_after_a_letters_end(make_shop, mail_sink):
    """Only the letter whose end had left is unknown; those behind it go out once, by another."""
    shop = mail_shop(make_shop, mail_sink, PAID.format('email "p"'), "tls none  connections 1")
    mail_sink.hang_after_dot.add(3)
    for n in range(2):  # its pace becomes known: more than one letter stands before it
        pay(shop, f"A{n}", f"A-{n}")
        shop.message_in("accepted", customer=f"A{n}")
    for n in range(6):
        pay(shop, f"C{n}", f"C-{n}")
    shop.wait(lambda: mail_sink.ended == 3, "the letter that is not answered")
    shop.wait(lambda: shop.queue()["handed"] > 1, "letters behind it")
    for pid in mail_children(shop):
        os.kill(pid, signal.SIGKILL)
    shop.message_in("unknown", customer="C0")
    for n in range(1, 6):
        shop.message_in("accepted", customer=f"C{n}")
    assert mail_sink.counts() == {"h@example.com": 8}
    assert shop.queue()["unknown"] == 1 and shop.queue()["accepted"] == 7


def test_s48_511_suppresses_a_full_mailbox_does_not(make_shop, mail_sink):
    shop = mail_shop(make_shop, mail_sink, PAID.format('email "p"'), "tls none")
    mail_sink.refuse["gone@example.com"] = "550 5.1.1 no such user"
    mail_sink.refuse["full@example.com"] = "552 5.2.2 mailbox full"
    for ref, address in (("GONE", "gone@example.com"), ("FULL", "full@example.com")):
        shop.event("order.paid", {"id": ref, "email": address}, id=ref, order=ref, total=1)
        shop.wait(lambda ref=ref: shop.messages(customer=ref), ref)
    shop.message_in("failed", customer="GONE")
    shop.wait(lambda: mail_sink.asked.count("full@example.com") >= 1, "the full one")
    del mail_sink.refuse["full@example.com"]
    shop.event("order.paid", {"id": "GONE"}, id="g2", order="G2", total=1)
    shop.event("order.paid", {"id": "FULL"}, id="f2", order="F2", total=1)
    shop.wait(lambda: mail_sink.to("full@example.com"), "the next letter to the full one")
    shop.wait(lambda: any(m["reason"] == "no_address" for m in shop.messages(customer="GONE")), "no_address")
    assert mail_sink.asked.count("gone@example.com") == 1
    listed = shop.ok("GET", "/v1/suppressions")
    assert "gone@example.com" in str(listed) and "full@example.com" not in str(listed)


def test_s15_unreachable_provider_is_visible_and_resumes_by_itself(make_shop):
    sink = sinks.HookSink()
    with sink:
        port = sink.port
    shop = make_shop(rules=PAID.format('push "p"') + 'rule s { when order.paid  purpose info  send sms "p" }',
                     templates=TEXTS, rate=600, channels={"push": sink.channel()}, credentials={"push": sink.secret})
    for n in range(8):
        pay(shop, f"C{n}", f"A-{n}")
    channel = shop.wait(lambda: (c := shop.status()["channels"]["push"])["state"] == "open" and c, "an open circuit")
    assert channel["reason"] and channel["waiting"] >= 1 and channel["since"]
    assert "push" in shop.status()["why"], shop.status()["why"]
    shop.wait(lambda: len(shop.outbox("sms")) == 8, "the other channel's")
    again = sinks.HookSink(sink.key)
    again_server = sinks._Server(("127.0.0.1", port), sinks._Hook)
    again_server.sink = again
    import threading
    threading.Thread(target=again_server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        shop.wait(lambda: len(again.keys) == 8, "the circuit to close by itself")
        shop.wait(lambda: shop.status()["channels"]["push"]["state"] == "ok", "the channel to be well")
        assert set(again.keys.values()) == {1}
    finally:
        again_server.shutdown()
        again_server.server_close()


def test_401_pauses_the_channel_until_credentials_are_read_anew(make_shop, hook_sink):
    shop = hooked(make_shop, hook_sink, PAID.format('push "p"'), rate=60)
    hook_sink.faults = [401]
    pay(shop)
    shop.wait(lambda: shop.status()["channels"]["push"]["state"] == "paused", "a paused channel")
    assert shop.messages()[0]["state"] in ("planned", "held")
    shop.signal(1)
    shop.message_in("accepted", customer="C1")


def test_a_rate_is_kept(make_shop, hook_sink):
    shop = make_shop(rules=PAID.format('push "p"'), templates=TEXTS, rate=1,
                     channels={"push": hook_sink.channel(rate="20 per second")}, credentials={"push": hook_sink.secret})
    import time
    began = time.monotonic()
    batch = [{"type": "order.paid", "id": f"e{n}", "customer": {"id": f"C{n}"}, "data": {"order": f"A{n}", "total": 1}}
             for n in range(60)]
    shop.ok("POST", "/v1/events", batch)
    shop.wait(lambda: hook_sink.number == 60, "all of them")
    assert time.monotonic() - began >= 1.9


def test_a_text_that_cp949_cannot_hold_fails_the_leg(make_shop):
    shop = make_shop(rules=PAID.format('sms "e" else email "p"'),
                     templates={**TEXTS, "e.sms": "#{이름}님 결제 #{event.order}"})
    shop.event("order.paid", {"id": "C1", "name": "하늘🌸", "phone": "01012345678", "email": "h@example.com"},
               id="e1", order="A-1", total=100)
    shop.wait(lambda: shop.outbox("email"), "the next leg")
    first = [m for m in shop.messages(customer="C1") if m["leg"] == 0][0]
    assert (first["state"], first["reason"]) == ("failed", "bad_content") and not shop.outbox("sms")


def test_rehearsal_refuses_channels_that_are_not_loopback():
    from shop import Shop, run_program
    shop = Shop(channels={"push": 'provider webhook  url "https://example.com/push"  secret credential "push"'},
                credentials={"push": "whsec_" + "QUFB" * 8})
    try:
        ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
        assert ran.code != 0 and "push" in ran.err, ran
    finally:
        shop.close()
