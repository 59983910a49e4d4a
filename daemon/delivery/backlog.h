/* What a forward has before it: a window of events that were looked at and are not done
 * with, in order, and the customers whose next event did not get through. One customer's
 * events are given out one after the other, and none before the one ahead of it is done
 * with. What it holds is bounded: where the window or the list of customers is full, the
 * rest waits in the table of events. */
#ifndef DANGOL_BACKLOG_H
#define DANGOL_BACKLOG_H

#include "delivery/forward.h"
#include "store/forwarded.h"

#define BACKLOG_HELD 500 /* customers; with more the window fills up and stands */

struct backlog_item {
	int64_t event, customer, arrived;
	bool away; /* was given out */
};
struct backlog_hold {
	struct forwarded_hold at;
	int64_t away; /* the event that was given out; 0: none */
	bool dirty;
};

struct backlog {
	struct db *db;
	const char *const *events; /* the forward's; borrowed */
	size_t n_events;
	int64_t keep_ms;
	struct forwarded row; /* its `open` stands as it was saved last */
	struct backlog_item items[FORWARDED_OPEN];
	size_t n_items;
	struct backlog_hold holds[BACKLOG_HELD]; /* by customer, ascending */
	size_t n_holds;
	int64_t *left; /* customers who are held no more, and on disk still are */
	size_t n_left;
	int64_t saved_cursor;
	bool dirty, whole; /* something is to be saved; all of it */
};

/* Reads what is on disk, or begins behind the newest event; in a turn. */
void backlog_open(struct backlog *b, const char *name, const char *place);
void backlog_fini(struct backlog *b);
/* What changed, into the turn under way. */
void backlog_save(struct backlog *b);
/* That turn was undone: everything once more. */
void backlog_unsaved(struct backlog *b);

enum backlog_given {
	BACKLOG_NONE, /* nothing may go now */
	BACKLOG_ONE,
	BACKLOG_MORE /* there may be more: ask again, in another turn */
};
/* Gives out the next event, which is then away until one of the three below is said of
 * it. probing: a new event first, then whoever is held, due or not. */
enum backlog_given backlog_give(
        struct backlog *b, bool probing, int64_t now, int64_t *event);
void backlog_took(struct backlog *b, int64_t event, int64_t now);
void backlog_back(struct backlog *b, int64_t event); /* as if it had not been given out */
/* It did not get through: its customer is held. */
void backlog_failed(struct backlog *b, int64_t event, int64_t now);
/* It need not go: its customer is gone. */
void backlog_void(struct backlog *b, int64_t event, int64_t now);

/* Who is held may go at once. */
void backlog_release(struct backlog *b, int64_t now);
/* Gives up the event that each held customer waits with. Returns how many. */
int64_t backlog_skip(struct backlog *b, int64_t now);
/* Drops what is older than is kept; true: there may be more. */
bool backlog_expire(struct backlog *b, int64_t now);
/* The earliest instant at which somebody held is due; 0: nobody is. */
int64_t backlog_due(const struct backlog *b);
/* How many wait; *cut: at least so many. *oldest: since when, 0: nothing waits. */
int64_t backlog_waiting(struct backlog *b, bool *cut, int64_t *oldest);
/* A pause after so many failures, with jitter: 1 second at first, then twice as long up
 * to 5 minutes. */
int64_t backlog_pause_ms(int tries);

#endif
