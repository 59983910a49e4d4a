/* The database: connections, statements, the turn as transaction, opening, migration,
 * copies. The only file that includes sqlite3.h; knows no table but meta. Never decides
 * what an error means to the outside: it tells. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
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
#include "base/secret.h"
#include "store/db.h"
#include "store/lock.h"
#include "store/schema.h"

#define MARKS_MAX 16
#define REREADS_MAX 16
#define WAL_PAGES_MAX \
	16384 /* 64 MiB of 4 KiB pages: then the writer itself moves them \
	       */

struct stmt {
	sqlite3_stmt *raw; /* NULL: could not be prepared, the turn is spoilt */
	struct db *db;
	const char *key;
	bool write, active;
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
	enum db_status status, fail_next;
	struct hook *hooks;
	size_t n_hooks;
	struct reread rereads[REREADS_MAX];
	size_t n_rereads;
	size_t marks[MARKS_MAX]; /* hooks registered before each mark */
	int n_marks;
	int wal_pages, wal_tried;
	int64_t said_at; /* when an error was logged last */
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
	rewound(st);
}

int64_t stmt_exec(struct stmt *st)
{
	int64_t before = sqlite3_total_changes64(st->db->raw);
	stmt_row(st);
	bool changed = st->write && st->db->status == DB_OK &&
	               sqlite3_total_changes64(st->db->raw) != before;
	rewound(st);
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

/* One of the fixed statements; false and a spoilt turn when it fails. */
static bool step_fixed(struct db *db, enum fixed which)
{
	int rc = sqlite3_step(db->fixed[which]);
	sqlite3_reset(db->fixed[which]);
	if (rc != SQLITE_DONE)
		spoil(db, rc);
	return rc == SQLITE_DONE;
}

int db_mark(struct db *db)
{
	assert(db->n_marks < MARKS_MAX);
	if (!db->begun && db->status == DB_OK)
		begin(db);
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

/* Commits what was begun, or undoes it: what then holds is what the hooks are told. */
static enum db_status settle(struct db *db)
{
	if (db->begun && db->fail_next != DB_OK && db->status == DB_OK)
		db->status = db->fail_next;
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

/* ---- meta ---- */

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

/* Every connection: hardened, its pragmas set; NULL when it cannot be opened. Dies on a
 * damaged file. */
static sqlite3 *connect(const char *path, int busy_ms, const char *pragmas, char why[256])
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
		return raw;
	const char *message = raw ? sqlite3_errmsg(raw) : sqlite3_errstr(rc);
	if (is_fatal(rc))
		die(path, rc, message);
	snprintf(why, 256, "%s", message);
	sqlite3_close(raw);
	return NULL;
}

static int on_wal(void *arg, sqlite3 *raw, const char *name, int pages)
{
	(void)raw;
	(void)name;
	((struct db *)arg)->wal_pages = pages;
	return SQLITE_OK;
}

static int64_t pragma_int(sqlite3 *raw, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t value = -1;
	int rc = sqlite3_prepare_v2(raw, sql, -1, &st, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		value = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (is_fatal(rc))
		die(sqlite3_db_filename(raw, "main"), rc, sqlite3_errmsg(raw));
	return value;
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

static void read_id(struct db *db)
{
	char *id = db_meta_text(db, "store_id");
	snprintf(db->id, sizeof db->id, "%s", id ? id : "");
	free(id);
}

static void new_id(char out[9])
{
	uint8_t bytes[4];
	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, sizeof bytes, out);
}

/* ---- copies ---- */

static void sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static void sync_folder_of(const char *path)
{
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	sync_file(slash ? folder : ".");
	free(folder);
}

/* VACUUM INTO an empty file that is ours alone from its first byte. */
static int vacuum_into(sqlite3 *raw, const char *target, char why[256])
{
	int fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		snprintf(why, 256, "%s: %s", target, strerror(errno));
		return -1;
	}
	close(fd);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(raw, "VACUUM INTO ?1", -1, &st, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_bind_text(st, 1, target, -1, SQLITE_STATIC);
		rc = sqlite3_step(st);
	}
	if (rc != SQLITE_DONE) {
		snprintf(why, 256, "%s: %s", target, sqlite3_errmsg(raw));
		unlink(target);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int stamp_copy(const char *target, bool rehearsal, char why[256])
{
	char id[9];
	sqlite3 *raw = connect(target, 0, "PRAGMA synchronous = FULL", why);
	if (!raw)
		return -1;
	new_id(id);
	char *sql =
	        mem_printf("BEGIN; UPDATE meta SET value = '%s' WHERE key = 'store_id';"
	                   "%s COMMIT",
	                id,
	                rehearsal ? "INSERT OR REPLACE INTO meta(key, value) VALUES "
	                            "('rehearsal', 1);"
	                          : "");
	int rc = sqlite3_exec(raw, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		snprintf(why, 256, "%s: %s", target, sqlite3_errmsg(raw));
	free(sql);
	sqlite3_close(raw);
	return rc == SQLITE_OK ? 0 : -1;
}

int db_backup(const char *path, const char *target, bool rehearsal, char why[256])
{
	sqlite3 *raw = connect(
	        path, 5000, "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048", why);
	if (!raw)
		return -1;
	int rc = vacuum_into(raw, target, why);
	sqlite3_close(raw);
	if (rc != 0)
		return -1;
	if (stamp_copy(target, rehearsal, why) != 0) {
		unlink(target);
		return -1;
	}
	sync_file(target);
	sync_folder_of(target);
	return 0;
}

/* ---- opening ---- */

static int back_up_before(sqlite3 *raw, const char *path, int64_t version, char why[512])
{
	char detail[256];
	char *target = mem_printf("%s.before-%lld", path, (long long)version);
	char *fresh = mem_printf("%s.new", target);
	unlink(fresh);
	int rc = vacuum_into(raw, fresh, detail);
	if (rc == 0) {
		sync_file(fresh);
		rc = rename(fresh, target);
		if (rc != 0)
			snprintf(
			        detail, sizeof detail, "%s: %s", target, strerror(errno));
		sync_folder_of(path);
	}
	if (rc != 0)
		snprintf(why, 512,
		        TR("The backup before the upgrade could not be written (%s). "
		           "Make room on the disk "
		           "and start again; nothing was changed.",
		                "업그레이드 전 백업을 쓸 수 없습니다 (%s). 디스크 공간을 "
		                "비우고 다시 시작하세요. "
		                "바뀐 것은 없습니다."),
		        detail);
	free(fresh);
	free(target);
	return rc;
}

static int apply(sqlite3 *raw, int64_t from)
{
	char pragma[64];
	int rc = sqlite3_exec(raw, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	for (int64_t i = from; rc == SQLITE_OK && i < schema_version; i++)
		rc = sqlite3_exec(raw, schema_migrations[i].sql, NULL, NULL, NULL);
	snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", schema_version);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(raw, pragma, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(raw, "COMMIT", NULL, NULL, NULL);
	return rc;
}

static enum db_open_error migrate(
        sqlite3 *raw, const char *path, int64_t from, char why[512])
{
	if (from > schema_version) {
		snprintf(why, 512,
		        TR("The store %s was written by a newer dangol (its schema is "
		           "%lld, this program "
		           "knows %d). Install the newer program, or restore "
		           "%s.before-%d.",
		                "%s 저장소는 더 새로운 dangol이 쓴 것입니다 (저장소 형식 "
		                "%lld, 이 프로그램은 %d까지). "
		                "새 프로그램을 설치하거나 %s.before-%d 백업으로 "
		                "되돌리세요."),
		        path, (long long)from, schema_version, path, schema_version);
		return DB_NEWER;
	}
	if (from == schema_version)
		return DB_OPENED;
	if (from > 0 && back_up_before(raw, path, from, why) != 0)
		return DB_CANNOT;
	int rc = apply(raw, from);
	if (rc == SQLITE_OK)
		return DB_OPENED;
	if (is_fatal(rc) || (rc & 0xff) == SQLITE_ERROR)
		die(path, rc, sqlite3_errmsg(raw));
	snprintf(why, 512,
	        TR("The store %s could not be brought to schema %d: %s. Nothing was "
	           "changed.",
	                "%s 저장소를 형식 %d(으)로 올리지 못했습니다: %s. 바뀐 것은 "
	                "없습니다."),
	        path, schema_version, sqlite3_errmsg(raw));
	return DB_CANNOT;
}

/* What a new store carries, and whether a rehearsal may have this one. */
static enum db_open_error claim(struct db *db, bool fresh, bool rehearsal, char why[512])
{
	char id[9];
	read_id(db);
	if (!db->id[0]) {
		new_id(id);
		db_meta_set_text(db, "store_id", id);
		memcpy(db->id, id, sizeof db->id);
	}
	if (rehearsal && fresh)
		db_meta_set_int(db, "rehearsal", 1);
	bool marked = db_meta_int(db, "rehearsal", 0) == 1;
	if (db_turn_end(db) != DB_OK) {
		snprintf(why, 512,
		        TR("The store %s cannot be written.",
		                "%s 저장소에 쓸 수 없습니다."),
		        db->path);
		return DB_CANNOT;
	}
	if (!rehearsal || marked)
		return DB_OPENED;
	snprintf(why, 512,
	        TR("%s is the shop's own store: a rehearsal opens only a new one or a "
	           "copy made by "
	           "\"dangolctl backup --rehearsal FILE\".",
	                "%s 은(는) 실제 저장소입니다. 리허설은 새 저장소나 \"dangolctl "
	                "backup --rehearsal 파일\"로 만든 "
	                "사본만 엽니다."),
	        db->path);
	return DB_NOT_REHEARSAL;
}

static const char writer_pragmas[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint "
        "= 0;"
        "PRAGMA secure_delete = ON; PRAGMA cache_size = -8192; PRAGMA mmap_size = 0;"
        "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216";

static sqlite3 *connect_writer(const char *path, char why[512])
{
	char detail[256];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(detail, sizeof detail, "%s", strerror(errno));
	} else {
		(void)!fchmod(fd, 0600);
		close(fd);
		sqlite3 *raw = connect(path, 1000, writer_pragmas, detail);
		if (raw)
			return raw;
	}
	snprintf(why, 512,
	        TR("The store %s cannot be opened: %s. Look at the folder's owner and "
	           "the disk.",
	                "%s 저장소를 열 수 없습니다: %s. 폴더의 소유자와 디스크를 "
	                "확인하세요."),
	        path, detail);
	return NULL;
}

enum db_open_error db_open(
        struct db **out, const char *path, bool rehearsal, char why[512])
{
	int lock = lock_take(path, why);
	if (lock < 0)
		return lock == -1 ? DB_LOCKED : DB_CANNOT;
	sqlite3 *raw = connect_writer(path, why);
	enum db_open_error error = raw ? DB_OPENED : DB_CANNOT;
	int64_t from = raw ? pragma_int(raw, "PRAGMA user_version") : 0;
	if (raw)
		error = migrate(raw, path, from, why);
	if (error != DB_OPENED) {
		sqlite3_close(raw);
		lock_drop(lock);
		return error;
	}
	struct db *db = make_db(raw, path, lock);
	sqlite3_wal_hook(raw, on_wal, db);
	error = claim(db, from == 0, rehearsal, why);
	if (error != DB_OPENED) {
		db_close(db);
		return error;
	}
	*out = db;
	return DB_OPENED;
}

static struct db *open_beside(const char *path, const char *pragmas)
{
	char why[256];
	sqlite3 *raw = connect(path, 5000, pragmas, why);
	if (!raw)
		return NULL;
	if (pragma_int(raw, "PRAGMA user_version") != schema_version) {
		sqlite3_close(raw);
		return NULL;
	}
	struct db *db = make_db(raw, path, -1);
	read_id(db);
	return db;
}

struct db *db_open_reader(const char *path)
{
	return open_beside(path, "PRAGMA query_only = ON; PRAGMA cache_size = -2048;"
	                         "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
}

struct db *db_open_private(const char *path)
{
	return open_beside(path,
	        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY;"
	        "PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;"
	        "PRAGMA temp_store = MEMORY");
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
	sqlite3 *raw = connect(
	        path, 0, "PRAGMA synchronous = FULL; PRAGMA cache_size = -512", why);
	if (!raw)
		return;
	sqlite3_wal_checkpoint_v2(raw, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite3_close(raw);
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
