/* The end of the access log as it is kept outside the store, its walk from end to end,
 * and its going by age. */
#ifndef DANGOL_AUDIT_HEAD_H
#define DANGOL_AUDIT_HEAD_H

#include "base/calendar.h"
#include "store/audit.h"

/* The file beside the store, path ".audit-head": "ID HASH\n". Who cuts the log's end has
 * to know of it as well. */
enum audit_kept { AUDIT_HEAD_KEPT, AUDIT_HEAD_NONE, AUDIT_HEAD_UNREADABLE };
enum audit_kept audit_head_read(const char *store, struct audit_link *out);
/* Whole or not at all (rename after fsync), 0600. False: it could not be written. */
bool audit_head_write(const char *store, const struct audit_link *head);
/* At the start: does the log still hold what the file says? Where not, that is a row of
 * the log ("audit.break") and false. Where there is no file: true. */
bool audit_head_meet(struct db *db, int64_t now);

/* The walk along the whole chain; any thread, with a reader of its own. */
enum audit_fault {
	AUDIT_WHOLE,
	AUDIT_CHANGED, /* the row's hash is not that of its words */
	AUDIT_GAP,     /* a row is missing before this one */
	AUDIT_BASE,    /* what is left does not begin where the last deletion says */
	AUDIT_CUT,  /* the head kept outside names a row that is not there, or another */
	AUDIT_BROKE /* such a thing was met at a start, and no reason was given since */
};
struct audit_walk {
	enum audit_fault fault;
	int64_t bad;         /* the first row that is wrong */
	int64_t first, last; /* ids; 0: no row */
	int64_t rows;
	enum audit_kept head; /* was there one to compare with */
};
void audit_check(struct db *reader, struct audit_walk *out);

/* What is older than its time goes, oldest first, at most max rows: the checkpoint moves,
 * and the deletion is itself a row. Returns how many went. */
int audit_forget(struct db *db, int64_t now, struct zone *zone, int max);

#endif
