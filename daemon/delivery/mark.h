/* The mark of a mail: what its Message-ID holds beside the message's key, so that a
 * report of its return can be believed: only who had the mail knows it. */
#ifndef DANGOL_MARK_H
#define DANGOL_MARK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MARK_SIZE = 17, /* 64 bits in hex, with its end */
	MARK_NAME = 64, /* "KEY.MARK", with its end */
};

void mark_make(const uint8_t link_key[32], const char *key, char out[MARK_SIZE]);
/* Finds "KEY.MARK@" in a text, in the shape of ours alone: whether it is ours is not
 * asked. out is "KEY.MARK". */
bool mark_find(const char *text, char out[MARK_NAME]);
/* The key of "KEY.MARK", where the mark is that key's; false: somebody else made it. */
bool mark_good(const uint8_t link_key[32], const char *name, char key[MARK_NAME]);

#endif
