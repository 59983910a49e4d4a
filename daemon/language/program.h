/* The compiled form of rule files: rules as triggers, conditions as SQL, steps as
 * operations with their places. What the engine runs; it holds no state of any customer.
 * Everything lives in the program's arena and dies with it. */
#ifndef DANGOL_PROGRAM_H
#define DANGOL_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/diag.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/event.h"

/* ---- conditions ---- */

enum truth { TRUTH_NO = 0, TRUTH_YES = 1, TRUTH_UNKNOWN = 2 };

/* The instant and the facts that a condition is asked with. */
struct moment {
	struct db *db;
	struct zone *zone;
	int64_t now;
	const struct event *event; /* the one that started the rule, or NULL */
};

/* A condition: one SQL expression with two frames, the whole table and one customer;
 * prepared on first use. */
struct cond;
enum truth cond_ask(struct cond *cond, const struct moment *moment, int64_t customer);
/* A `where`: looked at is the event under test; moment->event is the one that started the
 * rule (they may be the same). */
enum truth cond_ask_event(
        struct cond *cond, const struct moment *moment, const struct event *looked_at);
/* How many events of last's customer and type, up to it, the trigger's `where` lets
 * through; -1: it has to be asked of each. */
int64_t cond_count(
        struct cond *cond, const struct moment *moment, const struct event *last);
const char *cond_sql(const struct cond *cond);  /* the expression, for plans and tests */
const char *cond_text(const struct cond *cond); /* as the owner wrote it */
/* Customers for whom it is true, in order of id, above after: at most max. For segments'
 * counts and tests. */
int cond_members(struct cond *cond, const struct moment *moment, int64_t after,
        int64_t *out, int max);

/* ---- values ---- */

/* Months and days are counted on the shop's dates, ms on instants. "1 week" is 7 days, "1
 * year" 12 months. */
struct duration {
	int months, days;
	int64_t ms;
};
/* The instant that lies a duration after (sign 1) or before (-1) another, by the shop's
 * calendar. */
int64_t duration_from(
        struct duration duration, struct zone *zone, int64_t instant, int sign);
bool duration_is_clock(struct duration
                duration); /* hours and minutes: compares instants, takes no `at` */

enum purpose { PURPOSE_AD, PURPOSE_INFO, PURPOSE_NOTICE };
const char *purpose_name(enum purpose purpose);

/* ---- triggers ---- */

enum trigger_kind {
	TRIGGER_EVENT,    /* event, where; nth > 1: each nth of the customer */
	TRIGGER_BIRTHDAY, /* offset before or after, at */
	TRIGGER_RELATIVE, /* offset before or after an anchor; at for days and longer */
	TRIGGER_SCHEDULE, /* every day, weekday, month */
	TRIGGER_DATE,     /* once */
	TRIGGER_ENTERS,
	TRIGGER_LEAVES, /* segment */
	TRIGGER_STOCK,  /* stock */
};
enum anchor {
	ANCHOR_JOINED,
	ANCHOR_FIRST_ORDER,
	ANCHOR_LAST_ORDER,
	ANCHOR_FIRST_VISIT,
	ANCHOR_LAST_VISIT,
	ANCHOR_FIRST_EVENT,
	ANCHOR_LAST_EVENT, /* name is the type */
	ANCHOR_FIELD,      /* name is a declared date of the customer */
	ANCHOR_COUPON,     /* name is the coupon: when it expires */
	ANCHOR_EVENT_FIELD /* name is "type.field" */
};
enum schedule { SCHEDULE_DAY, SCHEDULE_WEEK, SCHEDULE_MONTH };

struct trigger {
	enum trigger_kind kind;
	const char *event;
	struct cond *where;
	int nth;
	bool before;
	struct duration offset;
	enum anchor anchor;
	const char *name; /* of the anchor, or the segment */
	enum schedule schedule;
	int day;      /* SCHEDULE_WEEK: 0 Monday; SCHEDULE_MONTH: 1 to 31, 0 the last */
	int32_t date; /* TRIGGER_DATE */
	bool has_at;
	int at_ms; /* ms of the shop's day */
	int64_t stock;
	const char *text; /* as the owner wrote it */
};
bool trigger_is_timed(
        const struct trigger *trigger); /* found by sweeping, not by an event */

/* ---- limits, goals ---- */

enum limit_kind {
	LIMIT_ONCE,
	LIMIT_PER_EVENT,
	LIMIT_ROLLING,
	LIMIT_CALENDAR,
	LIMIT_IN_ALL
};
struct limit {
	enum limit_kind kind;
	int64_t n;              /* ROLLING, CALENDAR, IN_ALL */
	struct duration period; /* ROLLING */
	enum schedule unit;     /* CALENDAR */
};

struct goal {
	bool set, measures; /* measures: does not end the run */
	const char *event;
	struct cond *where;
	struct duration within;
};

/* ---- steps ---- */

enum op_kind {
	OP_SEND,
	OP_GIVE,
	OP_WAIT,
	OP_WAIT_UNTIL,
	OP_WAIT_FOR,
	OP_IF,
	OP_JUMP,
	OP_STOP,
	OP_TAG,
	OP_UNTAG,
	OP_SET,
	OP_SPLIT,
	OP_END
};
struct leg {
	const char *channel, *template; /* channel as in dangol.conf: sms alimtalk
	                                   brandmessage email push owner; or post */
	const char *url;                /* post: where to */
	bool has_after;
	struct duration after; /* `else after D`: no receipt that long after accepted */
};
/* A condition that was passed on the way to a send since the last wait, and how it came
 * out. */
struct guard {
	struct cond *cond;
	bool want;
};
struct op {
	enum op_kind kind;
	int line;
	struct leg *legs; /* OP_SEND */
	size_t n_legs;
	bool by_day;
	struct guard *guards;
	size_t n_guards;
	const char *name;     /* OP_GIVE: coupon; OP_TAG, OP_UNTAG: tag; OP_SET: path */
	struct duration wait; /* OP_WAIT; OP_WAIT_FOR: up to */
	const char *event;    /* OP_WAIT: unless, or NULL; OP_WAIT_FOR */
	struct cond *where;
	bool next;   /* OP_WAIT_FOR: since this step, not since the run's start */
	int weekday; /* OP_WAIT_UNTIL: -1 any day */
	int at_ms;
	struct cond *cond; /* OP_IF: not true goes to target. NULL where is none */
	int target; /* OP_IF, OP_JUMP, OP_WAIT_FOR (not seen in time): an op's index */
	const char *value;     /* OP_SET */
	int *shares, *targets; /* OP_SPLIT: per cent and the first op of each side */
	const char **labels;
	const char *path; /* its labels behind those of the splits that it stands in */
	size_t n_shares;
};

/* ---- declarations ---- */

struct rule {
	const char *name, *title; /* title NULL: none */
	const char *file;
	int line;
	bool off; /* the file says off */
	enum purpose purpose;
	const char **goods; /* categories that it advertises: `purpose ad "…"` */
	size_t n_goods;
	struct trigger trigger;
	struct cond *cond; /* NULL: everybody */
	struct limit *limits;
	size_t n_limits;
	int holdout;     /* per cent, 0 none */
	int64_t late_ms; /* said, or the trigger's default (24 h events, 12 h time) */
	bool again, one_per_address, resend_unknown;
	struct goal goal;
	const char *was;
	struct op *ops; /* ops[n_ops - 1] is OP_END */
	size_t n_ops;
	const char **events; /* types whose arrival can matter to an open run: unless,
	                        wait for, goal */
	size_t n_events;
	bool built_in;      /* the law's duty: never off, never paused */
	bool to_owner_only; /* all steps address the owner: runs once, without a customer
	                     */
	const char *source; /* the text that pins it: the rule, its segments, the field
	                       types */
	char hash[65];      /* of that text with its formatting taken out */
	struct rule_queries *queries; /* the compiler's own */
};

/* An OP_SEND that speaks to customers: not to a machine, not to the owner. */
bool op_to_customer(const struct op *op);
/* The first of them; NULL: the rule writes to no customer. */
const struct op *rule_first_send(const struct rule *rule);

struct segment {
	const char *name, *title, *file;
	int line;
	struct cond *cond;
	const struct deps *deps;     /* what can move somebody across its border */
	char hash[65];               /* of the condition and of the segments in it */
	struct crossings *crossings; /* the compiler's own */
};

enum validity { VALID_ALWAYS, VALID_FOR, VALID_UNTIL };
struct coupon_decl {
	const char *name, *title, *file;
	int line;
	int percent;          /* 0: none */
	int64_t money;        /* 0: none */
	const char *gift;     /* or NULL */
	const char *discount; /* in words, as a message shows it: "10%", "3,000원", the
	                         gift */
	const char *pattern;  /* code, or NULL */
	const char *codes;    /* codes file, or NULL */
	int64_t minimum;
	enum validity validity;
	struct duration valid_for;
	int32_t valid_until; /* through the end of that shop date */
	int64_t uses, stock; /* 1 and 0 (no bound) unless said */
};
/* The last instant at which a coupon given now is good (the end of its last shop day); 0:
 * for ever. */
int64_t coupon_expiry(const struct coupon_decl *coupon, struct zone *zone, int64_t now);

enum field_type {
	FIELD_NUMBER,
	FIELD_MONEY,
	FIELD_TEXT,
	FIELD_DATE,
	FIELD_TIME,
	FIELD_YESNO
};
struct field_decl {
	const char *path; /* canonical: customer.points, game.played.score */
	enum field_type type;
	bool sealed;
	const char *file;
	int line, column, width; /* of the path */
};

struct program {
	struct arena *arena;
	struct rule *rules; /* the built-in ones are the last */
	size_t n_rules, n_built_in;
	struct segment *segments;
	size_t n_segments;
	struct coupon_decl *coupons;
	size_t n_coupons;
	struct field_decl *fields;
	size_t n_fields;
	const struct past *past; /* how far back it looks at events */
};

/* What the compiler must know of the shop to find mistakes. */
struct world {
	bool older; /* the text may be an older version from the store: what only the
	               present shop can say is not asked of it */
	const char *const *channels; /* names that dangol.conf sets up, ends with NULL;
	                                "owner" if the owner has an address */
	bool has_refuse;             /* the sms channel has its free refusal number */
	const char *notices; /* the language of the built-in rules' texts; NULL: there are
	                        no such rules */
	const char *shop_name, *refuse; /* or NULL: as they stand in advertisements */
	bool has_public; /* listen has a public address: e-mail advertisements may go */
	int public_len;  /* bytes of that address: what links that are counted begin with
	                  */
	bool lacks_address; /* the shop's phone or postal address is not known: e-mail
	                       advertisements may not go */
	bool law_korea;
	bool wants_codes; /* alimtalk goes through a sending service: each template needs
	                     the code of its approval */
	struct zone *zone;
	int32_t today;
	/* Whether a template for that channel exists; nearest (may be NULL out) is the
	 * name to suggest. NULL: not checked. */
	bool (*template_exists)(
	        void *arg, const char *name, const char *channel, const char **nearest);
	void *arg;
	struct survey *survey; /* what the shop's data says; NULL: it is not asked */
};

struct program_file {
	const char *name; /* as shown to the owner */
	const char *text; /* NUL after len bytes, borrowed while the program lives */
	size_t len;
	bool built_in; /* the daemon's own rules: what an owner may not write */
};
/* Compiles all files as one program. With a mistake: NULL, and every mistake in diag.
 * Warnings alone do not fail. */
struct program *program_compile(const struct program_file *files, size_t n,
        const struct world *world, struct diag *diag);
/* The rules without a mistake, when none stands outside of rules; else NULL. Not to be
 * run: for telling what is wrong with the templates in the same turn as with the rules.
 */
struct program *program_compile_sound(
        const struct program_file *files, size_t n, const struct world *world);
void program_free(struct program *program); /* finalises its statements; before the store
                                               closes. Takes NULL */

const struct rule *program_rule(
        const struct program *program, const char *name); /* or NULL */
const struct segment *program_segment(const struct program *program, const char *name);
const struct coupon_decl *program_coupon(const struct program *program, const char *name);

/* A single condition, as templates' #{if …} and questions at the command line use them:
 * type-checked with the program's fields and segments. in_event: event.* may be used, of
 * that type (NULL: any known field). Lives in the program's arena. NULL with a mistake.
 */
struct cond *program_condition(struct program *program, const struct program_file *file,
        size_t from, size_t to, bool in_event, const char *event_type, struct diag *diag);
/* Resolves a path in either spelling to its canonical one ("고객.이름" to
 * "customer.name"); NULL and the nearest known one in *nearest (may be NULL) when there
 * is none. type may be NULL. event_type as above. */
const char *program_path(const struct program *program, const char *path,
        const char *event_type, enum field_type *type, const char **nearest);

/* How to declare a path of a customer or of an event of that type that is not ("PATH
 * TYPE"): by the values that a survey saw, or as a text. NULL: it cannot be, or none were
 * and only_seen. */
const char *program_declaration(const struct program *program, const char *path,
        const char *event_type, bool only_seen);

/* ---- sweeping ---- */

/* Whom a time trigger reaches. TRIGGER_BIRTHDAY: kept names the day. TRIGGER_RELATIVE:
 * anchors in [from, to). TRIGGER_SCHEDULE and TRIGGER_DATE: everybody. */
struct window {
	int64_t from, to;
	struct kept kept;
};
struct candidate {
	int64_t customer;
	int64_t anchor; /* TRIGGER_RELATIVE: the anchor's instant; else 0 */
	bool holds;     /* the rule's condition is true (with only_true: always) */
};
/* Where a sweep stands: zero-initialised at its beginning. */
struct sweep {
	int64_t anchor, id;
	bool done;
};
/* The next candidates of a window for whom the rule's condition is true at moment->now,
 * at most max; takes no more than some milliseconds a call and may return 0 before it is
 * done. Ordered so that sweep can go on after them. */
int rule_sweep(const struct rule *rule, const struct moment *moment,
        const struct window *window, struct sweep *sweep, struct candidate *out, int max);
/* TRIGGER_RELATIVE: the earliest anchor after an instant, 0 none: when the rule is next
 * due. */
int64_t rule_next_anchor(
        const struct rule *rule, const struct moment *moment, int64_t after);
/* TRIGGER_RELATIVE: the anchor of one customer now, 0 none. */
int64_t rule_anchor_of(
        const struct rule *rule, const struct moment *moment, int64_t customer);
/* TRIGGER_ENTERS and TRIGGER_LEAVES: the occasion of somebody's n-th crossing. */
void crossing_occasion(bool in, int64_t n, char out[32]);

/* How far a look at a segment's border has come: zero-initialised at its beginning. */
struct look {
	size_t mover;
	int part, rows;  /* of its window; asked in one question */
	bool begun, tie; /* the part is; those at the anchor come next, not behind it */
	int64_t anchor, id;
	bool done;
};
struct crosser {
	int64_t customer;
	bool in;
};
/* Those whom the passing of time, from an instant up to moment->now, moved across the
 * border of the segment whose row is id: at most max, and no more than some milliseconds
 * a call; may return 0 before look is done. */
int segment_crossers(const struct segment *segment, const struct moment *moment,
        int64_t id, int64_t from, struct look *look, struct crosser *out, int max);
/* The same of everybody, in order of id, whatever moved them. */
int segment_everybody(const struct segment *segment, const struct moment *moment,
        int64_t id, struct look *look, struct crosser *out, int max);
/* The SQL of the i-th window of time, NULL behind the last; for plans and tests. */
const char *segment_window_sql(const struct segment *segment, size_t i);

/* ANCHOR_EVENT_FIELD: the date that one event tells of, 0 none or superseded. */
int64_t rule_event_anchor(
        const struct rule *rule, const struct moment *moment, int64_t event);
/* TRIGGER_RELATIVE: the dates that the store must keep for it, or NULL. */
struct dates_set;
const struct dates_set *rule_dates(const struct rule *rule);
/* Its sweep looks at every customer, because no index tells whom it reaches. */
bool rule_sweeps_all(const struct rule *rule);
/* The same of a segment when time is looked at. */
bool segment_asks_all(const struct segment *segment);
/* The SQL of a rule's sweep, for plans and tests; borrowed. */
const char *rule_sweep_sql(const struct rule *rule);

#endif
