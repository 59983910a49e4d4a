/* The providers there are. Knows nothing of what they do. */
#include <string.h>
#include "delivery/channel.h"

const struct channel_ops *const channel_providers[] = {
        &outbox_ops,
        &webhook_ops,
        &smtp_ops,
        &solapi_ops,
        &nhn_ops,
        &sens_ops,
        &aligo_ops,
        &popbill_ops,
        &twilio_ops,
        NULL,
};

const struct channel_ops *channel_provider(const char *name)
{
	for (size_t i = 0; name && channel_providers[i]; i++)
		if (!strcmp(channel_providers[i]->provider, name))
			return channel_providers[i];
	return NULL;
}
