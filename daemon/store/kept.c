/* Small things that channels keep. Never a token: it would be a secret in the clear. */
#include "store/kept.h"

void kept_put(struct db *db, const char *channel, const char *account, const char *name,
        const char *value, int64_t until)
{
	struct stmt *st = value ? db_stmt(db, "INSERT OR REPLACE INTO kept(channel,"
	                                      " account, name, value, until)"
	                                      " VALUES (?1, ?2, ?3, ?4, ?5)")
	                        : db_stmt(db, "DELETE FROM kept WHERE channel = ?1 AND"
	                                      " account = ?2 AND name = ?3");
	stmt_text(st, 1, channel);
	stmt_text(st, 2, account);
	stmt_text(st, 3, name);
	if (value) {
		stmt_text(st, 4, value);
		stmt_int_or_null(st, 5, until != 0, until);
	}
	stmt_exec(st);
}

void kept_each(struct db *db, const char *channel, const char *account, int64_t now,
        void (*fn)(void *arg, const char *name, const char *value, int64_t until),
        void *arg)
{
	struct stmt *st = db_stmt(db, "SELECT name, value, until FROM kept WHERE channel"
	                              " = ?1 AND account = ?2 AND (until IS NULL OR"
	                              " until > ?3)");
	stmt_text(st, 1, channel);
	stmt_text(st, 2, account);
	stmt_int(st, 3, now);
	while (stmt_row(st))
		fn(arg, stmt_get_text(st, 0), stmt_get_text(st, 1), stmt_get(st, 2));
}
