/*
 * The lines of SIGUSR1's report that every model prints: the page cache, and what has been done.
 */
#ifndef CORE_TOTALS_H
#define CORE_TOTALS_H

#include "core/server.h"

#include <stdio.h>

void totals_print(const struct server *server, FILE *out);

#endif
