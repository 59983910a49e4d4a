/* A condition taken apart, for who asks why. The statement is made on the first question
 * and lives with its condition; the loop's own questions never wait for it. */
#include "language/cond_part.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/cond.h"

#define UNKNOWN TR("not known", "모름")

struct part {
	enum part_kind kind;
	int depth, a, b; /* a and b: indexes of what it joins, in order */
	const char *text;
	const struct ast_expr *expr;
	struct scope scope;
	bool has_value, hidden;
	struct subject subject;
};

struct parts {
	struct part *items;
	size_t n;
	struct query query;
	struct cond binder; /* the parameters alone */
};

/* ---- taking apart ---- */

/* The owner's words on one line. */
static const char *text_of(struct arena *arena, const struct place *at)
{
	const char *from = at->file->text + at->from, *to = at->file->text + at->to;
	char *out = arena_alloc(arena, (size_t)(to - from) + 1);
	size_t n = 0;

	for (; from < to; from++) {
		bool space = strchr(" \t\r\n", *from) != NULL;
		if (!space)
			out[n++] = *from;
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return out;
}

static int add(struct parts *p, const struct scope *scope, const struct ast_expr *e,
        int depth, bool joined);

static void add_value(struct part *part)
{
	const struct ast_expr *e = part->expr;

	switch (e->kind) {
	case EXPR_COMPARE:
	case EXPR_BETWEEN:
	case EXPR_IN:
	case EXPR_CONTAINS:
	case EXPR_STARTS:
	case EXPR_KNOWN:
	case EXPR_AGO:
	case EXPR_DATED:
	case EXPR_THIS_MONTH:
	case EXPR_HAPPENED:
		part->has_value = true;
		part->subject = sqlgen_subject_of(&part->scope, &e->operand);
		part->hidden = part->subject.sealed;
		return;
	case EXPR_OR:
	case EXPR_AND:
	case EXPR_NOT:
	case EXPR_TAG:
	case EXPR_SEGMENT:
	case EXPR_CONSENT:
	case EXPR_HAS:
	case EXPR_FRIEND:
	case EXPR_LEFT_IN_CART:
	case EXPR_BOUGHT:
	case EXPR_VIEWED:
	case EXPR_ANY_ITEM:
	case EXPR_RECEIVED:
	case EXPR_CLICKED:
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		return;
	}
}

/* A chain of the same word is one list: its members stand side by side. */
static void add_joined(struct parts *p, int at, const struct ast_expr *e, int depth)
{
	struct scope scope = p->items[at].scope;
	bool same_a = e->a->kind == e->kind, same_b = e->b->kind == e->kind;
	int a = add(p, &scope, e->a, depth, same_a),
	    b = add(p, &scope, e->b, depth, same_b);

	p->items[at].a = a;
	p->items[at].b = b;
}

static void add_segment(struct parts *p, int at, const struct ast_expr *e, int depth)
{
	struct scope scope = p->items[at].scope;
	struct scope inner = {
	        .ast = scope.ast, .arena = scope.arena, .pinned = scope.pinned};
	const char *near;
	const struct ast_segment *s = names_segment(&scope, e->name.text, &near);
	int a = add(p, &inner, s->cond, depth, s->cond->kind == EXPR_AND);

	p->items[at].a = a;
}

/* joined: it only continues a list, and is not shown itself. */
static int add(struct parts *p, const struct scope *scope, const struct ast_expr *e,
        int depth, bool joined)
{
	int at = (int)p->n, below = joined ? depth : depth + 1;
	struct part *part = mem_grow(&p->items, p->n, sizeof *p->items);

	p->n++;
	*part = (struct part){.depth = joined ? -1 : depth,
	        .text = text_of(scope->arena, &e->at),
	        .expr = e,
	        .scope = *scope};
	switch ((int)e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		part->kind = e->kind == EXPR_AND ? PART_AND : PART_OR;
		add_joined(p, at, e, below);
		break;
	case EXPR_NOT: {
		int a;
		part->kind = PART_NOT;
		a = add(p, scope, e->a, below, false);
		p->items[at].a = a;
		break;
	}
	case EXPR_SEGMENT:
		part->kind = PART_SEGMENT;
		add_segment(p, at, e, below);
		break;
	default:
		add_value(part);
	}
	return at;
}

/* ---- writing ---- */

/* A leaf's truth and value, worked out once. */
static void leaf_columns(struct sql *sql, const struct part *part, int i)
{
	struct ast_operand operand = part->expr->operand;

	sqlgen_cond(sql, &part->scope, part->expr);
	sqlgen_add(sql, " AS t%d, ", i);
	if (part->expr->kind == EXPR_HAPPENED)
		operand.kind = OPERAND_COUNT;
	if (!part->has_value)
		sqlgen_add(sql, "NULL");
	else if (part->hidden)
		sqlgen_add(sql, "(");
	if (part->has_value)
		sqlgen_operand(sql, &part->scope, &operand);
	if (part->hidden)
		sqlgen_add(sql, ") IS NOT NULL");
	sqlgen_add(sql, " AS v%d", i);
}

static void joined_truth(struct sql *sql, const struct parts *p, int i)
{
	const struct part *part = &p->items[i];

	switch (part->kind) {
	case PART_LEAF:
		sqlgen_add(sql, "t%d", i);
		return;
	case PART_NOT:
		sqlgen_add(sql, "NOT ");
		joined_truth(sql, p, part->a);
		return;
	case PART_SEGMENT:
		joined_truth(sql, p, part->a);
		return;
	case PART_AND:
	case PART_OR:
		sqlgen_add(sql, "(");
		joined_truth(sql, p, part->a);
		sqlgen_add(sql, part->kind == PART_AND ? " AND " : " OR ");
		joined_truth(sql, p, part->b);
		sqlgen_add(sql, ")");
		return;
	}
}

static void write(struct parts *p, struct arena *arena)
{
	struct sql sql = {.arena = arena};
	const char *comma = "";
	int top;

	sqlgen_add(&sql, "WITH l AS MATERIALIZED (SELECT ");
	for (size_t i = 0; i < p->n; i++) {
		if (p->items[i].kind != PART_LEAF)
			continue;
		sqlgen_add(&sql, "%s", comma);
		leaf_columns(&sql, &p->items[i], (int)i);
		comma = ", ";
	}
	top = PARAM_FIRST - 1 + (int)sql.n_params;
	sqlgen_add(&sql,
	        " FROM (SELECT 1) LEFT JOIN customer c ON c.id = ?1 WHERE ?%d IS ?%d)"
	        " SELECT ",
	        top, top);
	for (size_t i = 0; i < p->n; i++) {
		sqlgen_add(&sql, i ? ", (" : "(");
		joined_truth(&sql, p, (int)i);
		if (p->items[i].kind == PART_LEAF)
			sqlgen_add(&sql, "), v%zu", i);
		else
			sqlgen_add(&sql, "), NULL");
	}
	sqlgen_add(&sql, " FROM l");
	p->query.sql = arena_strndup(arena, sql.text.data, sql.text.len);
	buf_free(&sql.text);
	cond_params(&p->binder, arena, &sql);
}

static struct parts *parts_of(struct cond *cond)
{
	struct arena *arena = cond->scope.arena;
	struct parts building = {0};

	if (cond->parts)
		return cond->parts;
	add(&building, &cond->scope, cond->tree, 0, cond->tree->kind == EXPR_AND);
	write(&building, arena);
	cond->parts = arena_alloc(arena, sizeof *cond->parts);
	*cond->parts = building;
	return cond->parts;
}

void cond_parts_free(struct cond *cond)
{
	if (!cond->parts)
		return;
	query_free(&cond->parts->query);
	free(cond->parts->items);
	cond->parts = NULL;
}

/* ---- asking ---- */

static const char *number(struct arena *arena, struct stmt *st, int col)
{
	char text[32];

	if (stmt_type(st, col) == STMT_REAL)
		return arena_printf(arena, "%.2f", stmt_get_double(st, col));
	return arena_strdup(arena, text_number(stmt_get(st, col), text));
}

static const char *instant(struct arena *arena, struct zone *zone, int64_t ms)
{
	char text[40];

	zone_format(zone, ms, text);
	text[10] = ' ';
	return arena_strndup(arena, text, 16);
}

static const char *value_text(const struct part *part, const struct moment *moment,
        struct stmt *st, int col, struct arena *arena)
{
	char won[32];
	int md;

	if (!part->has_value)
		return NULL;
	if (part->hidden)
		return stmt_get(st, col) ? TR("known", "있음") : UNKNOWN;
	if (stmt_is_null(st, col))
		return UNKNOWN;
	if (part->subject.kind == SUBJECT_BIRTHDAY) {
		md = (int)stmt_get(st, col);
		return arena_printf(arena, "%02d-%02d", md / 100, md % 100);
	}
	switch (part->subject.type) {
	case FIELD_NUMBER:
		return number(arena, st, col);
	case FIELD_MONEY:
		return arena_printf(
		        arena, TR("%s won", "%s원"), text_number(stmt_get(st, col), won));
	case FIELD_TIME:
		return instant(arena, moment->zone, stmt_get(st, col));
	case FIELD_YESNO:
		return stmt_get(st, col) ? TR("yes", "예") : TR("no", "아니오");
	case FIELD_TEXT:
	case FIELD_DATE:
		break;
	}
	return arena_strdup(arena, stmt_get_text(st, col));
}

static enum truth truth_at(struct stmt *st, int col)
{
	if (stmt_is_null(st, col))
		return TRUTH_UNKNOWN;
	return stmt_get(st, col) ? TRUTH_YES : TRUTH_NO;
}

size_t cond_parts(struct cond *cond, const struct moment *moment, int64_t customer,
        const struct event *looked_at, struct arena *arena, struct cond_part **out,
        enum truth *whole)
{
	struct parts *p = parts_of(cond);
	struct stmt *st = query_on(&p->query, moment->db);
	size_t n = 0;

	*out = arena_alloc(arena, p->n * sizeof **out);
	stmt_int(st, 1, customer);
	cond_bind(&p->binder, st, moment, looked_at ? looked_at : moment->event);
	*whole = TRUTH_UNKNOWN;
	if (!stmt_row(st))
		return 0;
	*whole = truth_at(st, 0);
	for (size_t i = 0; i < p->n; i++) {
		const struct part *part = &p->items[i];
		if (part->depth < 0)
			continue;
		(*out)[n++] = (struct cond_part){.kind = part->kind,
		        .depth = part->depth,
		        .text = arena_strdup(arena, part->text),
		        .value = value_text(part, moment, st, (int)i * 2 + 1, arena),
		        .truth = truth_at(st, (int)i * 2)};
	}
	stmt_done(st);
	return n;
}
