/* The frame of public pages: which path is one, whose token it bears, the head and the
 * foot of the HTML and the headers. What a page says and does is in page_*.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/secret.h"
#include "door/api.h"
#include "door/page.h"
#include "door/pages.h"
#include "language/template.h"
#include "store/alias.h"

static const char style[] =
        ":root{color-scheme:light}"
        "*{box-sizing:border-box}"
        "body{margin:0;background:#f4f4f2;color:#1b1b1b;"
        "font:1rem/1.6 system-ui,'Apple SD Gothic Neo','Noto Sans KR','Malgun "
        "Gothic',sans-serif;word-break:keep-all;overflow-wrap:anywhere}"
        "main{max-width:34rem;margin:0 auto;padding:1.25rem;background:#fff;"
        "min-height:100vh}"
        "h1{font-size:1.375rem;line-height:1.35;margin:.25rem 0 1rem}"
        "h2{font-size:1.0625rem;margin:1.5rem 0 .5rem}"
        "p{margin:.75rem 0}"
        ".small{font-size:.9375rem;color:#444}"
        ".tongue{text-align:right;margin:0}"
        "a{color:#0b4f9e}"
        "hr{border:0;border-top:1px solid #d5d5d0;margin:1.75rem 0 1.25rem}"
        "form{margin:1rem 0}"
        "fieldset{border:0;margin:1.25rem 0 0;padding:0;min-width:0}"
        "legend{padding:0;font-weight:600}"
        "label{display:block}"
        ".field{margin:1rem 0}"
        ".field label{font-weight:600;margin-bottom:.25rem}"
        "input[type=text],input[type=tel]{width:100%;font:inherit;font-size:1rem;"
        "padding:.625rem .75rem;border:1px solid #6b6b66;border-radius:.375rem;"
        "background:#fff;color:inherit}"
        "input[aria-invalid=true]{border:2px solid #b3261e}"
        ".box{display:grid;grid-template-columns:1.75rem 1fr;margin:.875rem 0;"
        "align-items:start}"
        ".box input{width:1.25rem;height:1.25rem;margin:.2rem 0 0;accent-color:#0b5c3b}"
        ".box .small{display:block;margin-top:.125rem}"
        "button{display:block;width:100%;margin-top:1.25rem;font:inherit;font-weight:600;"
        "padding:.75rem 1rem;border:2px solid #0b5c3b;border-radius:.375rem;"
        "background:#0b5c3b;color:#fff;cursor:pointer}"
        "button.second{background:#fff;color:#0b5c3b}"
        "button:hover{background:#084a2f;color:#fff}"
        ":focus-visible{outline:3px solid #1a5fd0;outline-offset:2px}"
        "dl{margin:1rem 0}dt{font-weight:600;margin-top:.625rem}dd{margin:0}"
        ".code{font:700 1.75rem/1.3 ui-monospace,monospace;text-align:center;margin:1rem "
        "0 0}svg{display:block;width:100%;max-width:15rem;height:auto;margin:.5rem auto}"
        ".wrong{border:2px solid #b3261e;border-radius:.375rem;padding:.5rem .875rem}"
        "ul{margin:.25rem 0;padding-left:1.25rem}";

/* ---- which page ---- */

static const char *token_in(const struct http_request *request, enum token_kind *kind)
{
	const char *path = request->path;
	if (path[0] != '/' || !path[1] || !strchr("upjk", path[1]) || path[2] != '/' ||
	        !path[3] || strchr(path + 3, '/'))
		return NULL;
	*kind = (enum token_kind)path[1];
	return path + 3;
}

static const char *click_in(const struct http_request *request)
{
	const char *path = request->path;
	return !strncmp(path, "/c/", 3) && path[3] && !strchr(path + 3, '/') ? path + 3
	                                                                     : NULL;
}

bool page_is(const struct http_request *request)
{
	enum token_kind kind;
	return token_in(request, &kind) || click_in(request);
}

static bool is_one_of(const char *method, const char *a, const char *b, const char *c)
{
	return !strcmp(method, a) || !strcmp(method, b) || !strcmp(method, c);
}

/* There is nothing to press on a coupon's page. */
static bool takes(enum token_kind kind, const char *method)
{
	return is_one_of(method, "GET", "HEAD", kind == TOKEN_COUPON ? "HEAD" : "POST");
}

static const char allow_all[] = "Allow: GET, HEAD, POST, OPTIONS\r\n",
                  allow_reading[] = "Allow: GET, HEAD, OPTIONS\r\n";

/* What a page takes, told without a look at the token. */
static void say_methods(const struct call *call, int status, const char *allow)
{
	struct buf nothing = {0};
	call_text_with(call, status, NULL, allow, &nothing, NULL);
}

static void show(const struct call *call, const struct token *token)
{
	switch (token->kind) {
	case TOKEN_UNSUBSCRIBE:
		page_unsubscribe(call, token);
		break;
	case TOKEN_PREFERENCES:
		page_preferences(call, token);
		break;
	case TOKEN_JOIN:
		page_join(call, token);
		break;
	case TOKEN_COUPON:
		page_coupon(call, token);
		break;
	}
}

/* A link outlives the merging of whom it was sent to. */
static void show_now(const struct call *call, struct token *token)
{
	if (token->kind == TOKEN_UNSUBSCRIBE || token->kind == TOKEN_PREFERENCES)
		token->subject = alias_current(call->db, token->subject);
	show(call, token);
}

/* Following a link posts nothing. */
static void follow(struct call *call, const char *text)
{
	const char *method = call->request->method;
	bool asks = !strcmp(method, "OPTIONS");
	if (!strcmp(method, "GET") || !strcmp(method, "HEAD"))
		page_click(call, text);
	else
		say_methods(call, asks ? 204 : 405, allow_reading);
}

static void show_page(struct call *call)
{
	const char *method = call->request->method, *text, *allow;
	enum token_kind kind = TOKEN_JOIN;
	struct token token;
	text = token_in(call->request, &kind);
	allow = kind == TOKEN_COUPON ? allow_reading : allow_all;
	if (!strcmp(method, "OPTIONS"))
		say_methods(call, 204, allow);
	else if (!takes(kind, method))
		say_methods(call, 405, allow);
	else if (token_read(dispatch_link_key(call->api->dispatch), kind, text, call->now,
	                 &token))
		show_now(call, &token);
	else
		page_gone(call);
}

void page_handle(struct call *call)
{
	const char *click = click_in(call->request);
	if (click)
		follow(call, click);
	else
		show_page(call);
}

/* ---- writing ---- */

const char *page_shop(const struct page *page)
{
	return page->call->api->shop->name;
}

void page_begin(struct page *page, const struct call *call, const char *customer)
{
	char chosen[8] = "";
	http_query(call->request, "lang", chosen, sizeof chosen);
	*page = (struct page){.call = call, .title = ""};
	page->tongue = tongue_choose(chosen, customer,
	        http_header_get(call->request, "accept-language"),
	        call->api->shop->language);
}

void page_put(struct page *page, const char *html)
{
	buf_adds(&page->html, html);
}

void page_text(struct page *page, const char *text)
{
	template_escape(&page->html, text, strlen(text));
}

/* Lives as long as the call. */
static const char *filled(const struct page *page, enum page_word word, va_list ap)
{
	struct buf text = {0};
	buf_vprintf(&text, page_word(page->tongue, word), ap);
	const char *kept = arena_strdup(page->call->arena, text.data ? text.data : "");
	buf_free(&text);
	return kept;
}

void page_title(struct page *page, enum page_word word, ...)
{
	va_list ap;
	va_start(ap, word);
	page->title = filled(page, word, ap);
	va_end(ap);
	page_put(page, "<h1>");
	page_text(page, page->title);
	page_put(page, "</h1>\n");
}

void page_say(struct page *page, const char *tag, enum page_word word, ...)
{
	va_list ap;
	va_start(ap, word);
	const char *text = filled(page, word, ap);
	va_end(ap);
	buf_printf(&page->html, "<%s>", tag);
	page_text(page, text);
	buf_printf(&page->html, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void page_row(struct page *page, enum page_word name, const char *text)
{
	page_say(page, "dt", name);
	page_put(page, "<dd>");
	page_text(page, text);
	page_put(page, "</dd>\n");
}

void page_today(struct page *page)
{
	char date[16];
	calendar_format_date(
	        zone_day(page->call->api->shop->zone, page->call->now), date);
	page_row(page, PAGE_SENDER, page_shop(page));
	page_row(page, PAGE_DATE, date);
}

/* Where the reader chose a language, the answer keeps it. */
void page_form(struct page *page)
{
	char chosen[8];
	bool told = http_query(page->call->request, "lang", chosen, sizeof chosen);
	buf_printf(&page->html, "<form method=\"post\" action=\"?lang=%s\">\n",
	        told ? tongue_code(page->tongue) : "");
}

void page_button(struct page *page, const char *name, const char *value,
        const char *class, enum page_word word, ...)
{
	va_list ap;
	va_start(ap, word);
	const char *text = filled(page, word, ap);
	va_end(ap);
	buf_printf(&page->html, "<button name=\"%s\" value=\"%s\" class=\"%s\">", name,
	        value, class);
	page_text(page, text);
	page_put(page, "</button>\n");
}

/* ---- answering ---- */

static void add_contact(const struct page *page, struct buf *out)
{
	const struct shop *shop = page->call->api->shop;
	char *text = mem_printf(page_word(page->tongue, PAGE_CONTACT), shop->name,
	        shop->phone ? shop->phone : "");
	buf_adds(out, "<hr>\n<p class=\"small\">");
	template_escape(out, text, strlen(text));
	buf_adds(out, "</p>\n");
	free(text);
}

static void write_page(const struct page *page, struct buf *out)
{
	enum tongue other = page->tongue == TONGUE_KO ? TONGUE_EN : TONGUE_KO;
	buf_printf(out,
	        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	        "<meta name=\"viewport\" content=\"width=device-width, "
	        "initial-scale=1\">\n"
	        "<meta name=\"robots\" content=\"noindex\">\n<title>",
	        tongue_code(page->tongue));
	template_escape(out, page->title, strlen(page->title));
	buf_printf(out,
	        "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n"
	        "<p class=\"tongue small\"><a href=\"?lang=%s\" hreflang=\"%s\" "
	        "lang=\"%s\">%s</a></p>\n",
	        style, tongue_code(other), tongue_code(other), tongue_code(other),
	        page_word(page->tongue, PAGE_OTHER_TONGUE));
	buf_add(out, page->html.data, page->html.len);
	add_contact(page, out);
	buf_adds(out, "</main>\n</body>\n</html>\n");
}

/* Sources: CSP Level 3; the style is known by its hash. Cache-Control: no-store is every
 * answer's. */
static char *headers_of(int status)
{
	uint8_t digest[32];
	secret_sha256(style, sizeof style - 1, digest);
	char *hash = secret_base64(digest, sizeof digest);
	char *extra = mem_printf(
	        "Content-Security-Policy: default-src 'none'; style-src 'sha256-%s'; "
	        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"
	        "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
	        "X-Robots-Tag: noindex, nofollow\r\nVary: Accept-Language\r\n%s",
	        hash, status == 429 ? "Retry-After: 3600\r\n" : "");
	free(hash);
	return extra;
}

/* What a reader is told whose wish could not be kept. */
static void write_failed(const struct page *page, struct buf *out)
{
	struct page failed = {.call = page->call, .tongue = page->tongue};
	page_title(&failed, PAGE_FAILED_TITLE);
	page_say(&failed, "p", PAGE_FAILED);
	write_page(&failed, out);
	buf_free(&failed.html);
}

void page_answer(struct page *page, int status)
{
	struct buf out = {0}, failed = {0};
	char *extra = headers_of(status);
	write_page(page, &out);
	buf_free(&page->html);
	write_failed(page, &failed);
	call_text_with(
	        page->call, status, "text/html; charset=utf-8", extra, &out, &failed);
	free(extra);
}

void page_gone(const struct call *call)
{
	struct page page;
	page_begin(&page, call, NULL);
	page_title(&page, PAGE_GONE_TITLE);
	page_say(&page, "p", PAGE_GONE);
	page_say(&page, "p", PAGE_GONE_ASK);
	page_answer(&page, 404);
}

void page_refused(struct page *page, int status)
{
	buf_reset(&page->html);
	page_title(page, status == 429 ? PAGE_BUSY_TITLE : PAGE_BAD_TITLE);
	page_say(page, "p", status == 429 ? PAGE_BUSY : PAGE_BAD);
	page_answer(page, status);
}

bool page_posted(struct page *page, struct form *form)
{
	enum form_error error = form_read(page->call->request, page->call->arena, form);
	if (error)
		page_refused(page, (int)error);
	return !error;
}
