/* Rows of the access log and the chain that they make; the answers kept for repeated
 * requests. Takes ids and counts, never a person's data. */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/secret.h"
#include "store/audit.h"
#include "store/sealed.h"

/* ---- the chain ---- */

static void add_text(struct buf *out, const char *text)
{
	if (text)
		buf_printf(out, "%zu:%s,", strlen(text), text);
	else
		buf_adds(out, "-,");
}

void audit_hash(const uint8_t before[AUDIT_HASH], int64_t id, int64_t time,
        const struct audit_entry *entry, uint8_t out[AUDIT_HASH])
{
	struct buf row = {0};
	buf_add(&row, before, AUDIT_HASH);
	buf_printf(&row, "%lld,%lld,%lld,", (long long)id, (long long)time,
	        (long long)entry->n);
	add_text(&row, entry->who);
	add_text(&row, entry->account);
	add_text(&row, entry->address);
	add_text(&row, entry->what);
	add_text(&row, entry->target);
	add_text(&row, entry->detail);
	secret_sha256(row.data, row.len, out);
	buf_free(&row);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool audit_unhex(const char *text, uint8_t out[AUDIT_HASH])
{
	if (!text || strlen(text) != 2 * AUDIT_HASH)
		return false;
	for (int i = 0; i < AUDIT_HASH; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

void audit_base(struct db *db, struct audit_link *out)
{
	char *hash = db_meta_text(db, "audit_base_hash");
	*out = (struct audit_link){.id = db_meta_int(db, "audit_base", 0)};
	if (!audit_unhex(hash, out->hash))
		memset(out->hash, 0, AUDIT_HASH);
	free(hash);
}

static bool read_link(struct stmt *st, struct audit_link *out)
{
	size_t len;
	if (!stmt_row(st))
		return false;
	const void *hash = stmt_get_blob(st, 1, &len);
	*out = (struct audit_link){.id = stmt_get(st, 0)};
	if (len == AUDIT_HASH)
		memcpy(out->hash, hash, AUDIT_HASH);
	stmt_done(st);
	return true;
}

void audit_head(struct db *db, struct audit_link *out)
{
	if (!read_link(db_stmt(db, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"),
	            out))
		audit_base(db, out);
}

bool audit_link(struct db *db, int64_t id, struct audit_link *out)
{
	struct stmt *st = db_stmt(db, "SELECT id, hash FROM audit WHERE id = ?1");
	stmt_int(st, 1, id);
	return read_link(st, out);
}

/* ---- rows ---- */

int64_t audit_write(struct db *db, int64_t now, const struct audit_entry *entry)
{
	struct audit_link last;
	uint8_t hash[AUDIT_HASH];
	audit_head(db, &last);
	audit_hash(last.hash, last.id + 1, now, entry, hash);
	struct stmt *st = db_stmt(db,
	        "INSERT INTO audit(id, time, who, account, address, what, target, n, "
	        "detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
	stmt_int(st, 1, last.id + 1);
	stmt_int(st, 2, now);
	stmt_text(st, 3, entry->who);
	stmt_text(st, 4, entry->account);
	stmt_text(st, 5, entry->address);
	stmt_text(st, 6, entry->what);
	stmt_text(st, 7, entry->target);
	stmt_int_or_null(st, 8, entry->n > 0, entry->n);
	stmt_text(st, 9, entry->detail);
	stmt_blob(st, 10, hash, AUDIT_HASH);
	stmt_exec(st);
	return last.id + 1;
}

void audit_add(struct db *db, int64_t now, const char *who, const char *what,
        const char *target, const char *detail)
{
	const struct audit_entry entry = {
	        .who = who, .what = what, .target = target, .detail = detail};
	audit_write(db, now, &entry);
}

/* ---- answers kept for repeated requests ---- */

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
