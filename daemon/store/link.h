/* The addresses that links of messages lead to. They come from templates alone: nothing
 * that came in from outside ever stands here. */
#ifndef DANGOL_LINK_H
#define DANGOL_LINK_H

#include "base/mem.h"
#include "store/db.h"

/* The address's number, made where there is none. */
int64_t link_id(struct db *db, const char *url);
/* In arena; NULL: there is no such link. */
const char *link_url(struct db *db, int64_t id, struct arena *arena);

#endif
