/*
 * How the event model ends. Not at once: it waits for others, so its end is a machine, too, which
 * moves on between two turns of the loop.
 *
 * After SIGINT or SIGTERM nobody new comes in. Requests that were sent before the signal get one
 * more turn to be seen; then the idle are sent away, and the others may finish, until the grace
 * time is over. Reads that nobody waits for any more still own their memory: the end waits for
 * them, too, but not for ever. A second signal ends all of this at once.
 */
#ifndef EVENT_ENDING_H
#define EVENT_ENDING_H

#include "event/door.h"

enum phase {
    SERVING,
    CLOSING_DOOR, /* the signal has come in this turn */
    LAST_LOOK,    /* one more turn, which does not wait */
    FINISHING,
    LAST_READS,
    LEAVING,
};

struct ending {
    struct door *door;
    enum phase phase;
    int64_t phase_ends_ms; /* from CLOSING_DOOR on: the end of the grace time; later, of the wait */
};

/* A signal to end has come, the first or another. */
void ending_begin(struct ending *ending);

/* Until when the loop may wait at most; INT64_MAX while nobody thinks of the end. */
int64_t ending_due_ms(const struct ending *ending);

/* To be called after each turn: moves on. Returns whether there is to be another turn. */
bool ending_allows_a_turn(struct ending *ending);

#endif
