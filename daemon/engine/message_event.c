/* Messages as events. It changes no message and decides nothing about one. */
#include "engine/message_event.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/customer.h"
#include "store/event.h"

#define CAUSED 1 /* a rule's message stands before it */

static const char *type_of(enum message_state state)
{
	switch (state) {
	case MESSAGE_ACCEPTED:
		return "message.sent";
	case MESSAGE_DELIVERED:
		return "message.delivered";
	case MESSAGE_FAILED:
		return "message.failed";
	default:
		return NULL;
	}
}

static char *data_of(const struct message *message, const char *key, enum reason reason)
{
	json_t *data =
	        json_pack("{s:s, s:s, s:s, s:s}", "message", key, "rule", message->rule,
	                "channel", message->channel, "template", message->template);
	char *text;

	if (reason != REASON_NONE)
		json_object_set_new(data, "reason", json_string(reason_name(reason)));
	text = json_dumps(data, JSON_COMPACT);
	json_decref(data);
	return text;
}

/* What tells somebody of messages is not told of again: it would never end. Only a timed
 * rule's message to the owner has no customer. */
static bool is_told_of(const struct message *message)
{
	return message->customer != CUSTOMER_OWNER &&
	       strcmp(message->channel, "owner") != 0 &&
	       strcmp(message->channel, "post") != 0;
}

bool message_event_wanted(const struct engine *engine)
{
	return engine->wants_messages || engine->tells_of_messages;
}

void message_event_raise(struct engine *engine, const struct message *message,
        enum message_state state, enum reason reason, int64_t now)
{
	struct event event = {.source = "dangol",
	        .type = type_of(state),
	        .customer = message->customer,
	        .time = now,
	        .arrived = now};
	char key[40], eid[64], *data;

	if (!message_event_wanted(engine) || !event.type || !is_told_of(message))
		return;
	message_key(engine->db, message->id, key);
	snprintf(eid, sizeof eid, "%s:%s", key, event.type);
	event.eid = eid;
	event.data = data = data_of(message, key, reason);
	if (event_insert(engine->db, &event))
		engine_event(engine, &event, CAUSED);
	free(data);
}
