/* One request and the promise of its answer, as the handler sees it. Answers of any size
 * never block: what a peer does not read waits, is bounded, and is dropped with the peer.
 */
#ifndef DANGOL_EXCHANGE_H
#define DANGOL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include "door/http.h"
#include "door/peer.h"

/* An exchange is one request and the promise of its answer. It stays valid until
 * server_answer; the peer may be gone meanwhile, the answer is then dropped. */
struct exchange;
const struct http_request *exchange_request(
        const struct exchange *ex); /* until answered */
enum origin exchange_origin(const struct exchange *ex);
const struct peer *exchange_peer(const struct exchange *ex); /* until answered */
/* Answers, now or in any later turn, exactly once. json/problem bodies are built by the
 * caller. */
void exchange_answer(struct exchange *ex, int status, const char *content_type,
        const char *extra, const char *body, size_t len);
/* A streamed answer (chunked): begin, any number of chunks, end. chunk takes the data;
 * false when the peer is gone or too slow (over 1 MiB waiting): stop producing until
 * on_drain is called, in a later turn; it is called as well when the peer goes, so that
 * the producer can end. exchange_end releases the exchange in every case. */
void exchange_stream(struct exchange *ex, int status, const char *content_type);
bool exchange_chunk(struct exchange *ex, const void *data, size_t len);
void exchange_end(struct exchange *ex);
void exchange_on_drain(
        struct exchange *ex, void (*on_drain)(struct exchange *ex, void *arg), void *arg);
bool exchange_gone(const struct exchange *ex);

/* application/problem+json (RFC 9457). pointer may be NULL. Returns the answer through
 * exchange_answer. */
void exchange_problem(struct exchange *ex, int status, const char *title,
        const char *detail, const char *pointer, const char *extra);

#endif
