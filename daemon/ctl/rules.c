/* The verbs about rules: their list, their switches, and reading them anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

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
	json_array_foreach(json_object_get(answer, "rules"), i, rule)
	        table_add(&table, ctl_text(rule, "name"), ctl_text(rule, "state"),
	                ctl_text(rule, "purpose"), ctl_text(rule, "trigger"),
	                ctl_text(rule, "title"));
	table_print(&table, stdout);
	json_decref(answer);
	return CTL_DONE;
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
	long long ended = json_integer_value(json_object_get(rule, "ended"));
	if (ended)
		printf(TR("%lld runs ended, what waited was dropped\n",
		               "진행 %lld건을 끝내고, 기다리던 것은 버렸습니다\n"),
		        ended);
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

static void show_mistakes(json_t *list, FILE *out)
{
	json_t *item;
	size_t i;
	json_array_foreach(list, i, item)
	{
		const char *hint = ctl_text(item, "hint");
		fprintf(out, "%s:%lld:%lld: %s\n", ctl_text(item, "file"),
		        (long long)json_integer_value(json_object_get(item, "line")),
		        (long long)json_integer_value(json_object_get(item, "column")),
		        ctl_text(item, "message"));
		if (hint[0])
			fprintf(out, "    %s\n", hint);
	}
}

int verb_reload(const struct ask *ask)
{
	json_t *answer;
	int status;
	if (ctl_ask("POST", "/v1/reload", NULL, &status, &answer))
		return CTL_FAILED;
	if (status == 422)
		show_mistakes(json_object_get(answer, "errors"), stderr);
	if (status >= 300)
		return ctl_refused(ask, answer);
	if (ask->json)
		return ctl_print(answer);
	show_mistakes(json_object_get(answer, "warnings"), stderr);
	printf(TR("%lld rules in force\n", "규칙 %lld개를 씁니다\n"),
	        (long long)json_integer_value(json_object_get(answer, "rules")));
	json_decref(answer);
	return CTL_DONE;
}
