/* What mail servers' replies mean, and that no address gets into what the owner reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "delivery/mail/reply.h"

static void test_kinds(void **state)
{
	static const struct {
		enum reply_stage stage;
		int code;
		const char *text;
		enum outcome_kind kind;
		const char *said; /* the outcome's code */
	} rows[] = {
	        {REPLY_DATA, 250, "2.0.0 Ok: queued as 4F2", OUTCOME_ACCEPTED,
	                "250 2.0.0"},
	        {REPLY_DATA, 250, "ok", OUTCOME_ACCEPTED, "250"},
	        {REPLY_RCPT, 550, "5.1.1 no such user", OUTCOME_BAD_ADDRESS, "550 5.1.1"},
	        {REPLY_RCPT, 550, "5.1.10 no such user", OUTCOME_BAD_ADDRESS,
	                "550 5.1.10"},
	        {REPLY_DATA, 550, "5.1.1 no such user", OUTCOME_BAD_ADDRESS, "550 5.1.1"},
	        {REPLY_RCPT, 550, "5.1.12 no", OUTCOME_REFUSED, "550 5.1.12"},
	        {REPLY_RCPT, 550, "no such user", OUTCOME_REFUSED, "550"},
	        {REPLY_RCPT, 552, "5.2.2 mailbox full", OUTCOME_REFUSED, "552 5.2.2"},
	        {REPLY_RCPT, 452, "4.2.2 mailbox full", OUTCOME_LATER, "452 4.2.2"},
	        {REPLY_RCPT, 451, "4.3.0 later", OUTCOME_LATER, "451 4.3.0"},
	        {REPLY_RCPT, 554, "5.7.1 refused", OUTCOME_REFUSED, "554 5.7.1"},
	        {REPLY_RCPT, 530, "5.7.0 log in first", OUTCOME_OPERATOR, "530 5.7.0"},
	        {REPLY_DATA, 554, "5.7.1 spam", OUTCOME_REFUSED, "554 5.7.1"},
	        {REPLY_DATA, 421, "closing", OUTCOME_LATER, "421"},
	        {REPLY_MAIL, 421, "closing", OUTCOME_LATER, "421"},
	        {REPLY_MAIL, 553, "5.7.1 not your address", OUTCOME_OPERATOR,
	                "553 5.7.1"},
	        {REPLY_MAIL, 552, "5.3.4 too big", OUTCOME_REFUSED, "552 5.3.4"},
	        {REPLY_AUTH, 535, "5.7.8 wrong", OUTCOME_OPERATOR, "535 5.7.8"},
	        {REPLY_TOKEN, 535, "5.7.8 old", OUTCOME_OPERATOR, "535 5.7.8"},
	        {REPLY_AUTH, 454, "4.7.0 not now", OUTCOME_NOT_SENT, "454 4.7.0"},
	        {REPLY_GREETING, 554, "go away", OUTCOME_OPERATOR, "554"},
	        {REPLY_GREETING, 421, "busy", OUTCOME_NOT_SENT, "421"},
	        {REPLY_RCPT, 0, NULL, OUTCOME_NOT_SENT, ""},
	        {REPLY_RCPT, 299, "", OUTCOME_ACCEPTED, "299"},
	        {REPLY_RCPT, 999, "", OUTCOME_NOT_SENT, "999"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reply reply = {rows[i].code, rows[i].text};
		struct outcome outcome =
		        reply_outcome(rows[i].stage, &reply, "h@example.com");

		if (outcome.kind != rows[i].kind)
			fail_msg("%d %s: %d", rows[i].code, rows[i].text, outcome.kind);
		assert_string_equal(outcome.code, rows[i].said);
	}
}

static void test_what_is_said_for_a_domain(void **state)
{
	static const struct {
		enum reply_stage stage;
		int code;
		const char *text;
		bool domain;
	} rows[] = {
	        {REPLY_RCPT, 421, "4.7.0 too many", true},
	        {REPLY_RCPT, 421, "closing", true},
	        {REPLY_DATA, 421, "4.7.28 unusual rate", true},
	        {REPLY_RCPT, 451, "4.7.1 greylisted", true},
	        {REPLY_RCPT, 450, "4.7.1 later", true},
	        {REPLY_DATA, 451, "4.7.500 busy", true},
	        {REPLY_RCPT, 451, "4.3.0 later", false},
	        {REPLY_RCPT, 452, "4.2.2 full", false},
	        {REPLY_RCPT, 451, "4.70.1 what", false},
	        {REPLY_RCPT, 550, "5.7.1 refused", false},
	        {REPLY_DATA, 250, "2.0.0 ok", false},
	        {REPLY_MAIL, 421, "4.7.0 closing", false},
	        {REPLY_AUTH, 454, "4.7.0 not now", false},
	        {REPLY_GREETING, 421, "busy", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reply reply = {rows[i].code, rows[i].text};

		if (reply_outcome(rows[i].stage, &reply, NULL).domain != rows[i].domain)
			fail_msg("%d %s", rows[i].code, rows[i].text);
	}
}

static void test_no_address(void **state)
{
	static const char *const texts[] = {
	        "5.1.1 <haneul@example.com>: unknown",
	        "5.1.1 mailbox HANEUL unknown",
	        "5.1.1 user=haneul;x",
	        "5.1.1\thaneul\r\n550 haneul@example.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct reply reply = {550, texts[i]};
		struct outcome outcome =
		        reply_outcome(REPLY_RCPT, &reply, "haneul@example.com");

		assert_null(strcasestr(outcome.detail, "haneul"));
		assert_null(strpbrk(outcome.detail, "\r\n\t"));
		assert_non_null(strstr(outcome.detail, "***"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_kinds),
	        cmocka_unit_test(test_what_is_said_for_a_domain),
	        cmocka_unit_test(test_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
