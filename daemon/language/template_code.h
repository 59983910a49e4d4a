/* A template's text as it was parsed, with its head, and its link to who uses it. Fills
 * nothing in. */
#ifndef DANGOL_TEMPLATE_CODE_H
#define DANGOL_TEMPLATE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include "language/template_inside.h"

/* text[from, to) of the file, to who gets the message. */
struct code_shown {
	size_t from, to;
	bool html;
};
enum { CODE_SHOWN = 16 }; /* four heads, five buttons, a coupon, the body */

struct template_code {
	struct program_file file;
	struct code_shown shown[CODE_SHOWN];
	size_t n_shown;
	struct code_shown purpose, not_ad; /* the values; empty: none */
	struct node *subject, *from, *reply_to, *text, *body;
	struct code_button {
		const char *name;
		struct node *url;
	} buttons[5];
	size_t n_buttons;
	struct node *coupon[3]; /* title, description, link; NULL: none */
	size_t body_at;
	bool unsubscribes; /* somewhere it shows the link */
	uint64_t shows; /* the values that it shows somewhere: bit 1 << enum variable */
	/* the last line is a lone #{end}: the line end before it is not text */
	bool trim_end;
};

/* Parses text[from, to) of a file. Mistakes go to diag; what is returned is whole only
 * where there was none. */
struct node *code_parse(struct arena *arena, const struct program_file *file, size_t from,
        size_t to, struct diag *diag);
/* text[from, to) of the file is shown to who gets the message. */
void code_shows(struct template_code *code, size_t from, size_t to, bool html);
/* Is the last line of text[from, to) nothing but a #{…} that ends a block? */
bool code_lone_end(const char *text, size_t from, size_t to);

/* Whether a coupon was given before what uses the template. */
enum code_coupon { COUPON_NEVER, COUPON_SOMETIMES, COUPON_ALWAYS };
/* Who fills a template in: a rule, or (rule NULL) anybody. */
struct code_use {
	struct program *program;
	const char *rule;
	bool has_event;
	bool notice;            /* of a consent; anybody's too */
	const char *event_type; /* NULL: any */
	enum code_coupon coupon;
};
/* Finds every variable and compiles every condition. May be called once for each use;
 * mistakes go to diag. */
void code_link(struct template_code *code, struct arena *arena,
        const struct code_use *use, struct diag *diag);

#endif
