/* What became of letters that SENS was given. A request whose name is known is listed by
 * it; what has none is looked for by number and text around the hour of its hand-over.
 * Tells nothing of a letter that two rows could be. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/outcome.h"
#include "delivery/provider/sens_inner.h"
#include "delivery/provider/words.h"

#define BEFORE (5 * MS_MINUTE) /* the two clocks may differ by so much */
#define AFTER (10 * MS_MINUTE)

enum { BEGUN, LISTED, LOOKING }; /* LOOKING + n: for message n */

/* ---- rows ---- */

static enum news_kind of_code(enum sens_api api, const char *code)
{
	const struct code *row = sens_code(api, code);

	if (row && row->kind == OUTCOME_OPTED_OUT)
		return NEWS_OPTED_OUT;
	return row && row->kind == OUTCOME_UNKNOWN ? NEWS_ACCEPTED : NEWS_FAILED;
}

static enum news_kind sms_news(const json_t *row, char code[32])
{
	char status[32], name[32];

	words_of(row, "status", status, sizeof status);
	words_of(row, "statusName", name, sizeof name);
	words_of(row, "statusCode", code, 32);
	if (strcmp(status, "COMPLETED") != 0)
		return NEWS_ACCEPTED;
	if (!strcmp(name, "success") || (!name[0] && !strcmp(code, "0")))
		return NEWS_DELIVERED;
	return strcmp(name, "fail") ? NEWS_ACCEPTED : of_code(SENS_SMS, code);
}

static enum news_kind kakao_news(const json_t *row, char code[32])
{
	char name[32];

	if (words_of(row, "requestStatusCode", code, 32) && strcmp(code, "A000") != 0)
		return of_code(SENS_ALIMTALK, code);
	words_of(row, "messageStatusName", name, sizeof name);
	if (!words_of(row, "messageStatusCode", code, 32))
		return NEWS_ACCEPTED;
	if (!strcmp(code, "0000"))
		return NEWS_DELIVERED;
	return name[0] && strcmp(name, "fail") != 0 ? NEWS_ACCEPTED
	                                            : of_code(SENS_ALIMTALK, code);
}

static void tell(
        struct talk *talk, const struct inquiry_message *message, const json_t *row)
{
	enum sens_api api = sens_api(talk->config);
	const struct code *known;
	char code[32], id[128];
	enum news_kind kind;

	kind = api == SENS_SMS ? sms_news(row, code) : kakao_news(row, code);
	known = sens_code(api, code);
	words_of(row, "messageId", id, sizeof id);
	talk_tell(talk, message->id, kind, id, code,
	        known ? TR(known->text, known->korean) : NULL);
}

static const struct inquiry_message *message_of(struct talk *talk, const json_t *row)
{
	const struct inquiry_message *message = NULL;
	char id[128], to[32];
	bool named;

	named = words_of(row, "messageId", id, sizeof id);
	if (named)
		message = talk_by_id(talk, id);
	if (!words_of(row, "to", to, sizeof to) && !named)
		talk->asked = ASKED_PART; /* it may be anybody's */
	else if (!message)
		message = talk_by_number(talk, to);
	return message;
}

/* ---- answers ---- */

/* The rows of a list, borrowed; NULL and *none when there are none, NULL alone when
 * there was no answer. */
static json_t *rows_of(const struct httpc_answer *answer, json_t **json, bool *none)
{
	struct outcome outcome;
	json_t *rows = NULL;

	*none = false;
	if (sens_heard(answer, &outcome, json))
		rows = json_object_get(*json, "messages");
	else /* "no rows" is 404 without a word */
		*none = answer->result == HTTPC_ANSWERED && answer->status == 404 &&
		        !answer->body[strspn(answer->body, " \r\n")];
	return json_is_array(rows) ? rows : NULL;
}

/* False: there is no page behind this one. */
static bool turn_page(struct talk *talk, const json_t *json)
{
	char token[sizeof talk->cursor];
	bool more = words_of(json, "nextToken", token, sizeof token) &&
	            strcmp(token, talk->cursor) != 0 &&
	            !json_is_false(json_object_get(json, "hasMore"));

	snprintf(talk->cursor, sizeof talk->cursor, "%s", more ? token : "");
	return more;
}

/* ---- requests ---- */

static enum talk_next list(struct talk *talk, struct request *out)
{
	struct buf query = {0};

	buf_adds(&query, "/messages?requestId=");
	request_encode(&query, talk->ref);
	buf_printf(&query, "&pageSize=%d", SENS_PAGE);
	if (talk->cursor[0]) {
		buf_adds(&query, "&nextToken=");
		request_encode(&query, talk->cursor);
	}
	sens_begin(out, talk, "GET", "%s", query.data);
	out->most = 65536 + SENS_PAGE * SENS_ROW;
	buf_free(&query);
	talk->step = LISTED;
	return TALK_REQUEST;
}

static void write_look(
        struct talk *talk, struct request *out, const struct inquiry_message *message)
{
	struct buf query = {0};
	char number[24];

	sens_hours(&query, talk, talk->inquiry->at - BEFORE, talk->inquiry->at + AFTER);
	buf_printf(&query, "&to=%s&pageSize=%d", text_phone_national(message->to, number),
	        SENS_PAGE);
	sens_begin(out, talk, "GET", "/messages?%s", query.data);
	out->most = 65536 + SENS_PAGE * SENS_ROW;
	buf_free(&query);
}

/* The next message that the list could not speak of, from the n-th on. */
static enum talk_next look(struct talk *talk, struct request *out, size_t n)
{
	const struct inquiry *inquiry = talk->inquiry;

	while (n < inquiry->n && talk->ref[0] && !inquiry->messages[n].unknown)
		n++;
	if (n >= inquiry->n) {
		if (talk->asked != ASKED_PART)
			talk->asked = ASKED_WHOLE;
		return TALK_DONE;
	}
	write_look(talk, out, &inquiry->messages[n]);
	talk->step = LOOKING + (int)n;
	return TALK_REQUEST;
}

/* ---- steps ---- */

static enum talk_next listed(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	const struct inquiry_message *message;
	json_t *json, *rows, *row;
	bool none, more = false;
	size_t i;

	rows = rows_of(answer, &json, &none);
	json_array_foreach(rows, i, row)
	{
		message = message_of(talk, row);
		if (message)
			tell(talk, message, row);
	}
	if (rows)
		more = turn_page(talk, json);
	json_decref(json);
	if (!rows && !none) {
		talk->asked = ASKED_FAILED;
		return TALK_DONE;
	}
	return more ? list(talk, out) : look(talk, out, 0);
}

enum likeness { ANOTHER, DOUBTFUL, THE_SAME };

/* The list shows a text message's content as it was sent (api.ncloud-docs.com,
 * "sens-sms-get"); of KakaoTalk's nobody says so: there another text proves nothing. */
static enum likeness likeness(
        const struct talk *talk, const struct inquiry_message *message, const json_t *row)
{
	const char *text = json_string_value(json_object_get(row, "content"));
	char to[32], e164[24], from[32], sender[20], bare[20];
	bool sms = sens_api(talk->config) == SENS_SMS;

	if (!words_of(row, "to", to, sizeof to) || text_phone(to, e164))
		return DOUBTFUL;
	if (strcmp(message->to, e164) != 0)
		return ANOTHER;
	if (sms && words_of(row, "from", from, sizeof from) &&
	        strcmp(talk_digits(from, bare),
	                talk_digits(talk->config->sender, sender)) != 0)
		return ANOTHER;
	if (text && !strcmp(text, message->text))
		return THE_SAME;
	return sms && text ? ANOTHER : DOUBTFUL;
}

/* Of the number's rows, the one that is this message; more than one: which is not said.
 */
static enum talk_next looked(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	size_t n = (size_t)(talk->step - LOOKING), i, count[3] = {0};
	const struct inquiry_message *message = &talk->inquiry->messages[n];
	json_t *json, *rows, *row, *found = NULL;
	bool none, more;

	rows = rows_of(answer, &json, &none);
	json_array_foreach(rows, i, row)
	{
		enum likeness how = likeness(talk, message, row);
		count[how]++;
		if (how == THE_SAME)
			found = row;
	}
	more = rows && turn_page(talk, json);
	if (count[THE_SAME] == 1 && !more)
		tell(talk, message, found);
	else if (count[THE_SAME] || count[DOUBTFUL] || more)
		talk->asked = ASKED_PART;
	talk->cursor[0] = '\0';
	json_decref(json);
	if (!rows && !none) {
		talk->asked = ASKED_FAILED;
		return TALK_DONE;
	}
	return look(talk, out, n + 1);
}

enum talk_next sens_ask(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	if (talk->step == LISTED)
		return listed(talk, answer, out);
	if (talk->step >= LOOKING)
		return looked(talk, answer, out);
	return talk->ref[0] ? list(talk, out) : look(talk, out, 0);
}
