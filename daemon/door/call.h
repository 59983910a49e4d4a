/* One call of the API under way: what came in, and the ways to answer it. An answer that
 * speaks of the store leaves after the turn's commit; when the turn is undone the caller
 * hears 507 or 503 instead. */
#ifndef DANGOL_CALL_H
#define DANGOL_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "door/logbook.h"
#include "door/server.h"
#include "store/db.h"
#include "store/customer.h"

struct api;

struct call {
	struct api *api;
	struct db *db;
	struct exchange *ex;
	const struct http_request *request;
	const char *args[2];     /* the path's variables, decoded; in arena */
	struct logbook *logbook; /* what is read goes there */
	struct peer peer;        /* for the access log */
	const char *who;         /* "socket", "http" or "public": his door */
	int64_t now;
	struct arena *arena; /* emptied when the handler returns */
};

/* Each of these answers, exactly once a call. */
void call_json(const struct call *call, int status,
        json_t *json); /* takes json; from 400 on it is a problem */
void call_static(const struct call *call, int status, const char *json); /* a literal */
void call_text(const struct call *call, int status, const char *type,
        struct buf *text); /* empties text */
/* The same with header lines, CRLF each; failed (may be NULL, emptied) is what is said
 * with 507 or 503 when the turn is undone, in place of a problem. */
void call_text_with(const struct call *call, int status, const char *type,
        const char *extra, struct buf *text, struct buf *failed);
/* pointer: the JSON pointer of what is wrong in the body, or NULL. */
void call_problem(const struct call *call, int status, const char *pointer,
        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
json_t *call_problem_json(int status, json_t *more, const char *pointer,
        const char *detail); /* takes more; new */
/* The same with header lines (CRLF each) and further members; extra may be NULL; takes
 * more (or NULL). */
void call_refuse(const struct call *call, int status, const char *extra, json_t *more,
        const char *pointer, const char *detail);
bool call_stranger(const struct call *call); /* it came over the public port */
/* The owner hears why; a stranger hears the number alone. */
void call_deny(const struct call *call, int status, const char *detail);
void call_store_failed(
        struct exchange *ex, enum db_status status); /* 507 or 503, with Retry-After */

/* The body as a JSON object, new; NULL after the refusal was answered. empty_ok: no body
 * is {}. */
json_t *call_object(const struct call *call, bool empty_ok);
/* An integer of the query; false after the refusal was answered. Absent: *out stays. */
bool call_query_int(const struct call *call, const char *name, int64_t least,
        int64_t most, int64_t *out);
bool call_query_bool(
        const struct call *call, const char *name); /* present, and not 0, no or false */
bool call_limit(
        const struct call *call, int *limit); /* limit=, 100 when absent, at most 1000 */
/* Into the access log: what the call changed, in the turn that changes it. Target and
 * detail are ids and counts, never personal data. */
void call_audit(const struct call *call, const char *what, const char *target,
        const char *detail);
/* What the call is about to show: of whom (an id, or NULL where it is many), and how many
 * people or rows; 0: not said. Comes before the answer. */
void call_read(const struct call *call, const char *what, const char *target,
        const char *detail, int64_t n);

/* Idempotency-Key. call_again: true when the call was answered (the answer given before,
 * or a refusal); body may be NULL. Else *hash says under what call_keep files the answer;
 * "" without a key. */
bool call_again(const struct call *call, json_t *body, char hash[65]);
void call_keep(const struct call *call, const char hash[65], int status,
        json_t *answer); /* borrows answer */

/* A list of them by page: how many rows it has, and from which cursor on. */
void call_read_list(const struct call *call, const char *what, const char *target,
        json_t *list, const char *name, int64_t after);

/* The customer of the path's first variable; 0 after 404 was answered. */
int64_t call_customer(const struct call *call);
/* Members of a body. False after 422 was answered. */
bool call_member_text(const struct call *call, json_t *body, const char *name,
        bool required, const char **out);
bool call_member_money(
        const struct call *call, json_t *body, const char *name, bool *has, int64_t *won);
bool call_member_bool(const struct call *call, json_t *body, const char *name, bool *out);

/* Whole won as JSON tells it: an integer, a real without a fraction, or text in any
 * spelling. */
bool json_won(json_t *value, int64_t *won);

#endif
