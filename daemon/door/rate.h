/* How often somebody may: leaky buckets, one alone or one for each address in a table
 * whose size is fixed. When the table is full, the address that has used up least is
 * forgotten: it may then begin anew, and nobody is ever kept out for want of room. */
#ifndef DANGOL_RATE_H
#define DANGOL_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint32_t per_second, burst;
};

struct bucket {
	uint64_t spent_us, since_ms; /* what was used up, as time to make up for it */
};
/* now_ms: any steady clock. True, and one more is used up; or there was no room. */
bool bucket_take(struct bucket *bucket, const struct rate *rate, uint64_t now_ms);
bool bucket_full(const struct bucket *bucket, const struct rate *rate, uint64_t now_ms);

#define RATES_SETS 128
#define RATES_WAYS 8

struct rates {
	struct rate rate;
	uint64_t seed; /* so that nobody can choose addresses of one set */
	struct rates_slot {
		uint8_t address[16];
		struct bucket bucket;
	} slots[RATES_SETS][RATES_WAYS];
};
void rates_init(struct rates *all, uint32_t per_second, uint32_t burst);
/* address: "192.0.2.1" or "2001:db8::1", of which the first 64 bits count: a house has as
 * many addresses as it likes behind them. What is no address passes and is not counted.
 */
bool rates_take(struct rates *all, const char *address, uint64_t now_ms);
bool rates_full(struct rates *all, const char *address, uint64_t now_ms);

#endif
