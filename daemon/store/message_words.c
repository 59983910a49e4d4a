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

const char *reason_text(enum reason reason)
{
	switch (reason) {
	case REASON_NONE:
		return "";
	case REASON_NO_CONSENT:
		return TR("The customer never agreed to advertisements here.",
		        "이 매체의 광고 수신에 동의하지 않았습니다.");
	case REASON_NO_MARKETING_CONSENT:
		return TR("The customer never agreed to the use of their data for "
		          "marketing.",
		        "마케팅 목적의 개인정보 이용에 동의하지 않았습니다.");
	case REASON_OPTED_OUT:
		return TR(
		        "The customer refused further messages.", "수신을 거부했습니다.");
	case REASON_NO_ADDRESS:
		return TR("No usable address is known for this channel.",
		        "이 채널로 보낼 주소가 없습니다.");
	case REASON_NOT_FRIEND:
		return TR("The customer is no friend of the Kakao channel.",
		        "카카오톡 채널 친구가 아닙니다.");
	case REASON_UNDER_AGE:
		return TR("The customer is too young for this advertisement.",
		        "이 광고를 받을 수 있는 나이가 아닙니다.");
	case REASON_QUIET_HOURS:
		return TR("It is within the shop's quiet hours.",
		        "가게가 정한 조용한 시간입니다.");
	case REASON_LAW_HOURS:
		return TR("The law allows no advertisement at this hour.",
		        "법으로 광고를 보낼 수 없는 시간입니다.");
	case REASON_PROVIDER_WINDOW:
		return TR("The provider takes no advertisement at this hour.",
		        "발송사가 광고를 받지 않는 시간입니다.");
	case REASON_SHOP_CLOSED:
		return TR("The shop is closed that day.", "가게가 쉬는 날입니다.");
	case REASON_CAP:
		return TR("The customer has had as many advertisements as allowed.",
		        "받을 수 있는 광고 횟수를 다 채웠습니다.");
	case REASON_BUDGET:
		return TR(
		        "The channel's budget is used up.", "채널의 예산을 다 썼습니다.");
	case REASON_HOLDOUT:
		return TR("The customer is in the control group.",
		        "비교군에 들어 있습니다.");
	case REASON_GOAL_MET:
		return TR("The goal was reached already.", "목표를 이미 이루었습니다.");
	case REASON_NO_LONGER:
		return TR("The rule's condition no longer holds.",
		        "규칙의 조건에 더는 맞지 않습니다.");
	case REASON_LATE:
		return TR("It became too late to send it.", "보내기에 너무 늦었습니다.");
	case REASON_MISSED:
		return TR("Its hour passed while nothing could run.",
		        "정한 시각을 놓쳤습니다.");
	case REASON_RULE_OFF:
		return TR("The rule is off.", "규칙이 꺼져 있습니다.");
	case REASON_RULE_PAUSED:
		return TR("The rule is paused.", "규칙이 멈춰 있습니다.");
	case REASON_ALREADY_IN:
		return TR("The customer was in this rule already.",
		        "이미 이 규칙을 거치는 중이었습니다.");
	case REASON_OFFER_EXPIRED:
		return TR("The offer has ended.", "혜택 기간이 끝났습니다.");
	case REASON_NO_COUPON:
		return TR("No coupon code is left.", "남은 쿠폰 번호가 없습니다.");
	case REASON_NO_TEMPLATE:
		return TR("There is no template for this channel.",
		        "이 채널의 템플릿이 없습니다.");
	case REASON_TOO_LONG:
		return TR("The text is too long for this channel.",
		        "글이 이 채널에는 너무 깁니다.");
	case REASON_BAD_CONTENT:
		return TR("The text cannot be sent over this channel.",
		        "이 채널로 보낼 수 없는 글자가 있습니다.");
	case REASON_DUPLICATE_ADDRESS:
		return TR("Another customer with this address got it.",
		        "같은 주소의 다른 고객이 받았습니다.");
	case REASON_BLAST_GUARD:
		return TR("Far more than usual: it waits for the owner's approval.",
		        "평소보다 훨씬 많아 승인을 기다립니다.");
	case REASON_CUSTOMER_LEFT:
		return TR("The customer has left.", "탈퇴한 고객입니다.");
	case REASON_MERGED:
		return TR("The customer was merged into another.",
		        "다른 고객과 합쳐졌습니다.");
	case REASON_ERASED:
		return TR("The customer was erased.", "삭제된 고객입니다.");
	case REASON_REFUSED_BY_PROVIDER:
		return TR("The provider refused it.", "발송사가 거절했습니다.");
	case REASON_SENDER_UNREGISTERED:
		return TR("The sender's number is not registered with the provider.",
		        "발신번호가 등록되어 있지 않습니다.");
	}
	return "";
}
