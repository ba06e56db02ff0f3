/*
 * The observer for a terminal: tables and rates, 80 columns wide, anew every second.
 */
#ifndef TOOLS_OBSERVE_TEXT_H
#define TOOLS_OBSERVE_TEXT_H

#include "tools/observe_watched.h"

/*
 * Shows the servers until all of them have ended, or a signal ends us. To something else than a
 * terminal the tables are printed one below the other. Returns false if there is no memory.
 */
bool observe_text(struct watched_servers *servers);

#endif
