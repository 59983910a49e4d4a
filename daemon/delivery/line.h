/* A line: one channel as dispatch sees it: its rate, its circuit, and how it is. */
#ifndef DANGOL_LINE_H
#define DANGOL_LINE_H

#include <jansson.h>
#include "base/calendar.h"
#include "delivery/channel.h"
#include "delivery/domains.h"
#include "delivery/senders.h"

enum line_state { LINE_OK, LINE_OPEN, LINE_PAUSED };

struct line {
	const char *name; /* of the channel whose messages it takes */
	const struct channel_config *config;
	char account[17]; /* a digest of whom the provider knows us as */
	struct channel channel;
	enum line_state state;
	int failures; /* in a row */
	char reason[256];
	int64_t since;         /* engine's time of the change of state */
	int64_t probe_at;      /* engine's time when one letter may try again */
	int64_t probe;         /* that letter's message, while it is under way; 0: none */
	int64_t failed_in;     /* the request whose failure was counted last; 0: none */
	int64_t free_at_us;    /* real time: when the rate lets the next one go */
	int64_t not_before_us; /* real time: what Retry-After asked for */
	int32_t told_near; /* the period whose budget was told to be nearly used up: its
	                      first day and one; 0: none yet */
	bool shared; /* many others stand behind it: one that fails says nothing of it */
	int64_t refusals_at; /* engine's time of the next look at the provider's list; 0:
	                        as the store says */
	struct registration registration; /* sms: is its sender's number registered? */
	bool full;                        /* it took no more in this turn */
	bool asked_out;          /* it took no more askings, and none has ended since */
	bool paced;              /* free_at_us has moved and is not in the store yet */
	struct domains *domains; /* e-mail: that are held off; NULL: none ever was */
	struct line *spare;      /* the fallback provider's; or NULL. Owned */
	int in_flight;
	int claimed; /* of these, not yet with the channel: the commit is still to come */
};

void line_open(struct line *line, const struct channel_config *config, const char *name);
void line_close(struct line *line); /* frees what it owns, its spare too */
/* How many letters may be handed now. 0 with *real_ms: real milliseconds until the rate
 * frees (0: not the rate). Where its sender is not registered none is: so many may be
 * looked at, to be held. */
int line_room(struct line *line, int64_t now, uint64_t *real_ms);
/* The rate goes on from there: the machine's ms when the next one may go, as line_pace
 * told before a restart; of another clock or another rate, at most one period on. */
void line_resume(struct line *line, int64_t machine_ms);
int64_t line_pace(const struct line *line);
/* The line that may take letters now: itself, or its spare while it is shut or its sender
 * is not registered and the spare's is. */
struct line *line_way(struct line *line, int64_t now);
void line_claimed(struct line *line, const struct letter *letter);
/* The claim stands and the channel has it, or it was undone. */
void line_left(struct line *line, const struct letter *letter, bool sent);
/* What an outcome says of the line itself. However many letters one request carried, it
 * failed once. */
void line_outcome(struct line *line, const struct letter *letter,
        const struct outcome *outcome, int64_t now);
/* Its sender's number keeps it from sending: what is wrong with it and what to do, out of
 * 256 bytes. False: it does not. */
bool line_mute(const struct line *line, char out[256]);
int64_t line_wake(const struct line *line); /* engine's time when a shut line may try
                                               again; 0: it is not shut */
json_t *line_json(const struct line *line, struct zone *zone, int64_t waiting,
        int64_t now); /* returns new */

#endif
