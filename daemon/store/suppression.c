/* Suppression. */
#include "store/suppression.h"

#include <stdio.h>
#include <string.h>
#include "store/sealed.h"

static const char *channel_or_all(const char *channel)
{
	return channel ? channel : "all";
}

/* Addresses stand in the list by their index alone, so that a list of all numbers tells
 * nothing; what the owner is shown stands beside it, sealed, until its customer is
 * erased. What the owner was shown of such a one names it as well. */
#define ERASED "erased:"

static void key_of(struct db *db, const char *address, char out[33])
{
	if (strncmp(address, ERASED, strlen(ERASED)) == 0)
		snprintf(out, 33, "%s", address + strlen(ERASED));
	else
		sealed_index_hex(db, SEAL_SUPPRESSION, address, out);
}

bool suppression_is_hidden(const char *address)
{
	return strncmp(address, ERASED, strlen(ERASED)) == 0 &&
	       strlen(address) == strlen(ERASED) + 32 &&
	       strspn(address + strlen(ERASED), "0123456789abcdef") == 32;
}

struct entry {
	const char *address, *shown, *channel, *reason, *source;
	bool newcomers;
};

static void insert(struct db *db, const struct entry *entry, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO suppression(address, channel, reason, since, source, shown,"
	        " newcomers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING");
	char key[33];

	key_of(db, entry->address, key);
	stmt_text(st, 1, key);
	stmt_text(st, 2, channel_or_all(entry->channel));
	stmt_text(st, 3, entry->reason ? entry->reason : "owner");
	stmt_int(st, 4, now);
	stmt_text(st, 5, entry->source);
	sealed_text(st, 6, SEAL_SUPPRESSION, entry->shown);
	stmt_int(st, 7, entry->newcomers);
	stmt_exec(st);
}

void suppression_add(struct db *db, const char *address, const char *channel,
        const char *reason, const char *source, int64_t now)
{
	insert(db, &(struct entry){address, address, channel, reason, source, false},
	        now);
}

void suppression_remember(struct db *db, const char *address, const char *channel,
        const char *reason, bool newcomers, int64_t now)
{
	insert(db, &(struct entry){address, NULL, channel, reason, "erased", newcomers},
	        now);
}

void suppression_hide(struct db *db, const char *address)
{
	struct stmt *st;
	char key[33];

	key_of(db, address, key);
	st = db_stmt(db, "UPDATE suppression SET shown = NULL WHERE address = ?1");
	stmt_text(st, 1, key);
	stmt_exec(st);
	/* what the owner wrote of it may be of the person */
	st = db_stmt(db, "UPDATE suppression SET reason = 'owner' WHERE address = ?1 AND"
	                 " reason GLOB '*[^a-z_]*'");
	stmt_text(st, 1, key);
	stmt_exec(st);
}

bool suppression_remove(struct db *db, const char *address, const char *channel)
{
	struct stmt *st = db_stmt(db, "DELETE FROM suppression WHERE address = ?1 "
	                              "AND (channel = ?2 OR ?2 = 'all')");
	char key[33];

	key_of(db, address, key);
	stmt_text(st, 1, key);
	stmt_text(st, 2, channel_or_all(channel));
	return stmt_exec(st) > 0;
}

void suppression_lift(struct db *db, const char *address, const char *channel)
{
	struct stmt *st = db_stmt(db,
	        "DELETE FROM suppression WHERE address = ?1 AND channel = ?2"
	        " AND reason = 'opted_out' AND source IN ('unsubscribe', 'preferences', "
	        "'reply', 'friend')");
	char key[33];

	key_of(db, address, key);
	stmt_text(st, 1, key);
	stmt_text(st, 2, channel);
	stmt_exec(st);
}

static const char *static_reason(const char *reason)
{
	static const char *const reasons[] = {"opted_out", "refused_by_provider",
	        "bounced", "refused", "unsubscribed", "complaint", "no_address",
	        "unknown_address", "erased", NULL};
	for (int i = 0; reasons[i]; i++)
		if (strcmp(reasons[i], reason) == 0)
			return reasons[i];
	return "owner";
}

int64_t suppression_hidden(struct db *db, const char *address, struct buf *out)
{
	char key[33];
	int64_t n = 0;
	key_of(db, address, key);
	struct stmt *st =
	        db_stmt(db, "SELECT channel, reason, newcomers FROM suppression WHERE"
	                    " address = ?1");
	stmt_text(st, 1, key);
	for (; stmt_row(st); n++)
		buf_printf(out, "%s" ERASED "%s/%s/%s%s", out->len ? " " : "", key,
		        stmt_get_text(st, 0), static_reason(stmt_get_text(st, 1)),
		        stmt_get(st, 2) ? "/newcomers" : "");
	return n;
}

bool suppression_has(struct db *db, const char *address, const char *channel,
        int64_t customer, const char **reason)
{
	char key[33];
	if (reason)
		*reason = NULL;
	if (!stmt_single(db_stmt(db, "SELECT 1 FROM suppression LIMIT 1"), 0))
		return false;
	key_of(db, address, key);
	struct stmt *st =
	        db_stmt(db, "SELECT reason FROM suppression s WHERE address = ?1"
	                    " AND (channel IN (?2, 'all') OR ?2 = 'all')"
	                    " AND (newcomers = 0 OR EXISTS (SELECT 1 FROM customer c"
	                    " WHERE c.id = ?3 AND c.created_at >= s.since)) LIMIT 1");
	stmt_text(st, 1, key);
	stmt_text(st, 2, channel_or_all(channel));
	stmt_int(st, 3, customer);
	bool found = stmt_row(st);
	if (reason)
		*reason = found ? static_reason(stmt_get_text(st, 0)) : NULL;
	stmt_done(st);
	return found;
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

static json_t *suppression_json(struct stmt *st, struct zone *zone)
{
	const char *shown = sealed_get(st, 5, SEAL_SUPPRESSION, 0);
	json_t *one = json_object();
	char erased[64];
	snprintf(erased, sizeof erased, ERASED "%s", stmt_get_text(st, 0));
	put_text(one, "address", shown ? shown : erased);
	put_text(one, "channel", stmt_get_text(st, 1));
	put_text(one, "reason", stmt_get_text(st, 2));
	put_time(one, "since", stmt_get(st, 3), zone);
	put_text(one, "source", stmt_get_text(st, 4));
	json_object_set_new(one, "newcomers", json_boolean(stmt_get(st, 6)));
	return one;
}

json_t *suppression_list(struct db *db, const char *after, int limit, struct zone *zone)
{
	json_t *rows = json_array(), *list = json_object(), *next = NULL;
	char last[64] = "", key[40] = "", channel[16] = "";
	int newcomers = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT address, channel, reason, since, source, shown, newcomers FROM"
	        " suppression WHERE (address, channel, newcomers) > (?1, ?2, ?4)"
	        " ORDER BY address, channel, newcomers LIMIT ?3");
	if (after)
		sscanf(after, "%39s %15s %d", key, channel, &newcomers);
	stmt_text(st, 1, key);
	stmt_text(st, 2, channel);
	stmt_int(st, 3, (int64_t)limit + 1);
	stmt_int(st, 4, newcomers);
	while (stmt_row(st)) {
		if (json_array_size(rows) == (size_t)limit) {
			next = json_string(last);
			stmt_done(st);
			break;
		}
		snprintf(last, sizeof last, "%s %s %d", stmt_get_text(st, 0),
		        stmt_get_text(st, 1), (int)stmt_get(st, 6));
		json_array_append_new(rows, suppression_json(st, zone));
	}
	json_object_set_new(list, "suppressions", rows);
	json_object_set_new(list, "next", next ? next : json_null());
	return list;
}
