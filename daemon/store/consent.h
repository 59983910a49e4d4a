/* Consent: an append-only history and what holds now. Absence is no. */
#ifndef DANGOL_CONSENT_H
#define DANGOL_CONSENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

/* The channel of a guardian's consent, for who is under 14 (Personal Information
 * Protection Act, Article 22-2). */
#define CONSENT_GUARDIAN "guardian"

struct consent_change {
	int64_t customer;
	const char *channel; /* sms kakao email push data, or CONSENT_GUARDIAN */
	const char *purpose; /* ad night */
	bool given;
	int64_t time;    /* when the customer said so */
	const char *how; /* one of consent_how_known, or NULL: not told */
	const char *source, *wording, *operator; /* or NULL */
	const char
	        *version; /* of the wording; NULL: the wording's own digest stands in */
	int64_t event;    /* 0: none */
	bool told; /* whoever recorded it first told the customer its result: no notice */
};

bool consent_channel_known(const char *channel);
bool consent_purpose_known(const char *purpose);
/* How somebody said so: pos, web, paper, phone, import, reply, provider, owner. */
bool consent_how_known(const char *how);
/* Writes the history; changes what holds only when nothing newer is known (a consent
 * older than a withdrawal never wins; of two with the same time the withdrawal wins).
 * True when what holds changed. An import (never_over_withdrawal) does not lift a
 * withdrawal at all. */
bool consent_record(struct db *db, const struct consent_change *change, int64_t now,
        bool never_over_withdrawal);
/* The same; *log is the row that it added to the history, 0: none. */
bool consent_record_as(struct db *db, const struct consent_change *change, int64_t now,
        bool never_over_withdrawal, int64_t *log);
/* What is on record: 1 given, 0 taken back, -1 nothing; *time is when it was said. */
int consent_now(struct db *db, int64_t customer, const char *channel, const char *purpose,
        int64_t *time);
/* Undoing an import: what it made hold goes back to what held before, or (held false) to
 * nothing; a row of the history says so. Nobody is told, as nobody said anything. The
 * caller knows that no withdrawal holds now. */
void consent_put_back(
        struct db *db, const struct consent_change *before, bool held, int64_t now);
/* How many rows a customer's history has. */
int64_t consent_rows(struct db *db, int64_t customer);
bool consent_given(
        struct db *db, int64_t customer, const char *channel, const char *purpose);
/* Whether the customer took back this consent (so that it is not merely absent). */
bool consent_withdrawn(
        struct db *db, int64_t customer, const char *channel, const char *purpose);
/* Whether advertisements were refused by any medium, or the use of data for them. */
bool consent_refused(struct db *db, int64_t customer);
/* For `told` of what another system kept before: it is taken for told by that one where
 * it was said over 14 days ago or has no time of its own (timed), and a no where there
 * was no yes is no change. A cautious reading; the manual says so. */
bool consent_told_before(
        struct db *db, const struct consent_change *change, bool timed, int64_t now);
/* When what holds now was said; 0: nothing was. */
int64_t consent_since(
        struct db *db, int64_t customer, const char *channel, const char *purpose);
json_t *consent_json(struct db *db,
        int64_t customer); /* {"sms":{"ad":true,"night":false},…} returns new */
json_t *consent_history(struct db *db, int64_t customer,
        struct zone *zone); /* oldest first, returns new */

#endif
