/* Reads delivery reports, by GMime. Believes nothing in them: every length is bounded,
 * mails inside of mails are not looked into, and no address goes into what is shown. */
#include "delivery/mail/dsn.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "delivery/mail/mime.h"
#include "delivery/outcome.h"

#define DEPTH_MOST 4                /* multiparts around the report */
#define PARTS_MOST 16               /* of one of them */
#define FIELDS_MOST ((size_t)65536) /* bytes of fields that are read */
#define VALUE_MOST ((size_t)1024)   /* bytes of one */

/* ---- fields ---- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One field, its folded lines as one. Returns where the next begins; name "" at an empty
 * line. */
static const char *field_next(
        const char *at, const char *end, char name[64], char value[VALUE_MOST])
{
	size_t n = 0, v = 0;
	bool named = false;

	for (bool first = true; at < end && (first || *at == ' ' || *at == '\t');
	        first = false) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop ? stop : end;
		for (; at < stop; at++) {
			if (!named && *at == ':')
				named = true;
			else if (!named && n + 1 < 64 && !blank(*at))
				name[n++] = *at;
			else if (named && v + 1 < VALUE_MOST && *at && *at != '\r' &&
			         (v || !blank(*at)))
				value[v++] = *at;
		}
		at += at < end;
		if (first && !named)
			break;
	}
	while (v && blank(value[v - 1]))
		v--;
	name[named ? n : 0] = 0;
	value[v] = 0;
	return at;
}

static bool is_empty_line(const char *at, const char *end)
{
	return at < end &&
	       (*at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n'));
}

/* What stands behind "rfc822;", as a bare address; nothing when it is none. */
static void take_address(const char *value, char out[BOUNCE_ADDRESS])
{
	const char *text = strchr(value, ';');
	char bare[BOUNCE_ADDRESS];
	size_t len;

	text = text ? text + 1 : value;
	text += strspn(text, " \t<");
	len = strcspn(text, " \t>");
	if (len >= sizeof bare)
		return;
	memcpy(bare, text, len);
	bare[len] = 0;
	if (mime_is_bare(bare))
		strcpy(out, bare);
}

static void take_action(const char *value, char out[16])
{
	size_t len =
	        strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (len < 16)
		for (size_t i = 0; i <= len; i++)
			out[i] = i < len ? (char)(value[i] | 0x20) : 0;
}

/* "5.1.1", with a comment behind it or not. */
static void take_status(const char *value, char out[BOUNCE_STATUS])
{
	unsigned class, subject, detail;
	int used = 0;

	if (sscanf(value, "%1u.%3u.%3u%n", &class, &subject, &detail, &used) == 3 &&
	        (!value[used] || blank(value[used]) || value[used] == '('))
		snprintf(out, BOUNCE_STATUS, "%u.%u.%u", class % 10, subject % 1000,
		        detail % 1000);
}

static bool names_one(const char *word, const char *address)
{
	char local[BOUNCE_ADDRESS];
	size_t len = strcspn(address, "@");

	memcpy(local, address, len);
	local[len] = 0;
	return strchr(word, '@') || (len && strcasestr(word, local));
}

/* The server's words, behind "smtp;", without those that name somebody. */
static void take_words(const char *value, struct bounce *b)
{
	const char *at = strchr(value, ';') ? strchr(value, ';') + 1 : value;
	struct buf out = {0};

	while (*(at += strspn(at, " \t"))) {
		char word[VALUE_MOST];
		size_t len = strcspn(at, " \t");
		bool hidden;

		memcpy(word, at, len);
		word[len] = 0;
		at += len;
		hidden = names_one(word, b->recipient) || names_one(word, b->original);
		buf_printf(&out, "%s%s", out.len ? " " : "", hidden ? "***" : word);
	}
	outcome_copy(b->words, BOUNCE_WORDS, out.len ? out.data : "", out.len);
	buf_free(&out);
}

/* ---- recipients ---- */

static void take_field(
        struct bounce *b, const char *name, const char *value, char words[VALUE_MOST])
{
	if (!strcasecmp(name, "Final-Recipient"))
		take_address(value, b->recipient);
	else if (!strcasecmp(name, "Original-Recipient"))
		take_address(value, b->original);
	else if (!strcasecmp(name, "Action"))
		take_action(value, b->action);
	else if (!strcasecmp(name, "Status"))
		take_status(value, b->status);
	else if (!strcasecmp(name, "Diagnostic-Code"))
		memcpy(words, value, strlen(value) + 1);
}

/* One group of fields, up to an empty line. Returns where that ends. */
static const char *group_next(const char *at, const char *end, struct bounce *b)
{
	char name[64], value[VALUE_MOST], words[VALUE_MOST] = "";

	*b = (struct bounce){0};
	while (at < end && !is_empty_line(at, end)) {
		at = field_next(at, end, name, value);
		take_field(b, name, value, words);
	}
	while (is_empty_line(at, end))
		at += *at == '\r' ? 2 : 1;
	take_words(words, b);
	return at;
}

/* Bounces' own groups: the first one is of the mail as a whole and names nobody. */
static size_t read_status(const char *text, size_t len, struct bounce *out)
{
	const char *end = text + len;
	size_t n = 0;

	while (text < end && n < BOUNCES_MOST) {
		text = group_next(text, end, &out[n]);
		n += out[n].recipient[0] || out[n].original[0];
	}
	return n;
}

/* ---- the mail ---- */

/* What a part holds, decoded, at most FIELDS_MOST bytes. */
static void part_text(GMimeObject *part, struct buf *out)
{
	GMimeStream *stream;
	GMimeDataWrapper *content;
	GByteArray *bytes;

	if (!GMIME_IS_PART(part) ||
	        !(content = g_mime_part_get_content(GMIME_PART(part))))
		return;
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	buf_add(out, bytes->data, bytes->len < FIELDS_MOST ? bytes->len : FIELDS_MOST);
	g_object_unref(stream);
}

/* Whose mail was returned. A server may put a name of its own in place of ours: then our
 * key tells that it is not somebody else's. */
struct returned {
	char name[MARK_NAME];
	bool named, keyed;
};

static void take_name(struct returned *r, const char *field, const char *value)
{
	if (value && !strcasecmp(field, "Message-ID") && !r->named) {
		r->named = true;
		mark_find(value, r->name);
	}
	r->keyed = r->keyed || (value && !strcasecmp(field, "X-Dangol-Key"));
}

static void take_own(struct returned *r, GMimeObject *mail)
{
	static const char *const fields[] = {"Message-ID", "X-Dangol-Key"};

	for (size_t i = 0; i < 2; i++)
		take_name(r, fields[i], g_mime_object_get_header(mail, fields[i]));
}

static void take_fields(struct returned *r, const char *text, size_t len)
{
	const char *end = text + len;
	char name[64], value[VALUE_MOST];

	while (text < end && !is_empty_line(text, end)) {
		text = field_next(text, end, name, value);
		take_name(r, name, value);
	}
}

/* The returned mail, whole or its fields alone. */
static void take_returned(struct returned *r, GMimeObject *part)
{
	struct buf text = {0};
	GMimeMessage *inner =
	        GMIME_IS_MESSAGE_PART(part)
	                ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(part))
	                : NULL;

	if (inner)
		take_own(r, GMIME_OBJECT(inner));
	part_text(part, &text);
	if (text.len)
		take_fields(r, text.data, text.len);
	buf_free(&text);
}

/* The name of ours that the report answers to. */
static bool answers(GMimeObject *mail, const char *field, char out[MARK_NAME])
{
	const char *value = g_mime_object_get_header(mail, field);

	return value && mark_find(value, out);
}

static bool is_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *is = g_mime_object_get_content_type(object);

	return is && g_mime_content_type_is_type(is, type, subtype);
}

static bool is_report(GMimeObject *object)
{
	const char *kind;

	if (!GMIME_IS_MULTIPART(object) || !is_type(object, "multipart", "report"))
		return false;
	kind = g_mime_object_get_content_type_parameter(object, "report-type");
	return kind && (!strcasecmp(kind, "delivery-status") ||
	                       !strcasecmp(kind, "global-delivery-status"));
}

static int parts_of(GMimeObject *object)
{
	int n = GMIME_IS_MULTIPART(object)
	                ? g_mime_multipart_get_count(GMIME_MULTIPART(object))
	                : 0;

	return n < PARTS_MOST ? n : PARTS_MOST;
}

/* A report may be wrapped by who adds a footer; a mail in a mail is somebody's. */
static GMimeObject *find_report(GMimeObject *object, int depth)
{
	GMimeObject *found = is_report(object) ? object : NULL;

	for (int i = 0; !found && depth < DEPTH_MOST && i < parts_of(object); i++)
		found = find_report(
		        g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1);
	return found;
}

static size_t read_report(GMimeObject *report, GMimeObject *mail, struct bounce *out)
{
	struct returned r = {0};
	struct buf text = {0};
	size_t n;

	for (int i = 0; i < parts_of(report); i++) {
		GMimeObject *part = g_mime_multipart_get_part(GMIME_MULTIPART(report), i);
		if (is_type(part, "message", "delivery-status") ||
		        is_type(part, "message", "global-delivery-status")) {
			if (!text.len)
				part_text(part, &text);
		} else if (is_type(part, "message", "*") ||
		           is_type(part, "text", "rfc822-headers")) {
			take_returned(&r, part);
		}
	}
	if (!r.named && !answers(mail, "In-Reply-To", r.name))
		answers(mail, "References", r.name);
	n = text.len ? read_status(text.data, text.len, out) : 0;
	for (size_t i = 0; i < n; i++) {
		strcpy(out[i].name, r.name);
		out[i].strange = r.named && !r.name[0] && !r.keyed;
	}
	buf_free(&text);
	return n;
}

size_t dsn_read(const char *mail, size_t len, struct bounce out[BOUNCES_MOST])
{
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;
	GMimeObject *body, *report;
	size_t n = 0;

	mime_begin();
	stream = g_mime_stream_mem_new_with_buffer(mail, len);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	body = message ? g_mime_message_get_mime_part(message) : NULL;
	report = body ? find_report(body, 0) : NULL;
	if (report)
		n = read_report(report, GMIME_OBJECT(message), out);
	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return n;
}
