/* The daemon's own rules: the notices of consent that the law asks for. Their source is a
 * text of the rule language, made for the channels that the shop has and compiled beside
 * the owner's files; their templates stand in where the owner wrote none. */
#ifndef DANGOL_BUILTIN_H
#define DANGOL_BUILTIN_H

#include <stdbool.h>
#include "language/program.h"
#include "store/duty.h"

#define BUILTIN_RESULT DUTY_RESULT_RULE
#define BUILTIN_CONFIRM DUTY_CONFIRM_RULE
#define BUILTIN_FILE "built-in"        /* stands for a file's name */
#define BUILTIN_EVENT "consent.notice" /* starts them; the daemon alone tells of it */

/* Is it the name of one of them? */
bool builtin_is(const char *name);
/* Are texts for a shop of that language Korean? All but English ones are. */
bool builtin_korean(const char *language);
/* Their source, new; NULL: the world has no channel that could carry them. world's
 * template_exists tells whether the owner wrote one for alimtalk. */
char *builtin_source(const struct world *world);

struct builtin_template {
	const char *name, *channel, *language; /* "ko" or "en" */
	const char *text;                      /* as a file of the templates folder */
};
extern const struct builtin_template builtin_templates[]; /* ends with a NULL name */
bool builtin_has_template(const char *name, const char *channel);

#endif
