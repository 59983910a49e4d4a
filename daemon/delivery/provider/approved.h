/* AlimTalk's approved templates as a provider shows them, kept for an hour, and the
 * letters of a talk held against them. What a provider does not show is not compared:
 * Kakao compares it. */
#ifndef DANGOL_APPROVED_H
#define DANGOL_APPROVED_H

#include "delivery/protocol.h"

/* The first letter not settled whose template was not asked for yet; or NULL. */
const struct letter *approved_lacking(const struct talk *talk);
/* The template of that code reads so; NULL: it is not shown. */
void approved_keep(struct talk *talk, const char *code, const char *content);
/* Its text; NULL: not shown. Borrowed until the next keep. */
const char *approved_text(const struct talk *talk, const struct letter *letter);
/* Settles every letter of that template with the outcome. */
void approved_fail(struct talk *talk, const char *code, const struct outcome *outcome);
/* The outcome of a template in that state (the provider's word). */
struct outcome approved_not(const char *code, const char *state);
/* Settles the letters whose text is not what was approved. */
void approved_compare(struct talk *talk);

#endif
