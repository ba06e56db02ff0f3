/*
 * How many descriptors there are: what a server may have open at a time is counted before it is
 * promised to anybody.
 */
#ifndef CORE_DESCRIPTORS_H
#define CORE_DESCRIPTORS_H

/*
 * How many more this process may open: the smaller of its own limit (RLIMIT_NOFILE) and `limit`,
 * less those that are open now. The kernel gives out the lowest free number, so no descriptor
 * will have a higher one than there are.
 */
unsigned descriptors_left(unsigned limit);

#endif
