/* What the law says of a template's words: what the daemon writes itself may not stand in
 * an advertisement, and information may not promote. */
#ifndef DANGOL_TEMPLATE_LAW_H
#define DANGOL_TEMPLATE_LAW_H

#include "language/template.h"
#include "language/template_code.h"

/* Who sends it. */
struct law_use {
	bool ad;      /* a rule or its own Purpose makes it an advertisement */
	bool informs; /* a rule or its own Purpose sends it as information */
	/* all rules that send it as information begin with what the customer paid for or
	   did: what it says to be earned may be */
	bool earned;
};

/* Mistakes and warnings go to diag, each at its place. Sets the template's offers and
 * overruled. After code_link. */
void law_check(struct template *template, struct arena *arena, const struct law_use *use,
        struct diag *diag);

#endif
