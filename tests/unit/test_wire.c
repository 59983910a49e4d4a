/* What a mail program answers, over the pipe and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "base/mem.h"
#include "delivery/outcome.h"
#include "delivery/wire.h"

static struct outcome there_and_back(const struct outcome *said)
{
	struct buf bytes = {0};
	struct wire_frame frame;
	struct outcome heard;
	int64_t message;

	memset(&heard, 0xff, sizeof heard); /* whatever stood there before */
	wire_put_answer(&bytes, 7, said);
	assert_int_equal(wire_next(bytes.data, bytes.len, &frame), bytes.len);
	assert_int_equal(frame.kind, WIRE_ANSWER);
	assert_true(wire_get_answer(&frame, &message, &heard));
	assert_int_equal(message, 7);
	buf_free(&bytes);
	return heard;
}

static void test_answers(void **state)
{
	struct outcome said = outcome_make(OUTCOME_LATER, "451 4.7.1", "come again"),
	               heard;

	(void)state;
	heard = there_and_back(&said);
	assert_int_equal(heard.kind, OUTCOME_LATER);
	assert_string_equal(heard.code, "451 4.7.1");
	assert_string_equal(heard.detail, "come again");
	assert_string_equal(heard.provider_id, "");
	assert_int_equal(*(const unsigned char *)&heard.alone, 0);
	assert_int_equal(*(const unsigned char *)&heard.domain, 0);
	said.domain = true;
	said.retry_after_ms = 5000;
	heard = there_and_back(&said);
	assert_true(heard.domain);
	assert_int_equal(heard.retry_after_ms, 5000);
}

static void test_no_answer(void **state)
{
	struct buf bytes = {0};
	struct wire_frame frame;
	struct outcome said = outcome_make(OUTCOME_ACCEPTED, NULL, "taken"), heard;
	int64_t message;

	(void)state;
	wire_put_answer(&bytes, 7, &said);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(wire_next(bytes.data, len, &frame), 0);
	assert_true(wire_next(bytes.data, bytes.len, &frame) > 0);
	for (size_t len = 0; len < frame.len; len++) {
		struct wire_frame cut = {frame.kind, frame.data, len};
		assert_false(wire_get_answer(&cut, &message, &heard));
	}
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_answers),
	        cmocka_unit_test(test_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
