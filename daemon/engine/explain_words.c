/* Causes as clauses: what stands behind "because", and in Korean before "때문에". */
#include <string.h>
#include "base/log.h"
#include "engine/inquiry.h"

static const struct {
	const char *english, *korean;
} clauses[REASONS] = {
        [REASON_NO_CONSENT] = {"the customer never agreed to advertisements",
                "광고 수신에 동의하지 않았기"},
        [REASON_NO_MARKETING_CONSENT] =
                {"the customer never agreed to the use of their data for marketing",
                        "마케팅 목적의 개인정보 이용에 동의하지 않았기"},
        [REASON_OPTED_OUT] = {"the customer refused further messages", "수신을 거부했기"},
        [REASON_NO_ADDRESS] = {"no usable address is known", "보낼 수 있는 주소가 없기"},
        [REASON_NOT_FRIEND] = {"the customer is no friend of the Kakao channel",
                "카카오톡 채널 친구가 아니기"},
        [REASON_UNDER_AGE] = {"the customer is too young for advertisements",
                "광고를 받을 수 있는 나이가 아니기"},
        [REASON_QUIET_HOURS] = {"these are the shop's quiet hours",
                "가게가 정한 조용한 시간이기"},
        [REASON_LAW_HOURS] = {"the law allows no advertisement at that hour",
                "법으로 광고를 보낼 수 없는 시간이기"},
        [REASON_PROVIDER_WINDOW] = {"the provider takes no advertisement at that hour",
                "발송사가 광고를 받지 않는 시간이기"},
        [REASON_SHOP_CLOSED] = {"the shop is closed that day", "가게가 쉬는 날이기"},
        [REASON_CAP] = {"the customer has had as many advertisements as allowed",
                "받을 수 있는 광고 횟수를 다 채웠기"},
        [REASON_BUDGET] = {"the channel's budget is used up", "채널의 예산을 다 썼기"},
        [REASON_HOLDOUT] = {"the customer is in the control group (holdout)",
                "비교군에 들어 있기"},
        [REASON_GOAL_MET] = {"the goal was reached", "목표를 이루었기"},
        [REASON_NO_LONGER] = {"the rule's condition no longer held",
                "규칙의 조건에 더는 맞지 않았기"},
        [REASON_LATE] = {"it became too late to send it", "보내기에 너무 늦었기"},
        [REASON_MISSED] = {"its hour passed while nothing could run",
                "정한 시각을 놓쳤기"},
        [REASON_RULE_OFF] = {"the rule was off", "규칙이 꺼져 있었기"},
        [REASON_RULE_PAUSED] = {"the rule is paused", "규칙이 멈춰 있기"},
        [REASON_ALREADY_IN] = {"the customer was in this rule already",
                "이미 이 규칙을 거치는 중이었기"},
        [REASON_OFFER_EXPIRED] = {"the offer has ended", "혜택 기간이 끝났기"},
        [REASON_NO_COUPON] = {"no coupon code is left", "남은 쿠폰 번호가 없기"},
        [REASON_NO_TEMPLATE] = {"there is no template for that channel",
                "이 채널의 템플릿이 없기"},
        [REASON_TOO_LONG] = {"the text was too long for the channel",
                "글이 채널에 너무 길었기"},
        [REASON_BAD_CONTENT] = {"the text could not be sent over the channel",
                "채널로 보낼 수 없는 글자가 있었기"},
        [REASON_DUPLICATE_ADDRESS] = {"another customer with the same address got it",
                "같은 주소의 다른 고객이 받았기"},
        [REASON_BLAST_GUARD] =
                {"it is far more than usual and waits for the owner's approval",
                        "평소보다 훨씬 많아 승인을 기다리고 있기"},
        [REASON_CUSTOMER_LEFT] = {"the customer left", "탈퇴했기"},
        [REASON_MERGED] = {"the customer was merged into another",
                "다른 고객과 합쳐졌기"},
        [REASON_ERASED] = {"the customer was erased", "삭제된 고객이기"},
        [REASON_REFUSED_BY_PROVIDER] = {"the provider refused it", "발송사가 거절했기"},
        [REASON_SENDER_UNREGISTERED] =
                {"the sender's number is not registered with the provider",
                        "발신번호가 등록되어 있지 않기"},
};

const char *explain_because(enum reason reason)
{
	if (!clauses[reason].english)
		return TR("nothing more is known", "까닭이 적혀 있지 않기");
	return TR(clauses[reason].english, clauses[reason].korean);
}

const char *explain_ended_because(const char *word)
{
	if (!strcmp(word, "stopped"))
		return TR("a step of the rule stopped it", "규칙의 단계가 멈추게 했기");
	if (!strcmp(word, "unless"))
		return TR("what it waited to stay away happened",
		        "기다리는 동안 없어야 할 일이 있었기");
	if (!strcmp(word, "restarted"))
		return TR("it began anew", "처음부터 다시 시작했기");
	if (!strcmp(word, SKIP_LIMIT))
		return TR("its limit was used up then", "제한을 다 썼기");
	if (!strcmp(word, SKIP_CONDITION))
		return TR("its condition was not true then", "조건에 맞지 않았기");
	if (!strcmp(word, SKIP_NOT_DRAWN))
		return TR("others were drawn", "다른 고객이 뽑혔기");
	return explain_because(reason_parse(word));
}
