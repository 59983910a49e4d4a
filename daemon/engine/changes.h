/* What putting a ruleset in force changed, rule by rule, so that the owner can be told.
 */
#ifndef DANGOL_CHANGES_H
#define DANGOL_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include "store/waiting.h"

enum change_kind {
	CHANGE_ADDED,   /* new, or back after its file was gone: counts from now */
	CHANGE_CHANGED, /* another version: counts from now, who is inside keeps theirs */
	CHANGE_RENAMED, /* `was`: keeps hash, limits and occasions */
	CHANGE_REMOVED, /* its file is gone */
	CHANGE_OFF,     /* its file says off now */
};
const char *change_kind_name(enum change_kind kind); /* "added" … as in JSON */

struct change {
	enum change_kind kind;
	char rule[80], was[80]; /* was: "" but for renamed ones */
	struct waiting ended;   /* what it cancelled: REMOVED and OFF, … */
	bool ending; /* … unless that goes on: then none of it is known yet */
};
struct changes {
	struct change *items;
	size_t n;
};
void changes_add(struct changes *changes, const struct change *change); /* copies it */
/* Takes later changes over, one item a rule: what was cancelled adds up. */
void changes_merge(struct changes *changes, const struct changes *later);
/* What a rule's ending cancelled is known now. */
void changes_over(struct changes *changes, const char *rule, struct waiting ended);
void changes_clear(struct changes *changes);
/* One sentence in the owner's language. Returns new. */
char *change_text(const struct change *change);

#endif
