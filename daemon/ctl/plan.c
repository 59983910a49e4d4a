/* The plan of a rule in sentences: whom it would reach, why not the others, at what cost.
 * It counts nothing itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "store/message.h"
#include "store/skip.h"

/* "sms 250, email 30" */
static void show_channels(json_t *channels)
{
	const char *name, *between = "";
	json_t *n;
	json_object_foreach(channels, name, n)
	{
		printf("%s%s %lld", between, name, (long long)json_integer_value(n));
		between = ", ";
	}
}

static void show_left_out(json_t *reasons)
{
	const char *word;
	json_t *n;
	json_object_foreach(reasons, word, n)
	{
		const char *text = skip_text(word);
		if (!text)
			text = reason_text(reason_parse(word));
		printf("    %lld %s: %s\n", (long long)json_integer_value(n), word, text);
	}
}

static void show_span(const char *when, json_t *span)
{
	char found[32], reached[32], cost[32];
	json_t *channels = json_object_get(span, "channels");
	printf(TR("  %s: %s customers, %s of them would be written to",
	               "  %s: 고객 %s명, 그 가운데 %s명에게 나갑니다"),
	        when, ctl_number(span, "found", found),
	        ctl_number(span, "reached", reached));
	if (json_object_size(channels)) {
		fputs(" (", stdout);
		show_channels(channels);
		fputs(")", stdout);
	}
	if (json_is_integer(json_object_get(span, "cost")) && strcmp(reached, "0") != 0)
		printf(TR(", about %s won", ", 약 %s원"), ctl_number(span, "cost", cost));
	putchar('\n');
	show_left_out(json_object_get(span, "left_out"));
}

/* What the channels' budgets will do about it. */
static void show_budgets(json_t *budgets)
{
	char cost[32], left[32], until[32];
	json_t *one;
	size_t i;
	json_array_foreach(budgets, i, one)
	        printf(TR("  over %s they cost about %s won and %s are left of its "
	                  "budget: what passes it waits until %s\n",
	                       "  %s: 약 %s원이 드는데 예산은 %s원 남았습니다. 넘는 "
	                       "것은 %s까지 기다립니다\n"),
	                ctl_text(one, "channel"), ctl_number(one, "cost", cost),
	                ctl_number(one, "left", left), ctl_time(one, "until", until));
}

/* What the blast guard will do about it. */
static void show_guard(json_t *plan)
{
	json_t *guard = json_object_get(plan, "guard"),
	       *allowed = json_object_get(guard, "allowed");
	long long held = json_integer_value(json_object_get(guard, "held")),
	          now = json_integer_value(
	                  json_object_get(json_object_get(plan, "now"), "reached")),
	          started = json_integer_value(json_object_get(guard, "started"));
	if (held)
		printf(TR("  held by the blast guard: %lld\n",
		               "  대량 발송 방지가 붙든 것: %lld건\n"),
		        held);
	if (json_is_integer(allowed) && now + started > json_integer_value(allowed))
		printf(TR("  %lld may start in 24 hours; what is beyond is held until "
		          "`dangolctl rule approve %s`\n",
		               "  24시간에 %lld명까지 시작합니다. 넘는 것은 `dangolctl "
		               "rule approve %s`를 할 때까지 붙듭니다\n"),
		        (long long)json_integer_value(allowed), ctl_text(plan, "rule"));
}

static void show_plan(json_t *plan)
{
	long long times = json_integer_value(json_object_get(plan, "times"));
	json_t *id;
	size_t i;
	printf("%s: %s\n", ctl_text(plan, "rule"), ctl_text(plan, "trigger"));
	if (json_is_true(json_object_get(plan, "owner"))) {
		printf(TR("  within a week: to the owner, %lld times\n",
		               "  일주일 안: 사장님께 %lld번\n"),
		        times);
		return;
	}
	show_span(TR("now", "지금"), json_object_get(plan, "now"));
	show_span(TR("within a week", "일주일 안"), json_object_get(plan, "week"));
	if (json_array_size(json_object_get(plan, "sample")))
		fputs(TR("  now, for example:", "  지금, 예를 들면:"), stdout);
	json_array_foreach(json_object_get(plan, "sample"), i, id)
	        printf(" %s", json_string_value(id));
	if (i)
		putchar('\n');
	show_budgets(json_object_get(plan, "budgets"));
	show_guard(plan);
	if (json_is_false(json_object_get(plan, "complete")))
		puts(TR("  not all customers could be looked at in the time there was",
		        "  시간 안에 모든 고객을 다 보지는 못했습니다"));
}

void ctl_show_plans(json_t *plans)
{
	json_t *plan;
	size_t i;
	json_array_foreach(plans, i, plan) if (json_is_object(plan)) show_plan(plan);
}

int verb_rule_plan(const struct ask *ask)
{
	char *path = ctl_path("/v1/rules/", ask->args[0], "/plan", NULL);
	json_t *plan;
	int failed = ctl_call(ask, "GET", path, NULL, &plan);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(plan);
	show_plan(plan);
	json_decref(plan);
	return CTL_DONE;
}
