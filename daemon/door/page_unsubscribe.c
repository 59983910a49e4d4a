/* /u/TOKEN: one customer's way out of one medium, or of all, by one button; and RFC 8058:
 * a mail program posts List-Unsubscribe=One-Click. It gives no consent and shows nobody's
 * data. */
#include <string.h>
#include "door/api.h"
#include "door/page.h"
#include "engine/border.h"
#include "store/consent.h"
#include "store/refusal.h"

struct leaving {
	const struct call *call;
	const struct token *token;
	struct customer customer;
	const char *medium; /* in the reader's words */
	struct page page;
};

static void link_preferences(struct leaving *l)
{
	struct token token = {.kind = TOKEN_PREFERENCES,
	        .subject = l->token->subject,
	        .until = token_until(l->call->now, TOKEN_PREFERENCES_DAYS)};
	char text[TOKEN_SIZE];
	token_make(dispatch_link_key(l->call->api->dispatch), &token, text);
	buf_printf(&l->page.html, "<p><a href=\"../p/%s?lang=%s\">", text,
	        tongue_code(l->page.tongue));
	page_text(&l->page, page_word(l->page.tongue, PAGE_TO_PREFERENCES));
	page_put(&l->page, "</a></p>\n");
}

static void ask(struct leaving *l)
{
	struct page *page = &l->page;
	page_title(page, PAGE_REFUSE_TITLE, page_shop(page));
	if (consent_withdrawn(l->call->db, l->customer.id, l->token->medium, "ad"))
		page_say(page, "p", PAGE_REFUSED_ALREADY, l->medium);
	page_say(page, "p", PAGE_REFUSE_ONE_TEXT, page_shop(page), l->medium);
	page_form(page);
	page_button(page, "scope", "medium", "first", PAGE_REFUSE_ONE, l->medium);
	page_put(page, "</form>\n<hr>\n");
	page_say(page, "p", PAGE_REFUSE_ALL_TEXT, page_shop(page));
	page_form(page);
	page_button(page, "scope", "all", "second", PAGE_REFUSE_ALL);
	page_put(page, "</form>\n");
	page_say(page, "p class=\"small\"", PAGE_STILL_INFORMED);
	link_preferences(l);
	page_answer(page, 200);
}

/* What the button said, as it was read. */
static const char *wording_of(struct leaving *l, bool all, bool one_click)
{
	const char *text =
	        page_word(l->page.tongue, all ? PAGE_REFUSE_ALL : PAGE_REFUSE_ONE);
	if (one_click)
		return "List-Unsubscribe=One-Click";
	return all ? text : arena_printf(l->call->arena, text, l->medium);
}

static void refuse(struct leaving *l, bool all, bool one_click)
{
	const struct call *call = l->call;
	struct refusal refusal = {
	        .customer = l->customer.id,
	        .medium = all ? NULL : l->token->medium,
	        .time = call->now,
	        .how = "web",
	        .source = "unsubscribe",
	        .wording = wording_of(l, all, one_click),
	};
	if (!refusal_record(call->db, &refusal, call->now))
		return;
	border_settle(call->api->engine, call->now, call->now);
	call_audit(call, "consent.withdraw", l->customer.ref,
	        all ? "all" : l->token->medium);
}

static void tell(struct leaving *l, bool all)
{
	struct page *page = &l->page;
	page_title(page, PAGE_REFUSED_TITLE);
	page_put(page, "<dl>\n");
	page_today(page);
	page_say(page, "dt", PAGE_RESULT);
	page_say(page, "dd", all ? PAGE_REFUSED_ALL : PAGE_REFUSED_ONE, l->medium);
	page_put(page, "</dl>\n");
	page_say(page, "p class=\"small\"", PAGE_STILL_INFORMED);
	link_preferences(l);
	page_answer(page, 200);
}

static void act(struct leaving *l)
{
	struct form form;
	if (!page_posted(&l->page, &form))
		return;
	const char *mail = form_get(&form, "List-Unsubscribe"),
	           *scope = form_get(&form, "scope");
	bool one_click = mail && !strcmp(mail, "One-Click");
	bool all = !one_click && scope && !strcmp(scope, "all");
	if (!one_click && !all && !(scope && !strcmp(scope, "medium"))) {
		page_refused(&l->page, 400);
		return;
	}
	refuse(l, all, one_click);
	tell(l, all);
}

void page_unsubscribe(const struct call *call, const struct token *token)
{
	struct leaving leaving = {.call = call, .token = token};
	if (!token->medium ||
	        !customer_get(call->db, token->subject, call->arena, &leaving.customer)) {
		page_gone(call);
		return;
	}
	page_begin(&leaving.page, call, leaving.customer.language);
	leaving.medium = page_medium(leaving.page.tongue, token->medium);
	if (!strcmp(call->request->method, "POST"))
		act(&leaving);
	else
		ask(&leaving);
}
