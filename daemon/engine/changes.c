/* What putting a ruleset in force changed: kept until the next one, and said. It changes
 * no rule itself. */
#include "engine/changes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"

#define CHANGES_MOST 1000 /* kept for the owner; more of them stand in the journal */

const char *change_kind_name(enum change_kind kind)
{
	switch (kind) {
	case CHANGE_ADDED:
		return "added";
	case CHANGE_CHANGED:
		return "changed";
	case CHANGE_RENAMED:
		return "renamed";
	case CHANGE_REMOVED:
		return "removed";
	case CHANGE_OFF:
		return "off";
	}
	return "";
}

void changes_add(struct changes *changes, const struct change *change)
{
	struct change *item = mem_grow(&changes->items, changes->n, sizeof *item);

	*item = *change;
	changes->n++;
}

static struct change *find(const struct changes *changes, const char *rule)
{
	for (size_t i = 0; i < changes->n; i++)
		if (!strcmp(changes->items[i].rule, rule))
			return &changes->items[i];
	return NULL;
}

static void add_up(struct waiting *sum, struct waiting more)
{
	sum->runs += more.runs;
	sum->messages += more.messages;
	sum->coupons += more.coupons;
}

static void merge(struct changes *changes, const struct change *later)
{
	struct change *was = find(changes, later->rule), sum = *later;

	if (!was) {
		if (changes->n < CHANGES_MOST)
			changes_add(changes, later);
		return;
	}
	if (was->kind == CHANGE_ADDED && later->kind == CHANGE_CHANGED)
		sum.kind = CHANGE_ADDED;
	add_up(&sum.ended, was->ended);
	sum.ending = sum.ending || was->ending;
	*was = sum;
}

void changes_over(struct changes *changes, const char *rule, struct waiting ended)
{
	struct change *change = find(changes, rule);

	if (!change || !change->ending)
		return;
	add_up(&change->ended, ended);
	change->ending = false;
}

void changes_merge(struct changes *changes, const struct changes *later)
{
	for (size_t i = 0; i < later->n; i++)
		merge(changes, &later->items[i]);
}

void changes_clear(struct changes *changes)
{
	free(changes->items);
	*changes = (struct changes){0};
}

static char *cancelled_text(const char *fmt, const struct change *change)
{
	return mem_printf(fmt, change->rule, change->ended.runs, change->ended.messages,
	        change->ended.coupons);
}

static char *ending_text(const struct change *change)
{
	return mem_printf(
	        change->kind == CHANGE_REMOVED
	                ? TR("rule %s is gone: what waits of it is being ended",
	                          "규칙 %s이(가) 없어졌습니다. 기다리던 것을 끝내는 "
	                          "중입니다")
	                : TR("rule %s is off: what waits of it is being ended",
	                          "규칙 %s이(가) 꺼졌습니다. 기다리던 것을 끝내는 "
	                          "중입니다"),
	        change->rule);
}

char *change_text(const struct change *change)
{
	if (change->ending)
		return ending_text(change);
	switch (change->kind) {
	case CHANGE_ADDED:
		return mem_printf(TR("rule %s is new and counts from now",
		                          "새 규칙 %s: 지금부터 셉니다"),
		        change->rule);
	case CHANGE_CHANGED:
		return mem_printf(
		        TR("rule %s was changed and counts from now; who is inside keeps "
		           "the version that they began with",
		                "규칙 %s이(가) 바뀌었습니다. 지금부터 세며, 이미 진행 "
		                "중인 고객은 시작한 판 그대로 갑니다"),
		        change->rule);
	case CHANGE_RENAMED:
		return mem_printf(TR("rule %s was called %s: limits and occasions go on",
		                          "규칙 %s의 전 이름은 %s입니다. 제한과 발송 "
		                          "기록은 이어집니다"),
		        change->rule, change->was);
	case CHANGE_REMOVED:
		return cancelled_text(
		        TR("rule %s is gone: %" PRId64 " runs ended, %" PRId64
		           " messages dropped, %" PRId64 " coupons given back",
		                "규칙 %s이(가) 없어졌습니다: 진행 %" PRId64
		                "건을 끝내고, 메시지 %" PRId64
		                "건을 버리고, 쿠폰 %" PRId64 "장을 되돌렸습니다"),
		        change);
	case CHANGE_OFF:
		return cancelled_text(
		        TR("rule %s is off: %" PRId64 " runs ended, %" PRId64
		           " messages dropped, %" PRId64 " coupons given back",
		                "규칙 %s이(가) 꺼졌습니다: 진행 %" PRId64
		                "건을 끝내고, 메시지 %" PRId64
		                "건을 버리고, 쿠폰 %" PRId64 "장을 되돌렸습니다"),
		        change);
	}
	return NULL;
}
