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

static struct bounce found[DSN_RECIPIENTS_MOST];

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
static const char gmail[] =
        HEAD("multipart/report; boundary=\"b1\"; report-type=delivery-status")
        "--b1\nContent-Type: multipart/related; boundary=\"rel\"\n\n--rel\n"
        "Content-Type: text/plain; charset=UTF-8\n\n** 주소를 찾을 수 없음 **\n"
        "--rel--\n"
        "--b1\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; googlemail.com\nArrival-Date: Mon, 23 Nov 2026\n"
        "X-Original-Message-ID: <" NAME "@example.com>\n\n"
        "Final-Recipient: rfc822; kim@example.net\nAction: failed\n"
        "Status: 5.2.2 (mailbox full)\n"
        "Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach\n"
        " is over quota. Please direct the recipient to\n"
        " https://support.example.com/mail/?p=OverQuotaPerm kim@example.net\n"
        "Last-Attempt-Date: Mon, 23 Nov 2026 01:00:00 -0800 (PST)\n\n"
        RETURNED "--b1--\n";

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
