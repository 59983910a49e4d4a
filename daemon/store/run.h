/* Who is in which rule, once per occasion, and where in it; and the rules themselves as
 * the store knows them. */
#ifndef DANGOL_RUN_H
#define DANGOL_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"
#include "store/message.h"

/* ---- rules as rows ---- */
struct rule_row {
	int64_t id, version, since, cursor, sweep_now, sweep_id, sweep_version,
	        removed_at;
	bool active, owner_off, paused;
	int64_t drawn_at, drawn_lot; /* the last draw of `N in all`: its hour (0: none
	                                yet), the highest lot that it took */
	char seed[80]; /* its first name, which draws go by under every later one */
};
bool rule_row_find(struct db *db, const char *name, struct rule_row *out);
/* Makes the row of a new rule (active 0, cursor and since now) or finds it; removed_at is
 * cleared. */
void rule_row_get(struct db *db, const char *name, int64_t now, struct rule_row *out);
/* Takes over name's hash, occasions and limits (was OLDNAME): renames the row; false when
 * there is no such row. */
bool rule_row_rename(struct db *db, const char *from, const char *to);
void rule_row_activate(struct db *db, int64_t id, bool active,
        int64_t now); /* false to true: since and cursor become now */
void rule_row_set_off(struct db *db, int64_t id, bool off);
void rule_row_set_paused(struct db *db, int64_t id, bool paused);
void rule_row_set_cursor(struct db *db, int64_t id, int64_t cursor);
void rule_row_set_sweep(struct db *db, int64_t id, int64_t now, int64_t last_id,
        int64_t version); /* now 0: no sweep under way */
void rule_row_set_drawn(struct db *db, int64_t id, int64_t at, int64_t lot);
void rule_row_set_version(
        struct db *db, int64_t id, int64_t version, bool count_from_now, int64_t now);
void rule_row_remove(struct db *db, int64_t id, int64_t now);
char *rule_row_name(struct db *db, int64_t id); /* returns new or NULL */
/* The version of that text: found by its hash or added. */
int64_t rule_version_get(
        struct db *db, int64_t rule, const char *hash, const char *source, int64_t now);
char *rule_version_source(struct db *db, int64_t version); /* returns new or NULL */
void rule_each(struct db *db,
        void (*fn)(void *arg, const char *name, const struct rule_row *row), void *arg);

/* ---- runs ---- */
struct run {
	int64_t id, rule, customer, version, event;
	int pc;
	int64_t started_at, due_at, step_at, goal_until, goal_at, ended_at;
	bool held_out;
	int planned;
	char occasion[96];
	char reason[32];
};

/* Adds a run as it is given; with due_at 0 it wakes by nothing but who started it, or its
 * message. 0 when that occasion is taken (or the turn is spoilt). */
int64_t run_start(struct db *db, const struct run *run);
/* Records an occasion as spent without a run: missed, already_in, … */
bool run_spend(struct db *db, int64_t rule, int64_t customer, const char *occasion,
        int64_t version, int64_t now, const char *reason);
bool run_taken(struct db *db, int64_t rule, int64_t customer, const char *occasion);
bool run_get(struct db *db, int64_t id, struct run *out);
/* Did another customer with the same phone or e-mail begin this rule on this occasion? */
bool run_address_taken(
        struct db *db, int64_t rule, int64_t customer, const char *occasion);
int64_t run_open(struct db *db, int64_t rule, int64_t customer); /* its id, or 0 */
/* Moves it: next operation, when it wakes (0: when its message says so), when the step
 * began. */
void run_move(struct db *db, int64_t id, int pc, int64_t due_at, int64_t step_at);
/* Those that have ended stay as they are: false. */
bool run_end(struct db *db, int64_t id, const char *reason, int64_t now);
/* Ends it from outside: what waits is dropped for that reason, and the code that it holds
 * goes back. ended: the run's own word for it, or NULL for the reason's. */
void run_cancel(
        struct db *db, int64_t id, enum reason reason, const char *ended, int64_t now);
void run_planned(struct db *db, int64_t id); /* one more message was planned */
/* The message of its step was planned: it stands at pc until that one has left. */
void run_sent(struct db *db, int64_t id, int pc, int64_t now);
void run_goal(struct db *db, int64_t id, int64_t at); /* its goal was met then, first */
/* Due ones, oldest first, at most max; returns how many were filled. */
int run_due(struct db *db, int64_t now, struct run *out, int max);
int64_t run_next_due(struct db *db); /* 0: none */
/* Open runs of a customer; and those ended ones whose goal, met or not, is not over at
 * that instant. */
int run_of_customer(
        struct db *db, int64_t customer, int64_t at, struct run *out, int max);
/* Runs of a rule and customer that count for limits: planned, or held out,
 * begun in [from, to). customer 0: of everybody. */
int64_t run_count(
        struct db *db, int64_t rule, int64_t customer, int64_t from, int64_t to);
/* How many occasions of each rule in [from, to] came to nothing, by the reason. */
void run_each_reason(struct db *db, int64_t from, int64_t to,
        void (*fn)(void *arg, const char *rule, const char *reason, int64_t n),
        void *arg);

#endif
