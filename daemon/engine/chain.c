/* Chains of causes: counted run by run and stopped where they grow too long. It starts
 * nothing. */
#include "engine/chain.h"

#include "base/log.h"
#include "store/audit.h"
#include "store/event.h"

void chain_begun(struct engine *engine, const struct run *run)
{
	if (engine->causes)
		segment_run_depth(engine->db, run->id, engine->causes);
}

void chain_caused(struct engine *engine, const struct run *run)
{
	int depth;

	if (!engine->n_borders)
		return;
	depth = engine->causes ? engine->causes : segment_depth_of(engine->db, run->id);
	segment_touched_by(engine->db, run->customer, depth);
}

void chain_stop(struct engine *engine, const struct rule *rule, int64_t now)
{
	log_warn(TR("rule %s: a chain of more than %d causes was stopped",
	                 "규칙 %s: 원인이 %d번 넘게 이어져 멈췄습니다"),
	        rule->name, CAUSES_MAX);
	audit_add(engine->db, now, "daemon", "chain", rule->name, rule->trigger.name);
	event_count(engine->db, "chain", 1);
}
