/* Responses as bytes. It never looks at what a body says. */
#include "door/http.h"

const char *http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"},
	        {204, "No Content"}, {206, "Partial Content"}, {301, "Moved Permanently"},
	        {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
	        {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
	        {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
	        {404, "Not Found"}, {405, "Method Not Allowed"}, {406, "Not Acceptable"},
	        {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
	        {411, "Length Required"}, {412, "Precondition Failed"},
	        {413, "Content Too Large"}, {414, "URI Too Long"},
	        {415, "Unsupported Media Type"}, {417, "Expectation Failed"},
	        {421, "Misdirected Request"}, {422, "Unprocessable Content"},
	        {425, "Too Early"}, {428, "Precondition Required"},
	        {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
	        {500, "Internal Server Error"}, {501, "Not Implemented"},
	        {502, "Bad Gateway"}, {503, "Service Unavailable"},
	        {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	        {507, "Insufficient Storage"}};
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

static void number(struct buf *out, size_t n)
{
	char digits[24], *s = digits + sizeof digits;
	do
		*--s = (char)('0' + n % 10);
	while (n /= 10);
	buf_add(out, s, (size_t)(digits + sizeof digits - s));
}

static void head(struct buf *out, int status, const char *content_type, bool keep_alive)
{
	buf_adds(out, "HTTP/1.1 ");
	number(out, (size_t)status);
	buf_addc(out, ' ');
	buf_adds(out, http_reason(status));
	buf_adds(out, "\r\nCache-Control: no-store\r\n");
	if (content_type) {
		buf_adds(out, "Content-Type: ");
		buf_adds(out, content_type);
		buf_adds(out, "\r\n");
	}
	if (!keep_alive)
		buf_adds(out, "Connection: close\r\n");
}

void http_respond(struct buf *out, int status, const char *content_type,
        const char *extra, const char *body, size_t len, bool keep_alive, bool head_only)
{
	/* RFC 9110 8.6, 15.3.5 and 15.4.5 */
	bool bodiless = status == 204 || status == 304 || status < 200;
	head(out, status, content_type, keep_alive);
	if (!bodiless) {
		buf_adds(out, "Content-Length: ");
		number(out, len);
		buf_adds(out, "\r\n");
	}
	if (extra)
		buf_adds(out, extra);
	buf_adds(out, "\r\n");
	if (len && !bodiless && !head_only)
		buf_add(out, body, len);
}

void http_respond_stream(struct buf *out, int status, const char *content_type,
        bool chunked, bool keep_alive)
{
	head(out, status, content_type, keep_alive);
	buf_adds(out, chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
}
