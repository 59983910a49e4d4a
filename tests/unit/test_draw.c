/* A draw keeps the smallest lots, whatever order they come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "engine/draw.h"

#define LOTS 500

static struct lot lots[LOTS];

static int by_lot(const void *left, const void *right)
{
	const struct lot *a = left, *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->customer < b->customer ? -1 : a->customer > b->customer;
}

static void shuffle(unsigned seed)
{
	srand(seed);
	for (size_t i = LOTS - 1; i > 0; i--) {
		size_t j = (size_t)rand() % (i + 1);
		struct lot lot = lots[i];
		lots[i] = lots[j];
		lots[j] = lot;
	}
}

static void test_the_smallest(void **state)
{
	static const size_t places[] = {0, 1, 2, 7, LOTS - 1, LOTS, LOTS + 9};
	struct draw draw = {0};

	(void)state;
	for (size_t i = 0; i < LOTS; i++)
		lots[i] = (struct lot){(uint32_t)(i * 7919 % 97), (int64_t)i + 1};
	for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
		shuffle((unsigned)k);
		draw_begin(&draw, places[k]);
		for (size_t i = 0; i < LOTS; i++)
			draw_offer(&draw, lots[i]);
		qsort(lots, LOTS, sizeof *lots, by_lot);
		for (size_t i = 0; i < LOTS; i++)
			assert_int_equal(draw_chose(&draw, lots[i]), i < places[k]);
		assert_true(draw_edge(&draw) ==
		            (!places[k]                ? -1
		                    : places[k] > LOTS ? DRAW_ALL
		                                       : lots[places[k] - 1].number));
	}
	draw_fini(&draw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_smallest)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
