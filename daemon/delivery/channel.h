/* A channel is a way out that dangol.conf sets up; a provider is what stands behind it.
 * This is the small interface that dispatch needs of each provider, and the closed set of
 * what may become of a letter. */
#ifndef DANGOL_CHANNEL_H
#define DANGOL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>
#include "base/mem.h"
#include "base/secret.h"

enum tls_mode { TLS_NONE, TLS_STARTTLS, TLS_IMPLICIT };

/* What one message costs. */
struct price {
	bool said; /* in dangol.conf */
	int64_t won;
};

/* One `channel` block. Strings live as long as the configuration. */
struct channel_config {
	const char *name;     /* sms alimtalk brandmessage email push, owner's too */
	const char *provider; /* "outbox" when none is named */
	const char *url; /* webhook's address; elsewhere a replacement of scheme, host and
	                    port; or NULL */
	const char *public_url; /* where delivery reports reach us; NULL: nowhere */
	const char *sender;     /* sms: the registered number */
	const char *refuse;     /* sms: the free refusal number */
	const char *from;       /* email: "단골커피 <hi@example.com>" */
	const char *server;     /* email: host, without the port */
	int port;
	enum tls_mode tls;
	bool tls_said;
	const char *user;
	const char *bounces;      /* email: where reports of returned mails come to; or
	                             NULL */
	const char *bounces_user; /* who signs in there; NULL: user */
	const char *renew;   /* smtp: the program that prints a fresh token; or NULL */
	const char *profile; /* kakao: the sender profile, its key or its @name */
	const char *service; /* sens: the project's service id */
	int connections;     /* e-mail sessions or parallel requests; 0: the provider's
	                        default */
	int64_t rate_n, rate_ms; /* n per rate_ms; 0: none */
	const char *secret_name, *password_name, *token_name, *key_name, *receipts_name,
	        *bounces_password_name; /* credentials' names, for
	                                   messages; or NULL */
	struct secret secret, password, token, key, bounces_password,
	        receipts; /* loaded; data NULL when none. token: of AUTH XOAUTH2.
	                     receipts: what the provider shows with its delivery reports
	                   */
	struct price price, price_lms,
	        price_mms;  /* sms: by kind; elsewhere price alone */
	const char *outbox; /* the folder that provider outbox writes to */
	const struct channel_config *fallback; /* the provider that takes over while this
	                                          one's circuit is open; or NULL */
};

/* What AlimTalk and Brand Messages have below their text. */
struct letter_button {
	const char *name, *url;
};
/* A place of the template and what stands there now: {"#{이름}", "김하늘"}. */
struct letter_variable {
	const char *name, *value;
};

/* What goes out: a message ready to hand over. One allocation owner: its arena. */
struct letter {
	struct arena *arena;
	int64_t message; /* the message's row */
	const char *key; /* its outside name; the same over retries */
	const char *channel, *to, *from, *reply_to, *subject; /* or NULL */
	const char *text; /* what is read; for e-mail the plain-text part */
	const char *html; /* e-mail: or NULL */
	const char *rule, *customer, *template, *coupon, *purpose; /* coupon or NULL */
	const char *unsubscribe; /* one-click URL, or NULL */
	const char *mark;        /* e-mail: what its Message-ID holds beside the key, so
	                            that a bounce is believed; or NULL */
	int64_t time;            /* the engine's instant at handing over, ms */
	int segments;            /* 1; sms: how many the rate counts */
	int tries;               /* before this one */
	int64_t after_ms;  /* accepted and no receipt so long: the next leg; 0: never */
	const char *kind;  /* static: "SMS", "LMS" or "MMS"; NULL where its channel has
	                      one kind */
	const char *image; /* absolute path of a picture; or NULL */
	const char *template_code; /* alimtalk, brandmessage: as it is approved; or NULL
	                            */
	const struct letter_button *buttons;
	size_t n_buttons;
	const char *coupon_title, *coupon_text, *coupon_url; /* brandmessage: or NULL */
	const struct letter_variable *variables; /* alimtalk, brandmessage: in order of
	                                            the template, each once */
	size_t n_variables;
	int64_t bundle; /* the request that carries it, 0: it goes by itself */
	int links;      /* different ones in it that are counted */
	bool alone;     /* no other goes into that request */
	struct price price;
	bool ad;
	bool last; /* its run has ended: nothing follows it */
};
void letter_free(struct letter *letter); /* takes NULL */

enum outcome_kind {
	OUTCOME_ACCEPTED,    /* the other side said so */
	OUTCOME_REFUSED,     /* for good, recipient, content or template: next leg */
	OUTCOME_BAD_ADDRESS, /* for good, and the address with it (5.1.1): suppress, next
	                        leg */
	OUTCOME_OPTED_OUT,   /* the recipient refuses: suppress, no next leg */
	OUTCOME_LATER,       /* explicitly not taken for now: this leg again */
	OUTCOME_NOT_SENT,    /* not a byte of it left (connect, DNS, TLS): this leg again;
	                        tells of the channel's health */
	OUTCOME_WINDOW,   /* the provider's own hours are over: held until they begin */
	OUTCOME_OPERATOR, /* key, balance, sender: the channel pauses, the message waits
	                   */
	OUTCOME_UNKNOWN,  /* it may have arrived: never again by itself */
};
struct outcome {
	enum outcome_kind kind;
	char code[64];          /* the other side's, or "" */
	char detail[256];       /* in the owner's words, no address, no text */
	char provider_id[128];  /* or "": it knows the letter by our key */
	int64_t retry_after_ms; /* real ms asked for, 0: none */
	bool domain; /* e-mail, LATER: said for the recipient's domain (421, 4.7.x) */
	bool sender; /* OPERATOR: for the sender's number, which is not registered */
	bool alone;  /* LATER: refused for the sake of another in its request; it leaves
	                again at once, alone */
};

/* What a provider knows of a message that it was handed before. */
enum news_kind {
	NEWS_ACCEPTED,  /* it has it, and no result yet */
	NEWS_DELIVERED, /* it arrived */
	NEWS_FAILED,    /* it did not, and will not */
	NEWS_OPTED_OUT, /* the recipient refuses: suppress, no next leg */
};
struct news {
	int64_t message;
	int64_t bundle; /* the request that was asked about; the courier's to fill in */
	enum news_kind kind;
	char code[64];         /* the provider's, or "" */
	char detail[256];      /* in the owner's words, or "" */
	char provider_id[128]; /* or "" */
};

/* A request that carried messages, and what is not settled of it: asked about later. */
struct inquiry_message {
	int64_t id;
	const char *key, *to, *text, *kind; /* kind may be NULL */
	const char *provider_id;            /* or NULL */
	bool unknown; /* nobody knows whether it was taken; else accepted */
};
struct inquiry {
	int64_t bundle;
	const char *key; /* our name of the request, "1a2b3c4d-b17" */
	const char *ref; /* the provider's; NULL: no answer told it */
	int64_t at;      /* the machine's clock when it was handed, ms */
	const struct inquiry_message *messages;
	size_t n;
};
enum asked {
	ASKED_WHOLE,  /* whoever was not told of is not there */
	ASKED_PART,   /* what was told is true; of the rest it does not know */
	ASKED_NONE,   /* none of them is there, nor can be any more */
	ASKED_FAILED, /* no answer: ask again */
	ASKED_CANNOT, /* this provider cannot be asked */
};

struct channel;
/* A provider's verbs. All run on the loop and never block. */
struct channel_ops {
	const char *provider;
	/* Checks the configuration and gets ready; state goes to channel->state. false
	 * and why (256). */
	bool (*open)(struct channel *channel, char why[256]);
	/* How many letters it takes right now without anything queueing behind `handed`.
	 */
	int (*room)(struct channel *channel);
	/* Takes the letter (already handed on disk). Answers exactly once through
	 * channel_answer, now or later. */
	void (*send)(struct channel *channel, struct letter *letter);
	/* For providers that take many letters in one request; else NULL, all four.
	 * place: in the turn that will claim the letter, finds a request that still
	 * gathers: where its number stands, 0 for a new one that the caller numbers.
	 * NULL: no room now. unplace: that turn was undone. flush: every letter of the
	 * turn was sent: they may leave. ask: what became of these; tells with
	 * channel_tell and ends with channel_asked; false: not now. */
	int64_t *(*place)(struct channel *channel, struct letter *letter);
	void (*unplace)(struct channel *channel, struct letter *letter);
	void (*flush)(struct channel *channel);
	bool (*ask)(struct channel *channel, const struct inquiry *inquiry);
	/* What channel_keep was told in an earlier life. May be NULL. */
	void (*recall)(struct channel *channel, const char *name, const char *value,
	        int64_t until);
	/* Lets what is under way end for at most grace_ms, answers the rest unknown or
	 * not sent as is true, frees the state, then calls closed(channel). */
	void (*close)(struct channel *channel, int grace_ms,
	        void (*closed)(struct channel *channel));
	const struct protocol *protocol; /* of those that the courier serves; or NULL */
};

struct channel {
	const struct channel_config *config;
	const struct channel_ops *ops;
	uv_loop_t *loop;
	void *state; /* the provider's */
	/* dispatch's: where answers go, with the letter to be freed, and what wakes it
	 * when room grows again */
	void (*answer)(struct channel *channel, struct letter *letter,
	        const struct outcome *outcome);
	void (*wake)(struct channel *channel);
	void (*tell)(struct channel *channel, const struct news *news);
	void (*asked)(struct channel *channel, int64_t bundle, enum asked how);
	void (*note)(struct channel *channel, int64_t bundle, const char *ref,
	        void (*noted)(void *arg, bool kept), void *arg);
	void (*keep)(struct channel *channel, const char *name, const char *value,
	        int64_t until);
	void *owner;
};
/* For providers: tells what became of a letter, and gives it away. */
void channel_answer(
        struct channel *channel, struct letter *letter, const struct outcome *outcome);

/* What became of a message earlier handed; then, once, that this is all. */
void channel_tell(struct channel *channel, const struct news *news);
void channel_asked(struct channel *channel, int64_t bundle, enum asked how);
/* The provider's name for a request: kept with the bundle. noted (may be NULL) is called
 * when it is on disk, or cannot be. */
void channel_note(struct channel *channel, int64_t bundle, const char *ref,
        void (*noted)(void *arg, bool kept), void *arg);
/* Something that outlives the daemon: no secret. value NULL: no more; until 0: for ever,
 * else the machine's ms. */
void channel_keep(
        struct channel *channel, const char *name, const char *value, int64_t until);

/* The providers there are, one a file of that name; the list ends with NULL. */
extern const struct channel_ops outbox_ops, webhook_ops, smtp_ops, solapi_ops, nhn_ops,
        sens_ops, aligo_ops, popbill_ops, twilio_ops;
extern const struct channel_ops
        post_ops; /* of the step post: for no block of dangol.conf */
extern const struct channel_ops *const channel_providers[];
const struct channel_ops *channel_provider(const char *name); /* or NULL */

#endif
