/*
 * The event model: one thread, nonblocking calls, a finite-state machine.
 *
 * "The one thread gets the next event: new work, or a reply from the disk." Each turn of the loop
 * waits for events once, and takes every request that one of them concerns a step further. All
 * that is known about a request is in its slot of the request table; nothing is on a stack.
 */
#include "core/clock.h"
#include "core/signals.h"
#include "event/door.h"
#include "event/nowait.h"
#include "event/ready.h"
#include "event/report.h"
#include "event/seats.h"
#include "models/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_TURN = 32, /* new clients must not hold up the ones that are here */
    LAST_READS_MS = 2000,  /* at the end: for reads that nobody waits for any more */
    LAST_ACCEPTS = 1024,   /* as many as can wait at the door */
    FOR_EVER_MS = -1,
    FIXED_DESCRIPTORS = 3, /* that the poller watches: the listener, the wake-up, the disk's bell */
};

enum phase { SERVING, CLOSING_DOOR, FINISHING, LEAVING };

struct event_model {
    struct loop loop;
    struct door door;
    bool somebody_waits; /* at the door; those who are in come first */
    struct poller_event *events;
    size_t events_max;
    enum phase phase;
    int64_t phase_ends_ms; /* the end of the grace time */
};

/* --- events ------------------------------------------------------------------------------- */

static void begin_stopping(struct event_model *model)
{
    struct loop *loop = &model->loop;
    if (model->phase != SERVING) {
        model->phase = LEAVING; /* a second signal leaves at once */
        return;
    }
    door_accept(&model->door, LAST_ACCEPTS); /* they were there before the signal */
    door_close(&model->door);
    loop->server->stopping = true;
    model->phase = CLOSING_DOOR;
    model->phase_ends_ms = loop->now_ms + (int64_t)loop->server->options.grace_ms;
}

static void take_note(struct event_model *model, const struct wakeup_note *note)
{
    if (disk_signal_tells(note))
        disk_hear(&model->loop.disk, 1);
    if (note->signal == SIGUSR1)
        report_print(&model->loop, stderr);
    if (note->signal == SIGINT || note->signal == SIGTERM)
        begin_stopping(model);
}

static void record(struct event_model *model, enum trace_kind kind, uint64_t count)
{
    if (count > 0)
        trace_note(&model->loop.server->trace, kind, TRACE_NO_SLOT, 0, (unsigned)count);
}

static void take_notes(struct event_model *model)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    uint64_t told = model->loop.disk.counts.told;
    size_t count;
    do {
        count = model->loop.server->wakeup->drain(notes);
        for (size_t i = 0; i < count; i++)
            take_note(model, &notes[i]);
    } while (count == WAKEUP_BATCH);
    record(model, TRACE_SIGNALS, model->loop.disk.counts.told - told);
}

static void take_rings(struct event_model *model)
{
    struct disk *disk = &model->loop.disk;
    size_t rings = disk->backend->answer_bell();
    disk_hear(disk, rings);
    record(model, TRACE_SIGNALS, rings);
}

/* An earlier event of this batch may have moved the request on, or given its slot to another. */
static void deliver_if_watched(struct loop *loop, uint32_t token, enum fsm_watch watch,
                               enum event event)
{
    struct request *request = request_table_find(&loop->table, token);
    if (request != NULL && fsm_table[request->row.state].watch == watch)
        loop_deliver(request, event);
}

static void take_event(struct event_model *model, const struct poller_event *event)
{
    switch (event->token) {
    case TOKEN_WAKEUP: take_notes(model); return;
    case TOKEN_DISK: take_rings(model); return;
    case TOKEN_LISTENER: model->somebody_waits = true; return;
    default: break;
    }
    if (event->ready & (POLLER_INPUT | POLLER_HUNG_UP))
        deliver_if_watched(&model->loop, event->token, INPUT, READABLE);
    if (event->ready & (POLLER_OUTPUT | POLLER_HUNG_UP))
        deliver_if_watched(&model->loop, event->token, OUTPUT, WRITABLE);
}

/* What is posted now is delivered now; what those steps post is for the next turn. */
static void deliver_posted(struct loop *loop)
{
    struct link snapshot;
    struct request *request;
    enum event event;
    list_init(&snapshot);
    list_append_all(&snapshot, &loop->ready);
    while ((request = ready_take(&snapshot, &event)) != NULL)
        loop_deliver(request, event);
}

static void deliver_timeouts(struct loop *loop)
{
    struct request *request;
    while ((request = deadlines_first(&loop->deadlines)) != NULL &&
           request->deadline_ms <= loop->now_ms) {
        loop->server->stats.timeouts++;
        loop_deliver(request, TIMED_OUT);
    }
}

/* --- one turn ----------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How long the loop may wait: until something is due, and not at all while work is posted. */
static int wait_ms(struct event_model *model)
{
    struct loop *loop = &model->loop;
    const struct request *first = deadlines_first(&loop->deadlines);
    int64_t until = INT64_MAX;
    if (!list_is_empty(&loop->ready) || model->phase == CLOSING_DOOR)
        return 0;
    if (first != NULL)
        until = earlier(until, first->deadline_ms);
    if (disk_is_busy(&loop->disk))
        until = earlier(until, loop->now_ms + disk_look_ms(&loop->disk));
    if (model->phase != SERVING)
        until = earlier(until, model->phase_ends_ms);
    else
        until = earlier(until, door_due_ms(&model->door));
    if (until == INT64_MAX)
        return FOR_EVER_MS;
    return until > loop->now_ms ? (int)earlier(until - loop->now_ms, INT32_MAX) : 0;
}

static void take_turn(struct event_model *model)
{
    struct loop *loop = &model->loop;
    if (model->phase == SERVING)
        door_watch(&model->door);
    size_t count = loop->poller->wait(wait_ms(model), model->events, model->events_max);
    loop->now_ms = clock_now_ms();
    loop->turn++;
    model->somebody_waits = false;
    record(model, TRACE_WOKEN, count);
    for (size_t i = 0; i < count; i++)
        take_event(model, &model->events[i]);
    if (model->somebody_waits && model->phase == SERVING)
        door_accept(&model->door, ACCEPTS_PER_TURN);
    uint64_t rescued = disk_rescued(&loop->disk);
    disk_sweep(&loop->disk, loop_deliver);
    if (disk_rescued(&loop->disk) > rescued)
        record(model, TRACE_RESCUED, disk_rescued(&loop->disk) - rescued);
    deliver_posted(loop);
    deliver_timeouts(loop);
    log_flush(&loop->server->log);
}

/* --- the end ------------------------------------------------------------------------------ */

static bool has_client(enum request_state state)
{
    return state != FREE && state != ABANDONED;
}

static bool is_idle(enum request_state state)
{
    return state == IDLE;
}

/* Delivers an event to all requests in certain states. Returns how many there were. */
static unsigned deliver_to_all(struct loop *loop, bool (*is_meant)(enum request_state),
                               enum event event)
{
    unsigned count = 0;
    for (unsigned i = 0; i < loop->table.count; i++) {
        struct request *request = &loop->table.slots[i];
        if (!is_meant(request->row.state))
            continue;
        loop_deliver(request, event);
        count++;
    }
    return count;
}

/*
 * One more turn for requests that were sent before the signal; then the idle connections are
 * closed and the others finish, until the grace time is over. Reads that nobody waits for any
 * more still own their memory: the end waits for them, too, but not for ever.
 */
static void finish(struct event_model *model)
{
    struct loop *loop = &model->loop;
    take_turn(model);
    if (model->phase == CLOSING_DOOR) {
        deliver_to_all(loop, is_idle, STOPPING);
        model->phase = FINISHING;
    }
    while (model->phase == FINISHING && loop->table.busy > 0 && loop->now_ms < model->phase_ends_ms)
        take_turn(model);
    deliver_to_all(loop, has_client, HUNG_UP);
    model->phase_ends_ms = loop->now_ms + LAST_READS_MS;
    while (model->phase == FINISHING && disk_is_busy(&loop->disk) &&
           loop->now_ms < model->phase_ends_ms)
        take_turn(model);
}

/* --- the beginning ------------------------------------------------------------------------ */

static int fail(const char *what, const char *mend)
{
    fprintf(stderr, "threeways: %s: %s; %s\n", what, strerror(errno), mend);
    return EXIT_FAILURE;
}

static void announce(const struct loop *loop, unsigned seats, const struct disk_plan *plan)
{
    printf("event: %u connections, %u places at the disk, %u buffers; %s, %s, %s\n"
           "Ctrl-C ends it; kill -USR1 %ld shows the request table.\n",
           seats, plan->places, plan->buffers, loop->poller->choice.name,
           plan->backend->choice.name, loop->server->wakeup->choice.name, (long)getpid());
    fflush(stdout);
}

static void serve(struct event_model *model, int wakeup)
{
    const struct loop *loop = &model->loop;
    loop->poller->watch(wakeup, POLLER_INPUT, TOKEN_WAKEUP);
    if (loop->disk.backend->bell != NULL)
        loop->poller->watch(loop->disk.backend->bell(), POLLER_INPUT, TOKEN_DISK);
    while (model->phase == SERVING)
        take_turn(model);
    finish(model);
}

static bool can_have_its_options(const struct options *options)
{
    if (!options->nowait || disk_can_nowait)
        return true;
    fprintf(stderr, "threeways: --nowait: this system cannot be asked; leave it out\n");
    return false;
}

static int event_run(struct server *server)
{
    static struct event_model model; /* static: reads still in flight at the end refer to it */
    const struct poller *poller = pollers[server->options.poller];
    struct disk_plan plan = {.backend = disks[server->options.disk],
                             .nowait = server->options.nowait};
    if (!can_have_its_options(&server->options))
        return EXIT_USAGE;
    int wakeup = server->wakeup->open();
    if (wakeup < 0)
        return fail("wake-up", "try the other --wakeup");
    unsigned seats = seats_plan(&server->options, poller, &plan);
    if (seats == 0) {
        errno = EMFILE;
        return fail("no descriptors are left for clients", "raise the limit with ulimit -n");
    }
    model = (struct event_model){.door.loop = &model.loop, .events_max = seats + FIXED_DESCRIPTORS};
    model.events = calloc(model.events_max, sizeof *model.events);
    if (model.events == NULL || !loop_create(&model.loop, server, poller, seats, &plan) ||
        !poller->open(seats + FIXED_DESCRIPTORS))
        return fail("start", "ask for fewer connections, places or buffers");
    fsm_describe(&server->trace, seats);
    announce(&model.loop, seats, &plan);
    serve(&model, wakeup);
    poller->close();
    server->wakeup->close();
    free(model.events);
    loop_destroy(&model.loop);
    return EXIT_SUCCESS;
}

const struct model model_event = {
    .choice = {"event", "one thread, nonblocking calls, a finite-state machine"},
    .run = event_run,
};
