/* What a compiled program says of itself: durations, validity, and its declarations by
 * name. Compiles nothing. */
#include "language/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"

#define FIND(list, count) \
	for (size_t i = 0; i < program->count; i++) \
		if (!strcmp(program->list[i].name, name)) \
			return &program->list[i]; \
	return NULL

const struct rule *program_rule(const struct program *program, const char *name)
{
	FIND(rules, n_rules);
}

const struct segment *program_segment(const struct program *program, const char *name)
{
	FIND(segments, n_segments);
}

const struct coupon_decl *program_coupon(const struct program *program, const char *name)
{
	FIND(coupons, n_coupons);
}

bool op_to_customer(const struct op *op)
{
	return op->kind == OP_SEND && !op->legs[0].url &&
	       strcmp(op->legs[0].channel, "owner") != 0;
}

const struct op *rule_first_send(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_ops; i++)
		if (op_to_customer(&rule->ops[i]))
			return &rule->ops[i];
	return NULL;
}

int64_t duration_from(
        struct duration duration, struct zone *zone, int64_t instant, int sign)
{
	int32_t day;

	if (duration.months || duration.days) {
		int ms = zone_ms_of_day(zone, instant);
		int64_t part = instant - zone_instant(zone, zone_day(zone, instant), ms);
		day = calendar_add_months(
		              zone_day(zone, instant), sign * duration.months) +
		      sign * duration.days;
		/* An hour that came twice keeps to its first time. */
		instant = zone_instant(zone, day, ms) +
		          (part >= 0 && part < MS_SECOND ? part : 0);
	}
	return instant + sign * duration.ms;
}

bool duration_is_clock(struct duration duration)
{
	return duration.months == 0 && duration.days == 0;
}

const char *purpose_name(enum purpose purpose)
{
	switch (purpose) {
	case PURPOSE_AD:
		return "ad";
	case PURPOSE_INFO:
		return "info";
	case PURPOSE_NOTICE:
		return "notice";
	}
	return "";
}

bool trigger_is_timed(const struct trigger *trigger)
{
	switch (trigger->kind) {
	case TRIGGER_BIRTHDAY:
	case TRIGGER_RELATIVE:
	case TRIGGER_SCHEDULE:
	case TRIGGER_DATE:
		return true;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		return trigger->has_at;
	case TRIGGER_EVENT:
	case TRIGGER_STOCK:
		return false;
	}
	return false;
}

void crossing_occasion(bool in, int64_t n, char out[32])
{
	snprintf(out, 32, "%s:%" PRId64, in ? "in" : "out", n);
}

int64_t coupon_expiry(const struct coupon_decl *coupon, struct zone *zone, int64_t now)
{
	int32_t day = zone_day(zone, now);

	switch (coupon->validity) {
	case VALID_ALWAYS:
		return 0;
	case VALID_UNTIL:
		day = coupon->valid_until;
		break;
	case VALID_FOR:
		if (duration_is_clock(coupon->valid_for))
			return now + coupon->valid_for.ms;
		day = calendar_add_months(day, coupon->valid_for.months) +
		      coupon->valid_for.days;
		break;
	}
	return zone_instant(zone, day + 1, 0) - 1;
}
