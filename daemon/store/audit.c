/* The audit trail and the answers kept for repeated requests. Takes ids and counts, never
 * a person's data. */
#include <string.h>
#include "store/audit.h"
#include "store/sealed.h"

void audit_add(struct db *db, int64_t now, const char *who, const char *what,
        const char *target, const char *detail)
{
	struct stmt *st = db_stmt(db, "INSERT INTO audit(time, who, what, target, "
	                              "detail) VALUES (?1, ?2, ?3, ?4, ?5)");
	stmt_int(st, 1, now);
	stmt_text(st, 2, who);
	stmt_text(st, 3, what);
	stmt_text(st, 4, target);
	stmt_text(st, 5, detail);
	stmt_exec(st);
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *entry_json(struct stmt *st, struct zone *zone)
{
	char time[32];
	json_t *one = json_object();
	json_object_set_new(one, "id", json_integer(stmt_get(st, 0)));
	json_object_set_new(
	        one, "time", json_string(zone_format(zone, stmt_get(st, 1), time)));
	json_object_set_new(one, "who", text_or_null(stmt_get_text(st, 2)));
	json_object_set_new(one, "what", text_or_null(stmt_get_text(st, 3)));
	json_object_set_new(one, "target", text_or_null(stmt_get_text(st, 4)));
	json_object_set_new(one, "detail", text_or_null(stmt_get_text(st, 5)));
	return one;
}

json_t *audit_list(struct db *db, int64_t before, int limit, struct zone *zone)
{
	json_t *rows = json_array(), *list = json_object();
	struct stmt *st = db_stmt(db,
	        "SELECT id, time, who, what, target, detail FROM audit WHERE id < ?1"
	        " ORDER BY id DESC LIMIT ?2");
	int64_t last = 0;
	bool more = false;
	stmt_int(st, 1, before > 0 ? before : INT64_MAX);
	stmt_int(st, 2, (int64_t)limit + 1);
	while (!more && stmt_row(st)) {
		more = json_array_size(rows) == (size_t)limit;
		if (more)
			break;
		last = stmt_get(st, 0);
		json_array_append_new(rows, entry_json(st, zone));
	}
	stmt_done(st);
	json_object_set_new(list, "audit", rows);
	json_object_set_new(list, "next", more ? json_integer(last) : json_null());
	return list;
}

enum kept_answer answer_find(struct db *db, const char *key, const char *hash,
        struct arena *arena, int *status, const char **body)
{
	struct stmt *st =
	        db_stmt(db, "SELECT hash, status, body FROM idempotency WHERE key = ?1");
	stmt_text(st, 1, key);
	if (!stmt_row(st))
		return KEPT_NEW;
	bool same = strcmp(stmt_get_text(st, 0), hash) == 0;
	if (same) {
		*status = (int)stmt_get(st, 1);
		*body = arena_strdup(arena, sealed_get(st, 2, SEAL_ANSWER, 0));
		*body = *body ? *body : "{}";
	}
	stmt_done(st);
	return same ? KEPT_SAME : KEPT_OTHER_BODY;
}

void answer_keep(struct db *db, const char *key, const char *hash, int status,
        const char *body, int64_t now)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO idempotency(key, hash, status, body, time)"
	                    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING");
	stmt_text(st, 1, key);
	stmt_text(st, 2, hash);
	stmt_int(st, 3, status);
	sealed_text(st, 4, SEAL_ANSWER, body);
	stmt_int(st, 5, now);
	stmt_exec(st);
}

void answer_forget(struct db *db, int64_t before)
{
	struct stmt *st = db_stmt(db, "DELETE FROM idempotency WHERE time < ?1");
	stmt_int(st, 1, before);
	stmt_exec(st);
}
