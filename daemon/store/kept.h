/* What a provider taught a channel and may be asked for again: ids of uploaded pictures.
 * No secret stands here. */
#ifndef DANGOL_KEPT_H
#define DANGOL_KEPT_H

#include <stdint.h>
#include "store/db.h"

/* value NULL: no more. until: machine's ms, 0: for ever. */
void kept_put(struct db *db, const char *channel, const char *account, const char *name,
        const char *value, int64_t until);
/* Each that is not over at now. */
void kept_each(struct db *db, const char *channel, const char *account, int64_t now,
        void (*fn)(void *arg, const char *name, const char *value, int64_t until),
        void *arg);

#endif
