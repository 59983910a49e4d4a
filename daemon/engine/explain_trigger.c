/* What would start the rule for this customer: the event that came or did not, the day
 * that comes, the hour that has passed. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "engine/inquiry.h"
#include "engine/trigger.h"

#define YEAR_AND_MORE 400 /* days; every birthday is kept once in them */
#define LOOK_BACK 31      /* days in which a birthday that came to nothing is told */

static void show(struct inquiry *in, const char *value, enum truth holds)
{
	inquiry_add(in, "trigger", in->rule->trigger.text, value, holds);
}

/* Its hour has passed: what became of it is told by its run, or by there being none. */
static void passed(struct inquiry *in, int64_t due)
{
	in->passed_at = due;
	snprintf(in->passed, sizeof in->passed, "%s", in->occasion);
}

static void missed(struct inquiry *in, enum explain_verdict verdict, const char *because)
{
	if (inquiry_knows(in, in->occasion))
		return; /* what became of it is told by its run */
	in->missed = because;
	in->missed_verdict = verdict;
}

/* ---- events ---- */

static const char *why_not_started(struct inquiry *in)
{
	const struct event *e = &in->event;
	int64_t since = in->state->row.since;

	if (e->flags & EVENT_HISTORY)
		return inquiry_print(in,
		        TR("the last %s (%s) was told as history",
		                "마지막 %s(%s)은(는) 지난 기록으로 들어왔기"),
		        e->type, inquiry_when(in, e->time));
	if (e->arrived - e->time > in->rule->late_ms)
		return inquiry_print(in,
		        TR("the last %s (%s) arrived too late, at %s",
		                "마지막 %s(%s)이(가) 너무 늦은 %s에 들어왔기"),
		        e->type, inquiry_when(in, e->time), inquiry_when(in, e->arrived));
	if (e->arrived < since)
		return inquiry_print(in,
		        TR("the last %s (%s) came before the rule began to count, at %s",
		                "마지막 %s(%s)이(가) 규칙이 세기 시작한 %s보다 먼저 "
		                "왔기"),
		        e->type, inquiry_when(in, e->time), inquiry_when(in, since));
	return NULL;
}

static void nth(struct inquiry *in)
{
	const struct trigger *t = &in->rule->trigger;
	struct moment moment = inquiry_moment(in);
	bool holds = trigger_is_nth(t, &moment);

	if (t->nth <= 1)
		return;
	inquiry_add(in, "trigger",
	        inquiry_print(in, TR("every %d of them", "%d번째마다"), t->nth), NULL,
	        holds ? TRUTH_YES : TRUTH_NO);
	if (!holds)
		inquiry_blame(in, EXPLAIN_NOT,
		        inquiry_print(in,
		                TR("only every %dth %s counts and the last was none",
		                        "%d번째마다 오는 %s이(가) 아직 아니기"),
		                t->nth, t->event));
}

static void by_event(struct inquiry *in)
{
	const struct trigger *t = &in->rule->trigger;
	const char *because;

	in->has_event = event_last(
	        in->engine->db, in->customer->id, t->event, in->arena, &in->event);
	if (!in->has_event) {
		show(in, TR("never happened", "아직 없음"), TRUTH_NO);
		inquiry_blame(in, EXPLAIN_NOT,
		        inquiry_print(in,
		                TR("no %s of this customer has come yet",
		                        "%s 이벤트가 아직 없었기"),
		                t->event));
		return;
	}
	trigger_event_occasion(&in->event, in->occasion);
	show(in,
	        inquiry_print(in, TR("last at %s", "마지막 %s"),
	                inquiry_when(in, in->event.time)),
	        TRUTH_YES);
	if (t->where) {
		because = explain_parts(in, "where", t->where, &in->event);
		if (because)
			inquiry_blame(in, EXPLAIN_NOT, because);
	}
	nth(in);
	because = why_not_started(in);
	if (because)
		missed(in, EXPLAIN_PAST, because);
}

/* ---- birthdays ---- */

static int32_t day_of_year(int year, int month_day)
{
	int month = month_day / 100, day = month_day % 100,
	    last = calendar_month_days(year, month);

	return calendar_day(year, month, day > last ? last : day);
}

/* At least so many days from a day until a birthday could be kept. */
static int days_until(const struct customer *customer, int32_t day)
{
	int md = customer->birth_md, year = calendar_civil(day).year, months;
	struct lunar lunar;

	if (!customer->birth_lunar) {
		int32_t kept = day_of_year(year, md);
		return (kept >= day ? kept : day_of_year(year + 1, md)) - day;
	}
	lunar = calendar_lunar(day);
	months = (md / 100 - lunar.month + 12) % 12;
	if (months == 0 && lunar.day > md % 100)
		months = lunar.leap ? 0 : 12;
	if (months > 1)
		return (months - 1) * 29;
	return months == 0 && md % 100 - 1 > lunar.day ? md % 100 - 1 - lunar.day : 0;
}

static bool keeps(struct inquiry *in, int64_t sweep_now, struct kept *out)
{
	const struct customer *c = in->customer;
	struct kept kept[TRIGGER_KEPT_MOST];
	int n = trigger_birthdays(in->engine, &in->rule->trigger, sweep_now, kept);

	for (int i = 0; i < n; i++)
		if (kept[i].lunar == c->birth_lunar && kept[i].month_day == c->birth_md) {
			*out = kept[i];
			return true;
		}
	return false;
}

/* The first instant from a day on at which the rule comes to this birthday, 0: not within
 * so many days. Days that cannot be it are leapt over: each asks the lunar calendar. */
static int64_t birthday_due(
        struct inquiry *in, int32_t from, int days, int64_t after, struct kept *kept)
{
	const struct trigger *t = &in->rule->trigger;
	int sign = t->before ? 1 : -1;

	for (int32_t day = from; day <= from + days;) {
		int32_t kept_day = calendar_add_months(day, sign * t->offset.months) +
		                   sign * t->offset.days;
		int64_t due = zone_instant(in->engine->shop->zone, day, t->at_ms);
		int away = days_until(in->customer, kept_day);
		if (away <= 5 && due > after && keeps(in, due, kept))
			return due;
		day += away > 5 ? away - 5 : 1;
	}
	return 0;
}

static void kept_occasion(struct inquiry *in, const struct kept *kept)
{
	snprintf(in->occasion, sizeof in->occasion, "%s:%d",
	        kept->lunar ? "lunar" : "solar", kept->year);
}

static void passed_birthday(struct inquiry *in, int32_t today)
{
	int64_t since = in->state->row.since;
	struct kept kept;
	int64_t due = birthday_due(in, today - LOOK_BACK, LOOK_BACK, INT64_MIN, &kept);

	if (!due || due > in->state->row.cursor)
		return;
	kept_occasion(in, &kept);
	passed(in, due);
	missed(in, EXPLAIN_PAST,
	        inquiry_print(in,
	                due < since
	                        ? TR("its hour %s was before the rule began to count",
	                                  "정해진 시각 %s이(가) 규칙이 세기 시작하기 "
	                                  "전이었기")
	                        : TR("at its hour %s the customer was not known yet or "
	                             "did not meet the condition",
	                                  "정해진 시각 %s에 아직 모르던 고객이거나 "
	                                  "조건에 맞지 않았기"),
	                inquiry_when(in, due)));
}

static void by_birthday(struct inquiry *in)
{
	int32_t today = zone_day(in->engine->shop->zone, in->now);
	struct kept kept;

	if (!in->customer->birth_md) {
		show(in, TR("the birthday is not known", "생일을 모름"), TRUTH_UNKNOWN);
		inquiry_blame(in, EXPLAIN_NOT,
		        TR("the customer's birthday is not known",
		                "고객의 생일을 모르기"));
		return;
	}
	passed_birthday(in, today);
	in->out->next =
	        birthday_due(in, today, YEAR_AND_MORE, in->state->row.cursor, &kept);
	if (in->out->next)
		kept_occasion(in, &kept);
	show(in,
	        in->out->next ? inquiry_print(in, TR("next at %s", "다음 %s"),
	                                inquiry_when(in, in->out->next))
	                      : NULL,
	        in->out->next ? TRUTH_YES : TRUTH_UNKNOWN);
}

/* ---- other times ---- */

static void passed_anchor(struct inquiry *in, int64_t due)
{
	bool early = due < in->state->row.since;

	passed(in, due);
	show(in,
	        inquiry_print(in, TR("was due at %s", "%s이었음"), inquiry_when(in, due)),
	        TRUTH_NO);
	missed(in, EXPLAIN_NOT,
	        inquiry_print(in,
	                early ? TR("its time %s was before the rule began to count",
	                                "정해진 시각 %s이(가) 규칙이 세기 시작하기 "
	                                "전이었기")
	                      : TR("its time %s has passed, and then it was not known "
	                           "yet "
	                           "or the condition did not hold",
	                                "정해진 시각 %s이(가) 지났고, 그때는 아직 모르던 "
	                                "날이거나 조건에 맞지 않았기"),
	                inquiry_when(in, due)));
	in->spent = inquiry_knows(in, in->occasion);
}

static void by_anchor(struct inquiry *in)
{
	const struct trigger *t = &in->rule->trigger;
	struct moment moment = inquiry_moment(in);
	int64_t anchor = rule_anchor_of(in->rule, &moment, in->customer->id), due;

	if (!anchor) {
		show(in, TR("its date is not known", "그 날을 모름"), TRUTH_UNKNOWN);
		inquiry_blame(in, EXPLAIN_NOT,
		        inquiry_print(in,
		                TR("the date it counts from is not there (%s)",
		                        "셈할 날이 없기(%s)"),
		                t->text));
		return;
	}
	due = trigger_anchor_due(in->engine, t, anchor);
	trigger_anchor_occasion(t, anchor, in->occasion);
	if (due <= in->state->row.cursor) {
		passed_anchor(in, due);
		return;
	}
	in->out->next = due;
	show(in, inquiry_print(in, TR("due at %s", "%s"), inquiry_when(in, due)),
	        TRUTH_YES);
}

static void by_schedule(struct inquiry *in)
{
	struct rule_state *state = in->state;
	int64_t next = trigger_next(in->engine, state, state->row.cursor);
	char date[16];

	in->out->next = next;
	if (state->row.cursor > state->row.since) {
		int32_t last = zone_day(in->engine->shop->zone, state->row.cursor);
		snprintf(in->occasion, sizeof in->occasion, "%s",
		        calendar_format_date(last, date));
		passed(in, state->row.cursor);
	}
	if (next) {
		int32_t day = zone_day(in->engine->shop->zone, next);
		snprintf(in->occasion, sizeof in->occasion, "%s",
		        calendar_format_date(day, date));
		show(in,
		        inquiry_print(
		                in, TR("next at %s", "다음 %s"), inquiry_when(in, next)),
		        TRUTH_YES);
		return;
	}
	show(in, NULL, TRUTH_NO);
	snprintf(in->occasion, sizeof in->occasion, "%s",
	        calendar_format_date(in->rule->trigger.date, date));
	in->spent = inquiry_knows(in, in->occasion);
	if (state->row.active)
		missed(in, EXPLAIN_NOT, TR("its day has passed", "정해진 날이 지났기"));
}

void explain_trigger(struct inquiry *in)
{
	const struct run *run = &in->inside;

	if (run->id) {
		in->has_event = run->event && event_get(in->engine->db, run->event,
		                                      in->arena, &in->event);
		show(in,
		        inquiry_print(in, TR("began at %s", "%s에 시작"),
		                inquiry_when(in, run->started_at)),
		        TRUTH_YES);
		return;
	}
	switch (in->rule->trigger.kind) {
	case TRIGGER_EVENT:
		by_event(in);
		break;
	case TRIGGER_BIRTHDAY:
		by_birthday(in);
		break;
	case TRIGGER_RELATIVE:
		by_anchor(in);
		break;
	case TRIGGER_SCHEDULE:
	case TRIGGER_DATE:
		by_schedule(in);
		break;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		explain_border(in);
		break;
	case TRIGGER_STOCK:
		show(in, NULL, TRUTH_UNKNOWN);
		break;
	}
	if (!in->state->row.active)
		in->out->next = 0;
	if (in->out->next > in->now)
		in->begins = in->out->next;
	/* A birthday is too far off for what its windows will hold by then. */
	if (in->rule->trigger.kind != TRIGGER_BIRTHDAY)
		in->at = in->begins;
}
