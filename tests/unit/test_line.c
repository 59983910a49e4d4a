/* A line's circuit and rate: what one outcome, a whole request and a restart mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/clock.h"
#include "delivery/line.h"
#include "delivery/outcome.h"

#define NOW INT64_C(1795395723000)
#define LETTERS 300

static struct letter letter_of(int64_t message, int64_t bundle)
{
	return (struct letter){.message = message, .bundle = bundle, .segments = 1};
}

static void leave(struct line *line, const struct letter *letter)
{
	line_claimed(line, letter);
	line_left(line, letter, true);
}

static void hear(struct line *line, const struct letter *letter, enum outcome_kind kind,
        int64_t now)
{
	struct outcome outcome = outcome_make(kind, NULL, "broken");

	line_outcome(line, letter, &outcome, now);
}

static struct line line_of(const struct channel_config *config)
{
	struct line line;

	line_open(&line, config, "sms");
	return line;
}

static const struct channel_config plain = {.name = "sms", .provider = "solapi"};

/* One request of many letters that fails is one failure; two of them open. */
static void a_request_fails_once(void **state)
{
	struct line line = line_of(&plain);
	struct letter letters[2][LETTERS];
	uint64_t ms;

	(void)state;
	for (int r = 0; r < 2; r++)
		for (int i = 0; i < LETTERS; i++) {
			letters[r][i] = letter_of(r * LETTERS + i + 1, r + 7);
			leave(&line, &letters[r][i]);
		}
	for (int i = 0; i < LETTERS; i++)
		hear(&line, &letters[0][i], OUTCOME_UNKNOWN, NOW);
	assert_int_equal(line.state, LINE_OK);
	for (int i = 0; i < LETTERS; i++)
		hear(&line, &letters[1][i], OUTCOME_UNKNOWN, NOW);
	assert_int_equal(line.state, LINE_OPEN);
	assert_int_equal(line.probe_at, NOW + 10 * MS_SECOND);
	assert_int_equal(line_room(&line, NOW + 10 * MS_SECOND - 1, &ms), 0);
	assert_int_equal(line_room(&line, NOW + 10 * MS_SECOND, &ms), 1);
}

/* While older letters are still under way the one that tries decides, and it alone: each
 * failure of it waits longer. */
static void one_letter_tries(void **state)
{
	struct line line = line_of(&plain);
	struct letter slow = letter_of(1, 1), a = letter_of(2, 2), b = letter_of(3, 3);
	struct letter probe = letter_of(4, 4), again = letter_of(5, 5);
	int64_t at = NOW + 10 * MS_SECOND;
	uint64_t ms;

	(void)state;
	leave(&line, &slow);
	leave(&line, &a);
	leave(&line, &b);
	hear(&line, &a, OUTCOME_NOT_SENT, NOW);
	hear(&line, &b, OUTCOME_NOT_SENT, NOW);
	assert_int_equal(line.state, LINE_OPEN);
	leave(&line, &probe);
	assert_int_equal(line_room(&line, at, &ms), 0);
	hear(&line, &probe, OUTCOME_NOT_SENT, at);
	assert_int_equal(line.probe_at, at + 20 * MS_SECOND);
	leave(&line, &again);
	hear(&line, &slow, OUTCOME_UNKNOWN, at); /* no second one beside it */
	assert_int_equal(line_room(&line, at + MS_HOUR, &ms), 0);
	hear(&line, &again, OUTCOME_ACCEPTED, at);
	assert_int_equal(line.state, LINE_OK);
}

static void a_claim_undone_frees_the_try(void **state)
{
	struct line line = line_of(&plain);
	struct letter probe = letter_of(4, 4);
	uint64_t ms;

	(void)state;
	line.state = LINE_OPEN;
	line_claimed(&line, &probe);
	assert_int_equal(line_room(&line, NOW, &ms), 0);
	line_left(&line, &probe, false);
	assert_int_equal(line_room(&line, NOW, &ms), 1);
	assert_int_equal(line.in_flight, 0);
}

/* From a shut line, what its try may come to. */
static void after_the_try(void **state)
{
	static const struct {
		enum line_state was;
		enum outcome_kind kind;
		enum line_state then;
		int64_t wait_ms; /* for the next try */
	} cases[] = {
	        {LINE_OPEN, OUTCOME_ACCEPTED, LINE_OK, 0},
	        {LINE_OPEN, OUTCOME_REFUSED, LINE_OK, 0},
	        {LINE_OPEN, OUTCOME_LATER, LINE_OK, 0},
	        {LINE_OPEN, OUTCOME_WINDOW, LINE_OK, 0},
	        {LINE_OPEN, OUTCOME_NOT_SENT, LINE_OPEN, 10 * MS_SECOND},
	        {LINE_OPEN, OUTCOME_OPERATOR, LINE_PAUSED, 10 * MS_MINUTE},
	        {LINE_PAUSED, OUTCOME_LATER, LINE_PAUSED, 10 * MS_SECOND},
	        {LINE_PAUSED, OUTCOME_UNKNOWN, LINE_OPEN, 10 * MS_SECOND},
	        {LINE_PAUSED, OUTCOME_ACCEPTED, LINE_OK, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct line line = line_of(&plain);
		struct letter probe = letter_of(1, 1);
		line.state = cases[i].was;
		leave(&line, &probe);
		hear(&line, &probe, cases[i].kind, NOW);
		assert_int_equal(line.state, cases[i].then);
		if (cases[i].wait_ms)
			assert_int_equal(line.probe_at, NOW + cases[i].wait_ms);
	}
}

static void the_longer_wait_holds(void **state)
{
	struct line line = line_of(&plain);
	struct letter a = letter_of(1, 1), b = letter_of(2, 2);
	struct outcome outcome = outcome_make(OUTCOME_LATER, "429", "slower");
	uint64_t ms;

	(void)state;
	leave(&line, &a);
	leave(&line, &b);
	outcome.retry_after_ms = 60 * MS_SECOND;
	line_outcome(&line, &a, &outcome, NOW);
	outcome.retry_after_ms = MS_SECOND;
	line_outcome(&line, &b, &outcome, NOW);
	assert_int_equal(line_room(&line, NOW, &ms), 0);
	assert_true(ms > 59000);
}

/* How long a line waits that is opened with what stood in the store. */
static void a_rate_goes_on(void **state)
{
	static const struct {
		int64_t rate_n, rate_ms;
		int64_t ahead_ms, wait_ms;
	} cases[] = {
	        {1, MS_HOUR, 30 * MS_MINUTE, 30 * MS_MINUTE},
	        {100, MS_HOUR, 20 * MS_SECOND, 20 * MS_SECOND},
	        {100, MS_HOUR, -20 * MS_SECOND, 0},
	        /* the clock was set back two hours meanwhile */
	        {10, MS_SECOND, 2 * MS_HOUR, MS_SECOND},
	        /* it was one an hour, and is ten a second now */
	        {10, MS_SECOND, MS_HOUR, MS_SECOND},
	        {0, 0, MS_HOUR, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct channel_config config = plain;
		struct line line;
		uint64_t ms = 0;
		config.rate_n = cases[i].rate_n;
		config.rate_ms = cases[i].rate_ms;
		line = line_of(&config);
		line_resume(&line, clock_machine() + cases[i].ahead_ms);
		assert_int_equal(line_room(&line, NOW, &ms) > 0, !cases[i].wait_ms);
		assert_in_range(ms, cases[i].wait_ms ? cases[i].wait_ms - 500 : 0,
		        cases[i].wait_ms + 500);
	}
}

static const struct channel_config numbered = {
        .name = "sms", .provider = "solapi", .sender = "02-1234-5678"};

/* Its letters are looked at, to wait; its spare takes them where that may send. */
static void a_sender_that_is_not_registered(void **state)
{
	static const struct {
		enum registered first, second;
		bool spare, mute;
	} rows[] = {
	        {REGISTERED_UNKNOWN, REGISTERED_UNKNOWN, false, false},
	        {REGISTERED_YES, REGISTERED_NO, false, false},
	        {REGISTERED_NO, REGISTERED_YES, true, true},
	        {REGISTERED_NO, REGISTERED_UNKNOWN, true, true},
	        {REGISTERED_BLOCKED, REGISTERED_YES, true, true},
	        {REGISTERED_NO, REGISTERED_NO, false, true},
	        {REGISTERED_NO, REGISTERED_BLOCKED, false, true},
	};
	char why[256];
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct line line = line_of(&numbered), spare = line_of(&numbered);

		line.spare = &spare;
		line.registration.is = rows[i].first;
		spare.registration.is = rows[i].second;
		assert_ptr_equal(line_way(&line, NOW), rows[i].spare ? &spare : &line);
		assert_int_equal(line_mute(&line, why), rows[i].mute);
		assert_true(!rows[i].mute || strstr(why, "02-1234-5678"));
		assert_true(line_room(&line, NOW, &ms) > 0);
	}
}

/* Shut as well: what waits for the number waits for no letter that tries. */
static void a_shut_line_without_a_sender(void **state)
{
	struct line line = line_of(&numbered), spare = line_of(&numbered);
	struct letter letter = letter_of(1, 7);
	uint64_t ms;

	(void)state;
	leave(&line, &letter);
	hear(&line, &letter, OUTCOME_OPERATOR, NOW);
	assert_true(line_wake(&line) > NOW);
	line.registration.is = REGISTERED_NO;
	assert_int_equal(line_wake(&line), 0);
	assert_true(line_room(&line, NOW, &ms) > 0);
	line.registration.is = REGISTERED_YES;
	assert_int_equal(line_room(&line, NOW, &ms), 0);
	line.spare = &spare;
	assert_ptr_equal(line_way(&line, NOW), &spare);
	spare.registration.is = REGISTERED_NO;
	assert_ptr_equal(line_way(&line, NOW), &line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_request_fails_once),
	        cmocka_unit_test(one_letter_tries),
	        cmocka_unit_test(a_claim_undone_frees_the_try),
	        cmocka_unit_test(after_the_try),
	        cmocka_unit_test(the_longer_wait_holds),
	        cmocka_unit_test(a_rate_goes_on),
	        cmocka_unit_test(a_sender_that_is_not_registered),
	        cmocka_unit_test(a_shut_line_without_a_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
