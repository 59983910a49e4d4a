/* Rules and templates read as one set, the index by event, and the versions that people
 * are still in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "language/deps.h"
#include "language/ruleset.h"
#include "store/run.h"

static char folder[64], rules[80], templates[80];
static struct world world;

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void fresh(void)
{
	char command[512];

	snprintf(command, sizeof(command), "rm -rf %s && mkdir %s %s %s", folder, folder,
	        rules, templates);
	assert_int_equal(system(command), 0);
}

static struct ruleset *load(struct diag *diag)
{
	diag_init(diag);
	return ruleset_load(rules, templates, &world, diag);
}

static struct ruleset *good(void)
{
	struct diag diag;
	struct ruleset *set = load(&diag);

	for (size_t i = 0; i < diag.n && !set; i++)
		print_message("%s:%d: %s\n", diag.items[i].at.file, diag.items[i].at.line,
		        diag.items[i].message);
	assert_non_null(set);
	diag_fini(&diag);
	return set;
}

static void a_shop(void)
{
	fresh();
	put("templates/t.sms", "#{이름}님");
	put("templates/t.owner", "재고 #{event.sku}");
	put("rules/b.rule",
	        "rule paid2 { when order.paid\n send sms \"t\" }\n"
	        "rule late { when 3 hours after last cart.added\n send sms \"t\"\n"
	        " wait 1 day unless order.paid\n send sms \"t\" }\n");
	put("rules/a.rule",
	        "규칙 결제 { 언제 주문.결제\n 문자 \"t\" 보내기\n 목표 방문 3일 이내 }\n"
	        "rule paid1 { when order.paid\n send sms \"t\" }\n");
	put("rules/stock.rule", "rule few { when stock below 5\n send owner \"t\" }\n");
	put("rules/birthday.rule",
	        "rule birthday { when birthday at 10:00\n send sms \"t\" }\n");
	put("rules/a.rule~", "nonsense");
	put("rules/.hidden.rule", "nonsense");
	put("rules/README", "nonsense");
}

static void indexes_by_event(void **state)
{
	static const struct {
		const char *type;
		const char *started[4], *anchored[2];
		bool awaited;
	} cases[] = {
	        {"order.paid", {"paid1", "paid2", "결제", NULL}, {NULL}, true},
	        {"cart.added", {NULL}, {"late", NULL}, false},
	        {"stock.changed", {"few", NULL}, {NULL}, false},
	        {"visit", {NULL}, {NULL}, true},
	        {"page.viewed", {NULL}, {NULL}, false},
	};
	struct ruleset *set;

	(void)state;
	a_shop();
	set = good();
	assert_int_equal(set->program->n_rules, 6);
	assert_int_equal(set->n_files, 4);
	assert_string_equal(set->files[0].name, "rules/a.rule");
	assert_string_equal(set->files[3].name, "rules/stock.rule");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rule *const *started =
		        ruleset_started_by(set, cases[i].type);
		const struct rule *const *anchored =
		        ruleset_anchored_on(set, cases[i].type);
		size_t n;

		for (n = 0; cases[i].started[n]; n++)
			assert_string_equal(started[n]->name, cases[i].started[n]);
		assert_null(started[n]);
		for (n = 0; cases[i].anchored[n]; n++)
			assert_string_equal(anchored[n]->name, cases[i].anchored[n]);
		assert_null(anchored[n]);
		assert_int_equal(ruleset_awaits(set, cases[i].type), cases[i].awaited);
	}
	ruleset_free(set);
}

static void tells_mistakes(void **state)
{
	static const struct {
		const char *name, *text;
		const char *file, *message;
		int line;
	} cases[] = {
	        {"rules/bad.rule", "rule x { when order.paid\n sedn sms \"t\" }\n",
	                "rules/bad.rule", "", 2},
	        {"rules/bad.rule", "rule x { when order.paid\n send sms \"tt\" }\n",
	                "rules/bad.rule", "tt", 2},
	        {"templates/t.sms", "#{custmer.name}", "templates/t.sms", "custmer.name",
	                1},
	        {"templates/t.sms", "#{coupon.code}", "templates/t.sms",
	                "gives no coupon", 1},
	        {"templates/t.sms", "(광고) x", "templates/t.sms", "(광고)", 1},
	        {"templates/t.sms", "#{이름", "templates/t.sms", "no } on its line", 1},
	        {"rules/c.rule", "coupon c { discount 10% codes \"none.txt\" }\n",
	                "rules/c.rule", "none.txt", 1},
	        {"rules/c.rule", "coupon c { discount 10% codes \"../t.txt\" }\n",
	                "rules/c.rule", "beside the rules", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;
		struct ruleset *set;

		a_shop();
		put("t.txt", "A\n");
		put(cases[i].name, cases[i].text);
		set = load(&diag);
		if (set || !diag.n || strcmp(diag.items[0].at.file, cases[i].file) ||
		        !strstr(diag.items[0].message, cases[i].message) ||
		        diag.items[0].at.line != cases[i].line)
			fail_msg("%s: %s:%d %s", cases[i].text,
			        diag.n ? diag.items[0].at.file : "",
			        diag.n ? diag.items[0].at.line : 0,
			        diag.n ? diag.items[0].message : "nothing");
		diag_fini(&diag);
	}
}

/* What is wrong with a template is told although a rule has a mistake as well; where the
 * mistake may be why, it waits. */
static void tells_all_in_one_run(void **state)
{
	static const struct {
		const char *rule;
		size_t mistakes;
	} cases[] = {
	        {"rule x { when order.paid\n sedn sms \"t\" }\n", 2},
	        {"rule x { when order.piad\n send sms \"t\" }\n", 2},
	        {"fields { customer.size nmber }\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;

		a_shop();
		put("rules/bad.rule", cases[i].rule);
		put("templates/t.sms", "#{customer.size}");
		assert_null(load(&diag));
		assert_int_equal(diag.errors, cases[i].mistakes);
		diag_fini(&diag);
	}
}

/* What can move somebody across a border is known by table, event type and span of time.
 */
static void knows_what_moves_a_segment(void **state)
{
	static const struct {
		const char *text;
		int64_t what;
		size_t types, movers;
	} cases[] = {
	        {"tag \"VIP\"", DEPS_TAG, 0, 0},
	        {"orders.count >= 5 and customer.city = \"서울\"",
	                DEPS_ORDERS | DEPS_PROFILE, 0, 0},
	        {"최근 90일 주문.횟수 3회 이상", DEPS_ORDERS, 1, 1},
	        {"not in other", DEPS_CART | DEPS_CONSENT, 0, 0},
	        {"count of visit in last 7 days >= 2 or no visit in last 7 days", 0, 1,
	                1},
	        {"bought category \"원두\"", DEPS_ORDERS | DEPS_ITEMS | DEPS_GOODS, 0, 0},
	        {"last order at least 30 days ago", DEPS_ORDERS, 1, 1},
	        {"customer.age >= 20 and birthday this month", DEPS_PROFILE, 0, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag;
		struct ruleset *set;
		const struct deps *deps;
		char *text = mem_printf("segment s { %s }\nsegment other { left in cart "
		                        "and consent sms }\n",
		        cases[i].text);
		int64_t what;

		a_shop();
		put("rules/segments.rule", text);
		set = load(&diag);
		assert_non_null(set);
		deps = program_segment(set->program, "s")->deps;
		what = deps->what;
		for (size_t t = 0; t < deps->n_types; t++)
			what &= ~deps_of_event(deps->types[t]);
		if (what != cases[i].what || deps->n_types != cases[i].types ||
		        deps->n_movers != cases[i].movers)
			fail_msg("%s: %lld, %zu types, %zu movers", cases[i].text,
			        (long long)what, deps->n_types, deps->n_movers);
		ruleset_free(set);
		diag_fini(&diag);
		free(text);
	}
}

static void tells_both_folders(void **state)
{
	struct diag diag;

	(void)state;
	a_shop();
	put("rules/bad.rule", "rule x { sedn }\n");
	put("templates/bad.sms", "#{이름");
	assert_null(load(&diag));
	assert_true(diag.errors >= 2);
	diag_fini(&diag);
	diag_init(&diag);
	assert_null(ruleset_load("/nowhere/rules", "/nowhere/templates", &world, &diag));
	assert_int_equal(diag.errors, 2);
	diag_fini(&diag);
}

static void reads_codes(void **state)
{
	struct ruleset *set;
	struct arena *arena = arena_new();
	const char *const *codes;

	(void)state;
	fresh();
	put("rules/c.rule", "coupon c { gift \"컵\" codes \"codes.txt\" }\ncoupon d { "
	                    "discount 10% }\n");
	put("rules/codes.txt", "\xef\xbb\xbf"
	                       "AA-1\r\n\r\n  BB-2 \nCC-3");
	set = good();
	assert_int_equal(
	        ruleset_codes(set, program_coupon(set->program, "c"), arena, &codes), 3);
	assert_string_equal(codes[0], "AA-1");
	assert_string_equal(codes[1], "BB-2");
	assert_string_equal(codes[2], "CC-3");
	assert_int_equal(
	        ruleset_codes(set, program_coupon(set->program, "d"), arena, &codes), -1);
	ruleset_free(set);
	arena_free(arena);
}

static void keeps_versions(void **state)
{
	struct ruleset *first, *second;
	struct versions *versions;
	const struct rule *rule;
	struct rule_row row;
	struct db *db;
	char path[128], why[512];
	int64_t old, now = INT64_C(1795395600000), new;

	(void)state;
	a_shop();
	snprintf(path, sizeof(path), "%s/store.db", folder);
	assert_int_equal(db_open(&db, path, false, why), DB_OPENED);
	versions = versions_new(db, &world);
	first = good();
	rule = program_rule(first->program, "paid1");
	rule_row_get(db, "paid1", now, &row);
	old = rule_version_get(db, row.id, rule->hash, rule->source, now);
	assert_int_equal(db_turn_end(db), DB_OK);
	versions_current(versions, rule, old);
	assert_ptr_equal(versions_get(versions, first, "paid1", old), rule);

	put("rules/a.rule", "rule paid1 { when order.paid\n send sms \"t\"\n wait 1 "
	                    "day\n send sms \"t\" }\n");
	second = good();
	versions_reset(versions);
	rule = program_rule(second->program, "paid1");
	new = rule_version_get(db, row.id, rule->hash, rule->source, now);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_not_equal(old, new);
	versions_current(versions, rule, new);
	ruleset_free(first);

	assert_ptr_equal(versions_get(versions, second, "paid1", new), rule);
	rule = versions_get(versions, second, "paid1", old);
	assert_non_null(rule);
	assert_string_equal(rule->name, "paid1");
	assert_int_equal(rule->ops[0].kind, OP_SEND);
	assert_int_equal(rule->ops[1].kind, OP_END);
	assert_ptr_equal(versions_get(versions, second, "paid1", old), rule);
	assert_null(versions_get(versions, second, "paid1", 4711));
	new = rule_version_get(db, row.id, "x", "rule paid1 { nonsense }", now);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_null(versions_get(versions, second, "paid1", new));
	versions_free(versions);
	ruleset_free(second);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(indexes_by_event),
	        cmocka_unit_test(tells_mistakes),
	        cmocka_unit_test(tells_all_in_one_run),
	        cmocka_unit_test(knows_what_moves_a_segment),
	        cmocka_unit_test(tells_both_folders),
	        cmocka_unit_test(reads_codes),
	        cmocka_unit_test(keeps_versions),
	};
	static const char *const channels[] = {"sms", "owner", NULL};
	char command[128];
	int failed;

	snprintf(folder, sizeof(folder), "/tmp/dangol-ruleset-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	snprintf(rules, sizeof(rules), "%s/rules", folder);
	snprintf(templates, sizeof(templates), "%s/templates", folder);
	log_set_korean(false);
	log_open("test", LOG_LEVEL_ERROR);
	world = (struct world){.channels = channels,
	        .has_refuse = true,
	        .has_public = true,
	        .law_korea = true,
	        .zone = zone_open("Asia/Seoul"),
	        .today = calendar_day(2026, 11, 23)};
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	zone_close(world.zone);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || failed;
}
