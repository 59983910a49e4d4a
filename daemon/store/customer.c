/* Customers as rows: finding, making and changing them. Merges nobody, and never writes
 * what did not change. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/alias.h"
#include "store/claim.h"
#include "store/customer.h"
#include "store/person.h"
#include "store/sealed.h"
#include "store/visitor.h"

#define COLUMNS \
	"id, ref, gender, city, grade, language, birth_year, " \
	"birth_md, birth_lunar," \
	" birth_leap, friend, joined_at, attributes, visitor, seen_at"
enum column {
	C_ID,
	C_REF,
	C_GENDER,
	C_CITY,
	C_GRADE,
	C_LANGUAGE,
	C_YEAR,
	C_MD,
	C_LUNAR,
	C_LEAP,
	C_FRIEND,
	C_JOINED,
	C_ATTRIBUTES,
	C_VISITOR,
	C_SEEN,
	C_MORE
};

static struct stmt *row_by_id(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT " COLUMNS " FROM customer WHERE id = ?1");
	stmt_int(st, 1, id);
	return stmt_row(st) ? st : NULL;
}

static struct stmt *row_by_ref(struct db *db, const char *ref)
{
	struct stmt *st = db_stmt(db, "SELECT " COLUMNS " FROM customer WHERE ref = ?1");
	int64_t id;

	stmt_text(st, 1, ref);
	if (stmt_row(st))
		return st;
	id = alias_find(db, ref);
	return id ? row_by_id(db, id) : NULL;
}

/* The one seen last of those with that value; *several when there are more. */
static int64_t last_seen(struct stmt *st, bool *several)
{
	if (!stmt_row(st))
		return 0;
	int64_t id = stmt_get(st, 0);
	*several = stmt_row(st);
	stmt_done(st);
	return id;
}

static int64_t by_phone(struct db *db, const char *phone, bool *several)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM customer WHERE phone_key = ?1"
	                              " ORDER BY seen_at DESC, id DESC LIMIT 2");

	sealed_index(st, 1, SEAL_ADDRESS, phone);
	int64_t id = last_seen(st, several);
	return id ? id : alias_of_phone(db, phone);
}

static int64_t by_email(struct db *db, const char *email, bool *several)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM customer WHERE email_key = ?1"
	                              " ORDER BY seen_at DESC, id DESC LIMIT 2");

	sealed_index(st, 1, SEAL_ADDRESS, email);
	int64_t id = last_seen(st, several);
	return id ? id : alias_of_email(db, email);
}

/* The first of the aliases that is anybody's. */
static int64_t by_alias(struct db *db, const struct profile *p)
{
	int64_t id = 0;

	for (size_t i = 0; i < p->n_aliases && !id; i++)
		id = customer_find(db, p->aliases[i]);
	return id;
}

int customer_holding(
        struct db *db, const char *phone, const char *email, int64_t *ids, int max)
{
#define HOLDING(column) \
	"SELECT id FROM customer WHERE " column \
	" = ?1 UNION SELECT customer FROM merged" \
	" WHERE " column " = ?1 ORDER BY 1 LIMIT ?2"
	struct stmt *st = phone ? db_stmt(db, HOLDING("phone_key"))
	                        : db_stmt(db, HOLDING("email_key"));
#undef HOLDING
	sealed_index(st, 1, SEAL_ADDRESS, phone ? phone : email);
	stmt_int(st, 2, max);
	return stmt_ids(st, ids, max);
}

static bool unnamed(struct db *db, int64_t id)
{
	struct stmt *st =
	        db_stmt(db, "SELECT substr(ref, 1, 1) = '~' FROM customer WHERE id = ?1");
	stmt_int(st, 1, id);
	return stmt_single(st, 0) == 1;
}

/* Who had no id gets one. */
static struct stmt *adopt(struct db *db, int64_t id, const char *ref)
{
	if (!id || !unnamed(db, id))
		return NULL;
	struct stmt *st = db_stmt(db, "UPDATE customer SET ref = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_text(st, 2, ref);
	stmt_exec(st);
	return row_by_id(db, id);
}

/* An id that nobody has yet is of whom another system knows, or of a browser that was
 * nobody until now; one that is known by another phone is another's. */
static struct stmt *adopt_any(struct db *db, const struct profile *p)
{
	struct stmt *row = adopt(db, by_alias(db, p), p->ref);
	int64_t id = !row && p->visitor ? visitor_find(db, p->visitor) : 0;

	if (id && !visitor_fits(db, id, p->phone, p->email))
		id = 0;
	return row ? row : adopt(db, id, p->ref);
}

static int64_t by_address(struct db *db, const struct profile *p, bool *several)
{
	int64_t id = 0;

	if (p->phone && !text_phone_virtual(p->phone))
		id = by_phone(db, p->phone, several);
	if (!id && p->email) {
		bool mails = false;
		id = by_email(db, p->email, &mails);
	}
	return id;
}

static struct stmt *locate(struct db *db, const struct profile *p, bool *shared)
{
	bool named = p->ref && p->ref[0] != '~';
	struct stmt *row = p->ref ? row_by_ref(db, p->ref) : NULL;
	if (row || named)
		return row ? row : adopt_any(db, p);
	int64_t id = by_alias(db, p);
	if (!id && p->visitor)
		id = visitor_find(db, p->visitor);
	if (!id)
		id = by_address(db, p, shared);
	return id ? row_by_id(db, id) : NULL;
}

int64_t customer_named(struct db *db, const struct profile *p)
{
	int64_t id = p->ref ? customer_find(db, p->ref) : 0;
	bool several = false;

	if (id)
		return id;
	id = by_alias(db, p);
	if (p->ref && p->ref[0] != '~')
		return id && unnamed(db, id) ? id : 0;
	if (!id && p->phone && !text_phone_virtual(p->phone))
		id = by_phone(db, p->phone, &several);
	if (!id && p->email)
		id = by_email(db, p->email, &several);
	return several ? 0 : id;
}

static bool names_anybody(const struct profile *p)
{
	return (p->ref && p->ref[0] != '~') || p->n_aliases || p->visitor || p->email ||
	       (p->phone && !text_phone_virtual(p->phone));
}

/* ---- attributes and tags ---- */

/* The members told, put over the old ones; new, or NULL when that changes nothing. */
static char *merged_attributes(const char *old, json_t *told, int64_t id)
{
	json_t *all = old ? json_loads(old, 0, NULL) : json_object(), *value;
	const char *key;
	bool changed = false;
	if (!all)
		all = json_object();
	json_object_foreach(told, key, value)
	{
		json_t *had = json_object_get(all, key);
		if (json_is_null(value) ? !had : had && json_equal(had, value))
			continue;
		changed = true;
		if (json_is_null(value))
			json_object_del(all, key);
		else
			json_object_set(all, key, value);
	}
	char *text = changed ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(all);
	if (text && strlen(text) > CUSTOMER_ATTRIBUTES_BYTES) {
		log_warn("customer %lld: attributes over 32 KiB were not taken over",
		        (long long)id);
		free(text);
		return NULL;
	}
	return text;
}

void customer_tag(struct db *db, int64_t id, const char *tag)
{
	struct stmt *st = db_stmt(db, "INSERT INTO customer_tag(customer, tag) SELECT "
	                              "id, ?2 FROM customer WHERE id = ?1"
	                              " ON CONFLICT DO NOTHING");
	stmt_int(st, 1, id);
	stmt_text(st, 2, tag);
	stmt_exec(st);
}

void customer_untag(struct db *db, int64_t id, const char *tag)
{
	struct stmt *st =
	        db_stmt(db, "DELETE FROM customer_tag WHERE customer = ?1 AND tag = ?2");
	stmt_int(st, 1, id);
	stmt_text(st, 2, tag);
	stmt_exec(st);
}

static json_t *tags_json(struct db *db, int64_t id)
{
	json_t *tags = json_array();
	struct stmt *st = db_stmt(
	        db, "SELECT tag FROM customer_tag WHERE customer = ?1 ORDER BY tag");
	stmt_int(st, 1, id);
	while (stmt_row(st))
		json_array_append_new(tags, json_string(stmt_get_text(st, 0)));
	return tags;
}

static bool holds(json_t *texts, const char *text)
{
	json_t *one;
	size_t i;
	json_array_foreach(
	        texts, i, one) if (strcmp(json_string_value(one), text) == 0) return true;
	return false;
}

/* Tags as they are kept: NFC, trimmed. */
static json_t *normal_tags(json_t *told)
{
	json_t *tags = json_array(), *one;
	size_t i;
	json_array_foreach(told, i, one)
	{
		char *nfc = text_nfc(json_string_value(one), json_string_length(one));
		const char *text = nfc ? text_trim(nfc) : "";
		if (*text && !holds(tags, text))
			json_array_append_new(tags, json_string(text));
		free(nfc);
	}
	return tags;
}

static bool tags_differ(struct db *db, int64_t id, json_t *told)
{
	json_t *now = normal_tags(told), *had = tags_json(db, id), *one;
	bool other = json_array_size(now) != json_array_size(had);
	size_t i;
	json_array_foreach(now, i, one) if (!holds(had, json_string_value(one))) other =
	        true;
	json_decref(now);
	json_decref(had);
	return other;
}

static void set_tags(struct db *db, int64_t id, json_t *told)
{
	json_t *now = normal_tags(told), *had = tags_json(db, id), *one;
	size_t i;
	json_array_foreach(had, i, one) if (!holds(now, json_string_value(one)))
	        customer_untag(db, id, json_string_value(one));
	json_array_foreach(now, i, one) if (!holds(had, json_string_value(one)))
	        customer_tag(db, id, json_string_value(one));
	json_decref(now);
	json_decref(had);
}

/* ---- writing ---- */

struct birth {
	int64_t year, md;
	bool lunar, leap;
};

/* What a birthday told makes of the one on record. The same day told again without year
 * or calendar takes neither away; another day without a calendar is solar. */
static struct birth new_birth(struct stmt *row, const struct profile *p)
{
	struct birth old = {stmt_get(row, C_YEAR), stmt_get(row, C_MD),
	        stmt_get(row, C_LUNAR) != 0, stmt_get(row, C_LEAP) != 0};
	struct birth born = {p->birth_year, p->birth_md, p->birth_lunar, p->birth_leap};
	if (!p->has_birthday && (!p->has_calendar || !old.md))
		return old;
	if (!p->has_birthday) {
		born.year = old.year;
		born.md = old.md;
		return p->birth_lunar && old.md % 100 > 30 ? old : born;
	}
	if (old.md != born.md)
		return born;
	if (!born.year)
		born.year = old.year;
	if (!p->has_calendar) {
		born.lunar = old.lunar;
		born.leap = old.leap;
	}
	return born;
}

static bool differs(struct stmt *row, int col, const char *told)
{
	if (!told)
		return false;
	size_t len;
	const void *had = stmt_get_blob(row, col, &len);
	return !had || strlen(told) != len || memcmp(had, told, len) != 0;
}

static struct person told_of(const struct profile *p)
{
	return (struct person){p->name, p->phone, p->email};
}

static bool changes(struct stmt *row, const struct profile *p)
{
	if (differs(row, C_VISITOR, p->visitor) || differs(row, C_GENDER, p->gender) ||
	        differs(row, C_CITY, p->city) || differs(row, C_GRADE, p->grade) ||
	        differs(row, C_LANGUAGE, p->language))
		return true;
	if (p->has_joined &&
	        (stmt_is_null(row, C_JOINED) || stmt_get(row, C_JOINED) != p->joined_at))
		return true;
	if (p->has_friend &&
	        (stmt_is_null(row, C_FRIEND) || stmt_get(row, C_FRIEND) != p->friend))
		return true;
	if (!p->has_birthday && !p->has_calendar)
		return false;
	struct birth b = new_birth(row, p);
	return b.year != stmt_get(row, C_YEAR) || b.md != stmt_get(row, C_MD) ||
	       b.lunar != (stmt_get(row, C_LUNAR) != 0) ||
	       b.leap != (stmt_get(row, C_LEAP) != 0);
}

static void bind_texts(struct stmt *st, const struct profile *p)
{
	stmt_text(st, 2, p->visitor);
	stmt_int_or_null(
	        st, 3, p->name && *p->name, p->name ? (int64_t)strlen(p->name) : 0);
	sealed_index(st, 4, SEAL_ADDRESS, p->phone);
	sealed_index(st, 5, SEAL_ADDRESS, p->email);
	stmt_text(st, 6, p->gender);
	stmt_text(st, 7, p->city);
	stmt_text(st, 8, p->grade);
	stmt_text(st, 9, p->language);
}

static void bind_rest(
        struct stmt *st, const struct profile *p, struct birth b, int64_t now)
{
	stmt_int_or_null(st, 10, b.year != 0, b.year);
	stmt_int_or_null(st, 11, b.md != 0, b.md);
	stmt_int(st, 12, b.lunar);
	stmt_int(st, 13, b.leap);
	stmt_int_or_null(st, 14, p->has_friend && p->friend >= 0, p->friend);
	stmt_int_or_null(st, 15, p->has_joined, p->joined_at);
	stmt_int(st, 17, now);
}

static void bind_attributes(struct stmt *st, const char *attributes)
{
	sealed_json(st, 16, SEAL_ATTRIBUTES, attributes, sealed_attribute, NULL);
}

static void write_changes(struct db *db, struct stmt *row, const struct profile *p,
        const char *attributes, int64_t now)
{
	static const char sql[] =
	        "UPDATE customer SET visitor = coalesce(?2, visitor), named = "
	        "coalesce(?3, named), phone_key = coalesce(?4, phone_key),"
	        " email_key = coalesce(?5, email_key), gender = coalesce(?6, gender),"
	        " city = coalesce(?7, city), grade = coalesce(?8, grade), language = "
	        "coalesce(?9, language),"
	        " birth_year = ?10, birth_md = ?11, birth_lunar = ?12, birth_leap = ?13,"
	        " friend = coalesce(?14, friend), joined_at = coalesce(?15, joined_at),"
	        " attributes = coalesce(?16, attributes), seen_at = max(seen_at, ?17)"
	        " WHERE id = ?1";
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, stmt_get(row, C_ID));
	bind_texts(st, p);
	bind_rest(st, p, new_birth(row, p), now);
	bind_attributes(st, attributes);
	stmt_exec(st);
}

static void touch(struct db *db, int64_t id, int64_t now)
{
	struct stmt *st = db_stmt(db, "UPDATE customer SET seen_at = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int(st, 2, now);
	stmt_exec(st);
}

/* Told of under an id that was merged, or known by what that one had, somebody keeps the
 * phone, the e-mail address and the browser that he has: those of the other one are known
 * already. visitor: the one of his row, or NULL: not looked at. whole: what is not told
 * would be cleared. Strings are p's or in *arena, which is made where there are any. */
static struct profile own_profile(struct db *db, int64_t id, const char *ref,
        const char *visitor, const struct profile *p, bool whole, struct arena **arena)
{
	struct profile told = *p;
	struct person own;

	if (told.visitor && ((visitor && strcmp(visitor, told.visitor) == 0) ||
	                            visitor_find(db, told.visitor) == id))
		told.visitor = NULL;
	if ((p->ref && strcmp(p->ref, ref) == 0) || (!p->phone && !p->email) ||
	        !alias_had(db, id, p->phone, p->email))
		return told;
	*arena = arena_new();
	person_get(db, id, *arena, &own);
	if (own.phone && p->phone && alias_had(db, id, p->phone, NULL))
		told.phone = whole ? own.phone : NULL;
	if (own.email && p->email && alias_had(db, id, NULL, p->email))
		told.email = whole ? own.email : NULL;
	return told;
}

static void update(struct db *db, struct stmt *row, const struct profile *profile,
        const struct customer_watch *watch, int64_t now)
{
	struct arena *arena = NULL;
	struct profile mine =
	        own_profile(db, stmt_get(row, C_ID), stmt_get_text(row, C_REF),
	                stmt_get_text(row, C_VISITOR), profile, false, &arena);
	const struct profile *p = &mine;
	int64_t id = stmt_get(row, C_ID);
	char *attributes = NULL;
	if (p->attributes)
		attributes = merged_attributes(
		        sealed_get_json(row, C_ATTRIBUTES, SEAL_ATTRIBUTES, id, NULL),
		        p->attributes, id);
	struct person told = told_of(p);
	bool other = person_differs(db, id, &told);
	bool news = attributes || other || changes(row, p);
	bool retag = p->tags && tags_differ(db, id, p->tags);
	if (watch && (news || retag))
		watch->before(watch->arg, id);
	if (other)
		person_put(db, id, &told, false);
	if (p->visitor)
		visitor_take(db, id, p->visitor);
	if (news)
		write_changes(db, row, p, attributes, now);
	else if (now - stmt_get(row, C_SEEN) >= MS_MINUTE)
		touch(db, id, now);
	stmt_done(row);
	free(attributes);
	arena_free(arena);
	if (retag)
		set_tags(db, id, p->tags);
}

static int64_t insert(struct db *db, const struct profile *p, int64_t now)
{
	static const char sql[] = "INSERT INTO customer(ref, visitor, named, "
	                          "phone_key, email_key, gender, city, grade, language,"
	                          " birth_year, birth_md, birth_lunar, birth_leap, "
	                          "friend, joined_at, attributes, created_at,"
	                          " seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
	                          "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17)";
	bool named = p->ref && p->ref[0] != '~';
	char *attributes =
	        p->attributes ? merged_attributes(NULL, p->attributes, 0) : NULL;
	struct birth born = {p->birth_year, p->birth_md, p->birth_lunar, p->birth_leap};
	if (!p->has_birthday)
		born = (struct birth){0, 0, false, false};
	struct stmt *st = db_stmt(db, sql);
	stmt_text(st, 1, named ? p->ref : "~");
	bind_texts(st, p);
	bind_rest(st, p, born, now);
	bind_attributes(st, attributes);
	int64_t id = stmt_exec(st) == 1 ? db_last_id(db) : 0;
	free(attributes);
	if (!named && id) {
		st = db_stmt(db, "UPDATE customer SET ref = '~' || id WHERE id = ?1");
		stmt_int(st, 1, id);
		stmt_exec(st);
	}
	struct person told = told_of(p);
	if (id && (told.name || told.phone || told.email))
		person_put(db, id, &told, true);
	if (p->visitor && id)
		visitor_take(db, id, p->visitor);
	if (p->tags && id)
		set_tags(db, id, p->tags);
	return id;
}

int customer_upsert_watched(struct db *db, const struct profile *profile, int64_t now,
        const struct customer_watch *watch, int64_t *id)
{
	bool shared = false;
	*id = 0;
	struct stmt *row = locate(db, profile, &shared);
	if (row) {
		*id = stmt_get(row, C_ID);
		update(db, row, profile, watch, now);
		claim_aliases(db, *id, profile->aliases, profile->n_aliases, now);
		return CUSTOMER_FOUND | (shared ? CUSTOMER_SHARED : 0);
	}
	if (!names_anybody(profile) || db_status(db) != DB_OK)
		return CUSTOMER_NONE;
	*id = insert(db, profile, now);
	claim_aliases(db, *id, profile->aliases, profile->n_aliases, now);
	return *id ? CUSTOMER_CREATED : CUSTOMER_NONE;
}

int customer_upsert(
        struct db *db, const struct profile *profile, int64_t now, int64_t *id)
{
	return customer_upsert_watched(db, profile, now, NULL, id);
}

static char *ref_of(struct db *db, int64_t id)
{
	struct stmt *row = row_by_id(db, id);
	char *ref = mem_strdup(row ? stmt_get_text(row, C_REF) : "");

	if (row)
		stmt_done(row);
	return ref;
}

void customer_replace(
        struct db *db, int64_t id, const struct profile *profile, int64_t now)
{
	static const char sql[] = "UPDATE customer SET visitor = coalesce(?2, visitor), "
	                          "named = ?3, phone_key = ?4, email_key = ?5,"
	                          " gender = ?6, city = ?7, grade = ?8, language = ?9, "
	                          "birth_year = ?10, birth_md = ?11,"
	                          " birth_lunar = ?12, birth_leap = ?13, friend = ?14, "
	                          "joined_at = ?15, attributes = ?16,"
	                          " seen_at = max(seen_at, ?17) WHERE id = ?1";
	struct arena *arena = NULL;
	char *ref = ref_of(db, id);
	struct profile mine = own_profile(db, id, ref, NULL, profile, true, &arena);
	const struct profile *p = &mine;
	char *attributes =
	        p->attributes ? merged_attributes(NULL, p->attributes, id) : NULL;
	struct birth born = {p->birth_year, p->birth_md, p->birth_lunar, p->birth_leap};
	if (!p->has_birthday)
		born = (struct birth){0, 0, false, false};
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, id);
	bind_texts(st, p);
	bind_rest(st, p, born, now);
	bind_attributes(st, attributes);
	stmt_exec(st);
	free(attributes);
	struct person told = told_of(p);
	person_put(db, id, &told, true);
	if (p->visitor)
		visitor_take(db, id, p->visitor);
	arena_free(arena);
	free(ref);
	if (p->tags)
		set_tags(db, id, p->tags);
}

/* ---- reading ---- */

int customer_seen_later(struct db *db, int64_t id, int64_t *ids, int max)
{
#define BY(address) \
	"SELECT you.id FROM customer me JOIN customer you ON you." address \
	" = me." address \
	" WHERE me.id = ?1 AND (you.seen_at, you.id) > (me.seen_at, me.id)"
	struct stmt *st =
	        db_stmt(db, BY("phone_key") " UNION " BY("email_key") " LIMIT ?2");
#undef BY
	stmt_int(st, 1, id);
	stmt_int(st, 2, max);
	return stmt_ids(st, ids, max);
}

bool customer_shares(struct db *db, int64_t id, bool mail)
{
#define SHARED(address) \
	"SELECT 1 FROM customer me JOIN customer you ON you." address " = me." address \
	" WHERE me.id = ?1 AND you.id <> me.id LIMIT 1"
	struct stmt *st = mail ? db_stmt(db, SHARED("email_key"))
	                       : db_stmt(db, SHARED("phone_key"));
#undef SHARED
	stmt_int(st, 1, id);
	return stmt_single(st, 0) == 1;
}

int64_t customer_of_phone(struct db *db, const char *phone)
{
	bool several;
	return text_phone_virtual(phone) ? 0 : by_phone(db, phone, &several);
}

int64_t customer_find(struct db *db, const char *ref)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM customer WHERE ref = ?1");
	stmt_text(st, 1, ref);
	int64_t id = stmt_single(st, 0);
	return id ? id : alias_find(db, ref);
}

static void fill_counters(struct stmt *st, struct customer *out)
{
	out->orders_count = stmt_get(st, C_MORE);
	out->orders_total = stmt_get(st, C_MORE + 1);
	out->orders_first_at = stmt_get(st, C_MORE + 2);
	out->orders_last_at = stmt_get(st, C_MORE + 3);
	out->cart_count = stmt_get(st, C_MORE + 4);
	out->cart_total = stmt_get(st, C_MORE + 5);
	out->bulk = stmt_get(st, C_MORE + 6) != 0;
	out->created_at = stmt_get(st, C_MORE + 7);
}

static void fill_texts(struct stmt *st, struct arena *arena, struct customer *out)
{
	const struct {
		const char **at, *text;
	} texts[] = {{&out->attributes, sealed_get_json(st, C_ATTRIBUTES, SEAL_ATTRIBUTES,
	                                        out->id, NULL)},
	        {&out->gender, stmt_get_text(st, C_GENDER)},
	        {&out->city, stmt_get_text(st, C_CITY)},
	        {&out->grade, stmt_get_text(st, C_GRADE)},
	        {&out->language, stmt_get_text(st, C_LANGUAGE)}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i].at = arena_strdup(arena, texts[i].text);
}

bool customer_get(struct db *db, int64_t id, struct arena *arena, struct customer *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT " COLUMNS ", orders_count, orders_total, orders_first_at,"
	        " orders_last_at, cart_count, cart_total, bulk, created_at FROM customer"
	        " WHERE id = "
	        "?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return false;
	*out = (struct customer){.id = id,
	        .ref = arena_strdup(arena, stmt_get_text(st, C_REF)),
	        .birth_year = (int)stmt_get(st, C_YEAR),
	        .birth_md = (int)stmt_get(st, C_MD),
	        .birth_lunar = stmt_get(st, C_LUNAR) != 0,
	        .birth_leap = stmt_get(st, C_LEAP) != 0,
	        .friend = stmt_is_null(st, C_FRIEND) ? -1 : (int)stmt_get(st, C_FRIEND),
	        .joined_at = stmt_get(st, C_JOINED),
	        .seen_at = stmt_get(st, C_SEEN)};
	fill_texts(st, arena, out);
	struct person person;
	person_get(db, id, arena, &person);
	out->name = person.name;
	out->phone = person.phone;
	out->email = person.email;
	fill_counters(st, out);
	stmt_done(st);
	return true;
}

/* ---- what happens to them ---- */

void customer_visit(struct db *db, int64_t id, int64_t time)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE customer SET visits_count = visits_count + 1,"
	        " visits_first_at = min(coalesce(visits_first_at, ?2), ?2),"
	        " visits_last_at = max(coalesce(visits_last_at, ?2), ?2) WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int(st, 2, time);
	stmt_exec(st);
}

void customer_leave(struct db *db, int64_t id, int64_t time)
{
	struct stmt *st = db_stmt(db, "UPDATE customer SET left_at = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int(st, 2, time);
	stmt_exec(st);
}
