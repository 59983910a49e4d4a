/* /v1/preview, /v1/test-sends: how a message would read, on a screen or at an address of
 * the owner's. Neither takes a coupon, nor counts for anybody. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "delivery/letter.h"
#include "delivery/sample.h"
#include "door/api.h"
#include "door/routes.h"

static const struct ruleset *ruleset(struct call *call)
{
	return call->api->engine->ruleset;
}

struct preview {
	struct call *call;
	int64_t customer;
	const struct rule *rule; /* or NULL */
	json_t *messages;
};

/* What the carrier counts, and what it will ask for it: null where nobody said. */
static void add_size(json_t *json, const struct letter *letter)
{
	if (letter->kind) {
		json_object_set_new(
		        json, "bytes", json_integer(text_cp949_len(letter->text, NULL)));
		json_object_set_new(json, "kind", json_string(letter->kind));
	}
	if (letter->image)
		json_object_set_new(
		        json, "image", json_string(strrchr(letter->image, '/') + 1));
	json_object_set_new(json, "price",
	        letter->price.said ? json_integer(letter->price.won) : json_null());
}

static json_t *letter_json(const struct letter *letter)
{
	json_t *json = json_object();
	json_object_set_new(
	        json, "to", letter->to ? json_string(letter->to) : json_null());
	json_object_set_new(
	        json, "from", letter->from ? json_string(letter->from) : json_null());
	json_object_set_new(json, "subject",
	        letter->subject ? json_string(letter->subject) : json_null());
	json_object_set_new(
	        json, "text", letter->text ? json_string(letter->text) : json_null());
	json_object_set_new(
	        json, "html", letter->html ? json_string(letter->html) : json_null());
	json_object_set_new(json, "coupon",
	        letter->coupon ? json_string(letter->coupon) : json_null());
	json_object_set_new(json, "ad", json_boolean(letter->ad));
	add_size(json, letter);
	return json;
}

/* An advertisement that would wait for its channel's budget if it left now. */
static void add_budget(
        struct call *call, json_t *json, const char *channel, const struct letter *letter)
{
	json_t *budget = letter->ad && letter->price.said
	                         ? call_budget_json(call, channel, letter->price.won)
	                         : NULL;
	json_object_set_new(json, "budget", budget ? budget : json_null());
}

static void show(struct preview *preview, const char *channel, const char *template)
{
	struct call *call = preview->call;
	char why[256] = "";
	bool made_up = false;
	struct letter *letter = dispatch_preview(call->api->dispatch, channel, template,
	        preview->customer, preview->rule, call->now, &made_up, why);
	json_t *json = letter ? letter_json(letter) : json_object();
	if (letter)
		add_budget(call, json, channel, letter);
	letter_free(letter);
	json_object_set_new(json, "channel", json_string(channel));
	json_object_set_new(json, "template", json_string(template));
	json_object_set_new(json, "sample_event", json_boolean(made_up));
	if (!letter)
		json_object_set_new(json, "problem", json_string(why));
	json_array_append_new(preview->messages, json);
}

static void show_rule(struct preview *preview, const char *channel)
{
	for (size_t i = 0; i < preview->rule->n_ops; i++) {
		const struct op *op = &preview->rule->ops[i];
		for (size_t leg = 0; op->kind == OP_SEND && leg < op->n_legs; leg++)
			if (!channel || strcmp(channel, op->legs[leg].channel) == 0)
				show(preview, op->legs[leg].channel,
				        op->legs[leg].template);
	}
}

static bool shown_before(const struct templates *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(all->items[k].name, all->items[i].name) == 0 &&
		        strcmp(all->items[k].channel, all->items[i].channel) == 0)
			return true;
	return false;
}

static void show_template(struct preview *preview, const char *name, const char *channel)
{
	const struct ruleset *files = ruleset(preview->call);
	const struct templates *all = files ? files->templates : NULL;
	for (size_t i = 0; all && i < all->n; i++) {
		const struct template *item = &all->items[i];
		if (strcmp(item->name, name) == 0 &&
		        (!channel || strcmp(item->channel, channel) == 0) &&
		        !shown_before(all, i))
			show(preview, item->channel, item->name);
	}
}

/* Fills customer and rule; false after the refusal was answered. */
static bool preview_of(struct preview *preview, const char *rule, const char *customer)
{
	struct call *call = preview->call;
	const struct program *all = ruleset(call) ? ruleset(call)->program : NULL;
	preview->customer = strcmp(customer, "owner") == 0
	                            ? CUSTOMER_OWNER
	                            : customer_find(call->db, customer);
	if (!preview->customer && strcmp(customer, "owner") != 0) {
		call_problem(call, 422, "/customer",
		        TR("there is no such customer", "그런 고객이 없습니다"));
		return false;
	}
	preview->rule = rule && all ? program_rule(all, rule) : NULL;
	if (!rule || preview->rule)
		return true;
	call_problem(call, 422, "/rule",
	        TR("there is no rule '%s' in force: `dangolctl rules` shows those that "
	           "are",
	                "쓰이고 있는 규칙 가운데 '%s'은(는) 없습니다. `dangolctl "
	                "rules`로 볼 "
	                "수 있습니다"),
	        rule);
	return false;
}

static void preview(struct call *call, json_t *body)
{
	const char *rule = NULL, *template = NULL, *channel = NULL, *customer = NULL;
	struct preview it = {.call = call};
	if (!call_member_text(call, body, "customer", true, &customer) ||
	        !call_member_text(call, body, "rule", false, &rule) ||
	        !call_member_text(call, body, "channel", false, &channel) ||
	        !call_member_text(call, body, "template", !rule, &template) ||
	        !preview_of(&it, rule, customer))
		return;
	it.messages = json_array();
	if (rule)
		show_rule(&it, channel);
	else
		show_template(&it, template, channel);
	if (json_array_size(it.messages) > 0 || rule) {
		call_read(call, "preview", customer, rule ? rule : template, 1);
		call_json(call, 200,
		        json_pack("{s:o, s:n}", "messages", it.messages, "next"));
		return;
	}
	json_decref(it.messages);
	call_problem(call, 422, "/template",
	        TR("there is no such template", "그런 템플릿이 없습니다"));
}

void api_preview(struct call *call)
{
	json_t *body = call_object(call, false);
	if (body)
		preview(call, body);
	json_decref(body);
}

/* ---- test messages ---- */

/* The address as the channel takes it; false after 422. */
static bool read_address(
        struct call *call, const char *channel, const char *to, char address[320])
{
	bool mail = !strcmp(channel, "email"), push = !strcmp(channel, "push");

	if (push       ? strlen(to) < 320
	        : mail ? !text_email(to, address, 320)
	               : !text_phone(to, address)) {
		if (push)
			strcpy(address, to);
		return true;
	}
	call_problem(call, 422, "/to",
	        mail ? TR("this is no e-mail address", "메일 주소가 아닙니다")
	             : TR("this is no phone number", "전화번호가 아닙니다"));
	return false;
}

static void plan_test(struct call *call, const struct preview *of, const char *channel,
        const char *template, const char *to, const struct letter *letter)
{
	const struct rule *rule = sample_rule(call->api->engine, channel, template);
	uint8_t bytes[12];
	char occasion[40] = "test:";
	int64_t id;
	json_t *json;

	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, sizeof bytes, occasion + strlen(occasion));
	id = engine_send_test(call->api->engine, of->customer, channel, template,
	        rule ? rule->purpose : PURPOSE_INFO, to, occasion, call->now);
	json = id ? message_json(call->db, id, call->api->shop->zone) : NULL;
	if (!json) {
		call_problem(call, 409, NULL,
		        TR("the message could not be planned",
		                "메시지를 예약하지 못했습니다"));
		return;
	}
	add_size(json, letter);
	call_audit(call, "test.send", json_string_value(json_object_get(json, "id")),
	        template);
	call_json(call, 201, json);
}

static void test_send(struct call *call, json_t *body)
{
	const char *channel = NULL, *template = NULL, *customer = NULL, *to = NULL;
	struct preview it = {.call = call};
	char address[320], why[256] = "";
	struct letter *letter;

	if (!call_member_text(call, body, "customer", true, &customer) ||
	        !call_member_text(call, body, "channel", true, &channel) ||
	        !call_member_text(call, body, "template", true, &template) ||
	        !call_member_text(call, body, "to", true, &to) ||
	        !preview_of(&it, NULL, customer))
		return;
	if (it.customer == CUSTOMER_OWNER || !strcmp(channel, "owner")) {
		call_problem(call, 422, it.customer ? "/channel" : "/customer",
		        TR("a test shows a customer's message; what goes to the owner "
		           "is shown by a preview",
		                "시험 발송은 고객 메시지를 보여 줍니다. 사장님께 가는 "
		                "것은 미리보기로 볼 수 있습니다"));
		return;
	}
	if (!read_address(call, channel, to, address))
		return;
	letter = dispatch_preview(call->api->dispatch, channel, template, it.customer,
	        NULL, call->now, NULL, why);
	if (letter)
		plan_test(call, &it, channel, template, address, letter);
	else
		call_problem(call, 422, "/template", "%s", why);
	letter_free(letter);
}

void api_test_sends_post(struct call *call)
{
	json_t *body = call_object(call, false);
	if (body)
		test_send(call, body);
	json_decref(body);
}
