/* The body of a form: application/x-www-form-urlencoded (HTML, "URL-encoded form data"),
 * and multipart/form-data without files, which RFC 8058 section 3.2 lets mail programs
 * post. Bounded; what does not fit is refused whole. */
#ifndef DANGOL_FORM_H
#define DANGOL_FORM_H

#include <stddef.h>
#include "base/mem.h"
#include "door/http.h"

#define FORM_BYTES_MAX (8 * 1024)
#define FORM_FIELDS_MAX 32

struct form {
	size_t n;
	struct {
		const char *name, *value; /* UTF-8, without control characters but line
		                             ends */
	} fields[FORM_FIELDS_MAX];
};

enum form_error {
	FORM_OK = 0,
	FORM_TYPE = 415,  /* another Content-Type, or none */
	FORM_LARGE = 413, /* more bytes or fields than there may be */
	FORM_BAD = 400,   /* no UTF-8, a bad escape, a broken part */
};
/* Strings live in arena. */
enum form_error form_read(
        const struct http_request *request, struct arena *arena, struct form *out);
/* The first field of that name, or NULL. */
const char *form_get(const struct form *form, const char *name);

#endif
