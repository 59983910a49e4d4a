/* Asks the daemon for the verbs and tells the owner what it answered: as a sentence, or
 * as one JSON value. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

void ctl_say(const char *fmt, ...)
{
	va_list ap;
	fputs("dangolctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

char *ctl_path(const char *part, ...)
{
	struct buf path = {0};
	va_list ap;
	bool value = false;
	va_start(ap, part);
	for (; part; part = va_arg(ap, const char *)) {
		if (value)
			client_escape(&path, part);
		else
			buf_adds(&path, part);
		value = !value;
	}
	va_end(ap);
	return buf_take(&path);
}

int ctl_ask(const char *method, const char *path, json_t *body, int *status, json_t **out)
{
	char why[512];
	struct client_answer answer;
	struct client_request request = {.method = method, .target = path};
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	if (text) {
		request.type = "application/json";
		request.body = text;
		request.len = strlen(text);
	}
	int result = client_call(&request, &answer, why);
	free(text);
	if (result) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	*status = answer.status;
	*out = answer.body.len ? json_loadb(answer.body.data, answer.body.len,
	                                 JSON_DECODE_ANY, NULL)
	                       : NULL;
	if (!*out)
		*out = json_object();
	buf_free(&answer.body);
	return CTL_DONE;
}

int ctl_refused(const struct ask *ask, json_t *problem)
{
	const char *detail = ctl_text(problem, "detail"),
	           *pointer = ctl_text(problem, "pointer");
	if (!detail[0])
		detail = ctl_text(problem, "title");
	ctl_say("%s%s%s%s", detail, pointer[0] ? " (" : "", pointer,
	        pointer[0] ? ")" : "");
	if (ask->json)
		ctl_print(json_incref(problem));
	json_decref(problem);
	return CTL_FAILED;
}

int ctl_call(const struct ask *ask, const char *method, const char *path, json_t *body,
        json_t **out)
{
	json_t *answer;
	int status;
	if (ctl_ask(method, path, body, &status, &answer))
		return CTL_FAILED;
	if (status >= 300)
		return ctl_refused(ask, answer);
	if (out)
		*out = answer;
	else
		json_decref(answer);
	return CTL_DONE;
}

int ctl_print(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
	json_decref(json);
	return CTL_DONE;
}

const char *ctl_text(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

char *ctl_time(json_t *object, const char *name, char *out)
{
	const char *text = ctl_text(object, name);
	snprintf(out, 32, "%.16s", text);
	if (strlen(out) == 16)
		out[10] = ' ';
	return out;
}

char *ctl_number(json_t *object, const char *name, char *out)
{
	return text_number(json_integer_value(json_object_get(object, name)), out);
}

void ctl_show_places(json_t *list, FILE *out)
{
	json_t *item;
	size_t i;
	json_array_foreach(list, i, item)
	{
		long long line = json_integer_value(json_object_get(item, "line")),
		          column = json_integer_value(json_object_get(item, "column"));
		bool warning = json_is_true(json_object_get(item, "warning"));
		fprintf(out, "%s", ctl_text(item, "file"));
		if (line)
			fprintf(out, ":%lld:%lld", line, column);
		fprintf(out, ": %s%s\n", warning ? TR("warning: ", "주의: ") : "",
		        ctl_text(item, "message"));
		if (ctl_text(item, "hint")[0])
			fprintf(out, "    %s\n", ctl_text(item, "hint"));
	}
}
