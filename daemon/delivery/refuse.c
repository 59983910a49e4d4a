/* Who refused at the provider (080 numbers): its list is taken over from time to time, so
 * that nobody on it is written to. It takes nobody off: who refused once gives consent
 * anew by himself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/courier.h"
#include "delivery/dispatch_inner.h"

#define EVERY (6 * MS_HOUR)
#define AGAIN (10 * MS_MINUTE) /* when it could not be had */

static const char *meta_name(const struct line *line, char out[96])
{
	snprintf(out, 96, "refusals:%s:%s", line->name, line->config->provider);
	return out;
}

static void on_list(void *arg, const struct talk *talk)
{
	struct line *line = arg;

	line->asked_out = false;
	if (talk->failed)
		log_warn(TR("the list of refusals of channel %s cannot be had: %s",
		                 "%s 채널의 수신거부 목록을 받지 못했습니다: %s"),
		        line->name, talk->n_lines ? talk->lines[talk->n_lines - 1] : "-");
	for (size_t i = 0; i < talk->n_lines && !talk->failed; i++)
		told_refusal(&line->channel, talk->lines[i]);
	if (talk->failed)
		line->refusals_at = 0;
}

static bool has_list(const struct line *line)
{
	const struct channel_ops *ops = line->channel.ops;

	return ops && ops->protocol && ops->protocol->refusals &&
	       !strcmp(line->name, "sms");
}

static int64_t ask(struct dispatch *d, struct line *line, int64_t now)
{
	char name[96];

	if (!line->refusals_at)
		line->refusals_at =
		        db_meta_int(d->engine->db, meta_name(line, name), now);
	if (line->refusals_at > now)
		return line->refusals_at;
	if (!courier_consult(
	            &line->channel, line->channel.ops->protocol->refusals, on_list, line))
		return now + MS_SECOND;
	line->refusals_at = now + EVERY;
	db_meta_set_int(d->engine->db, meta_name(line, name), now + AGAIN);
	return line->refusals_at;
}

int64_t refusals_run(struct dispatch *d, int64_t now)
{
	int64_t next = 0;

	for (size_t i = 0; i < d->n_lines && !d->recorder; i++) {
		struct line *lines[] = {&d->lines[i], d->lines[i].spare};
		for (int k = 0; k < 2 && lines[k]; k++) {
			int64_t at = has_list(lines[k]) ? ask(d, lines[k], now) : 0;
			if (at && (!next || at < next))
				next = at;
		}
	}
	return next;
}
