/* /k/TOKEN: one coupon, to be shown at the counter: what it gives, its code as text and
 * as QR, and whether it is still good. It changes nothing and names nobody. */
#include <stdio.h>
#include <string.h>
#include "base/calendar.h"
#include "base/qr.h"
#include "door/api.h"
#include "door/page.h"
#include "store/coupon.h"

/* Nobody's any more, or not yet anybody's. */
static bool is_gone(const struct coupon *coupon)
{
	return coupon->customer <= 0 || !strcmp(coupon->state, "free");
}

static const char *day_of(const struct page *page, int64_t time)
{
	char date[16];
	calendar_format_date(zone_day(page->call->api->shop->zone, time), date);
	return arena_strdup(page->call->arena, date);
}

/* "23,500" */
static const char *grouped(const struct page *page, int64_t won)
{
	struct buf out = {0};
	char digits[24];
	size_t n = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)won);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%c", i && (n - i) % 3 == 0 ? "," : "", digits[i]);
	const char *kept = arena_strdup(page->call->arena, out.data ? out.data : "");
	buf_free(&out);
	return kept;
}

static void show_terms(struct page *page, const struct coupon *coupon)
{
	page_put(page, "<dl>\n");
	page_row(page, PAGE_COUPON_DISCOUNT, coupon->discount);
	if (coupon->minimum > 0) {
		page_say(page, "dt", PAGE_COUPON_MINIMUM);
		page_say(page, "dd", PAGE_COUPON_LEAST, grouped(page, coupon->minimum));
	}
	page_say(page, "dt", PAGE_COUPON_UNTIL);
	if (coupon->expires_at)
		page_say(page, "dd", PAGE_COUPON_THROUGH,
		        day_of(page, coupon->expires_at));
	else
		page_say(page, "dd", PAGE_COUPON_FOREVER);
	page_put(page, "</dl>\n");
}

static void show_code(struct page *page, const struct coupon *coupon)
{
	page_say(page, "p", PAGE_COUPON_SHOW);
	page_put(page, "<p class=\"code\">");
	page_text(page, coupon->code);
	page_put(page, "</p>\n<div role=\"img\" aria-label=\"QR\">");
	qr_svg(coupon->code, &page->html);
	page_put(page, "</div>\n");
}

/* One that is over is told so, and shows no code that somebody might take. */
static void show_over(struct page *page, const struct coupon *coupon)
{
	page_put(page, "<div class=\"wrong\" role=\"status\">");
	if (!strcmp(coupon->state, "redeemed"))
		page_say(page, "strong", PAGE_COUPON_USED,
		        day_of(page, coupon->redeemed_at));
	else
		page_say(page, "strong",
		        !strcmp(coupon->state, "void") ? PAGE_COUPON_VOID
		                                       : PAGE_COUPON_EXPIRED);
	page_put(page, "</div>\n");
}

static bool is_good(const struct page *page, const struct coupon *coupon)
{
	return (!strcmp(coupon->state, "issued") || !strcmp(coupon->state, "reserved")) &&
	       (!coupon->expires_at || page->call->now <= coupon->expires_at);
}

void page_coupon(const struct call *call, const struct token *token)
{
	struct page page;
	struct coupon coupon;
	struct customer customer;
	if (!coupon_get(call->db, token->subject, call->now, call->arena, &coupon) ||
	        is_gone(&coupon) ||
	        !customer_get(call->db, coupon.customer, call->arena, &customer)) {
		page_gone(call);
		return;
	}
	page_begin(&page, call, customer.language);
	page_title(&page, PAGE_COUPON_TITLE, page_shop(&page));
	if (is_good(&page, &coupon))
		show_code(&page, &coupon);
	else
		show_over(&page, &coupon);
	show_terms(&page, &coupon);
	page_answer(&page, 200);
}
