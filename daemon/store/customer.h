/* Customers: who they are, how they are found, what they carry. Counters of orders,
 * visits and the cart stand in the same row and are kept by order and cart. */
#ifndef DANGOL_CUSTOMER_H
#define DANGOL_CUSTOMER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

/* A profile holds no more: */
#define CUSTOMER_TAGS 100
#define CUSTOMER_ATTRIBUTES 32
#define CUSTOMER_ATTRIBUTES_BYTES 32768

#define CUSTOMER_ALIASES 8 /* told at once */

#define CUSTOMER_OWNER 0 /* the reserved customer: the shop's owner; has no row */

struct customer {
	int64_t id;
	const char *ref, *name, *phone, *email, *gender, *city, *grade,
	        *language;        /* NULL: unknown */
	int birth_year, birth_md; /* 0: unknown */
	bool birth_lunar, birth_leap;
	int friend;             /* 1, 0, -1 not known */
	int64_t joined_at;      /* 0: unknown; so are the other instants */
	const char *attributes; /* a JSON object's text or NULL */
	int64_t orders_count, orders_total, orders_first_at, orders_last_at;
	int64_t cart_count, cart_total, seen_at, created_at;
	bool bulk;
};

/* What somebody tells of a customer. NULL: not told (kept as it is), except with `whole`,
 * a PUT: then absent means cleared. Strings are valid UTF-8, checked and normalised by
 * customer_read. */
struct profile {
	const char *ref, *visitor, *name, *phone, *email, *gender, *city, *grade,
	        *language;
	bool has_birthday, birth_lunar, birth_leap, has_calendar;
	int birth_year, birth_md;
	bool has_friend;
	int friend;
	bool has_joined;
	int64_t joined_at;
	json_t *attributes; /* borrowed: members overwrite, null removes; NULL: not told
	                     */
	json_t *tags;       /* borrowed: the whole list; NULL: not told */
	const char *
	        *aliases; /* ids that other systems have for him: none is taken away */
	size_t n_aliases;
};

struct profile_error {
	char pointer[128]; /* JSON pointer below the object read: "/birthday" */
	char detail[256];  /* in the owner's language */
};

/* Reads a JSON object (an event's "customer", a PUT's body) into a profile; strings live
 * in arena. Masked and null values count as not told. false and *error at the first wrong
 * field; fields that are no profile's are ignored. */
bool customer_read(json_t *object, struct arena *arena, struct profile *out,
        struct profile_error *error);

/* The same for the aliases that an event's customer may have, which customer_read leaves
 * alone: what GET shows of them may come back with a PATCH. */
bool customer_read_aliases(json_t *object, struct arena *arena, struct profile *out,
        struct profile_error *error);

enum customer_found {
	CUSTOMER_NONE = 0,
	CUSTOMER_FOUND = 1,
	CUSTOMER_CREATED = 2,
	CUSTOMER_SHARED = 4
};
/* Others with the same phone or e-mail who were seen later, up to max. */
int customer_seen_later(struct db *db, int64_t id, int64_t *ids, int max);
/* Has anybody else the same phone number (mail: the same e-mail address)? */
bool customer_shares(struct db *db, int64_t id, bool mail);
/* Whom a phone number, E.164, finds: the one seen last who has it; 0: nobody. */
int64_t customer_of_phone(struct db *db, const char *phone);
/* Whom a profile names, its visitor apart: by ref, else alias, else a phone or an e-mail
 * address that nobody else has; 0: nobody, or one of several. */
int64_t customer_named(struct db *db, const struct profile *profile);
/* Finds the customer of a profile by ref, else alias, else visitor, else phone, else
 * e-mail (interface.md "Identity of a customer"); makes one where there is none and the
 * profile names anybody; overwrites what the profile tells, and gives him the aliases
 * that nobody has (store/claim.h). A visitor whom it tells of is his from now on, and of
 * nobody else who was named. *id is 0 when it names nobody. Returns flags. seen_at moves
 * to now. */
int customer_upsert(
        struct db *db, const struct profile *profile, int64_t now, int64_t *id);
/* The same for who keeps what was before: before is called once, and before anything of a
 * customer who is known already is changed (seen_at apart). */
struct customer_watch {
	void (*before)(void *arg, int64_t id);
	void *arg;
};
int customer_upsert_watched(struct db *db, const struct profile *profile, int64_t now,
        const struct customer_watch *watch, int64_t *id);
/* Replaces a whole profile (PUT); consents, counters and tags not told stay. */
void customer_replace(
        struct db *db, int64_t id, const struct profile *profile, int64_t now);

int64_t customer_find(
        struct db *db, const char *ref); /* 0: nobody; ids of erased ones are free */
bool customer_get(struct db *db, int64_t id, struct arena *arena, struct customer *out);
json_t *customer_json(struct db *db, int64_t id,
        struct zone *zone); /* the shape of interface.md; new, or NULL */
/* {"customers":[…],"next":…}: by id upwards, after is a cursor or 0. */
json_t *customer_list(struct db *db, int64_t after, int limit, struct zone *zone);

void customer_tag(struct db *db, int64_t id, const char *tag);
void customer_untag(struct db *db, int64_t id, const char *tag);
void customer_visit(struct db *db, int64_t id, int64_t time);
void customer_leave(struct db *db, int64_t id, int64_t time);

/* Everybody who has that phone or that e-mail address (the other NULL), by id, at most
 * max. */
int customer_holding(
        struct db *db, const char *phone, const char *email, int64_t *ids, int max);
/* Erases for good, at once: the row, tags, consents, cart; events and messages lose
 * person and text, orders their link; open runs end `erased`, what waits is dropped.
 * Addresses that had opted out stay suppressed. False: nobody there. store/erase.h has
 * the same in steps. */
bool customer_erase(struct db *db, int64_t id, int64_t now);

#endif
