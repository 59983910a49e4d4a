/* What the two halves of a sweep's making share: the queries of a rule, and where their
 * writing has come. */
#ifndef DANGOL_SWEEP_INNER_H
#define DANGOL_SWEEP_INNER_H

#include "language/cond.h"
#include "store/dates.h"

struct rule_queries {
	bool keys;          /* ranges of customers; else rows in order of a cursor */
	struct cond binder; /* the parameters alone */
	int base; /* the window's first parameter: from or lunar, to or day, cursor */
	struct query sweep, next, anchor;
	struct query told;             /* the date of one event */
	const struct dates_set *dates; /* that the store keeps for it, or NULL */
};

struct make {
	struct arena *arena;
	const struct scope *scope;
	const struct trigger *t;
	struct sql sql;
	const char *cond;    /* as SQL */
	const char *instant; /* of a declared date or of a date in an event, or NULL */
	const char *value;   /* the same without the shop's offset from UTC, … */
	const char *offset;  /* … which is this parameter, or 0 */
	int base, top;
};

const char *sweep_top(struct make *m);

/* Works out instant, value and offset, before base is known. */
void sweep_instant(struct make *m);
/* The queries of TRIGGER_RELATIVE. */
void sweep_relative(struct make *m, struct rule_queries *q);

#endif
