/* Exponential waits with jitter. Keeps nothing: whoever tries counts. */
#include "base/backoff.h"

#include "base/secret.h"

int64_t backoff_wait(const struct backoff *backoff, int tries)
{
	int64_t wait = backoff->first;
	uint32_t draw;

	for (int i = 1; i < tries && wait < backoff->most; i++)
		wait *= backoff->factor;
	if (wait > backoff->most)
		wait = backoff->most;
	secret_random(&draw, sizeof draw);
	return wait / 2 + (int64_t)(draw % (uint32_t)(wait / 2 + 1));
}
