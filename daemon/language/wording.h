/* The words of a text as its reader sees them, byte for byte where the file has them: in
 * one spelling, without what fills nothing in and what nobody sees. Judges nothing. */
#ifndef DANGOL_WORDING_H
#define DANGOL_WORDING_H

#include <stdbool.h>
#include <stddef.h>

#define WORDING_VALUE '\1'   /* here a value is filled in, or an address stands */
#define WORDING_NOTHING '\2' /* no reader sees this byte */

/* Returns new: len bytes and a NUL, each at the place of what it stands for. Latin
 * letters are small, full-width ones and the many brackets, quotes, blanks and dashes are
 * ASCII's, 廣告 is 광고. Of #{…} a value is WORDING_VALUE (the text of its `default`
 * stays), blocks are nothing. In HTML tags are nothing, those of a block a line end, and
 * the text of alt and title stays, on a line of its own; references are what they stand
 * for. */
char *wording_new(const char *text, size_t len, bool html);

/* The first byte from `at` on that is seen, at most len. */
size_t wording_seen(const char *words, size_t at, size_t len);
/* Where `phrase` ends that begins at `at`, 0: it does not. A blank of the phrase stands
 * for blanks or none, '#' for a number with its commas, '@' for a value or a number. */
size_t wording_match(const char *words, size_t at, size_t len, const char *phrase);

#endif
