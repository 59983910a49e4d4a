/* What became of letters that Aligo was given. A request whose name is known is read row
 * by row. One whose name is not known is looked for among that day's requests; only where
 * exactly one agrees in sender, kind, count, minute and text are its rows read. Never
 * says that something is not there unless Aligo's own list of that request leaves it out.
 */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/provider/aligo_inner.h"
#include "delivery/outcome.h"
#include "delivery/provider/words.h"

#define PAGE 500
#define PAGES 200
#define ROW 8192
#define SEVERAL "*" /* in the cursor: more than one request agrees */

/* Steps: a page of the day's requests, or ROWS plus a page of one request's rows. */
enum { ROWS = 1000 };

/* ---- what a row says ---- */

static bool holds(const char *text, const char *word)
{
	return text && strstr(text, word);
}

/* Source: Aligo's pages show sms_state as text, without a list of its values. */
static enum news_kind sms_news(const json_t *row, const char **detail)
{
	const char *state = json_string_value(json_object_get(row, "sms_state"));

	*detail = aligo_text(row, "sms_state");
	if (holds(state, "실패"))
		return NEWS_FAILED;
	return holds(state, "전송완료") || holds(state, "발송완료") ? NEWS_DELIVERED
	                                                            : NEWS_ACCEPTED;
}

static enum news_kind kakao_news(const json_t *row, char code[32], const char **detail)
{
	const char *status = json_string_value(json_object_get(row, "status"));

	words_of(row, "rslt", code, 32);
	*detail = aligo_code_text(code);
	if (*detail) /* not confirmed yet */
		return NEWS_ACCEPTED;
	*detail = aligo_text(row, "rslt_message");
	if (code[0] && !code[strspn(code, "0")])
		return NEWS_DELIVERED;
	if (code[0] && !code[strspn(code, "0123456789")])
		return NEWS_FAILED;
	return !code[0] && holds(status, "실패") ? NEWS_FAILED : NEWS_ACCEPTED;
}

static void take_row(struct talk *talk, const json_t *row)
{
	bool kakao = aligo_is_kakao(talk->config);
	const struct inquiry_message *message = NULL;
	char id[128], to[32], code[32] = "";
	const char *detail;
	enum news_kind kind;

	if (words_of(row, kakao ? "msgid" : "mdid", id, sizeof id))
		message = talk_by_id(talk, id);
	if (!words_of(row, kakao ? "phone" : "receiver", to, sizeof to) && !id[0])
		talk->asked = ASKED_PART; /* it may be anybody's */
	if (!message)
		message = talk_by_number(talk, to);
	if (!message)
		return;
	kind = kakao ? kakao_news(row, code, &detail) : sms_news(row, &detail);
	talk_tell(talk, message->id, kind, id, code, detail);
}

/* ---- lists ---- */

static int number_of(const json_t *json, const char *name)
{
	char text[16];
	int n = 0;

	words_of(json, name, text, sizeof text);
	return sscanf(text, "%d", &n) == 1 ? n : 0;
}

static bool has_more(const struct talk *talk, const json_t *json, int page)
{
	char next[8];

	if (page >= PAGES)
		return false;
	if (aligo_is_kakao(talk->config))
		return number_of(json, "totalPage") > page;
	words_of(json, "next_yn", next, sizeof next);
	return !strcmp(next, "Y");
}

static void page_fields(const struct talk *talk, struct request *out, int page)
{
	char number[16];

	snprintf(number, sizeof number, "%d", page);
	request_form(out, "page", number);
	snprintf(number, sizeof number, "%d", PAGE);
	request_form(out, aligo_is_kakao(talk->config) ? "limit" : "page_size", number);
	out->most = 65536 + PAGE * ROW;
}

static enum talk_next rows(struct talk *talk, struct request *out, int page)
{
	aligo_begin(out, talk,
	        aligo_is_kakao(talk->config) ? "/akv10/history/detail/" : "/sms_list/");
	aligo_account(out, talk);
	request_form(out, "mid", talk->cursor);
	page_fields(talk, out, page);
	talk->step = ROWS + page;
	return TALK_REQUEST;
}

static enum talk_next requests(struct talk *talk, struct request *out, int page)
{
	bool kakao = aligo_is_kakao(talk->config);
	char day[40];

	talk_korea(talk->inquiry->at, "%Y%m%d", day);
	aligo_begin(out, talk, kakao ? "/akv10/history/list/" : "/list/");
	aligo_account(out, talk);
	page_fields(talk, out, page);
	request_form(out, kakao ? "startdate" : "start_date", day);
	request_form(out, kakao ? "enddate" : "limit_day", kakao ? day : "1");
	talk->step = page;
	return TALK_REQUEST;
}

/* ---- the request that nobody knows the name of ---- */

static bool in_its_minute(const struct talk *talk, const char *date)
{
	char minute[40];

	for (int i = -1; i <= 1; i++) {
		talk_korea(talk->inquiry->at + i * MS_MINUTE, "%Y-%m-%d %H:%M", minute);
		if (!strncmp(date, minute, strlen(minute)))
			return true;
	}
	return false;
}

static bool is_text_of_one(const struct talk *talk, const char *text)
{
	for (size_t i = 0; text && i < talk->inquiry->n; i++)
		if (!strcmp(talk->inquiry->messages[i].text, text))
			return true;
	return false;
}

static bool agrees(const struct talk *talk, const json_t *row)
{
	bool kakao = aligo_is_kakao(talk->config);
	const struct inquiry *inquiry = talk->inquiry;
	char sender[32], bare[20], ours[20], date[32], type[16];

	if (!words_of(row, "sender", sender, sizeof sender) ||
	        strcmp(talk_digits(sender, bare),
	                talk_digits(talk->config->sender, ours)) != 0)
		return false;
	if (number_of(row, kakao ? "msg_count" : "sms_count") != (int)inquiry->n)
		return false;
	if (!kakao && inquiry->messages[0].kind &&
	        (!words_of(row, "type", type, sizeof type) ||
	                strcmp(type, inquiry->messages[0].kind) != 0))
		return false;
	return words_of(row, kakao ? "regdate" : "reg_date", date, sizeof date) &&
	       in_its_minute(talk, date) &&
	       is_text_of_one(talk,
	               json_string_value(json_object_get(row, kakao ? "mbody" : "msg")));
}

static void note_request(struct talk *talk, const json_t *row)
{
	char mid[128];

	if (!agrees(talk, row) || !words_of(row, "mid", mid, sizeof mid))
		return;
	snprintf(
	        talk->cursor, sizeof talk->cursor, "%s", talk->cursor[0] ? SEVERAL : mid);
}

/* ---- steps ---- */

/* The rows of a list, borrowed; NULL: there was no answer. */
static json_t *list_of(
        const struct talk *talk, const struct httpc_answer *answer, json_t **json)
{
	struct outcome outcome;
	json_t *list = NULL;

	if (aligo_heard(talk, answer, &outcome, json))
		list = json_object_get(*json, "list");
	return json_is_array(list) ? list : NULL;
}

static enum talk_next ended(struct talk *talk, enum asked asked)
{
	talk->asked = asked;
	return TALK_DONE;
}

static enum talk_next read_requests(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	int page = talk->step;
	json_t *json, *list, *row;
	bool heard, more;
	size_t i;

	list = list_of(talk, answer, &json);
	heard = list != NULL;
	json_array_foreach(list, i, row) note_request(talk, row);
	more = heard && has_more(talk, json, page);
	json_decref(json);
	if (!heard)
		return ended(talk, ASKED_FAILED);
	if (more)
		return requests(talk, out, page + 1);
	if (!talk->cursor[0] || !strcmp(talk->cursor, SEVERAL))
		return ended(talk, ASKED_CANNOT);
	return rows(talk, out, 1);
}

static enum talk_next read_rows(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	int page = talk->step - ROWS;
	json_t *json, *list, *row;
	bool heard, more;
	size_t i;

	list = list_of(talk, answer, &json);
	heard = list != NULL;
	json_array_foreach(list, i, row) take_row(talk, row);
	more = heard && has_more(talk, json, page);
	json_decref(json);
	if (!heard)
		return ended(talk, ASKED_FAILED);
	if (more)
		return rows(talk, out, page + 1);
	return ended(talk, talk->ref[0] && talk->asked != ASKED_PART && page < PAGES
	                           ? ASKED_WHOLE
	                           : ASKED_PART);
}

enum talk_next aligo_ask(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	if (talk->step >= ROWS)
		return read_rows(talk, answer, out);
	if (talk->step)
		return read_requests(talk, answer, out);
	if (!talk->ref[0])
		return requests(talk, out, 1);
	snprintf(talk->cursor, sizeof talk->cursor, "%s", talk->ref);
	return rows(talk, out, 1);
}
