/* Copies of channels. It shares nothing with what it copies. */
#include "delivery/witness.h"

#include <stdlib.h>
#include <string.h>

static void copy_secret(struct secret *secret)
{
	char *data;

	if (!secret->data)
		return;
	data = mem_alloc(secret->len + 1);
	memcpy(data, secret->data, secret->len);
	secret->data = data;
}

static void copy(struct arena *arena, struct channel_config *c)
{
	const char **texts[] = {&c->name, &c->provider, &c->url, &c->sender, &c->refuse,
	        &c->from, &c->server, &c->user, &c->profile, &c->service, &c->secret_name,
	        &c->password_name, &c->key_name, &c->receipts_name, &c->outbox,
	        &c->public_url};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (*texts[i])
			*texts[i] = arena_strdup(arena, *texts[i]);
	copy_secret(&c->secret);
	copy_secret(&c->password);
	copy_secret(&c->key);
	copy_secret(&c->receipts);
	c->fallback = NULL;
}

void witnesses_copy(struct witnesses *out, const char *provider,
        const struct channel_config *channels, size_t n)
{
	*out = (struct witnesses){.arena = arena_new()};
	for (size_t i = 0; i < n; i++)
		for (const struct channel_config *c = &channels[i]; c; c = c->fallback) {
			if (strcmp(c->provider, provider) != 0)
				continue;
			struct channel_config *one =
			        mem_grow(&out->configs, out->n++, sizeof *one);
			*one = *c;
			copy(out->arena, one);
		}
}

void witnesses_free(struct witnesses *witnesses)
{
	for (size_t i = 0; i < witnesses->n; i++) {
		secret_free(&witnesses->configs[i].secret);
		secret_free(&witnesses->configs[i].password);
		secret_free(&witnesses->configs[i].key);
		secret_free(&witnesses->configs[i].receipts);
	}
	free(witnesses->configs);
	arena_free(witnesses->arena);
}
