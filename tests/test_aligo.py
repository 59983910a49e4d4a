"""Provider aligo against a desk that keeps what it was given and counts, as Aligo does."""
import time
import urllib.parse

import pytest
from desk import open_desk
from shop import run_program

RULE = 'rule paid { when order.paid  purpose info  send sms "p" }\n'


def now_in_korea():
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 9 * 3600))


class Aligo:
    def __init__(self):
        self.requests = {}  # by mid
        self.lose = 0       # answers to sendings that do not come
        self.state = "발송완료"
        self.code = None    # what every sending is refused with
        self.twins = False  # its list shows each request twice

    def answer(self, method, path, _headers, body):
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        if method != "POST" or form.get("key") != "key0" or form.get("user_id") != "shop0":
            return 200, {"result_code": "-101", "message": "인증오류입니다."}
        return {"/send/": self.send, "/list/": self.list, "/sms_list/": self.rows,
                "/remain/": self.remain}[path](form)

    def send(self, form):
        if self.code:
            return 200, {"result_code": self.code, "message": "잔액이 부족합니다."}
        mid = str(len(self.requests) + 1)
        self.requests[mid] = dict(form, at=now_in_korea())
        if self.lose:
            self.lose -= 1
            return None
        return 200, {"result_code": "1", "message": "success", "msg_id": mid, "success_cnt": 1, "error_cnt": 0}

    def remain(self, _form):
        return 200, {"result_code": 1, "message": "", "SMS_CNT": 12, "LMS_CNT": "3"}

    def list(self, _form):
        rows = [{"mid": mid, "type": sent["msg_type"], "sender": sent["sender"], "sms_count": "1",
                 "msg": sent["msg"], "reg_date": sent["at"]} for mid, sent in self.requests.items()]
        return 200, {"result_code": 1, "list": rows * (2 if self.twins else 1), "next_yn": "N"}

    def rows(self, form):
        sent = self.requests[form["mid"]]
        return 200, {"result_code": 1, "next_yn": "N", "list": [
            {"mdid": "d" + form["mid"], "receiver": sent["receiver"], "sms_state": self.state}]}


@pytest.fixture
def aligo():
    with open_desk(None) as desk:
        account = Aligo()
        desk.answer = account.answer
        account.desk = desk
        yield account


def shop_of(make_shop, aligo):
    keys = (f'provider aligo  key credential "k"  user "shop0"  sender "02-1234-5678"  refuse "080-123-4567"  '
            f'url "{aligo.desk.url}"')
    return make_shop(rules=RULE, templates={"p.sms": "결제 #{event.order}"}, rate=60, channels={"sms": keys},
                     credentials={"k": "key0"})


def pay(shop):
    shop.event("order.paid", {"id": "C0", "name": "김하늘", "phone": "01012345678"}, id="e0", order="A-0", total=1000)


def test_delivered_when_aligo_says_so(make_shop, aligo):
    shop = shop_of(make_shop, aligo)
    pay(shop)
    assert shop.message_in("delivered", customer="C0")["provider_id"] == "d1"
    assert [sent["msg"] for sent in aligo.requests.values()] == ["결제 A-0"]


def test_failed_when_aligo_says_so(make_shop, aligo):
    aligo.state = "발송실패"
    shop = shop_of(make_shop, aligo)
    pay(shop)
    shop.message_in("failed", customer="C0")


def test_a_lost_answer_is_looked_up_and_nothing_sent_twice(make_shop, aligo):
    aligo.lose = 1
    shop = shop_of(make_shop, aligo)
    pay(shop)
    shop.message_in("delivered", customer="C0")
    assert len(aligo.requests) == 1


def test_two_that_could_be_it_leave_it_unknown(make_shop, aligo):
    aligo.lose, aligo.twins = 1, True
    shop = shop_of(make_shop, aligo)
    pay(shop)
    shop.message_in("unknown", customer="C0")
    shop.wait(lambda: aligo.desk.asked("/list/"), "the look-up")
    assert len(aligo.requests) == 1 and not aligo.desk.asked("/sms_list/")


def test_an_empty_account_pauses_the_channel(make_shop, aligo):
    aligo.code = -201
    shop = shop_of(make_shop, aligo)
    pay(shop)
    shop.wait(lambda: "the balance is used up" in shop.log(), "a sentence in the log")
    shop.message_in("planned", customer="C0")
    assert not aligo.requests


def test_check_online(make_shop, aligo):
    ran = run_program("dangolctl", "check", "--online", cwd=shop_of(make_shop, aligo).root)
    assert ran.code == 0 and "messages left: SMS 12, LMS 3" in ran.out, ran
