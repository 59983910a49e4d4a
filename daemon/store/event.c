/* Events: kept once each by (source, id), and the list of the standard types. Decides
 * nothing about what they mean. */
#include <string.h>
#include "store/event.h"
#include "base/personal.h"
#include "store/sealed.h"
#include "store/tally.h"

bool event_insert(struct db *db, struct event *event)
{
	static const char sql[] = "INSERT INTO event(source, eid, type, customer, time, "
	                          "arrived, flags, total, sku, category,"
	                          " order_ref, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
	                          "?8, ?9, ?10, ?11, ?12)"
	                          " ON CONFLICT(source, eid) DO NOTHING";
	struct event_kind kind = {
	        event->type, event->data ? event_type_find(event->type) : NULL};
	struct stmt *st = db_stmt(db, sql);
	stmt_text(st, 1, event->source);
	stmt_text(st, 2, event->eid);
	stmt_text(st, 3, event->type);
	stmt_int_or_null(st, 4, event->customer != 0, event->customer);
	stmt_int(st, 5, event->time);
	stmt_int(st, 6, event->arrived);
	stmt_int(st, 7, event->flags);
	stmt_int_or_null(st, 8, event->has_total, event->total);
	stmt_text(st, 9, event->sku);
	stmt_text(st, 10, event->category);
	stmt_text(st, 11, event->order);
	sealed_json(st, 12, SEAL_EVENT, event->data, event_member, &kind);
	if (stmt_exec(st) != 1)
		return false;
	event->id = db_last_id(db);
	return true;
}

bool event_seen(struct db *db, const char *source, const char *eid)
{
	struct stmt *st =
	        db_stmt(db, "SELECT 1 FROM event WHERE source = ?1 AND eid = ?2");
	stmt_text(st, 1, source);
	stmt_text(st, 2, eid);
	return stmt_single(st, 0) == 1;
}

void event_count(struct db *db, const char *counter, int64_t n)
{
	tally_count(db, counter, n);
}

int64_t event_counted(struct db *db, const char *counter)
{
	return tally_counted(db, counter);
}

int64_t event_next_time(struct db *db, const char *type, int64_t after)
{
	struct stmt *st =
	        db_stmt(db, "SELECT time FROM event WHERE type = ?1 AND time > ?2"
	                    " ORDER BY time LIMIT 1");
	stmt_text(st, 1, type);
	stmt_int(st, 2, after);
	return stmt_single(st, 0);
}

#define COLUMNS \
	"SELECT id, source, eid, type, customer, time, arrived, flags, total, sku, " \
	"category, order_ref," \
	" data FROM event WHERE "

static const char *copied(struct arena *arena, struct stmt *st, int col)
{
	return stmt_is_null(st, col) ? NULL : arena_strdup(arena, stmt_get_text(st, col));
}

static void copy_row(struct stmt *st, struct arena *arena, struct event *out)
{
	*out = (struct event){.id = stmt_get(st, 0),
	        .source = copied(arena, st, 1),
	        .eid = copied(arena, st, 2),
	        .type = copied(arena, st, 3),
	        .customer = stmt_get(st, 4),
	        .time = stmt_get(st, 5),
	        .arrived = stmt_get(st, 6),
	        .flags = (int)stmt_get(st, 7),
	        .has_total = !stmt_is_null(st, 8),
	        .total = stmt_get(st, 8),
	        .sku = copied(arena, st, 9),
	        .category = copied(arena, st, 10),
	        .order = copied(arena, st, 11),
	        .data = arena_strdup(arena,
	                sealed_get_json(st, 12, SEAL_EVENT, stmt_get(st, 0), NULL))};
}

static bool read_row(struct stmt *st, struct arena *arena, struct event *out)
{
	if (!stmt_row(st))
		return false;
	copy_row(st, arena, out);
	stmt_done(st);
	return true;
}

bool event_get(struct db *db, int64_t id, struct arena *arena, struct event *out)
{
	struct stmt *st = db_stmt(db, COLUMNS "id = ?1");
	stmt_int(st, 1, id);
	return read_row(st, arena, out);
}

bool event_next(struct db *db, int64_t customer, const char *type, int64_t since,
        int64_t after, struct arena *arena, struct event *out)
{
	struct stmt *st = db_stmt(db, COLUMNS "customer = ?1 AND type = ?2 AND time >= "
	                                      "?3 AND +id > ?4 ORDER BY +id LIMIT 1");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, type);
	stmt_int(st, 3, since);
	stmt_int(st, 4, after);
	return read_row(st, arena, out);
}

bool event_last(struct db *db, int64_t customer, const char *type, struct arena *arena,
        struct event *out)
{
	struct stmt *st = db_stmt(db, COLUMNS "customer = ?1 AND type = ?2"
	                                      " ORDER BY time DESC, id DESC LIMIT 1");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, type);
	return read_row(st, arena, out);
}

int64_t event_ordinal(struct db *db, int64_t customer, const char *type, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT count(*) FROM event WHERE customer = ?1"
	                              " AND type = ?2 AND id <= ?3");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, type);
	stmt_int(st, 3, id);
	return stmt_single(st, 0);
}

void event_each(struct db *db, int64_t customer, const char *type,
        void (*fn)(void *arg, const struct event *event), void *arg)
{
	struct stmt *st = db_stmt(db, COLUMNS "customer = ?1 AND type = ?2");
	struct arena *arena = arena_new();
	struct event event;
	stmt_int(st, 1, customer);
	stmt_text(st, 2, type);
	while (stmt_row(st)) {
		copy_row(st, arena, &event);
		fn(arg, &event);
		arena_reset(arena);
	}
	arena_free(arena);
}

#define MESSAGE_FIELDS \
	{ \
		{"message", 's', false}, {"rule", 's', false}, {"channel", 's', false}, \
		        {"template", 's', false}, \
		{ \
			"reason", 's', false \
		} \
	}

const struct event_type event_types[] = {
        {"customer.joined", "회원.가입", {{0}}},
        {"customer.updated", "회원.변경", {{0}}},
        {"customer.left", "회원.탈퇴", {{0}}},
        {"consent.given", "동의.받음",
                {{"channel", 's', true}, {"purpose", 's', true}, {"wording", 's', false},
                        {"source", 's', false}, {"operator", 's', false}}},
        {"consent.withdrawn", "동의.철회",
                {{"channel", 's', true}, {"purpose", 's', true}, {"wording", 's', false},
                        {"source", 's', false}, {"operator", 's', false}}},
        {"visit", "방문", {{0}}},
        {"reservation.made", "예약.접수",
                {{"reservation", 's', true}, {"at", 't', true}}},
        {"reservation.changed", "예약.변경",
                {{"reservation", 's', true}, {"at", 't', true}}},
        {"reservation.cancelled", "예약.취소",
                {{"reservation", 's', true}, {"at", 't', false}}},
        {"reservation.noshow", "예약.부도",
                {{"reservation", 's', true}, {"at", 't', false}}},
        {"page.viewed", "페이지.조회", {{"url", 's', true}}},
        {"product.viewed", "상품.조회", {{"sku", 's', true}, {"category", 's', false}}},
        {"search.made", "검색", {{"query", 's', true}}},
        {"cart.added", "장바구니.담기",
                {{"sku", 's', true}, {"quantity", 'n', true}, {"price", 'm', false},
                        {"total", 'm', false}}},
        {"cart.removed", "장바구니.빼기",
                {{"sku", 's', true}, {"quantity", 'n', false}, {"price", 'm', false},
                        {"total", 'm', false}}},
        {"checkout.started", "결제.시작", {{"total", 'm', true}, {"items", 'i', false}}},
        {"order.placed", "주문.접수",
                {{"order", 's', true}, {"total", 'm', true}, {"items", 'i', false},
                        {"coupon", 's', false}}},
        {"order.paid", "주문.결제",
                {{"order", 's', true}, {"total", 'm', true}, {"items", 'i', false},
                        {"coupon", 's', false}}},
        {"order.cancelled", "주문.취소",
                {{"order", 's', true}, {"amount", 'm', false}, {"items", 'i', false}}},
        {"order.refunded", "주문.환불",
                {{"order", 's', true}, {"amount", 'm', false}, {"items", 'i', false}}},
        {"order.shipped", "주문.발송", {{"order", 's', true}, {"tracking", 's', false}}},
        {"order.delivered", "주문.배송완료",
                {{"order", 's', true}, {"tracking", 's', false}}},
        {"review.posted", "후기.작성",
                {{"order", 's', true}, {"sku", 's', true}, {"stars", 'n', true}}},
        {"stock.changed", "재고.변경", {{"sku", 's', true}, {"quantity", 'n', true}}},
        {"product.updated", "상품.변경",
                {{"sku", 's', true}, {"name", 's', false}, {"category", 's', false},
                        {"price", 'm', false}, {"stock", 'n', false}, {"url", 's', false},
                        {"image", 's', false}}},
        {"friend.added", "친구.추가", {{0}}},
        {"friend.blocked", "친구.차단", {{0}}},
        {"coupon.redeemed", "쿠폰.사용", {{"code", 's', true}, {"order", 's', false}}},
        {"message.replied", "메시지.답장", {{"channel", 's', true}, {"text", 's', true}}},
        {"message.sent", "메시지.발송", MESSAGE_FIELDS},
        {"message.delivered", "메시지.도착", MESSAGE_FIELDS},
        {"message.failed", "메시지.실패", MESSAGE_FIELDS},
        {"message.clicked", "메시지.클릭",
                {{"message", 's', false}, {"rule", 's', false}, {"channel", 's', false},
                        {"template", 's', false}, {"url", 's', false}}},
        {0},
};

const struct event_type *event_type_find(const char *name)
{
	for (const struct event_type *type = event_types; type->name; type++)
		if ((type->name[0] == name[0] && strcmp(type->name, name) == 0) ||
		        (type->korean[0] == name[0] && strcmp(type->korean, name) == 0))
			return type;
	return NULL;
}

bool event_field_is_own(const struct event_type *t, const char *field, size_t len)
{
	bool goods = false;

	for (const struct event_field *f = t ? t->fields : NULL; f && f->name; f++) {
		if (strlen(f->name) == len && !memcmp(f->name, field, len))
			return strcmp(f->name, "query") != 0;
		goods |= !strcmp(f->name, "sku");
	}
	return goods && personal_is_name(field, len);
}

enum sealed_member event_member(const void *arg, const char *field, size_t len)
{
	const struct event_kind *kind = arg;

	if (personal_declared(kind->name, field, len))
		return SEALED_PERSON;
	return event_field_is_own(kind->type, field, len) ? SEALED_OWN : SEALED_ASK;
}

bool event_field_personal(const char *type, const char *field)
{
	size_t len = strlen(field);

	return personal_name(field, len) &&
	       !event_field_is_own(event_type_find(type), field, len);
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

bool event_type_wellformed(const char *name)
{
	size_t len = strnlen(name, 65);
	bool dotted = false;
	if (len > 64 || !is_letter(name[0]))
		return false;
	for (size_t i = 1; i < len; i++) {
		char c = name[i];
		if (c == '.') {
			dotted = true;
			if (!is_letter(name[i + 1]))
				return false;
		} else if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' &&
		           c != '-') {
			return false;
		}
	}
	return dotted || strcmp(name, "visit") == 0;
}
