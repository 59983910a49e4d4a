/* dangol.conf: what is read, what each slip is told, and which credentials are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "config.h"

static char folder[64];

static char *put(const char *name, const char *text, mode_t mode)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static struct config *read_text(const char *text, bool secrets, struct diag *diag)
{
	diag_init(diag);
	return config_read(put("dangol.conf", text, 0644), secrets, diag);
}

static struct config *good(const char *text)
{
	struct diag diag;
	struct config *config = read_text(text, false, &diag);

	for (size_t i = 0; i < diag.n && !config; i++)
		print_message("%d:%d %s\n", diag.items[i].at.line,
		        diag.items[i].at.column, diag.items[i].message);
	assert_non_null(config);
	assert_int_equal(diag.errors, 0);
	diag_fini(&diag);
	return config;
}

static const char whole[] =
        "shop {\n"
        "    name \"단골커피\"  phone \"02-123-4567\"  address \"서울 마포구\"\n"
        "    timezone \"Asia/Seoul\"  language ko  currency KRW\n"
        "    owner  sms \"010-0000-0000\"  email \"owner@example.com\"\n"
        "    law korea   opens 10:00   closed monday   closed 2027-02-06 to 2027-02-08  "
        "closed 2027-05-05\n"
        "}\n"
        "rules \"r\"   templates \"/t\"   # a comment\n"
        "store  { path \"data/shop.db\"  keep events 3 years  keep messages 18 months }\n"
        "listen { socket \"s\" mode 0600 group \"dangol\"\n"
        "         http \"127.0.0.1:8484\" token credential \"api-token\"\n"
        "         url \"https://m.example.com/\" }\n"
        "limits { quiet 21:00 to 08:00  margin 5 minutes  ads 1 per day  ads 3 per week  "
        "hold at most 2 days  guard none }\n"
        "channel sms { sender \"0212345678\"  rate 50 per second  refuse "
        "\"080-123-4567\"\n"
        "              price sms 9원 lms 30원 mms 60원  budget 100,000원 per month }\n"
        "channel email { server \"smtp.example.com:465\"  user \"u\"  password "
        "credential \"smtp\"\n"
        "                from \"단골커피 <hi@example.com>\"  connections 4  rate 20 per "
        "minute\n"
        "                bounces \"imaps://[::1]:1993/Bounces\"  반송함사용자 \"b\"  "
        "bounces-password credential \"imap\" }\n"
        "channel push { provider webhook  url \"https://push.example.com/in\"  secret "
        "credential \"push\"  price 0원 }\n"
        "채널 알림톡 { profile \"KA01PF\" }\n";

static void reads_everything(void **state)
{
	struct config *c = good(whole);
	char path[256];

	(void)state;
	assert_string_equal(c->shop.name, "단골커피");
	assert_string_equal(c->shop.owner_sms, "+821000000000");
	assert_string_equal(c->shop.owner_email, "owner@example.com");
	assert_true(c->shop.law_korea && c->shop.has_opens);
	assert_int_equal(c->shop.opens_ms, 10 * MS_HOUR);
	assert_int_equal(c->shop.closed_weekdays, 1);
	assert_int_equal(c->shop.n_closed, 2);
	assert_int_equal(c->shop.closed[0].to - c->shop.closed[0].from, 2);
	assert_int_equal(c->shop.closed[1].to, calendar_day(2027, 5, 5));
	snprintf(path, sizeof(path), "%s/r", folder);
	assert_string_equal(c->rules, path);
	assert_string_equal(c->templates, "/t");
	snprintf(path, sizeof(path), "%s/data/shop.db", folder);
	assert_string_equal(c->store, path);
	assert_int_equal(c->shop.keep_events_months, 36);
	assert_int_equal(c->shop.keep_messages_months, 18);
	assert_int_equal(c->listen.socket_mode, 0600);
	assert_string_equal(c->listen.socket_group, "dangol");
	assert_string_equal(c->listen.address, "127.0.0.1:8484");
	assert_ptr_equal(c->listen.token, &c->token);
	assert_string_equal(c->shop.public_url, "https://m.example.com");
	assert_string_equal(c->shop_text.public_url, "https://m.example.com");
	assert_true(c->shop.quiet);
	assert_int_equal(c->shop.quiet_from_ms, 21 * MS_HOUR);
	assert_int_equal(c->shop.quiet_to_ms, 8 * MS_HOUR);
	assert_int_equal(c->shop.margin_ms, 5 * MS_MINUTE);
	assert_int_equal(c->shop.n_caps, 2);
	assert_int_equal(c->shop.caps[1].n, 3);
	assert_int_equal(c->shop.caps[1].unit, SCHEDULE_WEEK);
	assert_int_equal(c->shop.n_budgets, 1);
	assert_string_equal(c->shop.budgets[0].channel, "sms");
	assert_int_equal(c->shop.budgets[0].won, 100000);
	assert_int_equal(c->shop.budgets[0].least, 9);
	assert_int_equal(c->shop.budgets[0].per, SCHEDULE_MONTH);
	assert_int_equal(c->shop.hold_max_ms, 2 * MS_DAY);
	assert_int_equal(c->shop.guard, -1);
	config_free(c);
}

static void reads_channels(void **state)
{
	struct config *c = good(whole);
	static const char *const names[] = {"sms", "email", "push", "alimtalk", "owner"};
	char path[256];

	(void)state;
	assert_int_equal(c->n_channels, 4);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(c->channel_names[i], names[i]);
	assert_null(c->channel_names[5]);
	assert_string_equal(c->channels[0].provider, "outbox");
	assert_int_equal(c->channels[0].rate_n, 50);
	assert_int_equal(c->channels[0].rate_ms, 1000);
	assert_int_equal(c->channels[0].price.won, 9);
	assert_int_equal(c->channels[0].price_lms.won, 30);
	assert_int_equal(c->channels[0].price_mms.won, 60);
	assert_true(c->channels[0].price_mms.said);
	assert_false(c->channels[1].price.said);
	assert_true(c->channels[2].price.said);
	assert_int_equal(c->channels[2].price.won, 0);
	snprintf(path, sizeof(path), "%s/data/outbox", folder);
	assert_string_equal(c->channels[0].outbox, path);
	assert_string_equal(c->channels[1].provider, "smtp");
	assert_string_equal(c->channels[1].server, "smtp.example.com");
	assert_int_equal(c->channels[1].port, 465);
	assert_int_equal(c->channels[1].tls, TLS_IMPLICIT);
	assert_string_equal(c->channels[1].password_name, "smtp");
	assert_string_equal(c->channels[1].bounces, "imaps://[::1]:1993/Bounces");
	assert_string_equal(c->channels[1].bounces_user, "b");
	assert_string_equal(c->channels[1].bounces_password_name, "imap");
	assert_string_equal(c->channels[2].provider, "webhook");
	assert_string_equal(c->channels[3].profile, "KA01PF");
	assert_true(c->world.has_refuse && c->world.has_public && c->world.law_korea);
	assert_false(c->world.lacks_address);
	config_free(c);
}

static void defaults(void **state)
{
	struct config *c = good("가게 { 이름 \"x\" }\n");
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/dangol.db", folder);
	assert_string_equal(c->store, path);
	assert_string_equal(c->listen.socket_path, "/run/dangol/dangol.sock");
	assert_int_equal(c->listen.socket_mode, 0660);
	assert_null(c->listen.address);
	assert_null(c->listen.token);
	assert_false(c->shop.quiet);
	assert_int_equal(c->shop.margin_ms, 10 * MS_MINUTE);
	assert_int_equal(c->shop.hold_max_ms, 3 * MS_DAY);
	assert_int_equal(c->shop.guard, 50);
	assert_string_equal(c->shop.timezone, "Asia/Seoul");
	assert_string_equal(c->shop_text.language, "ko");
	assert_int_equal(c->n_channels, 0);
	assert_null(c->channel_names[0]);
	assert_false(c->world.has_refuse || c->world.has_public);
	assert_true(c->world.lacks_address);
	config_free(c);
}

#define SHOP "shop { name \"x\" }\n"

static void tells_mistakes(void **state)
{
	static const struct {
		const char *text;
		int line, column;
		const char *message, *hint;
	} cases[] = {
	        {"", 1, 1, "the shop needs its name", NULL},
	        {SHOP "shopp { }\n", 2, 1, "unknown key 'shopp'", "'shop'"},
	        {SHOP "limits { quite none }\n", 2, 10, "unknown key 'quite'", "'quiet'"},
	        {SHOP "limits { sender \"1\" }\n", 2, 10, "unknown key 'sender'",
	                "'channel { }'"},
	        {SHOP "limits { quiet 21:00 }\n", 2, 22, "'}' does not fit",
	                "quiet TIME to TIME | none"},
	        {SHOP "limits { ads 3 }\n", 2, 14, "ads 3 per day", NULL},
	        {SHOP "limits { ads 3 per hour }\n", 2, 20, "per day, per week", NULL},
	        {SHOP "limits { margin 1 day }\n", 2, 17, "minutes are expected", NULL},
	        {SHOP "limits { quiet none quiet none }\n", 2, 21, "'quiet' stands twice",
	                NULL},
	        {SHOP "limits { ads 0 ads 1 per day }\n", 2, 16, "'ads 0'", NULL},
	        {SHOP "store { keep events 90 days }\n", 2, 21, "months or years", NULL},
	        {SHOP "store { keep events 1 year keep events 2 years }\n", 2, 33,
	                "stands twice", NULL},
	        {SHOP "store { path \"a\"\n", 2, 1, "not closed", NULL},
	        {SHOP "store { }\nstore { }\n", 3, 1, "block 'store' stands twice", NULL},
	        {SHOP "}\n", 2, 1, "closes nothing", NULL},
	        {"shop { name \"x\" timezone \"Asia/Soul\" }\n", 1, 26,
	                "unknown time zone", "Asia/Seoul"},
	        {"shop { name \"x\" currency USD }\n", 1, 26, "not in this version",
	                NULL},
	        {"shop { name \"x\" owner sms \"12\" }\n", 1, 27, "no phone number",
	                NULL},
	        {"shop { name \"x\" owner email \"nobody\" }\n", 1, 29,
	                "no e-mail address", NULL},
	        {"shop { name \"x\" closed 2027-02-08 to 2027-02-06 }\n", 1, 38,
	                "before the beginning", NULL},
	        {"shop { name \"\" }\n", 1, 13, "does not fit", "name"},
	        {SHOP "listen { http \"127.0.0.1:80\" }\n", 2, 10, "'http' needs 'token",
	                NULL},
	        {SHOP "listen { http \"0.0.0.0:80\" token credential \"a\" }\n", 2, 15,
	                "this machine only", NULL},
	        {SHOP "listen { http \"127.0.0.1\" token credential \"a\" }\n", 2, 15,
	                "an address and a port", NULL},
	        {SHOP "listen { mode 999 }\n", 2, 15, "does not fit", "mode MODE"},
	        {SHOP "listen { url \"http://m.example.com\" }\n", 2, 14,
	                "http:// is for this machine", NULL},
	        {SHOP "listen { public \"127.0.0.1:8485\" }\n", 2, 10,
	                "'public' needs its address", NULL},
	        {SHOP "listen { public \"0.0.0.0:8485\" url \"https://m.example.com\" "
	              "}\n",
	                2, 17, "a proxy with TLS", NULL},
	        {SHOP "listen { http \"127.0.0.1:80\" token credential \"a\" public "
	              "\"127.0.0.1:80\" url \"https://m.example.com\" }\n",
	                2, 51, "two ports", NULL},
	        {SHOP "channel sms { receipts credential \"r\" }\n", 2, 15,
	                "provider outbox posts no delivery reports", NULL},
	        {SHOP "hook shopfy { secret credential \"s\" }\n", 2, 6,
	                "unknown hook 'shopfy'", "shopify, woocommerce"},
	        {SHOP "hook shopify { }\n", 2, 6, "hook 'shopify' has no secret",
	                "credential \"shopify\""},
	        {SHOP "channel smms { }\n", 2, 9, "unknown channel 'smms'", "one of sms"},
	        {SHOP "channel sms { }\nchannel 문자 { }\n", 3, 9,
	                "channel 'sms' stands twice", NULL},
	        {SHOP "channel sms { provider solapi }\n", 2, 9,
	                "provider solapi needs key", NULL},
	        {SHOP "channel push { provider solapi key credential \"k\" }\n", 2, 9,
	                "does not send such messages", NULL},
	        {SHOP "channel alimtalk { provider solapi key credential \"k\" secret "
	              "credential \"s\" }\n",
	                2, 9, "needs profile", NULL},
	        {SHOP "channel sms { fallback provider solapi }\n", 2, 9,
	                "provider solapi needs key", NULL},
	        {SHOP "channel sms { fallback provider outbox fallback provider outbox "
	              "}\n",
	                2, 49, "not two", NULL},
	        {SHOP "channel sms { sender \"0212345678\" fallback provider outbox "
	              "sender "
	              "\"0212345679\" sender \"0212345679\" }\n",
	                2, 80, "stands twice", NULL},
	        {SHOP "channel sms { provider outbux }\n", 2, 24, "unknown provider",
	                "'outbox'"},
	        {SHOP "channel sms { provider smtp }\n", 2, 15, "channel email alone",
	                NULL},
	        {SHOP "channel push { provider webhook }\n", 2, 9, "needs an address",
	                NULL},
	        {SHOP "channel push { provider webhook url \"http://a.example\" }\n", 2,
	                37, "http://", NULL},
	        {SHOP "channel push { provider webhook url "
	              "\"http://127.0.0.1@a.example/\" }\n",
	                2, 37, "http://", NULL},
	        {SHOP "channel email { provider smtp from \"a@example.com\" }\n", 2, 9,
	                "needs a server", NULL},
	        {SHOP "channel email { server \"s:25\" }\n", 2, 9, "needs its sender",
	                NULL},
	        {SHOP "channel email { server \"s:25\" from \"nobody\" }\n", 2, 31,
	                "'from' reads", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" tls none }\n", 2,
	                45, "'tls none'", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" user \"u\" }\n", 2,
	                45, "'user' needs", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" token credential "
	              "\"t\" }\n",
	                2, 45, "'token' needs", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" user \"u\" token "
	              "credential \"t\" password credential \"p\" }\n",
	                2, 54, "'token' needs", NULL},
	        {SHOP "channel email { bounces \"mail\" }\n", 2, 17, "a Maildir", NULL},
	        {SHOP "channel email { bounces \"ftp://x/INBOX\" }\n", 2, 17, "a Maildir",
	                NULL},
	        {SHOP "channel email { bounces \"imap://mail.example.com/INBOX\" }\n", 2,
	                17, "without encryption", NULL},
	        {SHOP "channel email { bounces \"imap://127.evil.example/INBOX\" }\n", 2,
	                17, "without encryption", NULL},
	        {SHOP "channel email { bounces \"imaps:///INBOX\" }\n", 2, 17,
	                "a mailbox reads", NULL},
	        {SHOP "channel email { bounces \"imaps://h:0/INBOX\" }\n", 2, 17,
	                "a mailbox reads", NULL},
	        {SHOP "channel email { bounces \"imaps://u@h/INBOX\" }\n", 2, 17,
	                "a mailbox reads", NULL},
	        {SHOP "channel email { bounces \"imaps://h/a%b\" }\n", 2, 17,
	                "a mailbox reads", NULL},
	        {SHOP "channel email { bounces \"imaps://h/INBOX\" }\n", 2, 17,
	                "asks who it is", NULL},
	        {SHOP "channel email { bounces \"imaps://h/INBOX\" bounces-user \"u\" "
	              "}\n",
	                2, 43, "stand together", NULL},
	        {SHOP "channel email { bounces \"/m\" bounces-user \"u\" "
	              "bounces-password credential \"p\" }\n",
	                2, 30, "nobody signs in", NULL},
	        {SHOP "channel email { bounces-user \"u\" bounces-password credential "
	              "\"p\" }\n",
	                2, 17, "of channel email", NULL},
	        {SHOP "channel sms { bounces \"/m\" }\n", 2, 15, "of channel email",
	                NULL},
	        {SHOP "channel email { fallback provider outbox bounces \"/m\" }\n", 2,
	                42, "of channel email", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" renew \"/t\" }\n",
	                2, 45, "'renew' needs", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" user \"u\" renew "
	              "\"/t\" password credential \"p\" }\n",
	                2, 54, "'renew' needs", NULL},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" user \"u\" renew "
	              "\"shop-token\" }\n",
	                2, 60, "whole path", "small script"},
	        {SHOP "channel email { server \"s:25\" from \"a@b.kr\" user \"u\" renew "
	              "\"/bin/shop-token -q\" }\n",
	                2, 60, "whole path", "small script"},
	        {SHOP "channel push { renew \"/t\" }\n", 2, 16, "only provider smtp",
	                NULL},
	        {SHOP "channel email { server \"s:x\" from \"a@b.kr\" }\n", 2, 24,
	                "a mail server reads", NULL},
	        {SHOP "channel sms { server \"s:25\" }\n", 2, 15, "only channel email",
	                NULL},
	        {SHOP "channel sms { refuse \"02-123-4567\" }\n", 2, 22,
	                "begins with 080", NULL},
	        {SHOP "channel sms { sender \"단골\" }\n", 2, 22, "registered", NULL},
	        {SHOP "channel sms { sender \"2123-4567\" }\n", 2, 22, "area code", NULL},
	        {SHOP "channel sms { sender \"0504-123-4567\" }\n", 2, 22, "050", NULL},
	        {SHOP "channel sms { sender \"010-1234-56789\" }\n", 2, 22,
	                "8 to 11 digits", NULL},
	        {SHOP "channel sms { refuse \"1588-1234\" }\n", 2, 22, "begins with 080",
	                NULL},
	        {SHOP "channel sms { refuse \"010-1234-5678\" }\n", 2, 22,
	                "begins with 080", NULL},
	        {SHOP "channel sms { connections 0 }\n", 2, 27, "from 1 to 64", NULL},
	        {SHOP "channel sms { rate 5 per week }\n", 2, 26, "per second", NULL},
	        {SHOP "channel sms { price 9원 }\n", 2, 21, "a price for each kind",
	                "price sms 9원"},
	        {SHOP "channel push { price sms 9원 }\n", 2, 22, "only text messages",
	                "price 9원"},
	        {SHOP "channel sms { budget 100,000원 per month }\n", 2, 15,
	                "the price of each kind", "price sms 9원"},
	        {SHOP "channel sms { price sms 9원 lms 30원  budget 1원 per day }\n", 2,
	                37, "the price of each kind", "price sms 9원"},
	        {SHOP "channel push { 예산 100원 per week }\n", 2, 16,
	                "a budget needs a price", "price 7원"},
	        {SHOP "channel push { price 7원  budget 100원 per hour }\n", 2, 42,
	                "per day, per week or per month", NULL},
	        {SHOP "channel push { price 7원  budget 1원 per day  fallback provider "
	              "outbox }\n",
	                2, 9, "of each provider", "price 7원"},
	        {SHOP "channel push { price 7원  budget 1원 per day  fallback provider "
	              "outbox  price 8원  budget 1원 per day }\n",
	                2, 88, "one budget", NULL},
	        {SHOP "channel push { fallback provider outbox  price 8원  budget 1원 "
	              "per day }\n",
	                2, 52, "of each provider", NULL},
	        {SHOP "channel sms { sender 0212345678 }\n", 2, 22, "does not fit",
	                "sender \"…\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;
		struct config *config = read_text(cases[i].text, false, &diag);

		if (config || !diag.n ||
		        !strstr(diag.items[0].message, cases[i].message) ||
		        diag.items[0].at.line != cases[i].line ||
		        diag.items[0].at.column != cases[i].column ||
		        (cases[i].hint &&
		                (!diag.items[0].hint ||
		                        !strstr(diag.items[0].hint, cases[i].hint))))
			fail_msg("%s: %d:%d %s (%s)", cases[i].text,
			        diag.n ? diag.items[0].at.line : 0,
			        diag.n ? diag.items[0].at.column : 0,
			        diag.n ? diag.items[0].message : "nothing",
			        diag.n && diag.items[0].hint ? diag.items[0].hint : "-");
		diag_fini(&diag);
	}
}

static void tells_all_at_once(void **state)
{
	struct diag diag;

	(void)state;
	assert_null(read_text(SHOP
	        "limits {\n quite none\n ads 3\n}\nchannel sms {\n provider solapi\n}\n",
	        false, &diag));
	assert_int_equal(diag.errors, 3);
	diag_fini(&diag);
}

static void public_port(void **state)
{
	struct diag diag;
	struct config *c = read_text(SHOP
	        "listen { public \"127.0.0.1:8485\" url \"https://m.example.com\" }\n",
	        false, &diag);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diag.n, 0);
	assert_string_equal(c->listen.public_address, "127.0.0.1:8485");
	assert_true(c->world.has_public);
	config_free(c);
	diag_fini(&diag);
}

static void warns_of_what_has_no_effect(void **state)
{
	static const struct {
		const char *text;
		int line, column;
		const char *names; /* NULL: silent */
	} cases[] = {
	        {SHOP "limits { guard 50 }\n", 0, 0, NULL},
	        {SHOP "limits { guard none }\n", 0, 0, NULL},
	        {SHOP "store { keep events 1 year  keep messages 2 years }\n", 0, 0,
	                NULL},
	        {"shop { name \"x\"\n opens 10:00  closed monday  closed sunday }\n", 2,
	                8, "opens, closed"},
	        {SHOP "channel sms { price sms 9원 }\nchannel push { price 0원 }\n", 0, 0,
	                NULL},
	        {SHOP "channel 알림톡 { 프로필 \"KA\" }\n", 0, 0, NULL},
	        {SHOP "limits { quiet 00:00 to 24:00  ads 0 }\n", 0, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;
		struct config *config = read_text(cases[i].text, false, &diag);
		char wanted[80] = "";

		if (cases[i].names)
			snprintf(wanted, sizeof(wanted), "not in this version: %s (",
			        cases[i].names);
		if (!config || diag.errors || diag.n != (cases[i].names != NULL) ||
		        (diag.n && (diag.items[0].at.line != cases[i].line ||
		                           diag.items[0].at.column != cases[i].column ||
		                           !strstr(diag.items[0].message, wanted))))
			fail_msg("%s: %zu, %d:%d %s", cases[i].text, diag.n,
			        diag.n ? diag.items[0].at.line : 0,
			        diag.n ? diag.items[0].at.column : 0,
			        diag.n ? diag.items[0].message : "nothing");
		config_free(config);
		diag_fini(&diag);
	}
}

static void warns_of_less_than_the_law_bids(void **state)
{
	struct diag diag;
	struct config *config =
	        read_text(SHOP "store { keep events 1 month  keep messages 5 months }\n",
	                false, &diag);

	(void)state;
	assert_non_null(config);
	assert_int_equal(diag.errors, 0);
	assert_int_equal(diag.n, 1);
	assert_non_null(strstr(diag.items[0].message, "6 months"));
	assert_int_equal(config->shop.keep_messages_months, 5);
	config_free(config);
	diag_fini(&diag);
}

static void reads_a_program_for_tokens(void **state)
{
	struct config *c = good(SHOP "channel email { server \"s:25\" from \"a@b.kr\" "
	                             "user \"u\" 갱신 \"/usr/local/bin/shop-token\" }\n");

	(void)state;
	assert_string_equal(c->channels[0].renew, "/usr/local/bin/shop-token");
	config_free(c);
}

#define WITH_SECRET \
	SHOP "listen { http \"127.0.0.1:8484\" token credential \"api-token\" }\n"

static void refuses_credentials(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *message, *hint;
	} cases[] = {
	        {NULL, 0, "is missing", "chmod 600"},
	        {"t0ken\n", 0644, "others may read", "chmod 600"},
	        {"t0ken\n", 0640, "others may read", "chmod 600"},
	        {"\n", 0600, "is empty", "chmod 600"},
	};
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/credentials", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;

		if (cases[i].text)
			put("credentials/api-token", cases[i].text, cases[i].mode);
		assert_null(read_text(WITH_SECRET, true, &diag));
		assert_int_equal(diag.errors, 1);
		assert_int_equal(diag.items[0].at.line, 2);
		assert_non_null(strstr(diag.items[0].message, cases[i].message));
		assert_non_null(strstr(diag.items[0].hint, cases[i].hint));
		assert_non_null(strstr(diag.items[0].hint, "credentials/api-token"));
		assert_null(strstr(diag.items[0].message, "t0ken"));
		diag_fini(&diag);
	}
}

static void renews_credentials(void **state)
{
	struct diag diag;
	struct config *c;

	(void)state;
	put("credentials/api-token", "first\n", 0600);
	c = read_text(WITH_SECRET, true, &diag);
	assert_non_null(c);
	assert_string_equal(c->token.data, "first");
	put("credentials/api-token", "second\n", 0600);
	assert_true(config_renew_secrets(c, &diag));
	assert_string_equal(c->token.data, "second");
	put("credentials/api-token", "third\n", 0644);
	assert_false(config_renew_secrets(c, &diag));
	assert_string_equal(c->token.data, "second");
	assert_int_equal(diag.errors, 1);
	config_free(c);
	diag_fini(&diag);
}

static void rehearses_on_loopback(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
	        {SHOP "channel sms { }\n", true},
	        {SHOP "channel push { provider webhook url \"http://127.0.0.1:80/x\" }\n",
	                true},
	        {SHOP "channel push { provider webhook url \"http://[::1]:80/x\" }\n",
	                true},
	        {SHOP "channel push { provider webhook url \"https://localhost/x\" }\n",
	                true},
	        {SHOP "channel push { provider webhook url "
	              "\"https://a.example/127.0.0.1\" }\n",
	                false},
	        {SHOP "channel push { provider webhook url "
	              "\"https://127.0.0.1.a.example/\" }\n",
	                false},
	        {SHOP "channel push { provider webhook url "
	              "\"https://127.0.0.1:x@a.example/\" }\n",
	                false},
	        {SHOP "channel email { server \"127.0.0.1:25\" tls none from \"a@b.kr\" "
	              "}\n",
	                true},
	        {SHOP "channel email { server \"[::1]:25\" from \"a@b.kr\" }\n", true},
	        {SHOP "channel email { server \"mail.example.com:587\" from \"a@b.kr\" "
	              "}\n",
	                false},
	        {SHOP "channel email { bounces \"/var/mail/b\" }\n", true},
	        {SHOP "channel email { bounces \"imap://127.0.0.1/x\" bounces-user "
	              "\"u\" bounces-password credential \"p\" }\n",
	                true},
	        {SHOP "channel email { bounces \"imaps://imap.example.com/x\" "
	              "bounces-user \"u\" bounces-password credential \"p\" }\n",
	                false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;
		struct config *config = read_text(cases[i].text, false, &diag);

		assert_non_null(config);
		if (config_loopback_only(config, &diag) != cases[i].good ||
		        (diag.errors == 0) != cases[i].good)
			fail_msg("%s", cases[i].text);
		config_free(config);
		diag_fini(&diag);
	}
}

static void missing_file(void **state)
{
	struct diag diag;

	(void)state;
	diag_init(&diag);
	assert_null(config_read("/nowhere/dangol.conf", false, &diag));
	assert_int_equal(diag.errors, 1);
	assert_string_equal(diag.items[0].at.file, "/nowhere/dangol.conf");
	diag_fini(&diag);
}

static void documents_itself(void **state)
{
	static const char *const parts[] = {"shop { … }", "channel NAME { … }",
	        "quiet TIME to TIME | none", "socket \"…\"",
	        "price sms MONEY lms MONEY mms MONEY", "rules \"…\""};
	struct buf out = {0};

	(void)state;
	config_document(&out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_non_null(strstr(out.data, parts[i]));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_everything),
	        cmocka_unit_test(reads_channels),
	        cmocka_unit_test(defaults),
	        cmocka_unit_test(tells_mistakes),
	        cmocka_unit_test(tells_all_at_once),
	        cmocka_unit_test(public_port),
	        cmocka_unit_test(warns_of_what_has_no_effect),
	        cmocka_unit_test(warns_of_less_than_the_law_bids),
	        cmocka_unit_test(reads_a_program_for_tokens),
	        cmocka_unit_test(refuses_credentials),
	        cmocka_unit_test(renews_credentials),
	        cmocka_unit_test(rehearses_on_loopback),
	        cmocka_unit_test(missing_file),
	        cmocka_unit_test(documents_itself),
	};
	char command[128];
	int failed;

	snprintf(folder, sizeof(folder), "/tmp/dangol-config-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	unsetenv("CREDENTIALS_DIRECTORY");
	log_set_korean(false);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || failed;
}
