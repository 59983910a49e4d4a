"""AlimTalk and Brand Message of SENS: what it compares, what it refuses, its lists of channels and templates."""
import re

from .base import Answer
from .strict import require, shape

ALIMTALK = {"plusFriendId": str, "templateCode": str, "messages": list}
BRAND = {"plusFriendId": str, "messageType": str, "templateCode": str, "targeting": str, "isAdult": bool,
         "messages": list}
TALK = {"countryCode": str, "to": str, "title": str, "content": str, "headerContent": str, "itemHighlight": dict,
        "item": dict, "buttons": list, "useSmsFailover": bool, "failoverConfig": dict}
CARD = {"countryCode": str, "to": str, "content": str, "headerContent": str, "additionalContent": str, "image": dict,
        "item": dict, "commerce": dict, "carousel": dict, "video": dict, "coupon": dict, "buttons": list,
        "templateParameters": dict, "useSmsFailover": bool, "failoverConfig": dict}
BUTTON = {"type": str, "name": str, "linkMobile": str, "linkPc": str, "schemeIos": str, "schemeAndroid": str}
IMAGE = {"imageId": str, "imageLink": str}
COUPON = {"title": str, "description": str, "linkMobile": str, "linkPc": str, "schemeIos": str, "schemeAndroid": str}
BUBBLES = {"TEXT", "IMAGE", "WIDE_IMAGE", "WIDE_ITEM_LIST", "COMMERCE", "CAROUSEL_COMMERCE", "CAROUSEL_FEED",
           "PREMIUM_VIDEO"}
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def buttons_of(message, types):
    """Its buttons, looked at."""
    buttons = message.get("buttons", [])
    require(len(buttons) <= 5, "over 5 buttons")
    for one in buttons:
        shape("a button", one, BUTTON)
        require(one.get("type") in types and 1 <= len(one.get("name", "")) <= 14, "a button's type or name")
        require(one["type"] != "WL" or (one.get("linkMobile") and one.get("linkPc")), "a WL button needs both links")
    return buttons


def of_template(text, buttons, message, given):
    """Is it the template's, but for what stands in the places of #{…}?"""
    form = ".+?".join(re.escape(part) for part in re.split(r"#\{[^}]*\}", text))
    return bool(re.fullmatch(form, message["content"], re.S)) and [
        (one["type"], one["name"]) for one in given] == [(one["type"], one["name"]) for one in buttons]


class Kakao:
    """Mixed into the stand-in; what it keeps is made there."""

    def send_alimtalk(self, request):
        letter = shape("the request", self.body(request), ALIMTALK)
        templates = self.channels.get(letter.get("plusFriendId"))
        require(templates is not None, "no such plusFriendId")
        require(letter.get("templateCode") in templates, "no such templateCode")
        messages = self.addressed(letter, TALK)
        for one in messages:
            self.stays(one)
            require(0 < len(one.get("content", "")) <= 1000, "content is 1 to 1,000 characters")
            require(len(one.get("title", "")) <= 50, "title is over 50 characters")
        given = [buttons_of(one, {"DS", "WL", "AL", "BK", "MD", "AC"}) for one in messages]
        call, rows = f"AT-{self.next_number()}", []
        for one, buttons in zip(messages, given):
            if one["to"] in self.intake:
                rows.append(self.left_out(one["to"]))
                continue
            refused = None
            if not of_template(*templates[letter["templateCode"]], one, buttons):
                self.violate("an AlimTalk is not its template's")
                refused = "3016"
            rows.append(self.took(self.take(
                "alimtalk", call, one["to"], one["content"], "alimtalk", buttons=buttons, refused=refused,
                channel=letter["plusFriendId"], template=letter["templateCode"])))
        return self.taken(call, messages=rows)

    @staticmethod
    def took(message):
        return {"messageId": message.provider_id, "to": message.to, "countryCode": "82", "content": message.text,
                "requestStatusCode": "A000", "requestStatusName": "success", "requestStatusDesc": "성공",
                "useSmsFailover": False}

    def left_out(self, to):
        return {"messageId": "", "to": to, "countryCode": "82", "requestStatusCode": self.intake.get(to, "B001"),
                "requestStatusName": "fail", "requestStatusDesc": "", "useSmsFailover": False}

    @staticmethod
    def stays(message):
        """What way a message takes is the sender's decision: a provider never sends a second one by itself."""
        require(not message.get("useSmsFailover") and "failoverConfig" not in message, "useSmsFailover is on")
        require(message.get("countryCode", "82") == "82", "countryCode")

    def send_brand(self, request):
        letter = shape("the request", self.body(request), BRAND)
        require(letter.get("plusFriendId") in self.channels, "no such plusFriendId")
        require(letter.get("messageType") in BUBBLES, "messageType")
        require(letter.get("targeting", "I") in ("I", "M", "N"), "targeting")
        messages = self.addressed(letter, CARD)
        for one in messages:
            self.stays(one)
            self.card(letter["messageType"], one)
        call = f"BM-{self.next_number()}"
        return self.taken(call, messages=[
            self.left_out(one["to"]) if one["to"] in self.intake else self.took(self.take(
                "brandmessage", call, one["to"], one.get("content", ""), "brand", card=one,
                bubble=letter["messageType"], channel=letter["plusFriendId"])) for one in messages])

    def card(self, bubble, message):
        """A Brand Message; of its kinds, TEXT and IMAGE are looked at closely."""
        buttons = buttons_of(message, {"WL", "AL", "BK", "MD", "BF", "BC", "BT"})
        require("coupon" not in message or shape("coupon", message["coupon"], COUPON).get("title"), "coupon.title")
        require("coupon" not in message or len(buttons) <= 4, "over 4 buttons beside a coupon")
        if "image" in message:
            picture = shape("image", message["image"], IMAGE).get("imageId")
            require(picture in self.images, "no such imageId")
        if bubble in ("TEXT", "IMAGE"):
            text = message.get("content", "")
            require(0 < len(text) <= 1300 and text.count("\n") <= 99, "content is 1 to 1,300 characters, 99 lines")
            require((bubble == "IMAGE") == ("image" in message), f"{bubble} and its image")

    def upload_image(self, request):
        """No page that could be read shows this call: the fields are those that our client takes for right."""
        fields = dict(request.form() or ())
        require(fields.get("imageType") == "BASIC", "imageType")
        require(isinstance(fields.get("imageFile"), tuple), "imageFile is no file")
        name, picture = fields["imageFile"]
        require(picture.startswith(PICTURES) and len(picture) <= 500 * 1024, "a JPEG or PNG of at most 500 KB")
        known = f"image-{self.next_number()}"
        self.images[known] = (name, picture)
        return Answer(200, {"imageId": known})

    def list_channels(self, _):
        return Answer(200, [{"channelId": name, "channelName": name, "channelStatus": "ACTIVE", "useSmsFailover": False}
                            for name in self.channels])

    def list_templates(self, request):
        self.only(request, {"channelId", "templateCode", "templateName", "pageSize", "pageIndex"})
        templates = self.channels.get(request.one("channelId"))
        require(templates is not None, "no such channelId")
        return Answer(200, [{"channelId": request.one("channelId"), "templateCode": code, "templateName": code,
                             "content": text, "buttons": buttons, "templateInspectionStatus": "COMPLETE",
                             "templateStatus": "ACTIVE"}
                            for code, (text, buttons) in templates.items()
                            if request.one("templateCode", code) == code])
