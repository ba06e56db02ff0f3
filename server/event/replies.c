#include "event/replies.h"

#include "core/signals.h"
#include "event/report.h"

static void record(struct loop *loop, enum trace_kind kind, uint64_t count)
{
    if (count > 0)
        trace_note(&loop->server->trace, kind, TRACE_NO_SLOT, 0, (unsigned)count);
}

static void take_note(struct loop *loop, struct ending *ending, const struct wakeup_note *note)
{
    if (disk_signal_tells(note))
        disk_hear(&loop->disk, 1);
    if (note->signal == SIGUSR1)
        report_print(loop, stderr);
    if (note->signal == SIGINT || note->signal == SIGTERM)
        ending_begin(ending);
}

void replies_take_notes(struct loop *loop, struct ending *ending)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    uint64_t told = loop->disk.counts.told;
    size_t count;
    do {
        count = loop->server->wakeup->drain(notes);
        for (size_t i = 0; i < count; i++)
            take_note(loop, ending, &notes[i]);
    } while (count == WAKEUP_BATCH);
    record(loop, TRACE_SIGNALS, loop->disk.counts.told - told);
}

void replies_take_rings(struct loop *loop)
{
    size_t rings = loop->disk.backend->answer_bell();
    disk_hear(&loop->disk, rings);
    record(loop, TRACE_SIGNALS, rings);
}

void replies_sweep(struct loop *loop)
{
    uint64_t rescued = disk_rescued(&loop->disk);
    disk_sweep(&loop->disk, loop_deliver);
    record(loop, TRACE_RESCUED, disk_rescued(&loop->disk) - rescued);
}
