/* Messages as the outside sees them: one with its attempts, and lists by cursor. Shows,
 * and never changes any. */
#include <string.h>
#include "store/message.h"
#include "store/sealed.h"

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *time_or_null(struct zone *zone, int64_t ms)
{
	char out[32];
	return ms ? json_string(zone_format(zone, ms, out)) : json_null();
}

/* Those that failed are rows; the one that was accepted stands in the message. */
#define ATTEMPTS \
	"SELECT time, result, code, detail, n FROM attempt WHERE message = ?1" \
	" UNION ALL SELECT sent_at, 'accepted', NULL, NULL, tries FROM message m" \
	" WHERE id = ?1 AND sent_at IS NOT NULL AND tries > 0" \
	" AND NOT EXISTS (SELECT 1 FROM attempt WHERE message = m.id AND n = m.tries)" \
	" ORDER BY 5"

static json_t *attempts_json(struct db *db, int64_t id, struct zone *zone)
{
	json_t *attempts = json_array();
	struct stmt *st = db_stmt(db, ATTEMPTS);
	stmt_int(st, 1, id);
	while (stmt_row(st)) {
		json_t *one = json_object();
		json_object_set_new(one, "time", time_or_null(zone, stmt_get(st, 0)));
		json_object_set_new(one, "result", text_or_null(stmt_get_text(st, 1)));
		json_object_set_new(one, "code", text_or_null(stmt_get_text(st, 2)));
		json_object_set_new(
		        one, "detail", text_or_null(sealed_get(st, 3, SEAL_DETAIL, id)));
		json_array_append_new(attempts, one);
	}
	return attempts;
}

static json_t *customer_of(struct stmt *st)
{
	if (stmt_get(st, 1) == 0)
		return json_string("owner");
	return text_or_null(stmt_get_text(st, 2));
}

static json_t *shape(struct db *db, struct stmt *st, struct zone *zone)
{
	static const char *const texts[] = {"rule", "occasion", "channel", "template",
	        "purpose", "state", "reason", "provider", "provider_id", "coupon"};
	static const char *const times[] = {"planned", "due", "sent"};
	char key[32];
	json_t *one = json_object();
	json_object_set_new(
	        one, "id", json_string(message_key(db, stmt_get(st, 0), key)));
	json_object_set_new(one, "customer", customer_of(st));
	json_object_set_new(one, "step", json_integer(stmt_get(st, 3)));
	json_object_set_new(one, "leg", json_integer(stmt_get(st, 4)));
	for (int i = 0; i < 3; i++)
		json_object_set_new(
		        one, times[i], time_or_null(zone, stmt_get(st, 5 + i)));
	for (int i = 0; i < 10; i++)
		json_object_set_new(
		        one, texts[i], text_or_null(stmt_get_text(st, 8 + i)));
	json_object_set_new(one, "text",
	        text_or_null(sealed_get(st, 18, SEAL_LETTER, stmt_get(st, 0))));
	json_object_set_new(one, "price",
	        stmt_is_null(st, 19) ? json_null() : json_integer(stmt_get(st, 19)));
	/* A provider without ids of its own knows the message by ours. */
	if (stmt_get(st, 7) && !stmt_get_text(st, 16))
		json_object_set_new(one, "provider_id", json_string(key));
	return one;
}

#define SHAPE \
	"SELECT m.id, m.customer, c.ref, m.step, m.leg, m.planned_at, m.due_at, " \
	"m.sent_at, m.rule," \
	" r.occasion, m.channel, m.template, m.purpose, m.state, m.reason, m.provider, " \
	"m.provider_id," \
	" m.coupon, (SELECT text FROM letter WHERE message = m.id)," \
	" CASE WHEN m.price IS NULL THEN m.sunk ELSE m.price + coalesce(m.sunk, 0) END" \
	" FROM message m LEFT " \
	"JOIN customer c ON c.id = m.customer" \
	" LEFT JOIN run r ON r.id = m.run"

json_t *message_json(struct db *db, int64_t id, struct zone *zone)
{
	struct stmt *st = db_stmt(db, SHAPE " WHERE m.id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return NULL;
	json_t *one = shape(db, st, zone);
	stmt_done(st);
	json_object_set_new(one, "attempts", attempts_json(db, id, zone));
	return one;
}

/* The index to walk is the narrowest that the filter names; the rest is asked of each
 * row. */
static const char *list_sql(const struct message_filter *filter)
{
#define REST \
	" WHERE m.id < ?1 AND (?2 < 0 OR +m.customer = ?2) AND (?3 IS NULL OR +m.rule " \
	"= ?3)" \
	" AND (?4 IS NULL OR +m.state = ?4)"
#define TAIL " ORDER BY m.id DESC LIMIT ?5"
#define IN_STATE(name) \
	SHAPE REST " AND m.state NOT IN ('accepted', 'delivered') AND m.state = '" name \
	           "'" TAIL
	if (filter->customer >= 0)
		return SHAPE REST " AND m.customer = ?2" TAIL;
	switch (filter->state) {
	case MESSAGE_PLANNED:
		return IN_STATE("planned");
	case MESSAGE_HELD:
		return IN_STATE("held");
	case MESSAGE_CLAIMED:
		return IN_STATE("claimed");
	case MESSAGE_HANDED:
		return IN_STATE("handed");
	case MESSAGE_FAILED:
		return IN_STATE("failed");
	case MESSAGE_EXPIRED:
		return IN_STATE("expired");
	case MESSAGE_DROPPED:
		return IN_STATE("dropped");
	case MESSAGE_UNKNOWN:
		return IN_STATE("unknown");
	default:
		return filter->rule ? SHAPE REST " AND m.rule = ?3" TAIL
		                    : SHAPE REST TAIL;
	}
}

json_t *message_list(
        struct db *db, const struct message_filter *filter, struct zone *zone)
{
	json_t *rows = json_array(), *list = json_object();
	struct stmt *st = db_stmt(db, list_sql(filter));
	int64_t last = 0;
	bool more = false;
	stmt_int(st, 1, filter->before > 0 ? filter->before : INT64_MAX);
	stmt_int(st, 2, filter->customer);
	stmt_text(st, 3, filter->rule);
	if (filter->state >= 0)
		stmt_text(st, 4, message_state_name((enum message_state)filter->state));
	stmt_int(st, 5, (int64_t)filter->limit + 1);
	while (stmt_row(st)) {
		more = json_array_size(rows) == (size_t)filter->limit;
		if (more)
			break;
		last = stmt_get(st, 0);
		json_t *row = shape(db, st, zone);
		json_object_set_new(row, "attempts", attempts_json(db, last, zone));
		json_array_append_new(rows, row);
	}
	stmt_done(st);
	json_object_set_new(list, "messages", rows);
	json_object_set_new(list, "next", more ? json_integer(last) : json_null());
	return list;
}
