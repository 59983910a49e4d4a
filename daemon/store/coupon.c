/* Coupons. Gives a code to one run only, redeems it no more often than it is good for,
 * and loses none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "store/code.h"
#include "store/coupon.h"

/* ---- reserving ---- */

/* How many generated codes of a declaration are out, against its stock. */
static void count_out(struct db *db, const char *name, int by)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO counter(name, n) VALUES ('coupon:' || ?1, ?2)"
	                    " ON CONFLICT(name) DO UPDATE SET n = n + excluded.n");
	stmt_text(st, 1, name);
	stmt_int(st, 2, by);
	stmt_exec(st);
}

int64_t coupon_out(struct db *db, const char *name)
{
	struct stmt *st =
	        db_stmt(db, "SELECT n FROM counter WHERE name = 'coupon:' || ?1");
	stmt_text(st, 1, name);
	return stmt_single(st, 0);
}

static const char *reserved(
        struct db *db, const char *name, int64_t run, struct arena *arena)
{
	struct stmt *st =
	        db_stmt(db, "SELECT code FROM coupon WHERE run = ?1 AND coupon = ?2"
	                    " AND state NOT IN ('free', 'void') LIMIT 1");
	stmt_int(st, 1, run);
	stmt_text(st, 2, name);
	const char *code =
	        stmt_row(st) ? arena_strdup(arena, stmt_get_text(st, 0)) : NULL;
	stmt_done(st);
	return code;
}

static void bind_terms(struct stmt *st, const struct coupon_terms *terms, int64_t run,
        int64_t customer, int64_t expires_at, int64_t now)
{
	stmt_int_or_null(st, 2, run != 0, run);
	stmt_int_or_null(st, 3, customer != 0, customer);
	stmt_text(st, 4, terms->discount ? terms->discount : "");
	stmt_int(st, 5, terms->minimum);
	stmt_int(st, 6, terms->uses > 0 ? terms->uses : 1);
	stmt_int(st, 7, now);
	stmt_int_or_null(st, 8, expires_at != 0, expires_at);
}

static const char *take_pooled(struct db *db, const struct coupon_terms *terms,
        int64_t run, int64_t customer, int64_t expires_at, int64_t now,
        struct arena *arena)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id, code FROM coupon WHERE coupon = ?1 AND state = 'free'"
	        " ORDER BY id LIMIT 1");
	stmt_text(st, 1, terms->name);
	if (!stmt_row(st))
		return NULL;
	int64_t id = stmt_get(st, 0);
	const char *code = arena_strdup(arena, stmt_get_text(st, 1));
	stmt_done(st);
	st = db_stmt(db, "UPDATE coupon SET state = 'reserved', run = ?2, customer = ?3, "
	                 "discount = ?4,"
	                 " minimum = ?5, uses = ?6, reserved_at = ?7, expires_at = ?8 "
	                 "WHERE id = ?1");
	stmt_int(st, 1, id);
	bind_terms(st, terms, run, customer, expires_at, now);
	return stmt_exec(st) == 1 ? code : NULL;
}

static const char *make_code(struct db *db, const struct coupon_terms *terms, int64_t run,
        int64_t customer, int64_t expires_at, int64_t now, struct arena *arena)
{
	char bare[CODE_MOST + 1];
	const char *code =
	        code_fresh(db, terms->pattern ? terms->pattern : COUPON_PATTERN, arena);
	if (!code || !code_bare(code, bare))
		return NULL;
	struct stmt *st = db_stmt(db, "INSERT INTO coupon(code, run, customer, discount, "
	                              "minimum, uses, reserved_at, expires_at,"
	                              " bare, coupon, state) VALUES (?1, ?2, ?3, ?4, ?5, "
	                              "?6, ?7, ?8, ?9, ?10, 'reserved')");
	stmt_text(st, 1, code);
	bind_terms(st, terms, run, customer, expires_at, now);
	stmt_text(st, 9, bare);
	stmt_text(st, 10, terms->name);
	return stmt_exec(st) == 1 ? code : NULL;
}

const char *coupon_reserve(struct db *db, const struct coupon_terms *terms, int64_t run,
        int64_t customer, int64_t expires_at, int64_t now, struct arena *arena)
{
	const char *code = run ? reserved(db, terms->name, run, arena) : NULL;
	if (code)
		return code;
	if (terms->stock > 0 && coupon_out(db, terms->name) >= terms->stock)
		return NULL;
	code = terms->pooled
	               ? take_pooled(db, terms, run, customer, expires_at, now, arena)
	               : make_code(db, terms, run, customer, expires_at, now, arena);
	if (code)
		count_out(db, terms->name, 1);
	return code;
}

void coupon_issue(struct db *db, const char *code, int64_t now)
{
	char bare[CODE_MOST + 1];
	if (!code_bare(code, bare))
		return;
	struct stmt *st = db_stmt(db, "UPDATE coupon SET state = 'issued', issued_at = ?2"
	                              " WHERE bare = ?1 AND state = 'reserved'");
	stmt_text(st, 1, bare);
	stmt_int(st, 2, now);
	stmt_exec(st);
}

/* A generated code may have been seen by somebody, in a sending that failed: it is void,
 * and never given again. One made elsewhere is worth money there: it goes back. */
static void release(struct db *db, int64_t id, bool pooled)
{
	struct stmt *st =
	        pooled ? db_stmt(db,
	                         "UPDATE coupon SET state = 'free', run = NULL, customer "
	                         "= NULL,"
	                         " reserved_at = NULL, expires_at = NULL WHERE id = ?1")
	               : db_stmt(db, "UPDATE coupon SET state = 'void' WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_exec(st);
}

int coupon_release(struct db *db, int64_t run)
{
	int64_t ids[16];
	bool pooled[16];
	char *names[16];
	int n = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT id, pooled, coupon FROM coupon c WHERE run = ?1 AND state = "
	        "'reserved' AND NOT EXISTS (SELECT 1 FROM message m WHERE m.run = c.run"
	        " AND m.coupon = c.code AND m.state IN ('claimed', 'handed')) LIMIT 16");
	stmt_int(st, 1, run);
	while (stmt_row(st) && n < 16) {
		ids[n] = stmt_get(st, 0);
		pooled[n] = stmt_get(st, 1) != 0;
		names[n++] = mem_strdup(stmt_get_text(st, 2));
	}
	stmt_done(st);
	for (int i = 0; i < n; i++) {
		release(db, ids[i], pooled[i]);
		count_out(db, names[i], -1);
		free(names[i]);
	}
	return n;
}

int64_t coupon_pool_add(
        struct db *db, const char *name, const char *const *codes, size_t n)
{
	int64_t fresh = 0;
	char bare[CODE_MOST + 1];
	for (size_t i = 0; i < n; i++) {
		if (!code_bare(codes[i], bare))
			continue;
		struct stmt *st = db_stmt(db,
		        "INSERT INTO coupon(bare, code, coupon, state, pooled)"
		        " VALUES (?1, ?2, ?3, 'free', 1) ON CONFLICT(bare) DO NOTHING");
		stmt_text(st, 1, bare);
		stmt_text(st, 2, codes[i]);
		stmt_text(st, 3, name);
		fresh += stmt_exec(st);
	}
	return fresh;
}

int64_t coupon_left(struct db *db, const char *name)
{
	struct stmt *st = db_stmt(
	        db, "SELECT count(*) FROM coupon WHERE coupon = ?1 AND state = 'free'");
	stmt_text(st, 1, name);
	return stmt_single(st, 0);
}

/* ---- at the counter ---- */

static const char *state_now(const char *state, int64_t expires_at, int64_t now)
{
	static const char *const states[] = {
	        "free", "reserved", "redeemed", "void", "issued", "expired"};
	if (expires_at && now > expires_at && strcmp(state, "issued") == 0)
		return "expired";
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(states[i], state) == 0)
			return states[i];
	return "void";
}

static const char *copied(struct arena *arena, struct stmt *st, int col)
{
	return stmt_is_null(st, col) ? NULL : arena_strdup(arena, stmt_get_text(st, col));
}

#define COLUMNS \
	"SELECT id, customer, run, code, coupon, state, discount, order_ref, minimum," \
	" uses, used, issued_at, expires_at, redeemed_at FROM coupon"

/* Of the statement's one row. */
static bool read_coupon(
        struct stmt *st, int64_t now, struct arena *arena, struct coupon *out)
{
	if (!stmt_row(st))
		return false;
	*out = (struct coupon){.id = stmt_get(st, 0),
	        .customer = stmt_get(st, 1),
	        .run = stmt_get(st, 2),
	        .code = copied(arena, st, 3),
	        .name = copied(arena, st, 4),
	        .state = state_now(stmt_get_text(st, 5), stmt_get(st, 12), now),
	        .discount = copied(arena, st, 6),
	        .order = copied(arena, st, 7),
	        .minimum = stmt_get(st, 8),
	        .uses = stmt_get(st, 9),
	        .used = stmt_get(st, 10),
	        .issued_at = stmt_get(st, 11),
	        .expires_at = stmt_get(st, 12),
	        .redeemed_at = stmt_get(st, 13)};
	stmt_done(st);
	return true;
}

bool coupon_find(struct db *db, const char *code, int64_t now, struct arena *arena,
        struct coupon *out)
{
	char bare[CODE_MOST + 1];
	if (!code_bare(code, bare))
		return false;
	struct stmt *st = db_stmt(db, COLUMNS " WHERE bare = ?1");
	stmt_text(st, 1, bare);
	return read_coupon(st, now, arena, out);
}

bool coupon_get(
        struct db *db, int64_t id, int64_t now, struct arena *arena, struct coupon *out)
{
	struct stmt *st = db_stmt(db, COLUMNS " WHERE id = ?1");
	stmt_int(st, 1, id);
	return read_coupon(st, now, arena, out);
}

const char *coupon_of_run(
        struct db *db, int64_t run, struct arena *arena, int64_t *expires_at)
{
	struct stmt *st = db_stmt(db,
	        "SELECT code, expires_at FROM coupon WHERE run = ?1"
	        " AND state NOT IN ('free', 'void') ORDER BY id DESC LIMIT 1");
	stmt_int(st, 1, run);
	if (!stmt_row(st))
		return NULL;
	const char *code = arena_strdup(arena, stmt_get_text(st, 0));
	if (expires_at)
		*expires_at = stmt_get(st, 1);
	stmt_done(st);
	return code;
}

static json_t *time_or_null(struct zone *zone, int64_t ms)
{
	char out[32];
	return ms ? json_string(zone_format(zone, ms, out)) : json_null();
}

static json_t *holder_json(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db, "SELECT ref FROM customer WHERE id = ?1");
	stmt_int(st, 1, customer);
	json_t *ref = stmt_row(st) ? json_string(stmt_get_text(st, 0)) : json_null();
	stmt_done(st);
	return ref;
}

json_t *coupon_json(struct db *db, const char *code, int64_t now, struct zone *zone)
{
	struct arena *arena = arena_new();
	struct coupon c;
	json_t *json = NULL;
	/* A free code of a pool is nobody's yet, and nobody's business. */
	if (coupon_find(db, code, now, arena, &c) && strcmp(c.state, "free") != 0) {
		json = json_object();
		json_object_set_new(json, "code", json_string(c.code));
		json_object_set_new(json, "coupon", json_string(c.name));
		json_object_set_new(json, "customer", holder_json(db, c.customer));
		json_object_set_new(json, "state", json_string(c.state));
		json_object_set_new(json, "issued", time_or_null(zone, c.issued_at));
		json_object_set_new(json, "expires", time_or_null(zone, c.expires_at));
		json_object_set_new(json, "redeemed", time_or_null(zone, c.redeemed_at));
		json_object_set_new(
		        json, "order", c.order ? json_string(c.order) : json_null());
	}
	arena_free(arena);
	return json;
}

static enum coupon_verdict judge(const struct coupon *c, int64_t customer, int64_t amount)
{
	if (strcmp(c->state, "void") == 0)
		return COUPON_VOID;
	if (strcmp(c->state, "free") == 0 || strcmp(c->state, "reserved") == 0)
		return COUPON_NOT_ISSUED;
	if (c->used >= c->uses)
		return COUPON_USED;
	if (strcmp(c->state, "expired") == 0)
		return COUPON_EXPIRED;
	if (customer && c->customer && customer != c->customer)
		return COUPON_ANOTHERS;
	if (c->minimum > 0 && amount < c->minimum)
		return COUPON_BELOW_MINIMUM;
	return COUPON_REDEEMED;
}

static void write_redemption(struct db *db, const struct coupon *c, int64_t customer,
        const char *order, int64_t amount, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO redemption(coupon, customer, order_ref, amount, time)"
	        " VALUES (?1, ?2, ?3, ?4, ?5)");
	int64_t who = customer ? customer : c->customer;
	stmt_int(st, 1, c->id);
	stmt_int_or_null(st, 2, who != 0, who);
	stmt_text(st, 3, order);
	stmt_int_or_null(st, 4, amount >= 0, amount);
	stmt_int(st, 5, now);
	stmt_exec(st);
	st = db_stmt(db,
	        "UPDATE coupon SET used = used + 1, redeemed_at = ?2, order_ref = ?3,"
	        " state = CASE WHEN used + 1 >= uses THEN 'redeemed' ELSE 'issued' END "
	        "WHERE id = ?1");
	stmt_int(st, 1, c->id);
	stmt_int(st, 2, now);
	stmt_text(st, 3, order);
	stmt_exec(st);
}

/* A code that left with a message may be at the counter before the provider's answer is.
 */
static bool has_left(struct db *db, const struct coupon *c)
{
	struct stmt *st = db_stmt(db,
	        "SELECT 1 FROM message WHERE run = ?1 AND coupon = ?2 AND state IN"
	        " ('handed', 'accepted', 'delivered', 'unknown') LIMIT 1");
	stmt_int(st, 1, c->run);
	stmt_text(st, 2, c->code);
	return stmt_single(st, 0) == 1;
}

enum coupon_verdict coupon_redeem(struct db *db, const char *code, int64_t customer,
        const char *order, int64_t amount, int64_t now, int64_t *remaining)
{
	struct arena *arena = arena_new();
	struct coupon c;
	enum coupon_verdict verdict = COUPON_UNKNOWN;
	if (coupon_find(db, code, now, arena, &c)) {
		if (strcmp(c.state, "reserved") == 0 && has_left(db, &c)) {
			coupon_issue(db, code, now);
			c.state = "issued";
		}
		verdict = judge(&c, customer, amount);
	}
	if (verdict == COUPON_REDEEMED) {
		write_redemption(db, &c, customer, order, amount, now);
		if (remaining)
			*remaining = c.uses - c.used - 1;
	}
	arena_free(arena);
	return verdict;
}

static int64_t last_redemption(struct db *db, int64_t coupon)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM redemption WHERE coupon = ?1 AND undone_at IS NULL"
	        " ORDER BY id DESC LIMIT 1");
	stmt_int(st, 1, coupon);
	return stmt_single(st, 0);
}

static enum coupon_verdict restore(struct db *db, const struct coupon *c, int64_t now)
{
	int64_t redemption = last_redemption(db, c->id);
	if (strcmp(c->state, "void") == 0)
		return COUPON_VOID;
	if (!redemption)
		return COUPON_NOT_REDEEMED;
	struct stmt *st =
	        db_stmt(db, "UPDATE redemption SET undone_at = ?2 WHERE id = ?1");
	stmt_int(st, 1, redemption);
	stmt_int(st, 2, now);
	stmt_exec(st);
	st = db_stmt(db,
	        "UPDATE coupon SET used = max(used - 1, 0), state = 'issued',"
	        " (redeemed_at, order_ref) = (SELECT max(time), order_ref FROM redemption"
	        " WHERE coupon = ?1 AND undone_at IS NULL) WHERE id = ?1");
	stmt_int(st, 1, c->id);
	stmt_exec(st);
	return COUPON_REDEEMED;
}

enum coupon_verdict coupon_restore(struct db *db, const char *code, int64_t now)
{
	struct arena *arena = arena_new();
	struct coupon c;
	enum coupon_verdict verdict = COUPON_UNKNOWN;
	if (coupon_find(db, code, now, arena, &c))
		verdict = restore(db, &c, now);
	arena_free(arena);
	return verdict;
}

static enum coupon_verdict make_void(struct db *db, const struct coupon *c)
{
	if (strcmp(c->state, "void") == 0)
		return COUPON_VOID;
	if (c->used >= c->uses)
		return COUPON_USED;
	struct stmt *st = db_stmt(db, "UPDATE coupon SET state = 'void' WHERE id = ?1");
	stmt_int(st, 1, c->id);
	stmt_exec(st);
	return COUPON_REDEEMED;
}

enum coupon_verdict coupon_void(struct db *db, const char *code, int64_t now)
{
	struct arena *arena = arena_new();
	struct coupon c;
	enum coupon_verdict verdict = COUPON_UNKNOWN;
	if (coupon_find(db, code, now, arena, &c))
		verdict = make_void(db, &c);
	arena_free(arena);
	return verdict;
}

const char *coupon_verdict_text(enum coupon_verdict verdict)
{
	switch (verdict) {
	case COUPON_REDEEMED:
		return TR("The coupon is good.", "쿠폰을 사용할 수 있습니다.");
	case COUPON_UNKNOWN:
		return TR("There is no such coupon: check the code.",
		        "없는 쿠폰입니다. 번호를 확인하세요.");
	case COUPON_USED:
		return TR("The coupon has been used already.", "이미 사용한 쿠폰입니다.");
	case COUPON_EXPIRED:
		return TR("The coupon has expired.", "유효 기간이 지난 쿠폰입니다.");
	case COUPON_VOID:
		return TR("The coupon has been made void.", "무효 처리된 쿠폰입니다.");
	case COUPON_NOT_ISSUED:
		return TR("The coupon was never sent to anybody.",
		        "아직 발송되지 않은 쿠폰입니다.");
	case COUPON_BELOW_MINIMUM:
		return TR("The amount is below the coupon's minimum, or was not told.",
		        "쿠폰의 최소 금액보다 적거나 금액이 없습니다.");
	case COUPON_ANOTHERS:
		return TR("The coupon belongs to another customer.",
		        "다른 고객의 쿠폰입니다.");
	case COUPON_NOT_REDEEMED:
		return TR(
		        "The coupon has not been used.", "사용한 적이 없는 쿠폰입니다.");
	case COUPON_MISTYPED:
		return TR("The code is mistyped: its check character does not fit.",
		        "잘못 입력한 번호입니다. 검사 문자가 맞지 않으니 다시 "
		        "입력하세요.");
	}
	return "";
}
