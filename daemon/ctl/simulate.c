/* The verb simulate: what would be sent, counted by day and rule, then line by line; with
 * --json, the lines as they come. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

struct tally {
	char *day, *rule;
	int64_t sent, others;
};

struct show {
	bool json;
	struct table lines;
	struct tally *tallies; /* in order of day; within one, of first appearance */
	size_t n;
	int64_t n_lines;
	char *problem; /* the simulation's own last word, when it broke off */
};

static struct tally *tally_of(struct show *show, const char *day, const char *rule)
{
	for (size_t i = show->n; i-- > 0 && strcmp(show->tallies[i].day, day) == 0;)
		if (strcmp(show->tallies[i].rule, rule) == 0)
			return &show->tallies[i];
	struct tally *tally = mem_grow(&show->tallies, show->n, sizeof *tally);
	*tally = (struct tally){.day = mem_strdup(day), .rule = mem_strdup(rule)};
	show->n++;
	return tally;
}

static void keep(struct show *show, json_t *message)
{
	char time[32], day[16];
	const char *state = ctl_text(message, "state"),
	           *reason = ctl_text(message, "reason");
	char *what = mem_printf("%s%s%s", state, reason[0] ? ": " : "", reason);
	bool sent = strcmp(state, "accepted") == 0;
	ctl_time(message, "time", time);
	snprintf(day, sizeof day, "%.10s", time);
	struct tally *tally = tally_of(show, day, ctl_text(message, "rule"));
	tally->sent += sent;
	tally->others += !sent;
	table_add(&show->lines, time, ctl_text(message, "rule"),
	        ctl_text(message, "customer"), ctl_text(message, "channel"), what,
	        ctl_text(message, "coupon"), ctl_text(message, "text"));
	free(what);
}

static void on_line(void *arg, const char *line, size_t len)
{
	struct show *show = arg;
	json_t *message = json_loadb(line, len, 0, NULL);
	if (!message)
		return;
	bool is_problem =
	        json_object_get(message, "title") && !json_object_get(message, "state");
	if (is_problem) {
		free(show->problem);
		show->problem = mem_strdup(ctl_text(message, "detail"));
	} else if (show->json) {
		fwrite(line, 1, len, stdout);
		putchar('\n');
	} else {
		keep(show, message);
	}
	show->n_lines++;
	json_decref(message);
}

static void print_tallies(struct show *show)
{
	struct table table;
	char sent[32], others[32];
	table_init(&table, TR("day", "날짜"), TR("rule", "규칙"), TR("sent", "발송"),
	        TR("not sent", "보내지 않음"), NULL);
	for (size_t i = 0; i < show->n; i++) {
		struct tally *tally = &show->tallies[i];
		table_add(&table, tally->day, tally->rule, text_number(tally->sent, sent),
		        text_number(tally->others, others));
		free(tally->day);
		free(tally->rule);
	}
	free(show->tallies);
	table_print(&table, stdout);
	putchar('\n');
}

/* ---- what is asked ---- */

static bool add_events(json_t *body, const char *file)
{
	FILE *in = fopen(file, "r");
	char *line = NULL;
	size_t size = 0;
	int number = 0;
	bool good = in != NULL;
	json_t *events = json_array();
	if (!in)
		ctl_say("%s: %s", file, strerror(errno));
	for (ssize_t n; good && (n = getline(&line, &size, in)) >= 0;) {
		number++;
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		json_t *event = json_loadb(line, (size_t)n, 0, NULL);
		good = event && json_array_append_new(events, event) == 0;
		if (!good)
			ctl_say(TR("%s:%d: this line is no JSON object",
			                "%s:%d: 이 줄은 JSON 객체가 아닙니다"),
			        file, number);
	}
	free(line);
	if (in)
		fclose(in);
	json_object_set_new(body, "events", events);
	return good;
}

static json_t *wish(const struct ask *ask)
{
	const char *from = ask_option(ask, "from"), *to = ask_option(ask, "to");
	const char *rules = ask_option(ask, "rules"), *events = ask_option(ask, "events");
	char folder[PATH_MAX];
	json_t *body = json_object();
	if (from)
		json_object_set_new(body, "from", json_string(from));
	if (to)
		json_object_set_new(body, "to", json_string(to));
	if (rules && !realpath(rules, folder)) {
		ctl_say("%s: %s", rules, strerror(errno));
		json_decref(body);
		return NULL;
	}
	if (rules)
		json_object_set_new(body, "rules", json_string(folder));
	if (!events || add_events(body, events))
		return body;
	json_decref(body);
	return NULL;
}

static int ask_daemon(const struct ask *ask, struct show *show, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT), why[512];
	struct client_request request = {.method = "POST",
	        .target = "/v1/simulate",
	        .type = "application/json",
	        .body = text,
	        .len = strlen(text),
	        .line = on_line,
	        .arg = show};
	struct client_answer answer;
	int failed = client_call(&request, &answer, why);
	free(text);
	if (failed) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	if (answer.status >= 300) {
		json_t *problem = answer.body.len ? json_loadb(answer.body.data,
		                                            answer.body.len, 0, NULL)
		                                  : NULL;
		buf_free(&answer.body);
		return ctl_refused(ask, problem ? problem : json_object());
	}
	buf_free(&answer.body);
	return CTL_DONE;
}

int verb_simulate(const struct ask *ask)
{
	struct show show = {.json = ask->json};
	json_t *body = wish(ask);
	if (!body)
		return CTL_FAILED;
	table_init(&show.lines, TR("time", "시각"), TR("rule", "규칙"),
	        TR("customer", "고객"), TR("channel", "채널"), TR("state", "상태"),
	        TR("coupon", "쿠폰"), TR("text", "내용"), NULL);
	int failed = ask_daemon(ask, &show, body);
	json_decref(body);
	if (show.problem) {
		ctl_say("%s", show.problem);
		failed = CTL_FAILED;
	}
	free(show.problem);
	if (ask->json || !show.n)
		table_drop(&show.lines);
	if (ask->json || (failed && !show.n))
		return failed;
	if (!show.n) {
		puts(TR("nothing would be sent", "나갈 것이 없습니다"));
		return failed;
	}
	print_tallies(&show);
	table_print(&show.lines, stdout);
	puts(TR("\nnothing was sent: this is what the rules would do if no other event "
	        "came",
	        "\n아무것도 보내지 않았습니다. 다른 "
	        "이벤트가 없을 때 규칙이 할 일입니다"));
	return failed;
}
