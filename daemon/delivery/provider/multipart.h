/* The body of a form that carries a file. Source: RFC 7578. */
#ifndef DANGOL_MULTIPART_H
#define DANGOL_MULTIPART_H

#include <stddef.h>
#include "delivery/request.h"

/* The content type, with a boundary of letters and digits that stands in no part (a
 * talk's nonce); the same one goes to all the others. */
void multipart_begin(struct request *request, const char *boundary);
/* A field as it is. value NULL: left out. */
void multipart_field(struct request *request, const char *boundary, const char *name,
        const char *value);
/* A file of that type. The name tells the other side nothing of ours. */
void multipart_file(struct request *request, const char *boundary, const char *name,
        const char *filename, const char *type, const void *data, size_t len);
void multipart_end(struct request *request, const char *boundary);

#endif
