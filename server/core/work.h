/*
 * Work that costs time: the textbook's "15 ms of CPU per request", made real.
 *
 * Nothing but computing: unlike a wait, it cannot be done for several requests at once by one
 * thread, and that is what it is here to show.
 */
#ifndef CORE_WORK_H
#define CORE_WORK_H

#include <stdint.h>

/* Computes until the calling thread has used `ms` of CPU time for it; 0 does nothing. */
void work_burn(uint64_t ms);

#endif
