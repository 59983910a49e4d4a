/* The shop's key as the credential store-key: one line of base64, or two while a store
 * goes from the second to the first. Every change of the file is whole or not at all, and
 * on the disk before it counts. It never shows a key. */
#ifndef DANGOL_KEYFILE_H
#define DANGOL_KEYFILE_H

#include <stdbool.h>

enum keyfile {
	KEYFILE_NONE,   /* there is none: nothing is sealed */
	KEYFILE_LOADED, /* its keys are the process's (base/seal.h) */
	KEYFILE_WRONG   /* it cannot be read, or is no key: why says what to do */
};
/* dir: the folder of dangol.conf; places are those of secret_load. */
enum keyfile keyfile_load(const char *dir, char why[512]);
/* Makes a new key where there is none, dir/credentials/store-key (0600, in a folder of
 * 0700), and loads it. 0, or -1 and why. */
int keyfile_create(const char *dir, char why[512]);
/* Puts a new key before the one there is, and loads both. 0, or -1 and why: also when the
 * file is not ours to write, as one that systemd passes. */
int keyfile_turn(const char *dir, char why[512]);
/* Does the file hold two? */
bool keyfile_changing(const char *dir);
/* Only the first stays in the file. In the process both do: who reads an older snapshot
 * of the store still needs the second. */
int keyfile_settle(const char *dir, char why[512]);
/* Copies it into a new file of 0600. 0, or -1 and why. */
int keyfile_backup(const char *dir, const char *target, char why[512]);

#endif
