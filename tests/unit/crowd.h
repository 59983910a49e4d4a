/* Random customers and all that conditions ask of them, in a new store: what is missing,
 * what was cancelled, refunded or sent in a wrong type stands there too. */
#ifndef DANGOL_TEST_CROWD_H
#define DANGOL_TEST_CROWD_H

#include "store.h"
#include "base/calendar.h"
#include "base/clock.h"

static struct zone *zone;
static int64_t now;
static unsigned seed = 7;

static inline int draw(int n)
{
	seed = seed * 1103515245u + 12345u;
	return (int)((seed >> 16) % (unsigned)n);
}

/* One of several texts. */
#define ONE_OF(...) \
	(((const char *const[]){__VA_ARGS__})[draw( \
	        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))])

static inline long long past(int days)
{
	return now - draw(days * 24 * 60) * MS_MINUTE;
}

static inline void random_person(int id)
{
	run("INSERT INTO customer(id, ref, phone_key, email_key, birth_year, birth_md, "
	    "birth_lunar,"
	    " city, grade, gender, language, friend, joined_at, attributes, created_at,"
	    " seen_at, visits_first_at, visits_last_at, cart_count, cart_total)"
	    " VALUES (%d, 'R%d', %s, %s, %s, %d, %d, %s, %s, %s, %s, %s, %lld, %s, 0, 0,"
	    " %lld, %lld, %d, %d)",
	        id, id, ONE_OF("'+821000000000'", "NULL"), ONE_OF("'a@b.kr'", "NULL"),
	        ONE_OF("1996", "NULL"), (draw(12) + 1) * 100 + draw(28) + 1, draw(2),
	        ONE_OF("'서울'", "'부산'", "'서울 마포'", "NULL"),
	        ONE_OF("'VIP'", "NULL"), ONE_OF("'f'", "NULL"), ONE_OF("'ko'", "NULL"),
	        ONE_OF("1", "0", "NULL"), past(300),
	        ONE_OF("'{\"points\":50,\"opening\":\"2026-11-01\",\"vip\":true,"
	               "\"note\":\"it''s\",\"appointment\":\"2026-11-20T09:30:00+09:00\","
	               "\"spent\":12000}'",
	                "'{\"points\":\"1,250.5\",\"opening\":\"2026-10-05T10:00:00Z\","
	                "\"vip\":\"아니오\",\"note\":7,\"appointment\":\"2026-11-23\","
	                "\"spent\":\"30000\"}'",
	                "'{\"points\":\"no\",\"opening\":\"2026-02-30\",\"vip\":[1],"
	                "\"note\":{\"a\":1},\"appointment\":20261101,\"spent\":null}'",
	                "NULL"),
	        past(300), past(60), draw(2), draw(30000));
	if (draw(3) == 0)
		run("UPDATE customer SET %s = NULL WHERE id = %d",
		        ONE_OF("joined_at", "birth_md", "visits_last_at"), id);
	if (draw(2))
		run("INSERT INTO customer_tag VALUES (%d, 'VIP')", id);
	if (draw(3) == 0)
		run("INSERT INTO customer_tag VALUES (%d, 'staff')", id);
	for (int i = draw(4); i > 0; i--)
		run("INSERT OR IGNORE INTO consent(customer, channel, purpose, given, "
		    "time) VALUES (%d, %s, %s, %d, 0)",
		        id, ONE_OF("'sms'", "'kakao'", "'email'", "'push'", "'data'"),
		        ONE_OF("'ad'", "'night'"), draw(2));
}

/* Some are cancelled (not counted), some partly refunded. */
static inline void random_orders(int id)
{
	for (int i = draw(4); i > 0; i--) {
		run("INSERT INTO orders(source, ref, customer, paid_at, total, refunded, "
		    "counted) VALUES ('s', 'R%d-%d', %d, %lld, %d, %d, %d)",
		        id, i, id, past(90), 20000 + draw(60000), draw(2) * draw(20000),
		        draw(4) > 0);
		run("INSERT INTO order_item SELECT MAX(id), 0, 'S%d', 'x', %s, 1, 1 FROM "
		    "orders",
		        draw(3), ONE_OF("'C1'", "NULL"));
	}
	run("UPDATE customer SET (orders_count, orders_total, orders_first_at, "
	    "orders_last_at) ="
	    " (SELECT COUNT(*), COALESCE(SUM(total - refunded), 0), MIN(paid_at),"
	    " MAX(paid_at) FROM orders WHERE customer = %d AND counted = 1) WHERE id = "
	    "%d",
	        id, id);
}

/* An event's data, of right types and of wrong ones; NULL: none. */
static inline const char *random_data(void)
{
	return ONE_OF("{\"score\":3,\"rule\":\"r\",\"stars\":5,\"amount\":900,\"query\":"
	              "\"S1\"}",
	        "{\"score\":\"11\",\"rule\":\"r\",\"quantity\":2,\"at\":\"2026-11-24T10:"
	        "00:00+09:00\","
	        "\"items\":[{\"sku\":\"S1\",\"quantity\":2,\"price\":\"9,000\"}]}",
	        "{\"score\":\"many\",\"items\":[\"x\",3,{\"category\":\"C1\",\"price\":[]"
	        "}],"
	        "\"at\":\"soon\",\"amount\":[]}",
	        "{\"score\":null,\"items\":{\"sku\":\"S1\"},\"quantity\":\"x\",\"at\":7}",
	        NULL);
}

static inline void random_events(int id)
{
	for (int i = draw(10); i > 0; i--) {
		const char *data = random_data(), *quote = data ? "'" : "";
		run("INSERT INTO event(source, eid, type, customer, time, arrived, "
		    "total, sku, category, order_ref, data) VALUES ('r', '%d-%d', %s, %d,"
		    " %lld, 0, %s, 'S%d', %s, %s, %s%s%s)",
		        id, i,
		        ONE_OF("'product.viewed'", "'product.viewed'", "'game.played'",
		                "'message.clicked'", "'order.paid'", "'order.cancelled'",
		                "'cart.added'", "'visit'"),
		        id, past(60), ONE_OF("NULL", "9000", "45000"), draw(3),
		        ONE_OF("NULL", "'C1'"), ONE_OF("NULL", "'A'", "'B'"), quote,
		        data ? data : "NULL", quote);
	}
}

static inline void random_customer(int id)
{
	random_person(id);
	random_orders(id);
	random_events(id);
	if (draw(2))
		run("INSERT INTO coupon(bare, code, coupon, customer, state, used, "
		    "issued_at,"
		    " redeemed_at, expires_at) VALUES ('c%d', 'c', 'k', %d, %s, %d, 1, "
		    "%lld, %lld)",
		        id, id, ONE_OF("'issued'", "'redeemed'"), draw(2), past(60),
		        past(20) + 10 * MS_DAY);
	if (draw(2))
		run("INSERT INTO message(run, step, leg, rule, customer, channel, "
		    "template, purpose,"
		    " state, planned_at, sent_at) VALUES (%d, 0, 0, 'r', %d, 'sms', 't', "
		    "'ad', %s, 0, %lld)",
		        id, id, ONE_OF("'accepted'", "'dropped'"), past(20));
}

static inline void random_products(void)
{
	run("INSERT OR IGNORE INTO product(sku, category, changed_at) VALUES ('S0', "
	    "'C0', 0), ('S1', 'C2', 0)");
}

#endif
