/* What the law makes the shop tell its customers of their consents: the ledger of the
 * statutory notices. A row for each change of consent whose result is owed, and for each
 * consent whose two-year confirmation is; several rows may be told by one message. */
#ifndef DANGOL_DUTY_H
#define DANGOL_DUTY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

#define DUTY_RESULT "result"
#define DUTY_CONFIRM "confirm"
/* The rules that tell them. */
#define DUTY_RESULT_RULE "consent-result"
#define DUTY_CONFIRM_RULE "consent-confirm"

struct duty {
	int64_t id, customer;
	const char *channel, *purpose; /* as consents name them */
	bool given;
	int64_t said_at; /* when the customer said so */
	int64_t by;      /* the end of its term */
};

/* A change of what holds, recorded in row log of the history, is owed its result. */
void duty_owe_result(struct db *db, const struct duty *duty, int64_t log, int64_t now);
/* The consent was taken back: nobody asks to confirm it any more. */
void duty_take_back(struct db *db, int64_t customer, const char *channel, int64_t now);
/* What was given there was put back by undoing an import: its result, where nobody has
 * begun to tell it, is owed no more. */
void duty_forget_result(struct db *db, int64_t customer, const char *channel,
        const char *purpose, int64_t now);

/* When the oldest result that nothing was done about became known; 0: there is none. */
int64_t duty_oldest(struct db *db);
/* Its customer, where that was at or before until; 0: nobody. */
int64_t duty_next_customer(struct db *db, int64_t until);
/* What one is owed and was not planned, in the order of recording; at most max. */
int duty_results(
        struct db *db, int64_t customer, struct arena *arena, struct duty *out, int max);
/* Those up to the last of them are begun by that event. */
void duty_results_begin(
        struct db *db, int64_t customer, int64_t last, int64_t event, int64_t now);

/* When the next confirmation is to be told; 0: never. */
int64_t duty_next_confirm(struct db *db);
/* One that is due at now; false: none is. */
bool duty_confirm_due(struct db *db, int64_t now, struct arena *arena, struct duty *out);
/* Written down as begun by that event; the next one is two years later. */
void duty_confirm_begin(
        struct db *db, const struct duty *duty, int64_t event, int64_t now);

/* Is what that event tells of still owed? */
bool duty_stands(struct db *db, int64_t event);
/* The shop is under no such law: what was not begun is owed no more. At most 256 rows;
 * true: there may be more. */
bool duty_forgo(struct db *db, int64_t now);

/* What was begun and could not be told and whose term ended over 30 days ago is looked at
 * no more. At most 256 rows; true: there may be more. */
bool duty_give_up(struct db *db, int64_t now);

struct duty_counts {
	int64_t due, late, told; /* late: those of due whose alarm has come; told: in 30
	                            days */
	int64_t soonest;         /* of the late ones, the earliest end of a term; 0 */
};
void duty_count(struct db *db, int64_t now, struct duty_counts *out);
/* The earliest alarm of what is not told and whose term ended no more than a week
 * before now; 0: none. */
int64_t duty_next_alarm(struct db *db, int64_t now);
/* Why the late ones are: "no_address 2, waits 1"; of 1,000 and more the first are asked,
 * in per cent. Returns new. */
char *duty_why_late(struct db *db, int64_t now);
/* {"notices":[…],"next":cursor|null}, the newest first; late: those whose alarm has come
 * and that are not told. Returns new. */
json_t *duty_list(struct db *db, bool late, int64_t before, int limit, struct zone *zone,
        int64_t now);

#endif
