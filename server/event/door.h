/*
 * The door: where new clients come in, as long as there are seats.
 *
 * A listener that is ready while nobody can be seated would make the poller return at once, for
 * ever. So it is watched only while a seat is free, or can be made free: the connection that has
 * been idle longest gives way.
 */
#ifndef EVENT_DOOR_H
#define EVENT_DOOR_H

#include "event/loop.h"

struct door {
    struct loop *loop;
    bool is_watched;
    int64_t again_ms; /* not before this time: the system had no descriptor left for anybody */
};

/* Seats up to `most` of the clients who wait. */
void door_accept(struct door *door, unsigned most);

/* Watches the listener, or does not, as the seats are now. Once per turn. */
void door_watch(struct door *door);

/* Closes the listener for good. */
void door_close(struct door *door);

#endif
