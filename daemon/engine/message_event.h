/* What became of a message to a customer, as an event of its own: message.sent,
 * message.delivered, message.failed. */
#ifndef DANGOL_MESSAGE_EVENT_H
#define DANGOL_MESSAGE_EVENT_H

#include "engine/engine.h"

/* Does a rule or a forward speak of them? */
bool message_event_wanted(const struct engine *engine);
/* Stores it once and shows it to the rules, in the turn under way; where nobody speaks of
 * them, none is kept. What goes to the owner or to a machine raises none: it would
 * tell of itself for ever. */
void message_event_raise(struct engine *engine, const struct message *message,
        enum message_state state, enum reason reason, int64_t now);

#endif
