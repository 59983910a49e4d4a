/* Which rules use which templates, and what must not stand in a template because of it: a
 * variable that the rule cannot fill, and what the law says of who sends it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "language/template.h"
#include "language/template_law.h"
#include "language/template_notice.h"

/* Does that operation render the template? */
static bool op_uses(const struct op *op, const struct template *t)
{
	for (size_t i = 0; op->kind == OP_SEND && i < op->n_legs; i++)
		if (!strcmp(op->legs[i].template, t->name) &&
		        !strcmp(op->legs[i].channel, t->channel))
			return true;
	return false;
}

static bool rule_uses(const struct rule *rule, const struct template *t)
{
	for (size_t i = 0; i < rule->n_ops; i++)
		if (op_uses(&rule->ops[i], t))
			return true;
	return false;
}

/* ---- has a coupon been given by then? ---- */

/* On the ways that lead to an operation. */
struct ways {
	bool with, without;
};

static void lead(struct ways *ways, size_t to, struct ways from)
{
	ways[to].with |= from.with;
	ways[to].without |= from.without;
}

/* Operations lead forward alone, so that one pass sees every way. */
static void follow(const struct rule *rule, struct ways *ways)
{
	ways[0].without = true;
	for (size_t i = 0; i + 1 < rule->n_ops; i++) {
		const struct op *op = &rule->ops[i];
		struct ways on = ways[i];

		if (op->kind == OP_GIVE)
			on = (struct ways){.with = on.with || on.without};
		if (op->kind == OP_IF || op->kind == OP_JUMP || op->kind == OP_WAIT_FOR)
			lead(ways, (size_t)op->target, on);
		for (size_t k = 0; k < op->n_shares; k++)
			lead(ways, (size_t)op->targets[k], on);
		if (op->kind != OP_JUMP && op->kind != OP_STOP && op->kind != OP_SPLIT)
			lead(ways, i + 1, on);
	}
}

/* Over all sends of the template; one that is never reached says nothing. */
static enum code_coupon coupon_of(const struct rule *rule, const struct template *t)
{
	struct ways *ways = mem_alloc(rule->n_ops * sizeof *ways), all = {0};

	memset(ways, 0, rule->n_ops * sizeof *ways);
	follow(rule, ways);
	for (size_t i = 0; i < rule->n_ops; i++)
		if (op_uses(&rule->ops[i], t))
			lead(&all, 0, ways[i]);
	free(ways);
	return !all.without ? COUPON_ALWAYS : all.with ? COUPON_SOMETIMES : COUPON_NEVER;
}

/* ---- linking ---- */

static void warn_looser(
        const struct template *t, const struct rule *rule, struct diag *diag)
{
	const struct program_file *file = &t->code->file;
	const char *line = strcasestr(file->text, "purpose");
	size_t at = line ? (size_t)(line - file->text) : 0;

	diag_warn(diag, code_place(file, at, at + strlen("purpose"), diag), file->text,
	        TR("rule '%s' makes this an advertisement all the same: a template may "
	           "only be stricter",
	                "규칙 '%s'이(가) 광고이므로 이 메시지도 광고입니다. 양식은 더 "
	                "엄격하게만 정할 수 있습니다"),
	        rule->name);
}

/* What the customer paid for starts it. */
static bool by_own_act(const struct rule *rule)
{
	static const char *const acts[] = {
	        "order.paid", "order.shipped", "order.delivered", NULL};
	const struct trigger *t = &rule->trigger;
	bool order = t->anchor == ANCHOR_FIRST_ORDER || t->anchor == ANCHOR_LAST_ORDER;
	bool event = t->anchor == ANCHOR_FIRST_EVENT || t->anchor == ANCHOR_LAST_EVENT;
	const char *type = t->kind == TRIGGER_EVENT ? t->event : t->name;

	if (t->kind == TRIGGER_RELATIVE && order)
		return true;
	if (t->kind != TRIGGER_EVENT && (t->kind != TRIGGER_RELATIVE || !event))
		return false;
	for (size_t i = 0; acts[i]; i++)
		if (!strcmp(type, acts[i]))
			return true;
	return false;
}

static void link_one(struct templates *templates, struct template *t,
        struct program *program, struct diag *diag)
{
	struct code_use anybody = {.program = program,
	        .has_event = true,
	        .notice = true,
	        .coupon = COUPON_ALWAYS};
	bool own_ad = t->purpose && !strcmp(t->purpose, "ad"), ad = own_ad;
	struct law_use law = {.earned = true};

	for (size_t i = 0; i < program->n_rules; i++) {
		const struct rule *rule = &program->rules[i];
		bool event = rule->trigger.kind == TRIGGER_EVENT ||
		             rule->trigger.kind == TRIGGER_STOCK;
		struct code_use use = {.program = program,
		        .rule = rule->name,
		        .has_event = event,
		        .notice = rule->built_in,
		        .coupon = coupon_of(rule, t)};

		if (!rule_uses(rule, t))
			continue;
		t->used = true;
		use.event_type = rule->trigger.kind == TRIGGER_STOCK
		                         ? "stock.changed"
		                         : rule->trigger.event;
		if (!event)
			use.event_type = NULL;
		code_link(t->code, templates->arena, &use, diag);
		if (rule->purpose != PURPOSE_AD && !own_ad) {
			law.informs = true;
			law.earned = law.earned && by_own_act(rule);
		}
		if (rule->purpose == PURPOSE_AD && t->purpose && !ad &&
		        strcmp(t->channel, "owner"))
			warn_looser(t, rule, diag);
		ad = ad || rule->purpose == PURPOSE_AD;
		if (rule->built_in)
			template_notice_check(t, rule, diag);
	}
	if (!t->used)
		code_link(t->code, templates->arena, &anybody, diag);
	t->ad = law.ad = ad;
	law.informs = law.informs || (t->purpose && !ad);
	law_check(t, templates->arena, &law, diag);
}

bool templates_link(
        struct templates *templates, struct program *program, struct diag *diag)
{
	size_t told = diag->told;

	for (size_t i = 0; i < templates->n; i++)
		link_one(templates, &templates->items[i], program, diag);
	return diag->told == told;
}
