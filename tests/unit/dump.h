/* What a program compiles to, as text: two programs with one dump do the same. It leaves
 * out titles and places. */
#ifndef DANGOL_TEST_DUMP_H
#define DANGOL_TEST_DUMP_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "language/program.h"

static inline void dump_duration(struct buf *out, struct duration d)
{
	buf_printf(out, "%d months %d days %" PRId64 " ms", d.months, d.days, d.ms);
}

static inline void dump_cond(struct buf *out, const char *what, const struct cond *cond)
{
	if (cond)
		buf_printf(out, "    %s %s\n", what, cond_sql(cond));
}

static inline void dump_trigger(struct buf *out, const struct trigger *t)
{
	static const char *const kinds[] = {"event", "birthday", "relative", "schedule",
	        "date", "enters", "leaves", "stock"};

	buf_printf(out, "  trigger %s", kinds[t->kind]);
	if (t->event)
		buf_printf(out, " event=%s", t->event);
	if (t->nth)
		buf_printf(out, " nth=%d", t->nth);
	if (t->kind == TRIGGER_RELATIVE)
		buf_printf(out, " anchor=%d", (int)t->anchor);
	if (t->name)
		buf_printf(out, " name=%s", t->name);
	if (t->kind == TRIGGER_RELATIVE || t->kind == TRIGGER_BIRTHDAY) {
		buf_printf(out, " %s ", t->before ? "before" : "after");
		dump_duration(out, t->offset);
	}
	if (t->kind == TRIGGER_SCHEDULE)
		buf_printf(out, " schedule=%d day=%d", (int)t->schedule, t->day);
	if (t->kind == TRIGGER_DATE)
		buf_printf(out, " date=%d", (int)t->date);
	if (t->kind == TRIGGER_STOCK)
		buf_printf(out, " below=%" PRId64, t->stock);
	if (t->has_at)
		buf_printf(out, " at=%d", t->at_ms);
	buf_addc(out, '\n');
	dump_cond(out, "where", t->where);
}

static inline void dump_limit(struct buf *out, const struct limit *l)
{
	static const char *const kinds[] = {
	        "once", "per event", "rolling", "calendar", "in all"};

	buf_printf(out, "  limit %s", kinds[l->kind]);
	if (l->kind != LIMIT_ONCE && l->kind != LIMIT_PER_EVENT)
		buf_printf(out, " %" PRId64, l->n);
	if (l->kind == LIMIT_CALENDAR)
		buf_printf(out, " unit=%d", (int)l->unit);
	if (l->kind == LIMIT_ROLLING) {
		buf_addc(out, ' ');
		dump_duration(out, l->period);
	}
	buf_addc(out, '\n');
}

static inline void dump_op(struct buf *out, size_t i, const struct op *op, bool texts)
{
	static const char *const kinds[] = {"send", "give", "wait", "wait until",
	        "wait for", "if", "jump", "stop", "tag", "untag", "set", "split", "end"};

	buf_printf(out, "  %zu %s", i, kinds[op->kind]);
	if (op->name)
		buf_printf(out, " %s", op->name);
	if (op->value)
		buf_printf(out, " = %s", op->value);
	for (size_t k = 0; k < op->n_legs; k++) {
		buf_printf(out, "%s%s \"%s\"", k ? " else " : " ", op->legs[k].channel,
		        op->legs[k].template);
		if (op->legs[k].url)
			buf_printf(out, " to %s", op->legs[k].url);
		if (op->legs[k].has_after) {
			buf_adds(out, " after ");
			dump_duration(out, op->legs[k].after);
		}
	}
	if (op->by_day)
		buf_adds(out, " by day");
	if (op->kind == OP_WAIT || op->kind == OP_WAIT_FOR) {
		buf_addc(out, ' ');
		dump_duration(out, op->wait);
	}
	if (op->kind == OP_WAIT_UNTIL)
		buf_printf(out, " weekday=%d at=%d", op->weekday, op->at_ms);
	if (op->event)
		buf_printf(out, " event=%s%s", op->event, op->next ? " next" : "");
	if (op->kind == OP_IF || op->kind == OP_JUMP || op->kind == OP_WAIT_FOR)
		buf_printf(out, " -> %d", op->target);
	for (size_t k = 0; k < op->n_shares; k++)
		buf_printf(out, " %d%% \"%s\" -> %d", op->shares[k], op->labels[k],
		        op->targets[k]);
	buf_addc(out, '\n');
	dump_cond(out, "cond", op->cond);
	dump_cond(out, "where", op->where);
	for (size_t k = 0; k < op->n_guards; k++)
		buf_printf(out, "    guard %s: %s\n", op->guards[k].want ? "yes" : "no",
		        texts ? cond_text(op->guards[k].cond)
		              : cond_sql(op->guards[k].cond));
}

static inline void dump_rule(struct buf *out, const struct rule *r, bool texts)
{
	buf_printf(out, "rule %s%s %s late=%" PRId64 "%s%s%s%s", r->name,
	        r->off ? " off" : "", purpose_name(r->purpose), r->late_ms,
	        r->again ? " again" : "", r->one_per_address ? " one-per-address" : "",
	        r->resend_unknown ? " resend-unknown" : "",
	        r->to_owner_only ? " owner-only" : "");
	if (r->holdout)
		buf_printf(out, " holdout=%d", r->holdout);
	if (r->was)
		buf_printf(out, " was=%s", r->was);
	buf_addc(out, '\n');
	dump_trigger(out, &r->trigger);
	dump_cond(out, "if", r->cond);
	for (size_t i = 0; i < r->n_limits; i++)
		dump_limit(out, &r->limits[i]);
	if (r->goal.set) {
		buf_printf(out, "  goal%s %s within ",
		        r->goal.measures ? " measures" : "", r->goal.event);
		dump_duration(out, r->goal.within);
		buf_addc(out, '\n');
		dump_cond(out, "where", r->goal.where);
	}
	for (size_t i = 0; i < r->n_ops; i++)
		dump_op(out, i, &r->ops[i], texts);
	for (size_t i = 0; i < r->n_events; i++)
		buf_printf(out, "  awaits %s\n", r->events[i]);
}

/* texts: guards as the owner wrote them, else as SQL, which knows no language. */
static inline void dump(struct buf *out, const struct program *p, bool texts)
{
	for (size_t i = 0; i < p->n_fields; i++)
		buf_printf(out, "field %s %d%s\n", p->fields[i].path,
		        (int)p->fields[i].type, p->fields[i].sealed ? " sealed" : "");
	for (size_t i = 0; i < p->n_segments; i++) {
		buf_printf(out, "segment %s\n", p->segments[i].name);
		dump_cond(out, "if", p->segments[i].cond);
	}
	for (size_t i = 0; i < p->n_coupons; i++) {
		const struct coupon_decl *c = &p->coupons[i];
		buf_printf(out,
		        "coupon %s %s code=%s codes=%s minimum=%" PRId64 " uses=%" PRId64
		        " stock=%" PRId64 " validity=%d until=%d for=",
		        c->name, c->discount, c->pattern ? c->pattern : "-",
		        c->codes ? c->codes : "-", c->minimum, c->uses, c->stock,
		        (int)c->validity, (int)c->valid_until);
		dump_duration(out, c->valid_for);
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < p->n_rules; i++)
		dump_rule(out, &p->rules[i], texts);
}

/* The text that pins a rule compiles alone into the same rule; else says what it was. */
static inline bool stays_pinned(const struct rule *rule)
{
	struct program_file file = {
	        .name = "pinned", .text = rule->source, .len = strlen(rule->source)};
	struct world world = {.older = true};
	struct program *program;
	struct diag diag;
	struct buf out = {0};
	bool good;

	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	diag_print(&diag, &out);
	good = program && program->n_rules == 1 &&
	       !strcmp(program->rules[0].hash, rule->hash) &&
	       program->rules[0].n_ops == rule->n_ops;
	if (!good)
		fprintf(stderr, "%s\n%s\n", rule->source, out.data ? out.data : "");
	program_free(program);
	diag_fini(&diag);
	buf_free(&out);
	return good;
}

#endif
