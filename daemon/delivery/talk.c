/* What all protocols have in common: how an answer's outside is read, and how numbers,
 * times and codes are told. Knows no provider. */
#include "delivery/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/outcome.h"

#define KOREA_S (9 * 3600)
#define SLOWER (2 * MS_SECOND) /* a 429 that does not say for how long */

/* ---- answers ---- */

/* own: the answer is in the provider's own form, and so its verdict. */
static struct outcome of_status(const struct httpc_answer *answer, bool own)
{
	char code[16];
	struct outcome outcome;

	snprintf(code, sizeof code, "%d", answer->status);
	if (answer->status == 429) {
		outcome = outcome_make(OUTCOME_LATER, code, "%s",
		        TR("the provider asks to go slower (429)",
		                "사업자가 천천히 보내라고 합니다 (429)"));
		outcome.retry_after_ms =
		        answer->retry_after_ms ? answer->retry_after_ms : SLOWER;
		return outcome;
	}
	if (answer->status == 401 || answer->status == 403)
		return outcome_make(OUTCOME_OPERATOR, code,
		        TR("the provider does not accept our key or signature (%s); put "
		           "it right and send SIGHUP",
		                "사업자가 키나 서명을 받아들이지 않습니다 (%s). 고친 뒤 "
		                "SIGHUP을 보내십시오"),
		        code);
	if ((answer->status >= 300 && answer->status < 400) ||
	        (!own && (answer->status == 404 || answer->status == 405)))
		return outcome_make(OUTCOME_OPERATOR, code,
		        TR("the provider is not at this address (%s); look at 'url' in "
		           "dangol.conf",
		                "이 주소에 사업자가 없습니다 (%s). dangol.conf의 url을 "
		                "확인하십시오"),
		        code);
	if (answer->status >= 400 && answer->status < 500)
		return outcome_make(OUTCOME_REFUSED, code,
		        TR("the provider refuses the request (%s)",
		                "사업자가 요청을 거절했습니다 (%s)"),
		        code);
	return outcome_make(OUTCOME_UNKNOWN, code,
	        TR("the provider failed (%s); it may have taken the message",
	                "사업자에 오류가 났습니다 (%s). 메시지를 받았을 수도 있습니다"),
	        code);
}

static bool is_page(const struct httpc_answer *answer)
{
	return answer->body[strspn(answer->body, " \t\r\n\xef\xbb\xbf")] == '<';
}

bool talk_heard(const struct httpc_answer *answer, struct outcome *outcome, json_t **json)
{
	*json = NULL;
	if (answer->result != HTTPC_ANSWERED) {
		*outcome =
		        outcome_make(answer->result == HTTPC_NOT_SENT ? OUTCOME_NOT_SENT
		                                                      : OUTCOME_UNKNOWN,
		                NULL, "%s", answer->why);
		return false;
	}
	*json = json_loadb(answer->body, answer->body_len, JSON_REJECT_DUPLICATES, NULL);
	if (answer->status < 200 || answer->status >= 300) {
		*outcome = of_status(answer, *json != NULL);
		return false;
	}
	if (*json)
		return true;
	*outcome = outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
	        is_page(answer)
	                ? TR("the answer is a web page, not the provider's",
	                          "사업자의 답이 아니라 웹 페이지가 왔습니다")
	                : TR("the answer is not whole", "답이 온전하지 않습니다"));
	return false;
}

struct outcome talk_before(struct outcome outcome)
{
	if (outcome.kind == OUTCOME_UNKNOWN)
		outcome.kind = OUTCOME_NOT_SENT;
	return outcome;
}

size_t talk_left(const struct talk *talk)
{
	size_t n = 0;

	for (size_t i = 0; i < talk->n; i++)
		n += talk->settled[i] ? 0 : 1;
	return n;
}

void talk_outcome_all(struct talk *talk, const struct outcome *outcome)
{
	for (size_t i = 0; i < talk->n; i++)
		if (!talk->settled[i])
			talk->outcomes[i] = *outcome;
}

/* ---- telling ---- */

void talk_tell(struct talk *talk, int64_t message, enum news_kind kind,
        const char *provider_id, const char *code, const char *detail)
{
	struct news *news = mem_grow(&talk->news, talk->n_news, sizeof *talk->news);

	talk->n_news++;
	news->message = message;
	news->kind = kind;
	if (provider_id)
		outcome_copy(news->provider_id, sizeof news->provider_id, provider_id,
		        strlen(provider_id));
	if (code)
		outcome_copy(news->code, sizeof news->code, code, strlen(code));
	if (detail)
		outcome_copy(news->detail, sizeof news->detail, detail, strlen(detail));
}

void talk_say(struct talk *talk, const char *fmt, ...)
{
	char **line = mem_grow(&talk->lines, talk->n_lines, sizeof *talk->lines);
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	talk->n_lines++;
	*line = buf_take(&text);
}

/* ---- finding ---- */

const struct inquiry_message *talk_by_key(const struct talk *talk, const char *key)
{
	for (size_t i = 0; key && i < talk->inquiry->n; i++)
		if (!strcmp(talk->inquiry->messages[i].key, key))
			return &talk->inquiry->messages[i];
	return NULL;
}

const struct inquiry_message *talk_by_id(const struct talk *talk, const char *id)
{
	for (size_t i = 0; id && i < talk->inquiry->n; i++) {
		const char *its = talk->inquiry->messages[i].provider_id;
		if (its && !strcmp(its, id))
			return &talk->inquiry->messages[i];
	}
	return NULL;
}

const struct inquiry_message *talk_by_number(const struct talk *talk, const char *to)
{
	const struct inquiry_message *found = NULL;
	char e164[24];

	if (!to || text_phone(to, e164))
		return NULL;
	for (size_t i = 0; i < talk->inquiry->n; i++) {
		if (strcmp(talk->inquiry->messages[i].to, e164) != 0)
			continue;
		if (found)
			return NULL;
		found = &talk->inquiry->messages[i];
	}
	return found;
}

/* ---- how things are written ---- */

char *talk_digits(const char *number, char out[20])
{
	size_t n = 0;

	for (; *number && n < 19; number++)
		if (*number >= '0' && *number <= '9')
			out[n++] = *number;
	out[n] = '\0';
	return out;
}

char *talk_korea(int64_t ms, const char *fmt, char out[40])
{
	time_t there = (time_t)(ms / MS_SECOND) + KOREA_S;
	struct tm tm;

	gmtime_r(&there, &tm);
	if (!strftime(out, 40, fmt, &tm))
		out[0] = '\0';
	return out;
}

/* ---- codes ---- */

const struct code *code_find(const struct code *table, size_t n, const char *code)
{
	for (size_t i = 0; code && i < n; i++)
		if (!strcmp(table[i].code, code))
			return &table[i];
	return NULL;
}

const char *code_text(const struct code *table, size_t n, const char *code)
{
	const struct code *row = code_find(table, n, code);

	return row ? TR(row->text, row->korean) : NULL;
}
