/* The check: does what was written mean anything? Names, types, and what an owner would
 * regret. Every mistake says what to do; nothing is changed in the tree. */
#ifndef DANGOL_CHECK_H
#define DANGOL_CHECK_H

#include <stdbool.h>
#include "language/ast.h"
#include "language/names.h"

struct check {
	const struct ast *ast;
	struct arena *arena;
	const struct world *world; /* NULL: the shop is not looked at */
	struct diag *diag;
	bool pinned; /* an older version: what only the present shop can say is not asked
	              */
	bool off; /* the rule under check says so: what its events bring is no matter */
	const struct ast_expr *cond; /* the whole of what is being checked */
};

/* All declarations of all files. */
void check_program(struct check *check);
/* One rule: clauses, steps. */
void check_rule(struct check *check, const struct ast_rule *rule);
void check_steps(
        struct check *check, const struct ast_rule *rule, const struct scope *scope);
/* A condition where scope says what may be spoken of. */
void check_cond(
        struct check *check, const struct scope *scope, const struct ast_expr *expr);
/* An event with its where, in a rule (scope is the rule's); its canonical type or NULL
 * after a mistake. */
const char *check_event(
        struct check *check, const struct scope *scope, const struct ast_event *event);
/* A value against a type: number, money, … */
/* A sealed value cannot be compared, nor can a rule start from it: says so, and what can
 * be asked instead. */
void check_sealed(struct check *check, const struct place *at, const struct subject *s);
bool check_value(struct check *check, const struct scope *scope,
        const struct ast_value *value, const struct subject *subject);
/* Comparisons joined by `and` that cannot hold together. */
void check_possible(
        struct check *check, const struct scope *scope, const struct ast_expr *expr);

/* A condition where those before were true a moment ago: a clash is a mistake, the same
 * fact again a warning. */
void check_against(struct check *check, const struct scope *scope,
        const struct ast_expr *const *before, size_t n, const struct ast_expr *expr);
/* The conditions of steps against those on the way to them; blocks that do nothing. */
void check_flow(
        struct check *check, const struct ast_rule *rule, const struct scope *scope);

/* A whole condition: names and types, whether it can be true, and its size. */
void check_whole(
        struct check *check, const struct scope *scope, const struct ast_expr *expr);

/* The scope of a rule's own conditions: event.* and trigger.* are the trigger's event,
 * where it is one. */
struct scope check_scope(const struct check *check, const struct ast_rule *rule);
/* All steps of a rule speak to the owner (or post), and there is one. */
bool check_owner_only(const struct ast_rule *rule);
/* Calls fn for every step, inner ones too. */
void check_each_step(const struct ast_block *block,
        void (*fn)(const struct ast_step *step, void *arg), void *arg);

/* The type that a value compared with a field says the field has; value may be NULL. */
enum field_type check_guess(const struct ast_value *value);
/* Hints how to declare what is not: path is canonical, shown as the owner would write it.
 * The type is that of the values seen, else wanted. only_seen: false where none were. */
bool check_declare(struct check *check, struct diag_item *item, const char *shown,
        const char *path, enum field_type wanted, bool only_seen);
/* The same for EVENT.FIELD of a type (NULL: unknown), or what it is near to. */
void check_event_field(struct check *check, struct diag_item *item, const char *type,
        const char *path, enum field_type wanted, const char *nearest);
/* `!=` and `not` leave out those who lack the field: that surprises, but not who asked
 * for it. The path is shown as it was written. */
void check_lacking(struct check *check, const struct scope *scope, const struct place *at,
        const struct ast_operand *o, const struct subject *s);
/* Warns where the survey says that no event of the type brings the field any more. */
void check_field_carried(
        struct check *check, const struct place *at, const char *type, const char *field);

struct diag_item *check_wrong(struct check *check, const struct place *at,
        const char *fmt, ...) __attribute__((format(printf, 3, 4)));
struct diag_item *check_warn(struct check *check, const struct place *at, const char *fmt,
        ...) __attribute__((format(printf, 3, 4)));
void check_near(struct check *check, struct diag_item *item,
        const char *nearest); /* nearest may be NULL */
/* The remedy for a Korean name of the shop's own event. */
void check_latin(struct check *check, struct diag_item *item);

/* Is it the daemon's own declaration, or an older version of one? */
bool check_built_in(const struct check *check, const struct ast_name *name);

#endif
