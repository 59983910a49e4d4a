/* Counts of strangers by key. It knows neither who they are nor what they do. */
#include "base/clock.h"
#include "door/quota.h"

static struct quota_slot *slot_of(struct quota *quota, uint64_t key)
{
	struct quota_slot *oldest = &quota->slots[key % QUOTA_SLOTS];
	for (uint64_t i = 0; i < QUOTA_PROBES; i++) {
		struct quota_slot *slot = &quota->slots[(key + i) % QUOTA_SLOTS];
		if (slot->day_ms && slot->key == key)
			return slot;
		if (slot->day_ms < oldest->day_ms)
			oldest = slot;
	}
	*oldest = (struct quota_slot){.key = key};
	return oldest;
}

bool quota_take(
        struct quota *quota, uint64_t key, int per_hour, int per_day, int64_t now_ms)
{
	struct quota_slot *slot = slot_of(quota, key);
	if (!slot->day_ms || now_ms - slot->day_ms >= MS_DAY) {
		slot->day_ms = now_ms;
		slot->day = 0;
	}
	if (!slot->hour_ms || now_ms - slot->hour_ms >= MS_HOUR) {
		slot->hour_ms = now_ms;
		slot->hour = 0;
	}
	if (slot->hour >= per_hour || slot->day >= per_day)
		return false;
	slot->hour++;
	slot->day++;
	return true;
}
