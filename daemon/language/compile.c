/* A rule's clauses, compiled. Whatever it reads was checked: a name that is not there is
 * our own mistake. */
#include "language/compile.h"

#include <assert.h>
#include <string.h>
#include "base/clock.h"
#include "language/sweep.h"

#define LATE_EVENT (24 * MS_HOUR)
#define LATE_TIME (12 * MS_HOUR)

struct cond *compile_cond(
        struct compile *c, const struct scope *scope, const struct ast_expr *expr)
{
	struct cond *cond;

	if (!expr)
		return NULL;
	cond = cond_new(c->arena, scope, expr);
	cond->next = c->conds;
	c->conds = cond;
	return cond;
}

/* event.order = trigger.order, as if it were written. */
static struct ast_expr *same_order(struct compile *c, const struct ast_event *event)
{
	struct ast_expr *e = arena_alloc(c->arena, sizeof *e);

	e->kind = EXPR_COMPARE;
	e->at = event->type.at;
	e->cmp = CMP_EQ;
	e->operand.kind = OPERAND_PATH;
	e->operand.at = event->type.at;
	e->operand.path = (struct ast_name){.text = "event.order", .at = event->type.at};
	e->values = arena_alloc(c->arena, sizeof *e->values);
	e->values[0] = (struct ast_value){
	        .kind = VALUE_PATH, .text = "trigger.order", .at = event->type.at};
	e->n_values = 1;
	return e;
}

const struct ast_expr *compile_where(struct compile *c, const struct ast_event *event)
{
	struct ast_expr *both;

	if (!event->of_this_order)
		return event->where;
	if (!event->where)
		return same_order(c, event);
	both = arena_alloc(c->arena, sizeof *both);
	both->kind = EXPR_AND;
	both->at = event->where->at;
	both->a = same_order(c, event);
	both->b = event->where;
	return both;
}

static struct cond *where(struct compile *c, const struct scope *scope,
        const struct ast_event *event, const char *type)
{
	struct scope inner = *scope;

	inner.event = type;
	inner.has_event = inner.in_where = true;
	return compile_cond(c, &inner, compile_where(c, event));
}

/* ---- triggers ---- */

static const char *type_of(const struct scope *scope, const char *written)
{
	const char *near, *type = names_event(scope, written, &near);

	assert(type);
	return type;
}

static void date_anchor(
        const struct scope *scope, const struct ast_date *date, struct trigger *out)
{
	switch (date->word) {
	case DATE_BIRTHDAY:
		return;
	case DATE_JOINED:
		out->anchor = ANCHOR_JOINED;
		return;
	case DATE_ORDER:
		out->anchor = date->first ? ANCHOR_FIRST_ORDER : ANCHOR_LAST_ORDER;
		return;
	case DATE_VISIT:
		out->anchor = date->first ? ANCHOR_FIRST_VISIT : ANCHOR_LAST_VISIT;
		return;
	case DATE_EVENT:
		out->anchor = date->first ? ANCHOR_FIRST_EVENT : ANCHOR_LAST_EVENT;
		out->name = type_of(scope, date->event.text);
		return;
	}
}

static void path_anchor(const struct scope *scope, const char *path, struct trigger *out)
{
	struct subject s;
	const char *near, *type;

	if (names_path(scope, path, &s, &near) == NAMES_OK &&
	        s.kind == SUBJECT_ATTRIBUTE) {
		out->anchor = ANCHOR_FIELD;
		out->name = s.path;
		return;
	}
	out->anchor = ANCHOR_EVENT_FIELD;
	out->name = names_event_field(scope, path, &type, &s, &near) ? s.path
	                                                             : "reservation.at";
}

static void anchor(
        const struct scope *scope, const struct ast_trigger *in, struct trigger *out)
{
	switch (in->anchor) {
	case AST_ANCHOR_DATE:
		date_anchor(scope, &in->date_word, out);
		return;
	case AST_ANCHOR_COUPON:
		out->anchor = ANCHOR_COUPON;
		out->name = in->name.text;
		return;
	case AST_ANCHOR_PATH:
		path_anchor(scope, in->name.text, out);
		return;
	}
}

static const char *text_of(struct arena *arena, const struct place *at)
{
	return arena_strndup(arena, at->file->text + at->from, at->to - at->from);
}

static void trigger(struct compile *c, const struct scope *scope,
        const struct ast_trigger *in, struct trigger *out)
{
	*out = (struct trigger){.kind = in->kind,
	        .nth = in->nth,
	        .before = in->before,
	        .offset = in->offset,
	        .schedule = in->schedule,
	        .day = in->day,
	        .date = in->date,
	        .has_at = in->has_at,
	        .at_ms = in->at_ms,
	        .stock = in->stock,
	        .text = text_of(c->arena, &in->at)};
	switch (in->kind) {
	case TRIGGER_EVENT:
		out->event = type_of(scope, in->event.type.text);
		out->where = where(c, scope, &in->event, out->event);
		if (out->where && out->nth > 1)
			cond_add_rows(out->where);
		return;
	case TRIGGER_RELATIVE:
		anchor(scope, in, out);
		return;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		out->name = in->name.text;
		return;
	case TRIGGER_STOCK:
		out->event = "stock.changed";
		return;
	case TRIGGER_BIRTHDAY:
	case TRIGGER_SCHEDULE:
	case TRIGGER_DATE:
		return;
	}
}

/* ---- clauses ---- */

static void limits(struct compile *c, const struct ast_rule *in, struct rule *out)
{
	out->n_limits = in->n_limits;
	out->limits = arena_alloc(c->arena, (in->n_limits + 1) * sizeof *out->limits);
	for (size_t i = 0; i < in->n_limits; i++)
		out->limits[i] = in->limits[i].limit;
}

static void goal(struct compile *c, const struct scope *scope, const struct ast_rule *in,
        struct rule *out)
{
	const struct ast_goal *g = &in->goal;

	if (!g->set)
		return;
	out->goal.set = true;
	out->goal.measures = g->measures;
	out->goal.within = g->within;
	out->goal.event = type_of(scope, g->event.type.text);
	out->goal.where = where(c, scope, &g->event, out->goal.event);
}

/* A calendar span of lateness is counted in days of 24 hours: nobody waits on the minute.
 */
static int64_t late_ms(const struct ast_rule *in)
{
	bool timed =
	        in->trigger.kind != TRIGGER_EVENT && in->trigger.kind != TRIGGER_STOCK;

	if (in->has_late)
		return in->late.ms +
		       (in->late.days + in->late.months * INT64_C(30)) * MS_DAY;
	return timed ? LATE_TIME : LATE_EVENT;
}

static void goods(struct compile *c, const struct ast_rule *in, struct rule *out)
{
	out->n_goods = in->n_goods;
	out->goods = arena_alloc(c->arena, (in->n_goods + 1) * sizeof *out->goods);
	for (size_t i = 0; i < in->n_goods; i++)
		out->goods[i] = in->goods[i].text;
}

void compile_rule(struct compile *c, const struct ast_rule *in, struct rule *out)
{
	struct check asked = {.ast = c->ast, .arena = c->arena, .pinned = c->pinned};
	struct scope scope = check_scope(&asked, in);

	*out = (struct rule){.name = in->name.text,
	        .title = in->title,
	        .file = in->at.file->name,
	        .line = in->at.line,
	        .off = in->off,
	        .purpose = in->notice ? PURPOSE_NOTICE
	                   : in->info ? PURPOSE_INFO
	                              : PURPOSE_AD,
	        .built_in = in->notice,
	        .holdout = in->has_holdout ? (int)in->holdout.number : 0,
	        .late_ms = late_ms(in),
	        .again = in->again,
	        .one_per_address = in->one_per_address,
	        .resend_unknown = in->resend_unknown,
	        .was = in->was.text,
	        .to_owner_only = check_owner_only(in)};
	goods(c, in, out);
	trigger(c, &scope, &in->trigger, &out->trigger);
	out->cond = compile_cond(c, &scope, in->cond);
	limits(c, in, out);
	goal(c, &scope, in, out);
	compile_steps(c, in, &scope, out);
	out->queries = sweep_new(c->arena, &scope, &out->trigger, in->cond);
	compile_pin(c, in, out);
}
