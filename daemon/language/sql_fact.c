/* Facts as SQL: never unknown, each served by an index of the schema. */
#include "language/past.h"
#include "language/sqlgen.h"

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
	sqlgen_window(sql, "o.paid_at", e->has_window, e->window);
	goods(sql, e, "i");
	sqlgen_add(sql, ")");
}

static void viewed(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql,
	        " FROM event e WHERE e.customer = c.id AND e.type = 'product.viewed'");
	sqlgen_window(sql, "e.time", e->has_window, e->window);
	past_within(scope->ast->past, "product.viewed", e->has_window, e->window);
	goods(sql, e, "e");
	sqlgen_add(sql, ")");
}

static void happened(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	const char *near;

	exists(sql, e);
	sqlgen_events(sql, scope, &e->operand,
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

static void received(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql, " FROM message m WHERE m.customer = c.id AND m.rule = ");
	sqlgen_text(sql, e->name.text);
	sqlgen_add(sql, " AND m.state IN ('accepted', 'delivered')");
	past_within(scope->ast->past,
	        arena_printf(sql->arena, PAST_RECEIVED "%s", e->name.text), e->has_window,
	        e->window);
	sqlgen_window(sql, "m.sent_at", e->has_window, e->window);
	sqlgen_add(sql, ")");
}

static void clicked(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	exists(sql, e);
	sqlgen_add(sql,
	        " FROM event e WHERE e.customer = c.id AND e.type = 'message.clicked'");
	sqlgen_window(sql, "e.time", e->has_window, e->window);
	past_within(scope->ast->past, "message.clicked", e->has_window, e->window);
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
	sqlgen_window(
	        sql, holds ? "k.issued_at" : "k.redeemed_at", e->has_window, e->window);
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

void sqlgen_fact(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
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
		sqlgen_add(sql, "c.%s IS %sNULL",
		        e->word == W_PHONE ? "phone_key" : "email_key",
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
		viewed(sql, scope, e);
		return;
	case EXPR_HAPPENED:
		happened(sql, scope, e);
		return;
	case EXPR_ANY_ITEM:
		any_item(sql, scope, e);
		return;
	case EXPR_RECEIVED:
		received(sql, scope, e);
		return;
	case EXPR_CLICKED:
		clicked(sql, scope, e);
		return;
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		coupon(sql, e);
		return;
	}
}
