/* Checked declarations to what the engine runs: triggers, conditions, steps with their
 * places, and the text and hash that pin a rule. */
#ifndef DANGOL_COMPILE_H
#define DANGOL_COMPILE_H

#include "language/check.h"
#include "language/cond.h"

struct compile {
	const struct ast *ast;
	struct arena *arena;
	struct cond *conds; /* all that were made, newest first */
	bool pinned;
};

struct cond *compile_cond(struct compile *c, const struct scope *scope,
        const struct ast_expr *expr); /* NULL gives NULL */
void compile_rule(struct compile *c, const struct ast_rule *in, struct rule *out);
void compile_steps(struct compile *c, const struct ast_rule *in,
        const struct scope *scope, struct rule *out);
/* source and hash: the rule, the segments it asks and theirs, the fields it speaks of. */
void compile_pin(struct compile *c, const struct ast_rule *in, struct rule *out);
/* A where with `of this order` in it; NULL: none. */
const struct ast_expr *compile_where(struct compile *c, const struct ast_event *event);

#define COMPILE_PINNED \
	"# dangol: an older version\n" /* begins a source: what only the present shop \
	                                  can say is not asked */

#endif
