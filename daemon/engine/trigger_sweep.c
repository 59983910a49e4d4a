/* Triggers by time: when a rule looks, at whom, and how a sweep goes on in slices. It
 * never looks at anybody twice in one sweep, whatever ends it in between. */
#include "engine/trigger.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "engine/step.h"
#include "store/audit.h"
#include "store/dates.h"
#include "store/skip.h"

#define SLICE 64                /* candidates looked at in one turn */
#define CATCH_UP (400 * MS_DAY) /* further back nobody looks */

static int sign_of(const struct trigger *trigger)
{
	return trigger->before ? -1 : 1;
}

/* ---- time ---- */

static bool scheduled_on(const struct trigger *trigger, int32_t day)
{
	struct civil civil = calendar_civil(day);
	int last = calendar_month_days(civil.year, civil.month);

	switch (trigger->schedule) {
	case SCHEDULE_DAY:
		return true;
	case SCHEDULE_WEEK:
		return calendar_weekday(day) == trigger->day;
	case SCHEDULE_MONTH:
		return civil.day ==
		       (trigger->day == 0 || trigger->day > last ? last : trigger->day);
	}
	return false;
}

static int64_t next_daily(
        struct engine *engine, const struct trigger *trigger, int64_t after)
{
	struct zone *zone = engine->shop->zone;

	for (int32_t day = zone_day(zone, after);; day++) {
		int64_t t = zone_instant(zone, day, trigger->at_ms);
		if (t > after &&
		        (trigger->kind != TRIGGER_SCHEDULE || scheduled_on(trigger, day)))
			return t;
	}
}

/* Hours and minutes from an anchor: due exactly then. */
static int64_t next_clock(
        struct engine *engine, const struct rule_state *state, int64_t after)
{
	const struct trigger *trigger = &state->rule->trigger;
	struct moment moment = {
	        .db = engine->db, .zone = engine->shop->zone, .now = clock_now()};
	int64_t anchor = rule_next_anchor(
	        state->rule, &moment, after - sign_of(trigger) * trigger->offset.ms);

	return anchor ? anchor + sign_of(trigger) * trigger->offset.ms : 0;
}

int64_t trigger_next(struct engine *engine, const struct rule_state *state, int64_t after)
{
	const struct trigger *trigger = &state->rule->trigger;
	int64_t t;

	if (!state->row.active)
		return 0;
	switch (trigger->kind) {
	case TRIGGER_BIRTHDAY:
	case TRIGGER_SCHEDULE:
		return next_daily(engine, trigger, after);
	case TRIGGER_RELATIVE:
		return trigger->has_at ? next_daily(engine, trigger, after)
		                       : next_clock(engine, state, after);
	case TRIGGER_DATE:
		t = zone_instant(engine->shop->zone, trigger->date, trigger->at_ms);
		return t > after ? t : 0;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		return trigger->has_at ? next_daily(engine, trigger, after) : 0;
	case TRIGGER_EVENT:
	case TRIGGER_STOCK:
		return 0;
	}
	return 0;
}

/* ---- sweeping ---- */

/* The day whose birthdays or anchors are due in a sweep of that day: the offset goes back
 * the other way. */
static int32_t target_day(
        const struct engine *engine, const struct trigger *trigger, int64_t sweep_now)
{
	int32_t day = zone_day(engine->shop->zone, sweep_now);
	int sign = -sign_of(trigger);

	day = calendar_add_months(day, sign * trigger->offset.months);
	return day + sign * trigger->offset.days;
}

/* The anchors' dates that an offset moves to that day: several where months end on
 * different days. */
static void anchor_days(const struct trigger *trigger, int32_t day, int32_t near,
        int32_t *first, int32_t *last)
{
	int sign = sign_of(trigger);

	*first = near + 1;
	*last = near;
	for (int32_t d = near - 4; d <= near + 4; d++) {
		if (calendar_add_months(d, sign * trigger->offset.months) +
		                sign * trigger->offset.days !=
		        day)
			continue;
		if (*first > *last)
			*first = d;
		*last = d;
	}
}

static struct window anchor_window(
        struct engine *engine, const struct rule_state *state, int64_t sweep_now)
{
	const struct trigger *trigger = &state->rule->trigger;
	struct zone *zone = engine->shop->zone;
	struct window window = {0};

	if (trigger->has_at) {
		int32_t first, last;
		anchor_days(trigger, zone_day(zone, sweep_now),
		        target_day(engine, trigger, sweep_now), &first, &last);
		window.from = zone_instant(zone, first, 0);
		window.to = zone_instant(zone, last + 1, 0);
	} else {
		int64_t shift = sign_of(trigger) * trigger->offset.ms;
		window.from = state->row.cursor - shift + 1;
		window.to = sweep_now - shift + 1;
	}
	return window;
}

int64_t trigger_occasion(struct engine *engine, const struct rule_state *state,
        const struct candidate *candidate, const struct window *window, char occasion[96])
{
	const struct trigger *trigger = &state->rule->trigger;
	int64_t sweep_now = state->row.sweep_now, due = sweep_now;
	char date[16];

	switch (trigger->kind) {
	case TRIGGER_BIRTHDAY:
		snprintf(occasion, 96, "%s:%d", window->kept.lunar ? "lunar" : "solar",
		        window->kept.year);
		break;
	case TRIGGER_RELATIVE:
		trigger_anchor_occasion(trigger, candidate->anchor, occasion);
		if (!trigger->has_at)
			due = trigger_anchor_due(engine, trigger, candidate->anchor);
		break;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		crossing_occasion(
		        trigger->kind == TRIGGER_ENTERS, candidate->anchor, occasion);
		break;
	case TRIGGER_SCHEDULE:
	case TRIGGER_DATE:
	case TRIGGER_EVENT:
	case TRIGGER_STOCK:
		snprintf(occasion, 96, "%s",
		        calendar_format_date(
		                zone_day(engine->shop->zone, sweep_now), date));
		break;
	}
	return due;
}

/* How many the rule still writes to in all; -1: it says nothing of it. */
static int64_t places(struct engine *engine, const struct rule_state *state)
{
	const struct rule *rule = state->rule;
	int64_t left = -1;

	for (size_t i = 0; i < rule->n_limits; i++)
		if (rule->limits[i].kind == LIMIT_IN_ALL) {
			left = rule->limits[i].n -
			       run_count(engine->db, state->row.id, 0, 0, INT64_MAX);
			left = left < 0 ? 0 : left;
		}
	return left;
}

struct lot trigger_lot(
        struct engine *engine, const struct rule_state *state, int64_t customer)
{
	struct arena *arena = arena_new();
	struct customer found;
	struct lot lot = {.customer = customer};

	if (customer_get(engine->db, customer, arena, &found))
		lot.number = step_share(
		        state->row.seed, "in all", found.ref, (unsigned)INT32_MAX);
	arena_free(arena);
	return lot;
}

/* In the first round of a draw a candidate gives in a lot, unless something is in his way
 * anyhow. */
static void give_lot(struct engine *engine, struct rule_state *state, int64_t customer,
        const char *occasion, int64_t now)
{
	const char *bar = trigger_bar(engine, state, customer, occasion, now);

	if (!bar || !strcmp(bar, reason_name(REASON_HOLDOUT)))
		draw_offer(&state->draw, trigger_lot(engine, state, customer));
}

static void note_undrawn(struct engine *engine, struct rule_state *state,
        int64_t customer, const char *occasion, int64_t now)
{
	const char *bar = trigger_bar(engine, state, customer, occasion, now);

	if (!bar || skip_text(bar))
		trigger_note(engine, state, customer, bar ? bar : SKIP_NOT_DRAWN,
		        occasion, now);
}

/* In the second round he starts if his lot was chosen. */
static void start_candidate(struct engine *engine, struct rule_state *state,
        const struct candidate *candidate, const struct window *window, int64_t now)
{
	char occasion[96];
	int64_t customer = candidate->customer,
	        due = trigger_occasion(engine, state, candidate, window, occasion);

	if (state->drawing)
		give_lot(engine, state, customer, occasion, now);
	else if (!state->draws ||
	         draw_chose(&state->draw, trigger_lot(engine, state, customer)))
		trigger_start(engine, state, customer, occasion, NULL, due, now);
	else if (!trigger_whole_table(&state->rule->trigger))
		note_undrawn(engine, state, customer, occasion, now);
}

static void draw_lots(struct engine *engine, struct rule_state *state)
{
	int64_t left = places(engine, state);

	state->draws = state->drawing = left >= 0;
	if (!state->draws)
		return;
	draw_begin(&state->draw, (size_t)left);
	state->drawn_up_to = state->sweep.id;
	state->sweep.id = 0;
}

/* The first round is over: those who were chosen are looked up again. */
static void second_round(struct engine *engine, struct rule_state *state)
{
	state->row.drawn_at = state->row.sweep_now;
	state->row.drawn_lot = draw_edge(&state->draw);
	rule_row_set_drawn(
	        engine->db, state->row.id, state->row.drawn_at, state->row.drawn_lot);
	memset(&state->sweep, 0, sizeof state->sweep);
	state->sweep.id = state->drawn_up_to;
	state->kept = 0;
	state->drawing = false;
}

static void sweep_done(struct engine *engine, struct rule_state *state)
{
	rule_row_set_cursor(engine->db, state->row.id, state->row.sweep_now);
	rule_row_set_sweep(engine->db, state->row.id, 0, 0, 0);
	state->row.cursor = state->row.sweep_now;
	state->row.sweep_now = 0;
	state->sweeping = false;
	draw_fini(&state->draw);
}

static void sweep_begin(
        struct engine *engine, struct rule_state *state, int64_t sweep_now)
{
	memset(&state->sweep, 0, sizeof state->sweep);
	state->kept = 0;
	state->sweep.id = state->row.sweep_now == sweep_now ? state->row.sweep_id : 0;
	state->row.sweep_now = sweep_now;
	state->sweeping = true;
	rule_row_set_sweep(engine->db, state->row.id, sweep_now, state->sweep.id,
	        state->row.version);
	draw_lots(engine, state);
}

int trigger_birthdays(const struct engine *engine, const struct trigger *trigger,
        int64_t sweep_now, struct kept kept[TRIGGER_KEPT_MOST])
{
	int32_t first, last;
	int n = 0;

	anchor_days(trigger, zone_day(engine->shop->zone, sweep_now),
	        target_day(engine, trigger, sweep_now), &first, &last);
	for (int32_t day = first; day <= last && n + 4 <= TRIGGER_KEPT_MOST; day++)
		n += calendar_kept(day, kept + n);
	return n;
}

bool trigger_window(
        struct engine *engine, const struct rule_state *state, struct window *window)
{
	const struct trigger *trigger = &state->rule->trigger;
	struct kept kept[TRIGGER_KEPT_MOST];

	memset(window, 0, sizeof *window);
	if (trigger->kind == TRIGGER_RELATIVE)
		*window = anchor_window(engine, state, state->row.sweep_now);
	else if (trigger->kind == TRIGGER_ENTERS || trigger->kind == TRIGGER_LEAVES)
		*window = (struct window){
		        .from = state->row.cursor + 1, .to = state->row.sweep_now + 1};
	if (trigger->kind != TRIGGER_BIRTHDAY)
		return state->kept == 0;
	if (state->kept >= trigger_birthdays(engine, trigger, state->row.sweep_now, kept))
		return false;
	window->kept = kept[state->kept];
	return true;
}

/* A rule that speaks to the owner alone runs once for its hour, without a customer. */
static void sweep_owner(struct engine *engine, struct rule_state *state, int64_t now)
{
	struct candidate nobody = {.customer = CUSTOMER_OWNER};
	struct window window = {0};

	state->draws = state->drawing = false;
	start_candidate(engine, state, &nobody, &window, now);
	sweep_done(engine, state);
}

/* Everybody's hour passed by too long ago: nobody is written to, and it is said. */
static void sweep_missed(struct engine *engine, struct rule_state *state)
{
	char time[40];

	log_warn(TR("rule %s missed its hour %s: nobody was written to",
	                 "규칙 %s이(가) 정해진 시각 %s을 놓쳐 아무에게도 보내지 "
	                 "않았습니다"),
	        state->rule->name,
	        zone_format(engine->shop->zone, state->row.sweep_now, time));
	audit_add(engine->db, clock_now(), "daemon", "missed", state->rule->name, time);
	sweep_done(engine, state);
}

bool trigger_slice(struct engine *engine, struct rule_state *state, int64_t now)
{
	const struct trigger *trigger = &state->rule->trigger;
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone};
	struct candidate found[SLICE];
	const struct dates_set *dates = rule_dates(state->rule);
	struct window window;
	int n;

	if (dates && (dates_fill(engine->db, dates) ||
	                     trigger_follow(engine, dates, false, now)))
		return true; /* nobody is found before the index is as it should be */
	if (!state->sweeping) {
		int64_t after = state->row.cursor > now - CATCH_UP ? state->row.cursor
		                                                   : now - CATCH_UP;
		int64_t due = state->row.sweep_now ? state->row.sweep_now
		                                   : trigger_next(engine, state, after);
		bool clock = trigger->kind == TRIGGER_RELATIVE && !trigger->has_at;
		if (!due || due > now)
			return false;
		sweep_begin(engine, state, clock ? now : due);
	}
	if (state->rule->to_owner_only && trigger_whole_table(trigger)) {
		sweep_owner(engine, state, now);
		return true;
	}
	if (trigger_whole_table(trigger) &&
	        now - state->row.sweep_now > state->rule->late_ms) {
		sweep_missed(engine, state);
		return true;
	}
	if (!trigger_window(engine, state, &window)) {
		if (state->drawing)
			second_round(engine, state);
		else
			sweep_done(engine, state);
		return true;
	}
	moment.now = state->row.sweep_now;
	n = rule_sweep(state->rule, &moment, &window, &state->sweep, found, SLICE);
	for (int i = 0; i < n && db_status(engine->db) == DB_OK; i++)
		start_candidate(engine, state, &found[i], &window, now);
	if (trigger_whole_table(trigger) && !state->drawing && n > 0)
		rule_row_set_sweep(engine->db, state->row.id, state->row.sweep_now,
		        state->sweep.id, state->row.version);
	if (state->sweep.done) {
		memset(&state->sweep, 0, sizeof state->sweep);
		state->kept++;
	}
	return true;
}
