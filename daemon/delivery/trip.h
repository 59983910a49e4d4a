/* A trip: one talk under way, its requests one after the other. */
#ifndef DANGOL_TRIP_H
#define DANGOL_TRIP_H

#include "delivery/protocol.h"

struct trip;
/* What a trip needs of who sends it. */
struct trip_plan {
	struct channel *channel;
	struct httpc *httpc; /* has room for one request; borrowed */
	struct memory *memory;
	talk_step *step;
	int64_t bundle;                             /* 0: none */
	void (*done)(void *arg, struct talk *talk); /* once, later or at once; the talk
	                                               and what it owns die after it */
	void *arg;
};
/* talk: filled in as its kind needs; its arrays are taken over where they are the
 * trip's to free: outcomes, settled, letters. */
void trip_begin(const struct trip_plan *plan, const struct talk *talk, const char *key,
        struct arena *arena); /* takes arena (may be NULL): an inquiry lives there */

#endif
