/* What can move somebody across the border of a condition: changes to what it asks, and
 * the passing of time, as windows of an index. Knows conditions and never asks one. */
#ifndef DANGOL_DEPS_H
#define DANGOL_DEPS_H

#include "language/sqlgen.h"
#include "store/dates.h"

/* What a change was about, as bits; from DEPS_EVENTS on, event types by their name. */
enum deps_bit {
	DEPS_PROFILE = 1,
	DEPS_TAG = 2,
	DEPS_CONSENT = 4,
	DEPS_ORDERS = 8,
	DEPS_ITEMS = 16,
	DEPS_CART = 32,
	DEPS_COUPON = 64,
	DEPS_MESSAGE = 128,
	DEPS_GOODS = 256, /* a product's category: it may move anybody */
};
#define DEPS_EVENTS 16
int64_t deps_of_event(const char *type); /* its bit; types may share one */

/* A part of a condition that time alone makes true or false. */
enum moves {
	MOVES_COLUMN,   /* name: the customer's column, a date; duration */
	MOVES_EVENTS,   /* name: the type; duration */
	MOVES_ORDERS,   /* duration */
	MOVES_COUPON,   /* name: the coupon, when it expires */
	MOVES_KEPT,     /* name: of the set that the store keeps; duration */
	MOVES_BIRTHDAY, /* an age, on its day */
	MOVES_MONTH,    /* `birthday this month` */
	MOVES_ANYBODY   /* no index tells whom: everybody is asked */
};
/* What becomes of the whole condition where time turns the part: never the other. */
enum turns { TURNS_EITHER, TURNS_TRUE, TURNS_FALSE };
struct mover {
	enum moves kind;
	enum turns turns;
	const char *name;
	struct duration duration;
	bool days;   /* by shop dates, else by instants */
	bool before; /* days: those that come to lie further back than the duration */
	bool month;  /* `this month`: when a month begins */
	bool bare;   /* a date without an instant: that of its beginning in UTC */
	const struct dates_set *kept; /* MOVES_KEPT: of customers, or of … */
	bool sent;                    /* … messages */
};

struct deps {
	int64_t what;
	const char **types; /* of the events that it counts, each once */
	size_t n_types;
	struct mover *movers;
	size_t n_movers;
};
struct deps *deps_new(
        struct arena *arena, const struct scope *scope, const struct ast_expr *expr);

/* The triggers by which the store notes whom a change touched, for all that deps of a
 * program ask: complete CREATE statements in the arena. */
const struct segment_trigger *deps_triggers(
        struct arena *arena, const struct deps *const *all, size_t n, size_t *n_triggers);

#endif
