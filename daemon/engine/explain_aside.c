/* An engine of its own for one explanation: the rule compiled from the text that pins it,
 * on a reader. Nothing that the loop may change meanwhile is looked at. */
#include "engine/explain_aside.h"

#include <stdlib.h>
#include <string.h>
#include "engine/explain.h"
#include "engine/reach.h"
#include "store/walk.h"

struct explain_question {
	struct reach_question *where; /* the store, the shop, the rule's text */
	struct ruleset *ruleset;      /* held: its templates and coupons, which stand */
	struct rule_row row;
	struct segment_row border; /* where the rule waits at one */
	int64_t customer;
	const struct rule *original; /* the ruleset's own: where it stands */
};

/* ---- on the loop ---- */

static void copy_border(const struct engine *engine, struct explain_question *q)
{
	const char *segment = q->original->trigger.name;

	for (size_t i = 0; segment && i < engine->n_borders; i++)
		if (!strcmp(engine->borders[i].segment->name, segment))
			q->border = engine->borders[i].row;
}

struct explain_question *explain_question_new(const struct engine *engine,
        const struct rule_state *state, int64_t customer, int64_t now)
{
	struct explain_question *q = mem_alloc(sizeof *q);

	*q = (struct explain_question){
	        .where = reach_question_new(engine, state->rule, now),
	        .ruleset = ruleset_hold(engine->ruleset),
	        .row = state->row,
	        .customer = customer,
	        .original = state->rule,
	};
	copy_border(engine, q);
	return q;
}

void explain_question_free(struct explain_question *q)
{
	reach_question_free(q->where);
	ruleset_free(q->ruleset);
	free(q);
}

/* ---- in the pool ---- */

struct aside {
	struct engine engine;
	struct shop shop;
	struct rule_state state;
	struct border border;
};

/* The owner knows its lines by the file, not by the text that pins it. */
static void place(struct rule *rule, const struct rule *original)
{
	rule->file = original->file;
	rule->line = original->line;
	for (size_t i = 0; i < rule->n_ops && i < original->n_ops; i++)
		rule->ops[i].line = original->ops[i].line;
}

static void furnish(
        struct aside *a, const struct explain_question *q, struct program *program)
{
	struct rule *rule = &program->rules[0];

	place(rule, q->original);
	a->state = (struct rule_state){.rule = rule, .row = q->row};
	a->engine.states = &a->state;
	a->engine.n_states = 1;
	a->engine.ruleset = q->ruleset;
	versions_current(a->engine.versions, rule, q->row.version);
	a->border.row = q->border;
	a->border.segment =
	        q->border.id ? program_segment(program, rule->trigger.name) : NULL;
	a->engine.borders = &a->border;
	a->engine.n_borders = a->border.segment != NULL;
}

static bool answer(struct aside *a, const struct explain_question *q,
        const struct world *world, struct arena *arena, struct explanation *out)
{
	struct program_file file = {.name = q->where->rule,
	        .text = q->where->source,
	        .len = strlen(q->where->source)};
	struct stmt *snapshot = walk_hold(a->engine.db);
	struct customer customer;
	struct program *program;
	struct diag diag;
	bool good;

	diag_init(&diag);
	program = program_compile(&file, 1, world, &diag);
	good = program && program->n_rules == 1 &&
	       customer_get(a->engine.db, q->customer, arena, &customer);
	if (good) {
		furnish(a, q, program);
		explain(&a->engine, &a->state, &customer, q->where->now, arena, out);
	}
	versions_free(a->engine.versions);
	diag_fini(&diag);
	program_free(program);
	stmt_done(snapshot);
	return good;
}

bool explain_aside(
        struct explain_question *q, struct arena *arena, struct explanation *out)
{
	struct world world = {.older = true, .has_refuse = true, .has_public = true};
	struct aside a = {.shop = q->where->shop};
	bool good;

	a.shop.owner_sms = q->where->owner_sms;
	a.shop.owner_email = q->where->owner_email;
	world.zone = a.shop.zone = zone_open(q->where->timezone);
	world.today = zone_day(a.shop.zone, q->where->now);
	a.engine.shop = &a.shop;
	a.engine.db = db_open_reader(q->where->store);
	if (a.engine.db)
		a.engine.versions = versions_new(a.engine.db, &world);
	good = a.engine.db && answer(&a, q, &world, arena, out);
	if (a.engine.db)
		db_close(a.engine.db);
	zone_close(a.shop.zone);
	return good;
}
