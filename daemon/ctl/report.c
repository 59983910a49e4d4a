/* The verb that tells what rules came to: a line a rule, or one rule in sentences. It
 * counts nothing itself. */
#include <stdio.h>
#include <stdlib.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static long long number(json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* What its messages cost, beside what is credited to it. */
static void show_cost(const char *before, json_t *of)
{
	char cost[32], each[32];
	if (!json_is_integer(json_object_get(of, "cost")))
		return;
	printf(TR("%scost of messages: %s won", "%s메시지에 든 돈: %s원"), before,
	        ctl_number(of, "cost", cost));
	if (json_is_integer(json_object_get(of, "cost_per_order")))
		printf(TR(", %s for each credited order",
		               ", 성과로 친 주문 한 건에 %s원"),
		        ctl_number(of, "cost_per_order", each));
	putchar('\n');
}

/* ---- all of them ---- */

static int64_t sum_of(json_t *channels)
{
	const char *name;
	json_t *n;
	int64_t sum = 0;
	json_object_foreach(channels, name, n) sum += json_integer_value(n);
	return sum;
}

/* "30/108 27.8%"; "-" without a goal. New. */
static char *side_cell(json_t *side)
{
	if (!json_is_object(side))
		return mem_strdup("-");
	return mem_printf("%lld/%lld %.1f%%", number(side, "met"), number(side, "runs"),
	        json_real_value(json_object_get(side, "rate")) * 100);
}

/* "-" where no price is said. */
static const char *cost_cell(json_t *rule, char out[32])
{
	return json_is_integer(json_object_get(rule, "cost"))
	               ? ctl_number(rule, "cost", out)
	               : "-";
}

static void add_rule(struct table *table, json_t *rule)
{
	char runs[32], held_out[32], accepted[32], orders[32], revenue[32], cost[32];
	bool removed = json_is_true(json_object_get(rule, "removed"));
	char *name = mem_printf("%s%s", ctl_text(rule, "rule"),
	             removed ? TR(" (removed)", " (지움)") : ""),
	     *goal = side_cell(json_object_get(rule, "goal")),
	     *holdout = side_cell(json_object_get(rule, "holdout"));
	table_add(table, name, ctl_number(rule, "runs", runs),
	        ctl_number(rule, "held_out", held_out),
	        text_number(sum_of(json_object_get(rule, "accepted")), accepted), goal,
	        holdout, ctl_number(rule, "orders", orders),
	        ctl_number(rule, "revenue", revenue), cost_cell(rule, cost));
	free(name);
	free(goal);
	free(holdout);
}

static void show_all(json_t *report)
{
	json_t *rules = json_object_get(report, "rules"),
	       *total = json_object_get(report, "total"), *rule;
	char orders[32], revenue[32];
	struct table table;
	size_t i;
	if (!json_array_size(rules)) {
		puts(TR("no rule began in those days",
		        "그 기간에 시작한 규칙이 없습니다"));
		return;
	}
	table_init(&table, TR("rule", "규칙"), TR("began", "시작"),
	        TR("held out", "비교군"), TR("accepted", "접수"),
	        TR("goal met", "목표 이룸"), TR("held out met", "비교군 이룸"),
	        TR("orders", "주문"), TR("won", "원"), TR("cost", "든 돈"), NULL);
	json_array_foreach(rules, i, rule) add_rule(&table, rule);
	table_print(&table, stdout);
	printf(TR("\ncredited: %s orders, %s won after refunds\n",
	               "\n규칙의 성과: 주문 %s건, 환불을 뺀 %s원\n"),
	        ctl_number(total, "orders", orders),
	        ctl_number(total, "revenue", revenue));
	show_cost("", total);
}

/* ---- one of them ---- */

static void show_messages(json_t *rule)
{
	json_t *accepted = json_object_get(rule, "accepted"),
	       *delivered = json_object_get(rule, "delivered"), *n;
	char taken[32], arrived[32];
	const char *channel;
	json_object_foreach(accepted, channel, n)
	        printf(TR("  %s: %s accepted, %s of them known to be delivered\n",
	                       "  %s: 접수 %s건, 그 가운데 도착을 확인한 것 %s건\n"),
	                channel, text_number(json_integer_value(n), taken),
	                ctl_number(delivered, channel, arrived));
}

static void show_side(const char *who, json_t *side)
{
	char met[32], runs[32];
	if (!json_is_object(side))
		return;
	printf(TR("  goal met, %s: %s of %s, %.1f %%", "  목표 이룸, %s: %s/%s, %.1f%%"),
	        who, ctl_number(side, "met", met), ctl_number(side, "runs", runs),
	        json_real_value(json_object_get(side, "rate")) * 100);
	if (number(side, "open"))
		printf(TR(" (the time of %lld is not over)",
		               " (%lld명은 아직 기간이 남음)"),
		        number(side, "open"));
	putchar('\n');
}

static void show_lift(json_t *rule)
{
	double lift = json_real_value(json_object_get(rule, "lift")) * 100;
	if (!json_is_real(json_object_get(rule, "lift")))
		return;
	printf(TR("  the rule makes a difference of %+.1f points",
	               "  규칙이 만든 차이: %+.1f%%p"),
	        lift);
	puts(json_is_true(json_object_get(rule, "lift_sure"))
	                ? ""
	                : TR(", which may be chance", ", 우연일 수 있습니다"));
}

static void show_money(json_t *rule)
{
	json_t *coupons = json_object_get(rule, "coupons");
	char orders[32], revenue[32], given[32], redeemed[32];
	printf(TR("  credited: %s orders, %s won after refunds\n",
	               "  성과: 주문 %s건, 환불을 뺀 %s원\n"),
	        ctl_number(rule, "orders", orders), ctl_number(rule, "revenue", revenue));
	show_cost("  ", rule);
	if (number(coupons, "given"))
		printf(TR("  coupons: %s given, %s redeemed\n",
		               "  쿠폰: 준 것 %s장, 쓴 것 %s장\n"),
		        ctl_number(coupons, "given", given),
		        ctl_number(coupons, "redeemed", redeemed));
}

static void show_one(json_t *rule)
{
	char runs[32], held_out[32];
	printf(TR("%s%s\n  began for %s, %s of them held out\n",
	               "%s%s\n  시작 %s명, 그 가운데 비교군 %s명\n"),
	        ctl_text(rule, "rule"),
	        json_is_true(json_object_get(rule, "removed"))
	                ? TR(" (removed)", " (지움)")
	                : "",
	        ctl_number(rule, "runs", runs), ctl_number(rule, "held_out", held_out));
	show_messages(rule);
	show_side(TR("written to", "보낸 쪽"), json_object_get(rule, "goal"));
	show_side(TR("held out", "비교군"), json_object_get(rule, "holdout"));
	show_lift(rule);
	show_money(rule);
}

/* ---- asking ---- */

static void add_part(struct buf *path, const char *name, const char *value)
{
	char *part = value ? ctl_path(name, value, NULL) : NULL;
	if (part)
		buf_adds(path, part);
	free(part);
}

/* New. */
static char *path_of(const struct ask *ask)
{
	struct buf path = {0};
	add_part(&path, "/v1/report?rule=", ask->n ? ask->args[0] : "");
	add_part(&path, "&from=", ask_option(ask, "from"));
	add_part(&path, "&to=", ask_option(ask, "to"));
	return buf_take(&path);
}

int verb_report(const struct ask *ask)
{
	char *path = path_of(ask);
	json_t *report;
	int failed = ctl_call(ask, "GET", path, NULL, &report);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(report);
	if (ask->n)
		show_one(json_array_get(json_object_get(report, "rules"), 0));
	else
		show_all(report);
	json_decref(report);
	return CTL_DONE;
}
