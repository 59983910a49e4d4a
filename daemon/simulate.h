/* Simulation: the real engine, gate and dispatch on a private copy of the store, under a
 * clock of its own. */
#ifndef DANGOL_SIMULATE_H
#define DANGOL_SIMULATE_H

#include <stdbool.h>

struct config;

struct simulation {
	const char *from, *to; /* YYYY-MM-DD, both in; NULL: today, and 30 days on */
	const char *rules;     /* another rules folder, or NULL */
	const char *events;    /* NDJSON of assumed events, or NULL */
	const char *diff;      /* the rules folder to compare with, or NULL */
	bool summary;          /* counts in place of messages */
};
/* Prints JSON objects on stdout, one a line; problems on stderr. Returns the exit status.
 * Without summary and diff, one a message, in order of time. Else rows that are known by
 * their members; money is whole won, null where dangol.conf names no price:
 * summary: {"day","rule","sent","held_back"} in order of day, where one is not 0;
 *   {"rule","reason","why","not_sent","sent_later"}; {"channel","kind","count","cost"}.
 * diff, of each message that is not the same, in order of customer: {"customer","rule",
 *   "change":"added"|"removed"|"changed","before","after"}, the latter two as in a
 *   message's line, or null; then {"rule","added","removed","changed"} and
 *   {"channel","kind","count","cost","count_before","cost_before"}. */
int simulate_run(const struct config *config, const struct simulation *simulation);

#endif
