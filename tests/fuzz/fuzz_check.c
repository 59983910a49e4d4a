/* Any bytes through the whole compiler; what has no mistake is asked of a store, so that
 * every SQL that is written is SQL. */
#include "fuzz.h"
#include "store/customer.h"

static struct db *db;
static struct zone *zone;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char folder[64], command[96];

	(void)argc;
	(void)argv;
	db = fuzz_store(folder);
	zone = zone_open("Asia/Seoul");
	/* It stays open, and nobody finds it again. */
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static bool template_exists(
        void *arg, const char *name, const char *channel, const char **nearest)
{
	(void)arg;
	(void)channel;
	if (nearest)
		*nearest = NULL;
	return name[0] != 'x';
}

static void ask(struct program *program)
{
	struct moment moment = {.db = db, .zone = zone, .now = INT64_C(1795395600000)};
	struct event event = {
	        .type = "order.paid", .source = "s", .eid = "e", .data = "{}"};

	for (size_t i = 0; i < program->n_segments; i++)
		cond_ask(program->segments[i].cond, &moment, CUSTOMER_OWNER);
	moment.event = &event;
	for (size_t i = 0; i < program->n_rules; i++) {
		const struct rule *rule = &program->rules[i];
		if (rule->cond)
			cond_ask(rule->cond, &moment, CUSTOMER_OWNER);
		if (rule->trigger.where)
			cond_ask_event(rule->trigger.where, &moment, &event);
		for (size_t k = 0; k < rule->n_ops; k++)
			if (rule->ops[k].cond)
				cond_ask(rule->ops[k].cond, &moment, CUSTOMER_OWNER);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const channels[] = {
	        "sms", "alimtalk", "brandmessage", "email", "owner", NULL};
	struct world world = {.channels = channels,
	        .has_refuse = true,
	        .has_public = true,
	        .law_korea = true,
	        .zone = zone,
	        .today = calendar_day(2026, 11, 23),
	        .template_exists = template_exists};
	struct program_file file = fuzz_file(data, size);
	struct program *program;
	struct buf shown = {0};
	struct diag diag;

	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	assert(!program == (diag.errors > 0));
	if (program)
		ask(program);
	diag_print(&diag, &shown);
	buf_free(&shown);
	program_free(program);
	diag_fini(&diag);
	free((char *)file.text);
	return 0;
}
