/* The rules in force with their rows: a ruleset is adopted, the owner turns a switch. It
 * shows no event and no instant to any of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine/border.h"
#include "engine/ending.h"
#include "engine/engine.h"
#include "engine/notice.h"
#include "engine/retention.h"
#include "engine/upkeep.h"
#include "store/audit.h"
#include "store/guarded.h"
#include "store/overrule.h"

#define API "api"

/* ---- the rules in force ---- */

/* After an undone turn memory agrees with the file again. */
static void reread_rows(void *arg)
{
	struct engine *engine = arg;

	if (!engine->versions) /* closed: the store's last turn was */
		return;
	for (size_t i = 0; i < engine->n_states; i++) {
		struct rule_state *state = &engine->states[i];
		rule_row_find(engine->db, state->rule->name, &state->row);
		state->sweeping = false;
		state->counted = false;
		state->guard_hour = 0;
		state->guard_asked = 0;
	}
	engine->alarmed = 0;
	border_reread(engine);
	ending_reread(engine);
}

static bool reaches_owner(const struct world *world)
{
	for (const char *const *name = world->channels; name && *name; name++)
		if (!strcmp(*name, "owner"))
			return true;
	return false;
}

void engine_open(struct engine *engine, struct db *db, const struct shop *shop,
        const struct world *world)
{
	engine->db = db;
	engine->shop = shop;
	engine->versions = versions_new(db, world);
	engine->owner_reachable = reaches_owner(world);
	db_on_abort(db, reread_rows, engine);
	ending_reread(engine);
}

void engine_configure(
        struct engine *engine, const struct shop *shop, const struct world *world)
{
	versions_free(engine->versions);
	engine->versions = versions_new(engine->db, world);
	engine->owner_reachable = reaches_owner(world);
	engine->shop = shop;
	for (size_t i = 0; i < engine->n_states; i++)
		versions_current(engine->versions, engine->states[i].rule,
		        engine->states[i].row.version);
}

static void forget_states(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_states; i++)
		draw_fini(&engine->states[i].draw);
	free(engine->states);
	engine->states = NULL;
	engine->n_states = 0;
}

void engine_close(struct engine *engine)
{
	versions_free(engine->versions);
	changes_clear(&engine->changes);
	changes_clear(&engine->untold);
	border_close(engine);
	ending_close(engine);
	misnomers_clear(&engine->misnomers);
	forget_states(engine);
	engine->versions = NULL;
}

static void end_rule(struct engine *engine, int64_t rule, struct change *change,
        int *effort, int64_t now)
{
	if (ending_begin(engine, rule, effort, now))
		change->ended = waiting_ended(engine->db, rule);
	else
		change->ending = true;
}

/* The rule goes on or stands still from now; what that cancels is told in change. While
 * it is being ended it stands still, whatever is said. */
static void activate(struct engine *engine, struct rule_state *state,
        struct change *change, int *effort, int64_t now)
{
	bool active = !state->rule->off && !state->row.owner_off;
	int64_t rule = state->row.id;

	if (state->row.active && !active) {
		rule_row_activate(engine->db, rule, false, now);
		end_rule(engine, rule, change, effort, now);
	} else if (active && !state->row.active && !ending_under_way(engine, rule)) {
		rule_row_activate(engine->db, rule, true, now);
	}
}

static void note_change(struct engine *engine, struct change *change,
        enum change_kind kind, const char *rule, const char *was)
{
	change->kind = kind;
	snprintf(change->rule, sizeof change->rule, "%s", rule);
	snprintf(change->was, sizeof change->was, "%s", was ? was : "");
	changes_add(&engine->changes, change);
}

static void adopt_rule(
        struct engine *engine, struct rule_state *state, int *effort, int64_t now)
{
	const struct rule *rule = state->rule;
	struct rule_row *row = &state->row;
	bool known = rule_row_find(engine->db, rule->name, row), renamed, changed, was_on;
	struct change change = {0};
	int64_t version;

	renamed =
	        rule->was && !known && rule_row_rename(engine->db, rule->was, rule->name);
	known = renamed || (known && !row->removed_at);
	rule_row_get(engine->db, rule->name, now, row);
	version = rule_version_get(engine->db, row->id, rule->hash, rule->source, now);
	changed = version != row->version;
	was_on = row->active;
	if (changed) {
		rule_row_set_version(engine->db, row->id, version, true, now);
		guarded_changed(engine->db, row->id);
	}
	activate(engine, state, &change, effort, now);
	rule_row_find(engine->db, rule->name, row);
	versions_current(engine->versions, rule, row->version);
	if (rule->built_in)
		return; /* no file of the owner's changed */
	if (was_on && !row->active)
		note_change(engine, &change, CHANGE_OFF, rule->name, NULL);
	else if (renamed)
		note_change(engine, &change, CHANGE_RENAMED, rule->name, rule->was);
	else if (!known || changed)
		note_change(engine, &change, known ? CHANGE_CHANGED : CHANGE_ADDED,
		        rule->name, NULL);
}

struct removal {
	struct engine *engine;
	int effort; /* left in this turn for what is ended at once */
	int64_t now;
};

static void remove_if_gone(void *arg, const char *name, const struct rule_row *row)
{
	struct removal *removal = arg;
	struct change change = {0};

	if (row->removed_at || !strcmp(name, API) || !strcmp(name, NOTICE_RULE) ||
	        state_of_name(removal->engine, name))
		return;
	rule_row_remove(removal->engine->db, row->id, removal->now);
	end_rule(removal->engine, row->id, &change, &removal->effort, removal->now);
	note_change(removal->engine, &change, CHANGE_REMOVED, name, NULL);
}

/* Evidence of each text that the owner took for information against our reading. */
static void keep_overruled(struct engine *engine, int64_t now)
{
	const struct templates *templates = engine->ruleset->templates;

	for (size_t i = 0; i < templates->n; i++) {
		const struct template *t = &templates->items[i];
		char hash[65];
		struct overrule overrule = {.template = t->file,
		        .hash = hash,
		        .sentence = t->overruled,
		        .reason = t->not_ad};
		if (!t->overruled)
			continue;
		template_hash(t, hash);
		if (overrule_keep(engine->db, &overrule, now))
			audit_add(engine->db, now, "file", "template.not_ad", t->file,
			        t->not_ad);
	}
}

void engine_adopt(struct engine *engine, struct ruleset *ruleset, int64_t now)
{
	struct removal removal = {engine, ENDING_EFFORT, now};
	size_t n = ruleset->program->n_rules;
	bool first = !engine->ruleset;

	versions_reset(engine->versions);
	changes_clear(&engine->changes);
	misnomers_clear(&engine->misnomers);
	forget_states(engine);
	engine->ruleset = ruleset;
	engine->states = mem_alloc((n ? n : 1) * sizeof *engine->states);
	engine->n_states = n;
	for (size_t i = 0; i < n; i++)
		engine->states[i].rule = &ruleset->program->rules[i];
	engine->wants_messages = ruleset_mentions(ruleset, "message.") ||
	                         ruleset_mentions(ruleset, "메시지.");
	for (size_t i = 0; i < n; i++)
		adopt_rule(engine, &engine->states[i], &removal.effort, now);
	rule_each(engine->db, remove_if_gone, &removal);
	keep_overruled(engine, now);
	border_adopt(engine, now);
	upkeep_adopt(engine);
	retention_adopt(engine, now);
	if (!first)
		changes_merge(&engine->untold, &engine->changes);
}

/* ---- the owner's switches ---- */

bool engine_rule_on(struct engine *engine, const char *name, bool on, int64_t now,
        struct waiting *ended)
{
	struct rule_state *state = state_of_name(engine, name);
	struct change change = {0};
	int effort = ENDING_EFFORT;

	*ended = change.ended;
	if (!state)
		return false;
	rule_row_set_off(engine->db, state->row.id, !on);
	state->row.owner_off = !on;
	activate(engine, state, &change, &effort, now);
	*ended = change.ended;
	rule_row_find(engine->db, name, &state->row);
	state->sweeping = false;
	return true;
}

bool engine_rule_pause(struct engine *engine, const char *name, bool paused, int64_t now)
{
	struct rule_state *state = state_of_name(engine, name);

	(void)now;
	if (!state)
		return false;
	rule_row_set_paused(engine->db, state->row.id, paused);
	state->row.paused = paused;
	if (!paused && engine->on_planned)
		engine->on_planned(engine->arg, NULL);
	return true;
}

bool engine_rule_live(const struct engine *engine, const char *name, bool *paused)
{
	const struct rule_state *state = state_of_name(engine, name);

	*paused = state && state->row.paused;
	return !strcmp(name, API) || !strcmp(name, NOTICE_RULE) ||
	       (state && state->row.active);
}
