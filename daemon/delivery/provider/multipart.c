/* Forms with files in them. Names are ours and static: nothing of them is escaped. */
#include "delivery/provider/multipart.h"

#include <string.h>

void multipart_begin(struct request *request, const char *boundary)
{
	request_header(
	        request, "content-type: multipart/form-data; boundary=%s", boundary);
}

void multipart_field(struct request *request, const char *boundary, const char *name,
        const char *value)
{
	if (!value)
		return;
	buf_printf(&request->body,
	        "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", boundary,
	        name);
	buf_adds(&request->body, value);
	buf_adds(&request->body, "\r\n");
}

void multipart_file(struct request *request, const char *boundary, const char *name,
        const char *filename, const char *type, const void *data, size_t len)
{
	buf_printf(&request->body,
	        "--%s\r\nContent-Disposition: form-data; name=\"%s\"; "
	        "filename=\"%s\"\r\nContent-Type: %s\r\n\r\n",
	        boundary, name, filename, type);
	buf_add(&request->body, data, len);
	buf_adds(&request->body, "\r\n");
}

void multipart_end(struct request *request, const char *boundary)
{
	buf_printf(&request->body, "--%s--\r\n", boundary);
}
