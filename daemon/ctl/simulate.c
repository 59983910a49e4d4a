/* The verb simulate: what would be sent, as a calendar of counts; beside other rules,
 * what would change; with --json, the lines as they come. Holds counts, and never a
 * message. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/calendar.h"
#include "ctl/changes.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

struct show {
	bool json, diff;
	struct calendar calendar;
	struct changes changes;
	char *problem; /* the simulation's own last word, when it broke off */
};

/* The daemon's last line, in place of more, when the simulation failed on the way. */
static bool is_problem(json_t *line)
{
	return json_object_get(line, "title") && json_object_get(line, "status");
}

static void on_line(void *arg, const char *line, size_t len)
{
	struct show *show = arg;
	json_t *row = json_loadb(line, len, 0, NULL);

	if (!row)
		return;
	if (is_problem(row)) {
		free(show->problem);
		show->problem = mem_strdup(ctl_text(row, "detail"));
	} else if (show->json) {
		fwrite(line, 1, len, stdout);
		putchar('\n');
	} else if (show->diff) {
		changes_take(&show->changes, row);
	} else {
		calendar_take(&show->calendar, row);
	}
	json_decref(row);
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

/* Adds a folder by its whole path; false after saying what is wrong. */
static bool add_folder(json_t *body, const char *name, const char *folder)
{
	char whole[PATH_MAX];

	if (folder && !realpath(folder, whole)) {
		ctl_say("%s: %s", folder, strerror(errno));
		return false;
	}
	if (folder)
		json_object_set_new(body, name, json_string(whole));
	return true;
}

static json_t *wish(const struct ask *ask)
{
	const char *from = ask_option(ask, "from"), *to = ask_option(ask, "to");
	const char *events = ask_option(ask, "events"), *diff = ask_option(ask, "diff");
	json_t *body = json_object();

	if (from)
		json_object_set_new(body, "from", json_string(from));
	if (to)
		json_object_set_new(body, "to", json_string(to));
	if (!ask->json && !diff)
		json_object_set_new(body, "summary", json_true());
	if (add_folder(body, "rules", ask_option(ask, "rules")) &&
	        add_folder(body, "diff", diff) && (!events || add_events(body, events)))
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

static void print(struct show *show)
{
	if (show->diff) {
		changes_print(&show->changes);
		return;
	}
	if (calendar_print(&show->calendar))
		puts(TR("nothing was sent: this is what the rules would do if no other "
		        "event came",
		        "아무것도 보내지 않았습니다. 다른 이벤트가 없을 때 규칙이 할 "
		        "일입니다"));
	else
		puts(TR("nothing would be sent", "나갈 것이 없습니다"));
}

int verb_simulate(const struct ask *ask)
{
	struct show show = {.json = ask->json, .diff = ask_option(ask, "diff") != NULL};
	json_t *body = wish(ask);
	int failed;

	if (!body)
		return CTL_FAILED;
	calendar_open(&show.calendar);
	changes_open(&show.changes);
	failed = ask_daemon(ask, &show, body);
	json_decref(body);
	if (show.problem) {
		ctl_say("%s", show.problem);
		failed = CTL_FAILED;
	}
	free(show.problem);
	if (!failed && !ask->json)
		print(&show);
	calendar_close(&show.calendar);
	changes_close(&show.changes);
	return failed;
}
