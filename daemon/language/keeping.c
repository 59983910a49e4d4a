/* The texts of kept sets: how each is filled from its table and follows it. */
#include "language/keeping.h"

#include <string.h>
#include "base/secret.h"
#include "language/sqlgen.h"

/* Rows of a table, the value of each, and after what it is read anew or taken away. */
struct keeping {
	struct arena *arena;
	const char *key, *table, *id, *rows, *value;
	struct dates_set *set;
};

static struct keeping keeping_of(struct arena *arena, const char *name, const char *value)
{
	struct keeping k = {.arena = arena, .value = value};

	k.set = arena_alloc(arena, sizeof *k.set);
	k.set->name = name;
	k.key = sqlgen_quoted(arena, name);
	return k;
}

/* By its value too: another way of reading a date is another set. */
static struct keeping keeping_of_date(
        struct arena *arena, const char *path, const char *value)
{
	uint8_t sum[32];
	char hash[65];

	secret_sha256(value, strlen(value), sum);
	secret_hex(sum, sizeof sum, hash);
	return keeping_of(arena, arena_printf(arena, "%s#%.12s", path, hash), value);
}

static void fill(struct keeping *k)
{
	const char *put = arena_printf(k->arena,
	        "INSERT OR REPLACE INTO dated(name, ref, at) SELECT %s, %s, %s FROM %s"
	        " AND %s IS NOT NULL",
	        k->key, k->id, k->value, k->rows, k->value);

	k->set->fill =
	        arena_printf(k->arena, "%s AND %s > ?1 AND %s <= ?2", put, k->id, k->id);
	k->set->last = arena_printf(k->arena, "SELECT max(id) FROM %s", k->table);
	k->set->take = arena_printf(k->arena,
	        "%s AND %s IN (SELECT p.ref FROM dated_pending p WHERE p.name = %s AND"
	        " p.ref <= ?1)",
	        put, k->id, k->key);
}

static void follow(
        struct keeping *k, const char *verb, const char *when, const char *does)
{
	struct segment_trigger *trigger = &k->set->triggers[k->set->n_triggers++];

	trigger->name = arena_printf(k->arena, "touch_%s_%s", verb, k->set->name);
	trigger->sql =
	        arena_printf(k->arena, "CREATE TRIGGER \"%s\" AFTER %s BEGIN %s; END",
	                trigger->name, when, does);
}

/* What changed is noted and read later: a trigger of the store may not look into JSON. */
static void note(struct keeping *k, const char *verb, const char *when)
{
	follow(k, verb, when,
	        arena_printf(k->arena,
	                "INSERT INTO dated_pending(name, ref) SELECT %s, new.id WHERE NOT"
	                " EXISTS (SELECT 1 FROM dated_pending WHERE name = %s AND ref ="
	                " new.id)",
	                k->key, k->key));
}

static void take_away(struct keeping *k, const char *when)
{
	follow(k, "undate", when,
	        arena_printf(k->arena,
	                "DELETE FROM dated WHERE name = %s AND ref = old.id", k->key));
}

const struct dates_set *keeping_attribute(
        struct arena *arena, const char *path, const char *value)
{
	struct keeping k = keeping_of_date(arena, path, value);

	k.table = "customer";
	k.id = "c.id";
	k.rows = "customer c NOT INDEXED WHERE c.attributes IS NOT NULL";
	fill(&k);
	note(&k, "date", "INSERT ON customer WHEN new.attributes IS NOT NULL");
	take_away(&k, "DELETE ON customer");
	note(&k, "redate",
	        "UPDATE OF attributes ON customer WHEN old.attributes IS NOT "
	        "new.attributes");
	k.set->moved = arena_printf(arena,
	        "SELECT c.id, 0 FROM dated_pending p CROSS JOIN customer c ON c.id ="
	        " p.ref WHERE p.name = %s AND p.ref <= ?1 AND %s IS NOT NULL AND %s IS"
	        " NOT (SELECT d.at FROM dated d WHERE d.name = %s AND d.ref = c.id)",
	        k.key, value, value, k.key);
	return k.set;
}

const struct dates_set *keeping_event_field(
        struct arena *arena, const char *path, const char *value, const char *types)
{
	struct keeping k = keeping_of_date(arena, path, value);

	k.table = "event";
	k.id = "e.id";
	k.rows = arena_printf(arena, "event e NOT INDEXED WHERE e.type IN (%s)", types);
	fill(&k);
	note(&k, "date",
	        arena_printf(arena, "INSERT ON event WHEN new.type IN (%s)", types));
	take_away(&k, "UPDATE OF data ON event WHEN new.data IS NULL"); /* erased */
	return k.set;
}

const struct dates_set *keeping_sent(struct arena *arena, const char *rule)
{
	struct keeping k =
	        keeping_of(arena, arena_printf(arena, "sent %s", rule), "s.sent_at");
	const char *name = sqlgen_quoted(arena, rule);

	k.table = "message";
	k.id = "s.id";
	k.rows = arena_printf(arena,
	        "message s NOT INDEXED WHERE s.rule = %s AND s.customer > 0 AND s.state"
	        " IN ('accepted', 'delivered')",
	        name);
	fill(&k);
	note(&k, "date",
	        arena_printf(arena,
	                "UPDATE OF state ON message WHEN new.rule = %s AND new.customer "
	                "> 0"
	                " AND new.state IN ('accepted', 'delivered')",
	                name));
	take_away(&k, arena_printf(arena, "DELETE ON message WHEN old.rule = %s", name));
	return k.set;
}

/* Orders come by events, or as history; a day of joining may be told in a profile. */
const struct dates_set *keeping_joined(struct arena *arena)
{
	struct keeping k = keeping_of(arena, "joined", NULL);

	note(&k, "date", "INSERT ON customer WHEN new.joined_at IS NOT NULL");
	note(&k, "redate",
	        "UPDATE OF joined_at ON customer WHEN new.joined_at IS NOT NULL AND"
	        " old.joined_at IS NOT new.joined_at");
	k.set->moved = arena_printf(arena,
	        "SELECT p.ref, 0 FROM dated_pending p WHERE p.name = %s AND p.ref <= ?1",
	        k.key);
	return k.set;
}

/* A coupon begins to be one with its issue, or when it was given back to its holder. */
const struct dates_set *keeping_coupon(struct arena *arena, const char *coupon)
{
	struct keeping k =
	        keeping_of(arena, arena_printf(arena, "coupon %s", coupon), NULL);

	note(&k, "redate",
	        arena_printf(arena,
	                "UPDATE OF state ON coupon WHEN new.state = 'issued' AND"
	                " old.state <> 'issued' AND new.expires_at IS NOT NULL AND"
	                " new.coupon = %s",
	                sqlgen_quoted(arena, coupon)));
	k.set->moved = arena_printf(arena,
	        "SELECT k.customer, k.expires_at FROM dated_pending p CROSS JOIN coupon k"
	        " ON k.id = p.ref WHERE p.name = %s AND p.ref <= ?1 AND k.state ="
	        " 'issued' AND k.customer > 0",
	        k.key);
	return k.set;
}
