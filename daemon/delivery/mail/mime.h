/* A letter as an Internet message. Source: RFC 5322, 2045, 2047, 8058. This file
 * and dsn.c alone include GMime. */
#ifndef DANGOL_MAIL_MIME_H
#define DANGOL_MAIL_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include "delivery/channel.h"

void mime_begin(void); /* before the first call of GMime's */
/* The whole message with CRLF line ends, NUL after len bytes; 7-bit throughout. Returns
 * new; NULL when its From is no address. */
char *mime_render(const struct letter *letter, size_t *len);
/* The bare address of "단골커피 <hi@example.com>", fit for an SMTP envelope (ASCII, no
 * spaces, at most 254 bytes). false: there is none. */
bool mime_address(const char *text, char out[256]);
bool mime_is_bare(const char *address); /* is nothing but such an address */

#endif
