/* What the parts of taking apart lend to one another. */
#ifndef DANGOL_UNMERGE_INNER_H
#define DANGOL_UNMERGE_INNER_H

#include <jansson.h>
#include <stdint.h>
#include "store/db.h"

struct unmerging {
	struct db *db;
	int64_t from, into, now;
	int64_t time; /* of the merge */
	json_t *was;  /* what he was, and what the other had */
};

/* Runs a statement of FROM (?1) and INTO (?2). */
void unmerge_both(struct unmerging *u, const char *static_sql);
/* The row, the person, tags, cart, borders and consents of both; his row is made. */
void unmerge_profile(struct unmerging *u);

#endif
