/* What a mail server reports of a mail that it could not deliver, written down. Believes
 * a report to be of a message only where it holds what that mail alone held, or where
 * one mail alone can be meant; an address it gives up on the first kind's word alone. */
#include <string.h>
#include "base/clock.h"
#include "delivery/settle.h"
#include "delivery/settle_inner.h"

#define MAILED_WITHIN (5 * MS_DAY)

/* The message that is meant, in *proven whether its own mark says so; 0: none of ours. */
static int64_t meant(struct engine *engine, const uint8_t link_key[32],
        const struct bounce *b, bool *proven, int64_t now)
{
	char key[MARK_NAME];
	int64_t id;

	*proven = b->name[0] != 0;
	if (*proven)
		return mark_good(link_key, b->name, key)
		               ? message_parse_key(engine->db, key)
		               : 0;
	if (b->strange)
		return 0;
	id = receipt_mailed(engine->db, b->recipient, now - MAILED_WITHIN);
	return id ? id : receipt_mailed(engine->db, b->original, now - MAILED_WITHIN);
}

/* Not so while it has not left, or leaves once more by the owner's hand. */
static bool has_left(const struct message *message)
{
	switch (message->state) {
	case MESSAGE_PLANNED:
	case MESSAGE_HELD:
	case MESSAGE_CLAIMED:
	case MESSAGE_HANDED:
		return false;
	case MESSAGE_ACCEPTED:
	case MESSAGE_DELIVERED:
	case MESSAGE_FAILED:
	case MESSAGE_EXPIRED:
	case MESSAGE_DROPPED:
	case MESSAGE_UNKNOWN:
		break;
	}
	return message->provider != NULL;
}

static enum receipt_end take(struct engine *engine, const struct message *message,
        const struct bounce *b, const char *state, int64_t now)
{
	char key[40];
	struct receipt receipt = {
	        .provider = message->provider,
	        .key = message_key(engine->db, message->id, key),
	        .state = state,
	        .code = b->status[0] ? b->status : NULL,
	        .detail = b->words[0] ? b->words : NULL,
	        .time = now,
	};
	int64_t id;

	return strcmp(state, "delayed") != 0
	               ? settle_receipt(engine, &receipt, now)
	               : receipt_add(engine->db, &receipt, now, &id);
}

static void apply(struct engine *engine, const struct message *message,
        const struct bounce *b, bool proven, int64_t now)
{
	switch (bounce_kind(b)) {
	case BOUNCE_NOTHING:
		break;
	case BOUNCE_DELAYED:
		take(engine, message, b, "delayed", now);
		break;
	case BOUNCE_DELIVERED:
		if (proven)
			take(engine, message, b, "delivered", now);
		break;
	case BOUNCE_NOBODY:
		/* before the next leg, which may be a mail to the same address */
		if (proven && !strcmp(message->channel, "email"))
			settle_suppress(engine, message, "bounced", now);
		/* fall through */
	case BOUNCE_FAILED:
		take(engine, message, b, "failed", now);
		break;
	}
}

bool settle_bounce(struct engine *engine, const uint8_t link_key[32],
        const struct bounce *bounce, int64_t now)
{
	bool proven, ours = false;
	int64_t id = meant(engine, link_key, bounce, &proven, now);
	struct arena *arena = arena_new();
	struct message message;

	if (id && message_get(engine->db, id, arena, &message) && message.address &&
	        strchr(message.address, '@') && has_left(&message))
		ours = bounce_is_of(bounce, message.address);
	if (ours)
		apply(engine, &message, bounce, proven, now);
	arena_free(arena);
	return ours;
}
