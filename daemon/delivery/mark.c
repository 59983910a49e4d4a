/* Marks of mails. Holds the store's key in nobody's hands but the daemon's: the mail
 * children see the mark alone. */
#include "delivery/mark.h"

#include <stdio.h>
#include <string.h>
#include "base/secret.h"

#define HEX "0123456789abcdef"
#define DIGITS "0123456789"

void mark_make(const uint8_t link_key[32], const char *key, char out[MARK_SIZE])
{
	uint8_t mac[32];
	char hex[65], words[80];
	int n = snprintf(words, sizeof words, "m|%.64s", key);

	secret_hmac_sha256(link_key, 32, words, (size_t)n, mac);
	snprintf(out, MARK_SIZE, "%.16s", secret_hex(mac, sizeof mac, hex));
}

/* Bytes of "1a2b3c4d-17.0123456789abcdef" at the text's beginning; 0: it is not such. */
static size_t name_at(const char *text)
{
	size_t digits, len = strspn(text, HEX);

	if (len != 8 || text[len++] != '-')
		return 0;
	digits = strspn(text + len, DIGITS);
	len += digits;
	if (!digits || digits > 19 || text[len++] != '.')
		return 0;
	return strspn(text + len, HEX) == MARK_SIZE - 1 ? len + MARK_SIZE - 1 : 0;
}

bool mark_find(const char *text, char out[MARK_NAME])
{
	bool begins = true; /* in front of it no character of a word stood */

	for (const char *at = text; *at; at++) {
		size_t len = begins ? name_at(at) : 0;

		if (len && at[len] == '@') {
			memcpy(out, at, len);
			out[len] = 0;
			return true;
		}
		begins = strchr("<, \t\r\n", *at) != NULL;
	}
	return false;
}

bool mark_good(const uint8_t link_key[32], const char *name, char key[MARK_NAME])
{
	size_t len = name_at(name);
	char mark[MARK_SIZE];

	if (!len || name[len])
		return false;
	len -= MARK_SIZE;
	memcpy(key, name, len);
	key[len] = 0;
	mark_make(link_key, key, mark);
	return secret_equal(mark, MARK_SIZE - 1, name + len + 1, MARK_SIZE - 1);
}
