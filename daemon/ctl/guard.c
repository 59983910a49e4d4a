/* The owner's word to the blast guard: what it holds of a rule goes, or is dropped. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"

static long long count_of(json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

/* Takes body. */
static int say(const struct ask *ask, const char *word, json_t *body, json_t **answer)
{
	char *path = ctl_path("/v1/rules/", ask->args[0], "/", word, NULL);
	int failed = ctl_call(ask, "POST", path, body, answer);
	free(path);
	return failed;
}

int verb_rule_approve(const struct ask *ask)
{
	const char *up_to = ask_option(ask, "up-to");
	json_t *body = json_object(), *answer, *guard;
	char *end;
	if (up_to) {
		errno = 0;
		long long n = strtoll(up_to, &end, 10);
		if (*end || end == up_to || errno || n <= 0) {
			ctl_say(TR("--up-to %s: write a number of customers",
			                "--up-to %s: 고객 수를 적어 주세요"),
			        up_to);
			json_decref(body);
			return CTL_FAILED;
		}
		json_object_set_new(body, "up_to", json_integer(n));
	}
	int failed = say(ask, "approve", body, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	guard = json_object_get(answer, "guard");
	printf(TR("%s: %lld released, %lld still held; %lld may start in 24 hours\n",
	               "%s: %lld건을 보냅니다. 아직 붙든 것 %lld건, 24시간에 %lld명까지 "
	               "시작할 수 있습니다\n"),
	        ctl_text(answer, "name"), count_of(answer, "released"),
	        count_of(guard, "held"), count_of(guard, "allowed"));
	ctl_show_plans(json_object_get(answer, "plans"));
	json_decref(answer);
	return CTL_DONE;
}

static int dropped(const struct ask *ask, const char *word)
{
	json_t *answer;
	char time[32];
	int failed = say(ask, word, NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s: %lld dropped\n", "%s: %lld건을 버렸습니다\n"),
	        ctl_text(answer, "name"), count_of(answer, "dropped"));
	if (ctl_text(answer, "until")[0])
		printf(TR("  what is too many is dropped until %s\n",
		               "  %s까지 넘치는 것은 바로 버립니다\n"),
		        ctl_time(answer, "until", time));
	json_decref(answer);
	return CTL_DONE;
}

int verb_rule_drop(const struct ask *ask)
{
	return dropped(ask, "drop");
}

int verb_rule_skip(const struct ask *ask)
{
	return dropped(ask, "skip");
}
