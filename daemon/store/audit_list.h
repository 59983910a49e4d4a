/* The access log as it is shown: rows by page, and a month of it for the review that the
 * law asks for. For readers of their own, in the pool: the log may be long. */
#ifndef DANGOL_AUDIT_LIST_H
#define DANGOL_AUDIT_LIST_H

#include <jansson.h>
#include "base/calendar.h"
#include "store/audit.h"

struct audit_filter {
	int64_t from, to;     /* instants, to is not in it */
	const char *customer; /* of whom, or NULL */
	const char *who;      /* the door or the account, or NULL */
	int64_t before;       /* a cursor; 0: from the newest on */
	int limit;
};
/* {"audit":[{"id","time","who","account","address","what","target","count","detail"}],
 * "next"}, newest first. Returns new. */
json_t *audit_list(struct db *db, const struct audit_filter *filter, struct zone *zone);
/* {"month","reviewed":TIME|null,"kinds":[{"who","account","what","times","count"}],
 * "downloads":[a row as above with "reason"],"more":how many downloads are not shown}.
 * from and to: the month's. Returns new. */
json_t *audit_review(
        struct db *db, const char *month, int64_t from, int64_t to, struct zone *zone);
/* Was the month looked over? */
bool audit_reviewed(struct db *db, const char *month);
/* Is there a row before that instant? */
bool audit_older(struct db *db, int64_t before);

#endif
