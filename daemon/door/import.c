/* Reads the cells of an import as shops' spreadsheets have them. It writes nothing but
 * the customers that orders name. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "base/text.h"
#include "door/import.h"

static char *tidy(struct arena *arena, const char *cell)
{
	char *text = text_trim(arena_strdup(arena, cell));
	if (text[0] == '\'' && text[1] && strchr("=+-@\t\r", text[1]))
		text++;
	return text;
}

const char *import_cell(struct import *import, int field)
{
	for (size_t i = 0; i < import->n_columns && i < import->csv.n; i++) {
		if (import->columns[i] != field)
			continue;
		const char *text = tidy(import->row, import->csv.cells[i]);
		return text[0] ? text : NULL;
	}
	return NULL;
}

const char *import_unnamed(struct import *import, size_t column)
{
	if (import->columns[column] >= 0 || column >= import->csv.n ||
	        !import->headings[column][0])
		return NULL;
	const char *text = tidy(import->row, import->csv.cells[column]);
	return text[0] ? text : NULL;
}

void import_refuse(struct import *import, int line, const char *fmt, ...)
{
	struct buf detail = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&detail, fmt, ap);
	va_end(ap);
	json_t *text = json_string(detail.data ? detail.data : "");
	buf_free(&detail);
	json_t *row = json_object();
	json_object_set_new(row, "line", json_integer(line));
	json_object_set_new(row, "detail", text ? text : json_string(""));
	json_array_append_new(import->rejected, row);
}

void import_leave_out(struct import *import, int field, const char *detail)
{
	import_refuse(
	        import, import->line, "%s: %s", import->kind->fields[field].name, detail);
}

int import_yes(const char *word)
{
	static const char *const yes[] = {"y", "yes", "1", "true", "o", "on", "예", "네",
	        "동의", "동의함", "수신", "수신동의", "수신함", "허용", "t"};
	static const char *const no[] = {"n", "no", "0", "false", "x", "off", "아니오",
	        "아니요", "거부", "거부함", "미동의", "비동의", "동의안함", "수신거부",
	        "수신안함", "거절", "f"};
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		if (strcasecmp(word, yes[i]) == 0)
			return 1;
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (strcasecmp(word, no[i]) == 0)
			return 0;
	return -1;
}

bool import_spoilt(const char *cell)
{
	size_t i = strspn(cell, "0123456789.");
	return i > 0 && (cell[i] == 'E' || cell[i] == 'e') && cell[i + 1] == '+' &&
	       cell[i + 2] && strspn(cell + i + 2, "0123456789") == strlen(cell + i + 2);
}

/* "오후 3:04:05", "15:04": ms of the day or -1. */
static int time_of_day(const char *text)
{
	bool am = strncmp(text, "오전", strlen("오전")) == 0,
	     pm = strncmp(text, "오후", strlen("오후")) == 0;
	int hour, minute, second = 0, used = 0;
	if (am || pm)
		text += strlen("오전");
	if (sscanf(text, " %2d:%2d%n", &hour, &minute, &used) < 2 || hour < 0 ||
	        minute < 0)
		return -1;
	text += used;
	used = 0;
	if (*text == ':' && (sscanf(text, ":%2d%n", &second, &used) < 1 || second < 0))
		return -1;
	text += used;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	if (*text || minute > 59 || second > 59 || hour > (am || pm ? 12 : 23))
		return -1;
	if ((am || pm) && hour == 12)
		hour = 0;
	return (((pm ? hour + 12 : hour) * 60 + minute) * 60 + second) * 1000;
}

/* Up to most digits; NULL when there is none. */
static const char *digits(const char *p, int most, int *out)
{
	const char *from = p;
	for (*out = 0; *p >= '0' && *p <= '9' && p - from < most; p++)
		*out = *out * 10 + (*p - '0');
	return p == from ? NULL : p;
}

static const char *dash(const char *p)
{
	if (!p || !*p || !strchr("-./", *p))
		return NULL;
	return p + 1 + (p[1] == ' ');
}

/* The date that the text begins with; what comes behind it, or NULL. */
static const char *date(const char *text, int32_t *out)
{
	int year, month, day;
	const char *p = dash(digits(text, 4, &year));
	p = p ? dash(digits(p, 2, &month)) : NULL;
	p = p ? digits(p, 2, &day) : NULL;
	if (!p || !calendar_valid(year, month, day))
		return NULL;
	*out = calendar_day(year, month, day);
	return p + (*p == '.');
}

int import_time(struct import *import, const char *text, int64_t *ms)
{
	int32_t day;
	int ms_of_day = 0;
	if (calendar_parse_time(text, ms) == 0)
		return 0;
	const char *rest = date(text, &day);
	if (!rest && calendar_parse_date(text, &day) == 0)
		rest = "";
	if (!rest || (*rest && *rest != ' ' && *rest != 'T'))
		return -1;
	if (*rest && (ms_of_day = time_of_day(rest + 1)) < 0)
		return -1;
	*ms = zone_instant(import->zone, day, ms_of_day);
	return 0;
}

/* 1012345678 and 10-1234-5678: a mobile number without its zero. */
static bool lost_zero(const char *text)
{
	size_t digits = 0, len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9')
			digits++;
		else if (!strchr("- .", text[i]))
			return false;
	}
	return digits == 10 && strncmp(text, "10", 2) == 0;
}

int import_phone(const char *text, char out[24], bool *restored)
{
	char whole[48];
	*restored = false;
	if (strlen(text) > 40)
		return -1;
	if (!lost_zero(text))
		return text_phone(text, out);
	snprintf(whole, sizeof whole, "0%s", text);
	*restored = text_phone(whole, out) == 0;
	return *restored ? 0 : -1;
}

void import_restored(struct import *import, int line)
{
	size_t n = json_array_size(import->restored);
	if (!n || json_integer_value(json_array_get(import->restored, n - 1)) != line)
		json_array_append_new(import->restored, json_integer(line));
}

/* A number that may be somebody's id in the shop's system as well: it is a phone number
 * where one has it. */
static bool is_phone(struct import *import, const char *cell, int line, char phone[24])
{
	bool restored;
	if (import_phone(cell, phone, &restored))
		return false;
	if (restored && customer_of_phone(import->db, phone))
		import_restored(import, line);
	else if (restored)
		return false;
	return restored || cell[0] == '0' || cell[0] == '+';
}

int64_t import_customer(struct import *import, const char *cell, int line, bool make)
{
	struct profile profile = {0};
	char phone[24], email[320];
	if (!cell) {
		import_refuse(import, line, "%s",
		        TR("the row names no customer",
		                "누구의 것인지 적혀 있지 않습니다"));
		return 0;
	}
	if (import_spoilt(cell) || strlen(cell) > 200) {
		import_refuse(import, line, "%s",
		        TR("customer: a spreadsheet has shortened this number; format "
		           "the "
		           "column as text and export it again",
		                "customer: 스프레드시트가 숫자를 줄여 놓았습니다. 열을 "
		                "텍스트로 바꾸어 다시 내보내 주세요"));
		return 0;
	}
	int64_t id = customer_find(import->db, cell);
	if (id)
		return id;
	if (is_phone(import, cell, line, phone))
		profile.phone = phone;
	else if (strchr(cell, '@') && text_email(cell, email, sizeof email) == 0)
		profile.email = email;
	else
		profile.ref = cell;
	if (make || !profile.ref)
		id = import_upsert(import, &profile);
	if (!id)
		import_refuse(import, line, "%s",
		        TR("there is no such customer", "그런 고객이 없습니다"));
	return id;
}
