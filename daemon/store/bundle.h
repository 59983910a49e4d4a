/* Bundles: requests that carried messages to a provider, many or one. What is not settled
 * of one is asked about later, by its name there or by ours. */
#ifndef DANGOL_BUNDLE_H
#define DANGOL_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"

struct bundle {
	int64_t id;
	const char *channel, *provider, *account, *kind, *ref; /* kind, ref: or NULL */
	int64_t handed_at;                                     /* the engine's instant */
	int64_t machine_at; /* the machine's clock then: what the provider's shows */
	int polls;          /* times asked and wholly answered */
	const char *store;  /* db_id of the store that handed it: another where this one
	                       is a copy, and providers know it by that */
};

/* A new one; asked about first at poll_at. kind may be NULL. account: a digest. */
int64_t bundle_add(struct db *db, const char *channel, const char *provider,
        const char *account, const char *kind, int64_t now, int64_t machine_now,
        int64_t poll_at);
void bundle_set_ref(struct db *db, int64_t id, const char *ref);
bool bundle_get(struct db *db, int64_t id, struct arena *arena, struct bundle *out);
/* poll_at 0: never again. */
void bundle_polled(struct db *db, int64_t id, int polls, int64_t poll_at);
/* Those to be asked about by now, the oldest first. */
struct bundle_due {
	int64_t id;
	char channel[32], account[32];
};
int bundle_due(struct db *db, int64_t now, struct bundle_due *out, int max);
int64_t bundle_next_due(struct db *db); /* 0: none */
/* Our name of it, "1a2b3c4d-b17", and of one of its messages, as its provider was told
 * them. */
const char *bundle_key(const struct bundle *bundle, struct arena *arena);
const char *bundle_message_key(
        const struct bundle *bundle, int64_t message, struct arena *arena);

/* Its messages of which something is still to be learnt. Returns how many; *out is new,
 * its texts in the arena. texts: with what was read. */
struct bundle_message {
	int64_t id;
	const char *address, *provider_id, *text; /* or NULL */
	bool unknown;
};
size_t bundle_open(struct db *db, int64_t id, bool texts, struct arena *arena,
        struct bundle_message **out);
/* Is one of its messages with the provider right now? */
bool bundle_under_way(struct db *db, int64_t id);
/* Unknown ones among them beyond after, ids only. */
int bundle_unknown(struct db *db, int64_t id, int64_t after, int64_t *ids, int max);

#endif
