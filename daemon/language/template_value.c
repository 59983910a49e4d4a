/* Finds a template's values and puts them through their filters. A value is never read as
 * a template. */
#include "language/template_value.h"
#include "language/template_notice.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "base/json_pool.h"
#include "base/text.h"

enum shape { SHAPE_NONE, SHAPE_TEXT, SHAPE_INT, SHAPE_DAY, SHAPE_TIME };
struct value {
	enum shape shape;
	const char *text;
	int64_t n; /* SHAPE_INT, SHAPE_DAY (days), SHAPE_TIME (ms) */
};

/* ---- values ---- */

static struct value text_of(const char *text)
{
	return (struct value){
	        .shape = text && *text ? SHAPE_TEXT : SHAPE_NONE, .text = text};
}

static struct value int_of(int64_t n)
{
	return (struct value){.shape = SHAPE_INT, .n = n};
}

static struct value time_of(int64_t ms)
{
	return (struct value){.shape = ms ? SHAPE_TIME : SHAPE_NONE, .n = ms};
}

static json_t *walk(json_t *object, const char *path)
{
	char name[128];

	while (object && path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		object = json_object_get(object, name);
		path = path[len] ? path + len + 1 : NULL;
	}
	return object;
}

static struct value of_json(struct value_source *r, json_t *json)
{
	double real;

	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_STRING:
		return text_of(arena_strdup(r->arena, json_string_value(json)));
	case JSON_INTEGER:
		return int_of(json_integer_value(json));
	case JSON_REAL:
		real = json_real_value(json);
		if (real == floor(real) && fabs(real) < 9e15)
			return int_of((int64_t)real);
		return text_of(arena_printf(r->arena, "%.10g", real));
	case JSON_TRUE:
		return text_of(r->korean ? "예" : "yes");
	case JSON_FALSE:
		return text_of(r->korean ? "아니오" : "no");
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return (struct value){.shape = SHAPE_NONE};
}

/* For as long as one letter is written. */
static json_t *read_json(const char *text)
{
	json_t *json;

	json_pool_begin();
	json = json_loads(text, 0, NULL);
	json_pool_end();
	return json;
}

/* The field of what the caller gave with the message, else of the event. */
static json_t *event_json(struct value_source *r, const char *field)
{
	const struct event *event = r->moment.event;
	json_t *found = walk(r->in->data, field);

	if (found)
		return found;
	if (!r->event_read && event && event->data)
		r->event = read_json(event->data);
	r->event_read = true;
	return walk(r->event, field);
}

/* What the store keeps of an event in columns need not stand in its data. */
static struct value event_column(const struct event *event, const char *field)
{
	if (!event)
		return (struct value){.shape = SHAPE_NONE};
	if (!strcmp(field, "total") && event->has_total)
		return int_of(event->total);
	if (!strcmp(field, "sku"))
		return text_of(event->sku);
	if (!strcmp(field, "category"))
		return text_of(event->category);
	if (!strcmp(field, "order"))
		return text_of(event->order);
	if (!strcmp(field, "time"))
		return time_of(event->time);
	if (!strcmp(field, "id"))
		return text_of(event->eid);
	return (struct value){.shape = SHAPE_NONE};
}

static struct value event_value(struct value_source *r, const char *field)
{
	json_t *json = event_json(r, field);

	return json ? of_json(r, json) : event_column(r->moment.event, field);
}

static struct value attribute_value(struct value_source *r, const char *field)
{
	const struct customer *customer = r->in->customer;
	json_t *whole;

	if (!customer || !customer->attributes)
		return (struct value){.shape = SHAPE_NONE};
	if (!r->attributes_read)
		r->attributes = read_json(customer->attributes);
	r->attributes_read = true;
	whole = json_object_get(r->attributes, field);
	return of_json(r, whole ? whole : walk(r->attributes, field));
}

static struct value age_of(struct value_source *r, const struct customer *customer)
{
	struct civil today;
	int age;

	if (!customer->birth_year || !r->moment.zone)
		return (struct value){.shape = SHAPE_NONE};
	today = calendar_civil(zone_day(r->moment.zone, r->moment.now));
	age = today.year - customer->birth_year -
	      (today.month * 100 + today.day < customer->birth_md);
	return age < 0 ? (struct value){.shape = SHAPE_NONE} : int_of(age);
}

static struct value birthday_of(struct value_source *r, const struct customer *customer)
{
	struct birthday birthday = {
	        .year = customer->birth_year, .month_day = customer->birth_md};
	char text[16];

	if (!customer->birth_md)
		return (struct value){.shape = SHAPE_NONE};
	return text_of(arena_strdup(r->arena, text_birthday_format(&birthday, text)));
}

static struct value phone_of(struct value_source *r, const struct customer *customer)
{
	char text[24];

	if (!customer->phone)
		return (struct value){.shape = SHAPE_NONE};
	return text_of(
	        arena_strdup(r->arena, text_phone_national(customer->phone, text)));
}

static struct value customer_value(struct value_source *r, enum variable variable)
{
	const struct customer *c = r->in->customer;
	struct value none = {.shape = SHAPE_NONE};

	if (!c)
		return none;
	switch ((int)variable) {
	case VAR_CUSTOMER_ID:
		return text_of(c->ref);
	case VAR_CUSTOMER_NAME:
		return text_of(c->name);
	case VAR_CUSTOMER_PHONE:
		return phone_of(r, c);
	case VAR_CUSTOMER_EMAIL:
		return text_of(c->email);
	case VAR_CUSTOMER_CITY:
		return text_of(c->city);
	case VAR_CUSTOMER_GRADE:
		return text_of(c->grade);
	case VAR_CUSTOMER_GENDER:
		return text_of(c->gender);
	case VAR_CUSTOMER_LANGUAGE:
		return text_of(c->language);
	case VAR_CUSTOMER_AGE:
		return age_of(r, c);
	case VAR_CUSTOMER_BIRTHDAY:
		return birthday_of(r, c);
	case VAR_CUSTOMER_JOINED:
		return time_of(c->joined_at);
	case VAR_ORDERS_COUNT:
		return int_of(c->orders_count);
	case VAR_ORDERS_TOTAL:
		return int_of(c->orders_total);
	case VAR_ORDERS_AVERAGE:
		return c->orders_count ? int_of(c->orders_total / c->orders_count) : none;
	case VAR_ORDERS_FIRST:
		return time_of(c->orders_first_at);
	case VAR_ORDERS_LAST:
		return time_of(c->orders_last_at);
	case VAR_CART_COUNT:
		return int_of(c->cart_count);
	case VAR_CART_TOTAL:
		return int_of(c->cart_total);
	default:
		return none;
	}
}

static struct value consent_value(struct value_source *r, enum variable variable)
{
	json_t *changes = event_json(r, "changes");
	struct notice_way way = {r->in->unsubscribe, r->in->refuse, r->in->shop->phone};

	switch ((int)variable) {
	case VAR_CONSENT_WHAT:
		return text_of(template_notice_what(
		        r->arena, changes, r->moment.zone, r->korean));
	case VAR_CONSENT_DATE:
		return time_of(template_notice_date(changes));
	case VAR_CONSENT_RESULT:
		return text_of(
		        r->korean ? "정상 처리되었습니다" : "it has been recorded");
	default:
		return text_of(template_notice_how(r->arena, changes, &way, r->korean));
	}
}

static struct value value_of(struct value_source *r, const struct node *node)
{
	const struct rendering *in = r->in;

	switch ((int)node->variable) {
	case VAR_SHOP_NAME:
		return text_of(in->shop->name);
	case VAR_SHOP_PHONE:
		return text_of(in->shop->phone);
	case VAR_SHOP_ADDRESS:
		return text_of(in->shop->address);
	case VAR_COUPON_CODE:
		return text_of(in->coupon_code);
	case VAR_COUPON_EXPIRES:
		return time_of(in->coupon_expires);
	case VAR_COUPON_DISCOUNT:
		return text_of(in->coupon_discount);
	case VAR_COUPON_MINIMUM:
		return in->coupon_code ? int_of(in->coupon_minimum) : text_of(NULL);
	case VAR_COUPON_URL:
		return text_of(in->coupon_url);
	case VAR_UNSUBSCRIBE:
		return text_of(in->unsubscribe);
	case VAR_CONSENT_WHAT:
	case VAR_CONSENT_DATE:
	case VAR_CONSENT_RESULT:
	case VAR_CONSENT_HOW:
		return consent_value(r, node->variable);
	case VAR_LINK:
		return text_of(
		        in->track ? in->track(in->track_arg, node->field) : node->field);
	case VAR_ATTRIBUTE:
		return attribute_value(r, node->field);
	case VAR_EVENT:
		return event_value(r, node->field);
	case VAR_DATA:
		return of_json(r, walk(in->data, node->field));
	case VAR_ITEM:
		return of_json(r, walk(r->items[node->loop], node->field));
	default:
		return customer_value(r, node->variable);
	}
}

/* ---- filters ---- */

static const char *day_text(struct value_source *r, int32_t day)
{
	struct civil c = calendar_civil(day);
	char text[16];

	if (r->korean)
		return arena_printf(r->arena, "%d년 %d월 %d일", c.year, c.month, c.day);
	return arena_strdup(r->arena, calendar_format_date(day, text));
}

static const char *date_text(
        struct value_source *r, const struct value *value, bool with_time)
{
	int ms;

	if (value->shape == SHAPE_DAY)
		return day_text(r, (int32_t)value->n);
	if (!with_time)
		return day_text(r, zone_day(r->moment.zone, value->n));
	ms = zone_ms_of_day(r->moment.zone, value->n);
	return arena_printf(r->arena, "%s %02d:%02d",
	        day_text(r, zone_day(r->moment.zone, value->n)), ms / (int)MS_HOUR,
	        ms / (int)MS_MINUTE % 60);
}

/* A text that says a date or an instant becomes one; others stay as they are. */
static void as_date(struct value *value)
{
	int32_t day;
	int64_t ms;

	if (value->shape != SHAPE_TEXT)
		return;
	if (!calendar_parse_date(value->text, &day))
		*value = (struct value){.shape = SHAPE_DAY, .n = day};
	else if (!calendar_parse_time(value->text, &ms))
		*value = (struct value){.shape = SHAPE_TIME, .n = ms};
}

static struct value masked(struct value_source *r, const char *text)
{
	struct buf out = {0};
	struct value value;

	text_mask(text, &out);
	value = text_of(arena_strdup(r->arena, out.data));
	buf_free(&out);
	return value;
}

static struct value upper(struct value_source *r, const char *text)
{
	char *out = arena_strdup(r->arena, text);

	for (char *c = out; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return text_of(out);
}

static const char *bare(struct value_source *r, const struct value *value)
{
	switch (value->shape) {
	case SHAPE_NONE:
		return "";
	case SHAPE_TEXT:
		return value->text;
	case SHAPE_INT:
		return arena_printf(r->arena, "%" PRId64, value->n);
	case SHAPE_DAY:
	case SHAPE_TIME:
		return date_text(r, value, false);
	}
	return "";
}

static struct value filtered(
        struct value_source *r, struct value value, const struct filter *filter)
{
	char text[32];

	if (filter->kind == FILTER_DEFAULT)
		return value.shape == SHAPE_NONE ? text_of(filter->text) : value;
	if (value.shape == SHAPE_NONE)
		return value;
	switch (filter->kind) {
	case FILTER_WON:
	case FILTER_NUMBER:
		if (value.shape != SHAPE_INT)
			return value;
		return text_of(arena_printf(r->arena, "%s%s", text_number(value.n, text),
		        filter->kind == FILTER_WON ? "원" : ""));
	case FILTER_DATE:
	case FILTER_TIME:
		as_date(&value);
		if (value.shape == SHAPE_DAY || value.shape == SHAPE_TIME)
			return text_of(date_text(r, &value, filter->kind == FILTER_TIME));
		return value;
	case FILTER_UPPER:
		return upper(r, bare(r, &value));
	case FILTER_MASK:
		return masked(r, bare(r, &value));
	case FILTER_DEFAULT:
		break;
	}
	return value;
}

/* ---- outside ---- */

const char *template_value(struct value_source *r, const struct node *node)
{
	struct value value = value_of(r, node);

	for (const struct filter *filter = node->filters; filter; filter = filter->next)
		value = filtered(r, value, filter);
	if (!node->filters && (node->value == VALUE_DATE || node->value == VALUE_TIME)) {
		bool instant =
		        node->variable == VAR_EVENT || node->variable == VAR_ATTRIBUTE;

		as_date(&value);
		if (value.shape == SHAPE_TIME && instant && node->value == VALUE_TIME)
			value = text_of(date_text(r, &value, true));
	}
	return bare(r, &value);
}

json_t *template_value_list(struct value_source *r, const struct node *loop)
{
	json_t *list = loop->variable == VAR_DATA ? walk(r->in->data, loop->field)
	                                          : event_json(r, loop->field);

	return json_is_array(list) ? list : NULL;
}

void template_value_fini(struct value_source *r)
{
	json_decref(r->event);
	json_decref(r->attributes);
}
