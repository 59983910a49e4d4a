/* Reads dangol.conf token by token after the table of keys. Knows no key by name. */
#include "config_keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"

#define MOST_CANDIDATES 192

static bool is_word(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_UNIT;
}

/* ---- keys ---- */

static bool spelled(const struct token *token, const char *name, const char *korean)
{
	return is_word(token) &&
	       (!strcmp(token->text, name) || (korean && !strcmp(token->text, korean)));
}

static const struct config_key *find_key(const char *block, const struct token *token)
{
	for (const struct config_key *key = config_keys; key->block; key++)
		if (!strcmp(key->block, block) && spelled(token, key->name, key->korean))
			return key;
	return NULL;
}

static const struct config_block *find_block(const struct token *token)
{
	for (const struct config_block *block = config_blocks; block->name; block++)
		if (spelled(token, block->name, block->korean))
			return block;
	return NULL;
}

const struct token *config_seen(
        const struct config_reading *r, const char *block, const char *name)
{
	for (const struct config_key *key = config_keys; key->block; key++)
		if (!strcmp(key->block, block) && !strcmp(key->name, name))
			return r->seen[key - config_keys];
	assert(!"a key of the table");
	return NULL;
}

static void add_candidate(const char **names, size_t *n, const char *name)
{
	if (name && *n < MOST_CANDIDATES)
		names[(*n)++] = name;
}

/* The word of that block (or at the top a block's) that was probably meant. */
static const char *nearest(const char *block, const char *text)
{
	const char *names[MOST_CANDIDATES];
	size_t n = 0;

	for (const struct config_key *key = config_keys; key->block; key++)
		if (!strcmp(key->block, block)) {
			add_candidate(names, &n, key->name);
			add_candidate(names, &n, key->korean);
		}
	for (const struct config_block *b = config_blocks; b->name && !*block; b++) {
		add_candidate(names, &n, b->name);
		add_candidate(names, &n, b->korean);
	}
	return text_nearest(text, names, n);
}

/* In which block a key would be right; NULL: in none. */
static const char *other_block(const struct token *token)
{
	for (const struct config_key *key = config_keys; key->block; key++)
		if (spelled(token, key->name, key->korean))
			return key->block;
	return NULL;
}

static void unknown_key(
        struct config_reading *r, const char *block, const struct token *token)
{
	const char *near = nearest(block, token->text),
	           *home = is_word(token) ? other_block(token) : NULL;
	struct diag_item *item;

	if (token->kind == TOKEN_BAD)
		return;
	item = config_mistake(
	        r, token, TR("unknown key '%s'", "모르는 항목 '%s'"), token_show(token));
	if (near)
		diag_hint(r->diag, item, TR("did you mean '%s'?", "혹시 '%s'인가요?"),
		        near);
	else if (home && *home)
		diag_hint(r->diag, item,
		        TR("it belongs into '%s { }'", "'%s { }' 안에 씁니다"), home);
}

static void wrong_value(struct config_reading *r, const struct config_key *key,
        const struct config_match *m)
{
	struct diag_item *item;

	if (m->furthest->kind == TOKEN_BAD)
		return;
	item = config_mistake(r, m->furthest,
	        TR("'%s' does not fit here", "'%s'은(는) 여기에 맞지 않습니다"),
	        token_show(m->furthest));
	diag_hint(r->diag, item, TR("write: %s %s", "이렇게 씁니다: %s %s"), key->name,
	        key->signature);
}

/* After a mistake: on to the next word that is a key here, or to the block's end. */
static void skip_to_key(struct config_reading *r, const char *block)
{
	int depth = 0;

	for (; r->tokens[r->pos].kind != TOKEN_END; r->pos++) {
		const struct token *t = &r->tokens[r->pos];

		if (token_punct(t, '{'))
			depth++;
		else if (token_punct(t, '}') && (*block || depth) && depth-- == 0)
			return;
		else if (depth == 0 &&
		         (find_key(block, t) || (t->first && find_block(t))))
			return;
	}
}

static void parse_key(struct config_reading *r, const char *block)
{
	const struct token *at = &r->tokens[r->pos++];
	const struct config_key *key = find_key(block, at);
	struct config_match m = {.token = at + 1};
	size_t row;

	if (!key) {
		unknown_key(r, block, at);
		skip_to_key(r, block);
		return;
	}
	row = (size_t)(key - config_keys);
	if (r->seen[row] && !key->often)
		config_mistake(r, at,
		        TR("'%s' stands twice; the first is in line %d",
		                "'%s'이(가) 두 번 있습니다. 처음 것은 %d번째 줄입니다"),
		        key->name, r->seen[row]->line);
	r->seen[row] = at;
	if (!config_match(&m, key->signature)) {
		wrong_value(r, key, &m);
		skip_to_key(r, block);
		return;
	}
	r->pos = (size_t)(m.token - r->tokens);
	key->set(r, m.values, m.n);
}

/* ---- blocks ---- */

static void skip_block(struct config_reading *r)
{
	int depth = 0;

	for (; r->tokens[r->pos].kind != TOKEN_END; r->pos++) {
		if (token_punct(&r->tokens[r->pos], '{'))
			depth++;
		if (token_punct(&r->tokens[r->pos], '}') && --depth <= 0) {
			r->pos++;
			return;
		}
	}
}

static void parse_body(
        struct config_reading *r, const char *block, const struct token *at)
{
	if (!token_punct(&r->tokens[r->pos], '{')) {
		config_mistake(r, &r->tokens[r->pos],
		        TR("'{' is expected after '%s'",
		                "'%s' 다음에는 '{'가 와야 합니다"),
		        block);
		skip_to_key(r, "");
		return;
	}
	r->pos++;
	while (!token_punct(&r->tokens[r->pos], '}')) {
		const struct token *t = &r->tokens[r->pos];

		if (t->kind == TOKEN_END ||
		        (t->first && t->column == 1 && find_block(t) &&
		                !find_key(block, t))) {
			config_mistake(r, at,
			        TR("this block is not closed: '}' is missing",
			                "이 구역이 닫히지 않았습니다: '}'가 없습니다"));
			return;
		}
		parse_key(r, block);
	}
	r->pos++;
}

/* Where a channel's block of that name is; a new one otherwise. */
static struct channel_config *new_channel(
        struct config_reading *r, const struct token *name)
{
	static const char *const names[] = {
	        "sms", "alimtalk", "brandmessage", "email", "push"};
	struct config *config = r->config;
	const char *wanted = config_english(name->text);
	struct diag_item *item;

	for (size_t i = 0; i < config->n_channels; i++)
		if (!strcmp(config->channels[i].name, wanted)) {
			config_mistake(r, name,
			        TR("channel '%s' stands twice",
			                "채널 '%s'이(가) 두 번 있습니다"),
			        wanted);
			return NULL;
		}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], wanted)) {
			struct channel_config *channel =
			        &config->channels[config->n_channels];

			r->channels[config->n_channels++] = name;
			*channel = (struct channel_config){
			        .name = names[i], .tls = TLS_STARTTLS};
			return channel;
		}
	item = config_mistake(r, name, TR("unknown channel '%s'", "모르는 채널 '%s'"),
	        token_show(name));
	diag_hint(r->diag, item,
	        TR("one of sms, alimtalk, brandmessage, email, push",
	                "sms(문자), alimtalk(알림톡), brandmessage(브랜드메시지), "
	                "email(메일), push(푸시) 가운데 하나"));
	return NULL;
}

void config_forget_seen(struct config_reading *r, const char *block)
{
	for (size_t row = 0; config_keys[row].block; row++)
		if (!strcmp(config_keys[row].block, block))
			r->seen[row] = NULL;
}

static void parse_channel(struct config_reading *r, const struct token *at)
{
	const struct token *name = &r->tokens[r->pos];

	r->channel = is_word(name) ? new_channel(r, name) : NULL;
	if (!is_word(name))
		config_mistake(r, name,
		        TR("a channel needs its name: channel sms { … }",
		                "채널에는 이름이 필요합니다: channel sms { … }"));
	if (!r->channel) {
		skip_block(r);
		return;
	}
	config_forget_seen(r, "channel");
	r->pos++;
	parse_body(r, "channel", at);
	config_check_channel(r, name);
	r->channel = r->first = NULL;
}

/* ---- hooks ---- */

static void hint_hooks(struct config_reading *r, struct diag_item *item)
{
	diag_hint(r->diag, item, TR("one of %s", "%s 가운데 하나"), hook_names());
}

static struct hook_config *new_hook(struct config_reading *r, const struct token *name)
{
	struct config *config = r->config;
	const struct hook_kind *kind = hook_find(name->text);
	struct hook_config *hook = &config->hooks[config->n_hooks];

	for (size_t i = 0; i < config->n_hooks; i++)
		if (!strcmp(config->hooks[i].name, name->text)) {
			config_mistake(r, name,
			        TR("hook '%s' stands twice",
			                "훅 '%s'이(가) 두 번 있습니다"),
			        name->text);
			return NULL;
		}
	if (!kind || config->n_hooks == CONFIG_HOOKS) {
		hint_hooks(r,
		        config_mistake(r, name, TR("unknown hook '%s'", "모르는 훅 '%s'"),
		                token_show(name)));
		return NULL;
	}
	config->n_hooks++;
	*hook = (struct hook_config){.name = kind->name, .kind = kind};
	return hook;
}

static void parse_hook(struct config_reading *r, const struct token *at)
{
	const struct token *name = &r->tokens[r->pos];

	r->hook = is_word(name) ? new_hook(r, name) : NULL;
	if (!is_word(name))
		hint_hooks(r,
		        config_mistake(r, name,
		                TR("a hook needs its name: hook shopify { … }",
		                        "훅에는 이름이 필요합니다: hook shopify { … }")));
	if (!r->hook) {
		skip_block(r);
		return;
	}
	config_forget_seen(r, "hook");
	r->pos++;
	parse_body(r, "hook", at);
	config_check_hook(r, name);
	r->hook = NULL;
}

/* ---- forwards ---- */

static struct forward_config *new_forward(
        struct config_reading *r, const struct token *name)
{
	struct config *config = r->config;
	struct forward_config *forward = &config->forwards[config->n_forwards];

	for (size_t i = 0; i < config->n_forwards; i++)
		if (!strcmp(config->forwards[i].name, name->text)) {
			config_mistake(r, name,
			        TR("forward '%s' stands twice",
			                "전달 '%s'이(가) 두 번 있습니다"),
			        name->text);
			return NULL;
		}
	if (config->n_forwards == CONFIG_FORWARDS) {
		config_mistake(r, name,
		        TR("there may be %d forwards", "전달은 %d개까지입니다"),
		        CONFIG_FORWARDS);
		return NULL;
	}
	config->n_forwards++;
	*forward = (struct forward_config){.name = name->text,
	        .keep_ms = FORWARD_KEEP_MS,
	        .events = arena_alloc(
	                config->arena, CONFIG_EVENTS * sizeof *forward->events)};
	return forward;
}

static void parse_forward(struct config_reading *r, const struct token *at)
{
	const struct token *name = &r->tokens[r->pos];

	r->forward = is_word(name) && name->len <= 64 ? new_forward(r, name) : NULL;
	if (!is_word(name) || name->len > 64)
		config_mistake(r, name,
		        TR("a forward needs a name of its own: forward shop { … }",
		                "전달에는 이름이 필요합니다: forward shop { … }"));
	if (!r->forward) {
		skip_block(r);
		return;
	}
	config_forget_seen(r, "forward");
	r->pos++;
	parse_body(r, "forward", at);
	config_check_forward(r, name);
	r->forward = NULL;
}

static void parse_block(struct config_reading *r, const struct config_block *block)
{
	const struct token *at = &r->tokens[r->pos++];
	size_t row = (size_t)(block - config_blocks);

	if (!strcmp(block->name, "channel")) {
		parse_channel(r, at);
		return;
	}
	if (!strcmp(block->name, "hook")) {
		parse_hook(r, at);
		return;
	}
	if (!strcmp(block->name, "forward")) {
		parse_forward(r, at);
		return;
	}
	if (r->blocks[row])
		config_mistake(r, at,
		        TR("block '%s' stands twice; the first is in line %d",
		                "구역 '%s'이(가) 두 번 있습니다. 처음 것은 %d번째 "
		                "줄입니다"),
		        block->name, r->blocks[row]->line);
	r->blocks[row] = at;
	parse_body(r, block->name, at);
}

static void read_tokens(struct config_reading *r)
{
	struct token *token;

	do {
		token = mem_grow(&r->tokens, r->n_tokens++, sizeof(*token));
		lexer_next(&r->lexer, token);
	} while (token->kind != TOKEN_END);
	/* Signatures look a few tokens ahead of where they stand. */
	for (int i = 0; i < 4; i++) {
		struct token end = r->tokens[r->n_tokens - 1];

		token = mem_grow(&r->tokens, r->n_tokens++, sizeof(*token));
		*token = end;
	}
}

void config_parse(struct config_reading *r)
{
	size_t n = 0;

	while (config_keys[n].block)
		n++;
	r->seen = arena_alloc(r->config->arena, n * sizeof(*r->seen));
	read_tokens(r);
	while (r->tokens[r->pos].kind != TOKEN_END) {
		const struct config_block *block = find_block(&r->tokens[r->pos]);

		if (token_punct(&r->tokens[r->pos], '}')) {
			config_mistake(r, &r->tokens[r->pos],
			        TR("this '}' closes nothing",
			                "이 '}'에 맞는 '{'가 없습니다"));
			r->pos++;
		} else if (block) {
			parse_block(r, block);
		} else {
			parse_key(r, "");
		}
	}
}
