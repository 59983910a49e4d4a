/* The strict gate on a chunked body's framing, before any parser sees it: sizes,
 * extensions and the end are looked over; trailers are refused. Keeps no byte of the
 * body. Source: RFC 9112 7.1. */
#ifndef DANGOL_CHUNK_H
#define DANGOL_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#define CHUNK_EXTENSIONS_MAX 4096 /* bytes of extensions in one body */

enum chunk_state { CHUNK_MORE, CHUNK_DONE, CHUNK_BAD, CHUNK_LARGE };

struct chunk {
	int at; /* private */
	unsigned digits;
	uint64_t left;  /* of the current chunk */
	uint64_t total; /* of all chunks so far */
	size_t extensions;
};

void chunk_init(struct chunk *chunk);
/* Looks over len more bytes; *used is how many of them belong to the body (all, unless it
 * is done). CHUNK_LARGE: the chunks are more than most. */
enum chunk_state chunk_scan(
        struct chunk *chunk, const char *data, size_t len, uint64_t most, size_t *used);

#endif
