/* Who did what through which door, and answers kept for repeated requests. */
#ifndef DANGOL_AUDIT_H
#define DANGOL_AUDIT_H

#include <jansson.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

/* who: "socket", "http", "daemon"; target and detail are ids and counts, never personal
 * data. */
void audit_add(struct db *db, int64_t now, const char *who, const char *what,
        const char *target, const char *detail);
json_t *audit_list(struct db *db, int64_t before, int limit, struct zone *zone);

enum kept_answer { KEPT_NEW, KEPT_SAME, KEPT_OTHER_BODY };
/* Idempotency-Key: the answer given before for that key, if the body was the same (by its
 * hash, 64 hex digits). */
enum kept_answer answer_find(struct db *db, const char *key, const char *hash,
        struct arena *arena, int *status, const char **body);
void answer_keep(struct db *db, const char *key, const char *hash, int status,
        const char *body, int64_t now);
void answer_forget(struct db *db, int64_t before);

#endif
