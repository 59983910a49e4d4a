/* The living daemon: everything opened in order, tied to one loop, and closed in the
 * other order. */
#ifndef DANGOL_SERVICE_H
#define DANGOL_SERVICE_H

#include <stdbool.h>

struct config;

/* Runs until SIGTERM or SIGINT. Takes the configuration. rehearsal: the clock is bent,
 * only a rehearsal's store opens. Returns the exit status. */
int service_run(struct config *config, const char *program, bool rehearsal);

#endif
