/* Collects how far back a program looks at events. Judges nothing: who forgets does. */
#include "language/past.h"

#include <string.h>

#define AHEAD_MONTHS 36 /* a date in an event may lie so far ahead of it */

void past_add(struct past *past, const char *type, enum past_reach reach,
        struct duration window)
{
	struct past_need *grown;

	if (!past || !type)
		return;
	grown = arena_alloc(past->arena, (past->n + 1) * sizeof *grown);
	if (past->n)
		memcpy(grown, past->needs, past->n * sizeof *grown);
	grown[past->n++] = (struct past_need){type, reach, window};
	past->needs = grown;
}

void past_within(
        struct past *past, const char *type, bool has_window, struct duration window)
{
	past_add(past, type, has_window ? PAST_WINDOW : PAST_ALL, window);
}

/* The types of an event's own date, "reservation.at" among them. */
static void of_field(struct past *past, const struct trigger *t)
{
	struct duration window = t->offset;
	const char *dot = strrchr(t->name, '.');

	window.months += AHEAD_MONTHS;
	if (!strcmp(t->name, "reservation.at")) {
		past_add(past, "reservation.made", PAST_WINDOW, window);
		past_add(past, "reservation.changed", PAST_WINDOW, window);
	} else if (dot) {
		past_add(past,
		        arena_strndup(past->arena, t->name, (size_t)(dot - t->name)),
		        PAST_WINDOW, window);
	}
	if (!strncmp(t->name, "reservation.", strlen("reservation."))) {
		past_add(past, "reservation.cancelled", PAST_WINDOW, window);
		past_add(past, "reservation.noshow", PAST_WINDOW, window);
	}
}

void past_of_trigger(struct past *past, const struct trigger *t)
{
	struct duration none = {0};

	if (t->kind == TRIGGER_EVENT && t->nth > 1)
		past_add(past, t->event, PAST_ALL, none);
	if (t->kind != TRIGGER_RELATIVE)
		return;
	switch (t->anchor) {
	case ANCHOR_FIRST_VISIT:
		past_add(past, "visit", PAST_ALL, none);
		break;
	case ANCHOR_LAST_VISIT:
		past_add(past, "visit", PAST_LAST, none);
		break;
	case ANCHOR_FIRST_EVENT:
		past_add(past, t->name, PAST_ALL, none);
		break;
	case ANCHOR_LAST_EVENT:
		past_add(past, t->name, PAST_LAST, none);
		break;
	case ANCHOR_EVENT_FIELD:
		of_field(past, t);
		break;
	default:
		break;
	}
}
