/* Counts what rules came to, a rule at a time, through the index of its runs. It writes
 * nothing, and knows no condition. */
#include "store/report.h"
#include "store/duty.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/mem.h"
#include "store/goal.h"
#include "store/walk.h"

struct span {
	struct db *db;
	int64_t rule, from, to, now;
};

static struct stmt *of_span(const struct span *span, const char *static_sql)
{
	struct stmt *st = db_stmt(span->db, static_sql);

	stmt_int(st, 1, span->rule);
	stmt_int(st, 2, span->from);
	stmt_int(st, 3, span->to);
	return st;
}

#define BEGUN \
	" WHERE r.rule = ?1 AND r.started_at >= ?2 AND r.started_at < ?3 AND r.pc >= 0"

/* A goal that was never met has nothing that could stand. */
static void count_runs(const struct span *span, struct report_rule *out)
{
	struct stmt *st = of_span(span,
	        "SELECT r.held_out, count(*), sum(r.goal_until IS NOT NULL),"
	        " sum(r.goal_at IS NOT NULL AND EXISTS (SELECT 1 FROM goal g"
	        " WHERE g.run = r.id AND " GOAL_STANDS ")),"
	        " sum(r.goal_until IS NOT NULL AND r.goal_until > ?4)"
	        " FROM run r INDEXED BY run_rule" BEGUN " GROUP BY r.held_out");

	stmt_int(st, 4, span->now);
	while (stmt_row(st)) {
		bool held_out = stmt_get(st, 0) != 0;
		out->runs += stmt_get(st, 1);
		out->held_out += held_out ? stmt_get(st, 1) : 0;
		*(held_out ? &out->kept : &out->written) = (struct report_side){
		        stmt_get(st, 2), stmt_get(st, 3), stmt_get(st, 4)};
	}
}

static void count_messages(const struct span *span, struct report_rule *out)
{
	struct stmt *st = of_span(span,
	        "SELECT m.channel, sum(m.state IN ('accepted', 'delivered')),"
	        " sum(m.state = 'delivered'),"
	        " sum(CASE WHEN m.price IS NOT NULL OR m.sunk IS NOT NULL THEN"
	        " coalesce(m.price, 0) + coalesce(m.sunk, 0) END)"
	        " FROM run r INDEXED BY run_rule CROSS JOIN message m INDEXED BY"
	        " message_key ON m.run = r.id" BEGUN " GROUP BY m.channel");

	while (stmt_row(st)) {
		size_t i = out->n_channels;
		out->priced |= !stmt_is_null(st, 3);
		out->cost += stmt_get(st, 3);
		if (i == REPORT_CHANNELS || !stmt_get(st, 1))
			continue;
		out->n_channels++;
		snprintf(out->channels[i].name, sizeof out->channels[i].name, "%s",
		        stmt_get_text(st, 0));
		out->channels[i].accepted = stmt_get(st, 1);
		out->channels[i].delivered = stmt_get(st, 2);
	}
}

static void read_two(struct stmt *st, int64_t *a, int64_t *b)
{
	if (!stmt_row(st))
		return;
	*a = stmt_get(st, 0);
	*b = stmt_get(st, 1);
	stmt_done(st);
}

/* Money is won once it is paid. */
static void count_orders(const struct span *span, struct report_rule *out)
{
	struct stmt *st = of_span(span,
	        "SELECT count(*), coalesce(sum(CASE WHEN o.paid_at IS NULL THEN 0 ELSE"
	        " o.total - o.refunded END), 0)"
	        " FROM run r INDEXED BY run_rule CROSS JOIN goal g ON g.run = r.id"
	        " CROSS JOIN orders o ON o.id = g.order_id" BEGUN
	        " AND r.goal_at IS NOT NULL AND r.held_out = 0 AND NOT " GOAL_TAKEN_BACK
	        " AND r.id = " GOAL_CREDITED("o.id"));

	read_two(st, &out->orders, &out->revenue);
}

static void count_coupons(const struct span *span, struct report_rule *out)
{
	struct stmt *st =
	        of_span(span, "SELECT count(c.issued_at), coalesce(sum(c.used > 0), 0)"
	                      " FROM run r INDEXED BY run_rule CROSS JOIN coupon c "
	                      "INDEXED BY coupon_run"
	                      " ON c.run = r.id" BEGUN);

	read_two(st, &out->given, &out->redeemed);
}

/* ---- which rules ---- */

/* What the daemon itself does under a rule's name has no version. */
#define RULES "SELECT name, id, removed_at FROM rule WHERE version IS NOT NULL"

bool report_knows(struct db *db, const char *rule)
{
	struct stmt *st =
	        db_stmt(db, "SELECT 1 FROM rule WHERE version IS NOT NULL AND name = ?1");

	stmt_text(st, 1, rule);
	return stmt_single(st, 0) == 1;
}

/* All that are there; those that are gone, and the daemon's own, where they ran. */
static struct stmt *rules_asked(struct db *db, const char *rule, int64_t from, int64_t to)
{
	struct stmt *st =
	        rule ? db_stmt(db, RULES " AND name = ?1")
	             : db_stmt(db,
	                       RULES " AND ((removed_at IS NULL AND name NOT IN"
	                             " ('" DUTY_RESULT_RULE "', '" DUTY_CONFIRM_RULE
	                             "')) OR EXISTS (SELECT 1 FROM run"
	                             " WHERE run.rule = rule.id AND started_at >= ?1 AND"
	                             " started_at < ?2 AND pc >= 0)) ORDER BY name");

	if (rule) {
		stmt_text(st, 1, rule);
		return st;
	}
	stmt_int(st, 1, from);
	stmt_int(st, 2, to);
	return st;
}

static struct report_rule *add_rule(struct report *out, struct stmt *st)
{
	struct report_rule *rule;

	out->rules = mem_realloc(out->rules, (out->n + 1) * sizeof *out->rules);
	rule = &out->rules[out->n++];
	*rule = (struct report_rule){.removed = !stmt_is_null(st, 2)};
	snprintf(rule->name, sizeof rule->name, "%s", stmt_get_text(st, 0));
	return rule;
}

bool report_ask(struct db *db, const char *rule, int64_t from, int64_t to, int64_t now,
        int64_t until_mono, struct report *out)
{
	struct stmt *snapshot = walk_hold(db), *st = rules_asked(db, rule, from, to);
	bool patient = true;

	*out = (struct report){0};
	while (patient && stmt_row(st)) {
		struct span span = {db, stmt_get(st, 1), from, to, now};
		struct report_rule *one = add_rule(out, st);
		patient = clock_mono() < until_mono;
		if (!patient)
			break;
		count_runs(&span, one);
		count_messages(&span, one);
		count_orders(&span, one);
		count_coupons(&span, one);
	}
	stmt_done(st);
	stmt_done(snapshot);
	return patient && db_status(db) == DB_OK;
}

double report_rate(const struct report_side *side)
{
	return side->runs ? (double)side->met / (double)side->runs : 0;
}

/* Two shares by the normal approximation, where there are enough on both sides for it. */
bool report_sure(const struct report_rule *rule)
{
	const struct report_side *a = &rule->written, *b = &rule->kept;
	double n = (double)(a->runs + b->runs), met = (double)(a->met + b->met);
	double fewer = (double)(a->runs < b->runs ? a->runs : b->runs);
	double share = n > 0 ? met / n : 0, rarer = share < 0.5 ? share : 1 - share;
	double lift = report_rate(a) - report_rate(b);

	if (fewer * rarer < 5)
		return false;
	return lift * lift >=
	       3.84 * share * (1 - share) * (1 / (double)a->runs + 1 / (double)b->runs);
}

void report_fini(struct report *report)
{
	free(report->rules);
	*report = (struct report){0};
}
