/* What stands inside one #{…}: a cursor over it, names, texts, values with filters. */
#ifndef DANGOL_TEMPLATE_INSIDE_H
#define DANGOL_TEMPLATE_INSIDE_H

#include "language/template_node.h"

struct template_parse {
	struct arena *arena;
	const struct program_file *file;
	size_t begin, pos, end;
	struct diag *diag;
	const char *loops[TEMPLATE_LOOPS];
	int n_loops, depth;
};

/* A cursor inside one #{…}. */
struct inside {
	struct template_parse *parse;
	size_t from, pos, to;
};

/* Where bytes [from, to) of a file stand; the name is copied into diag's arena. */
struct diag_place code_place(
        const struct program_file *file, size_t from, size_t to, struct diag *diag);

#define inside_mistake(p, from, to, ...) \
	diag_error((p)->diag, code_place((p)->file, from, to, (p)->diag), \
	        (p)->file->text, __VA_ARGS__)

void inside_skip(struct inside *in); /* blanks */
bool inside_at_end(struct inside *in);
/* A word or a dotted path; "" when something else stands there. */
const char *inside_path(struct inside *in);
struct node *inside_node(struct inside *in, enum node_kind kind);
/* A value by its path, or what follows `link`; NULL after a mistake. */
struct node *inside_value(struct inside *in, const char *path);
struct node *inside_link(struct inside *in);

#endif
