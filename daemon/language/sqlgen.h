/* Conditions to SQL: one expression over alias c (the customer), three-valued as the
 * language is. ?1 is the customer or the lower key, ?2 the upper key, ?3 now, ?4 the
 * triggering event's data; the others, from ?5 on, are the cond's params. */
#ifndef DANGOL_SQLGEN_H
#define DANGOL_SQLGEN_H

#include <stdbool.h>
#include <stddef.h>
#include "language/ast.h"
#include "language/names.h"

/* What a parameter is bound to when the condition is asked. Instants are ms, days are the
 * shop's. */
enum param_kind {
	PARAM_AGO,      /* now minus duration, by the calendar: a window's beginning */
	PARAM_DAY,      /* the start of (today minus duration, plus days) */
	PARAM_DAY_TEXT, /* the same day as "YYYY-MM-DD" */
	PARAM_DATE,     /* the start of date plus days */
	PARAM_MONTH,
	PARAM_NEXT_MONTH, /* the start of this month, of the next */
	PARAM_MONTH_TEXT,
	PARAM_NEXT_MONTH_TEXT,
	PARAM_MONTH_NUMBER, /* 1 to 12 */
	PARAM_LUNAR_DAYS,   /* the lunar month * 100 + day of every day of this month: a
	                       JSON array */
	PARAM_YEAR,
	PARAM_MONTH_DAY,
	PARAM_LUNAR_YEAR,
	PARAM_LUNAR_MONTH_DAY, /* of today */
	PARAM_OFFSET,          /* ms that the shop's clock is ahead of UTC */
	/* the event that started the rule, … */
	PARAM_TRIGGER_TOTAL,
	PARAM_TRIGGER_SKU,
	PARAM_TRIGGER_CATEGORY,
	PARAM_TRIGGER_ORDER,
	PARAM_TRIGGER_TIME,
	PARAM_TRIGGER_ID,
	/* … and the one looked at in a where */
	PARAM_EVENT_TOTAL,
	PARAM_EVENT_SKU,
	PARAM_EVENT_CATEGORY,
	PARAM_EVENT_ORDER,
	PARAM_EVENT_TIME,
	PARAM_EVENT_ID,
	PARAM_EVENT_DATA
};
struct param {
	enum param_kind kind;
	struct duration duration;
	int days;
	int32_t date;
};
#define PARAM_FIRST 5 /* the number of params[0] */

struct sql {
	struct arena *arena;
	struct buf text;
	struct param *params; /* in the arena */
	size_t n_params;
	bool customer; /* speaks of c */
	bool event;    /* speaks of an event's parameters */
};

/* Writes a checked condition. */
void sqlgen_cond(struct sql *sql, const struct scope *scope, const struct ast_expr *expr);
/* The value of a name, of its type: text, number, an instant, a date's text. */
void sqlgen_subject(
        struct sql *sql, const struct scope *scope, const struct subject *subject);
/* The instant that a date's or a time's value stands for. */
void sqlgen_instant(
        struct sql *sql, const struct scope *scope, const struct subject *subject);
/* A date's text as ms, of its beginning in UTC: a format. */
#define SQLGEN_BARE "(CAST(strftime('%%s', %s) AS INTEGER) * 1000)"
void sqlgen_text(struct sql *sql, const char *text);              /* a literal */
const char *sqlgen_quoted(struct arena *arena, const char *text); /* the same alone */
int sqlgen_param(struct sql *sql, struct param param);            /* its number */
void sqlgen_add(struct sql *sql, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* A row for each value of a declared field, with whether it does not fit the type; of an
 * event's, those at or after ?1. */
const char *sqlgen_misfits(struct arena *arena, const char *path, enum field_type type);

/* The generator's own parts. */
struct subject sqlgen_subject_of(
        const struct scope *scope, const struct ast_operand *operand);
void sqlgen_operand(
        struct sql *sql, const struct scope *scope, const struct ast_operand *operand);
/* " AND column lies in the last duration", where there is one. */
void sqlgen_window(
        struct sql *sql, const char *column, bool has, struct duration duration);
/* " FROM event e WHERE …": the customer's, of a type, with the operand's where and
 * window. */
void sqlgen_events(struct sql *sql, const struct scope *scope,
        const struct ast_operand *operand, const char *type);
void sqlgen_day(struct sql *sql, int32_t day); /* a literal date */
const char *sqlgen_sign(enum cmp cmp);
void sqlgen_ago(struct sql *sql, const struct scope *scope, const struct ast_expr *expr);
void sqlgen_dated(struct sql *sql, const struct scope *scope, const struct ast_expr *expr,
        enum cmp cmp, int value);
void sqlgen_this_month(
        struct sql *sql, const struct scope *scope, const struct ast_expr *expr);
void sqlgen_fact(struct sql *sql, const struct scope *scope, const struct ast_expr *expr);

#endif
