/* The verb customer conflicts: who may be one, and the owner's word that they are two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static int dismiss(const struct ask *ask)
{
	json_t *answer,
	        *body = json_pack("{s:[s,s]}", "customers", ask->args[0], ask->args[1]);
	int failed = ctl_call(ask, "POST", "/v1/conflicts/dismiss", body, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s and %s are two: they are listed no more\n",
	               "%s와(과) %s은(는) 다른 고객입니다. 더는 보이지 않습니다\n"),
	        ask->args[0], ask->args[1]);
	json_decref(answer);
	return CTL_DONE;
}

static const char *kind_word(json_t *one)
{
	const char *kind = ctl_text(one, "kind");
	if (!strcmp(kind, "phone"))
		return TR("phone", "전화");
	return strcmp(kind, "email") ? TR("alias", "다른 시스템의 id")
	                             : TR("e-mail", "메일");
}

static void add_row(struct table *table, json_t *one)
{
	json_t *customers = json_object_get(one, "customers"),
	       *merge = json_object_get(one, "merge");
	char time[32], *from = table_plain(json_string_value(json_array_get(merge, 0))),
	               *into = table_plain(json_string_value(json_array_get(merge, 1))),
	               *what = mem_printf("customer merge %s %s", from, into);
	table_add(table, json_string_value(json_array_get(customers, 0)),
	        json_string_value(json_array_get(customers, 1)), kind_word(one),
	        ctl_text(one, "shared"), ctl_time(one, "seen", time), what);
	free(from);
	free(into);
	free(what);
}

/* Every page into one list; 0, or why not. */
static int all_pages(const struct ask *ask, json_t *list)
{
	char *path = mem_strdup("/v1/conflicts?limit=1000"), number[32];
	json_t *answer;
	int failed = CTL_DONE;
	while (path && !(failed = ctl_call(ask, "GET", path, NULL, &answer))) {
		json_t *next = json_object_get(answer, "next");
		json_array_extend(list, json_object_get(answer, "conflicts"));
		free(path);
		path = NULL;
		if (json_is_integer(next)) {
			snprintf(number, sizeof number, "%lld",
			        (long long)json_integer_value(next));
			path = ctl_path("/v1/conflicts?limit=1000&after=", number, NULL);
		}
		json_decref(answer);
	}
	free(path);
	return failed;
}

static void show(json_t *list)
{
	struct table table;
	json_t *one;
	size_t i;
	if (!json_array_size(list)) {
		puts(TR("nobody shares what one person has",
		        "같은 사람으로 보이는 고객이 없습니다"));
		return;
	}
	table_init(&table, TR("CUSTOMER", "고객"), TR("AND", "다른 고객"),
	        TR("SHARE", "같은 것"), TR("WHAT", "내용"), TR("SEEN", "본 때"),
	        TR("IF THEY ARE ONE", "같은 사람이면"), NULL);
	json_array_foreach(list, i, one)
	{
		add_row(&table, one);
	}
	table_print(&table, stdout);
	puts(TR("if they are two, as of a family: customer conflicts --dismiss A B",
	        "가족처럼 다른 사람이면: customer conflicts --dismiss A B"));
}

int verb_customer_conflicts(const struct ask *ask)
{
	bool apart = ask_option(ask, "dismiss") != NULL;
	if (ask->n != (apart ? 2 : 0)) {
		ctl_say(TR(
		        "write customer conflicts, or customer conflicts --dismiss A B",
		        "customer conflicts 또는 customer conflicts --dismiss A B로 "
		        "쓰세요"));
		return CTL_USAGE;
	}
	if (apart)
		return dismiss(ask);
	json_t *list = json_array();
	int failed = all_pages(ask, list);
	if (!failed && ask->json)
		return ctl_print(json_pack("{s:o, s:n}", "conflicts", list, "next"));
	if (!failed)
		show(list);
	json_decref(list);
	return failed;
}
