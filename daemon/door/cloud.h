/* CloudEvents 1.0 over HTTP, binary mode: the attributes in headers, the data as the
 * body. Source: CloudEvents "HTTP Protocol Binding" 1.0.2, 3.1. */
#ifndef DANGOL_CLOUD_H
#define DANGOL_CLOUD_H

#include <jansson.h>
#include <stdbool.h>
#include "door/http.h"

bool cloud_is_binary(const struct http_request *request);
/* {"specversion", "id", …} of the headers ce-*, percent-decoded once. Returns new; NULL:
 * the value of a header is no text in UTF-8, or id, source or type is absent; *attribute
 * is its name, static or the request's. */
json_t *cloud_attributes(const struct http_request *request, const char **attribute);

#endif
