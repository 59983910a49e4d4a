/* The formatter: a table of what becomes what, and over every rule file of the repository
 * that the tree stays and that a second time changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "language/format.h"
#include "language/parser.h"

/* ---- the tree as text, without places ---- */

static void dump_expr(struct buf *out, const struct ast_expr *e);

static void dump_text(struct buf *out, const char *text)
{
	buf_printf(out, " '%s'", text ? text : "-");
}

static void dump_duration(struct buf *out, struct duration d)
{
	buf_printf(out, " %d/%d/%" PRId64, d.months, d.days, d.ms);
}

static void dump_value(struct buf *out, const struct ast_value *v)
{
	buf_printf(out, " %d:%" PRId64 "e%d:%d:%d", (int)v->kind, v->number, v->scale,
	        v->counted, (int)v->date);
	dump_duration(out, v->duration);
	dump_text(out, v->text);
}

static void dump_event(struct buf *out, const struct ast_event *e)
{
	dump_text(out, e->type.text);
	buf_printf(out, " %d", e->of_this_order);
	dump_expr(out, e->where);
}

static void dump_date(struct buf *out, const struct ast_date *d)
{
	buf_printf(out, " %d:%d", (int)d->word, d->first);
	dump_text(out, d->event.text);
}

static void dump_expr(struct buf *out, const struct ast_expr *e)
{
	if (!e) {
		buf_adds(out, " ()");
		return;
	}
	buf_printf(out, " (%d:%d:%d:%d%d%d:%d:%d", (int)e->kind, (int)e->cmp,
	        (int)e->upper, e->negated, e->night, e->category, (int)e->word,
	        e->has_window);
	dump_text(out, e->name.text);
	dump_duration(out, e->window);
	buf_printf(out, " %d:%d", (int)e->operand.kind, e->operand.has_window);
	dump_text(out, e->operand.path.text);
	dump_date(out, &e->operand.date);
	dump_duration(out, e->operand.window);
	dump_event(out, &e->operand.event);
	for (size_t i = 0; i < e->n_values; i++)
		dump_value(out, &e->values[i]);
	if (e->a)
		dump_expr(out, e->a);
	if (e->b)
		dump_expr(out, e->b);
	buf_addc(out, ')');
}

static void dump_block(struct buf *out, const struct ast_block *block);

static void dump_step(struct buf *out, const struct ast_step *s)
{
	buf_printf(out, "\n%d:%d:%d:%d:%d:%d", (int)s->kind, s->by_day, s->has_event,
	        s->next, s->weekday, s->at_ms);
	dump_text(out, s->name.text);
	dump_text(out, s->template.text);
	dump_duration(out, s->wait);
	dump_event(out, &s->event);
	dump_expr(out, s->cond);
	dump_value(out, &s->value);
	for (size_t i = 0; i < s->n_legs; i++) {
		buf_printf(
		        out, " leg %d:%d", (int)s->legs[i].channel, s->legs[i].has_after);
		dump_text(out, s->legs[i].template.text);
		dump_duration(out, s->legs[i].after);
	}
	dump_block(out, s->yes);
	dump_block(out, s->no);
	for (size_t i = 0; i < s->n_sides; i++) {
		dump_value(out, &s->sides[i].share);
		dump_text(out, s->sides[i].label.text);
		dump_block(out, s->sides[i].block);
	}
}

static void dump_block(struct buf *out, const struct ast_block *block)
{
	if (!block)
		return;
	buf_adds(out, "\n{");
	for (size_t i = 0; i < block->n; i++)
		dump_step(out, &block->steps[i]);
	buf_adds(out, "\n}");
}

static void dump_trigger(struct buf *out, const struct ast_trigger *t)
{
	buf_printf(out, "\nwhen %d:%d:%d:%d:%d:%d:%d:%d:%d:%d:%d:%" PRId64, t->set,
	        (int)t->kind, t->nth, t->has_offset, t->before, (int)t->anchor,
	        (int)t->schedule, t->day, (int)t->date, t->has_at, t->at_ms, t->stock);
	dump_event(out, &t->event);
	dump_duration(out, t->offset);
	dump_date(out, &t->date_word);
	dump_text(out, t->name.text);
}

static void dump_rule(struct buf *out, const struct ast_rule *r)
{
	buf_adds(out, "\nrule");
	dump_text(out, r->name.text);
	dump_text(out, r->title);
	buf_printf(out, " %d%d%d%d%d%d%d%d%d", r->off, r->on, r->has_purpose, r->info,
	        r->has_holdout, r->has_late, r->again, r->one_per_address,
	        r->resend_unknown);
	dump_trigger(out, &r->trigger);
	dump_expr(out, r->cond);
	for (size_t i = 0; i < r->n_limits; i++) {
		const struct limit *l = &r->limits[i].limit;
		buf_printf(out, "\nlimit %d:%" PRId64 ":%d", (int)l->kind, l->n,
		        (int)l->unit);
		dump_duration(out, l->period);
		dump_event(out, &r->limits[i].event);
	}
	dump_value(out, &r->holdout);
	dump_duration(out, r->late);
	dump_text(out, r->was.text);
	buf_printf(out, "\ngoal %d:%d", r->goal.set, r->goal.measures);
	dump_event(out, &r->goal.event);
	dump_duration(out, r->goal.within);
	dump_block(out, &r->body);
}

static void dump_coupon(struct buf *out, const struct ast_coupon *c)
{
	buf_adds(out, "\ncoupon");
	dump_text(out, c->name.text);
	dump_text(out, c->title);
	dump_text(out, c->gift.text);
	dump_text(out, c->code.text);
	dump_text(out, c->codes.text);
	dump_value(out, &c->discount);
	dump_value(out, &c->minimum);
	dump_value(out, &c->uses);
	dump_value(out, &c->stock);
	buf_printf(out, " %d:%d", (int)c->validity, (int)c->valid_until);
	dump_duration(out, c->valid_for);
}

static void dump(struct buf *out, const struct ast *ast)
{
	for (size_t i = 0; i < ast->n_fields; i++) {
		dump_text(out, ast->fields[i].path.text);
		buf_printf(
		        out, " %d:%d", ast->fields[i].sealed, (int)ast->fields[i].type);
	}
	for (size_t i = 0; i < ast->n_segments; i++) {
		dump_text(out, ast->segments[i].name.text);
		dump_text(out, ast->segments[i].title);
		dump_expr(out, ast->segments[i].cond);
	}
	for (size_t i = 0; i < ast->n_coupons; i++)
		dump_coupon(out, &ast->coupons[i]);
	for (size_t i = 0; i < ast->n_rules; i++)
		dump_rule(out, &ast->rules[i]);
}

/* The dump, or NULL where the text does not read. New. */
static char *tree(const char *text, size_t len)
{
	struct program_file file = {.name = "f", .text = text, .len = len};
	struct ast ast = {.arena = arena_new()};
	struct buf out = {0};
	struct diag diag;

	diag_init(&diag);
	parser_file(&ast, &file, &diag);
	if (diag.errors == 0)
		dump(&out, &ast);
	char *dumped = diag.errors ? NULL : buf_take(&out);
	diag_fini(&diag);
	arena_free(ast.arena);
	return dumped;
}

static char *formatted(const char *text, size_t len, size_t *out)
{
	struct program_file file = {.name = "f", .text = text, .len = len};
	struct diag diag;
	char *made;

	diag_init(&diag);
	made = format_text(&file, &diag, out);
	assert_true(!made == (diag.errors > 0));
	diag_fini(&diag);
	return made;
}

/* ---- a table ---- */

static void test_layout(void **state)
{
	static const struct {
		const char *text, *formatted;
	} cases[] = {
	        {"", ""},
	        {"\n\n", ""},
	        {"# one\n\n\n\n#two  \n", "# one\n\n#two\n"},
	        {"rule r { }", "rule r { }\n"},
	        {"rule r {\n}", "rule r { }\n"},
	        {"rule r\n{\nwhen visit send sms \"a\"\n\n}",
	                "rule r {\n    when   visit\n    send   sms \"a\"\n}\n"},
	        {"rule r { when every month on last at 9:00 on off }",
	                "rule r {\n    when   every month on last at 9:00\n    on\n    "
	                "off\n}\n"},
	        {"rule r{purpose info when visit limit 3 per 7days}",
	                "rule r {\n    purpose info\n    when    visit\n    limit   3 "
	                "per 7days\n}\n"},
	        {"규칙 r { 언제 방문 기다리기 3일 문자\"a\"보내기 }",
	                "규칙 r {\n    언제   방문\n    기다리기 3일\n    문자 \"a\" "
	                "보내기\n}\n"},
	        {"rule r { if friend { stop } else if friend {stop stop}\nelse {\nstop } "
	         "}",
	                "rule r {\n    if friend { stop } else if friend {\n        "
	                "stop\n        stop\n    } else {\n        stop\n    }\n}\n"},
	        {"rule r { split { 50 % \"A\" { stop } 50% \"B\" {\ntag \"x\" } } }",
	                "rule r {\n    split {\n        50 % \"A\" { stop }\n        50% "
	                "\"B\" {\n            tag \"x\"\n        }\n    }\n}\n"},
	        {"rule r { if orders.count in( 1 ,2 ) and\nfriend\nsend sms \"a\" }",
	                "rule r {\n    if     orders.count in (1, 2) and\n           "
	                "friend\n    send   sms \"a\"\n}\n"},
	        {"rule r { # why\n\n# what\nstop #now\n  # last\n}# end",
	                "rule r {  # why\n\n    # what\n    stop  #now\n    # last\n}  # "
	                "end\n"},
	        {"rule r { if friend { stop } # a\nelse { stop } }",
	                "rule r {\n    if friend { stop }  # a\n    else { stop }\n}\n"},
	        {"rule r { when visit again restarts resend unknown one per address stop "
	         "}",
	                "rule r {\n    when   visit\n    again restarts\n    resend "
	                "unknown\n"
	                "    one per address\n    stop\n}\n"},
	        {"규칙 r { 언제 방문 다시 시작 재발송 미확인 번호당 한 번 멈추기 }",
	                "규칙 r {\n    언제   방문\n    다시 시작\n    재발송 미확인\n"
	                "    번호당 한 번\n    멈추기\n}\n"},
	        {"segment s {friend\n# so\nand friend}",
	                "segment s {\n    friend\n    # so\n    and friend\n}\n"},
	        {"coupon c { discount 10%\ncode \"A-#####\" # c\n}\r\n",
	                "coupon c {\n    discount 10%\n    code     \"A-#####\"  # "
	                "c\n}\n"},
	        {"fields { customer.a sealed  text   customer.b number }",
	                "fields { customer.a sealed text  customer.b number }\n"},
	        {"rule r { was late late 3 hours }",
	                "rule r {\n    was    late\n    late   3 hours\n}\n"},
	        {"\xef\xbb\xbfsegment s { friend }segment t { friend }",
	                "segment s { friend }\nsegment t { friend }\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t len;
		char *made = formatted(cases[i].text, strlen(cases[i].text), &len);
		assert_non_null(made);
		assert_string_equal(made, cases[i].formatted);
		assert_int_equal(len, strlen(made));
		free(made);
	}
}

static void test_mistakes(void **state)
{
	static const char *const cases[] = {"rule r {", "rule r { send smms \"a\" }",
	        "rule r { send sms \"a }", "\xb1\xd4\xc4\xa2", "x"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t len;
		assert_null(formatted(cases[i], strlen(cases[i]), &len));
	}
}

/* ---- every rule file there is ---- */

static char *read_whole(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *data = mem_alloc(1 << 20);

	assert_non_null(file);
	*len = fread(data, 1, (1 << 20) - 1, file);
	fclose(file);
	return data;
}

static bool stays(const char *text, size_t len)
{
	size_t once_len, twice_len;
	char *once = formatted(text, len, &once_len), *twice, *before, *after;

	if (!once)
		return false;
	twice = formatted(once, once_len, &twice_len);
	before = tree(text, len);
	after = tree(once, once_len);
	assert_non_null(twice);
	assert_string_equal(once, twice);
	assert_non_null(before);
	assert_string_equal(before, after);
	free(once);
	free(twice);
	free(before);
	free(after);
	return true;
}

/* Also with every space a line's end: nothing may hang on where the author broke. */
static void broken_up(const char *text, size_t len)
{
	char *broken = mem_strndup(text, len);

	for (size_t i = 0; i < len; i++)
		if (broken[i] == ' ' && i % 3 == 0)
			broken[i] = '\n';
	stays(broken, len);
	free(broken);
}

static int folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char whole[1024], *dot = strrchr(entry->d_name, '.'), *text;
		size_t len;
		if (!dot || strcmp(dot, ".rule"))
			continue;
		snprintf(whole, sizeof whole, "%s/%s", path, entry->d_name);
		text = read_whole(whole, &len);
		n += stays(text, len);
		broken_up(text, len);
		free(text);
	}
	closedir(dir);
	return n;
}

static void test_every_file(void **state)
{
	const char *golden = getenv("GOLDEN_DIR");
	char path[512];

	(void)state;
	snprintf(path, sizeof path, "%s/good", golden ? golden : "tests/golden");
	assert_true(folder(path) >= 80);
	snprintf(path, sizeof path, "%s/bad", golden ? golden : "tests/golden");
	assert_true(folder(path) >= 20);
	assert_true(folder("rules") >= 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_layout),
	        cmocka_unit_test(test_mistakes),
	        cmocka_unit_test(test_every_file),
	};

	log_set_korean(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
