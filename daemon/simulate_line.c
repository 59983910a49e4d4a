/* A message of a simulation as JSON. Decides nothing about it. */
#include "simulate_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct channel_config *channel(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_channels; i++)
		if (!strcmp(config->channels[i].name, name))
			return &config->channels[i];
	return NULL;
}

/* The way that a message takes: the owner's goes as a text message where he has a number
 * and there is such a channel. */
static const struct channel_config *way(const struct config *config, const char *name)
{
	const struct channel_config *sms = channel(config, "sms");

	if (strcmp(name, "owner"))
		return channel(config, name);
	return config->shop.owner_sms && sms ? sms : channel(config, "email");
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

/* Did the template that a message was made of have a picture? A name; or NULL. */
static const char *picture(const struct sim_world *world, const struct message *message)
{
	char *name = mem_printf("\n%s.%s\n", message->template, message->channel);
	const char *found =
	        world->pictured.data ? strstr(world->pictured.data, name) : NULL;

	free(name);
	return found;
}

static void add_price(
        json_t *line, const struct sim_world *world, const struct message *message)
{
	const struct channel_config *taken = way(world->config, message->channel);
	const char *kind = NULL;
	struct price price = {0};

	if (message->state == MESSAGE_ACCEPTED && taken) {
		kind = message->text ? letter_kind(taken, message->text,
		                               picture(world, message))
		                     : NULL;
		price = letter_price(taken, kind);
	}
	json_object_set_new(line, "kind", text_or_null(kind));
	json_object_set_new(
	        line, "price", price.said ? json_integer(price.won) : json_null());
}

json_t *sim_line_json(const struct sim_world *world, const struct message *message,
        int64_t time, const char *customer)
{
	struct zone *zone = world->config->shop.zone;
	const char *reason = message->reason ? reason_name(message->reason) : NULL;
	json_t *line = json_object();
	char when[40];

	json_object_set_new(line, "time", json_string(zone_format(zone, time, when)));
	json_object_set_new(line, "rule", json_string(message->rule));
	json_object_set_new(line, "customer", text_or_null(customer));
	json_object_set_new(line, "channel", json_string(message->channel));
	json_object_set_new(line, "template", json_string(message->template));
	json_object_set_new(line, "to", text_or_null(message->address));
	json_object_set_new(line, "text", text_or_null(message->text));
	json_object_set_new(line, "coupon", text_or_null(message->coupon));
	json_object_set_new(
	        line, "state", json_string(message_state_name(message->state)));
	json_object_set_new(line, "reason", text_or_null(reason));
	add_price(line, world, message);
	return line;
}

void sim_line_print(json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

json_t *sim_line_cost(const struct sim_cost *cost)
{
	if (!cost)
		return json_integer(0);
	return cost->priced ? json_integer(cost->won) : json_null();
}
