/* Simulation: the real engine, gate and dispatch on a private copy of the store, under a
 * clock of its own. */
#ifndef DANGOL_SIMULATE_H
#define DANGOL_SIMULATE_H

struct config;

struct simulation {
	const char *from, *to; /* YYYY-MM-DD, both in; NULL: today, and 30 days on */
	const char *rules;     /* another rules folder, or NULL */
	const char *events;    /* NDJSON of assumed events, or NULL */
};
/* Prints one JSON object a message on stdout, in order of time; problems on stderr.
 * Returns the exit status. */
int simulate_run(const struct config *config, const struct simulation *simulation);

#endif
