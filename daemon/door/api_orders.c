/* PUT /v1/orders/ID and /v1/products/SKU: what a shop had before, written down; nothing
 * is triggered. */
#include <string.h>
#include "base/log.h"
#include "door/api.h"
#include "door/past.h"
#include "door/routes.h"
#include "engine/border.h"
#include "store/product.h"

#define ITEMS_MAX 1000

static bool wrong(struct call *call, const char *pointer, const char *detail)
{
	call_problem(call, 422, pointer, "%s", detail);
	return false;
}

/* The customer: an id, or a profile as in an event. Absent: nobody. */
static bool read_customer(struct call *call, json_t *body, int64_t *id)
{
	json_t *customer = json_object_get(body, "customer");
	struct profile profile = {0};
	struct profile_error error = {.pointer = ""};
	if (!customer || json_is_null(customer))
		return true;
	if (json_is_string(customer) && json_string_length(customer) > 0 &&
	        json_string_length(customer) <= 200) {
		profile.ref = json_string_value(customer);
	} else if (!json_is_object(customer)) {
		return wrong(call, "/customer",
		        TR("this must be an id or a customer",
		                "고객 id나 고객이어야 합니다"));
	} else if (!customer_read(customer, call->arena, &profile, &error)) {
		char *pointer = arena_printf(call->arena, "/customer%s", error.pointer);
		return wrong(call, pointer, error.detail);
	}
	*id = profile.ref ? customer_find(call->db, profile.ref) : 0;
	if (!*id || json_is_object(customer))
		customer_upsert(call->db, &profile, call->now, id);
	return true;
}

static bool read_item(struct call *call, json_t *json, size_t i, struct order_item *item)
{
	json_t *quantity = json_object_get(json, "quantity"),
	       *price = json_object_get(json, "price");
	char *pointer = arena_printf(call->arena, "/items/%zu", i);
	if (!json_is_object(json))
		return wrong(call, pointer,
		        TR("an item must be an object", "품목은 객체여야 합니다"));
	item->sku = json_string_value(json_object_get(json, "sku"));
	item->name = json_string_value(json_object_get(json, "name"));
	item->category = json_string_value(json_object_get(json, "category"));
	item->quantity = 1;
	item->has_price = price && !json_is_null(price);
	if (quantity && !json_is_null(quantity) &&
	        (!json_won(quantity, &item->quantity) || item->quantity < 0 ||
	                item->quantity > 1000000))
		return wrong(call, arena_printf(call->arena, "%s/quantity", pointer),
		        TR("this must be a whole number", "정수여야 합니다"));
	if (item->has_price && (!json_won(price, &item->price) || item->price < 0))
		return wrong(call, arena_printf(call->arena, "%s/price", pointer),
		        TR("this must be an amount in whole won",
		                "원 단위의 금액이어야 합니다"));
	return true;
}

static bool read_items(struct call *call, json_t *body, struct order_change *change)
{
	json_t *items = json_object_get(body, "items");
	if (!items || json_is_null(items))
		return true;
	if (!json_is_array(items) || json_array_size(items) > ITEMS_MAX)
		return wrong(call, "/items",
		        TR("this must be a list of at most 1,000 items",
		                "1,000개까지의 품목 목록이어야 합니다"));
	size_t n = json_array_size(items);
	struct order_item *out = arena_alloc(call->arena, (n + 1) * sizeof *out);
	int64_t sum = 0, line;
	bool priced = n > 0;
	for (size_t i = 0; i < n; i++) {
		if (!read_item(call, json_array_get(items, i), i, &out[i]))
			return false;
		priced = priced && out[i].has_price &&
		         !__builtin_mul_overflow(out[i].price, out[i].quantity, &line) &&
		         !__builtin_add_overflow(sum, line, &sum);
	}
	change->items = out;
	change->n_items = n;
	if (priced && !change->has_total) {
		change->has_total = true;
		change->total = sum;
	}
	return true;
}

static bool read_order(struct call *call, json_t *body, struct order_change *change,
        enum past_status *status)
{
	const char *time = NULL, *word = NULL;
	if (!call_member_text(call, body, "time", true, &time) ||
	        !call_member_text(call, body, "status", false, &word) ||
	        !call_member_money(
	                call, body, "total", &change->has_total, &change->total))
		return false;
	if (calendar_parse_time(time, &change->time))
		return wrong(call, "/time",
		        TR("this must be a time with its zone, as "
		           "2026-11-23T10:04:00+09:00",
		                "2026-11-23T10:04:00+09:00처럼 시간대가 있는 시각이어야 "
		                "합니다"));
	*status = past_status(word);
	if (*status == PAST_UNKNOWN)
		return wrong(call, "/status",
		        TR("a status is placed, paid, shipped, delivered, cancelled or "
		           "refunded",
		                "상태는 placed, paid, shipped, delivered, cancelled, "
		                "refunded 가운데 하나입니다"));
	return read_items(call, body, change);
}

void api_orders_put(struct call *call)
{
	struct order_change change = {.source = "api", .ref = call->args[0]};
	enum past_status status;
	json_t *body = call_object(call, false);
	if (body && strlen(call->args[0]) > 200) {
		call_problem(call, 422, NULL,
		        TR("an order's number has at most 200 bytes",
		                "주문번호가 너무 깁니다"));
	} else if (body && read_order(call, body, &change, &status) &&
	           read_customer(call, body, &change.customer)) {
		past_order(call->db, status, &change);
		border_settle(call->api->engine, 0, call->now);
		call_audit(call, "order.put", call->args[0], NULL);
		json_t *json = json_pack("{s:s, s:s}", "order", call->args[0], "status",
		        past_status_name(status));
		if (change.has_total)
			json_object_set_new(json, "total", json_integer(change.total));
		call_json(call, 200, json);
	}
	json_decref(body);
}

/* ---- products ---- */

static json_t *product_json(const struct product *product)
{
	json_t *json = json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "sku", product->sku,
	        "name", product->name, "category", product->category, "url", product->url,
	        "image", product->image);
	json_object_set_new(json, "price",
	        product->has_price ? json_integer(product->price) : json_null());
	json_object_set_new(json, "stock",
	        product->has_stock ? json_integer(product->stock) : json_null());
	return json;
}

void api_products_put(struct call *call)
{
	struct product product = {.sku = call->args[0]}, now;
	json_t *body = call_object(call, false);
	if (body && call_member_text(call, body, "name", false, &product.name) &&
	        call_member_text(call, body, "category", false, &product.category) &&
	        call_member_text(call, body, "url", false, &product.url) &&
	        call_member_text(call, body, "image", false, &product.image) &&
	        call_member_money(
	                call, body, "price", &product.has_price, &product.price) &&
	        call_member_money(
	                call, body, "stock", &product.has_stock, &product.stock)) {
		bool known = product_get(call->db, product.sku, call->arena, &now);
		product_upsert(call->db, &product, call->now);
		call_audit(call, "product.put", product.sku, NULL);
		if (product_get(call->db, product.sku, call->arena, &now))
			product = now;
		call_json(call, known ? 200 : 201, product_json(&product));
	}
	json_decref(body);
}
