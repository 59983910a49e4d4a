/* A calendar of counts. It holds numbers, and never a message. */
#include "ctl/calendar.h"

#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"

void calendar_open(struct calendar *calendar)
{
	*calendar = (struct calendar){0};
	table_init(&calendar->reasons, TR("held back: rule", "보류: 규칙"),
	        TR("not sent", "보내지 않음"), TR("sent later", "나중에 보냄"),
	        TR("why", "까닭"), NULL);
	table_init(&calendar->costs, TR("channel", "채널"), TR("kind", "종류"),
	        TR("messages", "건수"), TR("cost", "비용"), NULL);
}

static size_t rule_of(struct calendar *calendar, const char *name)
{
	for (size_t i = 0; i < calendar->n_rules; i++)
		if (!strcmp(calendar->rules[i], name))
			return i;
	char **added =
	        mem_grow(&calendar->rules, calendar->n_rules, sizeof *calendar->rules);
	*added = mem_strdup(name);
	return calendar->n_rules++;
}

static int64_t number(json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static void take_day(struct calendar *calendar, json_t *row)
{
	struct calendar_cell cell = {.rule = rule_of(calendar, ctl_text(row, "rule")),
	        .sent = number(row, "sent"),
	        .held_back = number(row, "held_back")};
	struct calendar_cell *added;

	if (calendar_parse_date(ctl_text(row, "day"), &cell.day))
		return;
	added = mem_grow(&calendar->cells, calendar->n++, sizeof *calendar->cells);
	*added = cell;
}

char *calendar_won(json_t *row, const char *name, char *out)
{
	char won[32];

	if (json_is_integer(json_object_get(row, name)))
		snprintf(out, 48, "%s원", ctl_number(row, name, won));
	else
		snprintf(out, 48, "?");
	return out;
}

static void take_cost(struct calendar *calendar, json_t *row)
{
	char count[32], won[48];

	table_add(&calendar->costs, ctl_text(row, "channel"), ctl_text(row, "kind"),
	        ctl_number(row, "count", count), calendar_won(row, "cost", won));
	calendar->won += number(row, "cost");
	calendar->unpriced |= json_is_null(json_object_get(row, "cost"));
}

void calendar_take(struct calendar *calendar, json_t *row)
{
	char not_sent[32], later[32];

	if (json_object_get(row, "day"))
		take_day(calendar, row);
	else if (json_object_get(row, "reason"))
		table_add(&calendar->reasons, ctl_text(row, "rule"),
		        ctl_number(row, "not_sent", not_sent),
		        ctl_number(row, "sent_later", later), ctl_text(row, "why"));
	else if (json_object_get(row, "channel"))
		take_cost(calendar, row);
}

/* ---- the calendar ---- */

struct week {
	int32_t monday;
	const struct calendar_cell *cells; /* of these seven days */
	size_t n;
};

static void add_week_head(struct table *table, const struct week *week)
{
	char date[16], days[7][16];

	for (int i = 0; i < 7; i++)
		snprintf(days[i], sizeof days[i], "%d",
		        calendar_civil(week->monday + i).day);
	table_add(table, calendar_format_date(week->monday, date), days[0], days[1],
	        days[2], days[3], days[4], days[5], days[6]);
}

static void add_rule(struct table *table, const struct calendar *calendar,
        const struct week *week, size_t rule)
{
	char days[7][32];
	char *name = mem_printf("  %s", calendar->rules[rule]);
	bool any = false;

	for (int i = 0; i < 7; i++)
		strcpy(days[i], "·");
	for (size_t i = 0; i < week->n; i++) {
		if (week->cells[i].rule != rule || !week->cells[i].sent)
			continue;
		text_number(week->cells[i].sent, days[week->cells[i].day - week->monday]);
		any = true;
	}
	if (any)
		table_add(table, name, days[0], days[1], days[2], days[3], days[4],
		        days[5], days[6]);
	free(name);
}

static void print_weeks(const struct calendar *calendar)
{
	struct table table;

	table_init(&table, TR("week", "주"), TR("mon", "월"), TR("tue", "화"),
	        TR("wed", "수"), TR("thu", "목"), TR("fri", "금"), TR("sat", "토"),
	        TR("sun", "일"), NULL);
	for (size_t i = 0; i < calendar->n;) {
		struct week week = {.cells = &calendar->cells[i]};
		week.monday = week.cells->day - calendar_weekday(week.cells->day);
		while (i < calendar->n && calendar->cells[i].day < week.monday + 7)
			i++;
		week.n = (size_t)(&calendar->cells[i] - week.cells);
		add_week_head(&table, &week);
		for (size_t rule = 0; rule < calendar->n_rules; rule++)
			add_rule(&table, calendar, &week, rule);
	}
	table_print(&table, stdout);
	putchar('\n');
}

static void print_rules(const struct calendar *calendar)
{
	struct table table;
	char sent[32], held_back[32];

	table_init(&table, TR("rule", "규칙"), TR("sent", "발송"),
	        TR("held back", "보류"), NULL);
	for (size_t rule = 0; rule < calendar->n_rules; rule++) {
		int64_t n_sent = 0, n_held = 0;
		for (size_t i = 0; i < calendar->n; i++) {
			bool its = calendar->cells[i].rule == rule;
			n_sent += its ? calendar->cells[i].sent : 0;
			n_held += its ? calendar->cells[i].held_back : 0;
		}
		table_add(&table, calendar->rules[rule], text_number(n_sent, sent),
		        text_number(n_held, held_back));
	}
	table_print(&table, stdout);
	putchar('\n');
}

static void print_unless_empty(struct table *table)
{
	if (table->n == table->columns)
		return;
	table_print(table, stdout);
	putchar('\n');
}

static void print_won(const struct calendar *calendar)
{
	char won[32];

	if (calendar->unpriced)
		puts(TR("? is not counted: dangol.conf names no price for it\n",
		        "?는 dangol.conf에 값(price)이 없어 더하지 않았습니다\n"));
	printf(TR("in all: %s원\n\n", "모두: %s원\n\n"), text_number(calendar->won, won));
}

bool calendar_print(struct calendar *calendar)
{
	bool any = calendar->n > 0, costs = calendar->costs.n > calendar->costs.columns;

	if (any) {
		print_weeks(calendar);
		print_rules(calendar);
	}
	any |= calendar->reasons.n > calendar->reasons.columns;
	print_unless_empty(&calendar->reasons);
	print_unless_empty(&calendar->costs);
	if (costs)
		print_won(calendar);
	return any;
}

void calendar_close(struct calendar *calendar)
{
	table_drop(&calendar->reasons);
	table_drop(&calendar->costs);
	for (size_t i = 0; i < calendar->n_rules; i++)
		free(calendar->rules[i]);
	free(calendar->rules);
	free(calendar->cells);
	*calendar = (struct calendar){0};
}
