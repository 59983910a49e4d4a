/* The compiler's entrance: files in, a program or every mistake out. Holds a program's
 * tree as long as the program lives, because single conditions are compiled against it
 * later. */
#include <string.h>
#include "language/program.h"
#include "base/text.h"
#include "language/compile.h"
#include "language/crossing.h"
#include "language/parse.h"
#include "language/parser.h"
#include "language/past.h"
#include "language/survey.h"
#include "language/sweep.h"

struct whole {
	struct program program; /* first: a program is a whole */
	struct ast ast;
	struct compile compile;
	struct survey *survey; /* outlives it, or NULL */
};

static struct whole *whole_of(const struct program *program)
{
	return (struct whole *)(uintptr_t)program;
}

/* ---- declarations ---- */

static const char *discount(struct arena *arena, const struct ast_coupon *c)
{
	char number[32];

	if (c->gift.text)
		return c->gift.text;
	if (c->discount.kind == VALUE_SHARE)
		return arena_printf(arena, "%lld%%", (long long)c->discount.number);
	return arena_printf(arena, "%s원", text_number(c->discount.number, number));
}

static void coupon(
        struct arena *arena, const struct ast_coupon *in, struct coupon_decl *out)
{
	bool share = in->discount.kind == VALUE_SHARE;

	*out = (struct coupon_decl){.name = in->name.text,
	        .title = in->title,
	        .file = in->at.file->name,
	        .line = in->at.line,
	        .percent = share ? (int)in->discount.number : 0,
	        .money = share || in->gift.text ? 0 : in->discount.number,
	        .gift = in->gift.text,
	        .discount = discount(arena, in),
	        .pattern = in->code.text,
	        .codes = in->codes.text,
	        .minimum = in->minimum.number,
	        .validity = in->validity,
	        .valid_for = in->valid_for,
	        .valid_until = in->valid_until,
	        .uses = in->uses.kind == VALUE_NONE ? 1 : in->uses.number,
	        .stock = in->stock.number};
}

static void segment(struct whole *w, const struct ast_segment *in, struct segment *out)
{
	struct scope scope = {
	        .ast = &w->ast, .arena = w->ast.arena, .pinned = w->compile.pinned};

	*out = (struct segment){.name = in->name.text,
	        .title = in->title,
	        .file = in->at.file->name,
	        .line = in->at.line,
	        .cond = compile_cond(&w->compile, &scope, in->cond)};
	out->deps = deps_new(w->ast.arena, &scope, in->cond);
	out->crossings = crossings_new(w->ast.arena, &scope, out, in->cond);
}

static void field(
        const struct scope *scope, const struct ast_field *in, struct field_decl *out)
{
	struct diag_place at = parse_diag_place(&in->path.at);

	*out = (struct field_decl){.path = names_declared(scope->arena, in->path.text),
	        .type = in->type,
	        .sealed = names_is_sealed(scope, in),
	        .file = at.file,
	        .line = at.line,
	        .column = at.column,
	        .width = at.width};
}

static void build(struct whole *w)
{
	struct program *p = &w->program;
	struct arena *arena = p->arena;
	const struct ast *ast = &w->ast;
	const struct scope scope = {.ast = ast, .arena = arena};
	struct past *past = arena_alloc(arena, sizeof *past);

	p->n_rules = ast->n_rules;
	p->rules = arena_alloc(arena, (ast->n_rules + 1) * sizeof *p->rules);
	p->n_segments = ast->n_segments;
	p->segments = arena_alloc(arena, (ast->n_segments + 1) * sizeof *p->segments);
	p->n_coupons = ast->n_coupons;
	p->coupons = arena_alloc(arena, (ast->n_coupons + 1) * sizeof *p->coupons);
	p->n_fields = ast->n_fields;
	p->fields = arena_alloc(arena, (ast->n_fields + 1) * sizeof *p->fields);
	for (size_t i = 0; i < ast->n_fields; i++)
		field(&scope, &ast->fields[i], &p->fields[i]);
	*past = (struct past){.arena = arena};
	w->ast.past = past;
	for (size_t i = 0; i < ast->n_segments; i++)
		segment(w, &ast->segments[i], &p->segments[i]);
	for (size_t i = 0; i < ast->n_coupons; i++)
		coupon(arena, &ast->coupons[i], &p->coupons[i]);
	for (size_t i = 0; i < ast->n_rules; i++) {
		compile_rule(&w->compile, &ast->rules[i], &p->rules[i]);
		past_of_trigger(past, &p->rules[i].trigger);
		p->n_built_in += p->rules[i].built_in;
	}
	w->ast.past = NULL; /* what is compiled later is asked once */
	p->past = past;
}

/* ---- compiling ---- */

static bool inside(const struct ast_rule *rule, const struct diag_place *at)
{
	const struct ast_file *file = rule->name.at.file;

	return !strcmp(file->name, at->file) && at->line >= rule->at.line &&
	       rule->at.last > 0 && at->line <= file->tokens[rule->at.last - 1].line;
}

/* Takes the rules out that have a mistake; false when one stands outside of rules. */
static bool keep_sound(struct ast *ast, const struct diag *diag)
{
	bool *bad = arena_alloc(ast->arena, ast->n_rules + 1);
	size_t kept = 0;

	memset(bad, 0, ast->n_rules + 1);
	for (size_t i = 0; i < diag->n; i++) {
		bool found = diag->items[i].warning;
		for (size_t r = 0; r < ast->n_rules; r++)
			if (!diag->items[i].warning &&
			        inside(&ast->rules[r], &diag->items[i].at))
				found = bad[r] = true;
		if (!found)
			return false;
	}
	for (size_t r = 0; r < ast->n_rules; r++)
		if (!bad[r] && !ast->rules[r].broken)
			ast->rules[kept++] = ast->rules[r];
	ast->n_rules = kept;
	return diag->more == 0;
}

struct program *program_compile_sound(
        const struct program_file *files, size_t n, const struct world *world)
{
	struct arena *arena = arena_new();
	struct whole *w = arena_alloc(arena, sizeof *w);
	struct diag diag;
	struct check check = {
	        .ast = &w->ast, .arena = arena, .world = world, .diag = &diag};
	bool sound;

	diag_init(&diag);
	w->program.arena = w->ast.arena = arena;
	w->survey = world ? world->survey : NULL;
	w->compile = (struct compile){.ast = &w->ast, .arena = arena};
	for (size_t i = 0; i < n; i++)
		parser_file(&w->ast, &files[i], &diag);
	check_program(&check);
	sound = keep_sound(&w->ast, &diag);
	diag_fini(&diag);
	if (!sound) {
		arena_free(arena);
		return NULL;
	}
	build(w);
	return &w->program;
}

struct program *program_compile(const struct program_file *files, size_t n,
        const struct world *world, struct diag *diag)
{
	struct arena *arena = arena_new();
	struct whole *w = arena_alloc(arena, sizeof *w);
	size_t told = diag->told;
	struct check check = {
	        .ast = &w->ast, .arena = arena, .world = world, .diag = diag};

	w->program.arena = w->ast.arena = arena;
	w->survey = world ? world->survey : NULL;
	check.pinned = world && world->older && n == 1 &&
	               files[0].len >= strlen(COMPILE_PINNED) &&
	               !memcmp(files[0].text, COMPILE_PINNED, strlen(COMPILE_PINNED));
	w->compile =
	        (struct compile){.ast = &w->ast, .arena = arena, .pinned = check.pinned};
	for (size_t i = 0; i < n; i++)
		parser_file(&w->ast, &files[i], diag);
	check_program(&check);
	if (diag->told > told) {
		arena_free(arena);
		return NULL;
	}
	build(w);
	return &w->program;
}

void program_free(struct program *program)
{
	if (!program)
		return;
	for (struct cond *c = whole_of(program)->compile.conds; c; c = c->next)
		cond_free(c);
	for (size_t i = 0; i < program->n_rules; i++)
		sweep_free(program->rules[i].queries);
	for (size_t i = 0; i < program->n_segments; i++)
		crossings_free(program->segments[i].crossings);
	arena_free(program->arena);
}

/* ---- single conditions and names ---- */

static struct scope event_scope(struct whole *w, bool in_event, const char *type)
{
	struct scope scope = {.ast = &w->ast, .arena = w->ast.arena};
	const char *near;

	scope.has_event = scope.has_trigger = in_event;
	if (in_event && type)
		scope.event = scope.trigger = names_event(&scope, type, &near);
	return scope;
}

struct cond *program_condition(struct program *program, const struct program_file *file,
        size_t from, size_t to, bool in_event, const char *event_type, struct diag *diag)
{
	struct whole *w = whole_of(program);
	struct scope scope = event_scope(w, in_event, event_type);
	struct check check = {.ast = &w->ast, .arena = program->arena, .diag = diag};
	size_t told = diag->told;
	struct ast_expr *e = parser_condition(&w->ast, file, from, to, diag);

	if (!e || diag->told > told)
		return NULL;
	check_whole(&check, &scope, e);
	return diag->told > told ? NULL : compile_cond(&w->compile, &scope, e);
}

const char *program_path(const struct program *program, const char *path,
        const char *event_type, enum field_type *type, const char **nearest)
{
	struct whole *w = whole_of(program);
	struct scope scope = event_scope(w, true, event_type);
	struct subject subject;
	const char *near = NULL;
	enum names_found found;

	scope.in_item = true;
	found = names_path(&scope, path, &subject, &near);
	if (nearest)
		*nearest = found == NAMES_OK ? NULL : near;
	if (found != NAMES_OK)
		return NULL;
	if (type)
		*type = subject.type;
	return subject.path;
}

const char *program_declaration(const struct program *program, const char *path,
        const char *event_type, bool only_seen)
{
	struct whole *w = whole_of(program);
	struct arena *arena = program->arena;
	enum field_type type = FIELD_TEXT;
	const char *dot = strchr(path, '.'), *first;
	bool seen;

	if (!dot)
		return NULL;
	first = part_english(arena_strndup(arena, path, (size_t)(dot - path)));
	if ((!strcmp(first, "event") || !strcmp(first, "trigger")) && event_type)
		path = arena_printf(arena, "%s%s", event_type, dot);
	else if (strcmp(first, "customer"))
		return NULL;
	if (strchr(dot + 1, '.'))
		return NULL;
	seen = w->survey &&
	       survey_seen(w->survey, names_declared(arena, path), FIELD_TEXT, &type);
	if (only_seen && !seen)
		return NULL;
	return arena_printf(arena, "%s %s", path, word_name(names_type_word(type)));
}
