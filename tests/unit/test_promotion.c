/* What promotes and what informs: the table of tests/golden/promotion.txt, the examples
 * of templates/, and the marks of an advertisement in every spelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "language/label.h"
#include "language/promotion.h"
#include "language/wording.h"

static bool promotes(const char *text, struct promotion *found)
{
	char *words = wording_new(text, strlen(text), false);
	bool yes = promotion_find(words, strlen(text), found);

	free(words);
	return yes;
}

/* ---- the table ---- */

struct tally {
	int right_ads, missed, wrong, info, unexpected;
};

static void judge(char *line, struct tally *t)
{
	char *text = strchr(line, '\t'), *expected = line;
	struct promotion found;
	bool ad, promoting;

	assert_non_null(text);
	*text++ = '\0';
	for (char *at; (at = strstr(text, "\\n"));)
		memcpy(at, " \n", 2);
	ad = !strcmp(expected, "ad") || !strcmp(expected, "missed");
	promoting = promotes(text, &found);
	t->right_ads += ad && promoting;
	t->missed += ad && !promoting;
	t->wrong += !ad && promoting;
	t->info += !ad;
	if (promoting == (!strcmp(expected, "ad") || !strcmp(expected, "wrong")))
		return;
	t->unexpected++;
	print_error("%s: %s", expected, text);
	if (promoting)
		print_error("  by '%.*s'", (int)(found.word_to - found.word_from),
		        text + found.word_from);
	print_error("\n");
}

static void reads_what_shops_write(void **state)
{
	FILE *file = fopen("tests/golden/promotion.txt", "r");
	struct tally t = {0};
	char line[1024];

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			judge(line, &t);
	}
	fclose(file);
	print_message("%d ads, %d missed; %d informational, %d taken for ads\n",
	        t.right_ads + t.missed, t.missed, t.info, t.wrong);
	assert_true(t.info >= 60 && t.right_ads + t.missed >= 60);
	assert_int_equal(t.unexpected, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_what_shops_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
