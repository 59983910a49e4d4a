/* The words that give an advertisement away, and those that make them harmless. Phrases
 * are matched as wording_match says; '^' means that a Korean word begins there. */
#ifndef DANGOL_PROMOTION_WORDS_H
#define DANGOL_PROMOTION_WORDS_H

#include <stdbool.h>

struct promotion_giveaway {
	const char *phrase;
	const char *const *unless; /* one of them in the sentence; NULL: nothing helps */
	bool grounded;             /* a ground in the text helps too */
};
extern const struct promotion_giveaway promotion_giveaways[]; /* ends with phrase NULL */
/* Is it harmless where somebody is expected or fetches what is theirs? */
bool promotion_errands(const struct promotion_giveaway *giveaway);

/* Each ends with NULL. By what the customer earned it; that it was given; what is given;
 * and what offers, whatever is said beside it. */
extern const char *const promotion_grounds[],
        *const promotion_given[], *const promotion_worth[], *const promotion_urging[];

#endif
