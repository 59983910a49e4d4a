/* Where bounces come to, read from one text. Looks at no disk and at no network. */
#include "delivery/mailbox.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"

#define PORT_TLS 993
#define PORT 143

static bool this_machine(const char *host)
{
	struct in_addr four;

	return !strcasecmp(host, "localhost") || !strcmp(host, "::1") ||
	       (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

/* A name that can stand in a command as it is: RFC 3501 9, without what quoting needs. */
static bool plain_name(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~' ||
		        strchr("\"\\%*", *c))
			return false;
	return *name != 0;
}

/* "host", "host:143", "[::1]:143". Cuts the text. */
static bool read_server(char *text, struct mailbox *box)
{
	bool six = text[0] == '[';
	char *end = six ? strchr(text, ']') : NULL, *colon, *rest;

	if (six && !end)
		return false;
	colon = strchr(six ? end : text, ':');
	if (six && end[1] && colon != end + 1)
		return false;
	if (colon) {
		*colon = 0;
		box->port = (int)strtol(colon + 1, &rest, 10);
		if (*rest || rest == colon + 1 || rest > colon + 6 || box->port < 1 ||
		        box->port > 65535)
			return false;
	}
	if (six)
		*end = 0;
	box->server = text + six;
	return *box->server && !strpbrk(box->server, "@/?# \t\r\n");
}

static bool read_url(
        const char *text, struct arena *arena, struct mailbox *box, char why[256])
{
	char *host = arena_strdup(arena, strstr(text, "://") + 3),
	     *slash = strchr(host, '/');

	box->tls = !strncmp(text, "imaps:", 6);
	box->port = box->tls ? PORT_TLS : PORT;
	if (slash)
		*slash = 0;
	box->name = slash && slash[1] ? slash + 1 : "INBOX";
	if (!read_server(host, box) || !plain_name(box->name)) {
		snprintf(why, 256, "%s",
		        TR("a mailbox reads \"imaps://imap.example.com/INBOX\"",
		                "편지함은 \"imaps://imap.example.com/INBOX\"처럼 "
		                "씁니다"));
		return false;
	}
	if (!box->tls && !this_machine(box->server)) {
		snprintf(why, 256, "%s",
		        TR("imap:// without encryption is for this machine alone: write "
		           "imaps://",
		                "암호화하지 않는 imap://은 이 컴퓨터 안에서만 됩니다. "
		                "imaps://로 쓰세요"));
		return false;
	}
	return true;
}

bool mailbox_parse(
        const char *text, struct arena *arena, struct mailbox *out, char why[256])
{
	*out = (struct mailbox){0};
	if (!strncmp(text, "imaps://", 8) || !strncmp(text, "imap://", 7))
		return read_url(text, arena, out, why);
	if (text[0] == '/' && strlen(text) < 1024) {
		out->folder = arena_strdup(arena, text);
		return true;
	}
	snprintf(why, 256, "%s",
	        TR("bounces come to a Maildir (\"/var/mail/bounces\") or to an IMAP "
	           "folder (\"imaps://imap.example.com/INBOX\")",
	                "반송 메일함은 Maildir(\"/var/mail/bounces\")이나 IMAP 폴더"
	                "(\"imaps://imap.example.com/INBOX\")입니다"));
	return false;
}
