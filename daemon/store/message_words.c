/* The words of messages: states and reasons, as the outside knows them, and a sentence
 * for each reason. */
#include <string.h>
#include "base/log.h"
#include "store/message.h"

static const char *const states[MESSAGE_STATES] = {"planned", "held", "claimed", "handed",
        "accepted", "delivered", "failed", "expired", "dropped", "unknown"};

static const char *const reasons[REASONS] = {"", "no_consent", "no_marketing_consent",
        "opted_out", "no_address", "not_friend", "under_age", "quiet_hours", "law_hours",
        "provider_window", "shop_closed", "cap", "budget", "holdout", "goal_met",
        "no_longer", "late", "missed", "rule_off", "rule_paused", "already_in",
        "offer_expired", "no_coupon", "no_template", "too_long", "bad_content",
        "duplicate_address", "blast_guard", "customer_left", "merged", "erased",
        "refused_by_provider", "sender_unregistered"};

const char *message_state_name(enum message_state state)
{
	return states[state];
}

int message_state_parse(const char *name)
{
	for (int i = 0; name && i < MESSAGE_STATES; i++)
		if (strcmp(states[i], name) == 0)
			return i;
	return -1;
}

const char *reason_name(enum reason reason)
{
	return reasons[reason];
}

enum reason reason_parse(const char *name)
{
	for (int i = 1; name && i < REASONS; i++)
		if (strcmp(reasons[i], name) == 0)
			return (enum reason)i;
	return REASON_NONE;
}

/* In English and in Korean. */
static const char *const texts[REASONS][2] = {
        [REASON_NO_CONSENT] = {"The customer never agreed to advertisements here.",
                "이 매체의 광고 수신에 동의하지 않았습니다."},
        [REASON_NO_MARKETING_CONSENT] =
                {"The customer never agreed to the use of their data for marketing.",
                        "마케팅 목적의 개인정보 이용에 동의하지 않았습니다."},
        [REASON_OPTED_OUT] = {"The customer refused further messages.",
                "수신을 거부했습니다."},
        [REASON_NO_ADDRESS] = {"No usable address is known for this channel.",
                "이 채널로 보낼 주소가 없습니다."},
        [REASON_NOT_FRIEND] = {"The customer is no friend of the Kakao channel.",
                "카카오톡 채널 친구가 아닙니다."},
        [REASON_UNDER_AGE] = {"The customer is too young for this advertisement.",
                "이 광고를 받을 수 있는 나이가 아닙니다."},
        [REASON_QUIET_HOURS] = {"It is within the shop's quiet hours.",
                "가게가 정한 조용한 시간입니다."},
        [REASON_LAW_HOURS] = {"The law allows no advertisement at this hour.",
                "법으로 광고를 보낼 수 없는 시간입니다."},
        [REASON_PROVIDER_WINDOW] = {"The provider takes no advertisement at this hour.",
                "발송사가 광고를 받지 않는 시간입니다."},
        [REASON_SHOP_CLOSED] = {"The shop is closed that day.", "가게가 쉬는 날입니다."},
        [REASON_CAP] = {"The customer has had as many advertisements as allowed.",
                "받을 수 있는 광고 횟수를 다 채웠습니다."},
        [REASON_BUDGET] = {"The channel's budget is used up.",
                "채널의 예산을 다 썼습니다."},
        [REASON_HOLDOUT] = {"The customer is in the control group.",
                "비교군에 들어 있습니다."},
        [REASON_GOAL_MET] = {"The goal was reached already.",
                "목표를 이미 이루었습니다."},
        [REASON_NO_LONGER] = {"The rule's condition no longer holds.",
                "규칙의 조건에 더는 맞지 않습니다."},
        [REASON_LATE] = {"It became too late to send it.", "보내기에 너무 늦었습니다."},
        [REASON_MISSED] = {"Its hour passed while nothing could run.",
                "정한 시각을 놓쳤습니다."},
        [REASON_RULE_OFF] = {"The rule is off.", "규칙이 꺼져 있습니다."},
        [REASON_RULE_PAUSED] = {"The rule is paused.", "규칙이 멈춰 있습니다."},
        [REASON_ALREADY_IN] = {"The customer was in this rule already.",
                "이미 이 규칙을 거치는 중이었습니다."},
        [REASON_OFFER_EXPIRED] = {"The offer has ended.", "혜택 기간이 끝났습니다."},
        [REASON_NO_COUPON] = {"No coupon code is left.", "남은 쿠폰 번호가 없습니다."},
        [REASON_NO_TEMPLATE] = {"There is no template for this channel.",
                "이 채널의 템플릿이 없습니다."},
        [REASON_TOO_LONG] = {"The text is too long for this channel.",
                "글이 이 채널에는 너무 깁니다."},
        [REASON_BAD_CONTENT] = {"The text cannot be sent over this channel.",
                "이 채널로 보낼 수 없는 글자가 있습니다."},
        [REASON_DUPLICATE_ADDRESS] = {"Another customer with this address got it.",
                "같은 주소의 다른 고객이 받았습니다."},
        [REASON_BLAST_GUARD] = {"Far more than usual: it waits for the owner's approval.",
                "평소보다 훨씬 많아 승인을 기다립니다."},
        [REASON_CUSTOMER_LEFT] = {"The customer has left.", "탈퇴한 고객입니다."},
        [REASON_MERGED] = {"The customer was merged into another.",
                "다른 고객과 합쳐졌습니다."},
        [REASON_ERASED] = {"The customer was erased.", "삭제된 고객입니다."},
        [REASON_REFUSED_BY_PROVIDER] = {"The provider refused it.",
                "발송사가 거절했습니다."},
        [REASON_SENDER_UNREGISTERED] =
                {"The sender's number is not registered with the provider.",
                        "발신번호가 등록되어 있지 않습니다."},
};

const char *reason_text(enum reason reason)
{
	const char *const *text = texts[reason];

	return text[0] ? TR(text[0], text[1]) : "";
}
