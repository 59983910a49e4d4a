/* Looks over a header block line by line. It never guesses what a peer may have meant: a
 * doubt is a refusal. */
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "door/head.h"

static const char *const methods[] = {
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

static enum head_state refuse(struct head *head, int status, const char *why)
{
	head->status = status;
	head->why = why;
	return HEAD_REFUSED;
}

static bool fail(struct head *head, int status, const char *why)
{
	refuse(head, status, why);
	return false;
}

/* RFC 9110 5.6.2 */
static bool is_token(unsigned char c)
{
	static const bool token[256] = {['!'] = 1,
	        ['#'] = 1,
	        ['$'] = 1,
	        ['%'] = 1,
	        ['&'] = 1,
	        ['\''] = 1,
	        ['*'] = 1,
	        ['+'] = 1,
	        ['-'] = 1,
	        ['.'] = 1,
	        ['^'] = 1,
	        ['_'] = 1,
	        ['`'] = 1,
	        ['|'] = 1,
	        ['~'] = 1,
	        ['0' ... '9'] = 1,
	        ['A' ... 'Z'] = 1,
	        ['a' ... 'z'] = 1};
	return token[c];
}

static bool is_text(unsigned char c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool same(const char *a, size_t len, const char *lower)
{
	return len == strlen(lower) && !strncasecmp(a, lower, len);
}

/* ---- the request line ---- */

static const char *method_of(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strlen(methods[i]) == len && !memcmp(methods[i], s, len))
			return methods[i];
	return NULL;
}

static bool read_method(struct head *head, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_token((unsigned char)s[i]))
			return fail(head, 400,
			        TR("the request line is malformed",
			                "요청 줄의 형식이 잘못되었습니다"));
	head->method = method_of(s, len);
	if (!head->method)
		return fail(head, 501,
		        TR("this method is not served here",
		                "지원하지 않는 메서드입니다"));
	return true;
}

static bool read_version(struct head *head, const char *s, size_t len)
{
	bool shaped = len == 8 && !memcmp(s, "HTTP/", 5) && s[5] >= '0' && s[5] <= '9' &&
	              s[6] == '.' && s[7] >= '0' && s[7] <= '9';
	if (!shaped)
		return fail(head, 400,
		        TR("the request line is malformed",
		                "요청 줄의 형식이 잘못되었습니다"));
	if (s[5] != '1' || s[7] > '1')
		return fail(head, 505,
		        TR("only HTTP/1.1 and HTTP/1.0 are spoken here",
		                "HTTP/1.1과 HTTP/1.0만 지원합니다"));
	head->minor = s[7] - '0';
	return true;
}

/* Only the origin form: neither a proxy's nor a tunnel's target is ours. Bytes over 0x7f
 * are let through, because people type Korean names into curl; whoever decodes the path
 * checks that they are UTF-8. */
static bool read_target(struct head *head, const char *s, size_t len)
{
	bool good = len && s[0] == '/';
	for (size_t i = 0; good && i < len; i++)
		good = (unsigned char)s[i] > 0x20 && s[i] != 0x7f && s[i] != '#';
	if (!good)
		return fail(head, 400,
		        TR("the request's target must be a path that begins with a slash",
		                "요청 대상은 슬래시(/)로 시작하는 경로여야 합니다"));
	return true;
}

static bool request_line(struct head *head, const char *data, size_t from, size_t end)
{
	const char *s = data + from, *stop = data + end;
	const char *first = memchr(s, ' ', (size_t)(stop - s));
	const char *second =
	        first ? memchr(first + 1, ' ', (size_t)(stop - first - 1)) : NULL;
	if (!second || first == s)
		return fail(head, 400,
		        TR("the request line is malformed",
		                "요청 줄의 형식이 잘못되었습니다"));
	if (!read_version(head, second + 1, (size_t)(stop - second - 1)) ||
	        !read_method(head, s, (size_t)(first - s)) ||
	        !read_target(head, first + 1, (size_t)(second - first - 1)))
		return false;
	head->target = (uint16_t)(first + 1 - data);
	head->target_len = (uint16_t)(second - first - 1);
	head->begun = true;
	return true;
}

/* ---- what the lines mean ---- */

static bool on_host(struct head *head, const char *s, size_t len)
{
	if (head->has_host)
		return fail(head, 400,
		        TR("there is more than one Host", "Host 헤더가 둘 이상입니다"));
	for (size_t i = 0; i < len; i++)
		if (is_space(s[i]) || strchr("/\\@,?#", s[i]) ||
		        (unsigned char)s[i] > 0x7f)
			return fail(head, 400,
			        TR("Host is malformed",
			                "Host 헤더의 형식이 잘못되었습니다"));
	head->has_host = true;
	return true;
}

static bool on_length(struct head *head, const char *s, size_t len)
{
	if (head->has_length)
		return fail(head, 400,
		        TR("there is more than one Content-Length",
		                "Content-Length 헤더가 둘 이상입니다"));
	uint64_t length = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			len = 0;
		else if (length < HEAD_LENGTH_CEILING)
			length = length * 10 + (uint64_t)(s[i] - '0');
	}
	if (!len)
		return fail(head, 400,
		        TR("Content-Length is malformed",
		                "Content-Length 헤더의 형식이 잘못되었습니다"));
	head->has_length = true;
	head->length = length;
	return true;
}

static bool on_encoding(struct head *head, const char *s, size_t len)
{
	if (head->chunked)
		return fail(head, 400,
		        TR("there is more than one Transfer-Encoding",
		                "Transfer-Encoding 헤더가 둘 이상입니다"));
	if (!same(s, len, "chunked"))
		return fail(head, 501,
		        TR("the only Transfer-Encoding taken is chunked",
		                "Transfer-Encoding은 chunked 하나만 받습니다"));
	head->chunked = true;
	return true;
}

static void on_connection(struct head *head, const char *s, size_t len)
{
	const char *stop = s + len;
	while (s < stop) {
		const char *comma = memchr(s, ',', (size_t)(stop - s));
		const char *end = comma ? comma : stop;
		while (s < end && is_space(*s))
			s++;
		while (s < end && is_space(end[-1]))
			end--;
		if (same(s, (size_t)(end - s), "close"))
			head->close = true;
		s = comma ? comma + 1 : stop;
	}
}

static bool meaning(
        struct head *head, const char *name, size_t name_len, const char *s, size_t len)
{
	switch (name_len) {
	case 4:
		return !same(name, 4, "host") || on_host(head, s, len);
	case 6:
		if (same(name, 6, "expect"))
			head->expect_continue = same(s, len, "100-continue");
		return true;
	case 10:
		if (same(name, 10, "connection"))
			on_connection(head, s, len);
		return true;
	case 14:
		return !same(name, 14, "content-length") || on_length(head, s, len);
	case 17:
		return !same(name, 17, "transfer-encoding") || on_encoding(head, s, len);
	default:
		return true;
	}
}

static bool header_line(struct head *head, const char *data, size_t from, size_t end)
{
	if (is_space(data[from]))
		return fail(head, 400,
		        TR("a header is folded over lines",
		                "헤더가 여러 줄로 접혀 있습니다"));
	if (head->n == HEAD_LINES_MAX)
		return fail(head, 431,
		        TR("there are more than 64 headers", "헤더가 64개를 넘습니다"));
	size_t colon = from;
	while (colon < end && is_token((unsigned char)data[colon]))
		colon++;
	if (colon == from || colon == end || data[colon] != ':')
		return fail(head, 400,
		        TR("a header's name is malformed",
		                "헤더 이름의 형식이 잘못되었습니다"));
	size_t value = colon + 1, stop = end;
	while (value < stop && is_space(data[value]))
		value++;
	while (stop > value && is_space(data[stop - 1]))
		stop--;
	head->lines[head->n++] = (struct head_line){(uint16_t)from,
	        (uint16_t)(colon - from), (uint16_t)value, (uint16_t)(stop - value)};
	return meaning(head, data + from, colon - from, data + value, stop - value);
}

/* RFC 9112 6.1, 6.3 and 3.2 */
static enum head_state finish(struct head *head)
{
	if (head->chunked && (head->has_length || head->minor == 0))
		return refuse(head, 400,
		        head->minor
		                ? TR("Transfer-Encoding and Content-Length stand "
		                     "together",
		                          "Transfer-Encoding과 Content-Length가 함께 "
		                          "있습니다")
		                : TR("Transfer-Encoding does not exist in HTTP/1.0",
		                          "HTTP/1.0에는 Transfer-Encoding이 없습니다"));
	if (head->minor == 1 && !head->has_host)
		return refuse(head, 400, TR("there is no Host", "Host 헤더가 없습니다"));
	return HEAD_DONE;
}

/* The line is [from, end), its LF at end. */
static enum head_state one_line(
        struct head *head, const char *data, size_t from, size_t end)
{
	if (end == from || data[end - 1] != '\r')
		return refuse(head, 400,
		        TR("a line ends with a bare line feed",
		                "줄이 CR 없이 LF로만 끝났습니다"));
	end--;
	for (size_t i = from; i < end; i++)
		if (!is_text((unsigned char)data[i]))
			return refuse(head, 400,
			        TR("the header holds a control character",
			                "헤더에 제어 문자가 있습니다"));
	if (end == from && head->begun)
		return finish(head);
	if (end == from && !head->skipped) {
		head->skipped = true;
		return HEAD_MORE;
	}
	bool good = head->begun ? header_line(head, data, from, end)
	                        : request_line(head, data, from, end);
	return good ? HEAD_MORE : HEAD_REFUSED;
}

void head_init(struct head *head)
{
	struct head fresh = {.n = 0};
	/* The lines need no clearing, and are most of it. */
	size_t lines = offsetof(struct head, lines), after = offsetof(struct head, n);
	memcpy(head, &fresh, lines);
	memcpy((char *)head + after, (char *)&fresh + after, sizeof fresh - after);
}

enum head_state head_scan(struct head *head, const char *data, size_t len)
{
	static const char *const large[] = {
	        "the header is larger than 16 KiB", "헤더가 16 KiB보다 큽니다"};
	while (!head->status) {
		const char *lf = memchr(data + head->seen, '\n', len - head->seen);
		if (!lf && len < HEAD_MAX) {
			head->seen = len;
			return HEAD_MORE;
		}
		if (!lf || lf - data >= HEAD_MAX)
			return refuse(head, 431, TR(large[0], large[1]));
		size_t from = head->line, end = (size_t)(lf - data);
		head->line = head->seen = end + 1;
		enum head_state state = one_line(head, data, from, end);
		if (state != HEAD_MORE)
			return state;
	}
	return HEAD_REFUSED;
}
