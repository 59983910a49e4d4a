/* How many peers are let in, by the way they came, and how often the public port is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "door/crowd.h"

static void fill(struct crowd *crowd, size_t socket, size_t http, size_t open)
{
	*crowd = (struct crowd){.n = {socket, http, open}};
}

static void test_room(void **state)
{
	static const struct {
		size_t n[ORIGINS];
		enum origin origin;
		bool full;
	} rows[] = {
	        {{0, 0, 0}, ORIGIN_PUBLIC, false},
	        {{0, 0, CROWD_PUBLIC_MAX - 1}, ORIGIN_PUBLIC, false},
	        {{0, 0, CROWD_PUBLIC_MAX}, ORIGIN_PUBLIC, true},
	        {{0, 0, CROWD_PUBLIC_MAX}, ORIGIN_HTTP, false},
	        {{0, CROWD_TCP_MAX - CROWD_PUBLIC_MAX, CROWD_PUBLIC_MAX}, ORIGIN_HTTP,
	                true},
	        {{0, CROWD_TCP_MAX, 0}, ORIGIN_PUBLIC, true},
	        {{0, CROWD_TCP_MAX, 0}, ORIGIN_SOCKET, false},
	        {{CROWD_MAX - CROWD_TCP_MAX, CROWD_TCP_MAX, 0}, ORIGIN_SOCKET, true},
	        {{CROWD_MAX, 0, 0}, ORIGIN_PUBLIC, true},
	};
	struct crowd crowd;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fill(&crowd, rows[i].n[0], rows[i].n[1], rows[i].n[2]);
		assert_int_equal(crowd_full(&crowd, rows[i].origin), rows[i].full);
	}
}

static void test_weight(void **state)
{
	struct crowd crowd = {.held = {0, 0, CROWD_PUBLIC_HELD_MAX}};
	(void)state;
	assert_false(crowd_heavy(&crowd, ORIGIN_PUBLIC));
	crowd.held[ORIGIN_PUBLIC]++;
	assert_true(crowd_heavy(&crowd, ORIGIN_PUBLIC));
	assert_false(crowd_heavy(&crowd, ORIGIN_SOCKET));
	crowd.held[ORIGIN_HTTP] = CROWD_HELD_MAX;
	assert_true(crowd_heavy(&crowd, ORIGIN_SOCKET));
}

static int taken(struct crowd *crowd, uint64_t now_ms)
{
	int n = 0;
	while (crowd_take(crowd, "", now_ms))
		n++;
	return n;
}

static void test_rate(void **state)
{
	static struct crowd crowd;
	(void)state;
	crowd_init(&crowd);
	assert_int_equal(taken(&crowd, 5000), CROWD_BURST);
	assert_int_equal(taken(&crowd, 5000), 0);
	assert_int_equal(taken(&crowd, 5009), 0);
	assert_int_equal(taken(&crowd, 5010), 1);
	assert_int_equal(taken(&crowd, 6010), CROWD_RATE);
	/* A clock that stands still or goes back gives nothing. */
	assert_int_equal(taken(&crowd, 6000), 0);
	assert_int_equal(taken(&crowd, 600000), CROWD_BURST);
}

static void test_rate_of_an_address(void **state)
{
	static struct crowd crowd;
	int n = 0;
	(void)state;
	crowd_init(&crowd);
	while (crowd_take(&crowd, "192.0.2.1", 5000))
		n++;
	assert_int_equal(n, CROWD_EACH_BURST);
	assert_true(crowd_take(&crowd, "192.0.2.2", 5000));
	assert_true(crowd_take(&crowd, "192.0.2.1", 5020));
	assert_false(crowd_take(&crowd, "192.0.2.1", 5020));
}

static void test_guesses(void **state)
{
	static struct crowd crowd;
	(void)state;
	crowd_init(&crowd);
	for (int i = 0; i < CROWD_GUESS_BURST; i++) {
		assert_false(crowd_guesses(&crowd, "127.0.0.1", 5000));
		crowd_guessed(&crowd, "127.0.0.1", 5000);
	}
	assert_true(crowd_guesses(&crowd, "127.0.0.1", 5000));
	assert_true(crowd_guesses(&crowd, "127.0.0.1", 5499));
	assert_false(crowd_guesses(&crowd, "127.0.0.1", 5500));
	assert_false(crowd_guesses(&crowd, "127.0.0.2", 5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_room),
	        cmocka_unit_test(test_weight),
	        cmocka_unit_test(test_rate),
	        cmocka_unit_test(test_rate_of_an_address),
	        cmocka_unit_test(test_guesses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
