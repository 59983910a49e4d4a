/* Dates as SQL: days are compared with instants that are worked out when the condition is
 * asked, never row by row. */
#include "language/sqlgen.h"

/* The day that something is compared with: a date, or a day that lies a duration back. */
struct day {
	bool ago;
	int32_t date;
	struct duration duration;
};

static void day_start(struct sql *sql, const struct day *day, int days)
{
	struct param p = {.kind = day->ago ? PARAM_DAY : PARAM_DATE,
	        .duration = day->duration,
	        .date = day->date,
	        .days = days};

	sqlgen_add(sql, "?%d", sqlgen_param(sql, p));
}

static void edge(struct sql *sql, const struct scope *scope, const struct ast_operand *o,
        const char *op, const struct day *day, int days)
{
	sqlgen_operand(sql, scope, o);
	sqlgen_add(sql, " %s ", op);
	day_start(sql, day, days);
}

/* An instant's shop date against a day. */
static void instant_day(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, enum cmp cmp, const struct day *day)
{
	switch (cmp) {
	case CMP_LT:
		edge(sql, scope, o, "<", day, 0);
		return;
	case CMP_LE:
		edge(sql, scope, o, "<", day, 1);
		return;
	case CMP_GT:
		edge(sql, scope, o, ">=", day, 1);
		return;
	case CMP_GE:
		edge(sql, scope, o, ">=", day, 0);
		return;
	case CMP_EQ:
	case CMP_NE:
		sqlgen_add(sql, cmp == CMP_NE ? "NOT (" : "(");
		edge(sql, scope, o, ">=", day, 0);
		sqlgen_add(sql, " AND ");
		edge(sql, scope, o, "<", day, 1);
		sqlgen_add(sql, ")");
		return;
	}
}

static void text_day(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, enum cmp cmp, const struct day *day)
{
	sqlgen_operand(sql, scope, o);
	sqlgen_add(sql, " %s ", sqlgen_sign(cmp));
	if (day->ago)
		sqlgen_add(sql, "?%d",
		        sqlgen_param(sql, (struct param){.kind = PARAM_DAY_TEXT,
		                                  .duration = day->duration}));
	else
		sqlgen_day(sql, day->date);
}

static void on_day(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, enum cmp cmp, const struct day *day)
{
	if (sqlgen_subject_of(scope, o).type == FIELD_DATE)
		text_day(sql, scope, o, cmp, day);
	else
		instant_day(sql, scope, o, cmp, day);
}

static enum cmp mirrored(enum cmp cmp)
{
	static const enum cmp mirror[] = {CMP_EQ, CMP_NE, CMP_GT, CMP_GE, CMP_LT, CMP_LE};

	return mirror[cmp];
}

/* So long ago: the longer, the earlier. `within` leaves out what is still to come. */
void sqlgen_ago(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct duration d = e->values[0].duration;
	enum cmp cmp = mirrored(e->cmp);
	struct day day = {.ago = true, .duration = d}, today = {.ago = true};

	if (duration_is_clock(d)) {
		sqlgen_operand(sql, scope, &e->operand);
		sqlgen_add(sql, " %s ?%d", sqlgen_sign(cmp),
		        sqlgen_param(
		                sql, (struct param){.kind = PARAM_AGO, .duration = d}));
		if (cmp == CMP_GE) {
			sqlgen_add(sql, " AND ");
			sqlgen_operand(sql, scope, &e->operand);
			sqlgen_add(sql, " <= ?3");
		}
		return;
	}
	on_day(sql, scope, &e->operand, cmp, &day);
	if (cmp == CMP_GE) {
		sqlgen_add(sql, " AND ");
		on_day(sql, scope, &e->operand, CMP_LE, &today);
	}
}

static void birthday_month(struct sql *sql)
{
	int month = sqlgen_param(sql, (struct param){.kind = PARAM_MONTH_NUMBER}),
	    lunar = sqlgen_param(sql, (struct param){.kind = PARAM_LUNAR_DAYS});

	sql->customer = true;
	sqlgen_add(sql,
	        "COALESCE(CASE WHEN c.birth_lunar THEN c.birth_md IN (SELECT value FROM"
	        " json_each(?%d)) ELSE c.birth_md / 100 = ?%d END, 0)",
	        lunar, month);
}

void sqlgen_this_month(
        struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = sqlgen_subject_of(scope, &e->operand);
	bool text = s.type == FIELD_DATE;

	if (s.kind == SUBJECT_BIRTHDAY) {
		birthday_month(sql);
		return;
	}
	sqlgen_operand(sql, scope, &e->operand);
	sqlgen_add(sql, " >= ?%d AND ",
	        sqlgen_param(sql,
	                (struct param){.kind = text ? PARAM_MONTH_TEXT : PARAM_MONTH}));
	sqlgen_operand(sql, scope, &e->operand);
	sqlgen_add(sql, " < ?%d",
	        sqlgen_param(sql, (struct param){.kind = text ? PARAM_NEXT_MONTH_TEXT
	                                                      : PARAM_NEXT_MONTH}));
}

void sqlgen_dated(struct sql *sql, const struct scope *scope, const struct ast_expr *e,
        enum cmp cmp, int i)
{
	struct day day = {.date = e->values[i].date};

	on_day(sql, scope, &e->operand, cmp, &day);
}
