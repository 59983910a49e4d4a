/* Lets go of what is old. Decides how old: by dangol.conf, but never less than the law
 * bids, and never what a rule still looks back at. Deletes nothing of whom or what is
 * open; the store sees to that. */
#include "engine/retention.h"

#include <stdlib.h>
#include "base/clock.h"
#include "base/mem.h"
#include "language/past.h"
#include "store/duty.h"
#include "store/forwarded.h"
#include "store/imported.h"
#include "store/retain.h"
#include "store/unmerge.h"

/* Classes of records and how long they are kept at least, in months. Source: Enforcement
 * Decree of the E-Commerce Act, Art. 6 (korea.md, part 4). Contracts, withdrawals and
 * payments: the shop's till holds the contract; here it is the orders, which also outlive
 * their customer so long, without him. Complaints (36 months) are no records of ours. */
enum { LAW_CONTRACT = 60, LAW_ADVERTISING = 6 };

enum stage {
	STAGE_IDLE,
	STAGE_EVENTS,   /* by type */
	STAGE_MESSAGES, /* by rule, also of those that are no more */
	STAGE_RUNS,     /* by rule in force */
	STAGE_BUNDLES,
	STAGE_NOTICES, /* those that could not be told */
	STAGE_ORDERS,
	STAGE_MERGES,
	STAGE_IMPORTS
};

static int64_t ago(const struct engine *engine, int64_t months, int64_t now)
{
	struct duration span = {.months = (int)months};

	return duration_from(span, engine->shop->zone, now, -1);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- what rules look back at ---- */

static struct retain_need need_of(const struct past_need *need)
{
	return (struct retain_need){.all = need->reach == PAST_ALL,
	        .last = need->reach == PAST_LAST,
	        .days = need->window.months * INT64_C(31) + need->window.days +
	                need->window.ms / MS_DAY + 1};
}

void retention_adopt(struct engine *engine, int64_t now)
{
	const struct past *past = engine->ruleset ? engine->ruleset->program->past : NULL;

	for (size_t i = 0; past && i < past->n; i++) {
		struct retain_need need = need_of(&past->needs[i]);
		retain_need(engine->db, past->needs[i].type, &need, now);
	}
}

/* The instant before which those of a type go; false: none do. */
static bool bound(struct engine *engine, const char *type, int64_t before, int64_t now,
        int64_t *out, bool *last)
{
	struct retain_need need;

	retain_needed(engine->db, type, &need);
	*last = need.last;
	*out = earlier(before, now - need.days * MS_DAY);
	return !need.all;
}

/* ---- the stages ---- */

static bool events_slice(struct engine *engine, int64_t now)
{
	struct retention *r = &engine->retention;
	int64_t before;
	bool last;

	if (!r->more) {
		if (!engine->shop->keep_events_months ||
		        !retain_next_type(engine->db, r->type, r->type, sizeof r->type))
			return false;
		r->walk = (struct walk){.time = INT64_MIN};
	}
	before = ago(engine, engine->shop->keep_events_months, now);
	r->more = bound(engine, r->type, before, now, &before, &last) &&
	          retain_events(engine->db, r->type, before, last,
	                  forwarded_floor(engine->db), &r->walk, &r->events);
	return true;
}

static bool messages_slice(struct engine *engine, int64_t now)
{
	struct retention *r = &engine->retention;
	int64_t months = engine->shop->keep_messages_months, before, ads;
	bool last;
	char *type;

	if (!r->more) {
		if (!months ||
		        !retain_next_rule(engine->db, r->type, r->type, sizeof r->type))
			return false;
		r->cursor = 0;
	}
	type = mem_printf(PAST_RECEIVED "%s", r->type);
	ads = ago(engine, months > LAW_ADVERTISING ? months : LAW_ADVERTISING, now);
	before = ago(engine, months, now);
	r->more = false;
	if (bound(engine, type, before, now, &before, &last))
		r->more = retain_messages(engine->db, r->type, before,
		        earlier(ads, before), &r->cursor, &r->messages);
	free(type);
	return true;
}

static bool next_rule(struct engine *engine)
{
	struct retention *r = &engine->retention;

	r->rule = r->more ? r->rule : r->rule + 1;
	if (!r->more)
		r->walk = (struct walk){.time = INT64_MIN};
	return r->rule <= engine->n_states;
}

/* A limit that counts what was once, or by other events, keeps its runs. */
static bool runs_may_go(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_limits; i++)
		if (rule->limits[i].kind != LIMIT_CALENDAR)
			return false;
	return rule->trigger.kind == TRIGGER_EVENT;
}

static bool runs_slice(struct engine *engine, int64_t now)
{
	struct retention *r = &engine->retention;
	const struct shop *shop = engine->shop;
	const struct rule_state *state;

	if (!shop->keep_events_months || !shop->keep_messages_months ||
	        !next_rule(engine))
		return false;
	state = &engine->states[r->rule - 1];
	r->more = runs_may_go(state->rule) &&
	          retain_runs(engine->db, state->row.id,
	                  earlier(ago(engine, shop->keep_events_months, now),
	                          now - 62 * MS_DAY),
	                  &r->walk, &r->runs);
	return true;
}

static bool bundles_slice(struct engine *engine, int64_t now)
{
	struct retention *r = &engine->retention;

	return retain_bundles(engine->db, now - 31 * MS_DAY, &r->cursor, &r->bundles);
}

static bool notices_slice(struct engine *engine, int64_t now)
{
	return duty_give_up(engine->db, now);
}

static bool orders_slice(struct engine *engine, int64_t now)
{
	struct retention *r = &engine->retention;

	return retain_orders(
	        engine->db, ago(engine, LAW_CONTRACT, now), &r->cursor, &r->orders);
}

static bool merges_slice(struct engine *engine, int64_t now)
{
	return unmerge_forget(
	        engine->db, now - UNMERGE_DAYS * MS_DAY, &engine->retention.cursor);
}

static bool stage_slice(struct engine *engine, int64_t now)
{
	switch (engine->retention.stage) {
	case STAGE_EVENTS:
		return events_slice(engine, now);
	case STAGE_MESSAGES:
		return messages_slice(engine, now);
	case STAGE_RUNS:
		return runs_slice(engine, now);
	case STAGE_BUNDLES:
		return bundles_slice(engine, now);
	case STAGE_NOTICES:
		return notices_slice(engine, now);
	case STAGE_ORDERS:
		return orders_slice(engine, now);
	case STAGE_MERGES:
		return merges_slice(engine, now);
	default:
		return retain_imports(engine->db, now - IMPORTED_DAYS * MS_DAY,
		        now - IMPORTED_KEPT_DAYS * MS_DAY);
	}
}

/* ---- a day's pass ---- */

static const char *const figures[] = {"retained_events", "retained_messages",
        "retained_runs", "retained_bundles", "retained_orders"};

static void add_figures(struct engine *engine)
{
	struct retention *r = &engine->retention;
	int64_t *counts[] = {&r->events, &r->messages, &r->runs, &r->bundles, &r->orders};

	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		if (*counts[i])
			db_meta_set_int(engine->db, figures[i],
			        db_meta_int(engine->db, figures[i], 0) + *counts[i]);
		*counts[i] = 0;
	}
}

static void go_to(struct retention *r, int stage)
{
	r->stage = stage;
	r->more = false;
	r->type[0] = '\0';
	r->rule = 0;
	r->cursor = 0;
	r->walk = (struct walk){.time = INT64_MIN};
}

static bool begin(struct engine *engine, int64_t now)
{
	if (!engine->ruleset || now - db_meta_int(engine->db, "retained_at", 0) < MS_DAY)
		return false;
	retention_adopt(engine, now);
	retain_needs_lapse(engine->db, now);
	if (engine->shop->keep_events_months)
		db_meta_set_int(
		        engine->db, "kept_from", retention_kept_from(engine, now));
	go_to(&engine->retention, STAGE_EVENTS);
	return true;
}

bool retention_slice(struct engine *engine, int64_t now)
{
	struct retention *r = &engine->retention;

	if (r->stage == STAGE_IDLE)
		return begin(engine, now);
	if (!engine->ruleset || stage_slice(engine, now)) {
		add_figures(engine);
		return engine->ruleset != NULL;
	}
	add_figures(engine);
	if (r->stage != STAGE_IMPORTS) {
		go_to(r, r->stage + 1);
		return true;
	}
	go_to(r, STAGE_IDLE);
	db_soil(engine->db);
	db_meta_set_int(engine->db, "retained_at", now);
	return false;
}

int64_t retention_kept_from(const struct engine *engine, int64_t now)
{
	int64_t was = db_meta_int(engine->db, "kept_from", INT64_MIN), is;

	if (!engine->shop->keep_events_months)
		return was;
	is = ago(engine, engine->shop->keep_events_months, now);
	return is > was ? is : was;
}

/* ---- for the owner ---- */

static json_t *kept_json(const struct engine *engine, int64_t months, const char *figure)
{
	return json_pack("{s:o, s:I}", "keep_months",
	        months ? json_integer(months) : json_null(), "deleted",
	        (json_int_t)db_meta_int(engine->db, figure, 0));
}

json_t *retention_json(const struct engine *engine)
{
	int64_t at = db_meta_int(engine->db, "retained_at", 0);
	char text[32], *held = retain_held(engine->db);
	json_t *json = json_object();

	json_object_set_new(json, "last",
	        at ? json_string(zone_format(engine->shop->zone, at, text))
	           : json_null());
	json_object_set_new(
	        json, "running", json_boolean(engine->retention.stage != STAGE_IDLE));
	json_object_set_new(json, "events",
	        kept_json(engine, engine->shop->keep_events_months, figures[0]));
	json_object_set_new(json, "messages",
	        kept_json(engine, engine->shop->keep_messages_months, figures[1]));
	json_object_set_new(json, "runs_deleted",
	        json_integer(db_meta_int(engine->db, figures[2], 0)));
	json_object_set_new(json, "held_by_rules", json_string(held));
	free(held);
	return json;
}
