/* Dispatch: takes planned messages through the gate, claims and hands them to their
 * channels in one transaction, and writes down what became of each. Never queues behind
 * `handed`, never sends what is not on disk first. */
#ifndef DANGOL_DISPATCH_H
#define DANGOL_DISPATCH_H

#include <jansson.h>
#include <uv.h>
#include "delivery/letter.h"
#include "engine/engine.h"

struct dispatch;
/* configs: n channel blocks, borrowed. recorder non-NULL: every channel is replaced by it
 * (simulation): it is called with each letter that would go out and answers nothing; the
 * message is accepted at once. loop is NULL then. */
struct dispatch *dispatch_new(struct engine *engine, uv_loop_t *loop,
        const struct channel_config *configs, size_t n, letter_recorder recorder,
        void *arg, char why[256]);
/* Before dispatch_free, where another one takes over in a running daemon: what becomes of
 * the last letters and cannot be written down then is left to whoever stands in *heir. */
void dispatch_retire(struct dispatch *dispatch, struct dispatch *const *heir);
void dispatch_free(
        struct dispatch *dispatch, int grace_ms, void (*freed)(void *arg), void *arg);

/* At start-up, in a turn: what was claimed goes back, what was handed without an answer
 * is unknown. */
void dispatch_recover(struct dispatch *dispatch, int64_t now);
/* In place of dispatch_recover, when it takes over from another one in a running daemon:
 * writes nothing. */
void dispatch_resume(struct dispatch *dispatch);
/* Hands over what is due and has room, at most budget_us of real time. Returns the next
 * due instant (0 none, now: more to do). The caller ends the turn. */
int64_t dispatch_run(struct dispatch *dispatch, int64_t now, int64_t budget_us);
/* Called (through engine->on_planned) so that the loop runs it again. */
void dispatch_on_wake(struct dispatch *dispatch, void (*wake)(void *arg), void *arg);

/* The owner's hands; why (256) in the owner's language on false. id 0: every message
 * (hold, release). */
bool dispatch_hold(
        struct dispatch *dispatch, int64_t id, bool hold, int64_t now, char why[256]);
bool dispatch_retry(struct dispatch *dispatch, int64_t id, bool may_duplicate,
        int64_t now, char why[256]);
bool dispatch_drop(struct dispatch *dispatch, int64_t id, int64_t now, char why[256]);
/* Has the providers asked anew, soon, whether the senders that they did not know are
 * registered now. */
void dispatch_look(struct dispatch *dispatch);
json_t *dispatch_status(struct dispatch *dispatch,
        int64_t now); /* the "channels" of status. Returns new */
/* The "bounces" of status: bounces_status, null where no mailbox is named. Returns new.
 */
json_t *dispatch_bounces(struct dispatch *dispatch);
/* One sentence about what is wrong with delivery, or NULL. */
const char *dispatch_why(struct dispatch *dispatch, int64_t now);
/* The store's key of public links, 32 bytes: after dispatch_recover or dispatch_resume.
 */
const uint8_t *dispatch_link_key(const struct dispatch *dispatch);
/* Renders a template for a customer as it would leave now, whatever the gate says; NULL
 * and why. rule NULL: as the first rule that sends it would. *made_up (may be NULL): the
 * event that it tells of is a sample. The letter is the caller's. */
struct letter *dispatch_preview(struct dispatch *dispatch, const char *channel,
        const char *template, int64_t customer, const struct rule *rule, int64_t now,
        bool *made_up, char why[256]);

#endif
