/* The terms of the law on notices of consent: when one may leave, and by when it must
 * have. All in Korean time, which keeps no summer time. Source: Act on Promotion of
 * Information and Communications Network Utilization, Article 50 (7) and (8); its
 * Decree, Articles 62-2 (14 days) and 62-3 (two years). */
#ifndef DANGOL_TERM_H
#define DANGOL_TERM_H

#include <stdint.h>

#define TERM_RESULT_DAYS 14
#define TERM_CONFIRM_MONTHS 24
#define TERM_CONFIRM_AHEAD 30  /* days: worked off from then on */
#define TERM_CONFIRM_SPREAD 23 /* over so many of them; the last week is left free */

/* A change of consent known at since: told at the first 10:00 that is an hour later. */
int64_t term_result_due(int64_t since);
/* What was known at or before this instant is due at now. */
int64_t term_result_until(int64_t now);
/* By when the result of what was said then must be told. */
int64_t term_result_by(int64_t said_at);

/* The first anniversary by 24 calendar months (29 February: on the 28th) that is behind
 * after: the confirmation must be told before that date begins. */
int64_t term_confirm_by(int64_t said_at, int64_t after);
/* When it is told: 10:00 on a day of the customer's own among the 30 before. */
int64_t term_confirm_from(int64_t by, int64_t customer);

#define TERM_ALARM_AHEAD 7 /* days at most between an alarm and the end of its term */
/* From when the owner is told that a notice is late in coming. */
int64_t term_result_alarm(int64_t by);
int64_t term_confirm_alarm(int64_t by);

#endif
