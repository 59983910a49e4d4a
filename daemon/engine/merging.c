/* Merging customers beside the rules: which of two runs goes on where limits add, and
 * borders that are crossed in silence. */
#include "engine/merging.h"

#include "base/clock.h"
#include "engine/border.h"
#include "engine/trigger.h"
#include "store/alias.h"
#include "store/unmerge.h"

struct judging {
	struct engine *engine;
	int64_t now;
};

static enum merge_rule judge(void *arg, int64_t rule, int64_t customer)
{
	const struct judging *j = arg;
	const struct rule_state *state = state_of_id(j->engine, rule);

	if (!state)
		return MERGE_RULE_FREE;
	if (state->rule->built_in)
		return MERGE_RULE_LAW;
	return trigger_full(j->engine, state, customer, j->now) ? MERGE_RULE_FULL
	                                                        : MERGE_RULE_FREE;
}

void merging_settle(struct engine *engine, int64_t now)
{
	border_settle(engine, 0, now);
	trigger_settle(engine, true, now);
}

void merging_begin(struct engine *engine, int64_t from, int64_t into, int64_t now,
        struct merge_counts *counts)
{
	struct judging judging = {engine, now};
	const struct merge_judge merge_judge = {judge, &judging};

	/* what others moved before fires as ever */
	border_settle(engine, now, now);
	trigger_settle(engine, false, now);
	merge_begin(engine->db, from, into, &merge_judge, now, counts);
	merging_settle(engine, now);
}

void merging_join(struct engine *engine, int64_t from, int64_t into, int64_t now)
{
	struct judging judging = {engine, now};
	const struct merge_judge merge_judge = {judge, &judging};
	struct merge_counts counts;

	trigger_settle(engine, false, now);
	merge_begin(engine->db, from, into, &merge_judge, now, &counts);
	merge_joined(engine->db, from);
	if (engine->n_borders)
		segment_touch(engine->db, into);
}

/* Whoever is on his way there, also from an earlier merge. */
static bool step(struct engine *engine, int64_t into, struct merge_counts *counts)
{
	int64_t from = merge_pending(engine->db, into);

	if (from && merge_step(engine->db, from, counts) && engine->n_borders)
		segment_touch(engine->db, into);
	return from == 0;
}

bool merging_slice(struct engine *engine, int64_t customer, int most_ms, int64_t now,
        struct merge_counts *counts)
{
	int64_t until = clock_mono() + most_ms,
	        into = alias_current(engine->db, customer);
	bool done;

	border_settle(engine, now, now);
	trigger_settle(engine, false, now);
	do
		done = step(engine, into, counts);
	while (!done && clock_mono() < until && db_status(engine->db) == DB_OK);
	merging_settle(engine, now);
	return done;
}

/* ---- taking apart ---- */

void merging_part(
        struct engine *engine, int64_t from, int64_t now, struct merge_counts *counts)
{
	border_settle(engine, now, now);
	trigger_settle(engine, false, now);
	unmerge_begin(engine->db, from, now, counts);
	merging_settle(engine, now);
}

static void touch_both(struct engine *engine, int64_t from, int64_t into)
{
	if (!engine->n_borders)
		return;
	segment_touch(engine->db, from);
	segment_touch(engine->db, into);
}

bool merging_part_slice(struct engine *engine, int64_t from, int most_ms, int64_t now,
        struct merge_counts *counts)
{
	int64_t until = clock_mono() + most_ms, into = unmerge_other(engine->db, from);
	bool done;

	border_settle(engine, now, now);
	trigger_settle(engine, false, now);
	do
		done = unmerge_step(engine->db, from, counts);
	while (!done && clock_mono() < until && db_status(engine->db) == DB_OK);
	touch_both(engine, from, into);
	merging_settle(engine, now);
	return done;
}
