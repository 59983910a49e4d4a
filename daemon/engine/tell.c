/* The statutory notices, begun when they are due. What is owed stands in the store's
 * ledger of duties; by when is the law's, in term.h. */
#include "engine/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "engine/notice.h"
#include "engine/trigger.h"
#include "language/builtin.h"
#include "store/consent.h"
#include "store/duty.h"
#include "store/event.h"
#include "store/term.h"

#define AT_ONCE 64 /* changes of one customer in one notice; more go in the next */

static bool may_tell(const struct engine *engine)
{
	const struct rule_state *result = state_of_name(engine, BUILTIN_RESULT),
	                        *confirm = state_of_name(engine, BUILTIN_CONFIRM);

	return engine->shop->law_korea && result && result->row.active && confirm &&
	       confirm->row.active;
}

/* ---- one notice ---- */

/* A later word on the same consent is the one that is told. */
static bool superseded(const struct duty *duties, int n, int i)
{
	for (int later = i + 1; later < n; later++)
		if (!strcmp(duties[i].channel, duties[later].channel) &&
		        !strcmp(duties[i].purpose, duties[later].purpose))
			return true;
	return false;
}

/* All of e-mail, all of KakaoTalk, else by text: use of data has no medium of its own. */
static const char *medium_of(const struct duty *duties, int n)
{
	static const char *const media[] = {"email", "kakao"};

	for (size_t m = 0; m < sizeof media / sizeof media[0]; m++) {
		bool all = true, any = false;

		for (int i = 0; i < n; i++) {
			bool this = !strcmp(duties[i].channel, media[m]);
			any = any || this;
			all = all && (this || !strcmp(duties[i].channel, "data"));
		}
		if (any && all)
			return media[m];
	}
	return "sms";
}

static char *data_of(const char *kind, const struct duty *duties, int n)
{
	json_t *changes = json_array(), *data;
	char *text;

	for (int i = 0; i < n; i++)
		if (!superseded(duties, n, i))
			json_array_append_new(changes,
			        json_pack("{s:s, s:s, s:b, s:I}", "channel",
			                duties[i].channel, "purpose", duties[i].purpose,
			                "given", duties[i].given, "time",
			                (json_int_t)duties[i].said_at));
	data = json_pack("{s:s, s:s, s:o}", "kind", kind, "medium", medium_of(duties, n),
	        "changes", changes);
	text = json_dumps(data, JSON_COMPACT);
	json_decref(data);
	return text;
}

static struct event event_of(const struct duty *duty, const char *eid, int64_t now)
{
	return (struct event){.source = "dangol",
	        .eid = eid,
	        .type = BUILTIN_EVENT,
	        .customer = duty->customer,
	        .time = now,
	        .arrived = now};
}

static void start(
        struct engine *engine, const char *rule, const struct event *event, int64_t now)
{
	struct rule_state *state = state_of_name(engine, rule);

	if (state)
		trigger_event(engine, state, event, now);
}

static bool tell_results(struct engine *engine, int64_t customer, int64_t now)
{
	struct arena *arena = arena_new();
	struct duty *duties = arena_alloc(arena, AT_ONCE * sizeof *duties);
	int n = duty_results(engine->db, customer, arena, duties, AT_ONCE);
	int64_t last = n ? duties[n - 1].id : 0;
	struct event event;
	char eid[64], *data;
	bool told;

	snprintf(eid, sizeof eid, "result:%" PRId64, last);
	event = event_of(&duties[0], eid, now);
	event.data = data = data_of(DUTY_RESULT, duties, n);
	told = n && event_insert(engine->db, &event);
	if (told) {
		duty_results_begin(engine->db, customer, last, event.id, now);
		start(engine, BUILTIN_RESULT, &event, now);
	}
	free(data);
	arena_free(arena);
	return told;
}

/* The consent of the night is confirmed with the one that it goes with. */
static int with_night(struct engine *engine, struct duty duties[2])
{
	duties[1] = duties[0];
	duties[1].purpose = "night";
	duties[1].said_at =
	        consent_since(engine->db, duties[0].customer, duties[0].channel, "night");
	return consent_given(engine->db, duties[0].customer, duties[0].channel, "night")
	               ? 2
	               : 1;
}

static bool tell_confirm(struct engine *engine, int64_t now)
{
	struct arena *arena = arena_new();
	struct duty duties[2];
	bool told = duty_confirm_due(engine->db, now, arena, &duties[0]);
	struct event event;
	char eid[96], *data;

	if (!told)
		goto out;
	snprintf(eid, sizeof eid, "confirm:%" PRId64 ":%s:%" PRId64, duties[0].customer,
	        duties[0].channel, now);
	event = event_of(&duties[0], eid, now);
	event.data = data = data_of(DUTY_CONFIRM, duties, with_night(engine, duties));
	told = event_insert(engine->db, &event);
	if (told) {
		duty_confirm_begin(engine->db, &duties[0], event.id, now);
		start(engine, BUILTIN_CONFIRM, &event, now);
	}
	free(data);
out:
	arena_free(arena);
	return told;
}

bool tell_slice(struct engine *engine, int64_t now)
{
	int64_t customer;

	if (!engine->shop->law_korea)
		return duty_oldest(engine->db) && duty_forgo(engine->db, now);
	if (!may_tell(engine))
		return false;
	customer = duty_next_customer(engine->db, term_result_until(now));
	return customer ? tell_results(engine, customer, now) : tell_confirm(engine, now);
}

/* ---- the alarm ---- */

void tell_alarm(struct engine *engine, int64_t now)
{
	int64_t alarm = engine->shop->law_korea ? duty_next_alarm(engine->db, now) : 0;
	int32_t today = zone_day(engine->shop->zone, now);
	struct duty_counts counts;
	char date[16], *why, *text;

	if (!alarm || alarm > now || engine->alarmed == today)
		return;
	engine->alarmed = today;
	duty_count(engine->db, now, &counts);
	why = duty_why_late(engine->db, now);
	calendar_format_date(zone_day(engine->shop->zone, counts.soonest), date);
	text = mem_printf(
	        TR("%lld notices of consent that the law asks for are not told yet, the "
	           "first by %s: %s. `dangolctl consent notices --late` lists them.",
	                "법에 따른 수신동의 안내 %lld건을 아직 알리지 못했습니다. 가장 "
	                "이른 기한은 %s입니다: %s. `dangolctl consent notices --late`로 "
	                "볼 수 있습니다."),
	        (long long)counts.late, date, why);
	notice_owner(engine, "consent", "late", now, text);
	free(text);
	free(why);
}

/* ---- when ---- */

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static int64_t next_alarm(const struct engine *engine, int64_t now)
{
	int64_t alarm = duty_next_alarm(engine->db, now);
	int32_t today = zone_day(engine->shop->zone, now);

	if (!alarm || alarm > now || engine->alarmed != today)
		return alarm;
	return zone_instant(engine->shop->zone, today + 1, 0);
}

int64_t tell_next(const struct engine *engine, int64_t now)
{
	int64_t oldest = duty_oldest(engine->db), next = 0;

	if (!engine->shop->law_korea)
		return oldest;
	if (may_tell(engine))
		next = earlier(oldest ? term_result_due(oldest) : 0,
		        duty_next_confirm(engine->db));
	return earlier(next, next_alarm(engine, now));
}

bool tell_stands(
        const struct engine *engine, const struct rule *rule, const struct run *run)
{
	return !rule || !rule->built_in || duty_stands(engine->db, run->event);
}
