/*
 * This term's extension: a wait for a buffer, told apart from the wait for a place at the disk.
 */
#ifndef TERM_H
#define TERM_H

/* clang-format off */
#define TERM_STATES(X)                                                                          \
    X(STARVED,    COLOUR_QUEUED,  "a buffer: clients that take large files have them all")

#define TERM_EVENTS(X)                                                              \
    X(NO_BUFFER,   OUTCOME, "the disk must be asked, and there is no buffer")

#define TERM_ACTIONS(X)                                                                      \
    X(wait_buffer,     ON(NOTHING))
/* clang-format on */

/* What look_up and take_turn, start_read, and send_some may hand on besides. */
#define TERM_LOOKED_UP ON(NO_BUFFER)
#define TERM_STARTED   0
#define TERM_SENT      0

#endif
