/* A POST of a provider's delivery reports, from the bytes to the messages: read by
 * whichever channel vouches for it, kept as values, and settled one by one. */
#ifndef DANGOL_DELIVERY_REPORT_H
#define DANGOL_DELIVERY_REPORT_H

#include "delivery/receipts.h"
#include "engine/engine.h"
#include "store/receipt.h"

#define REPORT_MAX 10000 /* reports in one body */

struct report_item {
	struct receipt receipt; /* unless: */
	const char *refuses; /* an address that takes no advertisement any more; NULL */
};
struct report {
	struct arena *arena;
	const char *provider; /* its own copy */
	struct report_item *items;
	size_t n;
	bool too_many; /* more than REPORT_MAX: the rest was not read */
};

/* Can that provider report at all? */
bool report_possible(const char *provider);
/* Tries the channels (and those that stand in for them) of that provider, one after the
 * other, until one takes the call; config and now are filled in here. False: no channel
 * has that provider, or it never reports. *end and *report are written otherwise; the
 * caller frees what was taken. time: the engine's instant. */
bool report_read(const char *provider, const struct channel_config *channels, size_t n,
        struct receipts_call *call, int64_t time, enum receipts_end *end,
        struct report *report);
/* In the turn under way. Returns whether the message was known; a refusal is. */
enum receipt_end report_settle(
        struct engine *engine, const struct report_item *item, int64_t now);
void report_free(struct report *report);
/* What a provider's code means, in the owner's language; NULL: not known. */
const char *report_meaning(const char *provider, const char *code);

#endif
