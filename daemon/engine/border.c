/* Borders of segments. A change is noted by the store's own triggers and asked for here;
 * time is looked at once a day at the hours that rules name. It never fires for who was
 * inside when a rule or its segment's condition was new. */
#include "engine/border.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "engine/chain.h"
#include "engine/trigger.h"
#include "language/deps.h"
#include "store/skip.h"

#define TOUCHED 64  /* customers taken off in one go */
#define CROSSERS 64 /* crossings found in one slice */

static bool waits(const struct rule *rule, const struct segment *segment)
{
	const struct trigger *trigger = &rule->trigger;

	return (trigger->kind == TRIGGER_ENTERS || trigger->kind == TRIGGER_LEAVES) &&
	       !strcmp(trigger->name, segment->name);
}

/* ---- crossing ---- */

/* A crossing on its way to the rules. */
struct crossing {
	struct border *border;
	int64_t customer;
	bool in, by_time;
	int64_t due;
	int depth; /* causes before it */
};

static void start(struct engine *engine, struct rule_state *state,
        const struct crossing *crossing, int64_t n, int64_t now)
{
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	const struct rule *rule = state->rule;
	char occasion[32];

	if (!state->row.active || (rule->trigger.kind == TRIGGER_ENTERS) != crossing->in)
		return;
	if (crossing->by_time && rule->trigger.has_at)
		return; /* swept at its hour */
	crossing_occasion(crossing->in, n, occasion);
	if (rule->cond &&
	        cond_ask(rule->cond, &moment, crossing->customer) != TRUTH_YES) {
		trigger_note(
		        engine, state, crossing->customer, SKIP_CONDITION, occasion, now);
		return;
	}
	if (crossing->depth >= CAUSES_MAX) {
		chain_stop(engine, rule, now);
		return;
	}
	engine->causes = crossing->depth + 1;
	trigger_start(
	        engine, state, crossing->customer, occasion, NULL, crossing->due, now);
	engine->causes = 0;
}

static void cross(struct engine *engine, const struct crossing *crossing, int64_t now)
{
	struct border *border = crossing->border;
	int64_t since = crossing->by_time ? crossing->due : now;
	int64_t n = segment_move(engine->db, border->row.id, crossing->customer,
	        crossing->in, since, crossing->by_time);

	for (size_t i = 0; crossing->due && i < engine->n_states; i++)
		if (waits(engine->states[i].rule, border->segment))
			start(engine, &engine->states[i], crossing, n, now);
}

/* ---- changes ---- */

static void seed_anew(struct engine *engine, struct border *border, int64_t now)
{
	segment_row_reset(engine->db, border->row.id, border->segment->hash, now);
	border->row.cursor = now;
	border->row.seed = 0;
	border->ahead = false;
	border->due = 0;
}

static void ask(struct engine *engine, struct border *border,
        const struct touched *touched, int64_t due, int64_t now)
{
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	struct crossing crossing = {.border = border,
	        .customer = touched->customer,
	        .due = due,
	        .depth = touched->depth};

	if (border->row.seed >= 0 && touched->customer > border->row.seed)
		return; /* will be looked at, with everybody */
	crossing.in =
	        cond_ask(border->segment->cond, &moment, touched->customer) == TRUTH_YES;
	if (crossing.in != segment_inside(engine->db, border->row.id, touched->customer))
		cross(engine, &crossing, now);
}

static void set_seed(struct engine *engine, struct border *border, int64_t seed)
{
	border->row.seed = seed;
	segment_row_set_seed(engine->db, border->row.id, seed);
}

/* A product's category may move anybody: the segment is looked through, and nobody fires
 * by that; whom time has moved by then does. */
static void goods_changed(struct engine *engine, struct border *border)
{
	bool whole = border->row.seed == SEED_WHOLE || border->row.seed == SEED_STALE;

	set_seed(engine, border, whole ? SEED_STALE : 0);
}

static void settle_one(
        struct engine *engine, const struct touched *touched, int64_t due, int64_t now)
{
	for (size_t i = 0; i < engine->n_borders; i++) {
		struct border *border = &engine->borders[i];
		int64_t what = border->segment->deps->what & touched->what;
		if (what && touched->customer > 0)
			ask(engine, border, touched, due, now);
		else if (!touched->customer && (what & DEPS_GOODS))
			goods_changed(engine, border);
	}
}

void border_settle(struct engine *engine, int64_t due, int64_t now)
{
	struct touched touched[TOUCHED];
	int n;

	if (!engine->n_borders)
		return;
	while ((n = segment_take_touched(engine->db, now, touched, TOUCHED)) > 0)
		for (int i = 0; i < n && db_status(engine->db) == DB_OK; i++)
			settle_one(engine, &touched[i], due, now);
}

void border_event(struct engine *engine, const struct event *event)
{
	bool silent = event->flags & (EVENT_HISTORY | EVENT_BULK);

	border_settle(engine, silent ? 0 : event->time, clock_now());
}

/* ---- adopting ---- */

void border_close(struct engine *engine)
{
	free(engine->borders);
	engine->borders = NULL;
	engine->n_borders = 0;
}

static bool is_waited_at(const struct engine *engine, const struct segment *segment)
{
	for (size_t i = 0; i < engine->n_states; i++)
		if (waits(engine->states[i].rule, segment))
			return true;
	return false;
}

static void forget_others(struct engine *engine)
{
	int64_t *ids = mem_alloc((engine->n_borders + 1) * sizeof *ids);

	for (size_t i = 0; i < engine->n_borders; i++)
		ids[i] = engine->borders[i].row.id;
	segment_row_forget(engine->db, ids, engine->n_borders);
	free(ids);
}

void border_adopt(struct engine *engine, int64_t now)
{
	const struct program *program = engine->ruleset->program;

	border_close(engine);
	for (size_t i = 0; i < program->n_segments; i++) {
		const struct segment *segment = &program->segments[i];
		struct border *border;
		if (!is_waited_at(engine, segment))
			continue;
		border = mem_grow(&engine->borders, engine->n_borders++, sizeof *border);
		*border = (struct border){.segment = segment};
		segment_row_get(engine->db, segment->name, now, &border->row);
		if (strcmp(border->row.hash, segment->hash))
			seed_anew(engine, border, now);
	}
	forget_others(engine);
}

/* A border that the undone turn was to begin with comes with the next reload. */
void border_reread(struct engine *engine)
{
	size_t kept = 0;

	for (size_t i = 0; i < engine->n_borders; i++) {
		struct border *border = &engine->borders[kept];
		*border = engine->borders[i];
		border->due = 0;
		border->ahead = false;
		if (segment_row_find(engine->db, border->segment->name, &border->row) &&
		        !strcmp(border->row.hash, border->segment->hash))
			kept++;
	}
	engine->n_borders = kept;
}

/* ---- time ---- */

/* The last hour up to now, and the first after an instant, at which time is looked at. */
static int64_t last_hour(struct zone *zone, int at_ms, int64_t now)
{
	int32_t day = zone_day(zone, now);
	int64_t t = zone_instant(zone, day, at_ms);

	return t <= now ? t : zone_instant(zone, day - 1, at_ms);
}

static int64_t next_hour(struct zone *zone, int at_ms, int64_t after)
{
	int32_t day = zone_day(zone, after);
	int64_t t = zone_instant(zone, day, at_ms);

	return t > after ? t : zone_instant(zone, day + 1, at_ms);
}

/* The hours are those of the rules; one that names none has the day's beginning. */
static int64_t hour_of(const struct engine *engine, const struct border *border,
        int64_t (*hour)(struct zone *, int, int64_t), int64_t t, bool latest)
{
	int64_t best = 0;

	for (size_t i = 0; i < engine->n_states; i++) {
		const struct rule *rule = engine->states[i].rule;
		int64_t one;
		if (!waits(rule, border->segment))
			continue;
		one = hour(engine->shop->zone, rule->trigger.at_ms, t);
		if (!best || (latest ? one > best : one < best))
			best = one;
	}
	return best;
}

/* The hour that a look is of: the first that today is still without one, so that the
 * rules of the later ones find it too; else the last there was. */
static int64_t hour_now(
        const struct engine *engine, const struct border *border, int64_t now)
{
	struct zone *zone = engine->shop->zone;
	int64_t today = zone_instant(zone, zone_day(zone, now), 0) - 1, first;

	if (today < border->row.cursor)
		today = border->row.cursor;
	first = hour_of(engine, border, next_hour, today, false);
	return first <= now ? first : hour_of(engine, border, last_hour, now, true);
}

int64_t border_next(struct engine *engine)
{
	int64_t next = engine->n_borders ? segment_touched_next(engine->db) : 0;

	for (size_t i = 0; i < engine->n_borders; i++) {
		const struct border *border = &engine->borders[i];
		int64_t due = border->row.seed != SEED_WHOLE
		                      ? border->row.cursor
		                      : hour_of(engine, border, next_hour,
		                                border->row.cursor, false);
		if (!next || due < next)
			next = due;
	}
	return next;
}

/* Who is inside of a new condition is written down, and nobody fires. */
static void seed_slice(struct engine *engine, struct border *border, int64_t now)
{
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	struct look look = {.id = border->row.seed};
	struct crosser found[CROSSERS];
	int n = segment_everybody(
	        border->segment, &moment, border->row.id, &look, found, CROSSERS);

	for (int i = 0; i < n; i++)
		segment_move(engine->db, border->row.id, found[i].customer, found[i].in,
		        now, false);
	set_seed(engine, border, look.done ? SEED_WHOLE : look.id);
}

/* Asked as of this moment, not of the hour: a change since then was asked for already. */
static void time_slice(struct engine *engine, struct border *border, int64_t now)
{
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	struct crosser found[CROSSERS];
	int n = segment_crossers(border->segment, &moment, border->row.id,
	        border->row.cursor, &border->look, found, CROSSERS);

	for (int i = 0; i < n && db_status(engine->db) == DB_OK; i++) {
		struct crossing crossing = {.border = border,
		        .customer = found[i].customer,
		        .in = found[i].in,
		        .by_time = true,
		        .due = border->due};
		if (segment_inside(engine->db, border->row.id, found[i].customer) !=
		        found[i].in)
			cross(engine, &crossing, now);
	}
	if (!border->look.done)
		return;
	border->row.cursor = border->to;
	border->ahead = true;
	border->due = 0;
	if (border->row.seed == SEED_STALE)
		set_seed(engine, border, 0);
}

/* What the store keeps in order is so before it is looked through. */
static bool fills(struct engine *engine, const struct border *border, int64_t now)
{
	const struct deps *deps = border->segment->deps;

	for (size_t i = 0; i < deps->n_movers; i++) {
		const struct dates_set *kept = deps->movers[i].kept;
		if (kept && (dates_fill(engine->db, kept) ||
		                    trigger_follow(engine, kept, false, now)))
			return true;
	}
	return false;
}

static bool slice_of(struct engine *engine, struct border *border, int64_t now)
{
	if (border->row.seed >= 0 && border->row.seed != SEED_WHOLE) {
		seed_slice(engine, border, now);
		return true;
	}
	if (!border->due) {
		int64_t due = hour_now(engine, border, now);
		if (due <= border->row.cursor && border->row.seed == SEED_WHOLE)
			return false;
		border->due = due > border->row.cursor ? due : now;
		border->to = now;
		memset(&border->look, 0, sizeof border->look);
	}
	if (fills(engine, border, now))
		return true;
	time_slice(engine, border, now);
	border_settle(engine, now, now);
	return true;
}

/* Written together: a look that was cut off is made again and finds nobody twice. */
static void keep_cursors(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_borders; i++) {
		struct border *border = &engine->borders[i];
		if (border->ahead)
			segment_row_set_cursor(
			        engine->db, border->row.id, border->row.cursor);
		border->ahead = false;
	}
}

bool border_slice(struct engine *engine, int64_t now)
{
	for (size_t i = 0; i < engine->n_borders; i++)
		if (slice_of(engine, &engine->borders[i], now))
			return true;
	keep_cursors(engine);
	return false;
}
