/* HTTP out: libcurl's multi interface on the loop. The only file that includes curl.h in
 * dangold. */
#ifndef DANGOL_HTTPC_H
#define DANGOL_HTTPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct httpc;
struct httpc *httpc_new(
        uv_loop_t *loop, int connections); /* at most so many at once, kept alive */
void httpc_free(struct httpc *httpc, int grace_ms, void (*freed)(void *arg), void *arg);

enum httpc_result {
	HTTPC_ANSWERED, /* a whole answer: status and body stand */
	HTTPC_NOT_SENT, /* connect, DNS or TLS failed before the request was written */
	HTTPC_LOST,     /* after the first byte of the request: nobody knows */
};
struct httpc_answer {
	enum httpc_result result;
	int status;
	const char *body; /* at most `most` bytes of it, NUL after body_len; longer ones
	                     are LOST with "too long" */
	size_t body_len;
	int64_t retry_after_ms; /* Retry-After as seconds or date, at most an hour; 0: not
	                           said */
	const char *why;        /* for NOT_SENT and LOST, without addresses' queries */
};
typedef void (*httpc_done)(void *arg, const struct httpc_answer *answer);

struct httpc_request {
	const char *method, *url;
	const char *const *headers; /* lines without line ends, ends with NULL */
	const char *body;           /* NULL: none */
	size_t len;
	size_t most; /* bytes of the answer; 0: 64 KiB */
};
/* Sends it; everything is copied. Timeouts: 10 s to connect, 30 s in all. Redirects are
 * not followed, nothing is sent twice. TLS 1.2 or later, the system's CAs or
 * SSL_CERT_FILE. http:// for loopback only. */
void httpc_ask(struct httpc *httpc, const struct httpc_request *request, httpc_done done,
        void *arg);
/* https://, or http:// to a loopback address. */
bool httpc_allowed(const char *url);
int httpc_in_flight(const struct httpc *httpc);
int httpc_room(const struct httpc *httpc); /* connections minus what is in flight */

#endif
