/* Keeps the end of the access log outside the store, compares, and lets go what is old
 * enough. It adds rows and takes old ones away; it never changes one. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "store/audit_head.h"
#include "base/secret.h"

#define LINE_MAX_BYTES 128

/* ---- outside the store ---- */

enum audit_kept audit_head_read(const char *store, struct audit_link *out)
{
	char line[LINE_MAX_BYTES] = "", hash[80];
	char *path = mem_printf("%s.audit-head", store);
	FILE *file = fopen(path, "re");
	free(path);
	if (!file)
		return AUDIT_HEAD_NONE;
	size_t len = fread(line, 1, sizeof line - 1, file);
	fclose(file);
	line[len] = '\0';
	if (sscanf(line, "%" SCNd64 " %70s", &out->id, hash) == 2 &&
	        audit_unhex(hash, out->hash))
		return AUDIT_HEAD_KEPT;
	return AUDIT_HEAD_UNREADABLE;
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	ssize_t len = (ssize_t)strlen(text);
	bool good = write(fd, text, (size_t)len) == len && fdatasync(fd) == 0;
	return close(fd) == 0 && good;
}

bool audit_head_write(const char *store, const struct audit_link *head)
{
	char hash[2 * AUDIT_HASH + 1], line[LINE_MAX_BYTES];
	char *path = mem_printf("%s.audit-head", store);
	char *fresh = mem_printf("%s.new", path);
	snprintf(line, sizeof line, "%" PRId64 " %s\n", head->id,
	        secret_hex(head->hash, AUDIT_HASH, hash));
	bool good = put(fresh, line) && rename(fresh, path) == 0;
	free(fresh);
	free(path);
	return good;
}

/* The log holds the row that the head names, as it was; older than all that is left is
 * good as well. */
static bool holds(struct db *db, const struct audit_link *head)
{
	struct audit_link base, row;
	audit_base(db, &base);
	if (head->id < base.id)
		return true;
	row = base;
	if (head->id > base.id && !audit_link(db, head->id, &row))
		return false;
	return memcmp(row.hash, head->hash, AUDIT_HASH) == 0;
}

bool audit_head_meet(struct db *db, int64_t now)
{
	struct audit_link head;
	char id[24];
	enum audit_kept kept = audit_head_read(db_path(db), &head);
	if (kept == AUDIT_HEAD_NONE || (kept == AUDIT_HEAD_KEPT && holds(db, &head)))
		return true;
	snprintf(id, sizeof id, "#%" PRId64, kept == AUDIT_HEAD_KEPT ? head.id : 0);
	audit_add(db, now, "daemon", "audit.break", id, NULL);
	return false;
}

/* ---- the walk ---- */

static void found(struct audit_walk *walk, enum audit_fault fault, int64_t id)
{
	if (walk->fault != AUDIT_WHOLE)
		return;
	walk->fault = fault;
	walk->bad = id;
}

static void read_row(struct stmt *st, struct audit_entry *entry)
{
	*entry = (struct audit_entry){.who = stmt_get_text(st, 2),
	        .account = stmt_get_text(st, 3),
	        .address = stmt_get_text(st, 4),
	        .what = stmt_get_text(st, 5),
	        .target = stmt_get_text(st, 6),
	        .n = stmt_get(st, 7),
	        .detail = stmt_get_text(st, 8)};
}

/* One row against the link before it, which moves on to it. */
static void compare(struct stmt *st, struct audit_link *link, struct audit_walk *walk)
{
	struct audit_entry entry;
	uint8_t hash[AUDIT_HASH];
	int64_t id = stmt_get(st, 0);
	size_t len;
	read_row(st, &entry);
	const void *kept = stmt_get_blob(st, 9, &len);
	audit_hash(link->hash, id, stmt_get(st, 1), &entry, hash);
	if (id != link->id + 1)
		found(walk, AUDIT_GAP, id);
	else if (len != AUDIT_HASH || memcmp(kept, hash, AUDIT_HASH))
		found(walk, AUDIT_CHANGED, id);
	link->id = id;
	memcpy(link->hash, hash, AUDIT_HASH);
	if (!walk->first)
		walk->first = id;
	walk->last = id;
	walk->rows++;
}

/* The checkpoint is where the last deletion that stands in the log says. */
static void check_base(struct db *db, struct audit_walk *walk)
{
	struct audit_link base;
	int64_t told = stmt_single(
	        db_stmt(db, "SELECT CAST(substr(target, 2) AS INTEGER)"
	                    " FROM audit WHERE what = 'audit.forget' ORDER BY id"
	                    " DESC LIMIT 1"),
	        0);
	audit_base(db, &base);
	if (told != base.id)
		found(walk, AUDIT_BASE, base.id + 1);
}

static void check_breaks(struct db *db, struct audit_walk *walk)
{
	int64_t id = stmt_single(
	        db_stmt(db, "SELECT id FROM audit AS broken WHERE what = 'audit.break'"
	                    " AND NOT EXISTS(SELECT 1 FROM audit WHERE target = "
	                    "'#' || broken.id AND what = 'audit.reason')"
	                    " ORDER BY id LIMIT 1"),
	        0);
	if (id)
		found(walk, AUDIT_BROKE, id);
}

/* False when what is old was taken away meanwhile: then the walk begins again. */
static bool walk_once(struct db *reader, struct audit_walk *out)
{
	struct audit_link link, base;
	*out = (struct audit_walk){.fault = AUDIT_WHOLE};
	audit_base(reader, &base);
	link = base;
	struct stmt *st = db_stmt(reader,
	        "SELECT id, time, who, account, address, what, target, n, detail, hash"
	        " FROM audit ORDER BY id");
	while (stmt_row(st))
		compare(st, &link, out);
	check_base(reader, out);
	audit_base(reader, &link);
	return link.id == base.id;
}

void audit_check(struct db *reader, struct audit_walk *out)
{
	struct audit_link head;
	/* Before the walk: what comes while it goes on only makes the log longer. */
	enum audit_kept kept = audit_head_read(db_path(reader), &head);
	while (!walk_once(reader, out))
		;
	out->head = kept;
	if (kept == AUDIT_HEAD_UNREADABLE ||
	        (kept == AUDIT_HEAD_KEPT && !holds(reader, &head)))
		found(out, AUDIT_CUT, kept == AUDIT_HEAD_KEPT ? head.id : 0);
	check_breaks(reader, out);
}

/* ---- by age ---- */

static int64_t kept_since(struct db *db, int64_t now, struct zone *zone)
{
	struct stmt *st =
	        db_stmt(db, "SELECT count(*) FROM (SELECT 1 FROM customer LIMIT ?1)");
	stmt_int(st, 1, AUDIT_PEOPLE);
	bool many = stmt_single(st, 0) >= AUDIT_PEOPLE;
	int32_t day = calendar_add_months(zone_day(zone, now), many ? -24 : -12);
	return zone_instant(zone, day, 0);
}

/* The newest of the oldest rows that are past their time, at most max of them; 0: none.
 */
static int64_t last_old(struct db *db, int64_t before, int max)
{
	struct stmt *st = db_stmt(db,
	        "SELECT max(id) FROM (SELECT id, time FROM audit ORDER BY id LIMIT ?2)"
	        " WHERE time < ?1");
	stmt_int(st, 1, before);
	stmt_int(st, 2, max);
	return stmt_single(st, 0);
}

int audit_forget(struct db *db, int64_t now, struct zone *zone, int max)
{
	struct audit_link last;
	char id[24], hash[2 * AUDIT_HASH + 1];
	int64_t to = last_old(db, kept_since(db, now, zone), max);
	if (!to || !audit_link(db, to, &last))
		return 0;
	db_meta_set_int(db, "audit_base", to);
	db_meta_set_text(db, "audit_base_hash", secret_hex(last.hash, AUDIT_HASH, hash));
	struct stmt *st = db_stmt(db, "DELETE FROM audit WHERE id <= ?1");
	stmt_int(st, 1, to);
	int64_t n = stmt_exec(st);
	snprintf(id, sizeof id, "#%" PRId64, to);
	const struct audit_entry entry = {
	        .who = "daemon", .what = "audit.forget", .target = id, .n = n};
	audit_write(db, now, &entry);
	return (int)n;
}
