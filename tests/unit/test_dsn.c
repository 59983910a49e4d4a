/* Delivery reports in the shapes that mail servers give them, and in those that nobody
 * should: who is named, what became of it, and that no address is in the words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/secret.h"
#include "delivery/mail/dsn.h"

#define NAME "1a2b3c4d-17.0123456789abcdef"

static struct bounce found[BOUNCES_MOST];

static size_t read_one(const char *mail)
{
	memset(found, 0xee, sizeof found);
	return dsn_read(mail, strlen(mail), found);
}

static void assert_bounce(const struct bounce *b, const char *name, const char *recipient,
        const char *action, const char *status)
{
	assert_string_equal(b->name, name);
	assert_string_equal(b->recipient, recipient);
	assert_string_equal(b->action, action);
	assert_string_equal(b->status, status);
	assert_null(strchr(b->words, '@'));
}

/* ---- servers ---- */

#define HEAD(type) \
	"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: hi@example.com\n" \
	"Subject: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: " type "\n\n"
#define REPORT HEAD("multipart/report; report-type=delivery-status; boundary=\"b1\"")
#define RETURNED \
	"--b1\nContent-Type: message/rfc822\n\nFrom: hi@example.com\n" \
	"To: kim@example.net\nMessage-Id: <" NAME \
	"@example.com>\nSubject: hello\n\ntext\n"

/* Postfix: three parts, the mail in full. */
static const char postfix[] = REPORT
        "This is a MIME-encapsulated message.\n\n"
        "--b1\nContent-Description: Notification\nContent-Type: text/plain; "
        "charset=us-ascii\n\nI'm sorry to have to inform you\n\n"
        "--b1\nContent-Description: Delivery report\n"
        "Content-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.com\nX-Postfix-Queue-ID: 4ABC\n"
        "X-Postfix-Sender: rfc822; hi@example.com\n"
        "Arrival-Date: Mon, 23 Nov 2026 10:00:00 +0900 (KST)\n\n"
        "Final-Recipient: rfc822; kim@example.net\n"
        "Original-Recipient: rfc822;kim@example.net\nAction: failed\nStatus: 5.1.1\n"
        "Remote-MTA: dns; mail.example.net\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <kim@example.net>: Recipient address\n"
        "    rejected: User kim unknown in virtual mailbox table\n\n" RETURNED "--b1--\n";

/* Exchange: base64, CRLF, the fields of the mail alone. */
static const char exchange_status[] =
        "Reporting-MTA: dns;SL2P216MB.KORP216.PROD.OUTLOOK.COM\r\n\r\n"
        "Final-Recipient: rfc822;Kim@Example.net\r\nAction: failed\r\n"
        "Status: 5.1.10\r\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "
        "not found by SMTP address lookup\r\n\r\n";

static char *exchange(void)
{
	char *status = secret_base64(exchange_status, strlen(exchange_status));
	char *mail = mem_printf(
	        "MIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n"
	        "\treport-type=delivery-status;\r\n\tboundary=\"xx_yy\"\r\n\r\n"
	        "--xx_yy\r\nContent-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n"
	        "--alt\r\nContent-Type: text/html; charset=\"utf-8\"\r\n"
	        "Content-Transfer-Encoding: base64\r\n\r\n7JWI64WV\r\n--alt--\r\n"
	        "--xx_yy\r\nContent-Type: message/delivery-status\r\n"
	        "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n"
	        "--xx_yy\r\nContent-Type: text/rfc822-headers\r\n\r\n"
	        "Received: from a by b\r\nMessage-ID:\r\n <" NAME
	        "@example.com>\r\nSubject: x\r\n\r\n--xx_yy--\r\n",
	        status);

	free(status);
	return mail;
}

/* Gmail: the report first, no address in rfc822 fields' angle, a long code. */
static const char gmail[] = HEAD(
        "multipart/report; boundary=\"b1\"; "
        "report-type=delivery-status") "--b1\nContent-Type: "
                                       "multipart/related; "
                                       "boundary=\"rel\"\n\n--rel\n"
                                       "Content-Type: text/plain; "
                                       "charset=UTF-8\n\n** 주소를 "
                                       "찾을 수 없음 **\n"
                                       "--rel--\n"
                                       "--b1\nContent-Type: "
                                       "message/delivery-status\n\n"
                                       "Reporting-MTA: dns; "
                                       "googlemail.com\nArrival-Date: "
                                       "Mon, 23 Nov 2026\n"
                                       "X-Original-Message-ID: <" NAME "@example.com>\n\n"
                                       "Final-Recipient: rfc822; "
                                       "kim@example.net\nAction: "
                                       "failed\n"
                                       "Status: 5.2.2 (mailbox full)\n"
                                       "Diagnostic-Code: smtp; "
                                       "552-5.2.2 The email account "
                                       "that you tried to reach\n"
                                       " is over quota. Please direct "
                                       "the recipient to\n"
                                       " https://support.example.com/"
                                       "mail/?p=OverQuotaPerm "
                                       "kim@example.net\n"
                                       "Last-Attempt-Date: Mon, 23 Nov "
                                       "2026 01:00:00 -0800 "
                                       "(PST)\n\n" RETURNED "--b1--\n";

static void test_servers(void **state)
{
	char *mail = exchange();

	(void)state;
	assert_int_equal(read_one(postfix), 1);
	assert_bounce(&found[0], NAME, "kim@example.net", "failed", "5.1.1");
	assert_string_equal(found[0].original, "kim@example.net");
	assert_string_equal(found[0].words,
	        "550 5.1.1 *** Recipient address rejected: User *** unknown in virtual "
	        "mailbox table");
	assert_int_equal(read_one(mail), 1);
	assert_bounce(&found[0], NAME, "Kim@Example.net", "failed", "5.1.10");
	assert_true(bounce_is_of(&found[0], "kim@example.net"));
	assert_false(bounce_is_of(&found[0], "lee@example.net"));
	assert_false(bounce_is_of(&found[0], ""));
	assert_int_equal(read_one(gmail), 1);
	assert_bounce(&found[0], NAME, "kim@example.net", "failed", "5.2.2");
	free(mail);
}

/* ---- several, and other actions ---- */

static char *report(const char *status, const char *returned)
{
	return mem_printf(REPORT
	        "--b1\nContent-Type: text/plain; charset=utf-8\n\n배달하지 못했습니다\n"
	        "--b1\nContent-Type: message/delivery-status\n\n%s\n%s--b1--\n",
	        status, returned);
}

static void test_recipients(void **state)
{
	char *mail = report("Reporting-MTA: dns; a\n\n"
	                    "Final-Recipient: rfc822; a@example.net\nAction: Failed\n"
	                    "Status: 5.1.1\n\n"
	                    "Final-Recipient: rfc822; b@example.net\nAction: delayed\n"
	                    "Status: 4.2.2\nDiagnostic-Code: smtp; 452 4.2.2 편지함이 "
	                    "가득 찼습니다\n\n\n"
	                    "Original-Recipient: rfc822;c@example.net\n"
	                    "Final-Recipient: rfc822; list@elsewhere.example\n"
	                    "Action: relayed\nStatus: 2.1.9\n\n"
	                    "Final-Recipient: x400; /C=KR/O=NONE/\nAction: failed\n",
	        RETURNED);

	(void)state;
	assert_int_equal(read_one(mail), 3);
	assert_bounce(&found[0], NAME, "a@example.net", "failed", "5.1.1");
	assert_bounce(&found[1], NAME, "b@example.net", "delayed", "4.2.2");
	assert_string_equal(found[1].words, "452 4.2.2 편지함이 가득 찼습니다");
	assert_bounce(&found[2], NAME, "list@elsewhere.example", "relayed", "2.1.9");
	assert_true(bounce_is_of(&found[2], "C@example.net"));
	free(mail);
}

static void test_more_recipients_than_are_read(void **state)
{
	struct buf status = {0};
	char *mail;

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_printf(&status,
		        "Final-Recipient: rfc822; a%d@example.net\nAction: failed\n\n",
		        i);
	mail = report(status.data, "");
	assert_int_equal(read_one(mail), BOUNCES_MOST);
	assert_bounce(&found[49], "", "a49@example.net", "failed", "");
	free(mail);
	buf_free(&status);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *action, *status;
		enum bounce_kind kind;
	} cases[] = {
	        {"failed", "5.1.1", BOUNCE_NOBODY},
	        {"failed", "5.1.2", BOUNCE_NOBODY},
	        {"failed", "5.1.3", BOUNCE_NOBODY},
	        {"failed", "5.1.6", BOUNCE_NOBODY},
	        {"failed", "5.1.10", BOUNCE_NOBODY},
	        {"failed", "5.1.0", BOUNCE_FAILED},
	        {"failed", "5.1.100", BOUNCE_FAILED},
	        {"failed", "5.2.2", BOUNCE_FAILED},
	        {"failed", "4.2.2", BOUNCE_FAILED},
	        {"failed", "5.7.1", BOUNCE_FAILED},
	        {"failed", "", BOUNCE_FAILED},
	        {"delayed", "4.2.2", BOUNCE_DELAYED},
	        {"delayed", "5.1.1", BOUNCE_DELAYED},
	        {"delivered", "2.1.5", BOUNCE_DELIVERED},
	        {"relayed", "2.0.0", BOUNCE_DELIVERED},
	        {"expanded", "2.0.0", BOUNCE_NOTHING},
	        {"", "5.1.1", BOUNCE_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bounce b = {0};

		strcpy(b.action, cases[i].action);
		strcpy(b.status, cases[i].status);
		assert_int_equal(bounce_kind(&b), cases[i].kind);
	}
}

/* ---- what is not one, or broken ---- */

static void test_not_reports(void **state)
{
	static const char *const mails[] = {
	        "",
	        "\n",
	        "no header at all",
	        "Subject: hello\n\ntext\n",
	        HEAD("multipart/report; report-type=disposition-notification; "
	             "boundary=b1") "--b1\nContent-Type: message/delivery-status\n\n"
	                            "Final-Recipient: rfc822; a@example.net\n--b1--\n",
	        HEAD("multipart/mixed; boundary=b1") "--b1\nContent-Type: "
	                                             "message/delivery-status\n\n"
	                                             "Final-Recipient: rfc822; "
	                                             "a@example.net\n--b1--\n",
	        REPORT "--b1\nContent-Type: text/plain\n\nnothing\n--b1--\n",
	        REPORT "--b1\nContent-Type: message/delivery-status\n\n--b1--\n",
	        REPORT "--b1\nContent-Type: message/delivery-status\n\n"
	               "Action: failed\nStatus: 5.1.1\n--b1--\n",
	        REPORT,
	};
	char *forwarded =
	        mem_printf(HEAD("message/rfc822") "%s", postfix); /* somebody shows it */

	(void)state;
	for (size_t i = 0; i < sizeof mails / sizeof mails[0]; i++)
		assert_int_equal(read_one(mails[i]), 0);
	assert_int_equal(read_one(forwarded), 0);
	free(forwarded);
}

static void test_wrapped(void **state)
{
	char *once = mem_printf(
	        HEAD("multipart/mixed; boundary=w") "--w\n"
	                                            "Content-Type: multipart/report; "
	                                            "report-type=delivery-status; "
	                                            "boundary=b1\n\n%s\n--w\n"
	                                            "Content-Type: "
	                                            "text/plain\n\nfooter\n--w--\n",
	        strstr(postfix, "--b1"));

	(void)state;
	assert_int_equal(read_one(once), 1);
	assert_bounce(&found[0], NAME, "kim@example.net", "failed", "5.1.1");
	free(once);
}

/* Wherever it is cut there is no more in it than in the whole. */
static void test_cut(void **state)
{
	size_t whole = strlen(postfix), with_status = 0;

	(void)state;
	for (size_t len = 0; len <= whole; len++) {
		memset(found, 0, sizeof found);
		if (!dsn_read(postfix, len, found))
			continue;
		with_status += !strcmp(found[0].status, "5.1.1");
		assert_true(!found[0].name[0] || !strcmp(found[0].name, NAME));
	}
	assert_true(with_status > strlen(RETURNED));
}

/* Bytes changed here and there: whatever comes of it is within its bounds. */
static void test_mutated(void **state)
{
	size_t len = strlen(postfix);
	uint32_t draw = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char *mail = mem_strdup(postfix);
		size_t n;

		for (int i = 0; i < 8; i++) {
			draw = draw * 1664525 + 1013904223;
			mail[(draw >> 8) % len] = (char)(draw >> 3);
		}
		n = dsn_read(mail, len, found);
		assert_true(n <= BOUNCES_MOST);
		for (size_t i = 0; i < n; i++) {
			assert_true(strlen(found[i].name) < MARK_NAME);
			assert_true(strlen(found[i].recipient) < BOUNCE_ADDRESS);
			assert_true(strlen(found[i].words) < BOUNCE_WORDS);
			assert_null(strchr(found[i].words, '@'));
		}
		free(mail);
	}
}

/* Multiparts in multiparts, as many as fit into what is read of one mail. */
static void test_deep(void **state)
{
	struct buf mail = {0};

	(void)state;
	buf_adds(&mail,
	        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n");
	while (mail.len < 256 * 1024)
		buf_adds(&mail, "--a\nContent-Type: multipart/mixed; boundary=a\n\n");
	assert_int_equal(dsn_read(mail.data, mail.len, found), 0);
	buf_free(&mail);
	for (int i = 0; mail.len < 256 * 1024; i++)
		buf_printf(&mail,
		        "%sContent-Type: multipart/mixed; boundary=a%d\n\n--a%d\n",
		        i ? "" : "MIME-Version: 1.0\n", i, i);
	assert_int_equal(dsn_read(mail.data, mail.len, found), 0);
	buf_free(&mail);
}

/* One field that does not end, one line of 10 MB, bytes that are no text. */
static void test_large_and_odd(void **state)
{
	struct buf mail = {0};

	(void)state;
	buf_adds(&mail, REPORT "--b1\nContent-Type: message/delivery-status\n\n"
	                       "Final-Recipient: rfc822; kim@example.net\n"
	                       "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; ");
	buf_reserve(&mail, 10 << 20);
	for (int i = 0; i < 10 << 20; i++)
		buf_addc(&mail, (char)(i % 251 + 1));
	buf_adds(&mail, "\n\n--b1--\n");
	assert_int_equal(dsn_read(mail.data, mail.len, found), 1);
	assert_true(strlen(found[0].words) < BOUNCE_WORDS);
	buf_free(&mail);
}

static void test_odd_values(void **state)
{
	static const struct {
		const char *fields, *recipient, *action, *status;
	} cases[] = {
	        {"Final-Recipient: rfc822; <kim@example.net>\nStatus: 5.1.1x\n",
	                "kim@example.net", "", ""},
	        {"FINAL-RECIPIENT:kim@example.net\naction:FAILED "
	         "(really)\nSTATUS:5.1.1\n",
	                "kim@example.net", "failed", "5.1.1"},
	        {"Final-Recipient: rfc822;\n kim@example.net\nStatus: 9999.1.1\n",
	                "kim@example.net", "", ""},
	        {"Final-Recipient: rfc822; kim@example.net\n"
	         "Action: failedfailedfailedfailed\nStatus: -5.1.1\n",
	                "kim@example.net", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *mail = report(cases[i].fields, "");

		assert_int_equal(read_one(mail), 1);
		assert_bounce(&found[0], "", cases[i].recipient, cases[i].action,
		        cases[i].status);
		free(mail);
	}
}

/* ---- marks ---- */

static void test_marks(void **state)
{
	static const char *const none[] = {"", "<1a2b3c4d-17@example.com>",
	        "<1a2b3c4d-17.0123@example.com>",
	        "<1a2b3c4d-17.0123456789ABCDEF@example.com>",
	        "<x1a2b3c4d-17.0123456789abcdef@example.com>",
	        "<1a2b3c4d-17.0123456789abcdef0@example.com>",
	        "<1a2b3c4d-99999999999999999999.0123456789abcdef@example.com>",
	        "<1a2b3c4d-17.0123456789abcdef>", "1a2b3c4d-", "1a2b3c4d-17."};
	uint8_t key[32] = {1}, other[32] = {2};
	char mark[MARK_SIZE], name[MARK_NAME], out[MARK_NAME], *text;

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_false(mark_find(none[i], name));
	mark_make(key, "1a2b3c4d-17", mark);
	text = mem_printf("<a@b>\r\n <1a2b3c4d-17.%s@example.com> <c@d>", mark);
	assert_true(mark_find(text, name));
	assert_true(mark_good(key, name, out));
	assert_string_equal(out, "1a2b3c4d-17");
	assert_false(mark_good(other, name, out));
	name[9] = '2';
	assert_false(mark_good(key, name, out));
	assert_false(mark_good(key, "", out));
	assert_false(mark_good(key, "1a2b3c4d-17", out));
	free(text);
}

static void test_name_by_reference(void **state)
{
	static const char wanted[] = "In-Reply-To: <" NAME "@example.com>\n";
	char *bare = report(
	             "Final-Recipient: rfc822; a@example.net\nAction: failed\n", ""),
	     *mail = mem_printf("%s%s", wanted, bare),
	     *list = mem_printf("References: <x@y>\n\t<" NAME "@example.com>\n%s", bare);

	(void)state;
	assert_int_equal(read_one(mail), 1);
	assert_string_equal(found[0].name, NAME);
	assert_int_equal(read_one(list), 1);
	assert_string_equal(found[0].name, NAME);
	free(bare);
	free(mail);
	free(list);
}

/* A mail of somebody else's that came back; one of ours whose name a server changed. */
static void test_strange_names(void **state)
{
	static const char fields[] =
	        "Final-Recipient: rfc822; a@example.net\nAction: failed\n";
	static const char *const returned[] = {"", RETURNED,
	        "--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: "
	        "<9@mua.example>\n",
	        "--b1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <9@ses.example>\n"
	        "X-Dangol-Key: 1a2b3c4d-17\n"};
	static const bool strange[] = {false, false, true, false};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char *mail = report(fields, returned[i]);

		assert_int_equal(read_one(mail), 1);
		assert_int_equal(found[0].strange, strange[i]);
		assert_string_equal(found[0].name, i == 1 ? NAME : "");
		free(mail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_servers),
	        cmocka_unit_test(test_recipients),
	        cmocka_unit_test(test_more_recipients_than_are_read),
	        cmocka_unit_test(test_kinds),
	        cmocka_unit_test(test_not_reports),
	        cmocka_unit_test(test_wrapped),
	        cmocka_unit_test(test_cut),
	        cmocka_unit_test(test_mutated),
	        cmocka_unit_test(test_deep),
	        cmocka_unit_test(test_large_and_odd),
	        cmocka_unit_test(test_odd_values),
	        cmocka_unit_test(test_marks),
	        cmocka_unit_test(test_name_by_reference),
	        cmocka_unit_test(test_strange_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
