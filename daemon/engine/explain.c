/* The explanation as a whole: what is looked at, in the order in which it decides, and
 * the sentence that it comes to. */
#include "engine/explain.h"

#include "base/log.h"
#include "engine/engine.h"
#include "engine/inquiry.h"

/* ---- the rule's and the customer's own ---- */

/* A clause with the instant that it holds since, where that is known. */
static const char *since_then(
        struct inquiry *in, const char *clause, const char *with, int64_t since)
{
	return since ? inquiry_print(in, with, inquiry_when(in, since)) : clause;
}

static void show_switch(struct inquiry *in, const char *state, bool on, int64_t since)
{
	const char *value = since ? inquiry_print(in, TR("%s since %s", "%s, %s부터"),
	                                    state, inquiry_when(in, since))
	                          : state;

	inquiry_add(in, "rule", TR("the rule is on", "규칙이 켜져 있음"), value,
	        on ? TRUTH_YES : TRUTH_NO);
}

static void off_in_file(struct inquiry *in)
{
	const struct rule *rule = in->state->rule;

	show_switch(in, TR("off in its file", "파일에서 꺼짐"), false, 0);
	inquiry_blame(in, EXPLAIN_NOT,
	        inquiry_print(in,
	                TR("the rule's file says off (%s:%d)",
	                        "규칙 파일에 끔이라고 적혀 있기(%s:%d)"),
	                rule->file ? rule->file : "", rule->line));
}

static void off_by_owner(struct inquiry *in)
{
	int64_t since = trace_switched(in->engine->db, "rule.off", in->state->rule->name);

	show_switch(in, TR("off", "꺼짐"), false, since);
	inquiry_blame(in, EXPLAIN_NOT,
	        since_then(in, TR("the rule is off", "규칙이 꺼져 있기"),
	                TR("the rule is off since %s", "규칙이 %s부터 꺼져 있기"),
	                since));
}

static void paused(struct inquiry *in)
{
	int64_t since =
	        trace_switched(in->engine->db, "rule.pause", in->state->rule->name);

	show_switch(in, TR("paused", "멈춤"), false, since);
	inquiry_blame(in, EXPLAIN_NOT,
	        since_then(in, TR("the rule is paused", "규칙이 멈춰 있기"),
	                TR("the rule is paused since %s", "규칙이 %s부터 멈춰 있기"),
	                since));
}

static void rule_switches(struct inquiry *in)
{
	const struct rule_row *row = &in->state->row;

	if (in->state->rule->off)
		off_in_file(in);
	else if (row->owner_off)
		off_by_owner(in);
	else if (row->paused)
		paused(in);
	else
		show_switch(in, TR("on", "켜짐"), true, row->since);
}

static bool posts(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_ops; i++)
		if (rule->ops[i].kind == OP_SEND && rule->ops[i].legs[0].url)
			return true;
	return false;
}

static void not_to_customers(struct inquiry *in)
{
	bool machine = posts(in->rule);

	inquiry_add(in, "rule", TR("it writes to customers", "고객에게 보냄"),
	        machine ? TR("to a web address or the owner", "웹 주소나 사장님에게만")
	                : TR("to the owner only", "사장님에게만"),
	        TRUTH_NO);
	inquiry_blame(in, EXPLAIN_NOT,
	        machine ? TR("the rule writes to a web address or the owner only",
	                          "웹 주소나 사장님에게만 보내는 규칙이기")
	                : TR("the rule writes to the owner only",
	                          "사장님에게만 보내는 규칙이기"));
}

static void whom_it_is_for(struct inquiry *in)
{
	if (in->customer->bulk) {
		const char *bulk = TR("over 500 events came for this customer in a day "
		                      "(bulk), so that no rule looks",
		        "하루 이벤트가 500건을 넘어(bulk) 규칙이 보지 않는 고객이기");
		inquiry_add(in, "customer",
		        TR("rules look at the customer", "규칙이 보는 고객"),
		        TR("over 500 events in a day", "하루 이벤트 500건 넘음"),
		        TRUTH_NO);
		inquiry_blame(in, EXPLAIN_NOT, bulk);
	}
	if (in->rule->to_owner_only)
		not_to_customers(in);
}

/* ---- the sentence ---- */

static const char *gets(struct inquiry *in)
{
	const char *ref = in->customer->ref;

	if (in->got_at)
		return inquiry_print(in,
		        TR("Customer %s got it at %s; nothing stands in the way of the "
		           "next occasion.",
		                "고객 %s은(는) %s에 받았습니다. 다음 기회를 막는 것은 "
		                "없습니다."),
		        ref, inquiry_when(in, in->got_at));
	if (in->out->next)
		return inquiry_print(in,
		        TR("Customer %s gets it at %s: nothing stands in the way.",
		                "고객 %s은(는) %s에 받습니다. 막는 것이 없습니다."),
		        ref, inquiry_when(in, in->out->next));
	return inquiry_print(in,
	        TR("Customer %s gets it at the next occasion (%s): nothing stands in the "
	           "way.",
	                "고객 %s은(는) 다음 기회(%s)에 받습니다. 막는 것이 없습니다."),
	        ref, in->rule->trigger.text);
}

static const char *does_not(struct inquiry *in)
{
	const char *ref = in->customer->ref;

	if (!in->got_at)
		return inquiry_print(in,
		        TR("Customer %s does not get it because %s.",
		                "고객 %s은(는) %s 때문에 받지 않습니다."),
		        ref, in->cause);
	return inquiry_print(in,
	        TR("Customer %s does not get it because %s (got it last at %s).",
	                "고객 %s은(는) %s 때문에 받지 않습니다(마지막으로 %s에 "
	                "받음)."),
	        ref, in->cause, inquiry_when(in, in->got_at));
}

static const char *sentence(struct inquiry *in)
{
	const char *ref = in->customer->ref;

	switch (in->verdict) {
	case EXPLAIN_GETS:
		return gets(in);
	case EXPLAIN_PAST:
		return inquiry_print(in,
		        TR("Customer %s did not get it last time because %s; nothing "
		           "stands in the way now.",
		                "고객 %s은(는) 지난번에 %s 때문에 받지 않았습니다. "
		                "지금은 막는 것이 없습니다."),
		        ref, in->cause);
	case EXPLAIN_LATER:
		return inquiry_print(in,
		        TR("Customer %s gets it later because %s.",
		                "고객 %s은(는) %s 때문에 나중에 받습니다."),
		        ref, in->cause);
	case EXPLAIN_INSIDE:
		return inquiry_print(in,
		        TR("Customer %s is inside the rule: %s.",
		                "고객 %s은(는) 이 규칙을 거치는 중입니다: %s."),
		        ref, in->cause);
	case EXPLAIN_NOT:
		return does_not(in);
	}
	return "";
}

/* Texts of the rule and of its runs: the answer outlives both. */
static const char *kept(struct inquiry *in, const char *text)
{
	return text ? arena_strdup(in->arena, text) : NULL;
}

static void keep(struct inquiry *in)
{
	struct explanation *out = in->out;

	for (size_t i = 0; i < out->n_checks; i++) {
		out->checks[i].what = kept(in, out->checks[i].what);
		out->checks[i].value = kept(in, out->checks[i].value);
	}
	for (size_t i = 0; i < out->n_history; i++) {
		out->history[i].what = kept(in, out->history[i].what);
		out->history[i].reason = kept(in, out->history[i].reason);
	}
}

void explain(struct engine *engine, struct rule_state *state,
        const struct customer *customer, int64_t now, struct arena *arena,
        struct explanation *out)
{
	struct inquiry in = {.engine = engine,
	        .state = state,
	        .rule = state->rule,
	        .customer = customer,
	        .arena = arena,
	        .now = now,
	        .at = now,
	        .begins = now,
	        .verdict = EXPLAIN_GETS,
	        .out = out};

	*out = (struct explanation){0};
	explain_runs(&in);
	rule_switches(&in);
	whom_it_is_for(&in);
	explain_trigger(&in);
	explain_conditions(&in);
	explain_clauses(&in);
	explain_skipped(&in);
	explain_position(&in);
	explain_sends(&in);
	if (in.missed)
		inquiry_blame(&in, in.missed_verdict, in.missed);
	explain_past(&in);
	explain_history(&in);
	out->why = sentence(&in);
	keep(&in);
	out->fires = in.verdict != EXPLAIN_NOT;
	out->at = in.at;
}
