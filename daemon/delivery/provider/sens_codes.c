/* What SENS's codes mean. Three sets: the gateway's, the carriers' and Kakao's; the last
 * two share numbers. Decides nothing. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "delivery/provider/sens_inner.h"

/* Of a whole request: "HTTP status.errorCode". Source: "Simple & Easy Notification
 * Service overview", response status codes; the codes are API Gateway's. */
static const struct code gateway[] = {
        {"401.200", OUTCOME_OPERATOR,
                "the signature is not accepted: put 'key' and 'secret' right and send "
                "SIGHUP, or set this machine's clock, which may be wrong by more than 5 "
                "minutes",
                "서명이 맞지 않습니다. key와 secret을 고친 뒤 SIGHUP을 보내거나, 5분 "
                "넘게 "
                "틀린 이 컴퓨터의 시계를 맞추십시오"},
        {"401.210", OUTCOME_OPERATOR,
                "the account may not use SENS: give it the permission in the console",
                "계정에 SENS 권한이 없습니다. 콘솔에서 권한을 주십시오"},
        {"403.210", OUTCOME_OPERATOR,
                "the account may not use SENS: give it the permission in the console",
                "계정에 SENS 권한이 없습니다. 콘솔에서 권한을 주십시오"},
        {"404.300", OUTCOME_REFUSED, "SENS does not know the address: look at 'service'",
                "SENS에 없는 주소입니다. service를 확인하십시오"},
        {"413.430", OUTCOME_REFUSED, "the request is too large", "요청이 너무 큽니다"},
        {"429.400", OUTCOME_LATER, "the quota is used up for now",
                "지금 쓸 수 있는 양을 다 썼습니다"},
        {"429.410", OUTCOME_LATER, "SENS asks to go slower (throttle)",
                "SENS가 천천히 보내라고 합니다 (throttle)"},
        {"429.420", OUTCOME_LATER, "SENS asks to go slower (rate)",
                "SENS가 천천히 보내라고 합니다 (rate)"},
};

/* Of text messages, as the carriers tell them; NHN documents the same numbers, SENS's own
 * list was not to be had. OUTCOME_UNKNOWN: it may still arrive. */
static const struct code carriers[] = {
        {"2000", OUTCOME_UNKNOWN, "no result in time; it may have arrived",
                "결과가 제때 오지 않았습니다. 도착했을 수도 있습니다"},
        {"2001", OUTCOME_REFUSED, "the carrier's network failed",
                "통신망에서 실패했습니다"},
        {"2002", OUTCOME_REFUSED, "the phone was not reached", "단말에 닿지 않았습니다"},
        {"2003", OUTCOME_REFUSED, "the phone is off", "전원이 꺼져 있습니다"},
        {"2004", OUTCOME_REFUSED, "the phone's storage is full",
                "단말의 저장 공간이 찼습니다"},
        {"2005", OUTCOME_REFUSED, "the phone is out of reach", "음영 지역입니다"},
        {"3000", OUTCOME_REFUSED, "it cannot be sent", "전송할 수 없습니다"},
        {"3001", OUTCOME_REFUSED, "no such subscriber", "가입자가 없는 번호입니다"},
        {"3003", OUTCOME_REFUSED, "the number is wrong", "잘못된 번호입니다"},
        {"3004", OUTCOME_REFUSED, "the number is suspended", "정지된 번호입니다"},
        {"3006", OUTCOME_REFUSED, "the phone refuses", "단말이 수신을 거부했습니다"},
        {"3012", OUTCOME_REFUSED, "taken for spam", "스팸으로 처리되었습니다"},
        {"3015", OUTCOME_REFUSED, "no route", "전송 경로가 없습니다"},
        {"3016", OUTCOME_REFUSED, "the attachment is too large", "첨부가 너무 큽니다"},
        {"3017", OUTCOME_REFUSED, "the sender's number is protected against forgery",
                "변작 방지로 막힌 발신번호입니다"},
        {"3018", OUTCOME_REFUSED, "the sender's number is protected against forgery",
                "변작 방지로 막힌 발신번호입니다"},
        {"3019", OUTCOME_REFUSED, "KISA blocks the sender's number",
                "KISA가 차단한 발신번호입니다"},
};

/* Of AlimTalk and Brand Message: SENS's own at intake (B…), else Kakao's. Source:
 * "sens-alimtalk-send"; NHN's table of Kakao's codes. */
static const struct code kakao[] = {
        {"B004", OUTCOME_OPERATOR, "the quota of SENS is used up: ask for more there",
                "SENS 발송 한도를 다 썼습니다. 한도를 늘려 달라고 하십시오"},
        {"1003", OUTCOME_OPERATOR, "the sender profile is not right",
                "발신 프로필이 맞지 않습니다"},
        {"1006", OUTCOME_OPERATOR, "the channel was deleted", "삭제된 채널입니다"},
        {"1007", OUTCOME_OPERATOR, "the channel is stopped", "멈추어진 채널입니다"},
        {"1028", OUTCOME_OPERATOR, "the channel may not send to these people",
                "이 대상에게 보낼 수 없는 채널입니다"},
        {"3005", OUTCOME_UNKNOWN, "sent and not confirmed; it may arrive within 3 days",
                "보냈지만 확인되지 않았습니다. 3일 안에 도착할 수 있습니다"},
        {"3008", OUTCOME_REFUSED, "the number is wrong", "잘못된 번호입니다"},
        {"3014", OUTCOME_REFUSED, "the text is too long", "내용이 너무 깁니다"},
        {"3015", OUTCOME_REFUSED, "there is no such template", "그런 템플릿이 없습니다"},
        {"3016", OUTCOME_REFUSED, "the text is not that of the approved template",
                "승인된 템플릿과 글이 다릅니다"},
        {"3018", OUTCOME_REFUSED, "it cannot be delivered to this number",
                "메시지를 받을 수 없는 번호입니다"},
        {"3019", OUTCOME_REFUSED, "no user of KakaoTalk",
                "카카오톡을 쓰지 않는 번호입니다"},
        {"3020", OUTCOME_REFUSED, "the recipient has blocked the channel",
                "수신자가 채널을 차단했습니다"},
        {"3021", OUTCOME_REFUSED, "the recipient's KakaoTalk is too old",
                "수신자의 카카오톡이 너무 낮은 버전입니다"},
        {"3022", OUTCOME_WINDOW, "outside of the hours of such messages",
                "보낼 수 있는 시간이 아닙니다"},
        {"3024", OUTCOME_REFUSED, "the picture is not right", "이미지가 맞지 않습니다"},
        {"3027", OUTCOME_REFUSED, "the buttons are not those of the approved template",
                "승인된 템플릿과 버튼이 다릅니다"},
        {"3050", OUTCOME_OPERATOR, "the channel has no 080 number",
                "채널에 080 수신거부 번호가 없습니다"},
        {"4138", OUTCOME_OPERATOR, "Kakao's quota is used up",
                "카카오 발송 한도를 다 썼습니다"},
        {"4161", OUTCOME_UNKNOWN, "still under way", "아직 처리하는 중입니다"},
};

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

const struct code *sens_gateway_code(const char *code)
{
	return code_find(gateway, ROWS(gateway), code);
}

const struct code *sens_code(enum sens_api api, const char *code)
{
	return api == SENS_SMS ? code_find(carriers, ROWS(carriers), code)
	                       : code_find(kakao, ROWS(kakao), code);
}

const char *sens_code_text(const char *code)
{
	static char both[512];
	const char *texts[] = {code_text(gateway, ROWS(gateway), code),
	        code_text(carriers, ROWS(carriers), code),
	        code_text(kakao, ROWS(kakao), code)};

	if (!texts[1] || !texts[2] || !strcmp(texts[1], texts[2]))
		return texts[0] ? texts[0] : texts[1] ? texts[1] : texts[2];
	snprintf(both, sizeof both,
	        TR("of a text message: %s; of KakaoTalk: %s", "문자: %s / 카카오톡: %s"),
	        texts[1], texts[2]);
	return both;
}
