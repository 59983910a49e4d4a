/* Counts a customer's events of a day; says of nobody why they came. */
#include "store/bulk.h"

#include <stdio.h>
#include "base/log.h"
#include "base/mem.h"

#define BULK_EVENTS 500 /* of a shop day: more are no person's */

static void set_bulk(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "UPDATE customer SET bulk = 1 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_exec(st);
	log_warn(
	        TR("customer %lld has over %d events today: no rules run for it any more",
	                "고객 %lld: 오늘 이벤트가 %d건을 넘어 이제 규칙을 적용하지 "
	                "않습니다"),
	        (long long)id, BULK_EVENTS);
}

/* Who had how many events today, in memory: only every BUSY_STEP-th is written, and a
 * customer whose place another one took is read again. A restart forgets less than that
 * many. */
#define BUSY_PLACES 8192
#define BUSY_STEP 32
struct busy {
	int64_t id;
	int32_t day;
	int32_t count;
	bool bulk;
};

static struct busy *place_of(struct db *db, int64_t id)
{
	void **slot = db_slot(db, DB_SLOT_BUSY);
	if (!*slot)
		*slot = mem_alloc(BUSY_PLACES * sizeof(struct busy));
	return (struct busy *)*slot + (uint64_t)id % BUSY_PLACES;
}

static void read_busy(struct db *db, struct busy *busy, int64_t id, int32_t day)
{
	struct stmt *st = db_stmt(
	        db, "SELECT busy_day, busy_count, bulk FROM customer WHERE id = ?1");
	*busy = (struct busy){.id = id, .day = day};
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return;
	busy->count = stmt_get(st, 0) == day ? (int32_t)stmt_get(st, 1) : 0;
	busy->bulk = stmt_get(st, 2) != 0;
	stmt_done(st);
}

static void write_busy(struct db *db, const struct busy *busy)
{
	struct stmt *st = db_stmt(
	        db, "UPDATE customer SET busy_day = ?2, busy_count = ?3 WHERE id = ?1");
	stmt_int(st, 1, busy->id);
	stmt_int(st, 2, busy->day);
	stmt_int(st, 3, busy->count);
	stmt_exec(st);
}

void bulk_reread(struct db *db, int64_t id)
{
	struct busy *busy = place_of(db, id);
	if (busy->id == id)
		*busy = (struct busy){0};
}

bool bulk_is(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT bulk FROM customer WHERE id = ?1");
	stmt_int(st, 1, id);
	return stmt_single(st, 0) == 1;
}

bool bulk_count(struct db *db, int64_t id, int32_t day)
{
	struct busy *busy = place_of(db, id);
	if (busy->id != id || busy->day != day)
		read_busy(db, busy, id, day);
	if (busy->bulk)
		return true;
	if (++busy->count % BUSY_STEP == 0)
		write_busy(db, busy);
	if (busy->count <= BULK_EVENTS)
		return false;
	set_bulk(db, id);
	busy->bulk = db_status(db) == DB_OK;
	return true;
}

int64_t bulk_customers(struct db *db, char *first, size_t size)
{
	struct stmt *st = db_stmt(db,
	        "SELECT ref FROM customer INDEXED BY customer_bulk WHERE bulk = 1"
	        " ORDER BY id DESC LIMIT 1");
	*first = '\0';
	if (!stmt_row(st))
		return 0;
	snprintf(first, size, "%s", stmt_get_text(st, 0));
	stmt_done(st);
	return stmt_single(db_stmt(db, "SELECT count(*) FROM customer INDEXED BY"
	                               " customer_bulk WHERE bulk = 1"),
	        0);
}
