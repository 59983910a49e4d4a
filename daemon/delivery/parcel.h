/* A letter as the outside gets it: the JSON that provider outbox writes and provider
 * webhook posts, and the files of the outbox. Source: interface.md, "Files a message
 * becomes". */
#ifndef DANGOL_PARCEL_H
#define DANGOL_PARCEL_H

#include "delivery/channel.h"

enum { PARCEL_STEM = 160 };

char *parcel_json(const struct letter *letter); /* one JSON object, returns new */
/* "20261123T100400Z-ID.CHANNEL", the files' name without its ending. out of PARCEL_STEM
 * bytes. */
char *parcel_stem(const struct letter *letter, char *out);

/* One message's files, bytes and not letters, so that a worker thread can write them. */
struct parcel {
	char stem[PARCEL_STEM];
	char *json; /* owned */
	char *eml;  /* owned, or NULL */
	size_t eml_len;
	struct outcome outcome; /* set by parcel_write */
	void *owner;            /* the caller's */
};
/* Writes n parcels into folder (made when missing, 0700): each file 0600, under another
 * name, synced, renamed, the folder synced once. Whole or not at all; a full disk is
 * OUTCOME_NOT_SENT. Blocks: not for the loop. */
void parcel_write(const char *folder, struct parcel *parcels, size_t n);
void parcel_fini(struct parcel *parcel);

#endif
