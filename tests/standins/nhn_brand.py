"""Brand Message v1.0 of the stand-in of NHN: free texts with or without a picture and a coupon. Source: its own guide,
TOAST-DOCS/Alimtalk, folder ko: friendtalkupgrade-api-guide.md, error-code.md."""
import re

from .nhn_kakao import LONG, PAGES, RECIPIENTS, RESEND
from .nhn_shape import Field, Refused, answers, body_of, check_fields, check_query, picture_size

LINK = Field(str, 1000, long=LONG)
LINKS = {name: LINK for name in ("linkMo", "linkPc", "schemeIos", "schemeAndroid")}
BUTTON = {**LINKS, "name": Field(str, 14, lacking=-3009, long=LONG), "type": Field(str, lacking=-2018),
          "chatExtra": Field(str), "chatEvent": Field(str), "bizFormKey": Field(str)}
BUTTON_TYPES = ("WL", "AL", "BK", "MD", "AC", "BT", "BF")
COUPON = {**LINKS, "title": Field(str, lacking=-3210), "description": Field(str, 12, lacking=-3210, long=-3211)}
COUPON_TITLE = re.compile(r"([1-9]\d{0,7})원 할인 쿠폰|([1-9]\d?|100)% 할인 쿠폰|배송비 할인 쿠폰|.{1,7} 무료 쿠폰|.{1,7} UP 쿠폰")
IMAGE = {"imageUrl": Field(str, lacking=-3319), "imageLink": LINK}
WHOLE = {
    "senderKey": Field(str, 40, lacking=-2001, long=LONG), "chatBubbleType": Field(str, lacking=-2001),
    "pushAlarm": Field(bool), "requestDate": Field(str), "unsubscribeNo": Field(str),
    "unsubscribeAuthNo": Field(str, 9), "adult": Field(bool),
    "content": Field(str, 1300, lacking=-2001, long=LONG), "buttons": Field(list, 5, long=LONG),
    "coupon": Field(dict), "recipientList": RECIPIENTS, "senderGroupingKey": Field(str, 100, long=LONG),
    "resellerCode": Field(str), "createUser": Field(str, 100, long=LONG), "statsId": Field(str, 8, long=LONG),
}
BUBBLES = {"TEXT": WHOLE, "IMAGE": {**WHOLE, "image": Field(dict, lacking=-3319)}}
RECIPIENT = {"recipientNo": Field(str, 15, lacking=-5000, long=-5000), "resendParameter": Field(dict),
             "targeting": Field(str), "unsubscribeNo": Field(str), "unsubscribeAuthNo": Field(str, 9),
             "recipientGroupingKey": Field(str, 100, long=LONG)}
BRAND_RESEND = {**RESEND, "resendUnsubscribeNo": Field(str)}
LINE_ENDS, IMAGE_BYTES = 99, 5 << 20
IMAGE_TYPES = ("IMAGE", "WIDE_IMAGE", "MAIN_WIDE_ITEMLIST_IMAGE", "NORMAL_WIDE_ITEMLIST_IMAGE", "CAROUSEL_FEED_IMAGE",
               "CAROUSEL_COMMERCE_IMAGE")
FILTERS = ("requestId", "senderKey", "templateCode", "recipientNo", "messageStatus", "senderGroupingKey",
           "recipientGroupingKey")
SEARCH = (*FILTERS, "startRequestDate", "endRequestDate", "resultCode", *PAGES)


class Brand:
    """For Nhn; keeps images, the addresses of the pictures it was given."""

    # ---- sending ----

    @answers
    def send_brand(self, request, _):
        given = body_of(self, request)
        bubble = given.get("chatBubbleType")
        if bubble not in BUBBLES:
            self.wrong(-4000, f"freestyle-messages: the stand-in knows no chatBubbleType {bubble}")
        check_fields(self, "freestyle-messages", given, BUBBLES[bubble])
        self.not_modelled("freestyle-messages", given, "requestDate", "unsubscribeAuthNo", "resellerCode")
        self.refused_by_order(request)
        self.check_profile(given)
        self.check_free(given)
        for recipient in given["recipientList"]:
            self.check_recipient("freestyle-messages recipientList", recipient, RECIPIENT, BRAND_RESEND)
        name = self.request_id()
        rows = [self.take_brand(name, seq, given, one) for seq, one in enumerate(given["recipientList"], 1)]
        return self.rows_answer(rows, name)

    def check_free(self, given):
        where = "freestyle-messages"
        if given["content"].count("\n") > LINE_ENDS:
            self.wrong(LONG, f"{where}: more than {LINE_ENDS} line ends")
        if given.get("unsubscribeNo") and not re.fullmatch(r"080-\d{3,4}-\d{4}|080\d{7,8}", given["unsubscribeNo"]):
            self.wrong(-3340, f"{where}: unsubscribeNo {given['unsubscribeNo']}")
        coupon = given.get("coupon")
        if coupon is not None:
            self.check_coupon(coupon)
        if len(given.get("buttons") or []) > (5 if coupon is None else 4):
            self.wrong(LONG, f"{where}: five buttons beside a coupon")
        for one in given.get("buttons") or []:
            check_fields(self, f"{where} buttons", one, BUTTON)
            if one["type"] not in BUTTON_TYPES or one["type"] == "AC":
                self.wrong(-3328, f"{where}: a button of type {one['type']}, and friends of the channel cannot add it")
            self.check_links(f"{where} buttons", one)
        if given["chatBubbleType"] == "IMAGE":
            check_fields(self, f"{where} image", given["image"], IMAGE)
            if given["image"]["imageUrl"] not in self.images:
                raise Refused(-8002, "The image could not be found.")

    def check_coupon(self, coupon):
        check_fields(self, "coupon", coupon, COUPON)
        if not COUPON_TITLE.fullmatch(coupon["title"]):
            self.wrong(-3212, f"coupon: the title is none of the five: {coupon['title']}")
        if "\n" in coupon["description"]:
            self.wrong(-3211, "coupon: a line end in the description")
        schemes = [coupon.get("schemeAndroid") or "", coupon.get("schemeIos") or ""]
        if not coupon.get("linkMo") and not any(one.startswith("alimtalk=coupon://") for one in schemes):
            self.wrong(-3213, "coupon: neither linkMo nor a coupon of the channel")
        self.check_links("coupon", coupon)

    def take_brand(self, name, seq, given, recipient):
        targeting = recipient.get("targeting")
        if targeting not in ("M", "N", "I"):
            self.violate(f"targeting {targeting}")
            code = -3298
        elif targeting != "I":
            code = -4029
        else:
            code = self.code_of_kakao_number(recipient["recipientNo"])
        if not code:
            self.take("brand", name, seq, recipient["recipientNo"], recipient, given, given["content"],
                      given["chatBubbleType"], sender=given["senderKey"], template=None, targeting=targeting,
                      image=(given.get("image") or {}).get("imageUrl"), buttons=given.get("buttons") or [],
                      coupon=given.get("coupon"), push=given.get("pushAlarm") is not False)
        return {"recipientSeq": seq, "recipientNo": recipient["recipientNo"], "resultCode": code,
                "resultMessage": "success" if not code else "FAIL"}

    @answers
    def upload_brand(self, request, _):
        parts = request.form()
        if request.kind() != "multipart/form-data" or parts is None:
            self.wrong(-9993, "images: not multipart/form-data")
        names = sorted(name for name, _ in parts)
        given = dict(parts)
        if names != ["image", "imageType"] or isinstance(given["image"], str):
            self.wrong(-9993, f"images: the parts are {names}, not a file image and imageType")
        if given["imageType"] not in IMAGE_TYPES:
            self.wrong(-8011, f"images: imageType {given['imageType']}")
        file, data = given["image"]
        size = picture_size(data)
        if len(data) > IMAGE_BYTES:
            self.wrong(-4007, f"images: a picture of {len(data)} bytes")
        if not size or not file.lower().endswith((".png",) if size[0] == "png" else (".jpg", ".jpeg")):
            self.wrong(-4009, f"images: {file} is {size}")
        if size[1] < 500 or not 0.5 <= size[2] / size[1] <= 4 / 3:
            raise Refused(-8001, "The image you upload is invalid.")
        number = self.next_number()
        url = f"https://mud-kage.kakao.com/dn/standin/{number}/img_l.{'png' if size[0] == 'png' else 'jpg'}"
        self.images[url] = data
        return {"image": {"imageSeq": number, "imageUrl": url, "imageName": file}}

    # ---- what became of messages ----

    def row_brand(self, message):
        return {**self.row_kakao(message), "targeting": message.more["targeting"], "chatBubbleType": message.kind,
                "pushAlarm": message.more["push"], "resendStatusCode": None, "resendStatusName": None,
                "resendResultCode": None, "resendRequestId": None, "isAddedChannel": True}

    @answers
    def search_brand(self, request, _):
        check_query(self, request, SEARCH)
        self.not_modelled("messages", request.query(), "resultCode")
        return self.search_kakao(request, "brand", self.row_brand, FILTERS, ("Request",))

    @answers
    def one_brand(self, request, _, name, seq):
        check_query(self, request, ())
        return self.one_kakao("brand", lambda one: {**self.row_brand(one), "content": one.text}, name, seq)
