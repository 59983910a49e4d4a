/* /p/TOKEN: what a customer agreed to, by medium, and his hand on it: giving, taking
 * back, all at once. It shows neither a name nor an address. */
#include <string.h>
#include "door/api.h"
#include "door/choice.h"
#include "engine/border.h"
#include "store/consent.h"
#include "store/refusal.h"

struct wishes {
	const struct call *call;
	struct customer customer;
	struct page page;
	struct choice choices[CHOICES_MAX];
	bool given[CHOICES_MAX];
	size_t n;
};

static bool given(const struct wishes *w, const struct choice *choice)
{
	for (size_t i = 0; i < choice->n; i++)
		if (consent_given(w->call->db, w->customer.id, choice->channels[i],
		            choice_purpose(choice)))
			return true;
	return false;
}

static void add(struct wishes *w, const char *name, enum wording_kind kind,
        const char *const *media, size_t n)
{
	struct choice *choice = &w->choices[w->n];
	*choice = choice_make(&w->page, name, kind, media, n);
	w->given[w->n++] = given(w, choice);
}

/* By what the shop advertises, and what is given though it no longer does. */
static void gather(struct wishes *w)
{
	static const char *const media[] = {"sms", "kakao", "push", "email"};
	const char *nightly[CHOICE_CHANNELS];
	size_t n = 0;
	for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
		if (!choice_offered(w->call, media[i]) &&
		        !consent_given(w->call->db, w->customer.id, media[i], "ad"))
			continue;
		add(w, media[i], WORDING_AD, &media[i], 1);
		if (strcmp(media[i], "email") != 0) /* the law's night leaves mail free */
			nightly[n++] = media[i];
	}
	if (n)
		add(w, "night", WORDING_NIGHT, nightly, n);
	add(w, "data", WORDING_DATA, NULL, 0);
}

/* Agreed to, and yet refused: by the 080 number, at the provider, by the owner's hand. */
static bool blocked(const struct wishes *w, size_t i)
{
	const struct choice *choice = &w->choices[i];
	return choice->kind == WORDING_AD && w->given[i] &&
	       refusal_suppressed(w->call->db, w->customer.id, choice->channels[0]);
}

static const char *state_of(const struct wishes *w, size_t i)
{
	const struct choice *choice = &w->choices[i];
	const char *purpose = choice_purpose(choice);
	int64_t since = 0;
	char date[16];
	for (size_t k = 0; k < choice->n; k++) {
		int64_t said = consent_since(
		        w->call->db, w->customer.id, choice->channels[k], purpose);
		since = said > since ? said : since;
	}
	if (!since)
		return page_word(w->page.tongue, PAGE_STATE_NONE);
	if (blocked(w, i))
		return page_word(w->page.tongue, PAGE_STATE_BLOCKED);
	calendar_format_date(zone_day(w->call->api->shop->zone, since), date);
	return arena_printf(w->call->arena,
	        page_word(w->page.tongue,
	                w->given[i] ? PAGE_STATE_GIVEN : PAGE_STATE_WITHDRAWN),
	        date);
}

static void ask(struct wishes *w)
{
	struct page *page = &w->page;
	page_title(page, PAGE_PREFERENCES_TITLE, page_shop(page));
	page_say(page, "p", PAGE_PREFERENCES_TEXT);
	page_form(page);
	for (size_t i = 0; i < w->n; i++) {
		buf_printf(&page->html,
		        "<input type=\"hidden\" name=\"shown\" value=\"%s\">\n",
		        w->choices[i].name);
		choice_box(page, &w->choices[i], w->given[i], state_of(w, i));
	}
	page_button(page, "act", "save", "first", PAGE_SAVE);
	page_put(page, "</form>\n<hr>\n");
	page_say(page, "p", PAGE_WITHDRAW_ALL_TEXT);
	page_form(page);
	page_button(page, "act", "none", "second", PAGE_WITHDRAW_ALL);
	page_put(page, "</form>\n");
	page_say(page, "p class=\"small\"", PAGE_STILL_INFORMED);
	page_answer(page, 200);
}

/* ---- acting ---- */

static void record(struct wishes *w, const struct choice *choice, const char *channel)
{
	struct consent_change change = {
	        .customer = w->customer.id,
	        .channel = channel,
	        .purpose = choice_purpose(choice),
	        .given = true,
	        .time = w->call->now,
	        .how = "web",
	        .source = "preferences",
	        .wording = choice->text,
	};
	consent_record(w->call->db, &change, w->call->now, false);
}

static void give(struct wishes *w, const struct choice *choice)
{
	for (size_t i = 0; i < choice->n; i++) {
		record(w, choice, choice->channels[i]);
		if (choice->kind == WORDING_AD)
			refusal_lift(w->call->db, w->customer.id, choice->channels[i]);
	}
}

static void withdraw(struct wishes *w, const struct choice *choice)
{
	for (size_t i = 0; i < choice->n; i++) {
		struct refusal refusal = {
		        .customer = w->customer.id,
		        .medium = choice->channels[i],
		        .time = w->call->now,
		        .how = "web",
		        .source = "preferences",
		        .wording = choice->text,
		};
		if (choice->kind == WORDING_AD)
			refusal_record(w->call->db, &refusal, w->call->now);
		else if (consent_given(w->call->db, w->customer.id, choice->channels[i],
		                 choice_purpose(choice)))
			refusal_withdraw(w->call->db, &refusal, choice->channels[i],
			        choice_purpose(choice), w->call->now);
	}
}

static bool was_shown(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (!strcmp(form->fields[i].name, "shown") &&
		        !strcmp(form->fields[i].value, name))
			return true;
	return false;
}

/* A box that the reader did not see says nothing. */
static void save(struct wishes *w, const struct form *form)
{
	for (size_t i = 0; i < w->n; i++) {
		bool ticked = choice_ticked(form, &w->choices[i]);
		if (!was_shown(form, w->choices[i].name) || ticked == w->given[i])
			continue;
		if (ticked)
			give(w, &w->choices[i]);
		else
			withdraw(w, &w->choices[i]);
	}
}

/* Every medium, also those that no box is shown for. */
static void save_none(struct wishes *w)
{
	struct refusal refusal = {
	        .customer = w->customer.id,
	        .time = w->call->now,
	        .how = "web",
	        .source = "preferences",
	        .wording = page_word(w->page.tongue, PAGE_WITHDRAW_ALL_TEXT),
	};
	refusal_record(w->call->db, &refusal, w->call->now);
	for (size_t i = 0; i < w->n; i++)
		if (w->choices[i].kind != WORDING_AD)
			withdraw(w, &w->choices[i]);
}

static const char *medium_of(const struct wishes *w, size_t i)
{
	return page_medium(w->page.tongue, w->choices[i].channels[0]);
}

static void tell(struct wishes *w)
{
	struct page *page = &w->page;
	for (size_t i = 0; i < w->n; i++)
		w->given[i] = given(w, &w->choices[i]);
	page_title(page, PAGE_SAVED_TITLE);
	page_put(page, "<dl>\n");
	page_today(page);
	choice_tell(page, w->choices, w->given, w->n);
	page_put(page, "</dl>\n");
	for (size_t i = 0; i < w->n; i++)
		if (blocked(w, i))
			page_say(page, "p", PAGE_BLOCKED, medium_of(w, i));
	page_say(page, "p class=\"small\"", PAGE_STILL_INFORMED);
	page_answer(page, 200);
}

static void act(struct wishes *w)
{
	struct form form;
	if (!page_posted(&w->page, &form))
		return;
	const char *wanted = form_get(&form, "act");
	if (wanted && !strcmp(wanted, "save")) {
		save(w, &form);
	} else if (wanted && !strcmp(wanted, "none")) {
		save_none(w);
	} else {
		page_refused(&w->page, 400);
		return;
	}
	border_settle(w->call->api->engine, w->call->now, w->call->now);
	call_audit(w->call, "consent.change", w->customer.ref, wanted);
	tell(w);
}

void page_preferences(const struct call *call, const struct token *token)
{
	struct wishes wishes = {.call = call};
	if (!customer_get(call->db, token->subject, call->arena, &wishes.customer)) {
		page_gone(call);
		return;
	}
	page_begin(&wishes.page, call, wishes.customer.language);
	gather(&wishes);
	if (!strcmp(call->request->method, "POST"))
		act(&wishes);
	else
		ask(&wishes);
}
