/* Two worlds side by side. Both are walked in the same order, and no more than one
 * message of each is held. */
#include "simulate_diff.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "simulate_line.h"

struct side {
	struct sim_world *world;
	struct stmt *walk;
	struct message_place at;
	bool more;
	struct arena *arena;
	struct message message;
};

struct rule_change {
	char *name;
	int64_t added, removed, changed;
};

struct diff {
	struct side before, after;
	struct rule_change *rules;
	size_t n_rules;
};

static void step(struct side *side)
{
	side->more = message_walk_next(side->walk, &side->at);
}

static void open_side(struct side *side, struct sim_world *world)
{
	side->world = world;
	side->arena = arena_new();
	side->walk = message_walk(world->db, world->span->from, world->span->end);
	step(side);
}

/* < 0: a's place comes first, or b has come to its end. */
static int by_place(const struct side *a, const struct side *b)
{
	const struct message_place *x = &a->at, *y = &b->at;
	int order;

	if (!a->more || !b->more)
		return a->more ? -1 : 1;
	if ((order = strcmp(x->customer, y->customer)) ||
	        (order = strcmp(x->rule, y->rule)) ||
	        (order = strcmp(x->occasion, y->occasion)))
		return order;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	return x->leg < y->leg ? -1 : x->leg > y->leg;
}

static void read_message(struct side *side)
{
	arena_reset(side->arena);
	if (!message_get(side->world->db, side->at.id, side->arena, &side->message))
		log_die("a message of the simulation is gone");
	side->message.text = message_text(side->world->db, side->at.id, side->arena);
}

/* ---- the same? ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* What is read, with the code taken out, which is another one each time. */
static char *without_code(const struct message *message)
{
	const char *text = message->text ? message->text : "", *code = message->coupon;
	struct buf out = {0};

	for (const char *at; code && *code && (at = strstr(text, code));
	        text = at + strlen(code)) {
		buf_add(&out, text, (size_t)(at - text));
		buf_addc(&out, '\n');
	}
	buf_adds(&out, text);
	return out.data ? out.data : mem_strdup("");
}

static bool same_words(const struct message *a, const struct message *b)
{
	char *x, *y;
	bool same;

	if (same_text(a->text, b->text) || !a->coupon != !b->coupon)
		return same_text(a->text, b->text);
	x = without_code(a);
	y = without_code(b);
	same = !strcmp(x, y);
	free(x);
	free(y);
	return same;
}

static bool same(const struct side *a, const struct side *b)
{
	const struct message *x = &a->message, *y = &b->message;

	return a->at.time == b->at.time && x->state == y->state &&
	       x->reason == y->reason && !strcmp(x->channel, y->channel) &&
	       !strcmp(x->template, y->template) && same_text(x->address, y->address) &&
	       same_words(x, y);
}

/* ---- rows ---- */

static struct rule_change *rule_of(struct diff *diff, const char *name)
{
	struct rule_change *rule;

	for (size_t i = 0; i < diff->n_rules; i++)
		if (!strcmp(diff->rules[i].name, name))
			return &diff->rules[i];
	rule = mem_grow(&diff->rules, diff->n_rules++, sizeof *rule);
	*rule = (struct rule_change){.name = mem_strdup(name)};
	return rule;
}

static json_t *shown(const struct side *side)
{
	const char *customer = side && side->at.customer[0] ? side->at.customer : NULL;

	return side ? sim_line_json(side->world, &side->message, side->at.time, customer)
	            : json_null();
}

static void print(struct diff *diff, const struct side *before, const struct side *after)
{
	const struct message_place *at = after ? &after->at : &before->at;
	struct rule_change *rule = rule_of(diff, at->rule);
	const char *change = !before ? "added" : !after ? "removed" : "changed";

	*(!before ? &rule->added : !after ? &rule->removed : &rule->changed) += 1;
	sim_line_print(json_pack("{s:s?, s:s, s:s, s:o, s:o}", "customer",
	        at->customer[0] ? at->customer : NULL, "rule", at->rule, "change", change,
	        "before", shown(before), "after", shown(after)));
}

static void compare(struct diff *diff)
{
	struct side *before = &diff->before, *after = &diff->after;
	int order = by_place(before, after);

	if (order <= 0)
		read_message(before);
	if (order >= 0)
		read_message(after);
	if (order || !same(before, after))
		print(diff, order <= 0 ? before : NULL, order >= 0 ? after : NULL);
	if (order <= 0)
		step(before);
	if (order >= 0)
		step(after);
}

static const struct sim_cost *cost_in(
        const struct sim_world *world, const struct sim_cost *like)
{
	for (size_t i = 0; i < world->n_costs; i++)
		if (!strcmp(world->costs[i].channel, like->channel) &&
		        world->costs[i].kind == like->kind)
			return &world->costs[i];
	return NULL;
}

static void print_cost(const struct sim_cost *before, const struct sim_cost *after)
{
	const struct sim_cost *any = after ? after : before;

	sim_line_print(json_pack("{s:s, s:s?, s:I, s:o, s:I, s:o}", "channel",
	        any->channel, "kind", any->kind, "count",
	        (json_int_t)(after ? after->count : 0), "cost", sim_line_cost(after),
	        "count_before", (json_int_t)(before ? before->count : 0), "cost_before",
	        sim_line_cost(before)));
}

static void print_totals(struct diff *diff)
{
	const struct sim_world *before = diff->before.world, *after = diff->after.world;

	for (size_t i = 0; i < diff->n_rules; i++) {
		struct rule_change *rule = &diff->rules[i];
		sim_line_print(json_pack("{s:s, s:I, s:I, s:I}", "rule", rule->name,
		        "added", (json_int_t)rule->added, "removed",
		        (json_int_t)rule->removed, "changed", (json_int_t)rule->changed));
	}
	for (size_t i = 0; i < after->n_costs; i++)
		print_cost(cost_in(before, &after->costs[i]), &after->costs[i]);
	for (size_t i = 0; i < before->n_costs; i++)
		if (!cost_in(after, &before->costs[i]))
			print_cost(&before->costs[i], NULL);
}

void sim_diff_print(struct sim_world *before, struct sim_world *after)
{
	struct diff diff = {0};

	open_side(&diff.before, before);
	open_side(&diff.after, after);
	while (diff.before.more || diff.after.more)
		compare(&diff);
	print_totals(&diff);
	for (size_t i = 0; i < diff.n_rules; i++)
		free(diff.rules[i].name);
	free(diff.rules);
	arena_free(diff.before.arena);
	arena_free(diff.after.arena);
}
