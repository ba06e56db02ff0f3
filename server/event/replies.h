/*
 * What wakes the loop besides its clients: signals, and the disk, whose replies they are.
 *
 * Take what the signals and the bell say first, then sweep: the other way round, a read that ends
 * in between has its signal thrown away unseen, and the loop sleeps beside a read that is done.
 */
#ifndef EVENT_REPLIES_H
#define EVENT_REPLIES_H

#include "event/ending.h"

/* Takes the notes of the wake-up: counts the disk's, prints the table, begins the end. */
void replies_take_notes(struct loop *loop, struct ending *ending);

/* Takes what the bell of a disk says that sends no signals. */
void replies_take_rings(struct loop *loop);

/* Looks at all reads in flight, and delivers DISK_DONE or DISK_FAILED for each that has ended. */
void replies_sweep(struct loop *loop);

#endif
