/* dangol.conf: read once, every mistake told at once. One table of keys parses, documents
 * and shows it. */
#ifndef DANGOL_CONFIG_H
#define DANGOL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include "base/diag.h"
#include "base/mem.h"
#include "delivery/channel.h"
#include "delivery/forward.h"
#include "door/hook/hook.h"
#include "door/server.h"
#include "engine/gate.h"
#include "language/program.h"
#include "language/template.h"

/* A credential that the file names, where it goes and where it was named. */
struct config_secret {
	const char *name;
	struct secret *secret;
	struct diag_place at;
};

struct config {
	struct arena *arena;
	const char *file, *folder; /* as given; absolute */
	struct shop shop;
	const char *rules, *templates; /* absolute folders */
	const char *store;             /* absolute path of the database */
	struct server_listen listen;
	struct secret token, post_token;
	struct channel_config *channels;
	size_t n_channels;
	struct hook_config *hooks;
	size_t n_hooks;
	struct forward_config *forwards;
	size_t n_forwards;
	const char **channel_names; /* ends with NULL; "owner" when the owner has an
	                               address that a channel serves */
	struct world world;         /* points into this configuration */
	struct shop_text shop_text;
	struct config_secret *secrets;
	size_t n_secrets;
};

/* Reads it. NULL with mistakes in diag. need_secrets: a credential that is missing or
 * readable by others is a mistake (dangold); without, they are left out (checking on
 * another machine, simulation). */
struct config *config_read(const char *file, bool need_secrets, struct diag *diag);
void config_free(struct config *config); /* takes NULL; clears secrets */
/* Reads every credential anew into the living configuration; the old ones stay where that
 * fails. */
bool config_renew_secrets(struct config *config, struct diag *diag);
/* ./dangol.conf, else /etc/dangol/dangol.conf; NULL when neither is there. Static. */
const char *config_default(void);
/* A rehearsal reaches nobody: every channel's address must be loopback or the outbox. */
bool config_loopback_only(const struct config *config, struct diag *diag);
void config_document(
        struct buf *out); /* every block and key with its shape: for the manual page */

#endif
