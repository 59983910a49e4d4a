/* Tokens of public links: read back, good until their day, and none can be made of
 * another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "delivery/token.h"

#define NOW INT64_C(1795000000000) /* an instant in November 2026 */
#define DAY INT64_C(86400000)

static const uint8_t key[32] = "the key of this store, 32 bytes", other[32] = "another's";
static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void make(enum token_kind kind, int64_t subject, const char *medium, char *out)
{
	struct token token = {kind, subject, medium, token_until(NOW, 30)};
	token_make(key, &token, out);
}

static void test_reads_back(void **state)
{
	static const struct token rows[] = {
	        {TOKEN_UNSUBSCRIBE, 1, "sms", 20800},
	        {TOKEN_UNSUBSCRIBE, 2, "email", 20800},
	        {TOKEN_PREFERENCES, INT64_C(0xffffffffffff), NULL, 20800},
	        {TOKEN_JOIN, 0, NULL, 65535},
	        {TOKEN_UNSUBSCRIBE, 77, "push", 20790},
	        {TOKEN_UNSUBSCRIBE, 77, "kakao", 20790},
	};
	char text[TOKEN_SIZE];
	struct token got;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		token_make(key, &rows[i], text);
		assert_int_equal(strlen(text), TOKEN_SIZE - 1);
		assert_int_equal(strspn(text, alphabet), TOKEN_SIZE - 1);
		assert_true(token_read(key, rows[i].kind, text, NOW, &got));
		assert_int_equal(got.kind, rows[i].kind);
		assert_int_equal(got.subject, rows[i].subject);
		assert_int_equal(got.until, rows[i].until);
		if (rows[i].medium)
			assert_string_equal(got.medium, rows[i].medium);
		else
			assert_null(got.medium);
	}
}

static void test_of_a_click(void **state)
{
	static const int64_t rows[][2] = {
	        {0, 1}, {1, 1}, {INT64_C(0xffffffffff), TOKEN_LINKS}, {70000, 300}};
	char text[TOKEN_CLICK_SIZE], changed[TOKEN_CLICK_SIZE];
	int64_t message, link;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		token_make_click(key, rows[i][0], rows[i][1], text);
		assert_int_equal(strlen(text), TOKEN_CLICK_SIZE - 1);
		assert_int_equal(strspn(text, alphabet), TOKEN_CLICK_SIZE - 1);
		assert_true(token_read_click(key, text, &message, &link));
		assert_int_equal(message, rows[i][0]);
		assert_int_equal(link, rows[i][1]);
		assert_false(token_read_click(other, text, &message, &link));
		for (size_t k = 0; text[k]; k++) {
			memcpy(changed, text, sizeof text);
			changed[k] = changed[k] == 'A' ? 'B' : 'A';
			assert_false(token_read_click(key, changed, &message, &link));
		}
	}
	assert_false(token_read_click(key, "", &message, &link));
}

static void test_until_its_day(void **state)
{
	char text[TOKEN_SIZE];
	struct token got;
	(void)state;
	make(TOKEN_PREFERENCES, 5, NULL, text);
	assert_true(token_read(key, TOKEN_PREFERENCES, text, NOW + 30 * DAY, &got));
	assert_false(token_read(key, TOKEN_PREFERENCES, text, NOW + 31 * DAY, &got));
}

static void test_of_one_kind_and_store(void **state)
{
	char text[TOKEN_SIZE];
	struct token got;
	(void)state;
	make(TOKEN_UNSUBSCRIBE, 5, "sms", text);
	assert_false(token_read(key, TOKEN_PREFERENCES, text, NOW, &got));
	assert_false(token_read(key, TOKEN_JOIN, text, NOW, &got));
	assert_false(token_read(other, TOKEN_UNSUBSCRIBE, text, NOW, &got));
}

/* Every character by every other one: each bit, the spare ones of the last character
 * too. */
static void test_every_change_is_seen(void **state)
{
	char text[TOKEN_SIZE], changed[TOKEN_SIZE];
	struct token got;
	int n = 0;
	(void)state;
	make(TOKEN_UNSUBSCRIBE, 5, "sms", text);
	for (size_t i = 0; i < TOKEN_SIZE - 1; i++)
		for (const char *c = alphabet; *c; c++) {
			memcpy(changed, text, sizeof text);
			changed[i] = *c;
			n += token_read(key, TOKEN_UNSUBSCRIBE, changed, NOW, &got);
		}
	assert_int_equal(n, TOKEN_SIZE - 1); /* itself, once a place */
}

static void test_other_spellings(void **state)
{
	static const char *const rows[] = {"", "x",
	        "5-e-0123456789abcdef0123456789abcdef",
	        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%00", "../../etc/passwd",
	        "가나다라마바사아자차카타"};
	char text[TOKEN_SIZE + 2];
	struct token got;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_false(token_read(key, TOKEN_UNSUBSCRIBE, rows[i], NOW, &got));
	make(TOKEN_UNSUBSCRIBE, 5, "sms", text);
	text[TOKEN_SIZE - 1] = '=';
	text[TOKEN_SIZE] = 0;
	assert_false(token_read(key, TOKEN_UNSUBSCRIBE, text, NOW, &got));
	text[TOKEN_SIZE - 2] = 0;
	assert_false(token_read(key, TOKEN_UNSUBSCRIBE, text, NOW, &got));
}

/* Neighbours in the store are strangers on paper: about half of the characters' places
 * differ by chance, and a few must. */
static void test_tells_no_number(void **state)
{
	char one[TOKEN_SIZE], two[TOKEN_SIZE];
	size_t same = 0;
	(void)state;
	make(TOKEN_UNSUBSCRIBE, 5, "sms", one);
	make(TOKEN_UNSUBSCRIBE, 6, "sms", two);
	for (size_t i = 0; i < TOKEN_SIZE - 1; i++)
		same += one[i] == two[i];
	assert_true(same < 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_reads_back),
	        cmocka_unit_test(test_of_a_click),
	        cmocka_unit_test(test_until_its_day),
	        cmocka_unit_test(test_of_one_kind_and_store),
	        cmocka_unit_test(test_every_change_is_seen),
	        cmocka_unit_test(test_other_spellings),
	        cmocka_unit_test(test_tells_no_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
