/* What the names in rules mean: paths, events, declarations, in either spelling. Tells
 * mistakes apart but words none. */
#ifndef DANGOL_NAMES_H
#define DANGOL_NAMES_H

#include <stdbool.h>
#include "language/ast.h"

/* Where a name stands: what may be spoken of there. */
struct scope {
	const struct ast *ast; /* the declarations of all files */
	struct arena *arena;
	const char *event; /* the canonical type of event.*, NULL: any */
	bool has_event;
	const char *trigger; /* of trigger.*; NULL: any */
	bool has_trigger;
	bool in_item;    /* inside of any item (…) */
	bool in_where;   /* event.* is the event looked at */
	bool in_segment; /* a segment is asked without any event */
	bool in_row;     /* sqlgen: the event looked at is a row of the store, alias e */
	bool pinned; /* an older version alone: other rules and coupons are not there */
};

enum subject_kind {
	SUBJECT_COLUMN, /* field: the customer's column */
	SUBJECT_AGE,
	SUBJECT_ORDERS,    /* field: count total average first last */
	SUBJECT_ATTRIBUTE, /* field: the key */
	SUBJECT_EVENT,
	SUBJECT_TRIGGER,
	SUBJECT_ITEM, /* field */
	SUBJECT_BIRTHDAY,
	SUBJECT_HAPPENED /* the first or last event of a type */
};
struct subject {
	enum subject_kind kind;
	enum field_type type;
	const char *field, *path;  /* path: canonical, for messages and for templates */
	const char *event;         /* HAPPENED */
	bool first, sealed, total; /* total: never unknown */
};

enum names_found {
	NAMES_OK,
	NAMES_UNKNOWN,
	NAMES_UNDECLARED,
	NAMES_NO_EVENT,
	NAMES_NO_ITEM,
	NAMES_RESERVED
};
/* nearest: the known path to suggest, or NULL; written in the language of what was asked
 * for. */
bool names_korean(const char *name); /* has a letter beyond ASCII */
enum names_found names_path(const struct scope *scope, const char *path,
        struct subject *out, const char **nearest);
void names_date(
        const struct scope *scope, const struct ast_date *date, struct subject *out);
/* An event's canonical type, or NULL and the nearest. A custom type is known by its form;
 * nearest is then the one that it may be a slip of, or NULL. */
const char *names_event(
        const struct scope *scope, const char *written, const char **nearest);
/* The standard type that a custom one may be a slip of, static; NULL: none. */
const char *names_standard(const char *type);
/* EVENT.FIELD of sums and anchors: splits at the last dot. type is canonical, the subject
 * is of kind EVENT. */
bool names_event_field(const struct scope *scope, const char *path, const char **type,
        struct subject *out, const char **nearest);
/* Whether a declared field's values are sealed: it says so, or its name tells of a
 * person. */
bool names_is_sealed(const struct scope *scope, const struct ast_field *field);
/* A declaration's path: "고객.점수" to "customer.점수"; NULL when it is neither a
 * customer's nor an event's. */
const char *names_declared(struct arena *arena, const char *path);

enum word names_type_word(enum field_type type); /* that declares it */

const struct ast_rule *names_rule(
        const struct scope *scope, const char *name, const char **nearest);
const struct ast_segment *names_segment(
        const struct scope *scope, const char *name, const char **nearest);
const struct ast_coupon *names_coupon(
        const struct scope *scope, const char *name, const char **nearest);

#endif
