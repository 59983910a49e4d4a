/* The questions behind facts. */
#include "store/facts.h"

#include <stdlib.h>
#include "base/mem.h"
#include "base/text.h"
#include "store/person.h"

#define MEASURED 200 /* the longest ones by a bound; of them each is measured */

int64_t facts_customers(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT count(*) FROM customer"), 0);
}

/* A carrier counts at most as many bytes as its UTF-8 has: of the longest each is opened
 * and counted. */
long facts_longest_name(struct db *db)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM customer WHERE named IS NOT NULL ORDER BY named DESC"
	        " LIMIT ?1");
	struct arena *arena = arena_new();
	long longest = 0;

	stmt_int(st, 1, MEASURED);
	while (stmt_row(st)) {
		struct person person;
		person_get(db, stmt_get(st, 0), arena, &person);
		long len = person.name ? text_cp949_len(person.name, NULL) : 0;
		if (len > longest)
			longest = len;
	}
	arena_free(arena);
	return longest;
}

/* ---- shapes ---- */

/* Of t, a JSON type, and v, its value. A number with a zero in front is a code. */
#define SHAPE \
	"CASE t WHEN 'true' THEN 'y' WHEN 'false' THEN 'y' WHEN 'real' THEN 'n'" \
	" WHEN 'integer' THEN CASE WHEN v IN (0, 1) THEN 'b' ELSE 'n' END" \
	" WHEN 'text' THEN CASE" \
	" WHEN v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*' THEN 't'" \
	" WHEN v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN 'd'" \
	" WHEN v IN ('yes', 'no', 'true', 'false', '예', '아니오') THEN 'y'" \
	" WHEN v GLOB '*[0-9]*' AND v NOT GLOB '*[^0-9.,-]*' AND v NOT GLOB '?*-*'" \
	" AND v NOT GLOB '*.*.*' AND v NOT GLOB '0[0-9]*' THEN 'n' ELSE 'x' END END"

static char *path_of(const char *key)
{
	return mem_printf("$.\"%s\"", key);
}

static void count_shapes(struct stmt *st, struct facts_shapes *out)
{
	*out = (struct facts_shapes){0};
	while (stmt_row(st)) {
		const char *shape = stmt_get_text(st, 0);
		int64_t n = stmt_get(st, 1);
		if (!shape)
			continue;
		out->number += *shape == 'n' || *shape == 'b' ? n : 0;
		out->bits += *shape == 'b' ? n : 0;
		out->date += *shape == 'd' ? n : 0;
		out->time += *shape == 't' ? n : 0;
		out->yesno += *shape == 'y' ? n : 0;
		out->text += *shape == 'x' ? n : 0;
	}
}

void facts_attribute(struct db *db, const char *key, struct facts_shapes *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT " SHAPE " AS shape, count(*) FROM"
	        " (SELECT json_type(attributes, ?1) AS t, json_extract(attributes, ?1) "
	        "AS v"
	        " FROM customer WHERE json_extract(attributes, ?1) IS NOT NULL"
	        " ORDER BY id DESC LIMIT 1000) GROUP BY shape");
	char *path = path_of(key);

	stmt_text(st, 1, path);
	count_shapes(st, out);
	free(path);
}

void facts_event_field(
        struct db *db, const char *type, const char *key, struct facts_shapes *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT " SHAPE " AS shape, count(*) FROM"
	        " (SELECT json_type(e.data, ?2) AS t, json_extract(e.data, ?2) AS v"
	        " FROM event e INDEXED BY event_type WHERE e.type = ?1"
	        " AND json_extract(e.data, ?2) IS NOT NULL ORDER BY e.time DESC"
	        " LIMIT 1000) GROUP BY shape");
	char *path = path_of(key);

	stmt_text(st, 1, type);
	stmt_text(st, 2, path);
	count_shapes(st, out);
	free(path);
}

/* ---- what events carry ---- */

int64_t facts_since(struct db *db)
{
	return stmt_single(
	        db_stmt(db, "SELECT min(arrived, time) FROM event ORDER BY id LIMIT 1"),
	        0);
}

int64_t facts_event_since(struct db *db, const char *type)
{
	struct stmt *st = db_stmt(
	        db, "SELECT time FROM event WHERE type = ?1 ORDER BY time LIMIT 1");

	stmt_text(st, 1, type);
	return stmt_single(st, 0);
}

bool facts_carried(struct db *db, const char *type, const char *key, int64_t since)
{
	struct stmt *st = db_stmt(db,
	        "SELECT 1 FROM event e INDEXED BY event_type WHERE e.type = ?1"
	        " AND e.time >= ?2 AND (?3 IS NULL OR CASE ?3 WHEN 'total' THEN e.total"
	        " WHEN 'sku' THEN e.sku WHEN 'category' THEN e.category"
	        " WHEN 'order' THEN e.order_ref END IS NOT NULL"
	        " OR json_extract(e.data, ?4) IS NOT NULL) ORDER BY e.time DESC LIMIT 1");
	char *path = key ? path_of(key) : NULL;
	bool carried;

	stmt_text(st, 1, type);
	stmt_int(st, 2, since);
	stmt_text(st, 3, key);
	stmt_text(st, 4, path);
	carried = stmt_single(st, 0) == 1;
	free(path);
	return carried;
}
