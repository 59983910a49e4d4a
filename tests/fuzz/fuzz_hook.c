/* Whatever a shop system's webhook holds: verifying and reading it takes no harm, and
 * what is made of it are events in the shape of POST /v1/events, or something counted. */
#include "fuzz.h"

#include "door/hook/hook.h"
#include "door/scan.h"

static const struct hook_kind *kinds[64];
static size_t n_kinds;

struct head {
	const char *topic, *other;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char *names = mem_strdup(hook_names()), *rest = names, *name;

	(void)argc;
	(void)argv;
	while ((name = strsep(&rest, ",")) && n_kinds < 64) {
		kinds[n_kinds] = hook_find(name + strspn(name, " "));
		n_kinds += kinds[n_kinds] != NULL;
	}
	free(names);
	return 0;
}

static const char *header(const struct hook_call *call, const char *name)
{
	const struct head *head = call->head;

	return strstr(name, "topic") ? head->topic : head->other;
}

/* The line at *text, NULL where it is empty. Returns new. */
static char *line(const uint8_t **text, size_t *size)
{
	const uint8_t *end = memchr(*text, '\n', *size);
	size_t len = end ? (size_t)(end - *text) : *size;
	char *out = len ? mem_strndup((const char *)*text, len) : NULL;

	*text += len + (end != NULL);
	*size -= len + (end != NULL);
	return out;
}

static json_t *parse(const char *body, size_t len)
{
	struct scan scan = {0};
	json_t *json = NULL;
	char why[160];

	if (scan_one(body, len, &scan) == SCAN_OK &&
	        scan.items[0].depth <= SCAN_DEPTH_MAX)
		json = scan_load(&scan.items[0], why);
	scan_fini(&scan);
	return json;
}

static void look(const struct hook_call *call)
{
	size_t i;
	json_t *event;

	assert(json_array_size(call->events) <= HOOK_EVENTS_MAX);
	assert(json_array_size(call->events) || call->ignored >= 0);
	json_array_foreach(call->events, i, event)
	{
		assert(json_is_string(json_object_get(event, "id")));
		assert(json_is_string(json_object_get(event, "type")));
		assert(json_is_object(json_object_get(event, "data")));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hook_config config = {.name = "x",
	        .secret = {"whsec_AAEC", 10},
	        .url = "https://m.example.com/v1/hooks/x"};
	struct hook_call call = {
	        .config = &config, .header = header, .now = 1795392900000};
	struct head head;
	char *body;

	if (size < 1)
		return 0;
	config.kind = kinds[data[0] % 16 % n_kinds];
	config.name = config.kind->name;
	config.wording = data[0] & 16 ? "w" : NULL;
	data++, size--;
	head.topic = line(&data, &size);
	head.other = line(&data, &size);
	body = mem_strndup((const char *)data, size);
	call.head = &head;
	call.body = body;
	call.len = size;
	call.arena = arena_new();
	call.events = json_array();
	config.kind->verify(&call);
	call.json = parse(body, size);
	/* Nothing unsigned is read: what is read with webhook-id has it. */
	if (call.json && (head.other || config.kind->unsigned_bodies))
		config.kind->read(&call);
	look(&call);
	json_decref(call.json);
	json_decref(call.events);
	arena_free(call.arena);
	free(body);
	free((char *)head.topic);
	free((char *)head.other);
	return 0;
}
