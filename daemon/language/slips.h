/* What people write instead of the language's own words, and what to write. Only ever
 * adds a remedy to a mistake that was found by others. */
#ifndef DANGOL_SLIPS_H
#define DANGOL_SLIPS_H

#include "language/ast.h"

/* Gives the remedy to a file's mistakes from that item on whose place is a known slip. */
void slips_hint(struct diag *diag, size_t from, const struct ast_file *file);
/* A path with other people's words put into ours: 고객.도시 to 고객.지역; NULL when it
 * holds none. In the arena. */
const char *slips_path(struct arena *arena, const char *path);

#endif
