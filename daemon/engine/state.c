/* What steps, triggers and the engine work on together: looking things up in it. It
 * changes nothing. */
#include "engine/state.h"

#include <string.h>

struct rule_state *state_of_id(const struct engine *engine, int64_t id)
{
	for (size_t i = 0; i < engine->n_states; i++)
		if (engine->states[i].row.id == id)
			return &engine->states[i];
	return NULL;
}

struct rule_state *state_of_name(const struct engine *engine, const char *name)
{
	for (size_t i = 0; i < engine->n_states; i++)
		if (!strcmp(engine->states[i].rule->name, name))
			return &engine->states[i];
	return NULL;
}

void state_plans(const struct engine *engine, const struct run *run)
{
	struct rule_state *state = run->planned ? NULL : state_of_id(engine, run->rule);

	if (state)
		state->counted_most++;
}

const struct coupon_decl *state_coupon(const struct engine *engine, const char *name)
{
	return engine->ruleset ? program_coupon(engine->ruleset->program, name) : NULL;
}
