/* The only source of the engine's time: the machine's wall clock, or a rehearsal's, or a
 * simulation's. Instants are int64 milliseconds since the epoch, UTC. Deadlines, rates,
 * TLS and signatures use clock_machine and clock_mono instead, which no rehearsal bends.
 * Nobody else calls time(). */
#ifndef DANGOL_CLOCK_H
#define DANGOL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define MS_SECOND INT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR (60 * MS_MINUTE)
#define MS_DAY (24 * MS_HOUR)

int64_t clock_now(void);     /* the engine's instant; never less than the last answer */
int64_t clock_machine(void); /* the machine's wall clock, ms */
int64_t clock_mono(void);    /* the machine's monotonic clock, ms */

/* Rehearsal: from now on the clock starts at start_ms and runs rate (> 0) times as fast.
 */
void clock_rehearse(int64_t start_ms, double rate);
/* Simulation: the clock stands still at now_ms until it is set again; it may only move
 * forward. */
void clock_set(int64_t now_ms);
void clock_begin(int64_t now_ms); /* another simulation, whatever was shown before */
bool clock_bent(void);            /* a rehearsal or a simulation */
/* Real milliseconds until the engine's clock shows due_ms: 0 when past, at most a day.
 * For timers. */
uint64_t clock_delay(int64_t due_ms);

/* Reads "TIME[,RATE]" of --clock: RFC 3339 with a zone, or YYYY-MM-DD[THH:MM[:SS]] in
 * UTC+9. 0 or -1. */
int clock_parse(const char *text, int64_t *start_ms, double *rate);

#endif
