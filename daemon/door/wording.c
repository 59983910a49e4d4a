/* Wordings of consent. A changed word is another version: what was agreed to before keeps
 * its own text in the ledger. */
#include "door/wording.h"

/* The shop is the first argument, the media are the second. What stands before the colon
 * is the heading. */
/* clang-format off */
static const char *const texts[WORDINGS][TONGUES] = {
	[WORDING_AD] = {
		"[선택] 광고 수신 동의 (%2$s): %1$s에서 할인, 쿠폰, 새 상품, 행사 소식 등의 광고를 받습니다. "
		"동의하지 않아도 되고, 언제든 무료로 거부할 수 있습니다.",
		"[Optional] Advertisements (%2$s): %1$s may send me advertisements of discounts, coupons, new goods and "
		"events. I need not agree, and may refuse at any time, free of charge."},
	[WORDING_NIGHT] = {
		"[선택] 야간 광고 수신 동의 (%2$s): 오후 9시부터 다음 날 오전 8시 사이에도 %1$s의 광고를 받습니다. "
		"동의하지 않아도 되고, 언제든 무료로 거부할 수 있습니다.",
		"[Optional] Advertisements at night (%2$s): %1$s may send me advertisements between 21:00 and 08:00 as "
		"well. I need not agree, and may refuse at any time, free of charge."},
	[WORDING_DATA] = {
		"[선택] 마케팅을 위한 개인정보 수집·이용 동의: 목적은 %1$s의 광고와 할인, 쿠폰, 행사 안내이고, "
		"항목은 이름, 연락처, 생일, 구매와 방문 기록이며, 동의를 철회하거나 탈퇴할 때까지 보관합니다. "
		"동의를 거부할 권리가 있고, 거부해도 광고를 받지 못하는 것 말고는 불이익이 없습니다.",
		"[Optional] Use of personal data for marketing: The purpose is advertisements, discounts, coupons and "
		"events of %1$s; the items are name, contact, birthday, record of purchases and visits; they are kept "
		"until I withdraw or leave. I have the right to refuse, with no effect but that I get no advertisements."},
};
/* clang-format on */

const char *wording_text(enum wording_kind kind, enum tongue tongue, const char *shop,
        const char *media, struct arena *arena)
{
	return arena_printf(arena, texts[kind][tongue], shop, media);
}
