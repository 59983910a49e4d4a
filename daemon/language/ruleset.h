/* The rules and templates in force: read from their folders as one, exchanged as one, and
 * the older versions that people are still inside of. A bad set changes nothing: the last
 * good one goes on. */
#ifndef DANGOL_RULESET_H
#define DANGOL_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include "base/diag.h"
#include "language/program.h"
#include "language/template.h"

struct ruleset {
	struct program *program;
	struct templates *templates;
	char *rules_folder;
	struct program_file *files; /* the texts that the program borrows */
	size_t n_files;
	struct ruleset_entry *entries; /* by event type */
	size_t n_entries;
	int holders; /* beside its owner */
};

/* Reads both folders. world's template_exists is filled in here. NULL with a mistake: all
 * of them in diag. A missing folder is a mistake. max 1 MiB a file, 1,000 files. Also
 * reads each coupon's `codes` file (rules_folder/NAME). */
struct ruleset *ruleset_load(const char *rules_folder, const char *templates_folder,
        const struct world *world, struct diag *diag);
/* Its owner, or who held it, is done with it; takes NULL. The last one frees it. Of the
 * loop alone: a thread of the pool reads what the loop holds for it. */
void ruleset_free(struct ruleset *ruleset);
struct ruleset *ruleset_hold(struct ruleset *ruleset); /* returns it */

/* Rules that an event of that type may start, in name order: an array that ends with
 * NULL; borrowed. */
const struct rule *const *ruleset_started_by(
        const struct ruleset *ruleset, const char *type);
/* Does any rule of the set wait for that type (unless, wait for, goal)? A cheap no for
 * most events. */
bool ruleset_awaits(const struct ruleset *ruleset, const char *type);
/* Does the word stand anywhere in its files? */
bool ruleset_mentions(const struct ruleset *ruleset, const char *word);
/* Rules whose time trigger may be anchored on an event of that type. */
const struct rule *const *ruleset_anchored_on(
        const struct ruleset *ruleset, const char *type);

/* Versions: the rule as it was when a run began. Compiled from the text in the store on
 * first need, kept while needed. */
struct versions;
struct versions *versions_new(struct db *db, const struct world *world);
void versions_free(struct versions *versions);
/* The rule of that version: the current program's when it is the same text, else compiled
 * from the store; NULL when it no longer compiles (its runs end). */
const struct rule *versions_get(struct versions *versions, const struct ruleset *current,
        const char *name, int64_t version);
void versions_current(struct versions *versions, const struct rule *rule,
        int64_t version); /* rule is that version, until the next reset */
void versions_reset(struct versions *versions); /* the ruleset was exchanged */

/* The codes of a coupon's file, one a line; returns how many; *codes lives in arena. -1:
 * cannot be read. */
long ruleset_codes(const struct ruleset *ruleset, const struct coupon_decl *coupon,
        struct arena *arena, const char *const **codes);

#endif
