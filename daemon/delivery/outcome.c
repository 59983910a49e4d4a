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

static bool stands_in_a_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_';
}

/* Bytes of a phone number that begins there: eight digits or more in any spelling; 0:
 * none does. */
static size_t number_len(const char *text)
{
	size_t n = strspn(text, "+0123456789-. ()"), digits = 0, end = 0;

	for (size_t i = 0; i < n; i++)
		if (text[i] >= '0' && text[i] <= '9') {
			digits++;
			end = i + 1;
		}
	if (digits < 8 || digits > 15 || stands_in_a_word(text[end]))
		return 0;
	return *text == '0' || *text == '8' || *text == '1' || *text == '+' ? end : 0;
}

/* Whose number it was nobody has to read in a log. */
static void leave_numbers_out(char *text)
{
	char *to = text;
	bool in_word = false;

	while (*text) {
		size_t n = in_word ? 0 : number_len(text);
		in_word = stands_in_a_word(*text);
		if (n) {
			memcpy(to, "...", 3);
			to += 3;
			text += n;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
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
	leave_numbers_out(text);
	outcome_copy(outcome.detail, sizeof outcome.detail, text, strlen(text));
	if (code)
		outcome_copy(outcome.code, sizeof outcome.code, code, strlen(code));
	return outcome;
}
