/* A `forward` block of dangol.conf, and what of an event goes to its server. */
#ifndef DANGOL_FORWARD_H
#define DANGOL_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "base/secret.h"
#include "store/db.h"

#define FORWARD_KEEP_MS (7 * INT64_C(86400000)) /* when dangol.conf does not say */

/* Strings live as long as the configuration. */
struct forward_config {
	const char *name, *url;
	const char *secret_name; /* its credential's */
	struct secret secret;
	const char **events; /* types, "cart.*" for all that begin with it, "*" for all */
	size_t n_events;
	int64_t keep_ms;    /* how long an event is tried */
	bool with_customer; /* his name, phone and e-mail as well */
};

/* Is that type among them? Never the daemon's own, inner ones. */
bool forward_wants(const char *const *events, size_t n, const char *type);
/* Do forwards ask for what the daemon tells of messages? */
bool forward_wants_messages(const struct forward_config *forwards, size_t n);

/* What is posted of an event, as JSON: {"type","timestamp","data":{"id","source",
 * "customer","data"}}. Of the customer his id; of the data, what is a person's by its
 * name or its looks is null. with_customer: his name, phone and e-mail address, and the
 * data whole. False when the event or its customer is not there (any more). */
bool forward_body(struct db *db, struct zone *zone, int64_t event, bool with_customer,
        struct buf *out);

#endif
