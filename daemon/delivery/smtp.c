/* Provider smtp: e-mail through the shop's mail server, by way of the mail children.
 * Sends nothing in the clear but to this machine itself. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "delivery/channel.h"
#include "delivery/mailer.h"

static bool loopback(const char *host)
{
	struct in_addr four;

	return !strcasecmp(host, "localhost") || !strcmp(host, "::1") ||
	       (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

static bool open_smtp(struct channel *channel, char why[256])
{
	const struct channel_config *config = channel->config;
	char program[4096];

	if (!config->server || !config->from) {
		snprintf(why, 256,
		        TR("channel %s: provider smtp needs server and from",
		                "%s 채널: smtp에는 server와 from이 필요합니다"),
		        config->name);
		return false;
	}
	if (config->tls == TLS_NONE && !loopback(config->server)) {
		snprintf(why, 256,
		        TR("channel %s: tls none is for a server on this machine only",
		                "%s 채널: tls none은 이 컴퓨터의 서버에만 쓸 수 "
		                "있습니다"),
		        config->name);
		return false;
	}
	mailer_program(program, sizeof program);
	channel->state = mailer_new(channel, program);
	return true;
}

static int room(struct channel *channel)
{
	return mailer_room(channel->state);
}

static void send_letter(struct channel *channel, struct letter *letter)
{
	mailer_send(channel->state, letter);
}

static void close_smtp(
        struct channel *channel, int grace_ms, void (*closed)(struct channel *channel))
{
	mailer_free(channel->state, grace_ms, closed, channel);
}

const struct channel_ops smtp_ops = {
        .provider = "smtp",
        .open = open_smtp,
        .room = room,
        .send = send_letter,
        .close = close_smtp,
};
