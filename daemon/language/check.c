/* The check of what rules share: names that stand twice, segments, coupons, declared
 * fields. */
#include "language/check.h"
#include "language/builtin.h"

#include <stdarg.h>
#include <string.h>
#include "base/log.h"
#include "language/parse.h"

/* ---- telling ---- */

static struct diag_item *tell(struct check *check, const struct place *at, bool warning,
        const char *fmt, va_list ap)
{
	struct buf message = {0};
	struct diag_item *item;
	struct diag_place where = parse_diag_place(at);
	const char *text = at->file ? at->file->shown : NULL;

	buf_vprintf(&message, fmt, ap);
	item = warning ? diag_warn(check->diag, where, text, "%s", message.data)
	               : diag_error(check->diag, where, text, "%s", message.data);
	buf_free(&message);
	return item;
}

struct diag_item *check_wrong(
        struct check *check, const struct place *at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct diag_item *item = tell(check, at, false, fmt, ap);
	va_end(ap);
	return item;
}

struct diag_item *check_warn(
        struct check *check, const struct place *at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct diag_item *item = tell(check, at, true, fmt, ap);
	va_end(ap);
	return item;
}

void check_near(struct check *check, struct diag_item *item, const char *nearest)
{
	if (nearest)
		diag_hint(check->diag, item, TR("did you mean '%s'?", "'%s'입니까?"),
		        nearest);
}

void check_latin(struct check *check, struct diag_item *item)
{
	diag_hint(check->diag, item, "%s",
	        TR("an event of your own has the name by which it is posted, in small "
	           "letters: game.played",
	                "직접 정한 이벤트는 보낼 때의 이름대로 영문 소문자로 씁니다: "
	                "game.played"));
}

/* ---- names that stand twice ---- */

static void twice(
        struct check *check, const struct ast_name *name, const struct ast_name *first)
{
	check_wrong(check, &name->at,
	        TR("'%s' stands already at %s:%d: give one of them another name",
	                "'%s'은(는) 이미 %s:%d에 있습니다. 하나의 이름을 바꾸십시오"),
	        name->text, first->at.file->name, first->at.line);
}

#define UNIQUE(list, count) \
	for (size_t i = 0; i < check->ast->count; i++) \
		for (size_t j = 0; j < i; j++) \
			if (!strcmp(check->ast->list[i].name.text, \
			            check->ast->list[j].name.text)) { \
				twice(check, &check->ast->list[i].name, \
				        &check->ast->list[j].name); \
				break; \
			}

bool check_built_in(const struct check *check, const struct ast_name *name)
{
	return check->pinned || name->at.file->built_in;
}

/* Messages that no rule asked for stand under these names, in a row of their own. */
static void ours(struct check *check)
{
	for (size_t i = 0; i < check->ast->n_rules; i++) {
		const struct ast_name *name = &check->ast->rules[i].name;
		if (!strcmp(name->text, "api") || !strcmp(name->text, "daemon"))
			check_wrong(check, &name->at,
			        TR("messages that no rule asked for are listed under "
			           "'%s': give the rule another name",
			                "'%s'은(는) 규칙 없이 나가는 메시지에 붙는 "
			                "이름입니다. 규칙의 이름을 바꾸십시오"),
			        name->text);
		else if (builtin_is(name->text) && !check_built_in(check, name))
			check_wrong(check, &name->at,
			        TR("'%s' is a rule of the daemon's own, for a notice "
			           "that the law asks for: give the rule another name",
			                "'%s'은(는) 법에 따른 안내를 보내는 단골의 "
			                "규칙입니다. 규칙의 이름을 바꾸십시오"),
			        name->text);
	}
}

static void unique(struct check *check)
{
	UNIQUE(rules, n_rules)
	UNIQUE(segments, n_segments)
	UNIQUE(coupons, n_coupons)
}

/* ---- fields ---- */

static void field(struct check *check, size_t i)
{
	const struct ast_field *f = &check->ast->fields[i];
	const char *path = names_declared(check->arena, f->path.text);
	const struct name_row *row = name_find(f->path.text);
	struct diag_item *item;

	if (!path || (row && !strncmp(row->english, "orders.", 7))) {
		item = check_wrong(check, &f->path.at,
		        TR("'%s' belongs to no customer and to no event: write "
		           "customer.NAME or "
		           "EVENT.FIELD",
		                "'%s'은(는) 고객이나 이벤트의 항목이 아닙니다. "
		                "고객.이름이나 "
		                "이벤트.항목으로 쓰십시오"),
		        f->path.text);
		if (names_korean(f->path.text))
			check_latin(check, item);
		return;
	}
	if (row) {
		check_wrong(check, &f->path.at,
		        TR("'%s' is there already: leave the line out",
		                "'%s'은(는) 이미 있는 항목입니다. 이 줄을 지우십시오"),
		        f->path.text);
		return;
	}
	for (size_t j = 0; j < i; j++) {
		const struct ast_field *other = &check->ast->fields[j];
		const char *theirs = names_declared(check->arena, other->path.text);
		if (theirs && !strcmp(theirs, path)) {
			twice(check, &f->path, &other->path);
			return;
		}
	}
}

/* ---- segments ---- */

#define DECLARED_MOST 1000 /* rules, segments, coupons, fields */
#define DEPTH_MOST 18      /* levels of brackets */
#define SIZE_MOST 300      /* parts of a condition, segments written out */

struct walk {
	struct check *check;
	struct scope scope;
	const struct ast_segment *start;
	size_t *sizes; /* of each segment, 0: not met yet */
	size_t met;
	bool cycle;
};

static size_t size_of(struct walk *w, const struct ast_expr *e);

/* How many parts a segment has, written out; the walk notices when it comes back to where
 * it began. */
static size_t segment_size(
        struct walk *w, const struct ast_segment *s, const struct place *at)
{
	size_t i = (size_t)(s - w->check->ast->segments);

	if (s == w->start && w->sizes[i] && !w->cycle) {
		check_wrong(w->check, at,
		        TR("segment '%s' asks for itself: leave one of the two out",
		                "고객군 '%s'이(가) 자기 자신을 묻습니다. 하나를 "
		                "빼십시오"),
		        s->name.text);
		w->cycle = true;
	}
	if (w->sizes[i])
		return w->sizes[i];
	if (++w->met > SIZE_MOST)
		return SIZE_MOST;
	w->sizes[i] = 1;
	w->sizes[i] = 1 + size_of(w, s->cond);
	return w->sizes[i];
}

static size_t size_of(struct walk *w, const struct ast_expr *e)
{
	const struct ast_segment *s;
	const char *near;
	size_t n = 1;

	if (!e)
		return 0;
	if (e->kind == EXPR_SEGMENT) {
		s = names_segment(&w->scope, e->name.text, &near);
		return s ? segment_size(w, s, &e->name.at) : 1;
	}
	n += size_of(w, e->a) + size_of(w, e->b) + size_of(w, e->operand.event.where);
	return n < SIZE_MOST ? n : SIZE_MOST;
}

/* Levels of a condition, segments written out: the store's parser takes about 33. Ends
 * at DEPTH_MOST, so that what is cyclic does as well. */
static int depth_of(
        struct walk *w, const struct ast_expr *e, int from, enum expr_kind joined)
{
	const struct ast_segment *s = NULL;
	const char *near;
	int at, a, b;

	if (!e || from >= DEPTH_MOST)
		return from;
	at = (e->kind == EXPR_AND || e->kind == EXPR_OR) && e->kind == joined ? from
	                                                                      : from + 1;
	if (e->kind == EXPR_SEGMENT)
		s = names_segment(&w->scope, e->name.text, &near);
	if (s)
		return depth_of(w, s->cond, at, EXPR_SEGMENT);
	a = depth_of(w, e->a, at, e->kind);
	b = depth_of(w, e->b, at, e->kind);
	a = a > b ? a : b;
	b = depth_of(w, e->operand.event.where, at + 1, EXPR_NOT);
	return e->operand.event.where && b > a ? b : a;
}

/* After its size is known to be bounded. */
static void shallow(struct walk *w, const struct place *at, const struct ast_expr *e)
{
	if (depth_of(w, e, 0, EXPR_NOT) >= DEPTH_MOST)
		check_wrong(w->check, at, "%s",
		        TR("too many brackets or segments inside of each other: mark "
		           "customers with tags",
		                "괄호나 고객군이 너무 겹겹입니다. 태그를 쓰십시오"));
}

static void segment(struct check *check, const struct ast_segment *s)
{
	struct walk w = {.check = check, .start = s};

	w.scope = (struct scope){.ast = check->ast,
	        .arena = check->arena,
	        .pinned = check->pinned,
	        .in_segment = true};
	if (!s->cond)
		return;
	check_cond(check, &w.scope, s->cond);
	check_possible(check, &w.scope, s->cond);
	w.sizes = arena_alloc(check->arena, check->ast->n_segments * sizeof *w.sizes);
	if (segment_size(&w, s, &s->name.at) >= SIZE_MOST)
		check_wrong(check, &s->name.at, "%s",
		        TR("segments inside of segments make this too large",
		                "고객군이 겹겹이 쌓여 너무 큽니다"));
	else if (!w.cycle)
		shallow(&w, &s->name.at, s->cond);
}

void check_whole(struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	struct walk w = {.check = check, .scope = *scope};

	check_cond(check, scope, e);
	check_possible(check, scope, e);
	w.sizes =
	        arena_alloc(check->arena, (check->ast->n_segments + 1) * sizeof *w.sizes);
	if (size_of(&w, e) >= SIZE_MOST)
		check_wrong(check, &e->at, "%s",
		        TR("this condition is too large: divide it, or mark customers "
		           "with tags",
		                "조건이 너무 큽니다. 나누거나 태그를 쓰십시오"));
	else if (!check->diag->told)
		shallow(&w, &e->at, e);
}

/* ---- coupons ---- */

static bool money(struct check *check, const struct ast_value *v)
{
	if (v->kind == VALUE_NONE || v->kind == VALUE_MONEY ||
	        (v->kind == VALUE_NUMBER && v->scale == 0 && !v->counted))
		return true;
	check_wrong(check, &v->at, "%s",
	        TR("an amount like 20,000원 should stand here",
	                "여기에는 20,000원처럼 금액을 씁니다"));
	return false;
}

static void whole(struct check *check, const struct ast_value *v)
{
	if (v->kind == VALUE_NONE ||
	        (v->kind == VALUE_NUMBER && v->scale == 0 && v->number >= 1))
		return;
	check_wrong(check, &v->at, "%s",
	        TR("a whole number from 1 up should stand here",
	                "여기에는 1 이상의 정수를 씁니다"));
}

static void pattern(struct check *check, const struct ast_name *code)
{
	size_t marks = 0, n = strlen(code->text);

	for (const char *c = code->text; *c; c++) {
		bool fine = (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
		            *c == '-' || *c == '#';
		marks += *c == '#';
		if (fine)
			continue;
		check_wrong(check, &code->at, "%s",
		        TR("a code has A to Z, 0 to 9, '-' and '#' alone",
		                "쿠폰 코드에는 A-Z, 0-9, '-', '#'만 쓸 수 있습니다"));
		return;
	}
	if (marks < 5 || n > 32)
		check_wrong(check, &code->at, "%s",
		        TR("a code has 5 '#' or more, or it can be guessed, and 32 "
		           "characters at "
		           "most",
		                "추측할 수 없도록 '#'이 5개 이상이어야 하고 32자를 넘을 "
		                "수 없습니다"));
}

static void coupon(struct check *check, const struct ast_coupon *c)
{
	const struct ast_value *d = &c->discount;
	bool share = d->kind == VALUE_SHARE;

	if (d->kind == VALUE_NONE && !c->gift.text)
		check_wrong(check, &c->name.at,
		        TR("coupon '%s' gives nothing: add 'discount' or 'gift'",
		                "쿠폰 '%s'이(가) 주는 것이 없습니다. '할인'이나 '증정'을 "
		                "쓰십시오"),
		        c->name.text);
	else if (share && (d->scale || d->number < 1 || d->number > 100))
		check_wrong(check, &d->at, "%s",
		        TR("a discount is 1% to 100%", "할인은 1%부터 100%까지입니다"));
	else if (!share)
		money(check, d);
	money(check, &c->minimum);
	whole(check, &c->uses);
	whole(check, &c->stock);
	if (c->code.text)
		pattern(check, &c->code);
	if (c->codes.text && (strchr(c->codes.text, '/') || !c->codes.text[0] ||
	                             c->codes.text[0] == '.'))
		check_wrong(check, &c->codes.at, "%s",
		        TR("the codes' file stands beside the rules: write its name "
		           "alone",
		                "코드 파일은 규칙과 같은 폴더에 둡니다. 이름만 "
		                "쓰십시오"));
	if (c->validity == VALID_UNTIL && check->world && !check->pinned &&
	        c->valid_until < check->world->today)
		check_warn(check, &c->valid_at, "%s",
		        TR("this day is past: the coupon is never good",
		                "이미 지난 날이어서 쓸 수 없는 쿠폰입니다"));
}

/* Names are looked up one by one: a file that a machine wrote must not hold up the
 * others.
 */
static bool too_many(struct check *check)
{
	const struct ast *ast = check->ast;
	const struct place *at =
	        ast->n_rules > DECLARED_MOST      ? &ast->rules[DECLARED_MOST].at
	        : ast->n_segments > DECLARED_MOST ? &ast->segments[DECLARED_MOST].at
	        : ast->n_coupons > DECLARED_MOST  ? &ast->coupons[DECLARED_MOST].at
	        : ast->n_fields > DECLARED_MOST   ? &ast->fields[DECLARED_MOST].at
	                                          : NULL;

	if (at)
		check_wrong(check, at,
		        TR("there are over %d declarations of this kind: leave some out",
		                "이런 선언이 %d개를 넘습니다. 줄이십시오"),
		        DECLARED_MOST);
	return at;
}

void check_program(struct check *check)
{
	if (too_many(check))
		return;
	ours(check);
	unique(check);
	for (size_t i = 0; i < check->ast->n_fields; i++)
		field(check, i);
	for (size_t i = 0; i < check->ast->n_segments; i++)
		segment(check, &check->ast->segments[i]);
	for (size_t i = 0; i < check->ast->n_coupons; i++)
		coupon(check, &check->ast->coupons[i]);
	for (size_t i = 0; i < check->ast->n_rules; i++)
		check_rule(check, &check->ast->rules[i]);
}
