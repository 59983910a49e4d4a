/* How far back rules look at events: what a store that forgets old ones has to keep, so
 * that no rule's meaning changes in silence. Collected while conditions are written as
 * SQL, and of triggers. */
#ifndef DANGOL_PAST_H
#define DANGOL_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"
#include "language/program.h"

#define PAST_RECEIVED "received " /* before a rule's name: its messages */

enum past_reach {
	PAST_WINDOW, /* so long ago, by the calendar */
	PAST_LAST,   /* each customer's last one, however old */
	PAST_ALL     /* every one: it counts them, or asks for the first */
};
struct past_need {
	const char *type;
	enum past_reach reach;
	struct duration window;
};
struct past {
	struct arena *arena;
	struct past_need *needs; /* a type may stand there more than once */
	size_t n;
};

/* type is borrowed for the arena's life. past NULL: nothing is collected. */
void past_add(struct past *past, const char *type, enum past_reach reach,
        struct duration window);
/* Within a window, or, without one, all of them. */
void past_within(
        struct past *past, const char *type, bool has_window, struct duration window);
/* What a trigger asks of earlier events: the n-th, first and last ones, dates in them. */
void past_of_trigger(struct past *past, const struct trigger *trigger);

#endif
