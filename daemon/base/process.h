/* What the process leaves behind for others: nothing. */
#ifndef DANGOL_PROCESS_H
#define DANGOL_PROCESS_H

/* Once, at the start: files of the owner's alone (umask 077), no core file, and no other
 * process of the same user may look into the memory (ptrace, /proc/PID/mem). A program
 * that is executed later begins without. */
void process_shut(void);

#endif
