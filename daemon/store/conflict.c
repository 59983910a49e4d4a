/* Looks for customers who share what one person has, in order of the indexes, a piece at
 * a time. */
#include "store/conflict.h"

#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "store/customer.h"
#include "store/person.h"

#define PIECE 256 /* rows of an index looked at in one */

enum { PHONES, EMAILS, ALIASES, KINDS };

static const struct {
	const char *word;
	const char *same;  /* ?1 key, ?2 behind whom: others who have it */
	const char *other; /* ?1 key: the next that anybody has */
	const char *of;    /* ?1 customer: his */
	const char *first; /* ?1 key */
} kinds[] = {
        {"phone",
                "SELECT id, phone_key FROM customer INDEXED BY customer_phone WHERE"
                " phone_key = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
                "SELECT id, phone_key FROM customer INDEXED BY customer_phone WHERE"
                " phone_key > ?1 AND ?2 IS NOT NULL ORDER BY phone_key, id LIMIT ?3",
                "SELECT id, phone_key FROM customer WHERE id = ?1 AND phone_key IS NOT"
                " NULL",
                "SELECT min(id) FROM customer INDEXED BY customer_phone WHERE phone_key"
                " = ?1"},
        {"email",
                "SELECT id, email_key FROM customer INDEXED BY customer_email WHERE"
                " email_key = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
                "SELECT id, email_key FROM customer INDEXED BY customer_email WHERE"
                " email_key > ?1 AND ?2 IS NOT NULL ORDER BY email_key, id LIMIT ?3",
                "SELECT id, email_key FROM customer WHERE id = ?1 AND email_key IS NOT"
                " NULL",
                "SELECT min(id) FROM customer INDEXED BY customer_email WHERE email_key"
                " = ?1"},
};

/* ---- the cursor ---- */

static void keep_key(struct conflict_walk *walk, struct stmt *st)
{
	size_t len;
	const void *key = stmt_get_blob(st, 1, &len);

	walk->key_len = len < sizeof walk->key ? len : sizeof walk->key;
	memcpy(walk->key, key, walk->key_len);
}

bool conflict_walk_from(
        struct db *db, struct conflict_walk *walk, int64_t cursor, struct zone *zone)
{
	struct stmt *st;

	*walk = (struct conflict_walk){
	        .kind = (int)(cursor % 4), .id = cursor / 4, .zone = zone};
	if (walk->kind >= ALIASES || !walk->id)
		return walk->kind < KINDS;
	st = db_stmt(db, kinds[walk->kind].of);
	stmt_int(st, 1, walk->id);
	if (!stmt_row(st))
		return false;
	keep_key(walk, st);
	stmt_done(st);
	st = db_stmt(db, kinds[walk->kind].first);
	stmt_blob(st, 1, walk->key, walk->key_len);
	walk->first = stmt_single(st, walk->id);
	return true;
}

int64_t conflict_cursor(const struct conflict_walk *walk)
{
	return walk->id * 4 + walk->kind;
}

/* ---- an entry ---- */

static bool dismissed(struct db *db, int64_t a, int64_t b)
{
	struct stmt *st = db_stmt(
	        db, "SELECT 1 FROM apart WHERE a = min(?1, ?2) AND b = max(?1, ?2)");
	stmt_int(st, 1, a);
	stmt_int(st, 2, b);
	return stmt_single(st, 0) == 1;
}

void conflict_dismiss(struct db *db, int64_t a, int64_t b)
{
	struct stmt *st = db_stmt(db, "INSERT INTO apart(a, b) VALUES (min(?1, ?2),"
	                              " max(?1, ?2)) ON CONFLICT DO NOTHING");
	stmt_int(st, 1, a);
	stmt_int(st, 2, b);
	stmt_exec(st);
}

/* Takes shared. Who has no id of the shop's becomes the one who has; else the newer one
 * the older. seen 0: when either was seen last. */
static void add(struct conflict_walk *walk, json_t *list, const struct customer *older,
        const struct customer *newer, json_t *shared, int64_t seen)
{
	static const char *const words[] = {"phone", "email", "alias"};
	bool turned = older->ref[0] == '~' && newer->ref[0] != '~';
	char time[32];

	if (!seen)
		seen = older->seen_at > newer->seen_at ? older->seen_at : newer->seen_at;
	json_array_append_new(list,
	        json_pack("{s:s, s:[s,s], s:o, s:s, s:[s,s]}", "kind", words[walk->kind],
	                "customers", older->ref, newer->ref, "shared", shared, "seen",
	                zone_format(walk->zone, seen, time), "merge",
	                turned ? older->ref : newer->ref,
	                turned ? newer->ref : older->ref));
}

static json_t *masked(const char *text)
{
	struct buf out = {0};
	text_mask(text, &out);
	json_t *json = json_string(out.data);
	buf_free(&out);
	return json;
}

/* Numbers for one call alone are nobody's own. */
static void add_pair(struct db *db, struct conflict_walk *walk, json_t *list, int64_t id)
{
	struct arena *arena = arena_new();
	struct customer older, newer;
	if (!dismissed(db, walk->first, id) &&
	        customer_get(db, walk->first, arena, &older) &&
	        customer_get(db, id, arena, &newer)) {
		const char *shared = walk->kind == PHONES ? older.phone : older.email;
		if (shared && !(walk->kind == PHONES && text_phone_virtual(shared)))
			add(walk, list, &older, &newer, masked(shared), 0);
	}
	arena_free(arena);
}

/* ---- phones and e-mail addresses ---- */

struct found {
	int64_t id;
	bool shares; /* with the one before it */
};

static int look(struct db *db, struct conflict_walk *walk, const char *static_sql,
        struct found *out, struct conflict_walk *after)
{
	struct stmt *st = db_stmt(db, static_sql);
	int n = 0;

	stmt_blob(st, 1, walk->key, walk->key_len);
	stmt_int(st, 2, walk->id);
	stmt_int(st, 3, PIECE);
	*after = *walk;
	while (stmt_row(st)) {
		uint8_t key[sizeof walk->key];
		size_t len = after->key_len;
		memcpy(key, after->key, len);
		keep_key(after, st);
		out[n].id = stmt_get(st, 0);
		out[n].shares = len == after->key_len && !memcmp(key, after->key, len);
		n++;
	}
	return n;
}

static bool addresses(
        struct db *db, struct conflict_walk *walk, json_t *list, size_t most)
{
	struct found found[PIECE];
	struct conflict_walk after;
	int n = walk->key_len ? look(db, walk, kinds[walk->kind].same, found, &after) : 0;

	if (!n)
		n = look(db, walk, kinds[walk->kind].other, found, &after);
	for (int i = 0; i < n && json_array_size(list) < most; i++) {
		if (found[i].shares)
			add_pair(db, walk, list, found[i].id);
		else
			walk->first = found[i].id;
		walk->id = found[i].id;
	}
	if (n && walk->id == found[n - 1].id)
		memcpy(walk->key, after.key, walk->key_len = after.key_len);
	else if (n)
		return conflict_walk_from(db, walk, conflict_cursor(walk), walk->zone);
	return n > 0;
}

/* ---- aliases ---- */

static void add_claim(struct db *db, struct conflict_walk *walk, json_t *list,
        const char *ref, int64_t claims, int64_t seen)
{
	struct arena *arena = arena_new();
	int64_t has = customer_find(db, ref);
	struct customer one, other;
	if (has && has != claims && !dismissed(db, has, claims) &&
	        customer_get(db, has, arena, &one) &&
	        customer_get(db, claims, arena, &other))
		add(walk, list, &one, &other, json_string(ref), seen);
	arena_free(arena);
}

static bool aliases(struct db *db, struct conflict_walk *walk, json_t *list, size_t most)
{
	int n = 0;

	while (n < PIECE && json_array_size(list) < most) {
		struct stmt *st =
		        db_stmt(db, "SELECT id, ref, customer, seen_at FROM"
		                    " alias_claim WHERE id > ?1 ORDER BY id LIMIT 1");
		stmt_int(st, 1, walk->id);
		if (!stmt_row(st))
			return false;
		int64_t claims = stmt_get(st, 2), seen = stmt_get(st, 3);
		char *ref = mem_strdup(stmt_get_text(st, 1));
		walk->id = stmt_get(st, 0);
		stmt_done(st);
		add_claim(db, walk, list, ref, claims, seen);
		free(ref);
		n++;
	}
	return true;
}

bool conflict_step(struct db *db, struct conflict_walk *walk, json_t *list, size_t most)
{
	if (walk->kind == ALIASES)
		return aliases(db, walk, list, most);
	if (!addresses(db, walk, list, most))
		*walk = (struct conflict_walk){
		        .kind = walk->kind + 1, .zone = walk->zone};
	return true;
}
