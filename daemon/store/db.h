/* The database: the only file that includes sqlite3.h. One writing connection, owned by
 * the loop; statements prepared once per call site; the loop's turn is the transaction.
 */
#ifndef DANGOL_DB_H
#define DANGOL_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct stmt;

enum db_status {
	DB_OK = 0,
	DB_FULL, /* no room on the disk (FULL, IOERR_WRITE and its kin): answered 507 */
	DB_BUSY, /* somebody else holds it or memory is short: answered 503 */
};

enum db_open_error {
	DB_OPENED = 0,
	DB_LOCKED,
	DB_NEWER,
	DB_CANNOT,
	DB_NOT_REHEARSAL,
	DB_NO_KEY /* it is sealed, and none of our keys opens it */
};

/* Opens or makes the store at path (0600, folder made with 0700), takes its lock (path
 * ".lock", OFD lock that dies with the process, the holder's pid written inside), WAL,
 * synchronous FULL, DEFENSIVE, no double-quoted strings, foreign keys, secure_delete;
 * migrates to the newest schema in one transaction after a backup beside it (path
 * ".before-N"). rehearsal: only a new store (then marked) or one marked as rehearsal
 * opens. why (512 bytes) says in the owner's language what happened and what to do. The
 * caller has set the process's keys (base/seal.h): a store that is not sealed with the
 * first of them is from now on, and its values follow (store/sealing.h). A damaged file
 * (CORRUPT, NOTADB) ends the process with exit code 70, at any later time as well. */
enum db_open_error db_open(
        struct db **out, const char *path, bool rehearsal, char why[512]);
/* A second connection to the same file for reading, for the pool's threads: no turn, no
 * lock, query_only. NULL when it cannot be opened. */
struct db *db_open_reader(const char *path);
/* There is a store at path that this user may open beside the daemon; asked by who can do
 * without. */
bool db_readable(const char *path);
/* A private store for simulation: no lock; synchronous OFF; must be a copy. */
struct db *db_open_private(const char *path);
void db_close(struct db *db); /* an open turn is aborted first; takes NULL */
const char *db_path(const struct db *db);
const char *db_id(
        const struct db *db); /* 8 hex digits, made with the store, renewed in a copy */

/* Copies the store, consistently, while it is in use (VACUUM INTO); refuses an existing
 * target. Runs on any thread. 0 or -1 and why (256 bytes). The copy gets a new db_id, and
 * the rehearsal mark when asked. 0600. */
int db_backup(const char *path, const char *target, bool rehearsal, char why[256]);

/* ---- statements ---- */

/* The statement of a static SQL string, prepared on first use and found again by the
 * string's address; reset and unbound. A write begins the turn. Never NULL: SQL of ours
 * that does not compile is our mistake and ends the process. Nested use of one statement
 * is an error of ours (assert). */
struct stmt *db_stmt(struct db *db, const char *static_sql);
/* A statement of built SQL (the rule compiler's), owned by the caller; NULL and why when
 * it does not compile. Must be freed before the database closes. */
struct stmt *stmt_new(struct db *db, const char *sql, char why[256]);
void stmt_free(struct stmt *st);          /* takes NULL */
struct stmt *stmt_reset(struct stmt *st); /* ready for new bindings; returns st */

/* Bindings, ?1 is 1. Text is borrowed until the statement is reset; NULL binds NULL. */
void stmt_int(struct stmt *st, int i, int64_t value);
void stmt_text(struct stmt *st, int i, const char *value);
void stmt_textn(struct stmt *st, int i, const char *value, size_t len);
void stmt_blob(struct stmt *st, int i, const void *value, size_t len);
/* These copy what they bind. */
void stmt_text_copy(struct stmt *st, int i, const char *value, size_t len);
void stmt_blob_copy(struct stmt *st, int i, const void *value, size_t len);
void stmt_double(struct stmt *st, int i, double value);
void stmt_null(struct stmt *st, int i);
/* NULL when !present. */
void stmt_int_or_null(struct stmt *st, int i, bool present, int64_t value);

/* Steps: true while there is a row. At the end, or on an error, the statement is reset
 * and false comes back; an error also spoils the turn (db_status), so that loops just
 * end. */
bool stmt_row(struct stmt *st);
void stmt_done(struct stmt *st); /* resets early, after the rows one wanted */
/* For one row or none, with no more to read: steps once for effect. Returns rows changed
 * by it. */
int64_t stmt_exec(struct stmt *st);
/* The single integer of the first row, or otherwise. */
int64_t stmt_single(struct stmt *st, int64_t otherwise);

/* Columns of the current row, from 0. Text is borrowed until the next step; NULL when
 * NULL. */
/* The first column of its rows, of at most max of them; returns how many. */
int stmt_ids(struct stmt *st, int64_t *ids, int max);
int64_t stmt_get(struct stmt *st, int col);
double stmt_get_double(struct stmt *st, int col);
const char *stmt_get_text(struct stmt *st, int col);
const void *stmt_get_blob(struct stmt *st, int col, size_t *len);
bool stmt_is_null(struct stmt *st, int col);
enum stmt_type { STMT_NULL, STMT_INT, STMT_REAL, STMT_TEXT, STMT_BLOB };
enum stmt_type stmt_type(struct stmt *st, int col);
int64_t db_last_id(struct db *db);
/* EXPLAIN QUERY PLAN of the SQL, one step a line; returns new. */
char *db_plan(struct db *db, const char *sql);

/* ---- the turn ---- */

/* The first write of a turn begins it, db_turn_end commits it. Whatever must be said
 * outside is registered with db_after and runs when the commit stands (DB_OK) or when
 * everything of the turn is undone (DB_FULL, DB_BUSY). A hook runs exactly once, in the
 * order of registration, outside any transaction; one that writes starts the next turn.
 * With no turn open, db_after opens one. */
typedef void (*db_hook)(void *arg, enum db_status status);
void db_after(struct db *db, db_hook hook, void *arg);
enum db_status db_turn_end(struct db *
                db); /* commits or rolls back, then runs the hooks; nothing open: DB_OK */
bool db_turn_open(const struct db *db);
/* A store error in this turn? Then nothing of it will stand and more work in it is
 * wasted. */
enum db_status db_status(const struct db *db);
/* How the last turn that had something to write ended: DB_FULL until one finds room. */
enum db_status db_last_turn(const struct db *db);
/* Undoes part of a turn: to the state of db_mark. Marks nest by number. Hooks registered
 * since are dropped with DB_BUSY told to them at the turn's end. */
int db_mark(struct db *db);
void db_mark_undo(struct db *db, int mark);
void db_mark_keep(struct db *db, int mark);

/* Called after a rollback, so that what memory copied from the store is read again. */
void db_on_abort(struct db *db, void (*reread)(void *arg), void *arg);

/* Called when a turn that wrote is about to commit, and before a mark: it may write. One
 * for each slot. */
void db_before_commit(struct db *db, void (*flush)(void *arg, struct db *db), void *arg);
/* A place for what the layer keeps in memory beside this store; what stands there is
 * freed with free() at db_close. */
enum db_slot { DB_SLOT_TALLY, DB_SLOT_SPENT, DB_SLOT_BUSY };
#define DB_SLOTS 3
void **db_slot(struct db *db, enum db_slot which);

/* Small settings of the daemon itself: cursors, the highest clock seen. */
int64_t db_meta_int(struct db *db, const char *key, int64_t otherwise);
void db_meta_set_int(struct db *db, const char *key, int64_t value);
char *db_meta_text(struct db *db, const char *key); /* returns new or NULL */
void db_meta_set_text(struct db *db, const char *key, const char *value);

/* For tests and a crash-proof `make check`: the next commit fails with that status. */
void db_fail_next_commit(struct db *db, enum db_status status);
/* Moves WAL pages into the file; for a pool thread, on a connection of its own. The rest,
 * what was written meanwhile, is little: moved by the writer itself between two turns the
 * log begins anew, and its pages are used again. */
void db_checkpoint(const char *path);
void db_checkpoint_rest(struct db *db);
bool db_log_is_long(const struct db *db); /* worth a checkpoint now */
/* Something was erased: its old pages still lie in the log. db_wash moves the log's rest
 * into the file and cuts it to nothing, between two turns; false while somebody reads.
 * For when db_checkpoint has just moved most of it. */
void db_soil(struct db *db);
bool db_soiled(const struct db *db);
bool db_wash(struct db *db);
int64_t db_bytes(const struct db *db); /* size of the file and its log */

#endif
