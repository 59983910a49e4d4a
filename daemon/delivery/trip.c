/* One talk with a provider, request by request. It never decides what an answer means,
 * and never asks a second time by itself. */
#include "delivery/trip.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#define REQUESTS_MOST 2000 /* of one talk: an endless list ends there */
#define LINES_MOST 50000   /* of a list */
#define NONCE 32

struct trip {
	struct trip_plan plan;
	struct talk talk;
	struct arena *arena;
	char *key;
	char nonce[NONCE + 1];
	int requests;
};

static void go(struct trip *trip, const struct httpc_answer *answer);

static void fresh_nonce(struct trip *trip)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuv";
	uint8_t bytes[NONCE];

	secret_random(bytes, sizeof bytes);
	for (int i = 0; i < NONCE; i++)
		trip->nonce[i] = letters[bytes[i] & 31];
}

static void on_answer(void *arg, const struct httpc_answer *answer)
{
	go(arg, answer);
}

/* For a request that does not leave any more. */
static const struct httpc_answer *not_sent(void)
{
	static struct httpc_answer answer = {.result = HTTPC_NOT_SENT, .body = ""};

	answer.why = TR("the daemon is ending", "데몬을 끝내는 중입니다");
	return &answer;
}

static void on_noted(void *arg, bool kept)
{
	go(arg, kept ? NULL : not_sent());
}

static void take_news(struct trip *trip)
{
	struct talk *talk = &trip->talk;

	for (size_t i = 0; i < talk->n_news; i++) {
		talk->news[i].bundle = talk->inquiry ? talk->inquiry->bundle : 0;
		channel_tell(trip->plan.channel, &talk->news[i]);
	}
	free(talk->news);
	talk->news = NULL;
	talk->n_news = 0;
}

static void end(struct trip *trip)
{
	struct talk *talk = &trip->talk;

	trip->plan.done(trip->plan.arg, talk);
	for (size_t i = 0; i < talk->n_lines; i++)
		free(talk->lines[i]);
	free(talk->lines);
	senders_free(&talk->senders);
	free(talk->letters);
	free(talk->outcomes);
	free(talk->settled);
	free(trip->key);
	arena_free(trip->arena);
	free(trip);
}

/* False: it cannot leave. */
static bool leave(struct trip *trip, const struct request *request)
{
	struct httpc_request out = {
	        .method = request->method,
	        .url = request->url,
	        .headers = (const char *const *)request->headers,
	        .body = request->body.data,
	        .len = request->body.len,
	        .most = request->most,
	};

	if (httpc_room(trip->plan.httpc) <= 0 || ++trip->requests > REQUESTS_MOST ||
	        trip->talk.n_lines > LINES_MOST)
		return false;
	httpc_ask(trip->plan.httpc, &out, on_answer, trip);
	return true;
}

static void go(struct trip *trip, const struct httpc_answer *answer)
{
	for (;;) {
		struct request request = {0};
		enum talk_next next;
		bool left;

		trip->talk.now = clock_machine();
		fresh_nonce(trip);
		next = trip->plan.step(&trip->talk, answer, &request);
		take_news(trip);
		left = next == TALK_REQUEST && leave(trip, &request);
		request_fini(&request);
		if (next == TALK_DONE) {
			end(trip);
			return;
		}
		if (next == TALK_NOTE) {
			channel_note(trip->plan.channel, trip->plan.bundle,
			        trip->talk.ref, on_noted, trip);
			return;
		}
		if (left)
			return;
		answer = not_sent();
	}
}

void trip_begin(const struct trip_plan *plan, const struct talk *talk, const char *key,
        struct arena *arena)
{
	struct trip *trip = mem_alloc(sizeof *trip);

	trip->plan = *plan;
	trip->talk = *talk;
	trip->talk.config = plan->channel->config;
	trip->talk.memory = plan->memory;
	trip->key = mem_strdup(key);
	trip->talk.key = trip->key;
	trip->talk.nonce = trip->nonce;
	trip->arena = arena;
	go(trip, NULL);
}
