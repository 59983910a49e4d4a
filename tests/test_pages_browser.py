"""Public pages in a browser of a phone's width: read, filled in and pressed in Korean and in English, without a
sideways scroll, also at twice the size. One browser for all of it."""
import os
import shutil
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from test_pages import BASE, Page, ask, by_phone, consents, joining, links, person, preferences, public_shop  # noqa: F401

WIDE, HIGH = 360, 740


@pytest.fixture(scope="module")
def browser():
    options = Options()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--disable-background-networking", "--disable-component-update", "--no-first-run"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    profile = tempfile.mkdtemp(prefix="dgl-chromium")
    options.add_argument(f"--user-data-dir={profile}")
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


class Phone:
    """The browser at a phone's width, looking at a shop's public port."""

    def __init__(self, browser, shop, folder):
        self.browser, self.shop, self.folder, self.n = browser, shop, folder, 0

    def width(self, wide):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": wide, "height": HIGH, "deviceScaleFactor": 2, "mobile": True})
        return self.browser.execute_script("return document.scrollingElement.scrollWidth")

    def open(self, link):
        self.browser.get(f"http://127.0.0.1:{self.shop.public}" + link.removeprefix(BASE))
        self.look()

    def contrast(self):
        """The least contrast of a text with what is behind it (WCAG 2, relative luminance)."""
        return self.browser.execute_script("""
            const rgb = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = one => { const c = rgb(getComputedStyle(one).backgroundColor);
                return c.length > 3 && c[3] === 0 ? (one.parentElement ? behind(one.parentElement) : [255, 255, 255]) : c; };
            return Math.min(...[...document.querySelectorAll('main *')].filter(one => one.textContent.trim()).map(one => {
                const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
                return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }));""")

    def look(self):
        """What must be so of every page; and a picture of it."""
        assert self.width(WIDE // 2) <= WIDE // 2, "it scrolls sideways at twice the size"
        assert self.width(WIDE) <= WIDE, "it scrolls sideways"
        sizes = self.browser.execute_script(
            "return [...document.querySelectorAll('input:not([type=hidden]):not([type=checkbox])')]"
            ".map(one => parseFloat(getComputedStyle(one).fontSize))")
        assert all(size >= 16 for size in sizes), sizes
        high = self.browser.execute_script(
            "return [...document.querySelectorAll('button')].map(one => one.getBoundingClientRect().height)")
        assert all(one >= 44 for one in high), high
        assert self.browser.execute_script("return getComputedStyle(document.querySelector('main')).maxWidth") != "none", \
            "the style is not in force"
        assert self.contrast() >= 4.5
        said = [one for one in self.browser.get_log("browser") if "favicon" not in one["message"] and "status of 4" not in
                one["message"]]
        assert not said, said
        self.n += 1
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": WIDE, "height": HIGH, "deviceScaleFactor": 2, "mobile": True})
        self.shot(f"{self.n:02}")

    def shot(self, name):
        high = self.browser.execute_script("return document.scrollingElement.scrollHeight")
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": WIDE, "height": high, "deviceScaleFactor": 2, "mobile": True})
        self.browser.save_screenshot(os.path.join(self.folder, name + ".png"))

    def press(self, name, value):
        self.browser.find_element(By.CSS_SELECTOR, f"button[name={name}][value={value}]").click()
        self.look()

    def tick(self, name):
        self.browser.find_element(By.CSS_SELECTOR, f"label[for={name}]").click()

    def write(self, name, text):
        self.browser.find_element(By.ID, name).send_keys(text)

    @property
    def heading(self):
        return self.browser.find_element(By.TAG_NAME, "h1").text

    @property
    def text(self):
        return self.browser.find_element(By.TAG_NAME, "main").text


WORDS = {
    "ko": {"leave": "단골커피 광고 수신거부", "left": "수신거부되었습니다", "wishes": "단골커피 수신 동의", "saved": "저장되었습니다",
           "join": "단골커피 회원 가입", "joined": "단골커피 가입 신청이 되었습니다", "gone": "더는 쓸 수 없는 링크입니다"},
    "en": {"leave": "Unsubscribe from 단골커피", "left": "You are unsubscribed", "wishes": "Your consents at 단골커피",
           "saved": "Saved", "join": "Join 단골커피", "joined": "Thank you for joining 단골커피",
           "gone": "This link is no longer good"},
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_phone_leaves_chooses_and_joins(public_shop, browser, tmp_path, language):  # noqa: F811
    shop, words = public_shop(), WORDS[language]
    folder = os.environ.get("DANGOL_SHOTS") or str(tmp_path)
    folder = os.path.join(folder, language)
    os.makedirs(folder, exist_ok=True)
    phone = Phone(browser, shop, folder)
    person(shop, language=language)

    phone.open(links(shop)["email"])
    assert phone.heading == words["leave"]
    phone.press("scope", "medium")
    assert phone.heading == words["left"] and consents(shop)["email"]["ad"] is False

    phone.browser.find_element(By.CSS_SELECTOR, "a[href*='/p/']").click()
    phone.look()
    assert phone.heading == words["wishes"]
    assert not phone.browser.find_element(By.ID, "email").is_selected()
    assert phone.browser.find_element(By.ID, "sms").is_selected()
    phone.tick("email")
    phone.tick("sms")
    phone.press("act", "save")
    assert phone.heading == words["saved"]
    assert consents(shop)["email"]["ad"] is True and consents(shop)["sms"]["ad"] is False
    phone.open(preferences(shop, links_again(shop)))
    phone.press("act", "none")
    assert not any(value for one in consents(shop).values() for value in one.values())

    phone.open(joining(shop) + f"?lang={language}")
    assert phone.heading == words["join"]
    phone.write("phone", "010 9999 8888")
    phone.write("name", "<이하늘>")
    phone.press("act", "join")
    assert phone.heading == words["join"], "the browser itself asks for the age"
    phone.tick("age")
    phone.tick("ad")
    phone.tick("data")
    phone.press("act", "join")
    assert phone.heading == words["joined"]
    [customer] = by_phone(shop, "+821099998888")
    assert customer["name"] == "<이하늘>" and customer["consents"]["sms"] == {"ad": True, "night": False}

    phone.open(f"/u/nothing?lang={language}")
    assert phone.heading == words["gone"] and "02-123-4567" in phone.text


def links_again(shop):
    """The link of the message that went out before."""
    [letter] = shop.outbox(customer="C1", channel="sms")
    return next(word for word in letter["text"].split() if word.startswith(BASE))


def test_what_is_wrong_is_shown_where_it_is(public_shop, browser, tmp_path):  # noqa: F811
    """A browser that checks nothing by itself, and the keyboard alone."""
    shop = public_shop()
    folder = os.environ.get("DANGOL_SHOTS") or str(tmp_path)
    phone = Phone(browser, shop, folder)
    phone.open(joining(shop) + "?lang=ko")
    phone.browser.execute_cdp_cmd("Runtime.evaluate", {
        "expression": "document.querySelector('form').noValidate = true"})
    phone.write("phone", "12")
    phone.press("act", "join")
    assert phone.browser.find_element(By.CSS_SELECTOR, "[role=alert]").text.count("\n") == 2
    assert phone.browser.find_element(By.ID, "phone").get_attribute("aria-invalid") == "true"
    outline = phone.browser.execute_script(
        "document.querySelector('#phone').focus({focusVisible: true});"
        "return getComputedStyle(document.querySelector('#phone')).outlineWidth")
    assert outline == "3px"
    phone.shot("wrong")
    assert Page(ask(shop, "GET", "/u/x").body).lang == "ko"
