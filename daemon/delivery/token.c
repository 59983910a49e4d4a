/* Tokens of public links: a MAC over what they say, and that under a pad made of the MAC,
 * so that two customers' tokens have nothing in common. It keeps no list and asks no
 * store. */
#include "delivery/token.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/secret.h"

#define MAC_BYTES 16
#define WORDS_BYTES 10 /* kind, medium, day (2), subject (6) */
#define BYTES (MAC_BYTES + WORDS_BYTES)
#define CLICK_MAC_BYTES 8
#define CLICK_WORDS_BYTES 8 /* message (5), link (3) */

static const char *const media[] = {NULL, "sms", "kakao", "email", "push"};
#define MEDIA (sizeof media / sizeof media[0])

/* HMAC-SHA256 under the store's key, apart from all else that it makes. */
static void derive(const uint8_t link_key[32], const char label[8], const uint8_t *data,
        size_t len, uint8_t out[32])
{
	uint8_t words[8 + MAC_BYTES];

	memcpy(words, label, 8);
	memcpy(words + 8, data, len);
	secret_hmac_sha256(link_key, 32, words, 8 + len, out);
}

/* How many bytes of the MAC a kind of token shows, and the labels of what is derived. */
struct shape {
	size_t mac, words;
	const char *mac_label, *pad_label; /* 8 bytes */
};
static const struct shape page_shape = {MAC_BYTES, WORDS_BYTES, "link mac", "link pad"};
static const struct shape click_shape = {
        CLICK_MAC_BYTES, CLICK_WORDS_BYTES, "clickmac", "clickpad"};

static void mask(
        const uint8_t link_key[32], const struct shape *shape, uint8_t sealed[BYTES])
{
	uint8_t pad[32];

	derive(link_key, shape->pad_label, sealed, shape->mac, pad);
	for (size_t i = 0; i < shape->words; i++)
		sealed[shape->mac + i] ^= pad[i];
}

static uint8_t medium_number(const char *medium)
{
	for (uint8_t i = 1; medium && i < MEDIA; i++)
		if (!strcmp(media[i], medium))
			return i;
	return 0;
}

static void write_number(uint8_t *out, size_t bytes, uint64_t value)
{
	while (bytes--) {
		out[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static int64_t read_number(const uint8_t *in, size_t bytes)
{
	int64_t value = 0;

	while (bytes--)
		value = value << 8 | *in++;
	return value;
}

/* sealed[shape->mac …] holds the words, and becomes the whole token. */
static void seal(const uint8_t link_key[32], const struct shape *shape,
        uint8_t sealed[BYTES], char *out)
{
	uint8_t mac[32];
	char *text;

	derive(link_key, shape->mac_label, sealed + shape->mac, shape->words, mac);
	memcpy(sealed, mac, shape->mac);
	mask(link_key, shape, sealed);
	text = secret_base64url(sealed, shape->mac + shape->words);
	strcpy(out, text);
	free(text);
}

/* The bytes of a text of exactly that spelling: spare bits and another alphabet make no
 * second token of one. */
static bool decode(const char *text, size_t n, uint8_t sealed[BYTES])
{
	size_t len = 0, chars = (n * 8 + 5) / 6;
	uint8_t *bytes;
	char *again;
	bool good;

	if (strlen(text) != chars)
		return false;
	bytes = secret_unbase64(text, chars, &len);
	good = bytes && len == n;
	if (good) {
		memcpy(sealed, bytes, n);
		again = secret_base64url(sealed, n);
		good = !strcmp(text, again);
		free(again);
	}
	free(bytes);
	return good;
}

/* Returns the words, in sealed; NULL when it is none of ours. */
static const uint8_t *unseal(const uint8_t link_key[32], const struct shape *shape,
        const char *text, uint8_t sealed[BYTES])
{
	uint8_t mac[32], *words = sealed + shape->mac;

	if (!decode(text, shape->mac + shape->words, sealed))
		return NULL;
	mask(link_key, shape, sealed);
	derive(link_key, shape->mac_label, words, shape->words, mac);
	return secret_equal(
	               (const char *)mac, shape->mac, (const char *)sealed, shape->mac)
	               ? words
	               : NULL;
}

void token_make(
        const uint8_t link_key[32], const struct token *token, char out[TOKEN_SIZE])
{
	uint8_t sealed[BYTES], *words = sealed + MAC_BYTES;

	words[0] = (uint8_t)token->kind;
	words[1] = medium_number(token->medium);
	write_number(words + 2, 2, (uint64_t)token->until);
	write_number(words + 4, 6, (uint64_t)token->subject);
	seal(link_key, &page_shape, sealed, out);
}

bool token_read(const uint8_t link_key[32], enum token_kind kind, const char *text,
        int64_t now, struct token *out)
{
	uint8_t sealed[BYTES];
	const uint8_t *words = unseal(link_key, &page_shape, text, sealed);
	int32_t until;

	if (!words)
		return false;
	until = (int32_t)read_number(words + 2, 2);
	if (words[0] != kind || words[1] >= MEDIA || now / MS_DAY > until)
		return false;
	*out = (struct token){kind, read_number(words + 4, 6), media[words[1]], until};
	return true;
}

int32_t token_until(int64_t now, int days)
{
	return (int32_t)(now / MS_DAY) + days;
}

void token_make_click(const uint8_t link_key[32], int64_t message, int64_t link,
        char out[TOKEN_CLICK_SIZE])
{
	uint8_t sealed[BYTES], *words = sealed + CLICK_MAC_BYTES;

	write_number(words, 5, (uint64_t)message);
	write_number(words + 5, 3, (uint64_t)link);
	seal(link_key, &click_shape, sealed, out);
}

bool token_read_click(
        const uint8_t link_key[32], const char *text, int64_t *message, int64_t *link)
{
	uint8_t sealed[BYTES];
	const uint8_t *words = unseal(link_key, &click_shape, text, sealed);

	if (!words)
		return false;
	*message = read_number(words, 5);
	*link = read_number(words + 5, 3);
	return true;
}
