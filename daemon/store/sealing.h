/* A store and the shop's key: how it is opened with one, and how what was written without
 * it, or with the one before it, is sealed anew while the daemon runs. */
#ifndef DANGOL_SEALING_H
#define DANGOL_SEALING_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* Reads the store's own key, or makes it in a new store. writer: from now on it is sealed
 * with the first of the process's keys, and what is not is to follow. DB_NO_KEY and why
 * when none of ours opens it. Called once, by who opens a store. */
enum db_open_error sealing_open(struct db *db, bool writer, char why[512]);
/* The same after the process's keys changed. */
void sealing_turn(struct db *db);

/* The fields that rules declare sealed, a path a line, when they are other than before:
 * what is there follows. True then. */
bool sealing_fields(struct db *db, const char *paths);

struct sealing {
	bool sealed;         /* the store's own key is: all that is new is */
	bool under_way;      /* what is old is not yet, or with an older key */
	int64_t done, total; /* rows, while it is under way */
};
void sealing_state(struct db *db, struct sealing *out);
/* What is so where nothing is sealed, and what to do; static, in the owner's language. */
const char *sealing_advice(void);
/* Seals on, at most so long; within a turn. True while there is more. Fires no trigger:
 * nothing of what it writes is news. */
bool sealing_slice(struct db *db, int most_ms);

/* The key that links are signed with, 32 bytes, from the store's own. */
void sealing_link_key(struct db *db, uint8_t out[32]);

#endif
