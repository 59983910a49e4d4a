/* The courier: the channel of every provider that is a protocol over HTTP. Gathers
 * letters into bundles, makes the requests, tells outcomes, and asks later what became of
 * them. */
#ifndef DANGOL_COURIER_H
#define DANGOL_COURIER_H

#include "delivery/protocol.h"

/* Can that provider serve that channel as it is set up? false and why (256). */
bool courier_fits(const struct channel_config *config, const struct protocol *protocol,
        char why[256]);
bool courier_open(struct channel *channel, char why[256]);
int courier_room(struct channel *channel);
int64_t *courier_place(struct channel *channel, struct letter *letter);
void courier_unplace(struct channel *channel, struct letter *letter);
void courier_send(struct channel *channel, struct letter *letter);
void courier_flush(struct channel *channel);
bool courier_ask(struct channel *channel, const struct inquiry *inquiry);
void courier_recall(
        struct channel *channel, const char *name, const char *value, int64_t until);
void courier_close(
        struct channel *channel, int grace_ms, void (*closed)(struct channel *channel));

/* The verbs of the provider that speaks that protocol. */
#define COURIER_OPS(name, its_protocol) \
	{ \
		.provider = name, .open = courier_open, .room = courier_room, \
		.place = courier_place, .unplace = courier_unplace, \
		.send = courier_send, .flush = courier_flush, .ask = courier_ask, \
		.recall = courier_recall, .close = courier_close, \
		.protocol = its_protocol \
	}

/* One talk that sends nothing (examine, refusals), on the channel's own connections. done
 * is called once, later, with the talk as it ended; it borrows it. False: not now. */
bool courier_consult(struct channel *channel, talk_step *step,
        void (*done)(void *arg, const struct talk *talk), void *arg);

#endif
