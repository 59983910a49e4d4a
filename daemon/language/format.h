/* The formatter: a rule file in the house style. It moves white space alone: every word,
 * every comment and every blank line between groups stays, and what the text means. */
#ifndef DANGOL_FORMAT_H
#define DANGOL_FORMAT_H

#include <stddef.h>
#include "base/diag.h"
#include "language/program.h"

/* The text anew: one clause or step a line, four spaces a brace, first words of a rule's
 * lines aligned, at most one blank line in a row. A line that the author broke stays
 * broken; a short declaration that stood on one line stays there. Formatting what was
 * formatted changes nothing. Returns new, with its length in *len; NULL when the file
 * does not read as rules, with every mistake in diag. Names are not looked up. */
char *format_text(const struct program_file *file, struct diag *diag, size_t *len);

#endif
