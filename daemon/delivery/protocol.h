/* A protocol: what one provider's HTTP API says and hears, from letters to requests and
 * from answers to outcomes. Its functions touch neither network, store nor clock: the
 * courier does that for all of them, and a test can hold them against the provider's own
 * examples. */
#ifndef DANGOL_PROTOCOL_H
#define DANGOL_PROTOCOL_H

#include "delivery/channel.h"
#include "delivery/httpc.h"
#include "delivery/memory.h"
#include "delivery/receipts.h"
#include "delivery/request.h"
#include "delivery/senders.h"

/* A talk: one or more requests, one after the other, about one thing. */
struct talk {
	const struct channel_config *config;
	struct memory *memory; /* what earlier talks of this channel learnt */
	int64_t now;           /* the machine's clock at this request, ms */
	const char *nonce;     /* 32 letters and digits, fresh for each request */
	int step;              /* the protocol's own; 0 at first */
	char cursor[256];      /* the protocol's own; "" at first */
	char ref[128];         /* a send's: the provider's name for the request, kept with
	                          the bundle; an asking's: as it was kept, or "" */
	const char *key;       /* our name of the request, "1a2b3c4d-b17" */

	struct letter **letters; /* a send's */
	size_t n;
	struct outcome *outcomes; /* a send's: of each letter, to be filled */
	bool *settled;            /* a send's: that letter's outcome stands already; it is
	                             left out */
	bool split; /* a send's end: the whole was refused, perhaps for the sake of one of
	               them: nothing was taken, and each is to be tried alone */

	const struct inquiry *inquiry; /* an asking's */
	enum asked asked;              /* an asking's: how it ended */

	/* What an answer told; taken over after each call. */
	struct news *news;
	size_t n_news;
	char **lines; /* an examination's and a list's: owned texts */
	size_t n_lines;
	struct senders senders; /* an examination's and an asking for senders: owned */
	bool failed;            /* of an examination or a list: lines tell why */
};

enum talk_next {
	TALK_REQUEST, /* out is to be sent; call again with its answer */
	TALK_NOTE,    /* ref must be on disk first; call again with answer NULL */
	TALK_DONE,
};
/* Goes on with a talk. answer: to the last request; NULL at first. out is empty and is
 * filled for TALK_REQUEST. */
typedef enum talk_next talk_step(
        struct talk *talk, const struct httpc_answer *answer, struct request *out);

struct protocol {
	const char *provider;
	const char *const *channels; /* that it serves: "sms" "alimtalk" …, NULL at the
	                                end */
	int batch;                   /* letters in one request, at most */
	int connections;             /* at once, when dangol.conf does not say */
	bool distinct; /* no number twice in one request: they could not be told apart
	                */
	/* May both go in one request? NULL: always. */
	bool (*together)(const struct letter *a, const struct letter *b);
	/* What the configuration lacks; NULL: nothing. In the owner's language, static.
	 */
	const char *(*lacks)(const struct channel_config *config);
	talk_step *send;
	talk_step *ask;
	talk_step *examine; /* `check --online`: balance and senders, a line each */
	/* Alone the registered senders, into talk->senders; failed: no answer, a line
	 * tells why. NULL: it cannot be asked for them. */
	talk_step *senders;
	talk_step *refusals; /* NULL, or: numbers that refused (080), a line each, E.164
	                      */
	/* Codes of a sending that say that the sender's number is not registered, NULL at
	 * the end; NULL: none is known. */
	const char *const *sender_codes;
	/* A delivery report that the provider posts; NULL: it posts none. */
	receipts_reader *receipts;
	/* How many of its messages a text is, as the rate counts; NULL: one. */
	int (*segments)(const char *text);
	/* What a code means, in the owner's language; NULL: not in its table. */
	const char *(*code_text)(const char *code);
};

/* The transport's part of an answer, the same for every provider: true when there is a
 * whole 2xx JSON answer (*json is new); else *outcome is what it means of a request that
 * sends. body of another status is still readable in *json, or NULL. */
bool talk_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json);
/* The same outcome of a request that sends nothing (a token, an upload, a look-up):
 * whatever is not known there was not sent. */
struct outcome talk_before(struct outcome outcome);
size_t talk_left(const struct talk *talk); /* letters whose outcome does not stand yet */
/* Every letter whose outcome does not stand yet gets that one. */
void talk_outcome_all(struct talk *talk, const struct outcome *outcome);
void talk_tell(struct talk *talk, int64_t message, enum news_kind kind,
        const char *provider_id, const char *code, const char *detail);
void talk_say(struct talk *talk, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
/* The message of an inquiry with that key, that provider's id, or alone with that number
 * (E.164, or in any Korean spelling); or NULL. */
const struct inquiry_message *talk_by_key(const struct talk *talk, const char *key);
const struct inquiry_message *talk_by_id(const struct talk *talk, const char *id);
const struct inquiry_message *talk_by_number(const struct talk *talk, const char *to);
/* Digits of a number as it is written, into out (20 bytes). Returns out. */
char *talk_digits(const char *number, char out[20]);
/* "2026-11-23 10:02:03" of Korea, which many of them speak, into out; fmt as strftime's.
 */
char *talk_korea(int64_t ms, const char *fmt, char out[40]);

/* A code's meaning, one row of a provider's table. */
struct code {
	const char *code;
	enum outcome_kind kind;
	const char *text, *korean;
};
const struct code *code_find(const struct code *table, size_t n, const char *code);
const char *code_text(const struct code *table, size_t n, const char *code);

extern const struct protocol solapi_protocol, nhn_protocol, sens_protocol, aligo_protocol,
        popbill_protocol, twilio_protocol;

#endif
