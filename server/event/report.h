/*
 * What SIGUSR1 shows: the request table, and the totals.
 */
#ifndef EVENT_REPORT_H
#define EVENT_REPORT_H

#include "event/loop.h"

void report_print(const struct loop *loop, FILE *out);

#endif
