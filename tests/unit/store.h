/* A new store in a folder of its own, for the tests of what stands on it. */
#ifndef DANGOL_TEST_STORE_H
#define DANGOL_TEST_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/seal.h"
#include "store/customer.h"
#include "store/db.h"
#include "store/tally.h"

#define T0 INT64_C(1795000000000) /* an instant in November 2026 */
#define DAY INT64_C(86400000)

static char test_folder[64], test_path[128];
static struct db *db;

static int store_open(void **state)
{
	char why[512];
	(void)state;
	log_set_korean(false);
	snprintf(test_folder, sizeof test_folder, "/tmp/dangol-unit-XXXXXX");
	if (!mkdtemp(test_folder))
		return -1;
	snprintf(test_path, sizeof test_path, "%s/shop.db", test_folder);
	return db_open(&db, test_path, false, why) == DB_OPENED ? 0 : -1;
}

/* The same with a key. */
static inline int store_open_sealed(void **state)
{
	static const uint8_t key[1][SEAL_KEY_BYTES] = {"the shop's key, of the tests"};

	seal_keys(key, 1);
	return store_open(state);
}

static int store_close(void **state)
{
	char command[128];
	(void)state;
	db_close(db);
	db = NULL;
	seal_keys(NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", test_folder);
	return system(command);
}

/* The single integer that a query of the test's own finds. */
static inline int64_t ask(const char *sql)
{
	char why[256];
	tally_flush(db);
	struct stmt *st = stmt_new(db, sql, why);
	if (!st) {
		fail_msg("%s: %s", sql, why);
		return -1;
	}
	int64_t value = stmt_single(st, -1);
	stmt_free(st);
	return value;
}

static inline void run_sql(const char *sql)
{
	char why[256];
	struct stmt *st = stmt_new(db, sql, why);
	if (!st)
		fail_msg("%s: %s", sql, why);
	stmt_exec(st);
	stmt_free(st);
}

/* The same with values written into it. */
__attribute__((format(printf, 1, 2))) static inline void run(const char *fmt, ...)
{
	struct buf sql = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&sql, fmt, ap);
	va_end(ap);
	run_sql(sql.data);
	buf_free(&sql);
}

/* A customer of that id and phone (NULL: none). */
static inline int64_t add_customer(const char *ref, const char *phone)
{
	struct profile profile = {.ref = ref, .phone = phone};
	int64_t id;

	customer_upsert(db, &profile, 1, &id);
	return id;
}

/* Each is done twice: in a store without a key and in one with it. */
#define STORE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, store_open, store_close), \
	{ \
#f " (sealed)", f, store_open_sealed, store_close, NULL \
	}

#endif
