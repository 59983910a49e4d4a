/* Borders of segments: who crosses one by a change or by the passing of time, and the
 * rules that wait there. Memberships are in the store; nothing is rebuilt to find a
 * crossing. */
#ifndef DANGOL_BORDER_H
#define DANGOL_BORDER_H

#include "engine/state.h"
#include "store/event.h"

/* The ruleset was exchanged: which segments rules wait at. A new one and one whose
 * condition changed are looked through in slices, and nobody fires by that. */
void border_adopt(struct engine *engine, int64_t now);
void border_reread(struct engine *engine); /* a turn was undone */
void border_close(struct engine *engine);

/* Asks for everybody whom changes touched since the last call, and starts what waits. due
 * is when they were: past a rule's `late` it is spent as missed; 0: memberships are
 * written and nothing fires, as after an import. */
void border_settle(struct engine *engine, int64_t due, int64_t now);
/* After an event was stored and shown: history and bulk fire nothing. */
void border_event(struct engine *engine, const struct event *event);

/* One slice of what time does at borders; true while there is more to do at once. */
bool border_slice(struct engine *engine, int64_t now);
int64_t border_next(struct engine *engine); /* when time is next looked at, 0: never */

#endif
