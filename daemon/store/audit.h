/* The access log: who read or changed whose data, through which door; and answers kept
 * for repeated requests. Rows are only ever added. Each carries a hash over its own bytes
 * and the hash before it, so that a row changed, taken out or put in between shows, and
 * the newest hash is kept outside as well (store/audit_head.h), so that a cut end shows.
 * Source: the standard of measures for the safety of personal data (개인정보의 안전성
 * 확보조치 기준) Art. 8: kept a year, two from 50,000 people on, safe from forgery and
 * loss. */
#ifndef DANGOL_AUDIT_H
#define DANGOL_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"

#define AUDIT_HASH 32      /* bytes: SHA-256 */
#define AUDIT_PEOPLE 50000 /* from so many customers on it is kept two years */
/* More rows than that shown at once is a download, whose reason the law asks for. */
#define AUDIT_DOWNLOAD 100

struct audit_entry {
	const char *who;     /* the door: "socket", "http", "public", "daemon" */
	const char *account; /* there: the user or the token's name; or NULL */
	const char *address; /* of the network, or NULL */
	const char *what;    /* "customer.read" */
	const char *target;  /* whose data, or of what: an id; a row of the log: "#17"; or
	                        NULL */
	const char *detail;  /* words of ours, ids, counts; or NULL */
	int64_t n;           /* how many people or rows it was about; 0: not said */
};

/* A place in the chain. */
struct audit_link {
	int64_t id; /* 0: before the first row */
	uint8_t hash[AUDIT_HASH];
};

/* In the turn. Target and detail are never personal data. Returns the row's id. */
int64_t audit_write(struct db *db, int64_t now, const struct audit_entry *entry);
/* The same for who has no account: the daemon itself. */
void audit_add(struct db *db, int64_t now, const char *who, const char *what,
        const char *target, const char *detail);

/* SHA-256 over the hash before and "ID,TIME,N," and the six texts in the order of the
 * struct, each as "BYTES:TEXT," or "-,". */
void audit_hash(const uint8_t before[AUDIT_HASH], int64_t id, int64_t time,
        const struct audit_entry *entry, uint8_t out[AUDIT_HASH]);
bool audit_unhex(const char *text, uint8_t out[AUDIT_HASH]); /* lower case */
void audit_base(struct db *db, struct audit_link *out); /* before the oldest row kept */
void audit_head(struct db *db, struct audit_link *out); /* the newest row */
bool audit_link(struct db *db, int64_t id, struct audit_link *out); /* false: none */

enum kept_answer { KEPT_NEW, KEPT_SAME, KEPT_OTHER_BODY };
/* Idempotency-Key: the answer given before for that key, if the body was the same (by its
 * hash, 64 hex digits). */
enum kept_answer answer_find(struct db *db, const char *key, const char *hash,
        struct arena *arena, int *status, const char **body);
void answer_keep(struct db *db, const char *key, const char *hash, int status,
        const char *body, int64_t now);
void answer_forget(struct db *db, int64_t before);

#endif
