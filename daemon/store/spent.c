/* Spending, counted in memory during a turn and written with it. It knows no price and no
 * budget. */
#include "store/spent.h"

#include <stdio.h>
#include <string.h>
#include "base/mem.h"

#define ROWS_MAX 32 /* different ones in a turn; a full table is written at once */
#define SUMS_MAX 8  /* asked for in a turn and kept in mind */

struct row {
	int64_t id;
	int32_t day;
	char channel[16], provider[32], purpose[16]; /* "" where only the id is known */
	int64_t n, won;                              /* since it was written last */
};
struct sum {
	char channel[16];
	int32_t from, to;
	int64_t won;
};

/* Of the turn under way, or of the part of it since its last mark. */
struct spending {
	struct row rows[ROWS_MAX];
	struct sum sums[SUMS_MAX];
	size_t n_rows, n_sums;
};

static void write_row(struct db *db, const struct row *row)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE spent SET n = n + ?2, won = won + ?3 WHERE id = ?1");

	stmt_int(st, 1, row->id);
	stmt_int(st, 2, row->n);
	stmt_int(st, 3, row->won);
	stmt_exec(st);
}

static void forget(void *arg)
{
	struct spending *spending = arg;

	spending->n_rows = spending->n_sums = 0;
}

/* What was read goes as well: a mark may be undone, and with it a row that was made. */
static void flush(void *arg, struct db *db)
{
	struct spending *spending = arg;

	for (size_t i = 0; i < spending->n_rows; i++)
		if (spending->rows[i].n || spending->rows[i].won)
			write_row(db, &spending->rows[i]);
	forget(spending);
}

static struct spending *of(struct db *db)
{
	void **slot = db_slot(db, DB_SLOT_SPENT);

	if (!*slot) {
		*slot = mem_alloc(sizeof(struct spending));
		db_before_commit(db, flush, *slot);
		db_on_abort(db, forget, *slot);
	}
	return *slot;
}

/* ---- rows ---- */

static bool is(const struct row *row, const struct spent_key *key)
{
	return row->day == key->day && !strcmp(row->channel, key->channel) &&
	       !strcmp(row->provider, key->provider) &&
	       !strcmp(row->purpose, key->purpose);
}

static int64_t row_made(struct db *db, const struct spent_key *key)
{
	struct stmt *st = db_stmt(db, "INSERT INTO spent(day, channel, provider, purpose)"
	                              " VALUES (?1, ?2, ?3, ?4)"
	                              " ON CONFLICT(day, channel, provider, purpose)"
	                              " DO UPDATE SET n = n RETURNING id");

	stmt_int(st, 1, key->day);
	stmt_text(st, 2, key->channel);
	stmt_text(st, 3, key->provider);
	stmt_text(st, 4, key->purpose);
	return stmt_single(st, 0);
}

static struct row *row_new(struct db *db, struct spending *spending)
{
	if (spending->n_rows == ROWS_MAX)
		flush(spending, db);
	return &spending->rows[spending->n_rows++];
}

static struct row *row_of(
        struct db *db, struct spending *spending, const struct spent_key *key)
{
	struct row *row;

	for (size_t i = 0; i < spending->n_rows; i++)
		if (is(&spending->rows[i], key))
			return &spending->rows[i];
	row = row_new(db, spending);
	*row = (struct row){.id = row_made(db, key), .day = key->day};
	snprintf(row->channel, sizeof row->channel, "%s", key->channel);
	snprintf(row->provider, sizeof row->provider, "%s", key->provider);
	snprintf(row->purpose, sizeof row->purpose, "%s", key->purpose);
	return row;
}

/* ---- one message ---- */

int64_t spent_add(struct db *db, const struct spent_key *key, int64_t won)
{
	struct spending *spending = of(db);
	struct row *row = row_of(db, spending, key);

	row->n++;
	row->won += won;
	for (size_t i = 0; i < spending->n_sums; i++) {
		struct sum *sum = &spending->sums[i];
		if (key->day >= sum->from && key->day < sum->to &&
		        !strcmp(sum->channel, key->channel))
			sum->won += won;
	}
	return row->id;
}

static void count_less(struct db *db, int64_t id, int64_t won)
{
	struct spending *spending = of(db);
	struct row *row = NULL;

	for (size_t i = 0; i < spending->n_rows && !row; i++)
		if (spending->rows[i].id == id)
			row = &spending->rows[i];
	if (!row) {
		row = row_new(db, spending);
		*row = (struct row){.id = id};
	}
	row->n--;
	row->won -= won;
	spending->n_sums = 0; /* whose it was is in the store */
}

void spent_take_back(struct db *db, int64_t message)
{
	struct stmt *st = db_stmt(db, "SELECT spent, price FROM message WHERE id = ?1 AND"
	                              " price IS NOT NULL");
	int64_t row, won;

	stmt_int(st, 1, message);
	if (!stmt_row(st))
		return;
	row = stmt_get(st, 0);
	won = stmt_get(st, 1);
	stmt_done(st);
	st = db_stmt(db, "UPDATE message SET price = NULL, spent = NULL WHERE id = ?1");
	stmt_int(st, 1, message);
	if (stmt_exec(st) == 1)
		count_less(db, row, won);
}

void spent_stands(struct db *db, int64_t message)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE message SET sunk = coalesce(sunk, 0) + price,"
	                    " price = NULL, spent = NULL"
	                    " WHERE id = ?1 AND price IS NOT NULL");

	stmt_int(st, 1, message);
	stmt_exec(st);
}

/* ---- sums ---- */

int64_t spent_sum(struct db *db, const char *channel, int32_t from, int32_t to)
{
	struct spending *spending = of(db);
	struct stmt *st;
	struct sum *sum;

	for (size_t i = 0; i < spending->n_sums; i++) {
		sum = &spending->sums[i];
		if (sum->from == from && sum->to == to && !strcmp(sum->channel, channel))
			return sum->won;
	}
	if (spending->n_rows || spending->n_sums == SUMS_MAX)
		flush(spending, db);
	st = db_stmt(db, "SELECT coalesce(sum(won), 0) FROM spent"
	                 " WHERE day >= ?2 AND day < ?3 AND channel = ?1");
	stmt_text(st, 1, channel);
	stmt_int(st, 2, from);
	stmt_int(st, 3, to);
	sum = &spending->sums[spending->n_sums++];
	*sum = (struct sum){.from = from, .to = to, .won = stmt_single(st, 0)};
	snprintf(sum->channel, sizeof sum->channel, "%s", channel);
	return sum->won;
}

void spent_each(struct db *db, int32_t from, int32_t to,
        void (*fn)(void *arg, const char *channel, int64_t won), void *arg)
{
	struct stmt *st;

	flush(of(db), db);
	st = db_stmt(db, "SELECT channel, sum(won) FROM spent WHERE day >= ?1 AND"
	                 " day < ?2 GROUP BY channel ORDER BY channel");
	stmt_int(st, 1, from);
	stmt_int(st, 2, to);
	while (stmt_row(st))
		fn(arg, stmt_get_text(st, 0), stmt_get(st, 1));
}
