/* The token of a public link: whose it is, what for and until when, under one MAC. It is
 * sealed: who holds one reads no number in it and can make no other. Nothing of it is
 * kept anywhere. */
#ifndef DANGOL_TOKEN_H
#define DANGOL_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

enum token_kind {
	TOKEN_UNSUBSCRIBE = 'u', /* of a customer and a medium */
	TOKEN_PREFERENCES = 'p', /* of a customer */
	TOKEN_JOIN = 'j',        /* of the shop: subject is the links' epoch */
	TOKEN_COUPON = 'k',      /* of a coupon */
};

#define TOKEN_SIZE 36 /* 26 bytes in base64url, with the end */
#define TOKEN_UNSUBSCRIBE_DAYS 730
#define TOKEN_PREFERENCES_DAYS 30
#define TOKEN_JOIN_DAYS 365
#define TOKEN_COUPON_DAYS 730 /* of one that never expires */
#define TOKEN_COUPON_AFTER 30 /* after its end, to say that it has come */
#define TOKEN_DAYS_MAX 3650

struct token {
	enum token_kind kind;
	int64_t subject;    /* 0 to 2^48 - 1 */
	const char *medium; /* sms kakao email push; NULL: none. Static when read */
	int32_t until;      /* the last day that it is good on, UTC, days since 1970 */
};

/* The same fields make the same token. link_key is the store's. */
void token_make(
        const uint8_t link_key[32], const struct token *token, char out[TOKEN_SIZE]);
/* False when it is not ours, of another kind, spelt otherwise than token_make does, or
 * past its day at now (ms). Compares in constant time. */
bool token_read(const uint8_t link_key[32], enum token_kind kind, const char *text,
        int64_t now, struct token *out);
/* The last day of a link that is made now and is good for so many days. */
int32_t token_until(int64_t now, int days);

/* The token of a link in a message: short, because a text message is, and good for as
 * long as the link's address is known. message: 0 to 2^40 - 1, 0: of none, as in a
 * preview; link: 1 to 2^24 - 1, a row of store/link.h. */
#define TOKEN_CLICK_SIZE 23 /* 16 bytes in base64url, with the end */
#define TOKEN_LINKS INT64_C(0xffffff)
void token_make_click(const uint8_t link_key[32], int64_t message, int64_t link,
        char out[TOKEN_CLICK_SIZE]);
bool token_read_click(
        const uint8_t link_key[32], const char *text, int64_t *message, int64_t *link);

#endif
