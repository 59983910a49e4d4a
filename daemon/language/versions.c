/* Rules as they were when somebody's run began: the current program's where the text is
 * the same, else compiled from the store. Keeps what it compiled until the ruleset is
 * exchanged, and remembers what did not compile. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "language/ruleset.h"
#include "store/run.h"

struct version {
	int64_t id;
	const struct rule *rule; /* NULL: it compiles no more */
	struct program *program; /* NULL: the rule is the current program's */
	char *source, *name;     /* borrowed by the program */
	struct program_file file;
};

struct versions {
	struct db *db;
	struct world world;
	struct version **items; /* in order of id */
	size_t n;
};

struct versions *versions_new(struct db *db, const struct world *world)
{
	struct versions *versions = mem_alloc(sizeof(*versions));

	versions->db = db;
	versions->world = *world;
	/* Templates are always the latest: one that is gone is found out when it is sent.
	 */
	versions->world.template_exists = NULL;
	versions->world.arg = NULL;
	versions->world.older = true;
	return versions;
}

static void version_free(struct version *version)
{
	program_free(version->program);
	free(version->source);
	free(version->name);
	free(version);
}

void versions_reset(struct versions *versions)
{
	for (size_t i = 0; i < versions->n; i++)
		version_free(versions->items[i]);
	free(versions->items);
	versions->items = NULL;
	versions->n = 0;
}

void versions_free(struct versions *versions)
{
	if (!versions)
		return;
	versions_reset(versions);
	free(versions);
}

/* Where an id stands or would stand. */
static size_t place_of(const struct versions *versions, int64_t id)
{
	size_t low = 0, high = versions->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (versions->items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct version *find(const struct versions *versions, int64_t id)
{
	size_t at = place_of(versions, id);

	return at < versions->n && versions->items[at]->id == id ? versions->items[at]
	                                                         : NULL;
}

static struct version *add(struct versions *versions, int64_t id)
{
	struct version *version = mem_alloc(sizeof(*version));
	size_t at = place_of(versions, id);

	version->id = id;
	mem_grow(&versions->items, versions->n, sizeof(*versions->items));
	memmove(versions->items + at + 1, versions->items + at,
	        (versions->n - at) * sizeof(*versions->items));
	versions->items[at] = version;
	versions->n++;
	return version;
}

void versions_current(struct versions *versions, const struct rule *rule, int64_t id)
{
	struct version *version = find(versions, id);

	if (!version)
		version = add(versions, id);
	version->rule = rule;
}

static void compile(struct versions *versions, struct version *version, const char *name)
{
	struct diag diag;

	version->source = rule_version_source(versions->db, version->id);
	if (!version->source)
		return;
	version->name = mem_printf("%s (%" PRId64 ")", name, version->id);
	version->file = (struct program_file){.name = version->name,
	        .text = version->source,
	        .len = strlen(version->source)};
	diag_init(&diag);
	version->program = program_compile(&version->file, 1, &versions->world, &diag);
	/* Its name may have been another then, if the rule was renamed since. */
	if (version->program && version->program->n_rules == 1)
		version->rule = &version->program->rules[0];
	else
		log_error(
		        TR("rule %s: the version %" PRId64
		           " that some are still in compiles no more (%s); they leave it",
		                "규칙 %s: 아직 진행 중인 버전 %" PRId64
		                "을(를) 더 읽을 수 없어 (%s) 그 진행을 끝냅니다"),
		        name, version->id, diag.n ? diag.items[0].message : "?");
	diag_fini(&diag);
}

const struct rule *versions_get(struct versions *versions, const struct ruleset *current,
        const char *name, int64_t id)
{
	struct version *version = find(versions, id);

	(void)current;
	if (!version) {
		version = add(versions, id);
		compile(versions, version, name);
	}
	return version->rule;
}
