/* Letters as Internet messages: encodings, alternatives, and that no field can break out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "delivery/mail/mime.h"

static const struct letter plain = {
        .key = "ab12-7",
        .channel = "email",
        .to = "h@example.com",
        .from = "단골커피 <hi@example.com>",
        .subject = "hello",
        .text = "one\ntwo\n",
        .time = 1795392240000, /* 2026-11-23T00:04:00Z */
};

static char *render(const struct letter *letter)
{
	size_t len = 0;
	char *text = mime_render(letter, &len);

	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

static void assert_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

static void test_fields(void **state)
{
	struct letter letter = plain;
	char *text;

	(void)state;
	letter.reply_to = "답장 <re@example.com>";
	letter.unsubscribe = "https://m.example.com/u/"
	                     "12-e-0123456789abcdef0123456789abcdef0123456789abcdef"
	                     "0123456789abcdef0123456789abcdef";
	text = render(&letter);
	assert_in(text, "Date: Mon, 23 Nov 2026 00:04:00 +0000\r\n");
	assert_in(text, "Subject: hello\r\n");
	assert_in(text, " <hi@example.com>\r\n");
	assert_in(text, "\r\nTo: h@example.com\r\n");
	assert_in(text, " <re@example.com>\r\n");
	assert_in(text, "Message-Id: <ab12-7@example.com>\r\n");
	assert_in(text, "X-Dangol-Key: ab12-7\r\n");
	assert_in(text, "\r\nList-Unsubscribe: "
	                "<https://m.example.com/u/12-e-0123456789abcdef0123456789abcdef"
	                "0123456789abcdef0123456789abcdef0123456789abcdef>\r\n");
	assert_in(text, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	assert_in(text, "MIME-Version: 1.0\r\n");
	assert_in(text, "\r\n\r\none\r\ntwo\r\n");
	free(text);
	text = render(&plain);
	assert_null(strstr(text, "List-Unsubscribe"));
	assert_null(strstr(text, "Reply-To"));
	free(text);
	letter.mark = "0123456789abcdef";
	text = render(&letter);
	assert_in(text, "Message-Id: <ab12-7.0123456789abcdef@example.com>\r\n");
	assert_in(text, "X-Dangol-Key: ab12-7\r\n");
	free(text);
}

static void test_encodings(void **state)
{
	static const struct {
		const char *text, *encoding;
	} rows[] = {
	        {"plain words\n", "7bit"},
	        {"mostly plain words, one caf\xc3\xa9 among them\n", "quoted-printable"},
	        {"안녕하세요 고객님, 새 원두가 왔어요.\n", "base64"},
	        {"", "7bit"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct letter letter = plain;
		char want[80], *text;

		letter.text = rows[i].text;
		text = render(&letter);
		snprintf(want, sizeof want, "Content-Transfer-Encoding: %s\r\n",
		        rows[i].encoding);
		if (strcmp(rows[i].encoding, "7bit") != 0)
			assert_in(text, want);
		for (const char *c = text; *c; c++)
			assert_true((unsigned char)*c < 0x80);
		free(text);
	}
}

static void test_canonical_base64(void **state)
{
	struct letter letter = plain;
	char *text;

	(void)state;
	letter.text = "가\n나\n"; /* "가\r\n나\r\n" in base64 */
	text = render(&letter);
	assert_in(text, "6rCADQrrgpgNCg==");
	free(text);
}

static void test_alternative(void **state)
{
	struct letter letter = plain;
	char *text;

	(void)state;
	letter.html = "<p>two</p>";
	text = render(&letter);
	assert_in(text, "Content-Type: multipart/alternative; boundary=");
	assert_in(text, "Content-Type: text/plain; charset=utf-8\r\n");
	assert_in(text, "Content-Type: text/html; charset=utf-8\r\n");
	assert_true(strstr(text, "text/plain") < strstr(text, "text/html"));
	assert_in(text, "boundary=\"=_ab12-7\"");
	assert_in(text, "\r\n--=_ab12-7--\r\n");
	free(text);
	letter.html = "<p>\n--=_ab12-7--\n</p>"; /* a text that would end the part */
	text = render(&letter);
	assert_null(strstr(strstr(text, "text/html"), "\n--=_ab12-7--\r\n<"));
	assert_in(strstr(text, "text/html"), "Content-Transfer-Encoding: base64");
	assert_in(text, "PHA+DQotLT1fYWIxMi03LS0NCjwvcD4NCg==");
	free(text);
}

/* Whatever stands in a field, there is one recipient, one sender and no other header. */
static void test_injection(void **state)
{
	struct letter letter = plain;
	char *text;

	(void)state;
	letter.subject = "hello\r\nBcc: evil@example.net\r\n\r\nbody";
	letter.from = "x\r\nBcc y <hi@example.com>";
	letter.reply_to = "r@example.com\r\nBcc: evil@example.net";
	letter.key = "k\r\nBcc: evil@example.net";
	letter.unsubscribe = "https://m.example.com/u\r\nBcc: evil@example.net";
	text = render(&letter);
	assert_int_equal(count(text, "\nBcc:"), 0);
	assert_int_equal(count(text, "\nList-Unsubscribe"), 0);
	assert_int_equal(count(text, "\r\n\r\n"), 1);
	free(text);
}

static void test_not_rendered(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
	        {"nobody", "h@example.com"},
	        {"", "h@example.com"},
	        {NULL, "h@example.com"},
	        {"x\r\nBcc: evil@example.net\r\n <hi@example.com>", "h@example.com"},
	        {"hi@example.com", "nobody"},
	        {"hi@example.com", "h@example.com, i@example.com"},
	        {"hi@example.com", "h@example.com\r\nBcc: i@example.com"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct letter letter = plain;
		size_t len;

		letter.from = rows[i].from;
		letter.to = rows[i].to;
		assert_null(mime_render(&letter, &len));
	}
}

static void test_address(void **state)
{
	static const struct {
		const char *text, *address; /* NULL: none */
	} rows[] = {
	        {"hi@example.com", "hi@example.com"},
	        {"단골커피 <hi@example.com>", "hi@example.com"},
	        {"\"Kim, H.\" <a.b+c@ex-ample.co.kr>", "a.b+c@ex-ample.co.kr"},
	        {"단골커피", NULL},
	        {"", NULL},
	        {"<>", NULL},
	        {"@example.com", NULL},
	        {"hi@", NULL},
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool found = mime_address(rows[i].text, out);

		if (found != !!rows[i].address)
			fail_msg("%s: %s", rows[i].text, found ? out : "none");
		if (found)
			assert_string_equal(out, rows[i].address);
	}
	assert_true(mime_is_bare("h@example.com"));
	assert_false(mime_is_bare("h@example.com>"));
	assert_false(mime_is_bare("h @example.com"));
	assert_false(mime_is_bare("한@example.com"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_fields),
	        cmocka_unit_test(test_encodings),
	        cmocka_unit_test(test_canonical_base64),
	        cmocka_unit_test(test_alternative),
	        cmocka_unit_test(test_injection),
	        cmocka_unit_test(test_not_rendered),
	        cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
