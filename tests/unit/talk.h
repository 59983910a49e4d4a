/* A talk with a provider, held by a test instead of a courier. */
#ifndef TEST_TALK_H
#define TEST_TALK_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "delivery/protocol.h"

struct told {
	struct talk talk;
	talk_step *step;
	struct arena *arena;
	struct letter *letters;
	struct inquiry inquiry;
	char url[2048], method[16];
	struct request last; /* the request under way */
};

static struct told told_begin(const struct protocol *protocol,
        const struct channel_config *config, talk_step *step)
{
	struct told told = {.arena = arena_new(), .step = step};

	(void)protocol;
	told.talk = (struct talk){
	        .config = config,
	        .memory = memory_new(),
	        .now = 1795395723000,
	        .nonce = "0123456789abcdef0123456789abcdef",
	        .key = "1a2b3c4d-b7",
	};
	return told;
}

/* A sending of n letters over that channel, to 010-0000-0000 and the numbers after it. */
static inline struct told talk_of(const struct protocol *protocol,
        const struct channel_config *config, const char *channel, size_t n)
{
	struct told told = told_begin(protocol, config, protocol->send);

	told.talk.n = n;
	told.letters = calloc(n, sizeof *told.letters);
	told.talk.letters = calloc(n, sizeof *told.talk.letters);
	told.talk.outcomes = calloc(n, sizeof *told.talk.outcomes);
	told.talk.settled = calloc(n, sizeof *told.talk.settled);
	for (size_t i = 0; i < n; i++) {
		told.talk.letters[i] = &told.letters[i];
		told.letters[i] = (struct letter){
		        .message = (int64_t)i + 1,
		        .key = arena_printf(told.arena, "1a2b3c4d-%zu", i + 1),
		        .channel = channel,
		        .to = arena_printf(told.arena, "+8210%08zu", i),
		        .text = arena_printf(told.arena, "글 %zu", i),
		        .kind = strcmp(channel, "sms") ? NULL : "SMS",
		        .segments = 1,
		        .bundle = 7,
		};
	}
	return told;
}

/* An asking about n messages as talk_of would have sent them. ref may be NULL. */
static inline struct told inquiry_of(const struct protocol *protocol,
        const struct channel_config *config, const char *ref, size_t n, bool unknown)
{
	struct told told = told_begin(protocol, config, protocol->ask);
	struct inquiry_message *list = arena_alloc(told.arena, n * sizeof *list);

	for (size_t i = 0; i < n; i++)
		list[i] = (struct inquiry_message){
		        .id = (int64_t)i + 1,
		        .key = arena_printf(told.arena, "1a2b3c4d-%zu", i + 1),
		        .to = arena_printf(told.arena, "+8210%08zu", i),
		        .text = arena_printf(told.arena, "글 %zu", i),
		        .kind = "SMS",
		        .unknown = unknown,
		};
	told.inquiry = (struct inquiry){7, "1a2b3c4d-b7", ref, 1795395723000, list, n};
	if (ref)
		snprintf(told.talk.ref, sizeof told.talk.ref, "%s", ref);
	told.talk.asked = ASKED_FAILED;
	return told;
}

/* Goes on; the request is then in last, its address in url. */
static enum talk_next talk_go(struct told *told, const struct httpc_answer *answer)
{
	enum talk_next next;

	told->talk.inquiry = told->inquiry.messages ? &told->inquiry : NULL;
	request_fini(&told->last);
	next = told->step(&told->talk, answer, &told->last);
	if (next == TALK_REQUEST) {
		snprintf(told->url, sizeof told->url, "%s", told->last.url);
		snprintf(told->method, sizeof told->method, "%s", told->last.method);
	}
	return next;
}

/* status 0: lost on the way, -1: never left. */
static enum talk_next talk_hear(struct told *told, int status, const char *body)
{
	struct httpc_answer answer = {
	        .result = status > 0   ? HTTPC_ANSWERED
	                  : status < 0 ? HTTPC_NOT_SENT
	                               : HTTPC_LOST,
	        .status = status > 0 ? status : 0,
	        .body = body,
	        .body_len = strlen(body),
	        .why = "broken",
	};

	return talk_go(told, &answer);
}

static void told_fini(struct told *told)
{
	struct talk *talk = &told->talk;

	request_fini(&told->last);
	for (size_t i = 0; i < talk->n_lines; i++)
		free(talk->lines[i]);
	free(talk->lines);
	senders_free(&talk->senders);
	free(talk->news);
	free(talk->letters);
	free(talk->outcomes);
	free(talk->settled);
	free(told->letters);
	memory_free(talk->memory);
	arena_free(told->arena);
}

#endif
