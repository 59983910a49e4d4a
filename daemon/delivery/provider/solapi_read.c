/* Provider solapi: what is asked of it later, and what it reports by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/outcome.h"
#include "delivery/provider/solapi_inner.h"

/* ---- asking ---- */

static enum news_kind news_of(const char *code)
{
	const struct code *row = solapi_code(code);

	if (!strcmp(code, "4000"))
		return NEWS_DELIVERED;
	if (solapi_taken(code) || (row && row->kind == OUTCOME_UNKNOWN))
		return NEWS_ACCEPTED;
	return row && row->kind == OUTCOME_OPTED_OUT ? NEWS_OPTED_OUT : NEWS_FAILED;
}

static const char *field(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* A row that does not show whose it is may be any of those to its number: then nothing
 * proves that one of them is not there. */
static void take_nameless(struct talk *talk, json_t *row)
{
	char e164[24];
	const char *to = field(row, "to");

	if (!to || text_phone(to, e164))
		return;
	for (size_t i = 0; i < talk->inquiry->n; i++)
		if (!strcmp(talk->inquiry->messages[i].to, e164))
			talk->asked = ASKED_PART;
}

/* What stands there is there, also with a code that cannot be read. */
static void take_row(struct talk *talk, const char *id, json_t *row)
{
	json_t *own = json_object_get(row, "customFields");
	const char *code = field(row, "statusCode"), *bundle = field(own, SOLAPI_BUNDLE);
	const struct inquiry_message *message = talk_by_key(talk, field(own, SOLAPI_KEY));

	if (bundle && strcmp(bundle, talk->inquiry->key) != 0)
		return; /* the same message in an earlier request, or another's */
	if (!message)
		message = talk_by_id(talk, id);
	if (!message && talk->ref[0]) /* of this very group */
		message = talk_by_number(talk, field(row, "to"));
	if (message)
		talk_tell(talk, message->id, code ? news_of(code) : NEWS_ACCEPTED, id,
		        code, code ? solapi_code_text(code) : NULL);
	else if (!field(own, SOLAPI_KEY))
		take_nameless(talk, row);
}

static bool any_unknown(const struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->n; i++)
		if (inquiry->messages[i].unknown)
			return true;
	return false;
}

#define PAGE 500
#define SENDERS_BYTES (1 << 20)
/* Its clock and ours may differ by 15 minutes, else it would have refused the signature;
 * and a request may take its time. */
#define BEFORE (16 * MS_MINUTE)
#define AFTER (26 * MS_MINUTE)

static void iso(int64_t ms, char out[64])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(out, 64, "%Y-%m-%dT%H%%3A%M%%3A%S.000Z", &tm);
}

/* By the group where one is known; else by the time of the hand-over, and the number
 * where there is only one. */
static enum talk_next list(struct talk *talk, struct request *out)
{
	const struct inquiry *inquiry = talk->inquiry;
	struct buf query = {0};
	char from[64], to[64], number[24];

	buf_printf(&query, "limit=%d", PAGE);
	if (talk->ref[0]) {
		buf_adds(&query, "&groupId=");
		request_encode(&query, talk->ref);
	} else {
		iso(inquiry->at - BEFORE, from);
		iso(inquiry->at + AFTER, to);
		buf_printf(&query, "&dateType=CREATED&startDate=%s&endDate=%s", from, to);
		if (inquiry->n == 1)
			buf_printf(&query, "&to=%s",
			        text_phone_national(inquiry->messages[0].to, number));
	}
	if (talk->cursor[0]) {
		buf_adds(&query, "&startKey=");
		request_encode(&query, talk->cursor);
	}
	solapi_begin(out, talk, "GET", "/messages/v4/list?%s", query.data);
	out->most = 65536 + PAGE * 4096;
	buf_free(&query);
	return TALK_REQUEST;
}

enum { FIRST, GROUP, REMOVED, LIST };

/* A group that was never sent is taken away, so that it cannot be sent later; only when
 * the request that might have sent it is surely over. */
#define SURELY_OVER (2 * MS_MINUTE)

static enum talk_next read_group(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;
	bool heard = solapi_heard(answer, &outcome, &json);
	const char *status = field(json, "status");
	bool pending = heard && status && !strcmp(status, "PENDING");

	json_decref(json);
	if (!heard) /* 404: there is no such group any more */
		talk->asked = answer->result == HTTPC_ANSWERED && answer->status == 404
		                      ? ASKED_WHOLE
		                      : ASKED_FAILED;
	if (!heard || (pending && talk->now - talk->inquiry->at < SURELY_OVER))
		return TALK_DONE;
	if (!pending) {
		talk->step = LIST;
		return list(talk, out);
	}
	solapi_begin(out, talk, "DELETE", "/messages/v4/groups/%s", talk->ref);
	talk->step = REMOVED;
	return TALK_REQUEST;
}

/* The next page's key into the cursor. A list that does not lead on proves nothing. */
static void turn_page(struct talk *talk, const char *next)
{
	bool leads = next && *next && strlen(next) < sizeof talk->cursor &&
	             strcmp(next, talk->cursor) != 0;

	if (next && *next && !leads)
		talk->asked = ASKED_PART;
	snprintf(talk->cursor, sizeof talk->cursor, "%s", leads ? next : "");
}

static enum talk_next read_list(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json, *row;
	const char *id;

	if (!solapi_heard(answer, &outcome, &json) ||
	        !json_is_object(json_object_get(json, "messageList"))) {
		json_decref(json);
		talk->asked = ASKED_FAILED;
		return TALK_DONE;
	}
	json_object_foreach(json_object_get(json, "messageList"), id, row)
	        take_row(talk, id, row);
	turn_page(talk, field(json, "nextKey"));
	json_decref(json);
	if (talk->cursor[0])
		return list(talk, out);
	if (talk->asked != ASKED_PART)
		talk->asked = ASKED_WHOLE;
	return TALK_DONE;
}

enum talk_next solapi_ask(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	switch (talk->step) {
	case GROUP:
		return read_group(talk, answer, out);
	case REMOVED:
		talk->asked =
		        solapi_heard(answer, &outcome, &json) ? ASKED_NONE : ASKED_FAILED;
		json_decref(json);
		return TALK_DONE;
	case LIST:
		return read_list(talk, answer, out);
	default:
		break;
	}
	if (talk->ref[0] && any_unknown(talk->inquiry)) {
		solapi_begin(out, talk, "GET", "/messages/v4/groups/%s", talk->ref);
		talk->step = GROUP;
		return TALK_REQUEST;
	}
	talk->step = LIST;
	return list(talk, out);
}

/* ---- what the account has ---- */

static enum talk_next failed(struct talk *talk, const struct outcome *outcome)
{
	talk->failed = true;
	talk_say(talk, "%s", outcome->detail);
	return TALK_DONE;
}

/* Every text that is a phone number, wherever it stands: the shape is not documented. */
static void find_numbers(
        json_t *json, int depth, void (*fn)(void *, const char *), void *arg)
{
	const char *key;
	json_t *value;
	size_t i;

	if (depth > 6)
		return;
	json_array_foreach(json, i, value) find_numbers(value, depth + 1, fn, arg);
	if (json_is_object(json))
		json_object_foreach(json, key, value)
		        find_numbers(value, depth + 1, fn, arg);
	if (json_is_string(json))
		fn(arg, json_string_value(json));
}

/* Korean ones: with an area code, or of the kind 1588-0000. */
static void add_sender(void *arg, const char *text)
{
	struct talk *talk = arg;
	size_t n = strspn(text, "0123456789-");
	char bare[20];

	if (text[n] || n < 8 || n > 14)
		return;
	talk_digits(text, bare);
	if (bare[0] == '0' || (bare[0] == '1' && strlen(bare) == 8))
		senders_add(&talk->senders, bare, true);
}

/* Where the numbers stand: the answer itself, or the first list in it; or NULL. */
static json_t *list_of(json_t *json)
{
	const char *key;
	json_t *value;

	if (json_is_array(json))
		return json;
	json_object_foreach(json, key, value) if (json_is_array(value)) return value;
	return NULL;
}

static void take_senders(struct talk *talk, json_t *json)
{
	json_t *list = list_of(json);

	find_numbers(json, 0, add_sender, talk);
	talk->senders.told = list != NULL;
	if (json_array_size(list) > talk->senders.n || field(json, "nextKey"))
		talk->senders.strange = true;
}

/* The active numbers of the account. False: they cannot be had, outcome says why. */
static bool heard_senders(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	json_t *json;
	bool good = solapi_heard(answer, outcome, &json) || json_is_array(json);

	if (good)
		take_senders(talk, json);
	json_decref(json);
	return good;
}

static void ask_senders(struct talk *talk, struct request *out)
{
	solapi_begin(out, talk, "GET", "/senderid/v1/numbers/active");
	out->most = SENDERS_BYTES;
}

static enum talk_next say_senders(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	struct buf all = {0};
	char ours[20];

	if (!heard_senders(talk, answer, &outcome))
		return failed(talk, &outcome);
	senders_print(&talk->senders, &all);
	talk_say(talk, TR("registered senders: %s", "등록된 발신번호: %s"), all.data);
	buf_free(&all);
	if (senders_ask(&talk->senders, talk->config->sender) == REGISTERED_YES)
		return TALK_DONE;
	talk->failed = true;
	talk_say(talk,
	        TR("the sender %s of dangol.conf is not among them: register it "
	           "at SOLAPI",
	                "dangol.conf의 발신번호 %s이(가) 없습니다. SOLAPI에 "
	                "등록하십시오"),
	        talk_digits(talk->config->sender, ours));
	return TALK_DONE;
}

enum talk_next solapi_senders(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;

	if (answer)
		return heard_senders(talk, answer, &outcome) ? TALK_DONE
		                                             : failed(talk, &outcome);
	ask_senders(talk, out);
	return TALK_REQUEST;
}

enum talk_next solapi_examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (talk->step == 2)
		return say_senders(talk, answer);
	if (talk->step == 0) {
		solapi_begin(out, talk, "GET", "/cash/v1/balance");
		talk->step = 1;
		return TALK_REQUEST;
	}
	if (!solapi_heard(answer, &outcome, &json)) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	talk_say(talk, TR("balance: %.0f won, %.0f points", "잔액: %.0f원, 포인트 %.0f"),
	        json_number_value(json_object_get(json, "balance")),
	        json_number_value(json_object_get(json, "point")));
	json_decref(json);
	if (!talk->config->sender)
		return TALK_DONE;
	ask_senders(talk, out);
	talk->step = 2;
	return TALK_REQUEST;
}

/* ---- who refused by 080 ---- */

static enum talk_next ask_refusals(struct talk *talk, struct request *out)
{
	struct buf query = {0};
	char sender[20];

	buf_printf(&query, "type=DENIAL&limit=%d&senderNumber=%s", PAGE,
	        talk_digits(talk->config->sender ? talk->config->sender : "", sender));
	if (talk->cursor[0]) {
		buf_adds(&query, "&startKey=");
		request_encode(&query, talk->cursor);
	}
	solapi_begin(out, talk, "GET", "/iam/v1/black?%s", query.data);
	out->most = 65536 + PAGE * 1024;
	buf_free(&query);
	return TALK_REQUEST;
}

enum talk_next solapi_refusals(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json, *item;
	char e164[24];
	size_t i;

	if (!answer)
		return ask_refusals(talk, out);
	if (!solapi_heard(answer, &outcome, &json)) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	json_array_foreach(json_object_get(json, "blackList"), i, item)
	{
		const char *number = field(item, "recipientNumber");
		if (number && !text_phone(number, e164))
			talk_say(talk, "%s", e164);
	}
	turn_page(talk, field(json, "nextKey"));
	json_decref(json);
	return talk->cursor[0] ? ask_refusals(talk, out) : TALK_DONE;
}

/* ---- reports ---- */

/* The secret as it was set at SOLAPI, or its SHA-1 in hex, which SOLAPI shows. */
static bool is_theirs(const struct receipts_call *call)
{
	const struct secret *secret = &call->config->receipts;
	const char *shown = call->header(call, "x-solapi-secret");
	uint8_t digest[20];
	char hex[41];

	if (!shown || !secret->data)
		return false;
	secret_sha1(secret->data, secret->len, digest);
	secret_hex(digest, sizeof digest, hex);
	return secret_equal(shown, strlen(shown), hex, 40) ||
	       secret_equal(shown, strlen(shown), secret->data, secret->len);
}

static void read_report(json_t *report,
        void (*fn)(void *arg, const struct receipts_item *item), void *arg)
{
	json_t *data = json_object_get(report, "data");
	json_t *row = json_is_object(data) ? data : report;
	const char *code = field(row, "statusCode"), *id = field(row, "messageId");
	struct receipts_item item = {
	        .key = field(json_object_get(row, "customFields"), SOLAPI_KEY),
	        .provider_id = id,
	        .to = field(row, "to"),
	        .code = code,
	        .detail = solapi_code_text(code),
	};

	if (!code || (!id && !item.key))
		return;
	item.kind = news_of(code);
	fn(arg, &item);
}

enum receipts_end solapi_receipts(const struct receipts_call *call,
        void (*fn)(void *arg, const struct receipts_item *item), void *arg)
{
	json_t *json, *report;
	size_t i;

	if (!is_theirs(call))
		return RECEIPTS_FORGED;
	json = json_loadb(call->body, call->len, 0, NULL);
	if (!json_is_array(json)) {
		json_decref(json);
		return RECEIPTS_UNREADABLE;
	}
	json_array_foreach(json, i, report) read_report(report, fn, arg);
	json_decref(json);
	return RECEIPTS_TAKEN;
}
