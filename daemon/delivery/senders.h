/* Sender numbers as a provider tells them, and what they say of ours. Only a registered
 * number may send. Source: Telecommunications Business Act, Article 84-2. */
#ifndef DANGOL_SENDERS_H
#define DANGOL_SENDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"

/* One number that the provider has: a '+' where it said one, and digits. */
struct sender {
	char number[24];
	bool active; /* false: registered, but blocked or switched off there */
};
/* All zero: nothing was told. Whoever is not in a list is not registered only where the
 * list came to its end and nothing in it was strange. */
struct senders {
	struct sender *list; /* owned */
	size_t n;
	bool told;    /* the list's end was read */
	bool strange; /* an entry that cannot be read, or more than are kept */
};
/* Keeps 10,000 at most; what is no number of at least 3 digits is strange. */
void senders_add(struct senders *senders, const char *number, bool active);
void senders_free(struct senders *senders); /* clears */
/* "0212345678, 0311112222", a shop's worth of them, onto out; "-" for none. */
void senders_print(const struct senders *senders, struct buf *out);

enum registered {
	REGISTERED_UNKNOWN, /* not asked, no answer, or this provider has no such list */
	REGISTERED_YES,
	REGISTERED_NO,
	REGISTERED_BLOCKED, /* registered, and the provider does not let it send */
};
/* What the list says of that number, in any spelling. */
enum registered senders_ask(const struct senders *senders, const char *ours);

/* What is known of the sender of one line. Times are the engine's, ms; 0: none. */
struct registration {
	enum registered is;
	int64_t asked_at; /* of the answer that told it */
	int64_t since;    /* NO, BLOCKED: of the first answer that told it */
	int64_t look_at;  /* the next look; 0: at once */
	int64_t looked_at;
	bool warned;           /* the journal has it that it cannot send */
	bool recalled;         /* what the store knew was read */
	bool looking;          /* the question is under way */
	bool again;            /* … and is to be asked once more behind it */
	bool answered;         /* the answer below is still to be written down … */
	bool failed;           /* … there was none; said once */
	enum registered heard; /* … that it told */
};
/* Does its number keep it from sending? */
bool registration_shut(const struct registration *registration);

#endif
