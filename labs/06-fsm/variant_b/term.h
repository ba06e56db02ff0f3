/*
 * This term's extension: a queue for the disk of its own kind. Short files first: who asks for a
 * large file stands in the queue behind all who ask for a short one.
 */
#ifndef TERM_H
#define TERM_H

/* clang-format off */
#define TERM_STATES(X)                                                                          \
    X(QUEUED,     COLOUR_QUEUED,  "a place at the disk, behind all short files")

#define TERM_EVENTS(X)                                                              \
    X(STAND_BACK,  OUTCOME, "there is no place, and this file is a large one")

#define TERM_ACTIONS(X)                                                                      \
    X(queue_last,      ON(NOTHING))
/* clang-format on */

/* What look_up and take_turn, start_read, and send_some may hand on besides. */
#define TERM_LOOKED_UP ON(STAND_BACK)
#define TERM_STARTED   ON(STAND_BACK)
#define TERM_SENT      0

#endif
