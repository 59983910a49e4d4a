/* Openings that wait to be judged. Nothing here decides what a machine is but by time and
 * number. */
#include "store/click.h"

#include <string.h>

/* Over at ?1; also where the clock was set back since. */
#define OVER " (at <= ?1 - " WINDOW " OR at > ?1 + " WINDOW ")"
#define WINDOW "10000"
_Static_assert(CLICK_WINDOW_MS == 10000, "as in WINDOW");

void click_keep(struct db *db, const struct click *click)
{
	struct stmt *st =
	        db_stmt(db, "INSERT OR IGNORE INTO click(message, client, link, at)"
	                    " SELECT ?1, ?2, ?3, ?4 WHERE"
	                    " (SELECT count(*) FROM click WHERE message = ?1) < ?5");
	stmt_int(st, 1, click->message);
	stmt_blob(st, 2, click->client, CLICK_CLIENT);
	stmt_int(st, 3, click->link);
	stmt_int(st, 4, click->at);
	stmt_int(st, 5, CLICK_MESSAGE_MAX);
	stmt_exec(st);
}

static void copy(struct stmt *st, struct click *out)
{
	size_t len;
	const void *client = stmt_get_blob(st, 1, &len);
	*out = (struct click){.message = stmt_get(st, 0),
	        .link = stmt_get(st, 2),
	        .at = stmt_get(st, 3)};
	if (len == CLICK_CLIENT)
		memcpy(out->client, client, CLICK_CLIENT);
}

static int rows(struct stmt *st, struct click *out, int max)
{
	int n = 0;
	while (n < max && stmt_row(st))
		copy(st, &out[n++]);
	stmt_done(st);
	return n;
}

int click_due(struct db *db, int64_t now, struct click *out, int max)
{
	struct stmt *st = db_stmt(db, "SELECT message, client, min(link), at FROM click"
	                              " WHERE" OVER " GROUP BY message, client LIMIT ?2");
	stmt_int(st, 1, now);
	stmt_int(st, 2, max);
	return rows(st, out, max);
}

bool click_was_machine(struct db *db, const struct click *of, int links)
{
	struct stmt *st =
	        db_stmt(db, "SELECT count(*) >= ?3 AND max(at) - min(at) <= " WINDOW
	                    " FROM click WHERE message = ?1 AND client = ?2");
	stmt_int(st, 1, of->message);
	stmt_blob(st, 2, of->client, CLICK_CLIENT);
	stmt_int(st, 3, links);
	return stmt_single(st, 0);
}

int click_take(struct db *db, const struct click *of, int64_t now, bool all,
        struct click *out, int max)
{
	struct stmt *st = db_stmt(db,
	        "DELETE FROM click WHERE message = ?2 AND client = ?3 AND (?4 OR" OVER
	        ") RETURNING message, client, link, at");
	int n = 0;
	stmt_int(st, 1, now);
	stmt_int(st, 2, of->message);
	stmt_blob(st, 3, of->client, CLICK_CLIENT);
	stmt_int(st, 4, all);
	while (stmt_row(st))
		if (n < max)
			copy(st, &out[n++]);
	return n;
}
