/* The parser: tokens to the tree, in either language or both. It knows the grammar and
 * nothing of what names mean. */
#ifndef DANGOL_PARSER_H
#define DANGOL_PARSER_H

#include <stdbool.h>
#include "language/ast.h"

/* Adds a file's declarations to the tree; every mistake goes to diag, and parsing goes on
 * behind it. file is borrowed. */
void parser_file(struct ast *ast, const struct program_file *file, struct diag *diag);
/* One condition in the bytes [from, to) of a text, and nothing behind it. NULL with a
 * mistake. */
struct ast_expr *parser_condition(struct ast *ast, const struct program_file *file,
        size_t from, size_t to, struct diag *diag);

#endif
