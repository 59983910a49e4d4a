/* HTTP/1.1 as bytes: takes what a peer sent, refuses what is smuggled or too large, and
 * hands over whole requests; writes responses. llhttp parses behind our own strict gate
 * on the header block. Knows no sockets. */
#ifndef DANGOL_HTTP_H
#define DANGOL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"

#define HTTP_HEADER_MAX (16 * 1024)
#define HTTP_HEADERS_MAX 64
#define HTTP_BODY_MAX (8 * 1024 * 1024)

struct http_header {
	const char *name, *value; /* name in lower case */
};

struct http_request {
	const char *method; /* "GET" */
	char *target;       /* as sent, with the query */
	char *path;  /* percent-decoded, without the query; UTF-8, never with NUL, "." or
	                ".." segments */
	char *query; /* raw, "" when none */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t n_headers;
	const char *body; /* NUL after body_len bytes */
	size_t body_len;
	int minor;       /* HTTP/1.minor */
	bool keep_alive; /* never with HTTP/1.0 */
	bool expect_continue;
};

const char *http_header_get(
        const struct http_request *request, const char *lower_name); /* or NULL */
/* The decoded value of a query parameter in out; false when absent, malformed or longer
 * than size. */
bool http_query(
        const struct http_request *request, const char *name, char *out, size_t size);

/* A connection's reader. Feeds bytes in, takes requests out, one at a time: bytes beyond
 * a complete request wait inside until http_next. */
struct http;
struct http *http_new(void);
/* Bodies of at most so many bytes, fewer than HTTP_BODY_MAX; before the first is fed. */
void http_limit(struct http *http, size_t body_max);
void http_free(struct http *http);

enum http_state {
	HTTP_MORE,     /* nothing complete yet: read on */
	HTTP_CONTINUE, /* header complete, "Expect: 100-continue": say 100, then read on
	                  (told once) */
	HTTP_REQUEST,  /* http_get has a whole request */
	HTTP_REFUSED,  /* http_refusal says the status; answer it and close */
};
enum http_state http_feed(struct http *http, const char *data, size_t len);
enum http_state http_next(struct http *http); /* done with the current request: releases
                                                 it, looks at what waits */
/* The request of HTTP_REQUEST, valid until http_next. While a body is still coming
 * (http_in_body): what its header says, without the body, valid until the next http_feed.
 */
struct http_request *http_get(struct http *http);
/* Takes a header's value out of memory once it has been looked at: it is "" then. */
void http_wipe(struct http *http, const char *lower_name);
bool http_in_body(const struct http *http);
int http_refusal(
        const struct http *http, const char **why); /* 400, 413, 431, 501 or 505 */
bool http_idle(
        const struct http *http); /* between requests: nothing of a next one has come */
bool http_in_header(const struct http *http); /* some of a header has come, not all */
size_t http_waiting(const struct http *http); /* bytes kept beyond the current request */
size_t http_held(const struct http *http);    /* bytes kept in all */

/* Appends a response's head and body. content_type NULL: none. extra: header lines with
 * CRLF, or NULL. Always Content-Length, Date-less, "Cache-Control: no-store",
 * "Connection: close" when !keep_alive. */
void http_respond(struct buf *out, int status, const char *content_type,
        const char *extra, const char *body, size_t len, bool keep_alive, bool head_only);
/* The head of an answer whose length is not known yet. chunked: its body follows in
 * chunks, else until the close. */
void http_respond_stream(struct buf *out, int status, const char *content_type,
        bool chunked, bool keep_alive);
const char *http_reason(int status); /* "" for one that we never say */

#endif
