/* What a shop's data says of its rules beside what the goldens show: how long it takes to
 * look at everybody, tables that are read for each customer, deadlines, and names that
 * are only measured. */
#include "store.h"

#include "base/calendar.h"
#include "base/clock.h"
#include "language/survey.h"
#include "store/facts.h"

static const char *const channels[] = {"sms", "push", "owner", NULL};
static struct zone *zone;
static struct survey *survey;
static struct diag diag;

static struct program *compile(const char *text, int64_t until)
{
	struct program_file file = {.name = "s.rule", .text = text, .len = strlen(text)};
	struct world world = {.channels = channels,
	        .has_refuse = true,
	        .has_public = true,
	        .today = calendar_day(2026, 11, 23)};
	struct program *program;

	db_turn_end(db);
	zone = zone_open("Asia/Seoul");
	world.zone = zone;
	survey = survey_new(db, zone, T0, until, NULL);
	world.survey = survey;
	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	assert_non_null(program);
	return program;
}

static void done(struct program *program)
{
	program_free(program);
	survey_free(survey);
	diag_fini(&diag);
	zone_close(zone);
}

static const char *finding(size_t i)
{
	const struct diag *found = survey_findings(survey);

	return i < found->n ? found->items[i].message : "";
}

static void people(int n)
{
	run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    " INSERT INTO customer(ref, named, city, created_at, seen_at)"
	    " SELECT 'C' || i, '김하늘', '서울', 1, 1 FROM n",
	        n);
}

/* ---- looking at everybody ---- */

static void who_looks_at_everybody(void **state)
{
	static const struct {
		const char *rule;
		bool scans;
	} cases[] = {
	        {"rule r { when every day at 11:00  if customer.city = \"서울\"  send "
	         "sms \"t\"  limit once }",
	                true},
	        {"rule r { when 2026-12-01 at 11:00  send sms \"t\" }", true},
	        {"rule r { off  when every day at 11:00  send sms \"t\"  limit once }",
	                false},
	        {"rule r { when every day at 11:00  send owner \"t\" }", false},
	        {"rule r { when birthday at 10:00  send sms \"t\" }", false},
	        {"rule r { when 30 days after last order at 11:00  send sms \"t\" }",
	                false},
	        {"rule r { when order.paid  send sms \"t\" }", false},
	};
	static const struct survey_bounds always = {.sweep_ms = -1, .ask_ms = 1000},
	                                  never = {.sweep_ms = 60000, .ask_ms = 1000};

	(void)state;
	people(1234);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct program *program = compile(cases[i].rule, INT64_MAX);
		json_t *scans;

		survey_program(survey, program, &never);
		assert_int_equal(survey_findings(survey)->n, 0);
		scans = json_object_get(survey_figures(survey), "scans");
		assert_int_equal(json_array_size(scans), cases[i].scans);
		survey_program(survey, program, &always);
		assert_int_equal(survey_findings(survey)->n, cases[i].scans);
		if (cases[i].scans)
			assert_non_null(strstr(finding(0),
			        "rule 'r' looks through all 1,234 customers each time: "
			        "0."));
		done(program);
	}
}

static void a_border_without_an_index(void **state)
{
	static const struct survey_bounds always = {.sweep_ms = -1, .ask_ms = 1000};
	struct program *program;

	(void)state;
	people(3);
	program = compile("segment s { count of reservation.made where (event.at within "
	                  "3 days) >= 1 }\n"
	                  "segment other { received t in last 30 days }\n"
	                  "segment tagged { tag \"VIP\" }\n"
	                  "rule r { when enters s  send sms \"t\" }\n"
	                  "rule t { when enters tagged  send sms \"t\" }\n",
	        INT64_MAX);
	assert_true(segment_asks_all(&program->segments[0]));
	assert_false(segment_asks_all(&program->segments[2]));
	survey_program(survey, program, &always);
	assert_int_equal(survey_findings(survey)->n, 1);
	assert_non_null(strstr(finding(0), "who enters or leaves 's': all 3 customers"));
	done(program);
}

static void a_table_for_each_customer(void **state)
{
	static const struct survey_bounds always = {.sweep_ms = 60000, .ask_ms = 0};
	struct program *program;

	(void)state;
	people(3);
	program = compile("rule r { when order.paid  if count of visit >= 3  send sms "
	                  "\"t\" }",
	        INT64_MAX);
	survey_program(survey, program, &always);
	assert_int_equal(survey_findings(survey)->n, 0);
	done(program);
	run("DROP INDEX event_customer");
	run("DROP INDEX event_type");
	program = compile("rule r { when order.paid  if count of visit >= 3  send sms "
	                  "\"t\" }",
	        INT64_MAX);
	survey_program(survey, program, &always);
	assert_int_equal(survey_findings(survey)->n, 1);
	assert_non_null(strstr(finding(0), "'count of visit >= 3' reads a whole table"));
	done(program);
}

/* ---- as deep as a condition may be ---- */

static void prepared(const char *sql)
{
	char why[256];
	struct stmt *st = stmt_new(db, sql, why);

	if (!st)
		fail_msg("%s", why);
	stmt_free(st);
}

/* Of n levels: a chain, brackets in turn, segments in segments. */
static char *condition(int shape, int n)
{
	struct buf out = {0};

	if (shape == 2)
		for (int i = 0; i < n; i++)
			buf_printf(&out,
			        i ? "segment s%d { tag \"x%d\" and in s%d }\n"
			          : "segment s%d { last order within 3 days }\n",
			        i, i, i - 1);
	buf_adds(&out, "segment top { ");
	for (int i = 0; i < n && shape == 0; i++)
		buf_printf(&out, "tag \"x%d\" and ", i);
	for (int i = 0; i < n && shape == 1; i++)
		buf_printf(&out, "(tag \"x%d\" %s ", i, i % 2 ? "and" : "or");
	buf_adds(&out, shape == 2 ? "tag \"y\" and in s" : "customer.age >= 20 and ");
	if (shape == 2)
		buf_printf(&out, "%d", n - 1);
	else
		buf_adds(&out, "sum of order.paid.total where (any item (item.category = "
		               "\"x\")) >= 3");
	for (int i = 0; i < n && shape == 1; i++)
		buf_adds(&out, ")");
	buf_adds(&out, " }\nrule r { when enters top  send sms \"t\" }\n"
	               "rule q { when every day at 11:00  if in top  send sms \"t\" "
	               "limit once }\n");
	return buf_take(&out);
}

static void the_deepest_is_understood_by_the_store(void **state)
{
	static const struct {
		int shape, most;
	} cases[] = {{0, 90}, {1, 12}, {2, 7}};
	static const struct survey_bounds usual = {.sweep_ms = 1000, .ask_ms = 1000};

	(void)state;
	people(3);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *text = condition(cases[i].shape, cases[i].most);
		struct program *program = compile(text, INT64_MAX);
		const struct segment *top = program_segment(program, "top");
		const char *sql;

		for (size_t k = 0; (sql = segment_window_sql(top, k)); k++)
			prepared(sql);
		survey_program(survey, program, &usual);
		done(program);
		free(text);
	}
}

/* ---- deadlines ---- */

static void past_its_deadline_it_knows_nothing(void **state)
{
	struct program *program;

	(void)state;
	people(10);
	program = compile("fields { customer.points number }\n"
	                  "rule r { when every day at 11:00  if customer.grade != \"A\"\n"
	                  " send sms \"t\"  limit once }",
	        0);
	assert_int_equal(diag.n, 1);
	assert_string_equal(diag.items[0].message,
	        "customers without 'customer.grade' are left out here");
	survey_program(survey, program, NULL);
	assert_int_equal(survey_findings(survey)->n, 0);
	assert_false(json_is_true(json_object_get(survey_figures(survey), "complete")));
	done(program);
}

/* ---- figures ---- */

static void counts_what_does_not_fit(void **state)
{
	struct program *program;
	json_t *fields;

	(void)state;
	run("INSERT INTO customer(ref, attributes, created_at, seen_at) VALUES"
	    " ('a', '{\"points\":\"many\"}', 1, 1), ('b', '{\"points\":\"1,200\"}', 1, "
	    "1),"
	    " ('c', '{\"note\":\"x\"}', 1, 1)");
	program = compile("fields { customer.points number  customer.note sealed text\n"
	                  " game.played.score money }",
	        INT64_MAX);
	survey_program(survey, program, NULL);
	fields = json_object_get(survey_figures(survey), "fields");
	assert_int_equal(json_array_size(fields), 2);
	assert_int_equal(
	        json_integer_value(json_object_get(json_array_get(fields, 0), "values")),
	        2);
	assert_int_equal(
	        json_integer_value(json_object_get(json_array_get(fields, 0), "misfits")),
	        1);
	assert_int_equal(
	        json_integer_value(json_object_get(json_array_get(fields, 1), "values")),
	        0);
	done(program);
}

static void measures_names(void **state)
{
	static const struct {
		const char *name;
		long longest;
	} cases[] = {
	        {"김하늘", 6},
	        {"Kim", 6},
	        {"남궁민수", 8},
	        {"abcdefghi", 9},
	        {"😀😀😀😀😀😀😀😀", 9}, /* no text message can carry it */
	        {"가나다라마", 10},
	};

	(void)state;
	assert_int_equal(facts_longest_name(db), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char ref[16];
		snprintf(ref, sizeof ref, "n%zu", i);
		struct profile profile = {.ref = ref, .name = cases[i].name};
		int64_t id;
		customer_upsert(db, &profile, 1, &id);
		assert_int_equal(facts_longest_name(db), cases[i].longest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(who_looks_at_everybody),
	        STORE_TEST(a_border_without_an_index),
	        STORE_TEST(a_table_for_each_customer),
	        STORE_TEST(the_deepest_is_understood_by_the_store),
	        STORE_TEST(past_its_deadline_it_knows_nothing),
	        STORE_TEST(counts_what_does_not_fit),
	        STORE_TEST(measures_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
