/* What messages cost, for status and plans: spent today and this month, and what is left
 * of budgets. It counts nothing itself. */
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/period.h"
#include "store/spent.h"

static void add_to(json_t *json, const char *name, int64_t won)
{
	int64_t so_far = json_integer_value(json_object_get(json, name));
	json_object_set_new(json, name, json_integer(so_far + won));
}

/* Every channel of dangol.conf has its place; one that stood there once gets it here. */
static json_t *place_of(json_t *channels, const char *channel)
{
	json_t *json = json_object_get(channels, channel);
	if (json)
		return json;
	json = json_pack("{s:i, s:i, s:n, s:n, s:n, s:n}", "today", 0, "month", 0,
	        "budget", "per", "left", "until");
	json_object_set_new(channels, channel, json);
	return json;
}

struct adding {
	json_t *json;
	const char *name; /* "today", "month" */
};

static void add_channel(void *arg, const char *channel, int64_t won)
{
	struct adding *adding = arg;
	add_to(adding->json, adding->name, won);
	add_to(place_of(json_object_get(adding->json, "by_channel"), channel),
	        adding->name, won);
}

static void put_budget(json_t *json, const struct budget_state *state, struct zone *zone)
{
	char until[32];
	json_object_set_new(json, "budget", json_integer(state->budget->won));
	json_object_set_new(json, "per", json_string(period_name(state->budget->per)));
	json_object_set_new(json, "left", json_integer(budget_left(state)));
	json_object_set_new(
	        json, "until", json_string(zone_format(zone, state->ends, until)));
}

static bool look(struct call *call, const char *channel, struct budget_state *out)
{
	return gate_budget(call->db, call->api->shop, channel, call->now, out);
}

json_t *call_spent_json(struct call *call, json_t *channels)
{
	struct zone *zone = call->api->shop->zone;
	int32_t today = zone_day(zone, call->now),
	        month = period_start(SCHEDULE_MONTH, today);
	json_t *json = json_pack(
	               "{s:i, s:i, s:{}}", "today", 0, "month", 0, "by_channel"),
	       *places = json_object_get(json, "by_channel"), *one;
	struct adding day = {json, "today"}, whole = {json, "month"};
	struct budget_state state;
	const char *name;
	json_object_foreach(channels, name, one) place_of(places, name);
	spent_each(call->db, today, today + 1, add_channel, &day);
	spent_each(
	        call->db, month, period_end(SCHEDULE_MONTH, month), add_channel, &whole);
	json_object_foreach(places, name, one)
	{
		if (look(call, name, &state))
			put_budget(one, &state, zone);
	}
	return json;
}

char *call_budget_why(struct call *call)
{
	const struct shop *shop = call->api->shop;
	struct budget_state state;
	char budget[64], until[32];
	for (size_t i = 0; i < shop->n_budgets; i++) {
		const char *channel = shop->budgets[i].channel;
		if (!look(call, channel, &state) || !budget_is_used_up(&state) ||
		        !message_waiting(call->db, channel))
			continue;
		return mem_printf(
		        TR("The budget of channel %s, %s, is used up: its "
		           "advertisements wait until %s.",
		                "%s 채널의 예산(%s)을 다 썼습니다. 이 채널의 광고는 "
		                "%s까지 기다립니다."),
		        channel, budget_text(state.budget, budget),
		        zone_format(shop->zone, state.ends, until));
	}
	return NULL;
}

json_t *call_budget_json(struct call *call, const char *channel, int64_t cost)
{
	struct budget_state state;
	json_t *json;
	if (!look(call, channel, &state) || budget_has_room(&state, cost))
		return NULL;
	json = json_pack("{s:s, s:I}", "channel", channel, "cost", (json_int_t)cost);
	put_budget(json, &state, call->api->shop->zone);
	return json;
}
