/* JSON looked over before it is parsed: what is JSON, how deep it is, and where its items
 * are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "door/scan.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static void what_is_json(void **state)
{
	static const struct {
		const char *text;
		int depth; /* -1: none */
	} rows[] = {
	        {"{}", 1},
	        {" [ ] ", 1},
	        {"1", 0},
	        {"-0.5e+10", 0},
	        {"\"\\u00e9\\n\"", 0},
	        {"{\"a\":{\"b\":[1,2,{}]}}", 4},
	        {"[1,[2,[3]]]", 3},
	        {"true", 0},
	        {"null", 0},
	        {"", -1},
	        {" ", -1},
	        {"{", -1},
	        {"[1,]", -1},
	        {"[,1]", -1},
	        {"{\"a\"}", -1},
	        {"{\"a\":1,}", -1},
	        {"{a:1}", -1},
	        {"01", -1},
	        {"1.", -1},
	        {".5", -1},
	        {"-", -1},
	        {"1e", -1},
	        {"\"\\x\"", -1},
	        {"\"\\u12\"", -1},
	        {"\"a\nb\"", -1},
	        {"\"a", -1},
	        {"[1}", -1},
	        {"{]", -1},
	        {"nul", -1},
	        {"{} {}", -1},
	        {"[1 2]", -1},
	        {"'a'", -1},
	        {"\xff", -1},
	        {"\"\xed\xa0\x80\"", -1},
	        {"a=b", -1},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct scan scan;
		enum scan_result got =
		        scan_one(rows[i].text, strlen(rows[i].text), &scan);
		if (rows[i].depth < 0) {
			if (got != SCAN_BAD)
				fail_msg("taken for JSON: %s", rows[i].text);
			continue;
		}
		if (got != SCAN_OK || scan.items[0].depth != rows[i].depth)
			fail_msg("%s: result %d", rows[i].text, got);
		scan_fini(&scan);
	}
}

/* What the scan takes and jansson does not is refused by itself; the reverse may not be.
 */
static void the_scan_is_as_strict_as_the_parser(void **state)
{
	static const char alphabet[] = "{}[]\",:\\u0019.eE-+truefalsn a";
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[16];
		size_t len = 1 + (seed >> 16) % 10;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		struct scan scan;
		json_error_t error;
		json_t *json = json_loadb(text, len, JSON_DECODE_ANY, &error);
		enum scan_result got = scan_one(text, len, &scan);
		bool range =
		        !json &&
		        (json_error_code(&error) == json_error_numeric_overflow ||
		                json_error_code(&error) == json_error_null_character ||
		                json_error_code(&error) == json_error_null_byte_in_key ||
		                json_error_code(&error) == json_error_invalid_utf8 ||
		                strstr(error.text, "\\u"));
		if ((got == SCAN_OK) != (json != NULL) && !range)
			fail_msg("%.*s: scan %d, jansson %s", (int)len, text, got,
			        json ? "takes it" : error.text);
		json_decref(json);
		scan_fini(&scan);
	}
}

static void items_of_an_array(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		enum scan_result result;
		size_t n;
	} rows[] = {
	        {"[]", 3, SCAN_OK, 0},
	        {" [ 1 , {\"a\":[]} ] ", 3, SCAN_OK, 2},
	        {"{\"a\":1}", 3, SCAN_OK, 1},
	        {"[1,2,3]", 3, SCAN_OK, 3},
	        {"[1,2,3,4]", 3, SCAN_MANY, 3},
	        {"[1,2,3,4", 3, SCAN_BAD, 0},
	        {"[1,2,}", 3, SCAN_BAD, 0},
	        {"[1] 2", 3, SCAN_BAD, 0},
	        {"[1,2,3,4]x", 3, SCAN_BAD, 0},
	        {"[", 3, SCAN_BAD, 0},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct scan scan;
		assert_int_equal(scan_items(rows[i].text, strlen(rows[i].text),
		                         rows[i].most, &scan),
		        rows[i].result);
		assert_int_equal(scan.n, rows[i].n);
		scan_fini(&scan);
	}
	struct scan scan;
	const char *text = "[ {\"a\": 1} ,\"x\"]";
	assert_int_equal(scan_items(text, strlen(text), 9, &scan), SCAN_OK);
	assert_memory_equal(scan.items[0].text, "{\"a\": 1}", scan.items[0].len);
	assert_int_equal(scan.items[0].len, 8);
	assert_int_equal(scan.items[0].depth, 1);
	assert_int_equal(scan.items[1].len, 3);
	scan_fini(&scan);
}

static void a_value_a_line(void **state)
{
	const char *text = "{\"a\":1}\r\n\n  \nnonsense\n[1]";
	struct scan scan;

	(void)state;
	assert_int_equal(scan_lines(text, strlen(text), 10, &scan), SCAN_OK);
	assert_int_equal(scan.n, 3);
	assert_int_equal(scan.items[0].depth, 1);
	assert_int_equal(scan.items[1].depth, -1);
	assert_int_equal(scan.items[2].depth, 1);
	scan_fini(&scan);
	assert_int_equal(scan_lines("a\nb\n", 4, 10, &scan), SCAN_BAD);
	assert_int_equal(scan_lines("", 0, 10, &scan), SCAN_BAD);
	assert_int_equal(scan_lines("1\n2\n3", 5, 2, &scan), SCAN_MANY);
	scan_fini(&scan);
}

static void depth_is_told_whatever_it_is(void **state)
{
	static const struct {
		int depth;
		enum scan_result result;
	} rows[] = {{32, SCAN_OK}, {33, SCAN_OK}, {1000, SCAN_OK}, {1001, SCAN_DEEP},
	        {100000, SCAN_DEEP}};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct buf text = {0};
		struct scan scan;
		for (int k = 0; k < rows[i].depth; k++)
			buf_adds(&text, "[");
		for (int k = 0; k < rows[i].depth; k++)
			buf_adds(&text, "]");
		assert_int_equal(scan_one(text.data, text.len, &scan), rows[i].result);
		if (rows[i].result == SCAN_OK)
			assert_int_equal(scan.items[0].depth, rows[i].depth);
		scan_fini(&scan);
		buf_free(&text);
	}
}

static void big_numbers_become_reals(void **state)
{
	static const struct {
		const char *text, *name;
		bool integer;
	} rows[] = {
	        {"{\"n\":9223372036854775807}", "n", true},
	        {"{\"n\":9223372036854775808,\"s\":\"99999999999999999999\"}", "n",
	                false},
	        {"{\"s\":[99999999999999999999999],\"n\":-"
	         "123456789012345678901234567890}",
	                "n", false},
	        {"{\"n\":7,\"m\":99999999999999999999}", "n", true},
	};
	char why[160];

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct scan_item item = {
		        .text = rows[i].text, .len = strlen(rows[i].text)};
		json_t *json = scan_load(&item, why),
		       *n = json_object_get(json, rows[i].name);
		assert_non_null(json);
		assert_true(rows[i].integer ? json_is_integer(n) : json_is_real(n));
		json_decref(json);
	}
	struct scan_item twice = {
	        .text = "{\"a\":1,\"a\":2}", .len = 13, .data = "{}", .data_len = 2};
	json_t *json = scan_load(&twice, why);
	assert_int_equal(json_integer_value(json_object_get(json, "a")), 2);
	json_decref(json);
	struct scan_item nul = {.text = "\"\\u0000\"", .len = 8};
	assert_null(scan_load(&nul, why));
	assert_true(why[0]);
	struct scan_item huge = {.text = "1e999", .len = 5};
	assert_null(scan_load(&huge, why));
}

static void data_word_for_word(void **state)
{
	static const struct {
		const char *text, *data;
	} rows[] = {
	        {"{\"data\":{\"a\":1}}", "{\"a\":1}"},
	        {"{\"a\":{\"data\":1},\"data\" : {\"b\": [1, 2]} , \"c\":3}",
	                "{\"b\": [1, 2]} "},
	        {"{\"a\":[{\"data\":1}]}", NULL},
	        {"{\"datum\":1}", NULL},
	        {"{\"\":1}", NULL},
	        {"[{\"data\":1}]", NULL},
	        /* Where the words alone would mean something else. */
	        {"{\"data\":{\"a\":1,\"a\":2}}", NULL},
	        {"{\"data\":1,\"data\":2}", NULL},
	        {"{\"data\":{\"\\u0061\":1}}", NULL},
	        {"{\"data\":{\"a\":99999999999999999999}}", NULL},
	};
	char why[160];

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		size_t len = strlen(rows[i].text);
		char *exact = malloc(len); /* so that a byte beyond is seen */
		struct scan scan;
		memcpy(exact, rows[i].text, len);
		assert_int_equal(scan_one(exact, len, &scan), SCAN_OK);
		json_t *json = scan_load(&scan.items[0], why);
		assert_non_null(json);
		if (rows[i].data) {
			assert_int_equal(scan.items[0].data_len, strlen(rows[i].data));
			assert_memory_equal(
			        scan.items[0].data, rows[i].data, strlen(rows[i].data));
		} else {
			assert_null(scan.items[0].data);
		}
		json_decref(json);
		scan_fini(&scan);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_json),
	        cmocka_unit_test(data_word_for_word),
	        cmocka_unit_test(the_scan_is_as_strict_as_the_parser),
	        cmocka_unit_test(items_of_an_array),
	        cmocka_unit_test(a_value_a_line),
	        cmocka_unit_test(depth_is_told_whatever_it_is),
	        cmocka_unit_test(big_numbers_become_reals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
