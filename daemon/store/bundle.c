/* Bundles in the store. Knows no provider and no state of a message but those that wait
 * for news. */
#include "store/bundle.h"
#include "store/sealed.h"

#include <stdio.h>

int64_t bundle_add(struct db *db, const char *channel, const char *provider,
        const char *account, const char *kind, int64_t now, int64_t machine_now,
        int64_t poll_at)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO bundle(channel, provider, kind, handed_at, machine_at,"
	        " poll_at, store, account) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	stmt_text(st, 1, channel);
	stmt_text(st, 2, provider);
	stmt_text(st, 3, kind);
	stmt_int(st, 4, now);
	stmt_int(st, 5, machine_now);
	stmt_int(st, 6, poll_at);
	stmt_text(st, 7, db_id(db));
	stmt_text(st, 8, account);
	stmt_exec(st);
	return db_last_id(db);
}

void bundle_set_ref(struct db *db, int64_t id, const char *ref)
{
	struct stmt *st = db_stmt(db, "UPDATE bundle SET ref = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_text(st, 2, ref);
	stmt_exec(st);
}

static const char *text_or_null(struct stmt *st, int column, struct arena *arena)
{
	return stmt_is_null(st, column) ? NULL
	                                : arena_strdup(arena, stmt_get_text(st, column));
}

bool bundle_get(struct db *db, int64_t id, struct arena *arena, struct bundle *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT channel, provider, kind, ref, handed_at, machine_at, polls,"
	        " store, account"
	        " FROM bundle WHERE id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return false;
	*out = (struct bundle){
	        .id = id,
	        .channel = text_or_null(st, 0, arena),
	        .provider = text_or_null(st, 1, arena),
	        .kind = text_or_null(st, 2, arena),
	        .ref = text_or_null(st, 3, arena),
	        .handed_at = stmt_get(st, 4),
	        .machine_at = stmt_get(st, 5),
	        .polls = (int)stmt_get(st, 6),
	        .store = text_or_null(st, 7, arena),
	        .account = text_or_null(st, 8, arena),
	};
	stmt_done(st);
	return true;
}

void bundle_polled(struct db *db, int64_t id, int polls, int64_t poll_at)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE bundle SET polls = ?2, poll_at = ?3 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int(st, 2, polls);
	stmt_int_or_null(st, 3, poll_at != 0, poll_at);
	stmt_exec(st);
}

int bundle_due(struct db *db, int64_t now, struct bundle_due *out, int max)
{
	struct stmt *st = db_stmt(db, "SELECT id, channel, account FROM bundle"
	                              " WHERE poll_at <= ?1 AND poll_at IS NOT NULL"
	                              " ORDER BY poll_at LIMIT ?2");
	int n = 0;

	stmt_int(st, 1, now);
	stmt_int(st, 2, max);
	while (stmt_row(st)) {
		out[n].id = stmt_get(st, 0);
		snprintf(out[n].channel, sizeof out[n].channel, "%s",
		        stmt_get_text(st, 1));
		snprintf(out[n].account, sizeof out[n].account, "%s",
		        stmt_get_text(st, 2));
		n++;
	}
	return n;
}

int64_t bundle_next_due(struct db *db)
{
	return stmt_single(
	        db_stmt(db, "SELECT min(poll_at) FROM bundle WHERE poll_at IS NOT NULL"),
	        0);
}

const char *bundle_key(const struct bundle *bundle, struct arena *arena)
{
	return arena_printf(arena, "%s-b%lld", bundle->store, (long long)bundle->id);
}

const char *bundle_message_key(
        const struct bundle *bundle, int64_t message, struct arena *arena)
{
	return arena_printf(arena, "%s-%lld", bundle->store, (long long)message);
}

static struct stmt *select_open(struct db *db, bool texts)
{
	if (texts)
		return db_stmt(db, "SELECT m.id, m.address, m.provider_id,"
		                   " m.state = 'unknown', l.text FROM message m"
		                   " LEFT JOIN letter l ON l.message = m.id"
		                   " WHERE m.bundle = ?1"
		                   " AND m.state IN ('accepted', 'unknown')"
		                   " ORDER BY m.id");
	return db_stmt(db, "SELECT id, address, provider_id, state = 'unknown', NULL"
	                   " FROM message WHERE bundle = ?1"
	                   " AND state IN ('accepted', 'unknown') ORDER BY id");
}

size_t bundle_open(struct db *db, int64_t id, bool texts, struct arena *arena,
        struct bundle_message **out)
{
	struct stmt *st = select_open(db, texts);
	struct bundle_message *list = NULL;
	size_t n = 0;

	stmt_int(st, 1, id);
	while (stmt_row(st)) {
		struct bundle_message *m = mem_grow(&list, n++, sizeof *list);
		m->id = stmt_get(st, 0);
		m->address = arena_strdup(arena, sealed_get(st, 1, SEAL_ADDRESS, m->id));
		m->provider_id = text_or_null(st, 2, arena);
		m->unknown = stmt_get(st, 3) != 0;
		m->text = arena_strdup(arena, sealed_get(st, 4, SEAL_LETTER, m->id));
	}
	*out = list;
	return n;
}

int bundle_unknown(struct db *db, int64_t id, int64_t after, int64_t *ids, int max)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM message WHERE bundle = ?1"
	                              " AND id > ?2 AND state = 'unknown'"
	                              " ORDER BY id LIMIT ?3");
	stmt_int(st, 1, id);
	stmt_int(st, 2, after);
	stmt_int(st, 3, max);
	return stmt_ids(st, ids, max);
}

bool bundle_under_way(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM message WHERE bundle = ?1"
	                              " AND state = 'handed' LIMIT 1");
	stmt_int(st, 1, id);
	return stmt_single(st, 0) != 0;
}
