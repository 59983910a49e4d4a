/* JSON as bytes, looked over before it is parsed: is it JSON at all, how deep, and where
 * are the events in it. Never recurses, never allocates but for the list of places. */
#ifndef DANGOL_SCAN_H
#define DANGOL_SCAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SCAN_DEPTH_MAX \
	32 /* interface.md "Limits"; callers compare items' depth with it */

struct scan_item {
	const char *text; /* borrowed from the body */
	size_t len;
	int depth; /* 0 for a scalar; -1: this line is no JSON (scan_lines only) */
	/* The value of the member "data" of an object, word for word; NULL without one,
	 * and once scan_load found that the words alone would not mean the same. */
	const char *data;
	size_t data_len;
};
struct scan {
	struct scan_item *items;
	size_t n;
};
enum scan_result {
	SCAN_OK,
	SCAN_BAD,  /* no JSON in UTF-8 */
	SCAN_DEEP, /* nested over 1,000 levels */
	SCAN_MANY, /* more items than asked for */
};

/* The value as a whole: one item. */
enum scan_result scan_one(const char *text, size_t len, struct scan *out);
/* The elements of an array, or the one value that is no array. */
enum scan_result scan_items(const char *text, size_t len, size_t most, struct scan *out);
/* A value a line; empty lines are skipped. A bad line is an item with depth -1; SCAN_BAD
 * when every line is one, or none is there. */
enum scan_result scan_lines(const char *text, size_t len, size_t most, struct scan *out);
void scan_fini(struct scan *scan);

/* Parses one; integers beyond 64 bits become reals, of members told twice the last
 * counts: where either happens item->data is NULL. Returns new, or NULL and why (160
 * bytes). */
json_t *scan_load(struct scan_item *item, char why[160]);

#endif
