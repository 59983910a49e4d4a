/* What public pages say, in the reader's language. */
#ifndef DANGOL_PAGE_WORDS_H
#define DANGOL_PAGE_WORDS_H

#include "door/tongue.h"

enum page_word {
	PAGE_GONE_TITLE,
	PAGE_GONE,
	PAGE_GONE_ASK,
	PAGE_BAD_TITLE,
	PAGE_BAD,
	PAGE_FAILED_TITLE,
	PAGE_FAILED,
	PAGE_BUSY_TITLE,
	PAGE_BUSY,
	PAGE_OTHER_TONGUE, /* the other language, in its own words */
	PAGE_CONTACT,      /* shop, phone */
	PAGE_SMS,
	PAGE_KAKAO,
	PAGE_EMAIL,
	PAGE_PUSH,
	PAGE_NIGHT,
	PAGE_DATA,
	PAGE_SENDER,
	PAGE_DATE,
	PAGE_RESULT,
	PAGE_REFUSE_TITLE,    /* shop */
	PAGE_REFUSE_ONE,      /* medium */
	PAGE_REFUSE_ONE_TEXT, /* shop, medium */
	PAGE_REFUSE_ALL,
	PAGE_REFUSE_ALL_TEXT, /* shop */
	PAGE_REFUSED_ALREADY, /* medium */
	PAGE_REFUSED_TITLE,
	PAGE_REFUSED_ONE, /* medium */
	PAGE_REFUSED_ALL,
	PAGE_STILL_INFORMED,
	PAGE_TO_PREFERENCES,
	PAGE_PREFERENCES_TITLE, /* shop */
	PAGE_PREFERENCES_TEXT,
	PAGE_STATE_GIVEN,     /* date */
	PAGE_STATE_WITHDRAWN, /* date */
	PAGE_STATE_NONE,
	PAGE_STATE_BLOCKED,
	PAGE_BLOCKED, /* medium */
	PAGE_SAVE,
	PAGE_WITHDRAW_ALL,
	PAGE_WITHDRAW_ALL_TEXT,
	PAGE_SAVED_TITLE,
	PAGE_GIVEN,
	PAGE_NOT_GIVEN,
	PAGE_NOTHING,
	PAGE_JOIN_TITLE, /* shop */
	PAGE_JOIN_TEXT,  /* shop */
	PAGE_JOIN_NAME,
	PAGE_JOIN_PHONE,
	PAGE_JOIN_PHONE_HINT,
	PAGE_JOIN_CHOICES,
	PAGE_JOIN_AGE,
	PAGE_JOIN_SEND,
	PAGE_JOIN_NO_PHONE,
	PAGE_JOIN_LONG_NAME,
	PAGE_JOIN_NO_AGE,
	PAGE_JOIN_MEND,
	PAGE_JOINED_TITLE, /* shop */
	PAGE_JOINED_REFUSED,
	PAGE_JOINED_LEAVE,
	PAGE_COUPON_TITLE, /* shop */
	PAGE_COUPON_SHOW,
	PAGE_COUPON_DISCOUNT,
	PAGE_COUPON_MINIMUM,
	PAGE_COUPON_LEAST, /* won */
	PAGE_COUPON_UNTIL,
	PAGE_COUPON_THROUGH, /* date */
	PAGE_COUPON_FOREVER,
	PAGE_COUPON_USED, /* date */
	PAGE_COUPON_EXPIRED,
	PAGE_COUPON_VOID,
	PAGE_WORDS
};

/* A text, with as many %s as the comment beside it names. */
const char *page_word(enum tongue tongue, enum page_word word);
/* The name of a medium, of "night" or of "data". */
const char *page_medium(enum tongue tongue, const char *medium);

#endif
