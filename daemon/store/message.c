/* Messages and the one function that moves them. Never moves one backwards but by the
 * steps of the table below, and keeps the tally so that every message ever planned is in
 * exactly one state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/guarded.h"
#include "store/message.h"
#include "store/sealed.h"
#include "store/message_inner.h"
#include "store/spent.h"
#include "store/tally.h"

#define BIT(state) (1u << (state))

/* From each state, where it may go. The three that wait may stay, for another instant or
 * another reason. */
static const unsigned steps[MESSAGE_STATES] = {
        [MESSAGE_PLANNED] = BIT(MESSAGE_PLANNED) | BIT(MESSAGE_HELD) |
                            BIT(MESSAGE_CLAIMED) | BIT(MESSAGE_DROPPED) |
                            BIT(MESSAGE_EXPIRED) | BIT(MESSAGE_FAILED),
        [MESSAGE_HELD] = BIT(MESSAGE_HELD) | BIT(MESSAGE_PLANNED) | BIT(MESSAGE_CLAIMED) |
                         BIT(MESSAGE_DROPPED) | BIT(MESSAGE_EXPIRED) |
                         BIT(MESSAGE_FAILED),
        [MESSAGE_CLAIMED] = BIT(MESSAGE_PLANNED) | BIT(MESSAGE_HANDED),
        [MESSAGE_HANDED] = BIT(MESSAGE_ACCEPTED) | BIT(MESSAGE_FAILED) |
                           BIT(MESSAGE_UNKNOWN) | BIT(MESSAGE_PLANNED),
        [MESSAGE_UNKNOWN] = BIT(MESSAGE_UNKNOWN) | BIT(MESSAGE_ACCEPTED) |
                            BIT(MESSAGE_DELIVERED) | BIT(MESSAGE_FAILED) |
                            BIT(MESSAGE_PLANNED) | BIT(MESSAGE_DROPPED),
        [MESSAGE_ACCEPTED] = BIT(MESSAGE_DELIVERED) | BIT(MESSAGE_FAILED),
        [MESSAGE_FAILED] = BIT(MESSAGE_PLANNED),
        [MESSAGE_DROPPED] = BIT(MESSAGE_PLANNED),
        [MESSAGE_EXPIRED] = BIT(MESSAGE_PLANNED),
};

static bool waits(enum message_state state)
{
	return state == MESSAGE_PLANNED || state == MESSAGE_HELD;
}

/* ---- figures ---- */

static void tally(struct db *db, const char *rule, enum message_state state, int by)
{
	tally_message(db, rule, message_state_name(state), by);
}

int64_t message_waiting(struct db *db, const char *channel)
{
	return tally_waiting(db, channel);
}

json_t *message_totals(struct db *db)
{
	json_t *totals = json_object();
	tally_flush(db);
	for (int i = 0; i < MESSAGE_STATES; i++)
		json_object_set_new(totals, message_state_name((enum message_state)i),
		        json_integer(0));
	struct stmt *st = db_stmt(db, "SELECT state, sum(n) FROM tally GROUP BY state");
	while (stmt_row(st))
		json_object_set_new(
		        totals, stmt_get_text(st, 0), json_integer(stmt_get(st, 1)));
	return totals;
}

/* ---- one message ---- */

int64_t message_plan(struct db *db, const struct message *m)
{
	static const char sql[] = "INSERT INTO message(run, step, leg, rule, customer, "
	                          "channel, template, purpose, state, flags,"
	                          " planned_at, due_at, expires_at, coupon, data, "
	                          "address, address_key) VALUES "
	                          "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
	                          " 'planned', ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ON "
	                          "CONFLICT(run, step, leg) DO NOTHING";
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, m->run);
	stmt_int(st, 2, m->step);
	stmt_int(st, 3, m->leg);
	stmt_text(st, 4, m->rule);
	stmt_int(st, 5, m->customer);
	stmt_text(st, 6, m->channel);
	stmt_text(st, 7, m->template);
	stmt_text(st, 8, m->purpose);
	stmt_int(st, 9, m->flags);
	stmt_int(st, 10, m->planned_at);
	stmt_int(st, 11, m->due_at ? m->due_at : m->planned_at);
	stmt_int_or_null(st, 12, m->expires_at != 0, m->expires_at);
	stmt_text(st, 13, m->coupon);
	sealed_json(st, 14, SEAL_MESSAGE, m->data, NULL, NULL);
	sealed_text(st, 15, SEAL_ADDRESS, m->address);
	sealed_index(st, 16, SEAL_ADDRESS, m->address);
	if (stmt_exec(st) != 1)
		return 0;
	int64_t id = db_last_id(db);
	tally(db, m->rule, MESSAGE_PLANNED, 1);
	tally_wait(db, m->channel, 1);
	return id;
}

static void copy_texts(struct stmt *st, struct arena *arena, struct message *out)
{
	const char **texts[] = {&out->rule, &out->channel, &out->template, &out->purpose,
	        &out->provider, &out->provider_id, &out->coupon};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = stmt_is_null(st, (int)i)
		                    ? NULL
		                    : arena_strdup(arena, stmt_get_text(st, (int)i));
	out->address = arena_strdup(arena, sealed_get(st, 7, SEAL_ADDRESS, out->id));
	out->data =
	        arena_strdup(arena, sealed_get_json(st, 8, SEAL_MESSAGE, out->id, NULL));
}

bool message_get(struct db *db, int64_t id, struct arena *arena, struct message *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT rule, channel, template, purpose, provider, provider_id, coupon,"
	        " address, data, run, step, leg, customer, state, reason, flags,"
	        " planned_at, due_at, expires_at, held_at, handed_at, sent_at, ended_at,"
	        " tries, bundle, links FROM message WHERE id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return false;
	*out = (struct message){.id = id,
	        .run = stmt_get(st, 9),
	        .step = (int)stmt_get(st, 10),
	        .leg = (int)stmt_get(st, 11),
	        .customer = stmt_get(st, 12),
	        .state = (enum message_state)message_state_parse(stmt_get_text(st, 13)),
	        .reason = reason_parse(stmt_get_text(st, 14)),
	        .flags = (int)stmt_get(st, 15),
	        .planned_at = stmt_get(st, 16),
	        .due_at = stmt_get(st, 17),
	        .expires_at = stmt_get(st, 18),
	        .held_at = stmt_get(st, 19),
	        .handed_at = stmt_get(st, 20),
	        .sent_at = stmt_get(st, 21),
	        .ended_at = stmt_get(st, 22),
	        .tries = (int)stmt_get(st, 23),
	        .bundle = stmt_get(st, 24),
	        .links = (int)stmt_get(st, 25)};
	copy_texts(st, arena, out);
	stmt_done(st);
	return true;
}

const char *message_text(struct db *db, int64_t id, struct arena *arena)
{
	struct stmt *st = db_stmt(db, "SELECT text FROM letter WHERE message = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return NULL;
	const char *text = arena_strdup(arena, sealed_get(st, 0, SEAL_LETTER, id));
	stmt_done(st);
	return text;
}

char *message_key(struct db *db, int64_t id, char *out)
{
	snprintf(out, 32, "%s-%lld", db_id(db), (long long)id);
	return out;
}

int64_t message_parse_key(struct db *db, const char *key)
{
	size_t len = strlen(db_id(db));
	char *end;
	if (len > 0 && strncmp(key, db_id(db), len) == 0 && key[len] == '-')
		key += len + 1;
	if (*key < '1' || *key > '9' || strlen(key) > 18)
		return 0;
	int64_t id = strtoll(key, &end, 10);
	return *end ? 0 : id;
}

/* ---- moving ---- */

struct place {
	char rule[128], channel[32];
	enum message_state state;
};

static bool find_place(struct db *db, int64_t id, struct place *out)
{
	struct stmt *st =
	        db_stmt(db, "SELECT rule, channel, state FROM message WHERE id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return false;
	snprintf(out->rule, sizeof out->rule, "%s", stmt_get_text(st, 0));
	snprintf(out->channel, sizeof out->channel, "%s", stmt_get_text(st, 1));
	out->state = (enum message_state)message_state_parse(stmt_get_text(st, 2));
	stmt_done(st);
	return true;
}

/* The instants that go with a state; ?3 is now. What was proven not to have left counts
 * for no cap and no rate. */
static const char *update_for(enum message_state to)
{
#define SET "UPDATE message SET state = ?2, reason = ?4, due_at = ?5"
	switch (to) {
	case MESSAGE_PLANNED:
		return SET ", held_at = CASE WHEN ended_at IS NULL THEN held_at END, "
		           "handed_at = NULL,"
		           " sent_at = NULL, ended_at = NULL WHERE id = ?1 AND ?3 IS NOT "
		           "NULL";
	case MESSAGE_HELD:
		return SET ", held_at = coalesce(held_at, ?3) WHERE id = ?1";
	case MESSAGE_CLAIMED:
	case MESSAGE_UNKNOWN:
		return SET " WHERE id = ?1 AND ?3 IS NOT NULL";
	case MESSAGE_HANDED:
		return SET ", handed_at = ?3 WHERE id = ?1";
	case MESSAGE_ACCEPTED:
		return SET ", sent_at = ?3 WHERE id = ?1";
	case MESSAGE_DELIVERED:
		return SET
		        ", sent_at = coalesce(sent_at, ?3), ended_at = ?3 WHERE id = ?1";
	case MESSAGE_FAILED:
	case MESSAGE_EXPIRED:
	case MESSAGE_DROPPED:
		return SET ", ended_at = ?3 WHERE id = ?1";
	}
#undef SET
	return NULL;
}

void message_check_step(int64_t id, enum message_state from, enum message_state to)
{
	if (!(steps[from] & BIT(to)))
		log_die("message %lld cannot go from %s to %s", (long long)id,
		        message_state_name(from), message_state_name(to));
}

void message_moved(struct db *db, const char *rule, const char *channel,
        enum message_state from, enum message_state to)
{
	if (from != to) {
		tally(db, rule, from, -1);
		tally(db, rule, to, 1);
	}
	if (waits(to) != waits(from))
		tally_wait(db, channel, waits(to) ? 1 : -1);
}

/* The attempt that was accepted stands in the message itself, as its last one, until that
 * is tried again. */
static void keep_accepted(struct db *db, int64_t id)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO attempt(message, n, time, result)"
	                    " SELECT id, tries, sent_at, 'accepted' FROM message"
	                    " WHERE id = ?1 AND sent_at IS NOT NULL AND tries > 0"
	                    " ON CONFLICT(message, n) DO NOTHING");
	stmt_int(st, 1, id);
	stmt_exec(st);
}

/* It was handed over and may cost something. */
static bool charged(enum message_state state)
{
	return state == MESSAGE_HANDED || state == MESSAGE_UNKNOWN ||
	       state == MESSAGE_ACCEPTED;
}

static void move(struct db *db, int64_t id, const struct place *was,
        enum message_state to, enum reason reason, int64_t due_at, int64_t now)
{
	message_check_step(id, was->state, to);
	if (to == MESSAGE_PLANNED && was->state != MESSAGE_PLANNED)
		keep_accepted(db, id);
	if (charged(was->state) && (to == MESSAGE_PLANNED || to == MESSAGE_FAILED))
		spent_take_back(db, id);
	bool keeps_due = (waits(to) || to == MESSAGE_UNKNOWN) && due_at > 0;
	struct stmt *st = db_stmt(db, update_for(to));
	stmt_int(st, 1, id);
	stmt_text(st, 2, message_state_name(to));
	stmt_int(st, 3, now);
	stmt_text(st, 4, reason == REASON_NONE ? NULL : reason_name(reason));
	stmt_int_or_null(st, 5, keeps_due, due_at);
	stmt_exec(st);
	message_moved(db, was->rule, was->channel, was->state, to);
}

void message_set_state(struct db *db, int64_t id, enum message_state to,
        enum reason reason, int64_t due_at, int64_t now)
{
	struct place was;
	if (find_place(db, id, &was))
		move(db, id, &was, to, reason, due_at, now);
	else if (db_status(db) == DB_OK)
		log_die("message %lld does not exist and cannot become %s", (long long)id,
		        message_state_name(to));
}

void message_extend(struct db *db, int64_t id, int64_t expires_at)
{
	struct stmt *st = db_stmt(db, "UPDATE message SET expires_at = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int_or_null(st, 2, expires_at != 0, expires_at);
	stmt_exec(st);
}

void message_set_due(struct db *db, int64_t id, int64_t due_at)
{
	struct stmt *st = db_stmt(db, "UPDATE message SET due_at = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int_or_null(st, 2, due_at != 0, due_at);
	stmt_exec(st);
}

void message_set_provider_id(struct db *db, int64_t id, const char *provider_id)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE message SET provider_id = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_text(st, 2, provider_id);
	stmt_exec(st);
}

bool message_other_has(struct db *db, const struct message *m, const char *provider_id)
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM message WHERE provider_id = ?1"
	                              " AND provider = ?2 AND id <> ?3"
	                              " AND bundle IS NOT ?4 LIMIT 1");
	stmt_text(st, 1, provider_id);
	stmt_text(st, 2, m->provider);
	stmt_int(st, 3, m->id);
	stmt_int_or_null(st, 4, m->bundle != 0, m->bundle);
	return stmt_single(st, 0) != 0;
}

void message_set_flags(struct db *db, int64_t id, int flags)
{
	struct stmt *st = db_stmt(db, "UPDATE message SET flags = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int(st, 2, flags);
	stmt_exec(st);
}

void message_attempt(struct db *db, int64_t id, int64_t now, const char *result,
        const char *code, const char *detail)
{
	struct stmt *st = db_stmt(
	        db, "UPDATE message SET tries = tries + 1 WHERE id = ?1 RETURNING tries");
	stmt_int(st, 1, id);
	int64_t n = stmt_single(st, 0);
	if (!n)
		return;
	st = db_stmt(db, "INSERT INTO attempt(message, n, time, result, code, detail)"
	                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
	stmt_int(st, 1, id);
	stmt_int(st, 2, n);
	stmt_int(st, 3, now);
	stmt_text(st, 4, result);
	stmt_text(st, 5, code);
	sealed_text(st, 6, SEAL_DETAIL, detail);
	stmt_exec(st);
}

/* ---- many ---- */

int message_due(struct db *db, const char *channel, int64_t now, int64_t *ids, int max)
{
	struct stmt *st =
	        db_stmt(db, "SELECT id FROM message WHERE channel = ?1 AND due_at <= ?2"
	                    " AND state <> 'accepted' ORDER BY due_at, id LIMIT ?3");
	stmt_text(st, 1, channel);
	stmt_int(st, 2, now);
	stmt_int(st, 3, max);
	return stmt_ids(st, ids, max);
}

int64_t message_next_due(struct db *db, const char *channel)
{
	struct stmt *st = db_stmt(db, "SELECT due_at FROM message WHERE channel = ?1 AND "
	                              "due_at IS NOT NULL AND state <> 'accepted'"
	                              " ORDER BY due_at LIMIT 1");
	stmt_text(st, 1, channel);
	return stmt_single(st, 0);
}

#define OVERDUE " FROM message WHERE due_at IS NOT NULL AND state = 'accepted'"

int message_overdue(struct db *db, int64_t now, int64_t *ids, int max)
{
	struct stmt *st = db_stmt(
	        db, "SELECT id" OVERDUE " AND due_at <= ?1 ORDER BY due_at LIMIT ?2");
	stmt_int(st, 1, now);
	stmt_int(st, 2, max);
	return stmt_ids(st, ids, max);
}

int64_t message_next_overdue(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT min(due_at)" OVERDUE), 0);
}

int64_t message_drop_run(struct db *db, int64_t run, enum reason reason, int64_t now)
{
	int64_t ids[64], dropped = 0;
	int n;
	guarded_remove(db, run);
	do {
		struct stmt *st = db_stmt(db,
		        "SELECT id FROM message INDEXED BY message_key WHERE run = ?1"
		        " AND state IN ('planned', 'held') LIMIT 64");
		stmt_int(st, 1, run);
		n = stmt_ids(st, ids, 64);
		for (int i = 0; i < n; i++)
			message_set_state(db, ids[i], MESSAGE_DROPPED, reason, 0, now);
		dropped += n;
	} while (n == 64 && db_status(db) == DB_OK);
	return dropped;
}

static int64_t move_all(struct db *db, const char *static_sql, enum message_state to,
        int64_t due_at, int64_t now)
{
	int64_t ids[256], moved = 0;
	int n;
	do {
		n = stmt_ids(db_stmt(db, static_sql), ids, 256);
		for (int i = 0; i < n; i++)
			message_set_state(db, ids[i], to, REASON_NONE, due_at, now);
		moved += n;
	} while (n == 256 && db_status(db) == DB_OK);
	return moved;
}

#define OPEN \
	"SELECT id FROM message WHERE state NOT IN ('accepted', 'delivered') AND state " \
	"= "

void message_recover(struct db *db, int64_t now, int64_t *back, int64_t *unknown)
{
	*back = move_all(db, OPEN "'claimed' LIMIT 256", MESSAGE_PLANNED, now, now);
	*unknown = move_all(db, OPEN "'handed' AND bundle IS NOT NULL LIMIT 256",
	        MESSAGE_UNKNOWN, 0, now);
	*unknown += move_all(db, OPEN "'handed' LIMIT 256", MESSAGE_UNKNOWN,
	        now + 30 * MS_SECOND, now);
}

int64_t message_ads(struct db *db, int64_t customer, int64_t from, int64_t to)
{
	struct stmt *st = db_stmt(db,
	        "SELECT count(*) FROM message WHERE customer = ?1 AND purpose = 'ad'"
	        " AND handed_at IS NOT NULL AND handed_at >= ?2 AND handed_at < ?3");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, from);
	stmt_int(st, 3, to);
	return stmt_single(st, 0);
}

int64_t message_ad_first(struct db *db, int64_t customer, int64_t from, int64_t to)
{
	struct stmt *st = db_stmt(db,
	        "SELECT min(handed_at) FROM message WHERE customer = ?1 AND purpose = "
	        "'ad'"
	        " AND handed_at IS NOT NULL AND handed_at >= ?2 AND handed_at < ?3");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, from);
	stmt_int(st, 3, to);
	return stmt_single(st, 0);
}

void message_unlist(struct db *db)
{
	stmt_exec(db_stmt(db, "DROP INDEX IF EXISTS message_open"));
	stmt_exec(db_stmt(db, "DROP INDEX IF EXISTS message_rule"));
}
