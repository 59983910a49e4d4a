/* The access log: the bytes that its hashes are over, and what the walk along them finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "store/audit_head.h"
#include "store/audit_list.h"

#define T0 INT64_C(1795392000000) /* 2026-11-23 in Korea */

static char folder[] = "/tmp/test_audit.XXXXXX", path[64];
static struct db *db;
static struct zone *zone;

static int set_up(void **state)
{
	(void)state;
	char why[512];
	strcpy(strrchr(folder, '.') + 1, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/shop.db", folder);
	zone = zone_open("Asia/Seoul");
	return db_open(&db, path, false, why) == DB_OPENED ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	char command[128];
	db_close(db);
	zone_close(zone);
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

static void add(int n, int64_t at)
{
	for (int i = 0; i < n; i++)
		audit_add(db, at, "socket", "customer.read", "C1", NULL);
	assert_int_equal(db_turn_end(db), DB_OK);
}

static struct audit_walk walk(void)
{
	struct audit_walk found;
	struct db *reader = db_open_reader(path);
	assert_non_null(reader);
	audit_check(reader, &found);
	db_close(reader);
	return found;
}

static void keep_head(void)
{
	struct audit_link head;
	audit_head(db, &head);
	assert_true(audit_head_write(path, &head));
}

/* The bytes as the header tells them, behind the hash before. */
static void test_bytes(void **state)
{
	(void)state;
	static const struct {
		struct audit_entry entry;
		const char *bytes;
	} rows[] = {
	        {{"socket", NULL, NULL, "a", NULL, NULL, 0},
	                "1,5,0,6:socket,-,-,1:a,-,-,"},
	        {{"http", "token", "127.0.0.1", "b", "C,1", "", 2},
	                "1,5,2,4:http,5:token,9:127.0.0.1,1:b,3:C,1,0:,"},
	};
	static const uint8_t zeros[AUDIT_HASH];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t whole[256] = {0}, expected[AUDIT_HASH], got[AUDIT_HASH];
		size_t len = strlen(rows[i].bytes);
		memcpy(whole + AUDIT_HASH, rows[i].bytes, len);
		secret_sha256(whole, AUDIT_HASH + len, expected);
		audit_hash(zeros, 1, 5, &rows[i].entry, got);
		assert_memory_equal(got, expected, AUDIT_HASH);
	}
}

static void test_unhex(void **state)
{
	(void)state;
	static const uint8_t bytes[AUDIT_HASH] = {0, 1, 0xab, 0xff};
	uint8_t got[AUDIT_HASH];
	char hex[2 * AUDIT_HASH + 2];
	secret_hex(bytes, AUDIT_HASH, hex);
	assert_true(audit_unhex(hex, got));
	assert_memory_equal(got, bytes, AUDIT_HASH);
	hex[5] = 'G';
	assert_false(audit_unhex(hex, got));
	assert_false(audit_unhex("ab", got));
	assert_false(audit_unhex(NULL, got));
}

static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(walk().fault, AUDIT_WHOLE);
	add(5, T0);
	struct audit_walk found = walk();
	assert_int_equal(found.fault, AUDIT_WHOLE);
	assert_int_equal(found.rows, 5);
	assert_int_equal(found.first, 1);
	assert_int_equal(found.last, 5);
	assert_int_equal(found.head, AUDIT_HEAD_NONE);
	keep_head();
	assert_int_equal(walk().head, AUDIT_HEAD_KEPT);
}

static void write_head(const char *text)
{
	char name[80];
	snprintf(name, sizeof name, "%s.audit-head", path);
	FILE *file = fopen(name, "w");
	fputs(text, file);
	fclose(file);
}

static void test_heads(void **state)
{
	(void)state;
	static const char *const heads[] = {"", "x", "3", "3 zz", "-1 ",
	        "9 0000000000000000000000000000000000000000000000000000000000000000\n",
	        "3 0000000000000000000000000000000000000000000000000000000000000000\n"};
	add(5, T0);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		write_head(heads[i]);
		assert_int_equal(walk().fault, AUDIT_CUT);
	}
	assert_false(audit_head_meet(db, T0));
	keep_head();
	assert_int_equal(db_turn_end(db), DB_OK);
	struct audit_walk found = walk();
	assert_int_equal(found.fault, AUDIT_BROKE);
	assert_int_equal(found.bad, 6);
	audit_add(db, T0, "socket", "audit.reason", "#6", "restored");
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(walk().fault, AUDIT_WHOLE);
	assert_true(audit_head_meet(db, T0));
}

static void test_by_age(void **state)
{
	(void)state;
	add(7, T0);
	add(3, T0 + 200 * MS_DAY);
	assert_int_equal(audit_forget(db, T0 + 364 * MS_DAY, zone, 5), 0);
	assert_int_equal(audit_forget(db, T0 + 367 * MS_DAY, zone, 5), 5);
	assert_int_equal(audit_forget(db, T0 + 367 * MS_DAY, zone, 5), 2);
	assert_int_equal(audit_forget(db, T0 + 367 * MS_DAY, zone, 5), 0);
	assert_int_equal(db_turn_end(db), DB_OK);
	struct audit_walk found = walk();
	assert_int_equal(found.fault, AUDIT_WHOLE);
	assert_int_equal(found.first, 8);
	assert_int_equal(found.rows, 5); /* three, and two of the deletions */
}

/* A head that was kept before old rows went names one that is not there any more. */
static void test_an_old_head(void **state)
{
	(void)state;
	add(3, T0);
	keep_head();
	add(1, T0 + 200 * MS_DAY);
	assert_int_equal(audit_forget(db, T0 + 400 * MS_DAY, zone, 10), 3);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(walk().fault, AUDIT_WHOLE);
	assert_true(audit_head_meet(db, T0));
}

int main(void)
{
	log_set_korean(false);
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_bytes),
	        cmocka_unit_test(test_unhex),
	        cmocka_unit_test_setup_teardown(test_whole, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_heads, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_by_age, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_an_old_head, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
