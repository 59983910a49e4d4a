/* The head of a template's file: lines `Key: value` before an empty one. */
#ifndef DANGOL_TEMPLATE_HEAD_H
#define DANGOL_TEMPLATE_HEAD_H

#include "language/template_code.h"

/* The values as they stand; the image is an absolute path; NULL: there is none. */
struct template_head {
	const char *subject, *from, *reply_to, *text, *image, *template_code, *purpose,
	        *not_ad;
};
struct template_head_reading {
	struct arena *arena;        /* what is read lives in it */
	struct template_code *code; /* the file; its parts of the head are set */
	const char *folder, *channel;
	struct diag *diag;
	struct template_head out;
};

/* Reads it; mistakes go to diag. Returns where the body begins: 0 where the first line is
 * no key of the list, and all is body. */
size_t template_head(struct template_head_reading *reading);

#endif
