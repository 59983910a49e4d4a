/* Receiving domains that are held off. Knows neither letters nor servers; what it was
 * told it forgets with the daemon, where a letter's own waiting stands in the store. */
#include "delivery/domains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/clock.h"
#include "base/mem.h"

#define TRY_MS (10 * MS_SECOND) /* what the letter that tries has before another does */

static const int64_t waits[] = {MS_MINUTE, 5 * MS_MINUTE, 15 * MS_MINUTE, 30 * MS_MINUTE};
#define N_WAITS ((int)(sizeof waits / sizeof waits[0]))

struct held {
	char *domain;
	char said[256];
	int refusals;      /* in a row, each after its wait was over */
	int64_t until;     /* letters wait to there … */
	int64_t try_until; /* … and then one tries, to there */
	int letters;
};
struct domains {
	struct held held[DOMAINS_MOST]; /* in the order of the last refusal */
	int n;
};

struct domains *domains_new(void)
{
	return mem_alloc(sizeof(struct domains));
}

void domains_free(struct domains *domains)
{
	if (!domains)
		return;
	for (int i = 0; i < domains->n; i++)
		free(domains->held[i].domain);
	free(domains);
}

const char *domains_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : "";
}

static int find(const struct domains *domains, const char *domain)
{
	for (int i = 0; i < domains->n; i++)
		if (!strcasecmp(domains->held[i].domain, domain))
			return i;
	return -1;
}

/* Out of the order; its domain goes to the caller. */
static struct held take(struct domains *domains, int i)
{
	struct held held = domains->held[i];

	domains->n--;
	memmove(&domains->held[i], &domains->held[i + 1],
	        (size_t)(domains->n - i) * sizeof held);
	return held;
}

static struct held make_room(struct domains *domains, const char *domain)
{
	if (domains->n == DOMAINS_MOST)
		free(take(domains, 0).domain);
	return (struct held){.domain = mem_strdup(domain)};
}

/* Many may be under way when the first is refused: they say nothing new. */
void domains_refused(
        struct domains *domains, const char *domain, const char *said, int64_t now)
{
	int i = find(domains, domain);
	struct held held;

	if (i >= 0 && now < domains->held[i].until)
		return;
	held = i < 0 ? make_room(domains, domain) : take(domains, i);
	held.until = now + waits[held.refusals];
	if (held.refusals < N_WAITS - 1)
		held.refusals++;
	held.try_until = held.until;
	held.letters = 0;
	snprintf(held.said, sizeof held.said, "%s", said);
	domains->held[domains->n++] = held;
}

void domains_took(struct domains *domains, const char *domain)
{
	int i = find(domains, domain);

	if (i >= 0)
		free(take(domains, i).domain);
}

int64_t domains_ask(
        struct domains *domains, const char *domain, int64_t now, const char **said)
{
	int i = find(domains, domain);
	struct held *held = i < 0 ? NULL : &domains->held[i];

	if (!held)
		return 0;
	if (now >= held->try_until) {
		held->try_until = now + TRY_MS;
		held->letters = 0;
		return 0;
	}
	held->letters++;
	*said = held->said;
	return held->try_until;
}

bool domains_worst(const struct domains *domains, int at_least, int64_t now,
        struct domains_held *held)
{
	const struct held *worst = NULL;

	for (int i = 0; i < domains->n; i++)
		if (now < domains->held[i].try_until &&
		        domains->held[i].letters >= at_least &&
		        (!worst || domains->held[i].letters > worst->letters))
			worst = &domains->held[i];
	if (worst)
		*held = (struct domains_held){
		        worst->domain, worst->said, worst->try_until, worst->letters};
	return worst != NULL;
}

json_t *domains_json(const struct domains *domains, struct zone *zone, int64_t now)
{
	json_t *list = json_array(), *one;
	char until[40];

	for (int i = 0; domains && i < domains->n; i++) {
		const struct held *held = &domains->held[i];

		if (now >= held->try_until)
			continue;
		one = json_object();
		json_object_set_new(one, "domain", json_string(held->domain));
		json_object_set_new(one, "until",
		        json_string(zone_format(zone, held->try_until, until)));
		json_object_set_new(one, "reason", json_string(held->said));
		json_array_append_new(list, one);
	}
	return list;
}
