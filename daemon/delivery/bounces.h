/* Returned mails: the mailbox that they come to, read every five minutes by a child of
 * its own, and what follows from them. Source: RFC 3464. */
#ifndef DANGOL_BOUNCES_H
#define DANGOL_BOUNCES_H

#include <jansson.h>
#include <stdint.h>

struct bounces;
struct dispatch;
/* Of the first channel that names a mailbox; NULL: none does. The others take NULL. */
struct bounces *bounces_new(struct dispatch *dispatch);
/* In a turn: writes down what was read, and begins to read when it is time. Returns when
 * it is to be called next; 0: it says so itself. */
int64_t bounces_run(struct bounces *bounces, int64_t now);
/* {"read","ours","ignored","last","error"}: since the store was made; last null: never.
 * Returns new, null without a mailbox. */
json_t *bounces_status(const struct bounces *bounces);
/* One sentence about what is wrong, or NULL. */
const char *bounces_why(struct bounces *bounces);
void bounces_free(struct bounces *bounces, void (*freed)(struct dispatch *dispatch),
        struct dispatch *dispatch);

#endif
