/* What dangold gives every dangol-mail that it starts: an environment, and words. */
#ifndef DANGOL_SPAWNED_H
#define DANGOL_SPAWNED_H

#include <uv.h>
#include "base/mem.h"

/* No more of our environment than it needs: neither secrets' folders nor somebody's mail
 * settings. Returns new; spawned_environment_free. */
char **spawned_environment(void);
void spawned_environment_free(char **env);
/* Writes the frames; takes the buffer, which is cleared when it is written: a password
 * may be in it. A broken pipe is a dying child: its exit tells. */
void spawned_say(uv_pipe_t *pipe, struct buf *frames);

#endif
