/* What would start a rule that waits at the border of a segment: on which side the
 * customer stands, and whether his last crossing counted. */
#include <string.h>
#include "base/log.h"
#include "engine/inquiry.h"

static const struct border *border_of(const struct inquiry *in)
{
	const struct engine *engine = in->engine;

	for (size_t i = 0; i < engine->n_borders; i++)
		if (!strcmp(engine->borders[i].segment->name, in->rule->trigger.name))
			return &engine->borders[i];
	return NULL;
}

/* Time moves a customer once a day: what holds now may be ahead of what is noted. */
static bool meets(struct inquiry *in, const struct border *border)
{
	struct moment moment = inquiry_moment(in);

	return cond_ask(border->segment->cond, &moment, in->customer->id) == TRUTH_YES;
}

static void blame_side(struct inquiry *in, const struct border *border, bool ever)
{
	const char *name = border->segment->name, *because = NULL;

	if (in->rule->trigger.kind == TRIGGER_ENTERS)
		because = explain_parts(in, "trigger", border->segment->cond, NULL);
	else
		because = inquiry_print(in,
		        ever ? TR("the customer is still in %s",
		                       "아직 고객군 %s에 들어 있기")
		             : TR("the customer was never in %s",
		                       "고객군 %s에 든 적이 없기"),
		        name);
	if (because)
		inquiry_blame(in, EXPLAIN_NOT, because);
}

/* Not every crossing begins the rule, and he must cross again for another. */
static void blame_crossing(struct inquiry *in, int64_t since)
{
	if (inquiry_knows(in, in->occasion))
		return; /* what became of it is told by its run */
	inquiry_blame(in, EXPLAIN_NOT,
	        inquiry_print(in,
	                in->rule->trigger.kind == TRIGGER_ENTERS
	                        ? TR("the customer is inside since %s, and coming in "
	                             "did not count then: the rule was new or off, it "
	                             "came by an import or as history, or the condition "
	                             "did not hold",
	                                  "%s부터 이미 들어 있는데 그때는 세지 "
	                                  "않았기(규칙이 새것이거나 꺼져 있었거나, "
	                                  "가져온 자료나 지난 기록이었거나, 조건에 맞지 "
	                                  "않음)")
	                        : TR("the customer is outside since %s, and leaving did "
	                             "not count then: the rule was new or off, it came "
	                             "by an import or as history, or the condition did "
	                             "not hold",
	                                  "%s에 이미 나갔는데 그때는 세지 "
	                                  "않았기(규칙이 새것이거나 꺼져 있었거나, "
	                                  "가져온 자료나 지난 기록이었거나, 조건에 맞지 "
	                                  "않음)"),
	                inquiry_when(in, since)));
}

static void show(struct inquiry *in, const char *value, enum truth holds)
{
	inquiry_add(in, "trigger", in->rule->trigger.text, value, holds);
}

static const char *side(struct inquiry *in, const struct segment_member *member)
{
	if (!member->since)
		return TR("outside", "밖");
	return inquiry_print(in,
	        member->inside ? TR("inside since %s", "%s부터 안")
	                       : TR("outside since %s", "%s부터 밖"),
	        inquiry_when(in, member->since));
}

void explain_border(struct inquiry *in)
{
	const struct border *border = border_of(in);
	bool enters = in->rule->trigger.kind == TRIGGER_ENTERS, across;
	struct segment_member member;

	if (!border || (border->row.seed >= 0 && in->customer->id > border->row.seed)) {
		show(in, TR("not looked at yet", "아직 보지 않음"), TRUTH_UNKNOWN);
		return;
	}
	segment_member(in->engine->db, border->row.id, in->customer->id, &member);
	across = member.inside == enters && (enters ? member.entries : member.exits);
	show(in, side(in, &member), across ? TRUTH_YES : TRUTH_NO);
	if (across) {
		crossing_occasion(
		        enters, enters ? member.entries : member.exits, in->occasion);
		blame_crossing(in, member.since);
	} else if (member.inside == enters || meets(in, border) != enters) {
		blame_side(in, border, member.inside);
	}
}
