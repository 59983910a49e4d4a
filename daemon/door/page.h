/* A public page: plain HTML in the reader's language, without a script and without
 * anything from elsewhere. What is put on it is escaped. GET, HEAD and OPTIONS never act;
 * a POST is answered after the commit of what it did. */
#ifndef DANGOL_PAGE_H
#define DANGOL_PAGE_H

#include "delivery/token.h"
#include "door/call.h"
#include "door/form.h"
#include "door/page_words.h"

struct page {
	const struct call *call;
	enum tongue tongue;
	struct buf html; /* of <main> */
	const char *title;
};

/* customer: his language, or NULL. The title is the heading as well. */
void page_begin(struct page *page, const struct call *call, const char *customer);
void page_title(struct page *page, enum page_word word, ...);
void page_put(struct page *page, const char *html);  /* ours, as it is */
void page_text(struct page *page, const char *text); /* escaped */
/* <TAG>word</TAG>, its arguments and all escaped. */
void page_say(struct page *page, const char *tag, enum page_word word, ...);
/* A row of a <dl>. */
void page_row(struct page *page, enum page_word name, const char *text);
void page_today(struct page *page); /* rows: the shop, the date */
/* A form of this page up to its content, with the reader's choice of language. */
void page_form(struct page *page);
void page_button(struct page *page, const char *name, const char *value,
        const char *class, enum page_word word, ...);
void page_answer(struct page *page, int status); /* empties it */
/* The form of a POST; false after the refusal was answered. */
bool page_posted(struct page *page, struct form *form);
/* Wrong, expired, of another store, of who was erased: one answer for all. */
void page_gone(const struct call *call);
void page_refused(struct page *page, int status); /* the form is not one of ours */
const char *page_shop(const struct page *page);

void page_unsubscribe(const struct call *call, const struct token *token);
void page_preferences(const struct call *call, const struct token *token);
void page_join(const struct call *call, const struct token *token);
/* /c/TEXT of a message: no page, but the way to where it leads. GET or HEAD. */
void page_click(struct call *call, const char *text);
void page_coupon(const struct call *call, const struct token *token);

#endif
