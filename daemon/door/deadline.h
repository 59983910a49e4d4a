/* Absolute deadlines of many connections, without a timer each: what has the same span
 * stands in one list, in the order of its time, and a sweep looks at the lists' heads
 * alone. */
#ifndef DANGOL_DEADLINE_H
#define DANGOL_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

enum deadline_kind {
	DEADLINE_NONE,
	DEADLINE_HEADER, /* 30 s for all of a header, from its first byte or the accept */
	DEADLINE_BODY,   /* 60 s for all of a body, from then */
	DEADLINE_IDLE,   /* 75 s until the next request begins */
	DEADLINE_ANSWER, /* 60 s to read what was written */
	DEADLINE_LINGER, /* 5 s to close after us */
	DEADLINE_TURN,   /* none: wants to go on in the next turn */
	DEADLINE_KINDS
};

struct deadline {
	struct deadline *prev, *next;
	uint64_t due_ms;
	enum deadline_kind kind; /* zero-initialised: in no list */
};
struct deadlines {
	struct deadline heads[DEADLINE_KINDS];
};

void deadline_init(struct deadlines *all);
/* A deadline that has this kind already stays as it is: it is absolute. */
void deadline_set(struct deadlines *all, struct deadline *one, enum deadline_kind kind,
        uint64_t now_ms);
struct deadline *deadline_due(
        struct deadlines *all, uint64_t now_ms); /* one that is past, or NULL */
struct deadline *deadline_first(struct deadlines *all, enum deadline_kind kind);
size_t deadline_count(
        struct deadlines *all, enum deadline_kind kind); /* walks the list */

#endif
