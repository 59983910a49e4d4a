/* The rule language for editors: what they need to colour a rule file, made from the
 * tables of words, names and event types, so that no editor knows an older language.
 * contrib/editor holds what comes out; it is never edited there. */
#ifndef DANGOL_SYNTAX_H
#define DANGOL_SYNTAX_H

#include "base/mem.h"

void syntax_vim(struct buf *out); /* a syntax file of Vim */
void syntax_textmate(
        struct buf *out); /* a TextMate grammar in JSON, as VS Code takes it */

#endif
