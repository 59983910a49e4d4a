"""The page of a coupon: /k/TOKEN. What is shown at the counter, and to whom it belongs."""
import os
import re
import subprocess

import pytest
from test_pages import BASE, Page, ask, everything, person, public_shop  # noqa: F401
from test_pages_browser import Phone, browser  # noqa: F401

RULES = '''rule thanks { when order.paid  give coupon ten  send sms "c" }
coupon ten "10% 쿠폰" { discount 10%  code "BD-######"  valid 30 days  minimum 20,000원 }
'''
TEXTS = {"c.sms": "#{coupon.code} #{coupon.url}"}


def sent(public_shop, ref="C1", rules=RULES, **more):  # noqa: F811
    """A shop, the code that it sent and the link beside it."""
    shop = public_shop(rules=rules, templates=TEXTS)
    person(shop, ref, **more)
    shop.event("order.paid", ref, id="o1", order="A-1", total=10000)
    shop.message_in("accepted", customer=ref)
    [letter] = shop.outbox(customer=ref)
    return shop, letter["coupon"], re.search(BASE + r"(/k/[\w-]+)", letter["text"]).group(1)


def scanned(shop, browser):  # noqa: F811
    """What a camera reads off the screen."""
    picture = shop.path("seen.png")
    browser.save_screenshot(picture)
    return subprocess.run(["zbarimg", "-q", "--raw", picture], stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def test_a_coupon_is_shown_and_nobody_named(public_shop):  # noqa: F811
    shop, code, link = sent(public_shop, name="김단골")
    before = everything(shop)
    got = ask(shop, "GET", link)
    page = Page(got.body)
    assert got.status == 200 and page.lang == "ko"
    for part in (code, "단골커피", "10%", "20,000원 이상", "2026-12-23까지"):
        assert part in page.text, part
    assert page.tags.count("svg") == 1 and "script" not in page.tags and "form" not in page.tags
    for private in ("김단골", "C1", "1012345678", "h@example.com"):
        assert private not in got.body.decode()
    english = Page(ask(shop, "GET", link + "?lang=en").body)
    assert english.lang == "en" and "the end of 2026-12-23" in english.text and "20,000 won" in english.text
    assert ask(shop, "HEAD", link).body == b""
    assert everything(shop) == before


def test_its_headers(public_shop):  # noqa: F811
    shop, _, link = sent(public_shop)
    got = ask(shop, "GET", link)
    assert got.headers["Cache-Control"] == "no-store" and "noindex" in got.headers["X-Robots-Tag"]
    assert got.headers["Referrer-Policy"] == "no-referrer" and "Set-Cookie" not in got.headers
    assert got.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    refused = ask(shop, "POST", link, {"scope": "all"})
    assert refused.status == 405 and refused.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert ask(shop, "OPTIONS", link).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert shop.get(link).status == 404, "it is of the public port alone"


def test_what_is_over_is_told_so(public_shop):  # noqa: F811
    shop, code, link = sent(public_shop)
    shop.ok("POST", f"/v1/coupons/{code}/redeem", {"order": "R1", "amount": 20000})
    page = Page(ask(shop, "GET", link).body)
    assert "이미 사용한 쿠폰입니다 (2026-11-23)" in page.text and code not in page.text and "svg" not in page.tags
    shop.ok("POST", f"/v1/coupons/{code}/restore")
    assert code in Page(ask(shop, "GET", link).body).text
    shop.at("2026-12-23T23:59:59+09:00")
    assert code in Page(ask(shop, "GET", link).body).text
    shop.at("2026-12-24T00:00:00+09:00")
    page = Page(ask(shop, "GET", link).body)
    assert "유효 기간이 지난" in page.text and code not in page.text
    shop.at("2027-01-25T10:00:00+09:00")
    assert ask(shop, "GET", link).status == 404


def test_a_void_one(public_shop):  # noqa: F811
    shop, code, link = sent(public_shop)
    shop.ok("POST", f"/v1/coupons/{code}/void")
    page = Page(ask(shop, "GET", link).body)
    assert "더는 쓸 수 없는 쿠폰" in page.text and code not in page.text


def test_a_strangers_link_and_one_of_who_was_erased_get_one_answer(public_shop):  # noqa: F811
    shop, _, link = sent(public_shop)
    bent = link[:-3] + ("A" if link[-3] != "A" else "B") + link[-2:]
    answers = {(got.status, got.body) for got in (ask(shop, "GET", one) for one in
                                                   (bent, "/k/x", "/k/" + "A" * 35, link + "A", link.replace("/k/", "/u/")))}
    shop.ok("DELETE", "/v1/customers/C1")
    got = ask(shop, "GET", link)
    assert answers == {(404, got.body)} and got.status == 404


def test_a_merged_customer_keeps_his_coupon(public_shop):  # noqa: F811
    shop, code, link = sent(public_shop)
    person(shop, "C2", phone="01099990000", email="two@example.com")
    assert shop.ctl("customer", "merge", "C1", "C2").code == 0
    assert code in Page(ask(shop, "GET", link).body).text


def test_without_a_public_address_a_template_says_what_it_lacks(make_shop):
    shop = make_shop(rules=RULES, templates={"c.sms": '#{coupon.code} #{coupon.url|default "없음"}'})
    shop.customer("C1", "sms data", phone="01012345678")
    shop.event("order.paid", "C1", id="o1", order="A-1", total=10000)
    shop.message_in("accepted", customer="C1")
    assert "없음" in shop.outbox()[0]["text"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_phone_shows_it_and_a_camera_reads_it(public_shop, browser, tmp_path, language):  # noqa: F811
    shop, code, link = sent(public_shop, language=language)
    folder = os.path.join(os.environ.get("DANGOL_SHOTS") or str(tmp_path), "coupon-" + language)
    os.makedirs(folder, exist_ok=True)
    phone = Phone(browser, shop, folder)
    phone.open(link)
    assert phone.heading == {"ko": "단골커피 쿠폰", "en": "Your coupon at 단골커피"}[language]
    assert scanned(shop, browser) == code
    shop.ok("POST", f"/v1/coupons/{code}/redeem", {"order": "R1", "amount": 20000})
    phone.open(link)
    assert code not in phone.text
