/* Where the customer stands in the rule, what the last occasion came to, and all that was
 * done before, with its reasons. */
#include <string.h>
#include "base/log.h"
#include "engine/engine.h"
#include "engine/inquiry.h"
#include "store/goal.h"

#define MESSAGES_OF_A_RUN 20
#define MESSAGES_IN_ALL 200 /* the older ones are left out */

/* ---- reading ---- */

static bool arrived(const struct message *m)
{
	return m->state == MESSAGE_ACCEPTED || m->state == MESSAGE_DELIVERED;
}

static bool is_waiting(const struct message *m)
{
	switch (m->state) {
	case MESSAGE_PLANNED:
	case MESSAGE_HELD:
	case MESSAGE_CLAIMED:
	case MESSAGE_HANDED:
		return true;
	case MESSAGE_ACCEPTED:
	case MESSAGE_DELIVERED:
	case MESSAGE_FAILED:
	case MESSAGE_EXPIRED:
	case MESSAGE_DROPPED:
	case MESSAGE_UNKNOWN:
		break;
	}
	return false;
}

static void read_messages(struct inquiry *in, int64_t run)
{
	int64_t ids[MESSAGES_OF_A_RUN];
	int n = trace_messages(in->engine->db, run, ids, MESSAGES_OF_A_RUN);

	for (int i = 0; i < n && in->n_messages < MESSAGES_IN_ALL; i++) {
		struct message *m = &in->messages[in->n_messages];
		if (!message_get(in->engine->db, ids[i], in->arena, m))
			continue;
		in->n_messages++;
		if (arrived(m) && m->sent_at > in->got_at)
			in->got_at = m->sent_at;
	}
}

static const struct message *waiting_of(const struct inquiry *in, int64_t run)
{
	for (size_t i = 0; i < in->n_messages; i++)
		if (in->messages[i].run == run && is_waiting(&in->messages[i]))
			return &in->messages[i];
	return NULL;
}

/* The open run; else the last one while its message is still under way: a rule of one
 * message ends its run when that is planned. */
static void find_inside(struct inquiry *in)
{
	struct db *db = in->engine->db;
	int64_t open = run_open(db, in->state->row.id, in->customer->id);
	const struct rule *rule;
	char name[80];

	if (open && !run_get(db, open, &in->inside))
		in->inside.id = 0;
	if (!open && in->n_runs && waiting_of(in, in->runs[0].id))
		in->inside = in->runs[0];
	if (!in->inside.id)
		return;
	in->waits = waiting_of(in, in->inside.id) != NULL;
	rule = engine_rule_of(in->engine, &in->inside, name);
	if (rule) {
		in->rule = rule;
		return;
	}
	in->inside.pc = -1;
	inquiry_blame(in, EXPLAIN_NOT,
	        TR("the version of the rule that he began with can no longer be read",
	                "시작할 때의 규칙을 더는 읽을 수 없기"));
}

void explain_runs(struct inquiry *in)
{
	in->n_runs = trace_runs(in->engine->db, in->state->row.id, in->customer->id,
	        in->runs, TRACE_RUNS);
	in->messages = arena_alloc(in->arena, MESSAGES_IN_ALL * sizeof *in->messages);
	for (int i = 0; i < in->n_runs; i++)
		read_messages(in, in->runs[i].id);
	find_inside(in);
}

/* ---- where he stands ---- */

static const char *message_position(struct inquiry *in, const struct message *m)
{
	in->out->next = m->due_at;
	if (m->state == MESSAGE_HELD && (m->flags & MESSAGE_OWNER_HELD))
		return inquiry_print(in,
		        TR("its %s message is held by hand",
		                "%s 메시지를 손으로 붙들었습니다"),
		        m->channel);
	if ((m->state == MESSAGE_HELD ||
	            (m->state == MESSAGE_PLANNED && m->reason != REASON_NONE)) &&
	        m->due_at)
		return inquiry_print(in,
		        TR("its %s message waits until %s because %s",
		                "%s 메시지가 %s까지 기다립니다(%s 때문)"),
		        m->channel, inquiry_when(in, m->due_at),
		        explain_because(m->reason));
	if (m->state == MESSAGE_HELD)
		return inquiry_print(in,
		        TR("its %s message waits because %s",
		                "%s 메시지가 기다립니다(%s 때문)"),
		        m->channel, explain_because(m->reason));
	if (m->state == MESSAGE_PLANNED)
		return inquiry_print(in,
		        TR("its %s message is about to be sent",
		                "%s 메시지를 곧 보냅니다"),
		        m->channel);
	return inquiry_print(in,
	        TR("its %s message is being handed over", "%s 메시지를 건네는 중입니다"),
	        m->channel);
}

static const char *op_position(struct inquiry *in, const struct op *op)
{
	const char *until = inquiry_when(in, in->inside.due_at);

	switch (op->kind) {
	case OP_WAIT:
		if (op->event)
			return inquiry_print(in,
			        TR("it waits until %s unless %s comes",
			                "%s까지 기다립니다(%s이(가) 오면 끝)"),
			        until, op->event);
		return inquiry_print(
		        in, TR("it waits until %s", "%s까지 기다립니다"), until);
	case OP_WAIT_UNTIL:
		return inquiry_print(
		        in, TR("it waits until %s", "%s까지 기다립니다"), until);
	case OP_WAIT_FOR:
		return inquiry_print(in,
		        TR("it waits for %s, until %s at the latest",
		                "%s을(를) 기다립니다(늦어도 %s까지)"),
		        op->event, until);
	case OP_GIVE:
		return inquiry_print(in,
		        TR("no code of coupon %s is left; it asks again at %s",
		                "쿠폰 %s의 코드가 없어 %s에 다시 봅니다"),
		        op->name, until);
	default:
		return TR("its message was handed over, and nobody knows yet whether it "
		          "arrived",
		        "메시지를 건넸으나 도착했는지 아직 모릅니다");
	}
}

static const char *place_of(struct inquiry *in)
{
	const struct op *op = &in->rule->ops[in->inside.pc];

	if (in->inside.version == in->state->row.version)
		return inquiry_print(
		        in, TR("step at line %d", "%d번째 줄의 단계"), op->line);
	return TR("in the version that it began with", "시작할 때의 판으로");
}

void explain_position(struct inquiry *in)
{
	const struct run *run = &in->inside;
	const struct message *m;
	const char *position;

	if (!run->id)
		return;
	if (run->pc < 0 || (size_t)run->pc >= in->rule->n_ops)
		return;
	m = waiting_of(in, run->id);
	if (!m && run->due_at)
		in->out->next = run->due_at;
	if (!m && in->out->next > in->now)
		in->begins = in->out->next;
	position = m ? message_position(in, m) : op_position(in, &in->rule->ops[run->pc]);
	inquiry_add(in, "inside", position, place_of(in), TRUTH_YES);
	inquiry_blame(in, EXPLAIN_INSIDE, position);
}

/* ---- what became of it ---- */

static const char *message_because(const struct message *m)
{
	if (m->state == MESSAGE_UNKNOWN)
		return TR(
		        "its message was handed over and nobody knows whether it arrived",
		        "메시지를 건넸으나 도착했는지 알 수 없기");
	return explain_because(m->reason);
}

/* Why a run brought nothing; NULL when it did, or has nothing to tell. */
static const char *came_to_nothing(const struct inquiry *in, const struct run *run)
{
	const struct message *last = NULL;

	for (size_t i = 0; i < in->n_messages; i++) {
		if (in->messages[i].run != run->id)
			continue;
		last = &in->messages[i];
		if (arrived(last) || is_waiting(last))
			return NULL;
	}
	if (last)
		return message_because(last);
	if (!run->ended_at || !strcmp(run->reason, "done"))
		return NULL;
	return explain_ended_because(run->reason);
}

void explain_past(struct inquiry *in)
{
	const char *because = in->n_runs ? came_to_nothing(in, &in->runs[0]) : NULL;

	if (in->inside.id)
		return;
	if (because)
		inquiry_blame(in, in->spent ? EXPLAIN_NOT : EXPLAIN_PAST, because);
	else if (in->spent)
		inquiry_blame(in, EXPLAIN_NOT,
		        TR("its only occasion is spent", "하나뿐인 기회를 이미 썼기"));
}

/* ---- history ---- */

#define GOALS_TOLD 4 /* the first ones of a run */

struct history {
	struct explain_entry *entries;
	size_t n;
};

static void tell(struct history *h, int64_t time, const char *what, const char *reason,
        int64_t message)
{
	size_t at = h->n++;

	while (at && h->entries[at - 1].time < time) {
		h->entries[at] = h->entries[at - 1];
		at--;
	}
	h->entries[at] = (struct explain_entry){.time = time,
	        .what = what,
	        .reason = reason && *reason ? reason : NULL,
	        .message = message};
}

static const char *goal_words(struct inquiry *in, const struct goal_met *met)
{
	if (!met->order)
		return TR("goal reached", "목표 이룸");
	if (met->taken_back)
		return inquiry_print(in,
		        TR("goal reached by order %s, taken back since",
		                "주문 %s(으)로 목표를 이루었다가 되돌려짐"),
		        met->order);
	return inquiry_print(in,
	        met->credited ? TR("goal reached by order %s, credited to this rule",
	                                "주문 %s(으)로 목표 이룸, 이 규칙의 성과")
	                      : TR("goal reached by order %s, not credited to this rule",
	                                "주문 %s(으)로 목표 이룸, 이 규칙의 성과는 아님"),
	        met->order);
}

static void tell_goal(struct inquiry *in, struct history *h, const struct run *run)
{
	struct goal_met met[GOALS_TOLD];
	int n = goal_of_run(in->engine->db, run->id, in->arena, met, GOALS_TOLD);

	for (int i = 0; i < n; i++)
		tell(h, met[i].at, goal_words(in, &met[i]), NULL, 0);
}

static void tell_run(struct inquiry *in, struct history *h, const struct run *run)
{
	bool told = run->ended_at && run->pc >= 0 && strcmp(run->reason, "done");

	if (told)
		tell(h, run->ended_at, TR("ended", "끝남"), run->reason, 0);
	tell_goal(in, h, run);
	if (run->pc < 0)
		tell(h, run->started_at,
		        inquiry_print(in, TR("not begun: %s", "시작하지 않음: %s"),
		                run->occasion),
		        run->reason, 0);
}

static void tell_skipped(struct inquiry *in, struct history *h, const struct skipped *s)
{
	const char *what =
	        s->n > 1 ? inquiry_print(in,
	                           TR("not begun: %s (the last of %lld times)",
	                                   "시작하지 않음: %s (%lld번 가운데 마지막)"),
	                           s->occasion, (long long)s->n)
	                 : inquiry_print(in, TR("not begun: %s", "시작하지 않음: %s"),
	                           s->occasion);

	tell(h, s->at, what, s->word, 0);
}

static void tell_message(struct inquiry *in, struct history *h, const struct message *m)
{
	int64_t time = m->sent_at    ? m->sent_at
	               : m->ended_at ? m->ended_at
	               : m->held_at  ? m->held_at
	                             : m->planned_at;

	tell(h, time,
	        inquiry_print(in, "%s %s: %s", m->channel, m->template,
	                message_state_name(m->state)),
	        reason_name(m->reason), m->id);
}

/* What happened at one instant is told with the end of it first. */
void explain_history(struct inquiry *in)
{
	struct history h = {0};

	h.entries = arena_alloc(in->arena, ((size_t)in->n_runs * (2 + GOALS_TOLD) +
	                                           in->n_messages + in->n_skipped + 1) *
	                                           sizeof *h.entries);
	for (int i = 0; i < in->n_runs; i++) {
		const struct run *run = &in->runs[i];
		tell_run(in, &h, run);
		for (size_t k = in->n_messages; k-- > 0;)
			if (in->messages[k].run == run->id)
				tell_message(in, &h, &in->messages[k]);
		if (run->pc >= 0)
			tell(&h, run->started_at,
			        inquiry_print(
			                in, TR("began: %s", "시작: %s"), run->occasion),
			        NULL, 0);
	}
	for (size_t i = 0; i < in->n_skipped; i++)
		tell_skipped(in, &h, &in->skipped[i]);
	in->out->history = h.entries;
	in->out->n_history = h.n;
}
