/* Outcomes as providers make them. Never lets a byte of the other side through that a
 * terminal or a page would act on. */
#include "delivery/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"

void outcome_copy(char *to, size_t size, const char *from, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = (size_t)text_decode(from + i, len - i, &cp);
		bool good = cp >= 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0) &&
		            cp != 0xfffd;

		if (used + n >= size)
			break;
		if (good)
			memcpy(to + used, from + i, n);
		used += good ? n : 0;
		i += n;
	}
	to[used] = 0;
}

struct outcome outcome_make(
        enum outcome_kind kind, const char *code, const char *fmt, ...)
{
	struct outcome outcome = {.kind = kind};
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	outcome_copy(outcome.detail, sizeof outcome.detail, text, strlen(text));
	if (code)
		outcome_copy(outcome.code, sizeof outcome.code, code, strlen(code));
	return outcome;
}
