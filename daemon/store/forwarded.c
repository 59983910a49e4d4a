/* What the store keeps of forwards, and events as they look at them. It sends nothing and
 * decides nothing about an event. */
#include "store/forwarded.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "store/event.h"

#define PIECE 64    /* of one customer's events, in one */
#define STRIDE 2000 /* numbers passed through in one, for those of nobody */

/* ---- forwards ---- */

static void make(struct db *db, const char *name, const char *place)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO forward(name, cursor, place) VALUES (?1, (SELECT"
	        " coalesce(max(id), 0) FROM event), ?2) ON CONFLICT(name) DO NOTHING");
	stmt_text(st, 1, name);
	stmt_text(st, 2, place);
	stmt_exec(st);
}

static size_t numbers(const char *text, int64_t out[FORWARDED_OPEN])
{
	size_t n = 0;
	char *end;

	while (*text && n < FORWARDED_OPEN) {
		out[n++] = strtoll(text, &end, 10);
		text = end + strspn(end, " ");
	}
	return n;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

void forwarded_get(
        struct db *db, const char *name, const char *place, struct forwarded *out)
{
	make(db, name, place);
	struct stmt *st = db_stmt(db,
	        "SELECT id, cursor, open, place, sent, dropped, skipped, failing_since,"
	        " gone_at, error FROM forward WHERE name = ?1");
	stmt_text(st, 1, name);
	*out = (struct forwarded){0};
	if (!stmt_row(st))
		return;
	out->id = stmt_get(st, 0);
	out->cursor = stmt_get(st, 1);
	out->n_open = numbers(stmt_get_text(st, 2), out->open);
	copy(out->place, sizeof out->place, stmt_get_text(st, 3));
	out->sent = stmt_get(st, 4);
	out->dropped = stmt_get(st, 5);
	out->skipped = stmt_get(st, 6);
	out->failing_since = stmt_get(st, 7);
	out->gone_at = stmt_get(st, 8);
	copy(out->error, sizeof out->error, stmt_get_text(st, 9));
	stmt_done(st);
}

void forwarded_put(struct db *db, const struct forwarded *row)
{
	struct buf open = {0};
	struct stmt *st = db_stmt(db,
	        "UPDATE forward SET cursor = ?2, open = ?3, place = ?4, sent = ?5,"
	        " dropped = ?6, skipped = ?7, failing_since = ?8, gone_at = ?9, error ="
	        " ?10 WHERE id = ?1");
	for (size_t i = 0; i < row->n_open; i++)
		buf_printf(&open, "%s%" PRId64, i ? " " : "", row->open[i]);
	stmt_int(st, 1, row->id);
	stmt_int(st, 2, row->cursor);
	stmt_text(st, 3, open.len ? open.data : "");
	stmt_text(st, 4, row->place);
	stmt_int(st, 5, row->sent);
	stmt_int(st, 6, row->dropped);
	stmt_int(st, 7, row->skipped);
	stmt_int_or_null(st, 8, row->failing_since != 0, row->failing_since);
	stmt_int_or_null(st, 9, row->gone_at != 0, row->gone_at);
	stmt_text(st, 10, row->error[0] ? row->error : NULL);
	stmt_exec(st);
	buf_free(&open);
}

static bool among(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

void forwarded_keep(struct db *db, const char *const *names, size_t n)
{
	int64_t gone[64];
	int m = 0;
	struct stmt *st = db_stmt(db, "SELECT id, name FROM forward ORDER BY id");
	while (stmt_row(st))
		if (m < 64 && !among(stmt_get_text(st, 1), names, n))
			gone[m++] = stmt_get(st, 0);
	for (int i = 0; i < m; i++) {
		st = db_stmt(db, "DELETE FROM forward WHERE id = ?1");
		stmt_int(st, 1, gone[i]);
		stmt_exec(st);
	}
}

int64_t forwarded_floor(struct db *db)
{
	return stmt_single(
	        db_stmt(db,
	                "SELECT coalesce(min(at), 9223372036854775807) FROM (SELECT"
	                " CASE open WHEN '' THEN cursor + 1 ELSE CAST(open AS INTEGER)"
	                " END AS at FROM forward UNION ALL SELECT event FROM"
	                " forward_held)"),
	        INT64_MAX);
}

/* ---- held customers ---- */

size_t forwarded_holds(
        struct db *db, int64_t forward, struct forwarded_hold *out, size_t most)
{
	size_t n = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT customer, event, arrived, due_at, tries FROM forward_held WHERE"
	        " forward = ?1 ORDER BY customer LIMIT ?2");
	stmt_int(st, 1, forward);
	stmt_int(st, 2, (int64_t)most);
	while (stmt_row(st))
		out[n++] = (struct forwarded_hold){.customer = stmt_get(st, 0),
		        .event = stmt_get(st, 1),
		        .arrived = stmt_get(st, 2),
		        .due_at = stmt_get(st, 3),
		        .tries = (int)stmt_get(st, 4)};
	return n;
}

void forwarded_hold_put(struct db *db, int64_t forward, const struct forwarded_hold *hold)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO forward_held(forward, customer, event, arrived, due_at,"
	        " tries) SELECT id, ?2, ?3, ?4, ?5, ?6 FROM forward WHERE id = ?1 ON"
	        " CONFLICT(forward, customer) DO UPDATE SET event = excluded.event,"
	        " arrived = excluded.arrived, due_at = excluded.due_at, tries ="
	        " excluded.tries");
	stmt_int(st, 1, forward);
	stmt_int(st, 2, hold->customer);
	stmt_int(st, 3, hold->event);
	stmt_int(st, 4, hold->arrived);
	stmt_int(st, 5, hold->due_at);
	stmt_int(st, 6, hold->tries);
	stmt_exec(st);
}

void forwarded_hold_drop(struct db *db, int64_t forward, int64_t customer)
{
	struct stmt *st = db_stmt(db, "DELETE FROM forward_held WHERE forward = ?1 AND"
	                              " customer = ?2");
	stmt_int(st, 1, forward);
	stmt_int(st, 2, customer);
	stmt_exec(st);
}

void forwarded_holds_clear(struct db *db, int64_t forward)
{
	struct stmt *st = db_stmt(db, "DELETE FROM forward_held WHERE forward = ?1");
	stmt_int(st, 1, forward);
	stmt_exec(st);
}

/* ---- events ---- */

#define SEEN "SELECT id, customer, arrived, flags, type FROM event WHERE "

static void read_seen(struct stmt *st, struct forwarded_event *out)
{
	const char *type = stmt_get_text(st, 4);

	*out = (struct forwarded_event){.id = stmt_get(st, 0),
	        .customer = stmt_get(st, 1),
	        .arrived = stmt_get(st, 2),
	        .fit = !(stmt_get(st, 3) & (EVENT_HISTORY | EVENT_ERASED))};
	if (strlen(type) < sizeof out->type)
		memcpy(out->type, type, strlen(type) + 1);
}

int forwarded_scan(struct db *db, int64_t after, struct forwarded_event *out, int most)
{
	struct stmt *st = db_stmt(db, SEEN "id > ?1 ORDER BY id LIMIT ?2");
	int n = 0;
	stmt_int(st, 1, after);
	stmt_int(st, 2, most);
	while (stmt_row(st))
		read_seen(st, &out[n++]);
	return n;
}

bool forwarded_look(struct db *db, int64_t id, struct forwarded_event *out)
{
	struct stmt *st = db_stmt(db, SEEN "id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return false;
	read_seen(st, out);
	stmt_done(st);
	return true;
}

/* Of who is known: by number, from the index that begins with him. */
static int next_of(struct db *db, int64_t customer, int64_t *from, int64_t upto,
        forwarded_wants wants, const void *arg, struct forwarded_event *out)
{
	int64_t ids[PIECE];
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM event INDEXED BY event_customer WHERE customer = ?1 AND"
	        " id >= ?2 AND id <= ?3 ORDER BY id LIMIT ?4");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, *from);
	stmt_int(st, 3, upto);
	stmt_int(st, 4, PIECE);
	int n = stmt_ids(st, ids, PIECE);
	for (int i = 0; i < n; i++) {
		*from = ids[i];
		if (forwarded_look(db, ids[i], out) && wants(arg, out))
			return 1;
		*from = ids[i] + 1;
	}
	return n == PIECE ? -1 : 0;
}

/* No index has them: by number, so many at a time. */
static int next_of_nobody(struct db *db, int64_t *from, int64_t upto,
        forwarded_wants wants, const void *arg, struct forwarded_event *out)
{
	int64_t to = upto - *from < STRIDE ? upto : *from + STRIDE;
	bool found = false;
	struct stmt *st = db_stmt(
	        db, SEEN "id >= ?1 AND id <= ?2 AND customer IS NULL ORDER BY id");
	stmt_int(st, 1, *from);
	stmt_int(st, 2, to);
	while (!found && stmt_row(st)) {
		read_seen(st, out);
		found = wants(arg, out);
	}
	stmt_done(st);
	*from = found ? out->id : to + 1;
	return found ? 1 : to < upto ? -1 : 0;
}

int forwarded_next(struct db *db, int64_t customer, int64_t *from, int64_t upto,
        forwarded_wants wants, const void *arg, struct forwarded_event *out)
{
	if (*from > upto)
		return 0;
	return customer ? next_of(db, customer, from, upto, wants, arg, out)
	                : next_of_nobody(db, from, upto, wants, arg, out);
}

/* Of rows "type, how many fit, how many there are" those that wants takes. */
static int64_t count(
        struct stmt *st, int64_t most, forwarded_wants wants, const void *arg, bool *cut)
{
	int64_t n = 0, seen = 0;
	while (stmt_row(st)) {
		const char *type = stmt_get_text(st, 0);
		struct forwarded_event event = {.fit = true};
		seen += stmt_get(st, 2);
		if (strlen(type) >= sizeof event.type)
			continue;
		memcpy(event.type, type, strlen(type) + 1);
		if (wants(arg, &event))
			n += stmt_get(st, 1);
	}
	*cut = *cut || seen >= most;
	return n;
}

#define COUNT "SELECT type, sum(fit), count(*) FROM (SELECT type, flags & 17 = 0 AS fit"

int64_t forwarded_behind(struct db *db, int64_t after, int64_t most,
        forwarded_wants wants, const void *arg, bool *cut)
{
	struct stmt *st =
	        db_stmt(db, COUNT " FROM event WHERE id > ?1 ORDER BY id LIMIT ?2)"
	                          " GROUP BY type");
	stmt_int(st, 1, after);
	stmt_int(st, 2, most);
	return count(st, most, wants, arg, cut);
}

int64_t forwarded_ahead(struct db *db, int64_t customer, int64_t from, int64_t upto,
        int64_t most, forwarded_wants wants, const void *arg, bool *cut)
{
	static const char
	        of[] = COUNT
	        " FROM event INDEXED BY event_customer WHERE customer = ?1 AND id >= ?2"
	        " AND id <= ?3 LIMIT ?4) GROUP BY type",
	        of_nobody[] = COUNT
	        " FROM event WHERE customer IS NULL AND ?1 = 0 AND id >= ?2 AND id <="
	        " ?3 LIMIT ?4) GROUP BY type";
	struct stmt *st = db_stmt(db, customer ? of : of_nobody);
	if (!customer && upto - from > most) {
		upto = from + most;
		*cut = true;
	}
	stmt_int(st, 1, customer);
	stmt_int(st, 2, from);
	stmt_int(st, 3, upto);
	stmt_int(st, 4, most);
	return count(st, most, wants, arg, cut);
}

bool forwarded_knows(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db,
	        "SELECT 1 FROM customer c WHERE c.id = ?1 AND NOT EXISTS (SELECT 1 FROM"
	        " erased e WHERE e.customer = c.id AND e.created_at = c.created_at)");
	stmt_int(st, 1, customer);
	return stmt_single(st, 0) == 1;
}
