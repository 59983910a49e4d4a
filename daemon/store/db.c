/* The database: connections, statements, the turn as transaction. The only file that
 * includes sqlite3.h; knows no table. Never decides what an error means to the outside:
 * it tells. */
#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/seal.h"
#include "store/db.h"
#include "store/db_inner.h"
#include "store/lock.h"

#define MARKS_MAX 16
#define REREADS_MAX 16
#define WAL_PAGES_LONG 2048 /* 8 MiB: then the pool moves them */
#define WAL_PAGES_MAX \
	16384 /* 64 MiB of 4 KiB pages: then the writer itself moves them \
	       */

struct stmt {
	sqlite3_stmt *raw; /* NULL: could not be prepared, the turn is spoilt */
	struct db *db;
	const char *key;
	bool write, active;
	struct arena *opened; /* what its row holds unsealed; NULL: never any */
};

struct hook {
	db_hook call;
	void *arg;
	bool dropped;
};

struct reread {
	void (*call)(void *arg);
	void *arg;
};

enum fixed { BEGIN, COMMIT, ROLLBACK, SAVE, UNDO, KEEP, FIXED };
static const char *const fixed_sql[FIXED] = {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK",
        "SAVEPOINT mark", "ROLLBACK TO mark", "RELEASE mark"};

struct db {
	sqlite3 *raw;
	char *path;
	char id[9];
	int lock;
	struct stmt **cache; /* open addressing, cap a power of two */
	size_t cap, n;
	sqlite3_stmt *fixed[FIXED];
	bool open, begun; /* a turn; its transaction */
	enum db_status status, fail_next, last;
	struct hook *hooks;
	size_t n_hooks;
	struct reread rereads[REREADS_MAX];
	size_t n_rereads;
	struct flush {
		void (*call)(void *arg, struct db *db);
		void *arg;
	} flushes[DB_SLOTS];
	size_t n_flushes;
	void *slots[DB_SLOTS];
	size_t marks[MARKS_MAX]; /* hooks registered before each mark */
	int n_marks;
	int wal_pages, wal_tried,
	        wal_left; /* left: by the last checkpoint, for a reader */
	bool soiled;      /* the log holds pages of what was erased since */
	int64_t said_at;  /* when an error was logged last */
	uint8_t store_key[SEAL_KEY_BYTES];
	struct buf room;
};

/* ---- errors ---- */

static enum db_status judge(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
	case SQLITE_READONLY:
		return DB_FULL;
	case SQLITE_IOERR:
		return rc == SQLITE_IOERR_READ || rc == SQLITE_IOERR_LOCK ? DB_BUSY
		                                                          : DB_FULL;
	default:
		return DB_BUSY;
	}
}

static bool is_fatal(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_NOMEM:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return true;
	default:
		return rc == SQLITE_IOERR_NOMEM || rc == SQLITE_IOERR_CORRUPTFS;
	}
}

static void die(const char *path, int rc, const char *message) __attribute__((noreturn));
static void die(const char *path, int rc, const char *message)
{
	int kind = rc & 0xff;
	if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB ||
	        rc == SQLITE_IOERR_CORRUPTFS)
		log_die(TR("the store %s is damaged (%s): put a backup in its place",
		                "%s 저장소가 손상되었습니다 (%s): 백업으로 되돌리세요"),
		        path, message);
	log_die("the store %s: %s (%d)", path, message, rc);
}

static void spoil(struct db *db, int rc)
{
	if (is_fatal(rc))
		die(db->path, rc, sqlite3_errmsg(db->raw));
	db->open = true;
	if (db->status == DB_OK)
		db->status = judge(rc);
	if (sqlite3_get_autocommit(db->raw))
		db->begun = false;
	int64_t now = clock_mono();
	if (db->said_at && now - db->said_at < MS_MINUTE)
		return;
	db->said_at = now;
	log_error(TR("the store could not be written or read: %s. Nothing of it was "
	             "answered as done; look "
	             "at the room on the disk.",
	                  "저장소를 쓰거나 읽지 못했습니다: %s. 처리된 것으로 응답한 "
	                  "것은 없습니다. 디스크 여유 공간을 "
	                  "확인하세요."),
	        sqlite3_errstr(rc));
}

/* ---- statements ---- */

static sqlite3_stmt *compile(struct db *db, const char *sql)
{
	sqlite3_stmt *raw = NULL;
	int rc = sqlite3_prepare_v3(
	        db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, NULL);
	if (rc == SQLITE_OK)
		return raw;
	if ((rc & 0xff) == SQLITE_ERROR)
		log_die("a statement of ours does not compile: %s: %s",
		        sqlite3_errmsg(db->raw), sql);
	spoil(db, rc);
	return NULL;
}

static struct stmt **slot(struct stmt **cache, size_t cap, const char *key)
{
	size_t i = (size_t)(((uintptr_t)key >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
	while (cache[i & (cap - 1)] && cache[i & (cap - 1)]->key != key)
		i++;
	return &cache[i & (cap - 1)];
}

static void grow_cache(struct db *db)
{
	size_t cap = db->cap ? db->cap * 2 : 256;
	struct stmt **cache = mem_alloc(cap * sizeof *cache);
	for (size_t i = 0; i < db->cap; i++)
		if (db->cache[i])
			*slot(cache, cap, db->cache[i]->key) = db->cache[i];
	free(db->cache);
	db->cache = cache;
	db->cap = cap;
}

static struct stmt *make_stmt(struct db *db, const char *key)
{
	struct stmt *st = mem_alloc(sizeof *st);
	st->db = db;
	st->key = key;
	return st;
}

static struct stmt *rewound(struct stmt *st)
{
	sqlite3_reset(st->raw);
	st->active = false;
	return st;
}

struct stmt *db_stmt(struct db *db, const char *static_sql)
{
	if (db->n * 2 >= db->cap)
		grow_cache(db);
	struct stmt **at = slot(db->cache, db->cap, static_sql);
	struct stmt *st = *at;
	if (!st) {
		st = *at = make_stmt(db, static_sql);
		db->n++;
	}
	if (!st->raw) {
		st->raw = compile(db, static_sql);
		st->write = st->raw && !sqlite3_stmt_readonly(st->raw);
	}
	assert(!st->active);
	if (st->raw)
		sqlite3_clear_bindings(st->raw);
	return st;
}

struct stmt *stmt_new(struct db *db, const char *sql, char why[256])
{
	sqlite3_stmt *raw = NULL;
	int rc = sqlite3_prepare_v3(
	        db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, NULL);
	if (rc != SQLITE_OK || !raw) {
		if (is_fatal(rc))
			die(db->path, rc, sqlite3_errmsg(db->raw));
		snprintf(why, 256, "%s",
		        rc == SQLITE_OK ? "empty" : sqlite3_errmsg(db->raw));
		return NULL;
	}
	struct stmt *st = make_stmt(db, NULL);
	st->raw = raw;
	st->write = !sqlite3_stmt_readonly(raw);
	return st;
}

void stmt_free(struct stmt *st)
{
	if (!st)
		return;
	sqlite3_finalize(st->raw);
	arena_free(st->opened);
	free(st);
}

struct stmt *stmt_reset(struct stmt *st)
{
	rewound(st);
	sqlite3_clear_bindings(st->raw);
	return st;
}

static void bound(struct stmt *st, int rc)
{
	if (rc != SQLITE_OK && st->raw)
		log_die("a value could not be bound: %s: %s", sqlite3_errstr(rc),
		        sqlite3_sql(st->raw));
}

void stmt_int(struct stmt *st, int i, int64_t value)
{
	if (st->raw)
		bound(st, sqlite3_bind_int64(st->raw, i, value));
}

void stmt_textn(struct stmt *st, int i, const char *value, size_t len)
{
	if (st->raw)
		bound(st, sqlite3_bind_text64(
		                  st->raw, i, value, len, SQLITE_STATIC, SQLITE_UTF8));
}

void stmt_text(struct stmt *st, int i, const char *value)
{
	stmt_textn(st, i, value, value ? strlen(value) : 0);
}

void stmt_blob(struct stmt *st, int i, const void *value, size_t len)
{
	if (st->raw)
		bound(st, sqlite3_bind_blob64(st->raw, i, value, len, SQLITE_STATIC));
}

void stmt_text_copy(struct stmt *st, int i, const char *value, size_t len)
{
	if (st->raw)
		bound(st, sqlite3_bind_text64(
		                  st->raw, i, value, len, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void stmt_blob_copy(struct stmt *st, int i, const void *value, size_t len)
{
	if (st->raw)
		bound(st, sqlite3_bind_blob64(st->raw, i, value, len, SQLITE_TRANSIENT));
}

void stmt_double(struct stmt *st, int i, double value)
{
	if (st->raw)
		bound(st, sqlite3_bind_double(st->raw, i, value));
}

void stmt_null(struct stmt *st, int i)
{
	if (st->raw)
		bound(st, sqlite3_bind_null(st->raw, i));
}

void stmt_int_or_null(struct stmt *st, int i, bool present, int64_t value)
{
	if (present)
		stmt_int(st, i, value);
	else
		stmt_null(st, i);
}

static void begin(struct db *db)
{
	int rc = sqlite3_step(db->fixed[BEGIN]);
	sqlite3_reset(db->fixed[BEGIN]);
	db->open = true;
	db->begun = rc == SQLITE_DONE;
	if (!db->begun)
		spoil(db, rc);
}

/* An owner's rule over strange data may fail where it runs (a sum that overflows): it
 * then finds nothing, and the turn goes on. A write of ours may not. */
static void trouble(struct stmt *st, int rc)
{
	int kind = rc & 0xff;
	if (kind != SQLITE_ERROR && kind != SQLITE_TOOBIG && kind != SQLITE_MISMATCH) {
		spoil(st->db, rc);
		return;
	}
	if (st->write)
		die(st->db->path, rc, sqlite3_errmsg(st->db->raw));
	log_error("a question to the store failed: %s", sqlite3_errmsg(st->db->raw));
}

bool stmt_row(struct stmt *st)
{
	struct db *db = st->db;
	if (st->write && !db->begun && db->status == DB_OK)
		begin(db);
	if (db->status != DB_OK) {
		rewound(st);
		return false;
	}
	if (st->opened)
		arena_reset(st->opened);
	int rc = sqlite3_step(st->raw);
	if (rc == SQLITE_ROW) {
		st->active = true;
		return true;
	}
	if (rc != SQLITE_DONE)
		trouble(st, rc);
	rewound(st);
	return false;
}

void stmt_done(struct stmt *st)
{
	if (st->active)
		rewound(st);
}

int64_t stmt_exec(struct stmt *st)
{
	int64_t before = sqlite3_total_changes64(st->db->raw);
	stmt_row(st);
	bool changed = st->write && st->db->status == DB_OK &&
	               sqlite3_total_changes64(st->db->raw) != before;
	stmt_done(st);
	return changed ? sqlite3_changes64(st->db->raw) : 0;
}

int64_t stmt_single(struct stmt *st, int64_t otherwise)
{
	if (!stmt_row(st))
		return otherwise;
	int64_t value = stmt_is_null(st, 0) ? otherwise : stmt_get(st, 0);
	rewound(st);
	return value;
}

int stmt_ids(struct stmt *st, int64_t *ids, int max)
{
	int n = 0;

	while (n < max && stmt_row(st))
		ids[n++] = stmt_get(st, 0);
	stmt_done(st);
	return n;
}

int64_t stmt_get(struct stmt *st, int col)
{
	return sqlite3_column_int64(st->raw, col);
}

double stmt_get_double(struct stmt *st, int col)
{
	return sqlite3_column_double(st->raw, col);
}

const char *stmt_get_text(struct stmt *st, int col)
{
	return (const char *)sqlite3_column_text(st->raw, col);
}

const void *stmt_get_blob(struct stmt *st, int col, size_t *len)
{
	const void *data = sqlite3_column_blob(st->raw, col);
	*len = (size_t)sqlite3_column_bytes(st->raw, col);
	return data;
}

bool stmt_is_null(struct stmt *st, int col)
{
	return sqlite3_column_type(st->raw, col) == SQLITE_NULL;
}

enum stmt_type stmt_type(struct stmt *st, int col)
{
	switch (sqlite3_column_type(st->raw, col)) {
	case SQLITE_INTEGER:
		return STMT_INT;
	case SQLITE_FLOAT:
		return STMT_REAL;
	case SQLITE_TEXT:
		return STMT_TEXT;
	case SQLITE_BLOB:
		return STMT_BLOB;
	default:
		return STMT_NULL;
	}
}

struct db *stmt_db(struct stmt *st)
{
	return st->db;
}

struct arena *stmt_arena(struct stmt *st)
{
	if (!st->opened)
		st->opened = arena_new();
	return st->opened;
}

struct buf *db_room(struct db *db)
{
	return &db->room;
}

uint8_t *db_store_key(struct db *db)
{
	return db->store_key;
}

void db_triggers(struct db *db, bool on)
{
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, (int)on, NULL);
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->raw);
}

char *db_plan(struct db *db, const char *sql)
{
	char why[256], *explain = mem_printf("EXPLAIN QUERY PLAN %s", sql);
	struct buf out = {0};
	struct stmt *st = stmt_new(db, explain, why);
	if (!st)
		buf_adds(&out, why);
	while (st && stmt_row(st))
		buf_printf(&out, "%s\n", stmt_get_text(st, 3));
	stmt_free(st);
	free(explain);
	return buf_take(&out);
}

/* ---- the turn ---- */

void db_after(struct db *db, db_hook hook, void *arg)
{
	struct hook *h = mem_grow(&db->hooks, db->n_hooks, sizeof *h);
	db->n_hooks++;
	h->call = hook;
	h->arg = arg;
	db->open = true;
}

bool db_turn_open(const struct db *db)
{
	return db->open;
}

enum db_status db_status(const struct db *db)
{
	return db->status;
}

enum db_status db_last_turn(const struct db *db)
{
	return db->last;
}

/* One of the fixed statements; false and a spoilt turn when it fails. */
static bool step_fixed(struct db *db, enum fixed which)
{
	int rc = sqlite3_step(db->fixed[which]);
	sqlite3_reset(db->fixed[which]);
	if (rc != SQLITE_DONE)
		spoil(db, rc);
	return rc == SQLITE_DONE;
}

static void flush_figures(struct db *db)
{
	for (size_t i = 0; i < db->n_flushes; i++)
		if (db->begun && db->status == DB_OK)
			db->flushes[i].call(db->flushes[i].arg, db);
}

int db_mark(struct db *db)
{
	assert(db->n_marks < MARKS_MAX);
	if (!db->begun && db->status == DB_OK)
		begin(db);
	flush_figures(db);
	if (db->status == DB_OK)
		step_fixed(db, SAVE);
	db->marks[db->n_marks++] = db->n_hooks;
	return db->n_marks;
}

void db_mark_undo(struct db *db, int mark)
{
	assert(mark == db->n_marks && mark > 0);
	for (size_t i = db->marks[--db->n_marks]; i < db->n_hooks; i++)
		db->hooks[i].dropped = true;
	flush_figures(db); /* into what is undone: nothing of it is left in memory */
	if (db->status == DB_OK && step_fixed(db, UNDO))
		step_fixed(db, KEEP);
}

void db_mark_keep(struct db *db, int mark)
{
	assert(mark == db->n_marks && mark > 0);
	db->n_marks--;
	if (db->status == DB_OK)
		step_fixed(db, KEEP);
}

void db_on_abort(struct db *db, void (*reread)(void *arg), void *arg)
{
	assert(db->n_rereads < REREADS_MAX);
	db->rereads[db->n_rereads++] = (struct reread){reread, arg};
}

void db_before_commit(struct db *db, void (*flush)(void *arg, struct db *db), void *arg)
{
	assert(db->n_flushes < DB_SLOTS);
	db->flushes[db->n_flushes++] = (struct flush){flush, arg};
}

void **db_slot(struct db *db, enum db_slot which)
{
	return &db->slots[which];
}

/* Commits what was begun, or undoes it: what then holds is what the hooks are told. */
static enum db_status settle(struct db *db)
{
	if (db->begun && db->fail_next != DB_OK && db->status == DB_OK)
		db->status = db->fail_next;
	flush_figures(db);
	if (db->begun && db->status == DB_OK)
		step_fixed(db, COMMIT);
	if (!sqlite3_get_autocommit(db->raw)) {
		for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(db->raw, s));)
			sqlite3_reset(s);
		for (size_t i = 0; i < db->cap; i++)
			if (db->cache[i])
				db->cache[i]->active = false;
		sqlite3_step(db->fixed[ROLLBACK]);
		sqlite3_reset(db->fixed[ROLLBACK]);
		/* A transaction that cannot even be undone would be committed with the
		 * next one. */
		if (!sqlite3_get_autocommit(db->raw))
			log_die("a turn could not be rolled back: %s",
			        sqlite3_errmsg(db->raw));
	}
	return db->status;
}

static void bound_wal(struct db *db)
{
	if (db->wal_pages < db->wal_tried)
		db->wal_tried = 0;
	if (db->wal_pages < WAL_PAGES_MAX ||
	        db->wal_pages < db->wal_tried + WAL_PAGES_MAX / 16)
		return;
	db->wal_tried = db->wal_pages;
	sqlite3_wal_checkpoint_v2(db->raw, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

enum db_status db_turn_end(struct db *db)
{
	if (!db->open)
		return DB_OK;
	assert(db->n_marks == 0);
	bool begun = db->begun;
	enum db_status status = settle(db);
	struct hook *hooks = db->hooks;
	size_t n = db->n_hooks;
	if (begun || status != DB_OK)
		db->last = status;
	if (begun)
		db->fail_next = DB_OK;
	db->hooks = NULL;
	db->n_hooks = 0;
	db->open = db->begun = false;
	db->status = DB_OK;
	bound_wal(db);
	for (size_t i = 0; status != DB_OK && i < db->n_rereads; i++)
		db->rereads[i].call(db->rereads[i].arg);
	for (size_t i = 0; i < n; i++)
		hooks[i].call(hooks[i].arg,
		        status == DB_OK && hooks[i].dropped ? DB_BUSY : status);
	free(hooks);
	return status;
}

void db_fail_next_commit(struct db *db, enum db_status status)
{
	db->fail_next = status;
}

/* ---- connections ---- */

static void set_up_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_URI, 0);
}

static void harden(sqlite3 *raw)
{
	static const struct {
		int what, value;
	} limits[] = {{SQLITE_LIMIT_LENGTH, 64 << 20}, {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
	        {SQLITE_LIMIT_COLUMN, 256}, {SQLITE_LIMIT_EXPR_DEPTH, 500},
	        {SQLITE_LIMIT_COMPOUND_SELECT, 64}, {SQLITE_LIMIT_ATTACHED, 1},
	        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1024},
	        {SQLITE_LIMIT_VARIABLE_NUMBER, 4096}, {SQLITE_LIMIT_TRIGGER_DEPTH, 4},
	        {SQLITE_LIMIT_WORKER_THREADS, 0}};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		sqlite3_limit(raw, limits[i].what, limits[i].value);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
}

static int on_wal(void *arg, sqlite3 *raw, const char *name, int pages)
{
	(void)raw;
	(void)name;
	struct db *db = arg;
	db->wal_pages = pages;
	if (pages < db->wal_left)
		db->wal_left = 0;
	return SQLITE_OK;
}

void db_bound_log(struct db *db)
{
	sqlite3_wal_hook(db->raw, on_wal, db);
}

void db_set_id(struct db *db, const char *id)
{
	snprintf(db->id, sizeof db->id, "%s", id ? id : "");
}

static struct db *make_db(sqlite3 *raw, const char *path, int lock)
{
	struct db *db = mem_alloc(sizeof *db);
	db->raw = raw;
	db->path = mem_strdup(path);
	db->lock = lock;
	for (int i = 0; i < FIXED; i++)
		db->fixed[i] = compile(db, fixed_sql[i]);
	return db;
}

struct db *db_connect(
        const char *path, int lock, int busy_ms, const char *pragmas, char why[256])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, set_up_library);
	sqlite3 *raw = NULL;
	int rc = sqlite3_open_v2(
	        path, &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(raw, 1);
		sqlite3_busy_timeout(raw, busy_ms);
		harden(raw);
		rc = sqlite3_exec(raw, pragmas, NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		return make_db(raw, path, lock);
	const char *message = raw ? sqlite3_errmsg(raw) : sqlite3_errstr(rc);
	if (is_fatal(rc))
		die(path, rc, message);
	snprintf(why, 256, "%s", message);
	sqlite3_close(raw);
	return NULL;
}

int db_script(struct db *db, const char *sql, char why[256])
{
	int rc = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return 0;
	if (is_fatal(rc))
		die(db->path, rc, sqlite3_errmsg(db->raw));
	snprintf(why, 256, "%s", sqlite3_errmsg(db->raw));
	if (!sqlite3_get_autocommit(db->raw))
		sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->open) {
		db->n_marks = 0;
		if (db->status == DB_OK)
			db->status = DB_BUSY;
		db_turn_end(db);
	}
	for (int i = 0; i < FIXED; i++)
		sqlite3_finalize(db->fixed[i]);
	for (size_t i = 0; i < db->cap; i++)
		stmt_free(db->cache[i]);
	if (sqlite3_close(db->raw) != SQLITE_OK)
		log_die("the store was closed while statements of it were still held");
	lock_drop(db->lock);
	free(db->cache);
	free(db->hooks);
	for (size_t i = 0; i < DB_SLOTS; i++)
		free(db->slots[i]);
	seal_wipe(db->store_key, sizeof db->store_key);
	if (db->room.data)
		seal_wipe(db->room.data, db->room.cap);
	buf_free(&db->room);
	free(db->path);
	free(db);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

const char *db_id(const struct db *db)
{
	return db->id;
}

void db_checkpoint(const char *path)
{
	char why[256];
	struct db *db = db_connect(
	        path, -1, 0, "PRAGMA synchronous = FULL; PRAGMA cache_size = -512", why);
	if (!db)
		return;
	sqlite3_wal_checkpoint_v2(db->raw, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	db_close(db);
}

bool db_log_is_long(const struct db *db)
{
	return db->wal_pages >= WAL_PAGES_LONG &&
	       db->wal_pages >= db->wal_left + WAL_PAGES_LONG / 4;
}

void db_checkpoint_rest(struct db *db)
{
	int pages = 0, moved = -1;
	if (!db_log_is_long(db) || db->open)
		return;
	sqlite3_wal_checkpoint_v2(
	        db->raw, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
	db->wal_left = pages == moved ? 0 : db->wal_pages;
	if (pages == moved)
		db->wal_pages = 0;
}

void db_soil(struct db *db)
{
	db->soiled = true;
}

bool db_soiled(const struct db *db)
{
	return db->soiled;
}

bool db_wash(struct db *db)
{
	int rc;
	if (db->open)
		return false;
	sqlite3_busy_timeout(db->raw, 0);
	rc = sqlite3_wal_checkpoint_v2(
	        db->raw, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(db->raw, WRITER_BUSY_MS);
	if (rc != SQLITE_OK)
		return false;
	db->soiled = false;
	db->wal_pages = db->wal_left = 0;
	return true;
}

int64_t db_bytes(const struct db *db)
{
	struct stat st;
	char *wal = mem_printf("%s-wal", db->path);
	int64_t bytes = stat(db->path, &st) == 0 ? st.st_size : 0;
	if (stat(wal, &st) == 0)
		bytes += st.st_size;
	free(wal);
	return bytes;
}
