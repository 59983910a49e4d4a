/* A picture beside the templates: where it lies, and whether carriers take it. It decodes
 * no pixel. */
#ifndef DANGOL_LANGUAGE_PICTURE_H
#define DANGOL_LANGUAGE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

/* What every provider takes (providers.md 1.2): one baseline JPEG. */
#define PICTURE_BYTES (200 * 1024)
#define PICTURE_PIXELS 1000

struct picture {
	bool png, progressive;
	unsigned width, height;
};
/* What the bytes of a file say. False: neither a JPEG nor a PNG, or broken off before its
 * measures. Reads within data[0, len). */
bool picture_measure(const unsigned char *data, size_t len, struct picture *out);

/* The absolute path (new, caller frees) of `name` in a folder: no way leads out of it.
 * NULL with why (256, in the owner's language) when it is not there or no carrier would
 * take it. png: a PNG is taken too. */
char *picture_find(const char *folder, const char *name, bool png, char why[256]);

#endif
