/* What stands before each message of the rule: the steps that lead to it, its coupon, and
 * for each leg what the gate will ask. */
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "engine/inquiry.h"
#include "engine/step.h"
#include "store/consent.h"
#include "store/coupon.h"

#define SHOWN_MOST 12 /* channels, as advertisement and as information */

struct sends {
	int n, open; /* messages to the customer, and those that a leg is left for */
	const char *blocked, *later; /* clauses of the first of them */
	int64_t coupon_expires;
	bool told; /* what does not depend on the leg */
	struct {
		const char *channel;
		bool ad;
	} shown[SHOWN_MOST];
	int n_shown;
};

/* ---- coupons ---- */

static const char *expiry_text(struct inquiry *in, int64_t expires)
{
	return expires ? inquiry_print(in, TR(", valid until %s", ", %s까지"),
	                         inquiry_when(in, expires))
	               : "";
}

static void show_coupon(
        struct inquiry *in, const char *name, const char *value, enum reason reason)
{
	struct explain_check check = {.kind = "coupon",
	        .what = inquiry_print(in, TR("coupon %s", "쿠폰 %s"), name),
	        .value = value,
	        .holds = reason == REASON_NONE ? TRUTH_YES : TRUTH_NO,
	        .reason = reason};

	inquiry_check(in, &check);
	if (reason != REASON_NONE && !in->waits)
		inquiry_blame(in, EXPLAIN_NOT,
		        inquiry_print(in, TR("%2$s (coupon %1$s)", "쿠폰 %1$s: %2$s"),
		                name, explain_because(reason)));
}

/* Codes that are left of a declaration; -1: there is no bound. */
static int64_t codes_left(struct inquiry *in, const struct coupon_decl *decl)
{
	if (decl->codes)
		return coupon_left(in->engine->db, decl->name);
	return decl->stock ? decl->stock - coupon_out(in->engine->db, decl->name) : -1;
}

static void declared_coupon(
        struct inquiry *in, const struct coupon_decl *decl, int64_t expires)
{
	int64_t left = codes_left(in, decl);
	const char *until = expiry_text(in, expires);
	const char *value =
	        left < 0 ? inquiry_print(in, TR("no bound%s", "수량 제한 없음%s"), until)
	                 : inquiry_print(in, TR("%lld left%s", "%lld개 남음%s"),
	                           (long long)left, until);

	show_coupon(in, decl->name, value,
	        expires && expires < in->begins ? REASON_OFFER_EXPIRED
	        : left == 0                     ? REASON_NO_COUPON
	                                        : REASON_NONE);
}

static void coupon(struct inquiry *in, struct sends *s, const struct op *op)
{
	const struct coupon_decl *decl = state_coupon(in->engine, op->name);

	if (in->inside.id && coupon_of_run(in->engine->db, in->inside.id, in->arena,
	                             &s->coupon_expires)) {
		show_coupon(in, op->name,
		        inquiry_print(in, TR("a code is reserved%s", "코드를 잡아 둠%s"),
		                expiry_text(in, s->coupon_expires)),
		        REASON_NONE);
		return;
	}
	if (!decl) {
		show_coupon(in, op->name, NULL, REASON_NO_COUPON);
		return;
	}
	s->coupon_expires = coupon_expiry(decl, in->engine->shop->zone, in->begins);
	declared_coupon(in, decl, s->coupon_expires);
}

/* ---- one leg ---- */

struct leg_view {
	const char *channel, *medium;
	bool ad, by_day;
	struct gate_answer answers[GATE_TOPICS];
	bool has_template;
};

static void show(struct inquiry *in, const struct leg_view *v, const char *kind,
        enum gate_topic topic, const char *what, const char *value)
{
	const struct gate_answer *answer = &v->answers[topic];
	struct explain_check check = {.kind = kind,
	        .what = inquiry_print(in, "%s: %s", v->channel, what),
	        .value = value,
	        .holds = answer->verdict == GATE_GO ? TRUTH_YES : TRUTH_NO,
	        .reason = answer->verdict == GATE_GO ? REASON_NONE : answer->reason};

	inquiry_check(in, &check);
}

static const char *consent_text(
        struct inquiry *in, const char *medium, const char *purpose)
{
	int64_t since = consent_since(in->engine->db, in->customer->id, medium, purpose);

	if (!since)
		return TR("never given", "받은 적 없음");
	return inquiry_print(in,
	        consent_given(in->engine->db, in->customer->id, medium, purpose)
	                ? TR("given %s", "%s에 받음")
	                : TR("taken back %s", "%s에 철회"),
	        inquiry_when(in, since));
}

static void show_caps(struct inquiry *in)
{
	const struct shop *shop = in->engine->shop;

	if (shop->ads_off)
		inquiry_add(in, "cap", TR("advertising is on", "광고를 보냄"),
		        TR("ads 0", "ads 0"), TRUTH_NO);
	for (int i = 0; i < shop->n_caps; i++) {
		const struct cap *cap = &shop->caps[i];
		int64_t ends, used = gate_cap_used(in->engine->db, shop, cap,
		                      in->customer->id, in->begins, &ends);
		static const char *const english[] = {"day", "week", "month"},
		                         *const korean[] = {"하루", "한 주", "한 달"};
		if (cap->n <= 0)
			continue;
		inquiry_add(in, "cap",
		        inquiry_print(in,
		                TR("at most %lld advertisements a %s", "광고 %lld번/%s"),
		                (long long)cap->n,
		                TR(english[cap->unit], korean[cap->unit])),
		        inquiry_print(in,
		                TR("%lld had, begins anew %s",
		                        "%lld번 받음, 새로 세는 때 %s"),
		                (long long)used, inquiry_when(in, ends)),
		        used < cap->n ? TRUTH_YES : TRUTH_NO);
	}
}

static void show_budget(struct inquiry *in, const struct leg_view *v)
{
	struct budget_state state;
	char budget[64], left[32];

	if (!gate_budget(
	            in->engine->db, in->engine->shop, v->channel, in->begins, &state))
		return;
	show(in, v, "budget", GATE_BUDGET,
	        inquiry_print(in, TR("the budget of %s", "예산 %s"),
	                budget_text(state.budget, budget)),
	        inquiry_print(in,
	                TR("%s won left, begins anew %s", "%s원 남음, 새로 세는 때 %s"),
	                text_number(budget_left(&state), left),
	                inquiry_when(in, state.ends)));
}

static void show_window(struct inquiry *in, const struct leg_view *v)
{
	const struct gate_answer *answer = &v->answers[GATE_WINDOW];

	show(in, v, "hours", GATE_WINDOW,
	        TR("the law's and the shop's hours", "보낼 수 있는 시간"),
	        answer->verdict == GATE_GO
	                ? inquiry_print(in, TR("open at %s", "%s에 열림"),
	                          inquiry_when(in, in->begins))
	                : inquiry_print(in, TR("opens at %s", "%s에 열림"),
	                          inquiry_when(in, answer->until)));
}

/* The consent, or the purchase that stands in for it. */
static const char *allowed_by(struct inquiry *in, const struct leg_view *v)
{
	const struct engine *engine = in->engine;
	int64_t until = gate_exception(
	        engine->db, engine->shop, in->rule, in->customer->id, v->medium);

	if (until < in->begins ||
	        consent_given(engine->db, in->customer->id, v->medium, "ad"))
		return consent_text(in, v->medium, "ad");
	return inquiry_print(in,
	        TR("bought such goods: until %s", "같은 종류를 산 손님: %s까지"),
	        inquiry_when(in, until));
}

static const char *guardian_text(struct inquiry *in)
{
	return consent_given(in->engine->db, in->customer->id, CONSENT_GUARDIAN, "ad")
	               ? TR("a guardian agreed", "보호자가 동의함")
	               : NULL;
}

static void show_advertisement(struct inquiry *in, const struct leg_view *v, bool told)
{
	const char *data = TR("consent to the use of data", "정보 이용 동의");

	show(in, v, "consent", GATE_CONSENT,
	        TR("consent to advertisements", "광고 수신 동의"), allowed_by(in, v));
	if (told)
		return;
	if (in->engine->shop->law_korea)
		show(in, v, "data", GATE_DATA, data, consent_text(in, "data", "ad"));
	show(in, v, "age", GATE_AGE, TR("old enough", "나이"),
	        in->customer->birth_year ? guardian_text(in) : TR("not known", "모름"));
	show_caps(in);
}

static void show_template(struct inquiry *in, const struct leg_view *v)
{
	struct explain_check check = {.kind = "template",
	        .what = inquiry_print(in, TR("%s: template", "%s: 템플릿"), v->channel),
	        .holds = TRUTH_NO,
	        .reason = REASON_NO_TEMPLATE};

	if (!v->has_template)
		inquiry_check(in, &check);
}

/* Legs of several steps go the same way: it is told once. */
static bool first_time(struct sends *s, const struct leg_view *v)
{
	for (int i = 0; i < s->n_shown; i++)
		if (!strcmp(s->shown[i].channel, v->channel) && s->shown[i].ad == v->ad)
			return false;
	if (s->n_shown < SHOWN_MOST) {
		s->shown[s->n_shown].channel = v->channel;
		s->shown[s->n_shown++].ad = v->ad;
	}
	return true;
}

static void show_leg(struct inquiry *in, const struct leg_view *v, bool told)
{
	bool known = v->answers[GATE_ADDRESS].verdict == GATE_GO;
	int friend = in->customer->friend;

	show(in, v, "contact", GATE_ADDRESS, TR("address", "주소"),
	        known ? TR("known", "있음") : TR("not usable", "쓸 수 없음"));
	if (known)
		show(in, v, "suppression", GATE_SUPPRESSION,
		        TR("not on the suppression list", "수신 거부 목록에 없음"), NULL);
	if (!strcmp(v->channel, "brandmessage"))
		show(in, v, "friend", GATE_KAKAO,
		        TR("friend of the channel", "채널 친구"),
		        friend < 0 ? TR("not known", "모름")
		        : friend   ? TR("yes", "예")
		                   : TR("no", "아니오"));
	if (v->ad) {
		show_advertisement(in, v, told);
		show_budget(in, v);
	}
	if (v->ad || v->by_day)
		show_window(in, v);
}

static void look(struct inquiry *in, const struct sends *s, const struct op *op,
        const struct leg *leg, struct leg_view *v)
{
	struct engine *engine = in->engine;
	struct message message = {.rule = in->state->rule->name,
	        .customer = in->customer->id,
	        .channel = leg->channel,
	        .template = leg->template,
	        .purpose = step_purpose(
	                engine, leg->template, leg->channel, in->rule->purpose),
	        .flags = op->by_day ? MESSAGE_BY_DAY : 0};
	struct gate_question question = {.message = &message,
	        .customer = in->customer,
	        .address = gate_address(engine->shop, leg->channel, in->customer),
	        .rule = in->rule,
	        .rule_active = true,
	        .coupon_expires = s->coupon_expires};

	*v = (struct leg_view){.channel = leg->channel,
	        .medium = gate_medium(leg->channel),
	        .ad = !strcmp(message.purpose, "ad"),
	        .by_day = op->by_day,
	        .has_template = template_find(engine->ruleset->templates, leg->template,
	                                leg->channel, in->customer->language) != NULL};
	gate_ask_all(engine->db, engine->shop, &question, in->begins, v->answers);
}

/* The first topic that says no, as the gate decides it. */
static struct gate_answer decided(const struct leg_view *v)
{
	for (int i = 0; i < GATE_TOPICS; i++)
		if (v->answers[i].verdict != GATE_GO)
			return v->answers[i];
	if (!v->has_template)
		return (struct gate_answer){
		        .verdict = GATE_NEXT, .reason = REASON_NO_TEMPLATE};
	return v->answers[0];
}

/* ---- one send ---- */

/* The rule's `if` was told, and need not hold any more once he is inside. */
static bool is_rules_own(const struct inquiry *in, const struct guard *g)
{
	return in->rule->cond && !strcmp(cond_text(g->cond), cond_text(in->rule->cond));
}

/* Conditions passed on the way to it; the clause of the first that is not as wanted. */
static const char *guards(struct inquiry *in, const struct op *op)
{
	struct moment moment = inquiry_moment(in);
	const char *because = NULL;

	for (size_t i = 0; i < op->n_guards; i++) {
		const struct guard *g = &op->guards[i];
		const char *one = NULL;
		if (is_rules_own(in, g))
			continue;
		if (g->want) {
			one = explain_parts(in, "step", g->cond, NULL);
		} else {
			bool yes =
			        cond_ask(g->cond, &moment, in->customer->id) == TRUTH_YES;
			inquiry_add(in, "step",
			        inquiry_print(in, TR("not: %s", "아님: %s"),
			                cond_text(g->cond)),
			        NULL, yes ? TRUTH_NO : TRUTH_YES);
			if (yes)
				one = inquiry_print(in,
				        TR("'%s' is true", "'%s'이(가) 참이기"),
				        cond_text(g->cond));
		}
		because = because ? because : one;
	}
	return because;
}

static const char *with_channel(
        struct inquiry *in, const char *before, const char *channel, enum reason reason)
{
	return inquiry_print(in, TR("%s%s%s (%s)", "%s%s%s(%s)"), before ? before : "",
	        before ? "; " : "", explain_because(reason), channel);
}

/* What a chain of legs comes to: the clause that it is blocked for, or NULL. */
static const char *legs(
        struct inquiry *in, struct sends *s, const struct op *op, const char **later)
{
	const char *blocked = NULL;
	bool settled = false;

	for (size_t i = 0; i < op->n_legs; i++) {
		struct leg_view v;
		struct gate_answer answer;
		look(in, s, op, &op->legs[i], &v);
		show_template(in, &v);
		if (first_time(s, &v))
			show_leg(in, &v, s->told);
		s->told = s->told || v.ad;
		answer = decided(&v);
		if (settled)
			continue;
		settled = answer.verdict != GATE_NEXT;
		if (answer.verdict == GATE_NEXT || answer.verdict == GATE_END)
			blocked = with_channel(in, blocked, v.channel, answer.reason);
		else
			blocked = NULL;
		if (answer.verdict == GATE_WAIT)
			*later = inquiry_print(in, TR("until %s %s", "%s까지 %s"),
			        inquiry_when(in, answer.until),
			        explain_because(answer.reason));
	}
	return blocked;
}

static void send(struct inquiry *in, struct sends *s, const struct op *op)
{
	const char *because, *refused, *later = NULL;

	if (!op_to_customer(op))
		return;
	because = guards(in, op);
	refused = legs(in, s, op, &later);
	because = because ? because : refused;
	if (!s->n++) {
		s->blocked = because;
		s->later = because ? NULL : later;
	}
	s->open += because == NULL;
}

void explain_sends(struct inquiry *in)
{
	const struct rule *rule = in->rule;
	const struct run *run = &in->inside;
	struct sends s = {0};
	size_t first = run->id && run->pc > 0 ? (size_t)run->pc : 0;

	/* The message of the step that he stands at has left already. */
	if (run->id && !in->waits && first < rule->n_ops &&
	        rule->ops[first].kind == OP_SEND)
		first++;
	for (size_t i = first; i < rule->n_ops; i++) {
		if (rule->ops[i].kind == OP_GIVE)
			coupon(in, &s, &rule->ops[i]);
		else if (rule->ops[i].kind == OP_SEND)
			send(in, &s, &rule->ops[i]);
	}
	if (in->waits || !s.n)
		return;
	if (!s.open)
		inquiry_blame(in, EXPLAIN_NOT, s.blocked);
	else if (s.later)
		inquiry_blame(in, EXPLAIN_LATER, s.later);
}
