/* Steps as operations with their places. An operation's index is stored with runs: the
 * same text gives the same places. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "language/compile.h"

/* A condition that was passed, the newest first; the list ends where the last wait was.
 */
struct passed {
	struct cond *cond;
	bool want;
	const struct passed *before;
};

struct build {
	struct compile *c;
	const struct scope *scope;
	struct op *ops;
	size_t n;
	const char **events;
	size_t n_events;
	const struct passed *passed;
	bool waited;      /* since the mark of the branch under way */
	const char *path; /* of the split's side under way, "" outside */
};

static size_t emit(struct build *b, enum op_kind kind, int line)
{
	struct op *op = mem_grow(&b->ops, b->n, sizeof *op);

	op->kind = kind;
	op->line = line;
	op->weekday = -1;
	return b->n++;
}

static void awaits(struct build *b, const char *type)
{
	const char **slot;

	for (size_t i = 0; i < b->n_events; i++)
		if (!strcmp(b->events[i], type))
			return;
	slot = mem_grow(&b->events, b->n_events, sizeof *slot);
	*slot = type;
	b->n_events++;
}

static void pass(struct build *b, struct cond *cond, bool want)
{
	struct passed *p = arena_alloc(b->c->arena, sizeof *p);

	*p = (struct passed){.cond = cond, .want = want, .before = b->passed};
	b->passed = p;
}

static void waited(struct build *b)
{
	b->passed = NULL;
	b->waited = true;
}

/* ---- the kinds ---- */

static const char *channel_name(enum word word)
{
	for (const struct word_row *row = word_rows; row->word; row++)
		if (row->word == word)
			return row->english;
	return "";
}

/* What is asked again when the gate has held the message for long. */
static void keep_guards(struct build *b, struct op *op)
{
	size_t n = 0;

	for (const struct passed *p = b->passed; p; p = p->before)
		n++;
	op->n_guards = n;
	op->guards = arena_alloc(b->c->arena, (n + 1) * sizeof *op->guards);
	for (const struct passed *p = b->passed; p; p = p->before)
		op->guards[--n] = (struct guard){.cond = p->cond, .want = p->want};
}

static void send(struct build *b, const struct ast_step *step)
{
	size_t at = emit(b, OP_SEND, step->at.line);
	struct op *op = &b->ops[at];
	struct arena *arena = b->c->arena;

	op->n_legs = step->n_legs;
	op->legs = arena_alloc(arena, step->n_legs * sizeof *op->legs);
	for (size_t i = 0; i < step->n_legs; i++)
		op->legs[i] = (struct leg){.channel = channel_name(step->legs[i].channel),
		        .template = step->legs[i].template.text,
		        .has_after = step->legs[i].has_after,
		        .after = step->legs[i].after};
	op->by_day = step->by_day;
	keep_guards(b, op);
}

/* A message to a machine: it goes the way of all messages, by one leg. */
static void post(struct build *b, const struct ast_step *step)
{
	size_t at = emit(b, OP_SEND, step->at.line);
	struct op *op = &b->ops[at];

	op->n_legs = 1;
	op->legs = arena_alloc(b->c->arena, sizeof *op->legs);
	*op->legs = (struct leg){.channel = "post",
	        .template = step->template.text,
	        .url = step->name.text};
	keep_guards(b, op);
}

static void event_of(struct build *b, const struct ast_step *step, struct op *op)
{
	struct scope inner = *b->scope;
	const char *near;

	if (!step->has_event)
		return;
	op->event = names_event(b->scope, step->event.type.text, &near);
	inner.event = op->event;
	inner.has_event = inner.in_where = true;
	op->where = compile_cond(b->c, &inner, compile_where(b->c, &step->event));
	awaits(b, op->event);
}

static void block(struct build *b, const struct ast_block *steps);

/* Both sides begin with what was passed so far; behind them only what neither of them
 * waited through still counts. */
struct fork {
	const struct passed *passed;
	bool waited, any;
};

static struct fork fork_begin(struct build *b)
{
	struct fork f = {.passed = b->passed, .waited = b->waited};

	b->waited = false;
	return f;
}

static void fork_side(struct build *b, struct fork *f)
{
	f->any |= b->waited;
	b->waited = false;
	b->passed = f->passed;
}

static void fork_end(struct build *b, struct fork *f)
{
	fork_side(b, f);
	if (f->any)
		b->passed = NULL;
	b->waited = f->waited || f->any;
}

static void if_step(struct build *b, const struct ast_step *step)
{
	struct cond *cond = compile_cond(b->c, b->scope, step->cond);
	size_t at = emit(b, OP_IF, step->at.line), jump;
	struct fork f = fork_begin(b);

	b->ops[at].cond = cond;
	pass(b, cond, true);
	block(b, step->yes);
	fork_side(b, &f);
	if (step->no) {
		jump = emit(b, OP_JUMP, step->at.line);
		b->ops[at].target = (int)b->n;
		pass(b, cond, false);
		block(b, step->no);
		b->ops[jump].target = (int)b->n;
	} else {
		b->ops[at].target = (int)b->n;
	}
	fork_end(b, &f);
}

static void stop(struct build *b, const struct ast_step *step)
{
	struct cond *cond = compile_cond(b->c, b->scope, step->cond);
	size_t at;

	if (!cond) {
		emit(b, OP_STOP, step->at.line);
		return;
	}
	at = emit(b, OP_IF, step->at.line);
	b->ops[at].cond = cond;
	emit(b, OP_STOP, step->at.line);
	b->ops[at].target = (int)b->n;
	pass(b, cond, false);
}

static void wait_for(struct build *b, const struct ast_step *step)
{
	size_t at = emit(b, OP_WAIT_FOR, step->at.line), jump;
	struct fork f;

	b->ops[at].wait = step->wait;
	b->ops[at].next = step->next;
	event_of(b, step, &b->ops[at]);
	waited(b);
	f = fork_begin(b);
	block(b, step->yes);
	fork_side(b, &f);
	if (step->no) {
		jump = emit(b, OP_JUMP, step->at.line);
		b->ops[at].target = (int)b->n;
		block(b, step->no);
		b->ops[jump].target = (int)b->n;
	} else {
		b->ops[at].target = (int)b->n;
	}
	fork_end(b, &f);
	b->waited = true;
}

/* What a split draws by: its own labels behind those of the sides that it stands in, and
 * its number where one before it would draw by the same. */
static const char *split_path(struct build *b, const struct ast_step *step)
{
	struct arena *arena = b->c->arena;
	struct buf path = {0};
	const char *own;
	int same = 0;

	buf_adds(&path, b->path);
	for (size_t i = 0; i < step->n_sides; i++)
		buf_printf(&path, "/%s", step->sides[i].label.text);
	own = arena_strndup(arena, path.data, path.len);
	for (size_t i = 0; i < b->n; i++)
		same += b->ops[i].kind == OP_SPLIT && b->ops[i].path &&
		        !strncmp(b->ops[i].path, own, path.len) &&
		        (!b->ops[i].path[path.len] || b->ops[i].path[path.len] == '#');
	buf_free(&path);
	return same ? arena_printf(arena, "%s#%d", own, same + 1) : own;
}

static void split(struct build *b, const struct ast_step *step)
{
	size_t at = emit(b, OP_SPLIT, step->at.line), n = step->n_sides;
	struct arena *arena = b->c->arena;
	int *shares = arena_alloc(arena, n * sizeof *shares),
	    *targets = arena_alloc(arena, n * sizeof *targets);
	const char **labels = arena_alloc(arena, n * sizeof *labels);
	size_t *jumps = arena_alloc(arena, n * sizeof *jumps);
	const char *outside = b->path, *path = split_path(b, step);
	struct fork f = fork_begin(b);

	b->ops[at].path = path;
	for (size_t i = 0; i < n; i++) {
		shares[i] = (int)step->sides[i].share.number;
		labels[i] = step->sides[i].label.text;
		targets[i] = (int)b->n;
		b->path = arena_printf(arena, "%s=%s", path, labels[i]);
		block(b, step->sides[i].block);
		fork_side(b, &f);
		jumps[i] = emit(b, OP_JUMP, step->at.line);
	}
	for (size_t i = 0; i < n; i++)
		b->ops[jumps[i]].target = (int)b->n;
	b->ops[at].shares = shares;
	b->ops[at].targets = targets;
	b->ops[at].labels = labels;
	b->ops[at].n_shares = n;
	b->path = outside;
	fork_end(b, &f);
}

/* A value as JSON, which is how attributes are kept. */
static const char *json_value(struct arena *arena, const struct ast_value *v)
{
	int64_t tens = 1;
	struct buf buf = {0};
	char date[16];
	const char *out;

	for (int i = 0; i < v->scale; i++)
		tens *= 10;
	if (v->kind == VALUE_YES || v->kind == VALUE_NO)
		return v->kind == VALUE_YES ? "true" : "false";
	if (v->kind == VALUE_DATE)
		return arena_printf(arena, "\"%s\"", calendar_format_date(v->date, date));
	if (v->kind != VALUE_STRING)
		return v->scale ? arena_printf(arena, "%" PRId64 ".%0*" PRId64,
		                          v->number / tens, v->scale, v->number % tens)
		                : arena_printf(arena, "%" PRId64, v->number);
	buf_addc(&buf, '"');
	for (const char *s = v->text; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(&buf, '\\');
		if (*s == '\n')
			buf_adds(&buf, "\\n");
		else if ((unsigned char)*s < 0x20)
			buf_printf(&buf, "\\u%04x", (unsigned)*s);
		else
			buf_addc(&buf, *s);
	}
	buf_addc(&buf, '"');
	out = arena_strndup(arena, buf.data, buf.len);
	buf_free(&buf);
	return out;
}

static void named(struct build *b, enum op_kind kind, const struct ast_step *step)
{
	size_t at = emit(b, kind, step->at.line);
	struct op *op = &b->ops[at];
	struct subject s;
	const char *near;

	op->name = step->name.text;
	if (kind != OP_SET)
		return;
	if (names_path(b->scope, step->name.text, &s, &near) == NAMES_OK)
		op->name = s.path;
	op->value = json_value(b->c->arena, &step->value);
}

static void wait_step(struct build *b, const struct ast_step *step)
{
	bool until = step->kind == STEP_WAIT_UNTIL;
	size_t at = emit(b, until ? OP_WAIT_UNTIL : OP_WAIT, step->at.line);

	b->ops[at].wait = step->wait;
	b->ops[at].weekday = step->weekday;
	b->ops[at].at_ms = step->at_ms;
	event_of(b, step, &b->ops[at]);
	waited(b);
}

static void one(struct build *b, const struct ast_step *step)
{
	switch (step->kind) {
	case STEP_SEND:
		send(b, step);
		return;
	case STEP_GIVE:
		named(b, OP_GIVE, step);
		return;
	case STEP_WAIT:
	case STEP_WAIT_UNTIL:
		wait_step(b, step);
		return;
	case STEP_WAIT_FOR:
		wait_for(b, step);
		return;
	case STEP_IF:
		if_step(b, step);
		return;
	case STEP_STOP:
		stop(b, step);
		return;
	case STEP_SPLIT:
		split(b, step);
		return;
	case STEP_TAG:
		named(b, OP_TAG, step);
		return;
	case STEP_UNTAG:
		named(b, OP_UNTAG, step);
		return;
	case STEP_SET:
		named(b, OP_SET, step);
		return;
	case STEP_POST:
		post(b, step);
		return;
	}
}

static void block(struct build *b, const struct ast_block *steps)
{
	for (size_t i = 0; steps && i < steps->n; i++)
		one(b, &steps->steps[i]);
}

static void *kept(struct arena *arena, void *items, size_t size)
{
	void *out = arena_alloc(arena, size + 1);

	if (size)
		memcpy(out, items, size);
	free(items);
	return out;
}

void compile_steps(struct compile *c, const struct ast_rule *in,
        const struct scope *scope, struct rule *out)
{
	struct build b = {.c = c, .scope = scope, .path = ""};

	if (out->cond)
		pass(&b, out->cond, true);
	block(&b, &in->body);
	emit(&b, OP_END, in->body.at.line);
	if (out->goal.set)
		awaits(&b, out->goal.event);
	out->n_ops = b.n;
	out->ops = kept(c->arena, b.ops, b.n * sizeof *b.ops);
	out->n_events = b.n_events;
	out->events = kept(c->arena, b.events, b.n_events * sizeof *b.events);
}
