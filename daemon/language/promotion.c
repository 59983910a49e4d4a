/* What gives an advertisement away, and what makes the same words harmless. Phrases are
 * matched as wording_match says; '^' means that a Korean word begins there. */
#include "language/promotion.h"

#include <string.h>
#include "language/label.h"
#include "language/wording.h"

/* ---- what makes it harmless ---- */

/* An order's own figures. */
static const char *const figures[] = {"할인 금액", "할인액", "할인 내역", "할인 합계",
        "총 할인", "할인 :", "할인 -", "할인 (", "할인 @", "할인 적용", "할인이 적용",
        "할인이 자동", "할인 되어", "할인이 되어", "할인되었", "할인된", "할인됐",
        "할인 받으신", "할인 받은", "할인 취소", "할인이 취소", "할인은 취소", "할인 전",
        "할인 후", "할인분", "할인 반영", "할인이 반영", "할인이 포함", "프로모션 할인 @",
        "프로모션 적용", "프로모션이 적용", NULL};
static const char *const used_coupon[] = {"쿠폰 사용", "쿠폰이 사용", "쿠폰은 사용",
        "쿠폰을 사용하셨", "쿠폰을 사용하신", "사용하신 쿠폰", "사용한 쿠폰", "쓰신 쿠폰",
        "쿠폰 적용", "쿠폰이 적용", "적용된 쿠폰", "적용하신 쿠폰", "쿠폰 할인 @",
        "쿠폰 할인 금액", "쿠폰 할인 -", "쿠폰 할인 :", "쿠폰 할인이 적용", "쿠폰 할인액",
        "쿠폰 -", "쿠폰 :", "쿠폰 복원", "쿠폰이 복원", "쿠폰은 복원", "쿠폰은 자동",
        "쿠폰 복구", "쿠폰이 복구", "쿠폰은 복구", "쿠폰 반환", "쿠폰이 반환",
        "쿠폰은 반환", "쿠폰은 환급", "쿠폰은 환불", "쿠폰은 재발급", "쿠폰도 함께 복",
        "쿠폰도 복", "쿠폰은 돌려", "쿠폰도 돌려", "쿠폰은 다시", NULL};
static const char *const own_act[] = {"당첨", "응모가", "응모하신", "응모해 주", "참여가",
        "참여하신", "참여해 주셔", "신청하신", "신청이", "신청해 주셔", NULL};
static const char *const parcel[] = {"함께 발송", "함께 배송", "함께 보내", "함께 출고",
        "동봉", "포함", "배송", "발송", "출고", "당첨", "결과", "증정품 :", NULL};
static const char *const asked_for[] = {"신청하신", "요청하신", "알림을 신청", "문의하신",
        "주문하신", "예약하신", "교환", "결제하신", NULL};
/* Somebody is expected, or fetches what is theirs. */
static const char *const errand[] = {"예약", "접수", "시간에", "시각에", "분 전", "전에",
        "전까지", "일찍", "늦", "수령", "픽업", "찾으러", "찾아가", "신분증", "지참",
        "가지고", "교환", "환불", "반품", "수리", "검사", "진료", "상담", "a/s", "as ",
        "보관", "맡기신", "체크인", "입실", "주문하신", "준비되", "준비가", "완성",
        "영수증", "조심", "방문 예정", "처방", "문의", "변경", "취소", NULL};
static const char *const english_figures[] = {"discount applied",
        "discount :", "discount -", "discount @", "discounts :", "discount amount",
        "discount of", "total discount", "discount was", "discount has been",
        "discounted total", "after discount", "before discount", NULL};
static const char *const english_used[] = {"coupon used", "coupon applied",
        "coupon you used", "coupon was", "coupon has been", "coupon is valid again",
        "used the coupon", "used coupon", "coupon :", "coupon -", "with your coupon",
        "voucher used", "voucher applied", "voucher :", "promo code applied",
        "promo code used", "promo code :", NULL};
static const char *const english_errand[] = {"appointment", "reservation", "booking",
        "booked", "bring", "pick up", "pickup", "collect", "minutes before",
        "minutes early", "return", "refund", "exchange", "repair", "receipt", "ready",
        "your order", NULL};

/* By what the customer earned it: the ground that an AlimTalk must state. */
static const char *const grounds[] = {"구매로", "구매에 따라", "구매하신", "구매하셔",
        "구매해 주", "구매 확정", "구매 금액", "결제로", "결제에 따라", "결제하신",
        "결제 금액", "주문으로", "주문에 따라", "주문하신", "주문 금액", "주문에 대",
        "주문 건", "이용하신", "이용으로", "이용 금액", "후기 작성", "후기를 작성",
        "후기를 남겨", "리뷰 작성", "리뷰를 작성", "작성하신", "참여로", "참여하신",
        "응모하신", "당첨", "your purchase", "your order", "your payment", "your review",
        "you bought", "earned by", "earned with", "earned from", "earned for", NULL};
static const char *const given[] = {"지급되", "지급됐", "지급하", "지급해", "지급 완료",
        "지급드", "발급되", "발급됐", "발급하", "발급해", "발급 완료", "적립되었",
        "적립됐", "적립해", "적립 완료", "earned", "issued", "credited", NULL};
static const char *const worth[] = {"쿠폰", "포인트", "적립금", "마일리지", "points",
        "coupon", "voucher", "credit", NULL};

/* It offers, whatever is said beside it. */
static const char *const urging[] = {"받으세요", "받아 가세요", "받아 보세요", "누리세요",
        "누려 보세요", "챙기세요", "챙겨 가세요", "^쓰세요", "써 보세요", "사용하세요",
        "사용해 보세요", "이용하세요", "다음 주문", "다음 구매", "다음에", "next order",
        "next purchase", "next visit", "use it", "enjoy", NULL};

/* ---- what gives it away ---- */

struct giveaway {
	const char *phrase;
	const char *const *unless; /* one of them in the sentence; NULL: nothing helps */
	bool grounded;             /* a ground in the text helps too */
};

static const struct giveaway giveaways[] = {
        {"할인 쿠폰", used_coupon, false},
        {"할인", figures, false},
        {"쿠폰", used_coupon, true},
        {"프로모션", figures, false},
        {"이벤트", own_act, false},
        {"경품", parcel, false},
        {"사은품", parcel, false},
        {"증정", parcel, false},
        {"추첨", parcel, false},
        {"^특가", NULL, false},
        {"초특가", NULL, false},
        {"^세일", NULL, false},
        {"빅세일", NULL, false},
        {"^핫딜", NULL, false},
        {"타임딜", NULL, false},
        {"반값", NULL, false},
        {"최저가", NULL, false},
        {"균일가", NULL, false},
        {"파격", NULL, false},
        {"1+1", NULL, false},
        {"2+1", NULL, false},
        {"원플러스원", NULL, false},
        {"무료 체험", asked_for, false},
        {"무료 샘플", asked_for, false},
        {"무료로 드", NULL, false},
        {"무료로 제공", NULL, false},
        {"덤으로", NULL, false},
        {"더 담아 드", NULL, false},
        {"선착순", NULL, false},
        {"한정 수량", NULL, false},
        {"수량 한정", NULL, false},
        {"기간 한정", NULL, false},
        {"한정 판매", NULL, false},
        {"한정판", asked_for, false},
        {"오늘만", NULL, false},
        {"단 하루", NULL, false},
        {"마감 임박", NULL, false},
        {"품절 임박", NULL, false},
        {"서두르", NULL, false},
        {"놓치지 마", NULL, false},
        {"놓치지 않", NULL, false},
        {"놓치면", NULL, false},
        {"^신상품", asked_for, false},
        {"^신상", asked_for, false},
        {"신메뉴", NULL, false},
        {"새 메뉴", NULL, false},
        {"신제품", asked_for, false},
        {"출시", asked_for, false},
        {"론칭", NULL, false},
        {"런칭", NULL, false},
        {"오픈 기념", NULL, false},
        {"그랜드 오픈", NULL, false},
        {"새로 나온", NULL, false},
        {"새로 나왔", NULL, false},
        {"새로 들어", NULL, false},
        {"재입고", asked_for, false},
        {"다시 들어왔", asked_for, false},
        {"추천 상품", NULL, false},
        {"추천해 드", NULL, false},
        {"추천드", NULL, false},
        {"추천합니다", NULL, false},
        {"권해 드", NULL, false},
        {"인기 상품", NULL, false},
        {"베스트 상품", NULL, false},
        {"기획전", NULL, false},
        {"블랙프라이데이", NULL, false},
        {"감사제", NULL, false},
        {"혜택을", NULL, false},
        {"혜택 받", NULL, false},
        {"혜택이", NULL, false},
        {"혜택 가득", NULL, false},
        {"특별 혜택", NULL, false},
        {"특별한 혜택", NULL, false},
        {"할인 혜택", NULL, false},
        {"구매하세요", NULL, false},
        {"구매해 보세요", NULL, false},
        {"구매하러", NULL, false},
        {"주문하세요", NULL, false},
        {"주문해 보세요", NULL, false},
        {"지금 주문", asked_for, false},
        {"오늘 주문하시면", NULL, false},
        {"만나 보세요", NULL, false},
        {"둘러 보세요", NULL, false},
        {"둘러보러", NULL, false},
        {"경험해 보세요", NULL, false},
        {"체험해 보세요", NULL, false},
        {"즐겨 보세요", NULL, false},
        {"이용해 보세요", NULL, false},
        {"맛보세요", NULL, false},
        {"들러 주", errand, false},
        {"들러 보", NULL, false},
        {"들르", errand, false},
        {"놀러 오", NULL, false},
        {"^오세요", errand, false},
        {"방문해 주", errand, false},
        {"방문하세요", errand, false},
        {"방문해 보세요", NULL, false},
        {"방문을 기다", errand, false},
        {"또 방문", NULL, false},
        {"다시 방문", errand, false},
        {"꼭 방문", errand, false},
        {"언제든 방문", NULL, false},
        {"또 오세요", NULL, false},
        {"또 들러", NULL, false},
        {"다시 찾아 주", NULL, false},
        {"또 찾아 주", NULL, false},
        {"많은 이용", NULL, false},
        {"많은 관심", NULL, false},
        {"많은 성원", NULL, false},
        {"많은 참여", NULL, false},
        {"참여하세요", NULL, false},
        {"참여해 보세요", NULL, false},
        {"응모하세요", NULL, false},
        {"친구 추가하", NULL, false},
        {"친구를 초대", NULL, false},
        {"친구 초대", NULL, false},
        {"팔로우", NULL, false},
        {"배 적립", NULL, false},
        {"더블 적립", NULL, false},
        {"적립해 드", NULL, true},
        {"적립금을 드", NULL, true},
        {"적립금 @원을 드", NULL, true},
        {"포인트 @점을 드", NULL, true},
        {"적립금 드", NULL, true},
        {"적립금 증정", NULL, false},
        {"적립금 지급", NULL, true},
        {"적립금을 지급", NULL, true},
        {"적립금이 지급", NULL, true},
        {"포인트를 드", NULL, true},
        {"포인트 드", NULL, true},
        {"포인트 증정", NULL, false},
        {"포인트 지급", NULL, true},
        {"포인트를 지급", NULL, true},
        {"포인트가 지급", NULL, true},
        {"포인트 소멸", NULL, true},
        {"포인트가 소멸", NULL, true},
        {"적립금 소멸", NULL, true},
        {"적립금이 소멸", NULL, true},
        {"마일리지 소멸", NULL, true},
        {"마일리지가 소멸", NULL, true},
        {"선물을 드", NULL, false},
        {"선물을 준비", NULL, false},
        {"선물을 함께", NULL, false},
        {"선물 증정", NULL, false},
        {"선물이 기다", NULL, false},
        {"생일 축하", NULL, false},
        {"생일을 축하", NULL, false},
        {"생일을 진심", NULL, false},
        {"생신 축하", NULL, false},
        {"새해 복", NULL, false},
        {"즐거운 명절", NULL, false},
        {"행복한 명절", NULL, false},
        {"풍성한 한가위", NULL, false},
        {"메리 크리스마스", NULL, false},
        {"오랜만이", NULL, false},
        {"보고 싶", NULL, false},
        {"뵙고 싶", NULL, false},
        {"discount", english_figures, false},
        {"discounts", english_figures, false},
        {"coupon", english_used, true},
        {"coupons", english_used, true},
        {"voucher", english_used, true},
        {"promo code", english_used, false},
        {"promotion", english_figures, false},
        {"% off", NULL, false},
        {"save up to", NULL, false},
        {"save @%", NULL, false},
        {"on sale", NULL, false},
        {"big sale", NULL, false},
        {"our sale", NULL, false},
        {"sale ends", NULL, false},
        {"sale starts", NULL, false},
        {"summer sale", NULL, false},
        {"winter sale", NULL, false},
        {"clearance", NULL, false},
        {"special offer", NULL, false},
        {"exclusive offer", NULL, false},
        {"limited offer", NULL, false},
        {"offer ends", NULL, false},
        {"limited time", NULL, false},
        {"limited-time", NULL, false},
        {"special deal", NULL, false},
        {"best deals", NULL, false},
        {"free trial", NULL, false},
        {"free gift", NULL, false},
        {"free sample", NULL, false},
        {"for free", NULL, false},
        {"get a free", NULL, false},
        {"enjoy a free", NULL, false},
        {"a free coffee", NULL, false},
        {"buy one get one", NULL, false},
        {"buy now", NULL, false},
        {"buy more", NULL, false},
        {"shop now", NULL, false},
        {"order now", NULL, false},
        {"order today", NULL, false},
        {"don't miss", NULL, false},
        {"do not miss", NULL, false},
        {"hurry", NULL, false},
        {"last chance", NULL, false},
        {"new arrivals", NULL, false},
        {"new collection", NULL, false},
        {"new menu", NULL, false},
        {"just arrived in our", NULL, false},
        {"back in stock", asked_for, false},
        {"just for you", NULL, false},
        {"check out our", NULL, false},
        {"discover our", NULL, false},
        {"explore our", NULL, false},
        {"you may also like", NULL, false},
        {"you might also like", NULL, false},
        {"we recommend", NULL, false},
        {"visit us", english_errand, false},
        {"come visit", NULL, false},
        {"come by", english_errand, false},
        {"drop by", english_errand, false},
        {"stop by", english_errand, false},
        {"come back soon", NULL, false},
        {"we miss you", NULL, false},
        {"happy birthday", NULL, false},
        {"bonus points", NULL, false},
        {"double points", NULL, false},
        {"refer a friend", NULL, false},
        {"invite a friend", NULL, false},
        {"black friday", NULL, false},
};
#define N_GIVEAWAYS (sizeof giveaways / sizeof giveaways[0])

/* ---- matching ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_korean(char c)
{
	return (unsigned char)c >= 0x80;
}

/* Where it ends, 0: it is not at `at`. */
static size_t match(const char *words, size_t at, size_t len, const char *phrase)
{
	bool begins = *phrase == '^';
	const char *text = phrase + begins;
	size_t n = strlen(text), end;

	if (words[at] != *text || (begins && at > 0 && is_korean(words[at - 1])))
		return 0;
	if (is_letter(*text) && at > 0 && is_letter(words[at - 1]))
		return 0;
	end = wording_match(words, at, len, text);
	if (end && end < len && is_letter(text[n - 1]) && is_letter(words[end]))
		return 0;
	return end;
}

static bool any(const char *words, size_t from, size_t to, const char *const *phrases)
{
	for (size_t at = from; phrases && at < to; at++)
		for (size_t i = 0; phrases[i]; i++)
			if (match(words, at, to, phrases[i]))
				return true;
	return false;
}

/* ---- sentences ---- */

struct reading {
	const char *words;
	size_t len, before; /* where the sentence before this one begins */
};

static bool ends_sentence(const char *words, size_t at, size_t len)
{
	char next = at + 1 < len ? words[at + 1] : ' ';

	return words[at] == '\n' || words[at] == '!' || words[at] == '?' ||
	       (words[at] == '.' && !is_letter(next) && next != WORDING_VALUE);
}

static size_t sentence_end(const char *words, size_t at, size_t len)
{
	while (at < len && !ends_sentence(words, at, len))
		at++;
	return at < len && words[at] != '\n' ? at + 1 : at;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == WORDING_NOTHING;
}

static void trim(const char *words, struct promotion *out)
{
	while (out->from < out->to && is_blank(words[out->from]))
		out->from++;
	while (out->to > out->from && is_blank(words[out->to - 1]))
		out->to--;
}

static bool grounded(const char *words, size_t len)
{
	return any(words, 0, len, grounds) && any(words, 0, len, given);
}

/* An errand may be told in the sentence before; what urges is no figure of an order's. */
static bool harmless(
        const struct giveaway *g, const struct reading *r, const struct promotion *at)
{
	bool errands = g->unless == errand || g->unless == english_errand;

	if (any(r->words, errands ? r->before : at->from, at->to, g->unless))
		return errands || !any(r->words, at->from, at->to, urging);
	return g->grounded && grounded(r->words, r->len) &&
	       !any(r->words, at->from, at->to, urging);
}

static bool gives_away(const struct reading *r, size_t at, struct promotion *sentence)
{
	for (size_t i = 0; i < N_GIVEAWAYS; i++) {
		size_t end = match(r->words, at, sentence->to, giveaways[i].phrase);
		if (!end || harmless(&giveaways[i], r, sentence))
			continue;
		sentence->word_from = at;
		sentence->word_to = end;
		return true;
	}
	return false;
}

#define LABEL_MOST 64 /* bytes of a label, brackets and all */

/* It says itself what it is. */
static bool labelled(const char *words, size_t len, size_t at, struct promotion *sentence)
{
	static const struct label_ask ask = {.links = true};
	size_t most = at + LABEL_MOST < len ? at + LABEL_MOST : len;
	struct label label;

	if (!label_find(words, most, at, &ask, &label) || label.kind != LABEL_AD ||
	        label.from != at)
		return false;
	sentence->word_from = label.from;
	sentence->word_to = label.to;
	if (sentence->to < label.to)
		sentence->to = label.to;
	return true;
}

static bool promoting(const struct reading *r, struct promotion *sentence)
{
	for (size_t i = sentence->from; i < sentence->to; i++)
		if ((strchr("([<{", r->words[i]) &&
		            labelled(r->words, r->len, i, sentence)) ||
		        gives_away(r, i, sentence))
			return true;
	return false;
}

bool promotion_find(const char *words, size_t len, struct promotion *out)
{
	struct reading r = {.words = words, .len = len};

	for (size_t at = 0, end; at<len; at = end> at ? end : at + 1) {
		end = sentence_end(words, at, len);
		*out = (struct promotion){.from = at, .to = end};
		if (promoting(&r, out)) {
			trim(words, out);
			return true;
		}
		if (end > at + 1)
			r.before = at;
	}
	return false;
}

/* Where one of the phrases stands first; 0 bytes: nowhere. */
static bool first(const char *words, const char *const *phrases, struct promotion *in)
{
	for (size_t at = in->from; at < in->to; at++)
		for (size_t i = 0; phrases[i]; i++) {
			size_t end = match(words, at, in->to, phrases[i]);
			if (!end)
				continue;
			in->word_from = at;
			in->word_to = end;
			return true;
		}
	return false;
}

bool promotion_gives(const char *words, size_t len, struct promotion *out)
{
	for (size_t at = 0, end; at<len; at = end> at ? end : at + 1) {
		end = sentence_end(words, at, len);
		*out = (struct promotion){.from = at, .to = end};
		if (any(words, at, end, worth) && first(words, given, out)) {
			trim(words, out);
			return true;
		}
	}
	return false;
}

bool promotion_grounded(const char *words, size_t len)
{
	return any(words, 0, len, grounds);
}
