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

static void mask(const uint8_t link_key[32], uint8_t sealed[BYTES])
{
	uint8_t pad[32];

	derive(link_key, "link pad", sealed, MAC_BYTES, pad);
	for (int i = 0; i < WORDS_BYTES; i++)
		sealed[MAC_BYTES + i] ^= pad[i];
}

static uint8_t medium_number(const char *medium)
{
	for (uint8_t i = 1; medium && i < MEDIA; i++)
		if (!strcmp(media[i], medium))
			return i;
	return 0;
}

static void encode(const uint8_t sealed[BYTES], char out[TOKEN_SIZE])
{
	char *text = secret_base64(sealed, BYTES);

	for (size_t i = 0; i < TOKEN_SIZE - 1; i++)
		out[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
	out[TOKEN_SIZE - 1] = 0;
	free(text);
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

void token_make(
        const uint8_t link_key[32], const struct token *token, char out[TOKEN_SIZE])
{
	uint8_t sealed[BYTES], mac[32], *words = sealed + MAC_BYTES;

	words[0] = (uint8_t)token->kind;
	words[1] = medium_number(token->medium);
	write_number(words + 2, 2, (uint64_t)token->until);
	write_number(words + 4, 6, (uint64_t)token->subject);
	derive(link_key, "link mac", words, WORDS_BYTES, mac);
	memcpy(sealed, mac, MAC_BYTES);
	mask(link_key, sealed);
	encode(sealed, out);
}

/* The bytes of a text of exactly that spelling: spare bits and another alphabet make no
 * second token of one. */
static bool decode(const char *text, uint8_t sealed[BYTES])
{
	char again[TOKEN_SIZE];
	size_t len = 0;
	uint8_t *bytes;
	bool good;

	if (strlen(text) != TOKEN_SIZE - 1)
		return false;
	bytes = secret_unbase64(text, TOKEN_SIZE - 1, &len);
	good = bytes && len == BYTES;
	if (good) {
		memcpy(sealed, bytes, BYTES);
		encode(sealed, again);
		good = !strcmp(text, again);
	}
	free(bytes);
	return good;
}

bool token_read(const uint8_t link_key[32], enum token_kind kind, const char *text,
        int64_t now, struct token *out)
{
	uint8_t sealed[BYTES], mac[32];
	const uint8_t *words = sealed + MAC_BYTES;
	int32_t until;

	if (!decode(text, sealed))
		return false;
	mask(link_key, sealed);
	derive(link_key, "link mac", words, WORDS_BYTES, mac);
	if (!secret_equal((const char *)mac, MAC_BYTES, (const char *)sealed, MAC_BYTES))
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
