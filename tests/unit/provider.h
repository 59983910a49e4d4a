/* A provider's protocol held against answers: a channel, letters, and a talk that is fed
 * one answer after the other. */
#ifndef TEST_PROVIDER_H
#define TEST_PROVIDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "delivery/protocol.h"

#define NONCE "0123456789abcdef0123456789abcdef"
#define MOST 4

struct stage {
	struct channel_config config;
	struct letter letters[MOST];
	struct letter *list[MOST];
	struct outcome outcomes[MOST];
	bool settled[MOST];
	struct inquiry_message asked[MOST];
	struct inquiry inquiry;
	struct request out;
	struct talk talk;
};

static void stage_begin(struct stage *stage, const char *channel, int64_t now)
{
	memset(stage, 0, sizeof *stage);
	stage->config.name = channel;
	stage->talk.config = &stage->config;
	stage->talk.memory = memory_new();
	stage->talk.now = now;
	stage->talk.nonce = NONCE;
	stage->talk.key = "1a2b3c4d-b17";
	stage->talk.letters = stage->list;
	stage->talk.outcomes = stage->outcomes;
	stage->talk.settled = stage->settled;
	stage->talk.inquiry = &stage->inquiry;
	stage->inquiry.key = stage->talk.key;
	stage->inquiry.messages = stage->asked;
	stage->inquiry.at = now;
}

static struct letter *stage_letter(struct stage *stage, const char *to, const char *text)
{
	size_t n = stage->talk.n++;
	struct letter *letter = &stage->letters[n];

	*letter = (struct letter){.to = to, .text = text, .channel = stage->config.name};
	letter->message = (int64_t)n + 1;
	letter->key = "1a2b3c4d-1";
	stage->list[n] = letter;
	return letter;
}

static struct inquiry_message *stage_asked(
        struct stage *stage, const char *to, const char *text)
{
	size_t n = stage->inquiry.n++;
	struct inquiry_message *message = &stage->asked[n];

	*message = (struct inquiry_message){
	        .id = (int64_t)n + 1, .key = "1a2b3c4d-1", .to = to, .text = text};
	return message;
}

static void stage_reset(struct stage *stage)
{
	struct talk *talk = &stage->talk;

	request_fini(&stage->out);
	free(talk->news);
	talk->news = NULL;
	talk->n_news = 0;
	for (size_t i = 0; i < talk->n_lines; i++)
		free(talk->lines[i]);
	free(talk->lines);
	senders_free(&talk->senders);
	talk->lines = NULL;
	talk->n_lines = 0;
}

static void stage_end(struct stage *stage)
{
	stage_reset(stage);
	memory_free(stage->talk.memory);
}

/* One more step; news and lines of the steps before stay. status 0: the first one;
 * -1: nothing left; -2: lost on the way. */
static enum talk_next stage_step(
        struct stage *stage, talk_step *step, int status, const char *body)
{
	struct httpc_answer answer = {
	        .result = status == -1   ? HTTPC_NOT_SENT
	                  : status == -2 ? HTTPC_LOST
	                                 : HTTPC_ANSWERED,
	        .status = status > 0 ? status : 0,
	        .body = body ? body : "",
	        .body_len = body ? strlen(body) : 0,
	        .why = "why",
	};

	request_fini(&stage->out);
	return step(&stage->talk, status ? &answer : NULL, &stage->out);
}

static bool has_header(const struct stage *stage, const char *line)
{
	for (size_t i = 0; stage->out.headers[i]; i++)
		if (!strcmp(stage->out.headers[i], line))
			return true;
	return false;
}

#endif
