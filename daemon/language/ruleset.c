/* Reads the rules and templates folders as one set and answers which rules an event
 * concerns. Nothing of a set that has a mistake is ever handed out. */
#include "language/ruleset.h"
#include "language/builtin.h"
#include "language/survey.h"
#include "language/template_size.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/text.h"

#define MOST_FILES 1000
#define MOST_BYTES (1024 * 1024)
#define MOST_CODES_BYTES (16 * 1024 * 1024)

/* The rules that one event type concerns, each list ending with NULL. */
struct ruleset_entry {
	const char *type;
	const struct rule **started, **anchored;
	size_t n_started, n_anchored;
	bool awaited;
};

static const struct rule *const nobody[] = {NULL};

/* ---- reading files ---- */

/* Returns new bytes with a NUL behind, or NULL and errno (EFBIG: over most). */
static char *slurp(const char *path, size_t most, size_t *len)
{
	FILE *file = fopen(path, "re");
	struct buf data = {0};
	char part[16384];
	bool failed;
	size_t n;

	if (!file)
		return NULL;
	while (data.len <= most && (n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(&data, part, n);
	failed = ferror(file);
	fclose(file);
	if (failed || data.len > most) {
		errno = failed ? EIO : EFBIG;
		buf_free(&data);
		return NULL;
	}
	*len = data.len;
	return buf_take(&data);
}

static int is_rule_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       !strcmp(entry->d_name + len - 5, ".rule");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_rule(
        struct ruleset *set, const char *shown, const char *name, struct diag *diag)
{
	char *path = mem_printf("%s/%s", set->rules_folder, name),
	     *label = mem_printf("%s/%s", shown, name), *text;
	struct program_file *file;
	size_t len;

	text = slurp(path, MOST_BYTES, &len);
	free(path);
	if (!text) {
		diag_unreadable(diag, label, errno == EFBIG ? 0 : errno,
		        TR("it is over 1 MiB", "1MiB를 넘습니다"));
		free(label);
		return;
	}
	file = mem_grow(&set->files, set->n_files, sizeof(*file));
	*file = (struct program_file){.name = label, .text = text, .len = len};
	set->n_files++;
}

static void read_rules(struct ruleset *set, struct diag *diag)
{
	const char *slash = strrchr(set->rules_folder, '/');
	const char *shown = slash && slash[1] ? slash + 1 : set->rules_folder;
	struct dirent **entries = NULL;
	int n = scandir(set->rules_folder, &entries, is_rule_file, by_bytes);

	if (n < 0)
		diag_unreadable(diag, set->rules_folder, errno, NULL);
	else if (n > MOST_FILES)
		diag_unreadable(diag, set->rules_folder, 0,
		        TR("over 1,000 files", "파일이 1,000개를 넘습니다"));
	for (int i = 0; i < n; i++) {
		if (n <= MOST_FILES)
			read_rule(set, shown, entries[i]->d_name, diag);
		free(entries[i]);
	}
	free(entries);
}

/* Behind the owner's, in a text of their own. */
static void add_built_in(struct ruleset *set, const struct world *world)
{
	char *text = world->notices ? builtin_source(world) : NULL;
	struct program_file *file;

	if (!text)
		return;
	file = mem_grow(&set->files, set->n_files, sizeof(*file));
	*file = (struct program_file){.name = mem_strdup(BUILTIN_FILE),
	        .text = text,
	        .len = strlen(text),
	        .built_in = true};
	set->n_files++;
}

/* Mistakes outlive a set that is thrown away: the names of files move into their arena.
 */
static void own_names(struct diag *diag)
{
	for (size_t i = 0; i < diag->n; i++)
		diag->items[i].at.file =
		        arena_strdup(diag->arena, diag->items[i].at.file);
}

/* ---- codes ---- */

static bool inside_folder(const char *name)
{
	return name[0] != '/' && strcmp(name, "..") && strncmp(name, "../", 3) &&
	       !strstr(name, "/../");
}

static const char *const *split_codes(struct arena *arena, char *text, long *n)
{
	const char **codes = NULL, **kept;
	char *rest = text;

	if (!strncmp(rest, "\xef\xbb\xbf", 3))
		rest += 3;
	*n = 0;
	for (char *line; (line = strsep(&rest, "\r\n"));) {
		const char **slot;

		line = text_trim(line);
		if (!*line)
			continue;
		slot = mem_grow(&codes, (size_t)*n, sizeof(*codes));
		*slot = arena_strdup(arena, line);
		++*n;
	}
	kept = arena_alloc(arena, ((size_t)*n + 1) * sizeof(*kept));
	if (*n)
		memcpy(kept, codes, (size_t)*n * sizeof(*kept));
	free(codes);
	return kept;
}

long ruleset_codes(const struct ruleset *set, const struct coupon_decl *coupon,
        struct arena *arena, const char *const **codes)
{
	char *path, *text;
	size_t len;
	long n;

	if (!coupon->codes || !inside_folder(coupon->codes))
		return -1;
	path = mem_printf("%s/%s", set->rules_folder, coupon->codes);
	text = slurp(path, MOST_CODES_BYTES, &len);
	free(path);
	if (!text)
		return -1;
	*codes = split_codes(arena, text, &n);
	free(text);
	return n;
}

static void check_codes(const struct ruleset *set, struct diag *diag)
{
	for (size_t i = 0; i < set->program->n_coupons; i++) {
		const struct coupon_decl *coupon = &set->program->coupons[i];
		struct diag_place at = {.file = coupon->file,
		        .line = coupon->line,
		        .column = 1,
		        .width = 6};
		struct arena *arena = arena_new();
		const char *const *codes;
		struct diag_item *item = NULL;
		long n = coupon->codes ? ruleset_codes(set, coupon, arena, &codes) : 1;

		if (n < 0)
			item = diag_error(diag, at, NULL,
			        TR("coupon '%s': its codes file '%s' cannot be read",
			                "쿠폰 '%s': 코드파일 '%s'을(를) 읽을 수 "
			                "없습니다"),
			        coupon->name, coupon->codes);
		else if (n == 0)
			diag_warn(diag, at, NULL,
			        TR("coupon '%s': its codes file '%s' is empty",
			                "쿠폰 '%s': 코드파일 '%s'이(가) 비어 있습니다"),
			        coupon->name, coupon->codes);
		diag_hint(diag, item,
		        TR("it stands beside the rules: %s, one code a line",
		                "규칙 파일 옆에 두세요: %s, 한 줄에 코드 하나"),
		        coupon->codes);
		arena_free(arena);
	}
}

/* ---- which rules an event concerns ---- */

static struct ruleset_entry *entry_of(struct ruleset *set, const char *type)
{
	struct ruleset_entry *entry;

	for (size_t i = 0; i < set->n_entries; i++)
		if (!strcmp(set->entries[i].type, type))
			return &set->entries[i];
	entry = mem_grow(&set->entries, set->n_entries, sizeof(*entry));
	entry->type = type;
	set->n_entries++;
	return entry;
}

static void add_rule(const struct rule ***list, size_t *n, const struct rule *rule)
{
	const struct rule **slot = mem_grow(list, *n, sizeof(*slot));

	*slot = rule;
	++*n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct rule *const *)a)->name,
	        (*(const struct rule *const *)b)->name);
}

static int by_type(const void *a, const void *b)
{
	return strcmp(((const struct ruleset_entry *)a)->type,
	        ((const struct ruleset_entry *)b)->type);
}

static void anchored(struct ruleset *set, const char *type, const struct rule *rule)
{
	struct ruleset_entry *entry = entry_of(set, type);

	add_rule(&entry->anchored, &entry->n_anchored, rule);
}

/* Events that may make a rule's anchor, also when they come late. */
static void index_anchor(struct ruleset *set, const struct rule *rule)
{
	const char *name = rule->trigger.name;

	switch (rule->trigger.anchor) {
	case ANCHOR_JOINED:
		anchored(set, "customer.joined", rule);
		return;
	case ANCHOR_FIRST_ORDER:
	case ANCHOR_LAST_ORDER:
		anchored(set, "order.paid", rule);
		return;
	case ANCHOR_FIRST_VISIT:
	case ANCHOR_LAST_VISIT:
		anchored(set, "visit", rule);
		return;
	case ANCHOR_FIRST_EVENT:
	case ANCHOR_LAST_EVENT:
		anchored(set, name, rule);
		return;
	case ANCHOR_EVENT_FIELD:
		if (!strcmp(name, "reservation.at")) {
			anchored(set, "reservation.made", rule);
			anchored(set, "reservation.changed", rule);
		} else {
			anchored(set,
			        arena_strndup(set->program->arena, name,
			                (size_t)(strrchr(name, '.') - name)),
			        rule);
		}
		return;
	case ANCHOR_FIELD:
	case ANCHOR_COUPON:
		return;
	}
}

static void index_rule(struct ruleset *set, const struct rule *rule)
{
	const struct trigger *trigger = &rule->trigger;
	struct ruleset_entry *entry;

	if (trigger->kind == TRIGGER_EVENT || trigger->kind == TRIGGER_STOCK) {
		entry = entry_of(set, trigger->kind == TRIGGER_STOCK ? "stock.changed"
		                                                     : trigger->event);
		add_rule(&entry->started, &entry->n_started, rule);
	}
	if (trigger->kind == TRIGGER_RELATIVE)
		index_anchor(set, rule);
	for (size_t i = 0; i < rule->n_events; i++)
		entry_of(set, rule->events[i])->awaited = true;
}

static void finish_list(const struct rule ***list, size_t *n)
{
	add_rule(list, n, NULL);
	qsort(*list, *n - 1, sizeof(**list), by_name);
}

static void index_rules(struct ruleset *set)
{
	for (size_t i = 0; i < set->program->n_rules; i++)
		index_rule(set, &set->program->rules[i]);
	for (size_t i = 0; i < set->n_entries; i++) {
		finish_list(&set->entries[i].started, &set->entries[i].n_started);
		finish_list(&set->entries[i].anchored, &set->entries[i].n_anchored);
	}
	if (set->n_entries)
		qsort(set->entries, set->n_entries, sizeof(*set->entries), by_type);
}

static const struct ruleset_entry *find_entry(const struct ruleset *set, const char *type)
{
	struct ruleset_entry key = {.type = type};

	return set->n_entries
	               ? bsearch(&key, set->entries, set->n_entries, sizeof(key), by_type)
	               : NULL;
}

const struct rule *const *ruleset_started_by(const struct ruleset *set, const char *type)
{
	const struct ruleset_entry *entry = find_entry(set, type);

	return entry ? (const struct rule *const *)entry->started : nobody;
}

const struct rule *const *ruleset_anchored_on(const struct ruleset *set, const char *type)
{
	const struct ruleset_entry *entry = find_entry(set, type);

	return entry ? (const struct rule *const *)entry->anchored : nobody;
}

bool ruleset_mentions(const struct ruleset *set, const char *word)
{
	for (size_t i = 0; i < set->n_files; i++)
		if (strstr(set->files[i].text, word))
			return true;
	return false;
}

bool ruleset_awaits(const struct ruleset *set, const char *type)
{
	const struct ruleset_entry *entry = find_entry(set, type);

	return entry && entry->awaited;
}

/* ---- the set ---- */

static bool template_there(
        void *arg, const char *name, const char *channel, const char **nearest)
{
	return templates_exist(arg, name, channel, nearest);
}

/* Where a template has a mistake none of them can be asked: its file is enough for the
 * rules that name it, and the daemon's own are there. */
static bool template_on_disk(
        void *arg, const char *name, const char *channel, const char **nearest)
{
	char *path = mem_printf("%s/%s.%s", (const char *)arg, name, channel);
	bool found = access(path, F_OK) == 0 || builtin_has_template(name, channel);

	free(path);
	if (nearest)
		*nearest = NULL;
	return found;
}

struct ruleset *ruleset_load(const char *rules_folder, const char *templates_folder,
        const struct world *world, struct diag *diag)
{
	struct ruleset *set = mem_alloc(sizeof(*set));
	struct world within = *world;
	size_t told = diag->told;
	bool whole;

	set->rules_folder = mem_strdup(rules_folder);
	set->templates = templates_read(templates_folder, diag);
	read_rules(set, diag);
	within.template_exists = set->templates ? template_there : template_on_disk;
	within.arg = set->templates ? (void *)set->templates : (void *)templates_folder;
	add_built_in(set, &within);
	if (set->templates && world->notices)
		templates_stand_in(set->templates, world->notices, diag);
	set->program = program_compile(set->files, set->n_files, &within, diag);
	whole = set->program != NULL;
	if (!whole)
		set->program = program_compile_sound(set->files, set->n_files, &within);
	if (set->program && set->templates) {
		templates_link(set->templates, set->program, diag);
		templates_measure(set->templates, world, diag);
		check_codes(set, diag);
	}
	own_names(diag);
	if (world->survey)
		own_names(survey_findings(world->survey));
	if (!whole || !set->templates || diag->told > told) {
		ruleset_free(set);
		return NULL;
	}
	index_rules(set);
	return set;
}

struct ruleset *ruleset_hold(struct ruleset *set)
{
	set->holders++;
	return set;
}

void ruleset_free(struct ruleset *set)
{
	if (!set || set->holders-- > 0)
		return;
	for (size_t i = 0; i < set->n_entries; i++) {
		free(set->entries[i].started);
		free(set->entries[i].anchored);
	}
	free(set->entries);
	program_free(set->program);
	templates_free(set->templates);
	for (size_t i = 0; i < set->n_files; i++) {
		free((char *)set->files[i].name);
		free((char *)set->files[i].text);
	}
	free(set->files);
	free(set->rules_folder);
	free(set);
}
