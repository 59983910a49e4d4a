/* The lexer. First match, longest first; it never guesses what an owner meant, it says
 * what to do. */
#include "language/lexer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"

/* ---- characters ---- */

uint32_t lexer_peek(const struct lexer *lexer, size_t at, int *bytes)
{
	uint32_t cp = 0;
	int n = 0;

	if (at < lexer->len)
		n = text_decode(lexer->text + at, lexer->len - at, &cp);
	if (bytes)
		*bytes = n;
	return cp;
}

bool lexer_is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

/* What is neither ASCII nor a mark or space that people paste by accident is a letter. */
static bool is_letter(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
	if (cp < 0xc0 || (cp >= 0x2000 && cp <= 0x2bff) || (cp >= 0x3000 && cp <= 0x303f))
		return false;
	return cp != 0xd7 && cp != 0xf7 && cp != 0xfeff && cp != 0xfffd &&
	       !(cp >= 0xfe00 && cp <= 0xfe6f) && !(cp >= 0xff00 && cp <= 0xff65);
}

bool lexer_is_part(uint32_t cp)
{
	return is_letter(cp) || lexer_is_digit(cp) || cp == '_' || cp == '-';
}

static bool is_space(uint32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == '\r' || cp == 0x3000;
}

size_t lexer_skip_spaces(const struct lexer *lexer, size_t at)
{
	int n;

	while (is_space(lexer_peek(lexer, at, &n)))
		at += (size_t)n;
	return at;
}

size_t lexer_word_end(const struct lexer *lexer, size_t at)
{
	int n;

	while (lexer_is_part(lexer_peek(lexer, at, &n)))
		at += (size_t)n;
	return at;
}

bool lexer_stands(const struct lexer *lexer, size_t at, const char *s)
{
	size_t n = strlen(s);

	return lexer->len - at >= n && !memcmp(lexer->text + at, s, n);
}

/* ---- mistakes ---- */

struct diag_place token_place(const struct lexer *lexer, const struct token *token)
{
	return (struct diag_place){.file = lexer->file,
	        .line = token->line,
	        .column = token->column,
	        .width = token->width};
}

struct diag_item *lexer_mistake(
        struct lexer *lexer, struct token *token, size_t to, const char *message)
{
	size_t len = to - lexer->pos;

	token->kind = TOKEN_BAD;
	token->to = to;
	token->width = len ? (int)text_chars(lexer->text + lexer->pos, len) : 1;
	return diag_error(
	        lexer->diag, token_place(lexer, token), lexer->shown, "%s", message);
}

/* ---- words ---- */

/* How much of the text at `at` a spelling of several words covers; 0: none. */
static size_t phrase(const struct lexer *lexer, size_t at, const char *spelling)
{
	size_t pos = at;

	for (;;) {
		size_t n = strcspn(spelling, " ");
		if (lexer->len - pos < n || memcmp(lexer->text + pos, spelling, n) != 0)
			return 0;
		pos += n;
		if (lexer_is_part(lexer_peek(lexer, pos, NULL)))
			return 0;
		if (!spelling[n])
			return lexer_peek(lexer, pos, NULL) == '.' &&
			                       is_letter(lexer_peek(lexer, pos + 1, NULL))
			               ? 0
			               : pos - at;
		if (lexer_skip_spaces(lexer, pos) == pos)
			return 0;
		pos = lexer_skip_spaces(lexer, pos);
		spelling += n + 1;
	}
}

static size_t longest(const struct lexer *lexer, size_t at, enum word *word)
{
	size_t best = 0;

	for (const struct word_row *row = word_rows; row->word; row++) {
		const char *spellings[] = {row->english, row->korean};
		for (int i = 0; i < 2; i++) {
			const char *s = spellings[i];
			size_t n =
			        s && s[0] == lexer->text[at] ? phrase(lexer, at, s) : 0;
			if (n > best) {
				best = n;
				*word = row->word;
			}
		}
	}
	return best;
}

size_t lexer_path_end(const struct lexer *lexer, size_t at)
{
	while (lexer_peek(lexer, at, NULL) == '.' &&
	        is_letter(lexer_peek(lexer, at + 1, NULL)))
		at = lexer_word_end(lexer, at + 1);
	return at;
}

static void word(struct lexer *lexer, struct token *token)
{
	size_t end = lexer_word_end(lexer, lexer->pos), to = lexer_path_end(lexer, end),
	       n;

	token->kind = TOKEN_WORD;
	token->to = end;
	if (to > end) {
		token->kind = TOKEN_PATH;
		token->to = to;
		return;
	}
	n = longest(lexer, lexer->pos, &token->word);
	if (n)
		token->to = lexer->pos + n;
}

/* ---- strings, marks ---- */

static void string(struct lexer *lexer, struct token *token)
{
	struct buf buf = {0};
	size_t at = lexer->pos + 1;
	bool wrong = false, closed;

	for (; at < lexer->len && lexer->text[at] != '\n' && lexer->text[at] != '"';
	        at++) {
		char c = lexer->text[at];
		if (c == '\\' && at + 1 < lexer->len && lexer->text[at + 1] != '\n') {
			c = lexer->text[++at];
			wrong |= c != '"' && c != '\\' && c != 'n';
			c = c == 'n' ? '\n' : c;
		}
		buf_addc(&buf, c);
	}
	closed = at < lexer->len && lexer->text[at] == '"';
	token->kind = TOKEN_STRING;
	token->string = arena_strndup(lexer->arena, buf.data ? buf.data : "", buf.len);
	token->to = at + closed;
	buf_free(&buf);
	if (!closed)
		lexer_mistake(lexer, token, at,
		        TR("this text has no closing \" on its line",
		                "이 줄에 글을 닫는 \"가 없습니다"));
	else if (wrong)
		lexer_mistake(lexer, token, at + 1,
		        TR("after \\ in a text only \", \\ and n may stand",
		                "글 안의 \\ 뒤에는 \", \\, n만 올 수 있습니다"));
}

static void comment(struct lexer *lexer, struct token *token)
{
	const char *newline =
	        memchr(lexer->text + lexer->pos, '\n', lexer->len - lexer->pos);
	size_t end = newline ? (size_t)(newline - lexer->text) : lexer->len;
	int n;

	token->kind = TOKEN_COMMENT;
	for (size_t at = lexer->pos; at < end; at += (size_t)n)
		if (!is_space(lexer_peek(lexer, at, &n)))
			token->to = at + (size_t)n;
}

static void punctuation(struct lexer *lexer, struct token *token)
{
	static const struct {
		const char *text;
		enum cmp cmp;
	} cmps[] = {{"!=", CMP_NE}, {"<=", CMP_LE}, {">=", CMP_GE}, {"=", CMP_EQ},
	        {"<", CMP_LT}, {">", CMP_GT}};
	int n;
	uint32_t cp = lexer_peek(lexer, lexer->pos, &n);
	size_t end = lexer->pos + (size_t)(n ? n : 1);

	for (size_t i = 0; i < sizeof cmps / sizeof cmps[0]; i++)
		if (lexer_stands(lexer, lexer->pos, cmps[i].text)) {
			token->kind = TOKEN_CMP;
			token->cmp = cmps[i].cmp;
			token->to = lexer->pos + strlen(cmps[i].text);
			return;
		}
	if (cp && cp < 0x80 && strchr("{}(),", (int)cp)) {
		token->kind = TOKEN_PUNCT;
		token->punct = (char)cp;
		token->to = end;
	} else if ((cp >= 0x2018 && cp <= 0x201f) || cp == 0xff02 || cp == '\'') {
		lexer_mistake(lexer, token, end,
		        TR("this quote is not a straight one: write \"",
		                "곧은따옴표가 아닙니다. \"로 쓰십시오"));
	} else if (cp >= 0xff01 && cp <= 0xff5e) {
		lexer_mistake(lexer, token, end,
		        TR("this is a full-width character: write the plain one",
		                "전각 문자입니다. 반각 문자로 쓰십시오"));
	} else {
		lexer_mistake(lexer, token, end,
		        TR("this character means nothing here",
		                "여기에 쓸 수 없는 문자입니다"));
	}
}

/* ---- tokens ---- */

static void skip_blank(struct lexer *lexer)
{
	int n;

	for (;;) {
		uint32_t cp = lexer_peek(lexer, lexer->pos, &n);
		if (cp == '#' && lexer->comments) {
			return;
		} else if (cp == '#') {
			while (lexer->pos < lexer->len && lexer->text[lexer->pos] != '\n')
				lexer->pos++;
		} else if (cp == '\n') {
			lexer->pos++;
			lexer->line++;
			lexer->column = 1;
		} else if (is_space(cp)) {
			lexer->pos += (size_t)n;
			lexer->column++;
		} else {
			return;
		}
	}
}

static void finish(struct lexer *lexer, struct token *token)
{
	if (token->to > lexer->len)
		token->to = lexer->len;
	token->len = token->to - token->from;
	token->text = arena_strndup(lexer->arena, lexer->text + token->from, token->len);
	token->width = (int)text_chars(token->text, token->len);
	if (token->width < 1)
		token->width = 1;
	lexer->column += (int)text_chars(token->text, token->len);
	lexer->pos = token->to;
	lexer->last_line = token->line;
}

/* Letters glued to a number that are no unit. */
static void glued(struct lexer *lexer, struct token *token)
{
	struct diag_item *item =
	        lexer_mistake(lexer, token, lexer_word_end(lexer, lexer->pos),
	                TR("no unit: a name starts with a letter",
	                        "단위가 아닙니다. 이름은 글자로 시작합니다"));

	diag_hint(lexer->diag, item, "%s",
	        TR("put a space between the number and what follows it",
	                "수와 뒤따르는 말 사이를 띄우십시오"));
}

void lexer_next(struct lexer *lexer, struct token *token)
{
	bool follows = lexer->after_number, first_glued;
	size_t before = lexer->pos;
	uint32_t cp;

	lexer->after_number = false;
	skip_blank(lexer);
	*token = (struct token){.line = lexer->line,
	        .column = lexer->column,
	        .from = lexer->pos,
	        .to = lexer->pos,
	        .first = lexer->line != lexer->last_line};
	first_glued = follows && lexer->pos == before;
	follows = follows && !token->first && lexer->pos - before <= 3;
	if (lexer->pos >= lexer->len) {
		token->text = "";
		token->width = 1;
		return;
	}
	cp = lexer_peek(lexer, lexer->pos, NULL);
	if (follows && lexer_unit(lexer, token)) {
		lexer->after_number = true;
	} else if (first_glued && is_letter(cp)) {
		glued(lexer, token);
	} else if (cp == '"') {
		string(lexer, token);
	} else if (cp == '#') {
		comment(lexer, token);
	} else if (lexer_is_digit(cp)) {
		if (!lexer_date(lexer, token) && !lexer_clock_time(lexer, token) &&
		        !lexer_korean_time(lexer, token))
			lexer_number(lexer, token);
	} else if (is_letter(cp)) {
		if (!lexer_korean_time(lexer, token))
			word(lexer, token);
	} else {
		punctuation(lexer, token);
	}
	finish(lexer, token);
}

/* ---- the text ---- */

static void not_utf8(struct lexer *lexer, const char *text, size_t len)
{
	struct diag_place at = {.file = lexer->file, .line = 1, .column = 1, .width = 1};
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		int n = text_decode(text + i, len - i, &cp);
		if (cp == 0 || (cp == 0xfffd && n == 1))
			break;
		at.column = cp == '\n' ? 1 : at.column + 1;
		at.line += cp == '\n';
		i += (size_t)n;
	}
	diag_error(lexer->diag, at, NULL, "%s",
	        TR("this file is not UTF-8 (CP949 perhaps): save it as UTF-8",
	                "UTF-8 파일이 아닙니다(CP949일 수 있음). UTF-8로 저장하십시오"));
}

void lexer_init_range(struct lexer *lexer, const char *file, const char *text, size_t len,
        size_t from, size_t to, struct arena *arena, struct diag *diag)
{
	char *nfc;

	assert(from <= to && to <= len);
	*lexer = (struct lexer){.file = file,
	        .text = "",
	        .line = 1,
	        .column = 1,
	        .shown = text,
	        .arena = arena,
	        .diag = diag};
	if (!text_valid_utf8(text + from, to - from)) {
		not_utf8(lexer, text, len);
		return;
	}
	for (size_t i = 0; i < from; i++) {
		lexer->line += text[i] == '\n';
		if (text[i] == '\n')
			lexer->column = 1;
		else if (((unsigned char)text[i] & 0xc0) != 0x80)
			lexer->column++;
	}
	if (from == 0 && to >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		from = 3;
	nfc = text_nfc(text + from, to - from);
	if (!nfc)
		return;
	lexer->len = strlen(nfc);
	lexer->text = arena_strndup(arena, nfc, lexer->len);
	free(nfc);
	if (to == len)
		lexer->shown =
		        lexer->line == 1 && lexer->column == 1 ? lexer->text : text;
}

void lexer_init(struct lexer *lexer, const char *file, const char *text, size_t len,
        struct arena *arena, struct diag *diag)
{
	lexer_init_range(lexer, file, text, len, 0, len, arena, diag);
}

bool token_is(const struct token *token, enum word word)
{
	return (token->kind == TOKEN_WORD || token->kind == TOKEN_UNIT) &&
	       token->word == word && word != W_NONE;
}

bool token_punct(const struct token *token, char punct)
{
	return token->kind == TOKEN_PUNCT && token->punct == punct;
}

const char *token_show(const struct token *token)
{
	return token->kind == TOKEN_END ? TR("the end of the file", "파일의 끝")
	                                : token->text;
}
