/* What a webhook's answers mean, and where one may be sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "delivery/webhook.h"

static struct outcome judge(int status, const char *body, bool ad)
{
	struct httpc_answer answer = {
	        .result = HTTPC_ANSWERED,
	        .status = status,
	        .body = body,
	        .body_len = strlen(body),
	        .retry_after_ms = 7000,
	};

	return webhook_outcome(&answer, ad);
}

static void test_statuses(void **state)
{
	static const struct {
		int status;
		enum outcome_kind info, ad;
	} rows[] = {
	        {200, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED},
	        {204, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED},
	        {301, OUTCOME_OPERATOR, OUTCOME_OPERATOR},
	        {400, OUTCOME_REFUSED, OUTCOME_REFUSED},
	        {401, OUTCOME_OPERATOR, OUTCOME_OPERATOR},
	        {403, OUTCOME_OPERATOR, OUTCOME_OPERATOR},
	        {408, OUTCOME_LATER, OUTCOME_LATER},
	        {410, OUTCOME_REFUSED, OUTCOME_REFUSED},
	        {422, OUTCOME_REFUSED, OUTCOME_REFUSED},
	        {429, OUTCOME_LATER, OUTCOME_LATER},
	        {500, OUTCOME_LATER, OUTCOME_UNKNOWN},
	        {503, OUTCOME_LATER, OUTCOME_UNKNOWN},
	        {100, OUTCOME_UNKNOWN, OUTCOME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct outcome info = judge(rows[i].status, "", false);
		struct outcome ad = judge(rows[i].status, "", true);

		if (info.kind != rows[i].info || ad.kind != rows[i].ad)
			fail_msg("%d: %d %d", rows[i].status, info.kind, ad.kind);
		assert_int_equal(
		        info.retry_after_ms, info.kind == OUTCOME_LATER ? 7000 : 0);
	}
}

static void test_bodies(void **state)
{
	static const struct {
		const char *body;
		enum outcome_kind kind;
		const char *id;
	} rows[] = {
	        {"", OUTCOME_ACCEPTED, ""},
	        {"ok", OUTCOME_ACCEPTED, ""},
	        {"{}", OUTCOME_ACCEPTED, ""},
	        {"[]", OUTCOME_ACCEPTED, ""},
	        {"{\"id\":\"m-1\"}", OUTCOME_ACCEPTED, "m-1"},
	        {" \n{\"id\":42}", OUTCOME_ACCEPTED, "42"},
	        {"{\"id\":null}", OUTCOME_ACCEPTED, ""},
	        {"{\"id\":\"a\\nb\"}", OUTCOME_ACCEPTED, "ab"},
	        {"{\"accepted\":1,\"id\":\"x\"}", OUTCOME_ACCEPTED, "x"},
	        {"{\"accepted\":0,\"id\":\"x\"}", OUTCOME_REFUSED, ""},
	        {"{\"id\":\"m-", OUTCOME_UNKNOWN, ""},
	        {"<html>", OUTCOME_UNKNOWN, ""},
	        {"\n<!DOCTYPE html>", OUTCOME_UNKNOWN, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct outcome outcome = judge(200, rows[i].body, false);

		if (outcome.kind != rows[i].kind)
			fail_msg("%s: %d", rows[i].body, outcome.kind);
		assert_string_equal(outcome.provider_id, rows[i].id);
	}
}

static void test_no_answer(void **state)
{
	struct httpc_answer answer = {
	        .result = HTTPC_NOT_SENT, .body = "", .why = "no way"};

	(void)state;
	assert_int_equal(webhook_outcome(&answer, true).kind, OUTCOME_NOT_SENT);
	assert_string_equal(webhook_outcome(&answer, true).detail, "no way");
	answer.result = HTTPC_LOST;
	assert_int_equal(webhook_outcome(&answer, true).kind, OUTCOME_UNKNOWN);
	assert_int_equal(webhook_outcome(&answer, false).kind, OUTCOME_UNKNOWN);
}

static void test_allowed(void **state)
{
	static const struct {
		const char *url;
		bool allowed;
	} rows[] = {
	        {"https://push.example.com/x", true},
	        {"http://127.0.0.1:8080/x", true},
	        {"http://127.9.9.9/", true},
	        {"http://localhost/x", true},
	        {"http://[::1]:80/", true},
	        {"http://push.example.com/x", false},
	        {"http://127.0.0.1.example.com/", false},
	        {"http://localhost@example.com/", false},
	        {"http://[fe80::1]/", false},
	        {"ftp://127.0.0.1/", false},
	        {"file:///etc/passwd", false},
	        {"", false},
	        {"push", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (httpc_allowed(rows[i].url) != rows[i].allowed)
			fail_msg("%s", rows[i].url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_statuses),
	        cmocka_unit_test(test_bodies),
	        cmocka_unit_test(test_no_answer),
	        cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
