/* What the law and Kakao say of one message at one moment, in the words of the decision
 * table that was made from their texts; it knows nothing of how the daemon decides. Rows
 * are asked in order, and the first that refuses wins. */
#ifndef DANGOL_TEST_ORACLE_H
#define DANGOL_TEST_ORACLE_H

#include <stdbool.h>

enum said { SAID_NOTHING, SAID_YES, SAID_NO };
enum listed { LISTED_NOT, LISTED_MEDIUM, LISTED_ALL, LISTED_DEAD };
enum bought { BOUGHT_UNUSED, BOUGHT_IN_TIME, BOUGHT_TOO_LONG_AGO, BOUGHT_OTHER_GOODS };
enum age { AGE_ADULT, AGE_CHILD, AGE_CHILD_GUARDED };

struct case_of_law {
	enum { SMS, ALIMTALK, BRANDMESSAGE, EMAIL, PUSH } medium;
	enum { ADVERTISEMENT, INFORMATION, NOTICE } class;
	enum said consent, data, night;
	enum bought bought;
	enum listed listed;
	enum age age;
	int second; /* of the day in Korea */
	int leg;    /* the same for every leg: nothing below looks at it */
};

enum ruling { MAY_GO, NOT_THIS_WAY, NEVER, NOT_BEFORE_EIGHT };
struct answer_of_law {
	enum ruling ruling;
	const char *reason;
};

#define RULED(ruling, reason) ((struct answer_of_law){ruling, reason})
#define EIGHT (8 * 3600)
#define MARGIN 600 /* seconds before a closing in which nothing is handed over */

/* Row 3's second half: bought goods of the same kind within six months and refused
 * nothing. E-mail and text messages alone: Kakao asks for consent of its own, a push for
 * a permission of its own. */
static inline bool oracle_existing(const struct case_of_law *c)
{
	return c->bought == BOUGHT_IN_TIME && c->consent != SAID_NO &&
	       c->data != SAID_NO && (c->medium == SMS || c->medium == EMAIL);
}

static inline struct answer_of_law oracle(const struct case_of_law *c)
{
	bool kakao = c->medium == BRANDMESSAGE;
	int closes = (kakao ? 20 * 3600 + 50 * 60 : 21 * 3600) - MARGIN;
	bool night = c->second < EIGHT || c->second >= closes;

	if (c->listed == LISTED_DEAD) /* nobody is there: no class of message arrives */
		return RULED(NOT_THIS_WAY, "no_address");
	if (c->class == ADVERTISEMENT && c->listed != LISTED_NOT) /* row 1 */
		return RULED(NEVER, "opted_out");
	if (c->class != ADVERTISEMENT) /* row 2 */
		return RULED(MAY_GO, "");
	if (c->medium == ALIMTALK) /* information only */
		return RULED(NOT_THIS_WAY, "bad_content");
	if (c->consent != SAID_YES && !oracle_existing(c)) /* row 3 */
		return RULED(
		        NOT_THIS_WAY, c->consent == SAID_NO ? "opted_out" : "no_consent");
	if (c->data != SAID_YES) /* row 4 */
		return RULED(NEVER, "no_marketing_consent");
	if (night && kakao) /* row 6, wider than row 5 */
		return RULED(NOT_BEFORE_EIGHT, "provider_window");
	if (night && c->medium != EMAIL && c->night != SAID_YES) /* row 5 */
		return RULED(NOT_BEFORE_EIGHT, "law_hours");
	if (c->age == AGE_CHILD) /* row 9 */
		return RULED(NEVER, "under_age");
	return RULED(MAY_GO, "");
}

#endif
