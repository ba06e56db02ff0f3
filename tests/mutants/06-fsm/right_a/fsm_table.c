/*
 * The machine. All of it.
 *
 * Read a line as: in this state, when this happens, do that, and be in the next state. What is
 * not listed cannot happen. Each state also says what the poller watches for and which clock runs.
 */
#include "event/actions.h"

/* clang-format off */
const struct fsm_row fsm_table[REQUEST_STATE_COUNT] = {

    [FREE]       = { .on = {                        /* nobody */
        [ACCEPTED]    = { open_connection, IDLE       }, }},

    [IDLE]       = { INPUT, IDLE_TIME, {            /* a client without a request; no buffer */
        [READABLE]    = { receive,         READING    },
        [PIPELINED]   = { parse,           READING    },
        [SPENT]       = { yield_turn,      YIELDED    },
        [HUNG_UP]     = { release,         FREE       },  [ENDED]    = { release, FREE },
        [TIMED_OUT]   = { release,         FREE       },  [STOPPING] = { release, FREE }, }},

    [READING]    = { INPUT, REQUEST_TIME, {         /* a request, as far as it has come */
        [READABLE]    = { receive,         READING    },
        [COMPLETE]    = { look_up,         READING    },
        [HAS_BODY]    = { discard_body,    DISCARDING },
        [HIT]         = { begin_reply,     SENDING    },
        [JOIN]        = { join_read,       JOINED     },
        [MISS]        = { start_read,      LOADING    },
        [BUSY]        = { wait_place,      WAITING    },
        [MALFORMED]   = { reply_refusal,   SENDING    },
        [TIMED_OUT]   = { reply_408,       SENDING    },
        [HUNG_UP]     = { release,         FREE       },  [ENDED]    = { release, FREE }, }},

    [DISCARDING] = { INPUT, REQUEST_TIME, {         /* a body that nobody needs */
        [READABLE]    = { discard_body,    DISCARDING },
        [BODY_READ]   = { look_up,         READING    },
        [MALFORMED]   = { reply_refusal,   SENDING    },
        [TIMED_OUT]   = { reply_408,       SENDING    },
        [HUNG_UP]     = { release,         FREE       },  [ENDED]    = { release, FREE }, }},

    [YIELDED]    = { NO_WATCH, NO_TIMER, {          /* more requests than its share; on the ready list */
        [TURN]        = { parse,           READING    },
        [HUNG_UP]     = { release,         FREE       }, }},

    [WAITING]    = { INPUT, DISK_TIME, {            /* for a place at the disk; in its queue */
        [READABLE]    = { receive_ahead,   WAITING    },
        [TURN]        = { take_turn,       READING    },
        [TIMED_OUT]   = { reply_503,       SENDING    },
        [HUNG_UP]     = { release,         FREE       }, }},

    [JOINED]     = { INPUT, DISK_TIME, {            /* another request's read; on the entry's list */
        [READABLE]    = { receive_ahead,   JOINED     },
        [LOADED]      = { begin_reply,     SENDING    },
        [LOAD_FAILED] = { reply_500,       SENDING    },
        [TIMED_OUT]   = { reply_503,       SENDING    },
        [HUNG_UP]     = { release,         FREE       }, }},

    [LOADING]    = { INPUT, DISK_TIME, {            /* a read of its own is in flight */
        [READABLE]    = { receive_ahead,   LOADING    },
        [DISK_DONE]   = { use_data,        SENDING    },
        [DISK_FAILED] = { reply_500,       SENDING    },
        [BUSY]        = { wait_place,      WAITING    },
        [TIMED_OUT]   = { give_up,         ABANDONED  },
        [HUNG_UP]     = { let_go,          ABANDONED  }, }},

    [SENDING]    = { OUTPUT, SEND_TIME, {           /* a reply, as far as it is at hand */
        [WRITABLE]    = { send_some,       SENDING    },
        [CHUNK_SENT]  = { start_read,      LOADING    },
        [SLACK]       = { read_ahead,      AHEAD      },
        [SENT]        = { next_request,    IDLE       },
        [CLOSING]     = { linger,          LINGERING  },
        [BROKEN]      = { release,         FREE       },
        [HUNG_UP]     = { release,         FREE       },  [TIMED_OUT] = { release, FREE }, }},

    [AHEAD]      = { OUTPUT, SEND_TIME, {           /* a piece; the next one's read is in flight */
        [WRITABLE]    = { send_piece,      AHEAD      },
        [CHUNK_SENT]  = { await_piece,     LOADING    },
        [DISK_DONE]   = { keep_piece,      STOCKED    },
        [DISK_FAILED] = { release,         FREE       },
        [TIMED_OUT]   = { let_go,          ABANDONED  },
        [HUNG_UP]     = { let_go,          ABANDONED  }, }},

    [STOCKED]    = { OUTPUT, SEND_TIME, {           /* a piece; the next one is in the buffer */
        [WRITABLE]    = { send_piece,      STOCKED    },
        [CHUNK_SENT]  = { take_piece,      SENDING    },
        [HUNG_UP]     = { release,         FREE       },  [TIMED_OUT] = { release, FREE }, }},

    [LINGERING]  = { INPUT, LINGER_TIME, {          /* all is said; until the client hangs up */
        [READABLE]    = { drain,           LINGERING  },
        [HUNG_UP]     = { release,         FREE       },
        [ENDED]       = { release,         FREE       },  [TIMED_OUT] = { release, FREE }, }},

    [ABANDONED]  = { NO_WATCH, NO_TIMER, {          /* the client has gone, its read has not */
        [DISK_DONE]   = { finish_alone,    FREE       },
        [DISK_FAILED] = { finish_alone,    FREE       }, }},
};
/* clang-format on */
