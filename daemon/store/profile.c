/* Reading a customer as somebody tells it: a JSON object checked field by field. Never
 * touches the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "store/customer.h"

struct reading {
	struct arena *arena;
	struct profile *out;
	struct profile_error *error;
};

static bool wrong(struct reading *r, const char *pointer, const char *detail)
{
	snprintf(r->error->pointer, sizeof r->error->pointer, "%s", pointer);
	snprintf(r->error->detail, sizeof r->error->detail, "%s", detail);
	return false;
}

/* Told, that is: neither absent nor null nor empty nor masked. */
static bool told(json_t *value)
{
	if (!value || json_is_null(value))
		return false;
	if (!json_is_string(value))
		return true;
	const char *text = json_string_value(value);
	return text[strspn(text, " \t")] && !text_masked(text);
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

/* A text of at most max bytes after NFC and trimming, in the arena. Whole numbers are
 * taken as they are written. */
static bool read_text(struct reading *r, json_t *value, const char *pointer, size_t max,
        const char **out)
{
	if (!told(value))
		return true;
	if (json_is_integer(value)) {
		*out = arena_printf(
		        r->arena, "%lld", (long long)json_integer_value(value));
		return true;
	}
	if (!json_is_string(value))
		return wrong(r, pointer, TR("must be a text", "글이어야 합니다"));
	char *nfc = text_nfc(json_string_value(value), json_string_length(value));
	if (!nfc)
		return wrong(r, pointer, TR("is not UTF-8", "UTF-8이 아닙니다"));
	char *text = text_trim(nfc);
	bool good = !has_control(text) && strlen(text) <= max;
	if (good && *text)
		*out = arena_strdup(r->arena, text);
	free(nfc);
	return good || wrong(r, pointer,
	                       TR("is too long or holds control characters",
	                               "너무 길거나 제어 문자가 있습니다"));
}

static bool read_texts(struct reading *r, json_t *object)
{
	const struct {
		const char *key, *pointer;
		size_t max;
		const char **out;
	} fields[] = {{"id", "/id", 128, &r->out->ref},
	        {"visitor", "/visitor", 128, &r->out->visitor},
	        {"name", "/name", 256, &r->out->name},
	        {"city", "/city", 128, &r->out->city},
	        {"grade", "/grade", 128, &r->out->grade},
	        {"language", "/language", 16, &r->out->language}};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (!read_text(r, json_object_get(object, fields[i].key),
		            fields[i].pointer, fields[i].max, fields[i].out))
			return false;
	return true;
}

static bool read_addresses(struct reading *r, json_t *object)
{
	const char *phone = NULL, *email = NULL;
	char e164[24], address[255];
	if (!read_text(r, json_object_get(object, "phone"), "/phone", 64, &phone) ||
	        !read_text(r, json_object_get(object, "email"), "/email", 254, &email))
		return false;
	if (phone && text_phone(phone, e164) != 0)
		return wrong(
		        r, "/phone", TR("is no phone number", "전화번호가 아닙니다"));
	if (email && text_email(email, address, sizeof address) != 0)
		return wrong(
		        r, "/email", TR("is no e-mail address", "메일 주소가 아닙니다"));
	r->out->phone = phone ? arena_strdup(r->arena, e164) : NULL;
	if (!email)
		return true;
	/* One spelling for finding and for suppressing: mailboxes that differ in case
	 * alone do not occur. */
	for (char *p = address; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	r->out->email = arena_strdup(r->arena, address);
	return true;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcasecmp(word, *words) == 0)
			return true;
	return false;
}

static bool read_gender(struct reading *r, json_t *object)
{
	static const char *const female[] = {"f", "female", "여", "여자", "여성", NULL};
	static const char *const male[] = {"m", "male", "남", "남자", "남성", NULL};
	const char *word = NULL;
	if (!read_text(r, json_object_get(object, "gender"), "/gender", 16, &word))
		return false;
	if (!word)
		return true;
	r->out->gender = is_one_of(word, female) ? "f"
	                 : is_one_of(word, male) ? "m"
	                                         : NULL;
	return r->out->gender ||
	       wrong(r, "/gender",
	               TR("must be \"f\" or \"m\"", "\"f\" 또는 \"m\"이어야 합니다"));
}

static bool read_bool(
        struct reading *r, json_t *value, const char *pointer, bool *has, bool *out)
{
	if (!told(value))
		return true;
	if (!json_is_boolean(value))
		return wrong(r, pointer,
		        TR("must be true or false", "true 또는 false여야 합니다"));
	*has = true;
	*out = json_is_true(value);
	return true;
}

static bool read_birthday(struct reading *r, json_t *object)
{
	static const char *const solar[] = {"solar", "양", "양력", NULL};
	static const char *const lunar[] = {"lunar", "음", "음력", NULL};
	struct profile *p = r->out;
	const char *calendar = NULL, *text = NULL;
	bool has_leap = false;
	struct birthday day;
	if (!read_text(r, json_object_get(object, "birthday_calendar"),
	            "/birthday_calendar", 16, &calendar) ||
	        !read_text(
	                r, json_object_get(object, "birthday"), "/birthday", 32, &text) ||
	        !read_bool(r, json_object_get(object, "birthday_leap_month"),
	                "/birthday_leap_month", &has_leap, &p->birth_leap))
		return false;
	if (calendar && !is_one_of(calendar, solar) && !is_one_of(calendar, lunar))
		return wrong(r, "/birthday_calendar",
		        TR("must be \"solar\" or \"lunar\"",
		                "\"solar\" 또는 \"lunar\"여야 합니다"));
	p->has_calendar = calendar != NULL;
	p->birth_lunar = calendar && is_one_of(calendar, lunar);
	p->birth_leap = p->birth_leap && p->birth_lunar;
	if (!text)
		return true;
	if (text_birthday(text, p->birth_lunar, &day) != 0)
		return wrong(r, "/birthday",
		        TR("is no birthday: write 1990-05-05, or --05-05 without a year",
		                "생일이 아닙니다: 1990-05-05, 연도가 없으면 --05-05처럼 "
		                "쓰세요"));
	p->has_birthday = true;
	p->birth_year = day.year;
	p->birth_md = day.month_day;
	return true;
}

static bool read_joined(struct reading *r, json_t *object)
{
	const char *text = NULL;
	int32_t day;
	if (!read_text(r, json_object_get(object, "joined"), "/joined", 40, &text))
		return false;
	if (!text)
		return true;
	r->out->has_joined = true;
	if (calendar_parse_time(text, &r->out->joined_at) == 0)
		return true;
	/* A date alone is a Korean one: its day begins at UTC+9's midnight. */
	if (calendar_parse_date(text, &day) != 0)
		return wrong(r, "/joined",
		        TR("is no time: write 2026-01-02T10:00:00+09:00",
		                "시각이 아닙니다: 2026-01-02T10:00:00+09:00처럼 쓰세요"));
	r->out->joined_at = (int64_t)day * 86400000 - 9 * 3600000;
	return true;
}

static bool read_tags(struct reading *r, json_t *object)
{
	json_t *tags = json_object_get(object, "tags"), *tag;
	size_t i;
	if (!told(tags))
		return true;
	if (!json_is_array(tags) || json_array_size(tags) > CUSTOMER_TAGS)
		return wrong(r, "/tags",
		        TR("must be a list of at most 100 texts",
		                "글의 목록이어야 합니다 (최대 100개)"));
	json_array_foreach(tags, i, tag)
	{
		const char *text = NULL;
		char pointer[32];
		snprintf(pointer, sizeof pointer, "/tags/%zu", i);
		if (!json_is_string(tag) || !read_text(r, tag, pointer, 64, &text) ||
		        !text)
			return wrong(r, pointer,
			        TR("must be a text of at most 64 bytes",
			                "64바이트 이하의 글이어야 합니다"));
	}
	r->out->tags = tags;
	return true;
}

static bool read_attributes(struct reading *r, json_t *object)
{
	json_t *attributes = json_object_get(object, "attributes"), *value;
	const char *key;
	if (!told(attributes))
		return true;
	if (!json_is_object(attributes) ||
	        json_object_size(attributes) > CUSTOMER_ATTRIBUTES)
		return wrong(r, "/attributes",
		        TR("must be an object of at most 32 members",
		                "항목이 32개 이하인 객체여야 합니다"));
	json_object_foreach(attributes, key, value)
	{
		if (!*key || strlen(key) > 64 || has_control(key) || strchr(key, '"'))
			return wrong(r, "/attributes",
			        TR("has a name that is empty or over 64 bytes",
			                "이름이 비었거나 64바이트를 넘습니다"));
		if (json_is_string(value) && json_string_length(value) > 4096)
			return wrong(r, "/attributes",
			        TR("has a value over 4096 bytes",
			                "값이 4096바이트를 넘습니다"));
	}
	r->out->attributes = attributes;
	return true;
}

bool customer_read(json_t *object, struct arena *arena, struct profile *out,
        struct profile_error *error)
{
	struct reading r = {arena, out, error};
	bool is_friend = false;
	memset(out, 0, sizeof *out);
	if (!json_is_object(object))
		return wrong(&r, "", TR("must be an object", "객체여야 합니다"));
	if (!read_texts(&r, object) || !read_addresses(&r, object) ||
	        !read_gender(&r, object) || !read_birthday(&r, object) ||
	        !read_joined(&r, object) || !read_tags(&r, object) ||
	        !read_attributes(&r, object) ||
	        !read_bool(&r, json_object_get(object, "friend"), "/friend",
	                &out->has_friend, &is_friend))
		return false;
	out->friend = is_friend;
	return true;
}

/* '~' begins the ids that dangol gives itself. */
static bool read_alias(struct reading *r, json_t *value, size_t i)
{
	const char *text = NULL;
	char pointer[32];
	snprintf(pointer, sizeof pointer, "/aliases/%zu", i);
	if (!json_is_string(value) || !read_text(r, value, pointer, 128, &text) ||
	        !text || text[0] == '~' || strcmp(text, "owner") == 0)
		return wrong(r, pointer,
		        TR("must be a text of 1 to 128 bytes such as "
		           "\"shopify:207119551\"",
		                "\"shopify:207119551\" 같은 1~128바이트의 글이어야 "
		                "합니다"));
	r->out->aliases[r->out->n_aliases++] = text;
	return true;
}

bool customer_read_aliases(json_t *object, struct arena *arena, struct profile *out,
        struct profile_error *error)
{
	struct reading r = {arena, out, error};
	json_t *aliases = json_object_get(object, "aliases"), *value;
	size_t i;
	if (!told(aliases))
		return true;
	if (!json_is_array(aliases) || json_array_size(aliases) > CUSTOMER_ALIASES)
		return wrong(&r, "/aliases",
		        TR("must be a list of at most 8 texts",
		                "글의 목록이어야 합니다 (최대 8개)"));
	out->aliases = arena_alloc(arena, CUSTOMER_ALIASES * sizeof *out->aliases);
	json_array_foreach(aliases, i, value)
	{
		if (!read_alias(&r, value, i))
			return false;
	}
	return true;
}
