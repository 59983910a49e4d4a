/* Ends what waits of a rule that is off, slice by slice, and says when that is over. It
 * decides of no rule whether it is off. */
#include "engine/ending.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/log.h"
#include "base/mem.h"
#include "store/audit.h"

#define MOST 4096 /* found in the store at a time; what is beyond when these are over */

static struct ending *find(const struct engine *engine, int64_t rule)
{
	for (size_t i = 0; i < engine->n_endings; i++)
		if (engine->endings[i].rule == rule)
			return &engine->endings[i];
	return NULL;
}

static struct ending *add(struct engine *engine, int64_t rule)
{
	struct ending *e = find(engine, rule);

	if (e)
		return e;
	e = mem_grow(&engine->endings, engine->n_endings, sizeof *e);
	*e = (struct ending){.rule = rule};
	engine->n_endings++;
	return e;
}

static void take_out(struct engine *engine, struct ending *e)
{
	size_t at = (size_t)(e - engine->endings);

	engine->n_endings--;
	for (size_t i = at; i < engine->n_endings; i++)
		engine->endings[i] = engine->endings[i + 1];
}

bool ending_under_way(const struct engine *engine, int64_t rule)
{
	return engine->n_endings && find(engine, rule);
}

bool ending_begin(struct engine *engine, int64_t rule, int *effort, int64_t now)
{
	struct ending *e = add(engine, rule);

	waiting_begin(engine->db, rule, now);
	*e = (struct ending){.rule = rule};
	if (*effort <= 0 || waiting_slice(engine->db, e, effort, now))
		return false;
	take_out(engine, e);
	return true;
}

/* In the journal, in the audit, and to whom asks what the files changed. */
static void tell(
        struct engine *engine, const struct rule_state *state, int64_t rule, int64_t now)
{
	struct change change = {.kind = state ? CHANGE_OFF : CHANGE_REMOVED,
	        .ended = waiting_ended(engine->db, rule)};
	char *name = rule_row_name(engine->db, rule), *what, *text;

	snprintf(change.rule, sizeof change.rule, "%s", name ? name : "");
	free(name);
	changes_over(&engine->untold, change.rule, change.ended);
	text = change_text(&change);
	log_info("%s", text);
	what = mem_printf("rule.%s", change_kind_name(change.kind));
	audit_add(engine->db, now, "daemon", what, change.rule, text);
	free(what);
	free(text);
}

static void over(struct engine *engine, int64_t rule, int64_t now)
{
	struct rule_state *state = state_of_id(engine, rule);

	tell(engine, state, rule, now);
	if (!state)
		return;
	if (!state->rule->off && !state->row.owner_off)
		rule_row_activate(engine->db, rule, true, now);
	rule_row_find(engine->db, state->rule->name, &state->row);
}

bool ending_slice(struct engine *engine, int64_t now)
{
	struct ending *e = engine->endings;
	int effort = ENDING_EFFORT;
	int64_t rule;

	if (!engine->n_endings)
		return false;
	rule = e->rule;
	if (!waiting_slice(engine->db, e, &effort, now)) {
		take_out(engine, e);
		if (!engine->n_endings)
			ending_reread(engine);
		over(engine, rule, now);
	}
	return engine->n_endings > 0;
}

bool ending_takes(struct engine *engine, const struct run *run, int64_t now)
{
	if (!ending_under_way(engine, run->rule))
		return false;
	waiting_end_run(engine->db, run->rule, run->id, now);
	return true;
}

void ending_reread(struct engine *engine)
{
	int64_t *rules = mem_alloc(MOST * sizeof *rules);
	int n = waiting_endings(engine->db, rules, MOST);

	engine->n_endings = 0;
	for (int i = 0; i < n; i++)
		add(engine, rules[i]);
	free(rules);
}

void ending_close(struct engine *engine)
{
	free(engine->endings);
	engine->endings = NULL;
	engine->n_endings = 0;
}
