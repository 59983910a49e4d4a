/* Sealing: what is closed opens, what was touched does not, and a file says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/personal.h"
#include "base/seal.h"
#include "store/sealed_json.h"

static const uint8_t keys[2][SEAL_KEY_BYTES] = {"the first key", "the key before it"};
static const char phone[] = "+821012345678";

static int begin(void **state)
{
	(void)state;
	seal_keys(keys, 2);
	return 0;
}

static int end(void **state)
{
	(void)state;
	seal_keys(NULL, 0);
	return 0;
}

static void closed_opens(void **state)
{
	uint8_t a[128], b[128];
	char out[128];
	size_t n;

	(void)state;
	n = seal_close(SEAL_ADDRESS, phone, sizeof phone - 1, a);
	assert_int_equal(n, sizeof phone - 1 + SEAL_OVERHEAD);
	assert_int_equal(seal_open(SEAL_ADDRESS, a, n, out), SEAL_OPENED);
	assert_string_equal(out, phone);
	assert_true(seal_is_current(a, n));
	seal_close(SEAL_ADDRESS, phone, sizeof phone - 1, b);
	assert_memory_not_equal(a, b, n);
	n = seal_close(SEAL_PERSON, "", 0, a);
	assert_int_equal(seal_open(SEAL_PERSON, a, n, out), SEAL_OPENED);
	assert_string_equal(out, "");
}

static void every_byte_counts(void **state)
{
	uint8_t sealed[128];
	char out[128];
	size_t n;

	(void)state;
	n = seal_close(SEAL_ADDRESS, phone, sizeof phone - 1, sealed);
	for (size_t i = 0; i < n; i++) {
		sealed[i] ^= 1;
		assert_int_not_equal(
		        seal_open(SEAL_ADDRESS, sealed, n, out), SEAL_OPENED);
		sealed[i] ^= 1;
	}
	for (size_t len = 0; len < n; len++)
		assert_int_equal(seal_open(SEAL_ADDRESS, sealed, len, out), SEAL_BROKEN);
	assert_int_equal(seal_open(SEAL_PERSON, sealed, n, out), SEAL_BROKEN);
	assert_int_equal(seal_open(SEAL_ADDRESS, sealed, n, out), SEAL_OPENED);
}

static void older_keys_open(void **state)
{
	uint8_t sealed[128];
	char out[128];
	size_t n;

	(void)state;
	seal_keys(keys + 1, 1);
	n = seal_close(SEAL_LETTER, "안녕하세요", strlen("안녕하세요"), sealed);
	seal_keys(keys, 2);
	assert_false(seal_is_current(sealed, n));
	assert_int_equal(seal_open(SEAL_LETTER, sealed, n, out), SEAL_OPENED);
	assert_string_equal(out, "안녕하세요");
	seal_keys(keys, 1);
	assert_int_equal(seal_open(SEAL_LETTER, sealed, n, out), SEAL_UNKNOWN_KEY);
	assert_int_equal(seal_key_count(), 1);
}

static void an_index_finds_its_equal(void **state)
{
	uint8_t a[SEAL_INDEX_BYTES], b[SEAL_INDEX_BYTES];

	(void)state;
	seal_index(keys[0], SEAL_ADDRESS, phone, strlen(phone), a);
	seal_index(keys[0], SEAL_ADDRESS, phone, strlen(phone), b);
	assert_memory_equal(a, b, sizeof a);
	seal_index(keys[0], SEAL_SUPPRESSION, phone, strlen(phone), b);
	assert_memory_not_equal(a, b, sizeof a);
	seal_index(keys[1], SEAL_ADDRESS, phone, strlen(phone), b);
	assert_memory_not_equal(a, b, sizeof a);
}

/* ---- what is a person's ---- */

static void names(void **state)
{
	static const struct {
		const char *name;
		bool personal;
	} table[] = {{"phone", true}, {"Phone", true}, {"buyer_phone", true},
	        {"phoneNumber", true}, {"receiver", true}, {"이름", true},
	        {"우편번호", true}, {"받는 분", true}, {"주문자_연락처", true},
	        {"city", false}, {"product_name", false}, {"total", false}, {"", false},
	        {"memoir", false}, {"phonecase", false}, {"등급", false}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (personal_name(table[i].name, strlen(table[i].name)) !=
		        table[i].personal)
			fail_msg("%s", table[i].name);
}

static void declared(void **state)
{
	struct buf paths = {0};

	(void)state;
	buf_adds(&paths, "customer.메모2\ngame.played.who\n");
	personal_declare(&paths);
	assert_true(personal_declared("customer", "메모2", strlen("메모2")));
	assert_true(personal_declared("game.played", "who", 3));
	assert_false(personal_declared("customer", "메모", strlen("메모")));
	assert_false(personal_declared("game", "played.who2", 10));
	assert_false(personal_declared("played", "who", 3));
	personal_declare(&paths);
	assert_false(personal_declared("customer", "메모2", strlen("메모2")));
}

static void texts(void **state)
{
	static const struct {
		const char *text;
		bool personal;
	} table[] = {{"010-1234-5678", true}, {"01012345678", true},
	        {"+82 10 1234 5678", true}, {"+14155550100", true}, {"02-123-4567", true},
	        {"０１０-１２３４-５６７８", true}, {"haneul@example.com", true},
	        {"2026-12-24", false}, {"20261224-0001", false}, {"1588-1234", false},
	        {"1012345678", false}, {"SKU-0101", false}, {"0101", false}, {"@", false},
	        {"a@b", false}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (personal_text(table[i].text, strlen(table[i].text)) !=
		        table[i].personal)
			fail_msg("%s", table[i].text);
}

/* ---- JSON ---- */

static enum sealed_member own(const void *arg, const char *name, size_t len)
{
	(void)arg;
	if (len == 3 && !memcmp(name, "who", 3))
		return SEALED_PERSON;
	return len == 3 && !memcmp(name, "sku", 3) ? SEALED_OWN : SEALED_ASK;
}

/* What SQL still sees: each sealed value as a star, and not the member that holds them.
 */
static char *seen(const char *json)
{
	struct buf out = {0};
	const char *end = strstr(json, ",\"~\":\""), *at;

	while ((at = strstr(json, "\"~\"")) && end && at < end) {
		buf_add(&out, json, (size_t)(at - json));
		buf_addc(&out, '*');
		json = at + strlen("\"~\"");
	}
	buf_add(&out, json, end ? (size_t)(end - json) : strlen(json));
	buf_adds(&out, end ? "}" : "");
	return buf_take(&out);
}

static void json_in_place(void **state)
{
	static const char *const table[][2] = {
	        {"{}", "{}"},
	        {"{\"total\":100,\"city\":\"서울\"}",
	                "{\"total\":100,\"city\":\"서울\"}"},
	        {"{\"phone\":\"010-1234-5678\",\"total\":1}",
	                "{\"phone\":*,\"total\":1}"},
	        {"{\"code\":\"01012345678\"}", "{\"code\":*}"},
	        {"{\"code\":1012345678,\"zipcode\":12345}",
	                "{\"code\":1012345678,\"zipcode\":*}"},
	        {"{\"sku\":\"01012345678\",\"a\":{\"sku\":\"01012345678\"}}",
	                "{\"sku\":\"01012345678\",\"a\":{\"sku\":*}}"},
	        {"{\"address\":{\"city\":\"서울\",\"lines\":[\"a}\",\"b\"]},\"n\":1}",
	                "{\"address\":*,\"n\":1}"},
	        {"{\"items\":[{\"name\":\"케이크\",\"sku\":\"01012345678\",\"memo\":"
	         "\"x\"}],"
	         "\"name\":\"김하늘\"}",
	                "{\"items\":[{\"name\":\"케이크\",\"sku\":\"01012345678\","
	                "\"memo\":*}],"
	                "\"name\":*}"},
	        {"{\"memo\":null,\"phone\":true,\"list\":[\"a@b.kr\",2]}",
	                "{\"memo\":null,\"phone\":true,\"list\":[*,2]}"},
	        {"{\"\\uc774\\ub984\":\"\\uae40\",\"x\":\"\\u0030\\u0031012345678\"}",
	                "{\"\\uc774\\ub984\":*,\"x\":*}"},
	        {"{\"x\":\"~\",\"y\":\"a\\\"~\"}", "{\"x\":*,\"y\":\"a\\*}"},
	        {"{\"who\":\"x\",\"in\":{\"who\":1}}", "{\"who\":*,\"in\":{\"who\":1}}"},
	        {"{\"empty\":{},\"none\":[],\"name\":\"\"}",
	                "{\"empty\":{},\"none\":[],\"name\":*}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct buf closed = {0}, opened = {0};
		char *visible;

		sealed_json_close(&closed, table[i][0], SEAL_EVENT, own, NULL);
		assert_true(sealed_json_open(&opened, closed.data, SEAL_EVENT));
		assert_string_equal(opened.data, table[i][0]);
		visible = seen(closed.data);
		assert_string_equal(visible, table[i][1]);
		free(visible);
		buf_free(&closed);
		buf_free(&opened);
	}
}

/* What is sent to look like ours. */
static void json_forged(void **state)
{
	static const char *const table[] = {"{\"~\":\"AAAA\"}",
	        "{\"phone\":\"010-1234-5678\",\"~\":\"~\"}",
	        "{\"~\":\"~\",\"~\":1,\"name\":\"x\"}",
	        "{\"~\":{\"~\":\"~\"},\"a\":[\"~\"]}", "Rule x: \"~\" 010-1234-5678",
	        "\"~sealed:AAAA\"", "[1,2]", ""};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct buf closed = {0}, opened = {0};

		sealed_json_close(&closed, table[i], SEAL_MESSAGE, NULL, NULL);
		assert_null(strstr(closed.data, "1234"));
		assert_true(sealed_json_open(&opened, closed.data, SEAL_MESSAGE));
		assert_string_equal(opened.data, table[i]);
		buf_free(&closed);
		buf_free(&opened);
	}
}

static void json_of_another_place(void **state)
{
	struct buf closed = {0}, opened = {0};

	(void)state;
	sealed_json_close(
	        &closed, "{\"name\":\"김하늘\",\"n\":1}", SEAL_EVENT, NULL, NULL);
	assert_false(sealed_json_open(&opened, closed.data, SEAL_MESSAGE));
	assert_string_equal(opened.data, "{\"name\":null,\"n\":1}");
	buf_free(&closed);
	buf_free(&opened);
}

/* Whatever a damaged file holds: nothing beyond the text's end is read. */
static void json_cut_short(void **state)
{
	static const char whole[] = "{\"name\":\"김\\u1234\",\"a\":[{\"b\":\"\\\\\"},2.5,"
	                            "\"~\"],\"address\":{\"x\":[1,\"]\"]}}";

	(void)state;
	for (size_t len = 0; len < sizeof whole; len++) {
		char *text = strndup(whole, len);
		struct buf out = {0};

		sealed_json_close(&out, text, SEAL_EVENT, NULL, NULL);
		buf_reset(&out);
		sealed_json_open(&out, text, SEAL_EVENT);
		buf_free(&out);
		free(text);
	}
}

static void without_a_key(void **state)
{
	struct buf out = {0};

	(void)state;
	seal_keys(NULL, 0);
	sealed_json_close(&out, "{\"phone\":\"01012345678\"}", SEAL_EVENT, NULL, NULL);
	assert_string_equal(out.data, "{\"phone\":\"01012345678\"}");
	buf_free(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(closed_opens),
	        TEST(every_byte_counts),
	        TEST(older_keys_open),
	        TEST(an_index_finds_its_equal),
	        TEST(names),
	        TEST(declared),
	        TEST(texts),
	        TEST(json_in_place),
	        TEST(json_forged),
	        TEST(json_of_another_place),
	        TEST(json_cut_short),
	        TEST(without_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
