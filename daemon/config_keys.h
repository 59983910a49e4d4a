/* The keys of dangol.conf: one table that says how each is written, what it means and
 * where it goes. The reader and the manual both stand on it, so that they cannot
 * disagree. */
#ifndef DANGOL_CONFIG_KEYS_H
#define DANGOL_CONFIG_KEYS_H

#include "config.h"
#include "language/lexer.h"

#define CONFIG_VALUES 8 /* of one key, at most */
#define CONFIG_HOOKS 16 /* blocks, at most */
#define CONFIG_FORWARDS 16
#define CONFIG_EVENTS 64 /* of one forward */
#define CONFIG_IDLE 8    /* keys without an effect in this version, at most */

/* A value that a signature caught, in order; words of the signature are caught as text
 * too. */
struct config_value {
	const struct token *token;
	const char *text; /* strings, names and words: the English spelling */
	int64_t n; /* numbers, money, TIME (ms of the day), DATE (days), weekdays (0
	              Monday) */
	int months, days; /* durations */
	int64_t ms;
};

/* A signature being matched. */
struct config_match {
	const struct token *token; /* the next one */
	struct config_value values[CONFIG_VALUES];
	int n;
	const struct token *furthest; /* that any alternative came to */
};
/* True when an alternative of the signature stands at match->token; token is then behind
 * it. */
bool config_match(struct config_match *match, const char *signature);
const char *config_english(
        const char *word); /* the English of a signature's word; itself when it is none */

/* The file under way. */
struct config_reading {
	struct config *config;
	struct lexer lexer;
	struct token *tokens; /* the whole file, ends with TOKEN_END */
	size_t n_tokens, pos;
	struct diag *diag;
	bool need_secrets;
	struct channel_config *channel; /* the channel block under way */
	struct channel_config *first;   /* whose fallback that is; or NULL */
	struct hook_config *hook;       /* the hook block under way */
	struct forward_config *forward; /* the forward block under way */
	const struct token **seen;      /* by row of the table: where the key stands; a
	                                   channel's are forgotten at its end */
	const struct token *blocks[8],
	        *channels[8]; /* where they begin, by row of config_blocks; by channel */
	struct config_idle {
		const struct token *at;
		const char *name;
	} idle[CONFIG_IDLE]; /* keys read that nothing is done with, each once */
	size_t n_idle;
};

/* A signature is words, "…", N, MONEY, TIME, DATE, DAY, DURATION, UNIT, MODE and
 * NAME, alternatives separated by " | ", longer ones first. EVENTS is types of events,
 * one or more: paths, texts, "visit"; n of its value is how many tokens they are. */
struct config_key {
	const char *block; /* "" at the top */
	const char *name, *korean;
	const char *signature;
	bool often; /* may be repeated */
	void (*set)(
	        struct config_reading *reading, const struct config_value *values, int n);
	const char *what, *what_korean;
};
extern const struct config_key config_keys[]; /* ends with a NULL block */

struct config_block {
	const char *name, *korean;
	bool named; /* channel NAME, hook NAME */
	const char *what, *what_korean;
};
extern const struct config_block config_blocks[]; /* ends with a NULL name */

#define config_mistake(reading, token, ...) \
	diag_error((reading)->diag, token_place(&(reading)->lexer, token), \
	        (reading)->lexer.shown, __VA_ARGS__)

/* The block's keys may stand once more. */
void config_forget_seen(struct config_reading *reading, const char *block);
/* Where the key of that block and name was read; NULL: nowhere. */
const struct token *config_seen(
        const struct config_reading *reading, const char *block, const char *name);
/* Reads every token of the file into the configuration. Mistakes go to diag. */
void config_parse(struct config_reading *reading);

/* The key of that name was read at that token and has no effect in this version. */
void config_idle(
        struct config_reading *reading, const struct token *at, const char *name);
/* What the whole must be once all is read, one channel or everything. */
/* The same of its budget: every kind of each provider must have a price. */
void config_check_budget(struct config_reading *reading, const struct token *at);
void config_check_bounces(struct config_reading *reading); /* of its mailbox */
void config_check_channel(struct config_reading *reading, const struct token *at);
void config_check_hook(struct config_reading *reading, const struct token *at);
void config_check_forward(struct config_reading *reading, const struct token *at);
void config_check(struct config_reading *reading);
/* Is "http://host…", "host:port" or "[::1]:port" this machine? */
bool config_is_loopback(const char *address);

#endif
