/* What was read of people's data, on its way into the access log: kept here for a moment,
 * so that a reader waits for no write and a burst of readings is one. Calls that only
 * bring something in are counted, an entry an hour for each door and account. */
#ifndef DANGOL_LOGBOOK_H
#define DANGOL_LOGBOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>
#include "door/peer.h"
#include "store/db.h"

#define LOGBOOK_MS 250    /* how long an entry waits for others */
#define LOGBOOK_MAX 10000 /* entries that no disk took; then nobody reads any more */
#define LOGBOOK_COUNTS 16 /* doors and accounts counted apart; the rest together */

struct logbook {
	struct db *db;
	uv_timer_t timer; /* closed with the loop */
	struct logbook_entry *entries;
	size_t n, writing; /* writing: the first ones, in the turn under way */
	struct logbook_count {
		struct peer peer;
		const char *what;
		int64_t n, since;
	} counts[LOGBOOK_COUNTS];
	bool closed;
};

void logbook_open(struct logbook *book, uv_loop_t *loop, struct db *db);
/* Everything into the turn, which the caller ends. */
void logbook_close(struct logbook *book);
/* n: how many people or rows were shown, 0: not said. what is static; target and detail
 * are copied, or NULL. */
void logbook_add(struct logbook *book, const struct peer *peer, int64_t now,
        const char *what, const char *target, const char *detail, int64_t n);
/* n more came in by that door. what is static. */
void logbook_count(struct logbook *book, const struct peer *peer, int64_t now,
        const char *what, int64_t n);
void logbook_tick(struct logbook *book, int64_t now); /* counts of an hour ago */
/* What waits, into the turn; where it is very much, the first of it. */
void logbook_write(struct logbook *book);
bool logbook_full(const struct logbook *book);

#endif
