/* The counts of a simulation. One walk over its messages; none of them is kept. */
#include "simulate_sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "simulate_line.h"

struct day_count {
	int64_t sent, held_back;
};

struct rule_count {
	char *name;
	struct day_count *days;
	int64_t not_sent[REASONS];
};

struct sum {
	struct sim_world *world;
	int32_t first_day;
	size_t n_days;
	struct rule_count *rules;
	size_t n_rules, last; /* last: the rule found last */
	/* the day found last, and the instants that it spans */
	size_t day;
	int64_t day_from, day_to;
};

static struct rule_count *rule_of(struct sum *sum, const char *name)
{
	struct rule_count *rule;

	for (size_t i = 0; i < sum->n_rules; i++) {
		size_t at = (sum->last + i) % sum->n_rules;
		if (strcmp(sum->rules[at].name, name))
			continue;
		sum->last = at;
		return &sum->rules[at];
	}
	rule = mem_grow(&sum->rules, sum->n_rules, sizeof *rule);
	*rule = (struct rule_count){.name = mem_strdup(name),
	        .days = mem_alloc(sum->n_days * sizeof *rule->days)};
	memset(rule->days, 0, sum->n_days * sizeof *rule->days);
	sum->last = sum->n_rules++;
	return rule;
}

static size_t day_of(struct sum *sum, int64_t time)
{
	struct zone *zone = sum->world->config->shop.zone;
	int32_t day;

	if (time >= sum->day_from && time < sum->day_to)
		return sum->day;
	day = zone_day(zone, time);
	sum->day = (size_t)(day - sum->first_day);
	sum->day_from = zone_instant(zone, day, 0);
	sum->day_to = zone_instant(zone, day + 1, 0);
	return sum->day;
}

static bool was_sent(enum message_state state)
{
	return state == MESSAGE_ACCEPTED || state == MESSAGE_DELIVERED;
}

static void count_message(void *arg, const char *name, enum message_state state,
        enum reason reason, int64_t time)
{
	struct sum *sum = arg;
	struct rule_count *rule = rule_of(sum, name);
	struct day_count *day = &rule->days[day_of(sum, time)];

	if (was_sent(state)) {
		day->sent++;
		return;
	}
	day->held_back++;
	rule->not_sent[reason]++;
}

/* Whoever never came to a message: held out, already inside, too late. */
static void count_run(void *arg, const char *name, const char *reason, int64_t n)
{
	enum reason known = reason_parse(reason);

	if (known != REASON_NONE)
		rule_of(arg, name)->not_sent[known] += n;
}

/* ---- rows ---- */

static char *date_of(int32_t day, char out[16])
{
	struct civil civil = calendar_civil(day);

	snprintf(out, 16, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
	return out;
}

static void print_days(struct sum *sum)
{
	char date[16];

	for (size_t day = 0; day < sum->n_days; day++)
		for (size_t i = 0; i < sum->n_rules; i++) {
			struct rule_count *rule = &sum->rules[i];
			struct day_count *count = &rule->days[day];
			if (!count->sent && !count->held_back)
				continue;
			sim_line_print(json_pack("{s:s, s:s, s:I, s:I}", "day",
			        date_of(sum->first_day + (int32_t)day, date), "rule",
			        rule->name, "sent", (json_int_t)count->sent, "held_back",
			        (json_int_t)count->held_back));
		}
}

static int64_t sent_later(
        const struct sim_world *world, const char *rule, enum reason reason)
{
	for (size_t i = 0; i < world->n_waits; i++)
		if (world->waits[i].reason == reason &&
		        !strcmp(world->waits[i].rule, rule))
			return world->waits[i].count;
	return 0;
}

static void print_reasons(struct sum *sum)
{
	for (size_t i = 0; i < sum->n_rules; i++)
		for (int reason = 1; reason < REASONS; reason++) {
			struct rule_count *rule = &sum->rules[i];
			int64_t not_sent = rule->not_sent[reason],
			        later = sent_later(
			                sum->world, rule->name, (enum reason)reason);
			if (!not_sent && !later)
				continue;
			sim_line_print(json_pack("{s:s, s:s, s:s, s:I, s:I}", "rule",
			        rule->name, "reason", reason_name((enum reason)reason),
			        "why", reason_text((enum reason)reason), "not_sent",
			        (json_int_t)not_sent, "sent_later", (json_int_t)later));
		}
}

static void print_costs(const struct sim_world *world)
{
	for (size_t i = 0; i < world->n_costs; i++) {
		const struct sim_cost *cost = &world->costs[i];
		sim_line_print(json_pack("{s:s, s:s?, s:I, s:o}", "channel",
		        cost->channel, "kind", cost->kind, "count",
		        (json_int_t)cost->count, "cost", sim_line_cost(cost)));
	}
}

void sim_sum_print(struct sim_world *world)
{
	struct zone *zone = world->config->shop.zone;
	const struct sim_span *span = world->span;
	struct sum sum = {.world = world, .first_day = zone_day(zone, span->from)};

	sum.n_days = (size_t)(zone_day(zone, span->end) - sum.first_day + 1);
	message_each_state(world->db, span->from, span->end, count_message, &sum);
	run_each_reason(world->db, span->from, span->end, count_run, &sum);
	print_days(&sum);
	print_reasons(&sum);
	print_costs(world);
	for (size_t i = 0; i < sum.n_rules; i++) {
		free(sum.rules[i].name);
		free(sum.rules[i].days);
	}
	free(sum.rules);
}
