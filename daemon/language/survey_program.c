/* The survey of a whole program: which rules look at everybody and how long that takes,
 * and what does not fit its declaration. */
#include "language/survey.h"

#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "language/builtin.h"
#include "language/cond.h"
#include "language/survey_inner.h"

#define BATCH 256
#define PATIENT_ROWS 256 /* read between two looks at the clock */

/* ---- values that do not fit ---- */

struct fit {
	int64_t values, misfits;
	bool complete;
};

static struct fit fit_of(struct survey *s, const struct field_decl *field)
{
	struct query query = {.sql = sqlgen_misfits(s->arena, field->path, field->type)};
	struct stmt *st = query_on(&query, s->db);
	struct fit fit = {.complete = true};

	stmt_int(st, 1, s->now - SURVEY_DAYS * MS_DAY);
	while (stmt_row(st)) {
		fit.values++;
		fit.misfits += stmt_get(st, 0);
		if (fit.values % PATIENT_ROWS == 0 && survey_late(s)) {
			fit.complete = false;
			stmt_done(st);
			break;
		}
	}
	query_free(&query);
	return fit;
}

static const char *type_name(enum field_type type)
{
	static const char *const names[] = {
	        "number", "money", "text", "date", "time", "yesno"};

	return names[type];
}

static void warn_misfits(
        struct survey *s, const struct field_decl *field, const struct fit *fit)
{
	bool customer = !strncmp(field->path, "customer.", 9);
	struct diag_place at = {.file = field->file,
	        .line = field->line,
	        .column = field->column,
	        .width = field->width};
	char misfits[32], values[32];
	struct diag_item *item;
	enum field_type seen;

	text_number(fit->misfits, misfits);
	text_number(fit->values, values);
	item = diag_warn(&s->findings, at, NULL,
	        customer ? TR("%s of %s customers' values of '%s' do not fit its type: "
	                      "rules take them as unknown",
	                           "고객 값 %2$s개 가운데 %1$s개가 '%3$s'의 종류에 "
	                           "맞지 않습니다. 규칙은 모르는 값으로 봅니다")
	                 : TR("%s of %s values of '%s' in the events of the last 30 days "
	                      "do not fit its type: rules take them as unknown",
	                           "지난 30일 이벤트의 값 %2$s개 가운데 %1$s개가 "
	                           "'%3$s'의 종류에 맞지 않습니다. 규칙은 모르는 값으로 "
	                           "봅니다"),
	        misfits, values, field->path);
	if (fit->misfits * 2 > fit->values &&
	        survey_seen(s, field->path, field->type, &seen) && seen != field->type)
		diag_hint(&s->findings, item,
		        TR("most of them are of another type: fields { %s %s }",
		                "대부분 다른 종류입니다: 항목들 { %s %s }"),
		        field->path, word_name(names_type_word(seen)));
	else
		diag_hint(&s->findings, item, "%s",
		        TR("mend them where they come from",
		                "값을 보내는 쪽에서 고치십시오"));
}

static void fields(struct survey *s, const struct program *program)
{
	json_t *list = json_array();

	for (size_t i = 0; i < program->n_fields && !survey_late(s); i++) {
		const struct field_decl *field = &program->fields[i];
		struct fit fit;
		if (field->sealed || !strcmp(field->file, BUILTIN_FILE))
			continue;
		fit = fit_of(s, field);
		json_array_append_new(
		        list, json_pack("{s:s, s:s, s:I, s:I, s:b}", "field", field->path,
		                      "type", type_name(field->type), "values",
		                      (json_int_t)fit.values, "misfits",
		                      (json_int_t)fit.misfits, "complete", fit.complete));
		if (fit.misfits)
			warn_misfits(s, field, &fit);
	}
	json_object_set_new(s->figures, "fields", list);
}

/* ---- looking at everybody ---- */

struct timing {
	int64_t ms;
	bool complete;
};

static struct timing time_rule(struct survey *s, const struct rule *rule)
{
	struct moment moment = {.db = s->db, .zone = s->zone, .now = s->now};
	struct candidate *found = mem_alloc(BATCH * sizeof *found);
	struct window window = {.from = s->now - MS_DAY, .to = s->now};
	struct sweep sweep = {0};
	int64_t began = clock_mono();

	while (!sweep.done && !survey_late(s))
		rule_sweep(rule, &moment, &window, &sweep, found, BATCH);
	free(found);
	return (struct timing){clock_mono() - began, sweep.done};
}

static struct timing time_segment(struct survey *s, const struct segment *segment)
{
	struct moment moment = {.db = s->db, .zone = s->zone, .now = s->now};
	struct crosser *found = mem_alloc(BATCH * sizeof *found);
	struct look look = {0};
	int64_t began = clock_mono();

	while (!look.done && !survey_late(s))
		segment_everybody(segment, &moment, 0, &look, found, BATCH);
	free(found);
	return (struct timing){clock_mono() - began, look.done};
}

static void add_scan(
        struct survey *s, const char *kind, const char *name, const struct timing *took)
{
	json_t *list = json_object_get(s->figures, "scans");

	json_array_append_new(
	        list, json_pack("{s:s, s:I, s:b}", kind, name, "ms", (json_int_t)took->ms,
	                      "complete", took->complete));
}

/* "1.4 s", or that it was not at its end then. */
static const char *seconds(struct survey *s, const struct timing *took)
{
	return arena_printf(s->arena,
	        took->complete ? TR("%lld.%lld s", "%lld.%lld초")
	                       : TR("more than %lld.%lld s", "%lld.%lld초 이상"),
	        (long long)took->ms / 1000, (long long)took->ms % 1000 / 100);
}

/* What looks at everybody, where it stands, and the warning that it may be worth. */
struct scan {
	const char *kind, *name, *file, *fmt;
	int line;
	struct timing took;
};

static void tell_scan(struct survey *s, const struct scan *scan, int64_t worth_ms)
{
	struct diag_place at = {
	        .file = scan->file, .line = scan->line, .column = 1, .width = 1};
	char customers[32];
	struct diag_item *item;

	add_scan(s, scan->kind, scan->name, &scan->took);
	if (scan->took.ms <= worth_ms)
		return;
	text_number(survey_customers(s), customers);
	item = diag_warn(&s->findings, at, NULL, scan->fmt, scan->name, customers,
	        seconds(s, &scan->took));
	diag_hint(&s->findings, item, "%s",
	        TR("start it by a date of the customer, such as 'last order', by an "
	           "event, or less often",
	                "'마지막 주문' 같은 고객의 날짜나 이벤트로 시작하게 하거나 더 "
	                "드물게 하십시오"));
}

static void sweeps(struct survey *s, const struct program *program, int64_t worth_ms)
{
	for (size_t i = 0; i < program->n_rules && !survey_late(s); i++) {
		const struct rule *rule = &program->rules[i];
		if (rule->off || rule->to_owner_only || !rule_sweeps_all(rule))
			continue;
		tell_scan(s,
		        &(struct scan){"rule", rule->name, rule->file,
		                TR("rule '%s' looks through all %s customers each time: "
		                   "%s",
		                        "규칙 '%s'은(는) 매번 고객 %s명을 모두 살핍니다: "
		                        "%s"),
		                rule->line, time_rule(s, rule)},
		        worth_ms);
	}
}

static bool waited_at(const struct program *program, const struct segment *segment)
{
	for (size_t i = 0; i < program->n_rules; i++) {
		const struct trigger *t = &program->rules[i].trigger;
		if ((t->kind == TRIGGER_ENTERS || t->kind == TRIGGER_LEAVES) &&
		        !strcmp(t->name, segment->name))
			return true;
	}
	return false;
}

static void borders(struct survey *s, const struct program *program, int64_t worth_ms)
{
	for (size_t i = 0; i < program->n_segments && !survey_late(s); i++) {
		const struct segment *segment = &program->segments[i];
		if (!waited_at(program, segment) || !segment_asks_all(segment))
			continue;
		tell_scan(s,
		        &(struct scan){"segment", segment->name, segment->file,
		                TR("no index tells who enters or leaves '%s': all %s "
		                   "customers are looked through: %s",
		                        "'%s'에 드나드는 고객을 찾을 색인이 없어 고객 "
		                        "%s명을 모두 살핍니다: %s"),
		                segment->line, time_segment(s, segment)},
		        worth_ms);
	}
}

/* ---- a table for each customer ---- */

/* A step of a plan that reads all rows of a table; what JSON holds is no table. */
static bool plan_scans(const char *plan)
{
	for (const char *step = plan; *step;
	        step += strcspn(step, "\n"), step += *step == '\n') {
		const char *at = step + strspn(step, " ");
		size_t len = strcspn(at, "\n");
		if (len > 5 && !strncmp(at, "SCAN ", 5) && at[5] != '(' &&
		        strncmp(at, "SCAN CONSTANT", 13) &&
		        strncmp(at, "SCAN SUBQUERY", 13) &&
		        !memmem(at, len, "VIRTUAL TABLE", 13))
			return true;
	}
	return false;
}

/* Asked of the customer who came last: he is there. */
static void ask_one(
        struct survey *s, const struct rule *rule, struct cond *cond, int64_t worth_ms)
{
	struct moment moment = {.db = s->db, .zone = s->zone, .now = s->now};
	struct diag_place at = {
	        .file = rule->file, .line = rule->line, .column = 2, .width = 1};
	struct diag_item *item;
	char *plan;
	bool scans;
	int64_t began;

	if (!cond || survey_late(s))
		return;
	plan = db_plan(s->db, cond->ask.sql);
	scans = plan_scans(plan);
	free(plan);
	if (!scans)
		return;
	began = clock_mono();
	cond_ask(cond, &moment, cond_last_customer(s->db));
	if (clock_mono() - began < worth_ms)
		return;
	item = diag_warn(&s->findings, at, NULL,
	        TR("rule '%s': '%s' reads a whole table for each customer: %lld ms",
	                "규칙 '%s': '%s'은(는) 고객마다 표 하나를 다 읽습니다: "
	                "%lldms"),
	        rule->name, cond_text(cond), (long long)(clock_mono() - began));
	diag_hint(&s->findings, item, "%s",
	        TR("ask less, or keep the answer in a tag", "덜 묻거나 태그로 두십시오"));
}

static void questions(struct survey *s, const struct program *program, int64_t worth_ms)
{
	for (size_t i = 0; i < program->n_rules; i++) {
		const struct rule *rule = &program->rules[i];
		if (rule->off)
			continue;
		ask_one(s, rule, rule->cond, worth_ms);
		for (size_t k = 0; k < rule->n_ops; k++)
			ask_one(s, rule, rule->ops[k].cond, worth_ms);
	}
}

void survey_program(struct survey *s, const struct program *program,
        const struct survey_bounds *bounds)
{
	static const struct survey_bounds usual = {.sweep_ms = 1000, .ask_ms = 5};

	if (!bounds)
		bounds = &usual;
	json_object_set_new(s->figures, "scans", json_array());
	json_object_set_new(s->figures, "customers", json_integer(survey_customers(s)));
	survey_share(s, true);
	questions(s, program, bounds->ask_ms);
	sweeps(s, program, bounds->sweep_ms);
	borders(s, program, bounds->sweep_ms);
	survey_share(s, false);
	fields(s, program);
	json_object_set_new(s->figures, "complete", json_boolean(!s->cut));
}
