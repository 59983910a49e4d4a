/* From openings of links to events. Whether it was a person is judged by when and how
 * many: nothing of the client is looked into. */
#include "engine/click.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "engine/border.h"
#include "store/link.h"

#define CAUSED 1      /* a rule's message stands before it */
#define JUDGED_MAX 64 /* clients at a time */
#define AFTER_MS (10 * MS_SECOND)

static char *data_of(const struct message *message, const char *key, const char *url)
{
	json_t *data = json_pack("{s:s, s:s, s:s, s:s, s:s}", "message", key, "rule",
	        message->rule, "channel", message->channel, "template", message->template,
	        "url", url);
	char *text = json_dumps(data, JSON_COMPACT);

	json_decref(data);
	return text;
}

/* The same link of the same message again is no new event. */
static void tell(struct engine *engine, const struct message *message, int64_t link,
        int64_t at, struct arena *arena)
{
	struct event event = {.source = "dangol",
	        .type = "message.clicked",
	        .customer = message->customer,
	        .time = at,
	        .arrived = clock_now()};
	const char *url = link_url(engine->db, link, arena);
	char key[40], eid[80], *data;

	if (!url)
		return;
	message_key(engine->db, message->id, key);
	snprintf(eid, sizeof eid, "%s:clicked:%lld", key, (long long)link);
	event.eid = eid;
	event.data = data = data_of(message, key, url);
	if (event_insert(engine->db, &event)) {
		engine_event(engine, &event, CAUSED);
		border_event(engine, &event);
	}
	free(data);
}

/* Of a message that somebody has, who is still a customer. */
static bool is_of_customer(
        struct engine *engine, const struct message *message, struct arena *arena)
{
	struct customer customer;

	return !(message->flags & MESSAGE_TEST) && message->customer > 0 &&
	       message->sent_at &&
	       customer_get(engine->db, message->customer, arena, &customer);
}

void click_opened(struct engine *engine, const struct click *click)
{
	struct arena *arena = arena_new();
	struct message message;

	if (message_get(engine->db, click->message, arena, &message) &&
	        is_of_customer(engine, &message, arena) &&
	        click->at - message.sent_at >= AFTER_MS) {
		if (message.links > 1)
			click_keep(engine->db, click);
		else
			tell(engine, &message, click->link, click->at, arena);
	}
	arena_free(arena);
}

static void judge(struct engine *engine, const struct click *of, int64_t now)
{
	struct click taken[CLICK_MESSAGE_MAX];
	struct arena *arena = arena_new();
	struct message message;
	bool known = message_get(engine->db, of->message, arena, &message) &&
	             is_of_customer(engine, &message, arena);
	bool person = known && !click_was_machine(engine->db, of, message.links);
	int n = click_take(engine->db, of, now, !person, taken, CLICK_MESSAGE_MAX);

	for (int i = 0; person && i < n; i++)
		tell(engine, &message, taken[i].link, taken[i].at, arena);
	arena_free(arena);
}

void click_judge(struct engine *engine, int64_t now)
{
	struct click due[JUDGED_MAX];
	int n = click_due(engine->db, now, due, JUDGED_MAX);

	for (int i = 0; i < n; i++)
		judge(engine, &due[i], now);
	if (n)
		border_settle(engine, now, now);
}
