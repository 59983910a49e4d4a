/* How often one of many strangers may still do something: counts by a key, an hour and a
 * day, in a table of fixed size. When it is full the oldest count is forgotten. */
#ifndef DANGOL_QUOTA_H
#define DANGOL_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#define QUOTA_SLOTS 2048
#define QUOTA_PROBES 8

struct quota {
	struct quota_slot {
		uint64_t key;
		int64_t hour_ms,
		        day_ms; /* when its hour and its day began; day 0: free */
		int hour, day;  /* taken in them */
	} slots[QUOTA_SLOTS];
};

/* One more for that key; false, with nothing counted, where its hour or its day is used
 * up. now_ms: any steady clock above 0. */
bool quota_take(
        struct quota *quota, uint64_t key, int per_hour, int per_day, int64_t now_ms);

#endif
