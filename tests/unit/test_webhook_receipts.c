/* Reports of provider webhook: whom it believes, and what it reads of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/mem.h"
#include "delivery/webhook_receipts.h"

#define NOW_S INT64_C(1795744923)

static struct channel_config config = {
        .name = "sms", .provider = "webhook", .receipts = {(char[]){"secret"}, 6}};

/* Headers of a call; NULL: none. */
struct dress {
	const char *id, *stamp, *signature;
};

static const char *header(const struct receipts_call *call, const char *name)
{
	const struct dress *dress = call->head;
	if (!strcmp(name, "webhook-id"))
		return dress->id;
	if (!strcmp(name, "webhook-timestamp"))
		return dress->stamp;
	return strcmp(name, "webhook-signature") ? NULL : dress->signature;
}

/* What was told, a line each: kind id to code detail refusal. */
static void note(void *arg, const struct receipts_item *item)
{
	assert_ptr_equal(item->key, item->provider_id);
	buf_printf(arg, "%d %s %s %s %s%s\n", (int)item->kind,
	        item->key ? item->key : "-", item->to ? item->to : "-",
	        item->code ? item->code : "-", item->detail ? item->detail : "-",
	        item->refusal ? " refuses" : "");
}

static enum receipts_end read_as(
        const struct dress *dress, const char *body, struct buf *told)
{
	struct receipts_call call = {.config = &config,
	        .header = header,
	        .head = dress,
	        .body = body,
	        .len = strlen(body),
	        .now = NOW_S * 1000};
	return webhook_receipts(&call, note, told);
}

static enum receipts_end read_signed(const char *body, struct buf *told)
{
	char stamp[24];
	snprintf(stamp, sizeof stamp, "%lld", (long long)NOW_S);
	char *mac = secret_webhook_signature(
	        &config.receipts, "r1", NOW_S, body, strlen(body));
	struct dress dress = {"r1", stamp, mac};
	enum receipts_end end = read_as(&dress, body, told);
	free(mac);
	return end;
}

static void test_items(void **state)
{
	static const struct {
		const char *body, *told; /* NULL: unreadable */
	} rows[] = {
	        {"{\"id\":\"k-1\",\"state\":\"delivered\"}", "1 k-1 - - -\n"},
	        {"{\"id\":7,\"state\":\"failed\",\"code\":3104,\"detail\":\"no\"}",
	                "2 7 - 3104 no\n"},
	        {"[{\"id\":\"a\",\"state\":\"accepted\"},"
	         "{\"id\":\"b\",\"state\":\"opted_out\",\"code\":\"x\"}]",
	                "0 a - - -\n3 b - x -\n"},
	        {"{\"to\":\"010-1234-5678\",\"state\":\"opted_out\"}",
	                "3 - 010-1234-5678 - - refuses\n"},
	        {"[]", ""},
	        {"{\"to\":\"010-1234-5678\",\"state\":\"failed\"}", NULL},
	        {"{\"id\":\"\",\"state\":\"failed\"}", NULL},
	        {"{\"id\":\"a\",\"state\":\"gone\"}", NULL},
	        {"{\"id\":\"a\"}", NULL},
	        {"[[]]", NULL},
	        {"[\"a\"]", NULL},
	        {"", NULL},
	        {"{\"id\":\"a\",\"state\":\"failed\"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf told = {0};
		enum receipts_end end = read_signed(rows[i].body, &told);
		assert_int_equal(
		        end, rows[i].told ? RECEIPTS_TAKEN : RECEIPTS_UNREADABLE);
		if (rows[i].told)
			assert_string_equal(told.data ? told.data : "", rows[i].told);
		buf_free(&told);
	}
}

static void test_belief(void **state)
{
	static const char body[] = "{\"id\":\"a\",\"state\":\"failed\"}";
	char now[24], old[24], soon[24], several[256];
	(void)state;
	snprintf(now, sizeof now, "%lld", (long long)NOW_S);
	snprintf(old, sizeof old, "%lld", (long long)NOW_S - 301);
	snprintf(soon, sizeof soon, "%lld", (long long)NOW_S + 301);
	const struct secret *key = &config.receipts;
	size_t len = strlen(body);
	char *good = secret_webhook_signature(key, "r", NOW_S, body, len),
	     *late = secret_webhook_signature(key, "r", NOW_S - 301, body, len),
	     *early = secret_webhook_signature(key, "r", NOW_S + 301, body, len);
	snprintf(several, sizeof several, "v1,AAAA  %s v1,BBBB", good);
	const struct {
		struct dress dress;
		bool believed;
	} rows[] = {
	        {{"r", now, good}, true},
	        {{"r", now, several}, true},
	        {{"r2", now, good}, false},
	        {{"r", now, good + 3}, false},
	        {{"r", now, "v1,"}, false},
	        {{"r", now, ""}, false},
	        {{"r", old, late}, false},
	        {{"r", soon, early}, false},
	        {{"r", "", good}, false},
	        {{"r", "9999999999999", good}, false},
	        {{"r", "-1", good}, false},
	        {{"", now, good}, false},
	        {{NULL, now, good}, false},
	        {{"r", NULL, good}, false},
	        {{"r", now, NULL}, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf told = {0};
		assert_int_equal(read_as(&rows[i].dress, body, &told),
		        rows[i].believed ? RECEIPTS_TAKEN : RECEIPTS_FORGED);
		assert_int_equal(told.len > 0, rows[i].believed);
		buf_free(&told);
	}
	/* Without a secret nobody is believed. */
	struct secret kept = config.receipts;
	config.receipts = (struct secret){NULL, 0};
	struct buf told = {0};
	assert_int_equal(read_as(&rows[0].dress, body, &told), RECEIPTS_FORGED);
	config.receipts = kept;
	free(good);
	free(late);
	free(early);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_items),
	        cmocka_unit_test(test_belief),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
