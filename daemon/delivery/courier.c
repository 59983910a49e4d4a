/* The courier: letters gather in loads while a turn hands them over, each load leaves as
 * one talk with the provider. No more loads than connections: nothing queues behind
 * `handed`. */
#include "delivery/courier.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/trip.h"

#define CONNECTIONS 4
#define ASKING 2      /* askings at once, on connections of their own */
#define LOAD_MOST 500 /* letters in one request: its answer is read in one turn */

/* Letters that leave in one request. */
struct load {
	struct load *next;
	struct courier *courier;
	int64_t bundle;
	struct letter **letters;
	size_t n;
};

struct courier {
	struct channel *channel;
	const struct protocol *protocol;
	struct httpc *out, *in; /* what sends; what asks */
	struct memory *memory;
	struct load *gathering;
	struct load
	        *halves; /* of loads refused as a whole, until there is a connection */
	int sending, asking;
	bool closing;
	int open_httpc;
	void (*closed)(struct channel *channel);
};

/* ---- memory ---- */

/* Tokens are secrets and stay here; what was uploaded outlives the daemon. */
static bool lasts(const char *name)
{
	return !strncmp(name, "file:", 5);
}

static void on_put(void *arg, const char *name, const char *value, int64_t until)
{
	struct courier *courier = arg;

	if (lasts(name))
		channel_keep(courier->channel, name, value, until);
}

void courier_recall(
        struct channel *channel, const char *name, const char *value, int64_t until)
{
	struct courier *courier = channel->state;

	memory_on_put(courier->memory, NULL, NULL);
	memory_put(courier->memory, name, value, until);
	memory_on_put(courier->memory, on_put, courier);
}

/* ---- beginning ---- */

static bool serves(const struct protocol *protocol, const char *channel)
{
	for (const char *const *name = protocol->channels; *name; name++)
		if (!strcmp(*name, channel))
			return true;
	return false;
}

bool courier_fits(const struct channel_config *config, const struct protocol *protocol,
        char why[256])
{
	const char *lack = protocol->lacks ? protocol->lacks(config) : NULL;

	if (!serves(protocol, config->name))
		snprintf(why, 256,
		        TR("channel %s: provider %s does not send such messages",
		                "%s 채널: %s 사업자는 이런 메시지를 보내지 않습니다"),
		        config->name, protocol->provider);
	else if (lack)
		snprintf(why, 256,
		        TR("channel %s: provider %s needs %s", "%s 채널: %s에는 %s"),
		        config->name, protocol->provider, lack);
	else if (config->url && !httpc_allowed(config->url))
		snprintf(why, 256,
		        TR("channel %s: url is not https://",
		                "%s 채널: url은 https://로 시작합니다"),
		        config->name);
	else
		return true;
	return false;
}

bool courier_open(struct channel *channel, char why[256])
{
	const struct protocol *protocol = channel->ops->protocol;
	int connections = channel->config->connections;
	struct courier *courier;

	if (!courier_fits(channel->config, protocol, why))
		return false;
	if (connections <= 0)
		connections =
		        protocol->connections > 0 ? protocol->connections : CONNECTIONS;
	courier = mem_alloc(sizeof *courier);
	courier->channel = channel;
	courier->protocol = protocol;
	courier->out = httpc_new(channel->loop, connections);
	courier->in = httpc_new(channel->loop, ASKING);
	courier->open_httpc = 2;
	courier->memory = memory_new();
	memory_on_put(courier->memory, on_put, courier);
	channel->state = courier;
	return true;
}

/* ---- gathering ---- */

static size_t load_most(const struct courier *courier)
{
	int batch = courier->protocol->batch;

	return batch < LOAD_MOST ? (size_t)batch : LOAD_MOST;
}

static int free_connections(const struct courier *courier)
{
	int n = httpc_room(courier->out) + httpc_in_flight(courier->out) -
	        courier->sending;

	if (courier->closing)
		return 0;
	for (const struct load *load = courier->gathering; load; load = load->next)
		n--;
	return n;
}

int courier_room(struct channel *channel)
{
	struct courier *courier = channel->state;
	size_t room = (size_t)free_connections(courier) * load_most(courier);

	for (const struct load *load = courier->gathering; load; load = load->next)
		room += load_most(courier) - load->n;
	return (int)room;
}

static bool goes_with(const struct courier *courier, const struct load *load,
        const struct letter *letter)
{
	const struct protocol *protocol = courier->protocol;

	if (load->n >= load_most(courier) || !load->n || letter->alone ||
	        load->letters[0]->alone)
		return false;
	if (protocol->together && !protocol->together(load->letters[0], letter))
		return false;
	for (size_t i = 0; protocol->distinct && i < load->n; i++)
		if (!strcmp(load->letters[i]->to, letter->to))
			return false;
	return true;
}

int64_t *courier_place(struct channel *channel, struct letter *letter)
{
	struct courier *courier = channel->state;
	struct load *load = courier->gathering;
	struct letter **slot;

	while (load && !goes_with(courier, load, letter))
		load = load->next;
	if (!load) {
		if (free_connections(courier) <= 0)
			return NULL;
		load = mem_alloc(sizeof *load);
		load->courier = courier;
		load->next = courier->gathering;
		courier->gathering = load;
	}
	slot = mem_grow(&load->letters, load->n, sizeof *load->letters);
	*slot = letter;
	load->n++;
	return &load->bundle;
}

static void load_free(struct load *load)
{
	free(load->letters);
	free(load);
}

void courier_unplace(struct channel *channel, struct letter *letter)
{
	struct courier *courier = channel->state;

	for (struct load **at = &courier->gathering; *at; at = &(*at)->next) {
		struct load *load = *at;
		size_t i = 0;

		while (i < load->n && load->letters[i] != letter)
			i++;
		if (i == load->n)
			continue;
		load->letters[i] = load->letters[--load->n];
		if (!load->n) {
			*at = load->next;
			load_free(load);
		}
		return;
	}
}

/* It stands in a load already and leaves when that one does. */
void courier_send(struct channel *channel, struct letter *letter)
{
	assert(channel->state && letter->bundle);
}

/* ---- sending ---- */

/* The provider refused the whole, perhaps for the sake of one: each alone. A request's
 * parts would be asked about by one name. */
static void each_alone(struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++) {
		if (talk->outcomes[i].kind != OUTCOME_REFUSED)
			continue;
		talk->outcomes[i].kind = OUTCOME_LATER;
		talk->outcomes[i].alone = true;
	}
}

static void tell_outcomes(struct load *load, const struct talk *talk)
{
	struct channel *channel = load->courier->channel;

	if (talk->ref[0])
		channel_note(channel, load->bundle, talk->ref, NULL, NULL);
	for (size_t i = 0; i < load->n; i++)
		channel_answer(channel, load->letters[i], &talk->outcomes[i]);
}

static void on_sent(void *arg, struct talk *talk)
{
	struct load *load = arg;
	struct courier *courier = load->courier;

	courier->sending--;
	if (talk->split && load->n > 1)
		each_alone(talk);
	tell_outcomes(load, talk);
	load_free(load);
	if (!courier->closing)
		courier->channel->wake(courier->channel);
}

/* "1a2b3c4d-b17", from the letters' own names. */
static char *bundle_name(const struct load *load, char out[64])
{
	const char *key = load->letters[0]->key, *dash = strrchr(key, '-');

	snprintf(out, 64, "%.*s-b%lld", dash ? (int)(dash - key) : 0, key,
	        (long long)load->bundle);
	return out;
}

static void depart(struct load *load)
{
	struct courier *courier = load->courier;
	struct trip_plan plan = {
	        .channel = courier->channel,
	        .httpc = courier->out,
	        .memory = courier->memory,
	        .step = courier->protocol->send,
	        .bundle = load->bundle,
	        .done = on_sent,
	        .arg = load,
	};
	struct talk talk = {
	        .n = load->n,
	        .letters = mem_alloc(load->n * sizeof(struct letter *)),
	        .outcomes = mem_alloc(load->n * sizeof(struct outcome)),
	        .settled = mem_alloc(load->n * sizeof(bool)),
	};
	char key[64];

	memcpy(talk.letters, load->letters, load->n * sizeof(struct letter *));
	courier->sending++;
	trip_begin(&plan, &talk, bundle_name(load, key), NULL);
}

void courier_flush(struct channel *channel)
{
	struct courier *courier = channel->state;
	struct load *list = courier->gathering;

	courier->gathering = NULL;
	while (list) {
		struct load *next = list->next;
		list->next = NULL;
		depart(list);
		list = next;
	}
}

/* ---- asking ---- */

struct asking {
	struct courier *courier;
	int64_t bundle;
	void (*done)(void *arg, const struct talk *talk);
	void *arg;
};

static void on_asked(void *arg, struct talk *talk)
{
	struct asking *asking = arg;
	struct courier *courier = asking->courier;

	courier->asking--;
	if (asking->done)
		asking->done(asking->arg, talk);
	else
		channel_asked(courier->channel, asking->bundle, talk->asked);
	free(asking);
}

static const struct inquiry *keep_inquiry(const struct inquiry *from, struct arena *arena)
{
	struct inquiry *inquiry = arena_alloc(arena, sizeof *inquiry);
	struct inquiry_message *messages =
	        arena_alloc(arena, (from->n + 1) * sizeof *messages);

	*inquiry = *from;
	inquiry->key = arena_strdup(arena, from->key);
	inquiry->ref = from->ref ? arena_strdup(arena, from->ref) : NULL;
	inquiry->messages = messages;
	for (size_t i = 0; i < from->n; i++) {
		const struct inquiry_message *m = &from->messages[i];
		messages[i] = *m;
		messages[i].key = arena_strdup(arena, m->key);
		messages[i].to = arena_strdup(arena, m->to);
		messages[i].text = arena_strdup(arena, m->text);
		messages[i].kind = m->kind ? arena_strdup(arena, m->kind) : NULL;
		messages[i].provider_id =
		        m->provider_id ? arena_strdup(arena, m->provider_id) : NULL;
	}
	return inquiry;
}

static void begin_asking(struct courier *courier, talk_step *step,
        const struct talk *talk, const char *key, struct arena *arena,
        const struct asking *as)
{
	struct asking *asking = mem_alloc(sizeof *asking);
	struct trip_plan plan = {
	        .channel = courier->channel,
	        .httpc = courier->in,
	        .memory = courier->memory,
	        .step = step,
	        .done = on_asked,
	        .arg = asking,
	};

	*asking = *as;
	courier->asking++;
	trip_begin(&plan, talk, key, arena);
}

bool courier_ask(struct channel *channel, const struct inquiry *inquiry)
{
	struct courier *courier = channel->state;
	struct talk talk = {.asked = ASKED_FAILED};
	struct arena *arena;

	if (courier->closing || courier->asking >= ASKING)
		return false;
	arena = arena_new();
	talk.inquiry = keep_inquiry(inquiry, arena);
	if (inquiry->ref)
		snprintf(talk.ref, sizeof talk.ref, "%s", inquiry->ref);
	begin_asking(courier, courier->protocol->ask, &talk, inquiry->key, arena,
	        &(struct asking){courier, inquiry->bundle, NULL, NULL});
	return true;
}

bool courier_consult(struct channel *channel, talk_step *step,
        void (*done)(void *arg, const struct talk *talk), void *arg)
{
	struct courier *courier = channel->state;
	struct talk talk = {0};

	if (courier->closing || courier->asking >= ASKING)
		return false;
	begin_asking(
	        courier, step, &talk, "", NULL, &(struct asking){courier, 0, done, arg});
	return true;
}

/* ---- the end ---- */

static void on_freed(void *arg)
{
	struct courier *courier = arg;
	struct channel *channel = courier->channel;
	void (*closed)(struct channel *) = courier->closed;

	if (--courier->open_httpc)
		return;
	memory_free(courier->memory);
	free(courier);
	channel->state = NULL;
	closed(channel);
}

void courier_close(
        struct channel *channel, int grace_ms, void (*closed)(struct channel *channel))
{
	struct courier *courier = channel->state;

	courier->closing = true;
	courier->closed = closed;
	httpc_free(courier->out, grace_ms, on_freed, courier);
	httpc_free(courier->in, 0, on_freed, courier);
}
