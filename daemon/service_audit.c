/* The access log of the living daemon: its end outside the store, in a file once a minute
 * and in the journal once a day, and its going by age. It puts in nothing of its own but
 * that. */
#include "service_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "store/audit_head.h"

#define HEAD_MS MS_MINUTE
#define SLICE 500 /* rows that go in one turn */

void service_open_audit(struct service *s)
{
	if (audit_head_meet(s->db, clock_now()))
		return;
	log_error("%s",
	        TR("the access log does not end as it was left: rows are missing or were "
	           "changed, or the store is an older copy. `dangolctl audit --verify` "
	           "shows the row that says so, `dangolctl audit reason` takes why",
	                "접속기록의 끝이 마지막으로 남긴 것과 다릅니다. 줄이 지워지거나 "
	                "바뀌었거나, 저장소가 예전 사본입니다. `dangolctl audit "
	                "--verify`로 볼 수 있고, 까닭은 `dangolctl audit reason`으로 "
	                "적습니다"));
}

void service_keep_head(struct service *s)
{
	struct audit_link head;
	audit_head(s->db, &head);
	if (head.id == s->head)
		return;
	if (audit_head_write(db_path(s->db), &head))
		s->head = head.id;
}

static void tell_head(struct service *s)
{
	char hash[2 * AUDIT_HASH + 1];
	struct audit_link head;
	audit_head(s->db, &head);
	log_info(TR("the access log: row %lld, %s", "접속기록: %lld번째 줄, %s"),
	        (long long)head.id, secret_hex(head.hash, AUDIT_HASH, hash));
}

static void let_go(struct service *s, int64_t now)
{
	struct zone *zone = s->config->shop.zone;
	int32_t day = zone_day(zone, now);
	if (day == s->audit_day || audit_forget(s->db, now, zone, SLICE) == SLICE)
		return; /* more of it with the next look */
	s->audit_day = day;
	tell_head(s);
}

/* What a turn under way has not committed is nothing to be told outside. */
void service_mind_audit(struct service *s)
{
	if (s->stopping || db_turn_open(s->db))
		return;
	if (!s->head_mono || clock_mono() - s->head_mono >= HEAD_MS) {
		s->head_mono = clock_mono();
		service_keep_head(s);
	}
	logbook_tick(&s->api.logbook, clock_now());
	let_go(s, clock_now());
}
