/* What the daemon itself has to say to the owner. It repeats nothing within a day, and in
 * a simulation, which has no owner, it is silent. */
#include "engine/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/period.h"

bool notice_is(const struct message *message)
{
	return !message->template[0] && !strcmp(message->rule, NOTICE_RULE);
}

/* The run that stands for a notice: done as it begins, its occasion the kind, the thing
 * and the day. 0: there was one. */
static int64_t begin(struct engine *engine, const char *kind, const char *about,
        int32_t day, struct rule_row *row, int64_t now)
{
	struct run run = {.customer = CUSTOMER_OWNER,
	        .started_at = now,
	        .ended_at = now,
	        .planned = 1,
	        .reason = "done"};
	char date[16];

	rule_row_get(engine->db, NOTICE_RULE, now, row);
	run.rule = row->id;
	run.version = row->version;
	snprintf(run.occasion, sizeof run.occasion, "%.16s %.64s %s", kind, about,
	        calendar_format_date(day, date));
	return run_start(engine->db, &run);
}

bool notice_owner_of(struct engine *engine, const char *kind, const char *about,
        int32_t day, int64_t now, const char *text)
{
	struct rule_row row;
	struct message message = {
	        .rule = NOTICE_RULE,
	        .customer = CUSTOMER_OWNER,
	        .channel = "owner",
	        .template = "",
	        .purpose = purpose_name(PURPOSE_NOTICE),
	        .data = text,
	        .flags = MESSAGE_LAST_LEG,
	        .planned_at = now,
	        .due_at = now,
	        .expires_at = now + engine->shop->hold_max_ms,
	};

	if (engine->simulated)
		return false;
	message.run = begin(engine, kind, about, day, &row, now);
	if (!message.run)
		return false;
	log_warn("%s", text);
	if (!engine->owner_reachable)
		return true;
	message_plan(engine->db, &message);
	if (engine->on_planned)
		engine->on_planned(engine->arg, message.channel);
	return true;
}

bool notice_owner(struct engine *engine, const char *kind, const char *about, int64_t now,
        const char *text)
{
	return notice_owner_of(
	        engine, kind, about, zone_day(engine->shop->zone, now), now, text);
}

const char *notice_span(int64_t ms, char out[32])
{
	if (ms % MS_HOUR)
		snprintf(out, 32, TR("%lld minutes", "%lld분"),
		        (long long)(ms / MS_MINUTE));
	else
		snprintf(
		        out, 32, TR("%lld hours", "%lld시간"), (long long)(ms / MS_HOUR));
	return out;
}

void notice_no_coupon(
        struct engine *engine, const struct rule *rule, const char *coupon, int64_t now)
{
	char late[32];
	char *text = mem_printf(
	        TR("Coupon %s: no code is left. Customers of rule %s wait until more "
	           "are added, for %s at most.",
	                "쿠폰 %s의 코드가 다 떨어졌습니다. 규칙 %s의 고객들이 코드가 "
	                "더해질 때까지 길어야 %s 기다립니다."),
	        coupon, rule->name, notice_span(rule->late_ms, late));

	notice_owner(engine, "no_coupon", coupon, now, text);
	free(text);
}

/* Another budget is another thing to speak of. */
static void say_budget(struct engine *engine, const char *kind,
        const struct budget_state *state, int64_t now, const char *text)
{
	const struct budget *budget = state->budget;
	char about[64];

	snprintf(about, sizeof about, "%s %lld/%s", budget->channel,
	        (long long)budget->won, period_name(budget->per));
	notice_owner_of(engine, kind, about, state->from, now, text);
}

void notice_budget_used(
        struct engine *engine, const struct budget_state *state, int64_t now)
{
	char budget[64], used[32], date[32];
	char *text = mem_printf(
	        TR("Channel %s: the budget of %s is used up (%s won). Advertisements "
	           "wait until %s; the rest goes on. A higher budget in dangol.conf "
	           "lets them go.",
	                "%s 채널: 예산 %s을 다 썼습니다 (%s원). 광고는 %s까지 "
	                "기다리고 나머지는 나갑니다. dangol.conf의 예산을 올리면 "
	                "나갑니다."),
	        state->budget->channel, budget_text(state->budget, budget),
	        text_number(state->used, used),
	        calendar_format_date(zone_day(engine->shop->zone, state->ends), date));

	say_budget(engine, "budget", state, now, text);
	free(text);
}

void notice_budget_near(
        struct engine *engine, const struct budget_state *state, int64_t now)
{
	char budget[64], used[32];
	char *text = mem_printf(
	        TR("Channel %s: %s won of the budget of %s are spent. When it is used "
	           "up, advertisements wait.",
	                "%s 채널: %s원을 썼습니다. 예산은 %s입니다. 다 쓰면 광고는 "
	                "기다립니다."),
	        state->budget->channel, text_number(state->used, used),
	        budget_text(state->budget, budget));

	say_budget(engine, "budget_near", state, now, text);
	free(text);
}
