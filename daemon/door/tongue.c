/* Chooses between the languages that pages are written in. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "door/tongue.h"

static const char *const codes[TONGUES] = {[TONGUE_KO] = "ko", [TONGUE_EN] = "en"};

const char *tongue_code(enum tongue tongue)
{
	return codes[tongue];
}

static int known(const char *code, size_t len)
{
	size_t primary = 0;
	while (primary < len && code[primary] != '-' && code[primary] != '_')
		primary++;
	for (int i = 0; i < TONGUES; i++)
		if (primary == 2 && !strncasecmp(code, codes[i], 2))
			return i;
	return -1;
}

enum tongue tongue_of(const char *code)
{
	int found = known(code, strlen(code));
	return found < 0 ? TONGUE_EN : (enum tongue)found;
}

/* "en;q=0.5" weighs 0.5; a range of another language nothing. */
static double weight_of(const char *range, size_t len)
{
	const char *q = memchr(range, ';', len);
	while (q && (size_t)(q - range) + 3 < len) {
		q += 1 + strspn(q + 1, " \t");
		if (!strncasecmp(q, "q=", 2))
			return strtod(q + 2, NULL);
		q = memchr(q, ';', len - (size_t)(q - range));
	}
	return 1;
}

static int preferred(const char *accepted)
{
	double best = 0;
	int found = -1;
	while (*accepted) {
		accepted += strspn(accepted, " \t,");
		size_t len = strcspn(accepted, ","), word = strcspn(accepted, ",; \t");
		int tongue = known(accepted, word);
		double weight = tongue < 0 ? 0 : weight_of(accepted, len);
		if (weight > best) {
			best = weight;
			found = tongue;
		}
		accepted += len;
	}
	return found;
}

enum tongue tongue_choose(
        const char *chosen, const char *customer, const char *accepted, const char *shop)
{
	int found = chosen ? known(chosen, strlen(chosen)) : -1;
	if (found >= 0)
		return (enum tongue)found;
	if (customer)
		return tongue_of(customer);
	found = accepted ? preferred(accepted) : -1;
	if (found >= 0)
		return (enum tongue)found;
	return shop ? tongue_of(shop) : TONGUE_KO;
}
