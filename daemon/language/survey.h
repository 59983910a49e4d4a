/* The survey: what the shop's own data says about its rules, so that a mistake is told
 * with the figures of this shop. It reads whole tables, on a reading connection, in a
 * thread that may wait; past its deadline it knows nothing more. Numbers, lengths and
 * types come out of it, never a value of anybody. */
#ifndef DANGOL_SURVEY_H
#define DANGOL_SURVEY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/diag.h"
#include "language/program.h"

struct survey;
struct scope;
struct ast_operand;
/* Borrows db, zone and stop (NULL: nobody stops it); until_mono is of clock_mono. */
struct survey *survey_new(struct db *db, struct zone *zone, int64_t now,
        int64_t until_mono, const atomic_bool *stop);
void survey_free(struct survey *survey); /* takes NULL */
bool survey_late(struct survey *survey); /* what is asked now is not answered */

/* What speaks against rules that have no mistake: warnings, several a line. */
struct diag *survey_findings(struct survey *survey);
/* survey_program leaves here: {"customers", "complete", "fields":[{"field", "type",
 * "values", "misfits"}], "scans":[{"rule" or "segment", "ms", "complete"}]}; borrowed. */
json_t *survey_figures(struct survey *survey);

/* ---- asked while rules and templates are checked ---- */

int64_t survey_customers(struct survey *survey);
/* Customers for whom the operand is unknown; -1: not known. */
int64_t survey_lacking(struct survey *survey, const struct scope *scope,
        const struct ast_operand *operand);
/* The longest name in bytes of a text message; 0: not known. */
long survey_longest_name(struct survey *survey);
/* The type to declare for a path ("customer.points", "game.played.score") by the values
 * that are there; false when there are none. wanted: what it is compared with says, which
 * stands where the values fit it as well. */
bool survey_seen(struct survey *survey, const char *path, enum field_type wanted,
        enum field_type *out);
/* What the events of the last 30 days carried. Nothing is held against a store that has
 * not been told of events for so long. */
enum survey_carried { SURVEY_CARRIED, SURVEY_NOT_CARRIED, SURVEY_NO_EVENT };
enum survey_carried survey_carried(
        struct survey *survey, const char *type, const char *field);

/* ---- asked of a program ---- */

/* A sweep over everybody that takes longer, and a question of one customer that does, are
 * warned of. */
struct survey_bounds {
	int64_t sweep_ms, ask_ms;
};
/* How long the rules that look at everybody take, which of them read a table for each
 * customer, and how many values do not fit their declaration: into the findings and the
 * figures. The program's statements are made on the survey's connection. bounds NULL: 1
 * s, and 5 ms. */
void survey_program(struct survey *survey, const struct program *program,
        const struct survey_bounds *bounds);

#endif
