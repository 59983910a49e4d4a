/* /j/TOKEN: the joining page behind the QR at the counter. Who joins comes in as an
 * event, as from a till; what he agrees to is kept word for word, and shown to him at
 * once. It never tells whether the number was known, and nothing on it lifts a refusal:
 * nobody has proven that the number is his. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "door/api.h"
#include "door/choice.h"
#include "engine/intake.h"
#include "store/consent.h"

#define NAME_CHARS 40
#define NONCE_HEX 32
#define CHOICES 3
/* How often the form is taken: by one link, which hangs at a counter, and by one address,
 * behind which a shop's guests may be. */
#define LINK_HOUR 120
#define LINK_DAY 600
#define ADDRESS_HOUR 30
#define ADDRESS_DAY 100

struct joining {
	const struct call *call;
	const struct token *token;
	struct page page;
	struct choice choices[CHOICES];
	bool ticked[CHOICES];
	const char *nonce, *name, *phone; /* as they were written */
	bool old_enough;
	char e164[24];
	char eid[48]; /* of the event; the same again when the button is pressed twice */
	enum page_word wrong[3];
	size_t n_wrong;
};

static void gather(struct joining *j)
{
	static const char *const all[] = {"sms", "kakao"};
	size_t n = choice_offered(j->call, "kakao") ? 2 : 1;
	j->choices[0] = choice_make(&j->page, "ad", WORDING_AD, all, n);
	j->choices[1] = choice_make(&j->page, "night", WORDING_NIGHT, all, n);
	j->choices[2] = choice_make(&j->page, "data", WORDING_DATA, NULL, 0);
}

/* ---- the form ---- */

static bool is_wrong(const struct joining *j, enum page_word word)
{
	for (size_t i = 0; i < j->n_wrong; i++)
		if (j->wrong[i] == word)
			return true;
	return false;
}

static void show_wrong(struct joining *j)
{
	if (!j->n_wrong)
		return;
	page_put(&j->page, "<div class=\"wrong\" role=\"alert\">");
	page_say(&j->page, "strong", PAGE_JOIN_MEND);
	page_put(&j->page, "<ul>\n");
	for (size_t i = 0; i < j->n_wrong; i++)
		page_say(&j->page, "li", j->wrong[i]);
	page_put(&j->page, "</ul></div>\n");
}

static void show_field(struct joining *j, const char *name, enum page_word label,
        const char *more, const char *value, bool bad)
{
	buf_printf(&j->page.html, "<div class=\"field\"><label for=\"%s\">", name);
	page_text(&j->page, page_word(j->page.tongue, label));
	buf_printf(&j->page.html, "</label>\n<input id=\"%s\" name=\"%s\" %s%s value=\"",
	        name, name, more, bad ? " aria-invalid=\"true\"" : "");
	page_text(&j->page, value ? value : "");
	page_put(&j->page, "\">\n");
}

static void show_fields(struct joining *j)
{
	show_field(j, "phone", PAGE_JOIN_PHONE,
	        "type=\"tel\" inputmode=\"tel\" autocomplete=\"tel\" maxlength=\"30\" "
	        "required aria-describedby=\"hint\"",
	        j->phone, is_wrong(j, PAGE_JOIN_NO_PHONE));
	page_say(&j->page, "span class=\"small\" id=\"hint\"", PAGE_JOIN_PHONE_HINT);
	page_put(&j->page, "</div>\n");
	show_field(j, "name", PAGE_JOIN_NAME,
	        "type=\"text\" autocomplete=\"name\" maxlength=\"40\"", j->name,
	        is_wrong(j, PAGE_JOIN_LONG_NAME));
	page_put(&j->page, "</div>\n");
	buf_printf(&j->page.html,
	        "<div class=\"box\"><input type=\"checkbox\" id=\"age\" name=\"age\" "
	        "value=\"yes\" required%s%s>\n<label for=\"age\">",
	        j->old_enough ? " checked" : "",
	        is_wrong(j, PAGE_JOIN_NO_AGE) ? " aria-invalid=\"true\"" : "");
	page_text(&j->page, page_word(j->page.tongue, PAGE_JOIN_AGE));
	page_put(&j->page, "</label></div>\n");
}

static void ask(struct joining *j, int status)
{
	struct page *page = &j->page;
	page_title(page, PAGE_JOIN_TITLE, page_shop(page));
	show_wrong(j);
	page_form(page);
	buf_printf(&page->html, "<input type=\"hidden\" name=\"nonce\" value=\"%s\">\n",
	        j->nonce);
	show_fields(j);
	page_say(page, "p class=\"small\"", PAGE_JOIN_TEXT, page_shop(page));
	page_put(page, "<fieldset>");
	page_say(page, "legend", PAGE_JOIN_CHOICES);
	for (size_t i = 0; i < CHOICES; i++)
		choice_box(page, &j->choices[i], j->ticked[i], NULL);
	page_put(page, "</fieldset>\n");
	page_button(page, "act", "join", "first", PAGE_JOIN_SEND);
	page_put(page, "</form>\n");
	page_answer(page, status);
}

static void ask_anew(struct joining *j)
{
	uint8_t bytes[NONCE_HEX / 2];
	char hex[NONCE_HEX + 1];
	secret_random(bytes, sizeof bytes);
	j->nonce = arena_strdup(j->call->arena, secret_hex(bytes, sizeof bytes, hex));
	ask(j, 200);
}

/* ---- reading it ---- */

static bool nonce_good(const char *nonce)
{
	return nonce && strlen(nonce) == NONCE_HEX &&
	       strspn(nonce, "0123456789abcdef") == NONCE_HEX;
}

static void wrong(struct joining *j, enum page_word word)
{
	j->wrong[j->n_wrong++] = word;
}

static const char *trimmed(const struct joining *j, const char *value)
{
	return text_trim(arena_strdup(j->call->arena, value ? value : ""));
}

/* False: it is no form of ours. What the reader must mend stands in wrong. */
static bool read_form(struct joining *j, const struct form *form)
{
	j->nonce = form_get(form, "nonce");
	j->phone = trimmed(j, form_get(form, "phone"));
	j->name = trimmed(j, form_get(form, "name"));
	j->old_enough = form_get(form, "age") != NULL;
	for (size_t i = 0; i < CHOICES; i++)
		j->ticked[i] = choice_ticked(form, &j->choices[i]);
	if (strlen(j->phone) > 64 || text_phone(j->phone, j->e164) ||
	        !text_phone_mobile_kr(j->e164))
		wrong(j, PAGE_JOIN_NO_PHONE);
	if (text_chars(j->name, strlen(j->name)) > NAME_CHARS ||
	        strpbrk(j->name, "\r\n\t"))
		wrong(j, PAGE_JOIN_LONG_NAME);
	if (!j->old_enough)
		wrong(j, PAGE_JOIN_NO_AGE);
	return nonce_good(j->nonce);
}

static uint64_t address_key(const struct call *call)
{
	const char *from = call->peer.address;
	return text_hash(from, strlen(from));
}

static bool may(const struct joining *j)
{
	struct quota *quota = j->call->api->joining;
	int64_t now = clock_mono() + 1;
	return quota_take(quota, address_key(j->call), ADDRESS_HOUR, ADDRESS_DAY, now) &&
	       quota_take(quota, text_hash("link", 4) + (uint64_t)j->token->until,
	               LINK_HOUR, LINK_DAY, now);
}

/* ---- what it does ---- */

static void name_event(struct joining *j)
{
	char *words = mem_printf("%s\n%s\n%s\n%d%d%d", j->nonce, j->e164, j->name,
	        j->ticked[0], j->ticked[1], j->ticked[2]);
	uint8_t digest[32];
	char hex[65];
	secret_sha256(words, strlen(words), digest);
	snprintf(j->eid, sizeof j->eid, "join-%.32s",
	        secret_hex(digest, sizeof digest, hex));
	free(words);
}

/* Of somebody known the page changes nothing but what he agrees to. */
static json_t *who(const struct joining *j, bool known)
{
	json_t *customer = json_pack("{s:s}", "phone", j->e164);
	if (known)
		return customer;
	if (j->name[0])
		json_object_set_new(customer, "name", json_string(j->name));
	json_object_set_new(
	        customer, "language", json_string(tongue_code(j->page.tongue)));
	return customer;
}

/* Takes data. Was it news? */
static bool tell_engine(const struct joining *j, const char *type, const char *suffix,
        bool known, json_t *data)
{
	struct profile_error error = {.pointer = ""};
	char *id = mem_printf("%s%s", j->eid, suffix);
	json_t *event = json_pack("{s:s, s:s, s:o, s:o}", "id", id, "type", type,
	        "customer", who(j, known), "data", data);
	enum intake result;
	result = intake_event(
	        j->call->api->engine, event, NULL, 0, "join", j->call->now, &error);
	if (result == INTAKE_REJECTED)
		log_warn(TR("the joining page made an event that was refused at %s",
		                 "가입 화면이 만든 이벤트가 %s에서 거절되었습니다"),
		        error.pointer);
	json_decref(event);
	free(id);
	return result == INTAKE_ACCEPTED;
}

/* Only where nothing is on record: neither a withdrawal nor an earlier consent is touched
 * by who has not proven to be this customer. */
static void give(const struct joining *j, const struct choice *choice, int64_t id)
{
	const char *purpose = choice_purpose(choice);
	for (size_t i = 0; i < choice->n; i++) {
		const char *channel = choice->channels[i];
		if (id && consent_since(j->call->db, id, channel, purpose))
			continue;
		char *suffix = mem_printf(".%s.%s", channel, purpose);
		tell_engine(j, "consent.given", suffix, id != 0,
		        json_pack("{s:s, s:s, s:s, s:s, s:s}", "channel", channel,
		                "purpose", purpose, "wording", choice->text, "how", "web",
		                "source", "join"));
		free(suffix);
	}
}

/* Who it is, as the access log names him: NULL where the store could not take him. */
static const char *ref_of(const struct joining *j)
{
	const struct call *call = j->call;
	struct customer customer;
	int64_t id = customer_of_phone(call->db, j->e164);
	return id && customer_get(call->db, id, call->arena, &customer) ? customer.ref
	                                                                : NULL;
}

/* Consents first, so that a rule of who joins finds them. Who has joined already joins no
 * second time: what a rule gives for it cannot be had again. */
static void join(struct joining *j)
{
	const struct call *call = j->call;
	int64_t id = customer_of_phone(call->db, j->e164);
	struct customer customer = {0};
	bool known = id && customer_get(call->db, id, call->arena, &customer);
	name_event(j);
	for (size_t i = 0; i < CHOICES; i++)
		if (j->ticked[i])
			give(j, &j->choices[i], id);
	if (tell_engine(j,
	            known && customer.joined_at ? "customer.updated" : "customer.joined",
	            "", known,
	            json_pack("{s:b, s:b, s:b}", "ad", j->ticked[0], "night",
	                    j->ticked[1], "data", j->ticked[2])))
		call_audit(call, "join", ref_of(j), NULL);
}

static void tell(struct joining *j)
{
	struct page *page = &j->page;
	page_title(page, PAGE_JOINED_TITLE, page_shop(page));
	page_put(page, "<dl>\n");
	page_today(page);
	choice_tell(page, j->choices, j->ticked, CHOICES);
	page_put(page, "</dl>\n");
	page_say(page, "p", PAGE_JOINED_LEAVE);
	page_say(page, "p class=\"small\"", PAGE_JOINED_REFUSED);
	page_answer(page, 200);
}

static void act(struct joining *j)
{
	struct form form;
	if (!page_posted(&j->page, &form))
		return;
	if (!read_form(j, &form)) {
		page_refused(&j->page, 400);
	} else if (j->n_wrong) {
		ask(j, 422);
	} else if (!may(j)) {
		page_refused(&j->page, 429);
	} else {
		join(j);
		tell(j);
	}
}

void page_join(const struct call *call, const struct token *token)
{
	struct joining joining = {.call = call, .token = token};
	if (token->subject != db_meta_int(call->db, "join_epoch", 0)) {
		page_gone(call);
		return;
	}
	page_begin(&joining.page, call, NULL);
	gather(&joining);
	if (!strcmp(call->request->method, "POST"))
		act(&joining);
	else
		ask_anew(&joining);
}
