/* Counts, and forgets by time. It refuses nobody itself. */
#include <arpa/inet.h>
#include <string.h>
#include "base/secret.h"
#include "door/rate.h"

static uint64_t cost_us(const struct rate *rate)
{
	return 1000000 / rate->per_second;
}

static uint64_t spent_now(const struct bucket *bucket, uint64_t now_ms)
{
	uint64_t past = now_ms > bucket->since_ms ? now_ms - bucket->since_ms : 0;
	/* Divided, as the product of a long pause would not fit. */
	return past > bucket->spent_us / 1000 ? 0 : bucket->spent_us - past * 1000;
}

bool bucket_full(const struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	return spent_now(bucket, now_ms) + cost_us(rate) > rate->burst * cost_us(rate);
}

bool bucket_take(struct bucket *bucket, const struct rate *rate, uint64_t now_ms)
{
	bucket->spent_us = spent_now(bucket, now_ms);
	bucket->since_ms = now_ms > bucket->since_ms ? now_ms : bucket->since_ms;
	if (bucket_full(bucket, rate, now_ms))
		return false;
	bucket->spent_us += cost_us(rate);
	return true;
}

void rates_init(struct rates *all, uint32_t per_second, uint32_t burst)
{
	*all = (struct rates){.rate = {per_second, burst}};
	secret_random(&all->seed, sizeof all->seed);
}

static bool read_address(const char *text, uint8_t out[16])
{
	memset(out, 0, 16);
	if (inet_pton(AF_INET, text, out + 12) == 1) {
		out[10] = out[11] = 0xff;
		return true;
	}
	if (inet_pton(AF_INET6, text, out) != 1)
		return false;
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	if (memcmp(out, mapped, sizeof mapped))
		memset(out + 8, 0, 8);
	return true;
}

static struct rates_slot *set_of(struct rates *all, const uint8_t address[16])
{
	uint64_t hash = all->seed;
	for (int i = 0; i < 16; i++)
		hash = (hash ^ address[i]) * UINT64_C(0x100000001b3);
	return all->slots[(hash ^ hash >> 32) % RATES_SETS];
}

/* Its slot; where it has none, that of the one that has used up least. */
static struct rates_slot *slot_of(
        struct rates *all, const uint8_t address[16], uint64_t now_ms)
{
	struct rates_slot *set = set_of(all, address), *least = set;
	for (int i = 0; i < RATES_WAYS; i++) {
		if (!memcmp(set[i].address, address, 16))
			return &set[i];
		if (spent_now(&set[i].bucket, now_ms) < spent_now(&least->bucket, now_ms))
			least = &set[i];
	}
	*least = (struct rates_slot){0};
	memcpy(least->address, address, 16);
	return least;
}

bool rates_take(struct rates *all, const char *address, uint64_t now_ms)
{
	uint8_t bytes[16];
	return !read_address(address, bytes) ||
	       bucket_take(&slot_of(all, bytes, now_ms)->bucket, &all->rate, now_ms);
}

bool rates_full(struct rates *all, const char *address, uint64_t now_ms)
{
	uint8_t bytes[16];
	return read_address(address, bytes) &&
	       bucket_full(&slot_of(all, bytes, now_ms)->bucket, &all->rate, now_ms);
}
