/* What the parser's files share: where it stands and how it takes tokens. Nothing outside
 * the parser includes it. */
#ifndef DANGOL_PARSE_H
#define DANGOL_PARSE_H

#include "language/ast.h"

struct parse {
	struct ast *ast;
	struct ast_file *file;
	struct lexer lexer; /* for places alone, once the tokens are there */
	struct diag *diag;
	size_t pos;
	bool bad;  /* a mistake was told; unwinding to where parsing goes on */
	int depth; /* nesting of conditions and blocks */
};

#define PARSE_DEEP 60 /* nesting beyond it is a mistake, not a stack */

const struct token *parse_peek(const struct parse *p);
const struct token *parse_ahead(const struct parse *p, size_t n);
bool parse_is(const struct parse *p, enum word word);
bool parse_take(struct parse *p, enum word word);
bool parse_take_punct(struct parse *p, char punct);
void parse_next(struct parse *p);
/* What stands from a token up to the one before the present one. */
struct place parse_place(const struct parse *p, size_t first);
struct diag_place parse_diag_place(const struct place *at);

/* Tells what should stand here. what names it in the owner's language. */
void parse_expected(struct parse *p, const char *what);
/* The remedy where a bare word stands in a text's place: quotes. */
void parse_quote(struct parse *p);
bool parse_need(struct parse *p, enum word word);
bool parse_need_punct(struct parse *p, char punct);
bool parse_enter(
        struct parse *p); /* one level deeper; false and a mistake when too deep */

bool parse_name(struct parse *p, struct ast_name *out); /* a declaration's name */
bool parse_string(struct parse *p, struct ast_name *out);
bool parse_path(struct parse *p, struct ast_name *out);
bool parse_duration(struct parse *p, struct duration *out);
bool parse_is_duration(const struct parse *p);
bool parse_value(struct parse *p, struct ast_value *out);
bool parse_whole(struct parse *p, int64_t *out); /* NUM with or without a counter */
bool parse_share(struct parse *p, struct ast_value *out);
bool parse_time(struct parse *p, int *ms);
int parse_weekday(struct parse *p); /* takes one: 0 Monday; -1 none stands here */

bool parse_event(
        struct parse *p, struct ast_event *out); /* [event] PATH [of this order] */
bool parse_is_event(const struct parse *p);
bool parse_where(struct parse *p, struct ast_event *event); /* an optional where */
bool parse_window(struct parse *p, bool *has, struct duration *out);
bool parse_dateword(struct parse *p, struct ast_date *out);
bool parse_is_dateword(const struct parse *p);
struct ast_expr *parse_cond(struct parse *p);

bool parse_trigger(struct parse *p, struct ast_trigger *out);
bool parse_limit(struct parse *p, struct ast_limit *out);

/* Once more of the same, or of what excludes it, is a mistake at that token. */
bool parse_seen(struct parse *p, bool *flag, const struct token *t);
bool parse_clause(struct parse *p, struct ast_rule *rule); /* but `if` */
/* Room for one more in an arena's array, capacity doubling from 8. */
void *parse_grown(struct arena *arena, void *items, size_t n, size_t size);

bool parse_is_step(const struct parse *p);
bool parse_is_clause(const struct parse *p);
bool parse_step(struct parse *p, struct ast_step *out);
/* The rest of `if C`, whose condition was read. */
bool parse_if_step(struct parse *p, struct ast_step *out, struct ast_expr *cond);
struct ast_block *parse_block(struct parse *p);
void parse_recover(
        struct parse *p); /* to the next line that begins anew, or the matching brace */
bool parse_at_declaration(const struct parse *p);
void parse_add_step(
        struct parse *p, struct ast_block *block, const struct ast_step *step);

struct ast_expr *parse_node(struct parse *p, enum expr_kind kind);
bool parse_presence(struct parse *p, bool *negated); /* 있음 or 없음 */
bool parse_is_orders(const struct token *token);     /* a path of orders.* */
bool parse_counts_behind(const struct parse *p);     /* EVENT [where (…)] 횟수 */
bool parse_operand(struct parse *p, struct ast_operand *out);
void parse_compared(
        struct parse *p, struct ast_expr *out); /* what stands behind an operand */

#endif
