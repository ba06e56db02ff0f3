/*
 * This term's extension: read ahead. While one piece of a large file is being sent, the disk reads
 * the next one.
 */
#ifndef TERM_H
#define TERM_H

/* clang-format off */
#define TERM_STATES(X)                                                                          \
    X(AHEAD,      COLOUR_OUTPUT,  "the client to take a piece, the disk to read the next")      \
    X(STOCKED,    COLOUR_OUTPUT,  "the client to take a piece; the next one is there")

#define TERM_EVENTS(X)                                                              \
    X(SLACK,       OUTCOME, "the client takes no more for now, and the disk has a place")

#define TERM_ACTIONS(X)                                                                      \
    X(read_ahead,      ON(NOTHING) | ON(DISK_DONE) | ON(DISK_FAILED))                        \
    X(send_piece,      ON(NOTHING) | ON(CHUNK_SENT) | ON(HUNG_UP))                           \
    X(keep_piece,      ON(NOTHING))                                                          \
    X(take_piece,      ON(WRITABLE))                                                         \
    X(await_piece,     ON(NOTHING))
/* clang-format on */

/* What look_up and take_turn, start_read, and send_some may hand on besides. */
#define TERM_LOOKED_UP 0
#define TERM_STARTED   0
#define TERM_SENT      ON(SLACK)

#endif
