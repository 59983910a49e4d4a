/* Differences between two simulations. Prints each as it comes. */
#include "ctl/changes.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/calendar.h"
#include "ctl/ctl.h"

void changes_open(struct changes *changes)
{
	*changes = (struct changes){0};
	table_init(&changes->rules, TR("rule", "규칙"), TR("more", "더 보냄"),
	        TR("fewer", "덜 보냄"), TR("other", "달라짐"), NULL);
	table_init(&changes->costs, TR("channel", "채널"), TR("kind", "종류"),
	        TR("messages now", "지금 건수"), TR("cost now", "지금 비용"),
	        TR("messages then", "바꾼 뒤 건수"), TR("cost then", "바꾼 뒤 비용"),
	        NULL);
}

/* "2026-12-24 10:00 sms birthday accepted", or a dash. New. */
static char *words(json_t *message)
{
	char time[32];
	const char *reason = ctl_text(message, "reason");

	if (!json_is_object(message))
		return mem_strdup("-");
	return mem_printf("%s %s %s %s%s%s", ctl_time(message, "time", time),
	        ctl_text(message, "channel"), ctl_text(message, "template"),
	        ctl_text(message, "state"), reason[0] ? ": " : "", reason);
}

static void show(json_t *row)
{
	char *before = words(json_object_get(row, "before")),
	     *after = words(json_object_get(row, "after"));
	bool same = !strcmp(before, after); /* then it is what is read that differs */
	const char *customer = ctl_text(row, "customer");

	printf("%s  %s  %s → %s\n", customer[0] ? customer : TR("owner", "사장님"),
	        ctl_text(row, "rule"), before,
	        same ? TR("other words", "다른 글") : after);
	free(before);
	free(after);
}

void changes_take(struct changes *changes, json_t *row)
{
	char a[32], b[32], won[48], won_before[48];

	if (json_object_get(row, "change")) {
		show(row);
		changes->any = true;
	} else if (json_object_get(row, "channel")) {
		table_add(&changes->costs, ctl_text(row, "channel"),
		        ctl_text(row, "kind"), ctl_number(row, "count_before", a),
		        calendar_won(row, "cost_before", won_before),
		        ctl_number(row, "count", b), calendar_won(row, "cost", won));
	} else {
		char other[32];
		table_add(&changes->rules, ctl_text(row, "rule"),
		        ctl_number(row, "added", a), ctl_number(row, "removed", b),
		        ctl_number(row, "changed", other));
	}
}

void changes_print(struct changes *changes)
{
	if (!changes->any) {
		puts(TR("nothing would change", "달라지는 것이 없습니다"));
		return;
	}
	putchar('\n');
	table_print(&changes->rules, stdout);
	putchar('\n');
	table_print(&changes->costs, stdout);
}

void changes_close(struct changes *changes)
{
	table_drop(&changes->rules);
	table_drop(&changes->costs);
}
