/* Addresses of links, each once. A number is never given to another address. */
#include "store/link.h"

static int64_t find(struct db *db, const char *url)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM link WHERE url = ?1");
	stmt_text(st, 1, url);
	return stmt_single(st, 0);
}

int64_t link_id(struct db *db, const char *url)
{
	int64_t id = find(db, url);
	if (id)
		return id;
	struct stmt *st = db_stmt(db, "INSERT INTO link(url) VALUES (?1)");
	stmt_text(st, 1, url);
	return stmt_exec(st) == 1 ? db_last_id(db) : 0;
}

const char *link_url(struct db *db, int64_t id, struct arena *arena)
{
	struct stmt *st = db_stmt(db, "SELECT url FROM link WHERE id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return NULL;
	const char *url = arena_strdup(arena, stmt_get_text(st, 0));
	stmt_done(st);
	return url;
}
