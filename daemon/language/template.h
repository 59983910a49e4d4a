/* Templates: files of text with #{…} in them, checked when read, filled in for one
 * customer. Knows nothing of how a message travels. */
#ifndef DANGOL_TEMPLATE_H
#define DANGOL_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/calendar.h"
#include "base/diag.h"
#include "base/mem.h"
#include "language/program.h"
#include "store/customer.h"

struct shop_text {
	const char *name, *phone, *address, *language; /* address and phone may be NULL */
	const char *public_url;                        /* NULL: none */
};

struct template
{
	const char *name, *channel; /* "birthday", "sms" */
	const char *language;       /* NULL: the shop's own */
	const char *file;
	const char *subject, *from, *reply_to, *text, *image, *template_code,
	        *purpose;   /* the head's values, raw, but the image is an
	                       absolute path; or NULL */
	const char *not_ad; /* why the owner says that it promotes nothing, or NULL */
	bool built_in;      /* no file of the owner's */
	bool html;          /* email: the body is HTML */
	bool json;          /* post: the body is JSON */
	bool ad, used;      /* it or a rule says so; a rule names it: known after
	                       templates_link */
	/* Known after templates_link: the sentence that promotes, so that it is no
	   information: offers, or overruled where the owner says so (not_ad); or NULL */
	const char *offers, *overruled;
	struct template_code *code; /* the compiled parts */
};

struct templates {
	struct arena *arena;
	struct template *items;
	size_t n, n_built_in; /* those are the last */
};

/* Reads every file of a folder and checks its syntax; templates_link must follow.
 * Mistakes go to diag; NULL when there was one. At most 1,000 files of 256 KiB. */
struct templates *templates_read(const char *folder, struct diag *diag);
/* Puts in the built-in rules' templates that the folder has none of, in any language;
 * language is the shop's own. Before templates_link. */
void templates_stand_in(
        struct templates *templates, const char *language, struct diag *diag);
/* Checks every variable and condition against the program and the events of the rules
 * that use the template, compiles
 * #{if}; in an advertisement, what the daemon writes itself is a mistake. Returns false
 * with a mistake. The conditions live in the program. */
bool templates_link(
        struct templates *templates, struct program *program, struct diag *diag);
void templates_free(struct templates *templates); /* takes NULL */

bool templates_exist(const struct templates *templates, const char *name,
        const char *channel, const char **nearest);
/* The one for a customer's language, else the shop's own; NULL: none. */
const struct template *template_find(const struct templates *templates, const char *name,
        const char *channel, const char *language);

/* The sentence by which a template of that name, in any language, promotes what would go
 * as information; NULL: none does, or it says of itself that it is an advertisement. */
const char *templates_offer(
        const struct templates *templates, const char *name, const char *channel);
/* The SHA-256 of its file's text, in hex. */
void template_hash(const struct template *template, char out[65]);

/* Does it show the link to unsubscribe by itself? */
bool template_unsubscribes(const struct template *template);

struct rendering {
	const struct moment *moment;     /* event may be NULL */
	const struct customer *customer; /* NULL for the owner */
	const struct shop_text *shop;
	const char *coupon_code, *coupon_discount; /* or NULL */
	const char *coupon_url;                    /* of its page, or NULL */
	int64_t coupon_expires;                    /* 0: never */
	int64_t coupon_minimum;
	json_t *data; /* POST /v1/messages' data: found as #{data.x} and #{event.x}; or
	                 NULL */
	const char *unsubscribe; /* the link, or NULL */
	const char *refuse; /* the number that takes refusals free of charge, or NULL */
	/* The address that stands for that of a #{link}, in the rendering's arena. NULL:
	 * links go as they are. */
	const char *(*track)(void *arg, const char *url);
	void *track_arg;
};
struct rendered_button {
	const char *name, *url;
};
/* A place of the body as the file writes it, without filters, and what stands there. */
struct rendered_variable {
	const char *name, *value; /* "#{이름}", "김하늘" */
};
struct rendered {
	const char *subject, *from, *reply_to; /* or NULL; no line breaks */
	const char *body; /* as the file has it: HTML for an HTML e-mail */
	const char *text; /* the plain text: the body, or what `Text` says, or derived
	                     from the HTML */
	bool html;
	const struct rendered_button *buttons;
	size_t n_buttons;
	const char *coupon[3]; /* title, description, link; or NULL */
	/* Of the body, each name once (its first value), in order: alimtalk and
	 * brandmessage alone. */
	const struct rendered_variable *variables;
	size_t n_variables;
};
/* Fills one in. Everything in arena. False with why (256 bytes, no personal data) when it
 * cannot be: a header with a line break. */
bool template_render(const struct template *template, const struct rendering *in,
        struct arena *arena, struct rendered *out, char why[256]);
/* Appends text as HTML shows it: & < > " ' escaped. */
void template_escape(struct buf *out, const char *text, size_t len);
char *template_html_to_text(struct arena *arena, const char *html);

#endif
