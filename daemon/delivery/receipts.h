/* Delivery reports that a provider posts to us: who may say so, and what they say. */
#ifndef DANGOL_RECEIPTS_H
#define DANGOL_RECEIPTS_H

#include <stddef.h>
#include "delivery/channel.h"

/* A POST as it came. */
struct receipts_call {
	const struct channel_config *config;
	const char *url; /* the public address that it was posted to, whole */
	/* The value of a header, any case; NULL: none. */
	const char *(*header)(const struct receipts_call *call, const char *name);
	const void *head; /* header's */
	const char *body;
	size_t len;
	int64_t now; /* the machine's clock, ms: signatures stay on it */
};
/* One report. Texts live until the reader returns. */
struct receipts_item {
	const char *key;         /* our name of the message; or NULL */
	const char *provider_id; /* the provider's; or NULL */
	const char *ref;         /* the request's, where to tells which of it; or NULL */
	const char *to;          /* the number; or NULL */
	enum news_kind kind;
	const char *code, *detail; /* or NULL */
	bool refusal; /* of no message: to refuses advertisements from now on */
};
enum receipts_end {
	RECEIPTS_TAKEN,      /* 200 */
	RECEIPTS_FORGED,     /* 401: the signature or the secret is not right */
	RECEIPTS_UNREADABLE, /* 400 */
};
/* Verifies first, then calls item for each report. Pure but for that. */
typedef enum receipts_end receipts_reader(const struct receipts_call *call,
        void (*item)(void *arg, const struct receipts_item *item), void *arg);

#endif
