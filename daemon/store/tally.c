/* Figures counted in memory during a turn. What an undone turn had added is forgotten
 * with it. */
#include "store/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

#define FIGURES_MAX 64 /* different ones in a turn; a full table is written at once */

struct figure {
	char rule[128]; /* "" for a plain counter, ":" for what waits for a channel */
	char name[64];
	int64_t by;
};

static const char waiting[] = ":"; /* no rule's name */

struct figures {
	size_t n;
	struct figure items[FIGURES_MAX];
};

static void write_message(struct db *db, const struct figure *figure)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO tally(rule, state, n) VALUES (?1, ?2, ?3)"
	                    " ON CONFLICT(rule, state) DO UPDATE SET n = n + excluded.n");
	stmt_text(st, 1, figure->rule);
	stmt_text(st, 2, figure->name);
	stmt_int(st, 3, figure->by);
	stmt_exec(st);
}

static void write_counter(struct db *db, const struct figure *figure)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO counter(name, n) VALUES (?1 || ?3, ?2)"
	                    " ON CONFLICT(name) DO UPDATE SET n = n + excluded.n");
	stmt_text(st, 1, figure->rule[0] ? "waiting:" : "");
	stmt_text(st, 3, figure->name);
	stmt_int(st, 2, figure->by);
	stmt_exec(st);
}

static void flush(void *arg, struct db *db)
{
	struct figures *figures = arg;

	for (size_t i = 0; i < figures->n; i++) {
		struct figure *figure = &figures->items[i];
		if (figure->by == 0)
			continue;
		if (figure->rule[0] && strcmp(figure->rule, waiting) != 0)
			write_message(db, figure);
		else
			write_counter(db, figure);
	}
	figures->n = 0;
}

static void forget(void *arg)
{
	struct figures *figures = arg;

	figures->n = 0;
}

static struct figures *of(struct db *db)
{
	void **slot = db_slot(db, DB_SLOT_TALLY);

	if (!*slot) {
		*slot = mem_alloc(sizeof(struct figures));
		db_before_commit(db, flush, *slot);
		db_on_abort(db, forget, *slot);
	}
	return *slot;
}

static struct figure *find(struct figures *figures, const char *rule, const char *name)
{
	for (size_t i = 0; i < figures->n; i++)
		if (!strcmp(figures->items[i].name, name) &&
		        !strcmp(figures->items[i].rule, rule))
			return &figures->items[i];
	return NULL;
}

static void add(struct db *db, const char *rule, const char *name, int64_t by)
{
	struct figures *figures = of(db);
	struct figure *figure = find(figures, rule, name);

	if (!figure) {
		if (figures->n == FIGURES_MAX)
			flush(figures, db);
		figure = &figures->items[figures->n++];
		snprintf(figure->rule, sizeof figure->rule, "%s", rule);
		snprintf(figure->name, sizeof figure->name, "%s", name);
		figure->by = 0;
	}
	figure->by += by;
}

void tally_message(struct db *db, const char *rule, const char *state, int64_t by)
{
	add(db, rule, state, by);
}

void tally_count(struct db *db, const char *name, int64_t by)
{
	add(db, "", name, by);
}

static int64_t counted(struct db *db, const char *kind, const char *name)
{
	struct figure *figure = find(of(db), kind, name);
	struct stmt *st = db_stmt(db, "SELECT n FROM counter WHERE name = ?1 || ?2");

	stmt_text(st, 1, *kind ? "waiting:" : "");
	stmt_text(st, 2, name);
	return stmt_single(st, 0) + (figure ? figure->by : 0);
}

int64_t tally_counted(struct db *db, const char *name)
{
	return counted(db, "", name);
}

void tally_wait(struct db *db, const char *channel, int64_t by)
{
	add(db, waiting, channel, by);
}

int64_t tally_waiting(struct db *db, const char *channel)
{
	return counted(db, waiting, channel);
}

void tally_flush(struct db *db)
{
	flush(of(db), db);
}
