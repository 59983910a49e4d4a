"""KakaoTalk as SOLAPI takes it: AlimTalk by a template, Brand Message in free form. Knows one message only."""
import re

from .solapi_message import Refused, shape

OPTIONS = {"pfId": str, "templateId": str, "variables": dict, "disableSms": bool, "adFlag": bool, "imageId": str,
           "buttons": list, "bms": dict}
BMS = {"targeting": str, "chatBubbleType": str, "adult": bool, "content": str, "imageId": str, "imageLink": str,
       "buttons": list, "coupon": dict}
BUBBLES = {"TEXT": {"adult", "content", "buttons", "coupon"},
           "IMAGE": {"adult", "content", "imageId", "imageLink", "buttons", "coupon"}}
COUPON = {"title": str, "description": str, "linkMobile": str, "linkPc": str, "linkAndroid": str, "linkIos": str}
BUTTON = {"name": str, "linkType": str, "linkMobile": str, "linkPc": str, "linkAndroid": str, "linkIos": str,
          "targetOut": bool, "chatExtra": str}
LINKS = {"WL": {"linkMobile", "linkPc", "targetOut"}, "AC": set(), "BF": set(),
         "AL": {"linkMobile", "linkAndroid", "linkIos", "targetOut"},
         "BK": {"chatExtra"}, "MD": {"chatExtra"}, "BC": {"chatExtra"}, "BT": {"chatExtra"}}
MOST_ALIMTALK, MOST_BRAND, MOST_LINES = 1000, 1300, 99
MOST_VARIABLES, MOST_BUTTONS, MOST_NAME, MOST_COUPON = 40, 5, 14, 12
MOST_IMAGE_ID = 32
VARIABLE = re.compile(r"#\{[^{}]+\}")
LINK = re.compile(r"https?://(www\.)?[-a-zA-Z0-9@:%._+~#=]{1,64}\.[a-z0-9]{1,64}\b[-a-zA-Z0-9@:%_~+.#?&/=]*", re.I)
TITLES = re.compile(r"배송비 할인 쿠폰|[1-9][0-9]{0,7}원 할인 쿠폰|([1-9][0-9]?|100)% 할인 쿠폰|\S{1,7} (무료|UP) 쿠폰")


def options_of(message, profiles):
    """kakaoOptions, that nothing but KakaoTalk may carry. profiles: pfIds of the account; None: any."""
    options = message.get("kakaoOptions", {})
    shape("kakaoOptions", options, OPTIONS)
    if not options.get("pfId"):
        raise Refused("1041", "no pfId")
    if profiles is not None and options["pfId"] not in profiles:
        raise Refused("1041", "the channel is not the account's", ours=False)
    if "imageId" in message or "subject" in message:
        raise Refused("1013", "a picture or subject of a text message")
    return options


# ---- AlimTalk ----

def variables_of(options):
    variables = options.get("variables", {})
    for name, value in variables.items():
        if not VARIABLE.fullmatch(name) or "." in name:
            raise Refused("1043", "a variable is not named #{…} without a dot")
        if not isinstance(value, str):
            raise Refused("1043", "a variable is no text")
    if len(variables) > MOST_VARIABLES:
        raise Refused("1043", "too many variables")
    return variables


def check_alimtalk(message, profiles, templates):
    """The text that arrives. templates: {id: what SOLAPI shows of it}."""
    options = options_of(message, profiles)
    template = templates.get(options.get("templateId"))
    if options.get("disableSms") is not True:
        raise Refused("1013", "disableSms is not true: SOLAPI would send a text message in our place")
    if {"bms", "adFlag", "imageId", "buttons"} & set(options):
        raise Refused("1044", "an AlimTalk has what its template has")
    if template is None or template["status"] != "APPROVED":
        raise Refused("1042", "no such approved template", ours=False)
    variables = variables_of(options)
    text = VARIABLE.sub(lambda found: variables.get(found.group(), found.group()), template["content"])
    if any(name not in variables for name in VARIABLE.findall(template["content"])):
        raise Refused("1043", "a variable of the template has no value")
    if message.get("text", text) != text:
        raise Refused("1043", "text is not the template's")
    if len(text) > MOST_ALIMTALK:
        raise Refused("1031", "the AlimTalk is too long")
    return text


# ---- Brand Message ----

def check_link(where, link):
    if not LINK.fullmatch(VARIABLE.sub("x", link)):
        raise Refused("1044", f"{where} is no link")


def check_button(button):
    shape("bms.buttons[]", button, BUTTON)
    kind = button.get("linkType")
    if kind not in LINKS or set(button) - LINKS[kind] - {"name", "linkType"}:
        raise Refused("1044", "linkType of a button, or a field that such a button has not")
    if kind != "AC" and not 1 <= len(button.get("name", "")) <= MOST_NAME:
        raise Refused("1044", "name of a button")
    if VARIABLE.search(button.get("name", "")):
        raise Refused("1044", "a variable in the name of a button")
    if kind == "WL" and "linkMobile" not in button:
        raise Refused("1044", "a web link without linkMobile")
    if kind == "AL" and not any(button.get(name, "").strip() for name in ("linkMobile", "linkAndroid", "linkIos")):
        raise Refused("1044", "a link to an app without any")
    for name in {"linkMobile", "linkPc"} & set(button):
        check_link(name, button[name])


def check_coupon(coupon):
    shape("bms.coupon", coupon, COUPON)
    if not TITLES.fullmatch(coupon.get("title", "")):
        raise Refused("1044", "the coupon's title is none of the five")
    if not 1 <= len(coupon.get("description", "")) <= MOST_COUPON:
        raise Refused("1044", "the coupon's description")
    for name in {"linkMobile", "linkPc"} & set(coupon):
        check_link(name, coupon[name])


def check_picture(bms, files):
    picture = bms.get("imageId")
    if not picture or len(picture) > MOST_IMAGE_ID or files.get(picture) != "BMS":
        raise Refused("1025", "imageId is none of a Brand Message's picture")
    if "imageLink" in bms:
        check_link("imageLink", bms["imageLink"])


def check_brand(message, profiles, files):
    """The text that arrives: it stands in the message's text, as in all of SOLAPI's examples."""
    options = options_of(message, profiles)
    if {"templateId", "variables", "adFlag", "imageId", "buttons"} & set(options) or "bms" not in options:
        raise Refused("1013", "BMS_FREE has its bubble and nothing else")
    bms = options["bms"]
    shape("kakaoOptions.bms", bms, BMS)
    bubble = bms.get("chatBubbleType")
    if bms.get("targeting") != "I":
        raise Refused("1013", "targeting is not I: other channels are not a small shop's")
    if bubble not in BUBBLES or set(bms) - BUBBLES[bubble] - {"targeting", "chatBubbleType"}:
        raise Refused("1013", "chatBubbleType, or a field that such a bubble has not")
    if bubble == "IMAGE":
        check_picture(bms, files)
    if len(bms.get("buttons", [])) > MOST_BUTTONS - ("coupon" in bms):
        raise Refused("1044", "too many buttons")
    for button in bms.get("buttons", []):
        check_button(button)
    if "coupon" in bms:
        check_coupon(bms["coupon"])
    return check_words(message.get("text"), bms.get("content"))


def check_words(text, content):
    if not text or (content is not None and content != text):
        raise Refused("1023", "no text, or a content that differs")
    if len(text) > MOST_BRAND or text.count("\n") > MOST_LINES:
        raise Refused("1031", "the Brand Message is too long")
    return text
