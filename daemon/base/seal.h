/* Personal data, sealed: XChaCha20-Poly1305 under the shop's key, so that a file without
 * the key tells nobody's number, and a keyed index by which an equal value is found
 * again. The only file that includes sodium.h. Never logs a key or a value. */
#ifndef DANGOL_SEAL_H
#define DANGOL_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"

#define SEAL_KEY_BYTES 32
#define SEAL_KEYS_MAX 2  /* the one that seals, and the one before it */
#define SEAL_OVERHEAD 45 /* format 1, the key's sign 4, nonce 24, tag 16 */
#define SEAL_INDEX_BYTES 16

/* What a value is. It goes into the seal: a value moved to another place does not open.
 * Written into stores: only ever added to. */
enum seal_purpose {
	SEAL_PERSON,     /* a customer's name, phone and e-mail address */
	SEAL_ATTRIBUTES, /* values inside of the customer's attributes */
	SEAL_EVENT,      /* values inside of an event's data */
	SEAL_MESSAGE,    /* values inside of a message's data */
	SEAL_ADDRESS,    /* where a message went; as index: any phone or e-mail */
	SEAL_LETTER,     /* what was read */
	SEAL_DETAIL,     /* a provider's words */
	SEAL_ANSWER,     /* an answer kept for a repeated request */
	SEAL_SUPPRESSION,
	SEAL_STORE,  /* the store's own key, of its indexes and its links */
	SEAL_MERGED, /* what somebody was who was merged into another */
	SEAL_IMPORT, /* what an import changed, as it was before */
};

/* The keys of this process: the first seals, each opens; n 0 forgets them all. They are
 * copied into locked memory. Any thread may seal and open meanwhile. */
void seal_keys(const uint8_t (*keys)[SEAL_KEY_BYTES], size_t n);
size_t seal_key_count(void); /* 0: nothing is sealed */

/* Writes len + SEAL_OVERHEAD bytes; returns how many. There must be a key. Nonces are
 * never used twice: 16 random bytes of the process, and a number. Source: libsodium, "The
 * XChaCha20-Poly1305 construction": 192 bits are enough for random nonces. */
size_t seal_close(enum seal_purpose purpose, const void *data, size_t len, uint8_t *out);
enum seal_opened {
	SEAL_OPENED,
	SEAL_BROKEN,     /* cut short, changed or of another place */
	SEAL_UNKNOWN_KEY /* none of ours made it */
};
/* Writes len - SEAL_OVERHEAD bytes and a NUL behind them. */
enum seal_opened seal_open(
        enum seal_purpose purpose, const uint8_t *sealed, size_t len, char *out);
/* The same as letters, digits, '-' and '_' (RFC 4648, part 5), added to out. */
void seal_close_text(
        enum seal_purpose purpose, const void *data, size_t len, struct buf *out);
enum seal_opened seal_open_text(
        enum seal_purpose purpose, const char *text, size_t len, struct buf *out);
/* Was it made with the first of our keys? */
bool seal_is_current(const uint8_t *sealed, size_t len);

/* Equal texts have equal indexes under one store's key, and for each purpose others:
 * keyed BLAKE2b over a key derived for the purpose. */
void seal_index(const uint8_t key[SEAL_KEY_BYTES], enum seal_purpose purpose,
        const char *text, size_t len, uint8_t out[SEAL_INDEX_BYTES]);
/* A key of its own for another use, from the store's. */
void seal_derive(const uint8_t key[SEAL_KEY_BYTES], const char name[8], uint64_t number,
        uint8_t out[SEAL_KEY_BYTES]);
/* Ed25519 (RFC 8032): what is signed with the seed's key, and the key that proves it. */
void seal_sign(const uint8_t seed[SEAL_KEY_BYTES], const void *data, size_t len,
        uint8_t signature[64]);
void seal_sign_key(const uint8_t seed[SEAL_KEY_BYTES], uint8_t out[32]);
const char *seal_purpose_name(enum seal_purpose purpose); /* "letter.text" */
void seal_wipe(void *data, size_t len); /* clears what no longer is needed */

#endif
