/* An HTTP request under construction, and what its pieces are made of. */
#ifndef DANGOL_REQUEST_H
#define DANGOL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"
#include "delivery/channel.h"

enum { REQUEST_HEADERS = 8 };

struct request {
	const char *method;                 /* static: "GET" "POST" "PUT" "DELETE" */
	char *url;                          /* owned */
	char *headers[REQUEST_HEADERS + 1]; /* owned, ends with NULL */
	struct buf body;
	size_t most; /* bytes of the answer; 0: 64 KiB */
};
void request_fini(struct request *request); /* clears: it may have held secrets */

/* Method and address: base ("https://api.example.com") gives way to the channel's url,
 * what follows is formatted. */
void request_begin(struct request *request, const char *method,
        const struct channel_config *config, const char *base, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));
/* Path and query of its address, borrowed. */
const char *request_path(const struct request *request);
/* One header line, formatted. */
void request_header(struct request *request, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
/* The body is that JSON, compact, with its content type. Takes json. */
void request_json(struct request *request, json_t *json);
/* One more field of a form, percent-encoded, with the form's content type at the first
 * one. value NULL: left out. */
void request_form(struct request *request, const char *name, const char *value);
/* The bytes of a picture onto out. False: it cannot be read, or is over 1 MiB. */
bool request_file(const char *path, struct buf *out);
/* A picture for an upload: its bytes in base64 (new) and the memory's name for its id,
 * "file:KIND:SHA-256" (out of 128 bytes). NULL: it cannot be read, or is over 1 MiB. */
char *request_picture(const char *path, const char *kind, char out[128]);
/* text percent-encoded (RFC 3986: all but letters, digits and -._~) onto out. */
void request_encode(struct buf *out, const char *text);

#endif
