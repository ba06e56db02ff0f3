/*
 * The machine, row by row: what the poller watches for, which clock runs, and what each event does.
 */
#include "event/actions.h"

/* clang-format off */
const struct fsm_row fsm_table[REQUEST_STATE_COUNT] = {
    [FREE] = {
        .on[ACCEPTED] = {.action = open_connection, .next = IDLE},
    },
    [IDLE] = {
        .watch = INPUT,
        .timer = IDLE_TIME,
        .on[READABLE] = {.action = receive, .next = READING},
        .on[PIPELINED] = {.action = parse, .next = READING},
        .on[SPENT] = {.action = yield_turn, .next = YIELDED},
        .on[HUNG_UP] = {.action = release, .next = FREE},
        .on[ENDED] = {.action = release, .next = FREE},
        .on[TIMED_OUT] = {.action = release, .next = FREE},
        .on[STOPPING] = {.action = release, .next = FREE},
    },
    [READING] = {
        .watch = INPUT,
        .timer = REQUEST_TIME,
        .on[READABLE] = {.action = receive, .next = READING},
        .on[COMPLETE] = {.action = look_up, .next = READING},
        .on[HAS_BODY] = {.action = discard_body, .next = DISCARDING},
        .on[HIT] = {.action = begin_reply, .next = SENDING},
        .on[JOIN] = {.action = join_read, .next = JOINED},
        .on[MISS] = {.action = start_read, .next = LOADING},
        .on[BUSY] = {.action = wait_place, .next = WAITING},
        .on[MALFORMED] = {.action = reply_refusal, .next = SENDING},
        .on[TIMED_OUT] = {.action = reply_408, .next = SENDING},
        .on[HUNG_UP] = {.action = release, .next = FREE},
        .on[ENDED] = {.action = release, .next = FREE},
    },
    [DISCARDING] = {
        .watch = INPUT,
        .timer = REQUEST_TIME,
        .on[READABLE] = {.action = discard_body, .next = DISCARDING},
        .on[BODY_READ] = {.action = look_up, .next = READING},
        .on[MALFORMED] = {.action = reply_refusal, .next = SENDING},
        .on[TIMED_OUT] = {.action = reply_408, .next = SENDING},
        .on[HUNG_UP] = {.action = release, .next = FREE},
        .on[ENDED] = {.action = release, .next = FREE},
    },
    [SENDING] = {
        .watch = OUTPUT,
        .timer = SEND_TIME,
        .on[WRITABLE] = {.action = send_some, .next = SENDING},
        .on[CHUNK_SENT] = {.action = start_read, .next = LOADING},
        .on[SENT] = {.action = next_request, .next = IDLE},
        .on[CLOSING] = {.action = linger, .next = LINGERING},
        .on[BROKEN] = {.action = release, .next = FREE},
        .on[HUNG_UP] = {.action = release, .next = FREE},
        .on[TIMED_OUT] = {.action = release, .next = FREE},
    },
    [LINGERING] = {
        .watch = INPUT,
        .timer = LINGER_TIME,
        .on[READABLE] = {.action = drain, .next = LINGERING},
        .on[HUNG_UP] = {.action = release, .next = FREE},
        .on[ENDED] = {.action = release, .next = FREE},
        .on[TIMED_OUT] = {.action = release, .next = FREE},
    },
    [YIELDED] = {
        .on[TURN] = {.action = parse, .next = READING},
        .on[HUNG_UP] = {.action = release, .next = FREE},
    },
    [WAITING] = {
        .watch = INPUT,
        .timer = DISK_TIME,
        .on[READABLE] = {.action = receive_ahead, .next = WAITING},
        .on[TURN] = {.action = take_turn, .next = READING},
        .on[TIMED_OUT] = {.action = reply_503, .next = SENDING},
        .on[HUNG_UP] = {.action = release, .next = FREE},
    },
    [JOINED] = {
        .watch = INPUT,
        .timer = DISK_TIME,
        .on[READABLE] = {.action = receive_ahead, .next = JOINED},
        .on[LOADED] = {.action = begin_reply, .next = SENDING},
        .on[LOAD_FAILED] = {.action = reply_500, .next = SENDING},
        .on[TIMED_OUT] = {.action = reply_503, .next = SENDING},
        .on[HUNG_UP] = {.action = release, .next = FREE},
    },
    [LOADING] = {
        .watch = INPUT,
        .timer = DISK_TIME,
        .on[READABLE] = {.action = receive_ahead, .next = LOADING},
        .on[DISK_DONE] = {.action = use_data, .next = SENDING},
        .on[DISK_FAILED] = {.action = reply_500, .next = SENDING},
        .on[BUSY] = {.action = wait_place, .next = WAITING},
        .on[TIMED_OUT] = {.action = give_up, .next = ABANDONED},
        .on[HUNG_UP] = {.action = let_go, .next = ABANDONED},
    },
    /* The read owns the slot. Its end is all that can happen here, and it is the end of both. */
    [ABANDONED] = {
        .on[DISK_DONE] = {.action = finish_alone, .next = FREE},
        .on[DISK_FAILED] = {.action = finish_alone, .next = FREE},
    },
};
/* clang-format on */
