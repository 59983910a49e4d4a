/* Returned mails: a mailbox looked through once for delivery reports. */
#ifndef DANGOL_MAIL_RETURNS_H
#define DANGOL_MAIL_RETURNS_H

/* Reads the mailbox that dangold tells, at most 200 mails of it, of each at most its
 * first 256 KB; tells what they say, then marks those that dangold names. Ends the
 * process when dangold has said all. */
void returns_run(void) __attribute__((noreturn));

#endif
