/* What must hold of every rule and every condition, tried on random ones: English and
 * Korean mean the same, the whole table and one customer answer alike, and what is joined
 * is no more than its parts. PROPERTY_SEED and PROPERTY_TIMES try others, or more. */
#include "crowd.h"
#include "dump.h"
#include "gen_rule.h"

#define CUSTOMERS 60

static int setting(const char *name, int usual)
{
	const char *value = getenv(name);

	return value ? atoi(value) : usual;
}

static struct gen begin_case(int i)
{
	unsigned first = (unsigned)setting("PROPERTY_SEED", 1);

	seed = first + (unsigned)i;
	return (struct gen){.arena = arena_new(), .state = seed * 2654435761u};
}

/* How to see a failure again. */
static const char *again(struct gen *g, int i)
{
	return arena_printf(g->arena, "PROPERTY_SEED=%d PROPERTY_TIMES=1",
	        setting("PROPERTY_SEED", 1) + i);
}

/* ---- both spellings ---- */

static struct program *compiled(const char *text, struct diag *diag)
{
	static const struct world world = {.has_refuse = true, .has_public = true};
	struct program_file file = {.name = "f.rule", .text = text, .len = strlen(text)};

	diag_init(diag);
	return program_compile(&file, 1, &world, diag);
}

/* The program as text; of a refused one how many mistakes it has. */
static bool outcome(const char *text, struct buf *out, struct buf *told)
{
	struct diag diag;
	struct program *p = compiled(text, &diag);
	bool good = p != NULL;

	diag_print(&diag, told);
	if (p)
		dump(out, p, false);
	else
		buf_printf(out, "%zu mistakes\n", diag.errors);
	program_free(p);
	diag_fini(&diag);
	return good;
}

/* The first line that differs. */
static void differs(const char *a, const char *b)
{
	size_t n = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		n = a[i] == '\n' ? i + 1 : n;
	fprintf(stderr, "< %.*s\n> %.*s\n", (int)strcspn(a + n, "\n"), a + n,
	        (int)strcspn(b + n, "\n"), b + n);
}

static bool same_program(struct gen *g, int i, bool *good)
{
	struct twin file = rule_file(g);
	struct buf en = {0}, ko = {0}, told = {0};
	bool alike;

	*good = outcome(file.en, &en, &told);
	outcome(file.ko, &ko, &told);
	alike = !strcmp(en.data, ko.data);
	if (!alike) {
		fprintf(stderr, "%s\n%s\n%s\n%s\n", again(g, i), file.en, file.ko,
		        told.data ? told.data : "");
		differs(en.data, ko.data);
	}
	buf_free(&en);
	buf_free(&ko);
	buf_free(&told);
	return alike;
}

static void test_twins(void **state)
{
	int times = setting("PROPERTY_TIMES", 400), n = 0;

	(void)state;
	for (int i = 0; i < times; i++) {
		struct gen g = begin_case(i);
		bool good = false, alike = same_program(&g, i, &good);
		arena_free(g.arena);
		assert_true(alike);
		n += good;
	}
	/* Most say something that can be; the others must be refused alike. */
	if (n < times * 3 / 4)
		fail_msg("%d of %d compile", n, times);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
