/*
 * The actions of the machine: their names, and what each may hand on.
 *
 * The list is a contract: fsm_step() checks each outcome against it, and the tests check that
 * every declared outcome has a cell in each state where the action may have been taken.
 *
 * This is server/event/actions.h, and the actions of this term's extension (term.h): TERM_ACTIONS,
 * a list of its own, and what the actions that were here before may hand on besides.
 */
#ifndef EVENT_ACTIONS_H
#define EVENT_ACTIONS_H

#include "event/fsm.h"

#define ON(event) (UINT32_C(1) << (event))
#define PARSED    (ON(NOTHING) | ON(COMPLETE) | ON(HAS_BODY) | ON(MALFORMED) | ON(ENDED))
#define LOOKED_UP (ON(HIT) | ON(JOIN) | ON(MISS) | ON(BUSY) | TERM_LOOKED_UP)
#define STARTED   (ON(NOTHING) | ON(BUSY) | ON(DISK_DONE) | ON(DISK_FAILED) | TERM_STARTED)
#define SENT_SOME (ON(NOTHING) | ON(CHUNK_SENT) | ON(SENT) | ON(CLOSING) | ON(HUNG_UP) | TERM_SENT)

/* clang-format off */
#define FSM_ACTIONS(X)                                                                       \
    X(open_connection, ON(NOTHING))                                                          \
    X(receive,         PARSED | ON(HUNG_UP))                                                 \
    X(parse,           PARSED)                                                               \
    X(receive_ahead,   ON(NOTHING) | ON(HUNG_UP))                                            \
    X(discard_body,    ON(NOTHING) | ON(BODY_READ) | ON(MALFORMED) | ON(ENDED) | ON(HUNG_UP))\
    X(look_up,         LOOKED_UP)                                                            \
    X(take_turn,       LOOKED_UP)                                                            \
    X(wait_place,      ON(NOTHING))                                                          \
    X(join_read,       ON(NOTHING))                                                          \
    X(start_read,      STARTED)                                                              \
    X(use_data,        ON(WRITABLE))                                                         \
    X(begin_reply,     ON(WRITABLE))                                                         \
    X(reply_refusal,   ON(WRITABLE))                                                         \
    X(reply_408,       ON(WRITABLE))                                                         \
    X(reply_500,       ON(WRITABLE) | ON(BROKEN))                                            \
    X(reply_503,       ON(WRITABLE) | ON(BROKEN))                                            \
    X(send_some,       SENT_SOME)                                                            \
    X(next_request,    ON(NOTHING) | ON(PIPELINED) | ON(SPENT) | ON(ENDED) | ON(STOPPING))   \
    X(yield_turn,      ON(NOTHING))                                                          \
    X(linger,          ON(NOTHING) | ON(ENDED) | ON(HUNG_UP))                                \
    X(drain,           ON(NOTHING) | ON(ENDED) | ON(HUNG_UP))                                \
    X(let_go,          ON(NOTHING))                                                          \
    X(give_up,         ON(NOTHING))                                                          \
    X(finish_alone,    ON(NOTHING))                                                          \
    X(release,         ON(NOTHING))
/* clang-format on */

enum action_name {
    impossible, /* what an unlisted cell holds */
#define X(name, hands_on) name,
    FSM_ACTIONS(X) TERM_ACTIONS(X)
#undef X
        ACTION_COUNT
};

struct action {
    const char *name;
    enum event (*run)(struct request *request);
    uint32_t hands_on; /* a bit for each event that it may hand on */
};

extern const struct action actions[ACTION_COUNT];

#endif
