/* Clicks: an opened link of a message becomes the event message.clicked, once a message
 * and link, where a person opened it. */
#ifndef DANGOL_ENGINE_CLICK_H
#define DANGOL_ENGINE_CLICK_H

#include "engine/engine.h"
#include "store/click.h"

/* Somebody opened a link just now. Left out: what was opened before the message had left
 * for 10 seconds, and links of tests. Where a message has one link it counts at once,
 * else once it is known that the same client did not open all of them. Writes. */
void click_opened(struct engine *engine, const struct click *click);
/* Counts what waited and was no machine's. Writes. */
void click_judge(struct engine *engine, int64_t now);

#endif
