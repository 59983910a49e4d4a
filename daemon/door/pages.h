/* The public pages as the API leads to them: page.c. */
#ifndef DANGOL_PAGES_H
#define DANGOL_PAGES_H

#include <stdbool.h>
#include "door/call.h"

/* Is the path one of a page (/u/, /p/, /j/, /k/, /c/ and a token), by whatever method? */
bool page_is(const struct http_request *request);
void page_handle(struct call *call);

#endif
