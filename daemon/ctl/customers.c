/* The verbs about people: events, customers, consents, suppressed addresses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

/* ---- events ---- */

json_t *ctl_named(const char *who)
{
	char phone[24];
	if (strchr(who, '@'))
		return json_pack("{s:s}", "email", who);
	if ((who[0] == '0' || who[0] == '+') && strlen(who) < 30 &&
	        text_phone(who, phone) == 0)
		return json_pack("{s:s}", "phone", phone);
	return json_pack("{s:s}", "id", who);
}

/* The member that the dotted key names, made on the way; key is changed. */
static bool set_member(json_t *object, char *key, json_t *value)
{
	for (char *dot; (dot = strchr(key, '.')); key = dot + 1) {
		*dot = '\0';
		json_t *inner = json_object_get(object, key);
		if (!inner) {
			json_object_set_new(object, key, json_object());
			inner = json_object_get(object, key);
		}
		if (!key[0] || !json_is_object(inner)) {
			json_decref(value);
			return false;
		}
		object = inner;
	}
	return json_object_set_new(object, key, value) == 0 && key[0];
}

static bool add_member(json_t *data, const char *word)
{
	const char *equals = strchr(word, '=');
	if (!equals || equals == word) {
		ctl_say(TR("'%s' is not KEY=VALUE", "'%s'은(는) 이름=값 꼴이 아닙니다"),
		        word);
		return false;
	}
	char *key = mem_strndup(word, (size_t)(equals - word));
	json_t *value = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
	if (!value)
		value = json_string(equals + 1);
	bool good = value && set_member(data, key, value);
	if (!good)
		ctl_say(TR("'%s' cannot be put into the event",
		                "'%s'을(를) 이벤트에 넣을 수 없습니다"),
		        word);
	free(key);
	return good;
}

static json_t *event_of(const struct ask *ask, json_t *data)
{
	const char *id = ask_option(ask, "id"), *time = ask_option(ask, "time");
	uint8_t bytes[10];
	char own[2 * sizeof bytes + 8] = "ctl-";
	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, sizeof bytes, own + 4);
	json_t *event = json_pack("{s:s, s:s, s:s, s:O}", "id", id ? id : own, "source",
	        "dangolctl", "type", ask->args[0], "data", data);
	if (event && time)
		json_object_set_new(event, "time", json_string(time));
	if (event && strcmp(ask->args[1], "-") != 0)
		json_object_set_new(event, "customer", ctl_named(ask->args[1]));
	return event;
}

int verb_event(const struct ask *ask)
{
	json_t *data = json_object(), *answer;
	bool good = true;
	for (int i = 2; i < ask->n && good; i++)
		good = add_member(data, ask->args[i]);
	json_t *event = good ? event_of(ask, data) : NULL;
	json_decref(data);
	if (!event)
		return CTL_USAGE;
	int failed = ctl_call(ask, "POST", "/v1/events", event, &answer);
	if (failed)
		return failed;
	json_t *rejected = json_array_get(json_object_get(answer, "rejected"), 0);
	if (rejected)
		ctl_say("%s (%s)", ctl_text(rejected, "detail"),
		        ctl_text(rejected, "pointer"));
	failed = rejected ? CTL_FAILED : CTL_DONE;
	if (ask->json) {
		ctl_print(answer);
		return failed;
	}
	if (!failed)
		puts(json_integer_value(json_object_get(answer, "duplicate"))
		                ? TR("known already, nothing was done",
		                          "이미 아는 이벤트라 아무것도 하지 않았습니다")
		                : TR("accepted", "받았습니다"));
	json_decref(answer);
	return failed;
}

/* ---- customers ---- */

static void show_value(const char *name, json_t *value, int depth)
{
	const char *key;
	json_t *inner;
	if (json_is_object(value)) {
		printf("%*s%s:\n", depth * 2, "", name);
		json_object_foreach(value, key, inner) show_value(key, inner, depth + 1);
		return;
	}
	char *text = json_is_string(value)
	                     ? table_plain(json_string_value(value))
	                     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	printf("%*s%s: %s\n", depth * 2, "", name, text ? text : "");
	free(text);
}

static int show(const struct ask *ask, const char *path)
{
	json_t *answer, *value;
	const char *key;
	int failed = ctl_call(ask, "GET", path, NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	json_object_foreach(answer, key, value) if (!json_is_null(value))
	        show_value(key, value, 0);
	json_decref(answer);
	return CTL_DONE;
}

int verb_customer_show(const struct ask *ask)
{
	char *path = ctl_path("/v1/customers/", ask->args[0], NULL);
	int status = show(ask, path);
	free(path);
	return status;
}

/* ---- consents ---- */

int verb_consent_show(const struct ask *ask)
{
	char *path = ctl_path("/v1/customers/", ask->args[0], "/consents", NULL),
	     time[32];
	json_t *answer, *entry;
	size_t i;
	int failed = ctl_call(ask, "GET", path, NULL, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	struct table table;
	table_init(&table, TR("time", "시각"), TR("channel", "채널"),
	        TR("purpose", "목적"), TR("given", "동의"), TR("how", "방법"),
	        TR("source", "출처"), TR("wording", "문구"), NULL);
	json_array_foreach(json_object_get(answer, "consents"), i, entry) table_add(
	        &table, ctl_time(entry, "time", time), ctl_text(entry, "channel"),
	        ctl_text(entry, "purpose"),
	        json_is_true(json_object_get(entry, "given")) ? TR("given", "동의")
	                                                      : TR("withdrawn", "철회"),
	        ctl_text(entry, "how"), ctl_text(entry, "source"),
	        ctl_text(entry, "wording"));
	table_print(&table, stdout);
	json_decref(answer);
	return CTL_DONE;
}

static int record(const struct ask *ask, bool given)
{
	static const char *const texts[] = {
	        "how", "source", "wording", "version", "operator", "time"};
	char *path = ctl_path("/v1/customers/", ask->args[0], "/consents", NULL);
	json_t *body = json_pack("{s:s, s:s, s:b, s:s}", "channel", ask->args[1],
	               "purpose", ask->n > 2 ? ask->args[2] : "ad", "given", given,
	               "source", "dangolctl"),
	       *answer;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (ask_option(ask, texts[i]))
			json_object_set_new(
			        body, texts[i], json_string(ask_option(ask, texts[i])));
	if (ask_option(ask, "told"))
		json_object_set_new(body, "told", json_true());
	int failed = ctl_call(ask, "POST", path, body, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	puts(given ? TR("recorded: given", "적었습니다: 동의")
	           : TR("recorded: withdrawn", "적었습니다: 철회"));
	json_decref(answer);
	return CTL_DONE;
}

int verb_consent_give(const struct ask *ask)
{
	return record(ask, true);
}

int verb_consent_withdraw(const struct ask *ask)
{
	return record(ask, false);
}

/* ---- suppressions ---- */

/* All pages as one object, the way the API shows one. */
int verb_suppression_list(const struct ask *ask)
{
	json_t *all = NULL, *page, *entry;
	char *path = mem_strdup("/v1/suppressions?limit=1000"), time[32];
	size_t i;
	while (path) {
		int failed = ctl_call(ask, "GET", path, NULL, &page);
		free(path);
		if (failed) {
			json_decref(all);
			return failed;
		}
		const char *next = json_string_value(json_object_get(page, "next"));
		path = next ? ctl_path("/v1/suppressions?limit=1000&after=", next, NULL)
		            : NULL;
		if (all)
			json_array_extend(json_object_get(all, "suppressions"),
			        json_object_get(page, "suppressions"));
		else
			all = json_incref(page);
		json_decref(page);
	}
	json_object_set_new(all, "next", json_null());
	if (ask->json)
		return ctl_print(all);
	struct table table;
	table_init(&table, TR("address", "주소"), TR("channel", "채널"),
	        TR("reason", "까닭"), TR("since", "언제부터"), TR("whom", "누구"), NULL);
	json_array_foreach(json_object_get(all, "suppressions"), i, entry)
	        table_add(&table, ctl_text(entry, "address"), ctl_text(entry, "channel"),
	                ctl_text(entry, "reason"), ctl_time(entry, "since", time),
	                json_is_true(json_object_get(entry, "newcomers"))
	                        ? TR("who comes after then", "그 뒤에 온 고객")
	                        : TR("everybody", "모두"));
	table_print(&table, stdout);
	json_decref(all);
	return CTL_DONE;
}

static int suppress(const struct ask *ask, const char *method, const char *done)
{
	json_t *body = json_pack("{s:s, s:s}", "address", ask->args[0], "channel",
	        ask->n > 1 ? ask->args[1] : "all");
	json_t *answer;
	if (ask_option(ask, "reason"))
		json_object_set_new(
		        body, "reason", json_string(ask_option(ask, "reason")));
	int failed = ctl_call(ask, method, "/v1/suppressions", body, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf("%s (%s): %s\n", ctl_text(answer, "address"), ctl_text(answer, "channel"),
	        done);
	json_decref(answer);
	return CTL_DONE;
}

int verb_suppression_add(const struct ask *ask)
{
	return suppress(ask, "POST",
	        TR("no more advertisements from now on",
	                "이제부터 광고를 보내지 않습니다"));
}

int verb_suppression_remove(const struct ask *ask)
{
	return suppress(ask, "DELETE", TR("off the list", "목록에서 뺐습니다"));
}
