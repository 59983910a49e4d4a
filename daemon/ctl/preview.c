/* The verb preview: how the messages of a rule, or one template, would read for a
 * customer, and what the carrier would ask for them. Sends nothing. */
#include <stdio.h>
#include <stdlib.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"

static void show_line(const char *name, const char *value)
{
	if (value[0])
		printf("  %s: %s\n", name, value);
}

char *ctl_size(json_t *message)
{
	char won[32], bytes[32];
	struct buf out = {0};

	if (ctl_text(message, "kind")[0])
		buf_printf(&out, TR("%s, %s bytes", "%s, %s바이트"),
		        ctl_text(message, "kind"), ctl_number(message, "bytes", bytes));
	if (json_is_integer(json_object_get(message, "price")))
		buf_printf(&out, "%s%s원", out.len ? ", " : "",
		        ctl_number(message, "price", won));
	return out.data ? out.data : mem_strdup("");
}

static void show_budget(json_t *budget)
{
	char left[32], until[32];

	if (json_is_object(budget))
		printf(TR("  waits: %s won are left of the channel's budget until %s\n",
		               "  기다림: 채널 예산이 %s원 남았고 %s에 새로 셉니다\n"),
		        ctl_number(budget, "left", left),
		        ctl_time(budget, "until", until));
}

static void show_message(json_t *message)
{
	char *size = ctl_size(message);

	printf("%s, %s%s%s\n", ctl_text(message, "channel"),
	        ctl_text(message, "template"), size[0] ? ": " : "", size);
	free(size);
	if (ctl_text(message, "problem")[0]) {
		show_line(TR("cannot go", "보낼 수 없음"), ctl_text(message, "problem"));
		return;
	}
	show_line(TR("to", "받는 이"), ctl_text(message, "to"));
	show_line(TR("from", "보내는 이"), ctl_text(message, "from"));
	show_line(TR("subject", "제목"), ctl_text(message, "subject"));
	if (json_is_true(json_object_get(message, "sample_event")))
		show_line(TR("event", "이벤트"),
		        TR("made up: this customer has none of this kind yet",
		                "지어낸 것: 이 고객에게는 아직 그런 이벤트가 없습니다"));
	show_budget(json_object_get(message, "budget"));
	printf("%s\n\n", ctl_text(message, "text"));
}

/* A rule of that name, else a template. */
static bool is_rule(const char *name)
{
	char *path = ctl_path("/v1/rules/", name, NULL);
	json_t *answer;
	int status = 0;

	if (ctl_ask("GET", path, NULL, &status, &answer) == CTL_DONE)
		json_decref(answer);
	free(path);
	return status == 200;
}

int verb_preview(const struct ask *ask)
{
	const char *kind = is_rule(ask->args[0]) ? "rule" : "template",
	           *channel = ask_option(ask, "channel");
	json_t *body = json_pack(
	               "{s:s, s:s}", kind, ask->args[0], "customer", ask->args[1]),
	       *answer, *message;
	size_t i;

	if (channel)
		json_object_set_new(body, "channel", json_string(channel));
	int failed = ctl_call(ask, "POST", "/v1/preview", body, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	json_array_foreach(json_object_get(answer, "messages"), i, message)
	        show_message(message);
	json_decref(answer);
	return CTL_DONE;
}
