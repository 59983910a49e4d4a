/* What steps, triggers and the engine work on together: the store, the shop, the rules in
 * force with their rows. */
#ifndef DANGOL_STATE_H
#define DANGOL_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include "engine/changes.h"
#include "engine/draw.h"
#include "engine/gate.h"
#include "engine/misnomer.h"
#include "language/ruleset.h"
#include "store/run.h"
#include "store/segment.h"
#include "store/walk.h"

/* A rule of the ruleset in force, with its row. */
struct rule_state {
	const struct rule *rule;
	struct rule_row row;
	/* the blast guard's figures of an hour since the epoch (0: none yet), and the day
	   on which it asked the owner */
	int64_t guard_hour, guard_allowed, guard_started;
	int32_t guard_asked;
	bool sweeping; /* a sweep for row.sweep_now is under way */
	struct sweep sweep;
	int kept; /* which of that day's birthdays it has come to */
	/* `N in all`: how many count for it, counted once and then kept in mind: those
	   that do for certain, and no more than so many */
	bool counted;
	int64_t counted_least, counted_most;
	struct draw draw;    /* who of them */
	bool draws, drawing; /* it does; the sweep is in the first round of two */
	int64_t drawn_up_to; /* and begins behind this key then */
};

/* A segment that rules of the ruleset wait at, with its row. */
struct border {
	const struct segment *segment;
	struct segment_row row;
	int64_t due, to; /* a look at time under way: its hour, up to where. 0: none */
	struct look look;
	bool ahead; /* row.cursor is: the store has it when all borders were looked at */
};

/* Where the day's letting go of what is old has come to. */
struct retention {
	int stage;      /* 0: is done for today */
	bool more;      /* of what stands here */
	char type[128]; /* of events; the name of a rule, of messages */
	size_t rule;    /* the number of a rule in force, from 1, of runs */
	struct walk walk;
	int64_t cursor;
	int64_t events, messages, runs, bundles, orders; /* deleted by the last piece */
};

struct engine {
	struct db *db;
	const struct shop *shop;
	struct ruleset *ruleset; /* in force; NULL: none could be loaded yet */
	struct versions *versions;
	bool owner_reachable; /* dangol.conf gives him an address and a channel to it */
	int64_t simulated;    /* codes are TEST-… and no pool is touched */
	/* Called when a message was planned or released for a channel: dispatch looks
	 * again. */
	void (*on_planned)(void *arg, const char *channel);
	void *arg;
	/* its own */
	struct rule_state *states; /* one per rule of the ruleset, in its order */
	size_t n_states;
	bool wants_messages;    /* a rule speaks of message.* */
	bool follows;           /* dates of rules are followed by the store */
	struct changes changes; /* of the last ruleset that was adopted, … */
	struct changes untold; /* … and of all since the owner asked last; the first one
	                          after a start is no change */
	struct ending *endings; /* rules whose ending goes on in slices, oldest first */
	size_t n_endings;
	struct misnomers misnomers;
	struct border *borders;
	size_t n_borders;
	struct retention retention;
	bool joining;    /* rows of a browser may be on their way (engine/joining.h) */
	int32_t alarmed; /* the day on which the owner was told of late notices */
	int causes;      /* behind the run that is beginning; 0: somebody outside */
	bool tells_of_messages; /* a forward wants message.*: they are events whatever
	                           rules say */
	const char *said;       /* "api", … who starts runs of the pseudo-rule */
};

/* What a coupon's declaration says in the ruleset in force; NULL when there is none of
 * that name. */
const struct coupon_decl *state_coupon(const struct engine *engine, const char *name);
/* The run plans a message, which makes it count for its rule's limits. */
void state_plans(const struct engine *engine, const struct run *run);
struct rule_state *state_of_id(
        const struct engine *engine, int64_t rule); /* by its row's id, or NULL */
struct rule_state *state_of_name(const struct engine *engine, const char *name);

#endif
