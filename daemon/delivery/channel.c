/* The end of a letter's way, and what channels tell of it. Knows no provider: dangol-mail
 * has this file too, and none of what they need. */
#include "delivery/channel.h"

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
