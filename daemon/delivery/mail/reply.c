/* Replies of mail servers, judged. Lets no address through into what the owner reads. */
#include "delivery/mail/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "delivery/outcome.h"

/* "5.1.1" in front of the text, or "". */
static void enhanced(const char *text, char out[16])
{
	int class, subject, detail, used = 0;

	out[0] = 0;
	if (text &&
	        sscanf(text, "%1d.%3d.%3d%n", &class, &subject, &detail, &used) == 3 &&
	        (!text[used] || strchr(" \t\r\n", text[used])))
		snprintf(out, 16, "%d.%d.%d", class, subject, detail);
}

static bool names_recipient(const char *word, size_t len, const char *to)
{
	size_t local = to ? strcspn(to, "@") : 0;

	if (memchr(word, '@', len))
		return true;
	for (size_t i = 0; local && i + local <= len; i++)
		if (!strncasecmp(word + i, to, local))
			return true;
	return false;
}

/* The server's words on one line, without the address. */
static void speak(const char *text, const char *to, char *out, size_t size)
{
	size_t used = 0;

	out[0] = 0;
	while (text && *text) {
		size_t skip = strspn(text, " \t\r\n"),
		       len = strcspn(text + skip, " \t\r\n");
		const char *word = text + skip;

		if (!len || used + len + 8 > size)
			break;
		used += (size_t)snprintf(out + used, size - used, "%s%.*s",
		        used ? " " : "", names_recipient(word, len, to) ? 3 : (int)len,
		        names_recipient(word, len, to) ? "***" : word);
		text = word + len;
	}
}

static enum outcome_kind judge_5xx(enum reply_stage stage, int code, const char *status)
{
	bool too_big = code == 552 || !strcmp(status, "5.3.4");

	if (code == 530 || code == 534 || code == 535 || code == 538)
		return OUTCOME_OPERATOR;
	switch (stage) {
	case REPLY_CONNECT:
	case REPLY_GREETING:
	case REPLY_AUTH:
	case REPLY_TOKEN:
		return OUTCOME_OPERATOR;
	case REPLY_MAIL:
		return too_big ? OUTCOME_REFUSED : OUTCOME_OPERATOR;
	case REPLY_RCPT:
	case REPLY_DATA:
		break;
	}
	if (!strcmp(status, "5.1.1") || !strcmp(status, "5.1.10"))
		return OUTCOME_BAD_ADDRESS;
	return OUTCOME_REFUSED;
}

static enum outcome_kind judge(enum reply_stage stage, int code, const char *status)
{
	if (code >= 200 && code < 300)
		return OUTCOME_ACCEPTED;
	if (code >= 500 && code < 600)
		return judge_5xx(stage, code, status);
	if (code >= 400 && code < 500)
		return stage >= REPLY_MAIL ? OUTCOME_LATER : OUTCOME_NOT_SENT;
	return OUTCOME_NOT_SENT;
}

static const char *sentence(enum reply_stage stage, enum outcome_kind kind)
{
	switch (kind) {
	case OUTCOME_ACCEPTED:
		return TR("taken", "받음");
	case OUTCOME_BAD_ADDRESS:
		return TR("there is no such mailbox", "없는 메일 주소입니다");
	case OUTCOME_REFUSED:
		return TR("the mail server refuses the letter",
		        "메일 서버가 메일을 거절했습니다");
	case OUTCOME_WINDOW:
	case OUTCOME_LATER:
		return TR("the mail server asks to come again later",
		        "메일 서버가 나중에 다시 보내라고 합니다");
	case OUTCOME_OPERATOR:
		if (stage == REPLY_MAIL)
			return TR("the mail server refuses the sender; put `from` or "
			          "`user` right",
			        "메일 서버가 보내는 사람을 거절했습니다. from이나 user를 "
			        "고치십시오");
		if (stage == REPLY_AUTH)
			return TR("the mail server refuses user or password; put them "
			          "right and send SIGHUP",
			        "메일 서버가 사용자나 비밀번호를 거절했습니다. 고친 뒤 "
			        "SIGHUP을 보내십시오");
		if (stage == REPLY_TOKEN)
			return TR("the mail server refuses the access token (token); put "
			          "a fresh one into its credential and send SIGHUP",
			        "메일 서버가 접근 토큰(token)을 거절했습니다. 자격증명에 "
			        "새 토큰을 적고 SIGHUP을 보내십시오");
		return TR("the mail server turns us away",
		        "메일 서버가 접속을 거절했습니다");
	case OUTCOME_OPTED_OUT:
	case OUTCOME_NOT_SENT:
	case OUTCOME_UNKNOWN:
		break;
	}
	return TR("the mail server did not get as far as this letter",
	        "메일 서버가 이 메일까지 오지 못했습니다");
}

/* Too many, too fast, not known yet: what a receiving server says of all letters for its
 * domain. Source: RFC 5321 3.8 (421), RFC 3463 3.8 (X.7.x). */
static bool for_domain(
        enum reply_stage stage, enum outcome_kind kind, int code, const char *status)
{
	return kind == OUTCOME_LATER && (stage == REPLY_RCPT || stage == REPLY_DATA) &&
	       (code == 421 || !strncmp(status, "4.7.", 4));
}

struct outcome reply_outcome(
        enum reply_stage stage, const struct reply *reply, const char *to)
{
	char status[16], code[32], words[160];
	struct outcome outcome;
	enum outcome_kind kind;

	enhanced(reply->text, status);
	kind = judge(stage, reply->code, status);
	if (reply->code == 530)
		stage = REPLY_AUTH;
	speak(reply->text, to, words, sizeof words);
	snprintf(code, sizeof code, "%d%s%s", reply->code, status[0] ? " " : "", status);
	outcome = outcome_make(kind, reply->code ? code : NULL, "%s%s%s",
	        sentence(stage, kind), words[0] ? ": " : "", words);
	outcome.domain = for_domain(stage, kind, reply->code, status);
	return outcome;
}
