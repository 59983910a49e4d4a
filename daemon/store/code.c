/* Makes codes. It gives none to anybody. */
#include "store/code.h"

#include <string.h>
#include "base/secret.h"

#define TRIES 128 /* random codes tried before a pattern counts as used up */
#define SIGNS 31

static const char signs[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

bool code_bare(const char *code, char out[CODE_MOST + 1])
{
	size_t n = 0;
	for (; *code; code++) {
		if (*code == ' ' || *code == '-' || *code == '\t')
			continue;
		if (n == CODE_MOST)
			return false;
		out[n++] = *code >= 'a' && *code <= 'z' ? (char)(*code - 32) : *code;
	}
	out[n] = '\0';
	return n > 0;
}

static int random_sign(void)
{
	uint8_t byte;
	do
		secret_random(&byte, 1);
	while (byte >= 256 / SIGNS * SIGNS);
	return byte % SIGNS;
}

/* Of two neighbours, and of the last place and the check sign's 1, no two are the same.
 */
static int weight(int i)
{
	return i < 29 ? i + 1 : i - 27;
}

/* Each sign times its place's weight, modulo 31, a prime: one wrong sign or two swapped
 * neighbours never check. */
static int check_sign(const int *values, int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += values[i] * weight(i);
	return (SIGNS - sum % SIGNS) % SIGNS;
}

static int count_places(const char *pattern)
{
	int places = 0;
	for (; *pattern; pattern++)
		places += *pattern == '#';
	return places;
}

static char *fill(const char *pattern, const int *values, int n, struct arena *arena)
{
	char *code = arena_strdup(arena, pattern);
	int i = 0;
	for (char *p = code; *p; p++)
		if (*p == '#')
			*p = signs[i < n ? values[i] : check_sign(values, n)], i++;
	return code;
}

static bool known(struct db *db, const char *code)
{
	char bare[CODE_MOST + 1];
	if (!code_bare(code, bare))
		return true;
	struct stmt *st = db_stmt(db, "SELECT 1 FROM coupon WHERE bare = ?1");
	stmt_text(st, 1, bare);
	return stmt_single(st, 0) == 1;
}

/* Small patterns are walked through to the last code, larger ones tried at random. */
static const char *walk(struct db *db, const char *pattern, int n, struct arena *arena)
{
	int values[2] = {0}, space = n == 0 ? 1 : n == 1 ? SIGNS : SIGNS * SIGNS;
	int start = n == 0 ? 0 : random_sign() + (n == 2 ? random_sign() * SIGNS : 0);
	for (int i = 0; i < space; i++) {
		values[0] = (start + i) % space % SIGNS;
		values[1] = (start + i) % space / SIGNS;
		const char *code = fill(pattern, values, n, arena);
		if (!known(db, code))
			return code;
	}
	return NULL;
}

const char *code_fresh(struct db *db, const char *pattern, struct arena *arena)
{
	int values[CODE_MOST], n = count_places(pattern) - 1;
	if (n < 0 || n > CODE_MOST || strlen(pattern) > CODE_MOST)
		return NULL;
	if (n <= 2)
		return walk(db, pattern, n, arena);
	for (int try = 0; try < TRIES; try++) {
		for (int i = 0; i < n; i++)
			values[i] = random_sign();
		const char *code = fill(pattern, values, n, arena);
		if (!known(db, code))
			return code;
	}
	return NULL;
}

static int value_of(char sign)
{
	const char *at = sign ? strchr(signs, sign) : NULL;
	return at ? (int)(at - signs) : -1;
}

/* Is it of the pattern's length, with what stands between the places? */
static bool shaped(const char *pattern, const char *bare)
{
	if (strlen(pattern) != strlen(bare))
		return false;
	for (size_t i = 0; pattern[i]; i++)
		if (pattern[i] != '#' && pattern[i] != bare[i])
			return false;
	return true;
}

bool code_mistyped(const char *pattern, const char *code)
{
	char shape[CODE_MOST + 1], bare[CODE_MOST + 1];
	int values[CODE_MOST + 1], n = 0;
	if (!code_bare(pattern, shape) || !code_bare(code, bare) || !shaped(shape, bare))
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == '#' && (values[n++] = value_of(bare[i])) < 0)
			return true;
	return n > 0 && values[n - 1] != check_sign(values, n - 1);
}
