/* Rule files as large as a machine may write them: each is compiled or refused, in time
 * and memory that grow with the file and not with its square. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/log.h"
#include "base/mem.h"
#include "language/format.h"
#include "language/parser.h"

#define MEMORY_MOST 2000 /* bytes of a tree for a byte of the file */

static bool compiles(const char *text, size_t len)
{
	static const char *const channels[] = {"sms", NULL};
	struct world world = {.channels = channels,
	        .has_refuse = true,
	        .law_korea = true,
	        .today = calendar_day(2026, 11, 23)};
	struct program_file file = {.name = "f", .text = text, .len = len};
	struct program *program;
	struct diag diag;

	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	assert_true(!program == (diag.errors > 0));
	program_free(program);
	diag_fini(&diag);
	return program != NULL;
}

static void parses_in_little(const char *text, size_t len)
{
	struct program_file file = {.name = "f", .text = text, .len = len};
	struct ast ast = {.arena = arena_new()};
	struct diag diag;

	diag_init(&diag);
	parser_file(&ast, &file, &diag);
	assert_true(arena_size(ast.arena) < MEMORY_MOST * len);
	diag_fini(&diag);
	arena_free(ast.arena);
}

static void formats(const char *text, size_t len)
{
	struct program_file file = {.name = "f", .text = text, .len = len};
	struct diag diag;
	size_t made;

	diag_init(&diag);
	free(format_text(&file, &diag, &made));
	diag_fini(&diag);
}

/* part is repeated; %d in it counts. */
static void test_large(void **state)
{
	static const struct {
		const char *before, *part, *behind;
		int n;
		bool good;
	} cases[] = {
	        {"", "#\n", "", 50000, true},
	        {"rule r { when visit ", "send sms \"t\" ", "}", 5000, true},
	        {"rule r { when visit send sms \"t\" ", "else sms \"t\" ", "}", 5000,
	                true},
	        {"rule r { when visit if customer.city in (\"a\"", ", \"a%d\"",
	                ") send sms \"t\" }", 5000, true},
	        {"rule r { when visit send sms \"t\" ", "limit once ", "}", 5000, true},
	        {"rule r { when visit split { ", "1%% \"a%d\" { stop } ", "} }", 5000,
	                false},
	        {"rule r { when visit if friend", " or friend", " send sms \"t\" }", 5000,
	                false},
	        {"", "rule r%d { when visit send sms \"t\" }\n", "", 1000, true},
	        {"", "rule r%d { when visit send sms \"t\" }\n", "", 2000, false},
	        {"", "segment s%d { friend }\n", "", 2000, false},
	        {"", "coupon c%d { discount 10%% }\n", "", 2000, false},
	        {"fields { ", "customer.a%d text ", "}", 1000, true},
	        {"fields { ", "customer.a%d text ", "}", 5000, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf text = {0};
		buf_adds(&text, cases[i].before);
		for (int k = 0; k < cases[i].n; k++)
			buf_printf(&text, cases[i].part, k);
		buf_adds(&text, cases[i].behind);
		if (compiles(text.data, text.len) != cases[i].good)
			fail_msg("%s%s%s", cases[i].before, cases[i].part,
			        cases[i].behind);
		parses_in_little(text.data, text.len);
		formats(text.data, text.len);
		buf_free(&text);
	}
}

/* Four hundred segments, each inside of the one before it. */
static void test_chain(void **state)
{
	struct buf text = {0};

	(void)state;
	for (int i = 0; i < 398; i++)
		buf_printf(&text, "segment s%d { in s%d and in s%d }\n", i, i + 1, i + 2);
	buf_adds(&text, "segment s398 { friend } segment s399 { friend }\n");
	assert_false(compiles(text.data, text.len));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_large),
	        cmocka_unit_test(test_chain),
	};

	log_set_korean(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
