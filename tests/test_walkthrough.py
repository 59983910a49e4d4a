"""contrib/walkthrough: its blocks of dangol.conf stand, and what it shows is what one sees."""
import os
import re

import hooks
import pytest
from shop import HERE, free_port, open_shop
from test_pages import ask

FOLDER = os.path.join(HERE, "..", "contrib", "walkthrough")
ORDER = {"id": 727, "status": "processing", "currency": "KRW", "total": "38500", "customer_id": 25, "line_items": [],
         "date_created_gmt": "2026-11-23T00:15:00", "billing": {"first_name": "민지", "last_name": "김", "phone": "010-1234-5678"}}
MEMBER = {"member_id": "minji01", "name": "김민지", "cellphone": "010-1234-5678", "sms": "T", "news_mail": "F",
          "created_date": "2026-11-23T09:00:00+09:00"}
FIRST = {"woocommerce": lambda: hooks.woocommerce("secret", "order.updated", ORDER),
         "cafe24": lambda: hooks.cafe24("secret", 90032, **MEMBER)}


def read(name):
    with open(os.path.join(FOLDER, name + ".md"), encoding="utf-8") as file:
        return file.read()


@pytest.mark.parametrize("name, refused", [("woocommerce", 401), ("cafe24", 403)])
def test_step_by_step(name, refused):
    text = read(name)
    [block] = re.findall(r"^ *hook " + name + r" \{.*?\}$", text, re.M | re.S)
    port = free_port()
    with open_shop(conf=block, credentials={name: "secret"},
                   listen=f'public "127.0.0.1:{port}" url "https://m.example.com" proxy yes') as shop:
        shop.public = port
        path = re.search(r"https://m\.example\.com(/v1/hooks/\w+)", text).group(1)
        [trial] = set(re.findall(r"curl -i \S+ -d ('\{\}'|x)", text))
        assert ask(shop, "POST", path, trial.strip("'")).status == refused and str(refused) in text
        body, signed = FIRST[name]()
        assert ask(shop, "POST", path, body, signed).status == 200
        for lang, word in (("ko_KR.UTF-8", "훅"), ("C.UTF-8", "hook")):
            line = f"{word} {name}: accepted {1 if name == 'woocommerce' else 3}"
            assert line in shop.ctl("status", lang=lang).out.splitlines() and line in text
        [customer] = shop.ok("GET", "/v1/customers")["customers"]
        assert customer["phone"] == "+821012345678"
        assert customer["consents"]["sms"]["ad"] is (name == "cafe24"), "a wording makes consent of a flag, and nothing else"


def test_the_trial_of_woocommerce_changes_nothing():
    port = free_port()
    with open_shop(conf='hook woocommerce { secret credential "w" }', credentials={"w": "secret"},
                   listen=f'public "127.0.0.1:{port}" url "https://m.example.com" proxy yes') as shop:
        shop.public = port
        assert ask(shop, "POST", "/v1/hooks/woocommerce", "webhook_id=7").status == 401
        assert shop.status()["events"]["accepted"] == 0


def test_every_number_of_cafe24_that_is_named_is_understood():
    with open(os.path.join(HERE, "..", "daemon", "door", "hook", "cafe24.c"), encoding="utf-8") as file:
        known = set(re.findall(r'\{"(9\d{4})"', file.read()))
    for half in re.split(r"^# From", read("cafe24"), flags=re.M):
        assert set(re.findall(r"\b9\d{4}\b", half)) == known
