/* Writes orders of the past. It shows nothing to the engine: history triggers nothing. */
#include <assert.h>
#include <string.h>
#include <strings.h>
#include "door/past.h"

static const char *const names[] = {
        "placed", "paid", "shipped", "delivered", "cancelled", "refunded"};

enum past_status past_status(const char *word)
{
	static const struct {
		const char *word;
		enum past_status status;
	} words[] = {
	        {"placed", PAST_PLACED},
	        {"주문", PAST_PLACED},
	        {"접수", PAST_PLACED},
	        {"주문접수", PAST_PLACED},
	        {"입금대기", PAST_PLACED},
	        {"입금전", PAST_PLACED},
	        {"결제대기", PAST_PLACED},
	        {"paid", PAST_PAID},
	        {"결제", PAST_PAID},
	        {"결제완료", PAST_PAID},
	        {"입금완료", PAST_PAID},
	        {"완료", PAST_PAID},
	        {"주문완료", PAST_PAID},
	        {"상품준비중", PAST_PAID},
	        {"배송준비중", PAST_PAID},
	        {"completed", PAST_PAID},
	        {"complete", PAST_PAID},
	        {"shipped", PAST_SHIPPED},
	        {"발송", PAST_SHIPPED},
	        {"배송중", PAST_SHIPPED},
	        {"발송완료", PAST_SHIPPED},
	        {"delivered", PAST_DELIVERED},
	        {"배송완료", PAST_DELIVERED},
	        {"구매확정", PAST_DELIVERED},
	        {"cancelled", PAST_CANCELLED},
	        {"canceled", PAST_CANCELLED},
	        {"취소", PAST_CANCELLED},
	        {"주문취소", PAST_CANCELLED},
	        {"취소완료", PAST_CANCELLED},
	        {"결제취소", PAST_CANCELLED},
	        {"refunded", PAST_REFUNDED},
	        {"환불", PAST_REFUNDED},
	        {"환불완료", PAST_REFUNDED},
	        {"반품", PAST_REFUNDED},
	        {"반품완료", PAST_REFUNDED},
	};
	if (!word || !word[0])
		return PAST_PAID;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(words[i].word, word) == 0)
			return words[i].status;
	return PAST_UNKNOWN;
}

const char *past_status_name(enum past_status status)
{
	assert(status < PAST_UNKNOWN);
	return names[status];
}

static bool paid(enum past_status status)
{
	return status != PAST_PLACED && status != PAST_CANCELLED;
}

int64_t past_known(
        struct db *db, enum past_status status, const struct order_change *change)
{
	return order_meant(db, change, paid(status));
}

int64_t past_order(
        struct db *db, enum past_status status, const struct order_change *change)
{
	struct order_change whole =
	        *change; /* taken back entirely: no items, no amount */
	whole.items = NULL;
	whole.n_items = 0;
	whole.has_total = false;
	assert(status != PAST_UNKNOWN);
	/* Of one that is known, a cancellation says nothing but itself. */
	int64_t id = status == PAST_CANCELLED ? past_known(db, status, change) : 0;
	if (!id)
		id = paid(status) ? order_pay(db, change) : order_place(db, change);
	switch (status) {
	case PAST_SHIPPED:
	case PAST_DELIVERED:
		order_ship(db, &whole, status == PAST_DELIVERED);
		break;
	case PAST_CANCELLED:
		order_cancel(db, &whole);
		break;
	case PAST_REFUNDED:
		order_refund(db, &whole);
		break;
	case PAST_PLACED:
	case PAST_PAID:
	case PAST_UNKNOWN:
		break;
	}
	return id;
}
