/* Browsers: whose one is, and who is nobody but a browser yet. A browser is of the one
 * customer who was identified in it last. */
#ifndef DANGOL_VISITOR_H
#define DANGOL_VISITOR_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* Whose a browser is, also by what a merged one had; 0: nobody's. */
int64_t visitor_find(struct db *db, const char *visitor);
/* The customer who is nothing but that browser: without an id, a name, a phone, an e-mail
 * address, an alias, a consent, or anybody merged into him by the owner; no bulk, and
 * none who was taken apart from another. 0: there is none. */
int64_t visitor_anonymous(struct db *db, const char *visitor);
/* May somebody with that phone (E.164) and e-mail address (NULL: not told) be him? Not if
 * he is known by another. */
bool visitor_fits(struct db *db, int64_t id, const char *phone, const char *email);
/* From now on the browser is his and nobody else's, those apart who are nothing else. */
void visitor_take(struct db *db, int64_t id, const char *visitor);

#endif
