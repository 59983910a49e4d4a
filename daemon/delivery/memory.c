/* What a channel's talks remember. Never shows it to anybody: there are tokens in it. */
#include "delivery/memory.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

struct thing {
	struct thing *next;
	char *name, *value;
	int64_t until;
};

struct memory {
	struct thing *things;
	void (*on_put)(void *arg, const char *name, const char *value, int64_t until);
	void *arg;
};

struct memory *memory_new(void)
{
	return mem_alloc(sizeof(struct memory));
}

static void thing_free(struct thing *thing)
{
	explicit_bzero(thing->value, strlen(thing->value));
	free(thing->value);
	free(thing->name);
	free(thing);
}

static struct thing **find(struct memory *memory, const char *name)
{
	struct thing **at = &memory->things;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void forget(struct memory *memory, const char *name)
{
	struct thing **at = find(memory, name), *thing = *at;

	if (!thing)
		return;
	*at = thing->next;
	thing_free(thing);
}

void memory_free(struct memory *memory)
{
	while (memory->things)
		forget(memory, memory->things->name);
	free(memory);
}

const char *memory_get(struct memory *memory, const char *name, int64_t now)
{
	const struct thing *thing = *find(memory, name);

	return thing && (!thing->until || now < thing->until) ? thing->value : NULL;
}

void memory_put(struct memory *memory, const char *name, const char *value, int64_t until)
{
	struct thing *thing;

	forget(memory, name);
	if (value) {
		thing = mem_alloc(sizeof *thing);
		*thing = (struct thing){
		        memory->things, mem_strdup(name), mem_strdup(value), until};
		memory->things = thing;
	}
	if (memory->on_put)
		memory->on_put(memory->arg, name, value, until);
}

void memory_on_put(struct memory *memory,
        void (*fn)(void *arg, const char *name, const char *value, int64_t until),
        void *arg)
{
	memory->on_put = fn;
	memory->arg = arg;
}
