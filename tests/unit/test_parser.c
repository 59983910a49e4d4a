/* The parser: the shape of conditions and steps in either language, where parsing goes on
 * after a mistake, and that no text whatever brings it down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "language/parser.h"

/* ---- conditions ---- */

static const char *const kinds[] = {"or", "and", "not", "compare", "between", "in",
        "contains", "starts", "known", "ago", "dated", "month", "tag", "segment",
        "consent", "has", "friend", "cart", "bought", "viewed", "happened", "item",
        "received", "clicked", "redeemed", "holds"};

static void shape(struct buf *out, const struct ast_expr *e)
{
	static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};

	buf_printf(out, "(%s%s", kinds[e->kind], e->negated ? "!" : "");
	if (e->kind == EXPR_COMPARE || e->kind == EXPR_AGO || e->kind == EXPR_DATED ||
	        e->kind == EXPR_BETWEEN)
		buf_adds(out, signs[e->cmp]);
	if (e->kind == EXPR_BETWEEN)
		buf_adds(out, signs[e->upper]);
	if (e->has_window || e->operand.has_window)
		buf_adds(out, " window");
	if (e->operand.event.where) {
		buf_adds(out, " where ");
		shape(out, e->operand.event.where);
	}
	for (int i = 0; i < 2; i++)
		if (i ? e->b : e->a) {
			buf_addc(out, ' ');
			shape(out, i ? e->b : e->a);
		}
	buf_addc(out, ')');
}

static void test_conditions(void **state)
{
	static const struct {
		const char *text, *shape;
	} cases[] = {
	        {"friend or friend and not friend",
	                "(or (friend) (and (friend) (not (friend))))"},
	        {"not orders.count = 3 and friend", "(and (not (compare=)) (friend))"},
	        {"(friend or friend) and friend",
	                "(and (or (friend) (friend)) (friend))"},
	        {"친구 또는 친구 그리고 친구 아님",
	                "(or (friend) (and (friend) (not (friend))))"},
	        {"주문.횟수 3회 이상", "(compare>=)"},
	        {"주문.횟수 3회 초과 5회 미만", "(between><)"},
	        {"orders.count between 3 and 5 and friend",
	                "(and (between>=<=) (friend))"},
	        {"orders.count in (1, 2)", "(in)"},
	        {"orders.count not in (1, 2)", "(in!)"},
	        {"orders.count in last 90 days > 3", "(compare> window)"},
	        {"최근 90일 주문.횟수 3회 이상", "(compare>= window)"},
	        {"tag \"a\" 없음", "(tag!)"},
	        {"고객군 vip 그리고 in vip", "(and (segment) (segment))"},
	        {"동의 문자 야간 있음", "(consent)"},
	        {"전화 있음 또는 has email", "(or (has) (has))"},
	        {"생일 있음", "(known)"},
	        {"customer.x is unknown", "(known!)"},
	        {"생일 이번 달", "(month)"},
	        {"마지막 주문 90일 지남", "(ago>=)"},
	        {"마지막 주문 90일 이내", "(ago<=)"},
	        {"last order at least 90 days ago", "(ago>=)"},
	        {"last order before 90 days ago", "(ago>)"},
	        {"가입 2026-01-01 이후", "(dated>)"},
	        {"joined before 2026-01-01", "(dated<)"},
	        {"joined >= 2026-01-01", "(compare>=)"},
	        {"count of a.b where (friend) in last 7 days >= 1",
	                "(compare>= window where (friend))"},
	        {"최근 7일 a.b 단 (친구) 횟수 1회 이상",
	                "(compare>= window where (friend))"},
	        {"no a.b where (friend) in last 7 days",
	                "(happened! window where (friend))"},
	        {"최근 7일 a.b 없음", "(happened! window)"},
	        {"최근 7일 분류 \"x\" 구매", "(bought window)"},
	        {"\"x\" 조회", "(viewed)"},
	        {"left in cart", "(cart)"},
	        {"any item (friend)", "(item (friend))"},
	        {"쿠폰 k 없음", "(holds!)"},
	        {"clicked r in last 7 days", "(clicked window)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct program_file file = {.name = "c", .text = cases[i].text};
		struct ast ast = {.arena = arena_new()};
		struct buf out = {0};
		struct diag diag;
		struct ast_expr *e;
		diag_init(&diag);
		file.len = strlen(file.text);
		e = parser_condition(&ast, &file, 0, file.len, &diag);
		if (!e)
			fail_msg("%s: %s", cases[i].text,
			        diag.n ? diag.items[0].message : "");
		shape(&out, e);
		assert_string_equal(out.data, cases[i].shape);
		buf_free(&out);
		diag_fini(&diag);
		arena_free(ast.arena);
	}
}

/* ---- going on after mistakes ---- */

static void test_recovery(void **state)
{
	static const struct {
		const char *text;
		size_t mistakes, rules, steps; /* steps of the last rule */
	} cases[] = {
	        {"rule a { when x.y\n sned sms \"x\"\n send sms \"y\"\n}", 1, 1, 1},
	        {"rule a { when\n limit\n send sms\n send sms \"y\" }", 3, 1, 1},
	        {"rule a {\n if ( {\n send sms \"x\"\n}\n send sms \"y\"\n}\nrule b { "
	         "when x.y }",
	                1, 2, 0},
	        {"rule a { when x.y\n send sms \"x\"\nrule b { when x.y send sms \"z\" }",
	                1, 2, 1},
	        {"junk junk\nrule b { when x.y send sms \"z\" }", 1, 1, 1},
	        {"rule a { if friend { send sms \"x\"\n oops\n stop } send sms \"y\" }",
	                1, 1, 2},
	        {"coupon k {\n discount\n valid 3 days\n oops 3\n}\nrule b { stop }", 2,
	                1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct program_file file = {.name = "f", .text = cases[i].text};
		struct ast ast = {.arena = arena_new()};
		struct diag diag;
		diag_init(&diag);
		file.len = strlen(file.text);
		parser_file(&ast, &file, &diag);
		if (diag.errors != cases[i].mistakes)
			fail_msg("%s: %zu mistakes", cases[i].text, diag.errors);
		assert_int_equal(ast.n_rules, cases[i].rules);
		assert_int_equal(ast.rules[ast.n_rules - 1].body.n, cases[i].steps);
		diag_fini(&diag);
		arena_free(ast.arena);
	}
}

/* ---- whatever comes ---- */

static char *good_text(size_t *len)
{
	const char *folder = getenv("GOLDEN_DIR");
	char path[512];
	FILE *file;
	char *text;

	snprintf(path, sizeof path, "%s/good/everything.rule",
	        folder ? folder : "tests/golden");
	file = fopen(path, "rb");
	assert_non_null(file);
	text = mem_alloc(1 << 16);
	*len = fread(text, 1, (1 << 16) - 1, file);
	fclose(file);
	return text;
}

static void compile_any(const char *text, size_t len)
{
	struct program_file file = {.name = "f", .text = text, .len = len};
	struct world world = {0};
	struct program *program;
	struct diag diag;

	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	assert_true(program || diag.errors > 0);
	program_free(program);
	diag_fini(&diag);
}

/* Every word taken out once, doubled once, and the text cut there. */
static void test_mutations(void **state)
{
	size_t len, at = 0;
	char *text = good_text(&len), *other = mem_alloc(2 * len + 1);

	(void)state;
	while (at < len) {
		size_t n = strcspn(text + at, " \n"), end = at + n;
		if (n) {
			memcpy(other, text, at);
			memcpy(other + at, text + end, len - end + 1);
			compile_any(other, len - n);
			memcpy(other, text, end);
			memcpy(other + end, text + at, len - at + 1);
			compile_any(other, len + n);
			memcpy(other, text, at + n / 2);
			other[at + n / 2] = 0;
			compile_any(other, at + n / 2);
		}
		at = end + 1;
	}
	free(other);
	free(text);
}

static void test_deep(void **state)
{
	static const char *const parts[] = {"(", "not ", "friend and ", "if friend { ",
	        "any item (", "if friend { stop } else ", "segment s { in s } "};
	struct buf text = {0};

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		buf_reset(&text);
		buf_adds(&text, "rule a { when order.paid if ");
		for (int n = 0; n < 20000; n++)
			buf_adds(&text, parts[i]);
		compile_any(text.data, text.len);
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_conditions),
	        cmocka_unit_test(test_recovery),
	        cmocka_unit_test(test_mutations),
	        cmocka_unit_test(test_deep),
	};

	log_set_korean(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
