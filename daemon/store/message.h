/* Messages: planned, held, claimed, handed, and what became of them. One function changes
 * a state, and dies on an impossible step. A state's words are interface.md's and are
 * never blurred. */
#ifndef DANGOL_MESSAGE_H
#define DANGOL_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

enum message_state {
	MESSAGE_PLANNED,
	MESSAGE_HELD,
	MESSAGE_CLAIMED,
	MESSAGE_HANDED,
	MESSAGE_ACCEPTED,
	MESSAGE_DELIVERED,
	MESSAGE_FAILED,
	MESSAGE_EXPIRED,
	MESSAGE_DROPPED,
	MESSAGE_UNKNOWN
};
#define MESSAGE_STATES 10

enum reason {
	REASON_NONE,
	REASON_NO_CONSENT,
	REASON_NO_MARKETING_CONSENT,
	REASON_OPTED_OUT,
	REASON_NO_ADDRESS,
	REASON_NOT_FRIEND,
	REASON_UNDER_AGE,
	REASON_QUIET_HOURS,
	REASON_LAW_HOURS,
	REASON_PROVIDER_WINDOW,
	REASON_SHOP_CLOSED,
	REASON_CAP,
	REASON_BUDGET,
	REASON_HOLDOUT,
	REASON_GOAL_MET,
	REASON_NO_LONGER,
	REASON_LATE,
	REASON_MISSED,
	REASON_RULE_OFF,
	REASON_RULE_PAUSED,
	REASON_ALREADY_IN,
	REASON_OFFER_EXPIRED,
	REASON_NO_COUPON,
	REASON_NO_TEMPLATE,
	REASON_TOO_LONG,
	REASON_BAD_CONTENT,
	REASON_DUPLICATE_ADDRESS,
	REASON_BLAST_GUARD,
	REASON_CUSTOMER_LEFT,
	REASON_MERGED,
	REASON_ERASED,
	REASON_REFUSED_BY_PROVIDER,
	REASON_SENDER_UNREGISTERED
};
#define REASONS 33

const char *message_state_name(enum message_state state); /* "planned" … */
int message_state_parse(const char *name);                /* the state, or -1 */
const char *reason_name(enum reason reason); /* "no_consent" …; "" for none */
enum reason reason_parse(const char *name);  /* REASON_NONE when unknown */
const char *reason_text(enum reason reason); /* a sentence in the owner's language */

enum message_flag {
	MESSAGE_BY_DAY = 1,         /* information that keeps to the day as well */
	MESSAGE_RESEND_UNKNOWN = 2, /* its rule says `resend unknown` */
	MESSAGE_OWNER_HELD = 4,     /* the owner held it by hand */
	MESSAGE_RESENT = 8,         /* that one more time has been used */
	MESSAGE_LAST_LEG = 16,
	MESSAGE_ALONE =
	        64,        /* a request that held others too was refused: it goes alone */
	MESSAGE_TEST = 32, /* the owner's look at a template: to an address of his, of
	                      nobody's history; whom it shows is its run's customer */
};

struct message {
	int64_t id, run;
	int step, leg;
	const char *rule; /* the name */
	int64_t customer; /* CUSTOMER_OWNER: the owner */
	const char *channel, *template, *purpose, *provider, *provider_id, *address,
	        *coupon, *text, *data;
	enum message_state state;
	enum reason reason;
	int flags;
	int64_t bundle; /* the request that carried it last; 0: none */
	int links;      /* different ones in it that are counted */
	int64_t planned_at, due_at, expires_at, held_at, handed_at, sent_at, ended_at;
	int tries;
};

/* Plans one; 0 when (run, step, leg) exists. due_at is when it may be looked at first,
 * expires_at when it is too late (0: never). address is a test's, else NULL.
 * message->id is ignored. */
int64_t message_plan(struct db *db, const struct message *message);
bool message_get(struct db *db, int64_t id, struct arena *arena, struct message *out);
const char *message_text(struct db *db, int64_t id,
        struct arena *arena); /* what was read, or NULL; message_get leaves it out */
/* "1a2b3c4d-17": unique across stores; what providers, sinks and files see. out of at
 * least 32 bytes. */
char *message_key(struct db *db, int64_t id, char *out);
int64_t message_parse_key(
        struct db *db, const char *key); /* also a bare number; 0 when not ours */

/* The one function that changes a state: planned -> held | claimed | dropped | expired |
 * failed; held -> held (another reason or time) | planned | claimed | dropped | expired |
 * failed; planned -> planned (another time); claimed -> planned | handed; handed ->
 * accepted | failed | unknown | planned (explicitly not taken); unknown -> accepted |
 * delivered | failed | planned (proven absent) | dropped; accepted -> delivered | failed;
 * failed | dropped | expired -> planned (the owner's retry). Keeps tally, handed_at,
 * sent_at, ended_at; due_at becomes due_at where the message waits (planned, held,
 * unknown), NULL elsewhere. Dies on any other step. */
void message_set_state(struct db *db, int64_t id, enum message_state to,
        enum reason reason, int64_t due_at, int64_t now);
/* The two steps that every message takes, each in one write. From planned or held through
 * claimed to handed, with what leaves; and accepted with its attempt (provider_id NULL:
 * none told). m is as message_get gave it in this turn. What is handed is paid for until
 * it is told that it failed, or that it was not taken. */
struct message_leaving {
	const char *address, *text; /* text NULL: what is read is not kept */
	const char *provider, *coupon;
	int64_t bundle; /* the request that carries it; 0: it goes by itself */
	int links;      /* different ones in it that are counted */
	bool priced;    /* somebody said what it costs: won */
	int64_t won;
	const char *by; /* the channel that it leaves by */
	int32_t day;    /* the shop's */
};
void message_hand(struct db *db, const struct message *m,
        const struct message_leaving *leaving, int64_t now);
void message_accept(struct db *db, const struct message *m, const char *provider_id,
        int64_t due_at, int64_t now); /* due_at: without a receipt then, the next leg */
/* Both at once, where nothing lies between: in a simulation. */
void message_record(struct db *db, const struct message *m,
        const struct message_leaving *leaving, int64_t due_at, int64_t now);
/* Accepted ones whose receipt should have come by now, up to max; and when the next one's
 * should, 0: of none. */
int message_overdue(struct db *db, int64_t now, int64_t *ids, int max);
int64_t message_next_overdue(struct db *db);
void message_extend(struct db *db, int64_t id,
        int64_t expires_at); /* the owner's retry gives it time again */
void message_set_due(struct db *db, int64_t id,
        int64_t due_at); /* of a waiting or unknown one; 0: never by itself */
void message_set_provider_id(struct db *db, int64_t id, const char *provider_id);
/* A message of another request has that name at m's provider. */
bool message_other_has(struct db *db, const struct message *m, const char *provider_id);
void message_set_flags(struct db *db, int64_t id, int flags);
void message_attempt(struct db *db, int64_t id, int64_t now, const char *result,
        const char *code, const char *detail);

/* Waiting messages of a channel that may be looked at now, oldest due first; ids only. */
int message_due(struct db *db, const char *channel, int64_t now, int64_t *ids, int max);
int64_t message_next_due(struct db *db, const char *channel); /* 0: none */
int64_t message_waiting(
        struct db *db, const char *channel); /* planned and held, for status */
/* Drops everything of a run that was not claimed yet, and its place with the blast guard;
 * returns how many messages. */
int64_t message_drop_run(struct db *db, int64_t run, enum reason reason, int64_t now);
/* At start-up: claimed ones go back to planned, handed ones without an answer become
 * unknown. */
void message_recover(struct db *db, int64_t now, int64_t *back, int64_t *unknown);
/* Advertisements handed to a customer in [from, to): what caps count. */
int64_t message_ads(struct db *db, int64_t customer, int64_t from, int64_t to);
/* When the oldest of those in [from, to) was handed; 0: none. */
int64_t message_ad_first(struct db *db, int64_t customer, int64_t from, int64_t to);

/* Lets go of the indexes that lists alone are served by: in a private copy nobody lists,
 * and each message is spared their upkeep. */
void message_unlist(struct db *db);

json_t *message_json(struct db *db, int64_t id,
        struct zone *zone); /* interface.md's shape with attempts; or NULL */
struct message_filter {
	int64_t customer; /* -1: any */
	const char *rule; /* NULL: any */
	int state;        /* -1: any */
	int64_t before;   /* cursor: ids below it; 0: from the newest */
	int limit;
};
/* {"messages":[…],"next":…}, newest first. Returns new. */
json_t *message_list(
        struct db *db, const struct message_filter *filter, struct zone *zone);
/* Every message whose time (sent, else ended, held or planned) lies in [from, to], in
 * order of it. customer is the shop's id or NULL. */
void message_each(struct db *db, int64_t from, int64_t to,
        void (*fn)(void *arg, const struct message *message, int64_t time,
                const char *customer),
        void *arg);
/* As much of each of those as it takes to count them, in the order of planning; of legs
 * that came to nothing the last one alone. */
void message_each_state(struct db *db, int64_t from, int64_t to,
        void (*fn)(void *arg, const char *rule, enum message_state state,
                enum reason reason, int64_t time),
        void *arg);
/* Those messages one by one, in order of customer, rule, occasion, step and leg, which is
 * the same in two copies of one store. Texts live until the next one is asked for;
 * customer is "" for the owner. The walk ends with the last one, or with stmt_done. */
struct message_place {
	int64_t id, time;
	const char *customer, *rule, *occasion;
	int64_t step, leg;
};
struct stmt *message_walk(struct db *db, int64_t from, int64_t to);
bool message_walk_next(struct stmt *walk, struct message_place *out);
json_t *message_totals(
        struct db *db); /* {STATE: count} over all rules, from the tally. Returns new */

#endif
