"""Every class of fault, for every provider: what was to be sent ends in a state that is true, and nothing is sent
twice. The table names each pair of a fault and what it must come to."""
import random
import threading
import time

import pytest
from shop import open_shop
from standins.fleet import FLEET

RULE = 'rule receipt { when order.paid\n purpose info\n send sms "r" }\n'
TEXT = {"r.sms": "주문 #{event.order} 고맙습니다\n"}
START = "2026-11-23T10:00:00+09:00"
RATE = 600  # ten minutes of looking for what nobody knows are a second
FINAL = ("delivered", "failed", "dropped", "expired")

# fault, how it is ordered, what it comes to: "sent" once and delivered; "refused": failed, and nothing was taken
FAULTS = [
    ("none", {}, "sent"),
    ("429", {"retry_after": 1}, "sent"),
    ("500-before", {}, "sent"),
    ("500-after", {}, "sent"),
    ("reset-connect", {}, "sent"),
    ("reset-headers", {}, "sent"),
    ("reset-before", {}, "sent"),
    ("reset-after", {}, "sent"),
    ("zero", {}, "refused"),
    ("html", {"accepted": False}, "sent"),
    ("html", {"accepted": True}, "sent"),
    ("half", {"accepted": False}, "sent"),
    ("half", {"accepted": True}, "sent"),
    ("big", {"accepted": False}, "sent"),
    ("big", {"accepted": True}, "sent"),
    ("refused-connect", {}, "sent"),
]


def shop_of(one, provider, **more):
    return open_shop(rules=RULE, templates=TEXT, channels={"sms": one.channel(provider)},
                     credentials=one.credentials(provider), **more)


def pay(shop, number):
    event = {"id": f"e{number}", "type": "order.paid", "data": {"order": f"A-{number}", "total": 1000},
             "customer": {"id": f"C{number}", "phone": f"010{30000000 + number}"}}
    assert shop.ok("POST", "/v1/events", event)["accepted"] == 1


def message_of(shop, number):
    found = shop.ok("GET", f"/v1/messages?customer=C{number}")["messages"]
    return found[0] if found else None


def ended(shop, number):
    message = message_of(shop, number)
    return message if message and message["state"] in FINAL else None


def taken(provider, number):
    return [one for one in provider.accepted if f"A-{number} " in one.text]


def order(provider, name, how):
    """The fault meets the next request that sends."""
    if name == "none":
        return
    if name in ("reset-connect", "refused-connect"):
        provider.down()  # kept connections are gone
        if name == "refused-connect":
            return
        provider.up()
        provider.fault(name, times=1)
    else:
        provider.fault(name, times=1, where=provider.SENDS, **how)


def check(shop, provider, number, name, comes_to, one):
    if name == "zero":
        comes_to = one.zero
    if name == "refused-connect":
        shop.wait(lambda: any(a["result"] == "not_sent" for a in message_of(shop, number)["attempts"]), "the refusal")
        provider.up()
    if one.blind and name not in ("none", "429", "zero", "refused-connect"):
        comes_to = "open"
    if comes_to == "open":  # this provider cannot tell: it stays open for the owner, or is found
        message = shop.wait(lambda: (m := message_of(shop, number)) and m["state"] in ("unknown", *FINAL) and m,
                            f"a true state after {name}")
        assert len(taken(provider, number)) == (1 if message["state"] == "delivered" else len(taken(provider, number)))
        assert message["state"] in ("unknown", "delivered"), (name, message)
        return
    if comes_to == "accepted":  # it said so
        shop.wait(lambda: (message_of(shop, number) or {}).get("state") == "accepted", "its word")
        assert not taken(provider, number)
        return
    message = shop.wait(lambda: ended(shop, number), f"the end of what met {name}: {message_of(shop, number)}")
    assert message["state"] == {"sent": "delivered", "refused": "failed"}[comes_to], (name, message)
    assert len(taken(provider, number)) == (1 if comes_to == "sent" else 0), (name, message)


@pytest.mark.parametrize("one", FLEET, ids=lambda one: one.name)
def test_every_fault_ends_in_a_true_state(one):
    with one.standin() as provider, shop_of(one, provider, clock=START, rate=RATE) as shop:
        for number, (name, how, comes_to) in enumerate(FAULTS):
            order(provider, name, how)
            pay(shop, number)
            check(shop, provider, number, name, comes_to, one)
            provider.mend()
        assert provider.duplicates() == {}
        assert provider.violations == []


@pytest.mark.parametrize("one", FLEET, ids=lambda one: one.name)
def test_wrong_certificate_sends_nothing(one):
    with one.standin(tls=True) as provider, \
            shop_of(one, provider, clock=START, rate=RATE, env={"SSL_CERT_FILE": provider.certificate}) as shop:
        provider.fault("wrong-certificate")
        pay(shop, 1)
        shop.wait(lambda: any(a["result"] == "not_sent" for a in message_of(shop, 1)["attempts"]), "the refusal")
        assert not any(provider.SENDS(request) for request in provider.requests)
        provider.mend()
        assert shop.wait(lambda: ended(shop, 1), "the delivery")["state"] == "delivered"
        assert provider.violations == []


def test_an_answer_of_five_minutes():
    """All at once, since half a minute of real time passes for each."""
    failures = []

    def wait_out(one):
        try:
            with one.standin() as provider, shop_of(one, provider, clock=START, rate=110) as shop:
                provider.fault("slow", times=1, where=provider.SENDS, accepted=True)
                pay(shop, 1)
                shop.wait(lambda: taken(provider, 1), "the first")
                provider.fault("slow", times=1, where=provider.SENDS, accepted=False)
                pay(shop, 2)
                shop.wait(lambda: (message_of(shop, 2) or {}).get("state") == "unknown", "the end of waiting", 60)
                shop.wait(lambda: message_of(shop, 1)["state"] in (("unknown",) if one.blind else ("delivered",)),
                          "what was found", 60)
                assert len(taken(provider, 1)) == 1 and not taken(provider, 2)
                assert provider.violations == [] and provider.duplicates() == {}
        except BaseException as broken:  # a thread's failure is the test's
            failures.append((one.name, broken))

    threads = [threading.Thread(target=wait_out, args=(one,)) for one in FLEET]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []


def later(seconds):
    """The rehearsal's clock so many real seconds after its start."""
    minutes, second = divmod(int(seconds * RATE), 60)
    hours, minute = divmod(minutes, 60)
    return f"2026-11-{23 + (10 + hours) // 24:02d}T{(10 + hours) % 24:02d}:{minute:02d}:{second:02d}+09:00"


@pytest.mark.parametrize("one", FLEET, ids=lambda one: one.name)
def test_kill_9_during_faults(one):
    """Two hundred messages, a fault for every fifth request, and the daemon killed six times."""
    luck = random.Random(9)
    names = [(name, how) for name, how, comes_to in FAULTS if comes_to == "sent" and name not in
             ("none", "refused-connect", "reset-connect")]
    with one.standin() as provider, shop_of(one, provider, start=False) as shop:
        shop.start(START, RATE)
        begun = time.monotonic()
        for name, how in names:
            provider.fault(name, where=lambda r: provider.SENDS(r) and luck.random() < 0.2 / len(names), **how)
        for number in range(200):
            pay(shop, number)
            if number % 33 == 32:
                shop.kill()
                shop.start(later(time.monotonic() - begun), RATE)
        provider.mend()
        open_states = ("planned", "claimed", "handed") if one.blind else ("planned", "claimed", "handed", "unknown",
                                                                           "accepted")
        shop.wait(lambda: not sum(shop.queue()[state] for state in open_states), "the end of all", 90)
        queue = shop.queue()
        assert sum(queue.values()) == 200
        assert provider.duplicates() == {} and provider.violations == []
        for number in range(200):
            state, times = message_of(shop, number)["state"], len(taken(provider, number))
            assert (state, times) in (("delivered", 1), ("accepted", 1)) or (one.blind and state == "unknown"), \
                (number, state, times)
