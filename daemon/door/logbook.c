/* Holds readings until a turn has them on disk. It decides nothing about who may read,
 * but that nobody may whose reading could not be told. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/mem.h"
#include "door/logbook.h"
#include "store/audit.h"

#define TURN_MAX 1000 /* entries in one turn: about 10 ms … */
#define NEXT_MS 20    /* … and the next ones */
#define AGAIN_MS 2000 /* after a turn that failed: the disk needs time */

struct logbook_entry {
	struct peer peer;
	int64_t time, n;
	const char *what;
	char *target, *detail;
};

static void write_entry(struct logbook *book, const struct logbook_entry *entry)
{
	char account[PEER_ACCOUNT];
	peer_account(&entry->peer, account);
	const struct audit_entry row = {.who = peer_door(&entry->peer),
	        .account = account[0] ? account : NULL,
	        .address = entry->peer.address[0] ? entry->peer.address : NULL,
	        .what = entry->what,
	        .target = entry->target,
	        .detail = entry->detail,
	        .n = entry->n};
	audit_write(book->db, entry->time, &row);
}

static void drop_written(struct logbook *book)
{
	for (size_t i = 0; i < book->writing; i++) {
		free(book->entries[i].target);
		free(book->entries[i].detail);
	}
	book->n -= book->writing;
	if (book->n)
		memmove(book->entries, book->entries + book->writing,
		        book->n * sizeof *book->entries);
	book->writing = 0;
}

static void on_timer(uv_timer_t *timer)
{
	logbook_write(timer->data);
}

static void wait(struct logbook *book, uint64_t ms)
{
	if (!book->closed && !uv_is_active((uv_handle_t *)&book->timer))
		uv_timer_start(&book->timer, on_timer, ms, 0);
}

static void end(struct logbook *book)
{
	book->writing = book->n;
	drop_written(book);
	free(book->entries);
	book->entries = NULL;
}

static void on_turn_ended(void *arg, enum db_status status)
{
	struct logbook *book = arg;
	bool much = book->writing == TURN_MAX;
	if (status == DB_OK)
		drop_written(book);
	book->writing = 0;
	if (!book->closed && book->n)
		wait(book, status != DB_OK ? AGAIN_MS : much ? NEXT_MS : LOGBOOK_MS);
	else if (book->closed && book->n && status == DB_OK)
		logbook_write(book);
	else if (book->closed)
		end(book);
}

void logbook_write(struct logbook *book)
{
	if (!book->n || book->writing)
		return;
	book->writing = book->n <= TURN_MAX || book->closed ? book->n : TURN_MAX;
	for (size_t i = 0; i < book->writing; i++)
		write_entry(book, &book->entries[i]);
	db_after(book->db, on_turn_ended, book);
}

void logbook_open(struct logbook *book, uv_loop_t *loop, struct db *db)
{
	*book = (struct logbook){.db = db};
	int failed = uv_timer_init(loop, &book->timer);
	assert(!failed);
	book->timer.data = book;
}

void logbook_add(struct logbook *book, const struct peer *peer, int64_t now,
        const char *what, const char *target, const char *detail, int64_t n)
{
	struct logbook_entry *entry =
	        mem_grow(&book->entries, book->n, sizeof *book->entries);
	book->n++;
	*entry = (struct logbook_entry){.peer = *peer,
	        .time = now,
	        .n = n,
	        .what = what,
	        .target = target ? mem_strdup(target) : NULL,
	        .detail = detail ? mem_strdup(detail) : NULL};
	wait(book, LOGBOOK_MS);
}

bool logbook_full(const struct logbook *book)
{
	return book->n >= LOGBOOK_MAX;
}

/* ---- counts ---- */

static bool same(
        const struct logbook_count *count, const struct peer *peer, const char *what)
{
	return count->what == what && count->peer.origin == peer->origin &&
	       count->peer.role == peer->role && count->peer.uid == peer->uid;
}

/* Of that door, account and kind; the last one takes those for whom there is no room. */
static struct logbook_count *count_of(
        struct logbook *book, const struct peer *peer, const char *what)
{
	int i = 0;
	while (i < LOGBOOK_COUNTS - 1 && book->counts[i].n &&
	        !same(&book->counts[i], peer, what))
		i++;
	return &book->counts[i];
}

void logbook_count(struct logbook *book, const struct peer *peer, int64_t now,
        const char *what, int64_t n)
{
	struct logbook_count *count = count_of(book, peer, what);
	if (n <= 0)
		return;
	if (!count->n) {
		*count =
		        (struct logbook_count){.peer = *peer, .what = what, .since = now};
		count->peer.address[0] = '\0';
	}
	count->n += n;
}

/* Keeps the counts that are left side by side. */
static void tell_counts(struct logbook *book, int64_t now, int64_t age)
{
	struct logbook_count left[LOGBOOK_COUNTS] = {0};
	size_t n = 0;
	for (size_t i = 0; i < LOGBOOK_COUNTS; i++) {
		struct logbook_count *count = &book->counts[i];
		if (count->n && now - count->since >= age)
			logbook_add(book, &count->peer, now, count->what, NULL, NULL,
			        count->n);
		else if (count->n)
			left[n++] = *count;
	}
	memcpy(book->counts, left, sizeof left);
}

void logbook_tick(struct logbook *book, int64_t now)
{
	tell_counts(book, now, MS_HOUR);
}

void logbook_close(struct logbook *book)
{
	tell_counts(book, clock_now(), INT64_MIN);
	book->closed = true;
	uv_timer_stop(&book->timer);
	if (book->n)
		logbook_write(book);
	else
		end(book);
}
