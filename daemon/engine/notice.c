/* What the daemon itself has to say to the owner. It repeats nothing within a day, and in
 * a simulation, which has no owner, it is silent. */
#include "engine/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"

bool notice_is(const struct message *message)
{
	return !message->template[0] && !strcmp(message->rule, NOTICE_RULE);
}

/* The run that stands for a notice: done as it begins, its occasion the kind, the thing
 * and the day. 0: there was one. */
static int64_t begin(struct engine *engine, const char *kind, const char *about,
        struct rule_row *row, int64_t now)
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
	        calendar_format_date(zone_day(engine->shop->zone, now), date));
	return run_start(engine->db, &run);
}

bool notice_owner(struct engine *engine, const char *kind, const char *about, int64_t now,
        const char *text)
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
	message.run = begin(engine, kind, about, &row, now);
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
