/* What is left of a budget. It holds nothing itself: the gate does. */
#include "engine/budget.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "engine/period.h"
#include "store/spent.h"

bool budget_look(struct db *db, const struct budget *budgets, size_t n, struct zone *zone,
        const char *channel, int64_t now, struct budget_state *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct budget *budget = &budgets[i];
		int32_t from, to;
		if (strcmp(budget->channel, channel))
			continue;
		from = period_start(budget->per, zone_day(zone, now));
		to = period_end(budget->per, from);
		*out = (struct budget_state){.budget = budget,
		        .from = from,
		        .used = spent_sum(db, channel, from, to),
		        .ends = zone_instant(zone, to, 0)};
		return true;
	}
	return false;
}

bool budget_has_room(const struct budget_state *state, int64_t price)
{
	int64_t won = price > 0 ? price : state->budget->least;

	return won <= state->budget->won - state->used;
}

bool budget_is_used_up(const struct budget_state *state)
{
	return !budget_has_room(state, 0);
}

int64_t budget_left(const struct budget_state *state)
{
	int64_t left = state->budget->won - state->used;

	return left > 0 ? left : 0;
}

bool budget_is_near(const struct budget_state *state)
{
	int64_t won = state->budget->won;

	return won > 0 && state->used >= won - won / 5;
}

const char *budget_text(const struct budget *budget, char out[64])
{
	static const char *const korean[] = {"하루", "한 주", "한 달"};
	char won[32];

	text_number(budget->won, won);
	if (log_korean())
		snprintf(out, 64, "%s에 %s원", korean[budget->per], won);
	else
		snprintf(out, 64, "%s won per %s", won, period_name(budget->per));
	return out;
}
