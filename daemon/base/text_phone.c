/* Telephone numbers in any Korean spelling. Never takes a number that could be read in
 * two ways, and never a masked one. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define PHONE_DIGITS 16

enum glyph { GLYPH_DIGIT, GLYPH_PLUS, GLYPH_BETWEEN, GLYPH_OTHER };

/* What a character is in a telephone number; digits of either width come back in *digit.
 */
static enum glyph glyph(uint32_t cp, char *digit)
{
	if (cp >= 0xff10 && cp <= 0xff19)
		cp -= 0xff10 - '0';
	if (cp >= '0' && cp <= '9') {
		*digit = (char)cp;
		return GLYPH_DIGIT;
	}
	if (cp == '+' || cp == 0xff0b)
		return GLYPH_PLUS;
	if (cp >= 0x2010 && cp <= 0x2015)
		return GLYPH_BETWEEN;
	switch (cp) {
	case ' ':
	case '\t':
	case '-':
	case '.':
	case '/':
	case '(':
	case ')':
	case 0xa0:
	case 0x2212:
	case 0x3000:
	case 0xff08:
	case 0xff09:
	case 0xff0d:
	case 0xff0e:
		return GLYPH_BETWEEN;
	}
	return GLYPH_OTHER;
}

/* The digits of s into out; how many, or -1. */
static int phone_digits(const char *s, char out[PHONE_DIGITS + 1], bool *plus)
{
	size_t len = strnlen(s, 81), i = 0;
	int n = 0;
	uint32_t cp;
	char digit;

	*plus = false;
	if (len > 80)
		return -1;
	if (s[0] == '\'')
		i++; /* a spreadsheet's mark of text */
	while (i < len) {
		if ((unsigned char)s[i] < 0x80)
			cp = (unsigned char)s[i++];
		else
			i += text_decode(s + i, len - i, &cp);
		switch (glyph(cp, &digit)) {
		case GLYPH_DIGIT:
			if (n == PHONE_DIGITS)
				return -1;
			out[n++] = digit;
			break;
		case GLYPH_PLUS:
			if (n || *plus)
				return -1;
			*plus = true;
			break;
		case GLYPH_BETWEEN:
			break;
		case GLYPH_OTHER:
			return -1;
		}
	}
	out[n] = '\0';
	return n;
}

/* 1588-1234 and its kind, which have no area and no leading zero. */
static bool representative(const char *d, int n)
{
	return n == 8 && d[0] == '1' && (d[1] == '5' || d[1] == '6' || d[1] == '8');
}

static bool area_code(char tens, char ones)
{
	switch (tens) {
	case '3':
		return ones >= '1' && ones <= '3';
	case '4':
	case '6':
		return ones >= '1' && ones <= '4';
	case '5':
		return ones >= '1' && ones <= '5';
	}
	return false;
}

/* d is a Korean number of n digits without its leading zero. */
static bool korean(const char *d, int n)
{
	switch (d[0]) {
	case '1':
		if (d[1] == '0')
			return n == 10;
		return (d[1] == '1' || (d[1] >= '6' && d[1] <= '9')) &&
		       (n == 9 || n == 10);
	case '2':
		return n == 8 || n == 9;
	case '7':
		return d[1] == '0' && n == 10;
	case '8':
		return d[1] == '0' && (n == 9 || n == 10);
	case '5':
		if (d[1] == '0')
			return n == 10 || n == 11;
		break;
	}
	return area_code(d[0], d[1]) && (n == 9 || n == 10);
}

static int put_phone(char *out, const char *country, const char *d)
{
	out[0] = '+';
	strcpy(out + 1, country);
	strcat(out, d);
	return 0;
}

/* d follows the country's code, with or without the zero that a careful writer puts into
 * brackets. */
static int korean_abroad(const char *d, int n, char *out)
{
	if (representative(d, n))
		return put_phone(out, "82", d);
	if (d[0] == '0') {
		d++;
		n--;
	}
	return n > 0 && korean(d, n) ? put_phone(out, "82", d) : -1;
}

int text_phone(const char *s, char *out)
{
	char d[PHONE_DIGITS + 1];
	bool plus;
	int n = phone_digits(s, d, &plus);

	if (n < 7)
		return -1;
	if (plus && d[0] == '8' && d[1] == '2')
		return korean_abroad(d + 2, n - 2, out);
	if (plus)
		return d[0] != '0' && n <= 15 ? put_phone(out, "", d) : -1;
	if (strncmp(d, "0082", 4) == 0)
		return korean_abroad(d + 4, n - 4, out);
	if (d[0] == '0')
		return korean(d + 1, n - 1) ? put_phone(out, "82", d + 1) : -1;
	if (representative(d, n))
		return put_phone(out, "82", d);
	if (d[0] == '8' && d[1] == '2')
		return korean_abroad(d + 2, n - 2, out);
	/* A spreadsheet took 010… for a number and its zero away; shorter ones could be
	 * anything. */
	if (n == 10 && d[0] == '1' && d[1] == '0')
		return put_phone(out, "82", d);
	return -1;
}

bool text_phone_virtual(const char *e164)
{
	return strncmp(e164, "+8250", 5) == 0;
}

bool text_phone_mobile_kr(const char *e164)
{
	if (strncmp(e164, "+821", 4) != 0)
		return false;
	return !representative(e164 + 3, (int)strnlen(e164 + 3, 20));
}

char *text_phone_national(const char *e164, char *out)
{
	bool ours = strncmp(e164, "+82", 3) == 0;
	bool short_form = ours && representative(e164 + 3, (int)strnlen(e164 + 3, 20));

	snprintf(out, 24, "%s%s", ours && !short_form ? "0" : "", ours ? e164 + 3 : e164);
	return out;
}
