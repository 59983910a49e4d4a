/* The way through a rule's steps: conditions that those before them rule out, and blocks
 * in which nothing stands. What takes time or changes the customer ends what is known. */
#include "base/log.h"
#include "language/check.h"

#define HELD_MOST 16

struct flow {
	struct check *check;
	const struct scope *scope;
	const struct ast_expr *held[HELD_MOST]; /* true a moment ago */
	size_t n;
};

static void hold(struct flow *f, const struct ast_expr *cond)
{
	if (cond && f->n < HELD_MOST)
		f->held[f->n++] = cond;
}

/* Whether what was true before the block is still known behind it. */
static bool walk(struct flow *f, const struct ast_block *block);

static bool empty(const struct ast_block *block)
{
	return !block || block->n == 0;
}

static void nothing_in(struct flow *f, const struct ast_step *step)
{
	if (!empty(step->yes) || !empty(step->no))
		return;
	check_warn(f->check, &step->at, "%s",
	        TR("nothing stands in these braces: add a step or leave it out",
	                "괄호 안에 할 일이 없습니다. 할 일을 쓰거나 지우십시오"));
}

static bool branch(struct flow *f, const struct ast_step *step)
{
	struct flow yes = *f, no = *f;
	bool kept;

	if (step->cond)
		check_against(f->check, f->scope, f->held, f->n, step->cond);
	hold(&yes, step->cond);
	kept = walk(&yes, step->yes);
	return walk(&no, step->no) && kept;
}

static bool sides(struct flow *f, const struct ast_step *step)
{
	bool kept = true;

	for (size_t i = 0; i < step->n_sides; i++) {
		struct flow side = *f;
		kept = walk(&side, step->sides[i].block) && kept;
	}
	return kept;
}

static bool pass(struct flow *f, const struct ast_step *step)
{
	struct flow later = {.check = f->check, .scope = f->scope};

	switch (step->kind) {
	case STEP_IF:
		nothing_in(f, step);
		return branch(f, step);
	case STEP_STOP:
		if (step->cond)
			check_against(f->check, f->scope, f->held, f->n, step->cond);
		return true;
	case STEP_SPLIT:
		return sides(f, step);
	case STEP_WAIT_FOR:
		nothing_in(f, step);
		walk(&later, step->yes);
		later.n = 0;
		walk(&later, step->no);
		return false;
	case STEP_SEND:
	case STEP_GIVE:
	case STEP_WAIT:
	case STEP_WAIT_UNTIL:
	case STEP_TAG:
	case STEP_UNTAG:
	case STEP_SET:
	case STEP_POST:
		return false;
	}
	return false;
}

static bool walk(struct flow *f, const struct ast_block *block)
{
	bool kept = true;

	for (size_t i = 0; block && i < block->n; i++)
		if (!pass(f, &block->steps[i])) {
			kept = false;
			f->n = 0;
		}
	return kept;
}

void check_flow(
        struct check *check, const struct ast_rule *rule, const struct scope *scope)
{
	struct flow f = {.check = check, .scope = scope};

	if (check->pinned)
		return; /* who is inside goes on, whatever is told of it today */
	hold(&f, rule->cond);
	walk(&f, &rule->body);
}
