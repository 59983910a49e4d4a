/* Work of a call that is too much for one turn: done in slices, each a transaction of its
 * own, answered after the last one's commit. */
#ifndef DANGOL_JOB_H
#define DANGOL_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>
#include "store/db.h"

#define JOB_MAX 32 /* calls in slices at a time; one more is answered 429 */

/* Works until it is done (true) or until says that the turn has had enough (false). */
typedef bool (*job_slice)(void *work, uint64_t until_ns);
/* Once, after the last slice's commit, or after the first that failed: answers the call
 * and frees work. */
typedef void (*job_done)(void *work, enum db_status status);

struct jobs;
struct jobs *jobs_new(uv_loop_t *loop, struct db *db);
void jobs_free(struct jobs *jobs); /* what is under way is told DB_BUSY; freed when the
                                      loop closed its handle */
bool jobs_full(const struct jobs *jobs); /* is too much under way for one more? */
/* The first slice runs at once. False, with nothing done, when too much is under way. */
bool job_start(struct jobs *jobs, job_slice slice, job_done done, void *work);
bool job_late(uint64_t until_ns); /* for slices: is it time to stop? */

#endif
