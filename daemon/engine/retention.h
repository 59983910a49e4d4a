/* Retention: what is older than dangol.conf and the law have it kept goes, once a day, in
 * pieces of a few rows. */
#ifndef DANGOL_RETENTION_H
#define DANGOL_RETENTION_H

#include <jansson.h>
#include "engine/state.h"

/* Notes what the ruleset in force looks back at. Behind the rules' adoption; again each
 * day by itself. */
void retention_adopt(struct engine *engine, int64_t now);
/* One piece, in the turn under way. True: there is more to do; call again after a while.
 */
bool retention_slice(struct engine *engine, int64_t now);
/* Events told with a time before this one may have been deleted once: they are history.
 * INT64_MIN: nothing ever was. */
int64_t retention_kept_from(const struct engine *engine, int64_t now);
/* {"events":{"keep_months","deleted"},"messages":{…},"runs","held_events","last"};
 * new. */
json_t *retention_json(const struct engine *engine);

#endif
