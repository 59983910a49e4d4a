/* The file behind import --map: their heading = our column. */
#ifndef DANGOL_CTL_MAP_H
#define DANGOL_CTL_MAP_H

#include <stdbool.h>
#include "base/mem.h"

/* Looks the map (UTF-8) over before anything is imported: each line has two sides, the
 * left one is a heading of text (UTF-8), the right one a column of the kind, which the
 * daemon is asked about. What is wrong is told as FILE:LINE; false then. */
bool map_check(
        const char *kind, const char *file, const char *map, const struct buf *text);

#endif
