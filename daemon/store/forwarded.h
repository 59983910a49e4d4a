/* How far each forward has come among the events. Its state is small and whole: up to
 * `cursor` every event was looked at, and of those only the ones in `open` and the held
 * ones are not done with. */
#ifndef DANGOL_FORWARDED_H
#define DANGOL_FORWARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

#define FORWARDED_OPEN 256 /* events looked at and not done with, at most */

struct forwarded {
	int64_t id; /* receivers know it */
	int64_t cursor;
	int64_t open[FORWARDED_OPEN]; /* ascending */
	size_t n_open;
	char place[65]; /* a digest of the address */
	int64_t sent, dropped, skipped;
	int64_t failing_since, gone_at; /* 0: is not */
	char error[160];                /* what was wrong last, or "" */
};
/* The forward of that name; a new one begins behind the newest event. */
void forwarded_get(
        struct db *db, const char *name, const char *place, struct forwarded *out);
void forwarded_put(struct db *db, const struct forwarded *row);
/* Forwards of other names are forgotten. */
void forwarded_keep(struct db *db, const char *const *names, size_t n);
/* The lowest number of an event that some forward has to send yet; INT64_MAX: none. */
int64_t forwarded_floor(struct db *db);

/* A customer whose event did not get through: it and all of his behind it, up to the
 * cursor, are sent from here, one after the other. */
struct forwarded_hold {
	int64_t customer; /* 0: events of nobody, as one */
	int64_t event;    /* he has none of this forward before it */
	int64_t arrived;  /* of that event; 0: it was not looked at yet */
	int64_t due_at;
	int tries;
};
size_t forwarded_holds(
        struct db *db, int64_t forward, struct forwarded_hold *out, size_t most);
void forwarded_hold_put(
        struct db *db, int64_t forward, const struct forwarded_hold *hold);
void forwarded_hold_drop(struct db *db, int64_t forward, int64_t customer);

void forwarded_holds_clear(struct db *db, int64_t forward);

/* ---- events, as a forward looks at them ---- */

struct forwarded_event {
	int64_t id, customer, arrived;
	bool fit;      /* no history, and its customer was not erased */
	char type[72]; /* a longer one is "" */
};
/* The next ones behind that number, in order; at most most. Returns how many. */
int forwarded_scan(struct db *db, int64_t after, struct forwarded_event *out, int most);
bool forwarded_look(struct db *db, int64_t id, struct forwarded_event *out);
/* The first event of a customer (0: of nobody) from number *from to upto that wants
 * takes. 1: found; 0: there is none; -1: none up to *from, which has moved: ask on. */
typedef bool (*forwarded_wants)(const void *arg, const struct forwarded_event *event);
int forwarded_next(struct db *db, int64_t customer, int64_t *from, int64_t upto,
        forwarded_wants wants, const void *arg, struct forwarded_event *out);
/* How many of at most `most` events behind that number wants takes, by their type alone;
 * *cut: there are more. */
int64_t forwarded_behind(struct db *db, int64_t after, int64_t most,
        forwarded_wants wants, const void *arg, bool *cut);
/* The same of one customer (0: of nobody) from number from to upto. */
int64_t forwarded_ahead(struct db *db, int64_t customer, int64_t from, int64_t upto,
        int64_t most, forwarded_wants wants, const void *arg, bool *cut);
/* Is the customer there, and not being erased at this moment? */
bool forwarded_knows(struct db *db, int64_t customer);

#endif
