/*
 * The door: where new clients come in, as long as there are seats.
 *
 * When all seats are taken and somebody waits, the connection that has been idle longest gives
 * way. Not one whose next request is there already, unread; and one that has never asked for
 * anything has a moment to do so, since its first request is most likely on its way.
 *
 * A listener that is ready while nobody can be seated would make the poller return at once, for
 * ever. So it is watched only while a seat is free, or might be made free.
 */
#ifndef EVENT_DOOR_H
#define EVENT_DOOR_H

#include "event/loop.h"

struct door {
    struct loop *loop;
    bool is_watched;
    int64_t no_descriptors_until_ms; /* the system had none left for anybody */
    int64_t no_seats_until_ms;       /* nobody could give way; a seat may become free before */
};

/* Seats up to `most` of the clients who wait. */
void door_accept(struct door *door, unsigned most);

/* Watches the listener, or does not, as the seats are now. Once per turn. */
void door_watch(struct door *door);

/* When door_watch() must be called again at the latest; INT64_MAX: any time will do. */
int64_t door_due_ms(const struct door *door);

/* Closes the listener for good. */
void door_close(struct door *door);

#endif
