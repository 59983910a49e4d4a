/* Provider popbill: what is asked of it later. It takes a request that Popbill does not
 * know by our name for one that was never taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "delivery/outcome.h"
#include "delivery/provider/popbill_inner.h"

#define RESULT_WELL 100
#define LIST_MOST (4 << 20)

enum { BEGIN, TOKEN, ASKED, MORE };

static bool is_kakao(const struct talk *talk)
{
	return !strcmp(talk->config->name, "alimtalk");
}

static const char *field(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* A number that may come as a text; -1: neither. */
static long number_of(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		return (long)json_integer_value(value);
	return text && *text >= '0' && *text <= '9' ? strtol(text, NULL, 10) : -1;
}

/* State 3: it is over, and result says how, 100 for well; 4: taken back. Popbill's lists
 * count otherwise (2 arrived, 3 failed, of AlimTalk 4): by result both are read right.
 * Source: Popbill's page on KakaoTalk's webhook. */
static enum news_kind news_of(long state, long result)
{
	if (result == RESULT_WELL && (state == 2 || state == 3))
		return NEWS_DELIVERED;
	if (state == 3 && result > 0)
		return NEWS_FAILED;
	return state == 4 || state == 5 ? NEWS_FAILED : NEWS_ACCEPTED;
}

static void take_row(struct talk *talk, json_t *row)
{
	const struct inquiry_message *message =
	        talk_by_key(talk, field(row, "interOPRefKey"));
	long result = number_of(row, "result");
	char code[24] = "";

	if (!message)
		message = talk_by_number(talk, field(row, "receiveNum"));
	if (!message)
		return;
	if (result >= 0)
		snprintf(code, sizeof code, "%ld", result);
	talk_tell(talk, message->id, news_of(number_of(row, "state"), result), NULL, code,
	        NULL);
}

static enum asked read_rows(struct talk *talk, json_t *json)
{
	json_t *list = json_is_array(json) ? json : json_object_get(json, "msgs"), *row;
	size_t i;

	if (!json_is_array(list))
		return ASKED_FAILED;
	json_array_foreach(list, i, row) take_row(talk, row);
	return ASKED_WHOLE;
}

static enum talk_next write_ask(struct talk *talk, struct request *out)
{
	char path[256];

	snprintf(path, sizeof path, "/%s/%s%.140s",
	        is_kakao(talk) ? "KakaoTalk" : "Message", talk->ref[0] ? "" : "Get/",
	        talk->ref[0] ? talk->ref : talk->key);
	popbill_begin(out, talk, "GET", path);
	out->most = 65536 + talk->inquiry->n * 4096;
	talk->step = ASKED;
	return TALK_REQUEST;
}

/* Which code says that there is no such request is not documented: its words must, and
 * "수 없" says that something cannot be done. */
static bool says_none(const struct outcome *outcome)
{
	return outcome->kind == OUTCOME_REFUSED && outcome->code[0] == '-' &&
	       !strstr(outcome->detail, "수 없") &&
	       (strstr(outcome->detail, "없") || strstr(outcome->detail, "존재하지"));
}

enum talk_next popbill_ask(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (talk->step == BEGIN && popbill_needs_token(talk, out)) {
		talk->step = TOKEN;
		return TALK_REQUEST;
	}
	if (talk->step == TOKEN && !popbill_got_token(talk, answer, &outcome))
		return TALK_DONE; /* asked is failed from the beginning */
	if (talk->step != ASKED)
		return write_ask(talk, out);
	if (popbill_heard(answer, &outcome, &json))
		talk->asked = read_rows(talk, json);
	else if (says_none(&outcome) && !talk->ref[0])
		talk->asked = ASKED_WHOLE;
	popbill_token_is_over(talk, answer);
	json_decref(json);
	return TALK_DONE;
}

/* ---- what the account has ---- */

static enum talk_next failed(struct talk *talk, const struct outcome *outcome)
{
	talk->failed = true;
	talk_say(talk, "%s", outcome->detail);
	return TALK_DONE;
}

static enum talk_next write_point(struct talk *talk, struct request *out)
{
	const char *service = talk->config->service ? talk->config->service : "POPBILL";
	const char *token = memory_get(talk->memory, "token", talk->now);

	request_begin(out, "GET", talk->config, "https://auth.linkhub.co.kr", "/%s/Point",
	        service);
	request_header(out, "authorization: Bearer %s", token ? token : "");
	talk->step = ASKED;
	return TALK_REQUEST;
}

/* What other states than 1 a number may have is not documented: whoever stands in the
 * list is registered. */
static void take_senders(struct talk *talk, json_t *json)
{
	json_t *row;
	size_t i;

	json_array_foreach(json, i, row)
	        senders_add(&talk->senders, field(row, "number"), true);
	talk->senders.told = json_is_array(json);
}

static void say_senders(struct talk *talk, json_t *json)
{
	struct buf all = {0};
	char ours[20];

	take_senders(talk, json);
	senders_print(&talk->senders, &all);
	talk_say(talk, TR("registered senders: %s", "등록된 발신번호: %s"), all.data);
	buf_free(&all);
	if (senders_ask(&talk->senders, talk->config->sender) == REGISTERED_YES)
		return;
	talk->failed = true;
	talk_say(talk,
	        TR("the sender %s of dangol.conf is not among them: register it "
	           "at Popbill",
	                "dangol.conf의 발신번호 %s이(가) 없습니다. 팝빌에 "
	                "등록하십시오"),
	        talk_digits(talk->config->sender, ours));
}

static void say_point(struct talk *talk, json_t *json)
{
	json_t *point = json_object_get(json, "remainPoint");

	talk_say(talk, TR("balance: %.0f points", "잔여 포인트: %.0f"),
	        json_is_string(point) ? strtod(json_string_value(point), NULL)
	                              : json_number_value(point));
}

enum talk_next popbill_examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (talk->step == BEGIN && popbill_needs_token(talk, out)) {
		talk->step = TOKEN;
		return TALK_REQUEST;
	}
	if (talk->step == TOKEN && !popbill_got_token(talk, answer, &outcome))
		return failed(talk, &outcome);
	if (talk->step == BEGIN || talk->step == TOKEN)
		return write_point(talk, out);
	if (!popbill_heard(answer, &outcome, &json)) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	if (talk->step == ASKED) {
		say_point(talk, json);
		json_decref(json);
		popbill_begin(out, talk, "GET", "/Message/SenderNumber");
		talk->step = MORE;
		return TALK_REQUEST;
	}
	say_senders(talk, json);
	json_decref(json);
	return TALK_DONE;
}

/* One list of the account, by its path: a token first where it needs one. True: *json is
 * the answer (new), or NULL and the talk has failed. False: *next. */
static bool had_list(struct talk *talk, const struct httpc_answer *answer,
        struct request *out, const char *path, enum talk_next *next, json_t **json)
{
	struct outcome outcome;

	*json = NULL;
	*next = TALK_REQUEST;
	if (talk->step == BEGIN && popbill_needs_token(talk, out)) {
		talk->step = TOKEN;
		return false;
	}
	if (talk->step == TOKEN && !popbill_got_token(talk, answer, &outcome)) {
		failed(talk, &outcome);
		return true;
	}
	if (talk->step != ASKED) {
		popbill_begin(out, talk, "GET", path);
		out->most = LIST_MOST;
		talk->step = ASKED;
		return false;
	}
	if (popbill_heard(answer, &outcome, json))
		return true;
	popbill_token_is_over(talk, answer);
	json_decref(*json);
	*json = NULL;
	failed(talk, &outcome);
	return true;
}

enum talk_next popbill_senders(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	enum talk_next next;
	json_t *json;

	if (!had_list(talk, answer, out, "/Message/SenderNumber", &next, &json))
		return next;
	take_senders(talk, json);
	json_decref(json);
	return TALK_DONE;
}

enum talk_next popbill_refusals(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	enum talk_next next;
	json_t *json, *row;
	char e164[24];
	size_t i;

	if (!had_list(talk, answer, out, "/Message/Denied", &next, &json))
		return next;
	json_array_foreach(json, i, row)
	{
		const char *number = field(row, "number");
		if (number && !text_phone(number, e164))
			talk_say(talk, "%s", e164);
	}
	json_decref(json);
	return TALK_DONE;
}
