/* A shop system's webhook: who may say so, and what it says in our events. One file for
 * each system; api_hooks.c takes their calls. Nothing here writes to the store. */
#ifndef DANGOL_HOOK_H
#define DANGOL_HOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"
#include "base/secret.h"

#define HOOK_EVENTS_MAX 1000 /* of one call */

struct hook_kind;

/* A block of dangol.conf: hook NAME { … }. */
struct hook_config {
	const char *name;
	const struct hook_kind *kind;
	struct secret secret, old_secret; /* data NULL: none */
	const char *secret_name;          /* the credential's, or NULL */
	const char *url;     /* the address that the system was given, or NULL */
	const char *wording; /* what its customers agreed to there, or NULL */
};

/* A POST as it came. */
struct hook_call {
	const struct hook_config *config;
	/* The value of a header, lower case; NULL: none. */
	const char *(*header)(const struct hook_call *call, const char *name);
	const void *head; /* header's */
	const char *body; /* raw, as it was signed */
	size_t len;
	json_t *json;  /* the body, from read on: an object or an array */
	int64_t now;   /* the machine's clock, ms: signatures stay on it */
	bool stranger; /* it came over the public port */
	struct arena *arena;
	json_t *events;  /* what read makes of it, in the shape of POST /v1/events */
	int64_t ignored; /* what of it means nothing to us */
};

enum hook_verdict {
	HOOK_GOOD,
	HOOK_FORGED,    /* 401 */
	HOOK_DENIED,    /* 403: the key is not ours (Cafe24 asks for that number) */
	HOOK_MALFORMED, /* 400: a header of the signature is no such thing */
	HOOK_UNSIGNED   /* 401 to a stranger: this system signs nothing here */
};

struct hook_kind {
	const char *name;
	enum hook_verdict (*verify)(const struct hook_call *call);
	/* Appends the events to call->events; what it does not know it counts. */
	void (*read)(struct hook_call *call);
	bool unsigned_bodies; /* may stand without a secret: what it posts is unsigned */
	bool needs_url;       /* the address is part of what is signed */
};
/* NULL: there is no such system. */
const struct hook_kind *hook_find(const char *name);
const char *hook_names(void); /* with ", " between; static */

/* ---- for the systems' files: signatures ---- */

/* Is said, base64 or hex, the HMAC-SHA256 of prefix and body by a secret of the block? */
bool hook_hmac_base64(const struct hook_call *call, const char *prefix, const char *said);
bool hook_hmac_hex(const struct hook_call *call, const char *prefix, const char *said);
/* Is said a secret of the block itself? */
bool hook_key(const struct hook_call *call, const char *said);
/* Standard Webhooks 1.0.0, 5 minutes in both directions. */
enum hook_verdict hook_standard(const struct hook_call *call);

/* ---- for the systems' files: what they say ---- */

/* What a JSON pointer (RFC 6901) leads to; NULL: nothing, or null. "": json itself. */
json_t *hook_at(json_t *json, const char *pointer);
/* The text or the number there as text, in the call's arena; NULL: none, or empty. */
const char *hook_text(const struct hook_call *call, json_t *json, const char *pointer);
/* Whole won: a number or a text ("38500", "41500.00"). */
bool hook_won(json_t *json, const char *pointer, int64_t *won);
/* A time with its zone as it stands; one without by zone ("Z", "+09:00"), NULL: as none.
 * In the call's arena, or NULL. */
const char *hook_time(const struct hook_call *call, json_t *json, const char *pointer,
        const char *zone);

/* One more event, with an empty data; id: the system's own name of what happened, so that
 * it is known again. Borrowed; NULL when there are too many. */
json_t *hook_event(struct hook_call *call, const char *type, const char *time,
        const char *id, ...) __attribute__((format(printf, 4, 5)));
/* Its data. Borrowed. */
json_t *hook_data(json_t *event);
/* Sets a member where the pointer leads to something that is not empty. */
void hook_copy(json_t *to, const char *name, json_t *from, const char *pointer);
void hook_say(json_t *to, const char *name, const char *text); /* NULL: nothing */
/* The event's customer, as that system knows him (id NULL: does not). Borrowed. */
json_t *hook_customer(struct hook_call *call, json_t *event, const char *id);
/* An item of the data's items. Borrowed. */
json_t *hook_item(json_t *event);
/* Nothing of this call (or of a part of it) is known to us. */
void hook_ignore(struct hook_call *call);
/* The system says of the event's customer that he agreed to advertisements by a medium,
 * or that he does not. With the block's wording that is a consent, and one to the use of
 * data; without, an attribute NAME_MEDIUM of the customer. Not said is neither. */
void hook_agreed(
        struct hook_call *call, const json_t *event, const char *medium, bool agreed);

extern const struct hook_kind hook_shopify, hook_woocommerce, hook_standard_kind;

#endif
