/* Links of messages that were opened by somebody of whom it is not known yet whether it
 * was a machine. The rows go when that is known, and with their message. */
#ifndef DANGOL_CLICK_H
#define DANGOL_CLICK_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

#define CLICK_CLIENT 8        /* bytes of a digest: it names nobody */
#define CLICK_WINDOW_MS 10000 /* who opens all links in that time reads none of them */
#define CLICK_MESSAGE_MAX 256 /* rows of one message */

struct click {
	int64_t message, link;
	uint8_t client[CLICK_CLIENT];
	int64_t at;
};

/* The first opening of that link by that client counts. One too many is left out. */
void click_keep(struct db *db, const struct click *click);
/* Messages and clients of whom some row's window is over at now, up to max. */
int click_due(struct db *db, int64_t now, struct click *out, int max);
/* What one client opened of one message, and whether that was all of it at once. */
bool click_was_machine(struct db *db, const struct click *of, int links);
/* Takes out those whose window is over (all: everything of theirs), and tells of them:
 * fills out, returns how many. */
int click_take(struct db *db, const struct click *of, int64_t now, bool all,
        struct click *out, int max);

#endif
