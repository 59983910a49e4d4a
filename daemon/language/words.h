/* Every word that the rule language knows, in both spellings: keywords, units, and the
 * names of what a shop knows of its customers, orders and events. One table, so that the
 * compiler, the manual and editors cannot disagree. */
#ifndef DANGOL_WORDS_H
#define DANGOL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A keyword's identity, the same in every spelling and whether it follows a number or
 * not. */
enum word {
	W_NONE,
	/* declarations */
	W_RULE,
	W_SEGMENT,
	W_COUPON,
	W_FIELDS,
	W_DISCOUNT,
	W_GIFT,
	W_CODE,
	W_CODES,
	W_MINIMUM,
	W_VALID,
	W_USES,
	W_STOCK,
	W_UNTIL,
	W_SEALED,
	W_NUMBER,
	W_MONEY,
	W_TEXT,
	W_DATE,
	W_TIME,
	W_YESNO,
	/* clauses */
	W_ON,
	W_OFF,
	W_PURPOSE,
	W_AD,
	W_INFO,
	W_WHEN,
	W_IF,
	W_LIMIT,
	W_HOLDOUT,
	W_LATE,
	W_AGAIN,
	W_RESTARTS,
	W_ONE_PER_ADDRESS,
	W_WAS,
	W_RESEND,
	W_GOAL,
	W_MEASURES,
	W_ONCE,
	W_PER,
	W_ALL,
	W_FIRST_COME,
	/* triggers */
	W_EVENT,
	W_WHERE,
	W_OF_THIS_ORDER,
	W_THIS_ORDERS,
	W_EVERY,
	W_EVERY_DAY,
	W_EVERY_WEEK,
	W_EVERY_MONTH,
	W_MONTH_END,
	W_AT,
	W_BEFORE,
	W_AFTER,
	W_BIRTHDAY,
	W_JOINED,
	W_FIRST,
	W_LAST,
	W_ORDER,
	W_VISIT,
	W_EXPIRES,
	W_ENTERS,
	W_LEAVES,
	W_BELOW,
	W_MONDAY,
	W_TUESDAY,
	W_WEDNESDAY,
	W_THURSDAY,
	W_FRIDAY,
	W_SATURDAY,
	W_SUNDAY,
	/* conditions */
	W_OR,
	W_AND,
	W_NOT,
	W_IN,
	W_BETWEEN,
	W_CONTAINS,
	W_STARTS_WITH,
	W_IS,
	W_KNOWN,
	W_UNKNOWN,
	W_PRESENT,
	W_ABSENT,
	W_AT_LEAST,
	W_AGO,
	W_PASSED,
	W_WITHIN,
	W_EARLIER,
	W_LATER,
	W_THIS_MONTH,
	W_OR_MORE,
	W_OR_LESS,
	W_MORE_THAN,
	W_LESS_THAN,
	W_IN_LAST,
	W_COUNT_OF,
	W_SUM_OF,
	W_AVERAGE_OF,
	W_TAG,
	W_CONSENT,
	W_NIGHT,
	W_HAS,
	W_PHONE,
	W_ADDRESS,
	W_FRIEND,
	W_BOUGHT,
	W_VIEWED,
	W_CATEGORY,
	W_LEFT_IN_CART,
	W_NO,
	W_YES,
	W_ANY_ITEM,
	W_RECEIVED,
	W_CLICKED,
	W_REDEEMED,
	W_HOLDS,
	/* steps */
	W_SEND,
	W_GIVE,
	W_WAIT,
	W_UNLESS,
	W_DURING,
	W_FOR,
	W_NEXT,
	W_UP_TO,
	W_ELSE,
	W_STOP,
	W_SPLIT,
	W_UNTAG,
	W_SET,
	W_POST,
	W_BY_DAY,
	W_SMS,
	W_ALIMTALK,
	W_BRANDMESSAGE,
	W_EMAIL,
	W_PUSH,
	W_OWNER,
	W_KAKAO,
	W_DATA,
	/* units and what else may follow a number */
	W_PERCENT,
	W_MAN,
	W_WON,
	W_MINUTE,
	W_HOUR,
	W_DAY,
	W_WEEK,
	W_MONTH,
	W_YEAR,
	W_COUNTER,
	W_TO,
	W_EACH,
	/* reserved for later */
	W_BEST_TIME,
	W_NEXT_ORDER,
	W_RECOMMEND,
	WORDS
};

enum word_group {
	WORDS_DECLARATION,
	WORDS_CLAUSE,
	WORDS_TRIGGER,
	WORDS_CONDITION,
	WORDS_STEP,
	WORDS_UNIT,
	WORDS_RESERVED
};

/* A row: one spelling in each language; a word with more spellings has more rows, the
 * first is the one shown. A space in a spelling stands for any white space on the line.
 */
struct word_row {
	enum word word;
	enum word_group group;
	const char *english, *korean; /* NULL: none in this row */
	bool unit;                    /* may follow a number, glued or after one space */
};
extern const struct word_row word_rows[]; /* ends with W_NONE */
const char *word_name(enum word word);    /* as shown to the owner, in his language */

/* What a standard path means; the type decides what it may be compared with. */
enum name_type {
	NAME_NUMBER,
	NAME_MONEY,
	NAME_TEXT,
	NAME_INSTANT,
	NAME_YESNO,
	NAME_SEALED,
	NAME_ITEMS
};
struct name_row {
	const char *english, *korean;
	enum name_type type;
};
/* customer.*, orders.*, cart.*: whole paths. */
extern const struct name_row name_rows[];           /* ends with NULL */
const struct name_row *name_find(const char *path); /* by either spelling, or NULL */
/* Whether a path is that name, each of its parts in either spelling: 고객.city. */
bool name_is(const char *path, const char *english, const char *korean);
/* First parts of paths (customer, orders, event, trigger, item, …) and the fields of
 * events: single parts. */
extern const struct name_row part_rows[];  /* ends with NULL */
extern const struct name_row field_rows[]; /* ends with NULL: event.FIELD, item.FIELD */
/* The English of a single part in either spelling; itself when it is none. */
const char *part_english(const char *part);
const char *field_english(const char *field);

#endif
