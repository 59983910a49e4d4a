/* What pins a rule: a text that compiles alone into the same rule, and its hash, from
 * which formatting is taken out. Coupons and templates are not part of it: the latest
 * always count. */
#include <string.h>
#include "base/secret.h"
#include "language/compile.h"

struct pin {
	struct compile *c;
	struct scope scope;
	struct buf text, tokens;
	bool *segments, *fields; /* already in */
};

static void add_text(struct pin *p, const struct place *at)
{
	buf_add(&p->text, at->file->text + at->from, at->to - at->from);
	buf_addc(&p->text, '\n');
	for (size_t i = at->first; i < at->last; i++) {
		const struct token *t = &at->file->tokens[i];
		buf_printf(&p->tokens, "%d %zu ", (int)t->kind, t->len);
		buf_add(&p->tokens, t->text, t->len);
		buf_addc(&p->tokens, '\n');
	}
}

/* ---- what a rule speaks of ---- */

static void add_expr(struct pin *p, const struct ast_expr *e);

static void add_segment(struct pin *p, const char *name)
{
	const char *near;
	const struct ast_segment *s = names_segment(&p->scope, name, &near);
	size_t i;

	if (!s)
		return;
	i = (size_t)(s - p->c->ast->segments);
	if (p->segments[i])
		return;
	p->segments[i] = true;
	add_expr(p, s->cond);
	add_text(p, &s->at);
}

/* Every declaration of that name, and of a type's field whatever the event: too many do
 * no harm. */
static void add_path(struct pin *p, const char *path)
{
	const char *last = path ? strrchr(path, '.') : NULL;
	const struct ast *ast = p->c->ast;

	if (!last)
		return;
	for (size_t i = 0; i < ast->n_fields; i++) {
		const char *declared = ast->fields[i].path.text,
		           *dot = strrchr(declared, '.');
		if (p->fields[i] || !dot || strcmp(dot, last))
			continue;
		p->fields[i] = true;
		buf_adds(&p->text, "fields { ");
		add_text(p, &ast->fields[i].at);
		p->text.len--;
		buf_adds(&p->text, " }\n");
	}
}

/* A custom type is known by its form; one that is near a standard one by a declared
 * field. */
static void add_event(struct pin *p, const struct ast_event *event)
{
	add_expr(p, event->where);
}

static void add_expr(struct pin *p, const struct ast_expr *e)
{
	if (!e)
		return;
	if (e->kind == EXPR_SEGMENT)
		add_segment(p, e->name.text);
	add_path(p, e->operand.path.text);
	for (size_t i = 0; i < e->n_values; i++)
		if (e->values[i].kind == VALUE_PATH)
			add_path(p, e->values[i].text);
	add_event(p, &e->operand.event);
	add_expr(p, e->a);
	add_expr(p, e->b);
}

static void add_step(const struct ast_step *step, void *arg)
{
	struct pin *p = arg;

	add_expr(p, step->cond);
	add_event(p, &step->event);
	if (step->kind == STEP_SET)
		add_path(p, step->name.text);
}

void compile_pin(struct compile *c, const struct ast_rule *in, struct rule *out)
{
	struct pin p = {
	        .c = c, .scope = {.ast = c->ast, .arena = c->arena, .pinned = c->pinned}};
	uint8_t sum[32];

	p.segments = arena_alloc(c->arena, c->ast->n_segments + 1);
	p.fields = arena_alloc(c->arena, c->ast->n_fields + 1);
	buf_adds(&p.text, COMPILE_PINNED);
	if (in->trigger.kind == TRIGGER_ENTERS || in->trigger.kind == TRIGGER_LEAVES)
		add_segment(&p, in->trigger.name.text);
	if (in->trigger.kind == TRIGGER_RELATIVE && in->trigger.anchor == AST_ANCHOR_PATH)
		add_path(&p, in->trigger.name.text);
	add_event(&p, &in->trigger.event);
	add_expr(&p, in->cond);
	add_event(&p, &in->goal.event);
	check_each_step(&in->body, add_step, &p);
	add_text(&p, &in->at);
	out->source = arena_strndup(c->arena, p.text.data, p.text.len);
	secret_sha256(p.tokens.data, p.tokens.len, sum);
	secret_hex(sum, sizeof sum, out->hash);
	buf_free(&p.text);
	buf_free(&p.tokens);
}
