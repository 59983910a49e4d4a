/* The verbs about rules: their list, their switches, and reading them anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

/* What the daemon brings with it is no choice of the owner's. */
static const char *state_word(json_t *rule)
{
	return json_is_true(json_object_get(rule, "built_in")) ? TR("built in", "기본")
	                                                       : ctl_text(rule, "state");
}

int verb_rules(const struct ask *ask)
{
	json_t *answer, *rule;
	size_t i;
	int failed = ctl_call(ask, "GET", "/v1/rules", NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	struct table table;
	table_init(&table, TR("rule", "규칙"), TR("state", "상태"), TR("purpose", "목적"),
	        TR("when", "언제"), TR("title", "제목"), NULL);
	json_array_foreach(json_object_get(answer, "rules"), i, rule) table_add(&table,
	        ctl_text(rule, "name"), state_word(rule), ctl_text(rule, "purpose"),
	        ctl_text(rule, "trigger"), ctl_text(rule, "title"));
	table_print(&table, stdout);
	json_decref(answer);
	return CTL_DONE;
}

static long long count_of(json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

/* What was cancelled, where anything was. */
static void show_ended(json_t *json)
{
	long long runs = count_of(json, "ended"), messages = count_of(json, "dropped"),
	          coupons = count_of(json, "coupons");
	if (runs || messages || coupons)
		printf(TR("  %lld runs ended, %lld messages dropped, %lld coupons given "
		          "back\n",
		               "  진행 %lld건을 끝내고, 메시지 %lld건을 버리고, 쿠폰 "
		               "%lld장을 되돌렸습니다\n"),
		        runs, messages, coupons);
}

static int turn(const struct ask *ask, const char *verb)
{
	char *path = ctl_path("/v1/rules/", ask->args[0], "/", verb, NULL);
	json_t *rule;
	int failed = ctl_call(ask, "POST", path, NULL, &rule);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(rule);
	printf("%s: %s\n", ctl_text(rule, "name"), ctl_text(rule, "state"));
	show_ended(rule);
	ctl_show_plans(json_object_get(rule, "plans"));
	json_decref(rule);
	return CTL_DONE;
}

int verb_rule_on(const struct ask *ask)
{
	return turn(ask, "on");
}

int verb_rule_off(const struct ask *ask)
{
	return turn(ask, "off");
}

int verb_rule_pause(const struct ask *ask)
{
	return turn(ask, "pause");
}

int verb_rule_resume(const struct ask *ask)
{
	return turn(ask, "resume");
}

static const char *change_word(const char *what)
{
	if (!strcmp(what, "added"))
		return TR("new", "새 규칙");
	if (!strcmp(what, "changed"))
		return TR("changed", "바뀜");
	if (!strcmp(what, "renamed"))
		return TR("renamed", "이름 바뀜");
	if (!strcmp(what, "removed"))
		return TR("removed", "없어짐");
	return TR("off", "꺼짐");
}

static void show_changes(json_t *changes)
{
	json_t *change;
	size_t i;
	json_array_foreach(changes, i, change)
	{
		const char *was = ctl_text(change, "was");
		printf("%s: %s", ctl_text(change, "rule"),
		        change_word(ctl_text(change, "what")));
		printf(was[0] ? TR(", was %s\n", ", 전 이름 %s\n") : "%s\n", was);
		show_ended(change);
	}
}

int verb_reload(const struct ask *ask)
{
	json_t *answer;
	int status;
	if (ctl_ask("POST", "/v1/reload", NULL, &status, &answer))
		return CTL_FAILED;
	if (status == 422)
		ctl_show_places(json_object_get(answer, "errors"), stderr);
	if (status >= 300)
		return ctl_refused(ask, answer);
	if (ask->json)
		return ctl_print(answer);
	ctl_show_places(json_object_get(answer, "warnings"), stderr);
	printf(TR("%lld rules in force\n", "규칙 %lld개를 씁니다\n"),
	        count_of(answer, "rules"));
	show_changes(json_object_get(answer, "changes"));
	ctl_show_plans(json_object_get(answer, "plans"));
	json_decref(answer);
	return CTL_DONE;
}
