/* Sealed columns of statements. Decides nothing about what is a person's: its callers and
 * base/personal.h do. */
#include "store/sealed.h"

#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/personal.h"
#include "base/secret.h"
#include "store/db_inner.h"

void sealed_text(struct stmt *st, int i, enum seal_purpose purpose, const char *text)
{
	struct buf *room = db_room(stmt_db(st));
	size_t len = text ? strlen(text) : 0;

	if (!text || !seal_key_count()) {
		stmt_text(st, i, text);
		return;
	}
	buf_reset(room);
	buf_reserve(room, len + SEAL_OVERHEAD);
	len = seal_close(purpose, text, len, (uint8_t *)room->data);
	stmt_blob_copy(st, i, room->data, len);
}

void sealed_json(struct stmt *st, int i, enum seal_purpose purpose, const char *json,
        sealed_json_member member, const void *arg)
{
	struct buf *room = db_room(stmt_db(st));

	if (!json || !seal_key_count()) {
		stmt_text(st, i, json);
		return;
	}
	buf_reset(room);
	sealed_json_close(room, json, purpose, member, arg);
	stmt_text_copy(st, i, room->data ? room->data : "", room->len);
}

enum sealed_member sealed_attribute(const void *arg, const char *name, size_t len)
{
	(void)arg;
	return personal_declared("customer", name, len) ? SEALED_PERSON : SEALED_ASK;
}

void sealed_index(struct stmt *st, int i, enum seal_purpose purpose, const char *text)
{
	uint8_t index[SEAL_INDEX_BYTES];

	if (!text) {
		stmt_null(st, i);
		return;
	}
	seal_index(db_store_key(stmt_db(st)), purpose, text, strlen(text), index);
	stmt_blob_copy(st, i, index, sizeof index);
}

void sealed_index_hex(
        struct db *db, enum seal_purpose purpose, const char *text, char out[33])
{
	uint8_t index[SEAL_INDEX_BYTES];

	seal_index(db_store_key(db), purpose, text, strlen(text), index);
	secret_hex(index, sizeof index, out);
}

/* ---- reading ---- */

static void told(enum seal_purpose purpose, int64_t row)
{
	log_error(
	        TR("a sealed value (%s) of row %lld in the store does not open: it is "
	           "damaged or was changed by another hand, and counts as unknown",
	                "저장소의 봉인된 값(%s, 행 %lld)이 열리지 않습니다. 손상되었거나 "
	                "다른 손에 바뀌었으며 모르는 값으로 봅니다"),
	        seal_purpose_name(purpose), (long long)row);
}

const char *sealed_get(struct stmt *st, int col, enum seal_purpose purpose, int64_t row)
{
	const uint8_t *sealed;
	size_t len;
	char *out;

	if (stmt_type(st, col) != STMT_BLOB)
		return stmt_get_text(st, col);
	sealed = stmt_get_blob(st, col, &len);
	out = arena_alloc(stmt_arena(st), len + 1);
	if (seal_open(purpose, sealed, len, out) == SEAL_OPENED)
		return out;
	told(purpose, row);
	return NULL;
}

const char *sealed_get_json(
        struct stmt *st, int col, enum seal_purpose purpose, int64_t row, bool *whole)
{
	struct buf *room = db_room(stmt_db(st));
	const char *json = stmt_get_text(st, col);
	bool good;

	if (whole)
		*whole = true;
	if (!json || !seal_key_count())
		return json;
	buf_reset(room);
	good = sealed_json_open(room, json, purpose);
	if (!good)
		told(purpose, row);
	if (whole)
		*whole = good;
	return arena_strndup(stmt_arena(st), room->data, room->len);
}
