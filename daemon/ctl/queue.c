/* The verbs about messages and coupons: what waits, what became of it, and the owner's
 * hands on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

/* ---- the queue ---- */

/* A cursor is a number or text, as the API pleases. */
static char *next_page(json_t *page, const char *state)
{
	json_t *next = json_object_get(page, "next");
	char *text = json_is_string(next) ? mem_strdup(json_string_value(next))
	             : json_is_integer(next)
	                     ? mem_printf("%lld", (long long)json_integer_value(next))
	                     : NULL;
	char *path = text ? ctl_path("/v1/messages?limit=1000&state=", state,
	                            "&after=", text, NULL)
	                  : NULL;
	free(text);
	return path;
}

static int collect(const struct ask *ask, const char *state, json_t *messages)
{
	char *path = ctl_path("/v1/messages?limit=1000&state=", state, NULL);
	while (path) {
		json_t *page;
		int failed = ctl_call(ask, "GET", path, NULL, &page);
		free(path);
		if (failed)
			return failed;
		json_array_extend(messages, json_object_get(page, "messages"));
		path = next_page(page, state);
		json_decref(page);
	}
	return CTL_DONE;
}

static void show_messages(json_t *messages)
{
	struct table table;
	json_t *message;
	size_t i;
	char due[32];
	table_init(&table, "id", TR("rule", "규칙"), TR("customer", "고객"),
	        TR("channel", "채널"), TR("template", "템플릿"), TR("state", "상태"),
	        TR("due", "예정"), TR("reason", "까닭"), NULL);
	json_array_foreach(messages, i, message)
	        table_add(&table, ctl_text(message, "id"), ctl_text(message, "rule"),
	                ctl_text(message, "customer"), ctl_text(message, "channel"),
	                ctl_text(message, "template"), ctl_text(message, "state"),
	                ctl_time(message, "due", due), ctl_text(message, "reason"));
	table_print(&table, stdout);
}

int verb_queue_list(const struct ask *ask)
{
	static const char *const open[] = {
	        "planned", "held", "claimed", "handed", "unknown"};
	const char *state = ask_option(ask, "state");
	json_t *messages = json_array();
	int failed = CTL_DONE;
	for (size_t i = 0; i < sizeof open / sizeof open[0] && !failed; i++)
		if (!state || i == 0)
			failed = collect(ask, state ? state : open[i], messages);
	if (failed) {
		json_decref(messages);
		return failed;
	}
	if (ask->json)
		return ctl_print(json_pack("{s:o, s:n}", "messages", messages, "next"));
	if (json_array_size(messages))
		show_messages(messages);
	else
		puts(TR("nothing waits", "기다리는 메시지가 없습니다"));
	json_decref(messages);
	return CTL_DONE;
}

static int act(const struct ask *ask, const char *verb, json_t *body)
{
	char *path = ask->n ? ctl_path("/v1/messages/", ask->args[0], "/", verb, NULL)
	                    : ctl_path("/v1/messages/", verb, NULL);
	json_t *answer;
	int failed = ctl_call(ask, "POST", path, body, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	if (ask->n)
		printf("%s: %s\n", ctl_text(answer, "id"), ctl_text(answer, "state"));
	else if (!strcmp(verb, "hold"))
		puts(TR("everything is held: `dangolctl queue release` lets it go",
		        "모두 붙들어 두었습니다. `dangolctl queue release`로 풀어 주면 "
		        "나갑니다"));
	else
		puts(TR("what was held may go", "붙들어 둔 것이 이제 나갑니다"));
	json_decref(answer);
	return CTL_DONE;
}

int verb_queue_hold(const struct ask *ask)
{
	return act(ask, "hold", NULL);
}

int verb_queue_release(const struct ask *ask)
{
	return act(ask, "release", NULL);
}

int verb_queue_retry(const struct ask *ask)
{
	return act(ask, "retry",
	        json_pack("{s:b}", "may_duplicate",
	                ask_option(ask, "may-duplicate") != NULL));
}

int verb_queue_drop(const struct ask *ask)
{
	return act(ask, "drop", NULL);
}

/* ---- one message, one coupon ---- */

static void show_members(json_t *object)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		if (json_is_null(value) || json_is_array(value))
			continue;
		char *text = json_is_string(value)
		                     ? mem_strdup(json_string_value(value))
		                     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		printf("%s: %s\n", key, text ? text : "");
		free(text);
	}
}

static void show_attempts(json_t *attempts)
{
	struct table table;
	json_t *attempt;
	size_t i;
	char time[32];
	if (json_array_size(attempts) == 0)
		return;
	putchar('\n');
	table_init(&table, TR("attempt", "시도"), TR("result", "결과"),
	        TR("code", "코드"), TR("detail", "자세히"), NULL);
	json_array_foreach(attempts, i, attempt) table_add(&table,
	        ctl_time(attempt, "time", time), ctl_text(attempt, "result"),
	        ctl_text(attempt, "code"), ctl_text(attempt, "detail"));
	table_print(&table, stdout);
}

static void show_receipts(json_t *receipts)
{
	struct table table;
	json_t *receipt;
	size_t i;
	char time[32];
	if (json_array_size(receipts) == 0)
		return;
	putchar('\n');
	table_init(&table, TR("reported", "보고"), TR("state", "상태"),
	        TR("provider", "제공자"), TR("code", "코드"), TR("meaning", "뜻"),
	        TR("detail", "자세히"), NULL);
	json_array_foreach(receipts, i, receipt) table_add(&table,
	        ctl_time(receipt, "time", time), ctl_text(receipt, "state"),
	        ctl_text(receipt, "provider"), ctl_text(receipt, "code"),
	        ctl_text(receipt, "meaning"), ctl_text(receipt, "detail"));
	table_print(&table, stdout);
}

static int show(const struct ask *ask, const char *method, char *path, json_t *body)
{
	json_t *answer;
	int failed = ctl_call(ask, method, path, body, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	show_members(answer);
	show_attempts(json_object_get(answer, "attempts"));
	show_receipts(json_object_get(answer, "receipts"));
	json_decref(answer);
	return CTL_DONE;
}

int verb_message_show(const struct ask *ask)
{
	return show(ask, "GET", ctl_path("/v1/messages/", ask->args[0], NULL), NULL);
}

int verb_coupon_show(const struct ask *ask)
{
	return show(ask, "GET", ctl_path("/v1/coupons/", ask->args[0], NULL), NULL);
}

int verb_coupon_redeem(const struct ask *ask)
{
	static const char *const members[] = {"customer", "order", "amount", "time"};
	json_t *body = json_object();
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (ask_option(ask, members[i]))
			json_object_set_new(body, members[i],
			        json_string(ask_option(ask, members[i])));
	return show(ask, "POST", ctl_path("/v1/coupons/", ask->args[0], "/redeem", NULL),
	        body);
}

int verb_coupon_restore(const struct ask *ask)
{
	return show(ask, "POST", ctl_path("/v1/coupons/", ask->args[0], "/restore", NULL),
	        NULL);
}

int verb_coupon_void(const struct ask *ask)
{
	return show(
	        ask, "POST", ctl_path("/v1/coupons/", ask->args[0], "/void", NULL), NULL);
}
