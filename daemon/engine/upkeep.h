/* What the store keeps for the rules in force: the triggers that note whom a change
 * touched, and the dates that clocks are anchored on. */
#ifndef DANGOL_UPKEEP_H
#define DANGOL_UPKEEP_H

#include "engine/state.h"

void upkeep_adopt(struct engine *engine); /* behind border_adopt */

#endif
