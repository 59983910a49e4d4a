/* A refusal: a customer takes the consent to advertisements back, over a page, by a reply
 * or in KakaoTalk. The withdrawal is his; his address is suppressed only where nobody
 * else has it, so that one of a family refuses for himself. */
#ifndef DANGOL_REFUSAL_H
#define DANGOL_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

struct refusal {
	int64_t customer;
	const char *medium;  /* sms kakao email push; NULL: every one of them */
	int64_t time;        /* when he said so */
	const char *how;     /* consent_how_known: web reply provider */
	const char *source;  /* "unsubscribe", "preferences", "reply", "friend" */
	const char *wording; /* what he was shown, or wrote; or NULL */
	int64_t event;       /* 0: none */
};

/* Withdraws the medium's `ad`, and its `night` where that was given. What is withdrawn
 * already is left as it is: again is no new history. True when something was not. */
bool refusal_record(struct db *db, const struct refusal *refusal, int64_t now);
/* Withdraws nothing but that one consent: ("sms", "night"), ("data", "ad"). The refusal's
 * medium is not asked. */
bool refusal_withdraw(struct db *db, const struct refusal *refusal, const char *channel,
        const char *purpose, int64_t now);
/* A consent to the medium was given anew by the same person: what a refusal suppressed is
 * written to again. Other suppressions stay. */
void refusal_lift(struct db *db, int64_t customer, const char *medium);
/* Is his address for that medium suppressed, whoever did so? */
bool refusal_suppressed(struct db *db, int64_t customer, const char *medium);
/* Is this, as a whole message, a refusal: "수신거부", "STOP", "그만 보내 주세요", …? Not
 * where it is part of a longer sentence. */
bool refusal_said(const char *text);

#endif
