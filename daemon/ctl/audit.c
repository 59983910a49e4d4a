/* The access log: its rows, a month of it to look over, and whether it is whole. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

/* ---- is it whole ---- */

static const char *fault_words(const char *fault)
{
	static const struct {
		const char *fault, *english, *korean;
	} words[] = {
	        {"changed", "this row was changed", "이 줄이 바뀌었습니다"},
	        {"gap", "rows before this one are missing",
	                "이 줄 앞에 빠진 줄이 있습니다"},
	        {"base", "rows before this one were taken away by hand",
	                "이 줄 앞의 줄을 누가 손으로 지웠습니다"},
	        {"cut",
	                "the log ended with this row or behind it, as the file "
	                ".audit-head "
	                "beside the store says: its end was cut or changed",
	                "저장소 옆의 .audit-head 파일에는 이 줄까지 있었습니다. 끝이 "
	                "잘렸거나 바뀌었습니다"},
	        {"broke",
	                "a start of the daemon found another end than was left, and no "
	                "reason was given: dangolctl audit reason ROW \"TEXT\"",
	                "데몬이 시작할 때 끝이 남긴 것과 달랐고 까닭이 적혀 있지 "
	                "않습니다: "
	                "dangolctl audit reason 줄번호 \"까닭\""},
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(words[i].fault, fault))
			return TR(words[i].english, words[i].korean);
	return fault;
}

static int verify(const struct ask *ask)
{
	json_t *answer;
	char rows[32], row[32];
	int failed = ctl_call(ask, "GET", "/v1/audit/check", NULL, &answer);
	if (failed)
		return failed;
	bool whole = json_is_true(json_object_get(answer, "whole"));
	if (ask->json) {
		ctl_print(answer);
		return whole ? CTL_DONE : CTL_FAILED;
	}
	if (whole)
		printf(TR("the access log is whole: %s rows\n",
		               "접속기록에 빠지거나 바뀐 것이 없습니다: %s줄\n"),
		        ctl_number(answer, "rows", rows));
	else
		printf(TR("the access log is not whole: row %s: %s\n",
		               "접속기록이 온전하지 않습니다. %s번째 줄: %s\n"),
		        ctl_number(answer, "row", row),
		        fault_words(ctl_text(answer, "fault")));
	if (!json_is_true(json_object_get(answer, "head")))
		puts(TR("there is no file .audit-head beside the store to compare its "
		        "end with",
		        "끝을 견주어 볼 .audit-head 파일이 저장소 옆에 없습니다"));
	json_decref(answer);
	return whole ? CTL_DONE : CTL_FAILED;
}

/* ---- rows ---- */

/* As it is given back to `audit reason`: without commas. */
static const char *row_of(json_t *entry, char out[32])
{
	snprintf(out, 32, "%lld",
	        (long long)json_integer_value(json_object_get(entry, "id")));
	return out;
}

static void show_rows(json_t *rows)
{
	char time[32], count[32], id[32];
	json_t *entry;
	size_t i;
	struct table table;
	table_init(&table, TR("row", "줄"), TR("time", "시각"), TR("who", "누가"),
	        TR("account", "계정"), TR("what", "무엇을"), TR("of", "대상"),
	        TR("count", "수"), TR("detail", "자세히"), NULL);
	json_array_foreach(rows, i, entry)
	        table_add(&table, row_of(entry, id), ctl_time(entry, "time", time),
	                ctl_text(entry, "who"), ctl_text(entry, "account"),
	                ctl_text(entry, "what"), ctl_text(entry, "target"),
	                json_is_integer(json_object_get(entry, "count"))
	                        ? ctl_number(entry, "count", count)
	                        : "",
	                ctl_text(entry, "detail"));
	table_print(&table, stdout);
}

static void add_part(struct buf *path, const char *name, const char *value)
{
	if (!value)
		return;
	char *part = ctl_path(name, value, NULL);
	buf_adds(path, part);
	free(part);
}

static int list(const struct ask *ask)
{
	const char *limit = ask_option(ask, "limit");
	struct buf path = {0};
	json_t *answer;
	add_part(&path, "/v1/audit?limit=", limit ? limit : "100");
	add_part(&path, "&month=", ask_option(ask, "month"));
	add_part(&path, "&customer=", ask_option(ask, "customer"));
	add_part(&path, "&who=", ask_option(ask, "who"));
	int failed = ctl_call(ask, "GET", path.data, NULL, &answer);
	buf_free(&path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	show_rows(json_object_get(answer, "audit"));
	json_decref(answer);
	return CTL_DONE;
}

/* ---- a month ---- */

static void show_kinds(json_t *kinds)
{
	char times[32], count[32];
	json_t *kind;
	size_t i;
	struct table table;
	table_init(&table, TR("who", "누가"), TR("account", "계정"), TR("what", "무엇을"),
	        TR("times", "횟수"), TR("count", "수"), NULL);
	json_array_foreach(kinds, i, kind)
	        table_add(&table, ctl_text(kind, "who"), ctl_text(kind, "account"),
	                ctl_text(kind, "what"), ctl_number(kind, "times", times),
	                json_is_integer(json_object_get(kind, "count"))
	                        ? ctl_number(kind, "count", count)
	                        : "");
	table_print(&table, stdout);
}

static void show_download(json_t *one)
{
	char time[32], id[32];
	const char *reason = ctl_text(one, "reason");
	printf("  %s  %s  %s %s  %s %s: %s\n", row_of(one, id),
	        ctl_time(one, "time", time), ctl_text(one, "who"),
	        ctl_text(one, "account"), ctl_text(one, "what"), ctl_text(one, "target"),
	        *reason ? reason
	                : TR("no reason given yet (dangolctl audit reason ROW \"TEXT\")",
	                          "아직 까닭이 없습니다 (dangolctl audit reason 줄번호 "
	                          "\"까닭\")"));
}

static int review(const struct ask *ask, const char *month)
{
	char *path = ctl_path("/v1/audit/review?month=", month, NULL), more[32];
	json_t *answer, *one;
	size_t i;
	int failed = ctl_call(ask, "GET", path, NULL, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	show_kinds(json_object_get(answer, "kinds"));
	json_t *downloads = json_object_get(answer, "downloads");
	if (json_array_size(downloads))
		puts(TR("downloads:", "내려받은 것:"));
	json_array_foreach(downloads, i, one) show_download(one);
	if (json_integer_value(json_object_get(answer, "more")))
		printf(TR("  and %s more\n", "  그 밖에 %s건\n"),
		        ctl_number(answer, "more", more));
	bool done = json_is_string(json_object_get(answer, "reviewed"));
	puts(done ? TR("this month was looked over", "점검을 마친 달입니다")
	          : TR("this month was not looked over yet: dangolctl audit --reviewed",
	                    "아직 점검하지 않은 달입니다: dangolctl audit --reviewed"));
	json_decref(answer);
	return CTL_DONE;
}

/* The month that waits for it; "" when none does. */
static int due_month(const struct ask *ask, char out[16])
{
	json_t *status;
	int failed = ctl_call(ask, "GET", "/v1/status", NULL, &status);
	if (failed)
		return failed;
	snprintf(out, 16, "%s", ctl_text(json_object_get(status, "audit"), "due"));
	json_decref(status);
	return CTL_DONE;
}

static int reviewed(const struct ask *ask, const char *month)
{
	char due[16];
	json_t *answer;
	if (!month) {
		int failed = due_month(ask, due);
		if (failed)
			return failed;
		month = due;
	}
	if (!*month) {
		ctl_say(TR("no month waits to be looked over", "점검할 달이 없습니다"));
		return CTL_FAILED;
	}
	int failed = ctl_call(ask, "POST", "/v1/audit/review",
	        json_pack("{s:s}", "month", month), &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s was looked over\n", "%s 점검을 마쳤습니다\n"),
	        ctl_text(answer, "month"));
	json_decref(answer);
	return CTL_DONE;
}

/* ---- verbs ---- */

int verb_audit(const struct ask *ask)
{
	const char *month = ask_option(ask, "month");
	if (ask_option(ask, "verify"))
		return verify(ask);
	if (ask_option(ask, "reviewed"))
		return reviewed(ask, month);
	if (month && !ask_option(ask, "customer") && !ask_option(ask, "who"))
		return review(ask, month);
	return list(ask);
}

int verb_audit_reason(const struct ask *ask)
{
	char *path = ctl_path("/v1/audit/", ask->args[0], "/reason", NULL);
	json_t *answer;
	int failed = ctl_call(
	        ask, "POST", path, json_pack("{s:s}", "text", ask->args[1]), &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	puts(TR("kept", "적었습니다"));
	json_decref(answer);
	return CTL_DONE;
}
