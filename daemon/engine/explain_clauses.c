/* What the rule asks of a customer before it begins: its condition, the control group,
 * its limits, one per address. */
#include <string.h>
#include "base/log.h"
#include "engine/inquiry.h"
#include "engine/trigger.h"
#include "language/cond_part.h"

/* ---- conditions ---- */

static const char *blame_of(struct inquiry *in, const struct cond_part *part)
{
	const char *value = part->value ? part->value : "", *open = "", *close = "";

	if (*value && part->truth == TRUTH_UNKNOWN)
		open = TR(" (", "(");
	else if (*value)
		open = TR(" (now ", "(지금 ");
	if (*value)
		close = ")";
	return inquiry_print(in,
	        part->truth == TRUTH_UNKNOWN
	                ? TR("'%s' is unknown%s%s%s", "'%s'을(를) 알 수 없기%s%s%s")
	                : TR("'%s' is not true%s%s%s", "'%s'이(가) 참이 아니기%s%s%s"),
	        part->text, open, value, close);
}

const char *explain_parts(struct inquiry *in, const char *kind, struct cond *cond,
        const struct event *looked_at)
{
	struct moment moment = inquiry_moment(in);
	const struct cond_part *guilty = NULL;
	struct cond_part *parts;
	enum truth whole;
	size_t n = cond_parts(
	        cond, &moment, in->customer->id, looked_at, in->arena, &parts, &whole);

	for (size_t i = 0; i < n; i++) {
		struct explain_check check = {.kind = kind,
		        .what = parts[i].text,
		        .value = parts[i].value,
		        .holds = parts[i].truth,
		        .depth = parts[i].depth};
		inquiry_check(in, &check);
		if (!guilty && !parts[i].depth && parts[i].truth != TRUTH_YES)
			guilty = &parts[i];
	}
	return guilty && whole != TRUTH_YES ? blame_of(in, guilty) : NULL;
}

void explain_conditions(struct inquiry *in)
{
	const char *because;

	if (!in->rule->cond)
		return;
	because = explain_parts(in, "condition", in->rule->cond, NULL);
	if (because && !in->inside.id)
		inquiry_blame(in, EXPLAIN_NOT, because);
}

/* ---- the control group ---- */

static void holdout(struct inquiry *in)
{
	bool out;

	if (!in->rule->holdout)
		return;
	out = in->inside.id ? in->inside.held_out
	                    : trigger_drawn_out(in->engine, in->state, in->customer->id);
	inquiry_add(in, "holdout",
	        inquiry_print(in,
	                TR("not in the control group (holdout %d%%)",
	                        "비교군(%d%%)이 아님"),
	                in->rule->holdout),
	        out ? TR("in the control group", "비교군") : TR("gets it", "받는 쪽"),
	        out ? TRUTH_NO : TRUTH_YES);
	if (out)
		inquiry_blame(in, EXPLAIN_NOT, explain_because(REASON_HOLDOUT));
}

/* ---- limits ---- */

static const char *unit_name(enum schedule unit)
{
	switch (unit) {
	case SCHEDULE_DAY:
		return TR("day", "하루");
	case SCHEDULE_WEEK:
		return TR("week", "한 주");
	case SCHEDULE_MONTH:
		return TR("month", "한 달");
	}
	return "";
}

static const char *span(struct inquiry *in, struct duration d)
{
	if (d.months)
		return inquiry_print(in, TR("%d months", "%d달"), d.months);
	if (d.days)
		return inquiry_print(in, TR("%d days", "%d일"), d.days);
	return inquiry_print(
	        in, TR("%lld hours", "%lld시간"), (long long)(d.ms / MS_HOUR));
}

static const char *limit_name(struct inquiry *in, const struct limit *limit)
{
	long long n = (long long)limit->n;

	switch (limit->kind) {
	case LIMIT_ONCE:
		return TR("limit once", "한 번만");
	case LIMIT_PER_EVENT:
		return TR("limit once per event", "이벤트마다 한 번");
	case LIMIT_ROLLING:
		return inquiry_print(in, TR("limit %lld per %s", "%lld번, %s마다"), n,
		        span(in, limit->period));
	case LIMIT_CALENDAR:
		return inquiry_print(in,
		        TR("limit %lld per calendar %s", "%lld번, %s마다"), n,
		        unit_name(limit->unit));
	case LIMIT_IN_ALL:
		return inquiry_print(in, TR("limit %lld in all", "모두 %lld번"), n);
	}
	return "";
}

static void blame_limit(struct inquiry *in, const char *name, int64_t used, int64_t most)
{
	const struct run *last = in->n_runs ? &in->runs[0] : NULL;
	const char *spent = inquiry_print(in,
	        TR("its limit is used up (%s: %lld of %lld)",
	                "제한을 다 썼기(%s: %lld/%lld)"),
	        name, (long long)used, (long long)most);

	if (last && !in->got_at)
		spent = inquiry_print(in,
		        TR("%s, by the occasion of %s that came to nothing",
		                "%s, 보내지 못한 %s의 기회까지 세었기"),
		        spent, inquiry_when(in, last->started_at));
	inquiry_blame(in, EXPLAIN_NOT, spent);
}

/* customer 0: of everybody. */
static void show_limit(struct inquiry *in, const char *name, int64_t customer,
        int64_t most, int64_t since)
{
	bool whole;
	int64_t used =
	        trace_begun(in->engine->db, in->state->row.id, customer, since, &whole);
	bool full = used >= most;
	const char *value = inquiry_print(
	        in, TR("%lld of %lld", "%lld/%lld"), (long long)used, (long long)most);

	if (since)
		value = inquiry_print(in, TR("%s since %s", "%s, %s부터"), value,
		        inquiry_when(in, since));
	if (!whole)
		value = inquiry_print(in, TR("at least %s", "적어도 %s"), value);
	inquiry_add(in, "limit", name, value,
	        full    ? TRUTH_NO
	        : whole ? TRUTH_YES
	                : TRUTH_UNKNOWN);
	if (full && !in->inside.id)
		blame_limit(in, name, used, most);
}

static void limit(struct inquiry *in, const struct limit *limit)
{
	bool everybody = limit->kind == LIMIT_IN_ALL;

	if (limit->kind != LIMIT_PER_EVENT)
		show_limit(in, limit_name(in, limit), everybody ? 0 : in->customer->id,
		        limit->kind == LIMIT_ONCE ? 1 : limit->n,
		        trigger_limit_since(in->engine, limit, in->begins));
}

/* A birthday that was changed to the day before does not come twice. */
static void birthday_guard(struct inquiry *in)
{
	show_limit(in, TR("limit once per birthday", "생일마다 한 번"), in->customer->id,
	        1, in->begins - TRIGGER_BIRTHDAY_GUARD);
}

static void one_per_address(struct inquiry *in)
{
	bool taken;

	if (!in->rule->one_per_address || in->inside.id || !in->occasion[0])
		return;
	taken = trigger_address_taken(
	        in->engine, in->state, in->customer->id, in->occasion, in->now);
	inquiry_add(in, "address",
	        TR("nobody else with the same address got it (one per address)",
	                "같은 주소의 다른 고객이 받지 않음"),
	        NULL, taken ? TRUTH_NO : TRUTH_YES);
	if (taken)
		inquiry_blame(in, EXPLAIN_NOT, explain_because(REASON_DUPLICATE_ADDRESS));
}

void explain_clauses(struct inquiry *in)
{
	const struct rule *rule = in->rule;

	holdout(in);
	one_per_address(in);
	for (size_t i = 0; i < rule->n_limits; i++)
		limit(in, &rule->limits[i]);
	if (rule->trigger.kind == TRIGGER_BIRTHDAY && !rule->n_limits)
		birthday_guard(in);
}
