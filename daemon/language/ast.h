/* The tree of a rule file, as it was written: every name unresolved, every value with its
 * unit, every node with its place. It dies with the arena that it was built in. */
#ifndef DANGOL_AST_H
#define DANGOL_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "language/lexer.h"
#include "language/program.h"

/* A file's text after NFC, and where in it something stands. from and to are tokens'
 * offsets. */
struct ast_file {
	const char *name, *text;
	const char *shown;    /* the whole file where text is a part of it */
	struct token *tokens; /* ends with TOKEN_END */
	size_t n_tokens;
	bool built_in;
};
struct place {
	const struct ast_file *file;
	int line, column, width;
	size_t from, to;    /* bytes in file->text */
	size_t first, last; /* tokens [first, last) */
};

/* A name as written. text NULL: absent. */
struct ast_name {
	const char *text;
	struct place at;
};

enum value_kind {
	VALUE_NONE,
	VALUE_NUMBER,
	VALUE_MONEY,
	VALUE_SHARE,
	VALUE_DURATION,
	VALUE_DATE,
	VALUE_STRING,
	VALUE_YES,
	VALUE_NO,
	VALUE_PATH
};
struct ast_value {
	enum value_kind kind;
	struct place at;
	int64_t number; /* NUMBER: times 10^scale; MONEY: won; SHARE: per cent times
	                   10^scale */
	int scale;
	bool counted; /* NUMBER: with a counter behind it (3회) */
	struct duration duration;
	int32_t date;
	const char *text; /* STRING, PATH */
};

struct ast_expr;
/* order.paid where (…), order.cancelled of this order. */
struct ast_event {
	struct ast_name type;
	struct ast_expr *where;
	bool of_this_order;
};

enum dateword { DATE_BIRTHDAY, DATE_JOINED, DATE_ORDER, DATE_VISIT, DATE_EVENT };
struct ast_date {
	enum dateword word;
	bool first;            /* else last */
	struct ast_name event; /* DATE_EVENT */
};

enum operand_kind {
	OPERAND_PATH,
	OPERAND_DATE,
	OPERAND_COUNT,
	OPERAND_SUM,
	OPERAND_AVERAGE
};
struct ast_operand {
	enum operand_kind kind;
	struct place at;
	struct ast_name path; /* PATH; SUM, AVERAGE: EVENT.FIELD */
	struct ast_date date;
	struct ast_event event; /* COUNT; SUM, AVERAGE: the where only */
	bool has_window;
	struct duration window;
};

enum expr_kind {
	EXPR_OR,
	EXPR_AND,
	EXPR_NOT,     /* a, b */
	EXPR_COMPARE, /* operand cmp values[0] */
	EXPR_BETWEEN, /* operand, values[0], values[1]; lower and upper cmp: CMP_GE/GT,
	                 CMP_LE/LT */
	EXPR_IN,      /* operand, values, negated */
	EXPR_CONTAINS,
	EXPR_STARTS,     /* operand, values[0] */
	EXPR_KNOWN,      /* operand; negated: unknown */
	EXPR_AGO,        /* operand: today minus date cmp values[0] (a duration) */
	EXPR_DATED,      /* operand cmp values[0] (a date) */
	EXPR_THIS_MONTH, /* operand */
	EXPR_TAG,        /* text; negated */
	EXPR_SEGMENT,    /* name */
	EXPR_CONSENT,    /* word (medium), night; negated */
	EXPR_HAS,        /* word W_PHONE or W_EMAIL; negated */
	EXPR_FRIEND,
	EXPR_LEFT_IN_CART,
	EXPR_BOUGHT,
	EXPR_VIEWED,   /* text, category, window */
	EXPR_HAPPENED, /* operand (COUNT with its window); negated: no EVENT */
	EXPR_ANY_ITEM, /* a */
	EXPR_RECEIVED,
	EXPR_CLICKED,
	EXPR_REDEEMED,
	EXPR_HOLDS /* name, window; negated */
};
struct ast_expr {
	enum expr_kind kind;
	struct place at; /* from its first to its last token */
	struct ast_expr *a, *b;
	struct ast_operand operand;
	enum cmp cmp, upper;
	struct ast_value *values;
	size_t n_values;
	bool negated, night, category;
	struct ast_name name;
	enum word word;
	bool has_window;
	struct duration window;
};

/* ---- rules ---- */

enum ast_anchor { AST_ANCHOR_DATE, AST_ANCHOR_COUPON, AST_ANCHOR_PATH };
struct ast_trigger {
	bool set;
	struct place at;
	enum trigger_kind kind;
	struct ast_event event;
	int nth;
	bool has_offset, before;
	struct duration offset;
	enum ast_anchor anchor;
	struct ast_date date_word;
	struct ast_name name; /* the coupon, the path, the segment */
	enum schedule schedule;
	int day;
	int32_t date;
	bool has_at;
	int at_ms;
	int64_t stock;
};

struct ast_limit {
	struct place at;
	struct limit limit;
	struct ast_event event; /* LIMIT_PER_EVENT */
};

struct ast_goal {
	bool set, measures;
	struct place at;
	struct ast_event event;
	struct duration within;
};

enum step_kind {
	STEP_SEND,
	STEP_GIVE,
	STEP_WAIT,
	STEP_WAIT_UNTIL,
	STEP_WAIT_FOR,
	STEP_IF,
	STEP_STOP,
	STEP_SPLIT,
	STEP_TAG,
	STEP_UNTAG,
	STEP_SET,
	STEP_POST
};
struct ast_leg {
	struct place at;
	enum word channel;
	struct ast_name template;
	bool has_after;
	struct duration after;
};
struct ast_block;
struct ast_side {
	struct place at;
	struct ast_value share;
	struct ast_name label;
	struct ast_block *block;
};
struct ast_step {
	enum step_kind kind;
	struct place at;
	struct ast_leg *legs;
	size_t n_legs;
	bool by_day;
	struct ast_name name;     /* GIVE coupon; TAG, UNTAG tag; SET path; POST url */
	struct ast_name template; /* POST */
	struct duration wait;
	bool has_event, next;
	struct ast_event event;     /* WAIT unless, WAIT_FOR */
	int weekday, at_ms;         /* WAIT_UNTIL; -1 any day */
	struct ast_expr *cond;      /* IF, STOP */
	struct ast_block *yes, *no; /* IF, WAIT_FOR; NULL: none */
	struct ast_side *sides;
	size_t n_sides;
	struct ast_value value; /* SET */
};
struct ast_block {
	struct ast_step *steps;
	size_t n;
	struct place at; /* the closing brace */
};

struct ast_rule {
	struct place at; /* the whole declaration */
	struct ast_name name;
	const char *title;
	bool broken; /* a line of it could not be read */
	struct place off_at, purpose_at, holdout_at, late_at, again_at, address_at,
	        was_at, resend_at, cond_at;
	bool off, on, has_purpose, info, notice, has_holdout, has_late, again,
	        one_per_address, resend_unknown;
	struct ast_name *goods; /* `purpose ad "…"` */
	size_t n_goods;
	struct ast_trigger trigger;
	struct ast_expr *cond;
	struct ast_limit *limits;
	size_t n_limits;
	struct ast_value holdout;
	struct duration late;
	struct ast_name was;
	struct ast_goal goal;
	struct ast_block body;
};
struct ast_segment {
	struct place at;
	struct ast_name name;
	const char *title;
	struct ast_expr *cond;
};
struct ast_coupon {
	struct place at;
	struct ast_name name;
	const char *title;
	struct ast_value discount; /* SHARE or MONEY */
	struct ast_name gift, code, codes;
	struct ast_value minimum;
	enum validity validity;
	struct duration valid_for;
	int32_t valid_until;
	struct ast_value uses, stock;
	struct place discount_at, code_at, valid_at;
};
struct ast_field {
	struct place at;
	struct ast_name path;
	bool sealed;
	enum field_type type;
};

struct ast {
	struct arena *arena;
	struct ast_file **files;
	size_t n_files;
	struct ast_rule *rules;
	size_t n_rules;
	struct ast_segment *segments;
	size_t n_segments;
	struct ast_coupon *coupons;
	size_t n_coupons;
	struct ast_field *fields;
	size_t n_fields;
	struct past *past; /* collects how far back events are asked for, or NULL */
};

#endif
