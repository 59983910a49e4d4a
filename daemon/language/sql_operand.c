/* Operands as SQL: counters, sums over events and orders, and the windows on them. Every
 * subquery is tied to the customer. */
#include <string.h>
#include "language/past.h"
#include "language/sqlgen.h"

void sqlgen_day(struct sql *sql, int32_t day)
{
	char text[16];

	sqlgen_text(sql, calendar_format_date(day, text));
}

const char *sqlgen_sign(enum cmp cmp)
{
	static const char *const signs[] = {"=", "<>", "<", "<=", ">", ">="};

	return signs[cmp];
}

static struct scope row_scope(const struct scope *scope, const char *type)
{
	struct scope inner = *scope;

	inner.event = type;
	inner.has_event = inner.in_where = inner.in_row = true;
	inner.in_item = false;
	return inner;
}

void sqlgen_window(
        struct sql *sql, const char *column, bool has, struct duration duration)
{
	if (has)
		sqlgen_add(sql, " AND %s >= ?%d AND %s <= ?3", column,
		        sqlgen_param(sql,
		                (struct param){.kind = PARAM_AGO, .duration = duration}),
		        column);
}

/* FROM event … of the customer, of a type, where … */
void sqlgen_events(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, const char *type)
{
	struct scope inner = row_scope(scope, type);

	sql->customer = true;
	sqlgen_add(sql, " FROM event e WHERE e.customer = c.id AND e.type = ");
	sqlgen_text(sql, type);
	sqlgen_window(sql, "e.time", o->has_window, o->window);
	past_within(scope->ast->past, type, o->has_window, o->window);
	if (o->event.of_this_order) {
		sql->event = true;
		sqlgen_add(sql, " AND e.order_ref = ?%d",
		        sqlgen_param(sql, (struct param){.kind = PARAM_TRIGGER_ORDER}));
	}
	if (o->event.where) {
		sqlgen_add(sql, " AND ");
		sqlgen_cond(sql, &inner, o->event.where);
	}
}

static void orders_window(
        struct sql *sql, const struct ast_operand *o, const struct subject *s)
{
	static const struct {
		const char *field, *sql;
	} all[] = {{"count", "COUNT(*)"},
	        {"total", "COALESCE(SUM(o.total - o.refunded), 0)"},
	        {"average", "AVG(o.total - o.refunded)"}, {"first", "MIN(o.paid_at)"},
	        {"last", "MAX(o.paid_at)"}};

	sql->customer = true;
	for (int i = 0; i < 5; i++)
		if (!strcmp(all[i].field, s->field))
			sqlgen_add(sql, "(SELECT %s", all[i].sql);
	sqlgen_add(sql, " FROM orders o WHERE o.customer = c.id AND o.counted = 1");
	sqlgen_window(sql, "o.paid_at", true, o->window);
	sqlgen_add(sql, ")");
}

static void measured(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, struct subject *s)
{
	const char *type, *near;
	struct scope inner;

	names_event_field(scope, o->path.text, &type, s, &near);
	inner = row_scope(scope, type);
	sqlgen_add(
	        sql, o->kind == OPERAND_SUM ? "(SELECT COALESCE(SUM(" : "(SELECT AVG(");
	sqlgen_subject(sql, &inner, s);
	sqlgen_add(sql, o->kind == OPERAND_SUM ? "), 0)" : ")");
	sqlgen_events(sql, scope, o, type);
	sqlgen_add(sql, ")");
}

/* Finds what an operand is, without writing it. */
struct subject sqlgen_subject_of(const struct scope *scope, const struct ast_operand *o)
{
	struct subject s = {.type = FIELD_NUMBER};
	const char *near, *type;

	if (o->kind == OPERAND_PATH)
		names_path(scope, o->path.text, &s, &near);
	else if (o->kind == OPERAND_DATE)
		names_date(scope, &o->date, &s);
	else if (o->kind != OPERAND_COUNT)
		names_event_field(scope, o->path.text, &type, &s, &near);
	return s;
}

void sqlgen_operand(
        struct sql *sql, const struct scope *scope, const struct ast_operand *o)
{
	struct subject s = sqlgen_subject_of(scope, o);
	const char *near;

	switch (o->kind) {
	case OPERAND_PATH:
		if (o->has_window)
			orders_window(sql, o, &s);
		else
			sqlgen_subject(sql, scope, &s);
		return;
	case OPERAND_DATE:
		sqlgen_subject(sql, scope, &s);
		return;
	case OPERAND_COUNT:
		sqlgen_add(sql, "(SELECT COUNT(*)");
		sqlgen_events(
		        sql, scope, o, names_event(scope, o->event.type.text, &near));
		sqlgen_add(sql, ")");
		return;
	case OPERAND_SUM:
	case OPERAND_AVERAGE:
		measured(sql, scope, o, &s);
		return;
	}
}
