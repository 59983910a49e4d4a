/* Provider webhook: each message is one signed POST to an address of the owner's, after
 * the Standard Webhooks specification. Its id is the message's key and the same over
 * retries, so that the other side can tell a repetition. Never repeats an advertisement
 * that may have arrived. */
#include "delivery/webhook.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "delivery/httpc.h"
#include "delivery/outcome.h"
#include "delivery/parcel.h"
#include "delivery/signed.h"

#define CONNECTIONS 8

struct webhook {
	struct httpc *httpc;
	struct channel *channel;
	void (*closed)(struct channel *channel);
};

struct errand {
	struct channel *channel;
	struct letter *letter;
	webhook_judge judge;
};

/* ---- what an answer means ---- */

static const char *first_word(const char *body)
{
	return body + strspn(body, " \t\r\n\xef\xbb\xbf");
}

/* 2xx. HTML, or JSON that breaks off, is somebody else's answer: nobody knows. */
static struct outcome taken(const struct httpc_answer *answer, const char *code)
{
	struct outcome outcome = outcome_make(OUTCOME_ACCEPTED, code, "%s", "");
	char first = *first_word(answer->body);
	json_t *json, *id, *accepted;

	if (first == '<')
		return outcome_make(OUTCOME_UNKNOWN, code, "%s",
		        TR("the answer is a web page, not the service's",
		                "서비스의 답이 아니라 웹 페이지가 왔습니다"));
	if (first != '{' && first != '[')
		return outcome;
	json = json_loadb(answer->body, answer->body_len, 0, NULL);
	if (!json)
		return outcome_make(OUTCOME_UNKNOWN, code, "%s",
		        TR("the answer is not whole", "답이 온전하지 않습니다"));
	id = json_object_get(json, "id");
	accepted = json_object_get(json, "accepted");
	if (json_is_string(id))
		outcome_copy(outcome.provider_id, sizeof outcome.provider_id,
		        json_string_value(id), json_string_length(id));
	else if (json_is_integer(id))
		snprintf(outcome.provider_id, sizeof outcome.provider_id,
		        "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	if (json_is_integer(accepted) && json_integer_value(accepted) == 0)
		outcome = outcome_make(OUTCOME_REFUSED, code, "%s",
		        TR("the service took nothing of it",
		                "서비스가 하나도 받지 않았습니다"));
	json_decref(json);
	return outcome;
}

static struct outcome later(const struct httpc_answer *answer, const char *code)
{
	struct outcome outcome = outcome_make(OUTCOME_LATER, code,
	        TR("the service asks to come again later (%s)",
	                "서비스가 나중에 다시 보내라고 합니다 (%s)"),
	        code);

	outcome.retry_after_ms = answer->retry_after_ms;
	return outcome;
}

static struct outcome of_status(const struct httpc_answer *answer, bool ad)
{
	int status = answer->status;
	char code[16];

	snprintf(code, sizeof code, "%d", status);
	if (status >= 200 && status < 300)
		return taken(answer, code);
	if (status == 408 || status == 425 || status == 429)
		return later(answer, code);
	if (status == 401 || status == 403)
		return outcome_make(OUTCOME_OPERATOR, code,
		        TR("the service does not accept our signature or secret (%s); "
		           "put it right and send SIGHUP",
		                "서비스가 서명이나 비밀 값을 받아들이지 않습니다 (%s). "
		                "고친 뒤 SIGHUP을 보내십시오"),
		        code);
	if (status >= 300 && status < 400)
		return outcome_make(OUTCOME_OPERATOR, code,
		        TR("the service has moved (%s); write its new address into "
		           "dangol.conf",
		                "서비스 주소가 바뀌었습니다 (%s). dangol.conf의 url을 "
		                "고치십시오"),
		        code);
	if (status >= 400 && status < 500)
		return outcome_make(OUTCOME_REFUSED, code,
		        TR("the service refuses the message (%s)",
		                "서비스가 메시지를 거절했습니다 (%s)"),
		        code);
	if (status >= 500 && !ad)
		return later(answer, code);
	return outcome_make(OUTCOME_UNKNOWN, code,
	        TR("the service failed (%s); it may have taken the message",
	                "서비스에 오류가 났습니다 (%s). 메시지를 받았을 수도 있습니다"),
	        code);
}

struct outcome webhook_outcome(const struct httpc_answer *answer, bool ad)
{
	switch (answer->result) {
	case HTTPC_ANSWERED:
		return of_status(answer, ad);
	case HTTPC_NOT_SENT:
		return outcome_make(OUTCOME_NOT_SENT, NULL, "%s", answer->why);
	case HTTPC_LOST:
		break;
	}
	return outcome_make(OUTCOME_UNKNOWN, NULL, "%s", answer->why);
}

/* ---- the provider ---- */

static void on_answer(void *arg, const struct httpc_answer *answer)
{
	struct errand *errand = arg;
	struct outcome outcome = errand->judge(answer, errand->letter->ad);

	channel_answer(errand->channel, errand->letter, &outcome);
	free(errand);
}

void webhook_begin(struct channel *channel)
{
	int connections = channel->config->connections;
	struct webhook *webhook = mem_alloc(sizeof *webhook);

	webhook->channel = channel;
	webhook->httpc =
	        httpc_new(channel->loop, connections > 0 ? connections : CONNECTIONS);
	channel->state = webhook;
}

static bool open_webhook(struct channel *channel, char why[256])
{
	const struct channel_config *config = channel->config;

	if (!config->url || !httpc_allowed(config->url)) {
		snprintf(why, 256,
		        TR("channel %s: provider webhook needs url \"https://…\" "
		           "(http:// "
		           "only to this machine)",
		                "%s 채널: webhook에는 url \"https://…\"이(가) 필요합니다 "
		                "(http://는 이 컴퓨터로만)"),
		        config->name);
		return false;
	}
	webhook_begin(channel);
	return true;
}

int webhook_room(struct channel *channel)
{
	struct webhook *webhook = channel->state;

	return httpc_room(webhook->httpc);
}

void webhook_post(struct channel *channel, struct letter *letter, const char *url,
        const char *type, const char *body, webhook_judge judge)
{
	struct webhook *webhook = channel->state;
	struct errand *errand = mem_alloc(sizeof *errand);

	*errand = (struct errand){channel, letter, judge};
	signed_post(webhook->httpc, &channel->config->secret, letter->key, url, type,
	        body, on_answer, errand);
}

static void send_letter(struct channel *channel, struct letter *letter)
{
	char *body = parcel_json(letter);

	webhook_post(channel, letter, channel->config->url, "application/json", body,
	        webhook_outcome);
	free(body);
}

static void on_freed(void *arg)
{
	struct webhook *webhook = arg;
	struct channel *channel = webhook->channel;
	void (*closed)(struct channel *) = webhook->closed;

	free(webhook);
	channel->state = NULL;
	closed(channel);
}

void webhook_close(
        struct channel *channel, int grace_ms, void (*closed)(struct channel *channel))
{
	struct webhook *webhook = channel->state;

	webhook->closed = closed;
	httpc_free(webhook->httpc, grace_ms, on_freed, webhook);
}

const struct channel_ops webhook_ops = {
        .provider = "webhook",
        .open = open_webhook,
        .room = webhook_room,
        .send = send_letter,
        .close = webhook_close,
};
