/* What message.c lends to message_leave.c alone: the steps of a state. Stands
 * behind store/message.h. */
#ifndef DANGOL_MESSAGE_INNER_H
#define DANGOL_MESSAGE_INNER_H

/* Dies where the table of steps has no such step. */
void message_check_step(int64_t id, enum message_state from, enum message_state to);
/* What goes with a step that was written: the tally and what waits. */
void message_moved(struct db *db, const char *rule, const char *channel,
        enum message_state from, enum message_state to);

#endif
