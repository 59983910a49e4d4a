/* Forms as they are posted: what is read, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "door/form.h"

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=xYz"
#define PART(name, value) \
	"--xYz\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r" \
	"\n"

static enum form_error take(const char *type, const char *body, size_t len,
        struct arena *arena, struct form *form)
{
	struct http_request request = {.body = body, .body_len = len};
	if (type)
		request.headers[request.n_headers++] =
		        (struct http_header){"content-type", type};
	return form_read(&request, arena, form);
}

/* "a=1|b=2": what came out, or the status in brackets. */
static const char *told(const char *type, const char *body, struct arena *arena)
{
	struct form form;
	struct buf out = {0};
	enum form_error error = take(type, body, strlen(body), arena, &form);
	const char *text;
	buf_adds(&out, "");
	if (error)
		buf_printf(&out, "[%d]", (int)error);
	for (size_t i = 0; i < form.n && !error; i++)
		buf_printf(&out, "%s%s=%s", i ? "|" : "", form.fields[i].name,
		        form.fields[i].value);
	text = arena_strdup(arena, out.data ? out.data : "");
	buf_free(&out);
	return text;
}

static void test_bodies(void **state)
{
	static const struct {
		const char *type, *body, *told;
	} rows[] = {
	        {URLENCODED, "List-Unsubscribe=One-Click", "List-Unsubscribe=One-Click"},
	        {URLENCODED "; charset=UTF-8", "a=1&b=2", "a=1|b=2"},
	        {"APPLICATION/X-WWW-FORM-URLENCODED", "a=1", "a=1"},
	        {URLENCODED, "name=%EA%B9%80+%ED%95%98&x", "name=김 하|x="},
	        {URLENCODED, "", ""},
	        {URLENCODED, "&&a=&&", "a="},
	        {URLENCODED, "a=b=c%26d", "a=b=c&d"},
	        {URLENCODED, "a=%", "[400]"},
	        {URLENCODED, "a=%2", "[400]"},
	        {URLENCODED, "a=%zz", "[400]"},
	        {URLENCODED, "a=%00", "[400]"},
	        {URLENCODED, "a=%07", "[400]"},
	        {URLENCODED, "a=%ff%fe", "[400]"},
	        {URLENCODED, "%ff=1", "[400]"},
	        {NULL, "a=1", "[415]"},
	        {"text/plain", "a=1", "[415]"},
	        {"application/json", "{\"a\":1}", "[415]"},
	        {URLENCODED "x", "a=1", "[415]"},
	        {MULTIPART, PART("List-Unsubscribe", "One-Click") "--xYz--\r\n",
	                "List-Unsubscribe=One-Click"},
	        {"multipart/form-data; boundary=\"xYz\"",
	                PART("a", "1") PART("b", "") "--xYz--", "a=1|b="},
	        {MULTIPART, PART("a", "1"), "[400]"},
	        {MULTIPART, "--xYz\r\n\r\nno name\r\n--xYz--", "[400]"},
	        {MULTIPART, "nothing of it", "[400]"},
	        {MULTIPART, "--xYz", "[400]"},
	        {"multipart/form-data", PART("a", "1") "--xYz--", "[400]"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		assert_string_equal(
		        told(rows[i].type, rows[i].body, arena), rows[i].told);
		arena_free(arena);
	}
}

static void test_bounds(void **state)
{
	struct arena *arena = arena_new();
	struct buf body = {0};
	struct form form;
	(void)state;
	for (int i = 0; i < FORM_FIELDS_MAX; i++)
		buf_printf(&body, "f%d=1&", i);
	assert_int_equal(take(URLENCODED, body.data, body.len, arena, &form), FORM_OK);
	buf_adds(&body, "one=more");
	assert_int_equal(take(URLENCODED, body.data, body.len, arena, &form), FORM_LARGE);
	buf_reset(&body);
	buf_adds(&body, "a=");
	while (body.len < FORM_BYTES_MAX)
		buf_addc(&body, 'x');
	assert_int_equal(take(URLENCODED, body.data, body.len, arena, &form), FORM_OK);
	buf_addc(&body, 'x');
	assert_int_equal(take(URLENCODED, body.data, body.len, arena, &form), FORM_LARGE);
	assert_int_equal(take(URLENCODED, "a=\0b", 4, arena, &form), FORM_BAD);
	buf_free(&body);
	arena_free(arena);
}

static void test_get(void **state)
{
	struct arena *arena = arena_new();
	struct form form;
	(void)state;
	assert_int_equal(take(URLENCODED, "a=1&a=2&b=3", 11, arena, &form), FORM_OK);
	assert_string_equal(form_get(&form, "a"), "1");
	assert_string_equal(form_get(&form, "b"), "3");
	assert_null(form_get(&form, "c"));
	arena_free(arena);
}

/* Whatever comes in pieces of what means something: read or refused, in bounds. */
static void test_any_bytes(void **state)
{
	static const char *const pieces[] = {"--xYz", "\r\n", "\r\n\r\n", "--", "&", "=",
	        "%", "%4", "%41", "name=\"a\"", "name=\"",
	        "Content-Disposition: form-data; ", "a", "\xea\xb0\x80", "\xff", "+",
	        "\""};
	struct arena *arena = arena_new();
	struct form form;
	(void)state;
	srandom(7);
	for (int n = 0; n < 30000; n++) {
		char body[400] = "";
		for (int i = random() % 24; i > 0; i--)
			strcat(body, pieces[(size_t)random() %
			                     (sizeof pieces / sizeof pieces[0])]);
		enum form_error error = take(
		        n % 2 ? URLENCODED : MULTIPART, body, strlen(body), arena, &form);
		assert_true(error == FORM_OK || error == FORM_BAD || error == FORM_LARGE);
		for (size_t i = 0; !error && i < form.n; i++)
			assert_true(strlen(form.fields[i].name) +
			                    strlen(form.fields[i].value) <=
			            strlen(body));
		arena_reset(arena);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_bodies),
	        cmocka_unit_test(test_bounds),
	        cmocka_unit_test(test_get),
	        cmocka_unit_test(test_any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
