/* Files that messages left in an outbox, when whom they name is erased. */
#ifndef DANGOL_LEFTOVER_H
#define DANGOL_LEFTOVER_H

#include <stddef.h>
#include <stdint.h>

/* Deletes the files of those messages, by their keys ("1a2b3c4d-17"), every try of them;
 * then syncs the folder. Returns how many files went; 0 where there is no such folder.
 * Blocks: not for the loop. */
size_t leftover_remove(const char *folder, char *const *keys, size_t n);

#endif
