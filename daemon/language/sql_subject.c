/* The value of a name as SQL. Unknown is NULL; what a shop sent in another type than it
 * declared is unknown. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "language/past.h"
#include "language/sqlgen.h"

void sqlgen_add(struct sql *sql, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&sql->text, fmt, ap);
	va_end(ap);
}

void sqlgen_text(struct sql *sql, const char *text)
{
	buf_addc(&sql->text, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_addc(&sql->text, '\'');
		buf_addc(&sql->text, *text);
	}
	buf_addc(&sql->text, '\'');
}

const char *sqlgen_quoted(struct arena *arena, const char *text)
{
	struct sql sql = {.arena = arena};
	const char *out;

	sqlgen_text(&sql, text);
	out = arena_strndup(arena, sql.text.data, sql.text.len);
	buf_free(&sql.text);
	return out;
}

static bool same_param(const struct param *a, const struct param *b)
{
	return a->kind == b->kind && a->days == b->days && a->date == b->date &&
	       a->duration.months == b->duration.months &&
	       a->duration.days == b->duration.days && a->duration.ms == b->duration.ms;
}

int sqlgen_param(struct sql *sql, struct param param)
{
	struct param *more;

	for (size_t i = 0; i < sql->n_params; i++)
		if (same_param(&sql->params[i], &param))
			return PARAM_FIRST + (int)i;
	more = arena_alloc(sql->arena, (sql->n_params + 1) * sizeof *more);
	if (sql->n_params)
		memcpy(more, sql->params, sql->n_params * sizeof *more);
	more[sql->n_params] = param;
	sql->params = more;
	return PARAM_FIRST + (int)sql->n_params++;
}

static int simple(struct sql *sql, enum param_kind kind)
{
	return sqlgen_param(sql, (struct param){.kind = kind});
}

/* ---- JSON values ---- */

/* One value out of an object, as its declared type or NULL; read once, because it is
 * looked at several times. */
static void typed(
        struct sql *sql, const char *object, const char *key, enum field_type type)
{
	static const char number[] =
	        "CASE typeof(v) WHEN 'integer' THEN v WHEN 'real' THEN v WHEN 'text' THEN"
	        " CASE WHEN v GLOB '*[0-9]*' AND v NOT GLOB '*[^0-9.,-]*' AND"
	        " v NOT GLOB '?*-*' AND v NOT GLOB '*.*.*'"
	        " THEN CAST(replace(v, ',', '') AS NUMERIC) END END";
	static const char date[] =
	        "CASE WHEN v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND"
	        " date(substr(v, 1, 10)) = substr(v, 1, 10) THEN substr(v, 1, 10) END";
	static const char instant[] =
	        "CASE WHEN v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*'"
	        " THEN CAST(strftime('%s', v) AS INTEGER) * 1000 END";
	static const char yesno[] =
	        "CASE v WHEN 1 THEN 1 WHEN 0 THEN 0 WHEN 'true' THEN 1"
	        " WHEN 'false' THEN 0 WHEN 'yes' THEN 1 WHEN 'no' THEN 0"
	        " WHEN '예' THEN 1 WHEN '아니오' THEN 0 END";
	const char *as = "";

	switch (type) {
	case FIELD_NUMBER:
	case FIELD_MONEY:
		as = number;
		break;
	case FIELD_TEXT:
		as = "CASE typeof(v) WHEN 'text' THEN v END";
		break;
	case FIELD_DATE:
		as = date;
		break;
	case FIELD_TIME:
		as = instant;
		break;
	case FIELD_YESNO:
		as = yesno;
		break;
	}
	sqlgen_add(sql, "(SELECT ");
	buf_adds(&sql->text, as);
	sqlgen_add(sql, " FROM (SELECT json_extract(%s, '$.\"%s\"') AS v))", object, key);
}

const char *sqlgen_misfits(struct arena *arena, const char *path, enum field_type type)
{
	const char *dot = strrchr(path, '.'), *out;
	char *owner = arena_strndup(arena, path, (size_t)(dot - path));
	bool customer = !strcmp(owner, "customer");
	const char *object = customer ? "c.attributes" : "e.data";
	struct sql sql = {.arena = arena};

	sqlgen_add(&sql, "SELECT ");
	typed(&sql, object, dot + 1, type);
	if (customer) {
		sqlgen_add(&sql, " IS NULL FROM customer c WHERE ?1 IS ?1");
	} else {
		sqlgen_add(&sql,
		        " IS NULL FROM event e INDEXED BY event_type WHERE e.time"
		        " >= ?1 AND e.type = ");
		sqlgen_text(&sql, owner);
	}
	sqlgen_add(
	        &sql, " AND json_extract(%s, '$.\"%s\"') IS NOT NULL", object, dot + 1);
	out = arena_strndup(arena, sql.text.data, sql.text.len);
	buf_free(&sql.text);
	return out;
}

/* ---- events ---- */

struct column {
	const char *field, *column;
	enum param_kind trigger, looked_at;
};
static const struct column columns[] = {
        {"total", "e.total", PARAM_TRIGGER_TOTAL, PARAM_EVENT_TOTAL},
        {"sku", "e.sku", PARAM_TRIGGER_SKU, PARAM_EVENT_SKU},
        {"category", "e.category", PARAM_TRIGGER_CATEGORY, PARAM_EVENT_CATEGORY},
        {"order", "e.order_ref", PARAM_TRIGGER_ORDER, PARAM_EVENT_ORDER},
        {"time", "e.time", PARAM_TRIGGER_TIME, PARAM_EVENT_TIME},
        {"id", "e.eid", PARAM_TRIGGER_ID, PARAM_EVENT_ID},
};

static void event_field(
        struct sql *sql, const struct scope *scope, const struct subject *s)
{
	bool trigger = s->kind == SUBJECT_TRIGGER || !scope->in_where;
	bool row = !trigger && scope->in_row;
	char object[16];

	sql->event |= !row;
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		const struct column *c = &columns[i];
		if (strcmp(c->field, s->field))
			continue;
		if (row)
			sqlgen_add(sql, "%s", c->column);
		else
			sqlgen_add(sql, "?%d",
			        simple(sql, trigger ? c->trigger : c->looked_at));
		return;
	}
	if (row)
		snprintf(object, sizeof object, "e.data");
	else if (trigger)
		snprintf(object, sizeof object, "?4");
	else
		snprintf(object, sizeof object, "?%d", simple(sql, PARAM_EVENT_DATA));
	typed(sql, object, s->field, s->type);
}

/* ---- customers ---- */

/* By the shop's date; a lunar birthday by the lunar date, whose year begins with its own
 * new year. */
static void age(struct sql *sql)
{
	sqlgen_add(sql,
	        "CASE WHEN c.birth_year > 0 AND c.birth_md > 0 THEN CASE WHEN "
	        "c.birth_lunar"
	        " THEN ?%d - c.birth_year - (c.birth_md > ?%d)"
	        " ELSE ?%d - c.birth_year - (c.birth_md > ?%d) END END",
	        simple(sql, PARAM_LUNAR_YEAR), simple(sql, PARAM_LUNAR_MONTH_DAY),
	        simple(sql, PARAM_YEAR), simple(sql, PARAM_MONTH_DAY));
}

static void orders(struct sql *sql, const struct subject *s)
{
	if (!strcmp(s->field, "average"))
		sqlgen_add(sql, "CASE WHEN c.orders_count > 0 THEN"
		                " 1.0 * c.orders_total / c.orders_count END");
	else if (!strcmp(s->field, "first") || !strcmp(s->field, "last"))
		sqlgen_add(sql, "c.orders_%s_at", s->field);
	else
		sqlgen_add(sql, "c.orders_%s", s->field);
}

void sqlgen_subject(struct sql *sql, const struct scope *scope, const struct subject *s)
{
	switch (s->kind) {
	case SUBJECT_COLUMN:
		sql->customer = true;
		sqlgen_add(sql, "c.%s", s->field);
		return;
	case SUBJECT_AGE:
		sql->customer = true;
		age(sql);
		return;
	case SUBJECT_ORDERS:
		sql->customer = true;
		orders(sql, s);
		return;
	case SUBJECT_ATTRIBUTE:
		sql->customer = true;
		typed(sql, "c.attributes", s->field, s->type);
		return;
	case SUBJECT_EVENT:
	case SUBJECT_TRIGGER:
		event_field(sql, scope, s);
		return;
	case SUBJECT_ITEM:
		typed(sql, "j.value", s->field, s->type);
		return;
	case SUBJECT_BIRTHDAY:
		sql->customer = true;
		sqlgen_add(sql, "c.birth_md");
		return;
	case SUBJECT_HAPPENED:
		sql->customer = true;
		sqlgen_add(sql,
		        "(SELECT %s(e.time) FROM event e WHERE e.customer = c.id AND "
		        "e.type = ",
		        s->first ? "MIN" : "MAX");
		sqlgen_text(sql, s->event);
		sqlgen_add(sql, ")");
		past_add(scope->ast->past, s->event, s->first ? PAST_ALL : PAST_LAST,
		        (struct duration){0});
		return;
	}
}

void sqlgen_instant(struct sql *sql, const struct scope *scope, const struct subject *s)
{
	if (s->type == FIELD_TIME) {
		sqlgen_subject(sql, scope, s);
		return;
	}
	sqlgen_add(sql, "(CAST(strftime('%%s', ");
	sqlgen_subject(sql, scope, s);
	sqlgen_add(sql, ") AS INTEGER) * 1000 - ?%d)", simple(sql, PARAM_OFFSET));
}
