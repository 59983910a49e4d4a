/* The providers there are, and the end of a letter's way. Knows nothing of what a
 * provider does. */
#include "delivery/channel.h"

#include <string.h>

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

void letter_free(struct letter *letter)
{
	if (letter)
		arena_free(letter->arena);
}

void channel_answer(
        struct channel *channel, struct letter *letter, const struct outcome *outcome)
{
	channel->answer(channel, letter, outcome);
}

void channel_tell(struct channel *channel, const struct news *news)
{
	channel->tell(channel, news);
}

void channel_asked(struct channel *channel, int64_t bundle, enum asked how)
{
	channel->asked(channel, bundle, how);
}

void channel_note(struct channel *channel, int64_t bundle, const char *ref,
        void (*noted)(void *arg, bool kept), void *arg)
{
	channel->note(channel, bundle, ref, noted, arg);
}

void channel_keep(
        struct channel *channel, const char *name, const char *value, int64_t until)
{
	channel->keep(channel, name, value, until);
}
