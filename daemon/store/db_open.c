/* Opening a store: its file and lock, the way to the newest schema, and copies of it.
 * Changes nothing of a store that it does not understand. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "store/db.h"
#include "store/db_inner.h"
#include "store/lock.h"
#include "store/schema.h"
#include "store/sealing.h"

static const char writer_pragmas[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint "
        "= 0;"
        "PRAGMA secure_delete = ON; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0;"
        "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216";
static const char copier_pragmas[] = "PRAGMA synchronous = FULL; PRAGMA secure_delete = "
                                     "ON; PRAGMA temp_store = "
                                     "MEMORY; PRAGMA cache_size = -2048";
static const char reader_pragmas[] = "PRAGMA query_only = ON; PRAGMA cache_size = -2048;"
                                     "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY";
static const char private_pragmas[] =
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA "
        "synchronous = OFF;"
        "PRAGMA cache_size = -81920; PRAGMA temp_store = FILE";

static int64_t version_of(struct db *db)
{
	return stmt_single(db_stmt(db, "PRAGMA user_version"), -1);
}

static void read_id(struct db *db)
{
	char *id = db_meta_text(db, "store_id");
	db_set_id(db, id);
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
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static void sync_folder_of(const char *path)
{
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	sync_file(slash ? folder : ".");
	free(folder);
}

static void add_quoted(struct buf *sql, const char *text)
{
	buf_addc(sql, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_addc(sql, '\'');
		buf_addc(sql, *text);
	}
	buf_addc(sql, '\'');
}

/* Into an empty file that is ours alone from its first byte. */
static int vacuum_into(struct db *db, const char *target, char why[256])
{
	int fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		snprintf(why, 256, "%s: %s", target, strerror(errno));
		return -1;
	}
	close(fd);
	struct buf sql = {0};
	buf_adds(&sql, "VACUUM INTO ");
	add_quoted(&sql, target);
	int rc = db_script(db, sql.data, why);
	buf_free(&sql);
	if (rc != 0)
		unlink(target);
	return rc;
}

static int stamp_copy(const char *target, bool rehearsal, char why[256])
{
	char id[9];
	struct db *db = db_connect(target, -1, 0, copier_pragmas, why);
	if (!db)
		return -1;
	new_id(id);
	db_meta_set_text(db, "store_id", id);
	if (rehearsal)
		db_meta_set_int(db, "rehearsal", 1);
	enum db_status status = db_turn_end(db);
	if (status != DB_OK)
		snprintf(why, 256, TR("%s cannot be written", "%s 파일에 쓸 수 없습니다"),
		        target);
	db_close(db);
	return status == DB_OK ? 0 : -1;
}

int db_backup(const char *path, const char *target, bool rehearsal, char why[256])
{
	struct db *db = db_connect(path, -1, 5000, copier_pragmas, why);
	if (!db)
		return -1;
	int rc = vacuum_into(db, target, why);
	db_close(db);
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

/* ---- the schema ---- */

static int back_up_before(struct db *db, int64_t version, char why[512])
{
	char detail[256];
	char *target = mem_printf("%s.before-%lld", db_path(db), (long long)version);
	char *fresh = mem_printf("%s.new", target);
	unlink(fresh);
	int rc = vacuum_into(db, fresh, detail);
	if (rc == 0) {
		sync_file(fresh);
		rc = rename(fresh, target);
		if (rc != 0)
			snprintf(
			        detail, sizeof detail, "%s: %s", target, strerror(errno));
		sync_folder_of(target);
	}
	if (rc != 0)
		snprintf(why, 512,
		        TR("The backup before the upgrade could not be written (%s). "
		           "Make room on the disk and start "
		           "again; nothing was changed.",
		                "업그레이드 전 백업을 쓸 수 없습니다 (%s). 디스크 공간을 "
		                "비우고 다시 시작하세요. 바뀐 것은 "
		                "없습니다."),
		        detail);
	free(fresh);
	free(target);
	return rc;
}

static int apply(struct db *db, int64_t from, char why[256])
{
	struct buf sql = {0};
	buf_adds(&sql, "BEGIN IMMEDIATE;");
	for (int64_t i = from; i < schema_version; i++)
		buf_adds(&sql, schema_migrations[i].sql);
	buf_printf(&sql, "PRAGMA user_version = %d; COMMIT", schema_version);
	int rc = db_script(db, sql.data, why);
	buf_free(&sql);
	return rc;
}

static enum db_open_error migrate(struct db *db, int64_t from, char why[512])
{
	char detail[256];
	if (from > schema_version) {
		snprintf(why, 512,
		        TR("The store %s was written by a newer dangol (its schema is "
		           "%lld, this program knows %d). "
		           "Install the newer program, or restore %s.before-%d.",
		                "%s 저장소는 더 새로운 dangol이 쓴 것입니다 (저장소 형식 "
		                "%lld, 이 프로그램은 %d까지). 새 "
		                "프로그램을 설치하거나 %s.before-%d 백업으로 "
		                "되돌리세요."),
		        db_path(db), (long long)from, schema_version, db_path(db),
		        schema_version);
		return DB_NEWER;
	}
	if (from == schema_version)
		return DB_OPENED;
	if (from > 0 && back_up_before(db, from, why) != 0)
		return DB_CANNOT;
	if (from >= 0 && apply(db, from, detail) == 0)
		return DB_OPENED;
	snprintf(why, 512,
	        TR("The store %s could not be brought to schema %d: %s. Nothing was "
	           "changed.",
	                "%s 저장소를 형식 %d(으)로 올리지 못했습니다: %s. 바뀐 것은 "
	                "없습니다."),
	        db_path(db), schema_version, from < 0 ? "user_version" : detail);
	return DB_CANNOT;
}

/* ---- opening ---- */

/* What a new store carries, and whether a rehearsal may have this one. */
static enum db_open_error claim(struct db *db, bool fresh, bool rehearsal, char why[512])
{
	char id[9];
	read_id(db);
	if (!db_id(db)[0]) {
		new_id(id);
		db_meta_set_text(db, "store_id", id);
		db_set_id(db, id);
	}
	enum db_open_error sealed = sealing_open(db, true, why);
	if (sealed != DB_OPENED)
		return sealed;
	if (rehearsal && fresh)
		db_meta_set_int(db, "rehearsal", 1);
	bool marked = db_meta_int(db, "rehearsal", 0) == 1;
	if (db_turn_end(db) != DB_OK) {
		snprintf(why, 512,
		        TR("The store %s cannot be written.",
		                "%s 저장소에 쓸 수 없습니다."),
		        db_path(db));
		return DB_CANNOT;
	}
	if (!rehearsal || marked)
		return DB_OPENED;
	snprintf(why, 512,
	        TR("%s is the shop's own store: a rehearsal opens only a new one or a "
	           "copy made by \"dangolctl "
	           "backup --rehearsal FILE\".",
	                "%s 은(는) 실제 저장소입니다. 리허설은 새 저장소나 \"dangolctl "
	                "backup --rehearsal 파일\"로 만든 "
	                "사본만 엽니다."),
	        db_path(db));
	return DB_NOT_REHEARSAL;
}

static struct db *connect_writer(const char *path, int lock, char why[512])
{
	char detail[256];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(detail, sizeof detail, "%s", strerror(errno));
	} else {
		(void)!fchmod(fd, 0600);
		close(fd);
		struct db *db =
		        db_connect(path, lock, WRITER_BUSY_MS, writer_pragmas, detail);
		if (db)
			return db;
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
	struct db *db = connect_writer(path, lock, why);
	if (!db) {
		lock_drop(lock);
		return DB_CANNOT;
	}
	int64_t from = version_of(db);
	enum db_open_error error = migrate(db, from, why);
	if (error == DB_OPENED)
		error = claim(db, from == 0, rehearsal, why);
	if (error != DB_OPENED) {
		db_close(db);
		return error;
	}
	db_bound_log(db);
	*out = db;
	return DB_OPENED;
}

static struct db *open_beside(const char *path, const char *pragmas)
{
	char why[256], reason[512];
	struct db *db = db_connect(path, -1, 5000, pragmas, why);
	if (!db)
		return NULL;
	if (version_of(db) != schema_version ||
	        sealing_open(db, false, reason) != DB_OPENED) {
		db_close(db);
		return NULL;
	}
	read_id(db);
	return db;
}

/* Its log lies beside it: who may not write in the folder could not read it whole. */
bool db_readable(const char *path)
{
	static const char mark[] = "SQLite format 3";
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/'), head[sizeof mark];
	FILE *file;
	bool good;

	if (slash)
		*slash = '\0';
	good = access(path, R_OK | W_OK) == 0 && access(folder, W_OK) == 0;
	file = good ? fopen(path, "re") : NULL;
	good = file && fread(head, 1, sizeof head, file) == sizeof head &&
	       !memcmp(head, mark, sizeof mark);
	if (file)
		fclose(file);
	free(folder);
	return good;
}

struct db *db_open_reader(const char *path)
{
	return open_beside(path, reader_pragmas);
}

struct db *db_open_private(const char *path)
{
	return open_beside(path, private_pragmas);
}
