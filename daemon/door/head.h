/* The strict gate on a request's header block: every line is looked over before any
 * parser sees a byte of it, and what two readers could read differently is refused. Keeps
 * offsets, no text and no memory of its own. Source: RFC 9112. */
#ifndef DANGOL_HEAD_H
#define DANGOL_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAD_MAX (16 * 1024)
#define HEAD_LINES_MAX 64

struct head_line {
	uint16_t name, name_len, value,
	        value_len; /* offsets from the block's first byte */
};

struct head {
	size_t line, seen;   /* where the unfinished line begins; up to where no LF is */
	bool begun, skipped; /* the request line has come; one empty line before it was
	                        passed over */
	const char *method;  /* static */
	uint16_t target, target_len;
	int minor; /* HTTP/1.minor */
	struct head_line lines[HEAD_LINES_MAX];
	unsigned n;
	bool has_host, has_length, chunked, close, expect_continue;
	uint64_t length; /* of the body; stands still once it is over HEAD_LENGTH_CEILING
	                  */
	int status;      /* of the refusal; 0: none */
	const char *why; /* in the owner's language */
};
#define HEAD_LENGTH_CEILING (UINT64_C(1) << 60)

enum head_state { HEAD_MORE, HEAD_DONE, HEAD_REFUSED };

void head_init(struct head *head);
/* data is the block from its first byte, all that has come of it; called again with more.
 * HEAD_DONE: it ends before head->seen. The answer does not depend on how the bytes were
 * cut. */
enum head_state head_scan(struct head *head, const char *data, size_t len);

#endif
