/* What several providers' requests and answers have in common that is no transport: a
 * member that comes as a text here and as a number there, and a title cut to size. */
#ifndef DANGOL_WORDS_H
#define DANGOL_WORDS_H

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

#endif
