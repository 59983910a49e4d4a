/* What would have begun and did not: the words for it, and the rows of what cannot be
 * told from anything else. An event that began nothing stands in the store itself, and
 * what was spent stands among the runs; a date that moved and a border that was crossed
 * leave nothing behind. One row for each customer, rule and word is overwritten, so that
 * they do not grow with time; they go with their customer. */
#ifndef DANGOL_SKIP_H
#define DANGOL_SKIP_H

#include <stdint.h>
#include "store/db.h"

/* Words beside those of enum reason. */
#define SKIP_LIMIT "limit"
#define SKIP_CONDITION "condition"
#define SKIP_NOT_DRAWN "not_drawn"
#define SKIP_HISTORY "history"
#define SKIP_BULK "bulk"
#define SKIP_WHERE "where"
#define SKIP_NTH "nth"
/* A sentence in the owner's language; NULL: it is none of these words. */
const char *skip_text(const char *word);

struct skip {
	char reason[16], occasion[96];
	int64_t at, n; /* the last time, and how many there were */
};
/* customer 0 leaves nothing. */
void skip_note(struct db *db, int64_t customer, int64_t rule, const char *reason,
        const char *occasion, int64_t at);
#define SKIP_REASONS 8
int skip_of(struct db *db, int64_t customer, int64_t rule, struct skip out[SKIP_REASONS]);

#endif
