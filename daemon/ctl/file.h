/* Files that dangolctl writes: people's data stands in them. */
#ifndef DANGOL_CTL_FILE_H
#define DANGOL_CTL_FILE_H

#include <stdio.h>

/* A new file of the owner's alone (0600); NULL with errno. It overwrites nothing and
 * follows no link. */
FILE *file_create(const char *name);
/* Says why that file could not be made or written, by errno. */
void file_complain(const char *name);

#endif
