/* The lock of a store: one daemon a file. It is an open file description's, so it dies
 * with its process. */
#ifndef DANGOL_LOCK_H
#define DANGOL_LOCK_H

#include <stddef.h>

/* Makes the folder of path (0700) where it is missing and locks path ".lock", our pid
 * written inside. The descriptor, or -1: somebody holds it, -2: it cannot be made; why
 * says so in the owner's language. */
int lock_take(const char *path, char why[512]);
void lock_drop(int fd); /* takes -1 */

#endif
