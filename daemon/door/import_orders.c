/* Rows of orders, an item each; rows of one order stand together. */
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "door/import.h"
#include "door/past.h"

enum {
	ORDER,
	CUSTOMER,
	TIME,
	TOTAL,
	STATUS,
	SKU,
	NAME,
	CATEGORY,
	QUANTITY,
	PRICE,
	SOURCE
};

static const struct import_field fields[] = {
        [ORDER] = {"order", "주문번호|주문|orderid|ordernumber|주문id|주문코드"},
        [CUSTOMER] = {"customer", "고객번호|고객|고객id|회원번호|회원id|주문자|"
                                  "customerid|휴대폰|전화번호|연락처|주문자연락처"},
        [TIME] = {"time", "주문일시|주문일|주문시각|결제일시|결제일|일시|시각|date|"
                          "주문날짜|판매일시|판매일"},
        [TOTAL] = {"total",
                "총액|합계|결제금액|총결제금액|주문금액|총주문금액|금액|총금액"},
        [STATUS] = {"status", "상태|주문상태|처리상태"},
        [SKU] = {"sku", "상품코드|품번|상품번호|품목코드|자체상품코드"},
        [NAME] = {"name", "상품명|품명|상품|품목명|상품이름"},
        [CATEGORY] = {"category", "분류|카테고리|상품분류"},
        [QUANTITY] = {"quantity", "수량|주문수량|qty|판매수량"},
        [PRICE] = {"price", "단가|가격|판매가|상품가격|상품단가"},
        [SOURCE] = {"order_source", "주문출처"}, /* an export's: who told of it first */
        {NULL, NULL},
};

#define ITEMS_MAX 1000

/* The order whose rows are being read; its texts live in held, until it is written. */
struct gathering {
	struct arena *held;
	const char *ref, *customer, *status, *source;
	bool has_time, bad_time, has_total, priced;
	int64_t time, total, sum;
	int line, rows;
	struct order_item *items;
	size_t n_items;
};

static struct gathering *gathering(struct import *import)
{
	if (import->state)
		return import->state;
	struct gathering *order = arena_alloc(import->arena, sizeof *order);
	order->held = import->arena;
	return import->state = order;
}

static void money(struct import *import, int field, bool *has, int64_t *won)
{
	const char *cell = import_cell(import, field);
	int64_t value;
	if (!cell || *has)
		return;
	if (text_money(cell, &value) || value < 0) {
		import_leave_out(import, field,
		        TR("this is no amount in whole won",
		                "원 단위의 금액이 아닙니다"));
		return;
	}
	*won = value;
	*has = true;
}

static void when(struct import *import, struct gathering *order)
{
	const char *cell = import_cell(import, TIME);
	if (!cell || order->has_time)
		return;
	order->has_time = import_time(import, cell, &order->time) == 0;
	order->bad_time = !order->has_time;
}

static const char *keep(struct import *import, struct gathering *order, int field)
{
	return arena_strdup(order->held, import_cell(import, field));
}

static int64_t quantity(struct import *import)
{
	int64_t n = 1;
	bool has = false;
	money(import, QUANTITY, &has, &n);
	if (n <= 1000000)
		return n;
	import_leave_out(import, QUANTITY, TR("this is too many", "수량이 너무 큽니다"));
	return 1;
}

static void item(struct import *import, struct gathering *order)
{
	if ((!import_cell(import, SKU) && !import_cell(import, NAME) &&
	            !import_cell(import, PRICE)) ||
	        order->n_items == ITEMS_MAX)
		return;
	if (!order->items)
		order->items = arena_alloc(order->held, ITEMS_MAX * sizeof *order->items);
	struct order_item *it = &order->items[order->n_items++];
	it->sku = keep(import, order, SKU);
	it->name = keep(import, order, NAME);
	it->category = keep(import, order, CATEGORY);
	it->quantity = quantity(import);
	money(import, PRICE, &it->has_price, &it->price);
	int64_t line;
	if (it->has_price && !__builtin_mul_overflow(it->price, it->quantity, &line) &&
	        !__builtin_add_overflow(order->sum, line, &order->sum))
		order->priced = true;
}

static const char *spoilt_order(const struct gathering *order)
{
	if (past_status(order->status) == PAST_UNKNOWN)
		return TR("status: use placed, paid, shipped, delivered, cancelled or "
		          "refunded",
		        "status: 접수, 결제, 배송중, 배송완료, 취소, 환불 가운데 하나로 "
		        "적어 주세요");
	if (order->has_time)
		return NULL;
	return order->bad_time
	               ? TR("time: there is no such time", "time: 그런 시각이 없습니다")
	               : TR("the order has no time", "주문한 시각이 없습니다");
}

static void write_order(struct import *import, struct gathering *order)
{
	const char *spoilt = spoilt_order(order);
	if (spoilt) {
		import_refuse(import, order->line, "%s", spoilt);
		return;
	}
	int64_t customer = order->customer ? import_customer(import, order->customer,
	                                             order->line, true)
	                                   : 0;
	if (order->customer && !customer)
		return;
	import_customer_named(import);
	struct order_change change = {
	        .source = order->source ? order->source : "import",
	        .ref = order->ref,
	        .customer = customer,
	        .time = order->time,
	        .has_total = order->has_total || order->priced,
	        .total = order->has_total ? order->total : order->sum,
	        .items = order->items,
	        .n_items = order->n_items,
	        .batch = import->batch,
	};
	import_order(
	        import, past_status(order->status), &change, order->line, order->rows);
	import->accepted += order->rows;
}

static void end(struct import *import)
{
	struct gathering *order = import->state;
	if (order && order->ref)
		write_order(import, order);
	if (order)
		order->ref = NULL;
	arena_reset(import->arena);
	import->state = NULL;
}

static void row(struct import *import)
{
	const char *ref = import_cell(import, ORDER);
	struct gathering *order = import->state;
	if (!ref || import_spoilt(ref) || strlen(ref) > 200) {
		import_refuse(import, import->line, "%s",
		        ref ? TR("order: a spreadsheet has shortened this number; format "
		                 "the column as text",
		                      "order: 스프레드시트가 숫자를 줄여 놓았습니다. "
		                      "열을 텍스트로 바꾸어 주세요")
		            : TR("the row names no order", "주문번호가 없습니다"));
		return;
	}
	if (order && strcmp(order->ref, ref) != 0)
		end(import);
	order = gathering(import);
	if (!order->ref) {
		order->ref = arena_strdup(order->held, ref);
		order->line = import->line;
	}
	if (!order->customer)
		order->customer = keep(import, order, CUSTOMER);
	if (!order->status)
		order->status = keep(import, order, STATUS);
	if (!order->source)
		order->source = keep(import, order, SOURCE);
	when(import, order);
	money(import, TOTAL, &order->has_total, &order->total);
	item(import, order);
	order->rows++;
}

const struct import_kind import_orders = {"orders", fields, row, end, false};
