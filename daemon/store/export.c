/* Rows of CSV from the store's tables, by key, so that no read lasts longer than a slice.
 * What it writes an import reads back as no change. */
#include "store/export.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/csv.h"
#include "base/text.h"
#include "store/message.h"
#include "store/person.h"
#include "store/sealed.h"

#define SLICE_ROWS 500

struct column {
	const char *name, *korean;
};

struct row {
	struct buf *out;
	bool begun;
};

struct export;
struct kind {
	const char *name;
	const struct column *columns;
	/* Rows behind the key ?1, at most ?2, in order of it; the first column is the
	 * key. ?3 is now. */
	const char *sql;
	void (*write)(struct export *export, struct row *row, struct stmt *st);
	bool named; /* the key is a text */
	bool owned; /* the second column is whose it is: nobody's is left out */
	bool dated; /* there is a ?3 */
};

struct export
{
	struct db *db;
	struct zone *zone;
	const struct kind *kind;
	bool korean, headed, named;
	int64_t now, rows;
	int64_t looked_at; /* whose attributes are named */
	char *after;       /* the key that was read last; NULL: none was */
	char **attributes;
	size_t n_attributes;
};

/* ---- cells ---- */

static void put(struct row *row, const char *text)
{
	if (row->begun)
		buf_addc(row->out, ',');
	row->begun = true;
	csv_cell(row->out, text ? text : "");
}

static void put_int(struct row *row, bool has, int64_t value)
{
	char text[32] = "";
	if (has)
		snprintf(text, sizeof text, "%lld", (long long)value);
	/* No formula: a number of ours. */
	if (row->begun)
		buf_addc(row->out, ',');
	row->begun = true;
	buf_adds(row->out, text);
}

static void put_column(struct row *row, struct stmt *st, int col)
{
	if (stmt_type(st, col) == STMT_INT)
		put_int(row, true, stmt_get(st, col));
	else
		put(row, stmt_get_text(st, col));
}

static void put_time(struct export *export, struct row *row, int64_t ms)
{
	char text[40] = "";
	put(row, ms ? zone_format(export->zone, ms, text) : text);
}

/* A mobile number as one writes it, so that a spreadsheet leaves it alone; any other with
 * its country. */
static void put_phone(struct row *row, const char *e164)
{
	char national[24], text[32];
	if (e164 && text_phone_mobile_kr(e164) &&
	        strlen(text_phone_national(e164, national)) == 11) {
		snprintf(text, sizeof text, "%.3s-%.4s-%.4s", national, national + 3,
		        national + 7);
		put(row, text);
		return;
	}
	put(row, e164);
}

static void put_yes(struct row *row, bool known, bool yes)
{
	put(row, !known ? "" : yes ? "Y" : "N");
}

/* ---- customers ---- */

static const struct column customers[] = {{"id", "고객번호"}, {"name", "이름"},
        {"phone", "휴대폰"}, {"email", "이메일"}, {"birthday", "생일"},
        {"birthday_calendar", "음양"}, {"birthday_leap_month", "윤달"},
        {"gender", "성별"}, {"city", "지역"}, {"grade", "등급"}, {"language", "언어"},
        {"joined", "가입일"}, {"friend", "채널친구"}, {"tags", "태그"},
        {"consent_sms", "광고수신_문자"}, {"consent_kakao", "광고수신_카카오"},
        {"consent_email", "광고수신_이메일"}, {"consent_push", "광고수신_푸시"},
        {"consent_data", "광고수신_개인정보"}, {"consent_guardian", "보호자동의"},
        {"consent_night_sms", "광고수신_야간_문자"},
        {"consent_night_kakao", "광고수신_야간_카카오"},
        {"consent_night_push", "광고수신_야간_푸시"}, {NULL, NULL}};

static void put_birthday(struct row *row, struct stmt *st)
{
	char text[32] = "";
	bool known = !stmt_is_null(st, 4), lunar = known && stmt_get(st, 5);
	if (known)
		snprintf(text, sizeof text, "%04d-%02d-%02d", (int)stmt_get(st, 3),
		        (int)stmt_get(st, 4) / 100, (int)stmt_get(st, 4) % 100);
	put(row, text);
	put(row, !known ? "" : lunar ? "lunar" : "solar");
	put_yes(row, lunar, stmt_get(st, 6));
}

static void put_tags(struct export *export, struct row *row, int64_t id)
{
	struct buf tags = {0};
	struct stmt *st = db_stmt(export->db,
	        "SELECT tag FROM customer_tag WHERE customer = ?1 ORDER BY tag");
	stmt_int(st, 1, id);
	while (stmt_row(st))
		buf_printf(&tags, "%s%s", tags.len ? ";" : "", stmt_get_text(st, 0));
	put(row, tags.data);
	buf_free(&tags);
}

static void put_consents(struct export *export, struct row *row, int64_t id)
{
	static const char *const names[] = {"sms:ad", "kakao:ad", "email:ad", "push:ad",
	        "data:ad", "guardian:ad", "sms:night", "kakao:night", "push:night"};
	int said[9] = {0};
	struct stmt *st = db_stmt(export->db,
	        "SELECT channel || ':' || purpose, given FROM consent WHERE customer"
	        " = ?1");
	stmt_int(st, 1, id);
	while (stmt_row(st))
		for (int i = 0; i < 9; i++)
			if (strcmp(names[i], stmt_get_text(st, 0)) == 0)
				said[i] = stmt_get(st, 1) ? 1 : -1;
	for (int i = 0; i < 9; i++)
		put_yes(row, said[i] != 0, said[i] > 0);
}

static void put_attributes(struct export *export, struct row *row, const char *text)
{
	json_t *all = text ? json_loads(text, 0, NULL) : NULL;
	for (size_t i = 0; i < export->n_attributes; i++) {
		json_t *value = json_object_get(all, export->attributes[i]);
		char *dumped =
		        !value || json_is_string(value) || json_is_null(value)
		                ? NULL
		                : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		if (json_is_number(value))
			put_int(row, false, 0), buf_adds(row->out, dumped);
		else
			put(row, dumped ? dumped : json_string_value(value));
		free(dumped);
	}
	json_decref(all);
}

static void put_customer(struct export *export, struct row *row, struct stmt *st)
{
	struct arena *arena = arena_new();
	struct person person;
	int64_t id = stmt_get(st, 0);
	person_get(export->db, id, arena, &person);
	put(row, stmt_get_text(st, 1));
	put(row, person.name);
	put_phone(row, person.phone);
	put(row, person.email);
	put_birthday(row, st);
	put(row, stmt_get_text(st, 2));
	for (int i = 7; i < 10; i++)
		put(row, stmt_get_text(st, i));
	put_time(export, row, stmt_get(st, 10));
	put_yes(row, !stmt_is_null(st, 11), stmt_get(st, 11));
	put_tags(export, row, id);
	put_consents(export, row, id);
	put_attributes(export, row, sealed_get_json(st, 12, SEAL_ATTRIBUTES, id, NULL));
	arena_free(arena);
}

#define CUSTOMERS \
	"SELECT id, ref, gender, birth_year, birth_md, birth_lunar, birth_leap," \
	" city, grade, language, joined_at, friend, attributes FROM customer" \
	" WHERE id > ?1 ORDER BY id LIMIT ?2"

static void add_attribute(struct export *export, const char *name)
{
	for (size_t i = 0; i < export->n_attributes; i++)
		if (strcmp(export->attributes[i], name) == 0)
			return;
	if (export->n_attributes == EXPORT_ATTRIBUTES_MAX || !name[0])
		return;
	export->attributes = mem_realloc(export->attributes,
	        (export->n_attributes + 1) * sizeof *export->attributes);
	export->attributes[export->n_attributes++] = mem_strdup(name);
}

/* The names of all attributes are the last headings: a look at everybody comes first. */
static bool more_names(struct export *export)
{
	struct stmt *st = db_stmt(export->db,
	        "SELECT id, attributes FROM customer WHERE id > ?1 ORDER BY id LIMIT ?2");
	int64_t last = export->looked_at;
	stmt_int(st, 1, last);
	stmt_int(st, 2, SLICE_ROWS);
	while (stmt_row(st)) {
		export->looked_at = stmt_get(st, 0);
		const char *text =
		        sealed_get_json(st, 1, SEAL_ATTRIBUTES, export->looked_at, NULL);
		json_t *all = text ? json_loads(text, 0, NULL) : NULL, *value;
		const char *name;
		json_object_foreach(all, name, value)
		{
			add_attribute(export, name);
		}
		json_decref(all);
	}
	return export->looked_at != last;
}

/* ---- orders ---- */

static const struct column orders[] = {{"order", "주문번호"}, {"customer", "고객번호"},
        {"time", "주문일시"}, {"total", "총액"}, {"status", "상태"}, {"sku", "상품코드"},
        {"name", "상품명"}, {"category", "분류"}, {"quantity", "수량"}, {"price", "단가"},
        {"order_source", "주문출처"}, {NULL, NULL}};

/* What became of it last. */
#define ORDER_STATUS \
	"CASE WHEN o.cancelled_at IS NOT NULL THEN 'cancelled'" \
	" WHEN o.paid_at IS NOT NULL AND o.counted = 0 THEN 'refunded'" \
	" WHEN o.delivered_at IS NOT NULL THEN 'delivered'" \
	" WHEN o.shipped_at IS NOT NULL THEN 'shipped'" \
	" WHEN o.paid_at IS NOT NULL THEN 'paid' ELSE 'placed' END"

#define ORDERS \
	"SELECT o.id, o.ref, c.ref, coalesce(CASE WHEN o.cancelled_at IS NULL " \
	"THEN" \
	" o.paid_at END, o.placed_at, o.paid_at, o.cancelled_at), o.total," \
	" " ORDER_STATUS ", i.sku, i.name, i.category, i.quantity, i.price, " \
	"nullif(o.source, 'import') FROM" \
	" (SELECT * FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2) o LEFT JOIN" \
	" customer c ON c.id = o.customer LEFT JOIN order_item i ON i.order_id =" \
	" o.id ORDER BY o.id, i.line"

static void put_order(struct export *export, struct row *row, struct stmt *st)
{
	put(row, stmt_get_text(st, 1));
	put(row, stmt_get_text(st, 2));
	put_time(export, row, stmt_get(st, 3));
	for (int i = 4; i < 12; i++)
		put_column(row, st, i);
}

/* ---- products ---- */

static const struct column products[] = {{"sku", "상품코드"}, {"name", "상품명"},
        {"category", "분류"}, {"price", "가격"}, {"stock", "재고"}, {"url", "주소"},
        {"image", "이미지"}, {NULL, NULL}};

#define PRODUCTS \
	"SELECT sku, name, category, price, stock, url, image FROM product" \
	" WHERE sku > ?1 ORDER BY sku LIMIT ?2"

static void put_product(struct export *export, struct row *row, struct stmt *st)
{
	(void)export;
	for (int i = 0; i < 7; i++)
		put_column(row, st, i);
}

/* ---- consents: the history, oldest first ---- */

static const struct column consents[] = {{"customer", "고객번호"}, {"channel", "채널"},
        {"purpose", "목적"}, {"given", "동의"}, {"time", "일시"}, {"how", "방법"},
        {"source", "출처"}, {"wording", "문구"}, {"version", "문구버전"},
        {"operator", "담당자"}, {NULL, NULL}};

#define CONSENTS \
	"SELECT l.id, coalesce(c.ref, (SELECT k.ref FROM merged m JOIN customer k" \
	" ON k.id = m.customer WHERE m.id = l.customer)), l.channel, l.purpose," \
	" l.given, l.time, l.how, l.source, l.wording, l.version, l.operator FROM" \
	" consent_log l LEFT JOIN customer c ON c.id = l.customer WHERE l.id > ?1" \
	" ORDER BY l.id LIMIT ?2"

static void put_consent(struct export *export, struct row *row, struct stmt *st)
{
	for (int i = 1; i < 4; i++)
		put(row, stmt_get_text(st, i));
	put_yes(row, true, stmt_get(st, 4));
	put_time(export, row, stmt_get(st, 5));
	for (int i = 6; i < 11; i++)
		put(row, stmt_get_text(st, i));
}

/* ---- messages, coupons: nothing takes these back ---- */

static const struct column messages[] = {{"id", "메시지"}, {"customer", "고객번호"},
        {"rule", "규칙"}, {"channel", "채널"}, {"template", "템플릿"},
        {"purpose", "목적"}, {"state", "상태"}, {"reason", "까닭"},
        {"planned", "계획일시"}, {"sent", "발송일시"}, {"provider", "발송사"},
        {"coupon", "쿠폰"}, {"price", "가격"}, {NULL, NULL}};

#define MESSAGES \
	"SELECT m.id, CASE m.customer WHEN 0 THEN 'owner' ELSE c.ref END, m.rule," \
	" m.channel, m.template, m.purpose, m.state, m.reason, m.planned_at," \
	" m.sent_at, m.provider, m.coupon, m.price FROM message m LEFT JOIN" \
	" customer c ON c.id = m.customer WHERE m.id > ?1 ORDER BY m.id LIMIT" \
	" ?2"

static void put_message(struct export *export, struct row *row, struct stmt *st)
{
	char key[32];
	put(row, message_key(export->db, stmt_get(st, 0), key));
	for (int i = 1; i < 8; i++)
		put(row, stmt_get_text(st, i));
	put_time(export, row, stmt_get(st, 8));
	put_time(export, row, stmt_get(st, 9));
	for (int i = 10; i < 13; i++)
		put_column(row, st, i);
}

static const struct column coupons[] = {{"code", "코드"}, {"coupon", "쿠폰"},
        {"customer", "고객번호"}, {"state", "상태"}, {"discount", "할인"},
        {"minimum", "최소금액"}, {"uses", "사용한도"}, {"used", "사용횟수"},
        {"order", "주문번호"}, {"issued", "발급일시"}, {"expires", "만료일시"},
        {"redeemed", "사용일시"}, {NULL, NULL}};

#define COUPONS \
	"SELECT k.id, k.code, k.coupon, c.ref, CASE WHEN k.state = 'issued' AND" \
	" k.expires_at <= ?3 THEN 'expired' ELSE k.state END, k.discount," \
	" k.minimum, k.uses, k.used, k.order_ref, k.issued_at, k.expires_at," \
	" k.redeemed_at FROM coupon k LEFT JOIN customer c ON c.id = k.customer" \
	" WHERE k.id > ?1 ORDER BY k.id LIMIT ?2"

static void put_coupon(struct export *export, struct row *row, struct stmt *st)
{
	for (int i = 1; i < 10; i++)
		put_column(row, st, i);
	for (int i = 10; i < 13; i++)
		put_time(export, row, stmt_get(st, i));
}

/* ---- all of it ---- */

static const struct kind kinds[] = {
        {.name = "customers",
                .columns = customers,
                .sql = CUSTOMERS,
                .write = put_customer},
        {.name = "orders", .columns = orders, .sql = ORDERS, .write = put_order},
        {.name = "products",
                .columns = products,
                .sql = PRODUCTS,
                .write = put_product,
                .named = true},
        {.name = "consents",
                .columns = consents,
                .sql = CONSENTS,
                .write = put_consent,
                .owned = true},
        {.name = "messages", .columns = messages, .sql = MESSAGES, .write = put_message},
        {.name = "coupons",
                .columns = coupons,
                .sql = COUPONS,
                .write = put_coupon,
                .dated = true},
};

static const struct kind *find(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

bool export_known(const char *kind)
{
	return find(kind) != NULL;
}

struct export *export_new(
        struct db *db, struct zone *zone, const char *kind, bool korean, int64_t now)
{
	struct export *export = mem_alloc(sizeof *export);
	*export = (struct export){
	        .db = db, .zone = zone, .kind = find(kind), .korean = korean, .now = now};
	export->named = export->kind->columns != customers;
	return export;
}

void export_free(struct export *export)
{
	if (!export)
		return;
	for (size_t i = 0; i < export->n_attributes; i++)
		free(export->attributes[i]);
	free(export->attributes);
	free(export->after);
	free(export);
}

static void put_headings(struct export *export, struct buf *out)
{
	struct row row = {out, false};
	for (const struct column *c = export->kind->columns; c->name; c++)
		put(&row, export->korean ? c->korean : c->name);
	for (size_t i = 0; i < export->n_attributes; i++)
		put(&row, export->attributes[i]);
	buf_adds(out, "\r\n");
	export->headed = true;
}

static struct stmt *behind(const struct export *export)
{
	const struct kind *kind = export->kind;
	struct stmt *st = db_stmt(export->db, kind->sql);
	const char *key = export->after ? export->after : "";
	if (kind->named)
		stmt_text(st, 1, key);
	else
		stmt_int(st, 1, strtoll(key, NULL, 10));
	stmt_int(st, 2, SLICE_ROWS);
	if (kind->dated)
		stmt_int(st, 3, export->now);
	return st;
}

/* The next rows behind the key; false: there are none. */
static bool more(struct export *export, struct buf *out)
{
	struct stmt *st = behind(export);
	char *last = NULL;
	while (stmt_row(st)) {
		struct row row = {out, false};
		free(last);
		last = mem_strdup(stmt_get_text(st, 0));
		if (export->kind->owned && stmt_is_null(st, 1))
			continue;
		export->kind->write(export, &row, st);
		buf_adds(out, "\r\n");
		export->rows++;
	}
	if (!last)
		return false;
	free(export->after);
	export->after = last;
	return true;
}

bool export_slice(struct export *export, struct buf *out, size_t most)
{
	if (!export->named) {
		export->named = !more_names(export);
		return true;
	}
	if (!export->headed)
		put_headings(export, out);
	while (out->len < most)
		if (!more(export, out))
			return false;
	return true;
}

int64_t export_rows(const struct export *export)
{
	return export->rows;
}
