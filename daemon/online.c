/* Asks providers on a loop of its own, all at once. It opens no store, and no channel of
 * it ever carries a letter. */
#include "online.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "delivery/courier.h"

/* One account being asked. */
struct question {
	struct channel channel;
	json_t *answer;
	bool open, asked;
};

static void on_wake(struct channel *channel)
{
	(void)channel;
}

/* What is learnt on the way is not for another day. */
static void on_keep(
        struct channel *channel, const char *name, const char *value, int64_t until)
{
	(void)channel;
	(void)name;
	(void)value;
	(void)until;
}

static void on_closed(struct channel *channel)
{
	(void)channel;
}

static void say(struct question *question, const char *line)
{
	json_t *text = json_string(line);

	if (text)
		json_array_append_new(json_object_get(question->answer, "lines"), text);
}

static void on_examined(void *arg, const struct talk *talk)
{
	struct question *question = arg;

	for (size_t i = 0; i < talk->n_lines; i++)
		say(question, talk->lines[i]);
	json_object_set_new(question->answer, "good",
	        json_boolean(!talk->failed && talk->n_lines > 0));
	question->asked = false;
}

static void begin(struct question *question, uv_loop_t *loop,
        const struct channel_config *config, json_t *answers)
{
	const struct channel_ops *ops = channel_provider(config->provider);
	char why[256] = "";

	question->channel = (struct channel){.config = config,
	        .ops = ops,
	        .loop = loop,
	        .wake = on_wake,
	        .keep = on_keep,
	        .owner = question};
	question->answer = json_pack("{s:s, s:s, s:b, s:[]}", "channel", config->name,
	        "provider", config->provider, "good", 0, "lines");
	json_array_append_new(answers, question->answer);
	question->open = ops->open(&question->channel, why);
	if (question->open)
		question->asked = courier_consult(&question->channel,
		        ops->protocol->examine, on_examined, question);
	else
		say(question, why);
}

static bool any_asked(const struct question *questions, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (questions[i].asked)
			return true;
	return false;
}

static bool can_be_asked(const struct channel_config *config)
{
	const struct channel_ops *ops = channel_provider(config->provider);

	return ops && ops->protocol && ops->protocol->examine;
}

json_t *online_ask(const struct config *config)
{
	struct question *questions =
	        mem_alloc((2 * config->n_channels + 1) * sizeof *questions);
	json_t *answers = json_array();
	uv_loop_t loop;
	size_t n = 0;

	uv_loop_init(&loop);
	for (size_t i = 0; i < config->n_channels; i++)
		for (const struct channel_config *c = &config->channels[i]; c;
		        c = c->fallback)
			if (can_be_asked(c)) {
				assert(n < 2 * config->n_channels);
				begin(&questions[n++], &loop, c, answers);
			}
	while (any_asked(questions, n))
		uv_run(&loop, UV_RUN_ONCE);
	for (size_t i = 0; i < n; i++)
		if (questions[i].open)
			questions[i].channel.ops->close(
			        &questions[i].channel, 0, on_closed);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	free(questions);
	return answers;
}

bool online_good(const json_t *answers)
{
	json_t *one;
	size_t i;

	json_array_foreach(answers, i,
	        one) if (!json_is_true(json_object_get(one, "good"))) return false;
	return true;
}

void online_show(const json_t *answers)
{
	json_t *one, *line;
	size_t i, k;

	if (!json_array_size(answers))
		puts(TR("no channel has a provider that can be asked",
		        "물어볼 수 있는 사업자를 쓰는 채널이 없습니다"));
	json_array_foreach(answers, i, one)
	{
		bool good = json_is_true(json_object_get(one, "good"));
		const char *channel = json_string_value(json_object_get(one, "channel"));
		const char *provider =
		        json_string_value(json_object_get(one, "provider"));

		json_array_foreach(json_object_get(one, "lines"), k, line) printf(
		        "%s (%s): %s\n", channel, provider, json_string_value(line));
		if (!good)
			printf(TR("%s (%s): this would not work\n",
			               "%s (%s): 이대로는 되지 않습니다\n"),
			        channel, provider);
	}
}
