/* An outcome, filled in one call: kind, the other side's code and a sentence in the
 * owner's language. */
#ifndef DANGOL_OUTCOME_H
#define DANGOL_OUTCOME_H

#include "delivery/channel.h"

/* code may be NULL. Both are cut to what fits, at a character's edge. */
/* detail is shown and logged: a phone number in it is left out. */
struct outcome outcome_make(enum outcome_kind kind, const char *code, const char *fmt,
        ...) __attribute__((format(printf, 3, 4)));
/* Copies what another program wrote: printable UTF-8 only, at most size - 1 bytes. */
void outcome_copy(char *to, size_t size, const char *from, size_t len);

#endif
