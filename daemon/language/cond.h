/* Compiled conditions: their SQL, and asking it. Statements are prepared on first use and
 * belong to one database. */
#ifndef DANGOL_COND_H
#define DANGOL_COND_H

#include "language/sqlgen.h"

/* SQL with the statement that was made of it. */
struct query {
	const char *sql;
	struct db *db;
	struct stmt *stmt;
};
struct stmt *query_on(struct query *query,
        struct db *db); /* ends the process when our SQL does not compile */
void query_free(struct query *query);

struct cond {
	const char *expr, *text;
	const struct param *params;
	size_t n_params;
	struct query ask, nobody, members;
	struct values *values;
	const struct ast_expr
	        *tree; /* with the scope that it was checked in: for its parts */
	struct scope scope;
	struct parts *parts; /* made when somebody asks for them */
	struct cond *rows; /* a where that counts the store's events; ask is its query */
	struct cond *next; /* all of a program */
};

/* Compiles a checked expression. text is what the owner wrote. */
struct cond *cond_new(
        struct arena *arena, const struct scope *scope, const struct ast_expr *expr);
/* A `where` whose events cond_count will count. Where it speaks of the event that started
 * the rule it cannot be asked of many at once, and nothing is done. */
void cond_add_rows(struct cond *where);
/* Takes over the parameters of SQL that somebody else wrote around a condition. */
void cond_params(struct cond *cond, struct arena *arena, const struct sql *sql);
#define COND_KEYS INT64_C(20000) /* customers or rows looked at in one step */
int64_t cond_last_customer(struct db *db);
/* Binds ?3, ?4 and the params. */
void cond_bind(struct cond *cond, struct stmt *st, const struct moment *moment,
        const struct event *looked_at);
void cond_parts_free(struct cond *cond);
void cond_free(struct cond *cond); /* its statements; the memory is the arena's */

#endif
