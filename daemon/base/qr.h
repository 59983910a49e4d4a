/* A QR code of a text, for a terminal or as a picture. Only qr.c knows the library. */
#ifndef DANGOL_QR_H
#define DANGOL_QR_H

#include <stdbool.h>
#include "base/mem.h"

/* Two rows of modules in a line of half blocks, light on dark; colours: sets them for a
 * terminal, whatever its own are. False: the text is too long for a code. */
bool qr_terminal(const char *text, bool colours, struct buf *out);
/* A whole SVG file, or a part of a page. */
bool qr_svg(const char *text, struct buf *out);

#endif
