/* The verbs import list and import undo, and what a dry run of an import found. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

/* ---- the difference ---- */

static char *plain(const json_t *value)
{
	if (!value || json_is_null(value))
		return mem_strdup("-");
	if (json_is_string(value))
		return table_plain(json_string_value(value));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

static void add_fields(struct table *table, json_t *row)
{
	char line[32];
	const char *name;
	json_t *change;
	snprintf(line, sizeof line, "%lld",
	        (long long)json_integer_value(json_object_get(row, "line")));
	json_object_foreach(json_object_get(row, "fields"), name, change)
	{
		char *from = plain(json_object_get(change, "from")),
		     *to = plain(json_object_get(change, "to"));
		table_add(table, line, ctl_text(row, "id"), name, from, to);
		free(from);
		free(to);
	}
}

void ctl_show_difference(json_t *difference, json_t *rows)
{
	char made[32], changed[32], same[32];
	struct table table;
	json_t *row;
	size_t i;
	printf(TR("new %s, changed %s, unchanged %s\n", "새로 %s, 바뀜 %s, 그대로 %s\n"),
	        ctl_number(difference, "new", made),
	        ctl_number(difference, "changed", changed),
	        ctl_number(difference, "unchanged", same));
	if (json_integer_value(json_object_get(difference, "customers")))
		printf(TR("customers that it would make: %s\n", "새로 생길 고객 %s명\n"),
		        ctl_number(difference, "customers", made));
	if (!json_array_size(rows))
		return;
	table_init(&table, TR("LINE", "줄"), TR("WHO OR WHAT", "대상"),
	        TR("FIELD", "항목"), TR("FROM", "지금"), TR("TO", "바뀌면"), NULL);
	json_array_foreach(rows, i, row)
	{
		add_fields(&table, row);
	}
	table_print(&table, stdout);
}

/* ---- import list ---- */

static const char *kind_words(const char *kind)
{
	static const char *const words[][2] = {{"customers", "고객"}, {"orders", "주문"},
	        {"products", "상품"}, {"consents", "동의"}, {"mixed", "여러 가지"}};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i][0], kind) == 0)
			return TR(words[i][0], words[i][1]);
	return kind;
}

static char *state_words(json_t *one)
{
	char time[32];
	if (ctl_text(one, "undone")[0])
		return mem_printf(
		        TR("undone %s", "되돌림 %s"), ctl_time(one, "undone", time));
	if (json_is_true(json_object_get(one, "undoing")))
		return mem_strdup(TR("undoing was cut short: undo it again",
		        "되돌리다 끊김: 다시 되돌리세요"));
	if (ctl_text(one, "undo_until")[0])
		return mem_printf(TR("can be undone until %s", "%s까지 되돌릴 수 있음"),
		        ctl_time(one, "undo_until", time));
	return mem_strdup(TR("too old to be undone", "오래되어 되돌릴 수 없음"));
}

static void add_row(struct table *table, json_t *one)
{
	char time[32], rows[32], *state = state_words(one);
	table_add(table, ctl_text(one, "batch"), kind_words(ctl_text(one, "kind")),
	        ctl_time(one, "time", time), ctl_number(one, "rows", rows), state);
	free(state);
}

int verb_import_list(const struct ask *ask)
{
	json_t *answer, *one;
	struct table table;
	size_t i;
	int failed = ctl_call(ask, "GET", "/v1/imports", NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	table_init(&table, TR("IMPORT", "가져오기"), TR("KIND", "종류"),
	        TR("TIME", "시각"), TR("ROWS", "줄"), TR("UNDO", "되돌리기"), NULL);
	json_array_foreach(json_object_get(answer, "imports"), i, one)
	{
		add_row(&table, one);
	}
	table_print(&table, stdout);
	json_decref(answer);
	return CTL_DONE;
}

/* ---- import undo ---- */

static void show_counts(json_t *counts)
{
	static const struct {
		const char *name, *english, *korean;
	} lines[] = {
	        {"customers_removed", "customers removed, who came with it: %s",
	                "함께 들어왔다가 지운 고객: %s명"},
	        {"customers_kept",
	                "customers kept, who came with it and of whom something else is "
	                "known since: %s",
	                "함께 들어왔으나 그 뒤에 다른 기록이 생겨 남긴 고객: %s명"},
	        {"customers_restored", "customers put back to what they were: %s",
	                "전으로 되돌린 고객: %s명"},
	        {"fields_restored", "fields put back: %s", "되돌린 항목: %s개"},
	        {"fields_later",
	                "fields that somebody changed since, left as they are: %s",
	                "그 뒤에 바뀌어 그대로 둔 항목: %s개"},
	        {"consents_restored", "consents put back: %s", "되돌린 수신동의: %s건"},
	        {"withdrawals_kept",
	                "withdrawals of consent that came with it, which stay: %s",
	                "함께 들어온 수신거부. 거부는 되돌리지 않습니다: %s건"},
	        {"orders_removed", "orders removed: %s", "지운 주문: %s건"},
	        {"orders_restored", "orders put back: %s", "되돌린 주문: %s건"},
	        {"orders_kept", "orders that changed since, left as they are: %s",
	                "그 뒤에 바뀌어 그대로 둔 주문: %s건"},
	        {"products_removed", "products removed: %s", "지운 상품: %s개"},
	        {"products_restored", "products put back: %s", "되돌린 상품: %s개"},
	        {"products_kept", "products that changed since, left as they are: %s",
	                "그 뒤에 바뀌어 그대로 둔 상품: %s개"},
	};
	char n[32];
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (!json_integer_value(json_object_get(counts, lines[i].name)))
			continue;
		printf(TR(lines[i].english, lines[i].korean),
		        ctl_number(counts, lines[i].name, n));
		putchar('\n');
	}
}

int verb_import_undo(const struct ask *ask)
{
	char *path = ctl_path("/v1/imports/", ask->args[0], NULL), time[32];
	json_t *answer;
	int failed = ctl_call(ask, "DELETE", path, NULL, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	if (json_is_true(json_object_get(answer, "again")))
		printf(TR("import %s was undone already, %s; it came to:\n",
		               "가져오기 %s은(는) %s에 이미 되돌렸습니다. 그때 결과:\n"),
		        ctl_text(answer, "batch"), ctl_time(answer, "undone", time));
	else
		printf(TR("import %s is undone\n", "가져오기 %s을(를) 되돌렸습니다\n"),
		        ctl_text(answer, "batch"));
	show_counts(json_object_get(answer, "counts"));
	json_decref(answer);
	return CTL_DONE;
}
