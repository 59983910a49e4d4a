/* The channels of one provider as values of their own: a thread of the pool may ask them
 * while the configuration, or a secret of it, is exchanged. */
#ifndef DANGOL_WITNESS_H
#define DANGOL_WITNESS_H

#include "delivery/channel.h"

struct witnesses {
	struct arena *arena;
	struct channel_config *configs; /* without a fallback each: they stand in a row */
	size_t n;
};

void witnesses_copy(struct witnesses *out, const char *provider,
        const struct channel_config *channels, size_t n);
void witnesses_free(struct witnesses *witnesses); /* clears the secrets */

#endif
