/* The compiled form of a template's text: pieces, values with their filters, conditions
 * and loops. */
#ifndef DANGOL_TEMPLATE_NODE_H
#define DANGOL_TEMPLATE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/diag.h"
#include "base/mem.h"
#include "language/program.h"

enum variable {
	VAR_UNKNOWN,
	VAR_CUSTOMER_ID,
	VAR_CUSTOMER_NAME,
	VAR_CUSTOMER_PHONE,
	VAR_CUSTOMER_EMAIL,
	VAR_CUSTOMER_CITY,
	VAR_CUSTOMER_GRADE,
	VAR_CUSTOMER_GENDER,
	VAR_CUSTOMER_LANGUAGE,
	VAR_CUSTOMER_AGE,
	VAR_CUSTOMER_BIRTHDAY,
	VAR_CUSTOMER_JOINED,
	VAR_ORDERS_COUNT,
	VAR_ORDERS_TOTAL,
	VAR_ORDERS_AVERAGE,
	VAR_ORDERS_FIRST,
	VAR_ORDERS_LAST,
	VAR_CART_COUNT,
	VAR_CART_TOTAL,
	VAR_SHOP_NAME,
	VAR_SHOP_PHONE,
	VAR_SHOP_ADDRESS,
	VAR_COUPON_CODE,
	VAR_COUPON_EXPIRES,
	VAR_COUPON_DISCOUNT,
	VAR_COUPON_MINIMUM,
	VAR_COUPON_URL,
	VAR_UNSUBSCRIBE,
	VAR_CONSENT_WHAT, /* of a notice: */
	VAR_CONSENT_DATE,
	VAR_CONSENT_RESULT,
	VAR_CONSENT_HOW,
	VAR_LINK,      /* field is the URL */
	VAR_ATTRIBUTE, /* field is a declared field of the customer */
	VAR_EVENT,
	VAR_DATA, /* field is the path below event or data */
	VAR_ITEM, /* field of what loop number `loop` stands at; NULL: the item itself */
};

enum filter_kind {
	FILTER_WON,
	FILTER_DATE,
	FILTER_TIME,
	FILTER_NUMBER,
	FILTER_UPPER,
	FILTER_DEFAULT,
	FILTER_MASK
};
struct filter {
	enum filter_kind kind;
	const char *text; /* FILTER_DEFAULT */
	struct filter *next;
};

/* What a value is, as far as it is known when the template is read. */
enum value_kind {
	VALUE_ANY,
	VALUE_NUMBER,
	VALUE_TEXT,
	VALUE_DATE,
	VALUE_TIME,
	VALUE_YESNO
};

enum node_kind { NODE_TEXT, NODE_VALUE, NODE_IF, NODE_FOR };
struct node {
	enum node_kind kind;
	struct node *next;
	size_t from, to; /* of what stands inside #{…}, or the text itself; bytes of the
	                    file */
	/* NODE_VALUE */
	enum variable variable;
	enum value_kind value;
	const char *written; /* the path as the owner wrote it; NODE_FOR: of the list */
	const char *field;
	int loop;
	struct filter *filters;
	/* NODE_IF: condition; NODE_FOR: variable and field name the list */
	struct cond *cond;
	struct node *body, *otherwise;
};

#define TEMPLATE_LOOPS 4 /* loops inside each other, at most */

#endif
