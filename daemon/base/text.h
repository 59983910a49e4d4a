/* Text as shops write it: UTF-8, phone numbers in any Korean spelling, birthdays,
 * amounts, carriers' bytes. */
#ifndef DANGOL_TEXT_H
#define DANGOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_valid_utf8(
        const char *s, size_t len); /* strict: no surrogates, no overlong forms, no NUL */
size_t text_chars(const char *s, size_t len); /* code points */
/* Places on a terminal: Hangul takes two, marks none. */
int text_columns(const char *s, size_t len);
char *text_nfc(const char *s, size_t len); /* returns new; NULL when not UTF-8 */
/* Decodes one code point at s (len > 0 bytes left); returns its bytes, 1 and U+FFFD for a
 * bad byte. */
int text_decode(const char *s, size_t len, uint32_t *cp);

/* Bytes of the text as carriers count it (CP949 after NFC, U+20A9 taken as U+FFE6); -1
 * when a character does not exist there, and then *bad (may be NULL) is its code point.
 * Source: providers.md 1.1. */
long text_cp949_len(const char *s, uint32_t *bad);

/* Any Korean spelling ("010-1234-5678", "82-10-…", "+82 010…", "01012345678", full-width
 * digits) or an international number with "+" to E.164 in out (at least 24 bytes). 0, or
 * -1 when it is no phone number. Masked ones ("010-****-5678") are none. */
int text_phone(const char *s, char *out);
bool text_phone_virtual(
        const char *e164); /* 050x: never matched, never sent an advertisement */
bool text_phone_mobile_kr(const char *e164);
char *text_phone_national(const char *e164,
        char *out); /* +821012345678 to 01012345678; out of at least 24 */
int text_email(
        const char *s, char *out, size_t size); /* trims, lowers the domain; 0 or -1 */

struct birthday {
	int year;      /* 0: unknown */
	int month_day; /* month * 100 + day */
};
/* 1990-05-05, 19900505, 05-05, --05-05, 0000-05-05 and 1990.5.5, 1990/05/05. lunar allows
 * day 30 of any month and refuses 31. 0, or -1 when there is no such day. */
int text_birthday(const char *s, bool lunar, struct birthday *out);
char *text_birthday_format(
        const struct birthday *b, char *out); /* "1990-05-05" or "--05-05"; 16 bytes */

/* Whole won: "23,500원", "₩23500", "23500.00", "2만 3천" is refused. 0 or -1. */
int text_money(const char *s, int64_t *won);
char *text_number(int64_t n, char *out); /* with commas, out of at least 32 bytes */

/* The nearest of n candidates by edit distance over code points (transpositions count
 * one), or NULL when none is near enough to be a likely slip. Prefixes count as near. */
const char *text_nearest(const char *word, const char *const *candidates, size_t n);
bool text_masked(const char *s); /* holds a run of '*' in place of what it hides */
/* What is a person's, for who may know that it is there and not what it is: of a number
 * three digits and the last four, of an address its first letter and its domain, of else
 * the first and the last letter. Added to out. */
struct buf;
void text_mask(const char *s, struct buf *out);
char *text_trim(char *s); /* in place, white space of ASCII and U+3000 */
uint64_t text_hash(const void *data,
        size_t len); /* FNV-1a, stable across versions: splits depend on it */

#endif
