/* The store's own triggers: whoever changes what a segment asks, the customer is noted.
 * Written for what is asked and no more; where no rule waits at a segment's border there
 * are none. */
#include <inttypes.h>
#include <string.h>
#include "language/deps.h"

/* when: after what on which table, and on what condition; whom: the customer's id. */
struct row {
	int64_t what;
	const char *name, *when, *whom;
};
static const struct row rows[] = {
        {DEPS_PROFILE, "touch_profile",
                /* of what is sealed rules ask no more than whether it is known */
                "UPDATE ON customer WHEN (old.named IS NULL, old.phone_key IS NULL,"
                " old.email_key IS NULL, old.birth_year,"
                " old.birth_md, old.birth_lunar, old.gender, old.city, old.grade,"
                " old.language, old.friend, old.joined_at, old.attributes,"
                " old.visits_first_at, old.visits_last_at) IS NOT (new.named IS NULL,"
                " new.phone_key IS NULL, new.email_key IS NULL, new.birth_year, "
                "new.birth_md, "
                "new.birth_lunar, "
                "new.gender,"
                " new.city, new.grade, new.language, new.friend, new.joined_at,"
                " new.attributes, new.visits_first_at, new.visits_last_at)",
                "new.id"},
        {DEPS_ORDERS, "touch_counters",
                "UPDATE OF orders_count, orders_total, orders_first_at, orders_last_at"
                " ON customer",
                "new.id"},
        {DEPS_CART, "touch_cart", "UPDATE OF cart_count, cart_total ON customer",
                "new.id"},
        {DEPS_TAG, "touch_tag", "INSERT ON customer_tag", "new.customer"},
        {DEPS_TAG, "touch_untag", "DELETE ON customer_tag", "old.customer"},
        {DEPS_CONSENT, "touch_consent_first", "INSERT ON consent", "new.customer"},
        {DEPS_CONSENT, "touch_consent", "UPDATE ON consent", "new.customer"},
        {DEPS_ORDERS, "touch_order_first", "INSERT ON orders WHEN new.customer > 0",
                "new.customer"},
        {DEPS_ORDERS, "touch_order", "UPDATE ON orders WHEN new.customer > 0",
                "new.customer"},
        {DEPS_ORDERS, "touch_order_from",
                "UPDATE OF customer ON orders WHEN old.customer > 0 AND old.customer IS"
                " NOT new.customer",
                "old.customer"},
        {DEPS_ITEMS, "touch_item", "INSERT ON order_item",
                "(SELECT o.customer FROM orders o WHERE o.id = new.order_id)"},
        {DEPS_ITEMS, "touch_item_gone", "DELETE ON order_item",
                "(SELECT o.customer FROM orders o WHERE o.id = old.order_id)"},
        {DEPS_COUPON, "touch_coupon_first", "INSERT ON coupon WHEN new.customer > 0",
                "new.customer"},
        {DEPS_COUPON, "touch_coupon", "UPDATE ON coupon WHEN new.customer > 0",
                "new.customer"},
        {DEPS_COUPON, "touch_coupon_from",
                "UPDATE OF customer ON coupon WHEN old.customer > 0 AND old.customer IS"
                " NOT new.customer",
                "old.customer"},
        {DEPS_MESSAGE, "touch_message",
                "UPDATE OF state ON message WHEN new.customer > 0 AND (old.state IN"
                " ('accepted', 'delivered')) <> (new.state IN ('accepted', "
                "'delivered'))",
                "new.customer"},
        /* Whether anybody ever bought or saw it would be a look at all orders and events:
         * no index finds them by their goods. */
        {DEPS_GOODS, "touch_product_first",
                "INSERT ON product WHEN new.category IS NOT NULL", "0"},
        {DEPS_GOODS, "touch_product",
                "UPDATE OF category ON product WHEN old.category IS NOT new.category",
                "0"},
        {-1, "touch_customer", "INSERT ON customer", "new.id"},
};
#define N_ROWS (sizeof rows / sizeof rows[0])

/* An event that is a little ahead of our clock is looked at again when it is not. */
static struct segment_trigger of_type(struct arena *arena, const char *type)
{
	struct segment_trigger out;
	const char *name = sqlgen_quoted(arena, type);

	out.name = arena_printf(arena, "touch_event_%s", type);
	out.sql = arena_printf(arena,
	        "CREATE TRIGGER \"%s\" AFTER INSERT ON event WHEN new.type = %s AND"
	        " new.customer > 0 BEGIN INSERT INTO segment_touched(customer, what, at)"
	        " VALUES (new.customer, %" PRId64 ", 0);"
	        " INSERT INTO segment_touched(customer, what, at) SELECT new.customer,"
	        " %" PRId64 ", new.time WHERE new.time > new.arrived; END",
	        out.name, name, deps_of_event(type),
	        deps_of_event(type) | (strcmp(type, "order.paid") ? 0 : DEPS_ORDERS));
	return out;
}

static struct segment_trigger of_row(struct arena *arena, const struct row *row)
{
	struct segment_trigger out = {.name = row->name};

	out.sql = arena_printf(arena,
	        "CREATE TRIGGER \"%s\" AFTER %s BEGIN INSERT INTO"
	        " segment_touched(customer, what, at) VALUES (%s, %" PRId64 ", 0); END",
	        row->name, row->when, row->whom, row->what);
	return out;
}

static bool has_type(const struct deps *deps, const char *type)
{
	for (size_t i = 0; i < deps->n_types; i++)
		if (!strcmp(deps->types[i], type))
			return true;
	return false;
}

static bool told_before(const struct deps *const *all, size_t n, const char *type)
{
	for (size_t i = 0; i < n; i++)
		if (has_type(all[i], type))
			return true;
	return false;
}

const struct segment_trigger *deps_triggers(
        struct arena *arena, const struct deps *const *all, size_t n, size_t *n_triggers)
{
	struct segment_trigger *out;
	size_t most = N_ROWS + 1, k = 0;
	int64_t what = 0;

	for (size_t i = 0; i < n; i++) {
		most += all[i]->n_types;
		what |= all[i]->what;
	}
	out = arena_alloc(arena, most * sizeof *out);
	for (size_t i = 0; n && i < N_ROWS; i++)
		if (rows[i].what & what || rows[i].what == -1)
			out[k++] = of_row(arena, &rows[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t t = 0; t < all[i]->n_types; t++)
			if (!told_before(all, i, all[i]->types[t]))
				out[k++] = of_type(arena, all[i]->types[t]);
	*n_triggers = k;
	return out;
}
