/* Provider solapi: what its codes mean. It believes no HTTP success by itself: every
 * message's own status code decides. Source: SOLAPI's message status codes. */
#include <string.h>
#include "base/log.h"
#include "delivery/outcome.h"
#include "delivery/provider/solapi_inner.h"

static const struct code codes[] = {
        {"1010", OUTCOME_REFUSED, "no recipient's number", "수신번호가 없습니다"},
        {"1011", OUTCOME_REFUSED, "no sender's number", "발신번호가 없습니다"},
        {"1013", OUTCOME_REFUSED, "the kind of message is wrong",
                "메시지 종류가 잘못되었습니다"},
        {"1014", OUTCOME_REFUSED, "the subject is too long", "제목이 너무 깁니다"},
        {"1020", OUTCOME_REFUSED, "the recipient's number is wrong",
                "수신번호 형식이 잘못되었습니다"},
        {"1023", OUTCOME_REFUSED, "the text is empty", "내용이 없습니다"},
        {"1025", OUTCOME_REFUSED, "the picture is not there", "이미지가 없습니다"},
        {"1026", OUTCOME_REFUSED, "the same number twice in one request",
                "한 요청에 같은 번호가 두 번 있습니다"},
        {"1028", OUTCOME_REFUSED, "the text is too long", "내용이 너무 깁니다"},
        {"1029", OUTCOME_REFUSED, "a character that a text message cannot carry",
                "문자로 보낼 수 없는 글자가 있습니다"},
        {"1030", OUTCOME_OPERATOR, "the balance is used up: top it up at SOLAPI",
                "잔액이 모자랍니다. SOLAPI에서 충전하십시오"},
        {"1031", OUTCOME_REFUSED, "the text is too long", "내용이 너무 깁니다"},
        {"1034", OUTCOME_REFUSED, "the country is not served", "보낼 수 없는 국가입니다"},
        {"1041", OUTCOME_OPERATOR, "the profile (pfId) is not right",
                "프로필(pfId)이 맞지 않습니다"},
        {"1042", OUTCOME_REFUSED, "there is no such template", "그런 템플릿이 없습니다"},
        {"1043", OUTCOME_REFUSED, "the text is not that of the approved template",
                "승인된 템플릿과 글이 다릅니다"},
        {"1058", OUTCOME_OPERATOR, "no route to send by",
                "보낼 수 있는 발송 경로가 없습니다"},
        {"1060", OUTCOME_REFUSED, "the number is blocked", "차단된 번호입니다"},
        {"1061", OUTCOME_OPTED_OUT, "the recipient refuses (080)",
                "수신자가 080으로 수신을 거부했습니다"},
        {"1062", OUTCOME_OPERATOR, "the sender's number is not registered",
                "발신번호가 등록되어 있지 않습니다"},
        {"1064", OUTCOME_REFUSED, "blocked by KISA", "KISA가 차단한 번호입니다"},
        {"2024", OUTCOME_LATER, "SOLAPI's server failed", "SOLAPI 서버 오류입니다"},
        {"2060", OUTCOME_OPERATOR, "the account cannot send",
                "계정이 발송할 수 없는 상태입니다"},
        {"2063", OUTCOME_OPERATOR, "the account is blocked", "계정이 차단되었습니다"},
        {"2230", OUTCOME_OPERATOR, "the balance is used up: top it up at SOLAPI",
                "잔액이 모자랍니다. SOLAPI에서 충전하십시오"},
        {"2254", OUTCOME_OPERATOR, "held as spam: ask SOLAPI",
                "스팸으로 멈추었습니다. SOLAPI에 문의하십시오"},
        {"3010", OUTCOME_REFUSED, "the number is wrong", "잘못된 번호입니다"},
        {"3012", OUTCOME_REFUSED, "an error on the way", "중계 과정에서 오류가 났습니다"},
        {"3013", OUTCOME_REFUSED, "the sender's number has a wrong form",
                "발신번호 형식이 잘못되었습니다"},
        {"3031", OUTCOME_REFUSED, "no such subscriber", "가입자가 없는 번호입니다"},
        {"3032", OUTCOME_REFUSED, "no such subscriber", "가입자가 없는 번호입니다"},
        {"3040", OUTCOME_UNKNOWN, "no result in time; it may have arrived",
                "결과가 제때 오지 않았습니다. 도착했을 수도 있습니다"},
        {"3041", OUTCOME_REFUSED, "the phone is busy", "상대가 통화 중입니다"},
        {"3042", OUTCOME_REFUSED, "the phone is out of reach", "음영 지역입니다"},
        {"3043", OUTCOME_REFUSED, "the phone is off", "전원이 꺼져 있습니다"},
        {"3044", OUTCOME_REFUSED, "the phone's storage is full",
                "단말의 저장 공간이 찼습니다"},
        {"3045", OUTCOME_REFUSED, "the number is suspended", "정지된 번호입니다"},
        {"3047", OUTCOME_REFUSED, "the phone refuses", "단말이 수신을 거부했습니다"},
        {"3053", OUTCOME_REFUSED, "the carrier's queue is full",
                "통신사 대기열이 가득 찼습니다"},
        {"3054", OUTCOME_REFUSED, "taken for spam", "스팸으로 처리되었습니다"},
        {"3055", OUTCOME_REFUSED, "taken for spam", "스팸으로 처리되었습니다"},
        {"3058", OUTCOME_REFUSED, "no route", "전송 경로가 없습니다"},
        {"3059", OUTCOME_REFUSED, "the sender's number is protected against forgery",
                "변작 방지로 막힌 발신번호입니다"},
        {"3101", OUTCOME_REFUSED, "the channel's key is wrong",
                "카카오 채널 키가 맞지 않습니다"},
        {"3102", OUTCOME_REFUSED, "not a friend of the channel", "채널 친구가 아닙니다"},
        {"3103", OUTCOME_REFUSED, "the text is not that of the approved template",
                "승인된 템플릿과 글이 다릅니다"},
        {"3104", OUTCOME_REFUSED, "no user of KakaoTalk",
                "카카오톡을 쓰지 않는 번호입니다"},
        {"3105", OUTCOME_REFUSED, "there is no such template", "그런 템플릿이 없습니다"},
        {"3106", OUTCOME_REFUSED, "the channel cannot send",
                "보낼 수 없는 카카오 채널입니다"},
        {"3107", OUTCOME_REFUSED, "not reached for 72 hours, or blocked",
                "72시간 안에 닿지 않았거나 차단되었습니다"},
        {"3108", OUTCOME_WINDOW, "outside of the hours of such messages",
                "보낼 수 있는 시간이 아닙니다"},
};

const struct code *solapi_code(const char *code)
{
	return code_find(codes, sizeof codes / sizeof codes[0], code);
}

const char *solapi_code_text(const char *code)
{
	return code_text(codes, sizeof codes / sizeof codes[0], code);
}

bool solapi_taken(const char *code)
{
	return !strcmp(code, "2000") || !strcmp(code, "3000") || !strcmp(code, "4000");
}

struct outcome solapi_outcome(const char *code, const char *message)
{
	const struct code *row = solapi_code(code);

	if (solapi_taken(code))
		return outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	if (row)
		return outcome_make(row->kind, code, "%s", TR(row->text, row->korean));
	return outcome_make(OUTCOME_REFUSED, code,
	        TR("SOLAPI refuses the message: %s",
	                "SOLAPI가 메시지를 거절했습니다: %s"),
	        message ? message : code);
}

/* Errors of a whole request, by name. */
static const struct code errors[] = {
        {"DuplicatedSignature", OUTCOME_LATER,
                "the signature was used before: sent again with a new one",
                "이미 쓴 서명입니다. 새 서명으로 다시 보냅니다"},
        {"InvalidAPIKey", OUTCOME_OPERATOR,
                "SOLAPI does not know the key; put 'key' right and send SIGHUP",
                "SOLAPI에 없는 키입니다. key를 고친 뒤 SIGHUP을 보내십시오"},
        {"SignatureDoesNotMatch", OUTCOME_OPERATOR,
                "the secret does not belong to the key; put 'secret' right and send "
                "SIGHUP",
                "키와 맞지 않는 secret입니다. 고친 뒤 SIGHUP을 보내십시오"},
        {"RequestTimeTooSkewed", OUTCOME_OPERATOR,
                "this machine's clock is wrong by more than 15 minutes: set it",
                "이 컴퓨터의 시계가 15분 넘게 틀립니다. 시계를 맞추십시오"},
        {"NotEnoughBalance", OUTCOME_OPERATOR,
                "the balance is used up: top it up at SOLAPI",
                "잔액이 모자랍니다. SOLAPI에서 충전하십시오"},
};

bool solapi_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json)
{
	bool heard = talk_heard(answer, outcome, json);
	const char *name = json_string_value(json_object_get(*json, "errorCode"));
	const struct code *row =
	        code_find(errors, sizeof errors / sizeof errors[0], name);

	if (heard && json_is_object(*json) && !name)
		return true;
	if (row)
		*outcome =
		        outcome_make(row->kind, name, "%s", TR(row->text, row->korean));
	else if (heard)
		*outcome = outcome_make(OUTCOME_UNKNOWN, name, "%s",
		        TR("the answer is not SOLAPI's", "SOLAPI의 답이 아닙니다"));
	else if (name)
		outcome_copy(outcome->code, sizeof outcome->code, name, strlen(name));
	return false;
}
