"""The courier against a provider that breaks in every way: nothing twice, nothing lost, nothing claimed that is not so.

The stand-in here knows as much of SOLAPI as the courier needs; that its requests are right is tested elsewhere."""
import contextlib
import json
import os
import resource
import sqlite3
import threading
import time

import pytest
from shop import open_shop
from standins.base import StandIn
from standins.wire import Answer

RULE = '규칙 영수증 { 언제 주문.결제\n 목적 정보\n 문자 "r" 보내기 }\n'
TEMPLATE = {"r.sms": "#{이름}님 고맙습니다\n"}
SMS = ('provider solapi  url "{url}"  key credential "k"  secret credential "x"  sender "0212345678"  '
       'refuse "080-123-4567"')
SECRETS = {"k": "NCSKEY0123456789", "x": "s" * 32}
NOON = "2026-11-23T10:00:00+09:00"


class Desk(StandIn):
    """Takes messages singly and in groups, and shows them in lists. hidden: does not show what it has."""
    routes = (("POST", r"/messages/v4/send-many/detail", "send"),
              ("POST", r"/messages/v4/groups", "begin"),
              ("PUT", r"/messages/v4/groups/([^/]+)/messages", "add"),
              ("POST", r"/messages/v4/groups/([^/]+)/send", "go"),
              ("GET", r"/messages/v4/groups/([^/]+)", "group"),
              ("DELETE", r"/messages/v4/groups/([^/]+)", "remove"),
              ("GET", r"/messages/v4/list", "list"),
              ("GET", r"/iam/v1/black", "black"),
              ("GET", r"/senderid/v1/numbers/active", "senders"))

    def __init__(self, **more):
        super().__init__(**more)
        self.groups, self.hidden, self.bad, self.times = {}, False, set(), []

    def zero(self, request):
        return Answer(200, {"groupInfo": {"groupId": "G0", "count": {"registeredSuccess": 0}},
                            "failedMessageList": [], "messageList": []})

    def take(self, message, group):
        own = message["customFields"]
        to = "+82" + message["to"][1:]
        one = self.accept(own["dangol"], to, message["text"], message["type"], f"M{self.port}-{self.next_number()}",
                          group=group, own=own)
        self.times.append(time.monotonic())
        return one

    @staticmethod
    def row(one, code="2000"):
        return {"messageId": one.provider_id, "statusCode": code, "to": "0" + one.to[3:], "customFields": one.more["own"]}

    def send(self, request):
        messages = request.json()["messages"]
        if any(m["to"] in self.bad for m in messages):
            return self.refusal(400, request)
        name = f"G{self.port}-{self.next_number()}"
        rows = [self.row(self.take(m, name)) for m in messages]
        return Answer(200, {"groupInfo": {"groupId": name, "count": {"registeredSuccess": len(rows)}},
                            "failedMessageList": [], "messageList": rows})

    def begin(self, request):
        name = f"G{self.port}-{self.next_number()}"
        self.groups[name] = []
        return Answer(200, {"groupId": name})

    def add(self, request, name):
        messages = request.json()["messages"]
        if any(m["to"] in self.bad for m in messages):
            return self.refusal(400, request)
        self.groups[name] += messages
        return Answer(200, {"errorCount": 0, "resultList": [
            {"messageId": f"{name}-{i}", "statusCode": "2000", "to": m["to"], "customFields": m["customFields"]}
            for i, m in enumerate(messages)]})

    def go(self, request, name):
        for message in self.groups.pop(name):
            self.take(message, name)
        return Answer(200, {"groupId": name, "status": "SENDING"})

    def group(self, request, name):
        if name in self.groups:
            return Answer(200, {"groupId": name, "status": "PENDING"})
        return Answer(200, {"groupId": name, "status": "COMPLETE"})

    def remove(self, request, name):
        self.groups.pop(name)
        return Answer(200, {"groupId": name})

    def list(self, request):
        group, to = request.one("groupId"), request.one("to")
        found = [] if self.hidden else [one for one in list(self.accepted)
                                        if group in (None, one.more["group"]) and to in (None, "0" + one.to[3:])]
        return Answer(200, {"nextKey": None, "messageList": {
            one.provider_id: self.row(one, self.code_of(one)) for one in found}})

    def code_of(self, one):
        what, code = self.result_of(one)
        return {"delivered": "4000", "pending": "3000", "unconfirmed": "3040"}.get(what) or code

    def black(self, request):
        return Answer(200, {"blackList": [], "nextKey": None})

    def senders(self, request):
        return Answer(200, ["0212345678"])

    def note(self, request):
        """All but the question of each start, whether the sender is registered: these tests wait for the others."""
        if not request.path.startswith("/senderid/"):
            super().note(request)


@pytest.fixture
def desk():
    with Desk() as standin:
        yield standin
        assert not standin.violations, standin.violations


def shop_of(desk, rules=RULE, more="", conf="", start=True, clock=NOON, rate=1, channels=None, **kw):
    return open_shop(clock, rate, start=start, rules=rules, templates=TEMPLATE,
                     channels={"sms": SMS.format(url=desk.url) + more, **(channels or {})},
                     credentials=SECRETS, conf=conf, **kw)


def order(shop, n, first=0):
    events = [{"type": "order.paid", "id": f"o{i}", "customer": {"id": f"C{i}", "name": "김하늘", "phone": f"010{i:08d}"},
               "data": {"order": f"A{i}", "total": 1000}} for i in range(first, first + n)]
    for at in range(0, n, 500):
        shop.ok("POST", "/v1/events", events[at:at + 500])


def states(shop):
    return {state: n for state, n in shop.queue().items() if n}


def later(shop, minutes, rate=1):
    """The same shop, so many minutes after NOON."""
    return shop.at(f"2026-11-23T{10 + minutes // 60}:{minutes % 60:02d}:00+09:00", rate)


def aged(shop, seconds):
    """What was handed is that much older by the machine's clock, which no rehearsal bends: a group that may still be
    sent is left alone for two minutes of it."""
    shop.stop()
    with contextlib.closing(sqlite3.connect(shop.path("shop.db"))) as db, db:
        db.execute("UPDATE bundle SET machine_at = machine_at - ?", (seconds * 1000,))
    shop.start(NOON, 1)


def quiet(desk):
    """Waits until nothing has come for half a second."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < 0.5:
        if len(desk.requests) != seen:
            seen, since = len(desk.requests), time.monotonic()
        time.sleep(0.02)


def all_in(shop, n, *wanted):
    shop.wait(lambda: sum(states(shop).get(s, 0) for s in wanted) == n, f"{n} in {wanted}: {states(shop)}")
    return states(shop)


# ---- 4: pause and resume ----

def test_s4_paused_and_resumed_twenty_times_nothing_twice_none_missing(desk):
    with shop_of(desk, more="  rate 400 per second") as shop:
        stop = threading.Event()

        def toggle():
            for _ in range(20):
                shop.ctl("queue", "hold")
                time.sleep(0.02)
                shop.ctl("queue", "release")
                time.sleep(0.02)
            stop.set()
        hand = threading.Thread(target=toggle)
        hand.start()
        order(shop, 600)
        hand.join()
        assert stop.is_set()
        all_in(shop, 600, "accepted", "delivered")
        assert not desk.duplicates()
        assert len(desk.accepted) == 600


def test_s4_reloaded_twenty_times_while_it_sends(desk):
    with shop_of(desk, more="  rate 400 per second") as shop:
        order(shop, 600)
        for _ in range(20):
            shop.signal(1)
            time.sleep(0.05)
        all_in(shop, 600, "accepted", "delivered")
        assert not desk.duplicates()
        assert len(desk.accepted) == 600


# ---- 10: kill -9 ----

def test_s10_killed_during_groups_each_is_taken_once(desk):
    with shop_of(desk) as shop:
        for i in range(8):
            before = len(desk.requests)
            order(shop, 50, first=50 * i)
            end = time.monotonic() + 0.5
            shop.wait(lambda: len(desk.requests) > before + i % 4 or time.monotonic() > end, "requests")
            shop.kill()
            shop.start(NOON, 1)
        shop.wait(lambda: not any(states(shop).get(s) for s in ("planned", "claimed", "handed")), "all handed")
        left = states(shop)
        assert sum(left.values()) == 400, left
        aged(shop, 180)
        for minutes in (3, 11, 70):
            later(shop, minutes)
            quiet(desk)
        all_in(shop, 400, "accepted", "delivered")
        assert not desk.duplicates()
        assert len(desk.accepted) == 400
        with contextlib.closing(sqlite3.connect(f"file:{shop.path('shop.db')}?mode=ro", uri=True)) as db:
            known = {ref for ref, in db.execute("SELECT ref FROM bundle")}
        # A kill may come between a group's making and its name's being on disk: nobody can ask for it, and nothing is in it.
        assert not known & set(desk.groups), "a group that was never sent is taken away"
        assert not any(desk.groups.values()), "what nobody knows of holds no message"


# ---- 11: the rate over a restart ----

def test_s11_a_rate_goes_on_where_a_reboot_left_it(desk):
    with shop_of(desk, more="  rate 60 per hour") as shop:
        order(shop, 5)
        shop.wait(lambda: desk.accepted, "the first")
        for how in (shop.kill, shop.stop, shop.kill):
            how()
            shop.start(NOON, 1)
            shop.wait(lambda: shop.queue()["planned"] == 4, "the queue")
            time.sleep(0.3)
        assert len(desk.accepted) == 1
        assert shop.queue()["planned"] == 4


# ---- 13, 14: states that are true ----

ONE = [
    # fault, its where, what it is first, what it is when it was looked for, how often the provider has it
    ("500-before", "unknown", "accepted", 1),
    ("500-after", "unknown", "delivered", 1),
    ("reset-before", "unknown", "accepted", 1),
    ("reset-after", "unknown", "delivered", 1),
    ("html", "unknown", "accepted", 1),
    ("half", "unknown", "accepted", 1),
    ("big", "unknown", "accepted", 1),
    ("zero", "failed", "failed", 0),
]


@pytest.mark.parametrize("fault,first,then,times", ONE, ids=[one[0] for one in ONE])
def test_s18_each_answer_ends_in_a_true_state(desk, fault, first, then, times):
    with shop_of(desk) as shop:
        desk.fault(fault, times=1, where="/messages/v4/send")
        order(shop, 1)
        message = shop.message_in(first)
        assert message["attempts"][0]["result"] == ("unknown" if first == "unknown" else "refused")
        assert message["attempts"][0]["detail"]
        for minutes in (1, 3, 11):
            if shop.one_message()["state"] == "unknown":
                before = len(desk.requests)
                later(shop, minutes)
                shop.wait(lambda: len(desk.requests) > before, "a look")
                time.sleep(0.2)
        shop.wait(lambda: len(desk.accepted) == times, "the letter")
        shop.message_in(then)
        assert len(desk.accepted) == times


def test_s18_an_answer_after_our_time_is_over(desk):
    """It accepts, and answers never: unknown, found, and not sent again."""
    with shop_of(desk) as shop:
        desk.fault("slow", times=1, where="/messages/v4/send", accepted=True, seconds=60)
        order(shop, 1)
        shop.wait(lambda: desk.accepted, "the letter")
        assert shop.one_message()["state"] == "handed"
        shop.wait(lambda: shop.one_message()["state"] == "unknown", "the end of its time", 45)
        later(shop, 2)
        shop.message_in("delivered")
        assert len(desk.accepted) == 1


def test_s13_what_cannot_be_seen_is_never_sent_again(desk):
    """The provider has it, does not say so, and shows it without our names: it stays unknown."""
    class Nameless(Desk):
        def row(self, one, code="2000"):
            return {k: v for k, v in Desk.row(one, code).items() if k != "customFields"}

    with Nameless() as desk, shop_of(desk) as shop:
        desk.fault("reset-after", times=1, where="/messages/v4/send")
        order(shop, 1)
        shop.message_in("unknown")
        for minutes in (1, 3, 11, 70):
            before = len(desk.requests)
            later(shop, minutes)
            shop.wait(lambda: len(desk.requests) > before, "a look")
            time.sleep(0.2)
        assert shop.one_message()["state"] == "unknown"
        assert len(desk.accepted) == 1


def test_s14_a_failed_message_shows_why_and_is_tried_again(desk):
    desk.results(("failed", "3031"))
    with shop_of(desk) as shop:
        order(shop, 1)
        shop.message_in("accepted")
        later(shop, 1)
        message = shop.message_in("failed")
        shown = shop.ctl("message", "show", message["id"])
        assert "3031" in shown.out, shown
        desk.results("delivered")
        desk.fault("500-before", times=1, where="/messages/v4/send")
        assert shop.ctl("queue", "retry", message["id"]).code == 0
        shop.message_in("unknown")
        # the failure of the first request is not this one's
        before = len(desk.requests)
        later(shop, 3)
        shop.wait(lambda: len(desk.requests) > before, "a look")
        time.sleep(0.2)
        assert shop.one_message()["state"] == "unknown"
        later(shop, 12)
        shop.wait(lambda: len(desk.accepted) == 2, "the second")
        shop.message_in("accepted")
        later(shop, 14)
        shop.message_in("delivered")


def test_one_bad_number_does_not_fail_the_others(desk):
    desk.bad.add("01000000007")
    with shop_of(desk) as shop:
        order(shop, 120)
        shop.wait(lambda: states(shop) == {"accepted": 119, "failed": 1}, f"119 and one: {states(shop)}")
        assert not desk.duplicates()
        assert len(desk.accepted) == 119


def test_a_copy_of_the_store_asks_by_the_names_that_were_told(desk, tmp_path):
    with shop_of(desk) as shop:
        desk.fault("reset-after", times=1, where="/messages/v4/send")
        order(shop, 1)
        shop.message_in("unknown")
        copy = str(tmp_path / "copy.db")
        assert shop.ctl("backup", "--rehearsal", copy).code == 0
        shop.stop()
        for end in ("", "-wal", "-shm"):
            if os.path.exists(shop.path("shop.db" + end)):
                os.unlink(shop.path("shop.db" + end))
        os.rename(copy, shop.path("shop.db"))
        shop.start("2026-11-23T10:12:00+09:00", 1)
        shop.message_in("delivered")
        assert len(desk.accepted) == 1


def test_another_account_proves_no_absence(desk):
    """The channel moves to another account while one message is unknown: what that does not show may be there."""
    with Desk() as other, shop_of(desk) as shop:
        desk.fault("reset-after", times=1, where="/messages/v4/send")
        order(shop, 1)
        shop.message_in("unknown")
        with open(shop.conf, encoding="utf-8") as conf:
            text = conf.read().replace(desk.url, other.url)
        shop.write("dangol.conf", text)
        for minutes in (1, 3, 11, 70):
            before = len(other.requests)
            later(shop, minutes)
            shop.wait(lambda: len(other.requests) > before, "a look")
            time.sleep(0.2)
        assert shop.one_message()["state"] == "unknown"
        assert not other.accepted


def test_a_provider_taken_out_and_put_back_is_asked_again(desk):
    with shop_of(desk) as shop:
        desk.fault("reset-after", times=1, where="/messages/v4/send")
        order(shop, 1)
        shop.message_in("unknown")
        with open(shop.conf, encoding="utf-8") as conf:
            text = conf.read()
        before = len(desk.requests)
        shop.write("dangol.conf", text.replace("provider solapi", "provider outbox"))
        later(shop, 11)
        time.sleep(0.3)
        assert shop.one_message()["state"] == "unknown"
        assert len([r for r in desk.requests if "list" in r.path]) == 0, before
        shop.write("dangol.conf", text)
        later(shop, 61)
        shop.message_in("delivered")
        assert len(desk.accepted) == 1


def test_s64_a_provider_that_hangs_keeps_no_other_from_being_asked(desk):
    with Desk() as other:
        spare = f'  rate 30 per second  fallback provider solapi  url "{other.url}"  key credential "k"  secret credential "x"'
        desk.results("pending")
        with shop_of(desk, more=spare) as shop:
            order(shop, 60)
            all_in(shop, 60, "accepted")
            desk.down()
            order(shop, 3, first=60)
            shop.wait(lambda: len(other.accepted) == 3, "the second provider", 60)
            desk.mend()
            desk.fault("slow", where="/messages/v4/list")
            later(shop, 3)
            shop.wait(lambda: states(shop).get("delivered") == 3, "news of the second", 15)
            assert any(r.path.startswith("/messages/v4/list") for r in desk.requests)
            desk.mend()


def test_all_of_a_request_are_given_up_and_sent_once_more(desk):
    """Nobody can tell for 25 hours, and the rule says: then again."""
    rule = RULE.replace("정보\n", "정보\n resend unknown\n")
    with shop_of(desk, rules=rule) as shop:
        shop.ctl("queue", "hold")
        order(shop, 300)
        desk.fault("reset-after", where=lambda r: r.method == "POST" and r.path.endswith(("/send", "/detail")))
        shop.ctl("queue", "release")
        all_in(shop, 300, "unknown")
        desk.mend()
        desk.fault("500-before", where=lambda r: r.method == "GET")
        shop.at("2026-11-24T11:30:00+09:00", 1)
        shop.wait(lambda: states(shop) == {"accepted": 300}, f"once more: {states(shop)}")
        assert set(desk.keys().values()) == {2}
        assert len(desk.keys()) == 300


def test_s16_what_came_of_a_letter_outlives_a_reload_with_a_full_disk(desk):
    with shop_of(desk) as shop:
        desk.fault("slow", times=1, where="/messages/v4/send", accepted=True, seconds=2)
        order(shop, 1)
        shop.wait(lambda: desk.accepted, "the letter")
        pid, (_, hard) = shop.process.pid, resource.prlimit(shop.process.pid, resource.RLIMIT_FSIZE)
        shop.signal(1)
        time.sleep(0.5)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (100, hard))
        time.sleep(3)
        assert shop.one_message()["state"] == "handed"
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        shop.message_in("accepted")


# ---- 15: the circuit, and who takes over ----

def test_s15_an_unreachable_provider_is_told_within_a_minute_and_it_goes_on_by_itself(desk):
    with shop_of(desk, lang="C.UTF-8") as shop:
        desk.down()
        begin = time.monotonic()
        order(shop, 30)
        shop.wait(lambda: shop.status()["channels"]["sms"]["state"] == "open", "an open circuit", 60)
        assert time.monotonic() - begin < 60
        assert "sms" in shop.status()["why"], shop.status()["why"]
        tried = sum(len(m["attempts"]) for m in shop.messages())
        time.sleep(1)
        assert sum(len(m["attempts"]) for m in shop.messages()) == tried, "it goes on trying while it is open"
        desk.mend()
        later(shop, 20, 20)
        all_in(shop, 30, "accepted", "delivered")
        assert not desk.duplicates()


def test_a_second_provider_takes_over_and_gives_back(desk):
    with Desk() as other:
        spare = f'  fallback provider solapi  url "{other.url}"  key credential "k"  secret credential "x"'
        with shop_of(desk, more=spare, rate=20) as shop:
            order(shop, 1)
            shop.wait(lambda: len(desk.accepted) == 1, "the first provider")
            desk.down()
            order(shop, 20, first=1)
            shop.wait(lambda: len(other.accepted) == 20, "the second provider", 60)
            status = shop.status()["channels"]["sms"]
            assert status["state"] == "open" and status["fallback"]["state"] == "ok", status
            desk.mend()
            order(shop, 1, first=21)
            shop.wait(lambda: len(desk.accepted) + len(other.accepted) == 22, "the next")
            shop.wait(lambda: shop.queue()["planned"] == 0, "none waits")

            def given_back():
                order(shop, 1, first=100 + given_back.n)
                given_back.n += 1
                return shop.status()["channels"]["sms"]["state"] == "ok"
            given_back.n = 0
            shop.wait(given_back, "the first provider again", 60)
            keys = [one.key for one in desk.accepted + other.accepted]
            assert len(keys) == len(set(keys))
        assert not other.violations, other.violations


def test_a_429_slows_all_channels_of_the_account(desk):
    with shop_of(desk) as shop:
        desk.fault("429", times=1, where="/messages/v4/send", retry_after=2)
        begin = time.monotonic()
        order(shop, 1)
        shop.wait(lambda: any(m["attempts"] for m in shop.messages()), "the first try")
        order(shop, 10, first=1)
        all_in(shop, 11, "accepted", "delivered")
        assert min(desk.times) - begin >= 2
        assert not desk.duplicates()


# ---- 27: what was held leaves in the rate ----

def test_s27_what_was_held_leaves_in_the_rate_of_its_channel(desk):
    with shop_of(desk, more="  rate 20 per second") as shop:
        shop.ctl("queue", "hold")
        order(shop, 50)
        shop.ctl("queue", "release")
        all_in(shop, 50, "accepted", "delivered")
        begin = desk.times[0]
        for n in range(5, 50, 5):
            assert desk.times[n] - begin >= (n - 4) / 20, f"{n} within {desk.times[n] - begin} s"
        assert json.dumps(desk.duplicates()) == "{}"
