/* Reasons, appended. Nothing here deletes or rewrites one. */
#include "store/overrule.h"

bool overrule_keep(struct db *db, const struct overrule *overrule, int64_t now)
{
	struct stmt *st =
	        db_stmt(db, "INSERT OR IGNORE INTO overrule(template, hash, reason,"
	                    " sentence, time) VALUES (?1, ?2, ?3, ?4, ?5)");

	stmt_text(st, 1, overrule->template);
	stmt_text(st, 2, overrule->hash);
	stmt_text(st, 3, overrule->reason);
	stmt_text(st, 4, overrule->sentence);
	stmt_int(st, 5, now);
	return stmt_exec(st) > 0;
}
