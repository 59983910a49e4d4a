/* How long one waits before another try. */
#ifndef DANGOL_BACKOFF_H
#define DANGOL_BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t first, most; /* ms */
	int factor;
};

/* After so many tries, from 1: exponential, with full jitter over its upper half, so that
 * many who failed at once do not come back at once. In ms. */
int64_t backoff_wait(const struct backoff *backoff, int tries);

#endif
