/* Budgets as dispatch meets them. */
#include "delivery/purse.h"

#include "engine/notice.h"
#include "store/waiting.h"

#define WOKEN_AT_ONCE 256

void purse_spent(struct dispatch *d, struct line *line, int64_t now)
{
	struct engine *engine = d->engine;
	struct budget_state state;

	if (!gate_budget(engine->db, engine->shop, line->name, now, &state) ||
	        !budget_is_near(&state) || line->told_near == state.from + 1)
		return;
	notice_budget_near(engine, &state, now);
	line->told_near = state.from + 1;
}

void purse_holds(struct dispatch *d, const char *channel, int64_t now)
{
	struct engine *engine = d->engine;
	struct budget_state state;

	if (gate_budget(engine->db, engine->shop, channel, now, &state))
		notice_budget_used(engine, &state, now);
}

bool purse_wake(struct dispatch *d, int64_t now)
{
	if (d->woken)
		return false;
	d->woken = !waiting_wake(d->engine->db, MESSAGE_HELD, REASON_BUDGET, &d->woken_to,
	        WOKEN_AT_ONCE, now);
	return !d->woken;
}
