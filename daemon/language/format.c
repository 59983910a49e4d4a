/* The formatter works on tokens; the tree only says where a clause or a step begins. What
 * it writes is read again before it is given away: the same tokens, or it is not ours. */
#include "language/format.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "language/parser.h"

#define INDENT 4
#define LINE_MOST 110 /* columns of a block that stays on its line */
#define ALIGN_LEAST 6 /* of the first words of a rule's lines: "when   …" */
#define ALIGN_MOST 7  /* a longer word does not move the others */

enum block {
	BLOCK_FILE,
	BLOCK_RULE,
	BLOCK_SEGMENT,
	BLOCK_COUPON,
	BLOCK_FIELDS,
	BLOCK_STEPS
};
struct level {
	enum block kind;
	bool open; /* each line its own; else all on one */
	int indent;
	int align; /* columns of its lines' first words; 0: not aligned */
};

struct format {
	struct arena *arena;
	struct token *tokens; /* with comments; ends with TOKEN_END */
	size_t n;
	bool *begins;        /* a declaration, a clause, a step, a term, a field */
	struct level *level; /* the innermost */
	enum block declared; /* by the declaration that is open; BLOCK_FILE: none */
	struct buf out;
	size_t about; /* the token behind a run of comments */
	int column;   /* of the line being written, from 0 */
	int hang;     /* where a line that goes on begins */
	int pad;      /* where the word behind this one begins; 0: after one space */
};

/* ---- the text as tokens ---- */

static struct token *read_tokens(const struct program_file *file, struct arena *arena,
        struct diag *diag, size_t *n)
{
	struct lexer lexer;
	struct token *all = NULL, *kept;
	size_t count = 0;

	lexer_init(&lexer, file->name, file->text, file->len, arena, diag);
	lexer.comments = true;
	do {
		struct token *one = mem_grow(&all, count++, sizeof *all);
		lexer_next(&lexer, one);
	} while (all[count - 1].kind != TOKEN_END);
	kept = arena_alloc(arena, count * sizeof *kept);
	memcpy(kept, all, count * sizeof *kept);
	free(all);
	*n = count - 1;
	return kept;
}

static bool is_word(const struct token *t, const enum word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t->kind == TOKEN_WORD && t->word == words[i])
			return true;
	return false;
}

#define IS_WORD(token, words) is_word(token, words, sizeof(words) / sizeof *(words))

/* ---- where a line begins ---- */

/* What the tree knows of, over the tokens without comments. */
struct marks {
	bool *begins, *inside; /* inside: of something that begins elsewhere */
	const struct token *tokens;
};

static void cover(struct marks *m, const struct place *at)
{
	for (size_t i = at->first; at->line && i < at->last; i++)
		m->inside[i] = true;
}

static void mark_block(struct marks *m, const struct ast_block *block);

static void mark_step(struct marks *m, const struct ast_step *step)
{
	size_t first = step->at.first;

	/* `else if` goes on. */
	if (first == 0 || !token_is(&m->tokens[first - 1], W_ELSE))
		m->begins[first] = true;
	mark_block(m, step->yes);
	mark_block(m, step->no);
	for (size_t i = 0; i < step->n_sides; i++) {
		m->begins[step->sides[i].at.first] = true;
		mark_block(m, step->sides[i].block);
	}
}

static void mark_block(struct marks *m, const struct ast_block *block)
{
	for (size_t i = 0; block && i < block->n; i++)
		mark_step(m, &block->steps[i]);
}

static void mark_rule(struct marks *m, const struct ast_rule *rule)
{
	static const enum word clauses[] = {W_ON, W_OFF, W_PURPOSE, W_WHEN, W_LIMIT,
	        W_HOLDOUT, W_LATE, W_AGAIN, W_ONE_PER_ADDRESS, W_WAS, W_RESEND, W_GOAL};

	cover(m, &rule->name.at);
	cover(m, &rule->trigger.at);
	cover(m, &rule->cond_at);
	cover(m, &rule->goal.at);
	cover(m, &rule->was.at);
	for (size_t i = 0; i < rule->n_limits; i++)
		cover(m, &rule->limits[i].at);
	for (size_t i = 0; i < rule->body.n; i++)
		cover(m, &rule->body.steps[i].at);
	for (size_t i = rule->at.first; i < rule->at.last; i++)
		if (!m->inside[i] && IS_WORD(&m->tokens[i], clauses))
			m->begins[i] = true;
	if (rule->cond_at.line)
		m->begins[rule->cond_at.first] = true;
	mark_block(m, &rule->body);
}

/* From the tree's tokens to ours, which have the comments between them. */
static void mark(struct format *f, const struct ast *ast)
{
	const struct ast_file *file = ast->files[0];
	struct marks m = {.tokens = file->tokens,
	        .begins = arena_alloc(f->arena, file->n_tokens),
	        .inside = arena_alloc(f->arena, file->n_tokens)};
	size_t k = 0;

	for (size_t i = 0; i < ast->n_rules; i++)
		mark_rule(&m, &ast->rules[i]);
	for (size_t i = 0; i < f->n; i++)
		if (f->tokens[i].kind != TOKEN_COMMENT)
			f->begins[i] = m.begins[k++];
}

static enum block declares(const struct token *t)
{
	switch ((int)t->word) {
	case W_RULE:
		return BLOCK_RULE;
	case W_SEGMENT:
		return BLOCK_SEGMENT;
	case W_COUPON:
		return BLOCK_COUPON;
	default:
		return BLOCK_FIELDS;
	}
}

/* Outside of rules the words alone tell what begins. */
static void mark_declarations(struct format *f)
{
	static const enum word terms[] = {
	        W_DISCOUNT, W_GIFT, W_CODE, W_CODES, W_MINIMUM, W_VALID, W_USES, W_STOCK};
	enum block declared = BLOCK_FILE;
	int depth = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct token *t = &f->tokens[i];
		if (t->kind == TOKEN_COMMENT)
			continue;
		if (declared == BLOCK_FILE) {
			declared = declares(t);
			f->begins[i] = true;
		} else if (depth == 1 && declared == BLOCK_COUPON) {
			f->begins[i] = IS_WORD(t, terms);
		} else if (depth == 1 && declared == BLOCK_FIELDS) {
			f->begins[i] = t->kind == TOKEN_PATH;
		}
		depth += token_punct(t, '{') - token_punct(t, '}');
		if (depth == 0 && token_punct(t, '}'))
			declared = BLOCK_FILE;
	}
}

/* ---- measures ---- */

static int columns(const struct token *t)
{
	return text_columns(t->text, t->len);
}

/* Spaces before a token that stays on the line of the one before it. */
static int gap(const struct format *f, size_t i)
{
	const struct token *t = &f->tokens[i], *before = t - 1;

	if (token_punct(before, '(') || token_punct(t, ')') || token_punct(t, ','))
		return 0;
	if (t->kind == TOKEN_UNIT)
		return t->from > before->to;
	if (t->kind == TOKEN_COMMENT)
		return 2;
	return f->begins[i] && !token_punct(before, '{') ? 2 : 1;
}

/* The brace that closes the one at i. */
static size_t closing(const struct format *f, size_t i)
{
	int depth = 0;

	do {
		depth +=
		        token_punct(&f->tokens[i], '{') - token_punct(&f->tokens[i], '}');
		i++;
	} while (depth > 0 && i < f->n);
	return i - 1;
}

/* Whether the block of the brace at i, which stands at f->column, stays on one line:
 * where the author had it so, it holds no block of its own and of steps only one. */
static bool stays(const struct format *f, size_t i, enum block kind)
{
	size_t end = closing(f, i), begun = 0;
	int width = f->column;

	if (end == i + 1)
		return true;
	for (size_t k = i + 1; k <= end; k++) {
		begun += f->begins[k];
		width += gap(f, k) + columns(&f->tokens[k]);
		if (f->tokens[k].first || token_punct(&f->tokens[k], '{'))
			return false;
	}
	return kind != BLOCK_RULE && (kind != BLOCK_STEPS || begun == 1) &&
	       width <= LINE_MOST;
}

/* The columns of the word that begins at i, where what is behind it may be aligned; 0:
 * not there. `again restarts` and `resend unknown` are one phrase each. */
static int aligned(const struct format *f, size_t i, enum block kind)
{
	static const enum word verbs[] = {W_PURPOSE, W_WHEN, W_IF, W_LIMIT, W_HOLDOUT,
	        W_LATE, W_WAS, W_GOAL, W_SEND, W_GIVE, W_WAIT, W_STOP, W_TAG, W_UNTAG,
	        W_SET, W_POST};
	const struct token *t = &f->tokens[i], *next = t + 1;

	if (kind == BLOCK_RULE && !IS_WORD(t, verbs))
		return 0;
	if (next->first || f->begins[i + 1] || token_punct(next, '}') ||
	        next->kind == TOKEN_COMMENT)
		return 0;
	for (; next->kind != TOKEN_END && !token_punct(next, '}') &&
	        !f->begins[next - f->tokens];
	        next++)
		if (token_punct(next, '{'))
			return 0;
	return columns(t);
}

static int alignment(const struct format *f, size_t i, enum block kind)
{
	size_t end = closing(f, i);
	int most = kind == BLOCK_RULE ? ALIGN_LEAST : 0, depth = 0;

	if (kind != BLOCK_RULE && kind != BLOCK_COUPON)
		return 0;
	for (size_t k = i + 1; k < end; k++) {
		int width = depth == 0 && f->begins[k] ? aligned(f, k, kind) : 0;
		if (width > most && (kind == BLOCK_COUPON || width <= ALIGN_MOST))
			most = width;
		depth +=
		        token_punct(&f->tokens[k], '{') - token_punct(&f->tokens[k], '}');
	}
	return most;
}

/* ---- writing ---- */

static void spaces(struct format *f, int n)
{
	for (int i = 0; i < n; i++)
		buf_addc(&f->out, ' ');
	f->column += n;
}

/* A new line for the token at i, with the blank line that stood before it. */
static void new_line(struct format *f, size_t i, int indent)
{
	const struct token *t = &f->tokens[i];
	bool blank = i > 0 && t->line - t[-1].line > 1 && !token_punct(t - 1, '{') &&
	             !token_punct(t, '}');

	if (i > 0)
		buf_adds(&f->out, blank ? "\n\n" : "\n");
	f->column = 0;
	f->pad = 0;
	spaces(f, indent);
}

static void push(struct format *f, size_t i)
{
	struct level *level = f->level + 1;
	enum block kind = f->level->kind == BLOCK_FILE ? f->declared : BLOCK_STEPS;

	*level = (struct level){.kind = kind,
	        .open = !stays(f, i, kind),
	        .indent = f->level->kind == BLOCK_FILE ? INDENT
	                                               : f->level->indent + INDENT};
	level->align = level->open ? alignment(f, i, kind) : 0;
	f->level = level;
	f->hang = level->indent;
}

static void pop(struct format *f)
{
	f->level--;
	f->hang = f->level->indent;
	if (f->level->kind == BLOCK_FILE)
		f->declared = BLOCK_FILE;
}

/* Where a comment of its own line stands: with what it is about. */
static int comment_indent(struct format *f, size_t i)
{
	size_t about = f->about > i ? f->about : i;

	while (f->tokens[about].kind == TOKEN_COMMENT)
		about++;
	f->about = about;
	return f->begins[about] || f->tokens[about].kind == TOKEN_END ||
	                       token_punct(&f->tokens[about], '}')
	               ? f->level->indent
	               : f->hang;
}

static void begin(struct format *f, size_t i)
{
	int width = f->level->align ? aligned(f, i, f->level->kind) : 0;

	if (f->level->open)
		new_line(f, i, f->level->indent);
	else
		spaces(f, gap(f, i));
	if (f->level->kind == BLOCK_FILE)
		f->declared = declares(&f->tokens[i]);
	f->pad = width ? f->level->indent + f->level->align + 1 : 0;
	f->hang = f->pad ? f->pad : f->level->indent + INDENT;
}

/* What the author's line break before the token at i becomes. */
static bool breaks(const struct format *f, size_t i)
{
	const struct token *t = &f->tokens[i], *before = t - 1;

	if (before->kind == TOKEN_COMMENT)
		return true;
	if (token_punct(t, '{') || (token_punct(before, '}') && token_is(t, W_ELSE)))
		return false;
	return t->first;
}

static void place(struct format *f, size_t i)
{
	const struct token *t = &f->tokens[i];
	bool opened = i > 0 && token_punct(t - 1, '{') && f->level->open;

	if (t->kind == TOKEN_COMMENT) {
		if (i == 0 || t->first)
			new_line(f, i, comment_indent(f, i));
		else
			spaces(f, gap(f, i));
	} else if (token_punct(t, '}')) {
		bool open = f->level->open;
		pop(f);
		if (open)
			new_line(f, i, f->level->indent);
		else
			spaces(f, gap(f, i));
	} else if (f->begins[i]) {
		begin(f, i);
	} else if (opened || breaks(f, i)) {
		new_line(f, i, f->hang);
	} else {
		spaces(f, f->pad > f->column ? f->pad - f->column : gap(f, i));
		f->pad = 0;
	}
}

static void write_all(struct format *f)
{
	size_t braces = 0;

	for (size_t i = 0; i < f->n; i++)
		braces += token_punct(&f->tokens[i], '{');
	f->level = arena_alloc(f->arena, (braces + 1) * sizeof *f->level);
	f->level->open = true;
	for (size_t i = 0; i < f->n; i++) {
		const struct token *t = &f->tokens[i];
		place(f, i);
		buf_add(&f->out, t->text, t->len);
		f->column += columns(t);
		if (token_punct(t, '{'))
			push(f, i);
	}
	if (f->n)
		buf_addc(&f->out, '\n');
}

/* ---- the whole ---- */

/* What was written holds the tokens that were read, one for one. */
static void check_same(
        struct format *f, const struct program_file *file, struct diag *diag)
{
	struct program_file again = {
	        .name = file->name, .text = f->out.data, .len = f->out.len};
	size_t n = 0;
	struct token *tokens;

	if (!again.text)
		return;
	tokens = read_tokens(&again, f->arena, diag, &n);
	assert(n == f->n);
	for (size_t i = 0; i < n; i++)
		assert(tokens[i].kind == f->tokens[i].kind &&
		        tokens[i].word == f->tokens[i].word &&
		        !strcmp(tokens[i].text, f->tokens[i].text));
}

char *format_text(const struct program_file *file, struct diag *diag, size_t *len)
{
	struct format f = {.arena = arena_new()};
	struct ast ast = {.arena = f.arena};
	size_t before = diag->told;
	char *text = NULL;

	parser_file(&ast, file, diag);
	if (diag->told == before) {
		f.tokens = read_tokens(file, f.arena, diag, &f.n);
		f.begins = arena_alloc(f.arena, f.n + 1);
		mark(&f, &ast);
		mark_declarations(&f);
		write_all(&f);
		check_same(&f, file, diag);
		*len = f.out.len;
		text = buf_take(&f.out);
	}
	arena_free(f.arena);
	return text;
}
