/* The links of one message that are counted: what stands in it is an address of the
 * shop's own public port, which leads on. */
#ifndef DANGOL_TRACKING_H
#define DANGOL_TRACKING_H

#include <stdbool.h>
#include "base/mem.h"
#include "store/message.h"

#define TRACKING_MAX \
	64 /* different links of a message; what comes after goes as it is \
	    */

struct dispatch;

struct tracking {
	const struct dispatch *dispatch;
	struct arena *arena;
	int64_t message;
	int64_t links[TRACKING_MAX];
	int n;
};

/* False where links go as they are: without a public address, to the owner or to a
 * machine, and in an AlimTalk, whose text is approved as it stands. */
bool tracking_begin(struct tracking *tracking, const struct dispatch *dispatch,
        const struct message *message, struct arena *arena);
/* For struct rendering's track. Writes a new address in the turn under way. */
const char *tracking_link(void *tracking, const char *url);

#endif
