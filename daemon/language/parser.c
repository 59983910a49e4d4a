/* Files and declarations: what stands outside and directly inside of the braces. Never
 * stops at the first mistake. */
#include "language/parser.h"

#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/parse.h"
#include "language/slips.h"

#define NAME_MOST 64 /* bytes of a declaration's name */

#define ADD(ast, list, n) \
	((ast)->list = parse_grown( \
	         (ast)->arena, (ast)->list, (ast)->n, sizeof *(ast)->list), \
	        &(ast)->list[(ast)->n++])

/* `if C` is the rule's condition, `if C {` a step. */
static bool if_clause(struct parse *p, struct ast_rule *rule)
{
	const struct token *t = parse_peek(p);
	struct ast_step step = {.weekday = -1};
	bool set = rule->cond != NULL;
	size_t first = p->pos;
	struct ast_expr *cond;

	parse_next(p);
	cond = parse_cond(p);
	if (!cond)
		return false;
	if (token_punct(parse_peek(p), '{')) {
		if (!parse_if_step(p, &step, cond))
			return false;
		step.at = parse_place(p, first);
		parse_add_step(p, &rule->body, &step);
		return true;
	}
	if (!parse_seen(p, &set, t))
		return false;
	rule->cond = cond;
	rule->cond_at = parse_place(p, first);
	if (rule->body.n == 0)
		return true;
	diag_error(p->diag, token_place(&p->lexer, t), p->file->shown, "%s",
	        TR("the rule's condition stands before its first step: move it up, or "
	           "give "
	           "it a { block }",
	                "규칙의 조건은 첫 할 일보다 앞에 씁니다. 위로 옮기거나 { }를 "
	                "붙이십시오"));
	return true;
}

/* ---- declarations ---- */

static bool heading(struct parse *p, struct ast_name *name, const char **title)
{
	parse_next(p);
	if (!parse_name(p, name))
		return false;
	if (parse_ahead(p, 0)->kind == TOKEN_STRING) {
		*title = parse_peek(p)->string;
		parse_next(p);
	}
	if (strlen(name->text) > NAME_MOST) {
		diag_error(p->diag, parse_diag_place(&name->at), p->file->shown,
		        TR("a name has at most %d bytes", "이름은 최대 %d바이트입니다"),
		        NAME_MOST);
		p->bad = true;
		return false;
	}
	return parse_need_punct(p, '{');
}

static void no_clause(struct parse *p)
{
	const struct token *t = parse_peek(p);
	const char *names[2 * WORDS], *near;
	struct diag_item *item;
	size_t n = 0;

	if (t->kind != TOKEN_WORD || t->word) {
		parse_expected(p, TR("a clause or a step", "절이나 할 일이 올"));
		return;
	}
	for (const struct word_row *row = word_rows; row->word; row++) {
		bool here = row->group == WORDS_CLAUSE || row->group == WORDS_STEP ||
		            row->word == W_COUPON;
		if (!here || n + 2 > sizeof names / sizeof names[0])
			continue;
		if (row->english)
			names[n++] = row->english;
		if (row->korean)
			names[n++] = row->korean;
	}
	near = text_nearest(t->text, names, n);
	item = diag_error(p->diag, token_place(&p->lexer, t), p->file->shown,
	        TR("unknown word '%s'", "모르는 말입니다: '%s'"), t->text);
	if (near)
		diag_hint(p->diag, item, TR("did you mean '%s'?", "'%s'입니까?"), near);
	p->bad = true;
}

static bool rule_line(struct parse *p, struct ast_rule *rule)
{
	struct ast_step step;

	if (parse_is(p, W_IF))
		return if_clause(p, rule);
	if (parse_is_clause(p))
		return parse_clause(p, rule);
	if (!parse_is_step(p)) {
		no_clause(p);
		return false;
	}
	if (!parse_step(p, &step))
		return false;
	parse_add_step(p, &rule->body, &step);
	return true;
}

/* The closing brace of a declaration; false and a mistake when the next declaration or
 * the end comes first. */
static bool closed(struct parse *p, bool *end)
{
	*end = true;
	if (parse_take_punct(p, '}'))
		return true;
	if (parse_peek(p)->kind == TOKEN_END || parse_at_declaration(p)) {
		parse_expected(p, "'}'");
		p->bad = false;
		return false;
	}
	*end = false;
	return true;
}

static void rule(struct parse *p)
{
	struct ast_rule *rule = ADD(p->ast, rules, n_rules);
	size_t first = p->pos;
	bool end = false;

	*rule = (struct ast_rule){0};
	if (!heading(p, &rule->name, &rule->title)) {
		p->ast->n_rules -= rule->name.text == NULL;
		return;
	}
	while (closed(p, &end) && !end) {
		size_t at = p->pos;
		p->depth = 0;
		if (rule_line(p, rule) && !p->bad)
			continue;
		rule->broken = true;
		if (p->pos == at)
			parse_next(p);
		parse_recover(p);
	}
	rule->at = parse_place(p, first);
	rule->body.at = parse_place(p, p->pos ? p->pos - 1 : 0);
}

static void segment(struct parse *p)
{
	struct ast_segment *s = ADD(p->ast, segments, n_segments);
	size_t first = p->pos;

	*s = (struct ast_segment){0};
	p->depth = 0;
	if (!heading(p, &s->name, &s->title)) {
		p->ast->n_segments -= s->name.text == NULL;
		return;
	}
	s->cond = parse_cond(p);
	if (s->cond)
		parse_need_punct(p, '}');
	s->at = parse_place(p, first);
}

static bool once(struct parse *p, struct place *at, size_t first)
{
	bool set = at->line > 0;
	const struct token *t = &p->file->tokens[first];

	*at = parse_place(p, first);
	return parse_seen(p, &set, t);
}

static bool validity(struct parse *p, struct ast_coupon *c)
{
	bool until = parse_take(p, W_UNTIL);

	if (!until && parse_peek(p)->kind != TOKEN_DATE) {
		c->validity = VALID_FOR;
		return parse_duration(p, &c->valid_for);
	}
	c->validity = VALID_UNTIL;
	if (parse_peek(p)->kind != TOKEN_DATE) {
		parse_expected(p, TR("a date", "날짜가 올"));
		return false;
	}
	c->valid_until = parse_peek(p)->date;
	parse_next(p);
	return until || parse_need(p, W_UNTIL);
}

static bool coupon_line(struct parse *p, struct ast_coupon *c)
{
	size_t first = p->pos;
	bool set;

	if (parse_take(p, W_DISCOUNT))
		return once(p, &c->discount_at, first) && parse_value(p, &c->discount);
	if (parse_take(p, W_GIFT))
		return once(p, &c->discount_at, first) && parse_string(p, &c->gift);
	if (parse_take(p, W_CODE))
		return once(p, &c->code_at, first) && parse_string(p, &c->code);
	if (parse_take(p, W_CODES))
		return once(p, &c->code_at, first) && parse_string(p, &c->codes);
	if (parse_take(p, W_MINIMUM)) {
		set = c->minimum.kind != VALUE_NONE;
		return parse_seen(p, &set, &p->file->tokens[first]) &&
		       parse_value(p, &c->minimum);
	}
	if (parse_take(p, W_VALID))
		return once(p, &c->valid_at, first) && validity(p, c);
	if (parse_take(p, W_USES)) {
		set = c->uses.kind != VALUE_NONE;
		return parse_seen(p, &set, &p->file->tokens[first]) &&
		       parse_value(p, &c->uses);
	}
	if (parse_take(p, W_STOCK)) {
		set = c->stock.kind != VALUE_NONE;
		return parse_seen(p, &set, &p->file->tokens[first]) &&
		       parse_value(p, &c->stock);
	}
	parse_expected(
	        p, TR("a coupon's term like 'discount'", "'할인' 같은 쿠폰 조건이 올"));
	return false;
}

static void skip_line(struct parse *p)
{
	p->bad = false;
	do {
		parse_next(p);
	} while (!parse_peek(p)->first && !token_punct(parse_peek(p), '}') &&
	         parse_peek(p)->kind != TOKEN_END);
}

static void coupon(struct parse *p)
{
	struct ast_coupon *c = ADD(p->ast, coupons, n_coupons);
	size_t first = p->pos;
	bool end = false;

	*c = (struct ast_coupon){0};
	if (!heading(p, &c->name, &c->title)) {
		p->ast->n_coupons -= c->name.text == NULL;
		return;
	}
	while (closed(p, &end) && !end)
		if (!coupon_line(p, c) || p->bad)
			skip_line(p);
	c->at = parse_place(p, first);
}

static bool field(struct parse *p, struct ast_field *f)
{
	static const enum word types[] = {
	        W_NUMBER, W_MONEY, W_TEXT, W_DATE, W_TIME, W_YESNO};
	size_t first = p->pos;

	*f = (struct ast_field){0};
	if (!parse_path(p, &f->path))
		return false;
	f->sealed = parse_take(p, W_SEALED);
	for (int i = 0; i < 6; i++)
		if (parse_take(p, types[i])) {
			f->type = (enum field_type)i;
			f->at = parse_place(p, first);
			return true;
		}
	parse_expected(
	        p, TR("a type: number, money, text, date, time or yesno",
	                   "숫자, 금액, 글, 날짜, 시각, 예아니오 가운데 하나가 올"));
	return false;
}

static void fields(struct parse *p)
{
	struct ast_field one;
	bool end = false;

	parse_next(p);
	if (!parse_need_punct(p, '{'))
		return;
	while (closed(p, &end) && !end) {
		if (field(p, &one))
			*ADD(p->ast, fields, n_fields) = one;
		else
			skip_line(p);
	}
}

static void stray(struct parse *p)
{
	const struct token *t = parse_peek(p);
	const char *near = NULL;
	static const char *const words[] = {"rule", "segment", "coupon", "fields", "규칙",
	        "고객군", "쿠폰", "항목들"};
	struct diag_item *item;

	if (t->kind == TOKEN_BAD)
		return;
	item = diag_error(p->diag, token_place(&p->lexer, t), p->file->shown,
	        TR("a file holds rules, segments, coupons and fields; '%s' is none",
	                "파일에는 규칙, 고객군, 쿠폰, 항목들만 씁니다. '%s'은(는) "
	                "아닙니다"),
	        token_show(t));
	if (t->kind == TOKEN_WORD)
		near = text_nearest(t->text, words, 8);
	if (near)
		diag_hint(p->diag, item, TR("did you mean '%s'?", "'%s'입니까?"), near);
}

static void skip_to_declaration(struct parse *p)
{
	do {
		parse_next(p);
	} while (parse_peek(p)->kind != TOKEN_END && !parse_at_declaration(p));
}

static void declarations(struct parse *p)
{
	while (parse_peek(p)->kind != TOKEN_END) {
		if (parse_is(p, W_RULE))
			rule(p);
		else if (parse_is(p, W_SEGMENT))
			segment(p);
		else if (parse_is(p, W_COUPON))
			coupon(p);
		else if (parse_is(p, W_FIELDS))
			fields(p);
		else {
			stray(p);
			p->bad = true;
		}
		if (!p->bad)
			continue;
		p->bad = false;
		if (!parse_at_declaration(p))
			skip_to_declaration(p);
	}
}

/* ---- entrances ---- */

static void read_tokens(struct parse *p)
{
	struct token token;
	size_t cap = 0;

	do {
		lexer_next(&p->lexer, &token);
		if (p->file->n_tokens == cap) {
			struct token *more;
			cap = cap ? cap * 2 : 256;
			more = arena_alloc(p->ast->arena, cap * sizeof *more);
			if (p->file->n_tokens)
				memcpy(more, p->file->tokens,
				        p->file->n_tokens * sizeof *more);
			p->file->tokens = more;
		}
		p->file->tokens[p->file->n_tokens++] = token;
	} while (token.kind != TOKEN_END);
}

static void begin(struct parse *p, struct ast *ast, const struct program_file *file,
        size_t from, size_t to, struct diag *diag)
{
	*p = (struct parse){.ast = ast, .diag = diag};
	p->file = arena_alloc(ast->arena, sizeof *p->file);
	lexer_init_range(
	        &p->lexer, file->name, file->text, file->len, from, to, ast->arena, diag);
	p->file->name = file->name;
	p->file->text = p->lexer.text;
	p->file->shown = p->lexer.shown;
	p->file->built_in = file->built_in;
	read_tokens(p);
}

void parser_file(struct ast *ast, const struct program_file *file, struct diag *diag)
{
	size_t told = diag->n;
	struct parse p;

	begin(&p, ast, file, 0, file->len, diag);
	*ADD(ast, files, n_files) = p.file;
	declarations(&p);
	slips_hint(diag, told, p.file);
}

struct ast_expr *parser_condition(struct ast *ast, const struct program_file *file,
        size_t from, size_t to, struct diag *diag)
{
	size_t told = diag->n;
	struct parse p;
	struct ast_expr *e;

	begin(&p, ast, file, from, to, diag);
	e = parse_cond(&p);
	if (e && parse_peek(&p)->kind != TOKEN_END)
		parse_expected(&p, TR("the end of the condition", "조건의 끝이 올"));
	slips_hint(diag, told, p.file);
	return p.bad ? NULL : e;
}
