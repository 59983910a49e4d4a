/* What a bounce means. A server that gave up says so by the action: with a class of 4 it
 * was tired of trying, and the mail is as lost. */
#include "delivery/bounce.h"

#include <string.h>
#include <strings.h>

static bool nobody(const char *status)
{
	static const char *const all[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!strcmp(all[i], status))
			return true;
	return false;
}

enum bounce_kind bounce_kind(const struct bounce *b)
{
	if (!strcmp(b->action, "failed"))
		return nobody(b->status) ? BOUNCE_NOBODY : BOUNCE_FAILED;
	if (!strcmp(b->action, "delayed"))
		return BOUNCE_DELAYED;
	if (!strcmp(b->action, "delivered") || !strcmp(b->action, "relayed"))
		return BOUNCE_DELIVERED;
	return BOUNCE_NOTHING;
}

bool bounce_is_of(const struct bounce *b, const char *address)
{
	return *address &&
	       (!strcasecmp(b->recipient, address) || !strcasecmp(b->original, address));
}
