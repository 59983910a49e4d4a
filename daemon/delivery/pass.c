/* A mail channel's access token. Fetches one at a time, never for a letter twice in a
 * row, and never in a hurry: the line's own pause decides when it is tried again. */
#include "delivery/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/outcome.h"
#include "delivery/renewal.h"

#define SOONEST (30 * MS_SECOND) /* however short a life it is said to have */
#define AGAIN MS_MINUTE          /* while the last token may still be good */
#define REFUSALS_MOST 2          /* in a row: then the fresh one was refused as well */

struct pass {
	struct channel *channel;
	struct pass_home home;
	char *token;  /* fetched; NULL: none */
	bool refused; /* the credential's was */
	int round;
	int refusals; /* tokens in a row that no letter got in with */
	struct renewal *renewal;
	int open;         /* runs of which something is left, and the timer */
	uv_timer_t timer; /* renew_at */
	int64_t renew_at; /* engine's time */
	bool told;        /* why, to a letter */
	char why[256];
	bool closing;
};

const char *pass_token(const struct pass *pass)
{
	if (pass->token)
		return pass->token;
	return pass->refused ? NULL : pass->channel->config->token.data;
}

int pass_round(const struct pass *pass)
{
	return pass->round;
}

static void drop(struct pass *pass)
{
	if (pass->token)
		explicit_bzero(pass->token, strlen(pass->token));
	free(pass->token);
	pass->token = NULL;
}

/* ---- fetching ---- */

static void fetch(struct pass *pass);

static void on_timer(uv_timer_t *timer);

static void set_timer(struct pass *pass, int64_t renew_at)
{
	pass->renew_at = renew_at;
	uv_timer_start(&pass->timer, on_timer, clock_delay(renew_at), 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct pass *pass = timer->data;

	if (clock_now() < pass->renew_at)
		set_timer(pass, pass->renew_at);
	else
		fetch(pass);
}

static void take(struct pass *pass, struct bearer *bearer)
{
	int64_t wait = bearer->life_ms / 10 * 9;

	drop(pass);
	pass->token = bearer->token;
	pass->round++;
	pass->why[0] = 0;
	if (bearer->life_ms)
		set_timer(pass, clock_now() + (wait < SOONEST ? SOONEST : wait));
	pass->home.changed(pass->home.arg);
}

/* With a token that may still be good nothing waits. */
static void failed(struct pass *pass, const char *why)
{
	if (strcmp(pass->why, why))
		log_warn(TR("channel %s: renew: %s", "%s 채널: renew: %s"),
		        pass->channel->config->name, why);
	snprintf(pass->why, sizeof pass->why, "%s", why);
	pass->told = false;
	if (pass_token(pass))
		set_timer(pass, clock_now() + AGAIN);
	else
		pass->home.changed(pass->home.arg);
}

static void on_done(void *arg, struct bearer *bearer, const char *why)
{
	struct pass *pass = arg;

	pass->renewal = NULL;
	if (bearer)
		take(pass, bearer);
	else
		failed(pass, why);
}

static void finish(struct pass *pass);

static void on_run_closed(void *arg)
{
	struct pass *pass = arg;

	pass->open--;
	finish(pass);
}

static void fetch(struct pass *pass)
{
	struct renewal_plan plan = {.loop = pass->channel->loop,
	        .program = pass->channel->config->renew,
	        .limit_ms = RENEWAL_LIMIT_MS,
	        .done = on_done,
	        .closed = on_run_closed,
	        .arg = pass};

	if (pass->renewal || !plan.program || pass->closing)
		return;
	uv_timer_stop(&pass->timer);
	pass->open++;
	pass->renewal = renewal_begin(&plan);
}

/* ---- for letters ---- */

bool pass_ready(const struct pass *pass)
{
	return !pass->channel->config->renew || pass_token(pass);
}

int pass_room(const struct pass *pass)
{
	return pass->renewal ? 0 : 1;
}

static struct outcome wait_for_token(void)
{
	return outcome_make(OUTCOME_LATER, "renew", "%s",
	        TR("the letter waits for a fresh access token (renew)",
	                "새 접근 토큰(renew)을 기다립니다"));
}

struct outcome pass_answer(struct pass *pass)
{
	if (pass->why[0] && !pass->told) {
		pass->told = true;
		return outcome_make(OUTCOME_OPERATOR, "renew",
		        TR("no access token (renew): %s",
		                "접근 토큰이 없습니다 (renew): %s"),
		        pass->why);
	}
	fetch(pass);
	return wait_for_token();
}

/* By AUTH alone: RFC 4954 6. */
static bool refuses_token(const struct outcome *outcome)
{
	return outcome->kind == OUTCOME_OPERATOR && !strncmp(outcome->code, "535", 3);
}

static struct outcome still_refused(const struct outcome *outcome)
{
	return outcome_make(OUTCOME_OPERATOR, outcome->code, "%s",
	        TR("the mail server refuses the access token that renew fetched anew, "
	           "too: see to its program and user, and send SIGHUP",
	                "renew가 새로 가져온 접근 토큰도 메일 서버가 거절했습니다. 그 "
	                "프로그램과 user를 살핀 뒤 SIGHUP을 보내십시오"));
}

static void refuse(struct pass *pass)
{
	drop(pass);
	pass->refused = true;
	if (++pass->refusals < REFUSALS_MOST)
		fetch(pass);
	pass->home.changed(pass->home.arg);
}

void pass_judge(struct pass *pass, int round, struct outcome *outcome)
{
	bool current = round == pass->round && pass_token(pass);

	if (!pass->channel->config->renew)
		return;
	if (!refuses_token(outcome)) {
		if (current && outcome->kind != OUTCOME_NOT_SENT &&
		        outcome->kind != OUTCOME_OPERATOR)
			pass->refusals = 0;
		return;
	}
	if (current)
		refuse(pass);
	*outcome = current && pass->refusals >= REFUSALS_MOST ? still_refused(outcome)
	                                                      : wait_for_token();
}

/* ---- its beginning and its end ---- */

struct pass *pass_new(struct channel *channel, const struct pass_home *home)
{
	struct pass *pass = mem_alloc(sizeof *pass);

	pass->channel = channel;
	pass->home = *home;
	pass->open = 1;
	uv_timer_init(channel->loop, &pass->timer);
	pass->timer.data = pass;
	if (!pass_token(pass))
		fetch(pass);
	return pass;
}

static void finish(struct pass *pass)
{
	struct pass_home home = pass->home;

	if (pass->open)
		return;
	drop(pass);
	free(pass);
	home.closed(home.arg);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct pass *pass = handle->data;

	pass->open--;
	finish(pass);
}

void pass_free(struct pass *pass)
{
	pass->closing = true;
	if (pass->renewal)
		renewal_cancel(pass->renewal);
	pass->renewal = NULL;
	uv_close((uv_handle_t *)&pass->timer, on_timer_closed);
}
