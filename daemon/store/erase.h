/* Erasing a customer for good, in steps that each fit into a turn; and the list of who
 * was erased, which lives outside the store as well so that a backup that is put back
 * forgets them again. Source: Personal Information Protection Act, Art. 21 (korea.md,
 * part 4). */
#ifndef DANGOL_ERASE_H
#define DANGOL_ERASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

/* What was erased, or would be. */
struct erasure_counts {
	int64_t events, messages, texts, orders, coupons, consents, runs, suppressed;
};

struct erasing {
	int64_t id;
	struct erasure_counts counts;
	int64_t *messages; /* those whose person and text are gone: files may be left */
	size_t n_messages;
	struct erasing_self {
		char *ref, *phone, *email; /* each may be NULL but the first */
	} * selves; /* of the customer and of who was merged into him: found in answers */
	size_t n_selves;
	char *answer; /* answers are looked at up to this key */
	bool begun;
};

/* Begins with one customer; false: nobody there. */
bool erasing_init(struct db *db, struct erasing *erasing, int64_t id);
/* A piece of it, some milliseconds at most; true when nothing is left of him, nor of who
 * was merged into him. The first piece ends his runs, drops what waits, hides the
 * addresses that had opted out, and writes down that he is being erased: what is not
 * finished is taken up by erased_replay. */
bool erasing_step(struct db *db, struct erasing *erasing, int64_t now);
void erasing_fini(struct erasing *erasing);
/* What there is to erase; nothing is written. */
void erasing_count(struct db *db, int64_t id, struct erasure_counts *out);

/* Takes away, at once, a customer of whom nobody has spoken but the import that is being
 * undone: he has no event, run or message. Nothing of him stays but the addresses that
 * had opted out, as keyed hashes; he stands in no list of the erased. False: nobody
 * there. */
bool customer_unmake(struct db *db, int64_t id, int64_t now);

/* ---- the list ---- */

/* Beside the store, its name and ".erased", 0600: a line for each customer and for each
 * who was merged into him, by number and instant of creation, with the keyed hashes of
 * addresses that had opted out. */
/* Adds who stands in the store's list and not in the file; synced. False and a warning in
 * the log when it cannot be written: the next start tries again. Blocks for one fsync. */
bool erased_publish(struct db *db);
/* At start-up, before anything else is done: whoever the file knows of and the store does
 * not is erased again, and what a stop cut short is finished. Ends turns of its own.
 * Returns how many were there and are gone. */
int64_t erased_replay(struct db *db, int64_t now);
int64_t erased_total(struct db *db);

/* ---- backups ---- */

void backup_note(struct db *db, const char *file, int64_t now);
/* Copies that were made here, newest first, at most max. */
struct backup_made {
	char file[4096];
	int64_t time;
	int64_t erased; /* customers erased since */
};
size_t backup_list(struct db *db, struct backup_made *out, size_t max);
/* A file that is there no more. */
void backup_forget(struct db *db, const char *file);

#endif
