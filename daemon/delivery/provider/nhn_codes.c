/* What becomes of a message by NHN's codes. A code's kind in the tables is an outcome; of
 * a result that comes later it tells whether the message may have arrived. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "delivery/provider/nhn_inner.h"
#include "delivery/outcome.h"

const struct code *nhn_code(enum nhn_api api, const char *code)
{
	if (api == NHN_SMS)
		return code_find(nhn_sms_codes, nhn_n_sms_codes, code);
	return code_find(nhn_kakao_codes, nhn_n_kakao_codes, code);
}

struct outcome nhn_outcome(enum nhn_api api, const char *code)
{
	const struct code *row = nhn_code(api, code);

	if (row)
		return outcome_make(row->kind, code, "%s", TR(row->text, row->korean));
	return outcome_make(OUTCOME_REFUSED, code,
	        TR("NHN refuses it with code %s", "NHN이 코드 %s로 거절했습니다"), code);
}

/* The same number means one thing of a text message and another of KakaoTalk. */
const char *nhn_code_text(const char *code)
{
	static char both[512];
	const struct code *sms = nhn_code(NHN_SMS, code);
	const struct code *kakao = nhn_code(NHN_ALIMTALK, code);

	if (!sms || !kakao || !strcmp(sms->text, kakao->text)) {
		const struct code *row = sms ? sms : kakao;
		return row ? TR(row->text, row->korean) : NULL;
	}
	snprintf(both, sizeof both,
	        TR("of a text message: %s; of KakaoTalk: %s", "문자: %s / 카카오톡: %s"),
	        TR(sms->text, sms->korean), TR(kakao->text, kakao->korean));
	return both;
}

/* ---- results ---- */

static enum news_kind news_kind(const struct code *row)
{
	switch (row->kind) {
	case OUTCOME_ACCEPTED:
		return NEWS_DELIVERED;
	case OUTCOME_UNKNOWN:
		return NEWS_ACCEPTED;
	case OUTCOME_OPTED_OUT:
		return NEWS_OPTED_OUT;
	case OUTCOME_REFUSED:
	case OUTCOME_BAD_ADDRESS:
	case OUTCOME_LATER:
	case OUTCOME_NOT_SENT:
	case OUTCOME_WINDOW:
	case OUTCOME_OPERATOR:
		break;
	}
	return NEWS_FAILED;
}

/* The states of SMS: digits in a search, words in a webhook. Source: TOAST-DOCS/SMS,
 * ko/api-guide.md "msgStatus", ko/webhook.md "messageStatus". */
static const struct state {
	const char *digit, *word;
	enum news_kind kind;
	const char *code; /* that stands for it where none is told */
} states[] = {
        {"0", "FAILED", NEWS_FAILED, NULL},
        {"1", NULL, NEWS_ACCEPTED, NULL},
        {"2", NULL, NEWS_ACCEPTED, NULL},
        {"3", "COMPLETED", NEWS_DELIVERED, NULL},
        {"4", "CANCEL", NEWS_FAILED, NULL},
        {"5", "DUPLICATED", NEWS_ACCEPTED, "E915"},
        {"6", "FAILED_AD", NEWS_FAILED, "E919"},
        {"7", NULL, NEWS_ACCEPTED, NULL},
};

static const struct state *state_find(const char *status)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (!strcmp(states[i].digit, status) ||
		        (states[i].word && !strcmp(states[i].word, status)))
			return &states[i];
	return NULL;
}

static bool news_sms(
        const char *status, const char *code, enum news_kind *kind, const char **detail)
{
	const struct state *state = state_find(status);
	const struct code *row;

	if (!state)
		return false;
	row = nhn_code(NHN_SMS, state->code && !code[0] ? state->code : code);
	*kind = state->kind;
	/* It failed, says the state; whether it may have arrived all the same, the code.
	 */
	if (!strcmp(state->digit, "0") && row && row->kind != OUTCOME_ACCEPTED)
		*kind = news_kind(row);
	*detail = row ? TR(row->text, row->korean) : NULL;
	return true;
}

/* "COMPLETED" may stand there before there is a result: without the code of one it is
 * still on its way. */
static bool news_kakao(enum nhn_api api, const char *status, const char *code,
        enum news_kind *kind, const char **detail)
{
	const struct code *row = nhn_code(NHN_ALIMTALK, code);
	bool failed = !strcmp(status, "FAILED") || !strcmp(status, "CANCEL");

	if (!failed && status[0] && strcmp(status, "COMPLETED") != 0 && !row)
		return false;
	if (!status[0] && !code[0])
		return false;
	*kind = row ? news_kind(row) : failed ? NEWS_FAILED : NEWS_ACCEPTED;
	/* A channel that was blocked refuses its advertisements; a notice may still go
	 * another way. */
	if (api == NHN_BRAND && !strcmp(code, "3020"))
		*kind = NEWS_OPTED_OUT;
	if (failed && *kind == NEWS_DELIVERED)
		*kind = NEWS_ACCEPTED;
	*detail = row ? TR(row->text, row->korean) : NULL;
	return true;
}

bool nhn_news(enum nhn_api api, const char *status, const char *code,
        enum news_kind *kind, const char **detail)
{
	return api == NHN_SMS ? news_sms(status, code, kind, detail)
	                      : news_kakao(api, status, code, kind, detail);
}
