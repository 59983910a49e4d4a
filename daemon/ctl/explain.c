/* The verb that tells why: the cause in a sentence first, then everything that was looked
 * at, then what has been. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "store/message.h"
#include "store/skip.h"

static const char *holds_text(json_t *check)
{
	json_t *holds = json_object_get(check, "holds");
	if (json_is_boolean(holds))
		return json_is_true(holds) ? TR("yes", "예") : TR("NO", "아니오");
	return TR("unknown", "모름");
}

static void show_checks(json_t *checks)
{
	struct table table;
	json_t *check;
	size_t i;
	table_init(&table, TR("holds", "맞음"), TR("what", "무엇"),
	        TR("present value", "지금 값"), NULL);
	json_array_foreach(checks, i, check)
	{
		long long depth = json_integer_value(json_object_get(check, "depth"));
		char *what =
		        mem_printf("%*s%s", (int)depth * 2, "", ctl_text(check, "what"));
		table_add(&table, holds_text(check), what, ctl_text(check, "value"));
		free(what);
	}
	table_print(&table, stdout);
}

/* The sentence of a reason, or of what never began; an ended run's own word else. */
static const char *reason_of(json_t *entry)
{
	const char *word = ctl_text(entry, "reason");
	enum reason reason = reason_parse(word);
	if (reason != REASON_NONE)
		return reason_text(reason);
	return skip_text(word) ? skip_text(word) : word;
}

static void show_history(json_t *history)
{
	struct table table;
	json_t *entry;
	size_t i;
	char time[32];
	if (!json_array_size(history))
		return;
	putchar('\n');
	table_init(&table, TR("time", "시각"), TR("what happened", "있었던 일"),
	        TR("reason", "까닭"), TR("message", "메시지"), NULL);
	json_array_foreach(history, i, entry)
	        table_add(&table, ctl_time(entry, "time", time), ctl_text(entry, "what"),
	                reason_of(entry), ctl_text(entry, "message"));
	table_print(&table, stdout);
}

int verb_explain(const struct ask *ask)
{
	char *path = ctl_path(
	        "/v1/explain?rule=", ask->args[0], "&customer=", ask->args[1], NULL);
	char next[32];
	json_t *answer;
	int failed = ctl_call(ask, "GET", path, NULL, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	char *why = table_plain(ctl_text(answer, "why"));
	printf("%s\n", why);
	free(why);
	if (ctl_text(answer, "next")[0])
		printf(TR("next: %s\n", "다음: %s\n"), ctl_time(answer, "next", next));
	putchar('\n');
	show_checks(json_object_get(answer, "checks"));
	show_history(json_object_get(answer, "history"));
	json_decref(answer);
	return CTL_DONE;
}
