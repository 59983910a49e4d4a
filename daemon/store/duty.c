/* The ledger of the statutory notices. Whether one was told follows its message by a
 * trigger of the schema, in the same turn; nothing here sends or decides when. */
#include "store/duty.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "store/message.h"
#include "store/term.h"

#define TOLD_WITHIN (30 * (int64_t)MS_DAY)  /* what `told` counts */
#define ALARM_GOES_ON (7 * (int64_t)MS_DAY) /* behind the end of a term */
#define GIVEN_UP (30 * (int64_t)MS_DAY)     /* behind the end of a term */
#define A_TURN 256                          /* rows that are closed in one */
#define WHY_OF 1000                         /* late ones that are asked why */
#define BEGUN_LATE MS_HOUR /* what is begun after its alarm gets so long to leave */

static void add(struct db *db, const char *kind, const struct duty *duty, int64_t log,
        int64_t event, int64_t alarm_at, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO duty(kind, customer, channel, purpose, given, said_at, log,"
	        " since, by_at, alarm_at, event)"
	        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
	stmt_text(st, 1, kind);
	stmt_int(st, 2, duty->customer);
	stmt_text(st, 3, duty->channel);
	stmt_text(st, 4, duty->purpose);
	stmt_int(st, 5, duty->given);
	stmt_int(st, 6, duty->said_at);
	stmt_int_or_null(st, 7, log != 0, log);
	stmt_int(st, 8, now);
	stmt_int(st, 9, duty->by);
	stmt_int(st, 10, alarm_at);
	stmt_int_or_null(st, 11, event != 0, event);
	stmt_exec(st);
}

/* ---- results ---- */

void duty_owe_result(struct db *db, const struct duty *duty, int64_t log, int64_t now)
{
	int64_t alarm = term_result_alarm(duty->by),
	        begun = term_result_due(now) + BEGUN_LATE;

	add(db, DUTY_RESULT, duty, log, 0, alarm > begun ? alarm : begun, now);
}

void duty_take_back(struct db *db, int64_t customer, const char *channel, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE duty SET closed = 1, ended_at = ?3, reason = 'taken_back'"
	        " WHERE customer = ?1 AND channel = ?2 AND kind = 'confirm'"
	        " AND told_at IS NULL AND closed = 0");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, channel);
	stmt_int(st, 3, now);
	stmt_exec(st);
}

void duty_forget_result(struct db *db, int64_t customer, const char *channel,
        const char *purpose, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE duty SET closed = 1, ended_at = ?4, reason = 'import_undone'"
	        " WHERE customer = ?1 AND channel = ?2 AND purpose = ?3 AND"
	        " kind = 'result' AND given = 1 AND event IS NULL AND closed = 0");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, channel);
	stmt_text(st, 3, purpose);
	stmt_int(st, 4, now);
	stmt_exec(st);
}

int64_t duty_oldest(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT since FROM duty WHERE event IS NULL"
	                               " AND closed = 0 ORDER BY since LIMIT 1"),
	        0);
}

int64_t duty_next_customer(struct db *db, int64_t until)
{
	struct stmt *st =
	        db_stmt(db, "SELECT customer FROM duty WHERE event IS NULL AND closed = 0"
	                    " AND since <= ?1 ORDER BY since LIMIT 1");
	stmt_int(st, 1, until);
	return stmt_single(st, 0);
}

static void read_row(struct stmt *st, struct arena *arena, struct duty *out)
{
	*out = (struct duty){.customer = stmt_get(st, 0),
	        .channel = arena_strdup(arena, stmt_get_text(st, 1)),
	        .purpose = arena_strdup(arena, stmt_get_text(st, 2)),
	        .given = stmt_get(st, 3) != 0,
	        .said_at = stmt_get(st, 4),
	        .by = stmt_get(st, 5),
	        .id = stmt_get(st, 6)};
}

int duty_results(
        struct db *db, int64_t customer, struct arena *arena, struct duty *out, int max)
{
	struct stmt *st =
	        db_stmt(db, "SELECT customer, channel, purpose, given, said_at, by_at, id"
	                    " FROM duty INDEXED BY duty_customer WHERE customer = ?1"
	                    " AND event IS NULL AND closed = 0 ORDER BY id LIMIT ?2");
	int n = 0;

	stmt_int(st, 1, customer);
	stmt_int(st, 2, max);
	while (stmt_row(st))
		read_row(st, arena, &out[n++]);
	return n;
}

void duty_results_begin(
        struct db *db, int64_t customer, int64_t last, int64_t event, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE duty INDEXED BY duty_customer SET event = ?2,"
	        " alarm_at = max(alarm_at, ?4)"
	        " WHERE customer = ?1 AND event IS NULL AND closed = 0 AND id <= ?3");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, event);
	stmt_int(st, 3, last);
	stmt_int(st, 4, now + BEGUN_LATE);
	stmt_exec(st);
}

/* ---- confirmations ---- */

int64_t duty_next_confirm(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT confirm_from FROM consent WHERE"
	                               " confirm_from IS NOT NULL"
	                               " ORDER BY confirm_from LIMIT 1"),
	        0);
}

bool duty_confirm_due(struct db *db, int64_t now, struct arena *arena, struct duty *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT customer, channel, purpose, given, time, confirm_by, 0"
	        " FROM consent WHERE confirm_from <= ?1 ORDER BY confirm_from LIMIT 1");

	stmt_int(st, 1, now);
	if (!stmt_row(st))
		return false;
	read_row(st, arena, out);
	stmt_done(st);
	return true;
}

void duty_confirm_begin(
        struct db *db, const struct duty *duty, int64_t event, int64_t now)
{
	int64_t by = term_confirm_by(duty->said_at, duty->by);
	int64_t alarm = term_confirm_alarm(duty->by);
	struct stmt *st;

	if (alarm < now + BEGUN_LATE)
		alarm = now + BEGUN_LATE;
	add(db, DUTY_CONFIRM, duty, 0, event, alarm, now);
	st = db_stmt(db, "UPDATE consent SET confirm_from = ?4, confirm_by = ?5"
	                 " WHERE customer = ?1 AND channel = ?2 AND purpose = ?3");
	stmt_int(st, 1, duty->customer);
	stmt_text(st, 2, duty->channel);
	stmt_text(st, 3, duty->purpose);
	stmt_int(st, 4, term_confirm_from(by, duty->customer));
	stmt_int(st, 5, by);
	stmt_exec(st);
}

/* ---- both ---- */

bool duty_stands(struct db *db, int64_t event)
{
	struct stmt *st =
	        db_stmt(db, "SELECT 1 FROM duty WHERE event = ?1 AND closed = 0 LIMIT 1");
	stmt_int(st, 1, event);
	return stmt_single(st, 0) == 1;
}

bool duty_forgo(struct db *db, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE duty SET closed = 1, ended_at = ?1, reason = 'no_law' WHERE id IN"
	        " (SELECT id FROM duty WHERE event IS NULL AND closed = 0 LIMIT ?2)");
	stmt_int(st, 1, now);
	stmt_int(st, 2, A_TURN);
	return stmt_exec(st) == A_TURN;
}

#define UNTOLD " FROM duty INDEXED BY duty_late WHERE told_at IS NULL AND closed = 0"

bool duty_give_up(struct db *db, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE duty SET closed = 1, ended_at = coalesce(ended_at, ?1),"
	        " reason = coalesce(reason, 'late') WHERE id IN (SELECT id" UNTOLD
	        " AND alarm_at < ?2 AND by_at < ?2 AND event IS NOT NULL AND NOT EXISTS "
	        "(SELECT 1 FROM message"
	        " m WHERE m.id = duty.message AND m.state IN ('planned', 'held',"
	        " 'claimed', 'handed')) LIMIT ?3)");
	stmt_int(st, 1, now);
	stmt_int(st, 2, now - GIVEN_UP);
	stmt_int(st, 3, A_TURN);
	return stmt_exec(st) == A_TURN;
}

void duty_count(struct db *db, int64_t now, struct duty_counts *out)
{
	struct stmt *st;

	*out = (struct duty_counts){0};
	st = db_stmt(db, "SELECT count(*), sum(alarm_at <= ?1),"
	                 " min(CASE WHEN alarm_at <= ?1 THEN by_at END)" UNTOLD);
	stmt_int(st, 1, now);
	if (stmt_row(st)) {
		out->due = stmt_get(st, 0);
		out->late = stmt_get(st, 1);
		out->soonest = stmt_get(st, 2);
		stmt_done(st);
	}
	st = db_stmt(db, "SELECT count(*) FROM duty WHERE told_at IS NOT NULL"
	                 " AND told_at > ?1");
	stmt_int(st, 1, now - TOLD_WITHIN);
	out->told = stmt_single(st, 0);
}

int64_t duty_next_alarm(struct db *db, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "SELECT alarm_at" UNTOLD
	        " AND alarm_at > ?2 AND by_at > ?1 ORDER BY alarm_at LIMIT 1");
	stmt_int(st, 1, now - ALARM_GOES_ON);
	stmt_int(st, 2, now - ALARM_GOES_ON - TERM_ALARM_AHEAD * (int64_t)MS_DAY);
	return stmt_single(st, 0);
}

/* How many are late, WHY_OF at most. */
static int64_t late_some(struct db *db, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "SELECT count(*) FROM (SELECT 1" UNTOLD " AND alarm_at <= ?1 LIMIT ?2)");

	stmt_int(st, 1, now);
	stmt_int(st, 2, WHY_OF);
	return stmt_single(st, 0);
}

char *duty_why_late(struct db *db, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "SELECT coalesce(d.reason, m.reason, m.state, 'not_begun') why, count(*) "
	        "n"
	        " FROM (SELECT reason, message" UNTOLD " AND alarm_at <= ?1"
	        " ORDER BY alarm_at LIMIT ?2) d LEFT JOIN message m ON m.id = d.message"
	        " GROUP BY why ORDER BY n DESC, why LIMIT 4");
	struct buf text = {0};
	int64_t of = late_some(db, now);

	stmt_int(st, 1, now);
	stmt_int(st, 2, WHY_OF);
	while (stmt_row(st))
		buf_printf(&text, of < WHY_OF ? "%s%s %lld" : "%s%s %lld%%",
		        text.len ? ", " : "", stmt_get_text(st, 0),
		        (long long)(of < WHY_OF ? stmt_get(st, 1)
		                                : stmt_get(st, 1) * 100 / WHY_OF));
	return text.len ? buf_take(&text) : mem_strdup("");
}

/* ---- telling ---- */

static json_t *text_or_null(struct stmt *st, int col)
{
	return stmt_is_null(st, col) ? json_null() : json_string(stmt_get_text(st, col));
}

static json_t *time_or_null(struct stmt *st, int col, struct zone *zone)
{
	char text[32];

	return stmt_is_null(st, col)
	               ? json_null()
	               : json_string(zone_format(zone, stmt_get(st, col), text));
}

/* In the order of the SELECT of duty_list: told, ended, closed, begun. */
static const char *state_of(struct stmt *st)
{
	if (!stmt_is_null(st, 9))
		return "told";
	if (stmt_get(st, 12))
		return "closed";
	if (!stmt_is_null(st, 10))
		return "not_told";
	return stmt_is_null(st, 13) ? "owed" : "planned";
}

static json_t *row_json(struct db *db, struct stmt *st, struct zone *zone)
{
	json_t *one = json_pack("{s:I, s:s, s:s}", "id", (json_int_t)stmt_get(st, 0),
	        "kind", stmt_get_text(st, 1), "state", state_of(st));
	char key[40];

	json_object_set_new(one, "customer", text_or_null(st, 2));
	json_object_set_new(one, "channel", text_or_null(st, 3));
	json_object_set_new(one, "purpose", text_or_null(st, 4));
	json_object_set_new(one, "given", json_boolean(stmt_get(st, 5)));
	json_object_set_new(one, "said", time_or_null(st, 6, zone));
	json_object_set_new(one, "due", time_or_null(st, 7, zone));
	json_object_set_new(one, "message",
	        stmt_is_null(st, 8) ? json_null()
	                            : json_string(message_key(db, stmt_get(st, 8), key)));
	json_object_set_new(one, "told", time_or_null(st, 9, zone));
	json_object_set_new(one, "ended", time_or_null(st, 10, zone));
	json_object_set_new(one, "reason", text_or_null(st, 11));
	return one;
}

json_t *duty_list(struct db *db, bool late, int64_t before, int limit, struct zone *zone,
        int64_t now)
{
	json_t *rows = json_array(), *next = json_null();
	struct stmt *st = db_stmt(db,
	        "SELECT d.id, d.kind, c.ref, d.channel, d.purpose, d.given, d.said_at,"
	        " d.by_at, d.message, d.told_at, d.ended_at, d.reason, d.closed, d.event"
	        " FROM duty d LEFT JOIN customer c ON c.id = d.customer"
	        " WHERE (?1 = 0 OR d.id < ?1) AND (?2 = 0 OR (d.told_at IS NULL AND"
	        " d.closed = 0 AND d.alarm_at <= ?4)) ORDER BY d.id DESC LIMIT ?3");

	stmt_int(st, 1, before);
	stmt_int(st, 2, late);
	stmt_int(st, 3, limit);
	stmt_int(st, 4, now);
	while (stmt_row(st))
		json_array_append_new(rows, row_json(db, st, zone));
	if (json_array_size(rows) == (size_t)limit)
		next = json_incref(
		        json_object_get(json_array_get(rows, (size_t)limit - 1), "id"));
	return json_pack("{s:o, s:o}", "notices", rows, "next", next);
}
