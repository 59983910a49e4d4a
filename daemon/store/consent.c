/* Consent. Absence is no, and nothing here ever makes a yes that nobody said. */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/secret.h"
#include "store/consent.h"
#include "store/duty.h"
#include "store/sealed.h"
#include "store/term.h"

static const char *const channels[] = {"sms", "kakao", "email", "push", "data", NULL};

bool consent_channel_known(const char *channel)
{
	if (strcmp(channel, CONSENT_GUARDIAN) == 0)
		return true;
	for (int i = 0; channels[i]; i++)
		if (strcmp(channels[i], channel) == 0)
			return true;
	return false;
}

bool consent_purpose_known(const char *purpose)
{
	return strcmp(purpose, "ad") == 0 || strcmp(purpose, "night") == 0;
}

bool consent_how_known(const char *how)
{
	static const char *const ways[] = {
	        "pos", "web", "paper", "phone", "import", "reply", "provider", "owner"};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(ways[i], how) == 0)
			return true;
	return false;
}

int consent_now(struct db *db, int64_t customer, const char *channel, const char *purpose,
        int64_t *time)
{
	struct stmt *st =
	        db_stmt(db, "SELECT given, time FROM consent"
	                    " WHERE customer = ?1 AND channel = ?2 AND purpose = ?3");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, channel);
	stmt_text(st, 3, purpose);
	if (!stmt_row(st))
		return -1;
	int given = stmt_get(st, 0) != 0;
	*time = stmt_get(st, 1);
	stmt_done(st);
	return given;
}

/* The ledger is only added to: what was recorded of who was merged into him bears the
 * number that it was recorded under. */
#define HIS \
	"IN (SELECT ?1 UNION ALL SELECT id FROM merged INDEXED BY merged_customer WHERE" \
	" customer = ?1)"

/* The same told again (an event sent twice under two ids, a file read every day) is no
 * new history. */
static bool logged(struct db *db, const struct consent_change *c)
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM consent_log WHERE customer " HIS
	                              " AND channel = ?2 AND purpose = ?3"
	                              " AND given = ?4 AND time = ?5 AND source IS ?6 "
	                              "AND wording IS ?7 LIMIT 1");
	stmt_int(st, 1, c->customer);
	stmt_text(st, 2, c->channel);
	stmt_text(st, 3, c->purpose);
	stmt_int(st, 4, c->given);
	stmt_int(st, 5, c->time);
	stmt_text(st, 6, c->source);
	stmt_text(st, 7, c->wording);
	return stmt_single(st, 0) == 1;
}

/* Which words exactly: their version as the shop counts it, else their own digest. */
static const char *version_of(const struct consent_change *c, char out[65])
{
	uint8_t digest[32];
	if (c->version || !c->wording)
		return c->version;
	secret_sha256(c->wording, strlen(c->wording), digest);
	return secret_hex(digest, 6, out);
}

static int64_t write_log(struct db *db, const struct consent_change *c, int64_t now)
{
	char digest[65];
	struct stmt *st = db_stmt(db,
	        "INSERT INTO consent_log(customer, channel, purpose, given, time,"
	        " recorded_at, how, source, wording, version, operator, event)"
	        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	        " (SELECT eid FROM event WHERE id = ?12))");
	stmt_int(st, 1, c->customer);
	stmt_text(st, 2, c->channel);
	stmt_text(st, 3, c->purpose);
	stmt_int(st, 4, c->given);
	stmt_int(st, 5, c->time);
	stmt_int(st, 6, now);
	stmt_text(st, 7, c->how);
	stmt_text(st, 8, c->source);
	stmt_text(st, 9, c->wording);
	stmt_text(st, 10, version_of(c, digest));
	stmt_text(st, 11, c->operator);
	stmt_int_or_null(st, 12, c->event != 0, c->event);
	return stmt_exec(st) == 1 ? db_last_id(db) : 0;
}

/* What the law asks to confirm: the consent to a medium's advertisements. */
static bool is_confirmed(const struct consent_change *c)
{
	return c->given && !strcmp(c->purpose, "ad") && strcmp(c->channel, "data") != 0 &&
	       strcmp(c->channel, CONSENT_GUARDIAN) != 0;
}

static void hold(struct db *db, const struct consent_change *c, int64_t now)
{
	bool confirmed = is_confirmed(c);
	int64_t by = confirmed ? term_confirm_by(c->time, now) : 0;
	struct stmt *st = db_stmt(db,
	        "INSERT INTO consent(customer, channel, purpose, given, time,"
	        " confirm_from, confirm_by)"
	        " SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM customer WHERE id = ?1"
	        " ON CONFLICT(customer, channel, purpose)"
	        " DO UPDATE SET given = excluded.given, time = excluded.time,"
	        " confirm_from = excluded.confirm_from, confirm_by = "
	        "excluded.confirm_by");
	stmt_int(st, 1, c->customer);
	stmt_text(st, 2, c->channel);
	stmt_text(st, 3, c->purpose);
	stmt_int(st, 4, c->given);
	stmt_int(st, 5, c->time);
	stmt_int_or_null(
	        st, 6, confirmed, confirmed ? term_confirm_from(by, c->customer) : 0);
	stmt_int_or_null(st, 7, confirmed, by);
	stmt_exec(st);
	if (!c->given && !strcmp(c->purpose, "ad"))
		duty_take_back(db, c->customer, c->channel, now);
}

static void owe_result(
        struct db *db, const struct consent_change *c, int64_t log, int64_t now)
{
	struct duty duty = {.customer = c->customer,
	        .channel = c->channel,
	        .purpose = c->purpose,
	        .given = c->given,
	        .said_at = c->time,
	        .by = term_result_by(c->time)};

	duty_owe_result(db, &duty, log, now);
}

bool consent_record(struct db *db, const struct consent_change *change, int64_t now,
        bool never_over_withdrawal)
{
	int64_t log;
	return consent_record_as(db, change, now, never_over_withdrawal, &log);
}

bool consent_record_as(struct db *db, const struct consent_change *change, int64_t now,
        bool never_over_withdrawal, int64_t *log)
{
	int64_t time = 0;
	*log = 0;
	int had = consent_now(
	        db, change->customer, change->channel, change->purpose, &time);
	/* An import lifts no withdrawal, and one that says what is known already is no
	 * news. */
	if (never_over_withdrawal && (had == 0 || had == change->given))
		return false;
	if (!logged(db, change))
		*log = write_log(db, change, now);
	bool newer = had < 0 || change->time > time ||
	             (change->time == time && !change->given);
	if (!newer || (had == change->given && change->time == time))
		return false;
	hold(db, change, now);
	if (had == (int)change->given)
		return false;
	/* A guardian's word is not the customer's. */
	if (!change->told && strcmp(change->channel, CONSENT_GUARDIAN) != 0)
		owe_result(db, change, *log, now);
	return db_status(db) == DB_OK;
}

static void hold_nothing(struct db *db, const struct consent_change *c, int64_t now)
{
	struct stmt *st = db_stmt(db, "DELETE FROM consent WHERE customer = ?1 AND"
	                              " channel = ?2 AND purpose = ?3");
	stmt_int(st, 1, c->customer);
	stmt_text(st, 2, c->channel);
	stmt_text(st, 3, c->purpose);
	stmt_exec(st);
	if (!strcmp(c->purpose, "ad"))
		duty_take_back(db, c->customer, c->channel, now);
}

void consent_put_back(
        struct db *db, const struct consent_change *before, bool held, int64_t now)
{
	struct consent_change change = *before;
	if (!held) {
		change.given = false;
		change.time = now;
	}
	write_log(db, &change, now);
	if (!change.given) /* else it was given before as well, and is owed what it was */
		duty_forget_result(
		        db, change.customer, change.channel, change.purpose, now);
	if (held)
		hold(db, &change, now);
	else
		hold_nothing(db, &change, now);
}

int64_t consent_rows(struct db *db, int64_t customer)
{
	struct stmt *st =
	        db_stmt(db, "SELECT count(*) FROM consent_log WHERE customer = ?1");
	stmt_int(st, 1, customer);
	return stmt_single(st, 0);
}

bool consent_given(
        struct db *db, int64_t customer, const char *channel, const char *purpose)
{
	int64_t time;
	return consent_now(db, customer, channel, purpose, &time) == 1;
}

bool consent_withdrawn(
        struct db *db, int64_t customer, const char *channel, const char *purpose)
{
	int64_t time;
	return consent_now(db, customer, channel, purpose, &time) == 0;
}

bool consent_refused(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM consent WHERE customer = ?1"
	                              " AND purpose = 'ad' AND given = 0 LIMIT 1");
	stmt_int(st, 1, customer);
	return stmt_single(st, 0) == 1;
}

bool consent_told_before(
        struct db *db, const struct consent_change *change, bool timed, int64_t now)
{
	return !timed || term_result_by(change->time) < now ||
	       (!change->given && !consent_given(db, change->customer, change->channel,
	                                  change->purpose));
}

int64_t consent_since(
        struct db *db, int64_t customer, const char *channel, const char *purpose)
{
	int64_t time = 0;
	return consent_now(db, customer, channel, purpose, &time) < 0 ? 0 : time;
}

json_t *consent_json(struct db *db, int64_t customer)
{
	json_t *all = json_object();
	for (int i = 0; channels[i]; i++) {
		json_t *one = json_object();
		json_object_set_new(one, "ad", json_false());
		if (strcmp(channels[i], "data") != 0)
			json_object_set_new(one, "night", json_false());
		json_object_set_new(all, channels[i], one);
	}
	struct stmt *st = db_stmt(db,
	        "SELECT channel, purpose FROM consent WHERE customer = ?1 AND given = 1");
	stmt_int(st, 1, customer);
	while (stmt_row(st)) {
		const char *channel = stmt_get_text(st, 0);
		if (!json_object_get(all, channel)) /* a guardian's: few have one */
			json_object_set_new(all, channel, json_object());
		json_object_set_new(
		        json_object_get(all, channel), stmt_get_text(st, 1), json_true());
	}
	return all;
}

static void put_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, text ? json_string(text) : json_null());
}

static void put_time(json_t *object, const char *key, int64_t ms, struct zone *zone)
{
	char out[32];
	json_object_set_new(object, key, json_string(zone_format(zone, ms, out)));
}

json_t *consent_history(struct db *db, int64_t customer, struct zone *zone)
{
	json_t *history = json_array();
	struct stmt *st =
	        db_stmt(db, "SELECT l.channel, l.purpose, l.given, l.time, l.recorded_at,"
	                    " l.how, l.source, l.wording, l.version, l.operator, l.event,"
	                    " m.ref FROM consent_log l LEFT JOIN merged m ON m.id ="
	                    " l.customer WHERE l.customer " HIS " ORDER BY l.id");
	stmt_int(st, 1, customer);
	while (stmt_row(st)) {
		json_t *one = json_object();
		put_text(one, "channel", stmt_get_text(st, 0));
		put_text(one, "purpose", stmt_get_text(st, 1));
		json_object_set_new(one, "given", json_boolean(stmt_get(st, 2)));
		put_time(one, "time", stmt_get(st, 3), zone);
		put_time(one, "recorded", stmt_get(st, 4), zone);
		put_text(one, "how", stmt_get_text(st, 5));
		put_text(one, "source", stmt_get_text(st, 6));
		put_text(one, "wording", stmt_get_text(st, 7));
		put_text(one, "version", stmt_get_text(st, 8));
		put_text(one, "operator", stmt_get_text(st, 9));
		put_text(one, "event", stmt_get_text(st, 10));
		if (!stmt_is_null(st, 11)) /* said under an id that was merged */
			put_text(one, "customer", stmt_get_text(st, 11));
		json_array_append_new(history, one);
	}
	return history;
}
