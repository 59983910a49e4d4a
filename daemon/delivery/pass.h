/* The access token by which a mail channel signs in: the credential's, or one that the
 * program of `renew` fetched: when none is known, at nine tenths of the life that it was
 * said to have, and when the server refuses it. In memory alone, never logged. */
#ifndef DANGOL_PASS_H
#define DANGOL_PASS_H

#include "delivery/channel.h"

struct pass;
struct pass_home {
	void (*changed)(void *arg); /* another token, or none: whoever signs in by the
	                               last one is to end; room may have grown */
	void (*closed)(void *arg);  /* its memory is free */
	void *arg;
};
/* Fetches a token at once where one is needed and none is known. */
struct pass *pass_new(struct channel *channel, const struct pass_home *home);
void pass_free(struct pass *pass); /* closed is called, not at once */

/* What to sign in with; NULL: nothing, or by a password. Borrowed until it changes. */
const char *pass_token(const struct pass *pass);
int pass_round(const struct pass *pass); /* which token that is */
/* A letter may be given to whoever signs in. */
bool pass_ready(const struct pass *pass);
/* Letters that it takes itself while it is not ready: the one that is told why, or for
 * whose sake a token is fetched again. */
int pass_room(const struct pass *pass);
struct outcome pass_answer(struct pass *pass);
/* What became of a letter whose session had signed in by the token of that round. One
 * that was refused with its token waits for another, which is fetched once; refused
 * again, the outcome stays and says so. */
void pass_judge(struct pass *pass, int round, struct outcome *outcome);

#endif
