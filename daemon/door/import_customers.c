/* Rows of customers. A wrong field is named and left out; a consent that somebody took
 * back is never lifted here. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "door/import.h"
#include "store/consent.h"

enum {
	ID,
	NAME,
	PHONE,
	EMAIL,
	BIRTHDAY,
	CALENDAR,
	LEAP,
	GENDER,
	CITY,
	GRADE,
	LANGUAGE,
	JOINED,
	FRIEND,
	TAGS,
	SMS,
	KAKAO,
	MAIL,
	PUSH,
	DATA,
	GUARDIAN,
	NIGHT_SMS,
	NIGHT_KAKAO,
	NIGHT_PUSH,
	CONSENT_TIME,
	CONSENT_SOURCE
};

static const struct import_field fields[] = {
        [ID] = {"id",
                "고객번호|고객id|회원번호|회원id|아이디|customer|customerid|고객코드"},
        [NAME] = {"name", "이름|고객명|성명|회원명|고객이름"},
        [PHONE] = {"phone", "휴대폰|휴대전화|휴대폰번호|전화|전화번호|연락처|핸드폰|"
                            "핸드폰번호|mobile|휴대전화번호"},
        [EMAIL] = {"email", "이메일|메일|이메일주소|메일주소"},
        [BIRTHDAY] = {"birthday", "생일|생년월일|birthdate"},
        [CALENDAR] = {"birthday_calendar",
                "음양|양음|음력양력|양력음력|생일음양|음력여부"},
        [LEAP] = {"birthday_leap_month", "윤달|윤달여부"},
        [GENDER] = {"gender", "성별|sex"},
        [CITY] = {"city", "지역|도시|거주지"},
        [GRADE] = {"grade", "등급|회원등급|고객등급"},
        [LANGUAGE] = {"language", "언어"},
        [JOINED] = {"joined", "가입일|가입일시|등록일|회원가입일"},
        [FRIEND] = {"friend", "채널친구|카카오친구|친구|카톡친구"},
        [TAGS] = {"tags", "태그"},
        [SMS] = {"consent_sms", "광고수신문자|문자수신동의|sms수신|sms수신동의|"
                                "sms수신여부|광고수신sms|문자수신"},
        [KAKAO] = {"consent_kakao",
                "광고수신카카오|카카오수신동의|광고수신카톡|광고수신알림톡|카카오수신"},
        [MAIL] = {"consent_email", "광고수신이메일|광고수신메일|이메일수신동의|"
                                   "메일수신동의|이메일수신|메일수신|이메일수신여부"},
        [PUSH] = {"consent_push", "광고수신푸시|푸시수신동의|앱푸시수신|푸시수신"},
        [DATA] = {"consent_data", "광고수신개인정보|개인정보이용동의|개인정보활용동의|"
                                  "마케팅활용동의|마케팅동의|광고수신데이터|"
                                  "개인정보마케팅활용|마케팅이용동의|개인정보활용"},
        [GUARDIAN] = {"consent_guardian", "보호자동의|법정대리인동의"},
        [NIGHT_SMS] = {"consent_night_sms",
                "광고수신야간문자|야간문자수신동의|야간광고문자|야간수신문자"},
        [NIGHT_KAKAO] = {"consent_night_kakao",
                "광고수신야간카카오|야간카카오수신동의|야간광고카카오|야간수신카카오"},
        [NIGHT_PUSH] = {"consent_night_push",
                "광고수신야간푸시|야간푸시수신동의|야간광고푸시|야간수신푸시"},
        [CONSENT_TIME] = {"consent_time", "동의일시|동의일|동의시각|수신동의일|"
                                          "광고수신일시|광고수신동의일|광고수신시각"},
        [CONSENT_SOURCE] = {"consent_source",
                "동의출처|동의경로|광고수신출처|광고수신경로|수신동의경로"},
        {NULL, NULL},
};

static const char *shortened(void)
{
	return TR("a spreadsheet has shortened this number; format the column as text "
	          "and export it again",
	        "스프레드시트가 숫자를 줄여 놓았습니다. 열을 텍스트로 바꾸어 다시 내보내 "
	        "주세요");
}

static void text(struct import *import, json_t *customer, int field)
{
	const char *cell = import_cell(import, field);
	if (cell && import_spoilt(cell))
		import_leave_out(import, field, shortened());
	else if (cell)
		json_object_set_new(customer, fields[field].name, json_string(cell));
}

static void phone(struct import *import, json_t *customer)
{
	const char *cell = import_cell(import, PHONE);
	char e164[24];
	bool restored;
	text(import, customer, PHONE);
	if (!json_object_get(customer, "phone") || import_phone(cell, e164, &restored))
		return;
	json_object_set_new(customer, "phone", json_string(e164));
	if (restored)
		import_restored(import, import->line);
}

static void yes_no(struct import *import, json_t *customer, int field)
{
	const char *cell = import_cell(import, field);
	if (!cell)
		return;
	int yes = import_yes(cell);
	if (yes < 0)
		import_leave_out(import, field,
		        TR("this is neither yes nor no", "예도 아니오도 아닙니다"));
	else
		json_object_set_new(customer, fields[field].name, json_boolean(yes));
}

/* One of a few words, as the API spells it. */
static void word(struct import *import, json_t *customer, int field,
        const char *const (*words)[2], const char *detail)
{
	const char *cell = import_cell(import, field);
	if (!cell)
		return;
	for (; (*words)[0]; words++) {
		if (strcasecmp(cell, (*words)[0]) != 0)
			continue;
		json_object_set_new(
		        customer, fields[field].name, json_string((*words)[1]));
		return;
	}
	import_leave_out(import, field, detail);
}

static void calendar(struct import *import, json_t *customer)
{
	static const char *const words[][2] = {{"solar", "solar"}, {"양", "solar"},
	        {"양력", "solar"}, {"s", "solar"}, {"+", "solar"}, {"lunar", "lunar"},
	        {"음", "lunar"}, {"음력", "lunar"}, {"l", "lunar"}, {"-", "lunar"},
	        {"음력평달", "lunar"}, {NULL, NULL}};
	word(import, customer, CALENDAR, words,
	        TR("a birthday's calendar is solar (양) or lunar (음)",
	                "생일은 양(solar) 아니면 음(lunar)입니다"));
}

static void gender(struct import *import, json_t *customer)
{
	static const char *const words[][2] = {{"f", "f"}, {"m", "m"}, {"female", "f"},
	        {"male", "m"}, {"여", "f"}, {"남", "m"}, {"여자", "f"}, {"남자", "m"},
	        {"여성", "f"}, {"남성", "m"}, {NULL, NULL}};
	word(import, customer, GENDER, words,
	        TR("a gender is f (여) or m (남)", "성별은 f(여) 아니면 m(남)입니다"));
}

static void joined(struct import *import, json_t *customer)
{
	const char *cell = import_cell(import, JOINED);
	char out[32];
	int64_t ms;
	if (!cell)
		return;
	if (import_time(import, cell, &ms))
		import_leave_out(import, JOINED,
		        TR("there is no such time", "그런 시각이 없습니다"));
	else
		json_object_set_new(customer, "joined",
		        json_string(zone_format(import->zone, ms, out)));
}

static void tags(struct import *import, json_t *customer)
{
	const char *cell = import_cell(import, TAGS);
	if (!cell)
		return;
	json_t *list = json_array();
	char *rest = arena_strdup(import->row, cell), *one;
	while ((one = strsep(&rest, ";"))) {
		one = text_trim(one);
		if (one[0])
			json_array_append_new(list, json_string(one));
	}
	json_object_set_new(customer, "tags", list);
}

/* ---- columns that the shop adds ---- */

const struct field_decl *import_declared(struct import *import, const char *heading)
{
	const struct ruleset *ruleset = import->call.api->engine->ruleset;
	for (size_t i = 0; ruleset && i < ruleset->program->n_fields; i++) {
		const struct field_decl *field = &ruleset->program->fields[i];
		if (strncmp(field->path, "customer.", 9) == 0 &&
		        strcmp(field->path + 9, heading) == 0)
			return field;
	}
	return NULL;
}

static json_t *number(const char *cell)
{
	json_t *value = json_loads(cell, JSON_DECODE_ANY, NULL);
	if (json_is_number(value))
		return value;
	json_decref(value);
	int64_t won;
	return text_money(cell, &won) == 0 ? json_integer(won) : json_string(cell);
}

/* As the field was declared, where the cell is such a thing; else the text. Returns new.
 */
static json_t *attribute(struct import *import, const char *heading, const char *cell)
{
	const struct field_decl *field = import_declared(import, heading);
	int64_t won;
	if (!field)
		return json_string(cell);
	switch (field->type) {
	case FIELD_NUMBER:
		return number(cell);
	case FIELD_MONEY:
		return text_money(cell, &won) == 0 ? json_integer(won)
		                                   : json_string(cell);
	case FIELD_YESNO:
		return import_yes(cell) < 0 ? json_string(cell)
		                            : json_boolean(import_yes(cell));
	case FIELD_TEXT:
	case FIELD_DATE:
	case FIELD_TIME:
		break;
	}
	return json_string(cell);
}

/* Of a column that nobody declared: what may be a number or a list. */
static bool may_be_known(struct import *import, const char *heading, const char *cell)
{
	return strchr("-0123456789tf[{", cell[0]) && !import_declared(import, heading);
}

/* The attributes of the customer that the row names. Returns new, or NULL. */
static json_t *had_by(struct import *import)
{
	const char *ref = import_cell(import, ID);
	int64_t id = ref ? customer_find(import->db, ref) : 0;
	struct customer known;
	return id && customer_get(import->db, id, import->row, &known) && known.attributes
	               ? json_loads(known.attributes, 0, NULL)
	               : NULL;
}

/* Told as the export spells what he has: no change. Returns new, or NULL. */
static json_t *same_as(json_t *had, const char *cell)
{
	char *text = had ? json_dumps(had, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	bool same = text && strcmp(text, cell) == 0;
	free(text);
	return same ? json_incref(had) : NULL;
}

static void attributes(struct import *import, json_t *customer)
{
	json_t *all = NULL, *had = NULL;
	bool looked = false;
	for (size_t i = 0; i < import->n_columns; i++) {
		const char *cell = import_unnamed(import, i), *name = import->headings[i];
		json_t *same = NULL;
		if (!cell)
			continue;
		if (may_be_known(import, name, cell)) {
			had = looked ? had : had_by(import);
			looked = true;
			same = same_as(json_object_get(had, name), cell);
		}
		if (!all)
			all = json_object();
		json_object_set_new(
		        all, name, same ? same : attribute(import, name, cell));
	}
	json_decref(had);
	if (all)
		json_object_set_new(customer, "attributes", all);
}

/* ---- consents ---- */

static int64_t consent_time(struct import *import)
{
	const char *cell = import_cell(import, CONSENT_TIME);
	int64_t ms = import->call.now;
	if (!cell)
		return ms;
	if (import_time(import, cell, &ms) == 0 && ms <= import->call.now)
		return ms;
	import_leave_out(import, CONSENT_TIME,
	        TR("there is no such time, or it has not come yet",
	                "그런 시각이 없거나 아직 오지 않았습니다"));
	return import->call.now;
}

static void consents(struct import *import, int64_t id)
{
	static const struct {
		int field;
		const char *channel, *purpose;
	} columns[] = {
	        {SMS, "sms", "ad"},
	        {KAKAO, "kakao", "ad"},
	        {MAIL, "email", "ad"},
	        {PUSH, "push", "ad"},
	        {DATA, "data", "ad"},
	        {GUARDIAN, CONSENT_GUARDIAN, "ad"},
	        {NIGHT_SMS, "sms", "night"},
	        {NIGHT_KAKAO, "kakao", "night"},
	        {NIGHT_PUSH, "push", "night"},
	};
	int64_t time = consent_time(import);
	bool timed = time != import->call.now; /* else it is when the file came */
	const char *source = import_cell(import, CONSENT_SOURCE);
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		const char *cell = import_cell(import, columns[i].field);
		int yes = cell ? import_yes(cell) : 0;
		if (!cell)
			continue;
		if (yes < 0) {
			import_leave_out(import, columns[i].field,
			        TR("this is neither yes nor no",
			                "예도 아니오도 아닙니다"));
			continue;
		}
		struct consent_change change = {.customer = id,
		        .channel = columns[i].channel,
		        .purpose = columns[i].purpose,
		        .given = yes,
		        .time = time,
		        .how = "import",
		        .source = source ? source : "import"};
		change.told =
		        consent_told_before(import->db, &change, timed, import->call.now);
		import_consent(import, &change, true);
	}
}

/* ---- the row ---- */

static json_t *object_of(struct import *import)
{
	static const int texts[] = {ID, NAME, EMAIL, BIRTHDAY, CITY, GRADE, LANGUAGE};
	json_t *customer = json_object();
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		text(import, customer, texts[i]);
	phone(import, customer);
	calendar(import, customer);
	yes_no(import, customer, LEAP);
	gender(import, customer);
	joined(import, customer);
	yes_no(import, customer, FRIEND);
	tags(import, customer);
	attributes(import, customer);
	return customer;
}

/* Takes the member that error names out of the object; false when there is none such. */
static bool leave_out(
        struct import *import, json_t *customer, const struct profile_error *error)
{
	const char *name = error->pointer + (error->pointer[0] == '/');
	char top[128];
	snprintf(top, sizeof top, "%.*s", (int)strcspn(name, "/"), name);
	import_refuse(import, import->line, "%s: %s", name, error->detail);
	return json_object_del(customer, top) == 0;
}

static bool profile_of(struct import *import, json_t *customer, struct profile *profile)
{
	for (;;) {
		struct profile_error error = {.pointer = ""};
		*profile = (struct profile){0};
		if (customer_read(customer, import->row, profile, &error))
			return true;
		if (!leave_out(import, customer, &error))
			return false;
	}
}

static void row(struct import *import)
{
	const char *ref = import_cell(import, ID);
	if (ref &&
	        import_spoilt(
	                ref)) { /* by its phone alone it would become a second customer */
		import_leave_out(import, ID, shortened());
		return;
	}
	json_t *customer = object_of(import);
	struct profile profile;
	int64_t id = 0;
	if (profile_of(import, customer, &profile)) {
		if (profile.ref || profile.phone || profile.email)
			id = import_upsert(import, &profile);
		if (id) {
			consents(import, id);
			import_customer_end(import, customer);
			import->accepted++;
		} else {
			import_refuse(import, import->line, "%s",
			        TR("the row names nobody: it needs an id, a phone number "
			           "or an e-mail address",
			                "누구인지 알 수 없습니다. 고객번호, 휴대폰, "
			                "이메일 가운데 하나가 있어야 합니다"));
		}
	}
	json_decref(customer);
}

const struct import_kind import_customers = {"customers", fields, row, NULL, true};
