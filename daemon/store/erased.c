/* The list of who was erased, in the store and in a file beside it, and the backups that
 * still hold them. It names no person: numbers, instants and keyed hashes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "store/customer.h"
#include "store/erase.h"
#include "store/erase_inner.h"
#include "store/suppression.h"

#define LINE "erased 1 %" PRId64 " %" PRId64 " %" PRId64 " "
#define FILE_BYTES_MAX ((off_t)256 << 20)

/* ---- a line of the list ---- */

struct line {
	int64_t customer, created_at, time;
	const char *refusals; /* "HASH/CHANNEL/REASON[/newcomers] …" or "-" */
};

int64_t erased_note(
        struct db *db, int64_t id, const char *phone, const char *email, int64_t now)
{
	struct buf refusals = {0};
	int64_t n = 0;
	if (phone)
		n += suppression_hidden(db, phone, &refusals);
	if (email)
		n += suppression_hidden(db, email, &refusals);
	struct stmt *st =
	        db_stmt(db, "INSERT INTO erased(customer, created_at, time, refusals)"
	                    " SELECT id, created_at, ?2, ?3 FROM customer WHERE id = ?1"
	                    " ON CONFLICT DO NOTHING");
	stmt_int(st, 1, id);
	stmt_int(st, 2, now);
	stmt_text(st, 3, n ? refusals.data : "-");
	stmt_exec(st);
	buf_free(&refusals);
	return n;
}

/* "HASH/CHANNEL/REASON[/newcomers]": on the list of addresses again. text is changed. */
static void refuse_again(struct db *db, char *text, int64_t time)
{
	char *rest = text, *hash = strtok_r(rest, "/", &rest),
	     *channel = strtok_r(rest, "/", &rest), *reason = strtok_r(rest, "/", &rest);
	if (hash && channel && reason)
		suppression_remember(db, hash, channel, reason, rest && *rest, time);
}

/* A line of the file. One that the store does not know: this is an older copy. */
static void learn(struct db *db, const struct line *line)
{
	struct stmt *st = db_stmt(db, "UPDATE erased SET told = 1 WHERE customer = ?1"
	                              " AND created_at = ?2");
	stmt_int(st, 1, line->customer);
	stmt_int(st, 2, line->created_at);
	if (stmt_exec(st) == 1)
		return;
	st = db_stmt(db, "INSERT INTO erased(customer, created_at, time, refusals, told)"
	                 " VALUES (?1, ?2, ?3, ?4, 1)");
	stmt_int(st, 1, line->customer);
	stmt_int(st, 2, line->created_at);
	stmt_int(st, 3, line->time);
	stmt_text(st, 4, line->refusals);
	stmt_exec(st);
	char *all = mem_strdup(line->refusals), *rest = all, *one;
	while ((one = strtok_r(rest, " ", &rest)))
		refuse_again(db, one, line->time);
	free(all);
}

/* A line cut short, or of another kind, is none. text is changed. */
static bool read_line(char *text, struct line *out)
{
	int at = 0;
	if (sscanf(text, LINE "%n", &out->customer, &out->created_at, &out->time, &at) !=
	                3 ||
	        !at || out->customer <= 0)
		return false;
	out->refusals = text + at;
	return out->refusals[0] != '\0';
}

/* ---- the file ---- */

static char *file_of(struct db *db)
{
	return mem_printf("%s.erased", db_path(db));
}

/* The whole of it; "" where there is none. NULL and errno when it cannot be read. New. */
static char *read_file(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*len = 0;
	if (fd < 0)
		return errno == ENOENT ? mem_strdup("") : NULL;
	if (fstat(fd, &st) != 0 || st.st_size > FILE_BYTES_MAX) {
		close(fd);
		return NULL;
	}
	char *text = mem_alloc((size_t)st.st_size + 1);
	ssize_t n;
	while (*len < (size_t)st.st_size &&
	        (n = read(fd, text + *len, (size_t)st.st_size - *len)) > 0)
		*len += (size_t)n;
	close(fd);
	text[*len] = '\0';
	return text;
}

static bool write_all(int fd, const struct buf *text)
{
	for (size_t done = 0; done < text->len;) {
		ssize_t n = write(fd, text->data + done, text->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return fsync(fd) == 0;
}

/* The file's name is on disk as well as what stands in it. */
static void sync_name(const char *path)
{
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	int fd = open(slash ? folder : ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

/* All of it or nothing. */
static bool append(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	bool good = end >= 0 && write_all(fd, text);
	int error = errno;
	if (!good && end >= 0 && ftruncate(fd, end) != 0)
		log_debug("the list of the erased has half a line at its end");
	if (fd >= 0)
		close(fd);
	if (good && end == 0)
		sync_name(path);
	if (!good)
		log_warn(TR("%s cannot be written (%s): a backup that is put back would "
		            "not know who was erased. Make room on the disk and start "
		            "the daemon again",
		                 "%s 파일에 쓸 수 없습니다(%s). 되돌린 백업이 누가 "
		                 "지워졌는지 모르게 됩니다. 디스크에 자리를 만들고 "
		                 "데몬을 다시 시작하세요"),
		        path, strerror(error));
	return good;
}

/* ---- both of them alike ---- */

bool erased_publish(struct db *db)
{
	struct buf text = {0};
	struct stmt *st = db_stmt(db, "SELECT customer, created_at, time, refusals FROM"
	                              " erased WHERE told = 0 ORDER BY time");
	while (stmt_row(st))
		buf_printf(&text, LINE "%s\n", stmt_get(st, 0), stmt_get(st, 1),
		        stmt_get(st, 2), stmt_get_text(st, 3));
	char *path = file_of(db);
	bool good = !text.len || append(path, &text);
	if (good && text.len)
		stmt_exec(db_stmt(db, "UPDATE erased SET told = 1 WHERE told = 0"));
	free(path);
	buf_free(&text);
	return good;
}

/* A last line without its end was cut short: what follows begins anew. */
static void read_list(struct db *db, char *text)
{
	char *rest = text, *one;
	struct line line;
	stmt_exec(db_stmt(db, "UPDATE erased SET told = 0"));
	while ((one = strtok_r(rest, "\n", &rest)))
		if (read_line(one, &line))
			learn(db, &line);
}

static bool mend_end(const char *path, const char *text, size_t len)
{
	struct buf end = {0};
	if (!len || text[len - 1] == '\n')
		return true;
	buf_addc(&end, '\n');
	bool good = append(path, &end);
	buf_free(&end);
	return good;
}

static void learn_file(struct db *db)
{
	size_t len;
	char *path = file_of(db), *text = read_file(path, &len);
	if (text && mend_end(path, text, len)) {
		read_list(db, text);
		erased_publish(db);
	} else if (!text) {
		log_warn(
		        TR("%s cannot be read (%s): whoever it names is not erased "
		           "again. Make it readable and start the daemon again",
		                "%s 파일을 읽을 수 없습니다(%s). 거기에 적힌 고객을 다시 "
		                "지우지 못했습니다. 읽을 수 있게 하고 데몬을 다시 "
		                "시작하세요"),
		        path, strerror(errno));
	}
	free(text);
	free(path);
}

/* The next of those who stand in the list and are there nevertheless; 0: nobody. */
static int64_t next_undead(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT e.customer FROM erased e CROSS JOIN"
	                               " customer c ON c.id = e.customer AND c.created_at"
	                               " = e.created_at LIMIT 1"),
	        0);
}

int64_t erased_replay(struct db *db, int64_t now)
{
	int64_t id, n = 0;
	struct buf none = {0};
	suppression_hidden(db, "", &none); /* the key is there before any copy is made */
	buf_free(&none);
	learn_file(db);
	while (db_turn_end(db) == DB_OK && (id = next_undead(db))) {
		customer_erase(db, id, now);
		n++;
	}
	return n;
}

int64_t erased_total(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT count(*) FROM erased"), 0);
}

/* ---- backups ---- */

void backup_note(struct db *db, const char *file, int64_t now)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO backup_made(file, time) VALUES (?1, ?2)"
	                    " ON CONFLICT(file) DO UPDATE SET time = excluded.time");
	stmt_text(st, 1, file);
	stmt_int(st, 2, now);
	stmt_exec(st);
}

size_t backup_list(struct db *db, struct backup_made *out, size_t max)
{
	size_t n = 0;
	struct stmt *st =
	        db_stmt(db, "SELECT file, time, (SELECT count(*) FROM erased e WHERE "
	                    "e.time >= b.time)"
	                    " FROM backup_made b ORDER BY time DESC, file LIMIT ?1");
	stmt_int(st, 1, (int64_t)max);
	while (n < max && stmt_row(st)) {
		snprintf(out[n].file, sizeof out[n].file, "%s", stmt_get_text(st, 0));
		out[n].time = stmt_get(st, 1);
		out[n++].erased = stmt_get(st, 2);
	}
	stmt_done(st);
	return n;
}

void backup_forget(struct db *db, const char *file)
{
	struct stmt *st = db_stmt(db, "DELETE FROM backup_made WHERE file = ?1");
	stmt_text(st, 1, file);
	stmt_exec(st);
}
