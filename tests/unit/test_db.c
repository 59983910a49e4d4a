/* The turn, its marks and hooks, opening, the lock, migration with its backup, and
 * copies. */
#include "store.h"
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "store/schema.h"

/* A schema of two steps, in place of the real one. */
const struct migration schema_migrations[] = {
        {"first", "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID; CREATE "
                  "TABLE t(a INTEGER);"},
        {"second", "ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 7;"},
};
const int schema_version = 2;

static char told[256];

static void on_end(void *arg, enum db_status status)
{
	size_t len = strlen(told);
	snprintf(told + len, sizeof told - len, "%s%d ", (const char *)arg, status);
}

static void on_end_write(void *arg, enum db_status status)
{
	on_end(arg, status);
	run_sql("INSERT INTO t(a) VALUES (99)");
	db_after(db, on_end, "next");
}

static void reread(void *arg)
{
	(*(int *)arg)++;
}

static void test_turn(void **state)
{
	(void)state;
	told[0] = '\0';
	assert_false(db_turn_open(db));
	assert_int_equal(db_turn_end(db), DB_OK);
	run_sql("INSERT INTO t(a) VALUES (1)");
	assert_true(db_turn_open(db));
	db_after(db, on_end, "a");
	db_after(db, on_end_write, "b");
	assert_string_equal(told, "");
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_string_equal(told, "a0 b0 ");
	/* The hook's write belongs to the next turn. */
	assert_true(db_turn_open(db));
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_string_equal(told, "a0 b0 next0 ");
	assert_int_equal(ask("SELECT count(*) FROM t"), 2);
	assert_false(db_turn_open(db));
	/* A hook alone opens a turn and hears that all is well. */
	db_after(db, on_end, "c");
	assert_true(db_turn_open(db));
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_string_equal(told, "a0 b0 next0 c0 ");
}

static void test_failed_commit(void **state)
{
	static const enum db_status kinds[] = {DB_FULL, DB_BUSY};
	int rereads = 0;
	(void)state;
	db_on_abort(db, reread, &rereads);
	for (int i = 0; i < 2; i++) {
		char want[16];
		told[0] = '\0';
		run_sql("INSERT INTO t(a) VALUES (1)");
		db_after(db, on_end, "x");
		db_fail_next_commit(db, kinds[i]);
		assert_int_equal(db_turn_end(db), kinds[i]);
		snprintf(want, sizeof want, "x%d ", kinds[i]);
		assert_string_equal(told, want);
		assert_int_equal(rereads, i + 1);
		assert_int_equal(ask("SELECT count(*) FROM t"), 0);
		assert_int_equal(db_status(db), DB_OK);
	}
	run_sql("INSERT INTO t(a) VALUES (1)");
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(ask("SELECT count(*) FROM t"), 1);
	assert_int_equal(rereads, 2);
}

/* The file may grow no further: what a full disk says, met in the middle of a turn. */
static void test_full(void **state)
{
	(void)state;
	run_sql("INSERT INTO t(a) VALUES (1)");
	assert_int_equal(db_turn_end(db), DB_OK);
	char *limit = mem_printf(
	        "PRAGMA max_page_count = %lld", (long long)ask("PRAGMA page_count"));
	ask(limit);
	free(limit);
	told[0] = '\0';
	db_after(db, on_end, "full");
	run_sql("CREATE TABLE big(x); ");
	for (int i = 0; i < 3; i++)
		run_sql("INSERT INTO t(a) SELECT randomblob(9000) FROM (SELECT 1 UNION "
		        "SELECT 2)");
	assert_int_equal(db_status(db), DB_FULL);
	/* Work after the error neither counts nor starts another transaction. */
	struct stmt *st = db_stmt(db, "INSERT INTO t(a) VALUES (2)");
	assert_int_equal(stmt_exec(st), 0);
	assert_int_equal(stmt_single(db_stmt(db, "SELECT count(*) FROM t"), -5), -5);
	assert_int_equal(db_turn_end(db), DB_FULL);
	assert_string_equal(told, "full1 ");
	assert_int_equal(ask("SELECT count(*) FROM t"), 1);
	ask("PRAGMA max_page_count = 100000");
	run_sql("INSERT INTO t(a) VALUES (3)");
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(ask("SELECT count(*) FROM t"), 2);
}

static void test_marks(void **state)
{
	(void)state;
	told[0] = '\0';
	run_sql("INSERT INTO t(a) VALUES (1)");
	int one = db_mark(db);
	run_sql("INSERT INTO t(a) VALUES (2)");
	int two = db_mark(db);
	assert_int_not_equal(one, two);
	run_sql("INSERT INTO t(a) VALUES (4)");
	db_after(db, on_end, "undone");
	db_mark_undo(db, two);
	two = db_mark(db);
	run_sql("INSERT INTO t(a) VALUES (8)");
	db_after(db, on_end, "kept");
	db_mark_keep(db, two);
	db_mark_keep(db, one);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(ask("SELECT sum(a) FROM t"), 11);
	assert_string_equal(told, "undone2 kept0 ");
}

static void test_statements(void **state)
{
	static const char insert[] = "INSERT INTO t(a) VALUES (?1)";
	char why[256] = "";
	size_t len;
	(void)state;
	struct stmt *st = db_stmt(db, insert);
	stmt_int(st, 1, 5);
	assert_int_equal(stmt_exec(st), 1);
	assert_ptr_equal(db_stmt(db, insert), st);
	/* What was bound before is gone. */
	assert_int_equal(stmt_exec(db_stmt(db, insert)), 1);
	st = db_stmt(db, "SELECT ?1, ?2, ?3, ?4, ?5");
	stmt_int(st, 1, INT64_MIN);
	stmt_text(st, 2, "단골");
	stmt_blob(st, 3, "\0\1", 2);
	stmt_double(st, 4, 0.5);
	stmt_text(st, 5, NULL);
	assert_true(stmt_row(st));
	static const enum stmt_type types[] = {
	        STMT_INT, STMT_TEXT, STMT_BLOB, STMT_REAL, STMT_NULL};
	for (int i = 0; i < 5; i++)
		assert_int_equal(stmt_type(st, i), types[i]);
	assert_true(stmt_get(st, 0) == INT64_MIN);
	assert_string_equal(stmt_get_text(st, 1), "단골");
	assert_memory_equal(stmt_get_blob(st, 2, &len), "\0\1", 2);
	assert_true(stmt_get_double(st, 3) > 0.4 && stmt_is_null(st, 4));
	assert_false(stmt_row(st));
	assert_null(stmt_new(db, "SELECT a FROM nowhere", why));
	assert_non_null(strstr(why, "nowhere"));
	assert_null(stmt_new(db, "SELECT \"no such column\"", why));
	assert_int_equal(
	        stmt_single(db_stmt(db, "SELECT a FROM t WHERE a = 12345"), -1), -1);
	/* An owner's question that fails where it runs finds nothing and spoils nothing.
	 */
	st = stmt_new(db,
	        "SELECT sum(9223372036854775807) FROM (SELECT 1 UNION SELECT 2)", why);
	assert_false(stmt_row(st));
	stmt_free(st);
	assert_int_equal(db_status(db), DB_OK);
	char *plan = db_plan(db, "SELECT * FROM t");
	assert_string_equal(plan, "SCAN t\n");
	free(plan);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(ask("SELECT count(*) FROM t"), 2);
}

static void test_many_statements(void **state)
{
	/* Addresses are the keys: a block of texts gives as many as are wanted. */
	static char sql[600][32];
	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 600; i++) {
			snprintf(sql[i], sizeof sql[i], "SELECT %d", i);
			assert_int_equal(stmt_single(db_stmt(db, sql[i]), -1), i);
		}
}

static void test_meta(void **state)
{
	(void)state;
	assert_int_equal(db_meta_int(db, "n", 3), 3);
	assert_null(db_meta_text(db, "s"));
	db_meta_set_int(db, "n", 4);
	db_meta_set_text(db, "s", "글");
	assert_int_equal(db_meta_int(db, "n", 3), 4);
	char *text = db_meta_text(db, "s");
	assert_string_equal(text, "글");
	free(text);
	assert_int_equal(strlen(db_id(db)), 8);
	assert_int_equal(strspn(db_id(db), "0123456789abcdef"), 8);
}

static void test_lock(void **state)
{
	char why[512], pid[32];
	struct db *second;
	struct stat st;
	(void)state;
	snprintf(pid, sizeof pid, "process %ld", (long)getpid());
	assert_int_equal(db_open(&second, test_path, false, why), DB_LOCKED);
	assert_non_null(strstr(why, pid));
	assert_int_equal(stat(test_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* The lock dies with its holder: the file that it leaves is no lock. */
	db_close(db);
	pid_t child = fork();
	if (child == 0)
		_exit(db_open(&second, test_path, false, why) == DB_OPENED ? 0 : 1);
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(db_open(&db, test_path, false, why), DB_OPENED);
}

static void raw_sql(const char *sql)
{
	sqlite3 *raw;
	assert_int_equal(sqlite3_open(test_path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
}

static void test_upgrade(void **state)
{
	char why[512], before[160];
	(void)state;
	db_close(db);
	unlink(test_path);
	raw_sql(schema_migrations[0].sql);
	raw_sql("INSERT INTO t(a) VALUES (1); INSERT INTO meta VALUES ('store_id', "
	        "'cafe0123');"
	        "PRAGMA user_version = 1");
	assert_int_equal(db_open(&db, test_path, false, why), DB_OPENED);
	assert_int_equal(ask("SELECT b FROM t"), 7);
	assert_int_equal(ask("PRAGMA user_version"), 2);
	assert_string_equal(db_id(db), "cafe0123");
	snprintf(before, sizeof before, "%s.before-1", test_path);
	struct stat st;
	assert_int_equal(stat(before, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	db_close(db);
	/* A store of tomorrow is refused, naming both versions. */
	raw_sql("PRAGMA user_version = 41");
	assert_int_equal(db_open(&db, test_path, false, why), DB_NEWER);
	assert_non_null(strstr(why, "41"));
	assert_non_null(strstr(why, "2"));
	raw_sql("PRAGMA user_version = 2");
	assert_int_equal(db_open(&db, test_path, false, why), DB_OPENED);
}

static void test_copies(void **state)
{
	char why[512], copy[160], id[9];
	(void)state;
	run_sql("INSERT INTO t(a) VALUES (1)");
	assert_int_equal(db_turn_end(db), DB_OK);
	snprintf(copy, sizeof copy, "%s/copy.db", test_folder);
	snprintf(id, sizeof id, "%s", db_id(db));
	assert_int_equal(db_backup(test_path, copy, true, why), 0);
	assert_int_equal(db_backup(test_path, copy, true, why), -1);
	struct db *other = db_open_private(copy);
	assert_non_null(other);
	assert_string_not_equal(db_id(other), id);
	assert_int_equal(stmt_single(db_stmt(other, "SELECT count(*) FROM t"), -1), 1);
	assert_int_equal(db_meta_int(other, "rehearsal", 0), 1);
	db_close(other);
	/* A rehearsal opens the copy, and not the shop's own store. */
	db_close(db);
	assert_int_equal(db_open(&db, test_path, true, why), DB_NOT_REHEARSAL);
	assert_int_equal(db_open(&db, copy, true, why), DB_OPENED);
	other = db_open_reader(copy);
	assert_int_equal(stmt_single(db_stmt(other, "SELECT count(*) FROM t"), -1), 1);
	db_close(other);
	db_checkpoint(copy);
	assert_true(db_bytes(db) > 0);
	assert_null(db_open_reader("/nowhere/at/all"));
}

/* Pages of the log, by turns that each change many. */
static int64_t fill_log(void)
{
	int64_t most = 0;
	for (int turn = 0; turn < 3000 && !db_log_is_long(db); turn++) {
		run_sql("INSERT INTO t(a) SELECT value FROM json_each('[' || "
		        "substr(replace(hex(zeroblob(2000)), '0', '1,'), 1, 7999) || "
		        "']')");
		assert_int_equal(db_turn_end(db), DB_OK);
		most = db_bytes(db);
	}
	assert_true(db_log_is_long(db));
	return most;
}

/* Checkpointed between two turns the log begins anew, and is not let grow by a reader's
 * standing in the way any more often than it is worth. */
static void test_log(void **state)
{
	struct stat log;
	char *wal;
	(void)state;
	fill_log();
	db_checkpoint(test_path);
	db_checkpoint_rest(db);
	assert_false(db_log_is_long(db));
	wal = mem_printf("%s-wal", test_path);
	assert_int_equal(stat(wal, &log), 0);
	off_t size = log.st_size;
	fill_log();
	assert_int_equal(stat(wal, &log), 0);
	assert_true(log.st_size < size + size / 4);
	/* Somebody reads: what was written since stays in the log. */
	struct db *reader = db_open_reader(test_path);
	struct stmt *st = db_stmt(reader, "SELECT a FROM t");
	assert_true(stmt_row(st));
	run_sql("INSERT INTO t(a) VALUES (1)");
	assert_int_equal(db_turn_end(db), DB_OK);
	db_checkpoint_rest(db);
	assert_false(db_log_is_long(db));
	stmt_done(st);
	db_close(reader);
	fill_log();
	db_checkpoint_rest(db);
	assert_false(db_log_is_long(db));
	free(wal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(test_turn),
	        STORE_TEST(test_failed_commit),
	        STORE_TEST(test_full),
	        STORE_TEST(test_marks),
	        STORE_TEST(test_statements),
	        STORE_TEST(test_many_statements),
	        STORE_TEST(test_meta),
	        STORE_TEST(test_lock),
	        STORE_TEST(test_upgrade),
	        STORE_TEST(test_copies),
	        STORE_TEST(test_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
