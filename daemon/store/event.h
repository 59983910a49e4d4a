/* Events as they were told, once each by (source, id). */
#ifndef DANGOL_EVENT_H
#define DANGOL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"
#include "store/sealed_json.h"

enum event_flag {
	EVENT_HISTORY = 1, /* must not trigger */
	EVENT_SHARED = 2,  /* its phone belongs to several */
	EVENT_FUTURE = 4,  /* its time was ahead and is the arrival's */
	EVENT_BULK = 8,    /* of a customer with over 500 events that day */
	EVENT_ERASED = 16, /* its customer was erased; it says nothing any more */
};

struct event {
	int64_t id; /* 0 before it is stored */
	const char *source, *eid, *type;
	int64_t customer; /* 0: none */
	int64_t time, arrived;
	int flags;
	bool has_total;
	int64_t total;
	const char *sku, *category, *order; /* or NULL */
	const char *data;                   /* the data object's text, NULL when empty */
};

/* Stores it and sets event->id; false when (source, eid) was there already (or the turn
 * is spoilt: db_status). */
bool event_insert(struct db *db, struct event *event);
bool event_seen(struct db *db, const char *source, const char *eid);
/* Counters for status: accepted, duplicate, rejected. */
void event_count(struct db *db, const char *counter, int64_t n);
int64_t event_counted(struct db *db, const char *counter);
/* The earliest instant of an event of that type after `after`; 0 when none. Served by
 * event_type. */
int64_t event_next_time(struct db *db, const char *type, int64_t after);

bool event_get(struct db *db, int64_t id, struct arena *arena, struct event *out);
/* The first event of a type that happened to a customer at or after since, with an id
 * above after. */
bool event_next(struct db *db, int64_t customer, const char *type, int64_t since,
        int64_t after, struct arena *arena, struct event *out);
/* The last one by its time. */
bool event_last(struct db *db, int64_t customer, const char *type, struct arena *arena,
        struct event *out);
/* The how many-th of its type the event is among its customer's, as they came, from 1. */
int64_t event_ordinal(struct db *db, int64_t customer, const char *type, int64_t id);
/* Calls fn with each of them, borrowed for the call. */
void event_each(struct db *db, int64_t customer, const char *type,
        void (*fn)(void *arg, const struct event *event), void *arg);

/* Is a type one of the standard ones, with what fields it must have? NULL for a custom
 * one. */
struct event_field {
	const char *name;
	char type; /* s text, n integer, m money, i items array, t time, b yes or no */
	bool required;
};
struct event_type {
	const char *name, *korean;
	struct event_field fields[10]; /* ends with a NULL name */
};
extern const struct event_type event_types[]; /* ends with a NULL name */
const struct event_type *event_type_find(
        const char *name); /* by either spelling, or NULL */
/* What a member of an event's data is by its name, for sealed_json_close: a standard
 * field but for what somebody typed, and the name of goods, are the shop's own. */
struct event_kind {
	const char *name;
	const struct event_type *type; /* NULL: a custom one */
};
enum sealed_member event_member(const void *kind, const char *field, size_t len);
bool event_field_is_own(const struct event_type *type, const char *field, size_t len);
/* Whether it is a person's by its name: sealed, and no rule may compare it. */
bool event_field_personal(const char *type, const char *field);
bool event_type_wellformed(const char *name); /* lower-case dotted, at most 64 bytes */

#endif
