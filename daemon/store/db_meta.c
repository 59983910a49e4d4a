/* Small settings of the daemon itself, in the store's own table. Holds nothing that
 * belongs to a customer. */
#include "base/mem.h"
#include "store/db.h"

int64_t db_meta_int(struct db *db, const char *key, int64_t otherwise)
{
	struct stmt *st = db_stmt(db, "SELECT value FROM meta WHERE key = ?1");
	stmt_text(st, 1, key);
	return stmt_single(st, otherwise);
}

char *db_meta_text(struct db *db, const char *key)
{
	struct stmt *st =
	        db_stmt(db, "SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1");
	stmt_text(st, 1, key);
	char *text = stmt_row(st) ? mem_strdup(stmt_get_text(st, 0)) : NULL;
	stmt_done(st);
	return text;
}

static const char meta_set[] = "INSERT INTO meta(key, value) VALUES (?1, ?2)"
                               " ON CONFLICT(key) DO UPDATE SET value = excluded.value"
                               " WHERE value IS NOT excluded.value";

void db_meta_set_int(struct db *db, const char *key, int64_t value)
{
	struct stmt *st = db_stmt(db, meta_set);
	stmt_text(st, 1, key);
	stmt_int(st, 2, value);
	stmt_exec(st);
}

void db_meta_set_text(struct db *db, const char *key, const char *value)
{
	struct stmt *st = db_stmt(db, meta_set);
	stmt_text(st, 1, key);
	stmt_text(st, 2, value);
	stmt_exec(st);
}
