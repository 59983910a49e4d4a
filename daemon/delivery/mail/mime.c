/* Letters as Internet messages, by GMime. Whatever stands in a field, it stays one field:
 * no value can begin another header or end the header block. */
#include "delivery/mail/mime.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/mem.h"
#include "base/text.h"

#define LINE_MOST 900 /* bytes; longer lines are encoded */

void mime_begin(void)
{
	static bool begun;

	if (!begun)
		g_mime_init();
	begun = true;
}

/* ---- fields ---- */

/* Control characters, line ends above all, become spaces. Returns new. */
static char *one_line(const char *text)
{
	char *line = mem_strdup(text);

	for (char *c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return line;
}

bool mime_is_bare(const char *address)
{
	size_t len = strlen(address);
	const char *at = strrchr(address, '@');

	if (!at || at == address || !at[1] || len > 254)
		return false;
	for (size_t i = 0; i < len; i++)
		if (address[i] <= ' ' || address[i] > '~' ||
		        strchr("<>(),;:\\\"[]", address[i]))
			return false;
	return !memchr(address, '@', (size_t)(at - address));
}

/* The first mailbox of a field, its name (or NULL) and bare address. Both to be g_freed.
 */
static bool parse_mailbox(const char *text, char **name, char **address)
{
	char *line = one_line(text);
	InternetAddressList *list = internet_address_list_parse(NULL, line);
	InternetAddress *first = list && internet_address_list_length(list) > 0
	                                 ? internet_address_list_get_address(list, 0)
	                                 : NULL;
	bool found = first && INTERNET_ADDRESS_IS_MAILBOX(first);

	if (found) {
		*name = g_strdup(internet_address_get_name(first));
		*address = g_strdup(internet_address_mailbox_get_addr(
		        INTERNET_ADDRESS_MAILBOX(first)));
		found = *address && mime_is_bare(*address);
		if (!found) {
			g_free(*name);
			g_free(*address);
		}
	}
	if (list)
		g_object_unref(list);
	free(line);
	return found;
}

/* A field that was read already: thousands of letters have one sender. */
struct remembered {
	char *text, *name, *address;
	bool good;
};

static struct remembered sender, replies;

static void remember(struct remembered *r, const char *text)
{
	if (r->text && !strcmp(r->text, text))
		return;
	free(r->text);
	if (r->good) {
		g_free(r->name);
		g_free(r->address);
	}
	r->text = mem_strdup(text);
	r->good = parse_mailbox(text, &r->name, &r->address);
}

bool mime_address(const char *text, char out[256])
{
	mime_begin();
	if (!text)
		return false;
	remember(&sender, text);
	if (sender.good)
		strcpy(out, sender.address);
	return sender.good;
}

static bool add_mailbox(GMimeMessage *message, GMimeAddressType type,
        struct remembered *kept, const char *text)
{
	if (!text)
		return false;
	remember(kept, text);
	if (kept->good)
		g_mime_message_add_mailbox(message, type, kept->name, kept->address);
	return kept->good;
}

static bool is_link(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '<' || *c == '>')
			return false;
	return !strncmp(text, "https://", 8) || !strncmp(text, "http://", 7);
}

/* Returns new. */
static char *plain_key(const struct letter *letter)
{
	char *key = one_line(letter->key);

	for (char *c = key; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr("-_.", *c))
			*c = '_';
	return key;
}

static void put_date(struct buf *out, int64_t time)
{
	static const char days[] = "SunMonTueWedThuFriSat",
	                  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(time / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	buf_printf(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\r\n",
	        days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	        tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The fields that are ASCII of our own making, and need no library to be encoded: RFC
 * 5322 section 3.6, RFC 2369, RFC 8058. False when to is no bare address. */
static bool put_own_fields(struct buf *out, const struct letter *letter)
{
	const char *link = letter->unsubscribe;
	char from[256], *key = plain_key(letter);

	put_date(out, letter->time);
	buf_printf(out, "To: %s\r\nMessage-Id: <%s%s%s@%s>\r\nX-Dangol-Key: %s\r\n",
	        letter->to, key, letter->mark ? "." : "",
	        letter->mark ? letter->mark : "",
	        mime_address(letter->from, from) ? strrchr(from, '@') + 1 : "localhost",
	        key);
	if (link && is_link(link))
		buf_printf(out,
		        "List-Unsubscribe: <%s>\r\n"
		        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
		        link);
	free(key);
	return mime_is_bare(letter->to);
}

/* Subject, Reply-To and From as GMime encodes and folds them; NULL when there is no
 * sender. Returns new. */
static char *encoded_fields(const struct letter *letter, const char *subject)
{
	GMimeMessage *message = g_mime_message_new(FALSE);
	GMimeFormatOptions *options = g_mime_format_options_new();
	char *fields = NULL;

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_message_set_subject(message, subject, "utf-8");
	add_mailbox(message, GMIME_ADDRESS_TYPE_REPLY_TO, &replies, letter->reply_to);
	if (add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, &sender, letter->from))
		fields = g_mime_object_get_headers(GMIME_OBJECT(message), options);
	g_mime_format_options_free(options);
	g_object_unref(message);
	return fields;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* A campaign's letters have these in common: the last ones are remembered. */
static bool put_encoded_fields(struct buf *out, const struct letter *letter)
{
	static char *subject, *reply_to, *from, *fields;
	char *line = one_line(letter->subject ? letter->subject : "");

	if (!fields || !same(subject, line) || !same(reply_to, letter->reply_to) ||
	        !same(from, letter->from)) {
		free(subject);
		free(reply_to);
		free(from);
		g_free(fields);
		subject = mem_strdup(line);
		reply_to = mem_strdup(letter->reply_to);
		from = mem_strdup(letter->from);
		fields = encoded_fields(letter, line);
	}
	free(line);
	if (fields)
		buf_adds(out, fields);
	return fields != NULL;
}

/* ---- the body ---- */

/* The shortest encoding that every server on the way leaves alone. */
static GMimeContentEncoding encoding_of(const char *text, size_t len)
{
	size_t high = 0, line = 0, longest = 0;

	for (size_t i = 0; i < len && high * 6 <= len; i++) {
		line = text[i] == '\n' ? 0 : line + 1;
		longest = line > longest ? line : longest;
		high += (unsigned char)text[i] >= 0x7f ||
		        (text[i] < ' ' && text[i] != '\n' && text[i] != '\t');
	}
	if (!high && longest <= LINE_MOST)
		return GMIME_CONTENT_ENCODING_7BIT;
	return high * 6 < len ? GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE
	                      : GMIME_CONTENT_ENCODING_BASE64;
}

/* One kind of line end: LF, or CRLF, the canonical form that base64 wants. */
static void lines(struct buf *out, const char *text, const char *line_end)
{
	while (*text) {
		size_t len = strcspn(text, "\r\n");

		buf_add(out, text, len);
		text += len;
		if (!*text)
			break;
		text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
		buf_adds(out, line_end);
	}
	if (out->len && out->data[out->len - 1] != '\n')
		buf_adds(out, line_end);
}

/* One text with the fields that say how it is written. */
static void put_part(struct buf *out, const char *text, const char *subtype,
        GMimeContentEncoding encoding)
{
	bool base64 = encoding == GMIME_CONTENT_ENCODING_BASE64;
	struct buf body = {0};
	GMimeEncoding encoder;
	char *encoded;
	size_t len;

	buf_reserve(&body, strlen(text) + 256);
	lines(&body, text, base64 ? "\r\n" : "\n");
	g_mime_encoding_init_encode(&encoder, encoding);
	encoded = mem_alloc(g_mime_encoding_outlen(&encoder, body.len) + 1);
	len = g_mime_encoding_flush(
	        &encoder, body.data ? body.data : "", body.len, encoded);
	encoded[len] = '\0';
	buf_printf(out,
	        "Content-Type: text/%s; charset=utf-8\r\n"
	        "Content-Transfer-Encoding: %s\r\n\r\n",
	        subtype, g_mime_content_encoding_to_string(encoding));
	lines(out, encoded, "\r\n");
	free(encoded);
	buf_free(&body);
}

/* Both forms, for a reader to choose: RFC 2046 section 5.1.4. The boundary is of the
 * letter's own name; base64 cannot hold it, nor can quoted-printable. */
static void put_alternatives(struct buf *out, const struct letter *letter)
{
	const struct {
		const char *text, *subtype;
	} parts[] = {{letter->text ? letter->text : "", "plain"}, {letter->html, "html"}};
	char *key = plain_key(letter), *boundary = mem_printf("=_%s", key);

	buf_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n",
	        boundary);
	for (size_t i = 0; i < 2; i++) {
		const char *text = parts[i].text;

		buf_printf(out, "\r\n--%s\r\n", boundary);
		put_part(out, text, parts[i].subtype,
		        strstr(text, boundary) ? GMIME_CONTENT_ENCODING_BASE64
		                               : encoding_of(text, strlen(text)));
	}
	buf_printf(out, "\r\n--%s--\r\n", boundary);
	free(boundary);
	free(key);
}

char *mime_render(const struct letter *letter, size_t *len)
{
	const char *text = letter->text ? letter->text : "";
	struct buf out = {0};

	mime_begin();
	buf_reserve(&out,
	        1024 + 3 * (strlen(text) + strlen(letter->html ? letter->html : "")) / 2);
	if (put_own_fields(&out, letter) && put_encoded_fields(&out, letter)) {
		buf_adds(&out, "MIME-Version: 1.0\r\n");
		if (letter->html)
			put_alternatives(&out, letter);
		else
			put_part(&out, text, "plain", encoding_of(text, strlen(text)));
	} else {
		buf_free(&out);
	}
	*len = out.len;
	return out.data;
}
