/* Conditions to SQL. Each subquery is tied to the customer and served by an index of the
 * schema; days are compared with instants that are worked out when the condition is
 * asked, never row by row. */
#include "language/sqlgen.h"

#include <inttypes.h>
#include <string.h>

/* ---- values ---- */

static void number(struct sql *sql, const struct ast_value *v)
{
	int64_t tens = 1;

	for (int i = 0; i < v->scale; i++)
		tens *= 10;
	sqlgen_add(sql, "%" PRId64, v->number / tens);
	if (v->scale)
		sqlgen_add(sql, ".%0*" PRId64, v->scale, v->number % tens);
}

static void day_text(struct sql *sql, int32_t day)
{
	char text[16];

	sqlgen_text(sql, calendar_format_date(day, text));
}

static void value(struct sql *sql, const struct scope *scope, const struct ast_value *v,
        const struct subject *like)
{
	struct subject other;
	const char *near;

	switch (v->kind) {
	case VALUE_NUMBER:
	case VALUE_MONEY:
	case VALUE_SHARE:
		number(sql, v);
		return;
	case VALUE_STRING:
		sqlgen_text(sql, v->text);
		return;
	case VALUE_YES:
	case VALUE_NO:
		sqlgen_add(sql, "%d", v->kind == VALUE_YES);
		return;
	case VALUE_PATH:
		names_path(scope, v->text, &other, &near);
		if (like->type == FIELD_TIME && other.type == FIELD_DATE)
			sqlgen_instant(sql, scope, &other);
		else
			sqlgen_subject(sql, scope, &other);
		return;
	case VALUE_DATE:
		day_text(sql, v->date);
		return;
	case VALUE_NONE:
	case VALUE_DURATION:
		return;
	}
}

static const char *sign(enum cmp cmp)
{
	static const char *const signs[] = {"=", "<>", "<", "<=", ">", ">="};

	return signs[cmp];
}

/* ---- operands ---- */

static struct scope row_scope(const struct scope *scope, const char *type)
{
	struct scope inner = *scope;

	inner.event = type;
	inner.has_event = inner.in_where = inner.in_row = true;
	inner.in_item = false;
	return inner;
}

static void window(
        struct sql *sql, const char *column, bool has, struct duration duration)
{
	if (has)
		sqlgen_add(sql, " AND %s >= ?%d AND %s <= ?3", column,
		        sqlgen_param(sql,
		                (struct param){.kind = PARAM_AGO, .duration = duration}),
		        column);
}

/* FROM event … of the customer, of a type, where … */
static void events(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, const char *type)
{
	struct scope inner = row_scope(scope, type);

	sql->customer = true;
	sqlgen_add(sql, " FROM event e WHERE e.customer = c.id AND e.type = ");
	sqlgen_text(sql, type);
	window(sql, "e.time", o->has_window, o->window);
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
	window(sql, "o.paid_at", true, o->window);
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
	events(sql, scope, o, type);
	sqlgen_add(sql, ")");
}

/* Finds what an operand is, without writing it. */
static struct subject subject_of(const struct scope *scope, const struct ast_operand *o)
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

static void operand(
        struct sql *sql, const struct scope *scope, const struct ast_operand *o)
{
	struct subject s = subject_of(scope, o);
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
		events(sql, scope, o, names_event(scope, o->event.type.text, &near));
		sqlgen_add(sql, ")");
		return;
	case OPERAND_SUM:
	case OPERAND_AVERAGE:
		measured(sql, scope, o, &s);
		return;
	}
}

/* ---- dates ---- */

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
	operand(sql, scope, o);
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
	operand(sql, scope, o);
	sqlgen_add(sql, " %s ", sign(cmp));
	if (day->ago)
		sqlgen_add(sql, "?%d",
		        sqlgen_param(sql, (struct param){.kind = PARAM_DAY_TEXT,
		                                  .duration = day->duration}));
	else
		day_text(sql, day->date);
}

static void on_day(struct sql *sql, const struct scope *scope,
        const struct ast_operand *o, enum cmp cmp, const struct day *day)
{
	if (subject_of(scope, o).type == FIELD_DATE)
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
static void ago(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct duration d = e->values[0].duration;
	enum cmp cmp = mirrored(e->cmp);
	struct day day = {.ago = true, .duration = d}, today = {.ago = true};

	if (duration_is_clock(d)) {
		operand(sql, scope, &e->operand);
		sqlgen_add(sql, " %s ?%d", sign(cmp),
		        sqlgen_param(
		                sql, (struct param){.kind = PARAM_AGO, .duration = d}));
		if (cmp == CMP_GE) {
			sqlgen_add(sql, " AND ");
			operand(sql, scope, &e->operand);
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

static void this_month(
        struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = subject_of(scope, &e->operand);
	bool text = s.type == FIELD_DATE;

	if (s.kind == SUBJECT_BIRTHDAY) {
		birthday_month(sql);
		return;
	}
	operand(sql, scope, &e->operand);
	sqlgen_add(sql, " >= ?%d AND ",
	        sqlgen_param(sql,
	                (struct param){.kind = text ? PARAM_MONTH_TEXT : PARAM_MONTH}));
	operand(sql, scope, &e->operand);
	sqlgen_add(sql, " < ?%d",
	        sqlgen_param(sql, (struct param){.kind = text ? PARAM_NEXT_MONTH_TEXT
	                                                      : PARAM_NEXT_MONTH}));
}

/* ---- comparisons ---- */

static void dated(struct sql *sql, const struct scope *scope, const struct ast_expr *e,
        enum cmp cmp, int i)
{
	struct day day = {.date = e->values[i].date};

	on_day(sql, scope, &e->operand, cmp, &day);
}

static void compare(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = subject_of(scope, &e->operand);

	if (e->values[0].kind == VALUE_DATE) {
		dated(sql, scope, e, e->cmp, 0);
		return;
	}
	if (s.type == FIELD_DATE && e->values[0].kind == VALUE_PATH) {
		struct subject other;
		const char *near;
		names_path(scope, e->values[0].text, &other, &near);
		if (other.type == FIELD_TIME)
			sqlgen_instant(sql, scope, &s);
		else
			operand(sql, scope, &e->operand);
	} else {
		operand(sql, scope, &e->operand);
	}
	sqlgen_add(sql, " %s ", sign(e->cmp));
	value(sql, scope, &e->values[0], &s);
}

static void between(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = subject_of(scope, &e->operand);

	for (int i = 0; i < 2; i++) {
		enum cmp cmp = i ? e->upper : e->cmp;
		if (i)
			sqlgen_add(sql, " AND ");
		if (e->values[i].kind == VALUE_DATE) {
			dated(sql, scope, e, cmp, i);
			continue;
		}
		operand(sql, scope, &e->operand);
		sqlgen_add(sql, " %s ", sign(cmp));
		value(sql, scope, &e->values[i], &s);
	}
}

static void among(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = subject_of(scope, &e->operand);
	bool dates = e->values[0].kind == VALUE_DATE && s.type == FIELD_TIME;

	if (dates) {
		sqlgen_add(sql, e->negated ? "NOT (" : "(");
		for (size_t i = 0; i < e->n_values; i++) {
			if (i)
				sqlgen_add(sql, " OR ");
			dated(sql, scope, e, CMP_EQ, (int)i);
		}
		sqlgen_add(sql, ")");
		return;
	}
	operand(sql, scope, &e->operand);
	sqlgen_add(sql, e->negated ? " NOT IN (" : " IN (");
	for (size_t i = 0; i < e->n_values; i++) {
		if (i)
			sqlgen_add(sql, ", ");
		value(sql, scope, &e->values[i], &s);
	}
	sqlgen_add(sql, ")");
}

static void contains(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	const char *text = e->values[0].text;

	sqlgen_add(sql, e->kind == EXPR_CONTAINS ? "instr(" : "substr(");
	operand(sql, scope, &e->operand);
	if (e->kind == EXPR_CONTAINS) {
		sqlgen_add(sql, ", ");
		sqlgen_text(sql, text);
		sqlgen_add(sql, ") > 0");
	} else {
		sqlgen_add(sql, ", 1, length(");
		sqlgen_text(sql, text);
		sqlgen_add(sql, ")) = ");
		sqlgen_text(sql, text);
	}
}

/* ---- facts ---- */

static void exists(struct sql *sql, const struct ast_expr *e)
{
	sql->customer = true;
	sqlgen_add(sql, e->negated ? "NOT EXISTS (SELECT 1" : "EXISTS (SELECT 1");
}

static void tag(struct sql *sql, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql, " FROM customer_tag t WHERE t.customer = c.id AND t.tag = ");
	sqlgen_text(sql, e->name.text);
	sqlgen_add(sql, ")");
}

static void consent(struct sql *sql, const struct ast_expr *e)
{
	const char *channel = e->word == W_SMS     ? "sms"
	                      : e->word == W_EMAIL ? "email"
	                      : e->word == W_PUSH  ? "push"
	                      : e->word == W_DATA  ? "data"
	                                           : "kakao";

	exists(sql, e);
	sqlgen_add(sql,
	        " FROM consent k WHERE k.customer = c.id AND k.channel = '%s'"
	        " AND k.purpose = '%s' AND k.given = 1)",
	        channel, e->night ? "night" : "ad");
}

/* An item or an event without a category has its product's. */
static void goods(struct sql *sql, const struct ast_expr *e, const char *alias)
{
	sqlgen_add(sql, " AND ");
	if (!e->category) {
		sqlgen_add(sql, "%s.sku = ", alias);
		sqlgen_text(sql, e->name.text);
		return;
	}
	sqlgen_add(sql,
	        "COALESCE(%s.category, (SELECT p.category FROM product p WHERE p.sku = "
	        "%s.sku)) = ",
	        alias, alias);
	sqlgen_text(sql, e->name.text);
}

static void bought(struct sql *sql, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql, " FROM orders o CROSS JOIN order_item i ON i.order_id = o.id"
	                " WHERE o.customer = c.id AND o.counted = 1");
	window(sql, "o.paid_at", e->has_window, e->window);
	goods(sql, e, "i");
	sqlgen_add(sql, ")");
}

static void viewed(struct sql *sql, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql,
	        " FROM event e WHERE e.customer = c.id AND e.type = 'product.viewed'");
	window(sql, "e.time", e->has_window, e->window);
	goods(sql, e, "e");
	sqlgen_add(sql, ")");
}

static void happened(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	const char *near;

	exists(sql, e);
	events(sql, scope, &e->operand,
	        names_event(scope, e->operand.event.type.text, &near));
	sqlgen_add(sql, ")");
}

static void any_item(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct scope inner = *scope;
	bool row = scope->in_where && scope->in_row;

	inner.in_item = true;
	sqlgen_add(sql, "EXISTS (SELECT 1 FROM json_each(");
	if (row) {
		sqlgen_add(sql, "e.data");
	} else {
		sql->event = true;
		sqlgen_add(sql, "?%d",
		        scope->in_where
		                ? sqlgen_param(
		                          sql, (struct param){.kind = PARAM_EVENT_DATA})
		                : 4);
	}
	sqlgen_add(sql, ", '$.items') j WHERE CASE WHEN j.type = 'object' THEN ");
	sqlgen_cond(sql, &inner, e->a);
	sqlgen_add(sql, " END)");
}

static void received(struct sql *sql, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql, " FROM message m WHERE m.customer = c.id AND m.rule = ");
	sqlgen_text(sql, e->name.text);
	sqlgen_add(sql, " AND m.state IN ('accepted', 'delivered')");
	window(sql, "m.sent_at", e->has_window, e->window);
	sqlgen_add(sql, ")");
}

static void clicked(struct sql *sql, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql,
	        " FROM event e WHERE e.customer = c.id AND e.type = 'message.clicked'");
	window(sql, "e.time", e->has_window, e->window);
	sqlgen_add(sql, " AND json_extract(e.data, '$.rule') = ");
	sqlgen_text(sql, e->name.text);
	sqlgen_add(sql, ")");
}

static void coupon(struct sql *sql, const struct ast_expr *e)
{
	bool holds = e->kind == EXPR_HOLDS;

	exists(sql, e);
	sqlgen_add(sql, " FROM coupon k WHERE k.customer = c.id AND k.coupon = ");
	sqlgen_text(sql, e->name.text);
	if (holds)
		sqlgen_add(sql, " AND k.state = 'issued' AND"
		                " (COALESCE(k.expires_at, 0) = 0 OR k.expires_at >= ?3)");
	else
		sqlgen_add(sql, " AND (k.state = 'redeemed' OR k.used > 0)");
	window(sql, holds ? "k.issued_at" : "k.redeemed_at", e->has_window, e->window);
	sqlgen_add(sql, ")");
}

static void segment(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct scope inner = {
	        .ast = scope->ast, .arena = scope->arena, .pinned = scope->pinned};
	const char *near;
	const struct ast_segment *s = names_segment(scope, e->name.text, &near);

	sqlgen_cond(sql, &inner, s->cond);
}

static void fact(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	switch ((int)e->kind) {
	case EXPR_TAG:
		tag(sql, e);
		return;
	case EXPR_SEGMENT:
		segment(sql, scope, e);
		return;
	case EXPR_CONSENT:
		consent(sql, e);
		return;
	case EXPR_HAS:
		sql->customer = true;
		sqlgen_add(sql, "c.%s IS %sNULL", e->word == W_PHONE ? "phone" : "email",
		        e->negated ? "" : "NOT ");
		return;
	case EXPR_FRIEND:
		sql->customer = true;
		sqlgen_add(sql, "c.friend = 1");
		return;
	case EXPR_LEFT_IN_CART:
		sql->customer = true;
		sqlgen_add(sql, "c.cart_count > 0");
		return;
	case EXPR_BOUGHT:
		bought(sql, e);
		return;
	case EXPR_VIEWED:
		viewed(sql, e);
		return;
	case EXPR_HAPPENED:
		happened(sql, scope, e);
		return;
	case EXPR_ANY_ITEM:
		any_item(sql, scope, e);
		return;
	case EXPR_RECEIVED:
		received(sql, e);
		return;
	case EXPR_CLICKED:
		clicked(sql, e);
		return;
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		coupon(sql, e);
		return;
	}
}

void sqlgen_cond(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	sqlgen_add(sql, "(");
	switch (e->kind) {
	case EXPR_OR:
	case EXPR_AND:
		sqlgen_cond(sql, scope, e->a);
		sqlgen_add(sql, e->kind == EXPR_AND ? " AND " : " OR ");
		sqlgen_cond(sql, scope, e->b);
		break;
	case EXPR_NOT:
		sqlgen_add(sql, "NOT ");
		sqlgen_cond(sql, scope, e->a);
		break;
	case EXPR_COMPARE:
		compare(sql, scope, e);
		break;
	case EXPR_BETWEEN:
		between(sql, scope, e);
		break;
	case EXPR_IN:
		among(sql, scope, e);
		break;
	case EXPR_CONTAINS:
	case EXPR_STARTS:
		contains(sql, scope, e);
		break;
	case EXPR_KNOWN:
		operand(sql, scope, &e->operand);
		sqlgen_add(sql, e->negated ? " IS NULL" : " IS NOT NULL");
		break;
	case EXPR_AGO:
		ago(sql, scope, e);
		break;
	case EXPR_DATED:
		dated(sql, scope, e, e->cmp, 0);
		break;
	case EXPR_THIS_MONTH:
		this_month(sql, scope, e);
		break;
	case EXPR_TAG:
	case EXPR_SEGMENT:
	case EXPR_CONSENT:
	case EXPR_HAS:
	case EXPR_FRIEND:
	case EXPR_LEFT_IN_CART:
	case EXPR_BOUGHT:
	case EXPR_VIEWED:
	case EXPR_HAPPENED:
	case EXPR_ANY_ITEM:
	case EXPR_RECEIVED:
	case EXPR_CLICKED:
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		fact(sql, scope, e);
		break;
	}
	sqlgen_add(sql, ")");
}
