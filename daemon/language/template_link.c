/* Gives the names in a template their meaning: the table of variables, the program's
 * fields, the conditions. It fills nothing in. */
#include "language/template_code.h"

#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "store/event.h"

struct known {
	const char *english, *korean;
	enum variable variable;
	enum value_kind value;
};

static const struct known known[] = {
        {"customer.name", "고객.이름", VAR_CUSTOMER_NAME, VALUE_TEXT},
        {"customer.id", "고객.번호", VAR_CUSTOMER_ID, VALUE_TEXT},
        {"customer.phone", "고객.전화", VAR_CUSTOMER_PHONE, VALUE_TEXT},
        {"customer.email", "고객.이메일", VAR_CUSTOMER_EMAIL, VALUE_TEXT},
        {"customer.city", "고객.지역", VAR_CUSTOMER_CITY, VALUE_TEXT},
        {"customer.grade", "고객.등급", VAR_CUSTOMER_GRADE, VALUE_TEXT},
        {"customer.gender", "고객.성별", VAR_CUSTOMER_GENDER, VALUE_TEXT},
        {"customer.language", "고객.언어", VAR_CUSTOMER_LANGUAGE, VALUE_TEXT},
        {"customer.age", "고객.나이", VAR_CUSTOMER_AGE, VALUE_NUMBER},
        {"customer.birthday", "고객.생일", VAR_CUSTOMER_BIRTHDAY, VALUE_DATE},
        {"customer.joined", "고객.가입일", VAR_CUSTOMER_JOINED, VALUE_TIME},
        {"orders.count", "주문.횟수", VAR_ORDERS_COUNT, VALUE_NUMBER},
        {"orders.total", "주문.금액", VAR_ORDERS_TOTAL, VALUE_NUMBER},
        {"orders.average", "주문.평균", VAR_ORDERS_AVERAGE, VALUE_NUMBER},
        {"orders.first", "주문.첫", VAR_ORDERS_FIRST, VALUE_TIME},
        {"orders.last", "주문.마지막", VAR_ORDERS_LAST, VALUE_TIME},
        {"cart.count", "장바구니.개수", VAR_CART_COUNT, VALUE_NUMBER},
        {"cart.total", "장바구니.금액", VAR_CART_TOTAL, VALUE_NUMBER},
        {"shop.name", "가게.이름", VAR_SHOP_NAME, VALUE_TEXT},
        {"shop.phone", "가게.전화", VAR_SHOP_PHONE, VALUE_TEXT},
        {"shop.address", "가게.주소", VAR_SHOP_ADDRESS, VALUE_TEXT},
        {"coupon.code", "쿠폰.코드", VAR_COUPON_CODE, VALUE_TEXT},
        {"coupon.expires", "쿠폰.만료", VAR_COUPON_EXPIRES, VALUE_TIME},
        {"coupon.discount", "쿠폰.할인", VAR_COUPON_DISCOUNT, VALUE_TEXT},
        {"coupon.minimum", "쿠폰.최소", VAR_COUPON_MINIMUM, VALUE_NUMBER},
        {"coupon.url", "쿠폰.링크", VAR_COUPON_URL, VALUE_TEXT},
        {"unsubscribe", "수신거부", VAR_UNSUBSCRIBE, VALUE_TEXT},
        {"consent.what", "동의.내용", VAR_CONSENT_WHAT, VALUE_TEXT},
        {"consent.date", "동의.일자", VAR_CONSENT_DATE, VALUE_TIME},
        {"consent.result", "동의.결과", VAR_CONSENT_RESULT, VALUE_TEXT},
        {"consent.how", "동의.방법", VAR_CONSENT_HOW, VALUE_TEXT},
        {"name", "이름", VAR_CUSTOMER_NAME, VALUE_TEXT},
        {"city", "지역", VAR_CUSTOMER_CITY, VALUE_TEXT},
        {"grade", "등급", VAR_CUSTOMER_GRADE, VALUE_TEXT},
};
#define N_KNOWN (sizeof(known) / sizeof(known[0]))

static const struct {
	const char *english, *korean;
} roots[] = {
        {"customer", "고객"},
        {"orders", "주문"},
        {"cart", "장바구니"},
        {"shop", "가게"},
        {"coupon", "쿠폰"},
        {"consent", "동의"},
        {"event", "이벤트"},
        {"event", "trigger"},
        {"event", "계기"},
        {"data", "자료"},
};

static const struct {
	const char *english, *korean;
	enum value_kind value;
} item_fields[] = {
        {"sku", "상품코드", VALUE_TEXT},
        {"name", "이름", VALUE_TEXT},
        {"category", "분류", VALUE_TEXT},
        {"quantity", "수량", VALUE_NUMBER},
        {"price", "가격", VALUE_NUMBER},
};

struct link {
	struct template_code *code;
	struct arena *arena;
	const struct code_use *use;
	struct diag *diag;
};

#define mistake(l, node, ...) \
	diag_error((l)->diag, \
	        code_place(&(l)->code->file, (node)->from, (node)->to, (l)->diag), \
	        (l)->code->file.text, __VA_ARGS__)

/* A path whose first word is a root in either spelling, with the English root:
 * "고객.이름" to "customer.이름". */
static const char *english_root(struct arena *arena, const char *path)
{
	size_t len = strcspn(path, ".");

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]) && path[len]; i++)
		if (strlen(roots[i].korean) == len &&
		        !strncmp(path, roots[i].korean, len))
			return arena_printf(arena, "%s%s", roots[i].english, path + len);
	return path;
}

/* Either spelling of the field after either spelling of the root. */
static const struct known *find_known(struct arena *arena, const char *path)
{
	const char *rooted = english_root(arena, path);
	const char *field = strchr(rooted, '.');

	for (size_t i = 0; i < N_KNOWN; i++) {
		const char *dot = strchr(known[i].english, '.'),
		           *korean = strchr(known[i].korean, '.');

		if (!strcmp(rooted, known[i].english) || !strcmp(path, known[i].korean))
			return &known[i];
		if (field && dot && korean && !strcmp(field, korean) &&
		        field - rooted == dot - known[i].english &&
		        !strncmp(rooted, known[i].english,
		                (size_t)(dot - known[i].english)))
			return &known[i];
	}
	return NULL;
}

static enum value_kind kind_of(enum field_type type)
{
	switch (type) {
	case FIELD_NUMBER:
	case FIELD_MONEY:
		return VALUE_NUMBER;
	case FIELD_TEXT:
		return VALUE_TEXT;
	case FIELD_DATE:
		return VALUE_DATE;
	case FIELD_TIME:
		return VALUE_TIME;
	case FIELD_YESNO:
		return VALUE_YESNO;
	}
	return VALUE_ANY;
}

/* False: there is none to show. */
static bool hint_declaration(
        struct link *l, struct diag_item *item, const char *path, bool only_seen)
{
	const char *declaration =
	        program_declaration(l->use->program, path, l->use->event_type, only_seen);

	if (declaration)
		diag_hint(l->diag, item,
		        TR("declare it in a rule file: fields { %s }",
		                "규칙 파일에 선언하세요: 항목들 { %s }"),
		        declaration);
	return declaration != NULL;
}

static void unknown(struct link *l, struct node *node, const char *nearest)
{
	const char *names[N_KNOWN * 2 + 1];
	size_t n = N_KNOWN * 2;
	const char *near;
	struct diag_item *item;

	for (size_t i = 0; i < N_KNOWN; i++) {
		names[2 * i] = known[i].english;
		names[2 * i + 1] = known[i].korean;
	}
	if (nearest)
		names[n++] = nearest;
	near = text_nearest(node->written, names, n);
	item = mistake(
	        l, node, TR("unknown variable '%s'", "모르는 변수 '%s'"), node->written);
	if (!near)
		near = nearest;
	if (hint_declaration(l, item, node->written, true))
		return;
	if (near)
		diag_hint(l->diag, item, TR("did you mean '%s'?", "혹시 '%s'인가요?"),
		        near);
	else
		hint_declaration(l, item, node->written, false);
}

static bool event_allowed(struct link *l, struct node *node)
{
	if (l->use->has_event)
		return true;
	mistake(l, node,
	        TR("rule '%s' uses this template, and no event starts that rule: '%s' "
	           "has no value there",
	                "규칙 '%s'이(가) 이 양식을 쓰는데, 그 규칙은 이벤트로 시작하지 "
	                "않아 '%s'의 값이 없습니다"),
	        l->use->rule, node->written);
	return false;
}

static void link_event(struct link *l, struct node *node, const char *path)
{
	const char *nearest = NULL, *found;
	enum field_type type = FIELD_TEXT;

	if (!event_allowed(l, node))
		return;
	found = program_path(l->use->program, path, l->use->event_type, &type, &nearest);
	if (!found) {
		unknown(l, node, nearest);
		return;
	}
	found = strchr(found, '.');
	node->variable = VAR_EVENT;
	node->field = arena_strdup(l->arena, found ? found + 1 : path + 6);
	node->value = kind_of(type);
}

static void link_attribute(struct link *l, struct node *node, const char *path)
{
	const char *nearest = NULL;
	enum field_type type = FIELD_TEXT;
	const char *found = program_path(l->use->program, path, NULL, &type, &nearest);

	if (!found || strncmp(found, "customer.", 9)) {
		unknown(l, node, nearest);
		return;
	}
	node->variable = VAR_ATTRIBUTE;
	node->field = arena_strdup(l->arena, found + 9);
	node->value = kind_of(type);
}

static void link_item(struct link *l, struct node *node)
{
	const char *names[sizeof(item_fields) / sizeof(item_fields[0])];
	size_t n = sizeof(item_fields) / sizeof(item_fields[0]);
	const char *near;
	struct diag_item *item;

	for (size_t i = 0; i < n && node->field; i++) {
		names[i] = item_fields[i].english;
		if (strcmp(node->field, item_fields[i].english) &&
		        strcmp(node->field, item_fields[i].korean))
			continue;
		node->field = item_fields[i].english;
		node->value = item_fields[i].value;
		return;
	}
	item = mistake(
	        l, node, TR("unknown variable '%s'", "모르는 변수 '%s'"), node->written);
	near = node->field ? text_nearest(node->field, names, n) : NULL;
	if (near)
		diag_hint(l->diag, item, TR("did you mean '%s'?", "혹시 '%s'인가요?"),
		        near);
	else
		diag_hint(l->diag, item,
		        TR("an item has sku, name, category, quantity and price",
		                "상품에는 sku, name(이름), category(분류), "
		                "quantity(수량), price(가격)가 있습니다"));
}

static void coupon_missing(struct link *l, struct node *node)
{
	struct diag_item *item;

	if (l->use->coupon == COUPON_SOMETIMES)
		item = diag_warn(l->diag,
		        code_place(&l->code->file, node->from, node->to, l->diag),
		        l->code->file.text,
		        TR("rule '%s' gives a coupon on some ways to this message only: "
		           "'%s' is empty for the others",
		                "규칙 '%s'에는 쿠폰을 주지 않고 이 메시지에 이르는 길이 "
		                "있어 그때는 '%s'이(가) 비어 있습니다"),
		        l->use->rule, node->written);
	else
		item = mistake(l, node,
		        TR("rule '%s' uses this template but gives no coupon before it: "
		           "'%s' has no value there",
		                "규칙 '%s'이(가) 이 양식을 쓰지만 그 앞에 쿠폰을 주지 "
		                "않아 "
		                "'%s'의 값이 없습니다"),
		        l->use->rule, node->written);
	diag_hint(l->diag, item,
	        TR("add 'give coupon NAME' before the send",
	                "보내기 앞에 '쿠폰 이름 주기'를 넣으세요"));
}

static void link_known(struct link *l, struct node *node, const struct known *found)
{
	bool coupon =
	        found->variable >= VAR_COUPON_CODE && found->variable <= VAR_COUPON_URL;

	if (coupon && l->use->coupon != COUPON_ALWAYS)
		coupon_missing(l, node);
	if (found->variable >= VAR_CONSENT_WHAT && found->variable <= VAR_CONSENT_HOW &&
	        !l->use->notice)
		mistake(l, node,
		        TR("only a notice of consent has '%s'; rule '%s' uses this "
		           "template for something else",
		                "'%s'은(는) 수신동의 안내에만 있는데, 규칙 '%s'이(가) 이 "
		                "양식을 다른 데 씁니다"),
		        node->written, l->use->rule ? l->use->rule : "");
	if (found->variable == VAR_UNSUBSCRIBE || found->variable == VAR_CONSENT_HOW)
		l->code->unsubscribes = true;
	l->code->shows |= UINT64_C(1) << found->variable;
	node->variable = found->variable;
	node->value = found->value;
}

/* `list_of_data`: each loop's items come from data.…, whose fields nobody declares. */
static void link_value(struct link *l, struct node *node, unsigned list_of_data)
{
	const struct known *found;
	const char *path;

	if (node->variable == VAR_LINK)
		return;
	if (node->variable == VAR_ITEM) {
		if (!(list_of_data >> node->loop & 1))
			link_item(l, node);
		return;
	}
	found = find_known(l->arena, node->written);
	if (found) {
		link_known(l, node, found);
		return;
	}
	path = english_root(l->arena, node->written);
	if (!strncmp(path, "data.", 5)) {
		node->variable = VAR_DATA;
		node->field = path + 5;
	} else if (!strncmp(path, "event.", 6)) {
		link_event(l, node, path);
	} else if (!strncmp(path, "customer.", 9)) {
		link_attribute(l, node, path);
	} else {
		unknown(l, node, NULL);
	}
}

/* A filter that could never do anything with what it gets. */
static void check_filters(struct link *l, struct node *node)
{
	enum value_kind value = node->value;

	for (struct filter *f = node->filters; f; f = f->next) {
		bool number = f->kind == FILTER_WON || f->kind == FILTER_NUMBER;
		bool date = f->kind == FILTER_DATE || f->kind == FILTER_TIME;
		bool dated = value == VALUE_DATE || value == VALUE_TIME;

		if (number && value != VALUE_NUMBER && value != VALUE_ANY)
			mistake(l, node,
			        TR("'%s' is no number: '|%s' cannot show it",
			                "'%s'은(는) 수가 아니어서 '|%s'(으)로 쓸 수 "
			                "없습니다"),
			        node->written, f->kind == FILTER_WON ? "won" : "number");
		if (date && !dated && value != VALUE_ANY)
			mistake(l, node,
			        TR("'%s' is no date: '|%s' cannot show it",
			                "'%s'은(는) 날짜가 아니어서 '|%s'(으)로 쓸 수 "
			                "없습니다"),
			        node->written, f->kind == FILTER_DATE ? "date" : "time");
		if (f->kind != FILTER_DEFAULT)
			value = VALUE_TEXT;
	}
}

static void link_for(struct link *l, struct node *node)
{
	const struct event_type *type;

	if (node->variable != VAR_EVENT || !event_allowed(l, node) || !l->use->event_type)
		return;
	type = event_type_find(l->use->event_type);
	if (!type)
		return;
	for (const struct event_field *field = type->fields; field->name; field++)
		if (field->type == 'i')
			return;
	mistake(l, node,
	        TR("rule '%s' uses this template, and an event %s lists no items",
	                "규칙 '%s'이(가) 이 양식을 쓰는데, %s 이벤트에는 상품 목록이 "
	                "없습니다"),
	        l->use->rule ? l->use->rule : "", type->name);
}

static void link_list(struct link *l, struct node *list, unsigned list_of_data)
{
	for (struct node *node = list; node; node = node->next) {
		struct cond *cond;
		unsigned within = list_of_data;

		switch (node->kind) {
		case NODE_TEXT:
			break;
		case NODE_VALUE:
			link_value(l, node, list_of_data);
			check_filters(l, node);
			break;
		case NODE_IF:
			cond = program_condition(l->use->program, &l->code->file,
			        node->from, node->to, l->use->has_event,
			        l->use->event_type, l->diag);
			if (!node->cond)
				node->cond = cond;
			break;
		case NODE_FOR:
			link_for(l, node);
			within &= ~(1u << node->loop);
			within |= (unsigned)(node->variable == VAR_DATA) << node->loop;
			break;
		}
		link_list(l, node->body, within);
		link_list(l, node->otherwise, within);
	}
}

void code_link(struct template_code *code, struct arena *arena,
        const struct code_use *use, struct diag *diag)
{
	struct link l = {.code = code, .arena = arena, .use = use, .diag = diag};

	link_list(&l, code->subject, 0);
	link_list(&l, code->from, 0);
	link_list(&l, code->reply_to, 0);
	link_list(&l, code->text, 0);
	for (size_t i = 0; i < code->n_buttons; i++)
		link_list(&l, code->buttons[i].url, 0);
	for (int i = 0; i < 3; i++)
		link_list(&l, code->coupon[i], 0);
	link_list(&l, code->body, 0);
}
