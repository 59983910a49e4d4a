/* What the daemon writes into an advertisement itself, found where a template writes it
 * too: the label (광고) and the way to refuse, in whatever spelling. Other spellings than
 * `(광고)` are violations by themselves. Source: Network Act, Article 50 (4); Decree,
 * Annex 6, as KISA's notices tell it. */
#ifndef DANGOL_LABEL_H
#define DANGOL_LABEL_H

#include <stdbool.h>
#include <stddef.h>

enum label_kind {
	LABEL_AD,
	LABEL_REFUSAL, /* words that tell how to refuse */
	LABEL_NUMBER   /* a free number as the last thing of the text */
};
struct label {
	enum label_kind kind;
	size_t from, to;
};

struct label_ask {
	bool links; /* the text shows #{unsubscribe}: it may speak of refusing */
	bool ends;  /* its end is the message's: a number there is the one to refuse */
};

/* The first one from `at` on in a part's words (wording_new). False: none. */
bool label_find(const char *words, size_t len, size_t at, const struct label_ask *ask,
        struct label *out);

#endif
