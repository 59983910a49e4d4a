/* Letters that wait for their receiving domain. Never holds a channel: the others go on.
 */
#include "delivery/holdoff.h"

#include <stdio.h>
#include "base/log.h"
#include "delivery/outcome.h"

#define MANY 20 /* letters that wait: worth a sentence */

void holdoff_heard(
        struct line *line, const char *to, const struct outcome *outcome, int64_t now)
{
	if (outcome->domain && !line->domains)
		line->domains = domains_new();
	if (outcome->domain)
		domains_refused(line->domains, domains_of(to), outcome->detail, now);
	else if (line->domains && outcome->kind == OUTCOME_ACCEPTED)
		domains_took(line->domains, domains_of(to));
}

bool holdoff_waits(struct db *db, struct line *line, const struct message *message,
        const char *to, int64_t now)
{
	const char *said;
	struct outcome waits;
	int64_t until;

	if (!line->domains || !to)
		return false;
	until = domains_ask(line->domains, domains_of(to), now, &said);
	if (!until)
		return false;
	if (!message->tries) {
		waits = outcome_make(OUTCOME_LATER, NULL,
		        TR("letters to its domain wait: %s",
		                "그 도메인으로 가는 메일이 기다립니다: %s"),
		        said);
		message_attempt(db, message->id, now, "later", "domain", waits.detail);
	}
	message_set_state(db, message->id, MESSAGE_PLANNED, REASON_NONE, until, now);
	return true;
}

bool holdoff_why(
        const struct line *line, struct zone *zone, int64_t now, char *out, size_t size)
{
	struct domains_held held;
	char until[40];

	if (!line->domains || !domains_worst(line->domains, MANY, now, &held))
		return false;
	snprintf(out, size,
	        TR("channel %1$s: %2$d letters to %3$s wait until %4$s: %5$s. They go by "
	           "themselves",
	                "%1$s 채널: %3$s(으)로 가는 메일 %2$d통이 %4$s까지 기다립니다: "
	                "%5$s. 저절로 다시 보냅니다"),
	        line->name, held.letters, held.domain,
	        zone_format(zone, held.until, until), held.said);
	return true;
}
