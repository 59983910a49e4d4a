/* The bounds of all connections together. It closes nobody and answers nobody. */
#include "door/crowd.h"

#define COST_MS (1000 / CROWD_RATE)

static size_t size(const struct crowd *crowd)
{
	size_t all = 0;
	for (int i = 0; i < ORIGINS; i++)
		all += crowd->n[i];
	return all;
}

bool crowd_full(const struct crowd *crowd, enum origin origin)
{
	size_t tcp = crowd->n[ORIGIN_HTTP] + crowd->n[ORIGIN_PUBLIC];
	if (size(crowd) >= CROWD_MAX)
		return true;
	if (origin != ORIGIN_SOCKET && tcp >= CROWD_TCP_MAX)
		return true;
	return origin == ORIGIN_PUBLIC && crowd->n[ORIGIN_PUBLIC] >= CROWD_PUBLIC_MAX;
}

bool crowd_heavy(const struct crowd *crowd, enum origin origin)
{
	size_t all = 0;
	for (int i = 0; i < ORIGINS; i++)
		all += crowd->held[i];
	return all > CROWD_HELD_MAX ||
	       (origin == ORIGIN_PUBLIC &&
	               crowd->held[ORIGIN_PUBLIC] > CROWD_PUBLIC_HELD_MAX);
}

bool crowd_take(struct crowd *crowd, uint64_t now_ms)
{
	uint64_t past = now_ms > crowd->since_ms ? now_ms - crowd->since_ms : 0;
	crowd->spent_ms = crowd->spent_ms > past ? crowd->spent_ms - past : 0;
	crowd->since_ms = now_ms;
	if (crowd->spent_ms + COST_MS > CROWD_BURST * COST_MS)
		return false;
	crowd->spent_ms += COST_MS;
	return true;
}
