/* What a dry run said so far, over its calls: nothing of it stands in the store, so that
 * a row that is told twice would be new twice. It keeps digests, no words. */
#ifndef DANGOL_IMPORT_DRY_H
#define DANGOL_IMPORT_DRY_H

#include <stdint.h>

#define IMPORT_DRY_ROWS 50 /* of what changes, shown */
/* What was said in a dry run of that batch so far; made when there is none. Borrowed; the
 * oldest one goes. */
struct import_dry *import_dry_of(struct import_dry **all, const char *batch);
void import_dry_free(struct import_dry *all);
int *import_dry_shown(struct import_dry *dry);
enum dry_seen { DRY_NEW, DRY_SAME, DRY_OTHER };
/* Was that thing told of before, in the same words or in others? And remembers it. */
enum dry_seen import_dry_see(
        struct import_dry *dry, const char *name, const char *id, uint64_t words);

#endif
