/* What must hold of every rule and every condition, tried on random ones: English and
 * Korean mean the same, the house style changes no meaning, the whole table and one
 * customer answer alike, and what is joined is no more than its parts. PROPERTY_SEED and
 * PROPERTY_CROWD try others, PROPERTY_TIMES more. */
#include "crowd.h"
#include "dump.h"
#include "gen_rule.h"
#include "language/cond_part.h"
#include "language/format.h"

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
	return arena_printf(g->arena,
	        "PROPERTY_CROWD=%d PROPERTY_SEED=%d PROPERTY_TIMES=1",
	        setting("PROPERTY_CROWD", 1), setting("PROPERTY_SEED", 1) + i);
}

/* ---- both spellings ---- */

static struct program *compiled(const char *text, struct diag *diag)
{
	static const struct world world = {.has_refuse = true, .has_public = true};
	struct program_file file = {.name = "f.rule", .text = text, .len = strlen(text)};

	diag_init(diag);
	return program_compile(&file, 1, &world, diag);
}

#define UNPINNED "pinned it is another\n"

/* The program as text; of a refused one how many mistakes it has. Whoever is inside goes
 * on with the rule's text alone. */
static bool outcome(const char *text, struct buf *out, struct buf *told)
{
	struct diag diag;
	struct program *p = compiled(text, &diag);
	bool good = p != NULL;

	diag_print(&diag, told);
	if (p)
		dump(out, p, false);
	for (size_t i = 0; p && i < p->n_rules; i++)
		if (!stays_pinned(&p->rules[i]))
			buf_adds(out, UNPINNED);
	if (!p)
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
	const char *others[] = {file.ko, file.mixed};
	struct buf en = {0}, other = {0}, told = {0};
	bool alike = true;

	*good = outcome(file.en, &en, &told);
	for (int k = 0; k < 2 && alike; k++) {
		other.len = 0;
		outcome(others[k], &other, &told);
		alike = !strcmp(en.data, other.data) && !strstr(en.data, UNPINNED);
		if (alike)
			continue;
		fprintf(stderr, "%s\n%s\n%s\n%s\n", again(g, i), file.en, others[k],
		        told.data ? told.data : "");
		differs(en.data, other.data);
	}
	buf_free(&en);
	buf_free(&other);
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

/* ---- the house style ---- */

static char *formatted(const char *text)
{
	struct program_file file = {.name = "f.rule", .text = text, .len = strlen(text)};
	struct diag diag;
	size_t len;
	char *out;

	diag_init(&diag);
	out = format_text(&file, &diag, &len);
	diag_fini(&diag);
	return out;
}

/* It means what it meant, and a second time changes nothing. */
static bool stays(const char *text)
{
	char *once = formatted(text), *twice = once ? formatted(once) : NULL;
	struct buf before = {0}, after = {0}, told = {0};
	bool good = once && twice && !strcmp(once, twice);

	if (once) {
		outcome(text, &before, &told);
		outcome(once, &after, &told);
		good &= !strcmp(before.data, after.data);
	}
	if (!good)
		fprintf(stderr, "%s\n%s\n%s\n", text, once ? once : "(none)",
		        twice ? twice : "(none)");
	buf_free(&before);
	buf_free(&after);
	buf_free(&told);
	free(once);
	free(twice);
	return good;
}

static void test_format(void **state)
{
	int times = setting("PROPERTY_TIMES", 400);

	(void)state;
	for (int i = 0; i < times; i++) {
		struct gen g = begin_case(i);
		struct twin file = rule_file(&g);
		bool good = stays(file.en) && stays(file.ko) && stays(file.mixed);
		if (!good)
			fprintf(stderr, "%s\n", again(&g, i));
		arena_free(g.arena);
		assert_true(good);
	}
}

/* ---- both frames ---- */

static int64_t ids[CUSTOMERS];

static int begin(void **state)
{
	if (store_open(state))
		return -1;
	log_set_korean(false);
	zone = zone_open("Asia/Seoul");
	now = zone_instant(zone, calendar_day(2026, 11, 23), 11 * MS_HOUR);
	seed = (unsigned)setting("PROPERTY_CROWD", 1);
	for (int i = 0; i < CUSTOMERS; i++) {
		ids[i] = 100 + i * 700; /* beyond one range of keys */
		random_customer((int)ids[i]);
	}
	random_products();
	return 0;
}

static int end(void **state)
{
	zone_close(zone);
	return store_close(state);
}

/* An event as the shop might tell it, or might not. */
static struct event random_event(const struct event_type *type)
{
	return (struct event){.type = type->name,
	        .source = "s",
	        .eid = "C1",
	        .customer = ids[draw(CUSTOMERS)],
	        .time = past(20),
	        .has_total = draw(2),
	        .total = draw(60) * 1000,
	        .sku = draw(2) ? "S1" : NULL,
	        .category = draw(2) ? "C1" : NULL,
	        .order = draw(2) ? "A" : NULL,
	        .data = random_data()};
}

static struct cond *parsed(struct program *p, const char *text, const char *type)
{
	struct program_file file = {.name = "c", .text = text, .len = strlen(text)};
	struct diag diag;
	struct cond *cond;

	diag_init(&diag);
	cond = program_condition(p, &file, 0, file.len, type != NULL, type, &diag);
	diag_fini(&diag);
	return cond;
}

/* Everybody for whom it is true is found by the whole table, and nobody else. */
static bool agree(
        struct cond *cond, const struct moment *moment, const enum truth *truths)
{
	int64_t members[CUSTOMERS];
	int n = cond_members(cond, moment, 0, members, CUSTOMERS), k = 0;
	bool alike = true;

	for (int i = 0; i < CUSTOMERS; i++) {
		bool in = k < n && members[k] == ids[i];
		k += in;
		alike &= (truths[i] == TRUTH_YES) == in;
	}
	return alike && k == n;
}

static void ask_all(struct cond *cond, const struct moment *moment, enum truth *truths)
{
	for (int i = 0; i < CUSTOMERS; i++)
		truths[i] = cond_ask(cond, moment, ids[i]);
}

/* What explains a condition says what the condition says. */
static bool explained(struct gen *g, struct cond *cond, const struct moment *moment,
        const enum truth *truths)
{
	struct cond_part *parts;
	enum truth told;

	for (int i = 0; i < CUSTOMERS; i += 10)
		if (!cond_parts(cond, moment, ids[i], NULL, g->arena, &parts, &told) ||
		        told != truths[i])
			return false;
	return true;
}

/* Both spellings, both frames; returns how many pairs were looked at. */
static int one_condition(struct gen *g, int i)
{
	const struct event_type *type = pick(g, 2) ? event_type(g) : NULL;
	struct place_of at = {.event = type, .trigger = type};
	struct event event = type ? random_event(type) : (struct event){0};
	struct moment moment = {.db = db,
	        .zone = zone,
	        .now = now + (draw(80) - 60) * MS_DAY + draw(24 * 60) * MS_MINUTE,
	        .event = type ? &event : NULL};
	struct twin text = condition(g, &at, 2);
	enum truth en[CUSTOMERS], ko[CUSTOMERS];
	struct diag diag;
	struct program *p = compiled(basis, &diag);
	struct cond *a = parsed(p, text.en, type ? type->name : NULL),
	            *b = parsed(p, text.ko, type ? type->name : NULL);
	bool good = !a == !b;

	if (a && b) {
		ask_all(a, &moment, en);
		ask_all(b, &moment, ko);
		good = !memcmp(en, ko, sizeof en) && agree(a, &moment, en) &&
		       agree(b, &moment, ko) && explained(g, a, &moment, en);
	}
	program_free(p);
	diag_fini(&diag);
	if (!good)
		fprintf(stderr, "%s\n%s\n%s\n", again(g, i), text.en, text.ko);
	assert_true(good);
	return a ? CUSTOMERS : 0;
}

static void test_frames(void **state)
{
	int times = setting("PROPERTY_TIMES", 400), n = 0;

	(void)state;
	for (int i = 0; i < times; i++) {
		struct gen g = begin_case(i);
		g.loose = true;
		n += one_condition(&g, i);
		arena_free(g.arena);
	}
	assert_true(n >= times / 4 * 3 * CUSTOMERS);
}

/* ---- what is joined ---- */

static enum truth both(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

static enum truth inverse(enum truth a)
{
	return a == TRUTH_UNKNOWN ? a : a == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

static enum truth any(enum truth a, enum truth b)
{
	return inverse(both(inverse(a), inverse(b)));
}

/* Parts that often meet in one subject. */
static struct twin part(struct gen *g)
{
	const struct place_of nothing = {0};

	switch (pick(g, 6)) {
	case 0:
		return of_orders(g);
	case 1:
		return of_customer(g);
	case 2:
		return of_cart(g);
	case 3:
		return had(g);
	}
	return condition(g, &nothing, 1);
}

/* What is refused because it can never be true is true of nobody. */
static bool joined_as(struct program *p, const struct moment *moment, const char *text,
        const enum truth *wanted)
{
	struct cond *cond = parsed(p, text, NULL);
	enum truth found[CUSTOMERS];

	if (cond)
		ask_all(cond, moment, found);
	for (int i = 0; i < CUSTOMERS; i++)
		if (cond ? found[i] != wanted[i] : wanted[i] == TRUTH_YES) {
			fprintf(stderr, "%s: customer %d\n", text, (int)ids[i]);
			return false;
		}
	return true;
}

static bool one_joint(struct gen *g)
{
	struct moment moment = {.db = db, .zone = zone, .now = now};
	struct twin left = part(g), right = part(g);
	enum truth a[CUSTOMERS], b[CUSTOMERS], not_a[CUSTOMERS], and[CUSTOMERS],
	        or [CUSTOMERS];
	struct diag diag;
	struct program *p = compiled(basis, &diag);
	struct cond *first = parsed(p, left.en, NULL),
	            *second = parsed(p, right.ko, NULL);
	bool good = true;

	if (first && second) {
		ask_all(first, &moment, a);
		ask_all(second, &moment, b);
		for (int i = 0; i < CUSTOMERS; i++) {
			not_a[i] = inverse(a[i]);
			and[i] = both(a[i], b[i]);
			or [i] = any(a[i], b[i]);
		}
		good = joined_as(p, &moment, SAY(g, "not ($1)", "", left).en, not_a) &&
		       joined_as(p, &moment, SAY(g, "($1) and ($2)", "", left, right).en,
		               and) &&
		       joined_as(p, &moment, SAY(g, "($1) or ($2)", "", left, right).en,
		               or);
	}
	program_free(p);
	diag_fini(&diag);
	return good;
}

static void test_joined(void **state)
{
	int times = setting("PROPERTY_TIMES", 400);

	(void)state;
	for (int i = 0; i < times; i++) {
		struct gen g = begin_case(i);
		bool good = one_joint(&g);
		if (!good)
			fprintf(stderr, "%s\n", again(&g, i));
		arena_free(g.arena);
		assert_true(good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_twins),
	        cmocka_unit_test(test_format),
	        cmocka_unit_test(test_frames),
	        cmocka_unit_test(test_joined),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
