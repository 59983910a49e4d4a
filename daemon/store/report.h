/* What rules came to: of the runs that began in a span, everything that belongs to them,
 * whenever it happened. Read only; takes long on a big store: for a reader of the pool.
 */
#ifndef DANGOL_REPORT_H
#define DANGOL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

#define REPORT_CHANNELS 8

/* Runs that began while their rule had a goal. met: something that met it stands,
 * whichever run an order is credited to, so that both sides are measured alike. open:
 * its time is not over. */
struct report_side {
	int64_t runs, met, open;
};

struct report_rule {
	char name[128];
	bool removed; /* no longer in the files */
	int64_t runs, held_out;
	struct report_side written, kept; /* not held out, whether a message left or not;
	                                     and held out */
	size_t n_channels;
	struct {
		char name[32];
		int64_t accepted, delivered; /* delivered ones were accepted as well */
	} channels[REPORT_CHANNELS];
	int64_t orders, revenue; /* credited; whole won, paid minus refunded */
	bool priced;  /* one of its messages had a price; else cost says nothing */
	int64_t cost; /* won, of what was handed and is not known to have failed */
	int64_t given, redeemed; /* coupons that were issued, and used at least once */
};

struct report {
	struct report_rule *rules; /* by name */
	size_t n;
};

/* Is there such a rule, in the files or once? */
bool report_knows(struct db *db, const char *rule);
/* Of one rule, or (NULL) of each that is in the files or began a run in [from, to). False
 * when until_mono has passed between two rules, or the store could not be read: *out, to
 * be given back all the same, lacks figures. */
bool report_ask(struct db *db, const char *rule, int64_t from, int64_t to, int64_t now,
        int64_t until_mono, struct report *out);
void report_fini(struct report *report);

double report_rate(const struct report_side *side); /* met of runs; 0 without runs */
/* Would the two sides differ by that much by chance in less than one case of twenty? */
bool report_sure(const struct report_rule *rule);

#endif
