/* The lexer: the text of a rule file or of dangol.conf as tokens, one at a time. It knows
 * the words but not where they may stand; a mistake is told once, where it is, and
 * becomes a TOKEN_BAD. */
#ifndef DANGOL_LEXER_H
#define DANGOL_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/diag.h"
#include "base/mem.h"
#include "language/words.h"

enum token_kind {
	TOKEN_END,     /* the end of the text, again and again */
	TOKEN_WORD,    /* a keyword (word) or a name (word is W_NONE) */
	TOKEN_PATH,    /* WORD.WORD{.WORD} */
	TOKEN_STRING,  /* string is decoded */
	TOKEN_NUMBER,  /* number and scale; text as written: "0660", "20_000", "1,000" */
	TOKEN_UNIT,    /* a word that followed a number, glued or after one space */
	TOKEN_DATE,    /* date */
	TOKEN_TIME,    /* ms of the day */
	TOKEN_NTH,     /* number: 10th, 10번째마다 */
	TOKEN_CMP,     /* cmp */
	TOKEN_PUNCT,   /* punct: { } ( ) , */
	TOKEN_COMMENT, /* where lexer->comments: from # on, without the spaces behind it
	                */
	TOKEN_BAD      /* was told already */
};
enum cmp { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };

struct token {
	enum token_kind kind;
	enum word word;   /* TOKEN_WORD, TOKEN_UNIT */
	const char *text; /* as written, NUL after len bytes, in the arena */
	size_t len;
	int line, column, width; /* from 1; characters */
	size_t from, to;         /* byte offsets in lexer->text */
	int64_t number;     /* TOKEN_NUMBER: the value times 10 to the power of scale;
	                       TOKEN_NTH */
	int scale;          /* decimals, 0 to 6 */
	const char *string; /* TOKEN_STRING, in the arena */
	int32_t date;
	int ms;
	enum cmp cmp;
	char punct;
	bool first; /* the first token of its line */
};

struct lexer {
	const char *file; /* borrowed */
	const char *text; /* NFC, without BOM, in the arena or borrowed; NUL after len
	                     bytes */
	size_t len, pos;
	int line, column;
	const char *shown; /* the whole file, for diagnostics */
	struct arena *arena;
	struct diag *diag;
	bool after_number; /* a unit may follow here */
	bool comments;     /* comments are tokens; set behind lexer_init() */
	int last_line;     /* of the last token */
};

/* Begins. file and text (NUL after len bytes) are borrowed. Text that is no UTF-8 is one
 * mistake with a remedy, and every token is TOKEN_END. */
void lexer_init(struct lexer *lexer, const char *file, const char *text, size_t len,
        struct arena *arena, struct diag *diag);
/* The same for the bytes [from, to) of a text, with the lines and columns of the whole.
 */
void lexer_init_range(struct lexer *lexer, const char *file, const char *text, size_t len,
        size_t from, size_t to, struct arena *arena, struct diag *diag);
void lexer_next(struct lexer *lexer, struct token *token);

struct diag_place token_place(const struct lexer *lexer, const struct token *token);
bool token_is(const struct token *token, enum word word); /* a word or a unit */
bool token_punct(const struct token *token, char punct);
const char *token_show(
        const struct token *token); /* for messages: the text, or "the end of the file" */

/* The lexer's own parts: each returns whether the token at lexer->pos is one of its kind,
 * and fills it then. */
bool lexer_unit(struct lexer *lexer, struct token *token);
bool lexer_date(struct lexer *lexer, struct token *token);
bool lexer_clock_time(struct lexer *lexer, struct token *token);
bool lexer_korean_time(struct lexer *lexer, struct token *token);
void lexer_number(struct lexer *lexer, struct token *token);
struct diag_item *lexer_mistake(
        struct lexer *lexer, struct token *token, size_t to, const char *message);
uint32_t lexer_peek(const struct lexer *lexer, size_t at,
        int *bytes); /* the character there; bytes may be NULL */
bool lexer_is_digit(uint32_t cp);
bool lexer_is_part(uint32_t cp); /* of a word */
bool lexer_stands(const struct lexer *lexer, size_t at, const char *s);
size_t lexer_skip_spaces(const struct lexer *lexer, size_t at);
size_t lexer_word_end(const struct lexer *lexer, size_t at);
size_t lexer_path_end(const struct lexer *lexer, size_t at);

#endif
