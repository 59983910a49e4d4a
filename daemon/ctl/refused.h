/* A file of the rows that an import refused, with their lines and reasons: mended, it is
 * imported as it is. */
#ifndef DANGOL_CTL_REFUSED_H
#define DANGOL_CTL_REFUSED_H

#include <jansson.h>
#include "ctl/sheet.h"

/* Writes the rows of sheet's text that rejected ([{line, detail}]) names, whole orders
 * where rows belong together, into a new file: wanted, or (NULL) one beside source whose
 * name is free. 0600; UTF-8 with a byte order mark. Returns its name, new; NULL and errno
 * when it cannot be written. */
char *refused_write(const struct sheet *sheet, json_t *rejected, const char *source,
        const char *wanted);

#endif
