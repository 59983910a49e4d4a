/* The store's own key and the walk that seals what is old. The shop's key seals the
 * store's, and every value; indexes are made with the store's, so that they stay when the
 * shop's changes and a customer is found at any moment of the walk. */
#include "store/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "store/db_inner.h"
#include "store/event.h"
#include "store/sealed.h"

#define STORE_KEY "store_key"
#define CURSOR "sealing" /* "STEP KEY NUMBER" of the last row done; absent: all are */
#define FIELDS "sealed_fields"
#define DONE "sealing_done"
#define TOTAL "sealing_total"
#define BATCH 16 /* rows before the clock is asked again */
#define VALUES_MAX 2

/* ---- the store's own key ---- */

static void keep_key(struct db *db)
{
	struct stmt *st = db_stmt(db,
	        "INSERT OR REPLACE INTO meta(key, value) VALUES ('" STORE_KEY "', ?1)");
	uint8_t sealed[SEAL_KEY_BYTES + SEAL_OVERHEAD];
	char hex[2 * SEAL_KEY_BYTES + 1];
	size_t n;

	if (seal_key_count()) {
		n = seal_close(SEAL_STORE, db_store_key(db), SEAL_KEY_BYTES, sealed);
		stmt_blob(st, 1, sealed, n);
	} else {
		stmt_text(st, 1, secret_hex(db_store_key(db), SEAL_KEY_BYTES, hex));
	}
	stmt_exec(st);
	seal_wipe(hex, sizeof hex);
}

static bool unhex(const char *hex, uint8_t out[SEAL_KEY_BYTES])
{
	unsigned byte;

	if (!hex || strlen(hex) != 2 * SEAL_KEY_BYTES)
		return false;
	for (size_t i = 0; i < SEAL_KEY_BYTES; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		out[i] = (uint8_t)byte;
	}
	return true;
}

enum kept { KEPT_NOT, KEPT_PLAIN, KEPT_CURRENT, KEPT_OLDER, KEPT_LOCKED };

static enum kept unseal(struct db *db, struct stmt *st)
{
	char key[2 * SEAL_KEY_BYTES];
	const uint8_t *sealed;
	size_t len;
	enum kept kept = KEPT_LOCKED;

	sealed = stmt_get_blob(st, 0, &len);
	if (len == SEAL_KEY_BYTES + SEAL_OVERHEAD &&
	        seal_open(SEAL_STORE, sealed, len, key) == SEAL_OPENED) {
		memcpy(db_store_key(db), key, SEAL_KEY_BYTES);
		kept = seal_is_current(sealed, len) ? KEPT_CURRENT : KEPT_OLDER;
	}
	seal_wipe(key, sizeof key);
	return kept;
}

static enum kept read_key(struct db *db)
{
	struct stmt *st =
	        db_stmt(db, "SELECT value FROM meta WHERE key = '" STORE_KEY "'");
	enum kept kept;

	if (!stmt_row(st))
		return KEPT_NOT;
	if (stmt_type(st, 0) == STMT_BLOB)
		kept = unseal(db, st);
	else
		kept = unhex(stmt_get_text(st, 0), db_store_key(db)) ? KEPT_PLAIN
		                                                     : KEPT_LOCKED;
	stmt_done(st);
	return kept;
}

static enum db_open_error locked(struct db *db, char why[512])
{
	if (seal_key_count())
		snprintf(why, 512,
		        TR("The store %s is sealed with another key than the credential "
		           "store-key: put the backup of its key in its place. Without "
		           "it "
		           "nobody can read the customers.",
		                "%s 저장소는 자격 증명 store-key와 다른 열쇠로 봉인되어 "
		                "있습니다. 백업해 둔 열쇠로 되돌리세요. 그 열쇠 없이는 "
		                "아무도 고객 정보를 읽을 수 없습니다."),
		        db_path(db));
	else
		snprintf(why, 512,
		        TR("The store %s is sealed and there is no credential store-key: "
		           "put the backup of its key into credentials/store-key beside "
		           "the configuration. Without it nobody can read the customers.",
		                "%s 저장소가 봉인되어 있는데 자격 증명 store-key가 "
		                "없습니다. "
		                "백업해 둔 열쇠를 설정 파일 옆 credentials/store-key에 "
		                "두세요. 그 열쇠 없이는 아무도 고객 정보를 읽을 수 "
		                "없습니다."),
		        db_path(db));
	return DB_NO_KEY;
}

/* About: counting millions would take longer than a turn may. */
static int64_t rows_in_all(struct db *db)
{
	return stmt_single(
	        db_stmt(db, "SELECT 2 * (SELECT coalesce(max(id), 0) FROM customer)"
	                    " + (SELECT coalesce(max(id), 0) FROM event)"
	                    " + 2 * (SELECT coalesce(max(id), 0) FROM message)"),
	        0);
}

static void begin(struct db *db)
{
	db_meta_set_text(db, CURSOR, "0  0");
	db_meta_set_int(db, DONE, 0);
	db_meta_set_int(db, TOTAL, rows_in_all(db));
}

enum db_open_error sealing_open(struct db *db, bool writer, char why[512])
{
	enum kept kept = read_key(db);

	if (kept == KEPT_LOCKED)
		return locked(db, why);
	if (kept == KEPT_NOT && writer) {
		secret_random(db_store_key(db), SEAL_KEY_BYTES);
		keep_key(db);
	} else if (writer) {
		sealing_turn(db);
	}
	return DB_OPENED;
}

void sealing_turn(struct db *db)
{
	enum kept kept = read_key(db);

	if (kept == KEPT_OLDER || (kept == KEPT_PLAIN && seal_key_count())) {
		keep_key(db);
		begin(db);
	}
}

bool sealing_fields(struct db *db, const char *paths)
{
	char *had = db_meta_text(db, FIELDS);
	bool same = strcmp(had ? had : "", paths) == 0;

	free(had);
	if (same)
		return false;
	db_meta_set_text(db, FIELDS, paths);
	if (seal_key_count())
		begin(db);
	return true;
}

void sealing_link_key(struct db *db, uint8_t out[32])
{
	seal_derive(db_store_key(db), "danglink", 1, out);
}

void sealing_state(struct db *db, struct sealing *out)
{
	char *cursor = db_meta_text(db, CURSOR);
	struct stmt *st =
	        db_stmt(db, "SELECT typeof(value) = 'blob' FROM meta WHERE key ="
	                    " '" STORE_KEY "'");

	*out = (struct sealing){
	        .sealed = stmt_single(st, 0) == 1, .under_way = cursor && *cursor};
	if (out->under_way) {
		out->done = db_meta_int(db, DONE, 0);
		out->total = db_meta_int(db, TOTAL, 0);
	}
	free(cursor);
}

const char *sealing_advice(void)
{
	return TR(
	        "The store is not sealed: whoever gets the file reads every customer. "
	        "Make a key that only you can read, `(umask 077; openssl rand -base64 32 "
	        ">credentials/store-key)` in the folder of dangol.conf, and restart "
	        "dangold; what is there is then sealed while it runs.",
	        "저장소가 봉인되어 있지 않습니다. 파일을 손에 넣은 사람은 모든 고객 "
	        "정보를 "
	        "읽습니다. dangol.conf가 있는 폴더에서 `(umask 077; openssl rand -base64 "
	        "32 "
	        ">credentials/store-key)`로 나만 읽는 열쇠를 만들고 dangold를 다시 "
	        "시작하세요. 있던 것은 도는 동안 봉인됩니다.");
}

/* ---- the walk ---- */

enum shape {
	NONE,
	VALUE,
	JSON,
	DATA /* an event's: what is its own depends on its type */
};

/* One table: its rows behind a key (of a text or a number, and a number), and how the
 * values of one are written back. */
struct step {
	bool by_text, news; /* its key is a text; triggers take its changes for news */
	const char *select, *update;
	struct {
		enum shape shape;
		enum seal_purpose purpose;
	} values[VALUES_MAX];
};

static const struct step steps[] = {
        {false, false,
                "SELECT customer, 0, value FROM person WHERE customer > ?1"
                " ORDER BY customer LIMIT ?3",
                "UPDATE person SET value = ?3 WHERE customer = ?1",
                {{VALUE, SEAL_PERSON}}},
        {false, true,
                "SELECT id, 0, attributes FROM customer WHERE id > ?1"
                " ORDER BY id LIMIT ?3",
                "UPDATE customer SET attributes = ?3 WHERE id = ?1",
                {{JSON, SEAL_ATTRIBUTES}}},
        {false, false,
                "SELECT id, 0, data, type FROM event WHERE id > ?1"
                " ORDER BY id LIMIT ?3",
                "UPDATE event SET data = ?3 WHERE id = ?1", {{DATA, SEAL_EVENT}}},
        {false, false,
                "SELECT id, 0, address, data FROM message WHERE id > ?1"
                " ORDER BY id LIMIT ?3",
                "UPDATE message SET address = ?3, data = ?4 WHERE id = ?1",
                {{VALUE, SEAL_ADDRESS}, {JSON, SEAL_MESSAGE}}},
        {false, false,
                "SELECT message, 0, text FROM letter WHERE message > ?1"
                " ORDER BY message LIMIT ?3",
                "UPDATE letter SET text = ?3 WHERE message = ?1", {{VALUE, SEAL_LETTER}}},
        {false, false,
                "SELECT message, n, detail FROM attempt WHERE (message, n) > (?1, ?2)"
                " ORDER BY message, n LIMIT ?3",
                "UPDATE attempt SET detail = ?3 WHERE message = ?1 AND n = ?2",
                {{VALUE, SEAL_DETAIL}}},
        {false, false,
                "SELECT id, 0, detail FROM receipt WHERE id > ?1"
                " ORDER BY id LIMIT ?3",
                "UPDATE receipt SET detail = ?3 WHERE id = ?1", {{VALUE, SEAL_DETAIL}}},
        {true, false,
                "SELECT key, 0, body FROM idempotency WHERE key > ?1"
                " ORDER BY key LIMIT ?3",
                "UPDATE idempotency SET body = ?3 WHERE key = ?1",
                {{VALUE, SEAL_ANSWER}}},
        {true, false,
                "SELECT address, 0, max(shown) FROM suppression WHERE address > ?1"
                " GROUP BY address ORDER BY address LIMIT ?3",
                "UPDATE suppression SET shown = ?3 WHERE address = ?1 AND shown IS NOT"
                " NULL",
                {{VALUE, SEAL_SUPPRESSION}}},
        {false, false, "SELECT id, 0, was FROM merged WHERE id > ?1 ORDER BY id LIMIT ?3",
                "UPDATE merged SET was = ?3 WHERE id = ?1", {{VALUE, SEAL_MERGED}}},
        {false, false,
                "SELECT id, 0, value FROM import_change WHERE id > ?1"
                " ORDER BY id LIMIT ?3",
                "UPDATE import_change SET value = ?3 WHERE id = ?1",
                {{VALUE, SEAL_IMPORT}}},
};
#define N_STEPS ((int)(sizeof steps / sizeof steps[0]))

struct cursor {
	int step;
	char key[300];
	int64_t number;
};

/* A row as it was read: its values plain. */
struct row {
	const char *key;
	int64_t number;
	const char *values[VALUES_MAX], *type;
	bool old;    /* a value of it is not sealed with the first key */
	bool broken; /* one does not open: it stays as it is */
};

static void read_cursor(struct db *db, struct cursor *out)
{
	char *text = db_meta_text(db, CURSOR), *space = text ? strchr(text, ' ') : NULL,
	     *last = text ? strrchr(text, ' ') : NULL;

	*out = (struct cursor){.step = N_STEPS};
	if (space && last > space) {
		out->step = (int)strtol(text, NULL, 10);
		snprintf(out->key, sizeof out->key, "%.*s", (int)(last - space - 1),
		        space + 1);
		out->number = strtoll(last + 1, NULL, 10);
	}
	free(text);
}

static void write_cursor(struct db *db, const struct cursor *c)
{
	char text[400] = "";

	if (c->step < N_STEPS)
		snprintf(text, sizeof text, "%d %s %lld", c->step, c->key,
		        (long long)c->number);
	db_meta_set_text(db, CURSOR, text);
}

static bool is_old(struct stmt *st, int col)
{
	const void *sealed;
	size_t len;

	if (stmt_type(st, col) != STMT_BLOB)
		return true;
	sealed = stmt_get_blob(st, col, &len);
	return !seal_is_current(sealed, len);
}

static void read_value(struct stmt *st, int col, const struct step *step,
        struct arena *arena, struct row *out)
{
	enum shape shape = step->values[col - 2].shape;
	enum seal_purpose purpose = step->values[col - 2].purpose;
	int64_t id = step->by_text ? 0 : stmt_get(st, 0);
	const char *value;
	bool whole;

	if (stmt_is_null(st, col))
		return;
	value = shape == VALUE ? sealed_get(st, col, purpose, id)
	                       : sealed_get_json(st, col, purpose, id, &whole);
	out->broken |= !value || (shape != VALUE && !whole);
	out->old |= shape != VALUE || is_old(st, col);
	out->values[col - 2] = value ? arena_strdup(arena, value) : NULL;
}

static void read_row(
        struct stmt *st, const struct step *step, struct arena *arena, struct row *out)
{
	*out = (struct row){.key = arena_strdup(arena, stmt_get_text(st, 0)),
	        .number = stmt_get(st, 1)};
	for (int i = 0; i < VALUES_MAX && step->values[i].shape; i++)
		read_value(st, i + 2, step, arena, out);
	if (step->values[0].shape == DATA)
		out->type = arena_strdup(arena, stmt_get_text(st, 3));
}

static void bind_key(struct stmt *st, const struct step *step, const char *key)
{
	if (step->by_text)
		stmt_text(st, 1, key);
	else
		stmt_int(st, 1, strtoll(key, NULL, 10));
}

static void write_row(struct db *db, const struct step *step, const struct row *row)
{
	struct stmt *st = db_stmt(db, step->update);
	struct event_kind kind;

	bind_key(st, step, row->key);
	stmt_int(st, 2, row->number);
	for (int i = 0; i < VALUES_MAX && step->values[i].shape; i++) {
		enum seal_purpose purpose = step->values[i].purpose;
		switch (step->values[i].shape) {
		case VALUE:
			sealed_text(st, i + 3, purpose, row->values[i]);
			break;
		case JSON:
			sealed_json(st, i + 3, purpose, row->values[i],
			        purpose == SEAL_ATTRIBUTES ? sealed_attribute : NULL,
			        NULL);
			break;
		case DATA:
			kind = (struct event_kind){row->type, event_type_find(row->type)};
			sealed_json(
			        st, i + 3, purpose, row->values[i], event_member, &kind);
			break;
		case NONE:
			break;
		}
	}
	stmt_exec(st);
}

/* The next rows of a table; how many. */
static int batch(struct db *db, struct cursor *c, struct arena *arena)
{
	const struct step *step = &steps[c->step];
	struct stmt *st = db_stmt(db, step->select);
	struct row rows[BATCH];
	int n = 0;

	bind_key(st, step, c->key);
	stmt_int(st, 2, c->number);
	stmt_int(st, 3, BATCH);
	while (n < BATCH && stmt_row(st))
		read_row(st, step, arena, &rows[n++]);
	stmt_done(st);
	for (int i = 0; i < n; i++)
		if (rows[i].old && !rows[i].broken)
			write_row(db, step, &rows[i]);
	if (n) {
		snprintf(c->key, sizeof c->key, "%s", rows[n - 1].key);
		c->number = rows[n - 1].number;
	}
	return n;
}

/* One table a slice. Statements are made anew when triggers are switched: so where it
 * must be, and once. */
bool sealing_slice(struct db *db, int most_ms)
{
	int64_t until = clock_mono() + most_ms, done = db_meta_int(db, DONE, 0);
	struct arena *arena = arena_new();
	struct cursor c;
	int step;

	read_cursor(db, &c);
	step = c.step;
	if (step < N_STEPS && steps[step].news)
		db_triggers(db, false);
	while (c.step == step && step < N_STEPS && db_status(db) == DB_OK &&
	        clock_mono() < until) {
		int n = batch(db, &c, arena);
		done += n;
		arena_reset(arena);
		if (n < BATCH)
			c = (struct cursor){.step = step + 1, .key = ""};
	}
	if (step < N_STEPS && steps[step].news)
		db_triggers(db, true);
	write_cursor(db, &c);
	db_meta_set_int(db, DONE, done);
	arena_free(arena);
	return c.step < N_STEPS;
}
