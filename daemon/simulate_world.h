/* A world of a simulation's own: a private copy of the store, and on it the real engine,
 * gate and dispatch under a clock that jumps from one due thing to the next. */
#ifndef DANGOL_SIMULATE_WORLD_H
#define DANGOL_SIMULATE_WORLD_H

#include <jansson.h>
#include "config.h"
#include "delivery/dispatch.h"
#include "engine/engine.h"
#include "language/ruleset.h"

#define SIM_WORLDS 2       /* at once, at most */
#define SIM_COSTS_MAX 16   /* channels and kinds of what they send */
#define SIM_WAITS_MAX 1024 /* rules and reasons; more are not told apart */

/* Events that are assumed, in order of time. */
struct sim_events {
	struct sim_event {
		json_t *event;
		int64_t time;
		size_t line;
	} * items;
	size_t n;
};
/* Reads NDJSON (file NULL: none); an event without a time happens at `otherwise`. False
 * after every mistake was told on stderr. */
bool sim_events_read(struct sim_events *events, const char *file, int64_t otherwise);
void sim_events_free(struct sim_events *events);

struct sim_span {
	int64_t start;     /* the clock begins here: from, or now where that is earlier */
	int64_t from, end; /* what is shown, both in */
};

/* What left within the span, by channel and kind. */
struct sim_cost {
	const char *channel, *kind; /* kind NULL: its channel has one */
	int64_t count, won;
	bool priced; /* dangol.conf says what one costs */
};
/* What left within the span only after it was held for that reason. */
struct sim_wait {
	const char *rule;
	enum reason reason;
	int64_t count;
};

struct sim_world {
	const struct config *config;
	const struct sim_span *span;
	const struct sim_events *events;
	size_t next_event;
	bool keeps_texts; /* what was read is wanted afterwards */
	bool planned;     /* something, since dispatch began its round */
	struct db *db;
	struct engine engine;
	struct dispatch *dispatch;
	struct ruleset *ruleset;
	struct buf pictured; /* "\nNAME.CHANNEL\n" of each template with a picture */
	struct sim_cost costs[SIM_COSTS_MAX];
	size_t n_costs;
	struct sim_wait waits[SIM_WAITS_MAX];
	size_t n_waits;
	int slot;
	char path[4096];
};

/* Reads the rules of that folder (absolute, or NULL: dangol.conf's). Of the world,
 * config, span, slot (0 or 1) and keeps_texts are set, all else is zero. False after
 * stderr said why. */
bool sim_world_read(struct sim_world *world, const char *rules);
/* Copies the store, lets the rules run through the span, and keeps the store of what came
 * of it open. False after stderr said why. */
bool sim_world_run(struct sim_world *world, const struct sim_events *events);
void sim_world_close(struct sim_world *world); /* and removes the copy */

#endif
