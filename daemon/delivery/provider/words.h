/* What several providers' requests and answers have in common that is no transport: a
 * member that comes as a text here and as a number there, and a title cut to size. */
#ifndef DANGOL_PROVIDER_WORDS_H
#define DANGOL_PROVIDER_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "delivery/channel.h"

/* A member as printable text, whether it is a string or a whole number, into out (cut at
 * a character's edge). False: it is missing, empty or something else; out is "". */
bool words_of(const json_t *object, const char *name, char *out, size_t size);
/* The title of a long text message: the letter's subject or its first line, at most
 * `bytes` as carriers count them, into out (3 * bytes + 1). "" when nothing is left. */
char *words_title(const struct letter *letter, long bytes, char *out);
/* Both NULL, or the same text. */
bool words_same(const char *a, const char *b);
/* The same buttons and the same coupon below? */
bool words_same_below(const struct letter *a, const struct letter *b);
/* A Brand Message's coupon; mobile and pc are what the provider calls its links. Returns
 * new, or NULL: it has none. */
json_t *words_coupon(const struct letter *letter, const char *mobile, const char *pc);

#endif
