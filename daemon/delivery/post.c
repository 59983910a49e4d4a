/* The step post: tells a machine of the shop's what a rule says, in its template's own
 * words. Many machines stand behind it, so that it pauses for none of them. */
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/outcome.h"
#include "delivery/webhook.h"

static bool open_post(struct channel *channel, char why[256])
{
	(void)why;
	webhook_begin(channel);
	return true;
}

/* No secret and no channel of dangol.conf to pause: that one machine is asked again. */
static struct outcome judge(const struct httpc_answer *answer, bool ad)
{
	struct outcome outcome = webhook_outcome(answer, ad);

	if (outcome.kind != OUTCOME_OPERATOR)
		return outcome;
	return outcome_make(OUTCOME_LATER, outcome.code,
	        TR("the machine does not take it (%s): look at it, and at the address "
	           "behind 'post' in the rule",
	                "그 기기가 받지 않습니다 (%s). 기기와, 규칙의 '알리기' 뒤 주소를 "
	                "확인하십시오"),
	        outcome.code);
}

static void refuse(struct channel *channel, struct letter *letter)
{
	struct outcome outcome =
	        clock_bent()
	                ? outcome_make(OUTCOME_REFUSED, "rehearsal", "%s",
	                          TR("a rehearsal reaches http:// of this machine alone",
	                                  "연습 중에는 이 컴퓨터의 http://에만 보냅니다"))
	                : outcome_make(OUTCOME_REFUSED, "address", "%s",
	                          TR("http:// reaches this machine alone: write https:// "
	                             "behind 'post' in the rule",
	                                  "http://는 이 컴퓨터로만 보냅니다. 규칙의 "
	                                  "'알리기' 뒤에 https:// 주소를 쓰십시오"));

	channel_answer(channel, letter, &outcome);
}

static const char *type_of(const char *body)
{
	char first = body[strspn(body, " \t\r\n")];

	return first == '{' || first == '[' ? "application/json"
	                                    : "text/plain; charset=utf-8";
}

static void send_letter(struct channel *channel, struct letter *letter)
{
	bool near = !strncmp(letter->to, "http:", 5);

	if (!httpc_allowed(letter->to) || (clock_bent() && !near))
		refuse(channel, letter);
	else
		webhook_post(channel, letter, letter->to, type_of(letter->text),
		        letter->text, judge);
}

const struct channel_ops post_ops = {
        .provider = "post",
        .open = open_post,
        .room = webhook_room,
        .send = send_letter,
        .close = webhook_close,
};
