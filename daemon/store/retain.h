/* Letting go of what is old, a piece at a time. Who asks says how old; nothing here knows
 * a period. What is open or looked back at stays. */
#ifndef DANGOL_RETAIN_H
#define DANGOL_RETAIN_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"
#include "store/walk.h"

#define RETAIN_ROWS 64 /* looked at in one piece */

/* ---- what rules look back at ---- */

/* type: an event's, or "received RULE" of a rule's messages. all: every one of them;
 * last: each customer's last; days: those of so many days. Noted again each day by who
 * has the rules; one that was not for RETAIN_LAPSE is past: runs of an older version of a
 * rule may ask as that version did. */
#define RETAIN_LAPSE (366 * INT64_C(86400000))
struct retain_need {
	bool all, last;
	int64_t days;
};
void retain_need(
        struct db *db, const char *type, const struct retain_need *need, int64_t now);
void retain_needs_lapse(struct db *db, int64_t now);
/* All needs of a type as one; all 0 when nobody has any. */
void retain_needed(struct db *db, const char *type, struct retain_need *out);
/* Types of which every event is kept, with ", " between. Returns new. */
char *retain_held(struct db *db);

/* ---- pieces: each returns true while there may be more behind its cursor ---- */

/* The type behind that one in order of name, into out; false: none. */
bool retain_next_type(struct db *db, const char *after, char *out, size_t size);
/* The name behind that one of a rule that messages are of. */
bool retain_next_rule(struct db *db, const char *after, char *out, size_t size);
/* Deletes events of a type before an instant. Stay: one that a run began with or may
 * still look at while it is open, with last each customer's last one, and those from the
 * number `from` on, which have to be forwarded yet. */
bool retain_events(struct db *db, const char *type, int64_t before, bool last,
        int64_t from, struct walk *cursor, int64_t *deleted);
/* Deletes messages of a rule planned before an instant (advertisements: before ads) whose
 * run is over, with texts, attempts and reports; tallies and what was spent stay. */
bool retain_messages(struct db *db, const char *rule, int64_t before, int64_t ads,
        int64_t *cursor, int64_t *deleted);
/* Deletes runs of a rule that began and ended before an instant, began by an event that
 * is gone, and have no message any more: such an occasion cannot come again. */
bool retain_runs(struct db *db, int64_t rule, int64_t before, struct walk *cursor,
        int64_t *deleted);
/* Deletes requests to providers from before an instant that carry no message any more. */
bool retain_bundles(struct db *db, int64_t before, int64_t *cursor, int64_t *deleted);
/* Deletes orders of the erased that were placed before an instant. */
bool retain_orders(struct db *db, int64_t before, int64_t *cursor, int64_t *deleted);
/* Deletes what imports that began before an instant changed: they cannot be undone from
 * then on. Those that began before forget are no more known by name. */
bool retain_imports(struct db *db, int64_t before, int64_t forget);

#endif
