/* Late identification: finds the browser and whom it names. What being one means is
 * merging's to say, with one difference: it happens now, so that a border that both
 * together stand beyond is crossed as by any event. */
#include "engine/joining.h"

#include "engine/merging.h"
#include "engine/trigger.h"
#include "store/alias.h"
#include "store/unmerge.h"
#include "store/visitor.h"

#define STEPS_AT_ONCE 8 /* of pieces of rows, in the turn of the event */

static bool names_more(const struct profile *p)
{
	return p->ref || p->n_aliases || p->phone || p->email;
}

void joining_know(struct engine *engine, const struct profile *profile, int64_t now)
{
	int64_t from, into;

	if (!profile->visitor || !names_more(profile))
		return;
	from = visitor_anonymous(engine->db, profile->visitor);
	into = from ? customer_named(engine->db, profile) : 0;
	if (!into || into == from || merge_barred(engine->db, from) ||
	        merge_barred(engine->db, into) || unmerge_pending(engine->db, into))
		return;
	merging_join(engine, from, into, now);
	engine->joining = true;
	for (int i = 0; i < STEPS_AT_ONCE && merge_joining(engine->db) == from; i++)
		merge_step(engine->db, from, NULL);
	trigger_settle(engine, true, now);
}

bool joining_slice(struct engine *engine, int64_t now)
{
	int64_t from = engine->joining ? merge_joining(engine->db) : 0;

	if (!from) {
		engine->joining = false;
		return false;
	}
	trigger_settle(engine, false, now);
	if (merge_step(engine->db, from, NULL) && engine->n_borders)
		segment_touch(engine->db, alias_current(engine->db, from));
	trigger_settle(engine, true, now);
	return true;
}
