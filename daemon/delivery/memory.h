/* What a channel's talks learn and need again: a token, the id of an uploaded picture, an
 * approved template. Small, kept while the daemon lives; what `lasting` says also in the
 * store. */
#ifndef DANGOL_MEMORY_H
#define DANGOL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct memory;
struct memory *memory_new(void);
void memory_free(struct memory *memory); /* clears: a token is a secret */
/* What stands under that name and is not over at now (machine's ms); or NULL. Borrowed
 * until the next put. */
const char *memory_get(struct memory *memory, const char *name, int64_t now);
/* until 0: for ever. value NULL: forgotten. */
void memory_put(
        struct memory *memory, const char *name, const char *value, int64_t until);
/* Called at each put of what is to last: so that it reaches the store. */
void memory_on_put(struct memory *memory,
        void (*fn)(void *arg, const char *name, const char *value, int64_t until),
        void *arg);

#endif
