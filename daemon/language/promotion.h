/* Does an informational text promote? Mixing promotion into information makes the whole
 * message advertising (Network Act, Article 50 (1); KISA's guide to it, as korea.md tells
 * it): what offers, discounts, greets or invites. What an order, a reservation or a used
 * coupon says of itself is information. It reads words, not minds: the owner may overrule
 * it. */
#ifndef DANGOL_PROMOTION_H
#define DANGOL_PROMOTION_H

#include <stdbool.h>
#include <stddef.h>

struct promotion {
	size_t from, to;           /* the sentence, without blanks around it */
	size_t word_from, word_to; /* what gives it away */
};

/* The first promoting sentence of a part's words (wording_new). False: none. */
bool promotion_find(const char *words, size_t len, struct promotion *out);

/* The first sentence that tells of points or a coupon that were given. */
bool promotion_gives(const char *words, size_t len, struct promotion *out);
/* Does the text say by what purchase or act of the customer's own they were earned? Kakao
 * lets an AlimTalk tell of them only with that ground (since 2026-04-01). */
bool promotion_grounded(const char *words, size_t len);

#endif
