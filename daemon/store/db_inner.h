/* What db.c lends to its nearest: to db_open.c a connection as such, before it is a
 * store, and to sealed.c and sealing.c room and the store's own key. */
#ifndef DANGOL_DB_INNER_H
#define DANGOL_DB_INNER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"

struct db;
struct stmt;

#define WRITER_BUSY_MS 1000 /* how long the writer waits for who holds the file */

/* A hardened connection to an existing file with those pragmas; takes the lock's
 * descriptor (-1: none) once it is open. NULL and why when it cannot be opened; dies on a
 * damaged file. */
struct db *db_connect(
        const char *path, int lock, int busy_ms, const char *pragmas, char why[256]);
/* Runs many statements, outside the turn. 0, or -1 and why; dies on a damaged file. */
int db_script(struct db *db, const char *sql, char why[256]);
void db_bound_log(struct db *db); /* from now on the writer minds the log's size */
void db_set_id(struct db *db, const char *id);

struct db *stmt_db(struct stmt *st);
struct arena *stmt_arena(struct stmt *st); /* emptied with every step */
struct buf *db_room(struct db *db);        /* for the value under way */
uint8_t *db_store_key(struct db *db);      /* 32 bytes, wiped when it closes */
void db_triggers(struct db *db, bool on);  /* whether the store's own triggers fire */

#endif
