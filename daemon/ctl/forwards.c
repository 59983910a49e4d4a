/* The verbs about servers that are told of events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static const char *state_word(json_t *forward)
{
	const char *state = ctl_text(forward, "state");
	if (!strcmp(state, "ok"))
		return TR("ok", "정상");
	if (!strcmp(state, "held"))
		return TR("some wait", "일부 대기");
	return strcmp(state, "gone") ? TR("waits", "대기") : TR("refused", "거절됨");
}

static void add_row(struct table *table, const char *name, json_t *forward)
{
	char waiting[32], more[40], sent[32], dropped[32], since[32];
	ctl_number(forward, "waiting", waiting);
	snprintf(more, sizeof more, "%s%s", waiting,
	        json_is_true(json_object_get(forward, "at_least")) ? "+" : "");
	table_add(table, name, state_word(forward), more,
	        ctl_number(forward, "sent", sent),
	        ctl_number(forward, "dropped", dropped),
	        ctl_time(forward, "since", since), ctl_text(forward, "error"));
}

static void begin_table(struct table *table)
{
	table_init(table, TR("forward", "전달"), TR("state", "상태"),
	        TR("waiting", "대기"), TR("sent", "보냄"), TR("dropped", "버림"),
	        TR("since", "언제부터"), TR("error", "오류"), NULL);
}

void ctl_show_forwards(json_t *forwards)
{
	struct table table;
	const char *name;
	json_t *forward;
	if (!json_object_size(forwards))
		return;
	begin_table(&table);
	json_object_foreach(forwards, name, forward) add_row(&table, name, forward);
	table_print(&table, stdout);
}

int verb_forward_list(const struct ask *ask)
{
	struct table table;
	json_t *answer, *forward;
	size_t i;
	int failed = ctl_call(ask, "GET", "/v1/forwards", NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	begin_table(&table);
	json_array_foreach(json_object_get(answer, "forwards"), i, forward)
	        add_row(&table, ctl_text(forward, "name"), forward);
	table_print(&table, stdout);
	json_decref(answer);
	return CTL_DONE;
}

static int tell(const struct ask *ask, const char *verb, json_t **answer)
{
	char *path = ctl_path("/v1/forwards/", ask->args[0], verb, NULL);
	int failed = ctl_call(ask, "POST", path, NULL, answer);
	free(path);
	return failed;
}

int verb_forward_retry(const struct ask *ask)
{
	json_t *answer;
	char waiting[32];
	int failed = tell(ask, "/retry", &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s: %s waiting events are tried now\n",
	               "%s: 기다리던 이벤트 %s건을 지금 다시 보냅니다\n"),
	        ask->args[0], ctl_number(answer, "waiting", waiting));
	json_decref(answer);
	return CTL_DONE;
}

int verb_forward_skip(const struct ask *ask)
{
	json_t *answer;
	char n[32];
	int failed = tell(ask, "/skip", &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s: %s events that did not get through are given up\n",
	               "%s: 보내지 못하던 이벤트 %s건을 포기합니다\n"),
	        ask->args[0], ctl_number(answer, "skipped_now", n));
	json_decref(answer);
	return CTL_DONE;
}
