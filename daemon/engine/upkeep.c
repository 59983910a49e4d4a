/* Tells the store what the rules in force need of it, and what no more. */
#include "engine/upkeep.h"

#include <string.h>
#include "language/deps.h"
#include "store/dates.h"

struct needs {
	struct arena *arena;
	const struct dates_set **dates;
	size_t n_dates;
	struct segment_trigger *triggers;
	size_t n_triggers;
};

static void need_dates(struct needs *needs, const struct dates_set *set)
{
	for (size_t i = 0; i < needs->n_dates; i++)
		if (!strcmp(needs->dates[i]->name, set->name))
			return;
	needs->dates[needs->n_dates++] = set;
}

static void border_dates(struct needs *needs, const struct deps *deps)
{
	for (size_t i = 0; i < deps->n_movers; i++)
		if (deps->movers[i].kept)
			need_dates(needs, deps->movers[i].kept);
}

static void all_dates(struct engine *engine, struct needs *needs)
{
	size_t most = engine->n_states;

	for (size_t i = 0; i < engine->n_borders; i++)
		most += engine->borders[i].segment->deps->n_movers;
	needs->dates = arena_alloc(needs->arena, (most + 1) * sizeof *needs->dates);
	for (size_t i = 0; i < engine->n_borders; i++)
		border_dates(needs, engine->borders[i].segment->deps);
	for (size_t i = 0; i < engine->n_states; i++) {
		const struct dates_set *set = rule_dates(engine->states[i].rule);
		if (set)
			need_dates(needs, set);
	}
}

static void all_triggers(struct engine *engine, struct needs *needs)
{
	const struct deps **deps = arena_alloc(
	        needs->arena, (engine->n_borders + 1) * sizeof(struct deps *));
	const struct segment_trigger *borders;
	size_t n;

	for (size_t i = 0; i < engine->n_borders; i++)
		deps[i] = engine->borders[i].segment->deps;
	borders = deps_triggers(needs->arena, deps, engine->n_borders, &n);
	needs->triggers = arena_alloc(
	        needs->arena, (n + 3 * needs->n_dates + 1) * sizeof *needs->triggers);
	for (size_t i = 0; i < n; i++)
		needs->triggers[needs->n_triggers++] = borders[i];
	for (size_t i = 0; i < needs->n_dates; i++)
		for (size_t t = 0; t < needs->dates[i]->n_triggers; t++)
			needs->triggers[needs->n_triggers++] =
			        needs->dates[i]->triggers[t];
}

void upkeep_adopt(struct engine *engine)
{
	struct needs needs = {.arena = arena_new()};

	all_dates(engine, &needs);
	all_triggers(engine, &needs);
	engine->follows = needs.n_dates > 0;
	dates_need(engine->db, needs.dates, needs.n_dates);
	segment_triggers(engine->db, needs.triggers, needs.n_triggers);
	arena_free(needs.arena);
}
