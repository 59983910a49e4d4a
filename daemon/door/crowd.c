/* The bounds of all connections together. It closes nobody and answers nobody. */
#include "door/crowd.h"

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

bool crowd_take(struct crowd *crowd, const char *address, uint64_t now_ms)
{
	static const struct rate all = {CROWD_RATE, CROWD_BURST};
	return rates_take(&crowd->each, address, now_ms) &&
	       bucket_take(&crowd->open, &all, now_ms);
}

bool crowd_guesses(struct crowd *crowd, const char *address, uint64_t now_ms)
{
	return rates_full(&crowd->guesses, address, now_ms);
}

void crowd_guessed(struct crowd *crowd, const char *address, uint64_t now_ms)
{
	(void)rates_take(&crowd->guesses, address, now_ms);
}

void crowd_init(struct crowd *crowd)
{
	rates_init(&crowd->each, CROWD_EACH_RATE, CROWD_EACH_BURST);
	rates_init(&crowd->guesses, CROWD_GUESS_RATE, CROWD_GUESS_BURST);
}
